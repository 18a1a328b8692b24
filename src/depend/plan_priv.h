/* Inside a plan: what services lack, in groups of those that lack the same. */
#ifndef DETENTE_DEPEND_PLAN_PRIV_H
#define DETENTE_DEPEND_PLAN_PRIV_H

#include "depend/plan.h"

struct gap {     /* a need that a group lacks */
    uint32_t at; /* planner.option[from..+count]: moves, of which one is enough */
    uint32_t count;
};

/* Moves and what they gain. */
struct bundle {
    uint32_t *move;
    uint32_t count;
    uint32_t services;
    uint64_t criticality;
    uint64_t cost;
};

struct group {
    struct bundle
        best; /* that gains it, as it was last looked at; room for a move of each gap */
    uint32_t gap_at;
    uint32_t gaps;
    uint32_t services;
    uint32_t under; /* the gap by whose moves it is found; PLAN_NONE */
    uint64_t criticality;
    bool done;
    bool stale; /* best is to be looked for anew */
};
#define PLAN_NONE UINT32_MAX

struct planner {
    const struct audit_input *in;
    const struct audit *a;
    struct plan *p;
    struct texts keys;   /* of moves: kind and text */
    struct texts shapes; /* of groups: their gaps */
    struct gap *gap;
    uint32_t gaps;
    uint32_t gap_room;
    uint32_t *option;
    uint32_t options;
    uint32_t option_room;
    struct group *group;
    uint32_t groups;
    uint32_t group_room;
    uint32_t move_room;
};

/* Steps, at most so many, into x->p.  ERR_NOMEM, ERR_LIMIT. */
MUST_USE int plan_steps(struct planner *x, uint32_t most);
/* Room for one element more. */
MUST_USE int plan_grow(void **array, uint32_t *room, uint32_t count, size_t size);

#endif
