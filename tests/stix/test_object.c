/* What is wrong with an object of STIX, and where. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stix/object.h"

#define U "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
#define SDO(type, more)                                                                       \
    "{\"type\":\"" type "\",\"spec_version\":\"2.1\",\"id\":\"" type "--" U "\",\"created\":" \
    "\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\"" more "}"
#define SCO(type, more) "{\"type\":\"" type "\",\"id\":\"" type "--" U "\"" more "}"

static void
tell(void *arg, const struct stix_fault *f)
{
    struct buf *b = arg;

    if (b->len > 0)
        buf_text(b, "; ");
    buf_slice(b, f->path);
    buf_printf(b, "%s%s", f->path.len > 0 ? ": " : "", f->reason);
}

static const struct {
    const char *json;
    const char *faults;
} rows[] = {
    {SDO("identity", ",\"name\":\"x\""), ""},
    {"[]", "is no object"},
    {"{}", "needs `type`; needs `id`"},
    {SCO("bundle", ",\"objects\":[{}]"),
     "a bundle is no object: give the objects in it, one by one"},
    {SDO("sighting", ",\"sighting_of_ref\":\"url--" U "\""),
     "sighting_of_ref: is the id of a domain object, and an observable is none"},
    {SDO("sighting", ",\"sighting_of_ref\":\"x-own--" U "\""), ""},
    {SDO("identity", ""), "needs `name`"},
    {SCO("identity", ",\"name\":\"x\""),
     "needs `spec_version`; needs `created`; needs `modified`"},
    {"{\"type\":\"Identity\",\"id\":\"Identity--" U "\"}",
     "its `type` has a to z, 0 to 9 and single hyphens, 3 to 250 of them; its `id` is its "
     "type, "
     "-- and a UUID of RFC 4122"},
    {"{\"type\":\"url\",\"id\":\"file--" U "\",\"value\":\"x\"}",
     "its `id` is its type, -- and a UUID of RFC 4122"},
    {"{\"type\":\"url\",\"id\":\"url--8e2e2d2b-17d4-6cbf-938f-98ee46b3cd3f\",\"value\":\"x\"}",
     "its `id` is its type, -- and a UUID of RFC 4122"},
    {SDO("x-own", ",\"x_a\":{\"b\":[1,\"c\",{\"d\":true}]}"), ""},
    {SCO("x-own", ",\"x_a\":{\"b\":[1,null,[]]}"),
     "x_a.b[1]: is null: what has no value is left out; x_a.b[2]: is an empty list: it is left "
     "out"},
    {SCO("url", ",\"value\":\"x\",\"X-Own\":1"),
     "X-Own: a property's name has a to z, 0 to 9 and _, 3 to 250 of them"},
    {SCO("url", ",\"value\":7"), "value: is text"},
    {SCO("url", ",\"value\":\"x\",\"value\":\"y\""), "value: stands here twice"},
    {SDO("identity", ",\"name\":\"x\",\"spec_version\":\"2.0\""),
     "its `spec_version` is 2.1; spec_version: stands here twice"},
    {SDO("identity", ",\"name\":\"x\",\"created_by_ref\":\"tool--" U "\""),
     "created_by_ref: is the id of an identity"},
    {SDO("identity", ",\"name\":\"x\",\"created_by_ref\":\"me\""),
     "created_by_ref: is an id, as identity--<UUID>"},
    {SDO("identity", ",\"name\":\"x\",\"object_marking_refs\":[\"identity--" U "\"]"),
     "object_marking_refs: is the id of a marking-definition"},
    {SDO("identity", ",\"name\":\"x\",\"labels\":[]"),
     "labels: is an empty list: it is left out"},
    {SDO("identity", ",\"name\":\"x\",\"labels\":[\"a\",1]"), "labels[1]: is text"},
    {SDO("identity", ",\"name\":\"x\",\"confidence\":101"),
     "confidence: is a whole number from 0 to 100"},
    {SDO("identity", ",\"name\":\"x\",\"confidence\":1.5"),
     "confidence: is a whole number from 0 to 100"},
    {SDO("identity", ",\"name\":\"x\",\"revoked\":\"no\""), "revoked: is true or false"},
    {SDO("identity",
         ",\"name\":\"x\",\"external_references\":[{\"url\":\"u\"},{\"source_name\":"
         "\"s\"}]"),
     "external_references[0]: needs `source_name`; external_references[1]: needs one of "
     "`description`, `url`, `external_id`"},
    {SDO("identity",
         ",\"name\":\"x\",\"granular_markings\":[{\"marking_ref\":\"marking-definition"
         "--" U "\",\"selectors\":[\"name\",\"labels.[0]\"]}]"),
     "granular_markings[0].selectors: selects what is not there"},
    {SDO("identity",
         ",\"name\":\"x\",\"labels\":[\"l\"],\"granular_markings\":[{\"lang\":\"en\","
         "\"selectors\":[\"labels.[0]\"]}]"),
     ""},
    {SDO("identity", ",\"name\":\"x\",\"granular_markings\":[{\"selectors\":[]}]"),
     "granular_markings[0]: has either `marking_ref` or `lang`; "
     "granular_markings[0].selectors: is "
     "a list of selectors; granular_markings[0].selectors: is an empty list: it is left out"},
    {SDO("campaign", ",\"name\":\"x\",\"first_seen\":\"2026-01-01T00:00:00.1Z\",\"last_seen\":"
                     "\"2026-01-01T00:00:00.09Z\""),
     "last_seen: lies before `first_seen`"},
    {SDO("campaign", ",\"name\":\"x\",\"first_seen\":\"2026-02-29T00:00:00Z\""),
     "first_seen: is a time in UTC, as 2026-01-02T03:04:05.678Z"},
    {SDO("campaign",
         ",\"name\":\"x\",\"first_seen\":\"1601-01-01T00:00:00.0000001Z\",\"last_seen\":"
         "\"1601-01-01T00:00:00.0000002Z\""),
     ""},
    {SDO("campaign", ",\"name\":\"x\",\"first_seen\":\"2026-01-01T00:00:00+01:00\""),
     "first_seen: is a time in UTC, as 2026-01-02T03:04:05.678Z"},
    {"{\"type\":\"tool\",\"spec_version\":\"2.1\",\"id\":\"tool--" U
     "\",\"created\":\"2026-01-02T00:00:"
     "00Z\",\"modified\":\"2026-01-01T00:00:00Z\",\"name\":\"x\"}",
     "modified: lies before `created`"},
    {SDO("indicator",
         ",\"pattern\":\"[a:b = 1]\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-"
         "01-01T00:00:00Z\",\"valid_until\":\"2026-01-01T00:00:00.000Z\""),
     "valid_until: is not behind `valid_from`"},
    {SDO("indicator",
         ",\"pattern\":\"[a:b = 1\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-"
         "01-01T00:00:00Z\""),
     "pattern: is no STIX pattern: 1:9: AND, OR or ] is expected here"},
    {SDO("indicator",
         ",\"pattern\":\"alert tcp\",\"pattern_type\":\"suricata\",\"valid_from\":"
         "\"2026-01-01T00:00:00Z\",\"kill_chain_phases\":[{\"phase_name\":\"x\"}]"),
     "kill_chain_phases[0]: needs `kill_chain_name` and `phase_name`"},
    {SDO("malware", ",\"is_family\":true"), "is a family, so it needs `name`"},
    {SDO("malware", ",\"is_family\":false"), ""},
    {SDO("location", ",\"latitude\":91"),
     "latitude: is a number from -90 to 90; has `latitude` and `longitude`, or neither"},
    {SDO("location", ",\"name\":\"x\""),
     "needs `region`, `country` or `latitude` and `longitude`"},
    {SDO("observed-data",
         ",\"first_observed\":\"2026-01-02T00:00:00Z\",\"last_observed\":\"2026-01-"
         "01T00:00:00Z\",\"number_observed\":0"),
     "number_observed: is a whole number from 1 to 999999999; last_observed: lies before "
     "`first_observed`; needs `object_refs`"},
    {SDO("opinion", ",\"opinion\":\"perhaps\",\"object_refs\":[\"tool--" U "\"]"),
     "opinion: is strongly-disagree, disagree, neutral, agree or strongly-agree"},
    {SDO("sighting", ",\"sighting_of_ref\":\"indicator--" U "\",\"count\":1000000000"),
     "count: is a whole number from 0 to 999999999"},
    {SCO("ipv4-addr", ",\"value\":\"198.51.100.0/24\""), ""},
    {SCO("ipv4-addr", ",\"value\":\"2001:db8::1\""),
     "value: is an address, or a prefix, of that family"},
    {SCO("ipv6-addr", ",\"value\":\"2001:db8::/32\""), ""},
    {SCO("network-traffic", ",\"protocols\":[\"tcp\"],\"dst_port\":65536"),
     "dst_port: is a port: 0 to 65535; needs `src_ref` or `dst_ref`"},
    {SCO("file", ""), "needs `hashes` or `name`"},
    {SCO("file", ",\"hashes\":{}"), "hashes: has hashes by the name of their function"},
    {SCO("file", ",\"hashes\":{\"MD5\":\"abc\",\"x-own\":\"1\",\"a b\":\"1\"}"),
     "hashes.MD5: is not as long as such a hash; hashes.a b: a hash's name has letters, "
     "digits, - "
     "and _"},
    {SCO("file", ",\"name\":\"x\",\"magic_number_hex\":\"abc\",\"size\":-1"),
     "magic_number_hex: has pairs of hex digits; size: is a whole number from 0, below 2^53"},
    {SCO("artifact", ",\"payload_bin\":\"a\""), "payload_bin: is base64"},
    {"{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"marking-definition--"
     "34098fce-"
     "860f-48ae-8e50-ebd3cc5e41da\",\"created\":\"2017-01-20T00:00:00.000Z\",\"definition_"
     "type\":"
     "\"tlp\",\"name\":\"TLP:GREEN\",\"definition\":{\"tlp\":\"green\"}}",
     ""},
    {"{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"marking-definition--"
     "34098fce-"
     "860f-48ae-8e50-ebd3cc5e41da\",\"created\":\"2017-01-20T00:00:00.000Z\",\"definition_"
     "type\":"
     "\"tlp\",\"definition\":{\"tlp\":\"white\"}}",
     "is none of the four marks of TLP 1 that STIX has"},
    {"{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"marking-definition--" U
     "\",\"created\":\"2017-01-20T00:00:00.000Z\",\"definition_type\":\"statement\","
     "\"definition\":{}}",
     "needs `definition.statement`"}};

static void
test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct dom *d = NULL;
        struct errinfo ei = {0};
        char json[1024];
        AUTO_BUF(told, 4096);
        AUTO_ARENA(arena);

        assert_int_equal(arena_init(&arena, 1 << 16), 0);
        (void)snprintf(json, sizeof json, "%s", rows[i].json);
        assert_int_equal(dom_read(json, strlen(json), &arena, &d, &ei), 0);
        (void)stix_check(d, tell, &told);
        buf_char(&told, '\0');
        if (strcmp(told.ptr, rows[i].faults) != 0)
            print_error("%s\n", rows[i].json);
        assert_string_equal(told.ptr, rows[i].faults);
    }
}

/* Of whatever precision. */
static void
test_times(void **state)
{
    static const char *const rising[] = {
        "0001-01-01T00:00:00Z",      "1600-02-29T00:00:00Z",     "1969-12-31T23:59:59.9Z",
        "1970-01-01T00:00:00Z",      "2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.0011Z",
        "2026-01-01T00:00:00.01Z",   "2026-01-01T00:00:01Z",     "2026-03-01T00:00:00Z",
        "2026-12-31T23:59:59.9999Z", "9999-12-31T23:59:59Z"};
    bool good;

    (void)state;
    for (size_t i = 0; i < COUNT(rising); i++) {
        for (size_t k = 0; k < COUNT(rising); k++) {
            assert_int_equal(stix_time_compare(slice_of(rising[i]), slice_of(rising[k]), &good),
                             (i > k) - (i < k));
            assert_true(good);
        }
    }
    assert_int_equal(stix_time_compare(SLICE("2026-01-01T00:00:00.100Z"),
                                       SLICE("2026-01-01T00:00:00.1Z"), &good),
                     0);
    assert_true(good);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_faults),
                                       cmocka_unit_test(test_times)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
