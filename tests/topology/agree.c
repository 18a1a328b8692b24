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
report(const struct topology *is, const struct paths *p)
{
    struct topology_counts counts;
    struct topology *told = NULL;
    struct infer_counts c;
    struct errinfo ei = {0};
    struct agreement a;
    clock_t start = clock();
    struct build *b;

    assert_int_equal(build_new(&b), 0);
    assert_int_equal(infer_links(p, b, &c), 0);
    printf("inferred in %.2f s\n", (double)(clock() - start) / CLOCKS_PER_SEC);
    assert_int_equal(build_finish(b, false, &told, &counts, &ei), 0);
    a = routes_compare(is, told);
    printf("%u hops, clique %u (%u missing, %u more), down %u up %u stub %u lone %u peers %u "
           "poisoned %u\n",
           p->hop.count, c.clique, a.top_missing, a.top_extra, c.down, c.up, c.stub, c.lone,
           c.peers, c.poisoned);
    printf(
        "transit: %u of %u seen; told right %.2f %% (turned %u); of those told %.2f %% are\n",
        a.transit, a.transit_all, share(a.transit_right, a.transit), a.turned,
        share(a.transit_right, a.told_transit));
    printf("peers: %u of %u seen; told right %.2f %%; of those told %.2f %% are\n", a.peers,
           a.peers_all, share(a.peers_right, a.peers), share(a.peers_right, a.told_peers));
    (void)topology_free(told);
    (void)build_free(b);
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
    uint64_t x = 42;

    assert_true(argc >= 4);
    is = read_links(argv[1]);
    count = (unsigned)strtoul(argv[2], NULL, 10);
    for (unsigned i = 0; i < count && i < 256; i++) {
        /* mostly of those that have customers or peers, as collectors' peers are */
        do
            from[i] = (uint32_t)((x = x * UINT64_C(6364136223846793005) + 1) >> 33) % is->count;
        while (is->peer.at[from[i] + 1] - is->peer.at[from[i]] < 20);
    }
    paths_init(&p);
    assert_int_equal(mrt_new(take, &p, &s.mrt), 0);
    s.file = argc > 4 ? fopen(argv[4], "w") : NULL;
    routes_write(is, from, count, (unsigned)strtoul(argv[3], NULL, 10), flush, &s);
    if (s.file == NULL) {
        assert_int_equal(mrt_end(s.mrt, &ei), 0);
        report(is, &p);
    } else
        assert_int_equal(fclose(s.file), 0);
    (void)mrt_free(s.mrt);
    paths_release(&p);
    (void)topology_free(is);
    return 0;
}
