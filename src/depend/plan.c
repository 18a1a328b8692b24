#include "depend/plan.h"

#include <stdio.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 wide; /* criticality by cost */

/* Services that lack the same are one group with a weight. */
enum { CHOICES = 16 /* links of one need that are looked at */ };

struct gap {     /* a need that a group lacks */
    uint32_t at; /* planner.option[from..+count]: moves, of which one is enough */
    uint32_t count;
};

struct group {
    uint32_t gap_at;
    uint32_t gaps;
    uint32_t services;
    uint32_t next; /* of the same index move */
    uint64_t criticality;
    bool done;
};

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
    bool *moved;
    uint32_t *index;  /* by move: the first group that is looked up by it */
    uint32_t *bundle; /* that is tried */
    uint32_t bundle_count;
    bool *in_bundle; /* by move */
    struct {
        uint32_t *move;
        uint32_t count;
        uint32_t services;
        uint64_t criticality;
        uint64_t cost;
    } best;
};

static int
grow(void **array, uint32_t *room, uint32_t count, size_t size)
{
    uint32_t more = *room * 2 + 256;
    void *to;

    if (count < *room)
        return 0;
    if (count >= PLAN_MOVES * 8)
        return ERR_LIMIT;
    to = realloc(*array, more * size);
    if (to == NULL)
        return ERR_NOMEM;
    *array = to;
    *room = more;
    return 0;
}

/* ---- what there is to move --------------------------------------------------------------- */

static int
put_move(struct planner *x, const struct need *n, struct slice what, bool unknown,
         uint32_t service, uint32_t *ret)
{
    AUTO_BUF(key, 1 << 16);
    struct plan_move *m;
    int r;

    buf_char(&key, (char)('A' + n->kind));
    buf_slice(&key, what);
    r = buf_error(&key) < 0 ? buf_error(&key) : texts_put(&x->keys, buf_get(&key), ret);
    if (r < 0 || *ret < x->p->moves)
        return r;
    r = grow((void **)&x->p->move, &x->move_room, x->p->moves, sizeof *x->p->move);
    if (r < 0)
        return r;
    m = &x->p->move[x->p->moves++];
    *m = (struct plan_move){
        .what = what, .service = service, .kind = n->kind, .unknown = unknown};
    return 0;
}

/* Servers at home that only copy lack their primary; any other need lacks one of its links. */
static int
put_gap(struct planner *x, const struct need *n, uint32_t service)
{
    struct gap g = {.at = x->options};
    int r = grow((void **)&x->gap, &x->gap_room, x->gaps, sizeof *x->gap);
    uint32_t links = n->primary == FACTS_NONE && n->subject.len == 0 ? n->links : 1;

    for (uint32_t i = 0; r == 0 && i < links && g.count < CHOICES; i++) {
        uint32_t place = n->primary == FACTS_NONE ? x->a->link[n->link_at + i] : n->primary;
        uint32_t move;
        bool twice = false;

        r = put_move(x, n, n->subject.len > 0 ? n->subject : audit_what(x->a, place),
                     x->a->place[place].verdict == VERDICT_UNKNOWN, service, &move);
        for (uint32_t k = 0; r == 0 && k < g.count; k++)
            twice |= x->option[g.at + k] == move;
        if (r < 0 || twice)
            continue;
        r = grow((void **)&x->option, &x->option_room, x->options, sizeof *x->option);
        if (r == 0)
            x->option[x->options++] = move;
        g.count += r == 0;
    }
    if (r == 0)
        x->gap[x->gaps++] = g;
    return r;
}

static void
put_costs(struct planner *x, uint32_t gap_at, const struct service *s)
{
    uint32_t gaps = x->gaps - gap_at;

    for (uint32_t i = gap_at; i < x->gaps; i++) {
        for (uint32_t k = 0; k < x->gap[i].count; k++) {
            struct plan_move *m = &x->p->move[x->option[x->gap[i].at + k]];
            uint64_t share = s->cost / gaps;

            m->users++;
            m->cost = share > m->cost ? share : m->cost;
            m->lead_days = s->lead_days > m->lead_days ? s->lead_days : m->lead_days;
        }
    }
}

/* The group of what was put since gap_at: a new one, or the gaps are taken back. */
static int
put_group(struct planner *x, uint32_t gap_at, uint32_t option_at, const struct service *s)
{
    AUTO_BUF(shape, 1 << 20);
    uint32_t g;
    int r;

    for (uint32_t i = gap_at; i < x->gaps; i++) {
        buf_add(&shape, &x->gap[i].count, sizeof x->gap[i].count);
        buf_add(&shape, x->option + x->gap[i].at, x->gap[i].count * sizeof *x->option);
    }
    r = buf_error(&shape) < 0 ? buf_error(&shape) : texts_put(&x->shapes, buf_get(&shape), &g);
    if (r == 0)
        r = grow((void **)&x->group, &x->group_room, x->groups, sizeof *x->group);
    if (r < 0)
        return r;
    if (g == x->groups) {
        x->group[x->groups++] = (struct group){.gap_at = gap_at, .gaps = x->gaps - gap_at};
    } else {
        x->gaps = gap_at;
        x->options = option_at;
    }
    x->group[g].services++;
    x->group[g].criticality += s->criticality;
    return 0;
}

