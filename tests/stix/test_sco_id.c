/* Ids of observables: those that the standard and OASIS print, and by two ways the same.
 * test_sco_id [SHARED-DATA] */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stix/object.h"
#include "stix/sco_id.h"

static const char *shared;
static bool missing;

/* The first is the standard's own example (2.9); 6.7.3 prints another for the same address,
 * which no one can make again. */
static const struct {
    const char *json;
    const char *id; /* NULL random, "" none of the standard's, "!" no canonical form */
} rows[] = {
    {"{\"type\":\"ipv4-addr\",\"value\":\"198.51.100.3\"}",
     "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"},
    {"{\"type\":\"ipv6-addr\",\"value\":\"2001:db8::1\"}",
     "ipv6-addr--6469e3a9-b053-5e34-a025-9396ae051d26"},
    {"{\"type\":\"domain-name\",\"value\":\"example.com\",\"resolves_to_refs\":[\"x\"]}",
     "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"},
    {"{\"type\":\"file\",\"size\":83968,\"name\":\"resume.pdf\",\"hashes\":{\"SHA-1\":"
     "\"c79a326f8411e9488bdc3779753e1e3489aaedea\",\"MD5\":"
     "\"1717b7fff97d37a1e1a0029d83492de1\"}}",
     "file--364fe3e5-b1f4-5ba3-b951-ee5983b3538d"},
    {"{\"type\":\"process\",\"pid\":1}", NULL},
    {"{\"type\":\"file\",\"size\":1}", NULL},
    {"{\"type\":\"file\",\"name\":null}", NULL},
    {"{\"type\":\"artifact\",\"hashes\":{}}", NULL},
    {"{\"type\":\"artifact\",\"hashes\":7}", NULL},
    {"{\"type\":\"tool\",\"name\":\"x\"}", ""},
    {"{\"type\":\"x-own\",\"name\":\"x\"}", ""},
    {"{\"name\":\"x\"}", ""},
    {"[]", ""},
    {"{\"type\":\"autonomous-system\",\"number\":1e999}", "!"},
    {"{\"type\":\"file\",\"name\":\"x\",\"extensions\":{\"a\":1,\"a\":2}}", "!"}};

static int
id_of(const char *json, struct stix_id *ret)
{
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    char text[1024];
    AUTO_ARENA(arena);

    assert_int_equal(arena_init(&arena, 1 << 16), 0);
    (void)snprintf(text, sizeof text, "%s", json);
    assert_int_equal(dom_read(text, strlen(text), &arena, &d, &ei), 0);
    return sco_id_of(d, ret);
}

static void
test_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct stix_id id = {.len = 0};
        int r = id_of(rows[i].json, &id);
        const char *wanted = rows[i].id == NULL ? "" : rows[i].id;

        if (rows[i].id == NULL) {
            assert_int_equal(r, SCO_ID_RANDOM);
        } else if (wanted[0] == '\0') {
            assert_int_equal(r, ERR_NOTFOUND);
        } else if (wanted[0] == '!') {
            assert_int_equal(r, ERR_INVALID);
        } else {
            assert_int_equal(r, 0);
            assert_string_equal(id.text, wanted);
            assert_true(stix_is_id(stix_id_slice(&id), SLICE("")));
        }
    }
}

/* From values as from the object that they make. */
static void
test_values(void **state)
{
    static const struct {
        const char *prefix, *json;
    } list[] = {{"198.51.100.3", "{\"type\":\"ipv4-addr\",\"value\":\"198.51.100.3\"}"},
                {"203.0.113.0/24", "{\"type\":\"ipv4-addr\",\"value\":\"203.0.113.0/24\"}"},
                {"2001:db8::1", "{\"type\":\"ipv6-addr\",\"value\":\"2001:db8::1\"}"},
                {"2001:db8::/32", "{\"type\":\"ipv6-addr\",\"value\":\"2001:db8::/32\"}"}};
    struct stix_id a;
    struct stix_id b;

    (void)state;
    for (size_t i = 0; i < COUNT(list); i++) {
        struct prefix p;

        assert_int_equal(prefix_parse(slice_of(list[i].prefix), &p), 0);
        assert_int_equal(id_of(list[i].json, &a), 0);
        b = sco_id_prefix(&p);
        assert_string_equal(a.text, b.text);
        b = sco_id_addr(&p.addr);
        assert_int_equal(strcmp(a.text, b.text) == 0, p.len == 128);
    }
    assert_int_equal(id_of("{\"type\":\"autonomous-system\",\"number\":4294967295}", &a), 0);
    b = sco_id_as(UINT32_MAX);
    assert_string_equal(a.text, b.text);
    assert_int_equal(id_of("{\"type\":\"url\",\"value\":\"http://x/\\u00e9\\\"\\n\"}", &a), 0);
    assert_int_equal(sco_id_value("url", SLICE("http://x/\xc3\xa9\"\n"), &b), 0);
    assert_string_equal(a.text, b.text);
}

