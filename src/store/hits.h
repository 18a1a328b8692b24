/* Hits of indicators: how often what is looked for was met, by indicator and day (UTC), and who
 * those indicators are.  No address of an event is in it.
 *
 * Ids are those of STIX without `indicator--`, as 16 bytes.  Calls that change something belong
 * into a transaction (store_begin()).  A database of before schema 12 that is read as it is has
 * none.  Some 3 µs a row added to. */
#ifndef DETENTE_STORE_HITS_H
#define DETENTE_STORE_HITS_H

#include "store/store.h"

enum {
    HITS_ROWS = 1 << 18, /* pairs of an indicator and a day that are kept */
    HIT_ID = 16
};

struct store_hit {
    uint8_t id[HIT_ID];
    int64_t day;         /* since 1970; of a sum over days the last */
    uint64_t events;     /* that were recorded; each once, whatever of it was met */
    uint64_t count;      /* records: what those events stand for, and … */
    uint64_t unrecorded; /* … of it, records that are no event, of which nothing is kept */
    struct utime first;
    struct utime last;
    uint32_t kinds; /* bits of enum atom_kind (indicator/atom.h): of what was met; 16 at most */
};

enum sought_state { SOUGHT_GONE, SOUGHT_LOOKED_FOR, SOUGHT_REVOKED };

/* An indicator that has hits, as it was known last. */
struct store_sought {
    uint8_t id[HIT_ID];
    enum sought_state state;
    uint8_t confidence; /* 0 to 100, 255 none */
    struct utime from;
    struct utime until; /* TIME_MAX: it has no end */
    struct slice name;
    struct slice labels;
};

/* Adds to what is there.  *ret_new: a row of its own was made for that day, so the indicator is
 * to be put.  ERR_LIMIT: there are HITS_ROWS, and nothing was added; the transaction can go on.
 */
MUST_USE int store_add_hit(struct store *s, const struct store_hit *h, bool *ret_new);
/* Insert or update. */
MUST_USE int store_put_sought(struct store *s, const struct store_sought *w);
/* It is looked for no longer; the rest stays as it was. */
MUST_USE int store_lose_sought(struct store *s, const uint8_t id[HIT_ID]);
/* Each that has hits; slices are valid during the call. */
MUST_USE int store_each_sought(struct store *s,
                               int (*each)(void *arg, const struct store_sought *w), void *arg);
/* Forget all before that day, and indicators that have no others. */
MUST_USE int store_drop_hits(struct store *s, int64_t day);

struct store_hits_ask {
    int64_t since; /* day */
    bool by_day;   /* each day by itself, the newest first; else sums, most counted first */
    uint32_t limit;
};
/* A result other than 0 stops and is given back.  Some 2 M rows/s are summed. */
MUST_USE int store_each_hit(struct store *s, const struct store_hits_ask *a,
                            int (*each)(void *arg, const struct store_hit *h,
                                        const struct store_sought *w),
                            void *arg);
/* Indicators that have hits since that day. */
MUST_USE int store_count_sought(struct store *s, int64_t since, uint64_t *ret);
/* The counts of so many days from `day` on, 0 where there is none. */
MUST_USE int store_get_hits(struct store *s, const uint8_t id[HIT_ID], int64_t day,
                            unsigned days, uint64_t *ret);

#endif
