#include "store/erase.h"

#include "store/store_priv.h"

enum { FIRST_SCHEMA = 3 /* with these tables */ };

static sqlite3_stmt *
by_number(struct store *s, enum statement which, uint64_t n)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)n);
    return st;
}

static int
put_kept(struct store *s, const struct store_erasure *e, struct slice kept)
{
    bool all = e->scope == ERASURE_BLOCK;
    sqlite3_stmt *st = by_number(s, all ? ST_COMMITS_PUT : ST_SALTS_PUT, e->block);

    if (st != NULL)
        bind_blob(st, 2, kept);
    return store_run(s, st);
}

int
store_put_erasure(struct store *s, const struct store_erasure *e, struct slice kept)
{
    sqlite3_stmt *st = by_number(s, ST_ERASED_PUT, e->block);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int(st, 2, (int)e->scope);
        (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)e->leaf);
        (void)sqlite3_bind_int64(st, 4, e->at.us);
        (void)sqlite3_bind_text(st, 5, e->rule.ptr, (int)e->rule.len, SQLITE_STATIC);
        (void)sqlite3_bind_int(st, 6, e->pending);
    }
    r = store_run(s, st);
    if (r == 0)
        r = put_kept(s, e, kept);
    if (r == 0)
        r = store_run(s, by_number(s, ST_BLOCK_KEY_DROP, e->block));
    if (r == 0 && e->scope == ERASURE_BLOCK)
        r = store_run(s, by_number(s, ST_SALTS_DROP, e->block));
    if (r == 0 && e->scope == ERASURE_BLOCK)
        r = store_run(s, by_number(s, ST_BLOCK_FILTER_DROP, e->block));
    return r;
}

int
store_get_erasure(struct store *s, uint64_t block, struct store_erasure *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = by_number(s, ST_ERASED_GET, block);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    *ret = (struct store_erasure){.block = block,
                                  .scope = (enum erasure)sqlite3_column_int(st, 0),
                                  .leaf = (uint64_t)sqlite3_column_int64(st, 1),
                                  .at = {sqlite3_column_int64(st, 2)},
                                  .rule = column_blob(st, 3),
                                  .pending = sqlite3_column_int(st, 4) != 0};
    return 0;
}

int
store_count_erased(struct store *s, uint64_t *ret)
{
    *ret = 0;
    return s->schema < FIRST_SCHEMA ? 0 : store_number(s, ST_ERASED_COUNT, ret);
}

int
store_get_scope(struct store *s, uint64_t block, enum erasure *ret)
{
    struct store_erasure e;
    int r = store_get_erasure(s, block, &e);

    *ret = r == 0 ? e.scope : ERASURE_NONE;
    if (r == 0)
        (void)sqlite3_reset(s->st[ST_ERASED_GET]);
    return r == ERR_NOTFOUND ? 0 : r;
}

int
store_lost_key(struct store *s, uint64_t *ret_block)
{
    /* where nothing could be erased yet, a key that is not there is lost */
    sqlite3_stmt *st = store_statement(s, s->schema < FIRST_SCHEMA ? ST_KEY_NONE : ST_KEY_LOST);
    int r = store_row(s, st);

    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    *ret_block = (uint64_t)sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return 0;
}

int
store_get_kept(struct store *s, uint64_t block, enum erasure scope, struct slice *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA || scope == ERASURE_NONE)
        return ERR_NOTFOUND;
    st = by_number(s, scope == ERASURE_BLOCK ? ST_COMMITS_GET : ST_SALTS_GET, block);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    *ret = column_blob(st, 0);
    return 0;
}

static sqlite3_stmt *
from_limit(struct store *s, enum statement which, uint64_t from, unsigned limit)
{
    sqlite3_stmt *st = by_number(s, which, from);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 2, limit);
    return st;
}

