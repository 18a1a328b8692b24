/* Names of products: both bindings and back, what is none, and relations against NIST's tables
 * and a naive reading of them. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "vuln/cpe.h"

static const char *shared; /* folder; NULL: there is none */

static const char *
format(const struct cpe *c, bool uri)
{
    static char text[2][CPE_FORMAT];
    static unsigned turn;
    AUTO_BUF(to, CPE_FORMAT);

    if (uri)
        cpe_format_uri(c, &to);
    else
        cpe_format(c, &to);
    turn = !turn;
    assert_true(buf_error(&to) == 0 && to.len < CPE_FORMAT);
    memcpy(text[turn], to.ptr, to.len);
    text[turn][to.len] = '\0';
    return text[turn];
}

static void
test_bindings(void **state)
{
    /* 7695, 6.1.2.4, 6.1.3.2, 6.2.2.3 and 6.2.3.3; and what NVD has. */
    static const struct {
        const char *text;
        const char *formatted;
        const char *uri;
    } cases[] = {
        {"cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
         "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
         "cpe:/a:microsoft:internet_explorer:8.0.6001:beta"},
        {"cpe:/a:microsoft:internet_explorer:8.%2a:sp%3f",
         "cpe:2.3:a:microsoft:internet_explorer:8.\\*:sp\\?:*:*:*:*:*:*",
         "cpe:/a:microsoft:internet_explorer:8.%2a:sp%3f"},
        {"cpe:/a:microsoft:internet_explorer:8.%02:sp%01",
         "cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
         "cpe:/a:microsoft:internet_explorer:8.%02:sp%01"},
        {"cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~",
         "cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:*:*:*:online:win2003:x64:*",
         "cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~"},
        {"CPE:/A:HP:OpenView_Network_Manager:7.51:-:~~~Linux~~",
         "cpe:2.3:a:hp:openview_network_manager:7.51:-:*:*:*:linux:*:*",
         "cpe:/a:hp:openview_network_manager:7.51:-:~~~linux~~"},
        {"cpe:/a:foo%5cbar:big%24money_2010%07:::~~special~ipod_touch~80gb~", NULL, NULL},
        {"cpe:/a:foo~bar:big%7emoney_2010",
         "cpe:2.3:a:foo\\~bar:big\\~money_2010:*:*:*:*:*:*:*:*",
         "cpe:/a:foo%7ebar:big%7emoney_2010"},
        {"cpe:/a:foo:bar:12.%02.1234", NULL, NULL},
        {"cpe:2.3:a:foo\\\\bar:big\\$money:2010:*:*:*:special:ipod_touch:80gb:*",
         "cpe:2.3:a:foo\\\\bar:big\\$money:2010:*:*:*:special:ipod_touch:80gb:*",
         "cpe:/a:foo%5cbar:big%24money:2010::~~special~ipod_touch~80gb~"},
        {"cpe:2.3:a:soap\\:\\:lite_project:soap\\:\\:lite:1.1+b:*:*:*:*:perl:*:*",
         "cpe:2.3:a:soap\\:\\:lite_project:soap\\:\\:lite:1.1\\+b:*:*:*:*:perl:*:*",
         "cpe:/a:soap%3a%3alite_project:soap%3a%3alite:1.1%2bb::~~~perl~~"},
        {"cpe:2.3:h:-:*:\\-:a\\-b:-*:-:??:?x??:*y:*", "cpe:2.3:h:-:*:\\-:a-b:-*:-:??:?x??:*y:*",
         "cpe:/h:-::%2d:a-b:~-%02~%01%01~%01x%01%01~%02y~:-"},
        {"cpe:2.3:*:*:*:*:*:*:*:*:*:*:*", "cpe:2.3:*:*:*:*:*:*:*:*:*:*:*", "cpe:/"},
        {"cpe:/", "cpe:2.3:*:*:*:*:*:*:*:*:*:*:*", "cpe:/"},
        {"cpe:/o:::::", "cpe:2.3:o:*:*:*:*:*:*:*:*:*:*", "cpe:/o"},
        {"cpe:/a:b:c:d:e:f:en-us", "cpe:2.3:a:b:c:d:e:f:en-us:*:*:*:*",
         "cpe:/a:b:c:d:e:f:en-us"},
        {"cpe:/a:b:c:d:e:~f~~~~x:en", "cpe:2.3:a:b:c:d:e:f:en:*:*:*:x",
         "cpe:/a:b:c:d:e:~f~~~~x:en"}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cpe c;
        struct cpe again;
        struct errinfo ei = {0};
        int r = cpe_parse(slice_of(cases[i].text), &c, &ei);

        assert_int_equal(r, cases[i].formatted == NULL ? ERR_INVALID : 0);
        if (r < 0)
            continue;
        assert_string_equal(format(&c, false), cases[i].formatted);
        assert_string_equal(format(&c, true), cases[i].uri);
        assert_int_equal(cpe_parse(slice_of(cases[i].uri), &again, NULL), 0);
        assert_string_equal(format(&again, false), cases[i].formatted);
    }
}

