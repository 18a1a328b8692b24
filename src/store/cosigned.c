#include "store/cosigned.h"

#include "store/store_priv.h"

enum { FIRST_SCHEMA = 6 /* with this table */ };

/* Sizes of this node's log are kept counted over all its generations, as leaves are. */
static uint64_t
kept_size(const struct store *s, enum cosigner role, uint64_t size)
{
    return role == COSIGNER_SELF ? size : s->log.first + size;
}

int
store_put_cosigned(struct store *s, const struct store_cosigned *c)
{
    sqlite3_stmt *st = store_statement(s, ST_COSIGNED_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int(st, 1, (int)c->role);
        bind_text(st, 2, c->name);
        (void)sqlite3_bind_int64(st, 3, c->key);
        bind_u64(st, 4, kept_size(s, c->role, c->size));
        (void)sqlite3_bind_int64(st, 5, c->at.us);
        bind_text(st, 6, c->line);
    }
    return store_run(s, st);
}

int
store_each_cosigned(struct store *s, uint64_t first, uint64_t size,
                    int (*each)(void *arg, const struct store_cosigned *c), void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_COSIGNED_EACH);
    if (st != NULL) {
        bind_u64(st, 1, first + size);
        bind_u64(st, 2, size);
    }
    while ((r = store_row(s, st)) == 1) {
        const struct store_cosigned c = {.role = (enum cosigner)sqlite3_column_int(st, 0),
                                         .name = column_blob(st, 1),
                                         .key = (uint32_t)sqlite3_column_int64(st, 2),
                                         .size = size,
                                         .first = {sqlite3_column_int64(st, 3)},
                                         .at = {sqlite3_column_int64(st, 4)},
                                         .line = column_blob(st, 5)};

        r = each(arg, &c);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

/* Size and time of the one row, if there is one: of an earlier generation it covers nothing. */
static int
newest(struct store *s, enum cosigner role, sqlite3_stmt *st, uint64_t *ret_size,
       struct utime *ret_at)
{
    uint64_t none = kept_size(s, role, 0);
    int r = store_row(s, st);
    uint64_t size;

    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    size = (uint64_t)sqlite3_column_int64(st, 0);
    *ret_size = size < none ? 0 : size - none;
    ret_at->us = sqlite3_column_int64(st, 1);
    (void)sqlite3_reset(st);
    return 0;
}

int
store_newest_cosigned(struct store *s, enum cosigner role, struct slice name,
                      uint64_t *ret_size, struct utime *ret_at)
{
    sqlite3_stmt *st;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, ST_COSIGNED_NEWEST);
    if (st != NULL) {
        (void)sqlite3_bind_int(st, 1, (int)role);
        bind_text(st, 2, name);
    }
    return newest(s, role, st, ret_size, ret_at);
}

int
store_newest_cosigned_by(struct store *s, enum cosigner role, struct slice name, uint32_t key,
                         uint64_t *ret_size, struct utime *ret_at)
{
    sqlite3_stmt *st;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, ST_COSIGNED_BY);
    if (st != NULL) {
        (void)sqlite3_bind_int(st, 1, (int)role);
        bind_text(st, 2, name);
        (void)sqlite3_bind_int64(st, 3, key);
    }
    return newest(s, role, st, ret_size, ret_at);
}

/* The number in the one row of an aggregate; *ret as it was when that is NULL. */
static int
aggregate(struct store *s, sqlite3_stmt *st, int64_t *ret)
{
    int r = store_row(s, st);

    if (r < 1)
        return r < 0 ? r : ERR_IO;
    if (sqlite3_column_type(st, 0) != SQLITE_NULL)
        *ret = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return 0;
}

/* The number in the one row, of an aggregate or not; *ret as it was when there is none. */
static int
cover(struct store *s, enum statement which, uint64_t leaf, uint64_t *ret)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return ERR_NOTFOUND;
    st = store_statement(s, which);
    if (st != NULL) {
        bind_u64(st, 1, leaf);
        bind_u64(st, 2, leaf | LEDGER_SIZE_MAX);
    }
    r = store_row(s, st);
    if (r < 1)
        return r < 0 ? r : ERR_NOTFOUND;
    r = sqlite3_column_type(st, 0) == SQLITE_NULL ? ERR_NOTFOUND : 0;
    if (r == 0)
        *ret = ledger_index((uint64_t)sqlite3_column_int64(st, 0));
    (void)sqlite3_reset(st);
    return r;
}

int
store_cosigned_cover(struct store *s, uint64_t leaf, uint64_t *ret_size)
{
    return cover(s, ST_COSIGNED_COVER, leaf, ret_size);
}

int
store_cosigned_best(struct store *s, uint64_t leaf, uint64_t *ret_size)
{
    return cover(s, ST_COSIGNED_BEST, leaf, ret_size);
}

static int
bound(struct store *s, enum statement which, enum cosigner role, struct slice name,
      uint64_t leaf, struct utime *ret)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st != NULL) {
        (void)sqlite3_bind_int(st, 1, (int)role);
        bind_text(st, 2, name);
        bind_u64(st, 3, leaf);
    }
    return aggregate(s, st, &ret->us);
}

int
store_cosigned_bounds(struct store *s, enum cosigner role, struct slice name, uint64_t leaf,
                      struct store_bounds *ret)
{
    int r = 0;

    *ret = (struct store_bounds){{0}, {0}};
    if (s->schema < FIRST_SCHEMA)
        return 0;
    r = bound(s, ST_COSIGNED_BEFORE, role, name, leaf, &ret->before);
    return r < 0 ? r : bound(s, ST_COSIGNED_AFTER, role, name, leaf, &ret->after);
}

int
store_witnessed_bounds(struct store *s, struct slice origin, uint64_t leaf,
                       struct store_bounds *ret)
{
    static const enum statement which[2] = {ST_WITNESSED_BEFORE, ST_WITNESSED_AFTER};
    int r = 0;

    *ret = (struct store_bounds){{0}, {0}};
    for (unsigned i = 0; r == 0 && i < 2 && s->schema >= FIRST_SCHEMA; i++) {
        sqlite3_stmt *st = store_statement(s, which[i]);

        if (st != NULL) {
            bind_text(st, 1, origin);
            bind_u64(st, 2, leaf);
        }
        r = aggregate(s, st, i == 0 ? &ret->before.us : &ret->after.us);
    }
    return r;
}
