#include "cutoff/routes.h"

#include <stdlib.h>
#include <string.h>

enum {
    LANES = 16,
    NEXT_BITS = 20, /* TOPOLOGY_NETWORKS */
    KIND_SHIFT = 28,
    LENGTH_ONE = 1 << NEXT_BITS,
    LENGTH_MASK = ROUTE_LENGTH << NEXT_BITS,
    NEXT_MASK = LENGTH_ONE - 1,
    NONE = (ROUTE_KINDS << KIND_SHIFT) | LENGTH_MASK | NEXT_MASK
};
_Static_assert(TOPOLOGY_NETWORKS <= 1 << NEXT_BITS, "a next hop has its bits");

/* A route as one number, the better the smaller: kind, length, rank of the next hop. */
typedef int32_t ints __attribute__((vector_size(64)));
struct lanes {
    ints k;
};

struct routes {
    const struct net *net;
    int32_t *rank;     /* of each node, by the AS number of its first network */
    uint32_t *by_rank; /* and back */
    uint32_t *leaf_at; /* of nodes with customers: peers without, as in struct topology_list */
    uint32_t *leaf_to;
    void *memory;
};

/* One batch. */
struct walk {
    uint32_t from;
    uint32_t size;
    struct lanes *best; /* of each node */
    struct lanes *load; /* … networks whose traffic it has, to each destination */
    uint8_t *in_cone;   /* of nodes with customers: some destination is its customer */
    void *memory;
};

#define NAME(f) portable_##f
#define TARGET
#include "cutoff/routes_kernel.def"
#if defined(__x86_64__)
#define NAME(f) avx2_##f
#define TARGET  __attribute__((target("avx2")))
#include "cutoff/routes_kernel.def"
#define NAME(f) avx512_##f
#define TARGET  __attribute__((target("avx512f")))
#include "cutoff/routes_kernel.def"
#endif

static void
run(const struct routes *r, struct walk *w)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        avx512_run(r, w);
        return;
    }
    if (__builtin_cpu_supports("avx2")) {
        avx2_run(r, w);
        return;
    }
#endif
    portable_run(r, w);
}

/* ---- what is made once -------------------------------------------------------------------
 */

struct named {
    uint32_t asn;
    uint32_t node;
};

static int
by_asn(const void *a, const void *b)
{
    const struct named *x = a;
    const struct named *y = b;

    return (x->asn > y->asn) - (x->asn < y->asn);
}

static int
rank_nodes(const struct topology *t, struct routes *r)
{
    const struct net *n = r->net;
    struct named *all = calloc((size_t)n->count + 1, sizeof *all);

    if (all == NULL)
        return ERR_NOMEM;
    for (uint32_t v = 0; v < n->count; v++)
        all[v] = (struct named){t->asn[n->first[v]], v};
    qsort(all, n->count, sizeof *all, by_asn);
    for (uint32_t i = 0; i < n->count; i++) {
        r->rank[all[i].node] = (int32_t)i;
        r->by_rank[i] = all[i].node;
    }
    free(all);
    return 0;
}

/* Peers of nodes without customers, seen from those with. */
static void
turn_leaves(struct routes *r)
{
    const struct net *n = r->net;

    for (uint32_t i = n->peer.at[n->transit]; i < n->peer.at[n->count]; i++)
        r->leaf_at[n->peer.to[i] + 1]++;
    for (uint32_t v = 0; v < n->transit; v++)
        r->leaf_at[v + 1] += r->leaf_at[v];
    for (uint32_t v = n->count; v-- > n->transit;) {
        for (uint32_t i = n->peer.at[v]; i < n->peer.at[v + 1]; i++)
            r->leaf_to[--r->leaf_at[n->peer.to[i] + 1]] = v;
    }
    /* Each began where it ends, and was counted down to where it begins, one place behind. */
    memmove(r->leaf_at, r->leaf_at + 1, n->transit * sizeof *r->leaf_at);
    r->leaf_at[n->transit] = n->peer.at[n->count] - n->peer.at[n->transit];
}

