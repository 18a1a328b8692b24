/* The simulation against a naive one, on made-up worlds. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cutoff/cones.h"
#include "cutoff/inside.h"
#include "cutoff/plan.h"
#include "cutoff/rank.h"
#include "cutoff/reach_priv.h"
#include "world.h"

static bool
side_keeps(const void *arg, uint32_t a, uint32_t b)
{
    const struct net_filter *f = arg;

    if (f->side != NULL && (f->side[a] != f->keep || f->side[b] != f->keep))
        return false;
    for (uint32_t i = 0; i < f->cuts; i++) {
        if (f->cut[i] == net_link(a, b))
            return false;
    }
    return true;
}

/* ---- reach ------------------------------------------------------------------------------- */

struct naive {
    uint64_t networks[WORLD_MAX];
    uint64_t weights[WORLD_MAX];
};

static void
reach_naively(const struct topology *t, const struct net_filter *f, struct naive *ret)
{
    static uint8_t mark[WORLD_MAX + 1];

    memset(ret, 0, sizeof *ret);
    for (uint32_t d = 0; d < t->count; d++) {
        if (f->side != NULL && f->side[d] != f->keep)
            continue;
        world_reach(t, d, side_keeps, f, mark);
        for (uint32_t s = 0; s < t->count; s++) {
            ret->networks[s] += mark[s];
            ret->weights[s] += mark[s] ? t->answers[d] : 0;
        }
    }
}

static void
same(const struct topology *t, const struct net_filter *f, const struct naive *want)
{
    struct net *n;

    assert_int_equal(net_make(t, f, &n), 0);
    for (int c = 0; c < REACH_CODES; c++) {
        struct reach_sums s = {calloc(n->count + (size_t)1, 8),
                               calloc(n->count + (size_t)1, 8)};
        uint32_t all = reach_batches(n);
        uint32_t here = 0;

        if (reach_can((enum reach_code)c)) {
            /* in two parts, as threads do it */
            assert_int_equal(reach_add_by((enum reach_code)c, n, all / 2, all, &s), 0);
            assert_int_equal(reach_add_by((enum reach_code)c, n, 0, all / 2, &s), 0);
            for (uint32_t i = 0; i < t->count; i++) {
                if (f->side != NULL && f->side[i] != f->keep) {
                    assert_int_equal(n->node[i], TOPOLOGY_NONE);
                    continue;
                }
                here++;
                assert_true(s.networks[n->node[i]] == want->networks[i]);
                assert_true(s.weights[n->node[i]] == want->weights[i]);
            }
            assert_int_equal(here, n->networks);
        }
        free(s.networks);
        free(s.weights);
    }
    (void)net_free(n);
}

static void
test_reach(void **state)
{
    static struct naive want;
    static uint8_t side[WORLD_MAX];

    (void)state;
    assert_true(reach_can(REACH_PORTABLE));
    for (unsigned seed = 1; seed <= 120; seed++) {
        struct topology *t = world_make(seed, 1 + seed * 2);
        struct net_filter all = {0};
        struct net_filter part = {.side = side, .keep = 1};

        reach_naively(t, &all, &want);
        same(t, &all, &want);
        for (uint32_t i = 0; i < t->count; i++)
            side[i] = t->country[i] == COUNTRY('X', 'A');
        for (part.keep = 0; part.keep < 2; part.keep++) {
            reach_naively(t, &part, &want);
            same(t, &part, &want);
        }
        (void)topology_free(t);
    }
}

/* More than one batch of destinations, and twins over its edge. */
static void
test_reach_large(void **state)
{
    static struct naive want;
    struct topology *t = world_make(7, 1900);
    struct net_filter all = {0};

    (void)state;
    reach_naively(t, &all, &want);
    same(t, &all, &want);
    (void)topology_free(t);
}

