/* What a TAXII request asks for: paths, parameters, headers, cursors. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "taxii/request.h"

/* ---- paths ------------------------------------------------------------------------------- */

static const struct {
    const char *path;
    int what; /* enum taxii_what; -1 nothing */
    const char *collection, *object, *status;
} paths[] = {
    {"/taxii2/", TAXII_DISCOVERY, "", "", ""},
    {"/taxii2/exchange/", TAXII_API_ROOT, "", "", ""},
    {"/taxii2/exchange/status/x/", TAXII_STATUS, "", "", "x"},
    {"/taxii2/exchange/collections/", TAXII_COLLECTIONS, "", "", ""},
    {"/taxii2/exchange/collections/c/", TAXII_COLLECTION, "c", "", ""},
    {"/taxii2/exchange/collections/c/objects/", TAXII_OBJECTS_OF, "c", "", ""},
    {"/taxii2/exchange/collections/c/objects/o/", TAXII_OBJECT, "c", "o", ""},
    {"/taxii2/exchange/collections/c/objects/o/versions/", TAXII_VERSIONS, "c", "o", ""},
    {"/taxii2/exchange/collections/c/manifest/", TAXII_MANIFEST, "c", "", ""},
    {"/taxii2/exchange/collections/objects/objects/objects/", TAXII_OBJECT, "objects",
     "objects", ""},
    {"", -1, "", "", ""},
    {"/", -1, "", "", ""},
    {"/taxii2", -1, "", "", ""},
    {"taxii2/", -1, "", "", ""},
    {"//taxii2/", -1, "", "", ""},
    {"/taxii2//", -1, "", "", ""},
    {"/TAXII2/", -1, "", "", ""},
    {"/taxii2/exchange", -1, "", "", ""},
    {"/taxii2/exchanges/", -1, "", "", ""},
    {"/taxii2/exchange//", -1, "", "", ""},
    {"/taxii2/exchange/status/", -1, "", "", ""},
    {"/taxii2/exchange/status//", -1, "", "", ""},
    {"/taxii2/exchange/status/x", -1, "", "", ""},
    {"/taxii2/exchange/status/x/y/", -1, "", "", ""},
    {"/taxii2/exchange/collections", -1, "", "", ""},
    {"/taxii2/exchange/collections//", -1, "", "", ""},
    {"/taxii2/exchange/collections/c", -1, "", "", ""},
    {"/taxii2/exchange/collections/c//", -1, "", "", ""},
    {"/taxii2/exchange/collections/c/objects", -1, "", "", ""},
    {"/taxii2/exchange/collections/c/objects//", -1, "", "", ""},
    {"/taxii2/exchange/collections/c/objects/o", -1, "", "", ""},
    {"/taxii2/exchange/collections/c/objects/o/versions", -1, "", "", ""},
    {"/taxii2/exchange/collections/c/objects/o/versions/v/", -1, "", "", ""},
    {"/taxii2/exchange/collections/c/objects/o/version/", -1, "", "", ""},
    {"/taxii2/exchange/collections/c/manifest/o/", -1, "", "", ""},
    {"/taxii2/exchange/collections/c/manifests/", -1, "", "", ""},
};

static void
each_path_leads_where_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct taxii_ask a;
        int r = taxii_route(slice_of(paths[i].path), &a);

        if (r != (paths[i].what < 0 ? ERR_NOTFOUND : 0))
            fail_msg("%s: %d", paths[i].path, r);
        if (r < 0)
            continue;
        assert_int_equal(a.what, paths[i].what);
        assert_true(slice_is(a.collection, paths[i].collection));
        assert_true(slice_is(a.object, paths[i].object));
        assert_true(slice_is(a.status, paths[i].status));
        assert_int_equal(a.query.id.count, a.object.len > 0);
        assert_false(a.has_limit || a.has_after || a.has_version || a.seen != 0);
    }
    assert_int_equal(taxii_methods(TAXII_OBJECTS_OF), TAXII_GET | TAXII_POST);
    assert_int_equal(taxii_methods(TAXII_OBJECT), TAXII_GET | TAXII_DELETE);
    assert_int_equal(taxii_methods(TAXII_MANIFEST), TAXII_GET);
}

/* ---- parameters -------------------------------------------------------------------------- */

static struct taxii_ask
asked(void)
{
    struct taxii_ask a;

    assert_int_equal(taxii_route(SLICE("/taxii2/exchange/collections/c/objects/"), &a), 0);
    return a;
}

