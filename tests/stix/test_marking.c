/* What markings say of an object, alone and against a naive reading of random ones. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "stix/marking.h"

#define M      "marking-definition--"
#define WHITE  M "613f2e26-407d-48c7-9eca-b8e91df99dc9"
#define GREEN1 M "34098fce-860f-48ae-8e50-ebd3cc5e41da"
#define RED1   M "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
#define AMBER2 M "55d920b0-5e8b-4f79-9ee9-91f868d9b421"
#define STRICT M "939a9414-2ddd-4d32-a0cd-375ea402b003"

#define SAYS(kind, d) ",\"definition_type\":\"" kind "\",\"definition\":{" d "}"
#define STATEMENT     SAYS("statement", "\"statement\":\"s\"")
#define EXT(e)        ",\"extensions\":{" e "}"
#define TLP2(members) "\"" TLP_EXTENSION "\":{" members "}"
#define IEP(members)  "\"" IEP_EXTENSION "\":{" members "}"
#define MARKED(ids)   ",\"object_marking_refs\":[" ids "]"

/* The definitions that are there. */
static const struct {
    char id; /* its last letter */
    const char *more;
} definitions[] = {
    {'a', STATEMENT},
    {'b', SAYS("tlp", "\"tlp\":\"red\"")},
    {'c', EXT(TLP2("\"tlp_2_0\":\"amber+strict\""))},
    {'d', EXT(IEP("\"tlp\":\"amber\""))},
    {'e', STATEMENT EXT(TLP2("\"tlp_2_0\":\"green\"") "," IEP(""))},
    /* nothing that is known, or no more than a part of it */
    {'f', STATEMENT EXT("\"extension-definition--0\":{}")},
    {'g', SAYS("own", "")},
    {'h', ""},
    {'i', SAYS("tlp", "\"tlp\":\"purple\"")},
    {'j', ",\"definition_type\":\"statement\""},
    /* markings of markings, in a circle too */
    {'k', STATEMENT MARKED("\"" M "l\"")},
    {'l', STATEMENT MARKED("\"" M "k\",\"" STRICT "\"")},
    {'m', STATEMENT MARKED("\"" M "m\",\"" M "none\"")},
    {'o', EXT("")},
};

struct known {
    const struct dom *list;
    unsigned asked;
};

static const struct dom *
find(void *arg, struct slice id)
{
    struct known *k = arg;

    k->asked++;
    for (const struct dom *d = k->list->first; d != NULL; d = d->next) {
        if (slice_eq(dom_text(dom_get(d, SLICE("id"))), id))
            return d;
    }
    return NULL;
}

static const struct dom *
read_json(const char *json, char *room, size_t size, struct arena *a)
{
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    int n = snprintf(room, size, "%s", json);

    assert_true(n > 0 && (size_t)n < size);
    assert_int_equal(dom_read(room, (size_t)n, a, &d, &ei), 0);
    return d;
}

#define REFS(ids)     "{\"object_marking_refs\":[" ids "]}"
#define GRANULAR(ids) "{\"granular_markings\":[" ids "]}"
#define R(letter)     "\"" M letter "\""
#define G(id)         "{\"selectors\":[\"x\"],\"marking_ref\":\"" id "\"}"

