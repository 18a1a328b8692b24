/* Attack events of the last seven days, by chip in steps of 35 minutes: the timeline's longest
 * range, which the live view does not hold.
 *
 * Counted when it is first asked for, newest blocks first, some milliseconds in each turn of
 * whoever answers; what comes later is added.  One thread. */
#ifndef DETENTE_ROLE_WEEK_H
#define DETENTE_ROLE_WEEK_H

#include "base/buf.h"
#include "store/query.h"

enum { WEEK_STEPS = 288, WEEK_STEP_S = 2100 /* seven days in all */ };

struct week {
    struct store *store;
    struct reader *reader;
    bool asked;                         /* it counts from then on */
    uint64_t block;                     /* the next that is counted, downwards; 0: all are */
    uint64_t end;                       /* blocks from here on are added as they come */
    int64_t step;                       /* the newest, since 1970 */
    uint32_t events[CHIPS][WEEK_STEPS]; /* by step modulo WEEK_STEPS */
};

/* Nothing is read yet.  s and r must outlive it. */
void week_open(struct week *w, struct store *s, struct reader *r);
/* Count until the monotonic clock says `stop`: 1 when there is more to do, 0 when all is
 * counted or nobody asked.  A block that cannot be read counts for nothing. */
int week_step(struct week *w, const struct env *env, int64_t stop);
/* An event that came, of that block. */
void week_add(struct week *w, uint64_t block, const struct event *ev, struct utime now);
/* `{"start":S,"step":2100,"whole":true,"rows":[[…],…]}`, appended: seconds since 1970, a row a
 * chip.  Not whole while blocks are counted still.  ERR_IO. */
MUST_USE int week_json(struct week *w, struct utime now, struct buf *ret);

#endif
