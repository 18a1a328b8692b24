/* OpenVEX: what is taken, what is wrong and where; what is written is canonical, does not
 * depend on the order, and reads as what it was. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "vuln/openvex.h"
#include "wire/jcs.h"

struct seen {
    char text[4096];
    size_t len;
};

#define SAY(s, ...) \
    ((s)->len +=    \
     (size_t)snprintf((s)->text + (s)->len, sizeof(s)->text - (s)->len, __VA_ARGS__))
#define S(slice) (int)(slice).len, (slice).ptr

static void
say_component(struct seen *s, const struct openvex_component *c)
{
    SAY(s, "%.*s|%.*s|%.*s", S(c->id), S(c->purl), S(c->cpe));
}

static int
see(void *arg, const struct openvex_head *h, const struct openvex_statement *st)
{
    struct seen *s = arg;

    SAY(s, "%.*s/%.*s/%u@%u %.*s", S(h->id), S(h->author), (unsigned)h->version, st->line,
        S(st->vulnerability));
    for (unsigned i = 0; i < st->aliases; i++)
        SAY(s, "=%.*s", S(st->alias[i]));
    SAY(s, " %u-%u %s %s '%.*s' '%.*s' '%.*s' %lld", (unsigned)(st->cve >> 32),
        (unsigned)st->cve, openvex_status_name(st->status),
        openvex_justification_name(st->justification), S(st->impact), S(st->action),
        S(st->notes), (long long)(st->at.us / TIME_US_PER_S));
    for (unsigned i = 0; i < st->products; i++) {
        SAY(s, " [");
        say_component(s, &st->product[i].is);
        for (unsigned k = 0; k < st->product[i].subs; k++) {
            SAY(s, " > ");
            say_component(s, &st->sub[st->product[i].sub + k]);
        }
        SAY(s, "]");
    }
    SAY(s, ";");
    return 0;
}

static int
read_text(const char *text, struct seen *s, struct openvex_counts *c, struct errinfo *ei)
{
    char copy[8192];
    size_t n = (size_t)snprintf(copy, sizeof copy, "%s", text);

    *s = (struct seen){.len = 0};
    *ei = (struct errinfo){.line = 0};
    return openvex_read(copy, n, see, s, c, ei);
}

#define CONTEXT "\"@context\":\"https://openvex.dev/ns/v0.2.0\""
#define DOC(statements)                                                                   \
    "{" CONTEXT ",\"@id\":\"i\",\"author\":\"a\",\"timestamp\":\"2026-01-02T03:04:05Z\"," \
    "\"version\":1,\"statements\":[" statements "]}"

static void
what_a_statement_says(void **state)
{
    static const struct {
        const char *text;
        int r;
        unsigned line;
        const char *want;
    } cases[] = {
        {DOC("\n{\"vulnerability\":{\"name\":\"GHSA-x\",\"aliases\":[\"CVE-2099-0001\"]},"
             "\"products\":[{\"@id\":\"pkg:deb/debian/x@1\",\"subcomponents\":[{\"@id\":\"s\","
             "\"identifiers\":{\"cpe22\":\"cpe:/a:b\",\"cpe23\":\"cpe:2.3:a:b\",\"purl\":"
             "\"pkg:a/b\"}}]},{\"@id\":\"lost\",\"subcomponents\":[{}]},{\"@id\":\"too\","
             "\"subcomponents\":7},{},{\"identifiers\":{\"cpe22\":\"cpe:/a:c\"}}],\"status\":"
             "\"not_affected\",\"justification\":\"inline_mitigations_already_exist\","
             "\"impact_statement\":\"I\\n\",\"timestamp\":\"2026-01-03T03:04:05Z\"}"),
         0, 0,
         "i/a/1@2 GHSA-x=CVE-2099-0001 2099-1 not_affected inline_mitigations_already_exist "
         "'I\n' '' '' 1767409445 [pkg:deb/debian/x@1|pkg:deb/debian/x@1| > "
         "s|pkg:a/b|cpe:2.3:a:b] [||cpe:/a:c];"},
        /* the head behind the statements; 0.0.1's plain strings; two documents */
        {"{\"statements\":[{\"vulnerability\":\"CVE-2099-0001\",\"products\":[\"pkg:x/y\"],"
         "\"status\":\"fixed\",\"status_notes\":\"a\\nb\"}],\"version\":\"7\",\"timestamp\":"
         "\"2026-01-02T03:04:05Z\",\"author\":\"b\",\"@id\":\"j\"," CONTEXT "}\n" DOC(
             "\n{\"vulnerability\":{\"@id\":\"v\"},\"status\":\"affected\",\"products\":[\"p\"]"
             "}"),
         0, 0,
         "j/b/7@1 CVE-2099-0001 2099-1 fixed  '' '' 'a\nb' 1767323045 [pkg:x/y|pkg:x/y|];"
         "i/a/1@3 v 0-0 affected  '' '' '' 1767323045 [p||];"},
        {DOC("{\"vulnerability\":\"x\",\"status\":\"fixed\"}"), 0, 0, ""},
        {DOC(""), 0, 0, ""},
        {"", 0, 0, ""},
        {"[]", ERR_INVALID, 1, ""},
        {"{\"statements\":[]}", ERR_INVALID, 1, ""},
        {"{\"@context\":\"https://example.org\",\"statements\":[]}", ERR_INVALID, 1, ""},
        {"{" CONTEXT "}", ERR_INVALID, 1, ""},
        {"{" CONTEXT ",\"statements\":7}", ERR_INVALID, 1, ""},
        {DOC("\n\n{\"status\":\"fixed\"}"), ERR_INVALID, 3, ""},
        {DOC("{\"vulnerability\":\"x\"}"), ERR_INVALID, 1, ""},
        {DOC("{\"vulnerability\":\"x\",\n\"status\":\"mended\"}"), ERR_INVALID, 2, ""},
        {DOC("{\"vulnerability\":\"x\",\n\"justification\":\"because\"}"), ERR_INVALID, 2, ""},
        {DOC("{\"vulnerability\":\"x\",\"status\":\"fixed\",\"products\":[\"p\"]}") "\n7",
         ERR_INVALID, 2, "i/a/1@1 x 0-0 fixed  '' '' '' 1767323045 [p||];"},
        {DOC("{\"vulnerability\":\"x\",\"status\":\"fixed\",\"products\":[\"p\"}"), ERR_INVALID,
         1, ""},
    };
    struct openvex_counts c;
    struct errinfo ei;
    struct seen s;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int r = read_text(cases[i].text, &s, &c, &ei);

        if (r != cases[i].r || strcmp(s.text, cases[i].want) != 0 ||
            (r < 0 && ei.line != cases[i].line))
            fail_msg("%zu: %d %u:%u %s: %s", i, r, ei.line, ei.column, ei.text, s.text);
        assert_true(i != 0 || c.cut == 3);
        assert_true(i != 1 || (c.documents == 2 && c.statements == 2 && c.no_action == 1 &&
                               c.odd_head == 0));
        assert_true(i != 2 || (c.no_product == 1 && c.statements == 0));
    }
}