static int
collect(struct planner *x, struct utime horizon)
{
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < x->a->count; i++) {
        const struct outcome *o = &x->a->outcome[i];
        const struct service *s = &x->in->services->service[i];
        uint32_t gap_at = x->gaps;
        uint32_t option_at = x->options;

        x->p->services++;
        x->p->criticality += s->criticality;
        if (o->least.us >= horizon.us) {
            x->p->already++;
            x->p->already_criticality += s->criticality;
            continue;
        }
        for (uint32_t k = 0; r == 0 && k < o->needs; k++) {
            const struct need *n = &x->a->need[o->need_at + k];

            if (n->least.us < horizon.us)
                r = put_gap(x, n, i);
        }
        if (r < 0 || x->gaps == gap_at)
            continue; /* nothing is known of it: nothing can be moved */
        put_costs(x, gap_at, s);
        r = put_group(x, gap_at, option_at, s);
    }
    for (uint32_t i = 0; i < x->p->moves; i++)
        x->p->move[i].cost = x->p->move[i].cost == 0 ? 100 : x->p->move[i].cost;
    return r;
}

/* ---- steps ------------------------------------------------------------------------------- */

static bool
is_closed(const struct planner *x, const struct gap *g)
{
    for (uint32_t i = 0; i < g->count; i++) {
        uint32_t m = x->option[g->at + i];

        if (x->moved[m] || x->in_bundle[m])
            return true;
    }
    return g->count == 0;
}

/* Each open group stands under the moves of that gap which fewest use: a bundle that gains it
 * has one of them. */
static const struct gap *
rarest(const struct planner *x, const struct group *g)
{
    const struct gap *best = NULL;
    uint64_t least = UINT64_MAX;

    for (uint32_t i = 0; i < g->gaps; i++) {
        const struct gap *gap = &x->gap[g->gap_at + i];
        uint64_t users = 0;

        for (uint32_t k = 0; k < gap->count; k++)
            users += x->p->move[x->option[gap->at + k]].users;
        if (!is_closed(x, gap) && users < least) {
            least = users;
            best = gap;
        }
    }
    return best;
}

/* (group, option) pairs by move: a list for each. */
struct under {
    uint32_t group;
    uint32_t next;
};

struct lists {
    struct under *under;
    uint32_t count;
    uint32_t room;
};

static int
make_lists(struct planner *x, struct lists *l)
{
    l->count = 0;
    for (uint32_t i = 0; i < x->p->moves; i++)
        x->index[i] = UINT32_MAX;
    for (uint32_t i = 0; i < x->groups; i++) {
        const struct gap *gap = x->group[i].done ? NULL : rarest(x, &x->group[i]);

        for (uint32_t k = 0; gap != NULL && k < gap->count; k++) {
            uint32_t m = x->option[gap->at + k];
            int r = grow((void **)&l->under, &l->room, l->count, sizeof *l->under);

            if (r < 0)
                return r;
            l->under[l->count] = (struct under){i, x->index[m]};
            x->index[m] = l->count++;
        }
    }
    return 0;
}

static bool
is_gained(const struct planner *x, const struct group *g)
{
    for (uint32_t i = 0; i < g->gaps; i++) {
        if (!is_closed(x, &x->gap[g->gap_at + i]))
            return false;
    }
    return true;
}

