#include "store/objects.h"

#include <stdlib.h>

#include "store/store_priv.h"

enum { FIRST_SCHEMA = 11 /* with these tables */, BATCH = 512 };

static int
column_error(struct store *s, int r)
{
    return r < 0 ? r : store_fail(s, SQLITE_CORRUPT);
}

/* ---- collections ------------------------------------------------------------------------- */

int
store_add_collection(struct store *s, const struct store_collection *c, int64_t *ret)
{
    sqlite3_stmt *st;
    uint64_t n;
    int r = store_number(s, ST_COLLECTION_COUNT, &n);

    if (r == 0 && n >= COLLECTIONS_MAX)
        r = ERR_LIMIT;
    if (r < 0)
        return r;
    st = store_statement(s, ST_COLLECTION_NEW);
    if (st != NULL) {
        bind_text(st, 1, c->id);
        bind_text(st, 2, c->name);
        bind_text(st, 3, c->title);
        bind_text(st, 4, c->description);
        bind_text(st, 5, c->pact);
        (void)sqlite3_bind_int64(st, 6, c->made.us);
    }
    r = store_run(s, st);
    if (r == 0 && sqlite3_changes(s->db) == 0)
        r = ERR_CONF;
    if (r == 0)
        *ret = sqlite3_last_insert_rowid(s->db);
    return r;
}

int
store_each_collection(struct store *s, int (*each)(void *arg, const struct store_collection *c),
                      void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_COLLECTION_EACH);
    while ((r = store_row(s, st)) > 0) {
        const struct store_collection c = {.number = sqlite3_column_int64(st, 0),
                                           .id = column_blob(st, 1),
                                           .name = column_blob(st, 2),
                                           .title = column_blob(st, 3),
                                           .description = column_blob(st, 4),
                                           .pact = column_blob(st, 5),
                                           .made = {sqlite3_column_int64(st, 6)}};

        r = each(arg, &c);
        if (r != 0)
            break;
    }
    if (r != 0 && st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

int
store_set_right(struct store *s, int64_t collection, int64_t person, unsigned rights)
{
    sqlite3_stmt *st = store_statement(s, ST_RIGHT_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, collection);
        (void)sqlite3_bind_int64(st, 2, person);
        (void)sqlite3_bind_int(st, 3, (int)rights);
    }
    return store_run(s, st);
}

int
store_get_right(struct store *s, int64_t collection, int64_t person, unsigned *ret)
{
    sqlite3_stmt *st;
    uint64_t n = 0;
    int r;

    *ret = 0;
    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_RIGHT_GET);
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, collection);
        (void)sqlite3_bind_int64(st, 2, person);
    }
    r = store_one_number(s, st, &n);
    *ret = (unsigned)n;
    return r;
}

/* ---- objects are added ------------------------------------------------------------------- */

int
store_next_place(struct store *s, struct utime now, struct utime *ret)
{
    uint64_t next;
    int r = store_number(s, ST_OBJECT_NEXT, &next);

    ret->us = r == 0 && (int64_t)next > now.us ? (int64_t)next : now.us;
    return r;
}

/* The number of a type, which it gets when it has none. */
static int
number_type(struct store *s, struct slice name, bool make, int64_t *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_OBJECT_TYPE_GET);
    int r;

    if (st != NULL)
        bind_text(st, 1, name);
    r = store_row(s, st);
    if (r > 0) {
        *ret = sqlite3_column_int64(st, 0);
        (void)sqlite3_reset(st);
        return 0;
    }
    if (r < 0 || !make)
        return r < 0 ? r : ERR_NOTFOUND;
    st = store_statement(s, ST_OBJECT_TYPE_NEW);
    if (st != NULL)
        bind_text(st, 1, name);
    r = store_run(s, st);
    *ret = sqlite3_last_insert_rowid(s->db);
    return r;
}

struct span_of {
    bool any;
    int64_t first;
    int64_t last;
};

/* From which to which version it is there. */
static int
find_span(struct store *s, const struct store_object *o, struct span_of *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_OBJECT_SPAN);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, o->collection);
        bind_text(st, 2, o->id);
    }
    r = store_row(s, st);
    if (r <= 0)
        return column_error(s, r);
    *ret = (struct span_of){sqlite3_column_type(st, 0) != SQLITE_NULL,
                            sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1)};
    (void)sqlite3_reset(st);
    return 0;
}

