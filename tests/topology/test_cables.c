/* Documents about submarine cables, into a file of our own and out of it again. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "topology/cables.h"

static int
add(struct cables_build *b, const char *text, struct errinfo *ei)
{
    char room[4096];

    (void)snprintf(room, sizeof room, "%s", text);
    return cables_build_add(b, room, strlen(room), ei);
}

static int
codes(struct cables_build *b, const char *text, struct errinfo *ei)
{
    char room[1024];

    (void)snprintf(room, sizeof room, "%s", text);
    return cables_build_codes(b, room, strlen(room), ei);
}

#define POINT(id, name) "{\"id\":\"" id "\",\"name\":\"" name "\",\"is_tbd\":\"false\"}"
#define CABLE(id, name, rfs, points)                                                      \
    "{\"id\":\"" id "\",\"name\":\"" name "\",\"cable_id\":7,\"landing_points\":[" points \
    "],\"length\":\"1 km\",\"rfs\":\"" rfs "\",\"owners\":\"O\",\"url\":null,\"notes\":null}"

static const char *const documents[] = {
    "[{\"id\":\"list\",\"name\":\"all\"}]",
    "{\"name\":\"Marsh, Rep.\",\"cables\":[{\"id\":\"a-b\"}],\"landing_points\":["
    "{\"id\":\"odd one\",\"is_tbd\":\"true\"}]}",
    CABLE("b-c", "B \\u2192 C", "2021 Q3",
          POINT("b1", "Bay, Westvale") "," POINT("c1", "Cove, Marsh, Rep.") "," POINT(
              "b1", "Bay, Westvale")),
    CABLE("a-b", "A", "2019 October", POINT("a1", "Ayr, Northland") "," POINT("b1", "Bay")),
    CABLE("a-b", "again", "2019", POINT("a1", "Ayr, Northland")),
    CABLE("none", "None", "2019", "{\"id\":\"t\",\"name\":\"t.b.d., X\",\"is_tbd\":true}"),
    CABLE("d", "D", "n.a.", POINT("d1", "Here") "," POINT("c2", "Cape, Dem. Rep.")),
    CABLE("e", "E", "2021", POINT("a1", "x")),
    "{\"id\":\"new\",\"rfs\":\"2021 July\",\"is_planned\":true,\"landing_points\":["
    "{\"id\":\"n\",\"name\":\"N\",\"country\":\"Northland\",\"is_tbd\":null}]}",
    "{\"id\":\"a1\",\"name\":\"a point\",\"cables\":[],\"landing_points\":[]}"};

static void
make(const char *const *list, size_t count, bool backwards, struct buf *to)
{
    struct snapshot_source source = {.name = "made.tar.gz", .lines = count};
    struct errinfo ei = {0};
    struct cables_build *b;

    assert_int_equal(cables_build_new(&b), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(add(b, list[backwards ? count - 1 - i : i], &ei), 0);
    assert_int_equal(codes(b, "name,code\nNorthland,XN\n\"Marsh, Rep.\",XM\nnobody,XX\n", &ei),
                     0);
    assert_int_equal(cables_build_write(b, "2021-07-15", &source, 1, to, &ei), 0);
    (void)cables_build_free(b);
}

static const struct cable *
cable(const struct cables *c, const char *id)
{
    uint32_t at = cables_find(c, slice_of(id));

    assert_true(at < c->cables);
    return &c->cable[at];
}

static struct slice
country_of(const struct cables *c, const char *point)
{
    uint32_t at = cables_find_point(c, slice_of(point));

    assert_true(at < c->points);
    at = c->point[at].country;
    return at == CABLES_NOWHERE ? SLICE("") : c->country[at].name;
}

static void
test_read(void **state)
{
    AUTO_BUF(text, CABLES_MAX);
    struct errinfo ei = {0};
    struct cables *c;

    (void)state;
    make(documents, COUNT(documents), false, &text);
    assert_int_equal(cables_read(buf_get(&text), &c, &ei), 0);
    assert_string_equal(c->date, "2021-07-15");
    assert_int_equal(c->sources, 1);
    assert_int_equal(c->source[0].lines, COUNT(documents));
    assert_int_equal(c->counts.others, 2);
    assert_int_equal(c->counts.twice, 1);
    assert_int_equal(c->counts.pointless, 1);
    assert_int_equal(c->counts.undetermined, 1);
    assert_int_equal(c->cables, 5);
    assert_int_equal(cable(c, "b-c")->points, 2); /* one stands there twice */
    assert_true(slice_is(cable(c, "b-c")->name, "B \xe2\x86\x92 C"));
    /* a country's own name counts before what stands behind the last comma */
    assert_true(slice_is(country_of(c, "c1"), "Marsh, Rep."));
    assert_true(slice_is(country_of(c, "c2"), "Dem. Rep."));
    assert_true(slice_is(country_of(c, "d1"), ""));
    assert_true(slice_is(country_of(c, "n"), "Northland"));
    assert_true(slice_is(country_of(c, "a1"), "Northland"));
    assert_int_equal(c->counts.nowhere, 1);
    assert_int_equal(c->countries, 4);
    assert_int_equal(c->counts.codeless, 2);
    assert_int_equal(c->country[1].code, COUNTRY('X', 'M'));
    assert_true(slice_is(c->country[1].name, "Marsh, Rep."));
    /* of July 2021: that quarter and that year are running, and so they are there */
    assert_int_equal(c->counts.planned, 1);
    assert_true(cable(c, "new")->planned);
    assert_int_equal(c->counts.running, 2);
    assert_int_equal(c->counts.undated, 1);
    assert_int_equal(cable(c, "a-b")->year, 2019);
    assert_int_equal(cable(c, "a-b")->month, 10);
    assert_int_equal(cable(c, "b-c")->month, 7);
    assert_int_equal(cable(c, "b-c")->months, 3);
    assert_int_equal(cables_find(c, SLICE("zz")), CABLES_NOWHERE);
    assert_int_equal(cables_find_point(c, SLICE("")), CABLES_NOWHERE);
    (void)cables_free(c);
}

