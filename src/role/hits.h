/* Hits of indicators as they are told: to the page, as a part of the exchange (docs/api.md),
 * and by `detente indicator hits`.
 *
 * For this party's own readers only, as all of the exchange: so markings withhold nothing here.
 * Whoever gives hits to others does it as sightings in a collection, where markings are asked
 * (role/sightings.h, taxii/egress.h). */
#ifndef DETENTE_ROLE_HITS_H
#define DETENTE_ROLE_HITS_H

#include "base/buf.h"
#include "store/hits.h"

enum {
    HITS_DAYS = 30,   /* that are summed for the page, today included … */
    HITS_SERIES = 14, /* … and told one by one */
    HITS_TOLD = 100   /* indicators, most counted first */
};

int64_t hits_day(struct utime t); /* since 1970, UTC */
/* "in-force", "not-yet", "over", "revoked", "gone": whether it is looked for at that time. */
const char *hits_state(const struct store_sought *w, struct utime now);
/* The kinds of what was met as an array of JSON; as words with a blank between. */
void hits_kinds_json(struct buf *to, uint32_t kinds);
void hits_kinds_words(struct buf *to, uint32_t kinds);
/* One object, appended.  ERR_IO, ERR_NOMEM, ERR_LIMIT.  Some 3 ms, and 0.5 µs a row of these
 * days. */
MUST_USE int hits_json(struct store *s, struct utime now, struct buf *ret);

#endif
