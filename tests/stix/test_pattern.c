/* STIX patterns: what is refused and where, each comparison, and bindings against a judge that
 * knows them all. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "stix/pattern.h"

/* ---- refusals ------------------------------------------------------------------------------
 */

static void
test_refusals(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } rows[] = {
        {"", "1:1: an observation is expected here: [ or ("},
        {"[a:b = 1", "1:9: AND, OR or ] is expected here"},
        {"[a:b = 1]]", "1:10: AND, OR, FOLLOWEDBY, a qualifier or the end is expected here"},
        {"[a:b = 1] AND", "1:14: an observation is expected here: [ or ("},
        {"([a:b = 1]", "1:11: AND, OR, FOLLOWEDBY, a qualifier or ) is expected here"},
        {"[a = 1]", "1:4: a type and its property stand with : between, as file:name"},
        {"[a:b-c = 1]", "1:4: a property's name is expected here; one with other than letters, "
                        "digits and _ stands in quotes"},
        {"[a:b:c = 1]", "1:5: a path has one :"},
        {"[a:b[x] = 1]", "1:6: [ ] takes a number or *"},
        {"[a:b[1.5] = 1]", "1:6: [ ] takes a number or *"},
        {"[a:b ~ 1]", "1:6: a character that stands in no pattern"},
        {"[a:b = ]", "1:8: a literal is expected here: 'text', 7, 0.5, true, h'…', b'…' or "
                     "t'…'"},
        {"[a:b = 'x]", "1:8: a string without its end"},
        {"[a:b = 'x\\y']", "1:10: behind \\ stands ' or \\"},
        {"[a:b = 01]", "1:8: a number does not begin with 0"},
        {"[a:b = 1.]", "1:10: a digit is missing here"},
        {"[a:b = 1x]", "1:9: a number ends here"},
        {"[a:b = -]", "1:8: a digit is missing here"},
        {"[a:b = 99999999999999999999]", "1:8: a number that is too large"},
        {"[a:b > true]", "1:8: true and false have no order"},
        {"[a:b = h'abc']", "1:8: h'…' holds pairs of hex digits"},
        {"[a:b = h'xx']", "1:8: h'…' holds pairs of hex digits"},
        {"[a:b = b'a']", "1:8: b'…' holds base64"},
        {"[a:b = t'2026-01-01']", "1:8: a time is t'2026-01-02T03:04:05Z'"},
        {"[a:b = t'2026-13-01T00:00:00Z']", "1:8: a time is t'2026-01-02T03:04:05Z'"},
        {"[a:b IN 1]", "1:9: IN takes a list in parentheses"},
        {"[a:b IN (1 2)]", "1:12: a comma or ) is expected here"},
        {"[a:b LIKE 1]", "1:11: a string in quotes is expected here"},
        {"[a:b MATCHES '(']", "1:14: no regular expression of RE2: missing ): ("},
        {"[a:b ISSUBSET 'x']",
         "1:15: an address or a prefix is expected here, as '192.0.2.0/24'"},
        {"[a:b ISSUBSET '192.0.2.0/33']",
         "1:15: an address or a prefix is expected here, as '192.0.2.0/24'"},
        {"[NOT a:b = 1]", "1:6: NOT stands behind the path, or before EXISTS"},
        {"[a:b = 1] WITHIN 0 SECONDS",
         "1:18: WITHIN takes more than 0 and at most 1e12 SECONDS"},
        {"[a:b = 1] WITHIN 5 MINUTES", "1:20: SECONDS is expected here"},
        {"[a:b = 1] REPEATS 0 TIMES", "1:19: REPEATS takes 1 to 1000000 TIMES"},
        {"[a:b = 1] REPEATS 1.5 TIMES", "1:19: REPEATS takes a whole number of TIMES"},
        {"[a:b = 1] REPEATS 2 TIMES WITHIN 1 SECONDS REPEATS 2 TIMES",
         "1:44: this qualifier stands here twice"},
        {"[a:b = 1] START t'2026-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00Z'",
         "1:17: STOP is behind START"},
        {"[a:b = 1] START '2026-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00Z'",
         "1:17: START takes a time, as t'…Z'"},
        {"[a:b = 1]\n/* x", "2:1: a comment without its end"},
        {"[a:b = 1] and [a:b = 2]",
         "1:11: AND, OR, FOLLOWEDBY, a qualifier or the end is expected here"}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pattern *p;
        struct errinfo ei = {0};
        char got[400];

        assert_int_equal(pattern_read(slice_of(rows[i].text), &p, &ei), ERR_INVALID);
        assert_null(p);
        (void)snprintf(got, sizeof got, "%u:%u: %s", ei.line, ei.column, ei.text);
        assert_string_equal(got, rows[i].why);
    }
}

