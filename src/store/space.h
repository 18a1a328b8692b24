/* What sensors saw of each declared prefix, by pact, and when which of them saw nothing: sums
 * beside those of store/sight.h, of nine days, for this party's own eyes.
 *
 * Calls that change something belong into a transaction (store_begin()).  A file of an older
 * schema has nothing of it. */
#ifndef DETENTE_STORE_SPACE_H
#define DETENTE_STORE_SPACE_H

#include "store/store.h"

enum { SPACE_DAYS = 9 };

/* A prefix at one heartbeat. */
struct store_space {
    struct slice pact;
    struct slice prefix; /* as it is written */
    unsigned place;      /* in the annex: the order in which it is given */
    struct utime since;
    struct utime until;
    uint32_t ppm; /* of it, watched by healthy sensors */
};
/* Adds it to the hours it lies in, too. */
MUST_USE int store_put_space(struct store *s, const struct store_space *p);
/* What of the pact was not in a heartbeat that ended then is declared no more: it goes, and so
 * do hours that are too old. */
MUST_USE int store_keep_space(struct store *s, struct slice pact, struct utime until);

/* How it stands with one now; slices are valid during the call. */
struct store_seen {
    struct slice pact;
    struct slice prefix;
    struct utime first; /* since when something is known of it */
    struct utime until; /* of the newest heartbeat */
    uint32_t ppm;       /* … in it */
    struct utime blind; /* since when nothing of it is watched; 0 something is */
    struct utime less;  /* … and less than all of it; 0 all is */
};
/* By pact and place; pact "" is all of them. */
MUST_USE int store_each_space(struct store *s, struct slice pact,
                              int (*each)(void *arg, const struct store_seen *p), void *arg);
/* Of the hours from … until (that one not), in steps of so many: microseconds that were seen,
 * each by the share of the prefix; those without any are left out. */
struct store_space_hours {
    struct slice pact;
    struct slice prefix;
    int64_t from;
    int64_t until;
    unsigned step;
};
MUST_USE int store_each_space_step(struct store *s, const struct store_space_hours *h,
                                   int (*each)(void *arg, int64_t step, double seen),
                                   void *arg);

/* A time in which a sensor saw nothing and that is over; sensor "" is all of them. */
struct store_blind {
    uint64_t leaf; /* which commits to it; not set by store_each_blind() */
    struct utime since;
    struct utime until;
    struct slice sensor;
    struct slice reason;
};
/* Those that ended more than SPACE_DAYS before it go. */
MUST_USE int store_put_blind(struct store *s, const struct store_blind *g);
/* The newest first, those that ended after then; slices are valid during the call. */
MUST_USE int store_each_blind(struct store *s, struct utime since,
                              int (*each)(void *arg, const struct store_blind *g), void *arg);

#endif