static int
unmark(struct store *s, enum statement which, const struct store_object *o, int64_t version)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, o->collection);
        bind_text(st, 2, o->id);
        (void)sqlite3_bind_int64(st, 3, version);
    }
    return store_run(s, st);
}

static int
insert(struct store *s, const struct store_object *o, int64_t type, bool first, bool last)
{
    sqlite3_stmt *st = store_statement(s, ST_OBJECT_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, o->added.us);
        (void)sqlite3_bind_int64(st, 2, o->collection);
        (void)sqlite3_bind_int(st, 3, last);
        (void)sqlite3_bind_int(st, 4, first);
        (void)sqlite3_bind_int64(st, 5, type);
        bind_text(st, 6, o->id);
        (void)sqlite3_bind_int64(st, 7, o->version_at.us);
        bind_text(st, 8, o->version);
        bind_text(st, 9, o->spec);
        bind_u64(st, 10, o->leaf);
        (void)sqlite3_bind_int64(st, 11, o->poster);
        bind_blob(st, 12, hash_slice(&o->hash));
        bind_blob(st, 13, (struct slice){(const char *)o->salt, sizeof o->salt});
        bind_blob(st, 14, o->body);
    }
    return store_run(s, st);
}

int
store_put_object(struct store *s, const struct store_object *o)
{
    struct span_of there = {false, 0, 0};
    struct hash h;
    int64_t type;
    bool last;
    bool first;
    int r = find_span(s, o, &there);

    if (r < 0)
        return r;
    last = !there.any || o->version_at.us > there.last;
    first = !there.any || o->version_at.us < there.first;
    if (there.any && !last && !first) {
        r = store_find_object(s, o->collection, o->id, o->version_at, &h);
        if (r != ERR_NOTFOUND)
            return r < 0 ? r : ERR_CONF;
    }
    r = number_type(s, o->type, true, &type);
    if (r == 0 && there.any && last)
        r = unmark(s, ST_OBJECT_NOT_LAST, o, there.last);
    if (r == 0 && there.any && first)
        r = unmark(s, ST_OBJECT_NOT_FIRST, o, there.first);
    return r < 0 ? r : insert(s, o, type, first, last);
}

int
store_find_object(struct store *s, int64_t collection, struct slice id, struct utime version,
                  struct hash *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_OBJECT_HASH);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, collection);
        bind_text(st, 2, id);
        (void)sqlite3_bind_int64(st, 3, version.us);
    }
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    column_hash(st, 0, ret);
    (void)sqlite3_reset(st);
    return 0;
}

/* ---- objects are asked for --------------------------------------------------------------- */

static void
read_object(sqlite3_stmt *st, struct store_object *ret)
{
    struct slice salt = column_blob(st, 12);

    *ret = (struct store_object){.added = {sqlite3_column_int64(st, 0)},
                                 .collection = sqlite3_column_int64(st, 1),
                                 .last = sqlite3_column_int(st, 2) != 0,
                                 .first = sqlite3_column_int(st, 3) != 0,
                                 .type = column_blob(st, 4),
                                 .id = column_blob(st, 5),
                                 .version_at = {sqlite3_column_int64(st, 6)},
                                 .version = column_blob(st, 7),
                                 .spec = column_blob(st, 8),
                                 .leaf = (uint64_t)sqlite3_column_int64(st, 9),
                                 .poster = sqlite3_column_int64(st, 10),
                                 .body = column_blob(st, 13)};
    column_hash(st, 11, &ret->hash);
    if (salt.len == sizeof ret->salt)
        memcpy(ret->salt, salt.ptr, salt.len);
}

static bool
is_among(const struct match *m, struct slice value)
{
    for (uint32_t i = 0; i < m->count; i++) {
        if (slice_eq(m->at[i], value))
            return true;
    }
    return m->count == 0;
}

static bool
is_wanted(const struct object_query *q, const struct store_object *o)
{
    bool version = q->all || (q->last && o->last) || (q->first && o->first);

    for (uint32_t i = 0; !version && i < q->versions; i++)
        version = q->version[i].us == o->version_at.us;
    return version && o->collection == q->collection && is_among(&q->id, o->id) &&
           is_among(&q->type, o->type) && is_among(&q->spec, o->spec);
}