static const struct {
    const char *name, *value;
    bool good;
} parameters[] = {
    {"limit", "1", true},
    {"limit", "007", true},
    {"limit", "4294967296", true},
    {"limit", "99999999999999999999999999", true},
    {"limit", "0", false},
    {"limit", "000", false},
    {"limit", "", false},
    {"limit", "-1", false},
    {"limit", "+1", false},
    {"limit", " 1", false},
    {"limit", "1.0", false},
    {"limit", "1e3", false},
    {"limit", "99999999999999999999999999x", false},
    {"added_after", "2026-03-01T12:00:00Z", true},
    {"added_after", "2026-03-01T12:00:00.1Z", true},
    {"added_after", "2026-03-01T12:00:00.123456Z", true},
    {"added_after", "2026-03-01T12:00:00.123456789Z", true},
    {"added_after", "2026-03-01T12:00:00", false},
    {"added_after", "2026-03-01 12:00:00Z", false},
    {"added_after", "2026-03-01T12:00:00+01:00", false},
    {"added_after", "2026-03-01", false},
    {"added_after", "2026-02-30T12:00:00Z", false},
    {"added_after", "2026-03-01T25:00:00Z", false},
    {"added_after", "yesterday", false},
    {"added_after", "", false},
    {"next", "anything", true}, /* judged where it is read */
    {"next", "", false},
    {"match[id]", "x", true},
    {"match[id]", "x,y", true},
    {"match[id]", "", false},
    {"match[id]", ",", false},
    {"match[id]", "x,", false},
    {"match[id]", ",x", false},
    {"match[id]", "x,,y", false},
    {"match[type]", "indicator,malware", true},
    {"match[type]", "indicator,", false},
    {"match[spec_version]", "2.0,2.1", true},
    {"match[spec_version]", "", false},
    {"match[version]", "first", true},
    {"match[version]", "first,last", true},
    {"match[version]", "all", true},
    {"match[version]", "2026-03-01T12:00:00Z,last", true},
    {"match[version]", "all,last", false},
    {"match[version]", "all,2026-03-01T12:00:00Z", false},
    {"match[version]", "all,all", false},
    {"match[version]", "newest", false},
    {"match[version]", "First", false},
    {"match[version]", "2026", false},
    {"match[version]", ",", false},
    {"match[version]", "", false},
    {"match[x]", "", true}, /* passed over */
    {"Limit", "x", true},
    {"", "", true},
};

static void
parameters_are_taken_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(parameters); i++) {
        struct taxii_ask a = asked();
        struct errinfo ei = {0};
        int r =
            taxii_take(&a, slice_of(parameters[i].name), slice_of(parameters[i].value), &ei);

        if (r != (parameters[i].good ? 0 : ERR_INVALID))
            fail_msg("%s=%s: %d", parameters[i].name, parameters[i].value, r);
        assert_true(r == 0 || (ei.text[0] != '\0' && strchr(ei.text, '\n') == NULL));
    }
}

static void
what_they_say_is_kept(void **state)
{
    struct taxii_ask a = asked();
    struct errinfo ei;

    (void)state;
    assert_int_equal(taxii_take(&a, SLICE("limit"), SLICE("25"), &ei), 0);
    assert_int_equal(
        taxii_take(&a, SLICE("added_after"), SLICE("1970-01-01T00:00:01.000002Z"), &ei), 0);
    assert_int_equal(taxii_take(&a, SLICE("match[type]"), SLICE("a,b,c"), &ei), 0);
    assert_int_equal(taxii_take(&a, SLICE("match[version]"),
                                SLICE("1970-01-01T00:00:02Z,first,1970-01-01T00:00:03Z"), &ei),
                     0);
    assert_true(a.has_limit && a.limit == 25);
    assert_true(a.has_after && a.after.us == 1000002);
    assert_int_equal(a.query.type.count, 3);
    assert_true(slice_is(a.query.type.at[2], "c"));
    assert_true(a.has_version && a.query.first && !a.query.last && !a.query.all);
    assert_int_equal(a.query.versions, 2);
    assert_int_equal(a.query.version[1].us, 3000000);
    /* each once, though the second says the same */
    assert_int_equal(taxii_take(&a, SLICE("limit"), SLICE("25"), &ei), ERR_INVALID);
    assert_non_null(strstr(ei.text, "twice"));
}