int
routes_new(const struct topology *t, const struct net *n, struct routes **ret)
{
    size_t links = n->peer.at[n->count] - n->peer.at[n->transit];
    struct routes *r = calloc(1, sizeof *r);
    uint32_t *at = calloc((size_t)2 * n->count + n->transit + 2 + links, sizeof *at);
    int e = r == NULL || at == NULL ? ERR_NOMEM : 0;

    if (e == 0) {
        *r = (struct routes){.net = n, .memory = at};
        r->by_rank = at;
        r->rank = (int32_t *)(at + n->count);
        r->leaf_at = at + (size_t)2 * n->count;
        r->leaf_to = r->leaf_at + n->transit + 2;
        turn_leaves(r);
        e = rank_nodes(t, r);
    }
    if (e < 0) {
        free(at);
        free(r);
        return e;
    }
    *ret = r;
    return 0;
}

struct routes *
routes_free(struct routes *r)
{
    if (r != NULL)
        free(r->memory);
    free(r);
    return NULL;
}

/* ---- a batch ----------------------------------------------------------------------------- */

static int
begin(const struct net *n, bool load, struct walk *w)
{
    size_t lines = (size_t)n->count * (load ? 2 : 1);
    char *at = aligned_alloc(64, (lines * sizeof(struct lanes) + n->transit + 64) / 64 * 64);

    if (at == NULL)
        return ERR_NOMEM;
    w->memory = at;
    w->best = (struct lanes *)at;
    w->load = load ? w->best + n->count : NULL;
    w->in_cone = (uint8_t *)(w->best + lines);
    return 0;
}

/* A route to a node that has no customers: its providers', and its peers'. */
static void
put_leaf(const struct routes *r, struct walk *w, uint32_t v, unsigned lane)
{
    const struct net *n = r->net;
    int32_t key = LENGTH_ONE | r->rank[v];

    for (uint32_t i = n->provider.at[v]; i < n->provider.at[v + 1]; i++) {
        w->best[n->provider.to[i]].k[lane] = key;
        w->in_cone[n->provider.to[i]] = 1;
    }
    for (uint32_t i = n->peer.at[v]; i < n->peer.at[v + 1]; i++)
        w->best[n->peer.to[i]].k[lane] = (ROUTE_PEER << KIND_SHIFT) | key;
    for (uint32_t i = n->leaf.at[v]; i < n->leaf.at[v + 1]; i++)
        w->best[n->leaf.to[i]].k[lane] = (ROUTE_PEER << KIND_SHIFT) | key;
}

static void
walk(const struct routes *r, struct walk *w)
{
    const struct net *n = r->net;
    struct lanes none;

    for (unsigned i = 0; i < LANES; i++)
        none.k[i] = NONE;
    for (uint32_t v = 0; v < n->count; v++)
        w->best[v] = none;
    memset(w->in_cone, 0, n->transit);
    for (uint32_t i = 0; i < w->size; i++) {
        uint32_t v = w->from + i;

        w->best[v].k[i] = r->rank[v];
        if (v < n->transit)
            w->in_cone[v] = 1;
        else
            put_leaf(r, w, v, i);
    }
    run(r, w);
}

static inline unsigned
kind_of(int32_t key)
{
    return (unsigned)key >> KIND_SHIFT;
}

static inline unsigned
length_of(int32_t key)
{
    return ((unsigned)key & LENGTH_MASK) >> NEXT_BITS;
}

int
routes_to(const struct routes *r, uint32_t node, struct route *ret)
{
    struct walk w = {.from = node, .size = 1};

    if (begin(r->net, false, &w) < 0)
        return ERR_NOMEM;
    walk(r, &w);
    for (uint32_t v = 0; v < r->net->count; v++) {
        int32_t key = w.best[v].k[0];

        ret[v] = (struct route){(uint8_t)kind_of(key), (uint8_t)length_of(key), TOPOLOGY_NONE};
        if (v != node && key != NONE)
            ret[v].next = r->by_rank[key & NEXT_MASK];
    }
    free(w.memory);
    return 0;
}

/* ---- sums -------------------------------------------------------------------------------- */

uint32_t
routes_batches(const struct routes *r)
{
    return (r->net->count + LANES - 1) / LANES;
}

