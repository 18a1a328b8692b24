/* Requests to add and to drop objects, as whoever has taken the gate would forge them: the
 * engine answers, changes all of it or nothing, and goes on. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/ledger.h"
#include "role/node.h"
#include "role/objects.h"
#include "role/people.h"

static int64_t now_us = INT64_C(4000000000) * 1000000;

static struct utime
now_wall(void *self)
{
    (void)self;
    return (struct utime){now_us};
}

static int64_t
now_mono(void *self)
{
    (void)self;
    return now_us;
}

struct scratch {
    char dir[64];
    struct node n;
    struct people people;
    struct waits waits;
    struct person_credential writer, reader, viewer;
    int64_t box, other;
    unsigned outcomes;
};

static struct person_credential
token(struct scratch *s, const char *name, enum person_role role)
{
    struct person_ask ask = {.what = ASK_TOKEN_ADD, .role = role, .life_us = PERSON_TOKEN_US};
    struct person_credential with = {.kind = CREDENTIAL_TOKEN};
    struct person_answer a;
    struct errinfo ei;

    (void)snprintf(ask.name, sizeof ask.name, "%s", name);
    assert_int_equal(people_order(&s->people, "tester", &ask, &a, &ei), 0);
    assert_int_equal(a.status, 0);
    memcpy(with.secret, a.secret, sizeof with.secret);
    return with;
}

static int64_t
collection(struct scratch *s, const char *id, const char *name)
{
    struct objects_collection c = {
        .collection = {.id = slice_of(id), .name = slice_of(name), .title = SLICE("A title")},
        .user = SLICE("local:tester")};
    struct errinfo ei;
    bool refused;

    assert_int_equal(objects_collect(s->n.engine, &c, &refused, &ei), 0);
    assert_int_equal(objects_collect(s->n.engine, &c, &refused, &ei), ERR_CONF);
    assert_true(refused);
    return c.collection.number;
}

static void
permit(struct scratch *s, const char *name, const char *person, unsigned rights)
{
    struct objects_right x = {slice_of(name), person, rights, SLICE("local:tester")};
    struct errinfo ei;
    bool refused;

    assert_int_equal(objects_permit(s->n.engine, &x, &refused, &ei), 0);
}

static void
begin(struct scratch *s)
{
    struct node_init how = {0};
    struct errinfo ei = {0};

    *s = (struct scratch){.outcomes = 0};
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(node_init(s->dir, &how, &ei), 0);
    assert_int_equal(node_open(s->dir, NODE_WRITE, &s->n, &ei), 0);
    s->n.env.now_wall = now_wall;
    s->n.env.now_mono = now_mono;
    people_open(&s->people, s->n.engine, s->n.store, &s->n.env, &s->waits);
    s->writer = token(s, "writer", PERSON_EXCHANGE);
    s->reader = token(s, "reader", PERSON_EXCHANGE);
    s->viewer = token(s, "viewer", PERSON_AUDITOR);
    s->box = collection(s, "00000000-0000-4000-8000-000000000001", "box");
    s->other = collection(s, "00000000-0000-4000-8000-000000000002", "other");
    permit(s, "box", "writer", RIGHT_READ | RIGHT_WRITE);
    permit(s, "box", "reader", RIGHT_READ);
    permit(s, "other", "writer", RIGHT_WRITE);
}

static void
end(struct scratch *s)
{
    char command[96];

    node_close(&s->n);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

/* ---- requests ---------------------------------------------------------------------------- */

struct request {
    struct load_ask ask;
    struct buf rest;
};

static void
init(struct scratch *s, struct request *q, uint32_t what)
{
    *q = (struct request){.ask = {.what = what, .with = s->writer, .collection = s->box}};
    (void)snprintf(q->ask.outcome, sizeof q->ask.outcome, "00000000-0000-4000-8000-%012u",
                   ++s->outcomes);
    buf_init(&q->rest, OBJECTS_ALL);
}

