#include "store/hits.h"

#include "store/store_priv.h"

/* How many rows there are, since counting them costs as much as reading them. */
#define ROWS "hits.rows"

enum { HITS_SCHEMA = 12, UNRECORDED_SCHEMA = 13 };

static struct slice
id_slice(const uint8_t id[HIT_ID])
{
    return (struct slice){(const char *)id, HIT_ID};
}

static void
column_id(sqlite3_stmt *st, int at, uint8_t ret[HIT_ID])
{
    struct slice s = column_blob(st, at);

    memset(ret, 0, HIT_ID);
    if (s.len == HIT_ID)
        memcpy(ret, s.ptr, HIT_ID);
}

static void
bind_hit(sqlite3_stmt *st, const struct store_hit *h)
{
    (void)sqlite3_bind_int64(st, 1, h->day);
    bind_blob(st, 2, id_slice(h->id));
    bind_u64(st, 3, h->events);
    bind_u64(st, 4, h->count);
    (void)sqlite3_bind_int64(st, 5, h->first.us);
    (void)sqlite3_bind_int64(st, 6, h->last.us);
    (void)sqlite3_bind_int64(st, 7, h->kinds);
    bind_u64(st, 8, h->unrecorded);
}

int
store_add_hit(struct store *s, const struct store_hit *h, bool *ret_new)
{
    sqlite3_stmt *st = store_statement(s, ST_HIT_ADD);
    uint64_t rows = 0;
    int r;

    *ret_new = false;
    if (st != NULL)
        bind_hit(st, h);
    r = store_run(s, st);
    if (r < 0 || sqlite3_changes(s->db) > 0)
        return r;
    r = store_get_counter(s, ROWS, &rows);
    if (r == 0 && rows >= HITS_ROWS)
        return ERR_LIMIT;
    if (r == 0)
        r = store_add_counter(s, ROWS, 1);
    if (r < 0)
        return r;
    st = store_statement(s, ST_HIT_PUT);
    if (st != NULL)
        bind_hit(st, h);
    r = store_run(s, st);
    *ret_new = r == 0;
    return r;
}

int
store_put_sought(struct store *s, const struct store_sought *w)
{
    sqlite3_stmt *st = store_statement(s, ST_SOUGHT_PUT);

    if (st != NULL) {
        bind_blob(st, 1, id_slice(w->id));
        (void)sqlite3_bind_int64(st, 2, w->state);
        (void)sqlite3_bind_int64(st, 3, w->confidence);
        (void)sqlite3_bind_int64(st, 4, w->from.us);
        (void)sqlite3_bind_int64(st, 5, w->until.us);
        bind_text(st, 6, w->name);
        bind_text(st, 7, w->labels);
    }
    return store_run(s, st);
}

int
store_lose_sought(struct store *s, const uint8_t id[HIT_ID])
{
    sqlite3_stmt *st = store_statement(s, ST_SOUGHT_LOSE);

    if (st != NULL)
        bind_blob(st, 1, id_slice(id));
    return store_run(s, st);
}

/* Of seven columns from `at` on. */
static void
read_sought(sqlite3_stmt *st, int at, struct store_sought *ret)
{
    *ret = (struct store_sought){.state = (enum sought_state)sqlite3_column_int(st, at + 1),
                                 .confidence = (uint8_t)sqlite3_column_int(st, at + 2),
                                 .from = {sqlite3_column_int64(st, at + 3)},
                                 .until = {sqlite3_column_int64(st, at + 4)},
                                 .name = column_blob(st, at + 5),
                                 .labels = column_blob(st, at + 6)};
    column_id(st, at, ret->id);
}

int
store_each_sought(struct store *s, int (*each)(void *arg, const struct store_sought *w),
                  void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < HITS_SCHEMA)
        return 0;
    st = store_statement(s, ST_SOUGHT_EACH);
    while ((r = store_row(s, st)) == 1) {
        struct store_sought w;

        read_sought(st, 0, &w);
        r = each(arg, &w);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_drop_hits(struct store *s, int64_t day)
{
    sqlite3_stmt *st = store_statement(s, ST_HIT_DROP);
    int gone;
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, day);
    r = store_run(s, st);
    gone = sqlite3_changes(s->db);
    if (r < 0 || gone == 0)
        return r;
    st = store_statement(s, ST_HIT_ROWS_LESS);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, gone);
    r = store_run(s, st);
    return r < 0 ? r : store_run(s, store_statement(s, ST_SOUGHT_DROP));
}

int
store_each_hit(struct store *s, const struct store_hits_ask *a,
               int (*each)(void *arg, const struct store_hit *h, const struct store_sought *w),
               void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < HITS_SCHEMA)
        return 0;
    if (s->schema < UNRECORDED_SCHEMA)
        st = store_statement(s, a->by_day ? ST_HIT_DAYS_12 : ST_HIT_SUMS_12);
    else
        st = store_statement(s, a->by_day ? ST_HIT_DAYS : ST_HIT_SUMS);
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, a->since);
        (void)sqlite3_bind_int64(st, 2, a->limit);
    }
    while ((r = store_row(s, st)) == 1) {
        struct store_hit h = {.day = sqlite3_column_int64(st, 7),
                              .events = (uint64_t)sqlite3_column_int64(st, 8),
                              .count = (uint64_t)sqlite3_column_int64(st, 9),
                              .first = {sqlite3_column_int64(st, 10)},
                              .last = {sqlite3_column_int64(st, 11)},
                              .kinds = (uint32_t)sqlite3_column_int64(st, 12),
                              .unrecorded = (uint64_t)sqlite3_column_int64(st, 13)};
        struct store_sought w;

        read_sought(st, 0, &w);
        memcpy(h.id, w.id, sizeof h.id);
        r = each(arg, &h, &w);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_count_sought(struct store *s, int64_t since, uint64_t *ret)
{
    sqlite3_stmt *st;

    *ret = 0;
    if (s->schema < HITS_SCHEMA)
        return 0;
    st = store_statement(s, ST_SOUGHT_COUNT);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, since);
    return store_one_number(s, st, ret);
}

int
store_get_hits(struct store *s, const uint8_t id[HIT_ID], int64_t day, unsigned days,
               uint64_t *ret)
{
    sqlite3_stmt *st;
    int r;

    memset(ret, 0, days * sizeof *ret);
    if (s->schema < HITS_SCHEMA)
        return 0;
    st = store_statement(s, ST_HIT_GET);
    if (st != NULL) {
        bind_blob(st, 1, id_slice(id));
        (void)sqlite3_bind_int64(st, 2, day);
    }
    while ((r = store_row(s, st)) == 1) {
        int64_t at = sqlite3_column_int64(st, 0) - day;

        if (at < (int64_t)days)
            ret[at] = (uint64_t)sqlite3_column_int64(st, 1);
    }
    return r;
}
