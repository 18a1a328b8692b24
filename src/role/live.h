/* What the page shows: counts of the last minutes, hours and the day, kept as events come.
 *
 * Fed with the events of each recorded block, in memory of a bounded size, rebuilt from the
 * evidence at start.  Every number is absolute, so that a viewer who misses a frame is right
 * again with the next.  Shapes: docs/api.md.  One thread; about 60 MB at most. */
#ifndef DETENTE_ROLE_LIVE_H
#define DETENTE_ROLE_LIVE_H

#include <stdint.h>

#include "attrib/attrib.h"
#include "base/buf.h"
#include "base/time.h"
#include "model/event.h"
#include "role/dict.h"
#include "role/owners.h"

struct live; /* opaque */

/* How much it may know of, at most; what does not fit is in the series all the same. */
struct live_room {
    uint32_t networks;  /* in their economies: 740 bytes each */
    uint32_t targets;   /* 90 */
    uint32_t addresses; /* 40 */
};
/* room NULL: as much as one that follows a node needs. */
MUST_USE int live_new(const struct dict *dict, const struct live_room *room, struct live **ret);
struct live *live_free(struct live *l); /* NULL is fine; gives NULL */
void live_set_attrib(struct live *l, const struct attrib *a);
/* By whom events are counted from here on; NULL: by nobody.  Borrowed, and looked into as they
 * come: make it anew when annexes did. */
void live_set_owners(struct live *l, const struct owners *o);

/* Count one attack event of the last 24 h; older ones are left out, one that lies ahead counts
 * as of now.  Its time is the sensor's, or ours when the sensor's clock is off. */
void live_add(struct live *l, struct event_id id, const struct event *ev, struct utime now);

/* Its two halves: the counts, in which the order of events plays no part; and the list of the
 * newest, in which it does. */
void live_count(struct live *l, const struct event *ev, struct utime now);
void live_show(struct live *l, struct event_id id, const struct event *ev);
enum live_engine { LIVE_OK, LIVE_FULL /* disk: nothing is taken */, LIVE_DOWN };

/* What else the foot of the page says; the caller keeps it up to date. */
struct live_honesty {
    uint64_t log_size;
    struct hash log_root;
    struct utime log_signed;
    unsigned sensors;   /* all */
    unsigned reporting; /* with something new in the last minute, or idle at their end */
    int64_t lag_us;
    uint64_t events;
    uint64_t attacks;
    uint64_t rejected;
    uint64_t dropped;
    uint64_t duplicates;
    uint64_t skewed;
    uint64_t alerts_seq; /* changes when anything about alerts does */
    uint32_t alerts_firing;
    uint32_t alerts_acked;
    int tables_age_days; /* of the oldest dataset; -1 none */
    int engine;          /* enum live_engine */
    int tables_stale;    /* 0 or 1; no bool … */
    int drill;           /* … so that there are no holes and memcmp() compares */
};

/* Move the clock on and work out what changed: appends a delta object to `delta` (nothing
 * when there is nothing to say) and replaces `snapshot` by the whole. */
MUST_USE int live_publish(struct live *l, struct utime now, const struct live_honesty *h,
                          struct buf *delta, struct buf *snapshot);

#endif
