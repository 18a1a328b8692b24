#include "cutoff/plan.h"

#include <stdlib.h>
#include <string.h>

/* A network without a provider of the segment, and its cone. */
struct root {
    double share; /* of all that asks or of all that answers, the larger */
    uint64_t asks;
    uint64_t answers;
    uint32_t size; /* networks */
    uint32_t place;
};

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
    struct root *root; /* networks that a new link is looked for, the largest first */
    uint32_t roots;
    double scale; /* all that asks times all that answers */
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
    return f->side == NULL || f->side[network] == f->keep;
}

static bool
counts(const struct net_filter *f, uint32_t network)
{
    return f->counts == NULL || f->counts[network] != 0;
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
    n = (size_t)s->count * s->words + 1;
    s->cone = calloc(n, sizeof *s->cone);
    s->reach = calloc(n, sizeof *s->reach);
    return s->cone == NULL || s->reach == NULL ? ERR_NOMEM : 0;
}

/* of: by network; NULL: each that counts is one.  Who only carries weighs nothing. */
static int
copy_weights(const struct segment *s, const uint64_t *of, uint64_t **to)
{
    *to = malloc(((size_t)s->count + 1) * sizeof **to);
    for (uint32_t i = 0; *to != NULL && i < s->count; i++) {
        (*to)[i] = !counts(s->f, s->network[i]) ? 0 : of == NULL ? 1 : of[s->network[i]];
    }
    return *to == NULL ? ERR_NOMEM : 0;
}

static int
begin_weights(struct segment *s, bool weighed)
{
    bool two = weighed && s->t->asks != s->t->answers;
    int r = 0;

    if (weighed || s->f->counts != NULL)
        r = copy_weights(s, weighed ? s->t->answers : NULL, &s->answers);
    s->asks = s->answers;
    if (r == 0 && two)
        r = copy_weights(s, s->t->asks, &s->asks);
    return r;
}

