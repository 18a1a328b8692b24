/* What one side of a cut still has: who of it reaches whom, by contracts as they are and when
 * everybody carries everybody, and into which islands it falls.
 *
 * Pairs of networks are ordered, of two different ones; pairs of addresses (or by what else the
 * topology weighs) too, those of one network among them.  Pure; threads as reach.h. */
#ifndef DETENTE_CUTOFF_INSIDE_H
#define DETENTE_CUTOFF_INSIDE_H

#include "cutoff/reach.h"

/* Shares are these over `pairs` and `weights`. */
struct inside {
    uint32_t networks;
    uint64_t pairs;  /* all there are */
    weight weights;  /* … weighed */
    uint64_t strict; /* by policy: valley-free */
    weight strict_weights;
    uint64_t component; /* by any chain of links: emergency transit */
    weight component_weights;
    uint32_t islands; /* that no link joins */
    uint32_t singles; /* … of one network */
    uint32_t largest; /* networks of the largest */
};

/* From sums of all batches of the net of that filter. */
void inside_strict(const struct topology *t, const struct net_filter *f, const struct net *n,
                   const struct reach_sums *s, struct inside *ret);
/* The rest, of networks that count.  ret_island: of each network of the side the lowest index
 * of its island; NULL: not asked for.  ERR_NOMEM. */
MUST_USE int inside_islands(const struct topology *t, const struct net_filter *f,
                            uint32_t *ret_island, struct inside *ret);
/* 0 where there is none. */
double inside_share(weight part, weight all);

#endif
