/* Inside heartbeats: one of them, while it is made. */
#ifndef DETENTE_ROLE_BEAT_PRIV_H
#define DETENTE_ROLE_BEAT_PRIV_H

#include "ledger/leaf.h"
#include "role/beat.h"

struct beating {
    struct beat *beat;
    const struct book *book;
    struct utime since; /* = until: a first one, of no time */
    struct utime until;
    struct utime stopped; /* when the last one ended; 0 never */
    struct leaf_figures row[BEAT_SENSORS];
    struct beat_sensor *sensor[BEAT_SENSORS];
    unsigned faults[BOOK_PACTS][BEAT_SENSORS];
    unsigned rows;
};

/* beat_space.c, within the transaction: what of declared space was watched, by that pact. */
MUST_USE int beat_put_coverage(struct beating *x, struct engine *e, unsigned pact);
/* … the sensors' faults, and what is not known of them, for whoever shows it. */
MUST_USE int beat_put_state(const struct beating *x, struct store *s);
/* … leaves of what was not watched and is over. */
MUST_USE int beat_put_gaps(const struct beating *x, struct engine *e, struct errinfo *ei);
/* It is durable: which sensors are blind from now on. */
void beat_seen(struct beating *x);

#endif
