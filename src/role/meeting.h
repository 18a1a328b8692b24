/* Events against indicators: which event is met by which of them.
 *
 * Origin and target of each event are asked, and where a record of EVE was kept and something
 * but addresses is looked for, its names, URLs and hashes too (indicator/shown.h).  An
 * indicator counts when it is in force at the event's time (event_when()).  The one rule of
 * what is a hit: of live events (role/lookout.h) and of recorded ones (role/sightings.h).
 *
 * Cost: as of indicator/set.h by addresses, some 0.6 µs an event with its record.  One
 * thread. */
#ifndef DETENTE_ROLE_MEETING_H
#define DETENTE_ROLE_MEETING_H

#include "indicator/match.h"
#include "model/event.h"

enum { MEETING_TOGETHER = SET_ASKED / 2 /* events whose addresses are asked at once */ };

/* An indicator in force looks for something of the event; the same again for each thing.
 * Negative ends it. */
typedef int meeting_tell(void *arg, const struct event *ev, uint32_t indicator,
                         enum atom_kind kind);

struct meeting_stats {
    uint64_t asked;    /* events; while one is told, its number from 1 */
    uint64_t hit;      /* … that were met by some indicator in force */
    uint64_t over;     /* … only by such as were over, not in force yet or revoked */
    uint64_t unopened; /* … whose record is erased, or is none of EVE: by addresses alone */
    uint64_t more;     /* indicators that were passed over, behind `most` of one atom */
};

struct meeting;

/* x must outlive it.  most: so many indicators of one atom are told; 0: all.  ERR_NOMEM. */
MUST_USE int meeting_new(const struct indicators *x, uint32_t most, meeting_tell *tell,
                         void *arg, struct meeting **ret);
struct meeting *meeting_free(struct meeting *m); /* NULL is fine; gives NULL */
/* Is something but addresses looked for?  Else raw is not read. */
bool meeting_needs_raw(const struct meeting *m);
/* At most MEETING_TOGETHER; raw: of their block.  ERR_NOMEM, or what tell gave. */
MUST_USE int meeting_ask(struct meeting *m, const struct event *const *ev, unsigned n,
                         struct slice raw);
const struct meeting_stats *meeting_stats(const struct meeting *m);

#endif
