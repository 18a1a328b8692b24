/* Envelopes: what of them is taken, what is there already, what is refused and why; in a table,
 * and at random against a list in memory. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "taxii/load.h"
#include "wire/dom.h"

struct scratch {
    char dir[64];
    struct store *store;
    struct taxii_ground ground;
    struct taxii_collection box;
    struct utime now;
};

static void
begin(struct scratch *s)
{
    struct store_collection c = {.id = SLICE("00000000-0000-4000-8000-000000000000"),
                                 .name = SLICE("box"),
                                 .title = SLICE("Box")};
    struct errinfo ei = {0};

    *s = (struct scratch){.now = {1000}};
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(store_open(s->dir, STORE_CREATE, &s->store, &ei), 0);
    assert_int_equal(store_add_collection(s->store, &c, &s->box.number), 0);
    s->ground = (struct taxii_ground){.store = s->store};
}

static void
end(struct scratch *s)
{
    char command[96];

    s->store = store_close(s->store);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

static struct slice
take(struct slice *from, size_t n)
{
    struct slice s = slice_sub(*from, 0, n);

    assert_int_equal(s.len, n);
    *from = slice_sub(*from, n, from->len);
    return s;
}

/* What was passed goes into the store, as whoever keeps it would do. */
static void
keep(struct scratch *s, const struct load *l)
{
    struct slice rest = buf_get(&l->objects);

    assert_int_equal(store_begin(s->store), 0);
    for (uint32_t i = 0; i < l->ask.count; i++) {
        struct store_object o = {.collection = s->box.number, .added = {s->now.us++}};
        struct store_versions v;
        struct load_head h;

        memcpy(&h, take(&rest, sizeof h).ptr, sizeof h);
        o.id = take(&rest, h.id);
        o.type = take(&rest, h.type);
        o.spec = take(&rest, h.spec);
        o.version = take(&rest, h.version);
        o.body = take(&rest, h.body);
        o.hash = sha256_of(o.body.ptr, o.body.len);
        o.version_at.us = h.version_at < 0 ? o.added.us : h.version_at;
        assert_true((h.version_at < 0) == (h.version == 0));
        assert_int_equal(store_find_versions(s->store, &o, &v), 0);
        assert_int_equal(v.same_place, 0);
        assert_int_equal(store_put_object(s->store, &o, &v), 0);
    }
    assert_int_equal(rest.len, 0);
    assert_int_equal(store_end_objects(s->store), 0);
    assert_int_equal(store_commit(s->store), 0);
}

static void
check_items(const struct buf *items, uint64_t count)
{
    AUTO_BUF(all, LOAD_BYTES);
    AUTO_ARENA(arena);
    struct errinfo ei;
    const struct dom *d;
    uint64_t n = 0;

    buf_char(&all, '[');
    buf_slice(&all, buf_get(items));
    buf_char(&all, ']');
    assert_int_equal(arena_init(&arena, all.len * DOM_ROOM + DOM_LEAST), 0);
    assert_int_equal(dom_read(all.ptr, all.len, &arena, &d, &ei), 0);
    for (d = d->first; d != NULL; d = d->next)
        n += dom_get(d, SLICE("id")) != NULL && dom_text(dom_get(d, SLICE("version"))).len > 0;
    assert_int_equal(n, count);
}

/* A load's figures fit its parts, and those are JSON. */
static void
check_whole(const struct load *l)
{
    assert_int_equal(l->ask.total, l->ask.count + l->ask.same_count + l->ask.failed_count);
    assert_int_equal(l->ask.bytes, l->same.len + l->failed.len + l->objects.len);
    assert_true(l->ask.same == l->same.len && l->ask.failed == l->failed.len);
    check_items(&l->same, l->ask.same_count);
    check_items(&l->failed, l->ask.failed_count);
}

static int
load(struct scratch *s, struct slice body, struct load *l, struct errinfo *ei)
{
    load_init(l);
    *ei = (struct errinfo){0};
    return load_read(&s->ground, &s->box, body, l, ei);
}

/* ---- envelopes --------------------------------------------------------------------------- */