/* What the bundle gains for its cost, against the best so far. */
static void
try_bundle(struct planner *x, const struct lists *l)
{
    uint64_t criticality = 0;
    uint64_t cost = 0;
    uint32_t services = 0;

    for (uint32_t i = 0; i < x->bundle_count; i++)
        x->in_bundle[x->bundle[i]] = true;
    for (uint32_t i = 0; i < x->bundle_count; i++) {
        cost += x->p->move[x->bundle[i]].cost;
        for (uint32_t u = x->index[x->bundle[i]]; u != UINT32_MAX; u = l->under[u].next) {
            struct group *g = &x->group[l->under[u].group];

            if (g->done || !is_gained(x, g))
                continue;
            g->done = true; /* counted: it can stand under two of the bundle */
            criticality += g->criticality;
            services += g->services;
        }
    }
    for (uint32_t i = 0; i < x->bundle_count; i++) {
        for (uint32_t u = x->index[x->bundle[i]]; u != UINT32_MAX; u = l->under[u].next)
            x->group[l->under[u].group].done = false;
        x->in_bundle[x->bundle[i]] = false;
    }
    if (criticality == 0 || (x->best.count > 0 && (wide)criticality * x->best.cost <=
                                                      (wide)x->best.criticality * cost))
        return;
    memcpy(x->best.move, x->bundle, x->bundle_count * sizeof *x->bundle);
    x->best.count = x->bundle_count;
    x->best.services = services;
    x->best.criticality = criticality;
    x->best.cost = cost;
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

static void
try_group(struct planner *x, const struct lists *l, const struct group *g)
{
    const struct gap *open[2] = {NULL, NULL};
    uint32_t count = 0;

    x->bundle_count = 0;
    for (uint32_t i = 0; i < g->gaps; i++) {
        const struct gap *gap = &x->gap[g->gap_at + i];

        if (is_closed(x, gap))
            continue;
        if (count < 2)
            open[count] = gap;
        count++;
        x->bundle[x->bundle_count++] = cheapest(x, gap);
        x->in_bundle[x->bundle[x->bundle_count - 1]] = true; /* may close others too */
    }
    for (uint32_t i = 0; i < x->bundle_count; i++)
        x->in_bundle[x->bundle[i]] = false;
    try_bundle(x, l);
    if (count > 2)
        return;
    for (uint32_t i = 0; count > 0 && i < open[0]->count; i++) {
        x->bundle[0] = x->option[open[0]->at + i];
        x->bundle_count = 1;
        if (count == 1)
            try_bundle(x, l);
        for (uint32_t k = 0; count == 2 && k < open[1]->count; k++) {
            x->bundle[1] = x->option[open[1]->at + k];
            x->bundle_count = x->bundle[1] == x->bundle[0] ? 1 : 2;
            try_bundle(x, l);
        }
    }
}

static void
take_best(struct planner *x, uint32_t *order_count)
{
    struct plan_step *s = &x->p->step[x->p->steps++];

    *s = (struct plan_step){.move_at = *order_count,
                            .moves = x->best.count,
                            .services = x->best.services,
                            .criticality = x->best.criticality,
                            .cost = x->best.cost};
    for (uint32_t i = 0; i < x->best.count; i++) {
        const struct plan_move *m = &x->p->move[x->best.move[i]];

        s->lead_days = m->lead_days > s->lead_days ? m->lead_days : s->lead_days;
        x->moved[x->best.move[i]] = true;
        x->p->order[(*order_count)++] = x->best.move[i];
    }
    for (uint32_t i = 0; i < x->groups; i++) {
        if (!x->group[i].done && is_gained(x, &x->group[i]))
            x->group[i].done = true;
    }
}

static int
make_steps(struct planner *x, uint32_t most)
{
    struct lists l = {0};
    uint32_t ordered = 0;
    int r = 0;

    while (r == 0 && x->p->steps < most) {
        r = make_lists(x, &l);
        x->best.count = 0;
        for (uint32_t i = 0; r == 0 && i < x->groups; i++) {
            if (!x->group[i].done)
                try_group(x, &l, &x->group[i]);
        }
        if (r < 0 || x->best.count == 0)
            break;
        take_best(x, &ordered);
    }
    free(l.under);
    return r;
}

static int
make_room(struct planner *x, uint32_t most)
{
    size_t n = (size_t)x->p->moves + 1;
    size_t steps = most < x->groups ? most : x->groups;

    x->moved = calloc(n, sizeof *x->moved);
    x->in_bundle = calloc(n, sizeof *x->in_bundle);
    x->index = calloc(n, sizeof *x->index);
    x->bundle = calloc((size_t)x->gaps + 2, sizeof *x->bundle);
    x->best.move = calloc((size_t)x->gaps + 2, sizeof *x->best.move);
    x->p->order = calloc(n, sizeof *x->p->order);
    x->p->step = calloc(steps + 1, sizeof *x->p->step);
    return x->moved == NULL || x->in_bundle == NULL || x->index == NULL || x->bundle == NULL ||
                   x->best.move == NULL || x->p->order == NULL || x->p->step == NULL
               ? ERR_NOMEM
               : 0;
}

int
plan_make(const struct audit_input *in, const struct audit *a, struct utime horizon,
          uint32_t most, struct plan *ret)
{
    struct planner x = {.in = in, .a = a, .p = ret};
    int r;

    *ret = (struct plan){0};
    texts_init(&x.keys, in->facts->names.secret);
    texts_init(&x.shapes, in->facts->names.secret);
    r = collect(&x, horizon);
    if (r == 0)
        r = make_room(&x, most);
    if (r == 0)
        r = make_steps(&x, most < x.groups ? most : x.groups);
    texts_release(&x.keys);
    texts_release(&x.shapes);
    free(x.gap);
    free(x.option);
    free(x.group);
    free(x.moved);
    free(x.in_bundle);
    free(x.index);
    free(x.bundle);
    free(x.best.move);
    if (r < 0)
        plan_release(ret);
    return r;
}

void
plan_release(struct plan *p)
{
    free(p->move);
    free(p->order);
    free(p->step);
    *p = (struct plan){0};
}
