/* Patterns to atoms, and the list of indicators: against patterns that are asked themselves. */
#include "unit.h"

#include <stdlib.h>

#include "indicator/list.h"
#include "stix/pattern.h"

struct got {
    char text[4096];
    size_t len;
    struct atom atom[64];
    unsigned atoms;
};

static int
take(void *arg, const struct atom *a)
{
    struct got *g = arg;
    struct buf b = {
        .ptr = g->text, .len = g->len, .room = sizeof g->text, .max = sizeof g->text};

    if (g->len > 0)
        buf_char(&b, ' ');
    buf_atom(&b, a->kind, (struct slice){a->byte, a->len});
    g->len = b.len;
    if (g->atoms < COUNT(g->atom))
        g->atom[g->atoms++] = *a;
    return 0;
}

static const struct {
    const char *pattern;
    const char *atoms;
    uint32_t reasons;
} table[] = {
    {"[ipv4-addr:value = '198.51.100.7']", "198.51.100.7", 0},
    {"[ipv4-addr:value = '198.51.100.7/24']", "198.51.100.0/24", 0},
    {"[ipv4-addr:value IN ('198.51.100.7', '203.0.113.9')]", "198.51.100.7 203.0.113.9", 0},
    {"[ipv4-addr:value ISSUBSET '198.51.100.0/25']", "198.51.100.0/25", 0},
    {"[ipv4-addr:value ISSUPERSET '198.51.100.0/25']", "", 1U << REASON_OPERATOR},
    {"[ipv6-addr:value = '2001:DB8::1' OR domain-name:value = 'Example.org']",
     "2001:db8::1 example.org", 0},
    {"[ipv6-addr:value = '198.51.100.7']", "", 1U << REASON_VALUE},
    {"[ipv4-addr:value = 'domain autuo']", "", 1U << REASON_VALUE},
    {"[ipv4-addr:value = 7]", "", 1U << REASON_VALUE},
    {"[ipv4-addr:value != '198.51.100.7']", "", 1U << REASON_NOT},
    {"[ipv4-addr:value NOT = '198.51.100.7']", "", 1U << REASON_NOT},
    {"[ipv4-addr:value LIKE '198.51.100.%']", "", 1U << REASON_OPERATOR},
    {"[domain-name:value LIKE '%.example.org']", "*.example.org", 0},
    {"[domain-name:value LIKE 'example.org']", "example.org", 0},
    {"[domain-name:value LIKE '%example.org']", "", 1U << REASON_OPERATOR},
    {"[domain-name:value LIKE '%.exa_ple.org']", "", 1U << REASON_OPERATOR},
    {"[domain-name:value MATCHES 'x']", "", 1U << REASON_OPERATOR},
    {"[url:value = 'http://Example.org']", "http://example.org/", 0},
    {"[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' OR file:hashes.'SHA-1' = "
     "'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709']",
     "d41d8cd98f00b204e9800998ecf8427e da39a3ee5e6b4b0d3255bfef95601890afd80709", 0},
    {"[file:hashes.md5 = 'd41d8cd98f00b204e9800998ecf8427e']",
     "d41d8cd98f00b204e9800998ecf8427e", 0},
    {"[file:hashes.'SHA-256' = 'd41d8cd98f00b204e9800998ecf8427e']", "", 1U << REASON_VALUE},
    {"[file:hashes.SSDEEP = 'x']", "", 1U << REASON_OBJECT},
    {"[file:name = 'x']", "", 1U << REASON_OBJECT},
    {"[EXISTS ipv4-addr:value]", "", 1U << REASON_OPERATOR},
    {"[network-traffic:dst_ref.value = '198.51.100.7']", "198.51.100.7", 0},
    {"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = "
     "'198.51.100.7']",
     "198.51.100.7", 0},
    {"[network-traffic:src_ref.value = '2001:db8::1' AND network-traffic:src_ref.type = "
     "'ipv6-addr']",
     "2001:db8::1", 0},
    {"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = "
     "'198.51.100.7']",
     "", 1U << REASON_AND},
    {"[network-traffic:dst_ref.type = 'ipv6-addr' AND network-traffic:dst_ref.value = "
     "'198.51.100.7']",
     "", 1U << REASON_VALUE},
    {"[network-traffic:dst_ref.type = 'ipv6-addr']", "", 1U << REASON_OBJECT},
    {"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = "
     "'198.51.100.7' AND network-traffic:dst_port = 80]",
     "", 1U << REASON_AND},
    {"[file:name = 'x' AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", "",
     1U << REASON_AND},
    {"[ipv4-addr:value = '192.0.2.1' OR (file:name = 'x' AND file:size = 1) OR "
     "ipv4-addr:value = '192.0.2.2']",
     "192.0.2.1 192.0.2.2", 1U << REASON_AND},
    {"[ipv4-addr:value = '192.0.2.1'] OR [ipv4-addr:value = '192.0.2.2']",
     "192.0.2.1 192.0.2.2", 0},
    {"[ipv4-addr:value = '192.0.2.1'] AND [ipv4-addr:value = '192.0.2.2']", "",
     1U << REASON_OBSERVATIONS},
    {"[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.2']", "",
     1U << REASON_OBSERVATIONS},
    {"([ipv4-addr:value = '192.0.2.1'] AND [ipv4-addr:value = '192.0.2.2']) OR "
     "[ipv4-addr:value = '192.0.2.3']",
     "192.0.2.3", 1U << REASON_OBSERVATIONS},
    {"[ipv4-addr:value = '192.0.2.1'] REPEATS 5 TIMES", "", 1U << REASON_QUALIFIED},
    {"[ipv4-addr:value = '192.0.2.1'] START t'2026-01-01T00:00:00Z' STOP "
     "t'2026-01-02T00:00:00Z' OR [ipv4-addr:value = '192.0.2.2']",
     "192.0.2.2", 1U << REASON_QUALIFIED},
};

