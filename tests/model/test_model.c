#include "model/addr.h"
#include "model/economy.h"
#include "model/event.h"
#include "model/text.h"
#include "unit.h"

/* ---- addresses ---- */

static void
addresses_have_one_form(void **state)
{
    static const char *const known[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:DB8::A", "2001:db8::a"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"::ffff:198.51.100.7", "198.51.100.7"},
        {"::ffff:0:1", "0.0.0.1"},
        {"::1.2.3.4", "::102:304"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    };
    struct addr a;
    char text[ADDR_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        assert_int_equal(addr_parse(slice_of(known[i][0]), &a), 0);
        assert_int_equal(addr_format(&a, text), strlen(known[i][1]));
        assert_string_equal(text, known[i][1]);
    }
}

static void
random_addresses_come_back(void **state)
{
    uint64_t seed = 5;
    char text[ADDR_TEXT];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct addr a;
        struct addr b;

        for (int k = 0; k < 16; k++) /* many zeros, so that runs of them occur */
            a.byte[k] = next_random(&seed) % 3 == 0 ? (uint8_t)next_random(&seed) : 0;
        assert_int_equal(addr_parse((struct slice){text, addr_format(&a, text)}, &b), 0);
        assert_true(addr_eq(&a, &b));
    }
}

static void
odd_addresses_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "1",
                                      "1.2.3",
                                      "1.2.3.256",
                                      "01.2.3.4",
                                      "1.2.3.4.5",
                                      "1.2.3.4 ",
                                      " ::1",
                                      ":::",
                                      "1::2::3",
                                      "12345::",
                                      "g::",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::",
                                      "fe80::1%1",
                                      "[::1]",
                                      "::1.2.3.4.5",
                                      "1.2.3.4::",
                                      "0x7f000001",
                                      ":1",
                                      "1:",
                                      "::1.2.3"};
    struct addr a;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(addr_parse(slice_of(bad[i]), &a), ERR_INVALID);
}

static void
prefixes_hold_no_host_bits(void **state)
{
    struct prefix p;
    struct addr a;
    char text[PREFIX_TEXT];

    (void)state;
    assert_int_equal(prefix_parse(SLICE("192.0.2.0/24"), &p), 0);
    assert_int_equal(p.len, 120);
    (void)prefix_format(&p, text);
    assert_string_equal(text, "192.0.2.0/24");
    assert_int_equal(addr_parse(SLICE("192.0.2.255"), &a), 0);
    assert_true(prefix_covers(&p, &a));
    assert_int_equal(addr_parse(SLICE("192.0.3.0"), &a), 0);
    assert_false(prefix_covers(&p, &a));
    assert_int_equal(prefix_parse(SLICE("192.0.2.1/24"), &p), ERR_INVALID);
    assert_int_equal(prefix_parse(SLICE("192.0.2.0/33"), &p), ERR_INVALID);
    assert_int_equal(prefix_parse(SLICE("2001:db8::/032"), &p), ERR_INVALID);
    assert_int_equal(prefix_parse(SLICE("2001:db8::/32"), &p), 0);
    assert_int_equal(prefix_parse(SLICE("::/0"), &p), 0);
    assert_int_equal(prefix_parse(SLICE("192.0.2.1"), &p), 0);
    (void)prefix_format(&p, text);
    assert_string_equal(text, "192.0.2.1/32");
}

/* ---- events ---- */

static void
event_names_come_back(void **state)
{
    (void)state;
    for (int k = 0; k < EVENT_KINDS; k++)
        assert_int_equal(event_kind_find(slice_of(event_kind_name((enum event_kind)k))), k);
    for (int c = 0; c < (int)CLASSES; c++) {
        const char *name = event_class_name((enum event_class)c);

        assert_int_equal(event_class_find(slice_of(name)), c);
        assert_true(text_is_class(slice_of(name)));
    }
    for (unsigned bit = 1; bit < EVENT_FLAGS; bit++)
        assert_true(strcmp(event_flag_name(bit - 1), event_flag_name(bit)) < 0);
    assert_int_equal(country_parse(SLICE("XN")), COUNTRY('X', 'N'));
    assert_int_equal(country_parse(SLICE("xn")), COUNTRY_UNKNOWN);
}

static void
event_ids_come_back(void **state)
{
    static const char *const bad[] = {"",
                                      "17",
                                      "17-",
                                      "-3",
                                      "017-3",
                                      "17-03",
                                      "17-4096",
                                      "17-3 ",
                                      "+1-2",
                                      "1--2",
                                      "9007199254740992-1"};
    struct event_id id;
    char text[EVENT_ID_TEXT];

    (void)state;
    assert_int_equal(event_id_parse(SLICE("9007199254740991-4095"), &id), 0);
    assert_int_equal(event_id_format(id, text), 21);
    assert_string_equal(text, "9007199254740991-4095");
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(event_id_parse(slice_of(bad[i]), &id), ERR_INVALID);
}

