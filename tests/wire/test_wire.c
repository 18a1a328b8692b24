#include "unit.h"
#include "wire/base64.h"
#include "wire/hex.h"
#include "wire/jcs.h"
#include "wire/utf8.h"

/* ---- hex and base64 ---- */

static void
hex_is_lower_and_even(void **state)
{
    uint8_t out[2];
    AUTO_BUF(b, 100);

    (void)state;
    assert_int_equal(hex_decode(SLICE("00ff"), out, 2), 0);
    assert_int_equal(out[1], 0xff);
    buf_hex(&b, out, 2);
    assert_true(slice_is(buf_get(&b), "00ff"));
    assert_int_equal(hex_decode(SLICE("00FF"), out, 2), ERR_INVALID);
    assert_int_equal(hex_decode(SLICE("00f"), out, 2), ERR_INVALID);
    assert_int_equal(hex_decode(SLICE("00f "), out, 2), ERR_INVALID);
    assert_true(hex_is(SLICE("")) && hex_is(SLICE("0a")));
    assert_false(hex_is(SLICE("0")) || hex_is(SLICE("0A")));
    for (int c = 0; c < 256; c++) { /* any byte, at any place of a longer text */
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

        for (size_t at = 0; at < 20; at++) {
            char text[20] = "0123456789abcdef9af0";
            uint8_t bytes[10];

            text[at] = (char)c;
            assert_true(hex_is((struct slice){text, 20}) == digit);
            assert_true((hex_decode((struct slice){text, 20}, bytes, 10) == 0) == digit);
        }
    }
}

static void
base64_has_one_text(void **state)
{
    static const char *const bad[] = {"Zg",       "Zg=",  "Zh==", "Zm9=", "Zm9v=", "=Zg=",
                                      "Zg==Zg==", "Zm 9", "Z-9v", "====", "Zg=v",  "Zm9vZ"};
    static const char *const good[][2] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
    char out[16];
    size_t n;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(base64_decode(slice_of(bad[i]), out, sizeof out, &n), ERR_INVALID);
    for (size_t i = 0; i < COUNT(good); i++) {
        AUTO_BUF(b, 100);

        assert_int_equal(base64_decode(slice_of(good[i][1]), out, sizeof out, &n), 0);
        assert_true(slice_is((struct slice){out, n}, good[i][0]));
        buf_base64(&b, good[i][0], strlen(good[i][0]));
        assert_true(slice_is(buf_get(&b), good[i][1]));
    }
    assert_int_equal(base64_decode(SLICE("Zm9v"), out, 2, &n), ERR_LIMIT);
    assert_int_equal(base64_exact(SLICE("Zm9v"), out, 2), ERR_INVALID);
}

static void
base64url_has_one_text_per_value(void **state)
{
    static const unsigned char all[] = {0xfb, 0xff, 0xfe, 0x00, 0x10};
    unsigned char out[32];
    AUTO_BUF(text, 64);

    (void)state;
    buf_base64url(&text, all, 5);
    assert_true(slice_is(buf_get(&text), "-__-ABA"));
    assert_int_equal(base64url_exact(buf_get(&text), out, 5), 0);
    assert_memory_equal(out, all, 5);
    /* another alphabet, padding, unused bits, another length */
    assert_int_equal(base64url_exact(SLICE("+//+ABA"), out, 5), ERR_INVALID);
    assert_int_equal(base64url_exact(SLICE("-__-ABA="), out, 5), ERR_INVALID);
    assert_int_equal(base64url_exact(SLICE("-__-ABB"), out, 5), ERR_INVALID);
    assert_int_equal(base64url_exact(SLICE("-__-AB"), out, 5), ERR_INVALID);
    assert_int_equal(base64url_exact(SLICE("-__-AB="), out, 5), ERR_INVALID);
    assert_int_equal(base64url_exact(SLICE(""), out, 5), ERR_INVALID);
}

/* ---- canonical JSON ---- */

