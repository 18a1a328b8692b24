/* Every single failure at once (cutoff/cables.h). */
#include <stdlib.h>
#include <string.h>

#include "cutoff/cables.h"

/* Nodes: countries, then points, then cables. */
struct graph {
    const struct cables *c;
    uint32_t nodes;
    uint32_t *at; /* nodes + 1: where its neighbours begin in `to` */
    uint32_t *to;
    uint32_t *seen; /* when a node was met, from 1; 0 not yet */
    uint32_t *low;  /* the earliest that it reaches from below without its parent's link */
    uint32_t *parent;
    uint32_t *next;  /* neighbour to look at, in `to` */
    uint32_t *below; /* countries from it downwards */
    uint32_t *root;
    uint32_t *pieces; /* that fall off below when it fails, with a country in each … */
    uint32_t *fallen; /* … countries of them all … */
    uint32_t *large;  /* … and of the largest */
    uint32_t clock;
};

enum { ARRAYS = 11 };

static uint32_t **
array_of(struct graph *g, unsigned i)
{
    uint32_t **const all[ARRAYS] = {&g->at,     &g->seen,  &g->low,  &g->parent,
                                    &g->next,   &g->below, &g->root, &g->pieces,
                                    &g->fallen, &g->large, &g->to};

    return all[i];
}

static void
graph_release(struct graph *g)
{
    for (unsigned i = 0; i < ARRAYS; i++)
        free(*array_of(g, i));
}

/* Calls of it count, then place: `to` is NULL at first. */
static void
link_up(struct graph *g, uint32_t a, uint32_t b)
{
    if (g->to == NULL) {
        g->at[a + 1]++;
        g->at[b + 1]++;
    } else {
        g->to[g->next[a]++] = b;
        g->to[g->next[b]++] = a;
    }
}

static void
link_all(struct graph *g)
{
    const struct cables *c = g->c;

    for (uint32_t p = 0; p < c->points; p++) {
        if (c->point[p].country != CABLES_NOWHERE)
            link_up(g, c->point[p].country, c->countries + p);
    }
    for (uint32_t k = 0; k < c->cables; k++) {
        const struct cable *cable = &c->cable[k];

        for (uint32_t i = cable->first; i < cable->first + cable->points; i++) {
            if (!cable->planned && c->point[c->landing[i]].country != CABLES_NOWHERE)
                link_up(g, c->countries + c->landing[i], c->countries + c->points + k);
        }
    }
}

static int
graph_make(const struct cables *c, struct graph *g)
{
    size_t n = (size_t)c->countries + c->points + c->cables;

    *g = (struct graph){.c = c, .nodes = (uint32_t)n};
    for (unsigned i = 0; i + 1 < ARRAYS; i++) {
        uint32_t **array = array_of(g, i);

        *array = calloc(n + 2, sizeof **array);
        if (*array == NULL)
            return ERR_NOMEM;
    }
    link_all(g);
    for (uint32_t i = 0; i < n; i++) {
        g->at[i + 1] += g->at[i];
        g->next[i + 1] = g->at[i + 1];
    }
    g->to = calloc((size_t)g->at[n] + 1, sizeof *g->to);
    if (g->to == NULL)
        return ERR_NOMEM;
    link_all(g);
    memcpy(g->next, g->at, n * sizeof *g->next);
    return 0;
}

/* ---- articulation points ----------------------------------------------------------------- */

static void
enter(struct graph *g, uint32_t v, uint32_t parent, uint32_t root)
{
    g->seen[v] = g->low[v] = ++g->clock;
    g->parent[v] = parent;
    g->root[v] = root;
    g->below[v] = v < g->c->countries;
}

/* Back from v to who led there. */
static void
leave(struct graph *g, uint32_t v, uint32_t parent)
{
    uint32_t below = g->below[v];

    if (g->low[v] < g->low[parent])
        g->low[parent] = g->low[v];
    g->below[parent] += below;
    if (g->low[v] < g->seen[parent] || below == 0)
        return;
    g->pieces[parent]++;
    g->fallen[parent] += below;
    if (below > g->large[parent])
        g->large[parent] = below;
}

