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
    uint64_t *asks;    /* of each place; NULL: each is one */
    uint64_t *answers; /* … the same array where both are the same */
    uint64_t *cone;    /* of each: its customers by whatever chain, and itself */
    uint64_t *reach;
    uint32_t tried;
    uint32_t *best; /* places of the largest cones */
    /* Of each of them and each place: what of its cone that one misses, as it answers and,
     * where that is something else, as it asks. */
    uint64_t *miss;
    uint64_t *miss_asks;
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

/* Of the places from `first` whose bit is set; weights NULL: each is one. */
static uint64_t
sum_word(uint64_t bits, uint32_t first, const uint64_t *weights)
{
    uint64_t n = 0;

    if (weights == NULL)
        return (uint64_t)__builtin_popcountll(bits);
    for (; bits != 0; bits &= bits - 1)
        n += weights[first + (uint32_t)__builtin_ctzll(bits)];
    return n;
}

static uint64_t
missed(const struct segment *s, const uint64_t *cone, const uint64_t *reach,
       const uint64_t *weights)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < s->words; i++)
        n += sum_word(cone[i] & ~reach[i], i * 64, weights);
    return n;
}

static uint64_t
weight_of(const uint64_t *weights, uint32_t place)
{
    return weights == NULL ? 1 : weights[place];
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
    return s->cone == NULL || s->reach == NULL || s->best == NULL ? ERR_NOMEM : 0;
}

static int
copy_weights(const struct segment *s, const uint64_t *of, uint64_t **to)
{
    *to = malloc(((size_t)s->count + 1) * sizeof **to);
    for (uint32_t i = 0; *to != NULL && i < s->count; i++)
        (*to)[i] = of[s->network[i]];
    return *to == NULL ? ERR_NOMEM : 0;
}

static int
begin_weights(struct segment *s, bool weighed)
{
    bool two = weighed && s->t->asks != s->t->answers;
    size_t n = (size_t)s->tried * s->count + 1;
    int r = weighed ? copy_weights(s, s->t->answers, &s->answers) : 0;

    s->asks = s->answers;
    if (r == 0 && two)
        r = copy_weights(s, s->t->asks, &s->asks);
    s->miss = malloc(n * sizeof *s->miss);
    s->miss_asks = two ? malloc(n * sizeof *s->miss_asks) : s->miss;
    return r < 0 || s->miss == NULL || s->miss_asks == NULL ? ERR_NOMEM : 0;
}

static void
release(struct segment *s)
{
    free(s->network);
    free(s->place);
    free(s->cone);
    free(s->reach);
    free(s->best);
    if (s->miss_asks != s->miss)
        free(s->miss_asks);
    free(s->miss);
    if (s->asks != s->answers)
        free(s->asks);
    free(s->answers);
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
        const uint64_t *cone = row(s->cone, s, s->best[v]);
        size_t at = (size_t)v * s->count;

        for (uint32_t i = 0; i < s->count; i++) {
            const uint64_t *reach = row(s->reach, s, i);

            s->miss[at + i] = missed(s, cone, reach, s->answers);
            if (s->miss_asks != s->miss)
                s->miss_asks[at + i] = missed(s, cone, reach, s->asks);
        }
    }
    return 0;
}

/* ---- links ------------------------------------------------------------------------------- */

struct candidate {
    weight gain; /* as it was in that round, and no more than that now */
    uint32_t round;
    uint16_t a; /* of the best */
    uint16_t b;
};

/* What the cone of a misses of b's: there, and back, for b's cone misses the same of a's. */
static weight
gain_of(const struct segment *s, uint32_t a, uint32_t b, bool fresh)
{
    const uint64_t *cone = row(s->cone, s, s->best[a]);
    const uint64_t *other = row(s->cone, s, s->best[b]);
    bool same = s->asks == s->answers;
    weight n = 0;

    for (uint32_t i = 0; i < s->count; i++) {
        size_t at = (size_t)b * s->count + i;
        const uint64_t *reach = row(s->reach, s, i);
        uint64_t there;
        uint64_t back;

        if (!has(cone, i))
            continue;
        there = fresh ? missed(s, other, reach, s->answers) : s->miss[at];
        back = same ? there : fresh ? missed(s, other, reach, s->asks) : s->miss_asks[at];
        n += (weight)weight_of(s->asks, i) * there + (weight)weight_of(s->answers, i) * back;
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
            weight gain = gain_of(s, a, b, false);

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
        ret->step[round++] = (struct links_step){s->network[s->best[top->a]],
                                                 s->network[s->best[top->b]], top->gain};
        put_link(s, top->a, top->b);
        heap[0] = heap[--count];
        sink(heap, count, 0);
    }
    ret->steps = round;
}

/* What there is, and what is reached before. */
static void
count_pairs(const struct segment *s, bool weighed, struct links_plan *ret)
{
    uint64_t asks = 0;
    uint64_t answers = 0;

    ret->networks = s->count;
    for (uint32_t i = 0; i < s->count; i++) {
        const uint64_t *reach = row(s->reach, s, i);
        uint64_t n = 0;

        for (uint32_t k = 0; k < s->words; k++)
            n += sum_word(reach[k], k * 64, s->answers);
        ret->reached += (weight)weight_of(s->asks, i) * n;
        asks += weight_of(s->asks, i);
        answers += weight_of(s->answers, i);
    }
    ret->all = (weight)asks * answers;
    if (!weighed) { /* a network is no pair with itself */
        ret->all -= s->count;
        ret->reached -= s->count;
    }
}

int
links_plan_make(const struct topology *t, const struct net_filter *f, uint32_t links,
                bool weighed, struct links_plan *ret)
{
    struct segment s = {.t = t, .f = f};
    struct candidate *heap = NULL;
    int r = begin(&s);

    memset(ret, 0, sizeof *ret);
    if (r == 0)
        r = begin_weights(&s, weighed);
    if (r == 0) {
        walk(&s);
        r = find_best(&s);
    }
    if (r == 0) {
        heap = malloc(((size_t)s.tried * s.tried + 1) * sizeof *heap);
        r = heap == NULL ? ERR_NOMEM : 0;
    }
    if (r == 0) {
        count_pairs(&s, weighed, ret);
        choose(&s, heap, make_heap(&s, heap), links < PLAN_LINKS ? links : PLAN_LINKS, ret);
    }
    free(heap);
    release(&s);
    return r;
}