static void
test_wrong(void **state)
{
    static const struct {
        const char *text;
        unsigned column;
    } cases[] = {{"", 1},
                 {"cpe", 1},
                 {"cpe:2.3", 1},
                 {"cpe:2.3:", 9},
                 {"cpe:2.3:a", 10},
                 {"cpe:2.3:x:b:c:*:*:*:*:*:*:*:*", 10},
                 {"cpe:2.3:ao:b:c:*:*:*:*:*:*:*:*", 11},
                 {"cpe:2.3:a:b:c:*:*:*:*:*:*:*", 28},
                 {"cpe:2.3:a:b:c:*:*:*:*:*:*:*:", 29},
                 {"cpe:2.3:a:b:c:*:*:*:*:*:*:*:*:*", 30},
                 {"cpe:2.3:a::c:*:*:*:*:*:*:*:*", 11},
                 {"cpe:2.3:a:b:c:1.*.2:*:*:*:*:*:*:*", 18},
                 {"cpe:2.3:a:b:c:**:*:*:*:*:*:*:*", 16},
                 {"cpe:2.3:a:b:c:?*:*:*:*:*:*:*:*", 16},
                 {"cpe:2.3:a:b:c:x*?:*:*:*:*:*:*:*", 17},
                 {"cpe:2.3:a:b c:d:*:*:*:*:*:*:*:*", 12},
                 {"cpe:2.3:a:b:c\xc3\xa9:*:*:*:*:*:*:*:*", 14},
                 {"cpe:2.3:a:b:c:*:*:*:*:*:*:*:\\", 30},
                 {"cpe:/a:b:c%4", 11},
                 {"cpe:/a:b:c%zz", 11},
                 {"cpe:/a:b:c%20", 11},
                 {"cpe:/a:b:c%ff", 11},
                 {"cpe:/a:b:c:d:e:f:g:h", 19},
                 {"cpe:/a:b:c:d:e:~f", 18},
                 {"cpe:/a:b:c:d:e:~f~~~~~", 22},
                 {"cpe:/q", 7}};
    char text[2048];
    struct cpe c;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct errinfo ei = {0};

        assert_int_equal(cpe_parse(slice_of(cases[i].text), &c, &ei), ERR_INVALID);
        if (ei.column != cases[i].column)
            print_error("%s: %u: %s\n", cases[i].text, ei.column, ei.text);
        assert_int_equal(ei.column, cases[i].column);
        assert_true(ei.text[0] != '\0');
    }
    for (unsigned n = CPE_TEXT - 1; n <= CPE_TEXT + 1; n++) {
        (void)snprintf(text, sizeof text, "cpe:/a:%0*d:%0*d", (int)n, 0, (int)n, 0);
        assert_int_equal(cpe_parse(slice_of(text), &c, NULL), n > CPE_TEXT ? ERR_INVALID : 0);
    }
    (void)snprintf(text, sizeof text, "cpe:/a:%0200d:%0200d:%0120d", 0, 0, 0);
    assert_int_equal(cpe_parse(slice_of(text), &c, NULL), ERR_INVALID);
}

