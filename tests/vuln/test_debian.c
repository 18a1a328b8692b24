/* The security tracker: what a row says, what its bytes affect, and what is wrong and where. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "vuln/debian.h"

struct seen {
    char text[2048];
    size_t len;
    uint64_t rows;
};

#define SAY(s, ...) \
    ((s)->len +=    \
     (size_t)snprintf((s)->text + (s)->len, sizeof(s)->text - (s)->len, __VA_ARGS__))

static int
see(void *arg, const struct debian_row *row)
{
    struct seen *s = arg;

    SAY(s, "%.*s %.*s %d %s %s '%.*s' %s", (int)row->package.len, row->package.ptr,
        (int)row->id.len, row->id.ptr, row->cve != 0, row->ecosystem,
        debian_status_name(row->status), (int)row->fixed.len, row->fixed.ptr,
        debian_urgency_name(row->urgency));
    if (row->nodsa.len > 0)
        SAY(s, " (%.*s: %.*s)", (int)row->nodsa_reason.len, row->nodsa_reason.ptr,
            (int)row->nodsa.len, row->nodsa.ptr);
    SAY(s, " %d%d @%u;", affected_is(row->affected, SLICE("1.0-1")),
        affected_is(row->affected, SLICE("2:9-1")), row->line);
    return 0;
}

static int
count(void *arg, const struct debian_row *row)
{
    struct seen *s = arg;

    s->rows += row->affected.len > 0;
    return 0;
}

#define ONE(release) "{\"p\":{\"CVE-2099-0001\":{\"releases\":{\"bookworm\":" release "}}}}"

static void
what_a_row_says(void **state)
{
    static const struct {
        const char *text;
        int r;
        unsigned line;
        unsigned column;
        const char *want;
    } cases[] = {
        {"{\"p\":{\"CVE-2099-0001\":{\"releases\":{\n"
         "\"bookworm\":{\"status\":\"resolved\",\"repositories\":{\"bookworm\":\"1.1-1\"},"
         "\"fixed_version\":\"1.1-1\",\"urgency\":\"low**\"},\n"
         "\"trixie\":{\"fixed_version\":\"0\",\"status\":\"resolved\",\"urgency\":\"not yet "
         "assigned\"},\n"
         "\"sid\":{\"status\":\"open\"}},\"description\":\"d\"}}}",
         0, 0, 0,
         "p CVE-2099-0001 1 Debian:12 resolved '1.1-1' low 10 @1;"
         "p CVE-2099-0001 1 Debian:13 not-affected '' not yet assigned 00 @1;"},
        {"{\"p\":{},\n\"q\":{\n\"TEMP-0000000-ABCDEF\":{\"releases\":{\"bullseye\":{"
         "\"status\":\"open\",\"urgency\":\"end-of-life\",\"nodsa\":\"Minor \\\"issue\\\"\","
         "\"nodsa_reason\":\"postponed\"},\"buster\":{\"status\":\"undetermined\","
         "\"urgency\":\"unimportant\"}}}}}\n{\"r\":{}}",
         0, 0, 0,
         "q TEMP-0000000-ABCDEF 0 Debian:11 open '' end-of-life (postponed: Minor \"issue\") "
         "11 @3;q TEMP-0000000-ABCDEF 0 Debian:10 undetermined '' unimportant 00 @3;"},
        {ONE("{\"status\":\"resolved\"}"), 0, 0, 0,
         "p CVE-2099-0001 1 Debian:12 undetermined '' not yet assigned 00 @1;"},
        {ONE("{\"status\":\"resolved\",\"fixed_version\":\"<none>\",\"urgency\":\"grave\"}"), 0,
         0, 0, "p CVE-2099-0001 1 Debian:12 undetermined '' not yet assigned 00 @1;"},
        {ONE("{\"status\":\"open\",\"fixed_version\":\"1\",\"urgency\":\"high\"}"), 0, 0, 0,
         "p CVE-2099-0001 1 Debian:12 open '' high 11 @1;"},
        {"{}", 0, 0, 0, ""},
        {"", 0, 0, 0, ""},
        {"[]", ERR_INVALID, 1, 1, ""},
        {"{\"p\":\n7}", ERR_INVALID, 2, 1, ""},
        {"{\"p\":{\"CVE-2099-0001\":\n []}}", ERR_INVALID, 2, 2, ""},
        {"{\"\":{}}", ERR_INVALID, 1, 5, ""},
        {"{\"p\\n\":{}}", ERR_INVALID, 1, 8, ""},
        {ONE("[]"), ERR_INVALID, 1, 47, ""},
        {ONE("{}"), ERR_INVALID, 1, 47, ""},
        {ONE("{\n\"status\":\"fixed\"}"), ERR_INVALID, 2, 10, ""},
        {ONE("{\"status\":\"open\"}") ",", ERR_INVALID, 1, 68,
         "p CVE-2099-0001 1 Debian:12 open '' not yet assigned 11 @1;"},
        {"{\"p\":{\"CVE-2099-0001\":{\"releases\":{\"bookworm\":", ERR_INVALID, 1, 47, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char copy[2048];
        size_t n = (size_t)snprintf(copy, sizeof copy, "%s", cases[i].text);
        struct seen s = {.len = 0};
        struct debian_counts c;
        struct errinfo ei = {.line = 0};
        int r = debian_read(copy, n, see, &s, &c, &ei);

        if (r != cases[i].r || strcmp(s.text, cases[i].want) != 0 ||
            (r < 0 && (ei.line != cases[i].line || ei.column != cases[i].column)))
            fail_msg("%zu: %d %u:%u %s: %s", i, r, ei.line, ei.column, ei.text, s.text);
        assert_true(i != 0 || (c.packages == 1 && c.issues == 1 && c.rows == 2 &&
                               c.other_release == 1 && c.status[DEBIAN_NOT_AFFECTED] == 1));
        assert_true(i != 1 || (c.packages == 3 && c.without_cve == 1 &&
                               c.status[DEBIAN_UNDETERMINED] == 1));
        assert_true(i != 3 || (c.odd_version == 1 && c.odd_urgency == 1));
    }
}

/* As large as the tracker's own, in pieces of some packages. */
static void
speed(void **state)
{
    AUTO_BUF(text, 1 << 27);
    struct seen s = {.len = 0};
    struct debian_counts c;
    struct errinfo ei = {.line = 0};
    struct timespec from;
    struct timespec to;
    uint64_t issues = 0;
    double ms;

    (void)state;
    for (unsigned p = 0; p < 3500; p++) {
        buf_printf(&text, "{\"package-%u\":{", p);
        for (unsigned i = 0; i < 17; i++)
            buf_printf(
                &text,
                "%s\"CVE-20%02u-%u\":{\"description\":\"A flaw was found in something, where a "
                "\\\"value\\\" is used before it was checked, which lets others do what they "
                "should not.\",\"debianbug\":%u,\"scope\":\"remote\",\"releases\":{\"bookworm\""
                ":{\"status\":\"resolved\",\"repositories\":{\"bookworm\":\"1.%u-1\","
                "\"bookworm-security\":\"1.%u-1\"},\"fixed_version\":\"1.%u-1\",\"urgency\":"
                "\"not yet assigned\"},\"bullseye\":{\"status\":\"open\",\"repositories\":{"
                "\"bullseye\":\"1.%u-1\"},\"urgency\":\"low\",\"nodsa\":\"Minor issue\","
                "\"nodsa_reason\":\"\"},\"forky\":{\"status\":\"resolved\",\"repositories\":{"
                "\"forky\":\"1.%u-1\"},\"fixed_version\":\"1.%u-1\",\"urgency\":\"not yet "
                "assigned\"},\"sid\":{\"status\":\"resolved\",\"repositories\":{\"sid\":"
                "\"1.%u-1\"},\"fixed_version\":\"1.%u-1\",\"urgency\":\"not yet assigned\"},"
                "\"trixie\":{\"status\":\"resolved\",\"repositories\":{\"trixie\":\"1.%u-1\"},"
                "\"fixed_version\":\"0\",\"urgency\":\"unimportant\"}}}",
                i == 0 ? "" : ",", i + 5, 1000 + p, p, i, i, i, i, i, i, i, i, i);
        buf_text(&text, "}}\n");
    }
    assert_int_equal(buf_error(&text), 0);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (size_t at = 0, end; at < text.len; at = end) {
        const char *lf = memchr(text.ptr + at, '\n', text.len - at);

        for (end = (size_t)(lf - text.ptr) + 1; end < text.len && end - at < 1 << 20;
             end = (size_t)(lf - text.ptr) + 1)
            lf = memchr(text.ptr + end, '\n', text.len - end);
        assert_int_equal(debian_read(text.ptr + at, end - at, count, &s, &c, &ei), 0);
        issues += c.issues;
    }
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
    assert_true(issues == 3500 * 17 && s.rows == 4 * issues);
    print_message("%.1f MB: %.0f ms\n", (double)text.len / 1e6, ms);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_row_says),
                                       cmocka_unit_test(speed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
