/* The engine as a role: a step function over events and env.
 *
 *     role_step(role, event)      never blocks, never looks at the system but through env
 *
 * The real loop (serve.c) and a deterministic world drive the same function.  What it is told:
 * a frame that a sensor decoded, how far a sensor's source was taken, that time went by.  What
 * it decides: when a block is due, what goes into one transaction. */
#ifndef DETENTE_ROLE_ENGINE_STEP_H
#define DETENTE_ROLE_ENGINE_STEP_H

#include <stdbool.h>

#include "role/engine.h"

enum { ROLE_SOURCES = 64 };

enum role_event_kind {
    ROLE_FRAME,  /* attribute and admit */
    ROLE_SOURCE, /* behind each frame of a source: goes into the next record; may record */
    ROLE_TICK,   /* record when a block is due */
    ROLE_FLUSH   /* record what is there, now */
};

struct role_event {
    enum role_event_kind kind;
    /* ROLE_FRAME: borrowed during the step. */
    struct frame *frame;
    const struct decoder *decoder;
    struct rule_map *rules;
    bool live; /* the source is read to its end: clocks can be compared */
    /* ROLE_SOURCE: source must stay until the next record (NULL: none); stats is copied. */
    struct store_source *source;
    const struct decode_stats *stats;
};

struct engine_role {
    struct engine *engine;
    const struct env *env;
    const struct conf *conf;
    const struct attrib *attrib;
    struct codec *codec;
    struct decode_stats stats; /* not yet recorded */
    struct store_source *source[ROLE_SOURCES];
    unsigned sources;
    int64_t recorded; /* monotonic, of the last record */
    struct utime signed_at;
};

/* ERR_NOMEM. */
MUST_USE int role_open(struct engine_role *r, struct engine *e, const struct env *env,
                       const struct conf *conf);
void role_close(struct engine_role *r);
/* 0, or what engine_admit() and engine_record() say: ERR_IO, ERR_FULL and ERR_PROOF are the
 * end. */
MUST_USE int role_step(struct engine_role *r, const struct role_event *ev, struct errinfo *ei);
/* True when something waits for the next record. */
bool role_waits(const struct engine_role *r);

#endif