static void
test_traffic(void **state)
{
    static const struct slice protocols[] = {{"ipv4", 4}, {"tcp", 3}};
    static const struct utime when = {1};
    struct sco_traffic t = {.protocols = protocols,
                            .protocol_count = 2,
                            .has_dst_port = true,
                            .dst_port = 0,
                            .src = SLICE("ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd")};
    struct stix_id a;
    struct stix_id b;

    (void)state;
    assert_int_equal(
        id_of("{\"protocols\":[\"ipv4\",\"tcp\"],\"type\":\"network-traffic\",\"src_ref\":"
              "\"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd\",\"dst_port\":0}",
              &a),
        0);
    assert_int_equal(sco_id_traffic(&t, &b), 0);
    assert_string_equal(a.text, b.text);
    t.has_src_port = true;
    t.src_port = 65535;
    t.dst = SLICE("domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7");
    t.start = t.end = &when;
    assert_int_equal(
        id_of("{\"start\":\"1970-01-01T00:00:00.000001Z\",\"protocols\":[\"ipv4\",\"tcp\"],"
              "\"src_port\":65535,\"end\":\"1970-01-01T00:00:00.000001Z\",\"type\":"
              "\"network-traffic\",\"src_ref\":\"ipv4-addr--ff26c055-6336-5bc5-b98d-"
              "13d6226742dd\",\"dst_ref\":\"domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7\""
              ",\"dst_port\":0}",
              &a),
        0);
    assert_int_equal(sco_id_traffic(&t, &b), 0);
    assert_string_equal(a.text, b.text);
}

static void
test_others(void **state)
{
    static const uint8_t ones[UUID_SIZE] = {255, 255, 255, 255, 255, 255, 255, 255,
                                            255, 255, 255, 255, 255, 255, 255, 255};
    struct stix_id id = stix_id_random(SLICE("incident"), ones);

    (void)state;
    assert_string_equal(id.text, "incident--ffffffff-ffff-4fff-bfff-ffffffffffff");
    /* uuid.uuid5(UUID(STIX_OWN_NAMESPACE), "identity:north") of Python */
    id = stix_id_named(SLICE("identity"), SLICE("north"));
    assert_string_equal(id.text, "identity--cb275850-66c4-5453-bf0e-421f101ee7b4");
    assert_true(stix_is_id(stix_id_slice(&id), SLICE("identity")));
}

/* Those of OASIS's examples whose version is 5, and that can be made again. */
static void
test_examples(void **state)
{
    static const char path_end[] = "/data/stix/oasis-examples/sighting-of-observed-data.json";
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    char path[4096];
    char *text = malloc(1 << 20);
    unsigned same = 0;
    size_t n;
    FILE *f;
    AUTO_ARENA(arena);

    (void)state;
    (void)snprintf(path, sizeof path, "%s%s", shared == NULL ? "" : shared, path_end);
    f = shared == NULL ? NULL : fopen(path, "re");
    if (f == NULL) {
        free(text);
        missing = true;
        skip();
    }
    assert_non_null(text);
    n = fread(text, 1, 1 << 20, f);
    (void)fclose(f);
    assert_int_equal(arena_init(&arena, (size_t)DOM_ROOM * n + DOM_LEAST), 0);
    assert_int_equal(dom_read(text, n, &arena, &d, &ei), 0);
    d = d->kind == DOM_ARRAY ? d : dom_get(d, SLICE("objects"));
    for (const struct dom *o = d->first; o != NULL; o = o->next) {
        struct slice id = dom_text(dom_get(o, SLICE("id")));
        struct stix_id own;

        if (id.len > 36 && id.ptr[id.len - 22] == '5') {
            assert_int_equal(sco_id_of(o, &own), 0);
            same += slice_eq(id, stix_id_slice(&own));
        }
    }
    assert_int_equal(same, 2);
    free(text);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printed), cmocka_unit_test(test_values),
        cmocka_unit_test(test_traffic), cmocka_unit_test(test_others),
        cmocka_unit_test(test_examples)};
    int r;

    shared = argc > 1 ? argv[1] : NULL;
    r = cmocka_run_group_tests(tests, NULL, NULL);
    return r == 0 && missing ? 77 : r;
}
