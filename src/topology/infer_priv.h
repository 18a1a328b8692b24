/* Inside inference: what is counted over all hops. */
#ifndef DETENTE_TOPOLOGY_INFER_PRIV_H
#define DETENTE_TOPOLOGY_INFER_PRIV_H

#include "topology/infer.h"

enum label { LABEL_NONE, LABEL_LOW_SELLS, LABEL_HIGH_SELLS, LABEL_PEERS };

struct infer {
    const struct paths *p;
    uint32_t networks;
    uint32_t links;
    uint32_t hops;
    uint8_t *label;      /* of each link */
    uint8_t *between;    /* of each link: 1 its low end, 2 its high end stands between others */
    uint32_t *degree;    /* neighbours of each network */
    uint32_t *transit;   /* … on either side of it where it stands between others */
    uint32_t *by_rank;   /* networks, those of most transit first */
    uint32_t *rank;      /* of each */
    uint32_t *link_at;   /* of each network, where its links begin in … */
    uint32_t *link_list; /* … this */
    uint32_t *hop_at;    /* of each network, where the hops behind it begin in … */
    uint32_t *hop_list;  /* … this: those with two before them */
    uint32_t *below;     /* hops at and behind each */
    uint8_t *state;      /* of each hop: enum hop_state */
    uint8_t *sells;      /* of each hop: it gave away routes of a provider or peer */
    uint8_t *top;        /* of each network: it is of the clique */
    uint8_t *alone;      /* … or as good as that */
    uint32_t *met;       /* of each network: when a search upwards met it last */
    uint32_t *stack;     /* of that search */
    uint32_t searches;
    uint32_t clique[TOPOLOGY_CLIQUE];
    uint32_t members;
    struct infer_counts counts;
};

/* The three networks that end in a hop, for which hop_list has those that are there. */
struct triple {
    uint32_t x;
    uint32_t y;
    uint32_t z;
};
static inline struct triple
infer_triple(const struct infer *f, uint32_t hop)
{
    const struct path_hop *z = paths_hop(f->p, hop);
    const struct path_hop *y = paths_hop(f->p, z->before);

    return (struct triple){paths_hop(f->p, y->before)->network, y->network, z->network};
}
static inline uint32_t
infer_other(const struct infer *f, uint32_t link, uint32_t network)
{
    const struct path_link *l = paths_link(f->p, link);

    return l->low == network ? l->high : l->low;
}

/* infer_count.c: everything that needs no label. */
MUST_USE int infer_prepare(struct infer *f, const struct paths *p);
void infer_release(struct infer *f);
/* infer_top.c: the clique, into f->clique and f->top: the given one, or with count 0 a guess.
 */
MUST_USE int infer_top(struct infer *f, const uint32_t *given, uint32_t count);

#endif
