/* Who buys from whom, from paths of routes: AS-Rank (M. Luckie, B. Huffaker, A. Dhamdhere,
 * V. Giotsas, kc claffy: AS Relationships, Customer Cones, and Validation, IMC 2013) in its
 * main steps; which those are, and how well it does, is said in docs/decisions/0027-mrt.md.
 *
 * What it rests on: a network passes routes of its providers and peers to its customers only.
 * So whoever stands in a path behind two that peer, or behind a customer of the one before it,
 * is a customer. */
#ifndef DETENTE_TOPOLOGY_INFER_H
#define DETENTE_TOPOLOGY_INFER_H

#include "topology/build.h"
#include "topology/paths.h"

struct infer_counts {
    uint32_t clique;   /* networks at the top */
    uint32_t poisoned; /* hops behind one that stands between two of the top: not looked at */
    uint32_t down;     /* links of a customer: told by paths from above, … */
    uint32_t up;       /* … to a larger customer, … */
    uint32_t stub;     /* … of a network that carries nobody and one at the top, … */
    uint32_t lone;     /* … of one that had no provider otherwise */
    uint32_t alone;    /* links of peers that are as good as at the top */
    uint32_t peers;    /* all else */
};

/* Links, and the networks at the top, into the build: no network becomes its own provider by
 * whatever chain.  `top`: AS numbers of the clique, where it is known; with tops 0 it is
 * inferred too.  ERR_NOMEM, ERR_LIMIT.  Time of a few passes over the hops. */
MUST_USE int infer_links(const struct paths *p, const uint32_t *top, uint32_t tops,
                         struct build *b, struct infer_counts *ret);

#endif