static void
put(struct request *q, const char *id, int64_t at, const char *body)
{
    static const char type[] = "x-odd";
    struct load_head h = {.version_at = at,
                          .id = (uint32_t)strlen(id),
                          .type = sizeof type - 1,
                          .spec = 3,
                          .version = at < 0 ? 0 : 1,
                          .body = (uint32_t)strlen(body)};

    buf_add(&q->rest, &h, sizeof h);
    buf_text(&q->rest, id);
    buf_text(&q->rest, type);
    buf_text(&q->rest, "2.1");
    buf_text(&q->rest, at < 0 ? "" : "v");
    buf_text(&q->rest, body);
    q->ask.count++;
    q->ask.total++;
}

static void
put_place(struct request *q, int64_t place)
{
    struct load_head h = {.place = place};

    buf_add(&q->rest, &h, sizeof h);
    q->ask.count++;
}

static struct objects_told
send_as_it_is(struct scratch *s, const void *bytes, size_t n)
{
    struct objects_told told;

    assert_int_equal(objects_do(s->n.engine, s->n.store, (struct slice){bytes, n}, NULL, &told),
                     0);
    assert_true(told.answer.status == 0 || told.answer.done == 0);
    return told;
}

static struct objects_told
give(struct scratch *s, struct request *q)
{
    struct objects_told told;
    AUTO_BUF(all, OBJECTS_ALL);

    q->ask.bytes = q->rest.len;
    buf_add(&all, &q->ask, sizeof q->ask);
    buf_slice(&all, buf_get(&q->rest));
    told = send_as_it_is(s, all.ptr, all.len);
    buf_release(&q->rest);
    return told;
}

static uint64_t
count(struct scratch *s, int64_t box)
{
    uint64_t n;

    assert_int_equal(store_count_objects(s->n.store, box, &n), 0);
    return n;
}

static uint64_t
leaves(struct scratch *s)
{
    return ledger_size(engine_ledger(s->n.engine));
}

static int
place_of(void *arg, const struct store_object *o)
{
    *(int64_t *)arg = o->added.us;
    return 0;
}

static int64_t
find(struct scratch *s, int64_t box, const char *id)
{
    struct store_object which = {.collection = box, .id = slice_of(id), .version_at = {-1}};
    int64_t place = 0;
    int r = store_get_version(s->n.store, &which, place_of, &place);

    assert_true(r == 0 || r == ERR_NOTFOUND);
    return place;
}

/* ---- what is right ----------------------------------------------------------------------- */

static void
added_and_dropped(void **state)
{
    struct scratch s;
    struct request q;
    struct objects_told told;
    struct store_outcome o;
    uint64_t before;

    (void)state;
    begin(&s);
    before = leaves(&s);
    init(&s, &q, LOAD_ADD);
    put(&q, "a", 5, "{}");
    put(&q, "b", -1, "{\"b\":1}");
    put(&q, "a", 5, "{}");            /* the same */
    put(&q, "a", 5, "{\"other\":1}"); /* not the same */
    put(&q, "b", -1, "{\"b\":1}");
    told = give(&s, &q);
    assert_int_equal(told.answer.status, 0);
    assert_int_equal(told.answer.done, 2);
    assert_int_equal(leaves(&s), before + 2);
    assert_int_equal(count(&s, s.box), 2);
    assert_int_equal(store_get_outcome(s.n.store, slice_of(q.ask.outcome), &o), 0);
    assert_true(o.total == 5 && o.added == 2 && o.same_count == 2 && o.failed_count == 1);
    store_settle(s.n.store);
    /* an outcome's id is given once */
    init(&s, &q, LOAD_ADD);
    s.outcomes--;
    (void)snprintf(q.ask.outcome, sizeof q.ask.outcome, "00000000-0000-4000-8000-%012u",
                   s.outcomes);
    put(&q, "c", 5, "{}");
    assert_int_equal(give(&s, &q).answer.status, ERR_INVALID);
    s.outcomes++;
    init(&s, &q, LOAD_ADD);
    q.ask.outcome[0] = '\0'; /* twice it is no matter that nobody will ask */
    put(&q, "c", 5, "{}");
    assert_int_equal(give(&s, &q).answer.done, 1);
    init(&s, &q, LOAD_ADD);
    q.ask.outcome[0] = '\0';
    put(&q, "d", 5, "{}");
    assert_int_equal(give(&s, &q).answer.done, 1);
    init(&s, &q, LOAD_DROP);
    put_place(&q, find(&s, s.box, "a"));
    put_place(&q, find(&s, s.box, "a"));
    put_place(&q, 12345);
    put_place(&q, -1);
    told = give(&s, &q);
    assert_true(told.answer.status == 0 && told.answer.done == 1);
    assert_int_equal(find(&s, s.box, "a"), 0);
    init(&s, &q, LOAD_DROP);
    put_place(&q, 12345);
    assert_int_equal(give(&s, &q).answer.status, ERR_NOTFOUND);
    end(&s);
}