static void
lists_have_an_end(void **state)
{
    static const char *const names[] = {"match[id]", "match[type]", "match[spec_version]"};
    char text[4 * (MATCH_VALUES + 1)];

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        for (unsigned n = MATCH_VALUES; n <= MATCH_VALUES + 1; n++) {
            struct taxii_ask a = asked();
            struct errinfo ei;

            for (unsigned k = 0; k < n; k++)
                memcpy(text + (size_t)k * 2, "x,", 2);
            assert_int_equal(taxii_take(&a, slice_of(names[i]),
                                        (struct slice){text, (size_t)n * 2 - 1}, &ei),
                             n > MATCH_VALUES ? ERR_INVALID : 0);
        }
    }
    for (unsigned n = MATCH_VALUES; n <= MATCH_VALUES + 1; n++) {
        static const char time[] = "2026-03-01T12:00:00Z,";
        char times[(sizeof time - 1) * (MATCH_VALUES + 1)];
        struct taxii_ask a = asked();
        struct errinfo ei;

        for (unsigned k = 0; k < n; k++)
            memcpy(times + k * (sizeof time - 1), time, sizeof time - 1);
        assert_int_equal(taxii_take(&a, SLICE("match[version]"),
                                    (struct slice){times, n * (sizeof time - 1) - 1}, &ei),
                         n > MATCH_VALUES ? ERR_INVALID : 0);
    }
}

static void
an_object_s_path_says_its_id(void **state)
{
    struct taxii_ask a;
    struct errinfo ei;

    (void)state;
    assert_int_equal(taxii_route(SLICE("/taxii2/exchange/collections/c/objects/o/"), &a), 0);
    assert_int_equal(taxii_take(&a, SLICE("match[id]"), SLICE("x,y"), &ei), 0);
    assert_int_equal(a.query.id.count, 1);
    assert_true(slice_is(a.query.id.at[0], "o"));
}

/* ---- headers ----------------------------------------------------------------------------- */

#define T "application/taxii+json"

static const struct {
    const char *header;
    bool accepts, content;
} headers[] = {
    {"", true, false},
    {" \t", true, false},
    {T, true, true},
    {T ";version=2.1", true, true},
    {T "; version=2.1", true, true},
    {"\t" T " ;\tversion=2.1 ", true, true},
    {T ";version=\"2.1\"", true, true},
    {"APPLICATION/Taxii+JSON;VERSION=2.1", true, true},
    {T ";charset=utf-8;version=2.1", true, true},
    {T ";charset=utf-8", true, true},
    {T ";", true, true},
    {T ";version=2.0", false, false},
    {T ";version=2", false, false},
    {T ";version=", false, false},
    {T ";version=2.10", false, false},
    {T ";version=\"2.1", false, false},
    {T "x", false, false},
    {"application/taxii", false, false},
    {"application/json", false, false},
    {"application/vnd.oasis.taxii+json", false, false},
    {"application/stix+json;version=2.1", false, false},
    {"text/html", false, false},
    {"*/*", true, false},
    {"application/*", true, false},
    {"*", false, false},
    {"text/*", false, false},
    {"*/*;q=0", false, false},
    {"*/*;q=0.001", true, false},
    {T ";q=0", false, true},
    {T ";q=0.000", false, true},
    {T ";q=0.", false, true},
    {T ";q=1", true, true},
    {T ";version=2.1;q=0.5", true, true},
    {"text/html," T, true, false},
    {"text/html , */*;q=0.1", true, false},
    {T ";version=2.0, " T ";version=2.1", true, false},
    {T ";version=2.1;q=0, */*", false, true}, /* the closest range decides */
    {"*/*, " T ";q=0.0", false, false},
    {T ";q=0, " T ";version=2.1", true, true},
    {"application/*;q=0, */*", false, false},
    {",,,", false, false},
    {";;;", false, false},
    {",", false, false},
    {"=;=,=", false, false},
};

static void
headers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        if (taxii_accepts(slice_of(headers[i].header)) != headers[i].accepts)
            fail_msg("Accept: %s", headers[i].header);
        if (strchr(headers[i].header, ',') == NULL && /* lists are none of a Content-Type */
            taxii_is_content(slice_of(headers[i].header)) != headers[i].content)
            fail_msg("Content-Type: %s", headers[i].header);
    }
}

/* ---- cursors ----------------------------------------------------------------------------- */

