/* The steps of a plan.
 *
 * Of each group the best set that gains it is kept, and looked for anew only when what was
 * moved can have changed it: when a gap of its own closed, or when a group that its set gains
 * too can have changed.  A set gains a group only if it has a move of each of its open gaps, so
 * a group is found by the moves of one of them: that which fewest use. */
#include <stdlib.h>

#include "depend/plan_priv.h"

__extension__ typedef unsigned __int128 wide; /* criticality by cost */

struct under {
    uint32_t group;
    uint32_t next;
};

struct stepper {
    struct planner *x;
    bool *moved;         /* by move */
    bool *tried;         /* by move: it is in the set that is tried */
    uint32_t *first;     /* by move: of `under`; PLAN_NONE */
    struct under *under; /* groups by moves; of some that are found by others meanwhile */
    uint32_t unders;
    uint32_t under_room;
    uint32_t *member_at; /* by move: groups with a gap that it closes, in member[] */
    uint32_t *member;
    uint32_t *choice; /* a set that is tried; room for a move of each gap of a group */
    uint32_t choices;
    uint32_t *room; /* of all groups' sets */
};

static bool
is_closed(const struct stepper *s, const struct gap *g)
{
    for (uint32_t i = 0; i < g->count; i++) {
        uint32_t m = s->x->option[g->at + i];

        if (s->moved[m] || s->tried[m])
            return true;
    }
    return g->count == 0;
}

static bool
is_gained(const struct stepper *s, const struct group *g)
{
    for (uint32_t i = 0; i < g->gaps; i++) {
        if (!is_closed(s, &s->x->gap[g->gap_at + i]))
            return false;
    }
    return true;
}

static uint64_t
users_of(const struct planner *x, const struct gap *g)
{
    uint64_t users = 0;

    for (uint32_t i = 0; i < g->count; i++)
        users += x->p->move[x->option[g->at + i]].users;
    return users;
}

/* Find a group by its open gap that fewest use. */
static int
put_under(struct stepper *s, uint32_t group)
{
    struct group *g = &s->x->group[group];
    uint32_t best = PLAN_NONE;
    uint64_t least = UINT64_MAX;

    for (uint32_t i = g->gap_at; i < g->gap_at + g->gaps; i++) {
        uint64_t users = users_of(s->x, &s->x->gap[i]);

        if (users < least && !is_closed(s, &s->x->gap[i])) {
            least = users;
            best = i;
        }
    }
    if (best == g->under)
        return 0;
    g->under = best;
    for (uint32_t k = 0; best != PLAN_NONE && k < s->x->gap[best].count; k++) {
        uint32_t m = s->x->option[s->x->gap[best].at + k];
        int r = plan_grow((void **)&s->under, &s->under_room, s->unders, sizeof *s->under);

        if (r < 0)
            return r;
        s->under[s->unders] = (struct under){group, s->first[m]};
        s->first[m] = s->unders++;
    }
    return 0;
}

/* ---- sets -------------------------------------------------------------------------------- */

static bool
is_better(uint64_t criticality, uint64_t cost, const struct bundle *than)
{
    return criticality > 0 && (than->count == 0 ||
                               (wide)criticality * than->cost > (wide)than->criticality * cost);
}

/* What a set gains for its cost, against the best so far. */
static void
try_choice(struct stepper *s, struct bundle *best)
{
    uint64_t criticality = 0;
    uint64_t cost = 0;
    uint32_t services = 0;

    for (uint32_t i = 0; i < s->choices; i++)
        s->tried[s->choice[i]] = true;
    for (uint32_t i = 0; i < s->choices; i++) {
        cost += s->x->p->move[s->choice[i]].cost;
        for (uint32_t u = s->first[s->choice[i]]; u != PLAN_NONE; u = s->under[u].next) {
            struct group *g = &s->x->group[s->under[u].group];

            if (g->done || !is_gained(s, g))
                continue;
            g->done = true; /* counted: it can be found more than once */
            criticality += g->criticality;
            services += g->services;
        }
    }
    for (uint32_t i = 0; i < s->choices; i++) {
        for (uint32_t u = s->first[s->choice[i]]; u != PLAN_NONE; u = s->under[u].next) {
            struct group *g = &s->x->group[s->under[u].group];

            g->done = g->under == PLAN_NONE; /* as it was: those that are done have no gap */
        }
        s->tried[s->choice[i]] = false;
    }
    if (!is_better(criticality, cost, best))
        return;
    memcpy(best->move, s->choice, s->choices * sizeof *s->choice);
    best->count = s->choices;
    best->services = services;
    best->criticality = criticality;
    best->cost = cost;
}

