/* One followed source: a file over rotation, or invented traffic.  A step function: it never
 * blocks, takes at most one chunk a call, and hands frames to whoever called. */
#ifndef DETENTE_ROLE_SENSOR_H
#define DETENTE_ROLE_SENSOR_H

#include <stdbool.h>

#include "base/env.h"
#include "conf/conf.h"
#include "decode/decode.h"
#include "role/sample.h"
#include "role/slots.h"
#include "store/store.h"

struct sensor; /* opaque */

/* Records that made a sensor die are passed over; near them it goes line by line, so that the
 * next death names one line.  Offsets are bytes of the source. */
struct sensor_care {
    uint64_t until; /* line by line up to here */
    uint64_t skip_at;
    uint64_t skip_len; /* 0: nothing is passed over */
};

typedef int sensor_decode(struct decoder *d, struct slice bytes, bool last, struct frame *frame,
                          size_t *ret_used, struct decode_stats *stats);

struct sensor_open {
    struct sample *sample; /* invented traffic instead of a source; owned by the caller */
    const struct conf *conf;
    const struct env *env;
    /* What it cannot do itself.  look: as struct tail's; find: how far the source that begins
     * with `head` was taken, ERR_NOTFOUND when it is new. */
    int (*look)(void *arg);
    int (*find)(void *arg, struct slice head, struct store_source *ret);
    void *arg;
    bool finite; /* the source has an end */
    struct sensor_care care;
    sensor_decode *decode;  /* eve_decode */
    struct slot_work *work; /* told of what is being decoded */
};
/* ERR_NOMEM.  What o points to must outlive it. */
MUST_USE int sensor_open(const struct sensor_open *o, struct sensor **ret);
struct sensor *sensor_close(struct sensor *s); /* NULL is fine; gives NULL */

/* Go on in this slot: what was read and not yet decoded moves there.  Before the first step
 * and after each that gave 1. */
void sensor_use(struct sensor *s, struct slot *slot);
/* Read and decode one chunk into the slot.  1: the slot is to be sent, use another; 0: nothing
 * new.  Negative: ERR_NOMEM, ERR_IO, and what find() says. */
MUST_USE int sensor_step(struct sensor *s);
/* How the source is, into a slot that holds no frame. */
void sensor_report(struct sensor *s);
bool sensor_missing(const struct sensor *s);
/* True when a finite source was taken to its end. */
bool sensor_done(const struct sensor *s);
/* A day of sample traffic, behind a first start, so that the page has a past to show: the
 * lines from t on that fit a slot.  Moves *t on; 0 at the end, else as sensor_step(). */
MUST_USE int sensor_backfill(struct sensor *s, struct utime *t);

#endif
