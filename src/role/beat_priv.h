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
    const struct feed *feed[BEAT_SENSORS];
    struct sensor_look look[BEAT_SENSORS];
    unsigned faults[BOOK_PACTS][BEAT_SENSORS];
    unsigned rows;
};

/* beat_space.c, within the transaction: what of declared space was watched, by that pact. */
MUST_USE int beat_put_coverage(struct beating *x, struct engine *e, unsigned pact);
/* … the sensors' faults, and what is not known of them, for whoever shows it. */
MUST_USE int beat_put_state(const struct beating *x, struct store *s);
/* … leaves of what was not watched and is over. */
MUST_USE int beat_put_gaps(const struct beating *x, struct engine *e, struct errinfo *ei);
/* What a sensor of that name watches, by that pact's annex or by the configuration; and that
 * annex, as it counts at `now`: NULL none. */
struct pact_prefixes beat_watched(const struct annex *a, const struct conf *c,
                                  const char *name);
const struct annex *beat_annex(const struct book_pact *p, struct utime now);
/* beat_eyes.c: the figures of each sensor, for this party's own page. */
MUST_USE int beat_put_eyes(const struct beating *x, struct store *s);
/* … and from them since when which sensor is blind, after a start. */
MUST_USE int beat_recall(struct beat *b);
/* It is durable: which sensors are blind from now on. */
void beat_seen(struct beating *x);

/* A member that lists, by name, the faults of a mask (beat_space.c). */
void beat_put_faults(struct buf *b, const char *name, unsigned mask);

#endif
