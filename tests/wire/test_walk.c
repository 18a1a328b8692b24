/* JSON read member by member: what is passed over, what stands in it, and where faults are. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/walk.h"

static void
scalars_are_taken_as_they_stand(void **state)
{
    static const struct {
        const char *text;
        int r;
        const char *want;
    } cases[] = {{"1.50", 0, "1.50"},    {"-1e9 ", 0, "-1e9"},   {"true\n", 0, "true"},
                 {"null", 0, "null"},    {"\"a\"", 0, "a"},      {"{\"a\":[1]}", 0, ""},
                 {"[1,2]", 0, ""},       {"", ERR_INVALID, ""},  {"]", ERR_INVALID, ""},
                 {",", ERR_INVALID, ""}, {":", ERR_INVALID, ""}, {"[", ERR_INVALID, ""}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[32];
        struct errinfo ei = {0};
        struct walk w;
        struct slice got;

        (void)snprintf(text, sizeof text, "%s", cases[i].text);
        assert_int_equal(walk_open(&w, text, strlen(text), &ei), 0);
        assert_int_equal(walk_scalar(&w, &got), cases[i].r);
        assert_true(slice_is(got, cases[i].want));
        assert_true(cases[i].r < 0 || walk_peek(&w) == '\0');
        walk_close(&w);
    }
}

/* By the text alone, where strings have no escapes: behind the value at `at`. */
static const char *
naively_behind(const char *at)
{
    unsigned depth = 0;

    do {
        if (*at == '"') {
            at = strchr(at + 1, '"') + 1;
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            depth--;
            at++;
        } else if (*at == ',' || *at == ':') {
            at++;
        } else {
            at += strcspn(at, ",:]}");
        }
    } while (depth > 0);
    return at;
}

static void
what_is_passed_over_ends_where_it_ends(void **state)
{
    static const char text[] = "{\"a\":[1,-2,{\"b\":\"]}\"},[]],\"c\":{\"d\":true,\"e\":{}},"
                               "\"f\":\"[\",\"g\":null}";
    char copy[sizeof text];
    struct errinfo ei = {0};
    struct walk w;
    struct slice key;
    bool first = true;
    unsigned members = 0;

    (void)state;
    memcpy(copy, text, sizeof text);
    assert_int_equal(walk_open(&w, copy, sizeof text - 1, &ei), 0);
    assert_int_equal(walk_enter(&w, '{'), 1);
    for (; walk_member(&w, &first, &key) == 1; members++) {
        const char *behind = naively_behind(copy + w.t.at[w.at]);

        assert_int_equal(walk_skip(&w), 0);
        assert_ptr_equal(copy + w.t.at[w.at], behind);
    }
    assert_int_equal(members, 4);
    walk_close(&w);
    for (size_t n = 0; n < sizeof text - 1; n++) { /* whatever is left of it has no end */
        memcpy(copy, text, sizeof text);
        ei = (struct errinfo){0};
        if (walk_open(&w, copy, n, &ei) == 0)
            assert_int_equal(walk_skip(&w), ERR_INVALID);
        assert_true(ei.line == 1 && ei.column > 0 && ei.text[0] != '\0');
        walk_close(&w);
    }
}

/* Where the string begins that has no end, or the byte is that must not be in it. */
static void
places_of_strings(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column;
    } cases[] = {{"{\"a\":\"b", 1, 6},
                 {"{\"a\":\"b\\\"\"}\n{\"a\":1,\n \"b\":\"c\\\"}\n", 3, 6},
                 {"[\n\"a\",\"b\n\"]", 2, 5},
                 {"[\n\"a\",\"b\x01\"]", 2, 7},
                 {"[\n\"\xc3\xa9\",\"b\xff\"]", 2, 8}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char copy[64];
        struct errinfo ei = {0};
        struct walk w;

        (void)snprintf(copy, sizeof copy, "%s", cases[i].text);
        assert_int_equal(walk_open(&w, copy, strlen(copy), &ei), ERR_INVALID);
        if (ei.line != cases[i].line || ei.column != cases[i].column)
            print_error("%zu: %u:%u\n", i, ei.line, ei.column);
        assert_true(ei.line == cases[i].line && ei.column == cases[i].column);
        walk_close(&w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_taken_as_they_stand), cmocka_unit_test(places_of_strings),
        cmocka_unit_test(what_is_passed_over_ends_where_it_ends)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
