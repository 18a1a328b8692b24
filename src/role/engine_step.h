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
#include "role/pool.h"

enum {
    ROLE_LOOKS = 8, /* frames whose records are asked at a time whether they are looked for */
    ROLE_SOURCES = 96,
    ROLE_COUNTERS = 4,       /* kinds of role_count() */
    ROLE_RETRY_US = 1000000, /* of a record that found the disk full */
    /* While frames keep coming, full blocks share a transaction: its syncs cost as much for
     * one.  As long as this since the last, or this many raw bytes of them. */
    ROLE_GATHER_US = 100000,
    ROLE_GATHER_BYTES = 32 * 1024 * 1024
};

enum role_event_kind {
    ROLE_FRAME,  /* attribute and admit */
    ROLE_SOURCE, /* behind each frame of a source: goes into the next record; may record */
    ROLE_TICK,   /* record when a block is due; busy: full ones may wait for others */
    ROLE_FLUSH   /* record what is there, now */
};

struct role_event {
    enum role_event_kind kind;
    /* ROLE_FRAME: borrowed during the step. */
    struct frame *frame;
    const struct decoder *decoder;
    struct rule_map *rules;
    bool live;  /* the source is read to its end: clocks can be compared */
    bool array; /* its records are elements of one, else lines */
    bool busy;  /* ROLE_TICK: frames keep coming */
    /* ROLE_SOURCE: both are copied (NULL: none).  The next record tells source its id, so it
     * must stay until then, or until role_forget(). */
    struct store_source *source;
    const struct decode_stats *stats;
};

/* A draft that is full, on its way through sealing. */
struct role_seal {
    struct job hash;
    struct job pack;
    struct engine_role *role;
    struct draft *draft;
};

/* The records of a frame that are no attacks, on their way past what is looked for. */
struct role_look {
    struct job job;
    struct lookout *lookout;
    struct buf rest;
    bool array;
    struct lookout_found found;
};

struct engine_role {
    struct engine *engine;
    const struct env *env;
    const struct conf *conf;
    const struct attrib *attrib;
    struct pool *pool;             /* seals; may have no threads */
    struct codec *codec[POOL_MAX]; /* one a worker */
    struct decode_stats stats;     /* not yet recorded */
    struct {
        struct store_source *who; /* NULL: forgotten */
        struct store_source is;
    } source[ROLE_SOURCES];
    unsigned sources;
    int64_t recorded; /* monotonic, of the last record */
    struct utime signed_at;
    /* What the next record takes.  A full disk leaves it for the next try: nothing that was
     * taken is lost, and nothing more is taken meanwhile. */
    struct draft **held;    /* ENGINE_FULL_MAX + 1 places */
    struct role_seal *seal; /* as many */
    unsigned held_count;
    size_t held_bytes; /* raw */
    struct role_look look[ROLE_LOOKS];
    unsigned look_from; /* the oldest of … */
    unsigned looks;
    bool blocked;
    struct {
        const char *name;
        uint64_t n;
    } counter[ROLE_COUNTERS]; /* not yet recorded */
};

/* Seals in the calling thread; see role_share().  ERR_NOMEM. */
MUST_USE int role_open(struct engine_role *r, struct engine *e, const struct env *env,
                       const struct conf *conf);
/* Seal on the threads of a pool, which is the role's from here on.  What is recorded is the
 * same.  Before the first step; ERR_NOMEM. */
MUST_USE int role_share(struct engine_role *r, struct pool *pool);
void role_close(struct engine_role *r);
/* 0, or what engine_admit() and engine_record() say: ERR_IO and ERR_PROOF are the end.  A full
 * disk is not: a tick gives 0 and tries again later, a flush gives ERR_FULL; see
 * role_blocked(). */
MUST_USE int role_step(struct engine_role *r, const struct role_event *ev, struct errinfo *ei);
/* True while the disk is full: frames must be left where they are. */
bool role_blocked(const struct engine_role *r);
/* The memory of that source is used for something else: what it was is recorded all the same.
 */
void role_forget(struct engine_role *r, const struct store_source *source);
/* Add n to a counter of the store with the next record; name must stay.  ERR_LIMIT: too many
 * kinds. */
MUST_USE int role_count(struct engine_role *r, const char *name, uint64_t n);
/* True when something waits for the next record. */
bool role_waits(const struct engine_role *r);

#endif