static void
test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct got g = {.len = 0};
        struct compiled c;
        struct errinfo ei = {0};

        assert_int_equal(compile_pattern(slice_of(table[i].pattern), take, &g, &c, &ei), 0);
        g.text[g.len] = '\0';
        assert_string_equal(g.text, table[i].atoms);
        assert_int_equal(c.reasons, table[i].reasons);
        assert_int_equal(c.atoms, g.atoms);
    }
}

static void
test_no_pattern(void **state)
{
    struct got g = {.len = 0};
    struct compiled c;
    struct errinfo ei = {0};

    (void)state;
    assert_int_equal(compile_pattern(SLICE("[ipv4-addr:value = ]"), take, &g, &c, &ei),
                     ERR_INVALID);
    assert_int_equal(ei.line, 1);
    assert_int_equal(g.atoms, 0);
    for (unsigned i = 0; i < REASONS; i++)
        assert_true(strlen(compile_reason_text((enum compile_reason)i)) > 5);
}

/* ---- against patterns that are asked -------------------------------------------------------
 */

/* Objects, and tests that mean some of them. */
#define EMPTY "d41d8cd98f00b204e9800998ecf8427e"
static const char *const objects[] = {
    "\"type\":\"ipv4-addr\",\"value\":\"192.0.2.1\"",
    "\"type\":\"ipv4-addr\",\"value\":\"192.0.2.2\"",
    "\"type\":\"ipv4-addr\",\"value\":\"198.51.100.7\"",
    "\"type\":\"ipv6-addr\",\"value\":\"2001:db8::1\"",
    "\"type\":\"domain-name\",\"value\":\"example.org\"",
    "\"type\":\"domain-name\",\"value\":\"a.example.org\"",
    "\"type\":\"url\",\"value\":\"http://example.org/x\"",
    "\"type\":\"file\",\"name\":\"x\",\"hashes\":{\"MD5\":\"" EMPTY "\"}",
};
static const char *const values[] = {
    "192.0.2.1",   "192.0.2.2",     "198.51.100.7",         "2001:db8::1",
    "example.org", "a.example.org", "http://example.org/x", "d41d8cd98f00b204e9800998ecf8427e"};
static const char *const tests_of[] = {"ipv4-addr:value = '192.0.2.1'",
                                       "ipv4-addr:value IN ('192.0.2.1', '198.51.100.7')",
                                       "ipv4-addr:value ISSUBSET '192.0.2.0/24'",
                                       "ipv6-addr:value = '2001:db8::1'",
                                       "ipv6-addr:value ISSUBSET '2001:db8::/32'",
                                       "domain-name:value = 'example.org'",
                                       "domain-name:value LIKE '%.example.org'",
                                       "url:value = 'http://example.org/x'",
                                       "file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e'",
                                       "file:name = 'x'",
                                       "ipv4-addr:value != '192.0.2.1'",
                                       "domain-name:value LIKE 'ex%'"};