/* Questions of which no two are the same. */
static const struct {
    const char *path, *name, *value;
    int64_t collection;
} questions[] = {
    {"/taxii2/exchange/collections/c/objects/", "x", "", 1},
    {"/taxii2/exchange/collections/c/objects/", "x", "", 2},
    {"/taxii2/exchange/collections/c/manifest/", "x", "", 1},
    {"/taxii2/exchange/collections/c/objects/o/", "x", "", 1},
    {"/taxii2/exchange/collections/c/objects/p/", "x", "", 1},
    {"/taxii2/exchange/collections/c/objects/o/versions/", "x", "", 1},
    {"/taxii2/exchange/collections/c/objects/", "added_after", "1970-01-01T00:00:00Z", 1},
    {"/taxii2/exchange/collections/c/objects/", "added_after", "1970-01-01T00:00:01Z", 1},
    {"/taxii2/exchange/collections/c/objects/", "match[id]", "q", 1},
    {"/taxii2/exchange/collections/c/objects/", "match[type]", "q", 1},
    {"/taxii2/exchange/collections/c/objects/", "match[type]", "q,r", 1},
    {"/taxii2/exchange/collections/c/objects/", "match[spec_version]", "q", 1},
    {"/taxii2/exchange/collections/c/objects/", "match[version]", "all", 1},
    {"/taxii2/exchange/collections/c/objects/", "match[version]", "first", 1},
    {"/taxii2/exchange/collections/c/objects/", "match[version]", "first,last", 1},
    {"/taxii2/exchange/collections/c/objects/", "match[version]", "1970-01-01T00:00:01Z", 1},
};

static void
ask_question(size_t i, struct taxii_ask *ret)
{
    struct errinfo ei;

    assert_int_equal(taxii_route(slice_of(questions[i].path), ret), 0);
    assert_int_equal(
        taxii_take(ret, slice_of(questions[i].name), slice_of(questions[i].value), &ei), 0);
}

static void
a_cursor_is_of_its_question(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (size_t i = 0; i < COUNT(questions); i++) {
        struct utime place = {(int64_t)(next_random(&seed) % (uint64_t)TIME_MAX.us)};
        struct taxii_ask a;
        AUTO_BUF(cursor, 256);

        ask_question(i, &a);
        taxii_put_cursor(&cursor, &a, questions[i].collection, place);
        for (size_t k = 0; k < COUNT(questions); k++) {
            struct utime got = {-7};
            struct taxii_ask b;
            int r;

            ask_question(k, &b);
            b.next = buf_get(&cursor);
            b.limit = k; /* how many are wanted is another matter */
            r = taxii_read_cursor(&b, questions[k].collection, &got);
            assert_int_equal(r, i == k ? 0 : ERR_INVALID);
            assert_true(r < 0 || got.us == place.us);
        }
    }
}

static void
a_bent_cursor_is_none(void **state)
{
    struct taxii_ask a;
    struct utime got;
    AUTO_BUF(cursor, 256);
    char bent[256];
    size_t n;

    (void)state;
    ask_question(0, &a);
    taxii_put_cursor(&cursor, &a, 1, (struct utime){0x123456789abcd});
    n = cursor.len;
    for (size_t i = 0; i <= n; i++) {
        a.next = (struct slice){cursor.ptr, i};
        assert_int_equal(taxii_read_cursor(&a, 1, &got), i == n ? 0 : ERR_INVALID);
    }
    memcpy(bent, cursor.ptr, n);
    bent[n] = '0';
    a.next = (struct slice){bent, n + 1};
    assert_int_equal(taxii_read_cursor(&a, 1, &got), ERR_INVALID);
    for (size_t i = 0; i < n; i++) {
        for (unsigned c = 0; c < 256; c++) {
            int r;

            memcpy(bent, cursor.ptr, n);
            bent[i] = (char)c;
            a.next = (struct slice){bent, n};
            r = taxii_read_cursor(&a, 1, &got);
            assert_true(r == 0 || r == ERR_INVALID);
            if (i >= n / 2 && bent[i] != cursor.ptr[i])
                assert_int_equal(r, ERR_INVALID); /* of the question */
            assert_true(r < 0 || (got.us >= 0 && got.us <= TIME_MAX.us));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_leads_where_it_should),
        cmocka_unit_test(parameters_are_taken_or_refused),
        cmocka_unit_test(what_they_say_is_kept),
        cmocka_unit_test(lists_have_an_end),
        cmocka_unit_test(an_object_s_path_says_its_id),
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(a_cursor_is_of_its_question),
        cmocka_unit_test(a_bent_cursor_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
