/* Degrees, ranks and lists, before anything is inferred. */
#include <stdlib.h>

#include "topology/infer_priv.h"

void
infer_release(struct infer *f)
{
    free(f->label);
    free(f->between);
    free(f->degree);
    free(f->transit);
    free(f->by_rank);
    free(f->rank);
    free(f->link_at);
    free(f->link_list);
    free(f->hop_at);
    free(f->hop_list);
    free(f->below);
    free(f->state);
    free(f->sells);
    free(f->top);
    free(f->alone);
    free(f->met);
    free(f->stack);
}

static int
make_room(struct infer *f)
{
    size_t n = (size_t)f->networks + 1;
    size_t l = (size_t)f->links + 1;
    size_t h = (size_t)f->hops + 1;
    bool all;

    f->label = calloc(l, sizeof *f->label);
    f->between = calloc(l, sizeof *f->between);
    f->degree = calloc(n, sizeof *f->degree);
    f->transit = calloc(n, sizeof *f->transit);
    f->by_rank = calloc(n, sizeof *f->by_rank);
    f->rank = calloc(n, sizeof *f->rank);
    f->link_at = calloc(n + 1, sizeof *f->link_at);
    f->link_list = calloc(l * 2, sizeof *f->link_list);
    f->hop_at = calloc(n + 1, sizeof *f->hop_at);
    f->hop_list = calloc(h, sizeof *f->hop_list);
    f->below = calloc(h, sizeof *f->below);
    f->state = calloc(h, sizeof *f->state);
    f->sells = calloc(h, sizeof *f->sells);
    f->top = calloc(n, sizeof *f->top);
    f->alone = calloc(n, sizeof *f->alone);
    f->met = calloc(n, sizeof *f->met);
    f->stack = calloc(n, sizeof *f->stack);
    all = f->label != NULL && f->between != NULL && f->degree != NULL && f->transit != NULL &&
          f->by_rank != NULL && f->rank != NULL && f->link_at != NULL && f->link_list != NULL &&
          f->hop_at != NULL && f->hop_list != NULL && f->below != NULL && f->state != NULL &&
          f->sells != NULL && f->top != NULL && f->alone != NULL && f->met != NULL &&
          f->stack != NULL;
    return all ? 0 : ERR_NOMEM;
}

/* Number of the hop two before, or PATHS_NONE. */
static uint32_t
two_before(const struct infer *f, uint32_t hop)
{
    uint32_t before = paths_hop(f->p, hop)->before;

    return before == PATHS_NONE ? PATHS_NONE : paths_hop(f->p, before)->before;
}

static void
stands_between(struct infer *f, uint32_t link, uint32_t network)
{
    f->between[link] |= paths_link(f->p, link)->low == network ? 1 : 2;
}

static void
count_degrees(struct infer *f)
{
    for (uint32_t h = 0; h < f->hops; h++) {
        const struct path_hop *hop = paths_hop(f->p, h);

        if (two_before(f, h) == PATHS_NONE)
            continue;
        stands_between(f, f->p->link_of[h], paths_hop(f->p, hop->before)->network);
        stands_between(f, f->p->link_of[hop->before], paths_hop(f->p, hop->before)->network);
    }
    for (uint32_t i = 0; i < f->links; i++) {
        const struct path_link *l = paths_link(f->p, i);

        f->degree[l->low]++;
        f->degree[l->high]++;
        f->transit[l->low] += f->between[i] & 1;
        f->transit[l->high] += f->between[i] >> 1;
    }
    /* whoever stands before another has a lower number */
    for (uint32_t h = f->hops; h-- > 0;) {
        uint32_t before = paths_hop(f->p, h)->before;

        f->below[h]++;
        if (before != PATHS_NONE)
            f->below[before] += f->below[h];
    }
}

/* Where each list begins, from how long each is; at[n] is where the last ends. */
static void
sum_up(uint32_t *at, uint32_t n)
{
    for (uint32_t i = 0, sum = 0; i <= n; i++) {
        sum += at[i];
        at[i] = sum;
    }
}

static void
make_lists(struct infer *f)
{
    for (uint32_t i = 0; i < f->networks; i++)
        f->link_at[i] = f->degree[i];
    sum_up(f->link_at, f->networks);
    for (uint32_t i = f->links; i-- > 0;) {
        const struct path_link *l = paths_link(f->p, i);

        f->link_list[--f->link_at[l->low]] = i;
        f->link_list[--f->link_at[l->high]] = i;
    }
    for (uint32_t h = 0; h < f->hops; h++) {
        if (two_before(f, h) != PATHS_NONE)
            f->hop_at[infer_triple(f, h).y]++;
    }
    sum_up(f->hop_at, f->networks);
    for (uint32_t h = f->hops; h-- > 0;) {
        if (two_before(f, h) != PATHS_NONE)
            f->hop_list[--f->hop_at[infer_triple(f, h).y]] = h;
    }
}

/* Of equal networks the lower AS number is the larger network: it is older. */
static int
compare(const void *a, const void *b, void *arg)
{
    const struct infer *f = arg;
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    if (f->transit[x] != f->transit[y])
        return f->transit[x] > f->transit[y] ? -1 : 1;
    if (f->degree[x] != f->degree[y])
        return f->degree[x] > f->degree[y] ? -1 : 1;
    return paths_asn(f->p, x) < paths_asn(f->p, y) ? -1 : 1;
}

int
infer_prepare(struct infer *f, const struct paths *p)
{
    int r;

    *f = (struct infer){
        .p = p, .networks = p->network.count, .links = p->link.count, .hops = p->hop.count};
    r = make_room(f);
    if (r < 0)
        return r;
    count_degrees(f);
    make_lists(f);
    for (uint32_t i = 0; i < f->networks; i++)
        f->by_rank[i] = i;
    if (f->networks > 0)
        qsort_r(f->by_rank, f->networks, sizeof *f->by_rank, compare, f);
    for (uint32_t i = 0; i < f->networks; i++)
        f->rank[f->by_rank[i]] = i;
    return 0;
}
