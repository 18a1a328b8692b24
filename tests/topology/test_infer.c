/* Links as they are inferred from routes, against the worlds that the routes are of. */
#include "unit.h"

#include "routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/infer.h"
#include "topology/mrt.h"

static int
take(void *arg, const struct mrt_route *route)
{
    return paths_add(arg, route->path, route->hops);
}

static void
flush(void *arg, struct buf *piece)
{
    struct errinfo ei = {0};

    assert_int_equal(mrt_feed(arg, buf_get(piece), &ei), 0);
}

static struct topology *
infer(const struct paths *p, const uint32_t *top, uint32_t tops, struct infer_counts *c)
{
    struct topology_counts counts;
    struct topology *t = NULL;
    struct errinfo ei = {0};
    struct build *b;

    assert_int_equal(build_new(&b), 0);
    assert_int_equal(infer_links(p, top, tops, b, c), 0);
    assert_int_equal(build_finish(b, false, &t, &counts, &ei), 0); /* no cycle, ever */
    assert_int_equal(counts.twice + counts.contradictory + counts.with_itself, 0);
    (void)build_free(b);
    return t;
}

/* Routes as forty vantage points have them, through bytes of MRT. */
static void
look(const struct topology *is, unsigned seed, struct paths *p)
{
    struct errinfo ei = {0};
    uint32_t from[40];
    struct mrt *m;

    for (unsigned i = 0; i < 40; i++)
        from[i] = (i * 7 + seed) * 2654435761u % is->count;
    paths_init(p);
    assert_int_equal(mrt_new(take, p, &m), 0);
    routes_write(is, from, 40, 1, flush, m);
    assert_int_equal(mrt_end(m, &ei), 0);
    assert_int_equal(mrt_counted(m)->prefixes, is->count);
    (void)mrt_free(m);
}

static void
test_worlds(void **state)
{
    unsigned right = 0;
    unsigned seen = 0;
    unsigned found = 0;

    (void)state;
    for (unsigned seed = 1; seed <= 20; seed++) {
        struct topology *is = routes_world(seed, 400 + seed * 20, 5 + seed % 6);
        struct topology *told;
        struct infer_counts c;
        struct agreement a;
        struct paths p;

        look(is, seed, &p);
        told = infer(&p, NULL, 0, &c);
        a = routes_compare(is, told);
        print_message(
            "%u: transit %u of %u (%u turned, %u told), peers %u of %u, top -%u +%u\n", seed,
            a.transit_right, a.transit, a.turned, a.told_transit, a.peers_right, a.peers,
            a.top_missing, a.top_extra);
        assert_true(a.transit_right * 100 >= a.transit * 90);
        assert_true(a.transit_right * 100 >= a.told_transit * 95);
        assert_true(a.peers_right * 100 >= a.peers * 90);
        assert_true(a.turned * 200 <= a.transit);
        assert_int_equal(c.down + c.up + c.stub + c.lone, told->transit_links);
        assert_int_equal(c.peers, told->peer_links);
        right += a.transit_right;
        seen += a.transit;
        found += a.top_missing + a.top_extra == 0;
        (void)topology_free(told);
        paths_release(&p);
        (void)topology_free(is);
    }
    assert_true(right * 100 >= seen * 96);
    assert_true(found >= 19); /* where a link of the top is on no path, it cannot be told */
}

/* Who is at the top may be given; whom no path has is left out. */
static void
test_given(void **state)
{
    struct topology *is = routes_world(4, 560, 9);
    uint32_t top[10] = {4000000};
    struct topology *told;
    struct infer_counts c;
    struct agreement a;
    struct paths p;

    (void)state;
    look(is, 4, &p);
    for (uint32_t i = 0; i < is->clique_count; i++)
        top[i + 1] = is->asn[is->clique[i]];
    told = infer(&p, top, is->clique_count + 1, &c);
    a = routes_compare(is, told);
    assert_int_equal(a.top_missing + a.top_extra, 0);
    assert_int_equal(c.clique, 9);
    assert_true(a.transit_right * 100 >= a.transit * 95);
    (void)topology_free(told);
    paths_release(&p);
    (void)topology_free(is);
}

static enum topology_tie
tie(const struct topology *t, uint32_t a, uint32_t b, bool *ret_sells)
{
    uint32_t i = topology_find(t, a);
    uint32_t j = topology_find(t, b);

    *ret_sells = false;
    assert_true(i != TOPOLOGY_NONE && j != TOPOLOGY_NONE);
    for (uint32_t k = t->provider.at[j]; k < t->provider.at[j + 1]; k++)
        *ret_sells |= t->provider.to[k] == i;
    for (uint32_t k = t->peer.at[i]; k < t->peer.at[i + 1]; k++) {
        if (t->peer.to[k] == j)
            return TIE_PEER;
    }
    return TIE_TRANSIT;
}

/* A few paths that a person can follow: 1 and 2 at the top, 10 below 1, 20 below 2. */
static void
test_few(void **state)
{
    static const uint32_t paths[][5] = {
        {11, 10, 1, 2, 20}, {21, 20, 2, 1, 10}, {11, 10, 1, 2, 22}, {21, 20, 2, 1, 12},
        {11, 10, 20, 21},   {21, 20, 10, 11},   {11, 10, 1, 2},     {21, 20, 2, 1},
        {21, 20, 2, 1, 13}, {13, 1, 2, 20, 21},
    };
    const uint32_t top[] = {1, 2};
    struct infer_counts c;
    struct topology *t;
    struct paths p;
    bool sells;

    (void)state;
    paths_init(&p);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        unsigned hops = 0;

        while (hops < 5 && paths[i][hops] != 0)
            hops++;
        assert_int_equal(paths_add(&p, paths[i], hops), 0);
        assert_int_equal(paths_add(&p, paths[i], hops), 0);
    }
    assert_int_equal(p.roots, 3);
    assert_int_equal(p.paths, 20);
    assert_int_equal(p.differing, 8); /* two are how another begins */
    t = infer(&p, top, 2, &c);
    assert_int_equal(tie(t, 1, 2, &sells), TIE_PEER);
    assert_true(tie(t, 1, 10, &sells) == TIE_TRANSIT && sells);
    assert_true(tie(t, 2, 20, &sells) == TIE_TRANSIT && sells);
    assert_true(tie(t, 20, 21, &sells) == TIE_TRANSIT && sells);
    assert_true(tie(t, 2, 22, &sells) == TIE_TRANSIT && sells);
    assert_true(tie(t, 1, 13, &sells) == TIE_TRANSIT && sells);
    assert_int_equal(tie(t, 10, 20, &sells), TIE_PEER);
    (void)topology_free(t);
    paths_release(&p);
}

/* No path at all, or of one network: no link, and no harm. */
static void
test_none(void **state)
{
    const uint32_t one = 7;
    struct infer_counts c;
    struct topology *t;
    struct paths p;

    (void)state;
    for (unsigned pass = 0; pass < 2; pass++) {
        paths_init(&p);
        if (pass > 0)
            assert_int_equal(paths_add(&p, &one, 1), 0);
        t = infer(&p, NULL, 0, &c);
        assert_int_equal(t->count, 0);
        (void)topology_free(t);
        paths_release(&p);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_worlds),
                                       cmocka_unit_test(test_given), cmocka_unit_test(test_few),
                                       cmocka_unit_test(test_none)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