/* The cheapest of a gap's moves, of equal ones that which most use. */
static uint32_t
cheapest(const struct planner *x, const struct gap *g)
{
    uint32_t best = x->option[g->at];

    for (uint32_t i = 1; i < g->count; i++) {
        const struct plan_move *m = &x->p->move[x->option[g->at + i]];
        const struct plan_move *b = &x->p->move[best];

        if (m->cost < b->cost || (m->cost == b->cost && m->users > b->users))
            best = x->option[g->at + i];
    }
    return best;
}

/* Its open gaps by the cheapest move of each; how many there are, the first two of them. */
static uint32_t
choose_cheapest(struct stepper *s, const struct group *g, const struct gap *open[2])
{
    uint32_t count = 0;

    s->choices = 0;
    for (uint32_t i = 0; i < g->gaps; i++) {
        const struct gap *gap = &s->x->gap[g->gap_at + i];

        if (is_closed(s, gap))
            continue;
        if (count < 2)
            open[count] = gap;
        count++;
        s->choice[s->choices++] = cheapest(s->x, gap);
        s->tried[s->choice[s->choices - 1]] = true; /* it may close others too */
    }
    for (uint32_t i = 0; i < s->choices; i++)
        s->tried[s->choice[i]] = false;
    return count;
}

static void
find_best(struct stepper *s, struct group *g)
{
    const struct gap *open[2] = {NULL, NULL};
    uint32_t count;

    g->stale = false;
    g->best.count = 0;
    count = choose_cheapest(s, g, open);
    try_choice(s, &g->best);
    for (uint32_t i = 0; open[0] != NULL && count <= 2 && i < open[0]->count; i++) {
        s->choice[0] = s->x->option[open[0]->at + i];
        s->choices = 1;
        if (count == 1)
            try_choice(s, &g->best);
        for (uint32_t k = 0; open[1] != NULL && k < open[1]->count; k++) {
            s->choice[1] = s->x->option[open[1]->at + k];
            s->choices = s->choice[1] == s->choice[0] ? 1 : 2;
            try_choice(s, &g->best);
        }
    }
}

/* ---- steps ------------------------------------------------------------------------------- */

/* Whoever has a move of that gap may gain, or not gain any more, the group that is found by it.
 */
static void
make_stale(struct stepper *s, uint32_t gap)
{
    const struct gap *g = gap == PLAN_NONE ? NULL : &s->x->gap[gap];

    for (uint32_t i = 0; g != NULL && i < g->count; i++) {
        uint32_t m = s->x->option[g->at + i];

        for (uint32_t k = s->member_at[m]; k < s->member_at[m + 1]; k++)
            s->x->group[s->member[k]].stale = true;
    }
}

/* What was moved last closes gaps of these. */
static int
touch(struct stepper *s, const struct bundle *b)
{
    int r = 0;

    for (uint32_t i = 0; i < b->count; i++) {
        uint32_t m = b->move[i];

        for (uint32_t k = s->member_at[m]; r == 0 && k < s->member_at[m + 1]; k++) {
            struct group *g = &s->x->group[s->member[k]];

            if (g->done)
                continue;
            g->stale = true;
            make_stale(s, g->under);
            r = put_under(s, s->member[k]);
            make_stale(s, g->under);
            g->done = g->under == PLAN_NONE;
        }
    }
    return r;
}

