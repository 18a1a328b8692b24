/* The simulation on all cores that there are. */
#ifndef DETENTE_ROLE_SIMULATE_H
#define DETENTE_ROLE_SIMULATE_H

#include "cutoff/inside.h"

enum { SIMULATE_THREADS = 64 };

/* Sums of all batches; made here, by addresses too when asked, and the caller's to release.
 * ERR_NOMEM. */
MUST_USE int simulate_reach(const struct net *n, unsigned threads, bool addresses,
                            struct reach_sums *ret);
void simulate_release(struct reach_sums *s);

/* What the side of a filter still has: all of struct inside.  ERR_NOMEM. */
MUST_USE int simulate_inside(const struct topology *t, const struct net_filter *f,
                             unsigned threads, struct inside *ret);
/* The same of each country with at least `least` networks, by code.  *ret is the caller's to
 * free. */
struct simulate_country {
    uint16_t country;
    struct inside inside;
};
MUST_USE int simulate_countries(const struct topology *t, uint32_t least, unsigned threads,
                                struct simulate_country **ret, uint32_t *ret_count);

#endif