static const struct {
    const char *json;
    struct marking is; /* tlp, unknown, tlps, statements, policies, granular, indirect */
} rows[] = {{"{}", {TLP_NONE, 0, 0, 0, 0, 0, 0}},
            {REFS("\"" WHITE "\""), {TLP_CLEAR, 0, 1, 0, 0, 0, 0}},
            {REFS("\"" AMBER2 "\",\"" GREEN1 "\""), {TLP_AMBER, 0, 2, 0, 0, 0, 0}},
            {REFS("\"" RED1 "\",\"" STRICT "\""), {TLP_RED, 0, 2, 0, 0, 0, 0}},
            {REFS(R("a")), {TLP_NONE, 0, 0, 1, 0, 0, 0}},
            {REFS(R("a") "," R("a")), {TLP_NONE, 0, 0, 1, 0, 0, 0}},
            {REFS(R("b")), {TLP_RED, 0, 1, 0, 0, 0, 0}},
            {REFS(R("c")), {TLP_AMBER_STRICT, 0, 1, 0, 0, 0, 0}},
            {REFS(R("d")), {TLP_AMBER, 0, 1, 0, 1, 0, 0}},
            {REFS(R("e")), {TLP_GREEN, 0, 1, 1, 1, 0, 0}},
            {REFS(R("f")), {TLP_NONE, 1, 0, 1, 0, 0, 0}},
            {REFS(R("g")), {TLP_NONE, 1, 0, 0, 0, 0, 0}},
            {REFS(R("h")), {TLP_NONE, 1, 0, 0, 0, 0, 0}},
            {REFS(R("i") ",\"" GREEN1 "\""), {TLP_GREEN, 1, 2, 0, 0, 0, 0}},
            {REFS(R("j")), {TLP_NONE, 1, 0, 0, 0, 0, 0}},
            {REFS(R("k")), {TLP_AMBER_STRICT, 0, 1, 2, 0, 0, 3}},
            {REFS(R("m")), {TLP_NONE, 1, 0, 1, 0, 0, 2}},
            {REFS(R("n")), {TLP_NONE, 1, 0, 0, 0, 0, 0}},
            {REFS(R("o")), {TLP_NONE, 1, 0, 0, 0, 0, 0}},
            {REFS(R("none")), {TLP_NONE, 1, 0, 0, 0, 0, 0}},
            {REFS("7,\"\""), {TLP_NONE, 2, 0, 0, 0, 0, 0}},
            {"{\"object_marking_refs\":\"" WHITE "\"}", {TLP_NONE, 1, 0, 0, 0, 0, 0}},
            {"{\"granular_markings\":{}}", {TLP_NONE, 1, 0, 0, 0, 0, 0}},
            {GRANULAR(G(RED1)), {TLP_RED, 0, 1, 0, 0, 1, 0}},
            {GRANULAR(G(WHITE) "," G(M "a")), {TLP_CLEAR, 0, 1, 1, 0, 2, 0}},
            {GRANULAR("{\"selectors\":[\"x\"],\"lang\":\"en\"}"), {TLP_NONE, 0, 0, 0, 0, 0, 0}},
            {GRANULAR("{\"selectors\":[\"x\"]},7"), {TLP_NONE, 2, 0, 0, 0, 2, 0}},
            /* what stands in it is marked too */
            {"{\"object_marking_refs\":[\"" WHITE
             "\"],\"objects\":{\"0\":{\"a\":[[],{}]},\"1\":"
             "{\"object_marking_refs\":[\"" RED1 "\"]}},\"z\":1}",
             {TLP_RED, 0, 2, 0, 0, 0, 0}},
            {"{\"objects\":[1,{\"x\":[" GRANULAR(G(M "a")) "]}," REFS("\"" AMBER2 "\"") "]}",
             {TLP_AMBER, 0, 1, 1, 0, 1, 0}},
            {"{\"x\":{\"object_marking_refs\":\"" WHITE "\"}}", {TLP_NONE, 1, 0, 0, 0, 0, 0}}};