static int
take(struct stepper *s, const struct bundle *b, uint32_t *ordered)
{
    struct plan *p = s->x->p;
    struct plan_step *step = &p->step[p->steps++];

    *step = (struct plan_step){.move_at = *ordered,
                               .moves = b->count,
                               .services = b->services,
                               .criticality = b->criticality,
                               .cost = b->cost};
    for (uint32_t i = 0; i < b->count; i++) {
        const struct plan_move *m = &p->move[b->move[i]];

        step->lead_days = m->lead_days > step->lead_days ? m->lead_days : step->lead_days;
        s->moved[b->move[i]] = true;
        p->order[(*ordered)++] = b->move[i];
    }
    return touch(s, b);
}

static int
make_steps(struct stepper *s, uint32_t most)
{
    uint32_t ordered = 0;
    int r = 0;

    while (r == 0 && s->x->p->steps < most) {
        const struct bundle *best = NULL;

        for (uint32_t i = 0; i < s->x->groups; i++) {
            struct group *g = &s->x->group[i];

            if (g->done)
                continue;
            if (g->stale)
                find_best(s, g);
            if (g->best.count > 0 &&
                (best == NULL || is_better(g->best.criticality, g->best.cost, best)))
                best = &g->best;
        }
        if (best == NULL)
            break;
        r = take(s, best, &ordered);
    }
    return r;
}

/* ---- room -------------------------------------------------------------------------------- */

static void
put_members(struct stepper *s)
{
    struct planner *x = s->x;

    for (uint32_t i = 0; i < x->options; i++)
        s->member_at[x->option[i] + 2]++;
    for (uint32_t m = 2; m < x->p->moves + 2; m++)
        s->member_at[m] += s->member_at[m - 1];
    for (uint32_t i = 0; i < x->groups; i++) {
        for (uint32_t k = x->group[i].gap_at; k < x->group[i].gap_at + x->group[i].gaps; k++) {
            for (uint32_t o = 0; o < x->gap[k].count; o++)
                s->member[s->member_at[x->option[x->gap[k].at + o] + 1]++] = i;
        }
    }
}

static int
make_room(struct stepper *s, uint32_t most)
{
    struct planner *x = s->x;
    size_t n = (size_t)x->p->moves + 3;

    s->moved = calloc(n, sizeof *s->moved);
    s->tried = calloc(n, sizeof *s->tried);
    s->first = malloc(n * sizeof *s->first);
    s->member_at = calloc(n, sizeof *s->member_at);
    s->member = calloc((size_t)x->options + 1, sizeof *s->member);
    s->choice = calloc((size_t)x->gaps + 2, sizeof *s->choice);
    s->room = calloc((size_t)x->gaps + 1, sizeof *s->room);
    x->p->order = calloc(n, sizeof *x->p->order);
    x->p->step = calloc((size_t)most + 1, sizeof *x->p->step);
    if (s->moved == NULL || s->tried == NULL || s->first == NULL || s->member_at == NULL ||
        s->member == NULL || s->choice == NULL || s->room == NULL || x->p->order == NULL ||
        x->p->step == NULL)
        return ERR_NOMEM;
    memset(s->first, 0xff, n * sizeof *s->first);
    return 0;
}

int
plan_steps(struct planner *x, uint32_t most)
{
    struct stepper s = {.x = x};
    int r = make_room(&s, most);

    if (r == 0)
        put_members(&s);
    for (uint32_t i = 0; r == 0 && i < x->groups; i++) {
        x->group[i].best.move = s.room + x->group[i].gap_at;
        x->group[i].stale = true;
        x->group[i].under = PLAN_NONE;
        r = put_under(&s, i);
    }
    if (r == 0)
        r = make_steps(&s, most);
    free(s.moved);
    free(s.tried);
    free(s.first);
    free(s.under);
    free(s.member_at);
    free(s.member);
    free(s.choice);
    free(s.room);
    return r;
}
