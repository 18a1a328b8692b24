/* How well links are inferred over a real graph: agree AS-REL VANTAGE-POINTS EACH [MRT].
 *
 * Policy-valid routes of that many vantage points to each n-th network, over the links of a
 * file of relationships (unpacked); what is inferred from them against what the file says. With
 * a last argument the table is written there instead. */
#include "routes.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "topology/infer.h"
#include "topology/mrt.h"

struct sink {
    struct mrt *mrt;
    FILE *file;
};

static int
take(void *arg, const struct mrt_route *route)
{
    return paths_add(arg, route->path, route->hops);
}

static void
flush(void *arg, struct buf *piece)
{
    struct sink *s = arg;
    struct errinfo ei = {0};

    if (s->file != NULL)
        assert_int_equal(fwrite(piece->ptr, 1, piece->len, s->file), piece->len);
    else
        assert_int_equal(mrt_feed(s->mrt, buf_get(piece), &ei), 0);
}

static struct topology *
read_links(const char *path)
{
    static char text[1 << 26];
    FILE *f = fopen(path, "r");
    size_t len = f == NULL ? 0 : fread(text, 1, sizeof text, f);
    struct topology_counts counts;
    struct topology *t = NULL;
    struct errinfo ei = {0};
    struct build *b;
    uint64_t lines;

    assert_non_null(f);
    (void)fclose(f);
    assert_int_equal(build_new(&b), 0);
    assert_int_equal(build_read_as_rel(b, (struct slice){text, len}, &lines, &ei), 0);
    assert_int_equal(build_finish(b, true, &t, &counts, &ei), 0);
    (void)build_free(b);
    return t;
}

static double
share(unsigned a, unsigned b)
{
    return b == 0 ? 0 : 100.0 * a / b;
}

static void
report(const struct topology *is, const struct paths *p, const uint32_t *top, uint32_t tops)
{
    struct topology_counts counts;
    struct topology *told = NULL;
    struct infer_counts c;
    struct errinfo ei = {0};
    struct agreement a;
    clock_t start = clock();
    struct build *b;

    assert_int_equal(build_new(&b), 0);
    assert_int_equal(infer_links(p, top, tops, b, &c), 0);
    printf("inferred in %.2f s\n", (double)(clock() - start) / CLOCKS_PER_SEC);
    assert_int_equal(build_finish(b, false, &told, &counts, &ei), 0);
    a = routes_compare(is, told);
    printf("%u hops, clique %u (%u missing, %u more), down %u up %u stub %u lone %u peers %u "
           "poisoned %u alone %u\n",
           p->hop.count, c.clique, a.top_missing, a.top_extra, c.down, c.up, c.stub, c.lone,
           c.peers, c.poisoned, c.alone);
    printf(
        "transit: %u of %u seen; told right %.2f %% (turned %u); of those told %.2f %% are\n",
        a.transit, a.transit_all, share(a.transit_right, a.transit), a.turned,
        share(a.transit_right, a.told_transit));
    printf("peers: %u of %u seen; told right %.2f %%; of those told %.2f %% are\n", a.peers,
           a.peers_all, share(a.peers_right, a.peers), share(a.peers_right, a.told_peers));
    (void)topology_free(told);
    (void)build_free(b);
}

static uint32_t *customers;

static int
by_customers(const void *a, const void *b)
{
    uint32_t x = customers[*(const uint32_t *)a];
    uint32_t y = customers[*(const uint32_t *)b];

    return x > y ? -1 : x < y;
}

/* As collectors' peers are: half of the hundred with most customers, and half any that have
 * twenty peers. */
static void
choose(const struct topology *t, unsigned count, uint32_t *ret)
{
    uint32_t *large = calloc(t->count, sizeof *large);
    uint64_t x = 42;

    customers = calloc(t->count, sizeof *customers);
    assert_true(large != NULL && customers != NULL);
    for (uint32_t i = 0; i < t->provider.at[t->count]; i++)
        customers[t->provider.to[i]]++;
    for (uint32_t i = 0; i < t->count; i++)
        large[i] = i;
    qsort(large, t->count, sizeof *large, by_customers);
    for (unsigned i = 0; i < count; i++) {
        do {
            uint32_t n = (uint32_t)((x = x * UINT64_C(6364136223846793005) + 1) >> 33);

            ret[i] = i % 2 ? large[n % 100] : n % t->count;
        } while (i % 2 == 0 && t->peer.at[ret[i] + 1] - t->peer.at[ret[i]] < 20);
    }
    free(large);
    free(customers);
}

int
main(int argc, char **argv)
{
    struct sink s = {0};
    struct topology *is;
    struct errinfo ei = {0};
    struct paths p;
    uint32_t from[256];
    unsigned count;

    assert_true(argc >= 4);
    is = read_links(argv[1]);
    count = (unsigned)strtoul(argv[2], NULL, 10);
    assert_true(count <= sizeof from / sizeof from[0]);
    choose(is, count, from);
    paths_init(&p);
    assert_int_equal(mrt_new(take, &p, &s.mrt), 0);
    s.file = argc > 4 ? fopen(argv[4], "w") : NULL;
    routes_write(is, from, count, (unsigned)strtoul(argv[3], NULL, 10), flush, &s);
    if (s.file == NULL) {
        assert_int_equal(mrt_end(s.mrt, &ei), 0);
        uint32_t top[TOPOLOGY_CLIQUE];

        report(is, &p, NULL, 0);
        for (uint32_t i = 0; i < is->clique_count; i++)
            top[i] = is->asn[is->clique[i]];
        printf("the same, told who is at the top:\n");
        report(is, &p, top, is->clique_count);
    } else
        assert_int_equal(fclose(s.file), 0);
    (void)mrt_free(s.mrt);
    paths_release(&p);
    (void)topology_free(is);
    return 0;
}