static void
test_said(void **state)
{
    static char room[1 << 14];
    struct known known = {NULL, 0};
    AUTO_BUF(list, 1 << 14);
    AUTO_ARENA(arena);

    (void)state;
    assert_int_equal(arena_init(&arena, 1 << 18), 0);
    buf_text(&list, "[{\"type\":\"tool\",\"id\":\"" M "n\"}");
    for (size_t i = 0; i < COUNT(definitions); i++)
        buf_printf(&list, ",{\"type\":\"marking-definition\",\"id\":\"" M "%c\"%s}",
                   definitions[i].id, definitions[i].more);
    buf_text(&list, "]");
    buf_char(&list, '\0');
    known.list = read_json(list.ptr, room, sizeof room, &arena);
    for (size_t i = 0; i < COUNT(rows); i++) {
        static char text[1024];
        AUTO_ARENA(own);
        struct marking m;

        assert_int_equal(arena_init(&own, 1 << 16), 0);
        marking_of(read_json(rows[i].json, text, sizeof text, &own), find, &known, &m);
        if (memcmp(&m, &rows[i].is, sizeof m) != 0)
            print_error("%s: %u %u %u %u %u %u %u\n", rows[i].json, m.tlp, m.unknown, m.tlps,
                        m.statements, m.policies, m.granular, m.indirect);
        assert_memory_equal(&m, &rows[i].is, sizeof m);
    }
}

static void
test_names(void **state)
{
    (void)state;
    for (int t = TLP_CLEAR; t < TLPS; t++) {
        struct slice name = slice_of(tlp_name((enum tlp)t));

        assert_int_equal(tlp_find(name), t);
        assert_int_equal(tlp_of_id(slice_of(tlp_id((enum tlp)t))), t);
        assert_true((int)tlp_of_id(slice_of(tlp_old_id((enum tlp)t))) >= t);
    }
    assert_int_equal(tlp_find(SLICE("TLP:WHITE")), TLP_CLEAR);
    assert_int_equal(tlp_find(SLICE("tlp:Amber+Strict")), TLP_AMBER_STRICT);
    assert_int_equal(tlp_find(SLICE("TLP:")), TLP_NONE);
    assert_int_equal(tlp_find(SLICE("TLP:AMBER ")), TLP_NONE);
    assert_int_equal(tlp_find(SLICE("AMBER")), TLP_NONE);
    assert_int_equal(tlp_find(SLICE("")), TLP_NONE);
    assert_int_equal(tlp_of_id(SLICE("")), TLP_NONE);
    assert_string_equal(tlp_name(TLP_NONE), "");
}

/* A chain that is too long, and too many references: told, not followed. */
static void
test_bounds(void **state)
{
    struct known known = {NULL, 0};
    static char room[1 << 18];
    static char text[1 << 18];
    AUTO_BUF(list, 1 << 18);
    AUTO_BUF(object, 1 << 18);
    AUTO_ARENA(arena);
    struct marking m;

    (void)state;
    assert_int_equal(arena_init(&arena, 1 << 24), 0);
    buf_char(&list, '[');
    for (unsigned i = 0; i < 200; i++)
        buf_printf(&list,
                   "%s{\"type\":\"marking-definition\",\"id\":\"%u\"" STATEMENT
                   ",\"object_marking_refs\":[\"%u\",\"" GREEN1 "\"]}",
                   i > 0 ? "," : "", i, i + 1);
    buf_char(&list, ']');
    buf_char(&list, '\0');
    known.list = read_json(list.ptr, room, sizeof room, &arena);
    marking_of(read_json(REFS("\"0\""), text, sizeof text, &arena), find, &known, &m);
    assert_int_equal(m.unknown, 1);
    assert_int_equal(m.statements, MARKING_DEPTH);
    assert_int_equal(m.tlp, TLP_GREEN);

    buf_text(&object, "{\"object_marking_refs\":[\"" RED1 "\"");
    for (unsigned i = 0; i < 3000; i++)
        buf_printf(&object, ",\"%u\"", i % 200);
    buf_text(&object, "]}");
    buf_char(&object, '\0');
    known.asked = 0;
    marking_of(read_json(object.ptr, text, sizeof text, &arena), find, &known, &m);
    assert_true(m.unknown > 0 && known.asked <= MARKING_REFS);
    assert_int_equal(m.tlp, TLP_RED);
    assert_int_equal(m.statements, MARKING_DEFINITIONS);
}

