/* Tokens and lines of JSON text: where they stand, and that the fast way and the one that runs
 * everywhere say the same. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "wire/json.h"

enum { TEXT_MAX = 20000 };

/* As long as it is, in memory of its own: a byte read behind it is noticed. */
static enum json_fault
run(struct json_index *ji, struct slice text, struct json_tokens *ret)
{
    char *copy = malloc(text.len == 0 ? 1 : text.len);
    enum json_fault fault;

    assert_non_null(copy);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    fault = json_index_run(ji, copy, text.len, ret);
    free(copy);
    return fault;
}

static void
tokens_and_lines(void **state)
{
    static const char text[] = "{\"a\\\"\": [-1, false]}\n\n\t7 \"\xc3\xa9\"";
    static const uint32_t at[] = {0, 1, 6, 8, 9, 11, 13, 18, 19, 23, 25, sizeof text - 1};
    static const struct json_line lines[] = {{9, 20, 1}, {9, 21, 0}, {11, sizeof text - 1, 0}};

    (void)state;
    for (int plain = 0; plain < 2; plain++) {
        struct json_index *ji = json_index_new(100);
        struct json_tokens t;

        assert_non_null(ji);
        if (plain)
            json_index_plain(ji);
        assert_int_equal(run(ji, SLICE(text), &t), JSON_FINE);
        assert_int_equal(t.count, COUNT(at) - 1);
        assert_memory_equal(t.at, at, sizeof at);
        assert_memory_equal(t.first, "{\":[0,t]}0\"\0\0\0", 14);
        assert_int_equal(t.lines, COUNT(lines));
        assert_memory_equal(t.line, lines, sizeof lines);
        assert_int_equal(run(ji, SLICE(""), &t), JSON_FINE);
        assert_int_equal(t.count + t.lines, 0);
        assert_int_equal(run(ji, SLICE("{\"a\":\"b}\n"), &t), JSON_STRING);
        assert_int_equal(run(ji, SLICE("\"\x1f\""), &t), JSON_STRING);
        assert_int_equal(run(ji, SLICE("\"\\\""), &t), JSON_STRING);
        assert_int_equal(run(ji, SLICE("\"\xff\""), &t), JSON_UTF8);
        assert_int_equal(run(ji, SLICE("[\xed\xa0\x80]"), &t), JSON_UTF8);
        assert_null(json_index_free(ji));
        ji = json_index_new(sizeof text - 2);
        assert_non_null(ji);
        assert_int_equal(run(ji, SLICE(text), &t), JSON_MEMORY);
        assert_null(json_index_free(ji));
    }
}

/* Bytes of JSON in no order; strings have their ends now and then. */
static size_t
any_text(char *to, uint64_t *seed)
{
    static const char bytes[] = "\"\"\"\\\\{}[]:,,: \n\n\t\r\x0c\x1a"
                                "09-tfnax\xc3\xa9";
    size_t n = next_random(seed) % 300;
    unsigned letters = (unsigned)(next_random(seed) % 8);
    bool sound = next_random(seed) % 4 != 0; /* without what is a fault in most places */

    if (next_random(seed) % 64 == 0)
        n = next_random(seed) % TEXT_MAX;
    for (size_t i = 0; i < n; i++) {
        char c = bytes[next_random(seed) % (sizeof bytes - 1)];

        if (next_random(seed) % 8 < letters || (sound && (c & 0x80)))
            c = 'a';
        if (sound && i % 16 != 15 && (c == '\n' || c == '\\'))
            c = '7';
        to[i] = c;
    }
    return n;
}

static void
both_ways(void **state)
{
    struct json_index *wide = json_index_new(TEXT_MAX);
    struct json_index *plain = json_index_new(TEXT_MAX);
    static char text[TEXT_MAX];
    uint64_t seed = 11;
    unsigned fine = 0;

    (void)state;
    assert_true(wide != NULL && plain != NULL);
    json_index_plain(plain);
    for (int round = 0; round < 60000; round++) {
        struct slice in = {text, any_text(text, &seed)};
        struct json_tokens a;
        struct json_tokens b;
        enum json_fault fault = run(plain, in, &b);

        assert_int_equal(run(wide, in, &a), fault);
        if (fault != JSON_FINE)
            continue;
        fine++;
        assert_int_equal(a.count, b.count);
        assert_memory_equal(a.at, b.at, (a.count + 1) * sizeof a.at[0]);
        assert_memory_equal(a.first, b.first, a.count + JSON_PAD);
        assert_int_equal(a.lines, b.lines);
        if (a.lines > 0)
            assert_memory_equal(a.line, b.line, a.lines * sizeof a.line[0]);
    }
    assert_true(fine > 3000);
    assert_null(json_index_free(wide));
    assert_null(json_index_free(plain));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tokens_and_lines),
                                       cmocka_unit_test(both_ways)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
