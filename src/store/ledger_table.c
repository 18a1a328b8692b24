/* The ledger's storage table over SQLite. */
#include "store/store_priv.h"

static int
put_entry(void *self, uint64_t index, struct slice entry, const struct hash *leaf)
{
    struct store *s = self;
    sqlite3_stmt *st = store_statement(s, ST_ENTRY_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)index);
        bind_blob(st, 2, entry);
        bind_blob(st, 3, hash_slice(leaf));
    }
    return store_run(s, st);
}

static int
put_tile(void *self, unsigned level, uint64_t n, const struct hash hashes[LEDGER_TILE])
{
    struct store *s = self;
    sqlite3_stmt *st = store_statement(s, ST_TILE_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, level);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)n);
        bind_blob(st, 3,
                  (struct slice){(const char *)hashes, LEDGER_TILE * sizeof(struct hash)});
    }
    return store_run(s, st);
}

static int
put_note(void *self, uint64_t size, struct slice note)
{
    struct store *s = self;
    sqlite3_stmt *st = store_statement(s, ST_NOTE_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)size);
        bind_blob(st, 2, note);
    }
    return store_run(s, st);
}

static int
get_entries(void *self, uint64_t from, uint64_t count,
            int (*each)(void *arg, uint64_t index, struct slice entry), void *arg)
{
    struct store *s = self;
    sqlite3_stmt *st = store_statement(s, ST_ENTRY_GET);
    uint64_t want = from;
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)from);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)from + (sqlite3_int64)count);
    }
    while ((r = store_row(s, st)) == 1) {
        uint64_t index = (uint64_t)sqlite3_column_int64(st, 0);

        r = index == want++ ? each(arg, index, column_blob(st, 1)) : ERR_NOTFOUND;
        if (r < 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r < 0 ? r : want == from + count ? 0 : ERR_NOTFOUND;
}

static int
get_tile(void *self, unsigned level, uint64_t n, struct hash ret[LEDGER_TILE])
{
    struct store *s = self;
    sqlite3_stmt *st = store_statement(s, ST_TILE_GET);
    struct slice bytes;
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, level);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)n);
    }
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    bytes = column_blob(st, 0);
    r = bytes.len == LEDGER_TILE * sizeof(struct hash) ? 0 : ERR_PROOF;
    if (r == 0)
        memcpy(ret, bytes.ptr, bytes.len);
    (void)sqlite3_reset(st);
    return r;
}

static int
get_note(void *self, uint64_t size, struct buf *ret)
{
    struct store *s = self;
    sqlite3_stmt *st = store_statement(s, size == LEDGER_NEWEST ? ST_NOTE_NEWEST : ST_NOTE_GET);
    int r;

    if (st != NULL && size != LEDGER_NEWEST)
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)size);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    buf_slice(ret, column_blob(st, 0));
    (void)sqlite3_reset(st);
    return buf_error(ret);
}

int
store_each_note(struct store *s, uint64_t after, uint64_t until,
                int (*each)(void *arg, uint64_t size, struct slice note), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_NOTE_EACH);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)after);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)until);
    }
    while ((r = store_row(s, st)) == 1) {
        r = each(arg, (uint64_t)sqlite3_column_int64(st, 0), column_blob(st, 1));
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

void
store_ledger(struct store *s, struct ledger_storage *ret)
{
    *ret = (struct ledger_storage){.self = s,
                                   .put_entry = put_entry,
                                   .put_tile = put_tile,
                                   .put_note = put_note,
                                   .get_entries = get_entries,
                                   .get_tile = get_tile,
                                   .get_note = get_note};
}

int
store_ledger_size(struct store *s, uint64_t *ret)
{
    return store_number(s, ST_ENTRY_COUNT, ret);
}
