/* Heartbeats: once in `heartbeat_every` of the pact a leaf that says how much was seen, with
 * the figures of each sensor behind a commitment; what of declared space healthy sensors
 * watched goes to the store beside it (store/sight.h), so that past coverage cannot be made
 * better.
 *
 * Sensors are those that are followed; which space one watches is as this party's annex in
 * force says, or as the configuration does when the annex hides them or names none.  A time of
 * which there was no heartbeat when it was due was not watched: a `gap` leaf commits to it, and
 * to each time in which a sensor was blind, once it sees again.
 *
 * A node without a pact, or without sensors, writes none.  A step costs nothing until one is
 * due, and then one transaction. */
#ifndef DETENTE_ROLE_BEAT_H
#define DETENTE_ROLE_BEAT_H

#include "pact/coverage.h"
#include "role/book.h"
#include "role/engine.h"
#include "role/feed.h"

enum {
    BEAT_SENSORS = 96,
    BEAT_RING = 5,     /* heartbeats over which packets are compared */
    BEAT_PREFIXES = 64 /* of an annex of which it is kept when each was watched */
};

struct beat_sensor {
    char name[LINK_NAME]; /* "" free */
    struct feed_counts told;
    struct {
        uint64_t packets;
        int64_t us;
    } ring[BEAT_RING];
    unsigned next;
    unsigned faults; /* enum sensor_fault, by any of the pacts */
    unsigned unknown;
    struct utime blind; /* since when it has one; 0 not */
    unsigned why;       /* … those of that time */
};

struct beat {
    struct engine *engine;
    const struct env *env;
    const struct conf *conf;
    struct store *store;
    struct utime until; /* of the last one */
    struct utime tried; /* … and when one was tried */
    struct beat_sensor sensor[BEAT_SENSORS];
};

struct beat_view {
    struct feed *const *feed;
    unsigned feeds;
    const struct book *book; /* NULL: no pact */
};

/* ERR_IO. */
MUST_USE int beat_open(struct beat *b, struct engine *e, struct errinfo *ei);
/* 0, or the engine's end; a full disk is not: there is a gap then. */
MUST_USE int beat_step(struct beat *b, const struct beat_view *v, struct errinfo *ei);

#endif