/* ---- what is forged ---------------------------------------------------------------------- */

enum forged {
    WITH_NOBODY,
    WITH_READER,
    WITH_VIEWER,
    WITH_ANOTHER_SECRET,
    WITH_A_WRONG_KIND,
    NO_COLLECTION,
    NO_WHAT,
    MORE_THAN_THERE_ARE,
    MORE_THAN_MAY_BE,
    LESS_BYTES,
    OUTCOME_WITHOUT_END,
    OUTCOME_WITH_QUOTES,
    ITEMS_THAT_ARE_LONG,
    ITEMS_THAT_OVERFLOW,
    ITEMS_OF_NO_TEXT,
    ID_OF_NONE,
    ID_WITH_QUOTES,
    ID_TOO_LONG,
    TYPE_WITH_QUOTES,
    BODY_OF_NONE,
    BODY_THAT_IS_NOT_THERE,
    SIZES_THAT_WRAP,
    TIME_TOO_LATE,
    MORE_AGAIN_THAN_THERE_ARE,
    MORE_AGAIN_THAN_MAY_BE,
    AGAIN_OF_A_DROP,
    FORGERIES
};

static void
forge(struct scratch *s, enum forged how, struct request *q)
{
    struct load_head *h;

    init(s, q, LOAD_ADD);
    put(q, "x", 5, "{}");
    if (how == ID_OF_NONE || how == ID_WITH_QUOTES || how == BODY_OF_NONE) {
        buf_reset(&q->rest);
        put(q,
            how == ID_OF_NONE       ? ""
            : how == ID_WITH_QUOTES ? "\""
                                    : "x",
            5, how == BODY_OF_NONE ? "" : "{}");
        q->ask.count = 1;
    }
    h = (struct load_head *)(void *)q->rest.ptr;
    switch (how) {
    case WITH_NOBODY: q->ask.with = (struct person_credential){.kind = CREDENTIAL_NONE}; break;
    case WITH_READER: q->ask.with = s->reader; break;
    case WITH_VIEWER: q->ask.with = s->viewer; break;
    case WITH_ANOTHER_SECRET: q->ask.with.secret[0] ^= 1; break;
    case WITH_A_WRONG_KIND: q->ask.with.kind = 77; break;
    case NO_COLLECTION: q->ask.collection = 99; break;
    case NO_WHAT: q->ask.what = 3; break;
    case MORE_THAN_THERE_ARE: q->ask.count = 2; break;
    case MORE_THAN_MAY_BE: q->ask.count = LOAD_OBJECTS + 1; break;
    case LESS_BYTES: buf_text(&q->rest, "x"); break;
    case OUTCOME_WITHOUT_END: memset(q->ask.outcome, 'a', sizeof q->ask.outcome); break;
    case OUTCOME_WITH_QUOTES: q->ask.outcome[0] = '"'; break;
    case ITEMS_THAT_ARE_LONG: q->ask.failed = 1U << 30; break;
    case ITEMS_THAT_OVERFLOW: q->ask.same = q->ask.failed = UINT32_MAX; break;
    case ITEMS_OF_NO_TEXT:
        q->rest.ptr[0] = (char)0xff;
        q->ask.same = 1;
        break;
    case ID_TOO_LONG: h->id = OBJECT_ID_MAX + 1; break;
    case TYPE_WITH_QUOTES: q->rest.ptr[sizeof *h + 1] = '"'; break;
    case BODY_THAT_IS_NOT_THERE: h->body = 3; break;
    case SIZES_THAT_WRAP: h->body = UINT32_MAX; break;
    case TIME_TOO_LATE: h->version_at = INT64_MAX; break;
    case MORE_AGAIN_THAN_THERE_ARE: q->ask.again = 1; break;
    case MORE_AGAIN_THAN_MAY_BE: q->ask.again = LOAD_OBJECTS + 1; break;
    case AGAIN_OF_A_DROP:
        q->ask.what = LOAD_DROP;
        q->ask.again = 1;
        break;
    case ID_OF_NONE:
    case ID_WITH_QUOTES:
    case BODY_OF_NONE:
    case FORGERIES: break;
    }
}

