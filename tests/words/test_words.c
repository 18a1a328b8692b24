/* The catalogue itself, sentence by sentence, and what is made of it. */
#include "unit.h"

#include <string.h>

#include "words/words.h"

/* Forms of a choice in that language, by CLDR's whole-number categories. */
static const unsigned forms[LANGUAGES] = {2, 3, 1};

static void
is(struct buf *b, const char *want)
{
    buf_char(b, '\0');
    assert_int_equal(buf_error(b), 0);
    assert_string_equal(b->ptr, want);
    buf_reset(b);
}

/* Bit n: `{n}` stands there. */
static unsigned
places(enum language l, const char *text)
{
    unsigned seen = 0;

    while ((text = strchr(text, '{')) != NULL) {
        const char *end = strchr(text, '}');
        unsigned n = (unsigned)(text[1] - '0');
        unsigned bars = 0;

        assert_non_null(end);
        assert_true(n < WORD_ARGS);
        for (const char *p = text; p < end; p++)
            bars += *p == '|';
        if (text[2] == '}') {
            seen |= 1u << n;
        } else {
            assert_int_equal(text[2], '?');
            assert_int_equal(bars + 1, forms[l]);
        }
        text = end;
    }
    return seen;
}

/* Printable, without markup, of well-formed UTF-8 (RFC 3629, as far as shapes go). */
static void
looks_fine(const char *text)
{
    size_t more = 0;

    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if (more > 0) {
            assert_int_equal(*p & 0xc0, 0x80);
            more--;
            continue;
        }
        assert_true(*p >= ' ' && *p != 0x7f);
        assert_null(strchr("<>&", *p));
        assert_true(*p < 0x80 || (*p >= 0xc2 && *p <= 0xf4));
        more = *p < 0x80 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
    }
    assert_int_equal(more, 0);
}

static void
test_catalogue(void **state)
{
    (void)state;
    assert_true(WORD_COUNT > 100);
    for (unsigned w = WORD_NONE + 1; w < WORD_COUNT; w++) {
        const char *name = word_name((enum word)w);
        const char *dot = strchr(name, '.');
        char of[32] = "";

        assert_non_null(dot);
        memcpy(of, name, (size_t)(dot - name));
        assert_int_equal(word_find(of, slice_of(dot + 1)), w); /* no other has that name */
        for (int l = 0; l < LANGUAGES; l++) {
            const char *text = word((enum language)l, (enum word)w);

            assert_true(strlen(text) > 0);
            looks_fine(text);
            assert_int_equal(places((enum language)l, text),
                             places(LANGUAGE_EN, word(LANGUAGE_EN, (enum word)w)));
        }
    }
    assert_string_equal(word(LANGUAGE_EN, WORD_COUNT), "");
    assert_string_equal(word(LANGUAGES, WORD_STATE_CLOSED), "closed");
}

static void
test_plural(void **state)
{
    /* Unicode CLDR, Language Plural Rules: samples of the Russian categories. */
    static const struct {
        const char *number;
        const char *ru;
        const char *en;
    } rows[] = {{"0", "0 дней", "0 days"},       {"1", "1 день", "1 day"},
                {"2", "2 дня", "2 days"},        {"4", "4 дня", "4 days"},
                {"5", "5 дней", "5 days"},       {"11", "11 дней", "11 days"},
                {"14", "14 дней", "14 days"},    {"21", "21 день", "21 days"},
                {"22", "22 дня", "22 days"},     {"100", "100 дней", "100 days"},
                {"101", "101 день", "101 days"}, {"111", "111 дней", "111 days"},
                {"112", "112 дней", "112 days"}, {"1002", "1002 дня", "1002 days"}};
    AUTO_BUF(b, 4096);
    char want[200];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice n = slice_of(rows[i].number);

        word_put(&b, LANGUAGE_RU, WORD_ALERT_TABLES_STALE, &n, 1);
        (void)snprintf(want, sizeof want, "таблицам адресов %s", rows[i].ru);
        is(&b, want);
        word_put(&b, LANGUAGE_EN, WORD_ALERT_TABLES_STALE, &n, 1);
        (void)snprintf(want, sizeof want, "the address tables are %s old", rows[i].en);
        is(&b, want);
    }
}