static const struct {
    const char *in;
    const char *out; /* NULL: refused with the fault */
    enum jcs_fault fault;
    enum jcs_fault check; /* JCS_OK when `in` is canonical */
} cases[] = {
    {"{}", "{}", JCS_OK, JCS_OK},
    {" [ ] ", "[]", JCS_OK, JCS_FORM},
    {"{\"b\":1,\"a\":[true,false,\"x\"]}", "{\"a\":[true,false,\"x\"],\"b\":1}", JCS_OK,
     JCS_FORM},
    {"{\"a\":1,\"b\":{\"d\":2,\"c\":3}}", "{\"a\":1,\"b\":{\"c\":3,\"d\":2}}", JCS_OK,
     JCS_FORM},
    {"\"\\u0061\\/\\n\"", "\"a/\\n\"", JCS_OK, JCS_FORM},
    {"\"\\u001F\"", "\"\\u001f\"", JCS_OK, JCS_FORM},
    {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"", JCS_OK, JCS_FORM},
    {"9007199254740991", "9007199254740991", JCS_OK, JCS_OK},
    {"-9007199254740991", "-9007199254740991", JCS_OK, JCS_OK},
    {"0", "0", JCS_OK, JCS_OK},
    {"[[[[[[[[1]]]]]]]]", "[[[[[[[[1]]]]]]]]", JCS_OK, JCS_OK},
    /* U+1F600 sorts before U+FB33, by its first UTF-16 unit */
    {"{\"\xef\xac\xb3\":1,\"\xf0\x9f\x98\x80\":2}",
     "{\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}", JCS_OK, JCS_FORM},
    {"{\"\\r\":1,\"1\":2}", "{\"\\r\":1,\"1\":2}", JCS_OK, JCS_OK},
    {"", NULL, JCS_SYNTAX, JCS_SYNTAX},
    {"{\"a\":1,}", NULL, JCS_SYNTAX, JCS_SYNTAX},
    {"{\"a\" 1}", NULL, JCS_SYNTAX, JCS_FORM},
    {"[1 2]", NULL, JCS_SYNTAX, JCS_FORM},
    {"[1,]", NULL, JCS_SYNTAX, JCS_SYNTAX},
    {"{1:2}", NULL, JCS_SYNTAX, JCS_SYNTAX},
    {"\"abc", NULL, JCS_SYNTAX, JCS_SYNTAX},
    {"\"\\x\"", NULL, JCS_SYNTAX, JCS_SYNTAX},
    {"\"\\u12\"", NULL, JCS_SYNTAX, JCS_SYNTAX},
    {"tru", NULL, JCS_SYNTAX, JCS_SYNTAX},
    {"-0", NULL, JCS_NUMBER, JCS_NUMBER},
    {"-", NULL, JCS_NUMBER, JCS_NUMBER},
    {"01", NULL, JCS_NUMBER, JCS_NUMBER},
    {"1.0", NULL, JCS_NUMBER, JCS_NUMBER},
    {"1e3", NULL, JCS_NUMBER, JCS_NUMBER},
    {"+1", NULL, JCS_NUMBER, JCS_NUMBER},
    {"9007199254740992", NULL, JCS_NUMBER, JCS_NUMBER},
    {"99999999999999999999999", NULL, JCS_NUMBER, JCS_NUMBER},
    {"NaN", NULL, JCS_NUMBER, JCS_NUMBER},
    {"-Infinity", NULL, JCS_NUMBER, JCS_NUMBER},
    {"[null]", NULL, JCS_NULL, JCS_NULL},
    {"{\"a\":1,\"\\u0061\":2}", NULL, JCS_DUPLICATE_KEY, JCS_FORM},
    {"{\"a\":1,\"b\":3,\"a\":2}", NULL, JCS_DUPLICATE_KEY, JCS_FORM},
    {"{\"a\":1,\"a\":2}", NULL, JCS_DUPLICATE_KEY, JCS_DUPLICATE_KEY},
    {"\"\\ud800\"", NULL, JCS_SURROGATE, JCS_SURROGATE},
    {"\"\\ude00\\ud83d\"", NULL, JCS_SURROGATE, JCS_SURROGATE},
    {"\"\xed\xa0\x80\"", NULL, JCS_UTF8, JCS_UTF8},
    {"\"\xc0\xaf\"", NULL, JCS_UTF8, JCS_UTF8},
    {"\"\xf4\x90\x80\x80\"", NULL, JCS_UTF8, JCS_UTF8},
    {"\"\xe2\x82", NULL, JCS_UTF8, JCS_UTF8},
    {"\xef\xbb\xbf{}", NULL, JCS_BOM, JCS_BOM},
    {"{}{}", NULL, JCS_TRAILING, JCS_TRAILING},
    {"\"\t\"", NULL, JCS_CONTROL, JCS_CONTROL},
    {"\"\\u0000\"", NULL, JCS_NUL, JCS_NUL},
    {"[[[[[[[[[1]]]]]]]]]", NULL, JCS_TOO_DEEP, JCS_TOO_DEEP},
};

