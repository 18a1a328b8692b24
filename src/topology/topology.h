/* The networks of the world and who carries whose traffic: a graph of autonomous systems.
 *
 * Two kinds of links (Gao 2001): a provider sells transit to a customer, or two peers exchange
 * what is theirs and their customers'.  No network is, by whatever chain, a provider of its own
 * provider, so networks have an order with providers before customers; they are numbered in
 * it: an index is the place in that order, and of little meaning to a person.
 *
 * Built once from what was read (build.h), or read from a snapshot (snapshot.h), and never
 * changed; any number of threads may read it.  76,357 networks with 599,342 links take 8 MB. */
#ifndef DETENTE_TOPOLOGY_TOPOLOGY_H
#define DETENTE_TOPOLOGY_TOPOLOGY_H

#include <stdint.h>

#include "base/err.h"
#include "model/event.h"

enum {
    TOPOLOGY_NETWORKS = 1 << 20, /* at most */
    TOPOLOGY_LINKS = 1 << 24,
    TOPOLOGY_CLIQUE = 256,
    TOPOLOGY_STAYS = 1 << 20
};
#define TOPOLOGY_NONE UINT32_MAX

/* Neighbours: of network i, to[at[i]] to to[at[i + 1]], ascending. */
struct topology_list {
    const uint32_t *at; /* count + 1 */
    const uint32_t *to;
};

struct topology {
    uint32_t count;                /* networks */
    uint32_t transit_links;        /* provider to customer */
    uint32_t peer_links;           /* each once */
    const uint32_t *asn;           /* of each, by index */
    const uint16_t *country;       /* where its organisation is registered; COUNTRY_UNKNOWN */
    const uint64_t *addresses;     /* of IPv4, that it originates; 0 where nobody said */
    const uint64_t *prefixes;      /* … of IPv4, each once; 0 where nobody said */
    struct topology_list provider; /* of each, all with a smaller index */
    struct topology_list peer;     /* each link twice: at both ends */
    const uint32_t *by_asn;        /* indexes, ascending by AS number */
    const uint32_t *clique;        /* networks that need no provider: those at the top, that all
                                      peer with each other */
    uint32_t clique_count;
    const uint64_t *stays; /* networks that stay in a country of others: the country in the
                              upper half, the index in the lower one; ascending */
    uint32_t stays_count;
    /* What the simulation weighs a pair by, other than as one: so much of each network as the
     * one that asks, and as the one that answers.  Addresses, unless topology_weigh() said
     * otherwise. */
    const uint64_t *asks;
    const uint64_t *answers;
    void *memory; /* all of it is in here */
};

/* NULL is fine; gives NULL. */
struct topology *topology_free(struct topology *t);
/* Of each network by index, borrowed.  Before other threads use it. */
void topology_weigh(struct topology *t, const uint64_t *asks, const uint64_t *answers);
/* The index of an AS number, or TOPOLOGY_NONE. */
uint32_t topology_find(const struct topology *t, uint32_t asn);
/* Those that stay in that country when it is cut off, as somebody who knows said: *ret_count of
 * them, each to be cut to its lower 32 bits.  Of a country of which nobody said it, none. */
const uint64_t *topology_stays(const struct topology *t, uint16_t country, uint32_t *ret_count);

#endif
