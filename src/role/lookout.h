/* Indicators against the stream of events: each event is asked once, before it is recorded, and
 * what was met goes into the transaction that records it.
 *
 *     lookout_look()     a block's events → hits by indicator and day     any thread
 *     lookout_put()      hits → store                   in the transaction of that block
 *     lookout_settle()   a new set is looked for: what is kept of indicators with hits
 *
 * What is a hit is one rule with `indicator sightings` (role/meeting.h).  Kept are figures by
 * indicator and day, never an address.  What fails here fails nothing else: it is counted.
 *
 * Counters of the store: hits.asked events; hits.met of them, by some indicator in force;
 * hits.over hits that were not kept for want of rows; hits.more indicators that were passed
 * over, behind LOOKOUT_OWNERS of one address or name; hits.failed events that could not be
 * asked; hits.unread times that the file of what is looked for could not be read. */
#ifndef DETENTE_ROLE_LOOKOUT_H
#define DETENTE_ROLE_LOOKOUT_H

#include "indicator/list.h"
#include "model/event.h"
#include "store/store.h"

enum {
    LOOKOUT_OWNERS = 256,     /* indicators that are looked at of one address, name, … */
    LOOKOUT_ROWS = 1 << 14,   /* pairs of indicator and day of a block */
    LOOKOUT_THREADS = 17,     /* that look at a time: those of a pool, and its owner */
    LOOKOUT_FOUND_MEMORY = 64 /* rows of a block whose memory stays for the next */
};
#define LOOKOUT_FILE "indicators/compiled.bin" /* in the node's directory: indicator/pack.h */
#define LOOKOUT_META "looked_for" /* of the store: how many; or `!` and what is wrong */

struct lookout;

/* x is taken, also by a failure.  secret: not to be known to those who send packets.
 * ERR_NOMEM. */
MUST_USE int lookout_open(struct indicators *x, uint64_t secret, struct lookout **ret);
struct lookout *lookout_close(struct lookout *l); /* NULL is fine; gives NULL */
const struct indicators *lookout_indicators(const struct lookout *l);

struct lookout_row {
    uint32_t indicator;
    uint32_t kinds; /* bits of enum atom_kind */
    int64_t day;
    uint64_t events;
    uint64_t count;
    struct utime first;
    struct utime last;
    uint64_t counted; /* the number of the event that counted last */
};

/* Of one block; zero: nothing. */
struct lookout_found {
    const struct lookout *by;
    struct lookout_row *row;
    uint32_t count;
    uint32_t room;
    uint64_t asked;
    uint64_t met;
    uint64_t over;
    uint64_t more;
    uint64_t failed;
};
/* What ret had is forgotten, its memory used again.  l NULL: nothing is looked for. */
void lookout_look(struct lookout *l, const struct event *ev, uint32_t n, struct slice raw,
                  struct lookout_found *ret);
void lookout_release(struct lookout_found *f);

/* Errors are the store's. */
MUST_USE int lookout_put(struct store *s, const struct lookout_found *f);
/* The sums of some blocks. */
MUST_USE int lookout_put_counters(struct store *s, const struct lookout_found *sum);
void lookout_add(struct lookout_found *sum, const struct lookout_found *f);

/* Tell the store what is looked for from now on: l NULL: nothing, for that reason ("": nothing
 * was taken in).  Outside of a transaction.  Some 1 µs an indicator that has hits. */
MUST_USE int lookout_settle(struct store *s, const struct lookout *l, struct slice fault);

#endif
