/* What was found on which machine from when to when: one row for each span of time in which a
 * finding had one state, so that a scan in which nothing changed writes next to nothing.
 *
 * A finding is a package's name on an asset and a vulnerability; a new version that has it too
 * is the same finding.  What is gone is kept for HISTORY_DAYS, and goes with its asset. */
#ifndef DETENTE_VULNDB_HISTORY_H
#define DETENTE_VULNDB_HISTORY_H

#include "vulndb/vulndb.h"

enum { HISTORY_DAYS = 1100, HISTORY_FINDINGS = 1 << 23 /* of one asset */ };

struct history_finding {
    uint64_t vuln;
    struct slice name;
    struct slice version; /* of the span's beginning */
    unsigned state;       /* the caller's: from 0 to 255 */
};
int history_compare(const struct history_finding *a, const struct history_finding *b);

struct history_counts {
    uint64_t came, went, changed, same;
};

/* All that is found on one asset now, sorted by history_compare(), each once.  ERR_INVALID: it
 * was kept at this moment or later.  Between vulndb_begin() and vulndb_commit(). */
MUST_USE int vulndb_keep(struct vulndb *db, int64_t asset, const struct history_finding *found,
                         uint32_t count, struct utime now, struct history_counts *counts);

/* When it was kept first and last; ERR_NOTFOUND: never. */
MUST_USE int vulndb_kept(struct vulndb *db, int64_t asset, struct utime *ret_first,
                         struct utime *ret_last);

/* Of what an asset has as it was kept last: since when it has a vulnerability, whatever its
 * state, in any of its packages. */
MUST_USE int vulndb_first_seen(struct vulndb *db, int64_t asset,
                               int (*each)(void *arg, uint64_t vuln, struct utime first),
                               void *arg);

struct history_change {
    uint64_t vuln;
    struct slice name;
    struct slice version; /* after it, before it where there is none after */
    bool was, is;         /* found at the one moment, and at the other */
    unsigned before, after;
    struct utime first; /* seen */
    struct utime at;    /* of the last change up to the second moment */
};
/* What differs on an asset between two moments, by vulnerability and name.  What came and went
 * between them is no difference. */
MUST_USE int vulndb_changes(struct vulndb *db, int64_t asset, struct utime from,
                            struct utime until,
                            int (*each)(void *arg, const struct history_change *c), void *arg);

#endif
