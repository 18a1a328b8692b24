#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "base/time.h"
#include "unit.h"

/* ---- time ---- */

static void
times_come_back(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } known[] = {
        {"1970-01-01T00:00:00.000000Z", 0},
        {"1999-12-31T23:59:59.999999Z", 946684799999999},
        {"2000-02-29T12:00:00.000001Z", 951825600000001},
        {"2026-03-01T12:00:00.000000Z", 1772366400000000},
        {"9999-12-31T23:59:59.999999Z", 253402300799999999},
    };
    char text[TIME_TEXT];
    struct utime t;

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        assert_int_equal(time_parse(slice_of(known[i].text), &t), 0);
        assert_int_equal(t.us, known[i].us);
        time_format(t, text);
        assert_memory_equal(text, known[i].text, TIME_TEXT);
    }
}

static void
random_times_come_back(void **state)
{
    uint64_t seed = 1;
    char text[TIME_TEXT];
    struct utime t;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct utime from = {(int64_t)(next_random(&seed) % (uint64_t)TIME_MAX.us)};

        time_format(from, text);
        assert_int_equal(time_parse((struct slice){text, TIME_TEXT}, &t), 0);
        assert_int_equal(t.us, from.us);
    }
}

static void
odd_times_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00.00000Z",
        "2026-03-01T12:00:00.0000000Z",
        "2026-03-01 12:00:00.000000Z",
        "2026-03-01T12:00:00.000000z",
        "2026-03-01T23:59:60.000000Z",
        "2026-02-29T00:00:00.000000Z",
        "2100-02-29T00:00:00.000000Z",
        "2026-13-01T00:00:00.000000Z",
        "2026-00-01T00:00:00.000000Z",
        "2026-01-00T00:00:00.000000Z",
        "2026-04-31T00:00:00.000000Z",
        "2026-01-01T24:00:00.000000Z",
        "2026-01-01T00:60:00.000000Z",
        "1969-12-31T23:59:59.999999Z",
        "2026-01-01T00:00:00.00000aZ",
    };
    struct utime t;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(time_parse(slice_of(bad[i]), &t), ERR_INVALID);
}

static void
sensors_times_are_taken(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } known[] = {
        {"2026-03-01T12:00:00.123456+0000", 1772366400123456},
        {"2026-03-01T13:00:00.123456+01:00", 1772366400123456},
        {"2026-03-01T06:30:00.5-05:30", 1772366400500000},
        {"2026-03-01T12:00:00.123456789Z", 1772366400123456},
        {"2026-03-01 12:00:00", 1772366400000000},
        {"2016-12-31T23:59:60Z", 1483228799999999},
    };
    struct utime t;

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        assert_int_equal(time_parse_any(slice_of(known[i].text), &t), 0);
        assert_int_equal(t.us, known[i].us);
    }
    assert_int_equal(time_parse_any(SLICE("yesterday"), &t), ERR_INVALID);
    assert_int_equal(time_parse_any(SLICE(""), &t), ERR_INVALID);
}