/* Networks of one node reach each other by what they share. */
static void
count_twins(const struct net *n, uint32_t v, struct routes_sums *sums)
{
    uint64_t many = n->many[v];
    unsigned kind = n->provider.at[v] < n->provider.at[v + 1] ? ROUTE_PROVIDER : ROUTE_KINDS;

    if (many > 1 && kind < ROUTE_KINDS)
        sums->pairs[kind][2] += many * (many - 1);
}

static void
count_lengths(const struct routes *r, const struct walk *w, struct routes_sums *sums)
{
    const struct net *n = r->net;

    for (uint32_t v = 0; v < n->count; v++) {
        for (unsigned i = 0; i < w->size; i++) {
            int32_t key = w->best[v].k[i];

            if (key != NONE)
                sums->pairs[kind_of(key)][length_of(key)] +=
                    (uint64_t)n->many[v] * n->many[w->from + i];
        }
    }
    for (unsigned i = 0; i < w->size; i++) {
        uint64_t many = n->many[w->from + i];

        sums->pairs[ROUTE_CUSTOMER][0] -= many * many; /* itself */
        count_twins(n, w->from + i, sums);
    }
}

/* All that a node sends goes on by its next hop. */
static void
pass_on(const struct routes *r, struct walk *w, uint32_t v, unsigned kind)
{
    for (unsigned i = 0; i < w->size; i++) {
        int32_t key = w->best[v].k[i];

        if (kind_of(key) == kind && v != w->from + i)
            w->load[r->by_rank[key & NEXT_MASK]].k[i] += w->load[v].k[i];
    }
}

/* From the far end: down the providers' side, across, then up to the destination. */
static void
count_loads(const struct routes *r, struct walk *w, struct routes_sums *sums)
{
    const struct net *n = r->net;

    for (uint32_t v = 0; v < n->count; v++) {
        for (unsigned i = 0; i < LANES; i++)
            w->load[v].k[i] = (int32_t)n->many[v];
    }
    for (uint32_t v = n->count; v-- > 0;)
        pass_on(r, w, v, ROUTE_PROVIDER);
    for (uint32_t v = 0; v < n->count; v++)
        pass_on(r, w, v, ROUTE_PEER);
    for (uint32_t v = 0; v < n->transit; v++) {
        pass_on(r, w, v, ROUTE_CUSTOMER);
        for (unsigned i = 0; i < w->size; i++) {
            if (v != w->from + i)
                sums->carried[v] +=
                    (uint64_t)(w->load[v].k[i] - (int32_t)n->many[v]) * n->many[w->from + i];
        }
    }
}

/* A pair of networks of one node goes through the provider that both choose. */
static void
carry_twins(const struct routes *r, const struct walk *w, struct routes_sums *sums)
{
    const struct net *n = r->net;

    for (unsigned i = 0; i < w->size; i++) {
        uint32_t v = w->from + i;
        uint64_t many = n->many[v];
        uint32_t best = TOPOLOGY_NONE;

        for (uint32_t k = n->provider.at[v]; many > 1 && k < n->provider.at[v + 1]; k++) {
            uint32_t p = n->provider.to[k];

            if (best == TOPOLOGY_NONE || r->rank[p] < r->rank[best])
                best = p;
        }
        if (best != TOPOLOGY_NONE)
            sums->carried[best] += many * (many - 1);
    }
}

int
routes_add(const struct routes *r, uint32_t from, uint32_t until, struct routes_sums *sums)
{
    struct walk w = {.from = 0};

    if (from >= until)
        return 0;
    if (begin(r->net, sums->carried != NULL, &w) < 0)
        return ERR_NOMEM;
    for (uint32_t i = from; i < until; i++) {
        w.from = i * LANES;
        w.size = r->net->count - w.from < LANES ? r->net->count - w.from : LANES;
        walk(r, &w);
        count_lengths(r, &w, sums);
        if (sums->carried == NULL)
            continue;
        count_loads(r, &w, sums);
        carry_twins(r, &w, sums);
    }
    free(w.memory);
    return 0;
}
