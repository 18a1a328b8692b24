/* Collections against a list in memory that is searched from its beginning: random histories of
 * versions that come in any order, are dropped, and rolled back, and every filter. */
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/objects_priv.h"

enum {
    IDS = 12,
    TYPES = 4,
    TIMES = 40,
    BODY = 3000,
    MOST = 4000,
    BOXES = 2,
    QUERIES = 12 /* behind each turn */
};

/* ---- the list ---------------------------------------------------------------------------- */

struct one {
    int64_t collection;
    int64_t place;
    unsigned id;
    int64_t at;
    bool has_version;
    uint64_t seed; /* of its body */
    size_t size;
    bool gone;
};

struct list {
    struct one at[MOST];
    size_t count;
};

struct scratch {
    char dir[64];
    struct store *store;
    uint64_t seed;
    uint64_t most; /* ids that wait */
    int64_t now;
    int64_t box[BOXES];
    struct list list;
};

static unsigned
draw(struct scratch *s, unsigned below)
{
    return (unsigned)(next_random(&s->seed) % below);
}

static const char *const types[TYPES] = {"indicator", "malware", "x-odd", "ipv4-addr"};
static const char *const specs[3] = {"2.1", "2.0", ""};

/* As many bytes as o->size, of every value. */
static void
body_of(const struct one *o, char *ret)
{
    uint64_t seed = o->seed;

    for (size_t i = 0; i < o->size; i++)
        ret[i] = (char)next_random(&seed);
}

struct names {
    char id[64];
    char version[64];
    char body[BODY];
};

static void
object_of(const struct one *o, struct names *n, struct store_object *ret)
{
    body_of(o, n->body);
    (void)snprintf(n->id, sizeof n->id, "%s--%04u", types[o->id % TYPES], o->id);
    (void)snprintf(n->version, sizeof n->version, "%s%lld", o->has_version ? "v" : "",
                   (long long)o->at);
    *ret = (struct store_object){.collection = o->collection,
                                 .added = {o->place},
                                 .id = slice_of(n->id),
                                 .type = slice_of(types[o->id % TYPES]),
                                 .spec = slice_of(specs[o->id % 3]),
                                 .version = slice_of(o->has_version ? n->version : ""),
                                 .version_at = {o->at},
                                 .body = {n->body, o->size},
                                 .leaf = (uint64_t)o->place * 3,
                                 .poster = o->id + 1};
    ret->hash = sha256_of(n->body, o->size);
    memcpy(ret->salt, &ret->hash, sizeof ret->salt);
}

/* Is there another version of it, that much before or behind? */
static bool
is_edge(const struct list *l, const struct one *o, int direction)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct one *x = &l->at[i];

        if (!x->gone && x->collection == o->collection && x->id == o->id &&
            (direction < 0 ? x->at < o->at : x->at > o->at))
            return false;
    }
    return true;
}

static const struct one *
find(const struct list *l, int64_t collection, unsigned id, int64_t at)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct one *x = &l->at[i];

        if (!x->gone && x->collection == collection && x->id == id && x->at == at)
            return x;
    }
    return NULL;
}

/* ---- changes ----------------------------------------------------------------------------- */

static void
open_store(struct scratch *s, enum store_mode mode)
{
    struct errinfo ei = {0};

    assert_int_equal(store_open(s->dir, mode, &s->store, &ei), 0);
    s->store->keys.most = s->most;
}

static void
begin(struct scratch *s, uint64_t seed, uint64_t most)
{
    *s = (struct scratch){.seed = seed, .most = most, .now = 1000};
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    open_store(s, STORE_CREATE);
    assert_int_equal(store_begin(s->store), 0);
    for (int i = 0; i < BOXES; i++) {
        char id[64];
        char name[16];
        struct store_collection c = {.title = SLICE("Title")};

        (void)snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", i);
        (void)snprintf(name, sizeof name, "box%d", i);
        c.id = slice_of(id);
        c.name = slice_of(name);
        assert_int_equal(store_add_collection(s->store, &c, &s->box[i]), 0);
    }
    assert_int_equal(store_commit(s->store), 0);
}

