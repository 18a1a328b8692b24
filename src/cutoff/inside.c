#include "cutoff/inside.h"

#include <stdlib.h>
#include <string.h>

static bool
counts(const struct net_filter *f, uint32_t network)
{
    return f->counts == NULL || f->counts[network] != 0;
}

void
inside_strict(const struct topology *t, const struct net_filter *f, const struct net *n,
              const struct reach_sums *s, struct inside *ret)
{
    uint64_t asks = 0;
    uint64_t answers = 0;

    ret->networks = n->networks;
    ret->pairs = (uint64_t)n->networks * (n->networks - (n->networks > 0));
    ret->strict = 0;
    ret->strict_weights = 0;
    for (uint32_t i = 0; i < n->count; i++)
        ret->strict += n->many[i] == 0 ? 0 : (s->networks[i] - 1) * n->many[i];
    if (s->weights == NULL)
        return;
    for (uint32_t i = 0; i < t->count; i++) {
        if (n->node[i] == TOPOLOGY_NONE || !counts(f, i))
            continue;
        asks += t->asks[i];
        answers += t->answers[i];
        ret->strict_weights += (weight)t->asks[i] * s->weights[n->node[i]];
    }
    ret->weights = (weight)asks * answers;
}

/* ---- islands ----------------------------------------------------------------------------- */

/* The root, with ways shortened by half (Tarjan and van Leeuwen 1984). */
static uint32_t
root(uint32_t *up, uint32_t i)
{
    while (up[i] != i) {
        up[i] = up[up[i]];
        i = up[i];
    }
    return i;
}

/* The lower index is the root. */
static void
join(uint32_t *up, uint32_t a, uint32_t b)
{
    a = root(up, a);
    b = root(up, b);
    if (a < b)
        up[b] = a;
    else
        up[a] = b;
}

static void
join_list(const struct net_filter *f, const struct topology_list *l, uint32_t network,
          uint32_t *up)
{
    uint32_t at = l->at[network];
    uint32_t other;

    while ((other = net_next(f, l, network, &at)) != TOPOLOGY_NONE)
        join(up, network, other);
}

struct island {
    uint64_t asks;
    uint64_t answers;
    uint32_t networks;
};

static void
count_islands(const struct topology *t, const struct island *is, struct inside *ret)
{
    ret->islands = ret->singles = ret->largest = 0;
    ret->component = 0;
    ret->component_weights = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        uint64_t n = is[i].networks;

        if (n == 0)
            continue;
        ret->islands++;
        ret->singles += n == 1;
        ret->largest = n > ret->largest ? (uint32_t)n : ret->largest;
        ret->component += n * (n - 1);
        ret->component_weights += (weight)is[i].asks * is[i].answers;
    }
}

int
inside_islands(const struct topology *t, const struct net_filter *f, uint32_t *ret_island,
               struct inside *ret)
{
    uint32_t *up = malloc(((size_t)t->count + 1) * sizeof *up);
    struct island *is = calloc((size_t)t->count + 1, sizeof *is);

    for (uint32_t i = 0; up != NULL && is != NULL && i < t->count; i++)
        up[i] = i;
    for (uint32_t i = 0; up != NULL && is != NULL && i < t->count; i++) {
        if (f->side != NULL && f->side[i] != f->keep)
            continue;
        join_list(f, &t->provider, i, up);
        join_list(f, &t->peer, i, up);
    }
    for (uint32_t i = 0; up != NULL && is != NULL && i < t->count; i++) {
        struct island *at = &is[root(up, i)];

        if (f->side != NULL && f->side[i] != f->keep)
            continue;
        if (ret_island != NULL)
            ret_island[i] = root(up, i);
        if (!counts(f, i))
            continue;
        at->networks++;
        at->asks += t->asks[i];
        at->answers += t->answers[i];
    }
    if (up != NULL && is != NULL)
        count_islands(t, is, ret);
    free(is);
    free(up);
    return up == NULL || is == NULL ? ERR_NOMEM : 0;
}

double
inside_share(weight part, weight all)
{
    return all == 0 ? 0 : (double)part / (double)all;
}
