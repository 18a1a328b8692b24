/* The simulation of cuts: bench_cutoff [SNAPSHOT].  Without a snapshot over a made-up world of
 * as many networks as the real one, whose few large ones sell to most. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cutoff/plan.h"
#include "cutoff/rank.h"
#include "cutoff/reach_priv.h"
#include "role/simulate.h"
#include "topology/snapshot.h"

enum { NETWORKS = 76000, ROUNDS = 5 };

static double
now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
say(const char *name, double seconds, const char *more)
{
    printf("%s %.2f ms (%s)\n", name, seconds * 1e3, more);
}

static uint32_t
draw(uint64_t *x, uint32_t below)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*x >> 33) % below;
}

static struct topology *
make(void)
{
    struct topology_counts counts;
    struct topology *t = NULL;
    struct errinfo ei = {0};
    struct build *b;
    uint64_t x = 1;

    BUG_ON(build_new(&b) < 0);
    for (uint32_t i = 0; i < NETWORKS; i++) {
        uint32_t country = draw(&x, 1 + draw(&x, 26 * 6));

        for (unsigned k = i < 16 ? 0 : 1 + draw(&x, 3); k-- > 0;) {
            uint32_t p = draw(&x, 1 + draw(&x, 1 + draw(&x, 1 + draw(&x, i / 6 + 2))));

            BUG_ON(p < i && build_link(b, 1 + p, 1 + i, TIE_TRANSIT) < 0);
        }
        for (unsigned k = i < 16 ? 0 : draw(&x, 9) == 0 ? draw(&x, 100) : 0; k-- > 0;)
            BUG_ON(build_link(b, 1 + i, 1 + draw(&x, i + 1), TIE_PEER) < 0);
        for (uint32_t k = 0; i < 16 && k < i; k++)
            BUG_ON(build_link(b, 1 + i, 1 + k, TIE_PEER) < 0);
        BUG_ON(build_country(b, 1 + i, COUNTRY('A' + country / 26, 'A' + country % 26)) < 0 ||
               build_addresses(b, 1 + i, draw(&x, 4096)) < 0);
    }
    BUG_ON(build_finish(b, true, &t, &counts, &ei) < 0);
    (void)build_free(b);
    return t;
}

static void
slurp(const char *path, struct buf *to)
{
    FILE *f = fopen(path, "rb");
    char *at;

    BUG_ON(f == NULL);
    while ((at = buf_reserve(to, 1 << 20)) != NULL) {
        size_t n = fread(at, 1, 1 << 20, f);

        if (n == 0)
            break;
        buf_wrote(to, n);
    }
    (void)fclose(f);
}

static void
bench_load(struct buf *bytes)
{
    struct snapshot_about about;
    struct topology *t;
    struct errinfo ei = {0};
    struct hash hash;
    char *copy = malloc(bytes->len);
    char more[80];
    double best = 1e9;
    double limit;

    BUG_ON(copy == NULL);
    limit = now();
    memcpy(copy, bytes->ptr, bytes->len);
    limit = now() - limit;
    for (unsigned i = 0; i < ROUNDS; i++) {
        double start = now();

        BUG_ON(snapshot_read(buf_get(bytes), &t, &about, &hash, &ei) < 0);
        best = now() - start < best ? now() - start : best;
        (void)topology_free(t);
    }
    (void)snprintf(more, sizeof more, "target 100; memcpy of its %zu bytes %.2f", bytes->len,
                   limit * 1e3);
    say("cutoff_snapshot_read", best, more);
    free(copy);
}

static void
bench_pairs(const struct topology *t)
{
    static const char *const names[REACH_CODES] = {"portable", "avx2", "avx512"};
    const struct net_filter all = {0};
    struct net *n = NULL;
    double start = now();
    char name[40];
    char more[80];

    BUG_ON(net_make(t, &all, &n) < 0);
    (void)snprintf(more, sizeof more, "%u networks as %u nodes", t->count, n->count);
    say("cutoff_net_make", now() - start, more);
    for (int c = 0; c < REACH_CODES; c++) {
        struct reach_sums s = {calloc(n->count, 8), NULL};
        double best = 1e9;

        for (unsigned i = 0; reach_can((enum reach_code)c) && i < ROUNDS; i++) {
            start = now();
            BUG_ON(reach_add_by((enum reach_code)c, n, 0, reach_batches(n), &s) < 0);
            best = now() - start < best ? now() - start : best;
        }
        (void)snprintf(name, sizeof name, "cutoff_pairs_%s_threads_1", names[c]);
        if (best < 1e9)
            say(name, best, "target 200 on two cores");
        free(s.networks);
    }
    start = now();
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct reach_sums s;

        BUG_ON(simulate_reach(n, 2, false, &s) < 0);
        simulate_release(&s);
    }
    say("cutoff_pairs_threads_2", (now() - start) / ROUNDS, reach_code());
    (void)net_free(n);
}

/* Class, length and next hop of every network to every other. */
static void
bench_routes(const struct topology *t)
{
    const struct net_filter all = {0};
    struct routes_sums sums;
    struct routes *r = NULL;
    struct net *n = NULL;
    struct route *tree;
    double start;

    BUG_ON(net_make(t, &all, &n) < 0 || routes_new(t, n, &r) < 0);
    tree = calloc(n->count, sizeof *tree);
    BUG_ON(tree == NULL);
    start = now();
    for (unsigned i = 0; i < ROUNDS; i++)
        BUG_ON(routes_to(r, i * 1000 % n->count, tree) < 0);
    say("cutoff_route_tree", (now() - start) / ROUNDS, "one destination by itself");
    start = now();
    BUG_ON(simulate_routes(r, n->count, 2, false, &sums) < 0);
    say("cutoff_route_trees_threads_2", now() - start,
        "all destinations; target 50000, goal 40000");
    start = now();
    BUG_ON(simulate_routes(r, n->count, 2, true, &sums) < 0);
    say("cutoff_carried_threads_2", now() - start, "the same, and what each network carries");
    free(sums.carried);
    free(tree);
    (void)routes_free(r);
    (void)net_free(n);
}

