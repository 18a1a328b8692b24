/* What sensors saw of declared space, by pact, and how much traffic they had: sums beside the
 * `heartbeat` leaves, from whose openings they can be worked out anew; and test packets, each
 * beside its `canary` leaf.
 *
 * Calls that change something belong into a transaction (store_begin()).  Hours are whole ones
 * since 1970. */
#ifndef DETENTE_STORE_SIGHT_H
#define DETENTE_STORE_SIGHT_H

#include "model/event.h"
#include "store/store.h"

#define SIGHT_HOUR_US (INT64_C(3600) * TIME_US_PER_S)

/* One heartbeat, as it counts for a pact; of another's log, under its origin, which has a slash
 * as no pact's name has.  Kept for two days; the hours for ever. */
struct store_beat {
    struct slice pact;
    struct utime since;
    struct utime until;
    uint32_t ppm; /* of declared space, watched by healthy sensors */
    unsigned sensors;
    unsigned healthy;
};
/* Adds it to the hours it lies in, too. */
MUST_USE int store_put_beat(struct store *s, const struct store_beat *b);
/* Each that ended after `since` and not after `until`, by time; pact is not set. */
MUST_USE int store_each_beat(struct store *s, struct slice pact, struct utime since,
                             struct utime until,
                             int (*each)(void *arg, const struct store_beat *b), void *arg);
/* When the newest of this node's own ended, of any pact; 0 none. */
MUST_USE int store_last_beat(struct store *s, struct utime *ret);
/* Of the hours from … until (that one not): time in heartbeats, and what of it was seen, each
 * microsecond by the share of space. */
MUST_USE int store_sum_coverage(struct store *s, struct slice pact, int64_t from, int64_t until,
                                double *ret_told, double *ret_seen);

/* What was seen of each day (since 1970) that has any, of the hours from … until. */
MUST_USE int store_each_day(struct store *s, struct slice pact, int64_t from, int64_t until,
                            int (*each)(void *arg, int64_t day, double seen), void *arg);

/* Packets of a sensor within an hour, in so much time of it; hours older than ten days go. */
struct store_traffic {
    int64_t told; /* microseconds */
    uint64_t packets;
    uint64_t drops;
};
MUST_USE int store_add_traffic(struct store *s, struct slice sensor, int64_t hour,
                               const struct store_traffic *t);
/* Without drops.  ERR_NOTFOUND. */
MUST_USE int store_get_traffic(struct store *s, struct slice sensor, int64_t hour,
                               struct store_traffic *ret);

struct store_canary {
    uint64_t leaf;
    struct slice pact;
    struct slice sensor;
    struct slice payload; /* what is sent, byte by byte */
    struct utime at;      /* announced … */
    struct utime until;   /* … and to be found by then */
    struct utime found;   /* 0 not */
    struct event_id event;
};
MUST_USE int store_put_canary(struct store *s, const struct store_canary *c);
/* Once: a second finding changes nothing. */
MUST_USE int store_find_canary(struct store *s, uint64_t leaf, struct utime when,
                               struct event_id event);
/* Newest first, those announced since then; slices are valid during the call. */
MUST_USE int store_each_canary(struct store *s, struct utime since,
                               int (*each)(void *arg, const struct store_canary *c), void *arg);
/* Those that were not found and whose time is not over, by leaf. */
MUST_USE int store_each_open_canary(struct store *s, struct utime now,
                                    int (*each)(void *arg, const struct store_canary *c),
                                    void *arg);
/* Announced from … until, of those that were found or whose time is over at `until`: sets the
 * last two. */
struct store_canaries {
    struct slice pact;
    struct utime from;
    struct utime until;
    uint64_t sent;
    uint64_t found;
};
MUST_USE int store_count_canaries(struct store *s, struct store_canaries *n);

#endif