static int
compare_links(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void
test_links_cut(void **state)
{
    static struct naive want;
    static uint64_t cut[64];

    (void)state;
    for (unsigned seed = 500; seed < 540; seed++) {
        struct topology *t = world_make(seed, 120);
        struct net_filter f = {.cut = cut};

        for (uint32_t i = 0; i < t->count && f.cuts < 40; i += 2) {
            if (t->provider.at[i + 1] > t->provider.at[i])
                cut[f.cuts++] = net_link(i, t->provider.to[t->provider.at[i]]);
            if (t->peer.at[i + 1] > t->peer.at[i])
                cut[f.cuts++] = net_link(i, t->peer.to[t->peer.at[i]]);
        }
        qsort(cut, f.cuts, sizeof *cut, compare_links);
        reach_naively(t, &f, &want);
        same(t, &f, &want);
        (void)topology_free(t);
    }
}

/* ---- inside ------------------------------------------------------------------------------ */

static void
test_inside(void **state)
{
    static struct naive want;
    static uint8_t side[WORLD_MAX];
    static uint64_t services[WORLD_MAX];

    (void)state;
    for (unsigned seed = 1; seed <= 60; seed++) {
        struct topology *t = world_make(seed, 150);
        struct net_filter f = {.side = side, .keep = 1};
        struct inside got = {0};
        struct reach_sums s;
        struct net *n;
        uint64_t pairs = 0;
        uint64_t here = 0;
        weight weights = 0;

        for (uint32_t i = 0; i < t->count; i++)
            side[i] = t->country[i] == COUNTRY('X', 'B');
        for (uint32_t i = 0; i < t->count; i++)
            services[i] = i * 7 % 5;
        if (seed % 2 == 0) /* who asks has addresses, who answers has services */
            topology_weigh(t, t->addresses, services);
        assert_int_equal(net_make(t, &f, &n), 0);
        s = (struct reach_sums){calloc(n->count + (size_t)1, 8),
                                calloc(n->count + (size_t)1, 8)};
        assert_int_equal(reach_add(n, 0, reach_batches(n), &s), 0);
        inside_strict(t, &f, n, &s, &got);
        reach_naively(t, &f, &want);
        for (uint32_t i = 0; i < t->count; i++) {
            if (!side[i])
                continue;
            here++;
            pairs += want.networks[i] - 1;
            weights += (weight)want.weights[i] * t->asks[i];
        }
        assert_true(got.networks == here && got.pairs == here * (here - (here > 0)));
        assert_true(got.strict == pairs && got.strict_weights == weights);
        free(s.networks);
        free(s.weights);
        (void)net_free(n);
        (void)topology_free(t);
    }
}

/* Islands by colouring, over and over. */
static void
test_islands(void **state)
{
    static uint8_t side[WORLD_MAX];
    static uint32_t colour[WORLD_MAX];
    static uint32_t island[WORLD_MAX];

    (void)state;
    for (unsigned seed = 1; seed <= 60; seed++) {
        struct topology *t = world_make(seed, 150);
        struct net_filter f = {.side = side, .keep = 1};
        struct inside got = {0};
        uint64_t pairs = 0;

        for (uint32_t i = 0; i < t->count; i++) {
            side[i] = t->country[i] == COUNTRY('X', 'C');
            colour[i] = i;
        }
        for (bool more = true; more;) {
            more = false;
            for (uint32_t i = 0; i < t->count; i++) {
                const struct topology_list *lists[] = {&t->provider, &t->peer};

                for (unsigned l = 0; l < 2; l++) {
                    for (uint32_t k = lists[l]->at[i]; k < lists[l]->at[i + 1]; k++) {
                        uint32_t j = lists[l]->to[k];
                        uint32_t low = colour[i] < colour[j] ? colour[i] : colour[j];

                        if (!side_keeps(&f, i, j) || colour[i] == colour[j])
                            continue;
                        colour[i] = colour[j] = low;
                        more = true;
                    }
                }
            }
        }
        assert_int_equal(inside_islands(t, &f, island, &got), 0);
        for (uint32_t i = 0; i < t->count; i++) {
            if (side[i])
                assert_int_equal(island[i], colour[i]);
            for (uint32_t j = 0; j < t->count; j++)
                pairs += i != j && side[i] && side[j] && colour[i] == colour[j];
        }
        assert_true(got.component == pairs);
        (void)topology_free(t);
    }
}

/* ---- single failures --------------------------------------------------------------------- */

static uint32_t
lost(const struct topology *t, const uint8_t *before, const uint8_t *after, uint16_t country,
     uint32_t without)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->count; i++)
        n += i != without && t->country[i] == country && before[i] && !after[i];
    return n;
}