static void
test_packed(void **state)
{
    AUTO_BUF(b, 4096);
    char text[128];

    (void)state;
    word_pack(text, sizeof text, WORD_ALERT_INCIDENT,
              "%s" WORD_AND WORD_NAME "due.%s" WORD_AND "%.16sZ", "a-7", "act",
              "2026-03-01T12:00:00");
    word_unpack(&b, LANGUAGE_EN, text);
    is(&b, "incident a-7: action is due until 2026-03-01T12:00Z");
    word_unpack(&b, LANGUAGE_RU, text);
    is(&b, "инцидент a-7: меры, срок до 2026-03-01T12:00Z");
    word_unpack(&b, LANGUAGE_ZH, text);
    is(&b, "事件 a-7：处置，截止 2026-03-01T12:00Z");

    word_unpack(&b, LANGUAGE_RU, "as an older version wrote it");
    is(&b, "as an older version wrote it");
    word_unpack(&b, LANGUAGE_RU, "");
    is(&b, "");
    /* What a newer version wrote, or somebody made up. */
    word_unpack(&b, LANGUAGE_EN,
                "\x1e"
                "alert.new-here\x1f"
                "a\x1f"
                "b");
    is(&b, "a b");
    word_unpack(&b, LANGUAGE_EN,
                "\x1e"
                "alert.disk-low");
    is(&b, "less than a tenth of the disk is free:  MiB");
    word_unpack(&b, LANGUAGE_EN,
                "\x1e"
                "alert.lag\x1f"
                "1\x1f"
                "2\x1f"
                "3\x1f"
                "4\x1f"
                "5\x1f"
                "6\x1f"
                "7\x1f"
                "8");
    is(&b, "what sensor 1 writes is taken in 2 s later");
    word_unpack(&b, LANGUAGE_EN,
                "\x1e"
                "alert.lag\x1f\x1e"
                "no.such\x1f");
    is(&b, "what sensor \x1e"
           "no.such writes is taken in  s later");
    word_pack(text, 24, WORD_ALERT_SENSOR_DOWN, "%s", "of-a-long-name");
    word_unpack(&b, LANGUAGE_EN, text);
    is(&b, "the process that reads sensor of-a does not run");
}

static void
test_names(void **state)
{
    AUTO_BUF(b, 4096);

    (void)state;
    assert_int_equal(language_find(SLICE("ru")), LANGUAGE_RU);
    assert_int_equal(language_find(SLICE("ZH-Hans-CN")), LANGUAGE_ZH);
    assert_int_equal(language_find(SLICE("en_GB")), LANGUAGE_EN);
    assert_int_equal(language_find(SLICE("eng")), -1);
    assert_int_equal(language_find(SLICE("e")), -1);
    assert_int_equal(language_find(SLICE("")), -1);
    assert_int_equal(language_find(SLICE("de")), -1);
    for (int l = 0; l < LANGUAGES; l++)
        assert_int_equal(language_find(slice_of(language_name((enum language)l))), l);

    word_put_name(&b, LANGUAGE_RU, "state", SLICE("CLOSED"));
    is(&b, "закрыт");
    word_put_name(&b, LANGUAGE_RU, "state", SLICE("NEVER"));
    is(&b, "NEVER");
    assert_int_equal(word_find("state", SLICE("")), WORD_NONE);
    assert_int_equal(word_find("", SLICE("state.CLOSED")), WORD_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catalogue), cmocka_unit_test(test_plural),
        cmocka_unit_test(test_packed), cmocka_unit_test(test_names)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