/* Without recursion: the parents are the stack. */
static void
walk_from(struct graph *g, uint32_t root)
{
    uint32_t v = root;

    enter(g, root, root, root);
    for (;;) {
        uint32_t w;

        if (g->next[v] == g->at[v + 1]) {
            if (v == root)
                return;
            leave(g, v, g->parent[v]);
            v = g->parent[v];
            continue;
        }
        w = g->to[g->next[v]++];
        if (g->seen[w] == 0) {
            enter(g, w, v, root);
            v = w;
        } else if (w != g->parent[v] && g->seen[w] < g->low[v]) {
            g->low[v] = g->seen[w];
        }
    }
}

static void
put_parts(const struct graph *g, uint32_t v, struct cable_failure *to)
{
    uint32_t all = g->seen[v] == 0 ? 0 : g->below[g->root[v]];
    uint32_t above = all - g->fallen[v];
    uint32_t pieces = g->pieces[v] + (above > 0);

    to->parts = pieces > 1 ? pieces - 1 : 0;
    to->apart = all - (above > g->large[v] ? above : g->large[v]);
}

/* ---- last cables ------------------------------------------------------------------------- */

struct last {
    const struct cables *c;
    uint32_t *abroad; /* of each country: cables to another */
    uint32_t *lost;   /* of each country, by the failure that is looked at */
    uint32_t *list;   /* countries with any */
    uint32_t count;
    /* Of each cable: */
    uint32_t *many;      /* countries */
    uint32_t (*ends)[2]; /* the first two of them */
    /* Of each landing: */
    uint8_t *sole;    /* no other of that cable is in that country */
    uint32_t *of;     /* its cable */
    uint32_t *at;     /* of each point, + 1: where its landings begin in … */
    uint32_t *landed; /* … this */
};

static void
last_release(struct last *l)
{
    free(l->abroad);
    free(l->lost);
    free(l->list);
    free(l->many);
    free(l->ends);
    free(l->sole);
    free(l->of);
    free(l->at);
    free(l->landed);
}

/* `times` of each country is zero, before and after. */
static void
look_at(struct last *l, uint32_t k, uint32_t *times)
{
    const struct cables *c = l->c;
    const struct cable *cable = &c->cable[k];
    uint32_t to = cable->first + cable->points;

    for (uint32_t i = cable->first; i < to; i++) {
        uint32_t country = c->point[c->landing[i]].country;

        l->of[i] = k;
        if (cable->planned || country == CABLES_NOWHERE)
            continue;
        if (times[country]++ == 0 && l->many[k]++ < 2)
            l->ends[k][l->many[k] - 1] = country;
    }
    for (uint32_t i = cable->first; i < to; i++) {
        uint32_t country = c->point[c->landing[i]].country;

        if (cable->planned || country == CABLES_NOWHERE)
            continue;
        l->sole[i] = times[country] == 1;
        if (l->many[k] > 1 && times[country] > 0 && l->lost[country] != k + 1) {
            l->lost[country] = k + 1; /* counted of this cable */
            l->abroad[country]++;
        }
    }
    for (uint32_t i = cable->first; i < to; i++) {
        if (c->point[c->landing[i]].country != CABLES_NOWHERE)
            times[c->point[c->landing[i]].country] = 0;
    }
}

static int
last_make(const struct cables *c, struct last *l)
{
    size_t countries = (size_t)c->countries + 1;
    size_t landings = (size_t)c->landings + 1;
    uint32_t *times = calloc(countries, sizeof *times);

    *l = (struct last){.c = c,
                       .abroad = calloc(countries, sizeof *l->abroad),
                       .lost = calloc(countries, sizeof *l->lost),
                       .list = calloc(countries, sizeof *l->list),
                       .many = calloc((size_t)c->cables + 1, sizeof *l->many),
                       .ends = calloc((size_t)c->cables + 1, sizeof *l->ends),
                       .sole = calloc(landings, 1),
                       .of = calloc(landings, sizeof *l->of),
                       .at = calloc((size_t)c->points + 2, sizeof *l->at),
                       .landed = calloc(landings, sizeof *l->landed)};
    if (times == NULL || l->abroad == NULL || l->lost == NULL || l->list == NULL ||
        l->many == NULL || l->ends == NULL || l->sole == NULL || l->of == NULL ||
        l->at == NULL || l->landed == NULL) {
        free(times);
        return ERR_NOMEM;
    }
    for (uint32_t k = 0; k < c->cables; k++)
        look_at(l, k, times);
    free(times);
    memset(l->lost, 0, countries * sizeof *l->lost);
    /* landings by their point: where one ends, the next begins */
    for (uint32_t i = 0; i < c->landings; i++)
        l->at[c->landing[i] + 2]++;
    for (uint32_t p = 0; p < c->points; p++)
        l->at[p + 2] += l->at[p + 1];
    for (uint32_t i = 0; i < c->landings; i++)
        l->landed[l->at[c->landing[i] + 1]++] = i;
    return 0;
}

