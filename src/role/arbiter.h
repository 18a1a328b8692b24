/* Events against the pacts of this node, in the engine: what was recorded is judged, what opens
 * an incident becomes a `detected` leaf, and its notice goes out once its evidence stands under
 * a checkpoint that the other party cosigned, or `evidence_waits` is over.
 *
 * Judged are events against this node's own space; what it finds is known to it alone until
 * the notice.  Nothing here holds up recording: judging runs behind it, on what is durable. */
#ifndef DETENTE_ROLE_ARBITER_H
#define DETENTE_ROLE_ARBITER_H

#include "role/notice.h"
#include "role/talk.h"

enum {
    ARBITER_WAITING = 65536, /* incidents that were found and are not leaves yet */
    ARBITER_TURN = 16        /* … and become leaves in one transaction */
};
#define ARBITER_UPDATE_US (INT64_C(3600) * TIME_US_PER_S) /* of what goes on, so often */

struct arbiter; /* opaque */

struct arbiter_open {
    struct talk *talk;
    const struct env *env;
    bool automatic; /* notices and updates go out without a person */
};
MUST_USE int arbiter_open(const struct arbiter_open *o, struct arbiter **ret,
                          struct errinfo *ei);
struct arbiter *arbiter_close(struct arbiter *a); /* NULL is fine; gives NULL */

/* talk->book is another: judge by it from now on.  What was found is recorded first, so the
 * book before it lives until this returns. */
MUST_USE int arbiter_book(struct arbiter *a, struct errinfo *ei);
/* A block is recorded, durably: engine_set_watch() gives it. */
void arbiter_watch(struct arbiter *a, uint64_t block, const struct draft *d);
/* What was found becomes leaves, and notices go out.  ERR_FULL is tried again; else the
 * engine's end. */
MUST_USE int arbiter_step(struct arbiter *a, struct errinfo *ei);

struct arbiter_counts {
    uint64_t judged;
    uint64_t found;   /* incidents, since the start */
    uint64_t lost;    /* … that there was no room to keep */
    unsigned waiting; /* for their notice */
};
struct arbiter_counts arbiter_counts(const struct arbiter *a);

#endif