static void
people_write_spans(void **state)
{
    static const char *const noons[] = {"2026-03-01T12:00",        "2026-03-01 12:00",
                                        "2026-03-01T12:00Z",       "2026-03-01T13:00+01:00",
                                        "2026-03-01T06:30-0530",   "2026-03-01T12:00:00",
                                        "2026-03-01T13:00:00+0100"};
    static const char *const nothing[] = {
        "2026-03-01T12",    "2026-03-01T12:00.5", "2026-03-01T12:00:", "2026-03-01T12:00:5",
        "2026-03-01T24:00", "2026-03-01T12:00+1", "2026-02-29T12:00",  "2026-03-01T12:00ZZ"};
    struct utime now = {1772366400000000};
    struct utime t;
    struct span s;

    (void)state;
    assert_int_equal(time_parse_human(SLICE("2h"), now, &t), 0);
    assert_int_equal(t.us, now.us - INT64_C(7200) * TIME_US_PER_S);
    assert_int_equal(time_parse_human(SLICE("now"), now, &t), 0);
    assert_int_equal(t.us, now.us);
    assert_int_equal(time_parse_human(SLICE("2026-03-01"), now, &t), 0);
    for (size_t i = 0; i < COUNT(noons); i++) {
        assert_int_equal(time_parse_human(slice_of(noons[i]), now, &t), 0);
        assert_int_equal(t.us, now.us);
    }
    for (size_t i = 0; i < COUNT(nothing); i++)
        assert_int_equal(time_parse_human(slice_of(nothing[i]), now, &t), ERR_INVALID);
    assert_int_equal(span_parse(SLICE("15m"), &s), 0);
    assert_int_equal(s.us, INT64_C(900) * TIME_US_PER_S);
    assert_int_equal(span_parse(SLICE("250ms"), &s), 0);
    assert_int_equal(s.us, 250000);
    assert_int_equal(span_parse(SLICE("5"), &s), ERR_INVALID);
    assert_int_equal(span_parse(SLICE("m"), &s), ERR_INVALID);
    assert_int_equal(span_parse(SLICE("99999999999999999999d"), &s), ERR_INVALID);
}

/* ---- buf ---- */

static void
a_buffer_stops_at_its_limit(void **state)
{
    AUTO_BUF(b, 10);

    (void)state;
    buf_text(&b, "12345");
    buf_text(&b, "678901");
    assert_int_equal(buf_error(&b), ERR_LIMIT);
    assert_int_equal(b.len, 5);
    buf_char(&b, 'x'); /* would fit, but the error sticks */
    assert_int_equal(b.len, 5);
    buf_reset(&b);
    buf_text(&b, "1234567890");
    assert_int_equal(buf_error(&b), 0);
    assert_memory_equal(b.ptr, "1234567890", 10);
}

static void
numbers_are_written(void **state)
{
    AUTO_BUF(b, 1000);

    (void)state;
    buf_u64(&b, 0);
    buf_char(&b, ' ');
    buf_u64(&b, UINT64_MAX);
    buf_char(&b, ' ');
    buf_i64(&b, INT64_MIN);
    buf_char(&b, ' ');
    buf_printf(&b, "%s-%d", "x", 7);
    assert_true(slice_is(buf_get(&b), "0 18446744073709551615 -9223372036854775808 x-7"));
}

static void
strings_are_escaped(void **state)
{
    AUTO_BUF(b, 1000);

    (void)state;
    buf_json(&b, SLICE("a\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9"));
    assert_true(
        slice_is(buf_get(&b), "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\""));
    buf_reset(&b);
    buf_json(&b, (struct slice){0}); /* what has no name */
    assert_true(slice_is(buf_get(&b), "\"\""));
}

/* Eight bytes are passed at a time: any byte at any place, with others around it. */
static void
every_byte_is_escaped_anywhere(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        for (unsigned at = 0; at < 27; at++) {
            char text[27];
            char one = (char)c;
            AUTO_BUF(b, 1000);
            AUTO_BUF(alone, 1000);
            AUTO_BUF(naive, 1000);

            memset(text, at % 2 == 0 ? 'a' : 0xbf, sizeof text);
            text[at] = one;
            buf_json(&b, (struct slice){text, sizeof text});
            buf_json(&alone, (struct slice){&one, 1});
            buf_char(&naive, '"');
            buf_add(&naive, text, at);
            buf_slice(&naive, slice_sub(buf_get(&alone), 1, alone.len - 2));
            buf_add(&naive, text + at + 1, sizeof text - at - 1);
            buf_char(&naive, '"');
            assert_true(slice_eq(buf_get(&b), buf_get(&naive)));
        }
    }
}

/* ---- slice ---- */

