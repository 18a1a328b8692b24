#include <stdlib.h>

#include "store/objects_priv.h"

enum { BATCH = 512 };

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
is_version(const struct object_query *q, const struct store_object *o, bool first, bool last)
{
    bool version = q->all || (q->last && last) || (q->first && first);

    for (uint32_t i = 0; !version && i < q->versions; i++)
        version = q->version[i].us == o->version_at.us;
    return version;
}

/* Is it of those that are asked for, by all but its version? */
static bool
is_of(const struct object_query *q, const struct store_object *o)
{
    return o->collection == q->collection && is_among(&q->id, o->id) &&
           is_among(&q->type, o->type) && is_among(&q->spec, o->spec);
}

/* ---- several versions of STIX ------------------------------------------------------------ */

/* How a version stands among those of its object that count. */
struct standing {
    struct store *s;
    const struct object_query *q;
    const struct store_object *o;
    bool superseded; /* a newer version of STIX has it, and none was named */
    bool first;
    bool last;
};

static int
compare_other(void *arg, int64_t place, int64_t version)
{
    struct standing *x = arg;
    sqlite3_stmt *st = store_statement(x->s, ST_OBJECT_SPEC);
    struct slice spec;
    int r;

    (void)version;
    if (place == x->o->added.us)
        return 0;
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, place);
    r = store_row(x->s, st);
    if (r <= 0)
        return r;
    spec = column_blob(st, 0);
    if (!slice_eq(column_blob(st, 2), x->o->id))
        ; /* of another id, whose key is the same */
    else if (x->q->spec.count > 0 ? is_among(&x->q->spec, spec) : slice_eq(spec, x->o->spec)) {
        x->first &= sqlite3_column_int64(st, 1) > x->o->version_at.us;
        x->last &= sqlite3_column_int64(st, 1) < x->o->version_at.us;
    } else if (x->q->spec.count == 0) {
        x->superseded |= slice_order(spec, x->o->spec) > 0;
    }
    (void)sqlite3_reset(st);
    return 0;
}

static int
is_wanted_by_spec(struct store *s, const struct object_query *q, const struct store_object *o)
{
    struct standing x = {.s = s, .q = q, .o = o, .first = true, .last = true};
    int r = is_of(q, o) ? object_places(s, q->collection, o->id, compare_other, &x) : 0;

    if (r < 0 || !is_of(q, o))
        return r;
    return !x.superseded && is_version(q, o, x.first, x.last);
}

static int
has_older(struct store *s, int64_t collection)
{
    sqlite3_stmt *st = store_statement(s, ST_COLLECTION_HAS_OLDER);
    uint64_t n = 0;
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, collection);
    r = store_one_number(s, st, &n);
    return r < 0 ? r : n > 0;
}

/* ---- rows -------------------------------------------------------------------------------- */

/* A row, when it is wanted: only then its body is unpacked. */
static int
give_row(struct store *s, sqlite3_stmt *st, const struct object_query *q,
         int (*each)(void *arg, const struct store_object *o), void *arg)
{
    struct store_object o;
    int r = object_read(s, st, false, &o);

    if (r < 0)
        return r;
    r = q->by_spec ? is_wanted_by_spec(s, q, &o)
                   : is_of(q, &o) && is_version(q, &o, o.first, o.last);
    if (r <= 0)
        return r;
    r = q->bodies ? object_read(s, st, true, &o) : 0;
    return r < 0 ? r : each(arg, &o);
}

/* One more was looked at: was it the last that may be? */
static bool
is_spent(struct object_bound *b, int64_t place)
{
    if (b == NULL || b->rows-- > 1)
        return false;
    b->reached.us = place;
    return true;
}

