/* The totals that a party publishes under a pact whose `third_parties` is `statistics-only`:
 * how many attack events it saw in a period, by origin network and economy
 * (docs/formats/keys-and-notes.md, `detente-totals/1`).
 *
 * Rows under `least`, and those past TOTALS_ROWS, are withheld and counted.  Nothing in it is
 * evidence: it is a party's own word, signed by its log's key.  Pure. */
#ifndef DETENTE_EXCHANGE_TOTALS_H
#define DETENTE_EXCHANGE_TOTALS_H

#include "exchange/statement.h"

enum { TOTALS_ROWS = 1000, TOTALS_LEAST = 10 };

struct totals_row {
    uint32_t key; /* a network's number, or COUNTRY() */
    uint64_t events;
};
/* Rows, what is withheld and what has no known origin are all events together. */
struct totals_part {
    const struct totals_row *row; /* by key, rising */
    unsigned count;
    uint64_t rows_withheld;
    uint64_t withheld; /* events of those rows */
    uint64_t unknown;  /* events */
};
struct totals {
    struct slice pact;
    struct slice party;
    struct utime from;  /* inclusive … */
    struct utime until; /* … exclusive, a whole second: what the period is asked for by */
    uint64_t least;     /* at least TOTALS_LEAST */
    uint64_t events;
    struct totals_part networks;
    struct totals_part economies;
};

/* What may be published of all rows, which are put in another order; rows of 0 count for
 * nothing.  ret->unknown is the caller's. */
void totals_choose(struct totals_row *all, unsigned count, uint64_t least,
                   struct totals_part *ret);

/* Append the signed note.  ERR_INVALID: its parts do not fit together; ERR_LIMIT. */
MUST_USE int totals_write(struct buf *b, struct utime at, const struct totals *t,
                          const struct skey *key, struct errinfo *ei);

/* The values of a statement that was read; texts borrow from it, rows stand in `room`. */
struct totals_room {
    struct totals_row network[TOTALS_ROWS];
    struct totals_row economy[TOTALS_ROWS];
};
/* ERR_INVALID: it is of another kind. */
MUST_USE int totals_read(const struct statement *s, struct totals_room *room,
                         struct totals *ret);

#endif