static const struct {
    const char *body;
    int result;
} envelopes[] = {
    {"", ERR_INVALID},
    {" ", ERR_INVALID},
    {"{", ERR_INVALID},
    {"{\"objects\":[", ERR_INVALID},
    {"{\"objects\":[1]}}", ERR_INVALID},
    {"{\"objects\":[1],}", ERR_INVALID},
    {"{\"objects\":[\"\xff\"]}", ERR_INVALID},
    {"{\"objects\":[\"\\ud800\"]}", ERR_INVALID},
    {"{\"objects\":[\"\\ud800x\"]}", ERR_INVALID},
    {"{\"objects\":[\"\\ud800\\n\"]}", ERR_INVALID},
    {"{\"objects\":[\"\\ud800\\ud800\"]}", ERR_INVALID},
    {"{\"objects\":[\"\\udc00\"]}", ERR_INVALID},
    {"{\"objects\":[\"\\ud83d\\uDE00\"]}", 0},
    {"{\"objects\":[\"\\u0000\"]}", 0},
    {"{\"objects\":[\"\\q\"]}", ERR_INVALID},
    {"{\"objects\":[\"\\u12\"]}", ERR_INVALID},
    {"{\"objects\":[\"\\\\\" , \"\\\"\"\n]}", 0},
    {"{\"objects\":[{\"\\q\":1}]}", ERR_INVALID},
    {"{\"objects\":[{\"a\\u006\":1}]}", ERR_INVALID},
    {"{\"objects\":[{\"a\\u0062\":1}]}", 0},
    {"{\"objects\":[nul]}", ERR_INVALID},
    {"{\"objects\":[True]}", ERR_INVALID},
    {"{\"objects\":[falsey]}", ERR_INVALID},
    {"{\"objects\":[1.]}", ERR_INVALID},
    {"{\"objects\":[.1]}", ERR_INVALID},
    {"{\"objects\":[+1]}", ERR_INVALID},
    {"{\"objects\":[-]}", ERR_INVALID},
    {"{\"objects\":[-01]}", ERR_INVALID},
    {"{\"objects\":[1e]}", ERR_INVALID},
    {"{\"objects\":[1e+]}", ERR_INVALID},
    {"{\"objects\":[0x1]}", ERR_INVALID},
    {"{\"objects\":[1 2]}", ERR_INVALID},
    {"{\"objects\":[0,-0,1.50,1e3,-1.0E-7, 12 ]}", 0},
    {"{\"objects\":[01]}", ERR_INVALID},
    {"{\"objects\":[NaN]}", ERR_INVALID},
    {"\xef\xbb\xbf{\"objects\":[1]}", ERR_INVALID},
    {"null", ERR_CONF},
    {"[]", ERR_CONF},
    {"[{\"objects\":[1]}]", ERR_CONF},
    {"\"objects\"", ERR_CONF},
    {"{}", ERR_CONF},
    {"{\"objects\":null}", ERR_CONF},
    {"{\"objects\":[]}", ERR_CONF},
    {"{\"objects\":{}}", ERR_CONF},
    {"{\"Objects\":[1]}", ERR_CONF},
    {"{\"objects\":[1]}", 0},
    {" {\"more\":true,\"objects\":[1],\"next\":\"x\"}\n", 0},
};

static void
what_is_no_envelope(void **state)
{
    struct scratch s;

    (void)state;
    begin(&s);
    for (size_t i = 0; i < COUNT(envelopes); i++) {
        struct errinfo ei;
        struct load l;
        int r = load(&s, slice_of(envelopes[i].body), &l, &ei);

        if (r != envelopes[i].result)
            fail_msg("%s: %d", envelopes[i].body, r);
        assert_true(r == 0 || ei.text[0] != '\0');
        if (r == 0)
            check_whole(&l);
        load_release(&l);
    }
    end(&s);
}

static void
too_many(void **state)
{
    struct scratch s;

    (void)state;
    begin(&s);
    for (unsigned n = TAXII_OBJECTS; n <= TAXII_OBJECTS + 1; n++) {
        AUTO_BUF(body, 1 << 20);
        struct errinfo ei;
        struct load l;

        buf_text(&body, "{\"objects\":[7");
        for (unsigned i = 1; i < n; i++)
            buf_text(&body, ",7");
        buf_text(&body, "]}");
        assert_int_equal(load(&s, buf_get(&body), &l, &ei), n > TAXII_OBJECTS ? ERR_LIMIT : 0);
        if (n == TAXII_OBJECTS)
            assert_int_equal(l.ask.failed_count, n);
        load_release(&l);
    }
    end(&s);
}

