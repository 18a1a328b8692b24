/* What an incident rests on, for whoever shows it: the events that its threshold was judged by,
 * from this node's own log when it found the incident, else as the notice tells of them; and
 * what of the obligation's window they fill.
 *
 * Bounded by what a notice holds: 64 events.  A block is read once for the events of it that
 * follow one another: 0.7 ms of one that is full (4096 events). */
#ifndef DETENTE_ROLE_GROUNDS_H
#define DETENTE_ROLE_GROUNDS_H

#include "role/assets.h"
#include "role/book.h"
#include "role/describe.h"

struct grounds_ask {
    const struct describer *d;
    struct assets *assets; /* by which own targets are named */
    const struct book_pact *pact;
    struct slice incident;
};
/* Append the object `evidence` of docs/api.md.  ERR_NOTFOUND: nothing is known of it;
 * ERR_IO, ERR_NOMEM. */
MUST_USE int grounds_json(const struct grounds_ask *x, struct buf *ret);
/* Append a proof file of a counterpart's log that a message of that pact promised, and that was
 * found to be what the message says.  ERR_NOTFOUND. */
MUST_USE int grounds_proof(struct store *s, const struct book_pact *p, const struct hash *id,
                           struct buf *ret);

#endif
