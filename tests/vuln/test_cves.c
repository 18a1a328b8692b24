/* Identifiers, and what alerts are about. */
#include "unit.h"

#include <stdio.h>

#include "vuln/alert.h"

static cve_id
id(unsigned year, unsigned number)
{
    return (cve_id)year << 32 | number;
}

static void
test_parse(void **state)
{
    static const char *const none[] = {"",
                                       "CVE-2021",
                                       "CVE-2021-",
                                       "CVE-2021-123",
                                       "CVE-2021-01234",
                                       "CVE-1998-0001",
                                       "CVE-2200-0001",
                                       "cve-2021-44228",
                                       "CVE_2021_44228",
                                       "CVE-2021-44228 ",
                                       "CVE-2021-4422x",
                                       "CVE-2021-1234567890"};
    char text[CVE_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT(none); i++)
        assert_true(cve_parse(slice_of(none[i])) == 0);
    assert_true(cve_parse(SLICE("CVE-2021-44228")) == id(2021, 44228));
    assert_true(cve_parse(SLICE("CVE-2020-0601")) == id(2020, 601));
    assert_true(cve_parse(SLICE("CVE-1999-0001")) < cve_parse(SLICE("CVE-2099-999999999")));
    assert_int_equal(cve_format(id(2020, 601), text), 13);
    assert_string_equal(text, "CVE-2020-0601");
    (void)cve_format(cve_parse(SLICE("CVE-2099-999999999")), text);
    assert_string_equal(text, "CVE-2099-999999999");
}

/* Ascending, with who said so; what there is no room for are the highest. */
static void
test_set(void **state)
{
    struct cve_set s = {0};

    (void)state;
    cve_set_add(&s, 5, CVE_SIGNATURE);
    cve_set_add(&s, 3, CVE_REFERENCE);
    cve_set_add(&s, 5, CVE_METADATA);
    assert_true(s.count == 2 && s.at[0].id == 3 && s.at[1].id == 5 && !s.more);
    assert_int_equal(s.at[1].sources, CVE_SIGNATURE | CVE_METADATA);
    for (cve_id i = 100; i > 60; i--)
        cve_set_add(&s, i, CVE_METADATA);
    assert_true(s.count == CVE_SET && s.more && s.at[0].id == 3);
    assert_true(s.at[CVE_SET - 1].id == 60 + CVE_SET - 2);
    assert_string_equal(cve_confidence(CVE_SIGNATURE), "low");
    assert_string_equal(cve_confidence(CVE_REFERENCE), "medium");
    assert_string_equal(cve_confidence(CVE_SIGNATURE | CVE_RULES), "high");
}

/* What each tool finds, as `year-number:sources`. */
static const char *
found(const struct cve_set *s)
{
    static char to[256];
    size_t n = 0;

    to[0] = '\0';
    for (unsigned i = 0; i < s->count; i++)
        n += (size_t)snprintf(to + n, sizeof to - n, "%s%u-%u:%u", i > 0 ? " " : "",
                              (unsigned)(s->at[i].id >> 32), (unsigned)s->at[i].id,
                              s->at[i].sources);
    return to;
}

static void
test_scan(void **state)
{
    static const struct {
        void (*scan)(struct slice, struct cve_set *);
        const char *text;
        const char *want;
    } cases[] = {
        {cve_scan_text, "a CVE-2021-44228, (cve_2021_45046) CVE 2014-6271",
         "2014-6271:8 2021-44228:8 2021-45046:8"},
        {cve_scan_text, "XCVE-2021-44228 CVE-2021-44228a CVE-2021-443 2021-44228 CVE", ""},
        {cve_scan_text, "CVE-2021-44228CVE-2021-45046 CVE-CVE-2022-1234", "2022-1234:8"},
        {cve_scan_text, "CVE-2021-44228", "2021-44228:8"},
        {cve_scan_reference, "https://x.example/cvename.cgi?name=2021-44228", "2021-44228:2"},
        {cve_scan_reference, "https://x.example/cvename.cgi?name=CVE-2021-44228",
         "2021-44228:2"},
        {cve_scan_reference, "cve,2021-44228", "2021-44228:2"},
        {cve_scan_reference, "https://x.example/2021-44228?name=2021_12_17", ""},
        {cve_scan_metadata, "CVE_2021_44228", "2021-44228:1"},
        {cve_scan_metadata, "2017_0144", "2017-144:1"},
        {cve_scan_metadata, "2021_12_17", ""},
        {cve_scan_metadata, "CVE_2021_44228 CVE_2021_45046", ""},
        {cve_scan_metadata, "CVE", ""}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cve_set s = {0};

        cases[i].scan(slice_of(cases[i].text), &s);
        assert_string_equal(found(&s), cases[i].want);
    }
}

static void
test_alert(void **state)
{
    static const struct {
        const char *record;
        int r;
        const char *want;
    } cases[] = {
        {"{\"event_type\":\"alert\",\"alert\":{\"metadata\":{\"created_at\":[\"2021_12_17\"],"
         "\"cve\":[\"CVE_2021_44228\",7]},"
         "\"references\":[\"https://x.example/?name=2021-44228\"],\"signature\":\"x "
         "\\u0043VE-2021-45046\"}}",
         1, "2021-44228:3 2021-45046:8"},
        {"{\"alert\":{\"metadata\":{\"cve\":\"2017_0144\"}},\"event_type\":\"alert\"}", 1,
         "2017-144:1"},
        {"{\"alert\":{\"signature\":\"CVE-2017-0144\"},\"event_type\":\"flow\"}", 0, ""},
        {"{\"event_type\":\"alert\",\"alert\":[1],\"metadata\":{\"cve\":\"2017_0144\"}}", 1,
         ""},
        {"{\"event_type\":\"alert\",\"alert\":{\"metadata\":7,\"references\":{},\"signature\":"
         "null}}",
         1, ""},
        {"[]", ERR_INVALID, ""},
        {"{\"event_type\":\"alert\"", ERR_INVALID, ""},
        {"{\"event_type\":\"alert\"} {}", ERR_INVALID, ""}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512];
        struct cve_set s;
        struct errinfo ei = {0};
        size_t n = (size_t)snprintf(text, sizeof text, "%s", cases[i].record);

        assert_int_equal(alert_cves(text, n, &s, &ei), cases[i].r);
        assert_string_equal(found(&s), cases[i].want);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parse), cmocka_unit_test(test_set),
                                       cmocka_unit_test(test_scan),
                                       cmocka_unit_test(test_alert)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
