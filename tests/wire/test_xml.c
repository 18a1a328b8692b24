/* XML piece by piece: what is read, and where what is wrong. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire/xml.h"

static int
run(const char *text, char *out, size_t room, struct errinfo *ei)
{
    size_t len = strlen(text);
    char *copy = malloc(len + (len == 0));
    size_t n = 0;
    struct xml x;
    int r;

    assert_non_null(copy);
    memcpy(copy, text, len);
    out[0] = '\0';
    *ei = (struct errinfo){0};
    r = xml_open(&x, copy, len, ei);
    while (r == 0 && (r = xml_next(&x)) > 0 && n < room) {
        struct slice s = r == XML_TEXT ? x.chars : x.name;

        n += (size_t)snprintf(out + n, room - n, "%c%.*s", " <>'"[r], (int)s.len, s.ptr);
        for (unsigned i = 0; r == XML_OPEN && i < x.attributes && n < room; i++)
            n += (size_t)snprintf(out + n, room - n, " %.*s=%.*s", (int)x.attribute[i].name.len,
                                  x.attribute[i].name.ptr, (int)x.attribute[i].value.len,
                                  x.attribute[i].value.ptr);
        r = 0;
    }
    free(copy);
    return r;
}

static void
test_pieces(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {"<a/>", "<a>a"},
        {"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE a SYSTEM \"a>b[\">\n"
         "<?x y > ?><!-- <b> -->\n<a></a >\n<!-- end -->\n",
         "<a>a"},
        {"<a b = 'x&quot;' c=\"'&#x41;&#66;\"\n\td=''>t&lt;&gt;&amp;&apos;<b.c-d:e/>u</a>",
         "<a b=x\" c='AB d='t<>&'<b.c-d:e>b.c-d:e'u>a"},
        {"<a><![CDATA[<&amp;]]]></a>", "<a'<&amp;]>a"},
        {"<a><![CDATA[<&amp;]]]]>x</a>", "<a'<&amp;]]'x>a"},
        {"<a>&#x20ac;\xe2\x82\xac&#128512;</a>",
         "<a'\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x98\x80>a"},
        {"<a><b><c/></b><b/></a>", "<a<b<c>c>b<b>b>a"}};
    struct errinfo ei;
    char got[512];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(run(cases[i].text, got, sizeof got, &ei), XML_END);
        assert_string_equal(got, cases[i].want);
    }
}

static void
test_faults(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        unsigned column;
    } cases[] = {{"", 1, 1},
                 {"\n\n", 3, 1},
                 {"text", 1, 1},
                 {"<a>\n<b>\n</a>", 3, 1},
                 {"<a>\n</a>\n <b/>", 3, 2},
                 {"<a/>x", 1, 5},
                 {"<a>", 1, 4},
                 {"<a", 1, 1},
                 {"<a b>", 1, 1},
                 {"<a b=c/>", 1, 1},
                 {"<a b='c/>", 1, 1},
                 {"<a b='<'/>", 1, 1},
                 {"<a b='1'c='2'/>", 1, 1},
                 {"<a b='1' b='2'/>", 1, 1},
                 {"<a / >", 1, 1},
                 {"< a/>", 1, 1},
                 {"<1/>", 1, 1},
                 {"<a>&#10;&#10;\n<b>&x;</b></a>", 2, 4},
                 {"<a>&amp</a>", 1, 4},
                 {"<a>&#0;</a>", 1, 4},
                 {"<a>&#xd800;</a>", 1, 4},
                 {"<a>&#x110000;</a>", 1, 4},
                 {"<a>&#;</a>", 1, 4},
                 {"<a>&;</a>", 1, 4},
                 {"<a b='&x;'/>", 1, 1},
                 {"<a><!-- </a>", 1, 4},
                 {"<a><![CDATA[ </a>", 1, 4},
                 {"<![CDATA[x]]>", 1, 1},
                 {"<?xml", 1, 1},
                 {"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", 1, 1},
                 {"<!DOCTYPE a", 1, 1},
                 {"<a/><!DOCTYPE a>", 1, 5},
                 {"<!ELEMENT a>", 1, 1},
                 {"<a>\n\xff</a>", 2, 1}};
    struct errinfo ei;
    char got[512];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int r = run(cases[i].text, got, sizeof got, &ei);

        if (r != ERR_INVALID || ei.line != cases[i].line || ei.column != cases[i].column)
            print_error("%zu: %d %u:%u %s\n", i, r, ei.line, ei.column, ei.text);
        assert_int_equal(r, ERR_INVALID);
        assert_true(ei.line == cases[i].line && ei.column == cases[i].column);
    }
}

/* One more than each limit is a fault. */
static void
test_limits(void **state)
{
    static char text[4096];
    static char got[4096];
    struct errinfo ei;

    (void)state;
    for (unsigned over = 0; over <= 1; over++) {
        size_t n = 0;

        for (unsigned i = 0; i < XML_DEPTH + over; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "<a>");
        for (unsigned i = 0; i < XML_DEPTH + over; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "</a>");
        assert_int_equal(run(text, got, sizeof got, &ei), over == 0 ? 0 : ERR_INVALID);
        n = (size_t)snprintf(text, sizeof text, "<a");
        for (unsigned i = 0; i < XML_ATTRIBUTES + over; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, " a%u='%u'", i, i);
        (void)snprintf(text + n, sizeof text - n, "/>");
        assert_int_equal(run(text, got, sizeof got, &ei), over == 0 ? 0 : ERR_INVALID);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces),
                                       cmocka_unit_test(test_faults),
                                       cmocka_unit_test(test_limits)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