static uint32_t
row_of(const struct rank_row *rows, uint32_t count, uint32_t network)
{
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].network == network)
            return rows[i].stranded;
    }
    return 0;
}

/* Who carries it: all of its providers, and its peers at the top. */
static uint32_t
carrier(const struct rank *r, uint32_t i)
{
    return r->only[i];
}

static void
test_failures(void **state)
{
    static uint8_t before[WORLD_MAX];
    static uint8_t after[WORLD_MAX];

    (void)state;
    for (unsigned seed = 1; seed <= 80; seed++) {
        struct topology *t = world_make(seed, 20 + seed);
        struct rank r;

        assert_int_equal(rank_make(t, &r), 0);
        world_held(t, TOPOLOGY_NONE, TOPOLOGY_NONE, TOPOLOGY_NONE, before);
        for (uint32_t i = 0; i < t->count; i++)
            assert_int_equal(before[i], r.above[i] != TOPOLOGY_NONE);
        for (unsigned c = 0; c < 4; c++) {
            uint16_t country = COUNTRY('X', 'A' + c);
            struct rank_row *rows;
            struct rank_row *links;
            uint32_t count;
            uint32_t link_count;
            uint32_t networks;

            assert_int_equal(rank_country(t, &r, country, &rows, &count, &networks), 0);
            assert_int_equal(rank_links(t, &r, country, &links, &link_count), 0);
            for (uint32_t i = 1; i < count; i++)
                assert_true(rows[i - 1].stranded >= rows[i].stranded);
            for (uint32_t i = 0; i < t->count; i++) {
                world_held(t, i, TOPOLOGY_NONE, TOPOLOGY_NONE, after);
                assert_int_equal(row_of(rows, count, i), lost(t, before, after, country, i));
                if (carrier(&r, i) == TOPOLOGY_NONE)
                    continue;
                world_held(t, TOPOLOGY_NONE, carrier(&r, i), i, after);
                assert_int_equal(row_of(links, link_count, i),
                                 lost(t, before, after, country, TOPOLOGY_NONE));
            }
            free(rows);
            free(links);
        }
        rank_release(&r);
        (void)topology_free(t);
    }
}

/* ---- cones ------------------------------------------------------------------------------- */

static void
test_cones(void **state)
{
    static uint32_t cone[WORLD_MAX];
    static uint8_t mark[WORLD_MAX];

    (void)state;
    for (unsigned seed = 1; seed <= 30; seed++) {
        struct topology *t = world_make(seed, seed == 30 ? 1900 : 40 + seed * 7);

        assert_int_equal(cones_count(t, cone), 0);
        for (uint32_t d = 0; d < t->count; d += seed == 30 ? 97 : 1) {
            uint32_t n = 0;

            memset(mark, 0, sizeof mark);
            mark[d] = 1;
            for (uint32_t i = d; i < t->count; i++) { /* customers stand behind */
                for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++)
                    mark[i] |= mark[t->provider.to[k]];
                n += mark[i];
            }
            assert_int_equal(cone[d], n);
        }
        (void)topology_free(t);
    }
}

/* ---- links that would help --------------------------------------------------------------- */