static void
test_product(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {{"cpe:/a:Apache:log4j:2", "a:apache:log4j"},
                 {"cpe:/a:a%3ab:%2d", "a:a\\:b:\\-"},
                 {"cpe:/a:apache", NULL},
                 {"cpe:/a:-:log4j", "a:-:log4j"},
                 {"cpe:/a:apache:log%02", NULL},
                 {"cpe:2.3:*:b:c:*:*:*:*:*:*:*:*", NULL}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF(to, CPE_FORMAT);
        struct cpe c;

        assert_int_equal(cpe_parse(slice_of(cases[i].text), &c, NULL), 0);
        assert_int_equal(cpe_product(&c, &to), cases[i].want != NULL);
        assert_true(cases[i].want == NULL ? to.len == 0
                                          : slice_is(buf_get(&to), cases[i].want));
    }
}

/* ---- relations --------------------------------------------------------------------------- */

static struct cpe
with_version(struct slice version)
{
    char text[256];
    struct cpe c;

    (void)snprintf(text, sizeof text, "cpe:2.3:a:b:c:%.*s:*:*:*:*:*:*:*", (int)version.len,
                   version.ptr);
    assert_int_equal(cpe_parse(slice_of(text), &c, NULL), 0);
    return c;
}

/* Of two quoted values, character by character: `?` is one or none, `*` any number. */
static bool
naive_match(const char *pattern, const char *text)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern == '*')
        return naive_match(pattern + 1, text) ||
               (*text != '\0' && naive_match(pattern, text + 1));
    if (*pattern == '?')
        return naive_match(pattern + 1, text) ||
               (*text != '\0' && naive_match(pattern + 1, text + 1));
    return *pattern == *text && naive_match(pattern + 1, text + 1);
}

static bool
naive_wild(const char *v)
{
    return strcmp(v, "*") != 0 && strpbrk(v, "*?") != NULL;
}

static enum cpe_relation
naive_relation(const char *source, const char *target)
{
    if (naive_wild(target))
        return CPE_UNDEFINED;
    if (strcmp(source, target) == 0)
        return CPE_EQUAL;
    if (strcmp(source, "*") == 0)
        return CPE_SUPERSET;
    if (strcmp(target, "*") == 0)
        return CPE_SUBSET;
    if (strcmp(source, "-") == 0 || strcmp(target, "-") == 0)
        return CPE_DISJOINT;
    return naive_wild(source) && naive_match(source, target) ? CPE_SUPERSET : CPE_DISJOINT;
}

static void
random_value(uint64_t *x, char to[16])
{
    unsigned kind = (unsigned)(next_random(x) >> 8) % 8;
    unsigned body = 1 + (unsigned)(next_random(x) >> 8) % 4;
    unsigned n = 0;

    if (kind < 2) {
        (void)snprintf(to, 16, "%s", kind == 0 ? "*" : "-");
        return;
    }
    if (kind == 2)
        to[n++] = '*';
    for (unsigned i = 0; kind == 3 && i < body; i++)
        to[n++] = '?';
    while (body-- > 0)
        to[n++] = (next_random(x) >> 8) % 2 ? 'a' : 'b';
    if ((next_random(x) >> 8) % 4 == 0)
        to[n++] = '*';
    else if ((next_random(x) >> 8) % 4 == 0)
        to[n++] = '?';
    to[n] = '\0';
}