/* Newest versions alone: the index has them side by side. */
static int
each_last(struct store *s, const struct object_query *q,
          int (*each)(void *arg, const struct store_object *o), void *arg)
{
    sqlite3_stmt *st = store_statement(s, q->bodies ? ST_OBJECT_EACH : ST_OBJECT_HEADS);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, q->collection);
        (void)sqlite3_bind_int(st, 2, 1);
        (void)sqlite3_bind_int64(st, 3, q->after.us);
    }
    while ((r = store_row(s, st)) > 0) {
        struct store_object o;

        read_object(st, &o);
        r = is_wanted(q, &o) ? each(arg, &o) : 0;
        if (r != 0)
            break;
    }
    if (r != 0 && st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

/* Places from several lists, each of which is rising and may go on behind `bound`. */
struct places {
    int64_t *at;
    size_t count;
    size_t room;
    int64_t bound;
};

static int
keep_place(struct places *p, int64_t place)
{
    if (p->count == p->room) {
        size_t room = p->room == 0 ? BATCH : p->room * 2;
        int64_t *at = realloc(p->at, room * sizeof *at);

        if (at == NULL)
            return ERR_NOMEM;
        p->at = at;
        p->room = room;
    }
    p->at[p->count++] = place;
    return 0;
}

/* The statement's first three values are bound by the caller but for collection and after. */
static int
take_list(struct store *s, sqlite3_stmt *st, int64_t collection, int64_t after,
          struct places *to)
{
    size_t before = to->count;
    int64_t last = 0;
    int r = 0;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, collection);
        (void)sqlite3_bind_int64(st, 3, after);
        if (sqlite3_bind_parameter_count(st) == 4)
            (void)sqlite3_bind_int(st, 4, BATCH);
    }
    while (r == 0 && (r = store_row(s, st)) > 0) {
        last = sqlite3_column_int64(st, 0);
        r = keep_place(to, last);
    }
    if (r < 0 && st != NULL)
        (void)sqlite3_reset(st);
    if (st != NULL && sqlite3_bind_parameter_count(st) == 4 && to->count - before == BATCH &&
        last < to->bound)
        to->bound = last;
    return r;
}

static int
compare_places(const void *a, const void *b)
{
    int64_t x;
    int64_t y;

    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* The next places behind `after`, and up to where they are all. */
static int
gather(struct store *s, const struct object_query *q, int64_t after, struct places *to)
{
    int r = 0;

    to->count = 0;
    to->bound = INT64_MAX;
    for (uint32_t i = 0; r == 0 && i < q->id.count; i++) {
        sqlite3_stmt *st = store_statement(s, ST_OBJECT_BY_ID);

        if (st != NULL)
            bind_text(st, 2, q->id.at[i]);
        r = take_list(s, st, q->collection, after, to);
    }
    for (uint32_t i = 0; r == 0 && q->id.count == 0 && i < q->type.count; i++) {
        sqlite3_stmt *st;
        int64_t type;

        r = number_type(s, q->type.at[i], false, &type);
        if (r == ERR_NOTFOUND) {
            r = 0;
            continue;
        }
        st = r < 0 ? NULL : store_statement(s, ST_OBJECT_BY_TYPE);
        if (st != NULL)
            (void)sqlite3_bind_int64(st, 2, type);
        r = r < 0 ? r : take_list(s, st, q->collection, after, to);
    }
    for (int last = 0; r == 0 && q->id.count + q->type.count == 0 && last < 2; last++) {
        sqlite3_stmt *st = store_statement(s, ST_OBJECT_BY_LAST);

        if (st != NULL)
            (void)sqlite3_bind_int(st, 2, last);
        r = take_list(s, st, q->collection, after, to);
    }
    if (to->count > 0)
        qsort(to->at, to->count, sizeof *to->at, compare_places);
    return r;
}

int
store_get_object(struct store *s, int64_t place,
                 int (*each)(void *arg, const struct store_object *o), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_OBJECT_GET);
    struct store_object o;
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, place);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    read_object(st, &o);
    r = each(arg, &o);
    (void)sqlite3_reset(st);
    return r;
}

int
store_get_version(struct store *s, const struct store_object *which,
                  int (*each)(void *arg, const struct store_object *o), void *arg)
{
    bool last = which->version_at.us < 0;
    sqlite3_stmt *st = store_statement(s, last ? ST_OBJECT_NEWEST : ST_OBJECT_PLACE);
    int64_t place;
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, which->collection);
        bind_text(st, 2, which->id);
        if (!last)
            (void)sqlite3_bind_int64(st, 3, which->version_at.us);
    }
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    place = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return store_get_object(s, place, each, arg);
}

struct giving {
    const struct object_query *q;
    int (*each)(void *arg, const struct store_object *o);
    void *arg;
};

