/* The verdicts of this node's pacts, of each obligation and ordered pair in which it is one
 * side: as it stands now, for the period, and as the other side's log has it, as far as that is
 * known here.  One JSON object (docs/api.md, verdict), the same for the page and the command
 * line.
 *
 * A year with 10,000 incidents takes some 50 ms (tests/bench). */
#ifndef DETENTE_ROLE_VERDICTS_H
#define DETENTE_ROLE_VERDICTS_H

#include "role/book.h"
#include "store/store.h"
#include "words/words.h"

enum { VERDICTS_JSON = 1 << 24 /* bytes */ };

struct hygiene;

struct verdicts_ask {
    struct store *store;
    const struct book *book; /* NULL: no pact */
    struct utime now;
    struct utime from; /* the period … */
    struct utime until;
    struct slice pact;             /* "" all */
    struct slice party;            /* the other one, "" all */
    const struct hygiene *hygiene; /* of one's own machines; NULL not known */
};
/* ERR_NOTFOUND: no such pact or party; ERR_NOMEM, ERR_LIMIT, ERR_IO. */
MUST_USE int verdicts_json(const struct verdicts_ask *a, struct buf *ret);

/* `30d` (up to now), `2026-03` (a month), `2026-03-01` (a day) or `2026-03-01..2026-03-15`,
 * whose last day is in it.  None reaches beyond now.  ERR_INVALID. */
MUST_USE int verdicts_period(struct slice text, struct utime now, struct utime *ret_from,
                             struct utime *ret_until);

/* Millionths as per cent with one digit: coverage never more than it is, what is tested to the
 * nearest, as tables have it. */
void verdicts_put_percent(struct buf *b, int64_t ppm, bool nearest);
/* Seconds as `90 s`, `5 min`, `3 h`, `2 d`: whole ones. */
void verdicts_put_span(struct buf *b, enum language l, int64_t s);

#endif
