/* Every single failure at once: which networks have a way to the top through one network, or
 * over one link, alone.
 *
 * A network is held when a chain of providers, or such a chain and one link to a peer, leads to
 * a network of the clique.  What all its ways have in common are its dominators (Lengauer and
 * Tarjan 1979); without cycles one pass in order finds each network's nearest one, as the
 * common ancestor of those of whoever carries it.  The failure of x strands all below x in that
 * tree; the failure of a link strands whoever is carried over it alone, and all below.
 * Pure.  Some 5 ms for all the world's. */
#ifndef DETENTE_CUTOFF_RANK_H
#define DETENTE_CUTOFF_RANK_H

#include "topology/topology.h"

struct rank {
    uint32_t *above; /* of each network: the nearest that all its ways pass; itself when nothing
                        is between it and the top; TOPOLOGY_NONE: it is not held */
    uint32_t *depth;
    uint32_t *only; /* the only one that carries it, or TOPOLOGY_NONE */
    uint32_t count;
};

/* ERR_NOMEM. */
MUST_USE int rank_make(const struct topology *t, struct rank *ret);
void rank_release(struct rank *r);

/* Networks of one country that the failure strands, itself not counted. */
struct rank_row {
    uint32_t network;
    uint32_t stranded;
};
/* Of all networks that strand somebody of that country, the worst first, of
 * equals who stands first in the order of providers before customers.
 * *ret is the caller's to free.  ERR_NOMEM. */
MUST_USE int rank_country(const struct topology *t, const struct rank *r, uint16_t country,
                          struct rank_row **ret, uint32_t *ret_count, uint32_t *ret_networks);

/* Links that carry somebody alone: `network` is who is carried. */
MUST_USE int rank_links(const struct topology *t, const struct rank *r, uint16_t country,
                        struct rank_row **ret, uint32_t *ret_count);

#endif
