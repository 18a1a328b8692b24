/* Time as a type: microseconds since 1970 UTC, and spans of it.  Pure; the clock is in env.h.
 */
#ifndef DETENTE_BASE_TIME_H
#define DETENTE_BASE_TIME_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/* A moment.  A struct so that it cannot be mixed with a span or with seconds. */
struct utime {
    int64_t us;
};

struct span {
    int64_t us;
};

enum { TIME_TEXT = 27 };                                   /* bytes of the one written form */
#define TIME_MAX      ((struct utime){253402300799999999}) /* 9999-12-31T23:59:59.999999Z */
#define TIME_US_PER_S ((int64_t)1000000)

static inline struct span
time_since(struct utime later, struct utime earlier)
{
    return (struct span){later.us - earlier.us};
}

/* Exactly 27 bytes `YYYY-MM-DDTHH:MM:SS.ffffffZ` into out, no NUL (docs/formats: time).
 * t must lie in 1970..9999.  Some 20 ns. */
void time_format(struct utime t, char out[TIME_TEXT]);
/* The strict form, nothing else: ERR_INVALID otherwise. */
MUST_USE int time_parse(struct slice s, struct utime *ret);
/* What sensors write: RFC 3339 and ISO 8601 with T or space, any number of fraction digits
 * (cut to microseconds), zone Z, ±HHMM or ±HH:MM, none = UTC.  A leap second becomes
 * 59.999999.  ERR_INVALID otherwise or outside 1970..9999.  Some 15 ns. */
MUST_USE int time_parse_any(struct slice s, struct utime *ret);
/* What a person types: `2h`, `15m`, `30s`, `7d`, `2w` before now, `now`, a date or a time,
 * which may have no seconds.  Without a zone it is UTC. */
MUST_USE int time_parse_human(struct slice s, struct utime now, struct utime *ret);
/* A span: a whole number with us, ms, s, m, h, d, w. */
MUST_USE int span_parse(struct slice s, struct span *ret);

#endif