/* The segment by itself, with links between peers beside its own. */
static struct topology *
rebuild(const struct topology *t, const struct net_filter *f, const struct links_step *steps,
        uint32_t count)
{
    struct topology_counts counts;
    struct topology *ret = NULL;
    struct errinfo ei = {0};
    struct build *b;

    assert_int_equal(build_new(&b), 0);
    for (uint32_t i = 0; i < t->count; i++) {
        for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++) {
            if (side_keeps(f, i, t->provider.to[k]))
                assert_int_equal(
                    build_link(b, t->asn[t->provider.to[k]], t->asn[i], TIE_TRANSIT), 0);
        }
        for (uint32_t k = t->peer.at[i]; k < t->peer.at[i + 1]; k++) {
            if (side_keeps(f, i, t->peer.to[k]))
                assert_int_equal(build_link(b, t->asn[t->peer.to[k]], t->asn[i], TIE_PEER), 0);
        }
    }
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(build_link(b, t->asn[steps[i].a], t->asn[steps[i].b], TIE_PEER), 0);
    assert_int_equal(build_finish(b, false, &ret, &counts, &ei), 0);
    (void)build_free(b);
    return ret;
}

/* Networks that no link names reach nobody, so that they are missed by nobody. */
static uint64_t
pairs_with(const struct topology *t, const struct net_filter *f, const struct links_step *steps,
           uint32_t count)
{
    static struct naive n;
    struct topology *other = rebuild(t, f, steps, count);
    struct net_filter all = {0};
    uint64_t pairs = 0;

    reach_naively(other, &all, &n);
    for (uint32_t i = 0; i < other->count; i++)
        pairs += n.networks[i] - 1;
    (void)topology_free(other);
    return pairs;
}

/* The same as they are weighed; who is linked to nobody reaches itself. */
static weight
weights_with(const struct topology *t, const struct net_filter *f,
             const struct links_step *steps, uint32_t count)
{
    static struct naive n;
    static uint64_t asks[WORLD_MAX];
    static uint64_t answers[WORLD_MAX];
    struct topology *other = rebuild(t, f, steps, count);
    struct net_filter all = {0};
    weight sum = 0;

    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t there = topology_find(other, t->asn[i]);

        if (there != TOPOLOGY_NONE) {
            asks[there] = t->asks[i];
            answers[there] = t->answers[i];
        } else if (f->side[i] == f->keep) {
            sum += (weight)t->asks[i] * t->answers[i];
        }
    }
    topology_weigh(other, asks, answers);
    reach_naively(other, &all, &n);
    for (uint32_t i = 0; i < other->count; i++)
        sum += (weight)asks[i] * n.weights[i];
    (void)topology_free(other);
    return sum;
}

static void
test_plan_weighed(void **state)
{
    static uint8_t side[WORLD_MAX];
    static uint64_t services[WORLD_MAX];
    static struct links_plan p;

    (void)state;
    for (unsigned seed = 1; seed <= 16; seed++) {
        struct topology *t = world_make(seed, 40 + seed);
        struct net_filter f = {.side = side, .keep = 1};
        weight sum;
        weight all;
        uint64_t asks = 0;
        uint64_t answers = 0;

        for (uint32_t i = 0; i < t->count; i++) {
            side[i] = t->country[i] == COUNTRY('X', 'A') || t->country[i] == COUNTRY('X', 'B');
            services[i] = i * 7 % 5;
            asks += side[i] ? t->addresses[i] : 0;
            answers += side[i] ? services[i] : 0;
        }
        if (seed % 2 == 0)
            topology_weigh(t, t->addresses, services);
        all = (weight)asks * (seed % 2 == 0 ? answers : asks);
        assert_int_equal(links_plan_make(t, &f, 5, true, &p), 0);
        sum = p.reached;
        assert_true(p.all == all && sum == weights_with(t, &f, NULL, 0));
        for (uint32_t i = 0; i < p.steps; i++) {
            sum += p.step[i].gain;
            assert_true(i == 0 || p.step[i].gain <= p.step[i - 1].gain);
            assert_true(sum == weights_with(t, &f, p.step, i + 1));
        }
        for (uint32_t i = 0; i < t->count; i++) {
            for (uint32_t k = 0; k < i && seed <= 4; k++) {
                struct links_step one = {i, k, 0};

                if (side[i] && side[k])
                    assert_true(weights_with(t, &f, &one, 1) <=
                                p.reached + (p.steps > 0 ? p.step[0].gain : 0));
            }
        }
        (void)topology_free(t);
    }
}

