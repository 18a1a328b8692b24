#include "cutoff/plan.h"

#include <stdlib.h>
#include <string.h>

/* The segment by itself: networks in order, and rows of a bit for each. */
struct segment {
    const struct topology *t;
    const struct net_filter *f;
    uint32_t count;
    uint32_t *network; /* of each place: index in the topology, ascending */
    uint32_t *place;   /* and back */
    uint32_t words;    /* of a row */
    uint64_t *cone;    /* of each: its customers by whatever chain, and itself */
    uint64_t *reach;
    uint32_t tried;
    uint32_t *best; /* places of the largest cones */
    uint32_t *miss; /* of each of them and each place: how many of its cone that one misses */
};

static uint64_t *
row(uint64_t *matrix, const struct segment *s, uint32_t place)
{
    return matrix + (size_t)place * s->words;
}

static void
add_row(const struct segment *s, uint64_t *to, const uint64_t *from)
{
    for (uint32_t i = 0; i < s->words; i++)
        to[i] |= from[i];
}

static bool
has(const uint64_t *r, uint32_t bit)
{
    return (r[bit / 64] >> (bit % 64) & 1) != 0;
}

static uint32_t
ones(const struct segment *s, const uint64_t *r)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->words; i++)
        n += (uint32_t)__builtin_popcountll(r[i]);
    return n;
}

static uint32_t
missed(const struct segment *s, const uint64_t *cone, const uint64_t *reach)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->words; i++)
        n += (uint32_t)__builtin_popcountll(cone[i] & ~reach[i]);
    return n;
}

/* ---- the segment ------------------------------------------------------------------------- */

static bool
is_in(const struct net_filter *f, uint32_t network)
{
    return (f->side == NULL || f->side[network] == f->keep) &&
           (f->counts == NULL || f->counts[network] != 0);
}

static int
begin(struct segment *s)
{
    size_t n = (size_t)s->t->count + 1;

    s->network = malloc(n * sizeof *s->network);
    s->place = malloc(n * sizeof *s->place);
    if (s->network == NULL || s->place == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < s->t->count; i++) {
        s->place[i] = TOPOLOGY_NONE;
        if (!is_in(s->f, i))
            continue;
        s->place[i] = s->count;
        s->network[s->count++] = i;
    }
    if (s->count > PLAN_NETWORKS)
        return ERR_LIMIT;
    s->words = (s->count + 63) / 64;
    s->tried = s->count < PLAN_TRIED ? s->count : PLAN_TRIED;
    n = (size_t)s->count * s->words + 1;
    s->cone = calloc(n, sizeof *s->cone);
    s->reach = calloc(n, sizeof *s->reach);
    s->best = malloc(((size_t)s->count + 1) * sizeof *s->best);
    s->miss = malloc(((size_t)s->tried * s->count + 1) * sizeof *s->miss);
    return s->cone == NULL || s->reach == NULL || s->best == NULL || s->miss == NULL ? ERR_NOMEM
                                                                                     : 0;
}

static void
release(struct segment *s)
{
    free(s->network);
    free(s->place);
    free(s->cone);
    free(s->reach);
    free(s->best);
    free(s->miss);
}

/* The next neighbour of the segment's in a list. */
static uint32_t
next(const struct segment *s, const struct topology_list *l, uint32_t place, uint32_t *at)
{
    uint32_t other;

    do
        other = net_next(s->f, l, s->network[place], at);
    while (other != TOPOLOGY_NONE && s->place[other] == TOPOLOGY_NONE);
    return other == TOPOLOGY_NONE ? other : s->place[other];
}

static void
add_neighbours(const struct segment *s, const struct topology_list *l, uint32_t place,
               uint64_t *from)
{
    uint32_t at = l->at[s->network[place]];
    uint32_t other;

    while ((other = next(s, l, place, &at)) != TOPOLOGY_NONE)
        add_row(s, row(s->reach, s, place), row(from, s, other));
}

/* Cones against the order, ways in it. */
static void
walk(struct segment *s)
{
    for (uint32_t i = s->count; i-- > 0;) {
        uint32_t at = s->t->provider.at[s->network[i]];
        uint64_t *own = row(s->cone, s, i);
        uint32_t p;

        own[i / 64] |= UINT64_C(1) << (i % 64);
        while ((p = next(s, &s->t->provider, i, &at)) != TOPOLOGY_NONE)
            add_row(s, row(s->cone, s, p), own);
    }
    for (uint32_t i = 0; i < s->count; i++) {
        add_row(s, row(s->reach, s, i), row(s->cone, s, i));
        add_neighbours(s, &s->t->peer, i, s->cone);
        add_neighbours(s, &s->t->provider, i, s->reach);
    }
}

struct sized {
    uint32_t place;
    uint32_t size;
};