static void
what_is_forged_is_refused(void **state)
{
    struct scratch s;

    (void)state;
    begin(&s);
    for (int how = 0; how < FORGERIES; how++) {
        uint64_t before = leaves(&s);
        struct request q;
        struct objects_told told;
        int want = how <= WITH_ANOTHER_SECRET ? ERR_AUTH
                   : how == NO_COLLECTION     ? ERR_NOTFOUND
                                              : ERR_INVALID;
        AUTO_BUF(all, OBJECTS_ALL);

        forge(&s, (enum forged)how, &q);
        q.ask.bytes = q.rest.len - (how == LESS_BYTES);
        buf_add(&all, &q.ask, sizeof q.ask);
        buf_slice(&all, buf_get(&q.rest));
        buf_release(&q.rest);
        told = send_as_it_is(&s, all.ptr, all.len);
        if (told.answer.status != want)
            fail_msg("%d: %d", how, told.answer.status);
        assert_true(leaves(&s) == before && count(&s, s.box) == 0);
    }
    end(&s);
}

/* A collection that one may write and not read is not dropped from, nor is another by its
 * places. */
static void
places_of_others_stay(void **state)
{
    struct scratch s;
    struct request q;

    (void)state;
    begin(&s);
    init(&s, &q, LOAD_ADD);
    q.ask.collection = s.other;
    put(&q, "x", 5, "{}");
    assert_int_equal(give(&s, &q).answer.done, 1);
    init(&s, &q, LOAD_DROP);
    q.ask.collection = s.other;
    put_place(&q, find(&s, s.other, "x"));
    assert_int_equal(give(&s, &q).answer.status, ERR_AUTH);
    init(&s, &q, LOAD_DROP);
    put_place(&q, find(&s, s.other, "x"));
    assert_int_equal(give(&s, &q).answer.status, ERR_NOTFOUND);
    init(&s, &q, LOAD_DROP);
    q.ask.with = s.reader;
    put_place(&q, find(&s, s.other, "x"));
    assert_int_equal(give(&s, &q).answer.status, ERR_AUTH);
    assert_int_equal(count(&s, s.other), 1);
    end(&s);
}

/* ---- another place ----------------------------------------------------------------------- */

enum { IDS = 12, VERSIONS = 9 };

/* What the collection has, by id and version: which body, and where. */
struct shelf {
    unsigned body[IDS][VERSIONS]; /* 0: it is not there */
    int64_t place[IDS][VERSIONS];
    unsigned all;
    int64_t last;
};

static int
put_on_shelf(void *arg, const struct store_object *o)
{
    struct shelf *h = arg;
    unsigned id = (unsigned)(o->id.ptr[0] - 'a');
    unsigned version = (unsigned)o->version_at.us;

    assert_true(id < IDS && version < VERSIONS && h->body[id][version] == 0);
    assert_true(o->added.us > h->last && slice_is(o->version, "v") &&
                slice_is(o->spec, "2.1") && slice_is(o->type, "x-odd"));
    h->body[id][version] = (unsigned)o->body.len;
    h->place[id][version] = h->last = o->added.us;
    h->all++;
    return 0;
}

static void
look_at_shelf(struct scratch *s, struct shelf *ret)
{
    struct object_query *q = calloc(1, sizeof *q);

    assert_non_null(q);
    *ret = (struct shelf){.all = 0};
    *q =
        (struct object_query){.collection = s->box, .after = {-1}, .all = true, .bodies = true};
    assert_int_equal(store_each_object(s->n.store, q, put_on_shelf, ret), 0);
    free(q);
}