static const struct openvex_component subs[] = {{{"s", 1}, {"pkg:a/b", 7}, {"cpe:2.3:a:b", 11}},
                                                {{"t", 1}, {"", 0}, {"", 0}}};
static const struct openvex_product products[] = {
    {{{"pkg:x/y@1", 9}, {"pkg:x/y@1", 9}, {"", 0}}, 0, 2},
    {{{"", 0}, {"", 0}, {"cpe:/a:c", 8}}, 2, 0}};
static const struct slice aliases[] = {{"GHSA-y", 6}, {"\"quoted\"", 8}};

static struct openvex_statement
statement(const char *vulnerability, enum openvex_status status)
{
    return (struct openvex_statement){.vulnerability = slice_of(vulnerability),
                                      .alias = aliases,
                                      .aliases = 2,
                                      .product = products,
                                      .products = 2,
                                      .sub = subs,
                                      .status = status,
                                      .justification = status == OPENVEX_NOT_AFFECTED
                                                           ? OPENVEX_CODE_NOT_PRESENT
                                                           : OPENVEX_NO_JUSTIFICATION,
                                      .impact = {"", 0},
                                      .action = {"do\n\"it\"", 7},
                                      .notes = {"", 0},
                                      .at = {INT64_C(1767323045000001)}};
}

