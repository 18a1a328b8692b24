/* The catalogue of exploited vulnerabilities: what is kept is what was read.  All numbers here
 * are made up. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/kev.h"
#include "role/lists.h"

static const char catalogue[] =
    "{\"title\": \"t\", \"catalogVersion\": \"2099.06.18\", \"dateReleased\": "
    "\"2099-06-18T03:40:00.12Z\", \"count\": 1, \"vulnerabilities\": [{\"cveID\": "
    "\"CVE-2099-0001\", \"vendorProject\": \"Example\", \"product\": \"Edge\", "
    "\"vulnerabilityName\": \"Edge \\\"x\\\" \\u2019\", \"dateAdded\": \"2099-06-01\", "
    "\"dueDate\": \"2099-07-01\", \"knownRansomwareCampaignUse\": \"Known\"}]}\n";

static void
what_is_kept_is_what_was_read(void **state)
{
    char dir[] = "/tmp/detente-kev-XXXXXX";
    char path[64];
    struct errinfo ei = {0};
    AUTO_BUF(before, 1 << 20);
    AUTO_BUF(after, 1 << 20);
    struct kev k;
    FILE *f;

    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(kev_get(dir, &k, &ei), ERR_NOTFOUND);
    assert_non_null(strstr(ei.text, "lists import --kev"));
    assert_int_equal(kev_read(slice_of(catalogue), &k, &ei), 0);
    (void)snprintf(k.source, sizeof k.source, "%s", "https://lists.example/\"kev\".json");
    k.taken = (struct utime){INT64_C(4084000000000000)};
    kev_json(&k, &before);
    assert_int_equal(kev_put(dir, &k, &ei), 0);
    kev_release(&k);
    assert_int_equal(kev_get(dir, &k, &ei), 0);
    kev_json(&k, &after);
    kev_release(&k);
    assert_int_equal(buf_error(&after), 0);
    assert_true(slice_eq(buf_get(&before), buf_get(&after)));
    assert_int_equal(lists_sum(dir, NULL, &ei), 0);

    (void)snprintf(path, sizeof path, "%s/lists/kev.json", dir);
    f = fopen(path, "r+");
    assert_non_null(f);
    assert_int_equal(fputs("{\"catalog\":[", f) < 0, 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(kev_get(dir, &k, &ei), ERR_INVALID);
    assert_int_equal(kev_drop(dir, &ei), 0);
    assert_int_equal(kev_drop(dir, &ei), ERR_NOTFOUND);
    (void)snprintf(path, sizeof path, "%s/lists/world.json", dir);
    assert_int_equal(unlink(path), 0);
    (void)snprintf(path, sizeof path, "%s/lists", dir);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_kept_is_what_was_read)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
