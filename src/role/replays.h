/* The streams of the past that viewers look at, in the gate: a bounded number of them, worked
 * on by turns and for a short time in each turn of the loop, so that live viewers hardly
 * notice. One whose viewer takes nothing stands still. */
#ifndef DETENTE_ROLE_REPLAYS_H
#define DETENTE_ROLE_REPLAYS_H

#include "role/replay.h"
#include "web/web.h"

enum {
    REPLAYS = 8,              /* at the same time; more get 503 */
    REPLAY_FRAME_US = 250000, /* between two frames */
    REPLAY_WORK_US = 8000,    /* at once, for all together … */
    REPLAY_REST_US = 4000     /* … and then the processor is left to others */
};

struct replays {
    struct replay_source from;
    struct web_server *web;
    struct buf delta;
    struct buf snapshot;
    unsigned turn; /* who comes first */
    int64_t rest;  /* mono: nothing is done before */
    struct replays_one {
        struct replay *replay; /* NULL: free */
        uint32_t number;       /* the web's */
        unsigned speed;
        bool begun;          /* a snapshot was sent */
        bool over;           /* nothing more comes */
        int64_t shown;       /* mono, of the last frame */
        struct utime target; /* where it moves */
    } one[REPLAYS];
};

void replays_open(struct replays *p, const struct replay_source *from);
void replays_close(struct replays *p);
/* ERR_BUSY: there are too many.  ERR_NOMEM. */
MUST_USE int replays_begin(struct replays *p, uint32_t number, const struct web_replay *what);
void replays_end(struct replays *p, uint32_t number); /* its viewer has gone */
void replays_set_attrib(struct replays *p, const struct attrib *a);
/* Work for a moment.  now: the wall clock; h: figures of now, for their frames.  Gives when to
 * call again (mono), INT64_MAX: when one begins. */
int64_t replays_step(struct replays *p, struct utime now, const struct live_honesty *h);

#endif