static void
end(struct scratch *s)
{
    char command[96];

    s->store = store_close(s->store);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

static void
add(struct scratch *s, struct utime *place)
{
    struct one o = {.collection = s->box[draw(s, BOXES)],
                    .id = draw(s, IDS),
                    .at = draw(s, TIMES),
                    .has_version = draw(s, 10) > 0,
                    .seed = next_random(&s->seed),
                    .size = draw(s, 4) > 0 ? 1 + draw(s, 50) : 1 + draw(s, BODY)};
    struct names n;
    struct store_object object;
    struct store_versions v;
    const struct one *same;

    o.place = place->us;
    if (!o.has_version)
        o.at = o.place;
    same = find(&s->list, o.collection, o.id, o.at);
    object_of(&o, &n, &object);
    assert_int_equal(store_find_versions(s->store, &object, &v), 0);
    assert_int_equal(v.same_place, same == NULL ? 0 : same->place);
    if (same != NULL || s->list.count == MOST)
        return;
    assert_int_equal(store_put_object(s->store, &object, &v), 0);
    s->list.at[s->list.count++] = o;
    place->us += 1 + draw(s, 3);
}

static void
drop(struct scratch *s)
{
    struct one *o = s->list.count == 0 ? NULL : &s->list.at[draw(s, (unsigned)s->list.count)];
    struct names n;
    struct store_object object;

    if (o == NULL)
        return;
    object_of(o, &n, &object);
    if (o->gone) {
        assert_int_equal(store_get_object(s->store, o->place, NULL, NULL), ERR_NOTFOUND);
        return;
    }
    assert_int_equal(store_drop_object(s->store, &object, (struct utime){s->now}), 0);
    o->gone = true;
}

/* One transaction; sometimes nothing comes of it. */
static void
turn(struct scratch *s)
{
    struct list *before = malloc(sizeof *before);
    struct utime place;
    unsigned n = 1 + draw(s, 40);

    assert_non_null(before);
    memcpy(before, &s->list, sizeof *before);
    s->now += draw(s, 50);
    assert_int_equal(store_begin(s->store), 0);
    assert_int_equal(store_next_place(s->store, (struct utime){s->now}, &place), 0);
    assert_true(s->list.count == 0 || place.us > s->list.at[s->list.count - 1].place);
    for (unsigned i = 0; i < n; i++) {
        if (draw(s, 5) == 0)
            drop(s);
        else
            add(s, &place);
    }
    if (draw(s, 6) == 0) {
        if (draw(s, 2) == 0)
            assert_int_equal(store_end_objects(s->store), 0);
        store_rollback(s->store);
        memcpy(&s->list, before, sizeof *before);
    } else {
        assert_int_equal(store_end_objects(s->store), 0);
        assert_int_equal(store_commit(s->store), 0);
    }
    free(before);
}

/* ---- questions --------------------------------------------------------------------------- */

struct question {
    struct object_query q;
    char text[3 * MATCH_VALUES][64];
    unsigned texts;
    uint64_t limit;
};

static void
draw_values(struct scratch *s, struct question *q, struct match *m, int kind)
{
    m->count = draw(s, 3) > 0 ? 0 : 1 + draw(s, 4);
    for (uint32_t i = 0; i < m->count; i++) {
        char *to = q->text[q->texts++];
        unsigned n = draw(s, IDS + 1); /* one more than there is */

        if (kind == 0)
            (void)snprintf(to, 64, "%s--%04u", types[n % TYPES], n);
        else
            (void)snprintf(to, 64, "%s",
                           kind == 1  ? n == IDS ? "none" : types[n % TYPES]
                            : n == IDS ? "9"
                                      : specs[n % 3]);
        m->at[i] = slice_of(to);
    }
}

static void
draw_question(struct scratch *s, struct question *q)
{
    *q = (struct question){.limit = draw(s, 2) > 0 ? UINT64_MAX : 1 + draw(s, 20)};
    q->q.collection = s->box[draw(s, BOXES)];
    q->q.after.us = draw(s, 2) > 0 || s->list.count == 0
                        ? -1
                        : s->list.at[draw(s, (unsigned)s->list.count)].place - draw(s, 2);
    q->q.bodies = draw(s, 2) > 0;
    draw_values(s, q, &q->q.id, 0);
    draw_values(s, q, &q->q.type, 1);
    draw_values(s, q, &q->q.spec, 2);
    q->q.last = draw(s, 2) > 0;
    q->q.first = draw(s, 3) == 0;
    q->q.all = draw(s, 4) == 0;
    q->q.versions = draw(s, 3) > 0 ? 0 : 1 + draw(s, 2);
    for (uint32_t i = 0; i < q->q.versions; i++)
        q->q.version[i].us = draw(s, TIMES);
}

static bool
is_one_of(const struct match *m, struct slice value)
{
    bool any = m->count == 0;

    for (uint32_t i = 0; i < m->count; i++)
        any |= slice_eq(m->at[i], value);
    return any;
}

static bool
is_wanted(const struct list *l, const struct object_query *q, const struct one *o,
          const struct store_object *x)
{
    bool version = q->all || (q->last && is_edge(l, o, 1)) || (q->first && is_edge(l, o, -1));

    for (uint32_t i = 0; i < q->versions; i++)
        version |= q->version[i].us == o->at;
    return !o->gone && version && o->collection == q->collection && o->place > q->after.us &&
           is_one_of(&q->id, x->id) && is_one_of(&q->type, x->type) &&
           is_one_of(&q->spec, x->spec);
}

struct hearing {
    const struct scratch *s;
    const struct question *q;
    size_t next; /* in the list */
    uint64_t heard;
};

/* The next that is wanted; false when there is none. */
static bool
next_wanted(struct hearing *h, struct names *n, struct store_object *ret)
{
    for (; h->next < h->s->list.count; h->next++) {
        object_of(&h->s->list.at[h->next], n, ret);
        if (is_wanted(&h->s->list, &h->q->q, &h->s->list.at[h->next], ret))
            return true;
    }
    return false;
}

static int
hear(void *arg, const struct store_object *o)
{
    struct hearing *h = arg;
    struct names n;
    struct store_object want;

    assert_true(next_wanted(h, &n, &want));
    assert_int_equal(o->added.us, want.added.us);
    assert_int_equal(o->collection, want.collection);
    assert_true(slice_eq(o->id, want.id) && slice_eq(o->type, want.type));
    assert_true(slice_eq(o->spec, want.spec) && slice_eq(o->version, want.version));
    assert_int_equal(o->version_at.us, want.version_at.us);
    assert_true(hash_eq(&o->hash, &want.hash));
    assert_memory_equal(o->salt, want.salt, sizeof want.salt);
    assert_true(o->leaf == want.leaf && o->poster == want.poster);
    assert_int_equal(o->last, is_edge(&h->s->list, &h->s->list.at[h->next], 1));
    assert_int_equal(o->first, is_edge(&h->s->list, &h->s->list.at[h->next], -1));
    assert_true(h->q->q.bodies ? slice_eq(o->body, want.body) : o->body.len == 0);
    h->next++;
    return ++h->heard == h->q->limit ? 77 : 0;
}

static void
ask(const struct scratch *s, struct store *store, const struct question *q)
{
    struct hearing h = {.s = s, .q = q};
    struct names n;
    struct store_object more;
    int r = store_each_object(store, &q->q, hear, &h);

    assert_int_equal(r, h.heard == q->limit ? 77 : 0);
    if (r == 0)
        assert_false(next_wanted(&h, &n, &more));
}

/* The same in pieces of few rows: each goes on where the one before ended. */
static void
ask_in_pieces(const struct scratch *s, struct store *store, const struct question *q)
{
    struct question piece = *q;
    struct hearing h = {.s = s, .q = &piece};
    struct names n;
    struct store_object more;
    struct object_bound bound;

    piece.limit = UINT64_MAX;
    piece.q.bound = &bound;
    do {
        struct utime after = piece.q.after;

        bound = (struct object_bound){40, {-1}};
        assert_int_equal(store_each_object(store, &piece.q, hear, &h), 0);
        if (bound.reached.us >= 0) {
            assert_true(bound.reached.us > after.us);
            piece.q.after = bound.reached;
        }
    } while (bound.reached.us >= 0);
    piece.q.after = q->q.after;
    assert_false(next_wanted(&h, &n, &more));
}

struct naming {
    struct store_object want;
    bool called;
};

static int
check_one(void *arg, const struct store_object *o)
{
    struct naming *x = arg;

    assert_int_equal(o->added.us, x->want.added.us);
    assert_true(slice_eq(o->body, x->want.body));
    x->called = true;
    return 5;
}

static void
ask_for_versions(struct scratch *s, struct store *store)
{
    const struct one *o =
        s->list.count == 0 ? NULL : &s->list.at[draw(s, (unsigned)s->list.count)];
    struct names n;
    struct naming x = {.called = false};
    struct store_object which;

    if (o == NULL || o->gone)
        return;
    object_of(o, &n, &x.want);
    which = x.want;
    which.body = slice_of("");
    assert_int_equal(store_get_version(store, &which, check_one, &x), 5);
    if (is_edge(&s->list, o, 1)) {
        which.version_at.us = -1;
        assert_int_equal(store_get_version(store, &which, check_one, &x), 5);
    }
    which.version_at.us = TIMES + 1;
    if (find(&s->list, o->collection, o->id, TIMES + 1) == NULL)
        assert_int_equal(store_get_version(store, &which, check_one, &x), ERR_NOTFOUND);
    assert_true(x.called);
}

static void
ask_all(struct scratch *s, struct store *store)
{
    struct question *q = malloc(sizeof *q);

    assert_non_null(q);
    for (int i = 0; i < QUERIES; i++) {
        draw_question(s, q);
        ask(s, store, q);
        ask_in_pieces(s, store, q);
        ask_for_versions(s, store);
    }
    free(q);
    for (int i = 0; i < BOXES; i++) {
        uint64_t n;
        uint64_t want = 0;

        for (size_t k = 0; k < s->list.count; k++)
            want += !s->list.at[k].gone && s->list.at[k].collection == s->box[i];
        assert_int_equal(store_count_objects(store, s->box[i], &n), 0);
        assert_int_equal(n, want);
    }
}

/* Each object is in one run, of its collection and type, which counts it rightly. */
static uint32_t
check_runs(const struct scratch *s)
{
    sqlite3_stmt *st = NULL;
    uint64_t told = 0;
    uint64_t there = 0;
    uint32_t runs = 0;

    assert_int_equal(sqlite3_prepare_v2(s->store->db,
                                        "SELECT collection,first,last,live,count,"
                                        "(SELECT name FROM object_type WHERE number=type) "
                                        "FROM object_run",
                                        -1, &st, NULL),
                     SQLITE_OK);
    for (; sqlite3_step(st) == SQLITE_ROW; runs++) {
        int64_t live = 0;
        int64_t count = 0;

        for (size_t i = 0; i < s->list.count; i++) {
            const struct one *o = &s->list.at[i];

            if (o->gone || o->place < sqlite3_column_int64(st, 1) ||
                o->place > sqlite3_column_int64(st, 2))
                continue;
            assert_int_equal(o->collection, sqlite3_column_int64(st, 0));
            assert_string_equal(types[o->id % TYPES], (const char *)sqlite3_column_text(st, 5));
            live += is_edge(&s->list, o, 1);
            count++;
        }
        assert_int_equal(live, sqlite3_column_int64(st, 3));
        assert_int_equal(count, sqlite3_column_int64(st, 4));
        assert_in_range(count, 1, RUN_MOST);
        told += (uint64_t)count;
    }
    (void)sqlite3_finalize(st);
    for (size_t i = 0; i < s->list.count; i++)
        there += !s->list.at[i].gone;
    assert_int_equal(told, there);
    return runs;
}

static void
history(uint64_t seed, uint64_t most)
{
    struct scratch *s = malloc(sizeof *s);
    struct store *reader;
    struct errinfo ei;

    assert_non_null(s);
    begin(s, seed, most);
    assert_int_equal(store_open(s->dir, STORE_READ, &reader, &ei), 0);
    for (int i = 0; i < 40; i++) {
        turn(s);
        (void)check_runs(s);
        ask_all(s, s->store);
        if (i % 3 > 0)
            reader->keys.asked = 1000; /* as one that asks often, with a filter */
        ask_all(s, reader);
        store_settle(reader);
        if (draw(s, 8) == 0) {
            s->store = store_close(s->store);
            open_store(s, STORE_WRITE);
        }
    }
    (void)store_close(reader);
    end(s);
    free(s);
}

static void
histories(void **state)
{
    static const uint64_t most[] = {1, 7, 100, 0};

    (void)state;
    for (uint64_t i = 0; i < 6; i++)
        history(i + 1, most[i % COUNT(most)]);
}

static void
put(struct scratch *s, unsigned id, int64_t at, struct utime *place)
{
    struct one o = {.collection = s->box[0],
                    .place = place->us++,
                    .id = id,
                    .at = at,
                    .has_version = true,
                    .seed = (uint64_t)place->us,
                    .size = 20};
    struct names n;
    struct store_object object;
    struct store_versions v;

    object_of(&o, &n, &object);
    assert_int_equal(store_find_versions(s->store, &object, &v), 0);
    assert_int_equal(store_put_object(s->store, &object, &v), 0);
    s->list.at[s->list.count++] = o;
}

/* More rows than one look into an index takes. */
static void
long_lists(void **state)
{
    struct scratch *s = malloc(sizeof *s);
    struct question *q = calloc(1, sizeof *q);
    struct utime place = {5000};

    (void)state;
    assert_true(s != NULL && q != NULL);
    begin(s, 99, 0);
    assert_int_equal(store_begin(s->store), 0);
    for (unsigned i = 0; i < 2000; i++)
        put(s, i / 2, i % 2, &place);
    assert_int_equal(store_end_objects(s->store), 0);
    assert_int_equal(store_commit(s->store), 0);
    for (unsigned i = 0; i < 16; i++) {
        *q = (struct question){.limit = i % 4 == 3 ? 700 : UINT64_MAX};
        q->q.collection = s->box[0];
        q->q.after.us = i % 4 == 2 ? 5600 : -1;
        q->q.all = i / 4 % 2 == 0;
        q->q.last = !q->q.all;
        q->q.first = i / 8 == 1;
        if (i % 2 == 1) {
            q->q.type.at[q->q.type.count++] = SLICE("malware");
            q->q.type.at[q->q.type.count++] = SLICE("indicator");
        }
        ask(s, s->store, q);
    }
    end(s);
    free(s);
    free(q);
}

/* Of one type: as many as fit a run are in it, over transactions too; then almost all of them
 * are superseded, and a page passes over the runs that have none that is the newest. */
static void
long_runs(void **state)
{
    enum { ALL = 3 * RUN_MOST };
    struct scratch *s = malloc(sizeof *s);
    struct question *q = calloc(1, sizeof *q);
    struct utime place = {5000};

    (void)state;
    assert_true(s != NULL && q != NULL);
    begin(s, 7, 0);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < ALL; i++) {
            if (i % 100 == 0)
                assert_int_equal(store_begin(s->store), 0);
            if (round < 2 || i % 300 != 0)
                put(s, i * TYPES, round, &place);
            if (i % 100 == 99 || i == ALL - 1) {
                assert_int_equal(store_end_objects(s->store), 0);
                assert_int_equal(store_commit(s->store), 0);
            }
        }
        assert_int_equal(check_runs(s), 3 * (round + 1));
    }
    for (unsigned i = 0; i < 8; i++) {
        *q = (struct question){.limit = i % 2 == 0 ? UINT64_MAX : 100};
        q->q.collection = s->box[0];
        q->q.after.us = i / 2 % 2 == 0 ? -1 : 5000 + 2 * ALL + 10;
        q->q.last = i / 4 == 0;
        q->q.all = !q->q.last;
        ask(s, s->store, q);
        ask_in_pieces(s, s->store, q);
    }
    /* What is dropped gives its place back to the version before. */
    assert_int_equal(store_begin(s->store), 0);
    for (size_t i = s->list.count - RUN_MOST; i < s->list.count; i++) {
        struct names n;
        struct store_object object;

        object_of(&s->list.at[i], &n, &object);
        assert_int_equal(store_drop_object(s->store, &object, (struct utime){s->now}), 0);
        s->list.at[i].gone = true;
    }
    assert_int_equal(store_commit(s->store), 0);
    assert_int_equal(check_runs(s), 8);
    q->q = (struct object_query){.collection = s->box[0], .after = {-1}, .last = true};
    ask(s, s->store, q);
    end(s);
    free(s);
    free(q);
}

