/* What a party's sensors saw of its declared space, in a period: this node's by their figures
 * and its canaries, and anybody's at most, by the heartbeats in its log. */
#ifndef DETENTE_ROLE_SIGHT_H
#define DETENTE_ROLE_SIGHT_H

#include "pact/verdict.h"
#include "role/book.h"
#include "store/store.h"

struct sight_ask {
    struct store *store;
    const struct book_pact *pact; /* of which this node is a party */
    struct utime from;
    struct utime until; /* not after now */
    struct utime now;
    bool current; /* what is seen now counts too, when that is less */
    /* Whose eyes, index of the party; and as all see it, by heartbeats alone: of another that
     * is all that there is. */
    unsigned party;
    bool open;
};
/* ERR_IO, ERR_NOMEM. */
MUST_USE int sight_read(const struct sight_ask *a, struct verdict_sight *ret);

/* Coverage of each day (UTC) of the period in which this party had declared space, rising.  At
 * most `most` of them, the newest. */
struct sight_day {
    int64_t day; /* since 1970 */
    uint32_t ppm;
};
MUST_USE int sight_each_day(const struct sight_ask *a, int64_t most,
                            void (*each)(void *arg, const struct sight_day *d), void *arg);
/* The same, of at most SIGHT_DAYS: `["2026-03-01",972000],…`, appended. */
enum { SIGHT_DAYS = 400 };
MUST_USE int sight_days(const struct sight_ask *a, struct buf *ret);

#endif