static void
json_has_one_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF(out, 1000);
        struct slice in = slice_of(cases[i].in);

        assert_int_equal(jcs_check(in, NULL), cases[i].check);
        assert_int_equal(jcs_canonical(in, &out, NULL), cases[i].fault);
        if (cases[i].out != NULL)
            assert_true(slice_is(buf_get(&out), cases[i].out));
        else
            assert_int_equal(out.len, 0);
    }
}

/* RFC 8785, appendix B, and what our narrower form does not have. */
static void
whole_json_has_one_form(void **state)
{
    static const struct {
        const char *in, *out; /* "" refused */
    } list[] = {{"-0", "0"},
                {"-0.0e5", "0"},
                {"5e-324", "5e-324"},
                {"-5e-324", "-5e-324"},
                {"1.7976931348623157e308", "1.7976931348623157e+308"},
                {"9007199254740992", "9007199254740992"},
                {"295147905179352830000", "295147905179352830000"},
                {"9.999999999999997e22", "9.999999999999997e+22"},
                {"1E23", "1e+23"},
                {"1.0000000000000001e+23", "1.0000000000000001e+23"},
                {"999999999999999700000", "999999999999999700000"},
                {"999999999999999900000", "999999999999999900000"},
                {"1e21", "1e+21"},
                {"9.999999999999997e-7", "9.999999999999997e-7"},
                {"0.000001", "0.000001"},
                {"333333333.33333329", "333333333.3333333"},
                {"-0.0000033333333333333333", "-0.0000033333333333333333"},
                {"1424953923781206.2", "1424953923781206.2"},
                {"1.0", "1"},
                {"1e3", "1000"},
                {"12.50", "12.5"},
                {"100000000000000000000000000000000000000", "1e+38"},
                {"[null]", "[null]"},
                {"\"\\u0000\"", "\"\\u0000\""},
                {"{\"b\":[[[[[[[[[[1.50]]]]]]]]]],\"a\":null}",
                 "{\"a\":null,\"b\":[[[[[[[[[[1.5]]]]]]]]]]}"},
                {"1e400", ""},
                {"1e-400", ""},
                {"01", ""},
                {"-", ""},
                {"1.", ""},
                {".5", ""},
                {"+1", ""},
                {"1e", ""},
                {"1e+", ""},
                {"1-1", ""},
                {"NaN", ""},
                {"{\"a\":1,\"\\u0061\":2}", ""}};

    (void)state;
    for (size_t i = 0; i < COUNT(list); i++) {
        AUTO_BUF(out, 1000);
        enum jcs_fault fault = jcs_canonical_whole(slice_of(list[i].in), &out, NULL);

        assert_int_equal(fault == JCS_OK, list[i].out[0] != '\0');
        buf_char(&out, '\0');
        assert_string_equal(out.ptr, list[i].out);
    }
}

/* A random value in a random, not canonical, form. */
static void
random_json(struct buf *b, uint64_t *seed, unsigned depth)
{
    static const char *const strings[] = {"\"\"", "\"a\"", "\"\\u00e9\"", "\"\\/\\t\"",
                                          "\"\xe2\x82\xac\""};
    uint64_t r = next_random(seed);

    buf_text(b, r % 7 == 0 ? " " : "");
    if (depth < JCS_DEPTH && r % 3 == 0) {
        bool object = r / 3 % 2 == 0;
        unsigned n = (unsigned)(r / 8 % 5);

        buf_char(b, object ? '{' : '[');
        for (unsigned i = 0; i < n; i++) {
            if (i > 0)
                buf_text(b, " ,");
            if (object)
                buf_printf(b, "\"%c%u\":", (int)('a' + next_random(seed) % 26), i);
            random_json(b, seed, depth + 1);
        }
        buf_char(b, object ? '}' : ']');
    } else if (r % 3 == 1) {
        buf_text(b, strings[r / 3 % COUNT(strings)]);
    } else {
        buf_i64(b, (int64_t)(r % 2000) - 1000);
    }
}