struct counting {
    uint64_t count;
    int64_t place;
};

static int
count_one(void *arg, const struct store_object *o)
{
    struct counting *c = arg;

    c->count++;
    c->place = o->added.us;
    return 0;
}

/* Some of the ids up to that one are there, and none behind it; by a filter, once it was asked
 * often. */
static void
find_by_reader(const struct scratch *s, struct store *reader, unsigned there)
{
    struct store_object o = {.collection = s->box[0]};
    char id[32];

    for (unsigned i = 0; i < 2 * there; i += 1 + there / 1500) {
        struct store_versions v;

        (void)snprintf(id, sizeof id, "x-odd--%u", i);
        o.id = slice_of(id);
        o.version_at.us = 1000 + i;
        assert_int_equal(store_find_versions(reader, &o, &v), 0);
        assert_int_equal(v.any, i < there);
        assert_true(!v.any || v.same_place == 1000 + i);
    }
}

/* More ids than the filter begins with: each is found, by who put it, by who opens it later and
 * by those that look meanwhile, always or sometimes, and none that is not there. */
static void
many_ids(void **state)
{
    enum { MANY = 150000, A_TURN = 10000 };
    struct scratch *s = malloc(sizeof *s);
    struct store *reader[3];
    struct errinfo ei;
    struct store_object o = {.type = SLICE("x-odd"), .spec = SLICE("2.1"), .body = SLICE("{}")};
    char id[32];

    (void)state;
    assert_non_null(s);
    begin(s, 1, 0);
    o.collection = s->box[0];
    for (unsigned k = 0; k < COUNT(reader); k++)
        assert_int_equal(store_open(s->dir, STORE_READ, &reader[k], &ei), 0);
    for (unsigned i = 0; i < MANY; i++) {
        struct store_versions v;

        if (i % A_TURN == 0)
            assert_int_equal(store_begin(s->store), 0);
        (void)snprintf(id, sizeof id, "x-odd--%u", i);
        o.id = slice_of(id);
        o.added.us = o.version_at.us = 1000 + i;
        assert_int_equal(store_find_versions(s->store, &o, &v), 0);
        assert_false(v.any);
        assert_int_equal(store_put_object(s->store, &o, &v), 0);
        if (i % A_TURN == A_TURN - 1) {
            assert_int_equal(store_end_objects(s->store), 0);
            assert_int_equal(store_commit(s->store), 0);
            for (unsigned k = 0; k < COUNT(reader); k++) {
                if (i / A_TURN % (1 + 4 * k) == 0 || i == MANY - 1)
                    find_by_reader(s, reader[k], i + 1);
            }
        }
    }
    assert_non_null(reader[0]->ids.bits);
    for (unsigned k = 0; k < COUNT(reader); k++)
        (void)store_close(reader[k]);
    for (int turn = 0; turn < 2; turn++) {
        for (unsigned i = 0; i < MANY; i += 1 + (unsigned)turn * 50) {
            struct store_versions v;

            (void)snprintf(id, sizeof id, "x-odd--%u", i);
            o.id = slice_of(id);
            o.version_at.us = 1000 + i;
            assert_int_equal(store_find_versions(s->store, &o, &v), 0);
            assert_true(v.any && v.same_place == 1000 + i);
        }
        s->store = store_close(s->store);
        open_store(s, STORE_WRITE);
    }
    {
        struct object_query q = {.collection = s->box[0], .after = {-1}, .all = true};
        struct counting c = {0};

        assert_int_equal(store_each_object(s->store, &q, count_one, &c), 0);
        assert_true(c.count == MANY && c.place == 1000 + MANY - 1);
    }
    end(s);
    free(s);
}

