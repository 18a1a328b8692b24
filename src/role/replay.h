/* The live view of a moment that is past, built from the evidence, and moved on from there.
 *
 * What happened before that moment is counted, by the time that its sensor gave, as `top` and
 * `events` with `until` find it: also what was imported later.  (The live view itself counts
 * what a sensor with a wrong clock says by when it came.)  Works in slices: each call returns
 * soon, whatever there is to read.  At most some 25 MB, as a rule a few.  One thread,
 * and no other may use the reader meanwhile. */
#ifndef DETENTE_ROLE_REPLAY_H
#define DETENTE_ROLE_REPLAY_H

#include <stdbool.h>

#include "attrib/attrib.h"
#include "base/buf.h"
#include "base/env.h"
#include "role/dict.h"
#include "role/live.h"
#include "store/query.h"

struct replay; /* opaque */

/* All must outlive it; attrib NULL: no tables. */
struct replay_source {
    struct store *store;
    struct reader *reader;
    const struct env *env; /* its clocks only */
    const struct dict *dict;
    const struct attrib *attrib;
    const struct owners *owners; /* see live_set_owners() */
};

/* Nothing is read yet.  ERR_NOMEM. */
MUST_USE int replay_new(const struct replay_source *from, struct utime at, struct replay **ret);
struct replay *replay_free(struct replay *r); /* NULL is fine; gives NULL */
/* Tables were imported. */
void replay_set_attrib(struct replay *r, const struct attrib *a);

/* Move on to `to`, or to the moment it was made for, until the monotonic clock says `stop`, and
 * by one block at least: 1 when it is there, 0 when there is more to do.  ERR_IO, ERR_NOMEM,
 * ERR_INVALID (a damaged block). */
MUST_USE int replay_step(struct replay *r, struct utime to, int64_t stop);
/* The moment it stands at. */
struct utime replay_at(const struct replay *r);

/* As live_publish(), at the moment it stands at.  The snapshot has a member more, `replay`:
 * {"from":"…Z","speed":n,"erased":n,"left_out":n}, see docs/api.md. */
MUST_USE int replay_publish(struct replay *r, unsigned speed, const struct live_honesty *h,
                            struct buf *delta, struct buf *snapshot);

#endif
