/* What to move home first.
 *
 * A move brings one thing home (a host, a supplier) for all services that use it; where a need
 * has several links, one of them is enough.  A service is gained when all that would stop it
 * before the horizon is at home; what nobody knows must be found out, which counts as a move.
 * A step is the set of moves with most gain (criticality of the services gained) for its cost:
 * a service with several outside links gains nothing before the last has moved, so sets of all
 * that a service still lacks are looked at as well, with every choice of one or two moves, and
 * the cheapest of more.  Greedy: each step is best given those before it, the whole need not
 * be.
 *
 * What a move costs: a service's cost is split evenly over what it lacks, to the hundredth, and
 * a move that several need costs the most that any of them gives; where nobody gives a cost,
 * 1. */
#ifndef DETENTE_DEPEND_PLAN_H
#define DETENTE_DEPEND_PLAN_H

#include "depend/audit.h"

enum { PLAN_MOVES = 1 << 20 };

struct plan_move {
    uint64_t cost;     /* hundredths */
    struct slice what; /* a link, or of the root and of TLDs its name: one server of many will
                          do, and which is not for us to say */
    uint32_t service;  /* the first that uses it */
    uint32_t users;    /* services that lack it */
    uint32_t lead_days;
    uint8_t kind; /* enum depend_kind */
    bool unknown; /* find out where it is */
    bool priced;  /* a service that lacks it has a cost */
};

struct plan_step {
    uint32_t move_at; /* plan.order[from..+moves] */
    uint32_t moves;
    uint32_t services;    /* gained */
    uint32_t lead_days;   /* the longest of its moves' */
    uint64_t criticality; /* gained */
    uint64_t cost;        /* hundredths */
};

struct plan {
    struct plan_move *move;
    uint32_t moves;
    uint32_t *order; /* moves, in the order of steps */
    struct plan_step *step;
    uint32_t steps;
    uint32_t services; /* all */
    uint32_t already;  /* that outlive the horizon as it is */
    uint64_t criticality;
    uint64_t already_criticality;
};

/* horizon: a service is gained when it holds at least until then; DEPEND_NEVER: for good.
 * most: steps at most.  ERR_NOMEM, ERR_LIMIT. */
MUST_USE int plan_make(const struct audit_input *in, const struct audit *a,
                       struct utime horizon, uint32_t most, struct plan *ret);
void plan_release(struct plan *p);
/* What stands ready at home for a move, as its supplier's row has it; "" nobody says. */
struct slice plan_move_alternative(const struct audit_input *in, const struct plan_move *m);
/* … and for a step: as the first supplier of its moves has it, else the
 * first service; "" nobody says. */
struct slice plan_alternative(const struct audit_input *in, const struct plan *p,
                              const struct plan_step *s);

#endif
