/* How the incidents of a pact stood at a time: what verdicts count.
 *
 * Those that were closed by then are as the store's rows say, written when they were; all
 * others are folded from their messages (role/cases.h), some 100 µs each.  One that was found
 * here and not noticed yet is open, and this side's alone. */
#ifndef DETENTE_ROLE_OUTCOMES_H
#define DETENTE_ROLE_OUTCOMES_H

#include "model/text.h"
#include "pact/verdict.h"
#include "role/cases.h"

struct outcome {
    char name[INCIDENT_ID_TEXT];
    bool told;              /* the other party's log has it too */
    bool closed;            /* now, whatever it was then */
    struct utime delivered; /* receipt, or as good as one; 0 none */
    uint64_t leaf;          /* … in this node's log; of a message */
    bool has_leaf;
};

struct outcomes {
    struct verdict_incident *at;
    struct outcome *about; /* … these, in the same order */
    unsigned count;
    unsigned room;
};

/* Incidents opened before `until` and not closed before `from`, as they stood at `until`.  The
 * caller releases *ret whatever comes.  ERR_NOMEM, ERR_IO, ERR_LIMIT. */
struct outcomes_ask {
    struct store *store;
    const struct book_pact *pact;
    struct utime from;
    struct utime until;
};
MUST_USE int outcomes_read(const struct outcomes_ask *a, struct outcomes *ret);
void outcomes_release(struct outcomes *o);

#endif
