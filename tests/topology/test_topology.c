/* Reading and ordering graphs of networks; what is wrong with a file is named by line. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "topology/snapshot.h"

static struct topology *
make(const char *rel, bool break_cycles, struct topology_counts *counts, struct errinfo *ei)
{
    struct topology *t = NULL;
    struct build *b;
    uint64_t lines;
    int r;

    assert_int_equal(build_new(&b), 0);
    r = build_read_as_rel(b, slice_of(rel), &lines, ei);
    if (r == 0)
        r = build_finish(b, break_cycles, &t, counts, ei);
    counts->lines = lines;
    (void)build_free(b);
    assert_true((r == 0) == (t != NULL));
    return t;
}

static bool
has(const struct topology *t, const struct topology_list *l, uint32_t a, uint32_t b)
{
    uint32_t i = topology_find(t, a);
    uint32_t j = topology_find(t, b);

    for (uint32_t k = l->at[i]; k < l->at[i + 1]; k++) {
        if (l->to[k] == j)
            return true;
    }
    return false;
}

static void
test_read(void **state)
{
    struct topology_counts c = {0};
    struct errinfo ei = {0};
    struct topology *t = make("# source:topology\n# input clique: 10 20\n"
                              "10|30|-1|bgp\n20|30|-1\r\n10|20|0|bgp\n30|4200000000|-1|mlp\n"
                              "\n20|10|0\n30|10|0\n50|50|0\n40|30|0",
                              false, &c, &ei);

    (void)state;
    assert_non_null(t);
    assert_int_equal(t->count, 5);
    assert_int_equal(t->transit_links, 3);
    assert_int_equal(t->peer_links, 2);
    assert_int_equal(c.lines, 8);
    assert_int_equal(c.twice, 1);
    assert_int_equal(c.contradictory, 1);
    assert_int_equal(c.with_itself, 1);
    assert_int_equal(c.unknown_country, 5);
    assert_int_equal(t->clique_count, 2);
    assert_true(has(t, &t->provider, 30, 10));
    assert_false(has(t, &t->provider, 10, 30));
    assert_true(has(t, &t->peer, 20, 10));
    assert_true(has(t, &t->peer, 40, 30));
    assert_true(topology_find(t, 4200000000u) < 5);
    assert_int_equal(topology_find(t, 50), TOPOLOGY_NONE);
    assert_int_equal(topology_find(t, 0), TOPOLOGY_NONE);
    assert_int_equal(topology_find(t, UINT32_MAX), TOPOLOGY_NONE);
    (void)topology_free(t);
}

static void
test_wrong(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        unsigned column;
    } rows[] = {{"1|2|0\n1|3|2\n", 2, 5},
                {"1|2|0\n\n# x\n1|3\n", 4, 4},
                {"1|2|1\n", 1, 5},
                {"1|2|-\n", 1, 6},
                {"1|2|-2\n", 1, 6},
                {"1|2|00\n", 1, 6},
                {"x|2|0\n", 1, 1},
                {"0|2|0\n", 1, 2},
                {"1|4294967295|0\n", 1, 13},
                {"1|4294967296|0\n", 1, 13},
                {"99999999999999999999|1|0", 1, 20},
                {"1 2 0\n", 1, 2},
                {"1|2|0\n1|2|0", 0, 0},
                {"", 0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct topology_counts c = {0};
        struct errinfo ei = {0};
        struct topology *t = make(rows[i].text, false, &c, &ei);

        assert_int_equal(t != NULL, rows[i].line == 0);
        assert_int_equal(ei.line, rows[i].line);
        assert_int_equal(ei.column, rows[i].column);
        (void)topology_free(t);
    }
}

static void
test_cycles(void **state)
{
    /* 3 buys from 2, which buys from 1, which buys from 3; 4 and 5 hang below; 9 is apart. */
    static const char rel[] = "1|2|-1\n2|3|-1\n3|1|-1\n3|4|-1\n4|5|-1\n9|5|-1\n";
    struct topology_counts c = {0};
    struct errinfo ei = {0};
    struct topology *t = make(rel, false, &c, &ei);

    (void)state;
    assert_null(t);
    assert_string_equal(ei.text, "a cycle of providers: AS1 buys from AS3 buys from AS2, which "
                                 "buys from the first");
    t = make(rel, true, &c, &ei);
    assert_non_null(t);
    assert_int_equal(c.cycles, 1);
    assert_int_equal(t->count, 6);
    assert_int_equal(t->transit_links, 5);
    (void)topology_free(t);
}

/* Providers before customers, whatever the links are. */
static void
test_order(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 200; seed++) {
        AUTO_BUF(text, 1 << 20);
        struct topology_counts c = {0};
        struct errinfo ei = {0};
        struct topology *t;
        uint32_t x = seed * 2654435761u;

        for (unsigned i = 0; i < seed * 3; i++) {
            uint32_t a = (x = x * 1664525u + 1013904223u) >> 24;
            uint32_t b = (x = x * 1664525u + 1013904223u) >> 24;

            buf_printf(&text, "%u|%u|%s\n", a + 1, b + 1, x >> 10 & 1 ? "0" : "-1");
        }
        buf_char(&text, '\0');
        t = make(text.ptr, true, &c, &ei);
        assert_non_null(t);
        for (uint32_t i = 0; i < t->count; i++) {
            for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++)
                assert_true(t->provider.to[k] < i);
            for (uint32_t k = t->peer.at[i]; k < t->peer.at[i + 1]; k++)
                assert_true(has(t, &t->peer, t->asn[t->peer.to[k]], t->asn[i]));
            assert_int_equal(topology_find(t, t->asn[i]), i);
        }
        assert_int_equal(c.lines, t->transit_links + t->peer_links + c.twice + c.contradictory +
                                      c.with_itself + c.cycles);
        (void)topology_free(t);
    }
}