/* The same whatever comes first. */
static void
test_order(void **state)
{
    const char *const list[] = {documents[1], documents[2], documents[6], documents[7]};
    AUTO_BUF(one, CABLES_MAX);
    AUTO_BUF(two, CABLES_MAX);

    (void)state;
    make(list, 3, false, &one);
    make(list, 3, true, &two);
    assert_true(slice_eq(buf_get(&one), buf_get(&two)));
}

static void
test_planned(void **state)
{
    static const struct {
        const char *rfs;
        bool planned;
        bool running;
    } rows[] = {{"2021 June", false, false},
                {"2021 July", false, true},
                {"2021 August", true, false},
                {"2021 Q2", false, false},
                {"2021 Q3", false, true},
                {"2021 Q4", true, false},
                {"2020", false, false},
                {"2021", false, true},
                {"2022", true, false},
                {"2020 December", false, false},
                {"2022 January", true, false},
                {"n.a.", false, false},
                {"", false, false},
                {"20221", false, false},
                {"1066", false, false},
                {"2021 Q5", false, true},
                {"2021 Brumaire", false, true},
                {"x021", false, false}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[512];
        const char *const list[] = {text};
        AUTO_BUF(bytes, CABLES_MAX);
        struct errinfo ei = {0};
        struct cables *c;

        (void)snprintf(text, sizeof text, CABLE("x", "X", "%s", POINT("p", "P, Q")),
                       rows[i].rfs);
        make(list, 1, false, &bytes);
        assert_int_equal(cables_read(buf_get(&bytes), &c, &ei), 0);
        assert_int_equal(c->cable[0].planned, rows[i].planned);
        assert_int_equal(c->counts.planned, rows[i].planned);
        assert_int_equal(c->counts.running, rows[i].running);
        (void)cables_free(c);
    }
}

static void
test_wrong(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
    } rows[] = {
        {"", 1},
        {"{\"id\":\"a\"", 1},
        {"{\n\"id\":\"a\",\n\"rfs\" 5}", 3},
        {"{\"id\":\"a b\",\"rfs\":\"2000\"}", 1},
        {"{\"id\":\"a\",\n\"landing_points\":[\n{\"name\":\"no id\"}]}", 3},
        {"{\"id\":\"a\",\"landing_points\":[{\"id\":\"p\",\"name\":\"a\\u0009b\"}]}", 1},
        {"{\"id\":\"a\",\"landing_points\":[{\"id\":\"p\"}]}\n{}", 2},
        {"{\"id\":\"\xff\"}", 1}};
    struct snapshot_source source = {.name = "x"};
    AUTO_BUF(out, CABLES_MAX);
    struct cables_build *b;
    struct errinfo ei = {0};

    (void)state;
    assert_int_equal(cables_build_new(&b), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        ei = (struct errinfo){.line = 0};
        assert_int_equal(add(b, rows[i].text, &ei), ERR_INVALID);
        assert_int_equal(ei.line, rows[i].line);
        assert_true(ei.text[0] != '\0');
    }
    assert_int_equal(codes(b, "name;code\n", &ei), ERR_INVALID);
    assert_int_equal(codes(b, "name,code\nA,XA\nB,xb\n", &ei), ERR_INVALID);
    assert_int_equal(ei.line, 3);
    assert_int_equal(ei.column, 3);
    assert_int_equal(codes(b, "name,code\nA,XA\nA,XB\n", &ei), ERR_INVALID);
    assert_int_equal(ei.line, 3);
    assert_int_equal(codes(b, "name,code\nA\n", &ei), ERR_INVALID);
    /* nothing of what was refused stays */
    assert_int_equal(cables_build_write(b, "2021-07-15", &source, 1, &out, &ei), ERR_INVALID);
    (void)cables_build_free(b);
}

/* No byte of it may be another one. */
static void
test_broken(void **state)
{
    AUTO_BUF(text, CABLES_MAX);
    struct errinfo ei = {0};
    struct cables *c;

    (void)state;
    make(documents, COUNT(documents), false, &text);
    for (size_t i = 0; i < text.len; i++) {
        text.ptr[i] ^= 1;
        assert_int_equal(cables_read(buf_get(&text), &c, &ei), ERR_INVALID);
        assert_null(c);
        text.ptr[i] ^= 1;
    }
    for (size_t n = 0; n < text.len; n++)
        assert_int_equal(cables_read(slice_sub(buf_get(&text), 0, n), &c, &ei), ERR_INVALID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read), cmocka_unit_test(test_order),
        cmocka_unit_test(test_planned), cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_broken)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
