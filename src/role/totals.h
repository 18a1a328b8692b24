/* Totals that parties publish for each other (exchange/totals.h): made here in the engine,
 * taken from counterparts, and told.
 *
 * Every `totals.every`, on its multiples since 1970 UTC, the engine counts the attack events of
 * the period that ended, some milliseconds in a turn, and publishes a signed note and its leaf
 * under each pact in force: with coverage by the day, and with those counts where the pact lets
 * statistics be published.  Periods that went by while the
 * node did not run are not made up for.  The newest of a party is kept, of one's own the one
 * before too, as small values in the store.  One thread. */
#ifndef DETENTE_ROLE_TOTALS_H
#define DETENTE_ROLE_TOTALS_H

#include "attrib/attrib.h"
#include "base/env.h"
#include "pact/verdict.h"
#include "role/book.h"
#include "role/engine.h"
#include "store/wanted.h"

#define TOTALS_LOOK_US  INT64_C(5000000)  /* between two looks whether one is due */
#define TOTALS_GRACE_US INT64_C(60000000) /* what is late by so much counts still */
#define TOTALS_TURN_US  INT64_C(5000)     /* of counting, about */

struct totals_maker; /* opaque */

/* ERR_NOMEM.  e, its store, configuration and env must outlive it. */
MUST_USE int totals_open(struct engine *e, struct totals_maker **ret, struct errinfo *ei);
struct totals_maker *totals_close(struct totals_maker *m); /* NULL is fine; gives NULL */
/* What is due, or a part of it: there is no hurry.  book NULL: no pact.  ERR_FULL is no error
 * here; any other is the engine's end. */
MUST_USE int totals_step(struct totals_maker *m, const struct book *book, struct errinfo *ei);

/* Does it bind this node at `when`, so that coverage is published under it?  And statistics? */
bool totals_due(const struct book_pact *p, struct utime when);
bool totals_allowed(const struct book_pact *p);

/* What a party published of what its sensors saw, for a period: *ret->known says whether it
 * did, of every day of it up to its newest note.  No more than its heartbeats tell of time, by
 * at_most_ppm.  ERR_IO, ERR_NOMEM. */
struct totals_ask {
    struct store *store;
    const struct book_pact *pact;
    unsigned party;
    struct utime from;
    struct utime until;
    uint32_t at_most_ppm;
};
MUST_USE int totals_sight_of(const struct totals_ask *a, struct verdict_sight *ret);

/* A note that a counterpart's log names came: checked, and kept when it is its newest.  0;
 * ERR_INVALID: not to be taken, ei says why; ERR_FULL; else the end. */
struct totals_take {
    struct store *store;
    struct utime now;
    const struct store_wanted *want; /* its leaf counted over the generations */
    const struct book_pact *pact;
};
MUST_USE int totals_take(const struct totals_take *t, struct slice note, struct errinfo *ei);

/* Append that party's note whose period ends at that second since 1970; 0: its newest.
 * ERR_NOTFOUND. */
struct totals_which {
    struct slice pact;
    struct slice party;
    uint64_t until;
};
MUST_USE int totals_get(struct store *s, const struct totals_which *which, struct buf *ret);
/* The second of the newest; 0 none. */
MUST_USE int totals_newest(struct store *s, struct slice pact, struct slice party,
                           uint64_t *ret);

/* Append the newest of all parties as an array (docs/api.md, world); names of networks are
 * those of a (NULL: none). */
MUST_USE int totals_json(struct store *s, const struct book *b, const struct attrib *a,
                         struct buf *to);

#endif
