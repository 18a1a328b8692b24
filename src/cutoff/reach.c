#include "cutoff/reach_priv.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 512 /* destinations: the bits of a cache line */ };

/* One bit for each destination of a batch. */
typedef uint64_t words __attribute__((vector_size(64)));
struct line {
    words w;
};

struct batch {
    uint32_t from; /* the first destination */
    uint32_t size;
    uint32_t many; /* networks that each destination is; 0: as many_of has it */
    uint64_t (*many_of)[16];
    uint64_t (*weights_of)[16];
    struct line all;   /* every destination … */
    uint64_t all_many; /* … and what that is together */
    uint64_t all_weights;
    uint8_t *full;       /* of nodes with customers: they reach all */
    struct line *up;     /* of nodes with customers: destinations in their cone */
    struct line *across; /* … of peers without customers */
    struct line *down;   /* … all that they reach */
    uint32_t *extra; /* of nodes without customers: 1 + a line of the pool, for peers alike */
    struct line *pool;
    uint32_t pools;
    const struct reach_sums *sums;
    void *memory;
};

static inline bool
line_is_set(const struct line *l)
{
    words w = l->w;

    return (w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7]) != 0;
}

static inline bool
line_is(const struct line *l, const struct line *other)
{
    struct line x = {l->w ^ other->w};

    return !line_is_set(&x);
}

static inline void
line_set(struct line *l, uint32_t bit)
{
    l->w[bit / 64] |= UINT64_C(1) << (bit % 64);
}

#define NAME(f) portable_##f
#define TARGET
#include "cutoff/reach_kernel.def"
#if defined(__x86_64__)
#define NAME(f) avx2_##f
#define TARGET  __attribute__((target("avx2,popcnt")))
#include "cutoff/reach_kernel.def"
#define NAME(f) avx512_##f
#define TARGET  __attribute__((target("avx512f,avx512bw,avx512vpopcntdq,popcnt")))
#include "cutoff/reach_kernel.def"
#endif

static const struct {
    const char *name;
    void (*run)(const struct net *n, struct batch *b);
} codes[REACH_CODES] = {
    [REACH_PORTABLE] = {"portable", portable_run},
#if defined(__x86_64__)
    [REACH_AVX2] = {"avx2", avx2_run},
    [REACH_AVX512] = {"avx512", avx512_run},
#endif
};

bool
reach_can(enum reach_code c)
{
    switch (c) {
    case REACH_PORTABLE: return true;
#if defined(__x86_64__)
    case REACH_AVX2: return __builtin_cpu_supports("avx2");
    case REACH_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vpopcntdq");
#else
    case REACH_AVX2:
    case REACH_AVX512:
#endif
    case REACH_CODES: break;
    }
    return false;
}

static enum reach_code
choose(void)
{
    enum reach_code c = REACH_AVX512;

    while (!reach_can(c))
        c--;
    return c;
}

const char *
reach_code(void)
{
    return codes[choose()].name;
}

/* ---- a batch ----------------------------------------------------------------------------- */

uint32_t
reach_batches(const struct net *n)
{
    return (n->count + BATCH - 1) / BATCH;
}

static int
begin(const struct net *n, struct batch *b)
{
    size_t lines = (size_t)n->transit * 3;
    size_t leaves = n->count - n->transit;
    size_t leaf_links = n->leaf.at[n->count];
    size_t pool = leaf_links < leaves ? leaf_links : leaves;
    size_t tables = (size_t)2 * (BATCH / 4) * sizeof *b->many_of;
    size_t size =
        (lines + pool) * sizeof(struct line) + tables + leaves * sizeof *b->extra + n->transit;
    char *at = aligned_alloc(64, (size + 127) / 64 * 64);

    if (at == NULL)
        return ERR_NOMEM;
    b->memory = at;
    b->up = (struct line *)at;
    b->across = b->up + n->transit;
    b->down = b->across + n->transit;
    b->pool = b->down + n->transit;
    b->many_of = (uint64_t(*)[16])(b->pool + pool);
    b->weights_of = b->many_of + BATCH / 4;
    b->extra = (uint32_t *)(b->weights_of + BATCH / 4);
    b->full = (uint8_t *)(b->extra + leaves);
    memset(b->extra, 0, leaves * sizeof *b->extra);
    return 0;
}