/* ---- names ---- */

static void
names_follow_their_grammar(void **state)
{
    static const char long_name[] =
        "sensor.sensor.sensor.sensor.sensor.sensor.sensor.sensor.sensor.64";

    _Static_assert(sizeof long_name - 1 == SENSOR_MAX + 1, "one more than may be");
    (void)state;
    assert_true(text_is_party(SLICE("a1")) && text_is_party(SLICE("cert-2-x")));
    assert_false(text_is_party(SLICE("a")) || text_is_party(SLICE("1a")));
    assert_false(text_is_party(SLICE("a--b")) || text_is_party(SLICE("a-")));
    assert_false(text_is_party(SLICE("aB")) || text_is_party(SLICE("a\n")));
    assert_false(text_is_party(SLICE("")));
    assert_true(text_is_class(SLICE("other")) && text_is_class(SLICE("a:b")));
    assert_false(text_is_class(SLICE(":ab")) || text_is_class(SLICE("ab:")));
    assert_false(text_is_class(SLICE("a:b:c")) || text_is_class(SLICE("abc")));
    assert_true(text_is_sensor(SLICE("eve")) && text_is_sensor(SLICE("Edge_1@a/b")));
    assert_false(text_is_sensor(SLICE("")) || text_is_sensor(SLICE("a b")));
    assert_false(text_is_sensor(SLICE("a\n")) || text_is_sensor(SLICE("\xff")));
    assert_true(text_is_sensor((struct slice){long_name, SENSOR_MAX}));
    assert_false(text_is_sensor((struct slice){long_name, SENSOR_MAX + 1}));
    assert_true(text_is_origin(SLICE("a.example/detente/log")));
    assert_false(text_is_origin(SLICE("a.example")) || text_is_origin(SLICE("a/b c")));
    assert_false(text_is_origin(SLICE("a/b+c")) || text_is_origin(SLICE("detente/x")));
    assert_false(text_is_origin(SLICE("cosignature/v1")) ||
                 text_is_origin(SLICE("a/\xc3\xa9")));
    assert_true(text_is_tlp(SLICE("TLP:AMBER+STRICT")));
    assert_false(text_is_tlp(SLICE("TLP:amber")) || text_is_tlp(SLICE("TLP:WHITE")));
}

static void
numbers_have_one_form(void **state)
{
    uint64_t n = 0;

    (void)state;
    assert_int_equal(text_number(SLICE("0"), 9, &n), 0);
    assert_int_equal(text_number(SLICE("255"), 255, &n), 0);
    assert_int_equal(n, 255);
    assert_int_equal(text_number(SLICE("256"), 255, &n), ERR_INVALID);
    assert_int_equal(text_number(SLICE("9223372036854775807"), INT64_MAX, &n), 0);
    assert_int_equal(text_number(SLICE("9223372036854775808"), INT64_MAX, &n), ERR_INVALID);
    assert_int_equal(text_number(SLICE("99999999999999999999"), INT64_MAX, &n), ERR_INVALID);
    assert_int_equal(text_number(SLICE("01"), 9, &n), ERR_INVALID);
    assert_int_equal(text_number(SLICE("+1"), 9, &n), ERR_INVALID);
    assert_int_equal(text_number(SLICE(""), 9, &n), ERR_INVALID);
}

static void
incident_ids_split_at_the_last_hyphen(void **state)
{
    struct incident_id id;
    char text[INCIDENT_ID_TEXT];

    (void)state;
    assert_int_equal(incident_id_parse(SLICE("cert-2-17"), &id), 0);
    assert_string_equal(id.notifier, "cert-2");
    assert_int_equal(id.n, 17);
    assert_int_equal(incident_id_format(&id, text), 9);
    assert_string_equal(text, "cert-2-17");
    assert_int_equal(incident_id_parse(SLICE("northland-0"), &id), ERR_INVALID);
    assert_int_equal(incident_id_parse(SLICE("northland"), &id), ERR_INVALID);
    assert_int_equal(incident_id_parse(SLICE("northland--1"), &id), ERR_INVALID);
}

/* ---- paths ---- */