static void
what_is_written_is_canonical_and_reads_the_same(void **state)
{
    static const char want[] =
        "%s/me/3@1 CVE-2099-0001=GHSA-y=\"quoted\" 2099-1 not_affected "
        "vulnerable_code_not_present '' 'do\n\"it\"' '' 1767323045 "
        "[pkg:x/y@1|pkg:x/y@1| > s|pkg:a/b|cpe:2.3:a:b > t||] [||cpe:/a:c];"
        "%s/me/3@1 CVE-2099-0002=GHSA-y=\"quoted\" 2099-2 affected  '' 'do\n\"it\"' '' "
        "1767323045 [pkg:x/y@1|pkg:x/y@1| > s|pkg:a/b|cpe:2.3:a:b > t||] [||cpe:/a:c];";
    const struct openvex_statement both[] = {statement("CVE-2099-0002", OPENVEX_AFFECTED),
                                             statement("CVE-2099-0001", OPENVEX_NOT_AFFECTED)};
    const struct openvex_statement other[] = {both[1], both[0]};
    struct openvex_document d = {.head = {.id = {"", 0},
                                          .author = {"me", 2},
                                          .role = {"", 0},
                                          .at = {INT64_C(1767323045000000)},
                                          .version = 3},
                                 .statement = both,
                                 .statements = 2};
    AUTO_BUF(first, 1 << 20);
    AUTO_BUF(second, 1 << 20);
    struct openvex_counts c;
    struct errinfo ei = {.line = 0};
    char expected[2048];
    char id[256];
    struct slice value;
    struct slice plain;
    struct seen s;
    size_t at = 0;

    (void)state;
    assert_int_equal(openvex_write(&d, &first, &ei), 0);
    if (jcs_check(buf_get(&first), &at) != JCS_OK)
        fail_msg("%zu: %.*s", at, S(buf_get(&first)));
    d.statement = other;
    assert_int_equal(openvex_write(&d, &second, &ei), 0);
    assert_true(slice_eq(buf_get(&first), buf_get(&second)));
    assert_true(jcs_find(buf_get(&first), "@id", &value) && jcs_plain(value, &plain) == 0);
    (void)snprintf(id, sizeof id, "%.*s", S(plain));
    assert_int_equal(strlen(id), strlen("https://openvex.dev/docs/public/vex-") + 64);
    (void)snprintf(expected, sizeof expected, want, id, id);
    buf_char(&first, '\0');
    assert_int_equal(read_text(first.ptr, &s, &c, &ei), 0);
    assert_string_equal(s.text, expected);
    assert_true(c.odd_head == 0 && c.no_reason == 0 && c.no_action == 0);
    buf_reset(&second);
    d.head.version = 4;
    assert_int_equal(openvex_write(&d, &second, &ei), 0);
    assert_true(memmem(second.ptr, second.len, id, strlen(id)) == NULL);
    buf_reset(&second);
    d.head.id = SLICE("https://example.org/vex/1");
    assert_int_equal(openvex_write(&d, &second, &ei), 0);
    assert_non_null(
        memmem(second.ptr, second.len, "\"@id\":\"https://example.org/vex/1\"", 31));
}

static void
what_the_specification_forbids_is_not_written(void **state)
{
    struct openvex_statement s = statement("CVE-2099-0001", OPENVEX_NOT_AFFECTED);
    struct openvex_document d = {
        .head = {.id = {"", 0}, .author = {"me", 2}, .role = {"", 0}, .at = {1}, .version = 1},
        .statement = &s,
        .statements = 1};
    AUTO_BUF(to, 1 << 16);
    struct errinfo ei = {.line = 0};

    (void)state;
    s.justification = OPENVEX_NO_JUSTIFICATION;
    assert_int_equal(openvex_write(&d, &to, &ei), ERR_INVALID);
    assert_string_equal(ei.text,
                        "statement 1, of CVE-2099-0001, is not_affected, which takes a "
                        "justification or an impact statement");
    s = statement("CVE-2099-0001", OPENVEX_AFFECTED);
    s.action.len = 0;
    assert_int_equal(openvex_write(&d, &to, &ei), ERR_INVALID);
    s = statement("", OPENVEX_FIXED);
    assert_int_equal(openvex_write(&d, &to, &ei), ERR_INVALID);
    s = statement("x", OPENVEX_FIXED);
    s.products = 0;
    assert_int_equal(openvex_write(&d, &to, &ei), ERR_INVALID);
    s = statement("x", OPENVEX_FIXED);
    d.head.author.len = 0;
    assert_int_equal(openvex_write(&d, &to, &ei), ERR_INVALID);
    d.head.author.len = 2;
    d.statements = 0;
    assert_int_equal(openvex_write(&d, &to, &ei), ERR_INVALID);
    assert_int_equal(to.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_statement_says),
        cmocka_unit_test(what_is_written_is_canonical_and_reads_the_same),
        cmocka_unit_test(what_the_specification_forbids_is_not_written)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