/* ---- objects ----------------------------------------------------------------------------- */

#define A  "indicator--00000000-0000-4000-8000-00000000000a"
#define B  "indicator--00000000-0000-4000-8000-00000000000b"
#define ME "identity--00000000-0000-4000-8000-000000000001"
#define NO "identity--00000000-0000-4000-8000-000000000002"
#define INDICATOR(id, modified, more)                                          \
    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"" id            \
    "\",\"created\":\"2026-01-01T00:00:00Z\",\"modified\":\"2026-01-" modified \
    "Z\",\"pattern\":\"[url:value = 'x']\",\"pattern_type\":\"stix\","         \
    "\"valid_from\":\"2026-01-01T00:00:00Z\"" more "}"
#define BY(id) ",\"created_by_ref\":\"" id "\""

/* In an order, each on what those before left: '+' taken, '=' the same, else a part of why not.
 */
static const struct {
    const char *object;
    const char *want;
} steps[] = {
    {"7", "is no object"},
    {"null", "is no object"},
    {"\"x\"", "is no object"},
    {"[]", "is no object"},
    {"{}", "needs `type`"},
    {"{\"type\":\"indicator\",\"id\":\"indicator--1\"}", "its `id`"},
    {"{\"type\":\"x-y\",\"spec_version\":\"2.1\",\"id\":\"x-y--1\"}", "its `id`"},
    {"{\"type\":\"\",\"id\":\"--00000000-0000-4000-8000-00000000000a\"}", "id"},
    {INDICATOR(A, "02T00:00:00", BY(ME)), "+"},
    {INDICATOR(A, "02T00:00:00", BY(ME)), "="},
    {INDICATOR(A, "02T00:00:00.000", BY(ME)), "="}, /* otherwise written */
    {INDICATOR(A, "02T00:00:00", BY(ME) ",\"revoked\":false"), "="},
    {INDICATOR(A, "02T00:00:00", BY(ME) ",\"name\":\"x\""), "another content"},
    {INDICATOR(A, "03T00:00:00", BY(NO)), "created_by_ref"},
    {INDICATOR(A, "03T00:00:00", ""), "created_by_ref"},
    {INDICATOR(A, "01T00:00:00", BY(NO)), "created_by_ref"},
    {INDICATOR(A, "03T00:00:00", BY(ME)), "+"},
    {INDICATOR(A, "02T00:00:00", BY(ME)), "="},
    {INDICATOR(A, "01T12:00:00", BY(ME)), "+"},
    {INDICATOR(A, "05T00:00:00", BY(ME) ",\"revoked\":true"), "+"},
    {INDICATOR(A, "06T00:00:00", BY(ME)), "revoked"},
    {INDICATOR(A, "04T00:00:00", BY(ME)), "+"}, /* before it */
    {INDICATOR(A, "05T00:00:00", BY(ME)), "another content"},
    {INDICATOR(B, "00T00:00:00", ""), "is a time"},
    {INDICATOR(B, "02T00:00:00", ",\"revoked\":\"yes\""), "true or false"},
    {INDICATOR(B, "02T00:00:00", ",\"name\":\"a\",\"name\":\"b\""), "twice"},
    {INDICATOR("malware--00000000-0000-4000-8000-00000000000a", "02T00:00:00", ""), "`id`"},
    {INDICATOR("indicator--00000000-0000-0000-8000-00000000000a", "02T00:00:00", ""), "`id`"},
    {INDICATOR("indicator--{0000000-0000-4000-8000-00000000000a", "02T00:00:00", ""), "`id`"},
    {INDICATOR("indicator--00000000-0000-4000-8000-00000000000\\u0000", "02T00:00:00", ""),
     "`id`"},
    {INDICATOR("in\\u0000icator--00000000-0000-4000-8000-00000000000a", "02T00:00:00", ""),
     "`id`"},
    {"{\"type\":\"x-\\u0000\",\"spec_version\":\"2.1\",\"id\":\"x-\\u0000--00000000-0000-4000-"
     "8000-00000000000a\"}",
     "`id`"},
    {"{\"type\":\"ipv4-addr\",\"spec_version\":\"2.1\",\"id\":\"ipv4-addr--ff26c055-6336-5bc5-"
     "b98d-13d6226742dd\",\"value\":\"198.51.100.3\"}",
     "+"},
    {"{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--ff26c055-6336-5bc5-"
     "b98d-13d6226742dd\",\"value\":\"198.51.100.3\",\"spec_version\":\"2.1\"}",
     "="}, /* in another order */
    {"{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--ff26c055-6336-5bc5-"
     "b98d-13d6226742dd\",\"value\":\"198.51.100.3\",\"defanged\":false}",
     "="},
    {"{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--ff26c055-6336-5bc5-"
     "b98d-13d6226742dd\",\"value\":\"198.51.100.3\",\"defanged\":true}",
     "+"}, /* what has no version of its own is there again when it says something else */
    /* of 2.0 */
    {"{\"type\":\"tool\",\"id\":\"tool--00000000-0000-4000-8000-00000000000a\","
     "\"created\":\"2016-01-01T00:00:00.000Z\",\"modified\":\"2016-01-01T00:00:00.000Z\"}",
     "+"},
    {"{\"type\":\"tool\",\"id\":\"tool--00000000-0000-4000-8000-00000000000b\","
     "\"created\":\"2016\"}",
     "no time"},
    {"{\"type\":\"tool\",\"spec_version\":\"1.9\",\"id\":\"tool--00000000-0000-4000-8000-"
     "00000000000b\"}",
     "spec_version"},
    {"{\"type\":\"tool\",\"created\":7,\"id\":\"tool--00000000-0000-4000-8000-00000000000c\"}",
     "+"}, /* with no version that can be read it has none */
};

