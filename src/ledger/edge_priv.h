/* The right edge of a log by tile levels: all that is needed to go on, to sign, and to know
 * every partial tile.  Private to src/ledger. */
#ifndef DETENTE_LEDGER_EDGE_PRIV_H
#define DETENTE_LEDGER_EDGE_PRIV_H

#include "ledger/ledger.h"

struct edge {
    uint64_t size;
    /* Per level the tile that is not full yet: (size >> 8 * level) % 256 hashes of it. */
    struct hash tile[LEDGER_LEVELS][LEDGER_TILE];
};

/* The n of that partial tile. */
static inline uint64_t
edge_tile(const struct edge *e, unsigned level)
{
    return e->size >> (8 * (level + 1));
}

/* Did the last leaf fill the tile of that level?  Its hashes are then still in e->tile. */
static inline bool
edge_filled(const struct edge *e, unsigned level)
{
    return e->size != 0 && (e->size & ((UINT64_C(1) << (8 * (level + 1))) - 1)) == 0;
}

/* Add a leaf, the roots of tiles hashed anew from their 256 hashes. */
void edge_add(struct edge *e, const struct hash *leaf);
/* The same while a frontier grows along, whose node hashes give the tile roots: one node hash
 * a leaf in all.  Both must be of one size. */
void edge_grow(struct edge *e, struct tree_frontier *f, const struct hash *leaf);
/* Root by the tiles alone. */
struct hash edge_root(const struct edge *e);
void edge_frontier(const struct edge *e, struct tree_frontier *ret);

/* From full tiles and tail entries of the storage. */
MUST_USE int edge_recover(const struct ledger_storage *s, uint64_t size, struct edge *ret,
                          struct errinfo *ei);

/* Grow an edge by what the storage holds, entry by entry, comparing every tile that fills.
 * ERR_PROOF: bad is then the first leaf in doubt. */
struct edge_walk {
    const struct ledger_storage *s;
    struct edge *edge;
    struct errinfo *ei;
    uint64_t tiles; /* compared */
    uint64_t bad;
};
/* A tile that filled against the storage's. */
MUST_USE int edge_compare(struct edge_walk *w, unsigned level);
MUST_USE int edge_follow(struct edge_walk *w, uint64_t size);

#endif