static void
test_limits(void **state)
{
    struct pattern *p;
    struct errinfo ei = {0};
    AUTO_BUF(b, 1 << 20);

    (void)state;
    for (int i = 0; i <= PATTERN_DEPTH; i++)
        buf_char(&b, '(');
    assert_int_equal(pattern_read(buf_get(&b), &p, &ei), ERR_INVALID);
    buf_reset(&b);
    buf_text(&b, "[a:b IN (1");
    for (int i = 0; i < PATTERN_NODES; i++)
        buf_text(&b, ",1");
    buf_text(&b, ")]");
    assert_int_equal(pattern_read(buf_get(&b), &p, &ei), ERR_LIMIT);
    buf_reset(&b);
    for (int i = 0; i <= PATTERN_BYTES; i++)
        buf_char(&b, ' ');
    assert_int_equal(pattern_read(buf_get(&b), &p, &ei), ERR_LIMIT);
}

/* ---- comparisons ---------------------------------------------------------------------------
 */

static const char objects[] =
    "[{\"type\":\"observed-data\",\"id\":\"o\",\"first_observed\":\"2026-01-01T00:00:00Z\","
    "\"last_observed\":\"2026-01-01T00:00:10.5Z\",\"number_observed\":1,\"object_refs\":["
    "\"v4\","
    "\"v6\",\"net\",\"t\",\"f\",\"d\",\"x\"]},"
    "{\"type\":\"ipv4-addr\",\"id\":\"v4\",\"value\":\"198.51.100.7\"},"
    "{\"type\":\"ipv4-addr\",\"id\":\"net\",\"value\":\"203.0.113.0/24\"},"
    "{\"type\":\"ipv6-addr\",\"id\":\"v6\",\"value\":\"2001:db8::7\"},"
    "{\"type\":\"network-traffic\",\"id\":\"t\",\"src_ref\":\"v4\",\"dst_ref\":\"gone\","
    "\"dst_port\":443,\"protocols\":[\"ipv4\",\"tcp\",\"tls\"],\"x_refs\":[\"gone\",\"f\","
    "\"d\"],"
    "\"start\":\"2026-01-01T00:00:05Z\"},"
    "{\"type\":\"file\",\"id\":\"f\",\"name\":\"gr\\u00fc\\u00df'e.exe\",\"x_parted\":"
    "\"gru\\u0308\\u00df\",\"size\":1.5,"
    "\"hashes\":{\"SHA-256\":\"aa\"},\"magic_hex\":\"fffe\",\"x_flag\":true,\"x_null\":null},"
    "{\"type\":\"directory\",\"id\":\"d\",\"path\":\"/tmp\",\"contains_refs\":[\"f\"]},"
    "{\"type\":\"x-own\",\"id\":\"x\",\"data_bin\":\"/w==\",\"list\":[[1,2],[3]],\"n\":-7}]";