static void
test_attributes(void **state)
{
    struct topology_counts c = {0};
    struct errinfo ei = {0};
    struct topology *t;
    struct build *b;
    uint64_t lines;

    (void)state;
    assert_int_equal(build_new(&b), 0);
    assert_int_equal(build_link(b, 1, 2, TIE_TRANSIT), 0);
    assert_int_equal(build_read_countries(b, SLICE("# x\n1 XA\n2\tXB\n7 XC\n"), &lines, &ei),
                     0);
    assert_int_equal(lines, 3);
    assert_int_equal(build_read_addresses(b, SLICE("1 256\n1 4294967296\n"), &lines, &ei), 0);
    assert_int_equal(build_read_countries(b, SLICE("1 XA\n2 xb\n"), &lines, &ei), ERR_INVALID);
    assert_int_equal(ei.line, 2);
    assert_int_equal(ei.column, 3);
    assert_int_equal(build_read_addresses(b, SLICE("1 4294967297\n"), &lines, &ei),
                     ERR_INVALID);
    assert_int_equal(ei.line, 1);
    assert_int_equal(build_read_addresses(b, SLICE("1 5 6\n"), &lines, &ei), ERR_INVALID);
    assert_int_equal(build_finish(b, false, &t, &c, &ei), 0);
    assert_int_equal(t->country[topology_find(t, 2)], COUNTRY('X', 'B'));
    assert_true(t->addresses[topology_find(t, 1)] == 256 + (UINT64_C(1) << 32));
    assert_true(t->prefixes[topology_find(t, 1)] == 0);
    assert_int_equal(c.unlinked, 1);
    /* nobody was named: who sells and buys from nobody */
    assert_int_equal(t->clique_count, 1);
    assert_int_equal(t->asn[t->clique[0]], 1);
    (void)topology_free(t);
    (void)build_free(b);
}

/* Who stays where and who has which prefixes, through a snapshot; without either it is of the
 * first form, as ever. */
static void
test_forms(void **state)
{
    static const char *const first[] = {"detente-topology/1", "detente-topology/2",
                                        "detente-topology/3", "detente-topology/3"};

    (void)state;
    for (unsigned form = 0; form < 4; form++) {
        unsigned said = form & 1;
        unsigned prefixes = form >> 1;
        struct snapshot_about about = {.date = "2024-01-01"};
        struct topology_counts c = {0};
        struct errinfo ei = {0};
        AUTO_BUF(bytes, SNAPSHOT_MAX);
        struct topology *t;
        struct topology *again;
        const uint64_t *stay;
        struct build *b;
        struct hash hash;
        uint64_t lines;
        uint32_t n;

        assert_int_equal(build_new(&b), 0);
        assert_int_equal(build_link(b, 1, 2, TIE_TRANSIT), 0);
        assert_int_equal(build_link(b, 1, 3, TIE_TRANSIT), 0);
        if (said > 0)
            assert_int_equal(build_read_presence(
                                 b, SLICE("3 XA\n# x\n2\tXA\n3 XA\n2 XB\n9 XA\n"), &lines, &ei),
                             0);
        if (prefixes > 0)
            assert_int_equal(build_read_prefixes(b,
                                                 SLICE("10.0.0.0\t24\t2\n10.0.0.128\t25\t3\n"
                                                       "10.0.0.0\t24\t3\n10.0.1.0\t24\t2\n"),
                                                 &lines, &ei),
                             0);
        assert_int_equal(build_read_presence(b, SLICE("1 xa\n"), &lines, &ei), ERR_INVALID);
        assert_int_equal(build_finish(b, false, &t, &c, &ei), 0);
        assert_int_equal(c.unlinked, 0);
        assert_int_equal(c.absent, said);
        assert_int_equal(snapshot_write(t, &about, &bytes), 0);
        assert_memory_equal(bytes.ptr, first[form], 18);
        assert_int_equal(snapshot_read(buf_get(&bytes), &again, &about, &hash, &ei), 0);
        stay = topology_stays(again, COUNTRY('X', 'A'), &n);
        assert_int_equal(n, said * 2);
        for (uint32_t i = 0; i < n; i++)
            assert_true(again->asn[(uint32_t)stay[i]] > 1 &&
                        stay[i] >> 32 == COUNTRY('X', 'A'));
        assert_true(again->prefixes[topology_find(again, 2)] == prefixes * 2 &&
                    again->prefixes[topology_find(again, 3)] == prefixes &&
                    again->addresses[topology_find(again, 2)] == prefixes * (128 + 256) &&
                    again->addresses[topology_find(again, 3)] == prefixes * 128);
        (void)topology_stays(again, COUNTRY('X', 'B'), &n);
        assert_int_equal(n, said);
        (void)topology_stays(again, COUNTRY('X', 'C'), &n);
        assert_int_equal(n, 0);
        (void)topology_free(t);
        (void)topology_free(again);
        (void)build_free(b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),       cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_cycles),     cmocka_unit_test(test_order),
        cmocka_unit_test(test_attributes), cmocka_unit_test(test_forms)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