static void
each_object_by_itself(void **state)
{
    struct scratch s;

    (void)state;
    begin(&s);
    for (size_t i = 0; i < COUNT(steps); i++) {
        AUTO_BUF(body, 1 << 16);
        const char *want = steps[i].want;
        struct errinfo ei;
        struct load l;
        bool good;

        buf_text(&body, "{ \"objects\" : [ ");
        buf_text(&body, steps[i].object);
        buf_text(&body, " ] }");
        assert_int_equal(load(&s, buf_get(&body), &l, &ei), 0);
        check_whole(&l);
        good = *want == '+'   ? l.ask.count == 1
               : *want == '=' ? l.ask.same_count == 1
                              : l.ask.failed_count == 1 && l.failed.len > 0 &&
                                    memmem(l.failed.ptr, l.failed.len, want, strlen(want));
        if (!good)
            fail_msg("%zu: %s: %.*s", i, steps[i].object, (int)l.failed.len, l.failed.ptr);
        if (l.ask.count == 1) /* as it stands, without what is around it */
            assert_memory_equal(l.objects.ptr + l.objects.len - strlen(steps[i].object),
                                steps[i].object, strlen(steps[i].object));
        keep(&s, &l);
        load_release(&l);
    }
    end(&s);
}

/* ---- at random --------------------------------------------------------------------------- */

enum { IDS = 5, ROUNDS = 60, EACH = 12, MOST = ROUNDS * EACH };

struct one {
    unsigned id, by, at, content;
    bool revoked;
};
struct list {
    struct one at[MOST];
    size_t count;
};

static bool
is_same(const struct one *a, const struct one *b)
{
    return a->by == b->by && a->content == b->content && a->revoked == b->revoked;
}

/* '+', '=' or '!'. */
static char
expect(const struct list *l, const struct one *o)
{
    const struct one *last = NULL;

    for (size_t i = 0; i < l->count; i++) {
        const struct one *x = &l->at[i];

        if (x->id == o->id && x->at == o->at)
            return is_same(x, o) ? '=' : '!';
        if (x->id == o->id && (last == NULL || x->at > last->at))
            last = x;
    }
    return last != NULL && (last->by != o->by || (last->revoked && o->at > last->at)) ? '!'
                                                                                      : '+';
}

