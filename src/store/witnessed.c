#include "store/witnessed.h"

#include "store/store_priv.h"

enum { FIRST_SCHEMA = 5 /* with these tables */ };

static void
read_row(sqlite3_stmt *st, struct store_witnessed *ret)
{
    *ret = (struct store_witnessed){.head.size = (uint64_t)sqlite3_column_int64(st, 0),
                                    .at = {sqlite3_column_int64(st, 2)},
                                    .note = column_blob(st, 3)};
    column_hash(st, 1, &ret->head.root);
}

int
store_get_witnessed(struct store *s, struct slice origin, struct store_witnessed *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, ST_WITNESSED_GET);
    if (st != NULL)
        bind_text(st, 1, origin);
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    read_row(st, ret);
    return 0; /* the row stays until the next call */
}

static sqlite3_stmt *
prepare(struct store *s, enum statement which, struct slice origin,
        const struct store_witnessed *w)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st != NULL) {
        bind_text(st, 1, origin);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)w->head.size);
        bind_blob(st, 3, hash_slice(&w->head.root));
        (void)sqlite3_bind_int64(st, 4, w->at.us);
        bind_blob(st, 5, w->note);
    }
    return st;
}

int
store_put_witnessed(struct store *s, struct slice origin, const struct store_witnessed *w)
{
    return store_run(s, prepare(s, ST_WITNESSED_PUT, origin, w));
}

int
store_put_forked(struct store *s, struct slice origin, const struct store_witnessed *w,
                 unsigned most)
{
    sqlite3_stmt *st = prepare(s, ST_FORKED_PUT, origin, w);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 6, most);
    return store_run(s, st);
}

int
store_each_forked(struct store *s, struct slice origin,
                  int (*each)(void *arg, const struct store_witnessed *w), void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_FORKED_EACH);
    if (st != NULL)
        bind_text(st, 1, origin);
    while ((r = store_row(s, st)) == 1) {
        struct store_witnessed w;

        read_row(st, &w);
        r = each(arg, &w);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

static int
get_one(struct store *s, enum statement which, struct slice origin, uint64_t n,
        struct store_witnessed *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, which);
    if (st != NULL) {
        bind_text(st, 1, origin);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)n);
    }
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    read_row(st, ret);
    return 0; /* the row stays until the next call */
}

int
store_witnessed_at(struct store *s, struct slice origin, uint64_t size,
                   struct store_witnessed *ret)
{
    return get_one(s, ST_WITNESSED_AT, origin, size, ret);
}

int
store_witnessed_over(struct store *s, struct slice origin, uint64_t leaf,
                     struct store_witnessed *ret)
{
    return get_one(s, ST_WITNESSED_OVER, origin, leaf, ret);
}
