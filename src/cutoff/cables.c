#include "cutoff/cables.h"

#include <stdlib.h>
#include <string.h>

/* ---- who is on a cable ------------------------------------------------------------------- */

struct lander {
    const struct cables *c;
    const struct cable_cut *cut;
    uint32_t *list;  /* countries of the cable */
    uint32_t *times; /* of each country: points of the cable there */
    uint32_t count;
};

static int
lander_make(const struct cables *c, const struct cable_cut *cut, struct lander *l)
{
    *l = (struct lander){.c = c,
                         .cut = cut,
                         .list = calloc((size_t)c->countries + 1, sizeof *l->list),
                         .times = calloc((size_t)c->countries + 1, sizeof *l->times)};
    return l->list == NULL || l->times == NULL ? ERR_NOMEM : 0;
}

static void
lander_release(struct lander *l)
{
    free(l->list);
    free(l->times);
}

static bool
point_fails(const struct cable_cut *cut, uint32_t point)
{
    return cut->point != NULL && cut->point[point] != 0;
}

/* In service, not failing, and with two landings: with one that is left it goes nowhere. */
static bool
is_there(const struct cables *c, const struct cable_cut *cut, uint32_t cable)
{
    const struct cable *k = &c->cable[cable];
    uint32_t left = 0;

    if (k->planned || (cut->cable != NULL && cut->cable[cable] != 0))
        return false;
    for (uint32_t i = k->first; i < k->first + k->points; i++)
        left += !point_fails(cut, c->landing[i]);
    return left > 1 || left == k->points;
}

/* Countries where it lands; none when it is not there. */
static void
lander_take(struct lander *l, uint32_t cable)
{
    const struct cable *k = &l->c->cable[cable];

    for (uint32_t i = 0; i < l->count; i++)
        l->times[l->list[i]] = 0;
    l->count = 0;
    if (!is_there(l->c, l->cut, cable))
        return;
    for (uint32_t i = k->first; i < k->first + k->points; i++) {
        uint32_t country = l->c->point[l->c->landing[i]].country;

        if (country == CABLES_NOWHERE || point_fails(l->cut, l->c->landing[i]))
            continue;
        if (l->times[country]++ == 0)
            l->list[l->count++] = country;
    }
}

/* ---- what there is ----------------------------------------------------------------------- */

static uint32_t
root_of(struct cable_land *land, uint32_t i)
{
    while (land[i].part != i) {
        land[i].part = land[land[i].part].part;
        i = land[i].part;
    }
    return i;
}

/* The first country stands for all. */
static void
join(struct cable_land *land, uint32_t a, uint32_t b)
{
    a = root_of(land, a);
    b = root_of(land, b);
    if (a < b)
        land[b].part = a;
    else
        land[a].part = b;
}

static void
add_cable(const struct lander *l, struct cable_state *s)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct cable_land *to = &s->land[l->list[i]];

        to->cables++;
        to->abroad += l->count > 1;
        join(s->land, l->list[0], l->list[i]);
        for (uint32_t k = 0; k < l->count; k++) {
            uint64_t *word = &s->shares[(size_t)l->list[i] * s->words + l->list[k] / 64];
            uint64_t bit = UINT64_C(1) << l->list[k] % 64;

            to->near += k != i && (*word & bit) == 0;
            *word |= k != i ? bit : 0;
        }
    }
}

/* A point counts while a cable lands there. */
static void
count_points(const struct cables *c, const struct cable_cut *cut, uint8_t *seen,
             struct cable_state *s)
{
    for (uint32_t i = 0; i < c->cables; i++) {
        const struct cable *k = &c->cable[i];
        bool there = is_there(c, cut, i);

        for (uint32_t n = k->first; n < k->first + k->points && !k->planned; n++) {
            uint32_t p = c->landing[n];
            bool lands = there && !point_fails(cut, p);
            uint32_t country = c->point[p].country;

            if (country == CABLES_NOWHERE)
                continue;
            s->land[country].points += lands && (seen[p] & 1) == 0;
            seen[p] |= lands;
            seen[c->points + country] = 1;
        }
    }
}

static void
count_parts(const struct cables *c, const uint8_t *has, struct cable_state *s)
{
    for (uint32_t i = 0; i < c->countries; i++)
        s->land[root_of(s->land, i)].joined += has[i];
    for (uint32_t i = 0; i < c->countries; i++) {
        struct cable_land *l = &s->land[i];

        s->countries += has[i];
        s->parts += has[i] && l->part == i;
        if (l->part == i && l->joined > s->largest)
            s->largest = l->joined;
        l->part = root_of(s->land, i);
        l->joined = s->land[l->part].joined;
    }
}

int
cable_state_make(const struct cables *c, const struct cable_cut *cut, struct cable_state *ret)
{
    size_t n = (size_t)c->countries + 1;
    uint32_t words = c->countries / 64 + 1;
    uint8_t *seen = calloc(c->points + n, 1);
    struct lander l;
    int r = lander_make(c, cut, &l);

    *ret = (struct cable_state){.land = calloc(n, sizeof *ret->land),
                                .shares = calloc(n * words, sizeof *ret->shares),
                                .words = words};
    if (r == 0 && (seen == NULL || ret->land == NULL || ret->shares == NULL))
        r = ERR_NOMEM;
    for (uint32_t i = 0; r == 0 && i < c->countries; i++)
        ret->land[i].part = i;
    for (uint32_t i = 0; r == 0 && i < c->cables; i++) {
        lander_take(&l, i);
        add_cable(&l, ret);
    }
    if (r == 0) {
        count_points(c, cut, seen, ret);
        count_parts(c, seen + c->points, ret);
    }
    lander_release(&l);
    free(seen);
    if (r < 0)
        cable_state_release(ret);
    return r;
}

void
cable_state_release(struct cable_state *s)
{
    free(s->land);
    free(s->shares);
    *s = (struct cable_state){0};
}