static void
canonical_json_is_its_own_form(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (int i = 0; i < 5000; i++) {
        AUTO_BUF(in, 1 << 20);
        AUTO_BUF(out, 1 << 20);
        AUTO_BUF(again, 1 << 20);

        random_json(&in, &seed, 0);
        assert_int_equal(jcs_canonical(buf_get(&in), &out, NULL), JCS_OK);
        assert_int_equal(jcs_check(buf_get(&out), NULL), JCS_OK);
        assert_int_equal(jcs_canonical(buf_get(&out), &again, NULL), JCS_OK);
        assert_true(slice_eq(buf_get(&out), buf_get(&again)));
        if (out.ptr[0] == '{' || out.ptr[0] == '[' || out.ptr[0] == '"') {
            for (size_t n = 0; n < out.len; n++)
                assert_int_not_equal(jcs_check(slice_sub(buf_get(&out), 0, n), NULL), JCS_OK);
        }
    }
}

static void
a_full_buffer_is_no_json(void **state)
{
    AUTO_BUF(out, 5);

    (void)state;
    assert_int_equal(jcs_canonical(SLICE("[1,2,3,4]"), &out, NULL), JCS_SYNTAX);
    assert_int_equal(buf_error(&out), ERR_LIMIT);
    assert_int_equal(out.len, 0);
}

/* ---- reader ---- */

static void
members_are_read(void **state)
{
    struct slice object = SLICE(
        "{\"a\":[1,[2,\"]}\"],{}],\"b\\n\":{\"x\":\"\\\"\"},\"c\":true,\"d\":\"q\\u0001\\n\"}");
    struct jcs_iter it = jcs_iter(object);
    struct slice key;
    struct slice value;
    int64_t n = 0;
    bool yes = false;
    AUTO_BUF(text, 100);

    (void)state;
    assert_int_equal(jcs_check(object, NULL), JCS_OK);
    assert_int_equal(jcs_count(object), 4);
    assert_true(jcs_member(&it, &key, &value) && slice_is(key, "a"));
    assert_true(slice_is(value, "[1,[2,\"]}\"],{}]"));
    assert_int_equal(jcs_count(value), 3);
    assert_true(jcs_member(&it, &key, &value) && slice_is(key, "b\\n"));
    assert_true(slice_is(value, "{\"x\":\"\\\"\"}"));
    assert_true(jcs_member(&it, &key, &value) && jcs_bool(value, &yes) == 0 && yes);
    assert_true(jcs_member(&it, &key, &value) && slice_is(key, "d"));
    assert_int_equal(jcs_plain(value, &key), ERR_INVALID);
    assert_int_equal(jcs_string(value, &text), 0);
    assert_true(slice_is(buf_get(&text), "q\x01\n"));
    assert_int_equal(jcs_string_len(value), 3);
    assert_false(jcs_member(&it, &key, &value));
    assert_true(jcs_find(object, "c", &value));
    assert_false(jcs_find(object, "x", &value));
    assert_int_equal(jcs_int(SLICE("-9007199254740991"), &n), 0);
    assert_int_equal(n, -JCS_INT_MAX);
    assert_int_equal(jcs_int(SLICE("true"), &n), ERR_INVALID);
}

/* Any byte at any place of a string, however long: the check skips plain ones eight at a time,
 * and the reader finds the same end. */
static void
every_byte_counts_in_a_string(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < 19; at++) {
            char text[] = "\"0123456789ghijkmopq\"";
            struct slice s = {text, sizeof text - 1};
            struct slice plain;
            bool good = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

            text[1 + at] = (char)c;
            assert_true((jcs_check(s, NULL) == JCS_OK) == good);
            if (good)
                assert_true(jcs_plain(s, &plain) == 0 && plain.len == 19);
        }
    }
    for (size_t n = 0; n < 40; n++) { /* a quote that is escaped does not end it */
        char text[64];
        size_t len = (size_t)snprintf(text, sizeof text, "[\"%.*s\\\"x\",1]", (int)n,
                                      "0123456789012345678901234567890123456789");
        struct slice s = {text, len};

        assert_int_equal(jcs_check(s, NULL), JCS_OK);
        assert_int_equal(jcs_count(s), 2);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_counts_in_a_string),
        cmocka_unit_test(base64url_has_one_text_per_value),
        cmocka_unit_test(hex_is_lower_and_even),
        cmocka_unit_test(base64_has_one_text),
        cmocka_unit_test(json_has_one_form),
        cmocka_unit_test(whole_json_has_one_form),
        cmocka_unit_test(canonical_json_is_its_own_form),
        cmocka_unit_test(a_full_buffer_is_no_json),
        cmocka_unit_test(members_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
