/* The operator's part of a plan: what is wrong by line and column, what is taken; and the sheet
 * that documents are written on: nothing of somebody else's is read as markup. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "role/contingency.h"
#include "role/paper.h"

static const char good[] = "title: Plan\n"
                           "organisation: Us\n"
                           "review: 2027-03-01\n"
                           "triggers:\n"
                           "  - a line is lost\n"
                           "  - {when: two are, then: call, who: officer}\n"
                           "decides:\n"
                           "  - role: officer\n"
                           "    what: all\n"
                           "drills:\n"
                           "  - {date: 2026-09-15, what: first, done: 2026-09-16}\n"
                           "  - {date: 2026-10-01, what: second}\n";

static void
test_read(void **state)
{
    struct contingency c;
    struct errinfo ei = {0};
    const struct contingency_item *i;

    (void)state;
    assert_int_equal(contingency_read(SLICE(good), &c, &ei), 0);
    assert_true(slice_is(c.title, "Plan"));
    assert_true(slice_is(c.organisation, "Us"));
    assert_int_equal(c.part[CONTINGENCY_TRIGGERS].count, 2);
    i = c.part[CONTINGENCY_TRIGGERS].item;
    assert_true(slice_is(i[0].what, "a line is lost"));
    assert_int_equal(i[0].who.len, 0);
    assert_true(slice_is(i[1].what, "two are"));
    assert_true(slice_is(i[1].more, "call"));
    assert_true(slice_is(i[1].who, "officer"));
    assert_int_equal(c.part[CONTINGENCY_CONTACTS].count, 0);
    i = c.part[CONTINGENCY_DRILLS].item;
    assert_int_equal(i[1].day.us - i[0].day.us, INT64_C(16) * 86400 * TIME_US_PER_S);
    assert_int_equal(i[0].done.us - i[0].day.us, INT64_C(86400) * TIME_US_PER_S);
    assert_int_equal(i[1].done.us, 0);
    contingency_release(&c);
}

static void
test_wrong(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        unsigned column;
        const char *say;
    } wrong[] = {{"", 1, 1, "`title` is missing"},
                 {"title: a\n", 1, 1, "`review` is missing"},
                 {"- a\n", 1, 1, "a map was expected"},
                 {"title: a\nreview: soon\n", 2, 9, "takes a day"},
                 {"title: a\nreview: 2027-02-30\n", 2, 9, "takes a day"},
                 {"title: [a]\n", 1, 8, "takes a text, not a list"},
                 {"title: ''\n", 1, 8, "1 to 2000 bytes"},
                 {"titl: a\n", 1, 1, "did you mean \"title\""},
                 {"first_hours: []\n", 1, 1, "did you mean \"first_hour\""},
                 {"triggers: now\n", 1, 11, "takes a list, not a value"},
                 {"triggers:\n  - {whn: now}\n", 2, 6, "did you mean \"when\""},
                 {"triggers:\n  - {then: now}\n", 2, 5, "`when` is missing"},
                 {"triggers:\n  - [now]\n", 2, 5, "a text or a map"},
                 {"decides:\n  - officer\n", 2, 5, "`role` is missing"},
                 {"drills:\n  - what: a\n", 2, 5, "`date` is missing"},
                 {"drills:\n  - {what: a, date: 2026-13-01}\n", 2, 21, "takes a day"},
                 {"contacts:\n  - {role: a, role: b}\n", 2, 15, "role"}};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct contingency c;
        struct errinfo ei = {0};

        assert_int_equal(contingency_read(slice_of(wrong[i].text), &c, &ei), ERR_CONF);
        if (ei.line != wrong[i].line || ei.column != wrong[i].column ||
            strstr(ei.text, wrong[i].say) == NULL)
            fail_msg("%s: %u:%u: %s", wrong[i].text, ei.line, ei.column, ei.text);
        contingency_release(&c);
    }
}

static void
test_many(void **state)
{
    (void)state;
    for (unsigned many = CONTINGENCY_ITEMS; many <= CONTINGENCY_ITEMS + 1; many++) {
        AUTO_BUF(text, 1 << 16);
        struct contingency c;
        struct errinfo ei = {0};

        buf_text(&text, "title: a\nreview: 2027-03-01\nfirst_day:\n");
        for (unsigned i = 0; i < many; i++)
            buf_text(&text, "  - x\n");
        assert_int_equal(contingency_read(buf_get(&text), &c, &ei),
                         many == CONTINGENCY_ITEMS ? 0 : ERR_CONF);
        contingency_release(&c);
    }
}

static const char *
written(bool markdown, struct slice text)
{
    static char out[512];
    AUTO_BUF(b, sizeof out - 1);
    struct paper s = {.to = &b, .markdown = markdown};

    paper_text(&s, text);
    assert_int_equal(buf_error(&b), 0);
    memcpy(out, b.ptr, b.len);
    out[b.len] = '\0';
    return out;
}

static void
test_escapes(void **state)
{
    (void)state;
    assert_string_equal(written(false, SLICE("<b a=\"1\">&'")),
                        "<bdi>&lt;b a=&quot;1&quot;&gt;&amp;&#39;</bdi>");
    assert_string_equal(written(true, SLICE("a|b *c* _d_ `e` [f](g) <h> #i")),
                        "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g) \\<h\\> \\#i");
    assert_string_equal(written(true, SLICE("- a")), "\\- a");
    assert_string_equal(written(true, SLICE("12. a")), "12\\. a");
    assert_string_equal(written(true, SLICE("12.5 a-b")), "12.5 a-b");
    assert_string_equal(written(true, SLICE("2026-01-01")), "2026-01-01");
    assert_string_equal(written(true, SLICE("a\nb\tc")), "a b c");
    /* what turns the direction, and what is no text, becomes visible */
    assert_string_equal(written(true, SLICE("a\xe2\x80\xae"
                                            "b\xff"
                                            "c\x01")),
                        "a\xef\xbf\xbd"
                        "b\xef\xbf\xbd"
                        "c\xef\xbf\xbd");
    assert_string_equal(written(false, SLICE("\xd0\xb4")), "<bdi>\xd0\xb4</bdi>");
    assert_string_equal(written(true, (struct slice){NULL, 0}), "");
}

/* A sentence with its arguments, and a cell: no argument leaves its place. */
static void
test_sentence(void **state)
{
    AUTO_BUF(b, 4096);
    struct paper s = {.to = &b, .language = LANGUAGE_EN, .markdown = true};
    static const struct paper_column columns[] = {{WORD_PLAN_WHAT, false},
                                                  {WORD_PLAN_COST, true}};
    AUTO_PAPER_ARGS(a);

    (void)state;
    paper_arg_number(&a, 3);
    paper_arg_text(&s, &a, SLICE("{0} | x"));
    paper_table(&s, columns, 2);
    paper_row(&s, false);
    paper_cell(&s, false);
    paper_say(&s, WORD_PLAN_BETWEEN, &a);
    paper_cell(&s, true);
    paper_code(&s, SLICE("a`b"));
    paper_end_row(&s);
    paper_end_table(&s);
    buf_char(&b, '\0');
    assert_string_equal(b.ptr,
                        "\n| what | cost |\n| --- | ---: |\n| 3 to {0} \\| x | a\\`b |\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read), cmocka_unit_test(test_wrong), cmocka_unit_test(test_many),
        cmocka_unit_test(test_escapes), cmocka_unit_test(test_sentence)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
