/* The ledger's storage table over SQLite.  All generations of the log stand in the same tables:
 * entries under the numbers of their leaves, notes under their size counted the same way, tiles
 * behind those that all leaves before would have filled. */
#include <stdio.h>

#include "store/store_priv.h"

static uint64_t
tile_number(const struct store_log *log, unsigned level, uint64_t n)
{
    unsigned bits = 8 * (level + 1);

    return n +
           (bits < LEDGER_INDEX_BITS ? log->first >> bits : log->first >> LEDGER_INDEX_BITS);
}

/* From the first leaf of one generation to that of the next. */
static void
bind_log(sqlite3_stmt *st, uint64_t first)
{
    if (st == NULL)
        return;
    bind_u64(st, 1, first);
    bind_u64(st, 2, first + LEDGER_SIZE_MAX + 1);
}

static int
put_entry(void *self, uint64_t index, struct slice entry, const struct hash *leaf)
{
    const struct store_log *log = self;
    struct store *s = log->store;
    sqlite3_stmt *st = store_statement(s, ST_ENTRY_PUT);

    if (st != NULL) {
        bind_u64(st, 1, log->first + index);
        bind_blob(st, 2, entry);
        bind_blob(st, 3, hash_slice(leaf));
    }
    return store_run(s, st);
}

static int
put_tile(void *self, unsigned level, uint64_t n, const struct hash hashes[LEDGER_TILE])
{
    const struct store_log *log = self;
    struct store *s = log->store;
    sqlite3_stmt *st = store_statement(s, ST_TILE_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, level);
        bind_u64(st, 2, tile_number(log, level, n));
        bind_blob(st, 3,
                  (struct slice){(const char *)hashes, LEDGER_TILE * sizeof(struct hash)});
    }
    return store_run(s, st);
}

static int
put_note(void *self, uint64_t size, struct slice note)
{
    const struct store_log *log = self;
    struct store *s = log->store;
    sqlite3_stmt *st = store_statement(s, ST_NOTE_PUT);

    if (st != NULL) {
        bind_u64(st, 1, log->first + size);
        bind_blob(st, 2, note);
    }
    return store_run(s, st);
}

static int
get_entries(void *self, uint64_t from, uint64_t count,
            int (*each)(void *arg, uint64_t index, struct slice entry), void *arg)
{
    const struct store_log *log = self;
    struct store *s = log->store;
    sqlite3_stmt *st = store_statement(s, ST_ENTRY_GET);
    uint64_t want = from;
    int r;

    if (st != NULL) {
        bind_u64(st, 1, log->first + from);
        bind_u64(st, 2, log->first + from + count);
    }
    while ((r = store_row(s, st)) == 1) {
        uint64_t index = (uint64_t)sqlite3_column_int64(st, 0) - log->first;

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
    const struct store_log *log = self;
    struct store *s = log->store;
    sqlite3_stmt *st = store_statement(s, ST_TILE_GET);
    struct slice bytes;
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, level);
        bind_u64(st, 2, tile_number(log, level, n));
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
    const struct store_log *log = self;
    struct store *s = log->store;
    sqlite3_stmt *st = store_statement(s, size == LEDGER_NEWEST ? ST_NOTE_NEWEST : ST_NOTE_GET);
    int r;

    if (size == LEDGER_NEWEST)
        bind_log(st, log->first);
    else if (st != NULL)
        bind_u64(st, 1, log->first + size);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    buf_slice(ret, column_blob(st, 0));
    (void)sqlite3_reset(st);
    return buf_error(ret);
}

int
store_each_note(struct store *s, uint64_t first, uint64_t after, uint64_t until,
                int (*each)(void *arg, uint64_t size, struct slice note), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_NOTE_EACH);
    int r;

    if (st != NULL) {
        bind_u64(st, 1, first + after);
        bind_u64(st, 2, first + until);
    }
    while ((r = store_row(s, st)) == 1) {
        r = each(arg, (uint64_t)sqlite3_column_int64(st, 0) - first, column_blob(st, 1));
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

static void
storage_of(struct store_log *log, struct ledger_storage *ret)
{
    *ret = (struct ledger_storage){.self = log,
                                   .first = log->first,
                                   .put_entry = put_entry,
                                   .put_tile = put_tile,
                                   .put_note = put_note,
                                   .get_entries = get_entries,
                                   .get_tile = get_tile,
                                   .get_note = get_note};
}

static int
size_of(const struct store_log *log, uint64_t *ret)
{
    sqlite3_stmt *st = store_statement(log->store, ST_ENTRY_COUNT);

    bind_log(st, log->first);
    return store_one_number(log->store, st, ret);
}

void
store_ledger(struct store *s, struct ledger_storage *ret)
{
    storage_of(&s->log, ret);
}

int
store_ledger_size(struct store *s, uint64_t *ret)
{
    return size_of(&s->log, ret);
}

/* ---- generations ------------------------------------------------------------------------- */

unsigned
store_generation(const struct store *s)
{
    return ledger_generation(s->log.first);
}

int
store_ledger_of(struct store *s, unsigned generation, struct store_log *keep,
                struct ledger_storage *ret, uint64_t *ret_size)
{
    if (generation == 0 || generation > store_generation(s))
        return ERR_NOTFOUND;
    *keep = (struct store_log){s, (uint64_t)(generation - 1) << LEDGER_INDEX_BITS};
    storage_of(keep, ret);
    return size_of(keep, ret_size);
}

int
store_find_log(struct store *s)
{
    uint64_t ended;
    int r = store_get_counter(s, "ended_logs", &ended);

    if (r == 0 && ended >= LEDGER_GENERATIONS)
        r = ERR_IO;
    if (r == 0)
        s->log = (struct store_log){s, ended << LEDGER_INDEX_BITS};
    return r;
}

int
store_look_at(struct store *s, unsigned generation)
{
    int r = store_find_log(s);

    if (r == 0 && (generation == 0 || generation > store_generation(s)))
        r = ERR_NOTFOUND;
    if (r == 0)
        s->log.first = (uint64_t)(generation - 1) << LEDGER_INDEX_BITS;
    return r;
}

static void
key_name(unsigned generation, char to[32])
{
    (void)snprintf(to, 32, "vkey.%u", generation);
}

/* Of the log that goes on it stands under `vkey`. */
int
store_get_log_key(struct store *s, unsigned generation, struct buf *ret)
{
    char name[32];
    int r;

    key_name(generation, name);
    r = store_get_meta(s, name, ret);
    return r == ERR_NOTFOUND ? store_get_meta(s, "vkey", ret) : r;
}

int
store_end_log(struct store *s, struct slice vkey)
{
    AUTO_BUF(before, 1024);
    char name[32];
    int r = store_generation(s) >= LEDGER_GENERATIONS ? ERR_LIMIT : 0;

    key_name(store_generation(s), name);
    if (r == 0)
        r = store_get_meta(s, "vkey", &before);
    if (r == 0)
        r = store_put_meta(s, name, buf_get(&before));
    if (r == 0)
        r = store_put_meta(s, "vkey", vkey);
    if (r == 0)
        r = store_add_counter(s, "ended_logs", 1);
    if (r == 0)
        s->log.first += LEDGER_SIZE_MAX + 1;
    return r;
}
