/* Routes against a naive program on made-up worlds: every network asks its neighbours, again
 * and again, until nobody changes anything. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cutoff/routes.h"
#include "world.h"

enum { WORLDS = 30, NETWORKS = 300 };

struct choice {
    unsigned kind;
    unsigned length;
    uint32_t next;
};

static bool
is_better(const struct topology *t, const struct choice *a, const struct choice *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind;
    if (a->length != b->length)
        return a->length < b->length;
    return t->asn[a->next] < t->asn[b->next];
}

/* What v makes of what its neighbour has; true when it chooses that now. */
static bool
ask(const struct topology *t, const struct choice *from, uint32_t neighbour, unsigned kind,
    struct choice *ret)
{
    struct choice x = {kind, from->length + 1, neighbour};

    if (from->kind == ROUTE_KINDS || (kind != ROUTE_PROVIDER && from->kind != ROUTE_CUSTOMER))
        return false;
    if (ret->kind != ROUTE_KINDS && !is_better(t, &x, ret))
        return false;
    *ret = x;
    return true;
}

static bool
ask_all(const struct topology *t, uint32_t d, struct choice *all)
{
    bool changed = false;

    for (uint32_t v = 0; v < t->count; v++) {
        for (uint32_t i = t->provider.at[v]; i < t->provider.at[v + 1]; i++) {
            uint32_t p = t->provider.to[i];

            if (v != d)
                changed |= ask(t, &all[p], p, ROUTE_PROVIDER, &all[v]);
            if (p != d)
                changed |= ask(t, &all[v], v, ROUTE_CUSTOMER, &all[p]);
        }
        for (uint32_t i = t->peer.at[v]; v != d && i < t->peer.at[v + 1]; i++)
            changed |= ask(t, &all[t->peer.to[i]], t->peer.to[i], ROUTE_PEER, &all[v]);
    }
    return changed;
}

/* A better choice can make another's worse: all begin anew with what they learnt of the kinds
 * until nothing changes, so that no route stays that nobody has any more. */
static void
choose_naively(const struct topology *t, uint32_t d, struct choice *all)
{
    static struct choice before[WORLD_MAX];

    for (uint32_t v = 0; v < t->count; v++)
        all[v] = (struct choice){ROUTE_KINDS, 0, TOPOLOGY_NONE};
    all[d] = (struct choice){ROUTE_CUSTOMER, 0, TOPOLOGY_NONE};
    while (ask_all(t, d, all)) {
    }
    do { /* once more from what the neighbours have now, each for itself */
        memcpy(before, all, t->count * sizeof *all);
        for (uint32_t v = 0; v < t->count; v++) {
            struct choice best = {ROUTE_KINDS, 0, TOPOLOGY_NONE};

            for (uint32_t i = t->provider.at[v]; i < t->provider.at[v + 1]; i++)
                (void)ask(t, &before[t->provider.to[i]], t->provider.to[i], ROUTE_PROVIDER,
                          &best);
            for (uint32_t i = t->peer.at[v]; i < t->peer.at[v + 1]; i++)
                (void)ask(t, &before[t->peer.to[i]], t->peer.to[i], ROUTE_PEER, &best);
            for (uint32_t c = 0; c < t->count; c++) {
                for (uint32_t i = t->provider.at[c]; i < t->provider.at[c + 1]; i++) {
                    if (t->provider.to[i] == v)
                        (void)ask(t, &before[c], c, ROUTE_CUSTOMER, &best);
                }
            }
            if (v != d)
                all[v] = best;
        }
    } while (memcmp(before, all, t->count * sizeof *all) != 0);
}

static void
expect_tree(const struct topology *t, const struct net *n, const struct routes *r, uint32_t d,
            const struct choice *want, struct route *got)
{
    assert_int_equal(routes_to(r, n->node[d], got), 0);
    for (uint32_t v = 0; v < t->count; v++) {
        const struct route *x = &got[n->node[v]];

        if (n->node[v] == n->node[d])
            continue; /* itself, and those that no policy can tell from it */
        if (x->kind != want[v].kind || (x->kind != ROUTE_KINDS && x->length != want[v].length))
            fail_msg("AS%u to AS%u: %u %u, not %u %u", t->asn[v], t->asn[d], x->kind, x->length,
                     want[v].kind, want[v].length);
        if (x->kind != ROUTE_KINDS && x->next != n->node[want[v].next])
            fail_msg("AS%u to AS%u: by AS%u, not AS%u", t->asn[v], t->asn[d],
                     t->asn[n->first[x->next]], t->asn[want[v].next]);
    }
}