static void
put_comparison(struct buf *b, uint64_t *seed, unsigned depth)
{
    uint64_t x = next_random(seed) >> 16;

    if (depth > 3 || x % 3 == 0) {
        buf_text(b, tests_of[(x >> 8) % (x % 2 == 0 ? 9 : COUNT(tests_of))]);
        return;
    }
    buf_char(b, '(');
    put_comparison(b, seed, depth + 1);
    buf_text(b, (x >> 8) % 5 == 0 ? " AND " : " OR ");
    put_comparison(b, seed, depth + 1);
    buf_char(b, ')');
}

static void
put_pattern(struct buf *b, uint64_t *seed, unsigned depth)
{
    static const char *const between[] = {" AND ", " FOLLOWEDBY ", " OR ", " OR ", " OR "};
    uint64_t x = next_random(seed) >> 16;

    if (depth > 2 || x % 2 == 0) {
        buf_char(b, '[');
        put_comparison(b, seed, 0);
        buf_char(b, ']');
        if ((x >> 8) % 16 == 0)
            buf_text(b, " REPEATS 1 TIMES");
        return;
    }
    buf_char(b, '(');
    put_pattern(b, seed, depth + 1);
    buf_text(b, between[(x >> 8) % COUNT(between)]);
    put_pattern(b, seed, depth + 1);
    buf_char(b, ')');
}

static bool
asked_itself(const struct pattern *p, const char *object)
{
    static char text[2048];
    const struct dom *d = NULL;
    struct observed o;
    struct errinfo ei = {0};
    bool ret = false;
    int n =
        snprintf(text, sizeof text,
                 "[{\"type\":\"observed-data\",\"id\":\"observed-data--1\",\"first_observed\":"
                 "\"2026-01-01T00:00:00Z\",\"last_observed\":\"2026-01-01T00:00:00Z\","
                 "\"number_observed\":1,\"object_refs\":[\"x--1\"]},{\"id\":\"x--1\",%s}]",
                 object);
    AUTO_ARENA(arena);

    assert_int_equal(arena_init(&arena, 1 << 18), 0);
    assert_int_equal(dom_read(text, (size_t)n, &arena, &d, &ei), 0);
    assert_int_equal(observed_read(d, &o, &ei), 0);
    assert_int_equal(pattern_match(p, &o, &ret), 0);
    observed_release(&o);
    return ret;
}

static bool
is_in(const struct set *s, const char *value)
{
    struct slice v = slice_of(value);
    struct set_found f = {.count = 0};
    struct addr addr;
    struct atom a;

    if (addr_parse(v, &addr) == 0)
        set_find_address(s, &addr, &f);
    else if (atom_read_url(v, &a) || atom_read_hash(v, &a))
        set_find_atom(s, &a, &f);
    else
        set_find_domain(s, v, &f);
    return f.count > 0;
}

static int
take_set(void *arg, const struct atom *a)
{
    return set_add(arg, a, 0);
}

static void
test_against_patterns(void **state)
{
    unsigned whole = 0;
    unsigned part = 0;

    (void)state;
    for (uint64_t seed = 1, i = 0; i < 3000; i++) {
        AUTO_BUF(text, 1 << 16);
        struct set_build *b = NULL;
        struct set *s = NULL;
        struct pattern *p = NULL;
        struct compiled c;
        struct errinfo ei = {0};

        put_pattern(&text, &seed, 0);
        assert_int_equal(set_build_new(1, &b), 0);
        assert_int_equal(compile_pattern(buf_get(&text), take_set, b, &c, &ei), 0);
        assert_int_equal(set_freeze(b, NULL, &s), 0);
        assert_int_equal(pattern_read(buf_get(&text), &p, &ei), 0);
        for (size_t k = 0; k < COUNT(objects); k++) {
            bool want = asked_itself(p, objects[k]);
            bool got = is_in(s, values[k]);

            if (c.reasons == 0)
                assert_int_equal(got, want);
            assert_true(!got || want);
        }
        whole += c.reasons == 0;
        part += c.reasons != 0 && c.atoms > 0;
        (void)pattern_free(p);
        (void)set_free(s);
        (void)set_build_free(b);
    }
    assert_true(whole > 500 && part > 500);
}

