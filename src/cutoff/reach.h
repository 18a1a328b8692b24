/* Who reaches whom when every network exports as business has it (Gao and Rexford 2001): what
 * comes from customers goes to all, what comes from peers and providers goes to customers.  So
 * a way climbs from customer to provider, may cross one link between peers, and descends
 * ("valley-free").  Such a way exists from a to b when one exists from b to a.
 *
 * Bit-parallel: 512 destinations at a time, a cache line for each node.  Their cones go up
 * against the order of nodes, across peer links, and down in it; three passes over the links.
 * Pure; any number of threads, each with sums of its own over batches of its own.  All
 * 5.8 thousand million pairs of the world of 2024: see docs/decisions. */
#ifndef DETENTE_CUTOFF_REACH_H
#define DETENTE_CUTOFF_REACH_H

#include "cutoff/net.h"

/* Of each node, as a source: sums over the destinations that it reaches, itself included. */
struct reach_sums {
    uint64_t *networks;
    uint64_t *weights; /* as they answer; NULL: not asked for */
};

uint32_t reach_batches(const struct net *n);
/* Adds those of batches from until `until`.  ERR_NOMEM. */
MUST_USE int reach_add(const struct net *n, uint32_t from, uint32_t until,
                       struct reach_sums *sums);
/* The code that is used here: "avx512", "avx2" or "portable". */
const char *reach_code(void);

#endif