static void
tile_paths_come_back(void **state)
{
    static const struct {
        const char *text;
        struct tile_path path;
    } known[] = {
        {"tile/0/000", {0, 0, 256, false}},
        {"tile/0/x001/x234/067", {1234067, 0, 256, false}},
        {"tile/63/999.p/255", {999, 63, 255, false}},
        {"tile/entries/x001/000.p/1", {1000, 0, 1, true}},
    };
    struct tile_path p;
    char text[TILE_PATH_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        assert_int_equal(tile_path_parse(slice_of(known[i].text), &p), 0);
        assert_true(p.n == known[i].path.n && p.level == known[i].path.level &&
                    p.width == known[i].path.width && p.entries == known[i].path.entries);
        assert_int_equal(tile_path_format(&p, text), strlen(known[i].text));
        assert_string_equal(text, known[i].text);
    }
}

static void
odd_paths_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "tile",
                                      "tile/0",
                                      "tile/0/",
                                      "tile/0/1",
                                      "tile/0/0000",
                                      "tile/00/000",
                                      "tile/64/000",
                                      "tile/0/x000/067",
                                      "tile/0/000.p/0",
                                      "tile/0/000.p/256",
                                      "tile/0/000.p/01",
                                      "tile/0/000.p",
                                      "tile/0/x001",
                                      "tile/0/001/002",
                                      "tile/0/000/",
                                      "/tile/0/000",
                                      "tile//000",
                                      "tile/entries/000.p/1/2",
                                      "tile/0/x999/x999/x999/x999/x999/x999/999"};
    struct tile_path p;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(tile_path_parse(slice_of(bad[i]), &p), ERR_INVALID);
    assert_true(text_is_bundle_path(SLICE("log/checkpoint")));
    assert_true(text_is_bundle_path(SLICE("pact/a1/pact")));
    assert_false(text_is_bundle_path(SLICE("pact/a1/pact/")));
    assert_false(text_is_bundle_path(SLICE("pact/a1/annex/b2")));
    assert_false(text_is_bundle_path(SLICE("pact/../pact")));
    assert_false(text_is_bundle_path(SLICE("log/checkpoint/")));
}

static void
paths_of_collections(void **state)
{
#define BOX "pact/a1/collection/01234567-89ab-4cde-8f01-23456789abcd"
    static const char *const bad[] = {
        BOX,
        BOX "/",
        BOX "/About",
        BOX "/about/",
        BOX "/00000",
        BOX "/0001",
        BOX "/000001",
        BOX "/0000a",
        BOX "/00001/",
        BOX "//00001",
        "pact/a1/collection/about",
        "pact/a1/collection/",
        "pact/a1/collection/0123456789ab-4cde-8f01-23456789abcd/about",
        "pact/a1/collection/01234567-89AB-4cde-8f01-23456789abcd/about",
        "pact/a1/collection/01234567-89ab-4cde-8f01-23456789abc/about",
        "pact/A/collection/01234567-89ab-4cde-8f01-23456789abcd/about"};

    (void)state;
    assert_true(text_is_bundle_path(SLICE(BOX "/about")));
    assert_true(text_is_bundle_path(SLICE(BOX "/00001")));
    assert_true(text_is_bundle_path(SLICE(BOX "/99999")));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(text_is_bundle_path(slice_of(bad[i])));
}

/* As the page has them: the first, the last, one with more than ASCII, and none. */
static void
economies_have_codes(void **state)
{
    (void)state;
    assert_int_equal(economy_code(SLICE("Afghanistan")), COUNTRY('A', 'F'));
    assert_int_equal(economy_code(SLICE("\xc3\x85land Islands")), COUNTRY('A', 'X'));
    assert_int_equal(economy_code(SLICE("Cura\xc3\xa7"
                                        "ao")),
                     COUNTRY('C', 'W'));
    assert_int_equal(economy_code(SLICE("Niger")), COUNTRY('N', 'E'));
    assert_int_equal(economy_code(SLICE("Nigeria")), COUNTRY('N', 'G'));
    assert_int_equal(economy_code(SLICE("Nige")), COUNTRY_UNKNOWN);
    assert_int_equal(economy_code(SLICE("\xff")), COUNTRY_UNKNOWN);
    assert_int_equal(economy_code(SLICE("")), COUNTRY_UNKNOWN);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_have_one_form),
        cmocka_unit_test(random_addresses_come_back),
        cmocka_unit_test(odd_addresses_are_refused),
        cmocka_unit_test(prefixes_hold_no_host_bits),
        cmocka_unit_test(event_names_come_back),
        cmocka_unit_test(event_ids_come_back),
        cmocka_unit_test(names_follow_their_grammar),
        cmocka_unit_test(numbers_have_one_form),
        cmocka_unit_test(incident_ids_split_at_the_last_hyphen),
        cmocka_unit_test(tile_paths_come_back),
        cmocka_unit_test(odd_paths_are_refused),
        cmocka_unit_test(paths_of_collections),
        cmocka_unit_test(economies_have_codes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