static uint64_t
weight_of(const struct net *n, uint32_t v, bool weights)
{
    return v >= n->count ? 0 : weights ? n->weights[v] : n->many[v];
}

/* Of each nibble of a line the sum of what its bits weigh. */
static void
make_table(const struct net *n, const struct batch *b, bool weights, uint64_t (*table)[16])
{
    for (uint32_t i = 0; i < BATCH / 4; i++) {
        uint64_t w[4];

        for (uint32_t k = 0; k < 4; k++)
            w[k] = i * 4 + k < b->size ? weight_of(n, b->from + i * 4 + k, weights) : 0;
        for (uint32_t x = 0; x < 16; x++)
            table[i][x] = (x & 1 ? w[0] : 0) + (x & 2 ? w[1] : 0) + (x & 4 ? w[2] : 0) +
                          (x & 8 ? w[3] : 0);
    }
}

/* How many networks each destination is, when all are as many; else 0. */
static uint32_t
common_many(const struct net *n, const struct batch *b)
{
    uint32_t i = 1;

    while (i < b->size && n->many[b->from + i] == n->many[b->from])
        i++;
    return i < b->size ? 0 : n->many[b->from];
}

static void
make_all(const struct net *n, struct batch *b)
{
    memset(&b->all, 0, sizeof b->all);
    b->all_many = 0;
    b->all_weights = 0;
    for (uint32_t d = 0; d < b->size; d++) {
        line_set(&b->all, d);
        b->all_many += n->many[b->from + d];
        b->all_weights += n->weights[b->from + d];
    }
}

/* The bit of each destination where its own walk begins. */
static void
put_destinations(const struct net *n, struct batch *b)
{
    memset(b->up, 0, n->transit * sizeof *b->up);
    memset(b->across, 0, n->transit * sizeof *b->across);
    for (uint32_t d = 0; d < b->size; d++) {
        uint32_t v = b->from + d;

        if (v < n->transit) {
            line_set(&b->up[v], d);
            continue;
        }
        for (uint32_t i = n->provider.at[v]; i < n->provider.at[v + 1]; i++)
            line_set(&b->up[n->provider.to[i]], d);
        for (uint32_t i = n->peer.at[v]; i < n->peer.at[v + 1]; i++)
            line_set(&b->across[n->peer.to[i]], d);
        for (uint32_t i = n->leaf.at[v]; i < n->leaf.at[v + 1]; i++) {
            uint32_t *x = &b->extra[n->leaf.to[i] - n->transit];

            if (*x == 0) {
                memset(&b->pool[b->pools], 0, sizeof *b->pool);
                *x = ++b->pools;
            }
            line_set(&b->pool[*x - 1], d);
        }
    }
}

static void
clear_extra(const struct net *n, struct batch *b)
{
    for (uint32_t d = 0; d < b->size; d++) {
        uint32_t v = b->from + d;

        for (uint32_t i = n->leaf.at[v]; i < n->leaf.at[v + 1]; i++)
            b->extra[n->leaf.to[i] - n->transit] = 0;
    }
    b->pools = 0;
}

int
reach_add(const struct net *n, uint32_t from, uint32_t until, struct reach_sums *sums)
{
    return reach_add_by(choose(), n, from, until, sums);
}

int
reach_add_by(enum reach_code c, const struct net *n, uint32_t from, uint32_t until,
             struct reach_sums *sums)
{
    struct batch b = {.sums = sums};

    if (from >= until)
        return 0;
    if (begin(n, &b) < 0)
        return ERR_NOMEM;
    for (uint32_t i = from; i < until; i++) {
        b.from = i * BATCH;
        b.size = n->count - b.from < BATCH ? n->count - b.from : BATCH;
        b.many = common_many(n, &b);
        if (b.many == 0)
            make_table(n, &b, false, b.many_of);
        if (sums->weights != NULL)
            make_table(n, &b, true, b.weights_of);
        make_all(n, &b);
        put_destinations(n, &b);
        codes[c].run(n, &b);
        clear_extra(n, &b);
    }
    free(b.memory);
    return 0;
}
