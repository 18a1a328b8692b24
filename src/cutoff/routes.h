/* Which way traffic goes: of each network the route that it chooses to a destination, when it
 * prefers those by customers to those by peers to those by providers, then the shortest, then
 * the neighbour with the lowest AS number (Gao and Rexford 2001; Gill, Schapira and Goldberg
 * 2011).  What is chosen is exported as reach.h has it.
 *
 * Sixteen destinations at a time, one for each lane of a cache line: routes by customers go up
 * against the order of nodes, those by peers across, those by providers down in it; one pass
 * each.  Of nodes, as net.h has them: a destination is any one of its networks, and another of
 * the same node has the route of two links by what they share.  Pure; any number of threads,
 * each with sums of its own over batches of its own. */
#ifndef DETENTE_CUTOFF_ROUTES_H
#define DETENTE_CUTOFF_ROUTES_H

#include "cutoff/net.h"

enum route_kind { ROUTE_CUSTOMER, ROUTE_PEER, ROUTE_PROVIDER, ROUTE_KINDS /* there is none */ };
enum { ROUTE_LENGTH = 255 /* links; what is longer counts as so long */ };

struct route {
    uint8_t kind; /* enum route_kind; of the destination itself CUSTOMER, with length 0 */
    uint8_t length;
    uint32_t next; /* node; of the destination, and where there is none, TOPOLOGY_NONE */
};

/* What is made once for a net, which must outlive it. */
struct routes;
/* ERR_NOMEM. */
MUST_USE int routes_new(const struct topology *t, const struct net *n, struct routes **ret);
struct routes *routes_free(struct routes *r); /* NULL is fine; gives NULL */

/* The route of every node to that one: ret has room for net.count.  ERR_NOMEM. */
MUST_USE int routes_to(const struct routes *r, uint32_t node, struct route *ret);

/* Over all networks that count as sources and destinations, themselves left out. */
struct routes_sums {
    uint64_t pairs[ROUTE_KINDS][ROUTE_LENGTH + 1];
    uint64_t
        *carried; /* of each node: pairs whose route goes through it; NULL: not asked for */
};
uint32_t routes_batches(const struct routes *r);
/* Adds those of batches from until `until`.  ERR_NOMEM. */
MUST_USE int routes_add(const struct routes *r, uint32_t from, uint32_t until,
                        struct routes_sums *sums);

#endif
