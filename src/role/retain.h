/* Retention: what is older than the configuration keeps is erased, some blocks at a time.
 *
 * A block's age counts from when the node closed it, by the node's own clock: a sensor's clock
 * that is wrong neither keeps its events nor erases them, and an old file that is taken in
 * today is kept as long as what happens today.
 *
 * The clock that ages are measured by is the wall clock, followed with care, as a wrong one
 * would erase everything at once: it moves forward at most RETAIN_PACE times as fast as the
 * node runs, and never ahead of the wall clock.  An hour under a clock that is years ahead
 * costs the oldest day of what is kept, and a node that stood still for a month has caught up
 * after 30 hours.  It is kept in the store, so a restart is no way around it.
 *
 * retain_step() is called from the engine's loop, and by a test world.  It takes at most an
 * eighth of the time, and a quarter when it is a day behind, in steps of some 50 ms, so that
 * recording goes on: some 18,000 or 36,000 events a second on one core. */
#ifndef DETENTE_ROLE_RETAIN_H
#define DETENTE_ROLE_RETAIN_H

#include "role/erase.h"

enum { RETAIN_PACE = 24, RETAIN_EVENTS = 8192 /* in a step, a block at least */ };

struct retain {
    struct engine *engine;
    struct eraser *eraser;
    const struct env *env;
    const struct conf *conf;
    struct store *store;
    struct utime clock;
    struct utime saved; /* as it stands in the store */
    int64_t moved;      /* monotonic, when the clock was moved last */
    int64_t next;       /* monotonic: nothing is done before */
    unsigned pass;
    uint64_t from;   /* block, of the pass */
    unsigned steps;  /* that erased something whose bytes are still there */
    bool destroying; /* those bytes, of erasures whose leaf is before this one */
    uint64_t before;
    uint64_t destroy_from; /* block */
    uint64_t named;        /* damaged blocks up to this one were told of */
    bool late;             /* something of this step was due a day ago */
    bool full;             /* said so */
    int64_t hits_from;     /* hits of indicators of before that day are gone; 0 not known */
};

/* ERR_NOMEM, ERR_IO. */
MUST_USE int retain_open(struct retain *r, struct engine *e, struct errinfo *ei);
void retain_close(struct retain *r);
/* A look when it is due; 0, or what ends the engine.  A full disk does not. */
MUST_USE int retain_step(struct retain *r, struct errinfo *ei);
/* Something was erased by hand, or a hold has ended: look at the next step. */
void retain_soon(struct retain *r);

#endif