static int
compare_sized(const void *a, const void *b)
{
    const struct sized *x = a;
    const struct sized *y = b;

    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static int
find_best(struct segment *s)
{
    struct sized *list = malloc(((size_t)s->count + 1) * sizeof *list);

    if (list == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < s->count; i++)
        list[i] = (struct sized){i, ones(s, row(s->cone, s, i))};
    if (s->count > 0)
        qsort(list, s->count, sizeof *list, compare_sized);
    for (uint32_t i = 0; i < s->tried && i < s->count; i++)
        s->best[i] = list[i].place;
    free(list);
    for (uint32_t v = 0; v < s->tried; v++) {
        for (uint32_t i = 0; i < s->count; i++)
            s->miss[(size_t)v * s->count + i] =
                missed(s, row(s->cone, s, s->best[v]), row(s->reach, s, i));
    }
    return 0;
}

/* ---- links ------------------------------------------------------------------------------- */

struct candidate {
    uint32_t gain; /* one way; as it was in that round, and no more than that now */
    uint32_t round;
    uint16_t a; /* of the best */
    uint16_t b;
};

/* What the cone of a misses of b's. */
static uint32_t
gain_of(const struct segment *s, uint32_t a, uint32_t b, bool fresh)
{
    const uint64_t *cone = row(s->cone, s, s->best[a]);
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->count; i++) {
        if (has(cone, i))
            n += fresh ? missed(s, row(s->cone, s, s->best[b]), row(s->reach, s, i))
                       : s->miss[(size_t)b * s->count + i];
    }
    return n;
}

/* The most first, then as they stand in the order of the best. */
static bool
is_before(const struct candidate *x, const struct candidate *y)
{
    if (x->gain != y->gain)
        return x->gain > y->gain;
    return x->a != y->a ? x->a < y->a : x->b < y->b;
}

/* A heap with the best on top. */
static void
sink(struct candidate *heap, uint32_t count, uint32_t at)
{
    for (;;) {
        uint32_t child = at * 2 + 1;
        struct candidate kept = heap[at];

        if (child >= count)
            return;
        if (child + 1 < count && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &heap[at]))
            return;
        heap[at] = heap[child];
        heap[child] = kept;
        at = child;
    }
}

static uint32_t
make_heap(const struct segment *s, struct candidate *heap)
{
    uint32_t count = 0;

    for (uint32_t a = 0; a < s->tried; a++) {
        for (uint32_t b = a + 1; b < s->tried; b++) {
            uint32_t gain = gain_of(s, a, b, false);

            if (gain > 0)
                heap[count++] = (struct candidate){gain, 0, (uint16_t)a, (uint16_t)b};
        }
    }
    for (uint32_t i = count / 2; i-- > 0;)
        sink(heap, count, i);
    return count;
}

static void
put_link(struct segment *s, uint32_t a, uint32_t b)
{
    const uint64_t *x = row(s->cone, s, s->best[a]);
    const uint64_t *y = row(s->cone, s, s->best[b]);

    for (uint32_t i = 0; i < s->count; i++) {
        if (has(x, i))
            add_row(s, row(s->reach, s, i), y);
        if (has(y, i))
            add_row(s, row(s->reach, s, i), x);
    }
}

static void
choose(struct segment *s, struct candidate *heap, uint32_t count, uint32_t links,
       struct links_plan *ret)
{
    uint32_t round = 0;

    while (count > 0 && round < links && heap[0].gain > 0) {
        struct candidate *top = &heap[0];

        if (top->round != round) {
            top->gain = gain_of(s, top->a, top->b, true);
            top->round = round;
            sink(heap, count, 0);
            continue;
        }
        ret->step[round++] = (struct links_step){
            s->network[s->best[top->a]], s->network[s->best[top->b]], (uint64_t)top->gain * 2};
        put_link(s, top->a, top->b);
        heap[0] = heap[--count];
        sink(heap, count, 0);
    }
    ret->steps = round;
}

int
links_plan_make(const struct topology *t, const struct net_filter *f, uint32_t links,
                struct links_plan *ret)
{
    struct segment s = {.t = t, .f = f};
    struct candidate *heap = NULL;
    int r = begin(&s);

    memset(ret, 0, sizeof *ret);
    if (r == 0) {
        walk(&s);
        r = find_best(&s);
    }
    if (r == 0) {
        heap = malloc(((size_t)s.tried * s.tried + 1) * sizeof *heap);
        r = heap == NULL ? ERR_NOMEM : 0;
    }
    ret->networks = s.count;
    for (uint32_t i = 0; r == 0 && i < s.count; i++)
        ret->pairs += ones(&s, row(s.reach, &s, i)) - 1;
    if (r == 0)
        choose(&s, heap, make_heap(&s, heap), links < PLAN_LINKS ? links : PLAN_LINKS, ret);
    free(heap);
    release(&s);
    return r;
}