static bool
matches(const char *text, char *json, size_t len)
{
    struct pattern *p = NULL;
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    struct observed o;
    bool ret = false;
    AUTO_ARENA(arena);

    assert_int_equal(arena_init(&arena, 48 * len + 4096), 0);
    assert_int_equal(dom_read(json, len, &arena, &d, &ei), 0);
    assert_int_equal(observed_read(d, &o, &ei), 0);
    if (pattern_read(slice_of(text), &p, &ei) < 0)
        print_error("%s: %u: %s\n", text, ei.column, ei.text);
    assert_non_null(p);
    assert_int_equal(pattern_match(p, &o, &ret), 0);
    observed_release(&o);
    assert_null(pattern_free(p));
    return ret;
}

static void
test_comparisons(void **state)
{
    static const struct {
        const char *text;
        bool holds;
    } rows[] = {
        {"ipv4-addr:value = '198.51.100.7'", true},
        {"ipv4-addr:value == '198.51.100.8'", false},
        {"ipv4-addr:value <> '198.51.100.7'", true}, /* the other one */
        {"ipv6-addr:value != '2001:db8::7'", false},
        {"ipv6-addr:value NOT != '2001:db8::7'", true},
        {"ipv4-addr:value ISSUBSET '198.51.100.0/24'", true},
        {"ipv4-addr:value ISSUBSET '203.0.113.0/25'", false},
        {"ipv4-addr:value ISSUBSET '203.0.113.77/24'", true},
        {"ipv4-addr:value ISSUPERSET '203.0.113.9'", true},
        {"ipv4-addr:value ISSUPERSET '203.0.112.0/23'", false},
        {"ipv6-addr:value ISSUBSET '2001:db8::/32'", true},
        {"ipv6-addr:value ISSUBSET '198.51.100.0/24'", false},
        {"network-traffic:dst_port = 443", true},
        {"network-traffic:dst_port = 443.0", true},
        {"network-traffic:dst_port = '443'", false},
        {"network-traffic:dst_port NOT = '443'", true},
        {"network-traffic:dst_port > 442.5", true},
        {"network-traffic:dst_port > 'a'", false},
        {"network-traffic:dst_port NOT > 'a'", false},
        {"network-traffic:dst_port IN (80, 443)", true},
        {"network-traffic:dst_port NOT IN (80, 8080)", true},
        {"network-traffic:dst_port IN ()", false},
        {"network-traffic:dst_port LIKE '%'", false},
        {"network-traffic:dst_port NOT LIKE 'x'", false},
        {"network-traffic:dst_port NOT MATCHES 'x'", true},
        {"network-traffic:protocols[1] = 'tcp'", true},
        {"network-traffic:protocols[-1] = 'tls'", true},
        {"network-traffic:protocols[3] = 'tls'", false},
        {"network-traffic:protocols[*] = 'tls'", true},
        {"network-traffic:protocols = 'tls'", false},
        {"network-traffic:src_ref.value = '198.51.100.7'", true},
        {"network-traffic:dst_ref.value != 'x'", false},
        {"network-traffic:x_refs[0].name LIKE 'gr%'", true}, /* of those that are there */
        {"network-traffic:x_refs[*].path = '/tmp'", true},
        {"network-traffic:x_refs[1].contains_refs[0].size = 1.5", true},
        {"network-traffic:start > t'2026-01-01T00:00:04.999Z'", true},
        {"network-traffic:start = t'2026-01-01T00:00:05.000Z'", true},
        {"network-traffic:start <= t'2026-01-01T00:00:04Z'", false},
        {"network-traffic:protocols[0] = t'2026-01-01T00:00:04Z'", false},
        {"file:name = 'grüß\\'e.exe'", true},
        {"file:name LIKE 'gr__\\'_.exe'", true},
        {"file:name LIKE 'gr_\\'_.exe'", false},
        {"file:name LIKE '%e%e%'", true},
        {"file:name LIKE '%z%'", false},
        {"file:name MATCHES 'ü.*exe$'", true},
        /* u and a diaeresis, which is another string than ü */
        {"file:name LIKE 'gru\xcc\x88%'", true},
        {"file:name MATCHES '^gru\xcc\x88\xc3\x9f'", true},
        {"file:name = 'gru\xcc\x88\xc3\x9f\\'e.exe'", false},
        {"file:x_parted LIKE 'gr_\xc3\x9f'", true},
        {"file:x_parted MATCHES '^gr.\xc3\x9f$'", true},
        {"file:x_parted LIKE 'gr__\xc3\x9f'", false},
        {"file:x_parted = 'gru\xcc\x88\xc3\x9f'", true},
        {"file:name MATCHES '^.{2}e'", false},
        {"file:hashes.'SHA-256' = 'aa'", true},
        {"file:hashes.SHA = 'aa'", false},
        {"file:magic_hex = h'fffe'", true},
        {"file:magic_hex = 'ÿþ'", true},
        {"file:magic_hex < h'ffff'", true},
        {"file:magic_hex MATCHES 'ÿ\\\\xfe'", true},
        {"file:magic_hex LIKE '%'", false},
        {"file:x_flag = true", true},
        {"file:x_flag = false", false},
        {"file:x_flag = 1", false},
        {"file:x_null = 'x'", false},
        {"file:x_null != 'x'", true},
        {"EXISTS file:x_null", true},
        {"NOT EXISTS file:x_null", false},
        {"NOT EXISTS file:none", true},
        {"EXISTS none:name", false},
        {"NOT EXISTS none:name", false},
        {"x-own:data_bin = b'/w=='", true},
        {"x-own:list[1][0] = 3", true},
        {"x-own:list[*][*] = 2", true},
        {"x-own:n = -7", true},
        {"file:size = 1.5 AND file:x_flag = true", true},
        {"file:size = 1.5 AND ipv4-addr:value = '198.51.100.7'", false}, /* of one object */
        {"file:size = 2 OR ipv4-addr:value = '198.51.100.7'", true},
        {"file:size = 2 AND file:x_flag = true OR x-own:n < 0", true},
        {"file:size = 2 AND (file:x_flag = true OR x-own:n < 0)", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[256];
        char json[sizeof objects];

        memcpy(json, objects, sizeof objects);
        (void)snprintf(text, sizeof text, "[ %s /* so */ ] // all", rows[i].text);
        if (matches(text, json, sizeof objects - 1) != rows[i].holds)
            print_error("%s\n", text);
        memcpy(json, objects, sizeof objects);
        assert_int_equal(matches(text, json, sizeof objects - 1), rows[i].holds);
    }
}

/* ---- bindings ------------------------------------------------------------------------------
 */

enum { SEEN = 7, SETS = 1 << SEEN };

struct world {
    int first[SEEN]; /* seconds, of each single observation */
    int last[SEEN];
    int kind[SEEN];
};

/* All sets of observations that satisfy an expression, as it is written. */
struct all {
    bool set[SETS];
};

static int
latest_first(const struct world *w, unsigned set)
{
    int ret = -1;

    for (int i = 0; i < SEEN; i++)
        ret = (set >> i & 1) != 0 && w->first[i] > ret ? w->first[i] : ret;
    return ret;
}

static int
earliest_last(const struct world *w, unsigned set)
{
    int ret = 1 << 20;

    for (int i = 0; i < SEEN; i++)
        ret = (set >> i & 1) != 0 && w->last[i] < ret ? w->last[i] : ret;
    return ret;
}

static struct all
both(const struct world *w, const struct all *a, const struct all *b, bool in_order)
{
    struct all ret = {{false}};

    for (unsigned x = 1; x < SETS; x++) {
        for (unsigned y = 1; a->set[x] && y < SETS; y++) {
            if (b->set[y] && (x & y) == 0 &&
                (!in_order || latest_first(w, x) <= earliest_last(w, y)))
                ret.set[x | y] = true;
        }
    }
    return ret;
}

static struct all make(const struct world *w, struct buf *b, int depth);

static struct all
make_qualified(const struct world *w, struct buf *b, int depth, unsigned which)
{
    struct all a;
    struct all once;
    int n = 1 + (int)(random() % 4);
    int from = (int)(random() % 20);

    buf_char(b, '(');
    a = once = make(w, b, depth - 1);
    buf_char(b, ')');
    if (which == 0) {
        buf_printf(b, " WITHIN %d.5 SECONDS", n);
        for (unsigned x = 1; x < SETS; x++)
            a.set[x] = a.set[x] && 2 * (latest_first(w, x) - earliest_last(w, x)) <= 2 * n + 1;
    } else if (which == 1) {
        buf_printf(b, " REPEATS %d TIMES", n);
        for (int i = 1; i < n; i++)
            a = both(w, &a, &once, false);
    } else {
        buf_printf(b, " START t'2026-01-01T00:00:%02dZ' STOP t'2026-01-01T00:00:%02dZ'", from,
                   from + n);
        for (unsigned x = 1; x < SETS; x++) {
            for (int i = 0; i < SEEN; i++)
                a.set[x] = a.set[x] && ((x >> i & 1) == 0 ||
                                        (w->first[i] < from + n && w->last[i] >= from));
        }
    }
    return a;
}

static struct all
make(const struct world *w, struct buf *b, int depth)
{
    static const char *const words[] = {" AND ", " OR ", " FOLLOWEDBY "};
    unsigned which = (unsigned)random() % 7;
    struct all left = {{false}};
    struct all right;

    if (depth == 0 || which == 6) {
        int kind = (int)(random() % 3);

        buf_printf(b, "[x-a:k = %d]", kind);
        for (int i = 0; i < SEEN; i++)
            left.set[1 << i] = w->kind[i] == kind;
        return left;
    }
    if (which >= 3)
        return make_qualified(w, b, depth, which - 3);
    buf_char(b, '(');
    left = make(w, b, depth - 1);
    buf_char(b, ')');
    buf_text(b, words[which]);
    buf_char(b, '(');
    right = make(w, b, depth - 1);
    buf_char(b, ')');
    if (which != 1)
        return both(w, &left, &right, which == 2);
    for (unsigned x = 1; x < SETS; x++)
        left.set[x] |= right.set[x];
    return left;
}

/* Those that are alike may be one that was made several times. */
static void
write_world(struct world *w, struct buf *b)
{
    buf_text(b, "{\"type\":\"bundle\",\"objects\":[");
    for (int i = 0, n; i < SEEN; i += n) {
        w->first[i] = (int)(random() % 12);
        w->last[i] = w->first[i] + (int)(random() % 6);
        w->kind[i] = (int)(random() % 3);
        for (n = 1; i + n < SEEN && random() % 3 == 0; n++) {
            w->first[i + n] = w->first[i];
            w->last[i + n] = w->last[i];
            w->kind[i + n] = w->kind[i];
        }
        buf_printf(
            b,
            "%s{\"type\":\"observed-data\",\"id\":\"o%d\",\"number_observed\":%d,"
            "\"first_observed\":\"2026-01-01T00:00:%02dZ\",\"last_observed\":"
            "\"2026-01-01T00:00:%02dZ\",\"objects\":{\"0\":{\"type\":\"x-a\",\"k\":%d}}}",
            i > 0 ? "," : "", i, n, w->first[i], w->last[i], w->kind[i]);
    }
    buf_text(b, "]}");
}

static void
test_bindings(void **state)
{
    unsigned found = 0;

    (void)state;
    srandom(11);
    for (int round = 0; round < 6000; round++) {
        AUTO_BUF(json, 1 << 16);
        AUTO_BUF(text, 1 << 16);
        struct world w;
        struct all all;
        bool want = false;

        write_world(&w, &json);
        all = make(&w, &text, 3);
        buf_char(&text, '\0');
        for (unsigned x = 1; x < SETS; x++)
            want |= all.set[x];
        found += want;
        if (matches(text.ptr, json.ptr, json.len) != want)
            print_error("%s\n", text.ptr);
        /* strings in it have no escapes, so it can be read again */
        assert_int_equal(matches(text.ptr, json.ptr, json.len), want);
    }
    assert_in_range(found, 1000, 5000);
}

/* What would explode where all bindings are kept. */
static void
test_many(void **state)
{
    AUTO_BUF(json, 1 << 24);
    AUTO_BUF(copy, 1 << 24);

    (void)state;
    buf_char(&json, '[');
    for (int i = 0; i < 3000; i++)
        buf_printf(
            &json,
            "%s{\"type\":\"observed-data\",\"id\":\"o%d\",\"number_observed\":1000,"
            "\"first_observed\":\"2026-01-01T%02d:%02d:00Z\",\"last_observed\":"
            "\"2026-01-01T%02d:%02d:00Z\",\"objects\":{\"0\":{\"type\":\"x-a\",\"k\":%d}}}",
            i > 0 ? "," : "", i, i / 60 % 24, i % 60, i / 60 % 24, i % 60, i % 3);
    buf_char(&json, ']');
    buf_slice(&copy, buf_get(&json));
    assert_true(matches("[x-a:k = 0] REPEATS 1000000 TIMES", json.ptr, json.len));
    assert_true(
        matches("([x-a:k = 0] FOLLOWEDBY [x-a:k = 1] FOLLOWEDBY [x-a:k = 2]) WITHIN 200 "
                "SECONDS",
                copy.ptr, copy.len));
    assert_false(matches("([x-a:k = 0] AND [x-a:k = 1] AND [x-a:k = 2]) WITHIN 30 SECONDS",
                         copy.ptr, copy.len));
    assert_false(
        matches("([x-a:k = 0] REPEATS 3001 TIMES) WITHIN 30 SECONDS", copy.ptr, copy.len));
}

/* ---- observed-data -------------------------------------------------------------------------
 */

static void
test_observed(void **state)
{
    static const struct {
        const char *json;
        const char *why;
    } rows[] = {
        {"{\"type\":\"observed-data\",\"id\":\"a\"}",
         "a: `number_observed` is a number from 1 to 999999999"},
        {"{\"type\":\"observed-data\",\"id\":\"a\",\"number_observed\":0}",
         "a: `number_observed` is a number from 1 to 999999999"},
        {"[{\"type\":\"bundle\",\"objects\":[{\"type\":\"observed-data\",\"number_observed\":1}"
         "]}]",
         "an observed-data without id: `first_observed` and `last_observed` are times, as "
         "2026-01-02T03:04:05Z"},
        {"{\"type\":\"observed-data\",\"id\":\"a\",\"number_observed\":1,\"first_observed\":"
         "\"2026-01-01T00:00:01Z\",\"last_observed\":\"2026-01-01T00:00:00Z\"}",
         "a: `last_observed` lies before `first_observed`"},
        {"{\"type\":\"observed-data\",\"id\":\"a\",\"number_observed\":1,\"first_observed\":"
         "\"2026-01-01T00:00:00Z\",\"last_observed\":\"2026-01-01T00:00:00Z\"}",
         "a: has `object_refs`, a list, or `objects`, an object"},
        {"{\"type\":\"observed-data\",\"id\":\"a\",\"number_observed\":1,\"first_observed\":"
         "\"2026-01-01T00:00:00Z\",\"last_observed\":\"2026-01-01T00:00:00Z\",\"object_refs\":"
         "1}",
         "a: `object_refs` is a list"}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct dom *d = NULL;
        struct errinfo ei = {0};
        struct observed o;
        char json[512];
        AUTO_ARENA(arena);

        (void)snprintf(json, sizeof json, "%s", rows[i].json);
        assert_int_equal(arena_init(&arena, 1 << 16), 0);
        assert_int_equal(dom_read(json, strlen(json), &arena, &d, &ei), 0);
        assert_int_equal(observed_read(d, &o, &ei), ERR_INVALID);
        assert_string_equal(ei.text, rows[i].why);
        observed_release(&o);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),    cmocka_unit_test(test_limits),
        cmocka_unit_test(test_comparisons), cmocka_unit_test(test_bindings),
        cmocka_unit_test(test_many),        cmocka_unit_test(test_observed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
