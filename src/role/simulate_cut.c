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
    uint64_t *reach; /* of each network, in one of the looks */
    struct simulate_cut *ret;
};

static int
begin(struct work *w)
{
    size_t n = (size_t)w->t->count + 1;

    w->side = malloc(n);
    w->others = malloc(n);
    w->here = calloc(n, sizeof *w->here);
    w->reach = malloc(n * sizeof *w->reach);
    w->ret->reach_before = calloc(n, sizeof *w->ret->reach_before);
    w->ret->reach_after = calloc(n, sizeof *w->ret->reach_after);
    w->ret->stranded = malloc(n * sizeof *w->ret->stranded);
    w->ret->stranded_inside = malloc(n * sizeof *w->ret->stranded_inside);
    if (w->side == NULL || w->others == NULL || w->here == NULL || w->reach == NULL ||
        w->ret->reach_before == NULL || w->ret->reach_after == NULL ||
        w->ret->stranded == NULL || w->ret->stranded_inside == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < w->t->count; i++)
        w->others[i] = !w->segment[i];
    return 0;
}

/* Of each network its neighbours in the segment. */
static void
count_neighbours(const struct topology *t, const uint8_t *segment, uint32_t *here)
{
    for (uint32_t i = 0; i < t->count; i++) {
        for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++) {
            here[i] += segment[t->provider.to[k]];
            here[t->provider.to[k]] += segment[i];
        }
        for (uint32_t k = t->peer.at[i]; k < t->peer.at[i + 1]; k++)
            here[i] += segment[t->peer.to[k]];
    }
}

static void
look_at_links(struct work *w)
{
    const struct topology *t = w->t;

    count_neighbours(t, w->segment, w->here);
    for (uint32_t i = 0; i < t->count; i++) {
        for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++)
            w->ret->transit_cut += w->segment[i] != w->segment[t->provider.to[k]];
        for (uint32_t k = t->peer.at[i]; k < t->peer.at[i + 1]; k++)
            w->ret->peers_cut += w->segment[i] && !w->segment[t->peer.to[k]];
    }
}

/* The segment, and who stays. */
static void
choose_side(struct work *w, uint32_t neighbours)
{
    const uint8_t *stays = w->scenario->stays;

    for (uint32_t i = 0; i < w->t->count; i++)
        w->side[i] = w->segment[i] || (stays != NULL && stays[i]) ||
                     (neighbours > 0 && w->here[i] >= neighbours);
}

/* Of networks on that side of the border, what they reach; to: reach_before or reach_after. */
static int
look(struct work *w, const struct net_filter *f, bool inside, uint64_t *to, struct inside *ret)
{
    int r = simulate_inside(w->t, f, w->threads, to == NULL ? NULL : w->reach, ret);

    for (uint32_t i = 0; r == 0 && to != NULL && i < w->t->count; i++) {
        if (w->segment[i] == inside)
            to[i] = w->reach[i];
    }
    return r;
}

static int
look_inside(struct work *w, unsigned number, uint32_t neighbours)
{
    const struct simulate_scenario *s = w->scenario;
    const struct net_filter f = {
        .counts = w->segment, .side = w->side, .keep = 1, .cut = s->cut, .cuts = s->cuts};
    struct simulate_cut *ret = w->ret;
    uint32_t kept = 0;

    choose_side(w, neighbours);
    for (uint32_t i = 0; i < w->t->count; i++)
        kept += w->side[i] && !w->segment[i];
    ret->presence[number].neighbours = neighbours;
    ret->presence[number].kept = kept;
    ret->cases = number + 1;
    return look(w, &f, true, number == 0 ? ret->reach_after : NULL,
                &ret->presence[number].inside);
}

static int
look_outside(struct work *w)
{
    const struct net_filter all = {0};
    const struct simulate_scenario *s = w->scenario;
    const struct net_filter abroad = {
        .side = w->segment, .keep = 0, .cut = s->cut, .cuts = s->cuts};
    const struct net_filter counted = {.counts = w->others};
    struct simulate_cut *ret = w->ret;
    struct inside world;
    int r = look(w, &all, false, ret->reach_before, &world);

    if (r == 0)
        r = look(w, &abroad, false, ret->reach_after, &ret->outside);
    return r < 0 ? r : look(w, &counted, false, NULL, &ret->outside_before);
}

/* Who reached half of `of` before and reaches less than half of `now` after. */
static void
find_stranded(const struct work *w, bool inside, uint64_t of, uint64_t now, uint32_t *ret,
              uint32_t *ret_count)
{
    const struct simulate_cut *c = w->ret;

    for (uint32_t i = 0; i < w->t->count; i++) {
        if (w->segment[i] == inside && c->reach_before[i] * 2 >= of &&
            c->reach_after[i] * 2 < now)
            ret[(*ret_count)++] = i;
    }
}

static int
look_at_all(struct work *w)
{
    const struct net_filter whole = {.counts = w->segment};
    const struct simulate_scenario *s = w->scenario;
    struct simulate_cut *ret = w->ret;
    int r = look(w, &whole, true, ret->reach_before, &ret->before);

    for (unsigned i = 0; r == 0 && i < s->cases && i < SIMULATE_PRESENCE; i++)
        r = look_inside(w, i, s->neighbours[i]);
    if (r == 0)
        r = look_outside(w);
    if (r < 0)
        return r;
    find_stranded(w, false, w->t->count, ret->outside.networks, ret->stranded,
                  &ret->stranded_count);
    find_stranded(w, true, ret->before.networks, ret->before.networks, ret->stranded_inside,
                  &ret->stranded_inside_count);
    return 0;
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
    int r;

    memset(ret, 0, sizeof *ret);
    r = begin(&w);
    if (r == 0) {
        look_at_links(&w);
        r = look_at_all(&w);
    }
    free(w.side);
    free(w.others);
    free(w.here);
    free(w.reach);
    if (r < 0)
        simulate_cut_release(ret);
    return r;
}

int
simulate_side_with(const struct topology *t, const uint8_t *segment, const uint8_t *stays,
                   uint32_t neighbours, uint8_t *side)
{
    uint32_t *here = calloc((size_t)t->count + 1, sizeof *here);

    if (here == NULL)
        return ERR_NOMEM;
    simulate_side(t, segment, stays, side);
    count_neighbours(t, segment, here);
    for (uint32_t i = 0; i < t->count; i++)
        side[i] = side[i] || here[i] >= neighbours;
    free(here);
    return 0;
}

void
simulate_cut_release(struct simulate_cut *c)
{
    free(c->reach_before);
    free(c->reach_after);
    free(c->stranded);
    free(c->stranded_inside);
    *c = (struct simulate_cut){0};
}
