/* What annex.c reads and annex_space.c checks. */
#ifndef DETENTE_PACT_ANNEX_PRIV_H
#define DETENTE_PACT_ANNEX_PRIV_H

#include "pact/annex.h"
#include "pact/read_priv.h"

enum { V4, V6, FAMILIES };

/* A list in the order of its addresses, of equal ones the shorter first: whatever overlaps
 * another stands behind it, so that a counterpart's longest lists cost no more than sorting. */
struct place {
    const struct prefix *is;
};

struct sorted {
    struct place *at;
    unsigned count;
};

struct owner {
    struct annex annex;
    struct sorted space[FAMILIES];
    struct arena arena;
};

/* Lists that overlap nothing of their own, space that can be a party's, and what must lie
 * inside it.  Sorts o->space. */
MUST_USE int annex_check_space(struct reader *r, struct owner *o, const struct yaml_node *root);

#endif