static void
lines_are_taken(void **state)
{
    struct slice rest = SLICE("a\n\nb");
    struct slice line;

    (void)state;
    assert_true(slice_line(&rest, &line) && slice_is(line, "a"));
    assert_true(slice_line(&rest, &line) && slice_is(line, ""));
    assert_true(slice_line(&rest, &line) && slice_is(line, "b"));
    assert_false(slice_line(&rest, &line));
    assert_true(slice_is(slice_sub(SLICE("abc"), 1, 100), "bc"));
    assert_true(slice_is(slice_sub(SLICE("abc"), 7, 1), ""));
    rest = SLICE("tile//x");
    assert_true(slice_is(slice_part(&rest, '/'), "tile"));
    assert_true(slice_is(slice_part(&rest, '/'), ""));
    assert_true(slice_is(slice_part(&rest, '/'), "x"));
    assert_true(slice_is(slice_part(&rest, '/'), "") && rest.len == 0);
}

/* ---- arena ---- */

static void
an_arena_has_a_limit(void **state)
{
    AUTO_ARENA(a);
    char *p;

    (void)state;
    assert_int_equal(arena_init(&a, 1024), 0);
    p = arena_alloc(&a, 100);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
    assert_int_equal(p[99], 0);
    memset(p, 'x', 100);
    assert_null(arena_alloc(&a, 1025));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_non_null(arena_alloc(&a, 512));
    assert_null(arena_alloc(&a, 512));
    arena_reset(&a);
    p = arena_alloc(&a, 1024);
    assert_non_null(p);
    assert_int_equal(p[0], 0);
}

/* ---- map ---- */

static void
a_map_counts_keys(void **state)
{
    struct map m;
    int new_;

    (void)state;
    map_init(&m, sizeof(uint64_t), 5000, 42);
    for (uint64_t round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < 5000; i++) {
            uint64_t key = i * i + 7;

            assert_int_equal(map_put(&m, &key, &new_), (int64_t)i);
            assert_int_equal(new_, round == 0);
            assert_memory_equal(map_key(&m, (uint32_t)i), &key, sizeof key);
        }
    }
    uint64_t other = 3;

    assert_int_equal(map_find(&m, &other), MAP_NONE);
    assert_int_equal(map_put(&m, &other, &new_), MAP_FULL);
    map_reset(&m);
    assert_int_equal(m.count, 0);
    assert_int_equal(map_put(&m, &other, &new_), 0);
    map_release(&m);
}

/* ---- sha256: FIPS 180-4 examples, and pieces against the whole ---- */

static void
hashes_are_known(void **state)
{
    static const uint8_t abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                  0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                  0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                  0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    static const uint8_t empty[] = {0xe3, 0xb0, 0xc4, 0x42};
    struct hash h = sha256_of("abc", 3);

    (void)state;
    assert_memory_equal(h.byte, abc, sizeof abc);
    h = sha256_of2("", 0, "", 0);
    assert_memory_equal(h.byte, empty, sizeof empty);
}

static void
pieces_hash_as_the_whole(void **state)
{
    char text[300];
    struct sha256 s;

    (void)state;
    memset(text, 'q', sizeof text);
    for (size_t n = 0; n <= sizeof text; n++) {
        struct hash whole = sha256_of(text, n);
        struct hash two = sha256_of2(text, n / 3, text + n / 3, n - n / 3);
        struct hash many;

        sha256_init(&s);
        for (size_t i = 0; i < n; i++)
            sha256_add(&s, text + i, 1);
        sha256_end(&s, &many);
        assert_true(hash_eq(&whole, &two) && hash_eq(&whole, &many));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_come_back),
        cmocka_unit_test(random_times_come_back),
        cmocka_unit_test(odd_times_are_refused),
        cmocka_unit_test(sensors_times_are_taken),
        cmocka_unit_test(people_write_spans),
        cmocka_unit_test(a_buffer_stops_at_its_limit),
        cmocka_unit_test(numbers_are_written),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(every_byte_is_escaped_anywhere),
        cmocka_unit_test(lines_are_taken),
        cmocka_unit_test(an_arena_has_a_limit),
        cmocka_unit_test(a_map_counts_keys),
        cmocka_unit_test(hashes_are_known),
        cmocka_unit_test(pieces_hash_as_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