/* ---- the list ------------------------------------------------------------------------------
 */

#define U "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3"

static void
read_text(struct indicators_build *b, const char *json, struct indicators_counts *counts)
{
    size_t n = strlen(json);
    char *text = malloc(n + 1);
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    AUTO_ARENA(arena);

    assert_non_null(text);
    memcpy(text, json, n + 1);
    assert_int_equal(arena_init(&arena, 1 << 18), 0);
    assert_int_equal(dom_read(text, n, &arena, &d, &ei), 0);
    assert_int_equal(indicators_read(b, d, counts, NULL, NULL), 0);
    free(text);
}

/* One more of a list: the last digit of its id, its version's day, what else it has. */
static void
put_one(struct buf *to, char id, unsigned day, const char *pattern, const char *more)
{
    buf_printf(to,
               "%c{\"type\":\"indicator\",\"id\":\"indicator--" U "%c\",\"created\":"
               "\"2026-01-01T00:00:00Z\",\"modified\":\"2026-01-0%uT00:00:00Z\",\"valid_from\":"
               "\"2026-01-01T00:00:00Z\",\"pattern\":\"%s\"%s}",
               to->len == 0 ? '[' : ',', id, day, pattern, more);
}

static void
read_two(struct indicators_build *b, struct indicators_counts *counts)
{
    AUTO_BUF(one, 1 << 16);
    AUTO_BUF(two, 1 << 16);

    put_one(&one, '0', 1, "[ipv4-addr:value = '192.0.2.1']", "");
    put_one(&one, '1', 2, "[ipv4-addr:value = '192.0.2.1' OR file:name = 'x']",
            ",\"name\":\"n1\",\"labels\":[\"a\",\"b\"],\"confidence\":70,\"valid_until\":"
            "\"2026-02-01T00:00:00.5Z\"");
    buf_text(&one, ",{\"type\":\"x\"}]");
    buf_char(&one, '\0');
    put_one(&two, '0', 3, "[ipv4-addr:value = '192.0.2.2']", "");
    put_one(&two, '0', 2, "[ipv4-addr:value = '192.0.2.3']", "");
    put_one(&two, '2', 1, "[ipv4-addr:value = '192.0.2.2']", ",\"revoked\":true");
    put_one(&two, '3', 1, "[", "");
    put_one(&two, '4', 1, "x", ",\"pattern_type\":\"snort\"");
    put_one(&two, 'x', 1, "x", "");
    buf_text(&two, "]");
    buf_char(&two, '\0');
    read_text(b, one.ptr, counts);
    read_text(b, two.ptr, counts);
}

static unsigned
count_hits(const struct indicators *x, const char *address, struct utime at)
{
    struct set_found found;
    struct addr a;
    unsigned n = 0;

    assert_int_equal(addr_parse(slice_of(address), &a), 0);
    set_find_address(indicators_set(x), &a, &found);
    for (unsigned i = 0; i < found.count; i++) {
        uint32_t owners;
        const uint32_t *own = set_owners(indicators_set(x), found.atom[i], &owners);

        for (uint32_t k = 0; k < owners; k++)
            n += indicators_in_force(x, own[k], at);
    }
    return n;
}

