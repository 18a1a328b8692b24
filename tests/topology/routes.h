/* What routing would do in a world: policy-valid best routes, and tables of them as collectors
 * publish (RFC 6396), made by hand. */
#ifndef DETENTE_TESTS_TOPOLOGY_ROUTES_H
#define DETENTE_TESTS_TOPOLOGY_ROUTES_H

#include "base/buf.h"
#include "topology/topology.h"

enum { ROUTES_LONGEST = 64 };

/* Like the Internet in kind: `top` networks that peer with each other; carriers below that buy
 * from some of them and peer among themselves, regional ones below those, and the many that
 * carry nobody.  AS numbers in no order.  The caller frees it. */
struct topology *routes_world(unsigned seed, unsigned networks, unsigned top);

/* Best routes of everybody to one: of customers before of peers before of providers, then the
 * shortest (Gao and Rexford 2001), then by what is arbitrary and stays. */
struct routes {
    const struct topology *t;
    uint32_t *hops; /* of each, TOPOLOGY_NONE: it has no route */
    uint32_t *next; /* of each */
    uint8_t *kind;
};
void routes_init(struct routes *r, const struct topology *t);
void routes_release(struct routes *r);
void routes_to(struct routes *r, uint32_t network);
/* From that network, itself first; AS numbers.  0: no route. */
unsigned routes_path(const struct routes *r, uint32_t from, uint32_t to[ROUTES_LONGEST]);

/* ---- MRT --------------------------------------------------------------------------------- */

void mrt_put_head(struct buf *to, uint32_t when, unsigned type, unsigned subtype, size_t len);
void mrt_put_be(struct buf *to, uint64_t n, unsigned bytes);
/* PEER_INDEX_TABLE of those vantage points. */
void mrt_put_peers(struct buf *to, uint32_t when, const uint32_t *asn, unsigned count);
/* A table: one IPv4 prefix of each network whose index is a multiple of `each`, as the vantage
 * points (indexes) have it; in pieces to flush(), which is called with what is there. */
typedef void routes_flush(void *arg, struct buf *piece);
void routes_write(const struct topology *t, const uint32_t *from, unsigned count, unsigned each,
                  routes_flush *flush, void *arg);

/* ---- what came back ---------------------------------------------------------------------- */

struct agreement {
    unsigned transit;       /* links from provider to customer that were seen, … */
    unsigned transit_right; /* … and told so */
    unsigned turned;        /* … told the other way round */
    unsigned peers;
    unsigned peers_right;
    unsigned told_transit; /* links that were told as transit, right or not */
    unsigned told_peers;
    unsigned top_missing; /* of the clique */
    unsigned top_extra;
    unsigned transit_all; /* in the world, seen or not */
    unsigned peers_all;
};
struct agreement routes_compare(const struct topology *is, const struct topology *told);

#endif