static void
test_plan(void **state)
{
    static uint8_t side[WORLD_MAX];
    static struct links_plan p;

    (void)state;
    for (unsigned seed = 1; seed <= 25; seed++) {
        struct topology *t = world_make(seed, 40 + seed);
        struct net_filter f = {.side = side, .keep = 1};
        uint64_t sum;

        for (uint32_t i = 0; i < t->count; i++)
            side[i] = t->country[i] == COUNTRY('X', 'A') || t->country[i] == COUNTRY('X', 'B');
        assert_int_equal(links_plan_make(t, &f, 6, false, &p), 0);
        sum = weight_u64(p.reached);
        assert_true(sum == pairs_with(t, &f, NULL, 0));
        for (uint32_t i = 0; i < p.steps; i++) {
            sum += weight_u64(p.step[i].gain);
            assert_true(i == 0 || p.step[i].gain <= p.step[i - 1].gain);
            assert_true(sum == pairs_with(t, &f, p.step, i + 1));
        }
        /* At each step no other link brings more. */
        for (uint32_t step = 0; step < p.steps && seed <= 6; step++) {
            static struct links_step with[8];
            uint64_t before = pairs_with(t, &f, p.step, step);

            memcpy(with, p.step, step * sizeof *with);
            for (uint32_t i = 0; i < t->count; i++) {
                for (uint32_t k = 0; k < i; k++) {
                    with[step] = (struct links_step){i, k, 0};
                    if (side[i] && side[k])
                        assert_true(pairs_with(t, &f, with, step + 1) - before <=
                                    p.step[step].gain);
                }
            }
        }
        (void)topology_free(t);
    }
}

/* Who stays carries, counts for nothing and gets no links. */
static void
test_plan_stays(void **state)
{
    static uint8_t side[WORLD_MAX];
    static uint8_t counts[WORLD_MAX];
    static struct links_plan p;

    (void)state;
    for (unsigned seed = 1; seed <= 20; seed++) {
        struct topology *t = world_make(seed, 60);
        struct net_filter f = {.counts = counts, .side = side, .keep = 1};
        uint64_t here = 0;
        uint64_t sum = 0;

        for (uint32_t i = 0; i < t->count; i++) {
            counts[i] = t->country[i] == COUNTRY('X', 'A');
            side[i] = counts[i] || i % 5 == 0;
            here += counts[i];
        }
        assert_int_equal(links_plan_make(t, &f, 4, false, &p), 0);
        for (uint32_t d = 0; d < t->count; d++) {
            static uint8_t mark[WORLD_MAX + 1];

            if (!counts[d])
                continue;
            world_reach(t, d, side_keeps, &f, mark);
            for (uint32_t i = 0; i < t->count; i++)
                sum += i != d && counts[i] && mark[i];
        }
        assert_true(p.networks == here && p.all == here * (here - (here > 0)));
        assert_true(p.reached == sum);
        for (uint32_t i = 0; i < p.steps; i++)
            assert_true(counts[p.step[i].a] && counts[p.step[i].b] && p.step[i].gain > 0);
        (void)topology_free(t);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reach),        cmocka_unit_test(test_reach_large),
        cmocka_unit_test(test_links_cut),    cmocka_unit_test(test_inside),
        cmocka_unit_test(test_islands),      cmocka_unit_test(test_plan),
        cmocka_unit_test(test_plan_weighed), cmocka_unit_test(test_plan_stays),
        cmocka_unit_test(test_cones),        cmocka_unit_test(test_failures)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