static void
bench_country(const struct topology *t, const char *code)
{
    static const uint32_t presence[] = {0, 20, 5};
    uint8_t *side = calloc((size_t)t->count + 1, 1);
    const struct net_filter f = {.side = side, .keep = 1};
    const struct simulate_scenario scenario = {
        .segment = side, .neighbours = presence, .cases = 3};
    static struct links_plan p;
    struct simulate_cut c;
    struct inside inside;
    uint32_t here = 0;
    char name[40];
    char more[80];
    double start;

    BUG_ON(side == NULL);
    for (uint32_t i = 0; i < t->count; i++)
        here += side[i] = t->country[i] == country_parse(slice_of(code));
    start = now();
    BUG_ON(simulate_inside(t, &f, 2, NULL, &inside) < 0);
    (void)snprintf(name, sizeof name, "cutoff_inside_%s", code);
    (void)snprintf(more, sizeof more, "%u networks; targets RU 20, US 250", here);
    say(name, now() - start, more);
    start = now();
    BUG_ON(simulate_cut(t, &scenario, 2, &c) < 0);
    (void)snprintf(name, sizeof name, "cutoff_whole_%s", code);
    say(name, now() - start, "before, three presences, outside");
    simulate_cut_release(&c);
    start = now();
    BUG_ON(links_plan_make(t, &f, 20, false, &p) < 0);
    (void)snprintf(name, sizeof name, "cutoff_plan_%s", code);
    say(name, now() - start, "20 links");
    start = now();
    BUG_ON(links_plan_make(t, &f, 20, true, &p) < 0);
    (void)snprintf(name, sizeof name, "cutoff_plan_weighed_%s", code);
    say(name, now() - start, "20 links, by addresses");
    free(side);
}

static void
bench_rest(const struct topology *t)
{
    struct simulate_country *rows;
    struct rank rank;
    uint32_t count;
    char more[80];
    double start = now();

    BUG_ON(simulate_countries(t, 10, 2, &rows, &count) < 0);
    (void)snprintf(more, sizeof more, "%u countries; target 400", count);
    say("cutoff_all", now() - start, more);
    start = now();
    BUG_ON(rank_make(t, &rank) < 0);
    say("cutoff_single_failures", now() - start, "target 10");
    start = now();
    for (uint32_t i = 0; i < count; i++) {
        struct rank_row *list;
        uint32_t lines;
        uint32_t networks;

        BUG_ON(rank_country(t, &rank, rows[i].country, &list, &lines, &networks) < 0);
        free(list);
    }
    say("cutoff_single_failure_tables", now() - start, "of each country");
    rank_release(&rank);
    free(rows);
}