static void
put_one(struct buf *to, const struct one *o, bool turned)
{
    AUTO_BUF(name, 64);

    buf_printf(&name, ",\"name\":\"%u\"", o->content);
    buf_printf(to, "{\"type\":\"indicator\"%.*s,\"spec_version\":\"2.1\",\"id\":\"indicator--",
               turned ? (int)name.len : 0, name.ptr);
    buf_printf(to, "00000000-0000-4000-8000-%012u\",\"created\":\"2026-01-01T00:00:00Z\",",
               o->id);
    buf_printf(to,
               "\"modified\":\"2026-02-%02uT00:00:00Z\",\"pattern\":\"[url:value = 'x']\","
               "\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\","
               "\"created_by_ref\":\"identity--00000000-0000-4000-8000-%012u\",\"revoked\":%s",
               o->at + 1, o->by, o->revoked ? "true" : "false");
    if (!turned)
        buf_slice(to, buf_get(&name));
    buf_char(to, '}');
}

static void
envelopes_at_random(void **state)
{
    struct list *list = malloc(sizeof *list);

    (void)state;
    assert_non_null(list);
    for (uint64_t seed = 1; seed <= 6; seed++) {
        uint64_t random = seed;
        struct scratch s;

        begin(&s);
        list->count = 0;
        for (unsigned round = 0; round < ROUNDS; round++) {
            AUTO_BUF(body, 1 << 20);
            unsigned want[3] = {0};
            struct errinfo ei;
            struct load l;

            buf_text(&body, "{\"objects\":[");
            for (unsigned i = 0; i < EACH; i++) {
                uint64_t n = next_random(&random);
                struct one o = {.id = (unsigned)(n % IDS),
                                .by = n / 16 % 7 == 0,
                                .at = (unsigned)(n / 256 % 28),
                                .content = (unsigned)(n / 65536 % 2),
                                .revoked = n / 262144 % 9 == 0};
                char c = expect(list, &o);

                if (i > 0)
                    buf_char(&body, ',');
                put_one(&body, &o, n / 33554432 % 2);
                want[c == '+' ? 0 : c == '=' ? 1 : 2]++;
                if (c == '+')
                    list->at[list->count++] = o;
            }
            buf_text(&body, "]}");
            assert_int_equal(load(&s, buf_get(&body), &l, &ei), 0);
            check_whole(&l);
            assert_int_equal(l.ask.count, want[0]);
            assert_int_equal(l.ask.same_count, want[1]);
            assert_int_equal(l.ask.failed_count, want[2]);
            keep(&s, &l);
            load_release(&l);
        }
        end(&s);
    }
    free(list);
}

/* ---- dropping ---------------------------------------------------------------------------- */

static void
what_a_delete_names(void **state)
{
    static const struct {
        const char *version;
        unsigned count;
    } asks[] = {{"", 3},
                {"all", 3},
                {"last", 1},
                {"first", 1},
                {"first,last", 2},
                {"2026-01-03T00:00:00.0Z", 1},
                {"2026-01-09T00:00:00Z", 0}};
    static const char body[] = "{\"objects\":[" INDICATOR(A, "02T00:00:00", "") "," INDICATOR(
        A, "03T00:00:00", "") "," INDICATOR(A, "04T00:00:00",
                                            "") "," INDICATOR(B, "04T00:00:00", "") "]}";
    struct scratch s;
    struct errinfo ei;
    struct load l;

    (void)state;
    begin(&s);
    assert_int_equal(load(&s, slice_of(body), &l, &ei), 0);
    assert_int_equal(l.ask.count, 4);
    keep(&s, &l);
    load_release(&l);
    for (size_t i = 0; i < COUNT(asks); i++) {
        struct taxii_ask a;
        struct load_drop d = {.ask = &a, .to = {.store = s.store, .now = {1}}};

        assert_int_equal(
            taxii_route(SLICE("/taxii2/exchange/collections/box/objects/" A "/"), &a), 0);
        if (asks[i].version[0] != '\0')
            assert_int_equal(
                taxii_take(&a, SLICE("match[version]"), slice_of(asks[i].version), &ei), 0);
        load_init(&l);
        assert_int_equal(load_drop(&s.ground, &s.box, &d, &l),
                         asks[i].count == 0 ? ERR_NOTFOUND : 0);
        assert_int_equal(l.ask.count, asks[i].count);
        assert_int_equal(l.objects.len, asks[i].count * sizeof(struct load_head));
        load_release(&l);
    }
    end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_envelope),   cmocka_unit_test(too_many),
        cmocka_unit_test(each_object_by_itself), cmocka_unit_test(envelopes_at_random),
        cmocka_unit_test(what_a_delete_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