int
store_each_pending(struct store *s, uint64_t before_leaf, uint64_t from, unsigned limit,
                   int (*each)(void *arg, uint64_t block, enum erasure scope), void *arg)
{
    sqlite3_stmt *st = from_limit(s, ST_ERASED_PENDING, from, limit);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)before_leaf);
    while ((r = store_row(s, st)) == 1) {
        r = each(arg, (uint64_t)sqlite3_column_int64(st, 0),
                 (enum erasure)sqlite3_column_int(st, 1));
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_clear_pending(struct store *s, uint64_t before_leaf)
{
    return store_run(s, by_number(s, ST_ERASED_DONE, before_leaf));
}

int
store_each_in_state(struct store *s, enum erasure state, uint64_t from, unsigned limit,
                    int (*each)(void *arg, const struct store_aged *b), void *arg)
{
    sqlite3_stmt *st =
        from_limit(s, state == ERASURE_NONE ? ST_WHOLE_FROM : ST_SALTS_FROM, from, limit);
    int r;

    while ((r = store_row(s, st)) == 1) {
        const struct store_aged b = {(uint64_t)sqlite3_column_int64(st, 0),
                                     {sqlite3_column_int64(st, 1)},
                                     (uint32_t)sqlite3_column_int64(st, 2)};

        r = each(arg, &b);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

/* ---- holds ---- */

static sqlite3_stmt *
by_name(struct store *s, enum statement which, struct slice name)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st != NULL)
        (void)sqlite3_bind_text(st, 1, name.ptr, (int)name.len, SQLITE_STATIC);
    return st;
}

int
store_put_hold(struct store *s, const struct store_hold *h)
{
    sqlite3_stmt *st = by_name(s, ST_HOLD_PUT, h->name);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 2, h->until.us);
        (void)sqlite3_bind_int64(st, 3, h->placed.us);
        (void)sqlite3_bind_int64(st, 4, (sqlite3_int64)h->leaf);
    }
    return store_run(s, st);
}

int
store_put_held(struct store *s, struct slice name, uint64_t first, uint64_t last)
{
    sqlite3_stmt *st = by_name(s, ST_HELD_PUT, name);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)first);
        (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)last);
    }
    return store_run(s, st);
}

static void
read_hold(sqlite3_stmt *st, struct store_hold *ret)
{
    *ret = (struct store_hold){.name = column_blob(st, 0),
                               .until = {sqlite3_column_int64(st, 1)},
                               .placed = {sqlite3_column_int64(st, 2)},
                               .leaf = (uint64_t)sqlite3_column_int64(st, 3)};
}

int
store_get_hold(struct store *s, struct slice name, struct store_hold *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = by_name(s, ST_HOLD_GET, name);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    read_hold(st, ret);
    return 0;
}

int
store_drop_hold(struct store *s, struct slice name)
{
    int r = store_run(s, by_name(s, ST_HELD_DROP, name));

    return r < 0 ? r : store_run(s, by_name(s, ST_HOLD_DROP, name));
}

int
store_each_hold(struct store *s, int (*each)(void *arg, const struct store_hold *h), void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_HOLD_EACH);
    while ((r = store_row(s, st)) == 1) {
        struct store_hold h;

        read_hold(st, &h);
        r = each(arg, &h);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_find_hold(struct store *s, uint64_t block, struct utime now, struct slice *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = by_number(s, ST_HELD_FIND, block);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 2, now.us);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    *ret = column_blob(st, 0);
    return 0;
}

int
store_put_opening(struct store *s, uint64_t leaf, struct slice salt, struct slice opened)
{
    sqlite3_stmt *st = by_number(s, ST_OPENING_PUT, leaf);

    if (st != NULL) {
        bind_blob(st, 2, salt);
        bind_blob(st, 3, opened);
    }
    return store_run(s, st);
}

int
store_get_opening(struct store *s, uint64_t leaf, struct slice *ret_salt,
                  struct slice *ret_opened)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = by_number(s, ST_OPENING_GET, leaf);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    *ret_salt = column_blob(st, 0);
    *ret_opened = column_blob(st, 1);
    return 0;
}
