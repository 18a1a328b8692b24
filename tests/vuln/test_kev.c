/* The catalogue of exploited vulnerabilities: what is read, in which order, what is refused and
 * where it stands; the shared real one when it is there.  All numbers here are made up. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slurp.h"
#include "vuln/kev.h"

static const char *shared; /* folder; NULL: there is none */

#define ENTRY(cve, added, more)                                                           \
    "{\n\"cveID\": \"" cve "\", \"vendorProject\": \"Example\",\n\"product\": \"Edge\", " \
    "\"vulnerabilityName\": \"Edge \\\"x\\\" \\u2019\",\n\"dateAdded\": \"" added         \
    "\", \"dueDate\": \"2099-07-01\"" more "}"
#define TOP(count, entries)                                                                  \
    "{\"title\": \"t\", \"catalogVersion\": \"2099.06.18\",\n\"dateReleased\": "             \
    "\"2099-06-18T03:40:00.12Z\", \"count\": " count ",\n\"vulnerabilities\": [" entries "]" \
    "}\n"
#define ONE(entry) TOP("1", entry)

static const char three[] = TOP(
    "3",
    ENTRY(
        "CVE-2099-0001", "2099-06-01",
        ", \"knownRansomwareCampaignUse\": \"Known\"") "," ENTRY("CVE-2099-00020", "2099-06-18",
                                                                 ", "
                                                                 "\"knownRansomwareCampaignUse"
                                                                 "\": \"Unknown\", \"cwes\": "
                                                                 "[\"CWE-79\"]") "," ENTRY("CVE"
                                                                                           "-20"
                                                                                           "99-"
                                                                                           "000"
                                                                                           "3",
                                                                                           "209"
                                                                                           "9-"
                                                                                           "06-"
                                                                                           "01",
                                                                                           ""));

static void
newest_come_first(void **state)
{
    struct errinfo ei = {0};
    char released[TIME_TEXT];
    struct kev k;

    (void)state;
    assert_int_equal(kev_read(slice_of(three), &k, &ei), 0);
    assert_true(slice_is(k.version, "2099.06.18"));
    time_format(k.released, released);
    assert_memory_equal(released, "2099-06-18T03:40:00.120000Z", TIME_TEXT);
    assert_int_equal(k.count, 3);
    assert_int_equal(k.ransomware, 1);
    assert_true(slice_is(k.entry[0].cve, "CVE-2099-00020"));
    assert_true(slice_is(k.entry[1].cve, "CVE-2099-0001"));
    assert_true(slice_is(k.entry[2].cve, "CVE-2099-0003"));
    assert_true(k.entry[1].ransomware && !k.entry[0].ransomware && !k.entry[2].ransomware);
    assert_true(slice_is(k.entry[0].name, "\"Edge \\\"x\\\" \xe2\x80\x99\""));
    assert_true(slice_is(k.entry[0].due, "2099-07-01"));
    kev_release(&k);
    assert_int_equal(kev_read(SLICE(TOP("0", "")), &k, &ei), 0);
    assert_int_equal(k.count, 0);
    kev_release(&k);
}

