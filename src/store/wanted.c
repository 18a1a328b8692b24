#include "store/wanted.h"

#include "store/store_priv.h"

int
store_put_wanted(struct store *s, const struct store_wanted *w)
{
    sqlite3_stmt *st = store_statement(s, ST_WANTED_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)w->leaf);
        (void)sqlite3_bind_int(st, 2, (int)w->kind);
        bind_text(st, 3, w->pact);
        bind_text(st, 4, w->party);
        (void)sqlite3_bind_int64(st, 5, (sqlite3_int64)w->sequence);
        bind_blob(st, 6, hash_slice(&w->sha256));
    }
    return store_run(s, st);
}

int
store_each_wanted(struct store *s, unsigned limit,
                  int (*each)(void *arg, const struct store_wanted *w), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_WANTED_EACH);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, limit);
    while ((r = store_row(s, st)) == 1) {
        struct store_wanted w = {.leaf = (uint64_t)sqlite3_column_int64(st, 0),
                                 .kind = (enum wanted_kind)sqlite3_column_int(st, 1),
                                 .pact = column_blob(st, 2),
                                 .party = column_blob(st, 3),
                                 .sequence = (uint64_t)sqlite3_column_int64(st, 4)};

        column_hash(st, 5, &w.sha256);
        r = each(arg, &w);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_drop_wanted(struct store *s, uint64_t leaf)
{
    sqlite3_stmt *st = store_statement(s, ST_WANTED_DROP);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)leaf);
    return store_run(s, st);
}

int
store_drop_wanted_kind(struct store *s, enum wanted_kind kind, struct slice pact)
{
    sqlite3_stmt *st = store_statement(s, ST_WANTED_KIND);

    if (st != NULL) {
        (void)sqlite3_bind_int(st, 1, (int)kind);
        bind_text(st, 2, pact);
    }
    return store_run(s, st);
}

static int
cut(struct store *s, enum statement which, uint64_t a, uint64_t b)
{
    sqlite3_stmt *st = store_statement(s, which);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)a);
        if (which == ST_TILE_CUT)
            (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)b);
    }
    return store_run(s, st);
}

int
store_cut_mirror(struct store *s, uint64_t size)
{
    int r = cut(s, ST_ENTRY_CUT, size, 0);
    uint64_t full = size;

    if (r == 0)
        r = cut(s, ST_WANTED_CUT, size, 0);
    for (unsigned level = 0; r == 0 && level < LEDGER_LEVELS; level++) {
        full /= LEDGER_TILE;
        r = cut(s, ST_TILE_CUT, level, full);
    }
    return r;
}

int
store_count_wanted(struct store *s, uint64_t *ret)
{
    return store_number(s, ST_WANTED_COUNT, ret);
}
