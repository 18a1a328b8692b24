/* What a party publishes under a pact (docs/formats/keys-and-notes.md, `detente-totals/1`): how
 * much of its declared space it saw on each day, in whole per cent, and how many of its test
 * packets it found; and, where the pact's `third_parties` is `statistics-only`, how many attack
 * events it saw in a period, by origin network and economy.
 *
 * Rows under `least`, and those past TOTALS_ROWS, are withheld and counted; a `least` of 0 says
 * that there are no statistics in it.  Nothing in it is evidence: it is a party's own word,
 * signed by its log's key.  Pure. */
#ifndef DETENTE_EXCHANGE_TOTALS_H
#define DETENTE_EXCHANGE_TOTALS_H

#include "exchange/statement.h"

enum { TOTALS_ROWS = 1000, TOTALS_LEAST = 10, TOTALS_DAYS = 32 };

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
/* The days up to the period's end on which it had declared space; the last may be one that
 * is not over, up to then. */
struct totals_day {
    int64_t day; /* UTC, since 1970 */
    unsigned percent;
};
struct totals_sight {
    struct totals_day day[TOTALS_DAYS]; /* rising */
    unsigned days;
    uint64_t canaries; /* whose time was over in the pact's window before the period's end */
    uint64_t found;
};
struct totals {
    struct slice pact;
    struct slice party;
    struct utime from;  /* inclusive … */
    struct utime until; /* … exclusive, a whole second: what the period is asked for by */
    struct totals_sight sight;
    uint64_t least; /* at least TOTALS_LEAST; 0: no statistics, all below is empty */
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
