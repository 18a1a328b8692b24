#include <stdio.h>

#include "store/objects_priv.h"

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
        bind_text(st, 7, c->party);
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

    if (s->schema < OBJECTS_SCHEMA)
        return 0;
    st = store_statement(s,
                         s->schema < WATCH_SCHEMA ? ST_COLLECTION_EACH_12 : ST_COLLECTION_EACH);
    while ((r = store_row(s, st)) > 0) {
        const struct store_collection c = {.number = sqlite3_column_int64(st, 0),
                                           .id = column_blob(st, 1),
                                           .name = column_blob(st, 2),
                                           .title = column_blob(st, 3),
                                           .description = column_blob(st, 4),
                                           .pact = column_blob(st, 5),
                                           .made = {sqlite3_column_int64(st, 6)},
                                           .party = column_blob(st, 7),
                                           .followed = sqlite3_column_int(st, 8) != 0};

        r = each(arg, &c);
        if (r != 0)
            break;
    }
    if (r != 0 && st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

int
store_follow_collection(struct store *s, int64_t collection, bool follow)
{
    sqlite3_stmt *st = store_statement(s, ST_COLLECTION_FOLLOW);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, collection);
        (void)sqlite3_bind_int(st, 2, follow);
    }
    return store_run(s, st);
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
    if (s->schema < OBJECTS_SCHEMA)
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

/* ---- places and types -------------------------------------------------------------------- */

int
store_next_place(struct store *s, struct utime now, struct utime *ret)
{
    uint64_t next;
    int r = store_number(s, ST_OBJECT_NEXT, &next);

    ret->us = r == 0 && (int64_t)next > now.us ? (int64_t)next : now.us;
    return r;
}

static void
keep_type(struct store *s, struct slice name, int64_t number)
{
    s->chunk.type = name.len < sizeof s->chunk.type_name ? number : 0;
    (void)snprintf(s->chunk.type_name, sizeof s->chunk.type_name, "%.*s", (int)name.len,
                   name.ptr);
}

/* The number of a type, which it gets when it has none. */
static int
number_type(struct store *s, struct slice name, bool make, int64_t *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->chunk.type != 0 && slice_is(name, s->chunk.type_name)) {
        *ret = s->chunk.type; /* most come one behind the other */
        return 0;
    }
    st = store_statement(s, ST_OBJECT_TYPE_GET);
    if (st != NULL)
        bind_text(st, 1, name);
    r = store_row(s, st);
    if (r > 0) {
        *ret = sqlite3_column_int64(st, 0);
        (void)sqlite3_reset(st);
        keep_type(s, name, *ret);
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

int
object_type(struct store *s, struct slice name, int64_t *ret)
{
    return number_type(s, name, false, ret);
}

/* ---- objects are added ------------------------------------------------------------------- */

static int
mark(struct store *s, enum statement which, int64_t place, bool value)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, place);
        (void)sqlite3_bind_int(st, 2, value);
    }
    return store_run(s, st);
}

/* It is the newest of its id from now on, or no longer. */
static int
mark_last(struct store *s, const struct store_object *o, int64_t place, bool value)
{
    int r = mark(s, ST_OBJECT_SET_LAST, place, value);

    if (r < 0 || sqlite3_changes(s->db) == 0)
        return r;
    return run_change(s, o->collection, place, value ? 1 : -1, 0);
}

static int
insert(struct store *s, const struct store_object *o, int64_t type)
{
    sqlite3_stmt *st;
    int64_t chunk;
    uint64_t offset;
    int r = chunk_add(s, o->body, &chunk, &offset);

    if (r < 0)
        return r;
    st = store_statement(s, ST_OBJECT_PUT);
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, o->added.us);
        (void)sqlite3_bind_int64(st, 2, o->collection);
        (void)sqlite3_bind_int(st, 3, o->last);
        (void)sqlite3_bind_int(st, 4, o->first);
        (void)sqlite3_bind_int64(st, 5, type);
        bind_text(st, 6, o->id);
        (void)sqlite3_bind_int64(st, 7, o->version_at.us);
        bind_text(st, 8, o->version);
        bind_text(st, 9, o->spec);
        bind_u64(st, 10, o->leaf);
        (void)sqlite3_bind_int64(st, 11, o->poster);
        bind_blob(st, 12, hash_slice(&o->hash));
        bind_blob(st, 13, (struct slice){(const char *)o->salt, sizeof o->salt});
        (void)sqlite3_bind_int64(st, 14, chunk);
        bind_u64(st, 15, offset);
        bind_u64(st, 16, o->body.len);
    }
    return store_run(s, st);
}

/* Most collections have STIX 2.1 alone, where an object's versions are all of one kind. */
static int
note_older(struct store *s, int64_t collection)
{
    sqlite3_stmt *st = store_statement(s, ST_COLLECTION_OLDER);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, collection);
    return store_run(s, st);
}

int
store_put_object(struct store *s, const struct store_object *o, const struct store_versions *v)
{
    struct store_object new = *o;
    int64_t type = 0;
    int r = number_type(s, o->type, true, &type);

    if (r < 0)
        return r;
    new.last = !v->any || o->version_at.us > v->last.us;
    new.first = !v->any || o->version_at.us < v->first.us;
    if (v->any && new.last)
        r = mark_last(s, o, v->last_place, false);
    if (r == 0 && v->any && new.first)
        r = mark(s, ST_OBJECT_SET_FIRST, v->first_place, false);
    if (r == 0)
        r = insert(s, &new, type);
    if (r == 0)
        r = run_add(s, &new, type);
    if (r == 0 && !slice_is(o->spec, "2.1"))
        r = note_older(s, o->collection);
    return r < 0 ? r : keys_put(s, o);
}

