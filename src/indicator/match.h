/* Records of a sensor, one a line or elements of an array, against indicators: each thing that
 * a record shows and some indicator in force at the record's time looks for.
 *
 * Lines may be anything; those that are no records are counted.  One thread.  Some 0.6 µs a
 * line of 500 bytes, most of it to find its parts. */
#ifndef DETENTE_INDICATOR_MATCH_H
#define DETENTE_INDICATOR_MATCH_H

#include "indicator/list.h"
#include "indicator/shown.h"

enum { MATCH_CHUNK = 1 << 20 /* bytes in one call, and of the longest line */ };

struct match_hit {
    struct utime time;
    uint32_t indicator;
    uint32_t atom;
    enum shown_field field;
    struct addr address; /* of SOURCE and TARGET */
    uint64_t line;       /* from 1 */
    struct slice record; /* as it came */
};
/* Negative ends the matching. */
typedef int match_tell(void *arg, const struct match_hit *hit);

struct match_stats {
    uint64_t lines;
    uint64_t blank;
    uint64_t odd;       /* no record: not JSON, no object, no time */
    uint64_t first_odd; /* its line; 0 none */
    uint64_t more;      /* texts behind SHOWN_MOST of their record */
    uint64_t hits;
    uint64_t over;   /* something was met that no indicator in force looks for any more */
    uint64_t beyond; /* indicators that were passed over (matching_limit()) */
};

struct matching;

/* x must outlive it.  any_time: what is over or has not begun counts too, what is revoked never
 * does. */
MUST_USE int matching_new(const struct indicators *x, bool any_time, match_tell *tell,
                          void *arg, struct matching **ret);
struct matching *matching_free(struct matching *m); /* NULL is fine; gives NULL */
/* From here on so many indicators of one atom are looked at, the first by number. */
void matching_limit(struct matching *m, uint32_t most);
/* Whole lines, at most MATCH_CHUNK bytes.  ERR_NOMEM, or what tell gave. */
MUST_USE int matching_take(struct matching *m, struct slice lines);
/* A part of an array: whole elements, and what stands between them; each that is an object is a
 * line of the figures.  Errors as above. */
MUST_USE int matching_take_elements(struct matching *m, struct slice part);
/* A line that was too long to be given. */
void matching_skip_line(struct matching *m);
const struct match_stats *matching_stats(const struct matching *m);

#endif
