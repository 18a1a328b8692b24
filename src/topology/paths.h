/* Paths of routes, each once, for what they tell of links.
 *
 * They are kept as a forest: a hop is a network behind another hop, and the first hop of a path
 * has none before it.  Paths from one vantage point are nearly a tree, so that most hops are
 * the end of a path; one takes about 20 bytes.  A hop has a higher number than the hop before
 * it. */
#ifndef DETENTE_TOPOLOGY_PATHS_H
#define DETENTE_TOPOLOGY_PATHS_H

#include <stdbool.h>

#include "base/map.h"
#include "topology/topology.h"

enum { PATHS_HOPS = 1 << 25 /* at most: 0.7 GB */, PATHS_LINKS = TOPOLOGY_LINKS };
#define PATHS_NONE UINT32_MAX

struct path_hop {
    uint32_t before;  /* hop, or PATHS_NONE */
    uint32_t network; /* number */
};
struct path_link {
    uint32_t low; /* numbers of networks, as they were met */
    uint32_t high;
};

struct paths {
    struct map network; /* AS number: number, as they were met */
    struct map link;    /* struct path_link */
    struct map hop;     /* struct path_hop */
    uint32_t *link_of;  /* of each hop to the hop before it; PATHS_NONE at the first */
    uint32_t room;      /* of link_of */
    uint32_t roots;     /* vantage points */
    uint64_t paths;     /* that were given, and … */
    uint64_t differing; /* … that no earlier path has as its beginning */
};

void paths_init(struct paths *p);
void paths_release(struct paths *p);
/* hops at least 1, no network twice.  ERR_LIMIT, ERR_NOMEM. */
MUST_USE int paths_add(struct paths *p, const uint32_t *asn, unsigned hops);

static inline uint32_t
paths_asn(const struct paths *p, uint32_t network)
{
    return *(const uint32_t *)map_key(&p->network, network);
}
static inline const struct path_hop *
paths_hop(const struct paths *p, uint32_t hop)
{
    return map_key(&p->hop, hop);
}
static inline const struct path_link *
paths_link(const struct paths *p, uint32_t link)
{
    return map_key(&p->link, link);
}

#endif