/* ---- random ones against a reading that follows everything ---------------------------------
 */

enum { NODES = 6 };

struct node {
    unsigned tlp; /* 0 none, 1..5 */
    bool statement;
    unsigned ref[3]; /* node, NODES nothing that is there, NODES + 1 no reference */
};

static void
reach(const struct node *n, unsigned at, bool *seen, bool *ret_lost)
{
    if (at == NODES)
        *ret_lost = true;
    if (at >= NODES || seen[at])
        return;
    seen[at] = true;
    for (unsigned i = 0; i < COUNT(n[at].ref); i++)
        reach(n, n[at].ref[i], seen, ret_lost);
}

static void
put_refs(struct buf *b, const struct node *n)
{
    const char *comma = "";

    buf_text(b, "\"object_marking_refs\":[");
    for (unsigned i = 0; i < COUNT(n->ref); i++) {
        if (n->ref[i] > NODES)
            continue;
        buf_printf(b, "%s\"%u\"", comma, n->ref[i]);
        comma = ",";
    }
    buf_char(b, ']');
}

static void
put_node(struct buf *b, const struct node *n, unsigned id)
{
    static const char *const value[] = {"", "clear", "green", "amber", "amber+strict", "red"};

    buf_printf(b, "%s{\"type\":\"marking-definition\",\"id\":\"%u\",", id > 0 ? "," : "", id);
    if (n->statement)
        buf_text(b, "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"\"},");
    if (n->tlp > 0)
        buf_printf(b, "\"extensions\":{\"" TLP_EXTENSION "\":{\"tlp_2_0\":\"%s\"}},",
                   value[n->tlp]);
    put_refs(b, n);
    buf_char(b, '}');
}

static void
test_random(void **state)
{
    static char room[1 << 16];
    static char text[1 << 12];
    uint64_t seed = 11;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        struct node n[NODES + 1];
        struct known known = {NULL, 0};
        bool seen[NODES] = {false};
        bool lost = false;
        unsigned tlp = 0;
        unsigned statements = 0;
        struct marking m;
        AUTO_BUF(list, 1 << 16);
        AUTO_BUF(object, 1 << 12);
        AUTO_ARENA(arena);

        assert_int_equal(arena_init(&arena, 1 << 20), 0);
        buf_char(&list, '[');
        for (unsigned i = 0; i <= NODES; i++) {
            n[i].tlp = (unsigned)(next_random(&seed) % TLPS);
            n[i].statement = next_random(&seed) % 2 == 0;
            for (unsigned k = 0; k < COUNT(n[i].ref); k++)
                n[i].ref[k] = (unsigned)(next_random(&seed) % 17);
            for (unsigned k = 0; k < COUNT(n[i].ref); k++)
                n[i].ref[k] = n[i].ref[k] > NODES ? NODES + 1 : n[i].ref[k];
            if (i < NODES)
                put_node(&list, &n[i], i);
        }
        buf_char(&list, ']');
        buf_char(&list, '\0');
        buf_char(&object, '{');
        put_refs(&object, &n[NODES]);
        buf_text(&object, "}");
        buf_char(&object, '\0');
        for (unsigned k = 0; k < COUNT(n[0].ref); k++)
            reach(n, n[NODES].ref[k], seen, &lost);
        for (unsigned i = 0; i < NODES; i++) {
            if (!seen[i])
                continue;
            tlp = n[i].tlp > tlp ? n[i].tlp : tlp;
            statements += n[i].statement;
            lost |= n[i].tlp == 0 && !n[i].statement;
        }
        known.list = read_json(list.ptr, room, sizeof room, &arena);
        marking_of(read_json(object.ptr, text, sizeof text, &arena), find, &known, &m);
        assert_int_equal(m.tlp, tlp);
        assert_int_equal(m.statements, statements);
        assert_int_equal(m.unknown > 0, lost);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_said), cmocka_unit_test(test_names),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_random)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
