/* What suppliers state of their own products, and the operator of the party's own assets: that
 * a vulnerability does not matter there, does, is mended, is being looked at, or is put up with
 * until a day.
 *
 * Which of several holds for a finding: the operator's own before any supplier's, then the
 * newer, then the one that was written down later.  One that has ended does not count.  A
 * supplier's always names a product, and counts for that alone. */
#ifndef DETENTE_VULNDB_VEX_H
#define DETENTE_VULNDB_VEX_H

#include "vuln/openvex.h"
#include "vulndb/scan.h"

enum {
    VEX_WORDS = 2048, /* bytes of what is said in words */
    VEX_MOST = 1 << 21
};

/* The first are enum openvex_status. */
enum vex_status {
    VEX_NOT_AFFECTED = OPENVEX_NOT_AFFECTED,
    VEX_AFFECTED = OPENVEX_AFFECTED,
    VEX_FIXED = OPENVEX_FIXED,
    VEX_INVESTIGATED = OPENVEX_UNDER_INVESTIGATION,
    VEX_EXCEPTED, /* the operator puts up with it */
    VEX_STATUSES
};
const char *vex_status_name(enum vex_status s); /* "not_affected" …, "excepted" */

struct vex {
    int64_t id;
    struct slice feed; /* "" the operator's own */
    uint64_t vuln;
    /* The product; both "": any.  A name in space "": a package of that name, whatever system
     * it is of.  In "Debian" one of any release, in "cpe" as cpe_product() has it. */
    struct slice space;
    struct slice name;
    struct slice version; /* "" any; in space "cpe" the whole CPE */
    int64_t asset;        /* 0 any */
    struct slice asset_name;
    enum vex_status status;
    enum openvex_justification justification;
    struct slice words;
    struct slice author;
    struct utime at;
    struct utime until; /* 0: no end; it holds through this moment */
};

/* Put down, with a number that nobody had before; asset_name is not asked.  A supplier's
 * without a product is ERR_INVALID. */
MUST_USE int vulndb_vex_put(struct vulndb *db, const struct vex *v, int64_t *ret_id);
/* One of the operator's own; ERR_NOTFOUND: it is none. */
MUST_USE int vulndb_vex_drop(struct vulndb *db, int64_t id);
/* All of a feed; forget: the feed too.  ERR_NOTFOUND: it has none. */
/* What a feed's statements are, for differ_count(): appended, not sorted. */
struct differ_rows;
MUST_USE int vulndb_vex_rows(struct vulndb *db, const char *feed, struct differ_rows *to);
MUST_USE int vulndb_vex_drop_feed(struct vulndb *db, const char *feed, bool forget,
                                  uint64_t *ret_gone);
/* By number; vuln 0: all.  Borrowed until each() returns. */
MUST_USE int vulndb_vexes(struct vulndb *db, uint64_t vuln,
                          int (*each)(void *arg, const struct vex *v), void *arg);

/* ---- findings ---- */

enum finding_state {
    FINDING_AFFECTED,
    FINDING_AMBIGUOUS, /* nobody can tell by the versions */
    FINDING_INVESTIGATED,
    FINDING_NOT_AFFECTED, /* the three that are left out unless asked for: by a statement … */
    FINDING_FIXED,
    FINDING_EXCEPTED, /* … or an exception of the operator's that has not ended */
    FINDING_STATES
};
const char *finding_state_name(enum finding_state s);
static inline bool
finding_is_left_out(enum finding_state s)
{
    return s >= FINDING_NOT_AFFECTED;
}

struct vexes; /* opaque: all statements in memory, as they were */

/* db must outlive it, and so must the scans that it is asked about.  About 1 µs a statement.
 * ERR_NOMEM, ERR_LIMIT, ERR_IO, ERR_BUSY. */
MUST_USE int vexes_open(struct vulndb *db, struct vexes **ret);
/* The first moment at which one of them ends that has not by now; TIME_MAX: none does. */
struct utime vexes_end(const struct vexes *v, struct utime now);
struct vexes *vexes_close(struct vexes *v); /* NULL is fine; gives NULL */

struct vex_fit {
    int64_t id;
    enum vex_status status;
    bool own;
    bool ended;
    bool holds; /* it decides */
    struct utime at;
    struct utime until;
};
/* Those that speak of a finding, ended or not; the first `most` of them into list.  Gives how
 * many there are.  20 ns when nobody states anything of the vulnerability. */
MUST_USE int vexes_fitting(struct vexes *v, const struct scan *s, const struct scan_finding *f,
                           struct utime now, struct vex_fit *list, unsigned most);
MUST_USE int vexes_state(struct vexes *v, const struct scan *s, const struct scan_finding *f,
                         struct utime now, enum finding_state *ret);

#endif
