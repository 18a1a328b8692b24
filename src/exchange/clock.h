/* How far this node's clock is off, by what those who cosign its log say of the time.
 *
 * A cosignature states the second in which it was made (C2SP tlog-cosignature), under a key
 * that is known, and came between a question and its answer: so the other's clock stood there
 * by no more than the way and a second of rounding.  No time is asked for anywhere else, and
 * none is set: a node that is cut off must not depend on who tells the time, and what it logs
 * has its order by sequence.  Of several others the median counts, so that fewer than half of
 * them can move it by nothing beyond what the rest says.  Pure, no allocation. */
#ifndef DETENTE_EXCHANGE_CLOCK_H
#define DETENTE_EXCHANGE_CLOCK_H

#include <stdbool.h>

#include "base/time.h"

enum { CLOCK_OTHERS = 128 };
#define CLOCK_FRESH_US INT64_C(900000000) /* what is older says nothing of now */
#define CLOCK_WAY_US   INT64_C(10000000)  /* a slower answer says too little */

/* What one other said, by this node's clocks. */
struct clock_said {
    struct utime asked;
    struct utime told;
    int64_t took_us;     /* between them by the monotonic clock */
    struct utime stated; /* by the other, a whole second */
};

/* How far the other's clock is ahead of ours (negative: behind), and by how much that may be
 * wrong, either way. */
struct clock_offset {
    struct span offset;
    struct span error;
    struct utime at; /* of ours; 0: nothing is known */
};
/* False: it says nothing.  The answer took too long, or our own clock was set meanwhile. */
bool clock_measure(const struct clock_said *s, struct clock_offset *ret);

/* Of those that are fresh at `now` the median, and of how many: others' clocks against ours, so
 * that ours is behind when it is positive.  The middle two of an even number are averaged, and
 * the larger of their errors counts.  count 0: nothing is known. */
struct clock_estimate {
    unsigned count;
    struct span offset;
    struct span error;
};
/* More than CLOCK_OTHERS are not looked at. */
void clock_estimate(const struct clock_offset *others, unsigned count, struct utime now,
                    struct clock_estimate *ret);
/* Is it off by more than that for sure, its error left out? */
bool clock_is_off(const struct clock_estimate *e, struct span most);

#endif
