#include "world.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static uint32_t
draw(uint64_t *x, uint32_t below)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*x >> 33) % below;
}

struct topology *
world_make(unsigned seed, unsigned networks)
{
    uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    unsigned top = 1 + draw(&x, 5);
    struct topology_counts counts;
    struct topology *t = NULL;
    struct errinfo ei = {0};
    struct build *b;
    static uint32_t providers[WORLD_MAX][4];
    static unsigned many[WORLD_MAX];

    assert_true(networks <= WORLD_MAX);
    assert_int_equal(build_new(&b), 0);
    for (uint32_t i = 0; i < networks; i++) {
        bool twin = i > top + 2 && draw(&x, 3) == 0;

        many[i] = i < top ? 0 : twin ? many[i - 1] : draw(&x, 4);
        for (unsigned k = 0; k < many[i]; k++) {
            /* mostly of those at the top, so that some sell to many */
            providers[i][k] = twin ? providers[i - 1][k] : draw(&x, 1 + draw(&x, i));
            assert_int_equal(build_link(b, 1 + providers[i][k], 1 + i, TIE_TRANSIT), 0);
        }
        for (unsigned k = draw(&x, 8) == 0 ? draw(&x, 6) : 0; k-- > 0;)
            assert_int_equal(build_link(b, 1 + i, 1 + draw(&x, networks), TIE_PEER), 0);
        for (uint32_t k = 0; i < top && k < i; k++)
            assert_int_equal(build_link(b, 1 + i, 1 + k, TIE_PEER), 0);
        if (i < top)
            assert_int_equal(build_clique(b, 1 + i), 0);
        assert_int_equal(build_country(b, 1 + i, COUNTRY('X', 'A' + draw(&x, 4))), 0);
        assert_int_equal(build_addresses(b, 1 + i, draw(&x, 5) * 256), 0);
    }
    assert_int_equal(build_finish(b, true, &t, &counts, &ei), 0);
    (void)build_free(b);
    return t;
}

static void
spread(const struct topology *t, const struct topology_list *l, uint32_t i, world_link *keep,
       const void *arg, uint8_t *mark)
{
    for (uint32_t k = l->at[i]; k < l->at[i + 1]; k++) {
        if (keep(arg, i, l->to[k]))
            mark[l->to[k]] = 1;
    }
    (void)t;
}

/* Descending from a provider is climbing from its customer: by rounds until nothing changes. */
void
world_reach(const struct topology *t, uint32_t d, world_link *keep, const void *arg,
            uint8_t *ret)
{
    uint8_t *cone = calloc(t->count + (size_t)1, 1);
    bool more = true;

    assert_non_null(cone);
    cone[d] = 1;
    while (more) {
        more = false;
        for (uint32_t i = 0; i < t->count; i++) {
            for (uint32_t k = t->provider.at[i]; cone[i] && k < t->provider.at[i + 1]; k++) {
                uint32_t p = t->provider.to[k];

                if (!cone[p] && keep(arg, i, p))
                    cone[p] = more = true;
            }
        }
    }
    memcpy(ret, cone, t->count);
    for (uint32_t i = 0; i < t->count; i++) {
        if (cone[i])
            spread(t, &t->peer, i, keep, arg, ret);
    }
    for (more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < t->count; i++) {
            for (uint32_t k = t->provider.at[i]; !ret[i] && k < t->provider.at[i + 1]; k++) {
                uint32_t p = t->provider.to[k];

                if (ret[p] && keep(arg, i, p))
                    ret[i] = more = true;
            }
        }
    }
    free(cone);
}

static bool
is_top(const struct topology *t, uint32_t i)
{
    for (uint32_t k = 0; k < t->clique_count; k++) {
        if (t->clique[k] == i)
            return true;
    }
    return false;
}

static bool
is_there(uint32_t a, uint32_t b, uint32_t without, uint32_t by, uint32_t to)
{
    return a != without && b != without && !(a == by && b == to);
}

void
world_held(const struct topology *t, uint32_t without, uint32_t by, uint32_t to, uint8_t *ret)
{
    for (uint32_t i = 0; i < t->count; i++)
        ret[i] = i != without && is_top(t, i);
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < t->count; i++) {
            bool held = ret[i];

            if (held || i == without)
                continue;
            for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++)
                held |=
                    ret[t->provider.to[k]] && is_there(t->provider.to[k], i, without, by, to);
            for (uint32_t k = t->peer.at[i]; k < t->peer.at[i + 1]; k++)
                held |= is_top(t, t->peer.to[k]) && is_there(t->peer.to[k], i, without, by, to);
            ret[i] = held;
            more |= held;
        }
    }
}
