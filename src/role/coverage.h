/* What this party's own sensors see of its own declared space, in detail: by prefix over seven
 * days, by sensor as the newest heartbeat found it, and the gaps with their reasons.
 *
 * It would tell an attacker where nobody looks: for this party's own readers only, never for
 * counterparts.  Figures of the past are those that were kept beside the `heartbeat` and `gap`
 * leaves; nothing here can make them better. */
#ifndef DETENTE_ROLE_COVERAGE_H
#define DETENTE_ROLE_COVERAGE_H

#include "role/book.h"
#include "store/store.h"

enum {
    COVERAGE_STEP_S = 7200,
    COVERAGE_STEPS = 84,    /* seven days; the last one is the one that runs */
    COVERAGE_GAPS = 64,     /* the newest; the rest is counted */
    COVERAGE_JSON = 1 << 22 /* bytes */
};

struct coverage_ask {
    struct store *store;
    const struct book *book; /* NULL: no pact */
    struct utime now;
};
/* One object (docs/api.md, coverage), appended.  64 prefixes over seven days take some 6 ms.
 * ERR_IO, ERR_NOMEM, ERR_LIMIT. */
MUST_USE int coverage_json(const struct coverage_ask *a, struct buf *ret);

#endif
