/* Inside the build: links and sayings as they were read. */
#ifndef DETENTE_TOPOLOGY_BUILD_PRIV_H
#define DETENTE_TOPOLOGY_BUILD_PRIV_H

#include "topology/build.h"

enum link_kind { LINK_LOW_SELLS, LINK_HIGH_SELLS, LINK_PEER, LINK_LEFT_OUT };

/* Ends are AS numbers until number(), then places in `asn`. */
struct said_link {
    uint32_t low;
    uint32_t high;
    uint32_t order; /* in which it was said; its first end twice that, the other one more */
    bool turned;    /* the first end is the high one */
    enum link_kind kind;
};

enum said_what { SAID_COUNTRY, SAID_ADDRESSES, SAID_PREFIX, SAID_CLIQUE, SAID_STAYS };
struct saying {
    uint32_t asn;
    enum said_what what;
    uint64_t value;
};

struct build {
    struct said_link *link;
    uint32_t links;
    uint32_t link_room;
    struct saying *said;
    uint32_t sayings;
    uint32_t said_room;
    uint32_t *asn; /* ascending, once numbered */
    uint32_t count;
    struct topology_counts counts;
};

static inline uint32_t
link_seller(const struct said_link *l)
{
    return l->kind == LINK_LOW_SELLS ? l->low : l->high;
}

static inline uint32_t
link_buyer(const struct said_link *l)
{
    return l->kind == LINK_LOW_SELLS ? l->high : l->low;
}

static inline bool
link_sells(const struct said_link *l)
{
    return l->kind == LINK_LOW_SELLS || l->kind == LINK_HIGH_SELLS;
}

/* Place of an AS number, or TOPOLOGY_NONE. */
uint32_t build_find(const struct build *b, uint32_t asn);
/* order.c: of each place its index, providers before customers. */
MUST_USE int build_order(struct build *b, bool break_cycles, uint32_t *ret_index,
                         struct errinfo *ei);
/* lay_out.c */
MUST_USE int build_lay_out(struct build *b, const uint32_t *index, struct topology **ret);

#endif
