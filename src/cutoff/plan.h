/* Which new links between peers would help a segment most.
 *
 * A link between peers joins their cones: whoever is a customer of one, by whatever chain, then
 * reaches whoever is one of the other, and nothing else changes.  So what a link brings is
 * exact, and never grows by other links (the sum is submodular): the best link is taken, then
 * the best with that one, each time looking again only at those that may still be best (Minoux
 * 1978).  What it finds is within 63 % of the best choice of as many links (Nemhauser, Wolsey
 * and Fisher 1978).
 *
 * All pairs of networks are tried that count and have no provider in the segment that does: the
 * cone of any other is part of one of theirs, so that its link brings no more.  Pairs are
 * looked at in the order of what they can bring at most, which the sizes of their cones bound.
 *
 * Pairs count as one each, or as the topology weighs them.  Networks of the side that do not
 * count carry, and get no links.  Pure.  Memory: two bits for each pair of networks of the
 * segment, and 32 bytes for each pair of links that was looked at and brings something. */
#ifndef DETENTE_CUTOFF_PLAN_H
#define DETENTE_CUTOFF_PLAN_H

#include "cutoff/net.h"

enum {
    PLAN_NETWORKS = 40000, /* of a segment */
    PLAN_LINKS = 1000,
    PLAN_PAIRS = 1 << 23 /* that are kept at a time */
};

struct links_step {
    uint32_t a; /* networks: indexes in the topology */
    uint32_t b;
    weight gain; /* ordered pairs that reach each other by it */
};

struct links_plan {
    uint32_t networks;
    weight all;     /* pairs there are: of different networks; weighed, those inside one too */
    weight reached; /* … that reach each other before */
    uint32_t steps;
    struct links_step step[PLAN_LINKS];
};

/* At most `links` steps, fewer when nothing more helps.  f: the segment is its side. ERR_LIMIT:
 * it is too large; ERR_NOMEM. */
MUST_USE int links_plan_make(const struct topology *t, const struct net_filter *f,
                             uint32_t links, bool weighed, struct links_plan *ret);

#endif
