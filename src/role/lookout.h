/* Indicators against the stream of what sensors tell: each record is asked once, and what was
 * met goes into the transaction that says how far its source was taken.
 *
 *     lookout_look()     a block's events → hits by indicator and day     any thread
 *     lookout_rest()     a frame → its records that are no attack
 *     lookout_read()     those records → hits by indicator and day        any thread
 *     lookout_put()      hits → store                             in that transaction
 *     lookout_settle()   a new set is looked for: what is kept of indicators with hits
 *
 * What is a hit of an event is one rule with `indicator sightings` (role/meeting.h); of a
 * record that is no attack (dns, tls, http, fileinfo, flow …), one rule with `indicator match`
 * (indicator/match.h).  Kept are figures by indicator and day, never an address.  What fails
 * here fails nothing else: it is counted.
 *
 * Counters of the store: hits.asked events and other records; hits.met of them, by some
 * indicator in force; hits.over hits that were not kept for want of rows; hits.more indicators
 * that were passed over, behind LOOKOUT_OWNERS of one address or name; hits.failed events and
 * other records that could not be asked; hits.unread times that the file of what is looked for
 * could not be read. */
#ifndef DETENTE_ROLE_LOOKOUT_H
#define DETENTE_ROLE_LOOKOUT_H

#include "base/buf.h"
#include "base/map.h"
#include "decode/decode.h"
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
    uint64_t unrecorded; /* of count: records that are no event */
    struct utime first;
    struct utime last;
    uint64_t counted; /* the number of the event, or record, that counted last */
};

/* Of one block, or of the other records of one frame; zero: nothing. */
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

enum { LOOKOUT_REST = 1 << 20 };
/* The bytes of a frame that no attack of it stands in, in front of `used`, appended.  The
 * frame's bytes are read once. */
void lookout_rest(const struct frame *f, size_t used, struct buf *to);
/* The same as lookout_look() of such records, LOOKOUT_REST bytes at most.  array: they are
 * elements of one; else lines. */
void lookout_read(struct lookout *l, struct slice rest, bool array, struct lookout_found *ret);

/* Of some frames together. */
struct lookout_sum {
    struct map rows;
    struct lookout_found found;
};
void lookout_sum_init(struct lookout_sum *s, uint64_t secret);
void lookout_sum_release(struct lookout_sum *s);
/* What finds no room is counted as over. */
void lookout_sum_add(struct lookout_sum *s, const struct lookout_found *f);
void lookout_sum_reset(struct lookout_sum *s);

/* Errors are the store's. */
MUST_USE int lookout_put(struct store *s, const struct lookout_found *f);
/* The sums of some blocks. */
MUST_USE int lookout_put_counters(struct store *s, const struct lookout_found *sum);
void lookout_add(struct lookout_found *sum, const struct lookout_found *f);

/* Tell the store what is looked for from now on: l NULL: nothing, for that reason ("": nothing
 * was taken in).  Outside of a transaction.  Some 1 µs an indicator that has hits. */
MUST_USE int lookout_settle(struct store *s, const struct lookout *l, struct slice fault);

#endif
