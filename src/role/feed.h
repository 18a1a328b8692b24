/* The engine's end of a sensor: what comes over its link, checked and handed to the step
 * function.  A sensor that does not keep to the rules is cut off; what it gave before is kept.
 */
#ifndef DETENTE_ROLE_FEED_H
#define DETENTE_ROLE_FEED_H

#include <stdbool.h>

#include "role/engine_step.h"
#include "role/link.h"
#include "role/slots.h"

/* What is counted for heartbeats (role/beat.h), since the feed was opened. */
struct feed_counts {
    uint64_t lines;
    uint64_t events; /* attacks */
    uint64_t rejected;
    uint64_t packets; /* as the sensor says, from its second word on */
    uint64_t drops;
    struct utime heard;  /* wall clock: when the last record came */
    struct gauge gauge;  /* the newest; number 0: it says nothing of itself */
    struct utime gauged; /* wall clock: when that came */
};

struct feed {
    int link; /* -1: free */
    struct slots *slots;
    char name[LINK_NAME];
    uint32_t index;
    bool finite;
    bool live;
    bool missing;
    int64_t lag_us;
    uint16_t sensor; /* in the dictionary */
    struct rule_map map;
    struct store_source source;
    struct link_msg waiting; /* found the disk full: comes first when there is room */
    bool waits;
    bool refused;          /* of a finite source, for want of room: nothing more is read */
    bool found;            /* find was answered: source is this link's */
    struct link_done done; /* of a finite source */
    uint64_t frames;       /* that came */
    uint64_t duplicates;
    uint64_t first_block;
    uint64_t base_lines;
    int64_t started;
    int64_t warned[REJECTS]; /* when a rejected record was last named */
    struct feed_counts counts;
    struct taken taken;
};

/* What a link needs of the engine. */
struct feed_place {
    struct engine_role *role;
    struct store *store;
    const struct env *env;
};

/* A sensor's link and memory, which are the feed's from here on, whatever comes.  ERR_INVALID,
 * ERR_NOMEM, ERR_LIMIT. */
MUST_USE int feed_open(struct feed *f, const struct feed_place *p, const struct link_feed *what,
                       int link, int slots);
/* Without a link, for whoever has the sensor in his own process (the test world): ERR_NOMEM,
 * ERR_LIMIT. */
MUST_USE int feed_begin(struct feed *f, const struct feed_place *p, const char *name);
void feed_close(struct feed *f, struct engine_role *r);
/* What its messages do.  A source begins with these bytes: how far was it taken?  f->source;
 * ERR_NOTFOUND: it is new; ERR_FULL: to be asked again; anything else is the engine's own
 * failure.  A slot was sent: 0, ERR_INVALID (it does not keep to the rules), or what
 * role_step() says. */
MUST_USE int feed_find(struct feed *f, const struct feed_place *p, struct slice head,
                       struct errinfo *ei);
MUST_USE int feed_take(struct feed *f, const struct feed_place *p, const struct slot *slot,
                       struct errinfo *ei);
/* Up to `most` messages.  1: there may be more; 0: nothing waits; ERR_NOTFOUND: the sensor is
 * gone or was cut off (close it); anything else is the engine's own failure. */
MUST_USE int feed_step(struct feed *f, const struct feed_place *p, unsigned most,
                       struct errinfo *ei);

#endif