/* Nobody revokes or changes what another gave, and this node's own is its own. */
static void
test_parties(void **state)
{
    struct indicators_counts counts = {0};
    struct indicators_build *b = NULL;
    struct indicators *x = NULL;
    struct indicator one;
    const struct utime at = {INT64_C(1780000000000000)};
    AUTO_BUF(own, 1 << 16);
    AUTO_BUF(first, 1 << 16);
    AUTO_BUF(second, 1 << 16);

    (void)state;
    put_one(&own, '0', 1, "[ipv4-addr:value = '192.0.2.1']",
            ",\"object_marking_refs\":[\"marking-definition--e828b379-4e03-4974-9ac4-"
            "e53a884c97c1\"]");
    buf_text(&own, "]");
    buf_char(&own, '\0');
    put_one(&first, '0', 9, "[ipv4-addr:value = '192.0.2.9']", ",\"revoked\":true");
    put_one(&first, '1', 1, "[ipv4-addr:value = '192.0.2.2']", "");
    put_one(&first, '2', 1, "[ipv4-addr:value = '192.0.2.3']", "");
    put_one(&first, '2', 2, "[ipv4-addr:value = '192.0.2.3']", ",\"revoked\":true");
    buf_text(&first, "]");
    buf_char(&first, '\0');
    put_one(&second, '1', 9, "[ipv4-addr:value = '192.0.2.2']", ",\"revoked\":true");
    put_one(&second, '0', 8, "[ipv4-addr:value = '192.0.2.8']", "");
    buf_text(&second, "]");
    buf_char(&second, '\0');
    assert_int_equal(indicators_build_new(7, &b), 0);
    read_text(b, own.ptr, &counts);
    indicators_from(b, 1);
    read_text(b, first.ptr, &counts);
    indicators_from(b, 2);
    read_text(b, second.ptr, &counts);
    assert_int_equal(counts.foreign, 2);
    assert_int_equal(indicators_freeze(b, &x), 0);
    (void)indicators_build_free(b);
    assert_int_equal(indicators_count(x), 4); /* `1` twice */
    assert_int_equal(count_hits(x, "192.0.2.1", at), 1);
    assert_int_equal(count_hits(x, "192.0.2.2", at), 1);
    assert_int_equal(count_hits(x, "192.0.2.3", at), 0); /* its own maker took it back */
    assert_int_equal(count_hits(x, "192.0.2.8", at), 0);
    assert_int_equal(count_hits(x, "192.0.2.9", at), 0);
    indicators_get(x, 0, &one);
    assert_true(!one.foreign && one.tlp == TLP_RED);
    indicators_get(x, 1, &one);
    assert_true(one.foreign && one.tlp == TLP_NONE);
    (void)indicators_free(x);
}

static void
test_list(void **state)
{
    struct indicators_build *b = NULL;
    struct indicators *x = NULL;
    struct indicators_counts c = {0};
    struct indicator one;
    struct set_found f;
    struct addr a;
    struct utime t;
    const uint32_t *own;
    uint32_t n;

    (void)state;
    assert_int_equal(indicators_build_new(9, &b), 0);
    read_two(b, &c);
    assert_int_equal(c.objects, 9);
    assert_int_equal(c.indicators, 8);
    assert_int_equal(c.whole, 2);
    assert_int_equal(c.in_part, 1);
    assert_int_equal(c.none, 2);
    assert_int_equal(c.revoked, 1);
    assert_int_equal(c.older, 1);
    assert_int_equal(c.odd, 1);
    assert_int_equal(c.by_reason[REASON_OBJECT], 1);
    assert_int_equal(c.by_reason[REASON_MALFORMED], 1);
    assert_int_equal(c.by_reason[REASON_LANGUAGE], 1);
    assert_int_equal(indicators_freeze(b, &x), 0);
    (void)indicators_build_free(b);
    assert_int_equal(indicators_count(x), 5);
    indicators_get(x, 0, &one);
    assert_memory_equal(one.id, "indicator--" U "1", INDICATOR_ID);
    assert_true(slice_is(one.name, "n1") && slice_is(one.labels, "a,b"));
    assert_int_equal(one.confidence, 70);
    assert_int_equal(one.until.us, INT64_C(1769904000500000));
    assert_int_equal(one.reasons, 1U << REASON_OBJECT);
    t = one.until;
    assert_false(indicators_in_force(x, 0, t));
    t.us--;
    assert_true(indicators_in_force(x, 0, t));
    assert_true(indicators_in_force(x, 0, one.from));
    t = one.from;
    t.us--;
    assert_false(indicators_in_force(x, 0, t));
    indicators_get(x, 1, &one);
    assert_int_equal(one.until.us, TIME_MAX.us);
    assert_int_equal(one.confidence, INDICATOR_UNSURE);
    assert_int_equal(addr_parse(SLICE("192.0.2.2"), &a), 0);
    set_find_address(indicators_set(x), &a, &f);
    assert_int_equal(f.count, 1);
    own = set_owners(indicators_set(x), f.atom[0], &n);
    assert_int_equal(n, 1);
    assert_int_equal(own[0], 1);
    assert_false(indicators_in_force(x, 2, one.from)); /* revoked */
    assert_int_equal(addr_parse(SLICE("192.0.2.3"), &a), 0);
    set_find_address(indicators_set(x), &a, &f);
    assert_int_equal(f.count, 0);
    (void)indicators_free(x);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_no_pattern),
        cmocka_unit_test(test_against_patterns),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_parties),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