/* ---- cost against size ------------------------------------------------------------------- */

/* The networks with the lowest AS numbers: numbers are given out in turn, so that these are
 * about those of some year before. */
static struct topology *
make_part(const struct topology *t, uint32_t networks)
{
    uint32_t below = networks < t->count ? t->asn[t->by_asn[networks]] : UINT32_MAX;
    struct topology_counts counts;
    struct topology *ret = NULL;
    struct errinfo ei = {0};
    struct build *b;

    BUG_ON(build_new(&b) < 0);
    for (uint32_t i = 0; i < t->count; i++) {
        for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++) {
            uint32_t p = t->provider.to[k];

            BUG_ON(t->asn[i] < below && t->asn[p] < below &&
                   build_link(b, t->asn[p], t->asn[i], TIE_TRANSIT) < 0);
        }
        for (uint32_t k = t->peer.at[i]; k < t->peer.at[i + 1]; k++) {
            uint32_t p = t->peer.to[k];

            BUG_ON(p < i && t->asn[i] < below && t->asn[p] < below &&
                   build_link(b, t->asn[p], t->asn[i], TIE_PEER) < 0);
        }
        BUG_ON(t->asn[i] < below && build_country(b, t->asn[i], t->country[i]) < 0);
    }
    for (uint32_t i = 0; i < t->clique_count; i++)
        BUG_ON(t->asn[t->clique[i]] < below && build_clique(b, t->asn[t->clique[i]]) < 0);
    BUG_ON(build_finish(b, false, &ret, &counts, &ei) < 0);
    (void)build_free(b);
    return ret;
}

static void
say_at(const struct topology *t, const char *what, double seconds)
{
    char name[48];
    char more[80];

    (void)snprintf(name, sizeof name, "cutoff_curve_%s_%u", what, t->count);
    (void)snprintf(more, sizeof more, "%u links", t->transit_links + t->peer_links);
    say(name, seconds, more);
}

static void
bench_size(const struct topology *t)
{
    const struct net_filter all = {0};
    struct simulate_country *rows;
    struct routes_sums routes_sums;
    struct reach_sums sums;
    struct routes *routes;
    struct rank rank;
    struct net *n;
    uint32_t count;
    double start = now();

    BUG_ON(net_make(t, &all, &n) < 0 || simulate_reach(n, 2, false, &sums) < 0);
    say_at(t, "pairs", now() - start);
    simulate_release(&sums);
    start = now();
    BUG_ON(rank_make(t, &rank) < 0);
    say_at(t, "single_failures", now() - start);
    rank_release(&rank);
    start = now();
    BUG_ON(simulate_countries(t, 10, 2, &rows, &count) < 0);
    say_at(t, "countries", now() - start);
    free(rows);
    BUG_ON(routes_new(t, n, &routes) < 0);
    start = now();
    BUG_ON(simulate_routes(routes, n->count, 2, false, &routes_sums) < 0);
    say_at(t, "route_trees", now() - start);
    (void)routes_free(routes);
    (void)net_free(n);
}

static void
bench_curve(const struct topology *t)
{
    for (uint32_t eighths = 1; eighths <= 8; eighths *= 2) {
        struct topology *part = make_part(t, t->count / 8 * eighths);

        bench_size(part);
        (void)topology_free(part);
    }
}

int
main(int argc, char **argv)
{
    struct snapshot_about about = {.date = "2024-01-01"};
    struct topology *t = NULL;
    struct errinfo ei = {0};
    struct hash hash;
    AUTO_BUF(bytes, SNAPSHOT_MAX);

    if (argc > 1) {
        slurp(argv[1], &bytes);
        BUG_ON(snapshot_read(buf_get(&bytes), &t, &about, &hash, &ei) < 0);
    } else {
        t = make();
        BUG_ON(snapshot_write(t, &about, &bytes) < 0);
    }
    printf("# %u networks, %u and %u links%s\n", t->count, t->transit_links, t->peer_links,
           argc > 1 ? "" : ", made up");
    bench_load(&bytes);
    bench_pairs(t);
    bench_routes(t);
    for (int i = 2; i < argc; i++)
        bench_country(t, argv[i]);
    if (argc < 2)
        bench_country(t, "AA");
    bench_rest(t);
    bench_curve(t);
    (void)topology_free(t);
    return 0;
}