struct newest {
    const struct shelf *shelf;
    bool seen[IDS];
    bool first;
};

static int
is_newest(void *arg, const struct store_object *o)
{
    struct newest *n = arg;
    unsigned id = (unsigned)(o->id.ptr[0] - 'a');
    int64_t at = o->version_at.us;

    for (int64_t v = n->first ? 0 : at + 1; v < (n->first ? at : VERSIONS); v++)
        assert_int_equal(n->shelf->body[id][v], 0);
    assert_false(n->seen[id]);
    n->seen[id] = true;
    return 0;
}

static void
the_newest_stays_the_newest(struct scratch *s, const struct shelf *h)
{
    struct object_query *q = calloc(1, sizeof *q);

    assert_non_null(q);
    for (int first = 0; first < 2; first++) {
        struct newest n = {.shelf = h, .first = first == 1};

        *q = (struct object_query){
            .collection = s->box, .after = {-1}, .last = !n.first, .first = n.first};
        assert_int_equal(store_each_object(s->n.store, q, is_newest, &n), 0);
        for (unsigned i = 0; i < IDS; i++) {
            bool any = false;

            for (unsigned v = 0; v < VERSIONS; v++)
                any |= h->body[i][v] != 0;
            assert_int_equal(n.seen[i], any);
        }
    }
    free(q);
}

static void
add_some(struct request *q, uint64_t *seed)
{
    for (unsigned n = (unsigned)(next_random(seed) % 9); n > 0; n--) {
        char id[2] = {(char)('a' + next_random(seed) % IDS), '\0'};
        char body[80];

        (void)snprintf(body, sizeof body, "{\"x\":\"%.*s\"}", (int)(next_random(seed) % 60),
                       "............................................................");
        put(q, id, (int64_t)(next_random(seed) % VERSIONS), body);
    }
}

/* Whatever comes anew keeps its bytes and its version, and what does not stays where it is. */
static void
come_again(void **state)
{
    struct scratch s;
    uint64_t seed = 77;

    (void)state;
    begin(&s);
    for (unsigned step = 0; step < 150; step++) {
        bool wanted[IDS][VERSIONS] = {{false}};
        struct shelf before;
        struct shelf after;
        struct request q;
        struct objects_told told;
        unsigned again = 0;
        uint64_t size;

        look_at_shelf(&s, &before);
        size = leaves(&s);
        init(&s, &q, LOAD_ADD);
        add_some(&q, &seed);
        for (unsigned n = (unsigned)(next_random(&seed) % 7); n > 0; n--) {
            unsigned id = (unsigned)(next_random(&seed) % IDS);
            unsigned v = (unsigned)(next_random(&seed) % VERSIONS);
            uint32_t objects = q.ask.count;

            put_place(&q, before.body[id][v] != 0 ? before.place[id][v] : 12345 + v);
            q.ask.count = objects;
            q.ask.again++;
            again += before.body[id][v] != 0 && !wanted[id][v];
            wanted[id][v] |= before.body[id][v] != 0;
        }
        told = give(&s, &q);
        assert_int_equal(told.answer.status, 0);
        assert_int_equal(told.answer.again, again);
        assert_int_equal(leaves(&s), size + told.answer.done + 2 * again);
        store_settle(s.n.store);
        look_at_shelf(&s, &after);
        assert_int_equal(after.all, before.all + told.answer.done);
        for (unsigned i = 0; i < IDS; i++) {
            for (unsigned v = 0; v < VERSIONS; v++) {
                if (before.body[i][v] == 0)
                    continue;
                assert_int_equal(after.body[i][v], before.body[i][v]);
                assert_int_equal(after.place[i][v] != before.place[i][v], wanted[i][v]);
                assert_true(!wanted[i][v] || after.place[i][v] > before.last);
            }
        }
        the_newest_stays_the_newest(&s, &after);
    }
    end(&s);
}