/* One behind the other.  Of newest versions alone, runs that have none are passed over. */
static int
each_row(struct store *s, const struct object_query *q,
         int (*each)(void *arg, const struct store_object *o), void *arg)
{
    bool newest = q->last && !q->first && !q->all && q->versions == 0 && !q->by_spec;
    sqlite3_stmt *st = store_statement(s, newest ? ST_OBJECT_EACH : ST_OBJECT_EACH_ALL);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, q->collection);
        (void)sqlite3_bind_int64(st, 2, q->after.us);
    }
    while ((r = store_row(s, st)) > 0) {
        r = give_row(s, st, q, each, arg);
        if (r != 0 || is_spent(q->bound, sqlite3_column_int64(st, 0)))
            break;
    }
    if (st != NULL)
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
keep_place(void *arg, int64_t place, int64_t version)
{
    struct places *p = arg;

    (void)version;
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
        r = keep_place(to, last, 0);
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

static int
gather_ids(struct store *s, const struct object_query *q, struct places *to)
{
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < q->id.count; i++)
        r = object_places(s, q->collection, q->id.at[i], keep_place, to);
    return r;
}

static int
gather_types(struct store *s, const struct object_query *q, int64_t after, struct places *to)
{
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < q->type.count; i++) {
        sqlite3_stmt *st;
        int64_t type;

        r = object_type(s, q->type.at[i], &type);
        if (r == ERR_NOTFOUND) {
            r = 0;
            continue;
        }
        st = r < 0 ? NULL : store_statement(s, ST_OBJECT_BY_TYPE);
        if (st != NULL)
            (void)sqlite3_bind_int64(st, 2, type);
        r = r < 0 ? r : take_list(s, st, q->collection, after, to);
    }
    return r;
}

/* The next places behind `after`, and up to where they are all. */
static int
gather(struct store *s, const struct object_query *q, int64_t after, struct places *to)
{
    int r = 0;

    to->count = 0;
    to->bound = INT64_MAX;
    if (q->id.count > 0)
        r = gather_ids(s, q, to);
    else
        r = gather_types(s, q, after, to);
    if (to->count > 0)
        qsort(to->at, to->count, sizeof *to->at, compare_places);
    return r;
}

static int
give(struct store *s, const struct object_query *q, int64_t place,
     int (*each)(void *arg, const struct store_object *o), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_OBJECT_GET);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, place);
    r = store_row(s, st);
    if (r <= 0)
        return r;
    r = give_row(s, st, q, each, arg);
    (void)sqlite3_reset(st);
    return r;
}

static int
each_object(struct store *s, const struct object_query *q,
            int (*each)(void *arg, const struct store_object *o), void *arg)
{
    struct places p = {.at = NULL};
    int64_t after = q->after.us;
    int r = 0;

    if (q->id.count + q->type.count == 0)
        return each_row(s, q, each, arg);
    do {
        r = gather(s, q, after, &p);
        for (size_t i = 0; r == 0 && i < p.count && p.at[i] <= p.bound; i++) {
            bool again = i > 0 && p.at[i] == p.at[i - 1]; /* an id that is asked for twice */

            if (p.at[i] <= after || again)
                continue;
            r = give(s, q, p.at[i], each, arg);
            if (r == 0 && is_spent(q->bound, p.at[i])) {
                p.bound = INT64_MAX;
                break;
            }
        }
        after = p.bound;
    } while (r == 0 && p.bound != INT64_MAX);
    free(p.at);
    return r;
}

int
store_each_object(struct store *s, const struct object_query *q,
                  int (*each)(void *arg, const struct store_object *o), void *arg)
{
    struct object_query *plain = NULL;
    int r;

    if (s->schema < OBJECTS_SCHEMA)
        return 0;
    r = !q->by_spec ? 1 : s->schema < WATCH_SCHEMA ? 0 : has_older(s, q->collection);
    if (r < 0)
        return r;
    if (r == 0) { /* all of one kind: it is as it stands in the rows */
        plain = malloc(sizeof *plain);
        if (plain == NULL)
            return ERR_NOMEM;
        memcpy(plain, q, sizeof *plain);
        plain->by_spec = false;
    }
    r = each_object(s, plain != NULL ? plain : q, each, arg);
    free(plain);
    return r;
}

int
store_count_objects(struct store *s, int64_t collection, uint64_t *ret)
{
    sqlite3_stmt *st;

    *ret = 0;
    if (s->schema < OBJECTS_SCHEMA)
        return 0;
    st = store_statement(s, ST_OBJECT_COUNT);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, collection);
    return store_one_number(s, st, ret);
}