static void
what_is_none_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *why;
    } all[] = {
        {"", 1, "no JSON"},
        {"[1]", 1, "vulnerabilities"},
        {"{\n\"count\": 1,\n}", 3, "syntax"},
        {"{\"count\": 1, \"vulnerabilities\": []}", 1, "catalogVersion"},
        {"{\"catalogVersion\": \"<b>\", \"vulnerabilities\": []}", 1, "catalogVersion"},
        {"{\"catalogVersion\": \"1\", \"dateReleased\": \"soon\", \"vulnerabilities\": []}", 1,
         "dateReleased"},
        {TOP("4", ENTRY("CVE-2099-0001", "2099-06-01", "")), 2, "`count`"},
        {TOP("\"1\"", ENTRY("CVE-2099-0001", "2099-06-01", "")), 2, "`count`"},
        {ONE("7"), 3, "entry 1: `cveID` is missing"},
        {ONE("\n{\n\"vendorProject\": \"the \\\"cveID\\\", [ is missing\"}"), 4,
         "entry 1: `cveID` is missing"},
        {TOP("2",
             ENTRY("CVE-2099-0001", "2099-06-01", ", \"x\": [1, {\"y\": \"]\"}]") ",\n\n{}"),
         8, "entry 2: `cveID` is missing"},
        {ONE(ENTRY("CVE-2099-001", "2099-06-01", "")), 4, "cveID"},
        {ONE(ENTRY("cve-2099-0001", "2099-06-01", "")), 4, "cveID"},
        {ONE(ENTRY("CVE-2099-00001234567890123456", "2099-06-01", "")), 4, "cveID"},
        {ONE(ENTRY("CVE-2099-0001\\u0000", "2099-06-01", "")), 4, "nul"},
        {ONE(ENTRY("CVE-2099-0001", "2099-02-30", "")), 6, "dateAdded"},
        {ONE(ENTRY("CVE-2099-0001", "2099-6-1", "")), 6, "dateAdded"},
        {ONE(ENTRY("CVE-2099-0001", "2099-06-01",
                   ", \"knownRansomwareCampaignUse\": \"Maybe\"")),
         6, "knownRansomwareCampaignUse"},
        {ONE(ENTRY("CVE-2099-0001", "2099-06-01", ", \"product\": \"again\"")), 6,
         "duplicate-key"},
        {ONE(ENTRY("CVE-2099-0001", "2099-06-01", ", \"x\": null")), 6, "null"},
        {TOP("2", ENTRY("CVE-2099-0001", "2099-06-01", "") "," ENTRY("CVE-2099-0001",
                                                                     "2099-06-01", "")),
         7, "twice"},
        {TOP("2", ENTRY("CVE-2099-0001", "2099-06-01",
                        "") ",{\"cveID\": \"CVE-2099-0002\", \"vendorProject\": \"\"}"),
         6, "entry 2: `vendorProject`"},
    };

    (void)state;
    for (unsigned i = 0; i < COUNT(all); i++) {
        struct errinfo ei = {0};
        struct kev k;

        assert_int_equal(kev_read(slice_of(all[i].text), &k, &ei), ERR_CONF);
        if (strstr(ei.text, all[i].why) == NULL || ei.line != all[i].line)
            fail_msg("%u: line %u, %s", i, ei.line, ei.text);
    }
}

static void
what_is_too_much_is_refused(void **state)
{
    struct errinfo ei = {0};
    struct buf text;
    struct kev k;

    (void)state;
    buf_init(&text, KEV_BYTES * 2);
    buf_text(&text, "{\"catalogVersion\": \"1\", \"dateReleased\": \"2099-06-18T03:40:00Z\", "
                    "\"count\": 20001, \"vulnerabilities\": [0");
    for (unsigned i = 0; i < KEV_ENTRIES; i++)
        buf_text(&text, ",0");
    buf_text(&text, "]}");
    assert_int_equal(kev_read(buf_get(&text), &k, &ei), ERR_LIMIT);
    buf_reset(&text);
    buf_printf(&text, ONE("{\"cveID\": \"CVE-2099-0001\", \"vendorProject\": \"%600s\"}"), "x");
    assert_int_equal(kev_read(buf_get(&text), &k, &ei), ERR_CONF);
    assert_non_null(strstr(ei.text, "vendorProject"));
    buf_reset(&text);
    while (text.len <= KEV_BYTES)
        buf_text(&text, "                                ");
    assert_int_equal(kev_read(buf_get(&text), &k, &ei), ERR_LIMIT);
    buf_release(&text);
}

/* The real one, outside the repository. */
static void
the_shared_catalogue_is_read(void **state)
{
    AUTO_BUF(text, KEV_BYTES);
    struct errinfo ei = {.line = 0};
    struct kev k;

    (void)state;
    slurp(shared, "kev/known_exploited_vulnerabilities.json", &text);
    if (kev_read(buf_get(&text), &k, &ei) < 0)
        fail_msg("line %u: %s", ei.line, ei.text);
    assert_true(k.count == 1404 && k.ransomware == 293);
    for (unsigned i = 0; i < k.count; i++)
        assert_true(k.entry[i].id != 0 && (i == 0 || memcmp(k.entry[i - 1].added.ptr,
                                                            k.entry[i].added.ptr, 10) >= 0));
    kev_release(&k);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest_come_first),
        cmocka_unit_test(what_is_none_is_refused_with_its_line),
        cmocka_unit_test(what_is_too_much_is_refused),
        cmocka_unit_test(the_shared_catalogue_is_read),
    };

    shared = argc > 1 ? argv[1] : NULL;
    return slurp_status(cmocka_run_group_tests(tests, NULL, NULL));
}
