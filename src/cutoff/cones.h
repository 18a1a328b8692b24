/* How many networks a network carries: itself, its customers, their customers, and so on.
 *
 * The recursive cone (Luckie et al., IMC 2013, section 5.1): all that contracts allow.  The
 * cone that CAIDA's AS Rank publishes counts only customers that were seen behind the network
 * on a path, and is smaller.
 *
 * Bit-parallel: 512 networks at a time climb from customers to providers.  Pure.  Of the world
 * of 2024 some 0.2 s. */
#ifndef DETENTE_CUTOFF_CONES_H
#define DETENTE_CUTOFF_CONES_H

#include "base/err.h"
#include "topology/topology.h"

/* ret: of each network by index.  ERR_NOMEM. */
MUST_USE int cones_count(const struct topology *t, uint32_t *ret);

#endif