/* ---- what is on the disk ----------------------------------------------------------------- */

static bool
is_on_disk(const struct scratch *s, const char *bytes, size_t n)
{
    char path[128];
    char *all;
    FILE *f;
    size_t size;
    bool found;

    (void)snprintf(path, sizeof path, "%s/detente.db", s->dir);
    f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    size = (size_t)ftell(f);
    rewind(f);
    all = malloc(size);
    assert_non_null(all);
    assert_int_equal(fread(all, 1, size, f), size);
    (void)fclose(f);
    found = memmem(all, size, bytes, n) != NULL;
    free(all);
    return found;
}

/* Of bytes that nothing compresses, which stand in the file as they are. */
static void
what_is_dropped_is_no_more(void **state)
{
    struct scratch *s = malloc(sizeof *s);
    struct utime place = {5000};
    struct names n;
    struct store_object object;

    (void)state;
    assert_non_null(s);
    begin(s, 5, 0);
    assert_int_equal(store_begin(s->store), 0);
    for (unsigned i = 0; i < 60; i++, place.us++) {
        struct one o = {.collection = s->box[0],
                        .place = place.us,
                        .id = i,
                        .at = 1,
                        .has_version = true,
                        .seed = i + 1,
                        .size = BODY};
        struct store_versions v;

        object_of(&o, &n, &object);
        assert_int_equal(store_find_versions(s->store, &object, &v), 0);
        assert_int_equal(store_put_object(s->store, &object, &v), 0);
        s->list.at[s->list.count++] = o;
    }
    assert_int_equal(store_end_objects(s->store), 0);
    assert_int_equal(store_commit(s->store), 0);
    for (unsigned i = 0; i < 60; i += 13) {
        struct one *o = &s->list.at[i];
        unsigned found;

        s->store = store_close(s->store);
        object_of(o, &n, &object);
        found = 0;
        for (size_t at = 0; at < BODY; at += 500)
            found += is_on_disk(s, n.body + at, 16);
        assert_true(found >= 4); /* a page may end within the others */
        open_store(s, STORE_WRITE);
        assert_int_equal(store_begin(s->store), 0);
        assert_int_equal(store_drop_object(s->store, &object, place), 0);
        o->gone = true;
        if (i < 59) { /* its neighbour goes with it, of one chunk as a rule */
            object_of(o + 1, &n, &object);
            assert_int_equal(store_drop_object(s->store, &object, place), 0);
            o[1].gone = true;
            object_of(o, &n, &object);
        }
        assert_int_equal(store_commit(s->store), 0);
        s->store = store_close(s->store);
        for (size_t at = 0; at + 16 <= BODY; at++)
            assert_false(at % 97 == 0 && is_on_disk(s, n.body + at, 16));
        open_store(s, STORE_WRITE);
        ask_all(s, s->store); /* all others are as they were */
    }
    end(s);
    free(s);
}