static void
test_naively(void **state)
{
    uint64_t x = 11;

    (void)state;
    for (unsigned round = 0; round < 200000; round++) {
        char a[16];
        char b[16];
        struct cpe c;
        struct cpe d;

        random_value(&x, a);
        random_value(&x, b);
        c = with_version(slice_of(a));
        d = with_version(slice_of(b));
        if (cpe_relation(&c, &d) != naive_relation(a, b))
            print_error("%s %s\n", a, b);
        assert_int_equal(cpe_relation(&c, &d), naive_relation(a, b));
        assert_int_equal(
            cpe_value_covers(cpe_get(&c, CPE_VERSION), cpe_get(&d, CPE_VERSION), false),
            naive_relation(a, b) >= CPE_SUPERSET);
    }
}

static void
slurp(const char *name, struct buf *to)
{
    char path[512];
    char *at;
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", shared == NULL ? "" : shared, name);
    f = shared == NULL ? NULL : fopen(path, "r");
    if (f == NULL)
        skip();
    while ((at = buf_reserve(to, 1 << 16)) != NULL) {
        size_t n = fread(at, 1, 1 << 16, f);

        if (n == 0)
            break;
        buf_wrote(to, n);
    }
    (void)fclose(f);
}

static void
test_nist_values(void **state)
{
    AUTO_BUF(text, 1 << 16);
    struct slice rest;
    struct slice line;
    unsigned n = 0;

    (void)state;
    slurp("nistir7696-attributes.tsv", &text);
    for (rest = buf_get(&text); slice_line(&rest, &line); n++) {
        struct cpe a = with_version(slice_part(&line, '\t'));
        struct cpe b = with_version(slice_part(&line, '\t'));
        static const char marks[] = "u!<>=";

        assert_int_equal(line.len, 1);
        assert_int_equal(
            marks[cpe_value_relation(cpe_get(&a, CPE_VERSION), cpe_get(&b, CPE_VERSION))],
            line.ptr[0]);
    }
    assert_true(n >= 25);
}

static void
test_nist_names(void **state)
{
    static const enum cpe_relation columns[] = {CPE_DISJOINT, CPE_EQUAL, CPE_SUBSET,
                                                CPE_SUPERSET};
    AUTO_BUF(text, 1 << 16);
    struct slice rest;
    struct slice line;
    unsigned n = 0;

    (void)state;
    slurp("nistir7696-names.tsv", &text);
    rest = buf_get(&text);
    while (slice_line(&rest, &line)) {
        struct cpe a;
        struct cpe b;

        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        assert_int_equal(cpe_parse(slice_part(&line, '\t'), &a, NULL), 0);
        assert_int_equal(cpe_parse(slice_part(&line, '\t'), &b, NULL), 0);
        for (size_t i = 0; i < COUNT(columns); i++)
            assert_int_equal(cpe_relation(&a, &b) == columns[i],
                             slice_is(slice_part(&line, '\t'), "1"));
        n++;
    }
    assert_int_equal(n, 2);
}

static void
test_inventory(void **state)
{
    AUTO_BUF(text, 1 << 20);
    struct slice rest;
    struct slice line;
    unsigned n = 0;

    (void)state;
    slurp("cpe-inventory-a.tsv", &text);
    for (rest = buf_get(&text); slice_line(&rest, &line); n++) {
        struct cpe c;
        struct cpe again;

        (void)slice_part(&line, '\t');
        assert_int_equal(cpe_parse(line, &c, NULL), 0);
        assert_true(slice_is(line, format(&c, false)));
        assert_int_equal(cpe_parse(slice_of(format(&c, true)), &again, NULL), 0);
        assert_int_equal(cpe_relation(&c, &again), CPE_EQUAL);
    }
    assert_int_equal(n, 2044);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bindings),    cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_product),     cmocka_unit_test(test_naively),
        cmocka_unit_test(test_nist_values), cmocka_unit_test(test_nist_names),
        cmocka_unit_test(test_inventory)};

    shared = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
