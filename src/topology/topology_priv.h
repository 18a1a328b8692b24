/* Inside topology: its arrays, while they are written. */
#ifndef DETENTE_TOPOLOGY_TOPOLOGY_PRIV_H
#define DETENTE_TOPOLOGY_TOPOLOGY_PRIV_H

#include <stddef.h>

#include "topology/topology.h"

struct topology_room {
    uint64_t *addresses;
    uint64_t *prefixes;
    uint64_t *stays;
    uint32_t *asn;
    uint32_t *by_asn;
    uint32_t *provider_at;
    uint32_t *provider;
    uint32_t *peer_at;
    uint32_t *peer;
    uint32_t *clique;
    uint16_t *country;
};

/* Zeroed, with all arrays of that size; the clique's has room for TOPOLOGY_CLIQUE. */
MUST_USE int topology_make(uint32_t count, uint32_t transit_links, uint32_t peer_links,
                           uint32_t stays, struct topology **ret, struct topology_room *room);

#endif
