/* A segment that is cut off: inside under several assumptions, and outside. */
#include <stdlib.h>
#include <string.h>

#include "role/simulate.h"

const uint32_t simulate_usual[SIMULATE_USUAL] = {0, 20, 5};

struct work {
    const struct topology *t;
    const struct simulate_scenario *scenario;
    const uint8_t *segment;
    unsigned threads;
    uint8_t *side;
    uint8_t *others; /* not of the segment */
    uint32_t *here;  /* of each network: neighbours in the segment */
    struct simulate_cut *ret;
};

static int
begin(struct work *w)
{
    size_t n = (size_t)w->t->count + 1;

    w->side = malloc(n);
    w->others = malloc(n);
    w->here = calloc(n, sizeof *w->here);
    if (w->side == NULL || w->others == NULL || w->here == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < w->t->count; i++)
        w->others[i] = !w->segment[i];
    return 0;
}

static void
look_at_links(struct work *w)
{
    const struct topology *t = w->t;

    for (uint32_t i = 0; i < t->count; i++) {
        for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++) {
            uint32_t p = t->provider.to[k];

            w->here[i] += w->segment[p];
            w->here[p] += w->segment[i];
            w->ret->transit_cut += w->segment[i] != w->segment[p];
        }
        for (uint32_t k = t->peer.at[i]; k < t->peer.at[i + 1]; k++) {
            w->here[i] += w->segment[t->peer.to[k]];
            w->ret->peers_cut += w->segment[i] && !w->segment[t->peer.to[k]];
        }
    }
}

static int
look_inside(struct work *w, unsigned number, uint32_t neighbours)
{
    const struct simulate_scenario *s = w->scenario;
    const struct net_filter f = {
        .counts = w->segment, .side = w->side, .keep = 1, .cut = s->cut, .cuts = s->cuts};
    uint32_t kept = 0;

    for (uint32_t i = 0; i < w->t->count; i++) {
        w->side[i] = w->segment[i] || (s->stays != NULL && s->stays[i]) ||
                     (neighbours > 0 && w->here[i] >= neighbours);
        kept += w->side[i] && !w->segment[i];
    }
    w->ret->presence[number].neighbours = neighbours;
    w->ret->presence[number].kept = kept;
    w->ret->cases = number + 1;
    return simulate_inside(w->t, &f, w->threads, &w->ret->presence[number].inside);
}

/* Of each network what it reaches, all counted. */
static int
reach_of(struct work *w, const struct net_filter *f, uint64_t *ret)
{
    struct reach_sums s = {0};
    struct net *n;
    int r = net_make(w->t, f, &n);

    if (r == 0)
        r = simulate_reach(n, w->threads, false, &s);
    for (uint32_t i = 0; r == 0 && i < w->t->count; i++)
        ret[i] = n->node[i] == TOPOLOGY_NONE ? 0 : s.networks[n->node[i]];
    simulate_release(&s);
    (void)net_free(n);
    return r;
}

static int
look_outside(struct work *w)
{
    const struct net_filter all = {0};
    const struct simulate_scenario *s = w->scenario;
    const struct net_filter abroad = {
        .side = w->segment, .keep = 0, .cut = s->cut, .cuts = s->cuts};
    const struct net_filter counted = {.counts = w->others};
    uint64_t *before = calloc((size_t)w->t->count + 1, sizeof *before);
    uint64_t *after = calloc((size_t)w->t->count + 1, sizeof *after);
    struct simulate_cut *ret = w->ret;
    int r = before == NULL || after == NULL ? ERR_NOMEM : 0;

    if (r == 0)
        r = reach_of(w, &all, before);
    if (r == 0)
        r = reach_of(w, &abroad, after);
    if (r == 0)
        r = simulate_inside(w->t, &abroad, w->threads, &ret->outside);
    if (r == 0)
        r = simulate_inside(w->t, &counted, w->threads, &ret->outside_before);
    ret->stranded = malloc(((size_t)w->t->count + 1) * sizeof *ret->stranded);
    if (r == 0 && ret->stranded == NULL)
        r = ERR_NOMEM;
    for (uint32_t i = 0; r == 0 && i < w->t->count; i++) {
        if (w->others[i] && before[i] * 2 >= w->t->count &&
            after[i] * 2 < ret->outside.networks)
            ret->stranded[ret->stranded_count++] = i;
    }
    free(before);
    free(after);
    return r;
}

int
simulate_cut(const struct topology *t, const struct simulate_scenario *scenario,
             unsigned threads, struct simulate_cut *ret)
{
    struct work w = {.t = t,
                     .scenario = scenario,
                     .segment = scenario->segment,
                     .threads = threads,
                     .ret = ret};
    const uint8_t *segment = scenario->segment;
    const struct net_filter whole = {.counts = segment};
    int r;

    memset(ret, 0, sizeof *ret);
    r = begin(&w);
    if (r == 0) {
        look_at_links(&w);
        r = simulate_inside(t, &whole, threads, &ret->before);
    }
    for (unsigned i = 0; r == 0 && i < scenario->cases && i < SIMULATE_PRESENCE; i++)
        r = look_inside(&w, i, scenario->neighbours[i]);
    if (r == 0)
        r = look_outside(&w);
    free(w.side);
    free(w.others);
    free(w.here);
    if (r < 0)
        simulate_cut_release(ret);
    return r;
}

void
simulate_cut_release(struct simulate_cut *c)
{
    free(c->stranded);
    *c = (struct simulate_cut){0};
}