static void
sum_naively(const struct topology *t, uint32_t d, const struct choice *all,
            uint64_t (*pairs)[ROUTE_LENGTH + 1], uint64_t *carried)
{
    for (uint32_t v = 0; v < t->count; v++) {
        if (v == d || all[v].kind == ROUTE_KINDS)
            continue;
        pairs[all[v].kind][all[v].length]++;
        for (uint32_t x = all[v].next; x != d; x = all[x].next)
            carried[x]++;
    }
}

static void
routes_are_those_of_the_textbook(void **state)
{
    static struct choice want[WORLD_MAX];
    static struct route got[WORLD_MAX];
    static uint64_t carried[WORLD_MAX];

    (void)state;
    for (unsigned seed = 1; seed <= WORLDS; seed++) {
        uint64_t pairs[ROUTE_KINDS][ROUTE_LENGTH + 1] = {{0}};
        const struct net_filter all = {0};
        struct topology *t = world_make(seed, NETWORKS);
        struct routes_sums sums = {.carried = calloc(WORLD_MAX, sizeof *sums.carried)};
        struct routes *r;
        struct net *n;
        uint32_t half;

        assert_non_null(sums.carried);
        assert_int_equal(net_make(t, &all, &n), 0);
        assert_int_equal(routes_new(t, n, &r), 0);
        memset(carried, 0, sizeof carried);
        for (uint32_t d = 0; d < t->count; d++) {
            choose_naively(t, d, want);
            expect_tree(t, n, r, d, want, got);
            sum_naively(t, d, want, pairs, carried);
        }
        half = routes_batches(r) / 2;
        assert_int_equal(routes_add(r, 0, half, &sums), 0);
        assert_int_equal(routes_add(r, half, routes_batches(r), &sums), 0);
        assert_memory_equal(sums.pairs, pairs, sizeof pairs);
        for (uint32_t v = 0; v < t->count; v++) {
            uint64_t is = n->node[v] < n->transit ? sums.carried[n->node[v]] : 0;

            if (is != carried[v])
                fail_msg("seed %u: AS%u carries %llu, not %llu", seed, t->asn[v],
                         (unsigned long long)is, (unsigned long long)carried[v]);
        }
        free(sums.carried);
        r = routes_free(r);
        n = net_free(n);
        (void)topology_free(t);
    }
}

/* AS1 is the provider of AS2, and so on. */
static struct topology *
make_chain(uint32_t networks)
{
    struct topology_counts counts;
    struct topology *t = NULL;
    struct errinfo ei = {0};
    struct build *b;

    assert_int_equal(build_new(&b), 0);
    for (uint32_t asn = 2; asn <= networks; asn++)
        assert_int_equal(build_link(b, asn - 1, asn, TIE_TRANSIT), 0);
    assert_int_equal(build_finish(b, true, &t, &counts, &ei), 0);
    (void)build_free(b);
    return t;
}

/* A chain that is longer than a length can say. */
static void
a_long_chain_ends_in_no_other_kind(void **state)
{
    static struct route got[600];
    const struct net_filter all = {0};
    struct topology *t = make_chain(600);
    struct routes *r;
    struct net *n;
    uint32_t top;

    (void)state;
    assert_int_equal(net_make(t, &all, &n), 0);
    assert_int_equal(routes_new(t, n, &r), 0);
    top = n->node[topology_find(t, 1)];
    assert_int_equal(routes_to(r, top, got), 0);
    for (uint32_t asn = 2; asn <= 600; asn++) {
        const struct route *x = &got[n->node[topology_find(t, asn)]];

        assert_int_equal(x->kind, ROUTE_PROVIDER);
        assert_int_equal(x->length, asn - 1 < ROUTE_LENGTH ? asn - 1 : ROUTE_LENGTH);
        assert_int_equal(t->asn[n->first[x->next]], asn - 1);
    }
    assert_int_equal(routes_to(r, n->node[topology_find(t, 600)], got), 0);
    assert_true(got[top].kind == ROUTE_CUSTOMER && got[top].length == ROUTE_LENGTH &&
                t->asn[n->first[got[top].next]] == 2);
    r = routes_free(r);
    n = net_free(n);
    (void)topology_free(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_are_those_of_the_textbook),
        cmocka_unit_test(a_long_chain_ends_in_no_other_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