static int
give(void *arg, const struct store_object *o)
{
    struct giving *g = arg;

    return is_wanted(g->q, o) ? g->each(g->arg, o) : 0;
}

int
store_each_object(struct store *s, const struct object_query *q,
                  int (*each)(void *arg, const struct store_object *o), void *arg)
{
    struct places p = {.at = NULL};
    struct giving g = {q, each, arg};
    int64_t after = q->after.us;
    int r = 0;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    if (q->id.count + q->type.count == 0 && q->last && !q->first && !q->all && q->versions == 0)
        return each_last(s, q, each, arg);
    do {
        r = gather(s, q, after, &p);
        for (size_t i = 0; r == 0 && i < p.count && p.at[i] <= p.bound; i++) {
            if (i == 0 || p.at[i] != p.at[i - 1]) /* the same id may be asked for twice */
                r = store_get_object(s, p.at[i], give, &g);
        }
        after = p.bound;
    } while (r == 0 && p.bound != INT64_MAX);
    free(p.at);
    return r;
}

static int
put_tombstone(struct store *s, const struct store_object *o, struct utime now)
{
    sqlite3_stmt *st = store_statement(s, ST_TOMBSTONE_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, o->added.us);
        (void)sqlite3_bind_int64(st, 2, o->collection);
        bind_text(st, 3, o->id);
        (void)sqlite3_bind_int64(st, 4, o->version_at.us);
        bind_text(st, 5, o->version);
        bind_blob(st, 6, hash_slice(&o->hash));
        (void)sqlite3_bind_int64(st, 7, now.us);
        bind_u64(st, 8, o->leaf);
        bind_blob(st, 9, (struct slice){(const char *)o->salt, sizeof o->salt});
    }
    return store_run(s, st);
}

int
store_drop_object(struct store *s, const struct store_object *o, struct utime now)
{
    int r = put_tombstone(s, o, now);
    sqlite3_stmt *st = r < 0 ? NULL : store_statement(s, ST_OBJECT_DROP);

    if (r < 0)
        return r;
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, o->added.us);
    r = store_run(s, st);
    if (r < 0 || (!o->first && !o->last))
        return r;
    st = store_statement(s, ST_OBJECT_AGAIN);
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, o->collection);
        bind_text(st, 2, o->id);
    }
    return store_run(s, st);
}

int
store_count_objects(struct store *s, int64_t collection, uint64_t *ret)
{
    sqlite3_stmt *st;

    *ret = 0;
    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_OBJECT_COUNT);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, collection);
    return store_one_number(s, st, ret);
}

/* ---- outcomes ---------------------------------------------------------------------------- */

int
store_put_outcome(struct store *s, const struct store_outcome *o)
{
    sqlite3_stmt *st = store_statement(s, ST_OUTCOME_SWEEP);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, o->at.us - OUTCOME_KEEP_S * TIME_US_PER_S);
    r = store_run(s, st);
    if (r < 0)
        return r;
    st = store_statement(s, ST_OUTCOME_PUT);
    if (st != NULL) {
        bind_text(st, 1, o->id);
        (void)sqlite3_bind_int64(st, 2, o->at.us);
        (void)sqlite3_bind_int64(st, 3, o->collection);
        (void)sqlite3_bind_int64(st, 4, o->person);
        bind_u64(st, 5, o->total);
        bind_u64(st, 6, o->added);
        (void)sqlite3_bind_int64(st, 7, o->first.us);
        bind_text(st, 8, o->same);
        bind_u64(st, 9, o->same_count);
        bind_text(st, 10, o->failed);
        bind_u64(st, 11, o->failed_count);
    }
    return store_run(s, st);
}

int
store_get_outcome(struct store *s, struct slice id, struct store_outcome *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, ST_OUTCOME_GET);
    if (st != NULL)
        bind_text(st, 1, id);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    *ret = (struct store_outcome){.id = id,
                                  .at = {sqlite3_column_int64(st, 0)},
                                  .collection = sqlite3_column_int64(st, 1),
                                  .person = sqlite3_column_int64(st, 2),
                                  .total = (uint64_t)sqlite3_column_int64(st, 3),
                                  .added = (uint64_t)sqlite3_column_int64(st, 4),
                                  .first = {sqlite3_column_int64(st, 5)},
                                  .same = column_blob(st, 6),
                                  .same_count = (uint64_t)sqlite3_column_int64(st, 7),
                                  .failed = column_blob(st, 8),
                                  .failed_count = (uint64_t)sqlite3_column_int64(st, 9)};
    return 0;
}