static int
no_outcome(struct store *s, const char *id)
{
    struct store_outcome o;

    return store_get_outcome(s, slice_of(id), &o);
}

static void
outcomes_stay_for_two_days(void **state)
{
    struct scratch *s = malloc(sizeof *s);
    struct store_outcome o = {.id = SLICE("a"),
                              .at = {TIME_US_PER_S},
                              .collection = 3,
                              .person = 4,
                              .total = 9,
                              .added = 5,
                              .first = {77},
                              .same = SLICE("{\"id\":\"x\"}"),
                              .same_count = 1,
                              .failed = SLICE("{\"id\":\"y\"}"),
                              .failed_count = 3};
    struct store_outcome got;

    (void)state;
    assert_non_null(s);
    begin(s, 5, 0);
    assert_int_equal(store_put_outcome(s->store, &o), 0);
    assert_int_equal(store_get_outcome(s->store, SLICE("a"), &got), 0);
    assert_true(got.at.us == o.at.us && got.collection == 3 && got.person == 4);
    assert_true(got.total == 9 && got.added == 5 && got.first.us == 77);
    assert_true(slice_eq(got.same, o.same) && slice_eq(got.failed, o.failed));
    assert_true(got.same_count == 1 && got.failed_count == 3);
    store_settle(s->store);
    o.id = SLICE("b");
    o.at.us += OUTCOME_KEEP_S * TIME_US_PER_S;
    assert_int_equal(store_put_outcome(s->store, &o), 0);
    assert_int_equal(no_outcome(s->store, "a"), 0);
    o.id = SLICE("c");
    o.at.us++;
    assert_int_equal(store_put_outcome(s->store, &o), 0);
    assert_int_equal(no_outcome(s->store, "a"), ERR_NOTFOUND);
    assert_int_equal(no_outcome(s->store, "b"), 0);
    assert_int_equal(no_outcome(s->store, "c"), 0);
    store_settle(s->store);
    end(s);
    free(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories),
        cmocka_unit_test(long_lists),
        cmocka_unit_test(long_runs),
        cmocka_unit_test(many_ids),
        cmocka_unit_test(what_is_dropped_is_no_more),
        cmocka_unit_test(outcomes_stay_for_two_days),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
