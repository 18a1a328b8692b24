/* The contingency plan as a document: what a cut leaves and breaks, what to move home, what the
 * operator does, and how to check the document (design: cut-off, the plan as a document).
 *
 * The same values give the same bytes, on any machine: the document's SHA-256 stands in the log
 * (role/sign_document.h).  Nothing of it is a grade; what is not known is called so. */
#ifndef DETENTE_ROLE_PLAN_DOCUMENT_H
#define DETENTE_ROLE_PLAN_DOCUMENT_H

#include "cutoff/plan.h"
#include "cutoff/rank.h"
#include "depend/plan.h"
#include "role/contingency.h"
#include "role/paper.h"
#include "role/simulate.h"
#include "topology/snapshot.h"

enum {
    PLAN_DOCUMENT_MAX = 1 << 24, /* bytes */
    PLAN_DOCUMENT_FILES = 300
};

struct plan_document_file {
    const char *name; /* without its folder */
    struct hash sha256;
};

struct plan_document {
    const struct contingency *own;
    struct utime day; /* the document's; also that of the cut */

    /* the cut */
    const char *segment;
    const struct topology *topology;
    const struct snapshot_about *about;
    struct hash snapshot;
    const struct simulate_cut *cut;
    const uint32_t *island; /* of each network of the segment the lowest of its island */
    const uint8_t *in;      /* 1: of the segment */
    uint16_t country;       /* that the segment is; COUNTRY_UNKNOWN: no single one */
    const struct rank *rank;
    const struct rank_row *failure; /* networks, the worst first */
    uint32_t failures;
    const struct rank_row *link; /* links */
    uint32_t links;
    const struct links_plan *added; /* NULL: none could be planned */

    /* services; audit NULL: none were given */
    const struct audit_input *in_audit;
    const struct audit *audit;
    const struct plan *moves;
    const char *services_file; /* that rows of services stand in; NULL none */
    const char *networks_date; /* of the snapshot that places networks; "" none */

    /* how to check it; origin "" when there is no log */
    const char *origin;
    const char *key;
    const struct plan_document_file *file;
    unsigned files;
};

/* As HTML or Markdown, in a language.  ERR_NOMEM, ERR_LIMIT. */
MUST_USE int plan_document_write(const struct plan_document *d, enum language language,
                                 bool markdown, struct buf *ret);

/* Its parts, in the order in which they stand. */
void plan_document_cut(const struct plan_document *d, struct paper *s);
MUST_USE int plan_document_depend(const struct plan_document *d, struct paper *s);
/* `2026-03-01` of a moment. */
struct slice plan_document_day(struct utime t, char to[TIME_TEXT]);

#endif
