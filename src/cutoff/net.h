/* A part of the world as the simulation walks it: some networks, and the links between them.
 *
 * Networks that no policy can tell apart are one node: those without customers that buy from
 * the same providers (at least one) and have the same peers.  Each reaches what the others
 * reach, is reached by whoever reaches them, and they reach each other through what they share;
 * a third of the world's networks go that way.
 *
 * Nodes that have customers come first, providers before customers, then those without, grouped
 * by how many networks they are.  Whom the hub (the network with most customers) cannot reach
 * stands at both ends: first of those with customers, last of those without.  Between lie the
 * many that whoever is well connected reaches all of, so that nothing more need be looked for.
 */
#ifndef DETENTE_CUTOFF_NET_H
#define DETENTE_CUTOFF_NET_H

#include <stdbool.h>

#include "base/err.h"
#include "topology/topology.h"

/* Sums over pairs, as they are weighed. */
__extension__ typedef unsigned __int128 weight;
/* For people: pairs of IPv4 addresses are no more than that, nor is what services they reach.
 */
static inline uint64_t
weight_u64(weight w)
{
    return w > UINT64_MAX ? UINT64_MAX : (uint64_t)w;
}

struct net {
    uint32_t count;    /* nodes */
    uint32_t transit;  /* … of them with customers: the first */
    uint32_t networks; /* that the nodes are, of those that count */
    uint32_t *many;    /* how many networks that count a node is */
    uint64_t *weights; /* … and what they weigh when they answer */
    uint32_t *first;   /* one of its networks: index in the topology */
    uint32_t *node;    /* of each network of the topology: its node, or TOPOLOGY_NONE */
    struct topology_list provider;
    struct topology_list peer; /* that have customers */
    struct topology_list leaf; /* of nodes without customers: peers that have none either */
    void *memory;
};

/* What stays: networks of one side, and links that are not cut.  Networks of the side that do
 * not count carry others and are no destinations. */
struct net_filter {
    const uint8_t *counts; /* of each network; NULL: all count */
    const uint8_t *side;   /* of each network of the topology; NULL: all are on side 0 */
    uint8_t keep;          /* networks of that side */
    const uint64_t *cut;   /* links that are cut: net_link() of their ends, ascending */
    uint32_t cuts;
};
static inline uint64_t
net_link(uint32_t a, uint32_t b)
{
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

/* The next neighbour that is here and not cut off, in a list of that network; *at begins as its
 * place in the list.  TOPOLOGY_NONE at the end. */
uint32_t net_next(const struct net_filter *f, const struct topology_list *l, uint32_t network,
                  uint32_t *at);

/* ERR_NOMEM.  Time of a sort of the nodes without customers. */
MUST_USE int net_make(const struct topology *t, const struct net_filter *f, struct net **ret);
struct net *net_free(struct net *n); /* NULL is fine; gives NULL */

#endif