static void
nothing_of_others_comes_again(void **state)
{
    struct scratch s;
    struct request q;
    int64_t place;

    (void)state;
    begin(&s);
    init(&s, &q, LOAD_ADD);
    q.ask.collection = s.other;
    put(&q, "x", 5, "{}");
    assert_int_equal(give(&s, &q).answer.done, 1);
    place = find(&s, s.other, "x");
    init(&s, &q, LOAD_ADD);
    put_place(&q, place);
    q.ask.count = 0;
    q.ask.again = 1;
    assert_int_equal(give(&s, &q).answer.again, 0);
    assert_int_equal(find(&s, s.other, "x"), place);
    init(&s, &q, LOAD_ADD);
    q.ask.collection = s.other;
    q.ask.with = s.reader;
    put_place(&q, place);
    q.ask.count = 0;
    q.ask.again = 1;
    assert_int_equal(give(&s, &q).answer.status, ERR_AUTH);
    assert_int_equal(find(&s, s.other, "x"), place);
    end(&s);
}

/* As much as may come, all of which is there already with something else. */
static void
items_have_room(void **state)
{
    struct scratch s;
    struct request q;
    char id[OBJECT_ID_MAX + 1];

    (void)state;
    begin(&s);
    memset(id, 'x', OBJECT_ID_MAX);
    id[OBJECT_ID_MAX] = '\0';
    init(&s, &q, LOAD_ADD);
    put(&q, id, 5, "{}");
    assert_int_equal(give(&s, &q).answer.done, 1);
    init(&s, &q, LOAD_ADD);
    q.ask.failed = LOAD_BYTES / 4;
    buf_char(&q.rest, '1');
    for (uint32_t i = 1; i < q.ask.failed; i++)
        buf_char(&q.rest, i % 2 == 0 ? '1' : ',');
    for (unsigned i = 0; i < LOAD_OBJECTS; i++)
        put(&q, id, 5, "{\"other\":1}");
    assert_int_equal(give(&s, &q).answer.status, 0);
    end(&s);
}

/* Bytes are bent, cut off and doubled. */
static void
bent_at_random(void **state)
{
    uint64_t seed = 3;
    uint64_t good = 0;
    struct scratch s;

    (void)state;
    begin(&s);
    for (unsigned i = 0; i < 4000; i++) {
        AUTO_BUF(all, OBJECTS_ALL);
        uint64_t before = leaves(&s);
        struct request q;
        struct objects_told told;

        init(&s, &q, i % 5 == 0 ? LOAD_DROP : LOAD_ADD);
        if (q.ask.what == LOAD_DROP)
            put_place(&q, (int64_t)(next_random(&seed) % 100) + now_us);
        for (unsigned k = 0; q.ask.what == LOAD_ADD && k < 3; k++) {
            char id[16];

            (void)snprintf(id, sizeof id, "x%u", (unsigned)(next_random(&seed) % 50));
            put(&q, id, (int64_t)(next_random(&seed) % 4) - 1, "{\"a\":[1]}");
        }
        q.ask.bytes = q.rest.len;
        buf_add(&all, &q.ask, sizeof q.ask);
        buf_slice(&all, buf_get(&q.rest));
        buf_release(&q.rest);
        for (unsigned k = 0; k < i % 4; k++) {
            size_t at = next_random(&seed) % all.len;

            all.ptr[at] = i % 3 == 0 ? (char)(all.ptr[at] ^ 1 << next_random(&seed) % 8)
                                     : (char)next_random(&seed);
        }
        if (i % 7 == 3)
            all.len = next_random(&seed) % all.len;
        told = send_as_it_is(&s, all.ptr, all.len);
        good += told.answer.status == 0;
        assert_int_equal(leaves(&s), before + told.answer.done);
    }
    assert_true(good > 500 && good < 3500);
    end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(added_and_dropped),
        cmocka_unit_test(what_is_forged_is_refused),
        cmocka_unit_test(places_of_others_stay),
        cmocka_unit_test(come_again),
        cmocka_unit_test(nothing_of_others_comes_again),
        cmocka_unit_test(items_have_room),
        cmocka_unit_test(bent_at_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
