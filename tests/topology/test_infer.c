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
infer(const struct paths *p, struct infer_counts *c)
{
    struct topology_counts counts;
    struct topology *t = NULL;
    struct errinfo ei = {0};
    struct build *b;

    assert_int_equal(build_new(&b), 0);
    assert_int_equal(infer_links(p, NULL, 0, b, c), 0);
    assert_int_equal(build_finish(b, false, &t, &counts, &ei), 0); /* no cycle, ever */
    (void)build_free(b);
    return t;
}

static void
test_worlds(void **state)
{
    struct agreement all = {0};

    (void)state;
    for (unsigned seed = 1; seed <= 30; seed++) {
        struct topology *is = routes_world(seed, 400 + seed * 40, 5 + seed % 6);
        struct topology *told;
        struct infer_counts c;
        struct agreement a;
        struct errinfo ei = {0};
        struct paths p;
        struct mrt *m;
        uint32_t from[40];

        for (unsigned i = 0; i < 40; i++)
            from[i] = (i * 7 + seed) * 2654435761u % is->count;
        paths_init(&p);
        assert_int_equal(mrt_new(take, &p, &m), 0);
        routes_write(is, from, 40, 1, flush, m);
        assert_int_equal(mrt_end(m, &ei), 0);
        (void)mrt_free(m);
        told = infer(&p, &c);
        a = routes_compare(is, told);
        print_message("%u: %u/%u transit (%u turned), %u/%u peers, top %u -%u +%u; of told %u "
                      "%u; down %u up %u stub %u lone %u\n",
                      seed, a.transit_right, a.transit, a.turned, a.peers_right, a.peers,
                      c.clique, a.top_missing, a.top_extra, a.told_transit, a.told_peers,
                      c.down, c.up, c.stub, c.lone);
        all.transit += a.transit;
        all.transit_right += a.transit_right;
        paths_release(&p);
        (void)topology_free(told);
        (void)topology_free(is);
    }
    assert_true(all.transit_right * 100 >= all.transit * 95);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_worlds)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
