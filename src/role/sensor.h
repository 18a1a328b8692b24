/* One followed source: a file over rotation, or invented traffic.  A step function: it never
 * blocks, takes at most one chunk a call, and hands frames to whoever called. */
#ifndef DETENTE_ROLE_SENSOR_H
#define DETENTE_ROLE_SENSOR_H

#include <stdbool.h>

#include "base/env.h"
#include "decode/decode.h"
#include "role/engine.h"
#include "role/sample.h"
#include "sense/tail.h"
#include "store/store.h"

struct sensor; /* opaque */

struct sensor_open {
    const char *name;
    const char *path;      /* the file; NULL: sample traffic */
    struct sample *sample; /* owned by the caller */
    const struct conf *conf;
    struct store *store; /* to find how far the file was taken */
    struct dict *dict;
    const struct env *env;
};
/* ERR_NOMEM, ERR_LIMIT (too many sensors), or the store's.  The strings must outlive it. */
MUST_USE int sensor_open(const struct sensor_open *o, struct sensor **ret);
struct sensor *sensor_close(struct sensor *s); /* NULL is fine; gives NULL */

/* Read and decode one chunk.  1: a frame is to be admitted, ask again soon; 0: nothing new.
 * Negative: ERR_NOMEM, ERR_IO. */
MUST_USE int sensor_step(struct sensor *s);
/* The frame of the last step that gave 1, and what admits it. */
struct frame *sensor_frame(struct sensor *s);
const struct decoder *sensor_decoder(const struct sensor *s);
struct rule_map *sensor_rules(struct sensor *s);
/* True when the source was read to its end once: clocks can be compared from then on. */
bool sensor_live(const struct sensor *s);

/* True when the source was left for the one that has its name now: what is known of it must be
 * recorded before the next step forgets it. */
bool sensor_left(const struct sensor *s);

/* What goes with the next record, then counts from zero: NULL when nothing was taken. */
struct store_source *sensor_source(struct sensor *s);
void sensor_take_stats(struct sensor *s, struct decode_stats *ret);

/* For the foot of the page. */
struct sensor_health {
    const char *name;
    const char *path;  /* "" for sample traffic */
    bool missing;      /* the file is not there */
    bool at_end;       /* nothing waits to be read */
    struct utime last; /* when something last came; 0 never */
    int64_t lag_us;    /* sensor's time of the newest event to its taking */
};
void sensor_health(const struct sensor *s, struct sensor_health *ret);

#endif