static void
release(struct segment *s)
{
    free(s->network);
    free(s->place);
    free(s->cone);
    free(s->reach);
    free(s->root);
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

/* ---- roots ------------------------------------------------------------------------------- */

static int
compare_roots(const void *a, const void *b)
{
    const struct root *x = a;
    const struct root *y = b;

    if (x->share > y->share || x->share < y->share)
        return x->share > y->share ? -1 : 1;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* Without a provider that counts.  The network of a link may as well be its provider, if that
 * is of the segment: what is a customer of one, by whatever chain, is one of the other. */
static bool
is_root(const struct segment *s, uint32_t place)
{
    uint32_t at = s->t->provider.at[s->network[place]];
    uint32_t p;

    if (!counts(s->f, s->network[place]))
        return false;
    while ((p = next(s, &s->t->provider, place, &at)) != TOPOLOGY_NONE) {
        if (counts(s->f, s->network[p]))
            return false;
    }
    return true;
}

static int
find_roots(struct segment *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        s->roots += is_root(s, i);
    s->root = malloc(((size_t)s->roots + 1) * sizeof *s->root);
    if (s->root == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0, n = 0; i < s->count; i++) {
        const uint64_t *cone = row(s->cone, s, i);

        if (!is_root(s, i))
            continue;
        s->root[n] = (struct root){.place = i};
        for (uint32_t k = 0; k < s->words; k++) {
            s->root[n].size += (uint32_t)__builtin_popcountll(cone[k]);
            s->root[n].asks += sum_word(cone[k], k * 64, s->asks);
            s->root[n].answers += sum_word(cone[k], k * 64, s->answers);
        }
        n++;
    }
    return 0;
}

/* ---- links ------------------------------------------------------------------------------- */

/* The pairs of roots in no order but that of what they can bring at most: of each root there is
 * one pair in the heap that was not looked at, with the best partner that it did not have. */
struct candidate {
    weight gain; /* no less than it is now */
    uint32_t a;  /* roots */
    uint32_t b;
    uint32_t round; /* in which that was so exactly; NEVER: not yet */
};
#define NEVER UINT32_MAX

/* No pair of them brings more; what is rounded is rounded up. */
static weight
bound(const struct segment *s, uint32_t a, uint32_t b)
{
    return (weight)(2 * s->root[a].share * s->root[b].share * s->scale * (1 + 1e-9)) + 1;
}

/* What the smaller cone misses of the other one: there, and back, for the other misses the same
 * of it. */
static weight
gain_of(const struct segment *s, uint32_t a, uint32_t b)
{
    bool turned = s->root[a].size > s->root[b].size;
    const uint64_t *cone = row(s->cone, s, s->root[turned ? b : a].place);
    const uint64_t *other = row(s->cone, s, s->root[turned ? a : b].place);
    bool same = s->asks == s->answers;
    weight n = 0;

    for (uint32_t k = 0; k < s->words; k++) {
        for (uint64_t bits = cone[k]; bits != 0; bits &= bits - 1) {
            uint32_t i = k * 64 + (uint32_t)__builtin_ctzll(bits);
            const uint64_t *reach = row(s->reach, s, i);
            uint64_t there = missed(s, other, reach, s->answers);
            uint64_t back = same ? there : missed(s, other, reach, s->asks);

            n +=
                (weight)weight_of(s->asks, i) * there + (weight)weight_of(s->answers, i) * back;
        }
    }
    return n;
}

/* The most first, then as the roots stand. */
static bool
is_before(const struct candidate *x, const struct candidate *y)
{
    if (x->gain != y->gain)
        return x->gain > y->gain;
    if ((x->round == NEVER) != (y->round == NEVER)) /* it may be as good, and stand before */
        return x->round == NEVER;
    return x->a != y->a ? x->a < y->a : x->b < y->b;
}

/* With the best on top. */
struct heap {
    struct candidate *at;
    size_t count;
    size_t room;
};

static void
sink(struct heap *h, size_t at)
{
    for (;;) {
        size_t child = at * 2 + 1;
        struct candidate kept = h->at[at];

        if (child >= h->count)
            return;
        if (child + 1 < h->count && is_before(&h->at[child + 1], &h->at[child]))
            child++;
        if (!is_before(&h->at[child], &h->at[at]))
            return;
        h->at[at] = h->at[child];
        h->at[child] = kept;
        at = child;
    }
}

static int
push(struct heap *h, struct candidate c)
{
    size_t at = h->count;

    if (h->count == h->room) {
        size_t more = h->room == 0 ? 1024 : h->room * 2;
        void *moved = more > PLAN_PAIRS ? NULL : realloc(h->at, more * sizeof *h->at);

        if (moved == NULL)
            return more > PLAN_PAIRS ? ERR_LIMIT : ERR_NOMEM;
        h->at = moved;
        h->room = more;
    }
    h->at[h->count++] = c;
    while (at > 0 && is_before(&h->at[at], &h->at[(at - 1) / 2])) {
        struct candidate kept = h->at[at];

        h->at[at] = h->at[(at - 1) / 2];
        h->at[(at - 1) / 2] = kept;
        at = (at - 1) / 2;
    }
    return 0;
}

static void
pop(struct heap *h)
{
    h->at[0] = h->at[--h->count];
    sink(h, 0);
}

static void
put_link(struct segment *s, uint32_t a, uint32_t b)
{
    const uint64_t *x = row(s->cone, s, s->root[a].place);
    const uint64_t *y = row(s->cone, s, s->root[b].place);

    for (uint32_t i = 0; i < s->count; i++) {
        if (has(x, i))
            add_row(s, row(s->reach, s, i), y);
        if (has(y, i))
            add_row(s, row(s->reach, s, i), x);
    }
}

/* Looks at the pair on top: what it brings in this round; what brings nothing goes. */
static int
look(const struct segment *s, struct heap *h, uint32_t round)
{
    struct candidate c = h->at[0];
    int r = 0;

    pop(h);
    if (c.round == NEVER && c.b + 1 < s->roots)
        r = push(h, (struct candidate){bound(s, c.a, c.b + 1), c.a, c.b + 1, NEVER});
    c.gain = gain_of(s, c.a, c.b);
    c.round = round;
    return r < 0 || c.gain == 0 ? r : push(h, c);
}

static int
choose(struct segment *s, struct heap *h, uint32_t links, struct links_plan *ret)
{
    int r = 0;

    while (r == 0 && h->count > 0 && ret->steps < links && h->at[0].gain > 0) {
        struct candidate top = h->at[0];

        if (top.round != ret->steps) {
            r = look(s, h, ret->steps);
            continue;
        }
        pop(h);
        ret->step[ret->steps++] = (struct links_step){
            s->network[s->root[top.a].place], s->network[s->root[top.b].place], top.gain};
        put_link(s, top.a, top.b);
    }
    return r;
}

/* What there is, and what is reached before. */
static void
count_pairs(struct segment *s, bool weighed, struct links_plan *ret)
{
    uint64_t asks = 0;
    uint64_t answers = 0;

    for (uint32_t i = 0; i < s->count; i++) {
        const uint64_t *reach = row(s->reach, s, i);
        uint64_t n = 0;

        ret->networks += counts(s->f, s->network[i]);
        for (uint32_t k = 0; k < s->words; k++)
            n += sum_word(reach[k], k * 64, s->answers);
        ret->reached += (weight)weight_of(s->asks, i) * n;
        asks += weight_of(s->asks, i);
        answers += weight_of(s->answers, i);
    }
    ret->all = (weight)asks * answers;
    s->scale = (double)asks * (double)answers;
    for (uint32_t i = 0; i < s->roots; i++) {
        struct root *x = &s->root[i];
        double share = asks == 0 ? 0 : (double)x->asks / (double)asks;
        double other = answers == 0 ? 0 : (double)x->answers / (double)answers;

        x->share = share > other ? share : other;
    }
    if (!weighed) { /* a network is no pair with itself */
        ret->all -= ret->networks;
        ret->reached -= ret->networks;
    }
}

int
links_plan_make(const struct topology *t, const struct net_filter *f, uint32_t links,
                bool weighed, struct links_plan *ret)
{
    struct segment s = {.t = t, .f = f};
    struct heap heap = {0};
    int r = begin(&s);

    memset(ret, 0, sizeof *ret);
    if (r == 0)
        r = begin_weights(&s, weighed);
    if (r == 0) {
        walk(&s);
        r = find_roots(&s);
    }
    if (r == 0) {
        count_pairs(&s, weighed, ret);
        qsort(s.root, s.roots, sizeof *s.root, compare_roots);
    }
    for (uint32_t a = 0; r == 0 && a + 1 < s.roots; a++)
        r = push(&heap, (struct candidate){bound(&s, a, a + 1), a, a + 1, NEVER});
    if (r == 0)
        r = choose(&s, &heap, links < PLAN_LINKS ? links : PLAN_LINKS, ret);
    free(heap.at);
    release(&s);
    return r;
}