static void
lose(struct last *l, uint32_t country)
{
    if (l->lost[country]++ == 0)
        l->list[l->count++] = country;
}

/* How many lost all; and clean again. */
static uint32_t
count_lost(struct last *l)
{
    uint32_t n = 0;

    while (l->count > 0) {
        uint32_t country = l->list[--l->count];

        n += l->lost[country] == l->abroad[country];
        l->lost[country] = 0;
    }
    return n;
}

static uint32_t
last_of_cable(struct last *l, uint32_t k)
{
    const struct cable *cable = &l->c->cable[k];

    for (uint32_t i = cable->first; i < cable->first + cable->points && l->many[k] > 1; i++) {
        uint32_t country = l->c->point[l->c->landing[i]].country;

        if (country != CABLES_NOWHERE && l->lost[country] == 0)
            lose(l, country);
    }
    return count_lost(l);
}

/* A cable ends in that country when this is its only point there; with one of two countries
 * the other loses it too. */
static uint32_t
last_of_point(struct last *l, uint32_t p)
{
    uint32_t country = l->c->point[p].country;

    for (uint32_t i = l->at[p]; i < l->at[p + 1]; i++) {
        uint32_t k = l->of[l->landed[i]];

        if (l->sole[l->landed[i]] == 0 || l->many[k] < 2)
            continue;
        lose(l, country);
        if (l->many[k] == 2)
            lose(l, l->ends[k][l->ends[k][0] == country]);
    }
    return count_lost(l);
}

/* Does a cable that is in service land there? */
static bool
is_used(const struct last *l, uint32_t p)
{
    for (uint32_t i = l->at[p]; i < l->at[p + 1]; i++) {
        if (!l->c->cable[l->of[l->landed[i]]].planned)
            return true;
    }
    return false;
}

/* ---- rows -------------------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
    const struct cable_failure *x = a;
    const struct cable_failure *y = b;

    if (x->last != y->last)
        return x->last > y->last ? -1 : 1;
    if (x->apart != y->apart)
        return x->apart > y->apart ? -1 : 1;
    if (x->parts != y->parts)
        return x->parts > y->parts ? -1 : 1;
    if (x->point != y->point)
        return x->point ? 1 : -1;
    return x->index < y->index ? -1 : 1;
}

static uint32_t
put_rows(const struct graph *g, struct last *l, struct cable_failure *rows)
{
    const struct cables *c = g->c;
    uint32_t n = 0;

    for (uint32_t k = 0; k < c->cables; k++) {
        if (c->cable[k].planned)
            continue;
        rows[n] = (struct cable_failure){.index = k, .last = last_of_cable(l, k)};
        put_parts(g, c->countries + c->points + k, &rows[n++]);
    }
    for (uint32_t p = 0; p < c->points; p++) {
        if (!is_used(l, p))
            continue;
        rows[n] =
            (struct cable_failure){.index = p, .point = true, .last = last_of_point(l, p)};
        put_parts(g, c->countries + p, &rows[n++]);
    }
    return n;
}

int
cable_rank(const struct cables *c, struct cable_failure **ret, uint32_t *count)
{
    struct cable_failure *rows = calloc((size_t)c->cables + c->points + 1, sizeof *rows);
    struct last l = {0};
    struct graph g;
    int r = graph_make(c, &g);

    *ret = NULL;
    *count = 0;
    if (r == 0)
        r = rows == NULL ? ERR_NOMEM : last_make(c, &l);
    for (uint32_t i = 0; r == 0 && i < c->countries; i++) {
        if (g.seen[i] == 0)
            walk_from(&g, i);
    }
    if (r == 0) {
        *count = put_rows(&g, &l, rows);
        qsort(rows, *count, sizeof *rows, compare);
        *ret = rows;
        rows = NULL;
    }
    free(rows);
    last_release(&l);
    graph_release(&g);
    return r;
}
