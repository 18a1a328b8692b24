/* Objects that say the same, and such as do not, however they are written. */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "stix/same.h"

static const struct dom *
read_text(const char *text, struct arena *arena)
{
    size_t len = strlen(text);
    char *copy = arena_alloc(arena, len + 1);
    struct errinfo ei = {0};
    const struct dom *d = NULL;

    assert_non_null(copy);
    memcpy(copy, text, len + 1);
    if (dom_read(copy, len, arena, &d, &ei) < 0)
        fail_msg("%s: %s", text, ei.text);
    return d;
}

static bool
are_same(const char *a, const char *b)
{
    AUTO_ARENA(arena);
    const struct dom *x;
    const struct dom *y;
    bool same;

    assert_int_equal(arena_init(&arena, 1 << 20), 0);
    x = read_text(a, &arena);
    y = read_text(b, &arena);
    same = stix_same(x, y);
    assert_int_equal(stix_same(y, x), same);
    assert_true(stix_same(x, x) && stix_same(y, y));
    return same;
}

static void
written_in_another_way(void **state)
{
    static const char *const pairs[][2] = {
        {"{}", "{ }"},
        {"{\"a\":1,\"b\":[1,2.50]}", "{\"b\":[1.0,2.5],\"a\":1e0}"},
        {"{\"a\":\"\\u00e4\"}", "{\"a\":\"\xc3\xa4\"}"},
        {"{\"modified\":\"2026-01-01T00:00:00.000Z\"}",
         "{\"modified\":\"2026-01-01T00:00:00Z\"}"},
        {"{\"a\":{\"b\":[\"2026-01-01T00:00:00.12Z\"]}}",
         "{\"a\":{\"b\":[\"2026-01-01T00:00:00.120000Z\"]}}"},
        {"{\"a\":1}", "{\"a\":1,\"revoked\":false}"},
        {"{\"revoked\":false,\"a\":1}", "{\"a\":1,\"defanged\":false}"},
        {"{\"pattern_type\":\"stix\"}",
         "{\"pattern_version\":\"2.1\",\"pattern_type\":\"stix\"}"},
        {"{\"type\":\"url\"}", "{\"type\":\"url\",\"spec_version\":\"2.1\"}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (!are_same(pairs[i][0], pairs[i][1]))
            fail_msg("%s and %s", pairs[i][0], pairs[i][1]);
    }
}

static void
another_object(void **state)
{
    static const char *const pairs[][2] = {
        {"{}", "[]"},
        {"{\"a\":1}", "{\"a\":2}"},
        {"{\"a\":1}", "{\"b\":1}"},
        {"{\"a\":1}", "{\"a\":1,\"b\":1}"},
        {"{\"a\":[1,2]}", "{\"a\":[2,1]}"},
        {"{\"a\":\"1\"}", "{\"a\":1}"},
        {"{\"a\":\"2026-01-01T00:00:00.1Z\"}", "{\"a\":\"2026-01-01T00:00:00.10000001Z\"}"},
        {"{\"a\":\"2026-01-01T00:00:00Z\"}", "{\"a\":\"2026-01-01T00:00:10Z\"}"},
        {"{\"a\":\"2026-01-01T00:00:00\"}", "{\"a\":\"2026-01-01T00:00:00.0\"}"},
        {"{\"a\":\"2026-01-01T00:00:00xZ\"}", "{\"a\":\"2026-01-01T00:00:00x0Z\"}"},
        {"{\"a\":\"1.0Z\"}", "{\"a\":\"1Z\"}"},
        {"{\"a\":1}", "{\"a\":1,\"revoked\":true}"},
        {"{\"a\":1}", "{\"a\":1,\"revoked\":null}"},
        {"{\"a\":{}}", "{\"a\":{\"revoked\":false}}"},
        {"{\"revoked\":false}", "{\"revoked\":true}"},
        {"{\"pattern_type\":\"stix\"}",
         "{\"pattern_type\":\"stix\",\"pattern_version\":\"2.0\"}"},
        {"{\"pattern_type\":\"snort\"}",
         "{\"pattern_type\":\"snort\",\"pattern_version\":\"2.1\"}"},
        {"{\"created\":\"x\"}", "{\"created\":\"x\",\"spec_version\":\"2.1\"}"},
        {"{\"type\":\"url\"}", "{\"type\":\"url\",\"spec_version\":\"2.2\"}"},
        {"{\"revoked\":false,\"a\":1}", "{\"a\":1,\"b\":2}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (are_same(pairs[i][0], pairs[i][1]))
            fail_msg("%s and %s", pairs[i][0], pairs[i][1]);
    }
}

/* Many members in another order are given up, not compared for minutes. */
static void
many_members(void **state)
{
    enum { MANY = 20000 };
    struct errinfo ei = {0};
    const struct dom *x;
    const struct dom *y;
    AUTO_BUF(a, 1 << 20);
    AUTO_BUF(b, 1 << 20);
    AUTO_ARENA(arena);

    (void)state;
    for (int i = 0; i < MANY; i++) {
        buf_printf(&a, "%c\"m%d\":%d", i == 0 ? '{' : ',', i, i);
        buf_printf(&b, "%c\"m%d\":%d", i == 0 ? '{' : ',', MANY - 1 - i, MANY - 1 - i);
    }
    buf_char(&a, '}');
    buf_char(&b, '}');
    assert_int_equal(arena_init(&arena, 1 << 24), 0);
    assert_int_equal(dom_read(a.ptr, a.len, &arena, &x, &ei), 0);
    assert_int_equal(dom_read(b.ptr, b.len, &arena, &y, &ei), 0);
    assert_true(stix_same(x, x));
    assert_false(stix_same(x, y));
}

static void
names_that_stand_twice(void **state)
{
    static const struct {
        const char *text;
        bool twice;
        bool deep;
    } rows[] = {
        {"{}", false, false},
        {"[1,2,2]", false, false},
        {"{\"a\":1,\"b\":{\"a\":1}}", false, false},
        {"{\"a\":1,\"b\":2,\"a\":1}", true, true},
        {"{\"a\":{\"b\":1,\"b\":2}}", false, true},
        {"{\"a\":[[{\"b\":1},{\"c\":1,\"c\":2}]]}", false, true},
        {"{\"\\u0061\":1}", true, true}, /* it could be another's `a` */
        {"{\"\\u00e4\":1}", false, false},
        {"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,"
         "\"k\":1,\"l\":1,"
         "\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"q\":1}",
         false, false},
        {"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,"
         "\"k\":1,\"l\":1,"
         "\"m\":1,\"n\":1,\"o\":1,\"p\":1,\"b\":1}",
         true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_ARENA(arena);
        const struct dom *d;

        assert_int_equal(arena_init(&arena, 1 << 16), 0);
        d = read_text(rows[i].text, &arena);
        if (dom_is_twice(d, false) != rows[i].twice || dom_is_twice(d, true) != rows[i].deep)
            fail_msg("%s", rows[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_in_another_way),
        cmocka_unit_test(another_object),
        cmocka_unit_test(many_members),
        cmocka_unit_test(names_that_stand_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