int
store_end_objects(struct store *s)
{
    int r = chunk_flush(s);

    if (r == 0)
        r = run_flush(s);
    return r < 0 ? r : keys_flush(s);
}

/* ---- one that is there ------------------------------------------------------------------- */

/* The name of a type, which most rows share with the one before. */
static int
name_type(struct store *s, int64_t number, struct slice *ret)
{
    struct store_chunk *k = &s->chunk;
    sqlite3_stmt *st;
    int r;

    *ret = (struct slice){k->read_name, k->read_len};
    if (number == k->read_type && number != 0)
        return 0;
    k->read_type = 0;
    st = store_statement(s, ST_OBJECT_TYPE_NAME);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, number);
    r = store_row(s, st);
    if (r <= 0)
        return r < 0 ? r : ERR_IO;
    k->read_len = column_blob(st, 0).len;
    r = k->read_len > sizeof k->read_name ? ERR_IO : 0;
    if (r == 0) {
        memcpy(k->read_name, column_blob(st, 0).ptr, k->read_len);
        k->read_type = number;
    }
    (void)sqlite3_reset(st);
    ret->len = k->read_len;
    return r;
}

int
object_read(struct store *s, sqlite3_stmt *st, bool body, struct store_object *ret)
{
    struct slice salt = column_blob(st, 12);
    struct slice type;
    int r = name_type(s, sqlite3_column_int64(st, 4), &type);

    *ret = (struct store_object){.added = {sqlite3_column_int64(st, 0)},
                                 .collection = sqlite3_column_int64(st, 1),
                                 .last = sqlite3_column_int(st, 2) != 0,
                                 .first = sqlite3_column_int(st, 3) != 0,
                                 .type = type,
                                 .id = column_blob(st, 5),
                                 .version_at = {sqlite3_column_int64(st, 6)},
                                 .version = column_blob(st, 7),
                                 .spec = column_blob(st, 8),
                                 .leaf = (uint64_t)sqlite3_column_int64(st, 9),
                                 .poster = sqlite3_column_int64(st, 10),
                                 .body = {"", 0}};
    column_hash(st, 11, &ret->hash);
    if (salt.len == sizeof ret->salt)
        memcpy(ret->salt, salt.ptr, salt.len);
    return r < 0 || !body ? r
                          : chunk_get(s, sqlite3_column_int64(st, 13),
                                      (uint64_t)sqlite3_column_int64(st, 14),
                                      (uint64_t)sqlite3_column_int64(st, 15), &ret->body);
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
    r = object_read(s, st, true, &o);
    if (r == 0)
        r = each(arg, &o);
    (void)sqlite3_reset(st);
    return r;
}

int
store_get_version(struct store *s, const struct store_object *which,
                  int (*each)(void *arg, const struct store_object *o), void *arg)
{
    struct store_versions v;
    int r = store_find_versions(s, which, &v);
    int64_t place = which->version_at.us < 0 ? v.last_place : v.same_place;

    if (r < 0)
        return r;
    return !v.any || place == 0 ? ERR_NOTFOUND : store_get_object(s, place, each, arg);
}

/* ---- one that goes ----------------------------------------------------------------------- */

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

/* Its bytes, its row and its key. */
static int
erase(struct store *s, const struct store_object *o)
{
    sqlite3_stmt *st = store_statement(s, ST_OBJECT_GET);
    struct store_object there = *o;
    int64_t chunk;
    uint64_t offset;
    uint64_t size;
    bool last;
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, o->added.us);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    last = sqlite3_column_int(st, 2) != 0;
    there.version_at.us = sqlite3_column_int64(st, 6);
    chunk = sqlite3_column_int64(st, 13);
    offset = (uint64_t)sqlite3_column_int64(st, 14);
    size = (uint64_t)sqlite3_column_int64(st, 15);
    (void)sqlite3_reset(st);
    r = chunk_blank(s, chunk, offset, size);
    if (r == 0) {
        st = store_statement(s, ST_OBJECT_DROP);
        if (st != NULL)
            (void)sqlite3_bind_int64(st, 1, o->added.us);
        r = store_run(s, st);
    }
    if (r == 0)
        r = run_change(s, o->collection, o->added.us, last ? -1 : 0, -1);
    return r < 0 ? r : keys_drop(s, &there);
}

int
store_drop_object(struct store *s, const struct store_object *o, struct utime now)
{
    struct store_versions v = {.any = false};
    int r = put_tombstone(s, o, now);

    if (r == 0)
        r = erase(s, o);
    if (r == 0)
        r = store_find_versions(s, o, &v);
    if (r < 0 || !v.any)
        return r;
    r = mark_last(s, o, v.last_place, true);
    if (r == 0)
        r = run_flush(s);
    return r < 0 ? r : mark(s, ST_OBJECT_SET_FIRST, v.first_place, true);
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

    if (s->schema < OBJECTS_SCHEMA)
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
