/* Dictionaries, sources and blocks. */
#include "store/erase.h"
#include "store/evidence.h"
#include "store/store_priv.h"

int
store_put_rule(struct store *s, uint32_t id, const struct store_rule *rule)
{
    sqlite3_stmt *st = store_statement(s, ST_RULE_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, id);
        (void)sqlite3_bind_int64(st, 2, rule->gid);
        (void)sqlite3_bind_int64(st, 3, rule->sid);
        (void)sqlite3_bind_int64(st, 4, rule->rev);
        (void)sqlite3_bind_text(st, 5, rule->name.len == 0 ? "" : rule->name.ptr,
                                (int)rule->name.len, SQLITE_STATIC);
        bind_blob(st, 6, rule->cves);
    }
    return store_run(s, st);
}

static struct store_rule
read_rule(sqlite3_stmt *st)
{
    return (struct store_rule){
        (uint32_t)sqlite3_column_int64(st, 1), (uint32_t)sqlite3_column_int64(st, 2),
        (uint32_t)sqlite3_column_int64(st, 3), column_blob(st, 4), column_blob(st, 5)};
}

int
store_get_rule(struct store *s, uint32_t id, struct store_rule *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_RULE_GET);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, id);
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    *ret = read_rule(st);
    return 0;
}

int
store_each_rule(struct store *s, uint32_t from,
                int (*each)(void *arg, uint32_t id, const struct store_rule *rule), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_RULE_EACH);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, from);
    while ((r = store_row(s, st)) == 1) {
        struct store_rule rule = read_rule(st);

        r = each(arg, (uint32_t)sqlite3_column_int64(st, 0), &rule);
        if (r < 0)
            break;
    }
    return r;
}

int
store_put_sensor(struct store *s, uint32_t id, struct slice name)
{
    sqlite3_stmt *st = store_statement(s, ST_SENSOR_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, id);
        (void)sqlite3_bind_text(st, 2, name.ptr, (int)name.len, SQLITE_STATIC);
    }
    return store_run(s, st);
}

int
store_each_sensor(struct store *s, uint32_t from,
                  int (*each)(void *arg, uint32_t id, struct slice name), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_SENSOR_EACH);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, from);
    while ((r = store_row(s, st)) == 1) {
        r = each(arg, (uint32_t)sqlite3_column_int64(st, 0), column_blob(st, 1));
        if (r < 0)
            break;
    }
    return r;
}

int
store_find_source(struct store *s, struct slice head, struct store_source *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_SOURCE_EACH);
    struct hash hash = {0};
    size_t hashed = SIZE_MAX;
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)head.len);
    while ((r = store_row(s, st)) == 1) {
        struct store_source src = {.id = sqlite3_column_int64(st, 0),
                                   .known_len = (uint32_t)sqlite3_column_int64(st, 1),
                                   .prefix_len = (uint32_t)sqlite3_column_int64(st, 1),
                                   .offset = (uint64_t)sqlite3_column_int64(st, 3),
                                   .size = (uint64_t)sqlite3_column_int64(st, 4),
                                   .lines = (uint64_t)sqlite3_column_int64(st, 5),
                                   .array = sqlite3_column_int(st, 6) != 0};

        column_hash(st, 2, &src.prefix);
        if (src.prefix_len != hashed) {
            hash = sha256_of(head.ptr, src.prefix_len);
            hashed = src.prefix_len;
        }
        if (hash_eq(&hash, &src.prefix)) {
            *ret = src;
            (void)sqlite3_reset(st);
            return 0;
        }
    }
    return r < 0 ? r : ERR_NOTFOUND;
}

int
store_put_source(struct store *s, struct store_source *src)
{
    sqlite3_stmt *st;
    int r;

    if (src->known_len != 0 && src->known_len != src->prefix_len)
        src->id = 0;
    src->known_len = 0;
    st = store_statement(s, src->id == 0 ? ST_SOURCE_NEW : ST_SOURCE_SET);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, src->prefix_len);
        bind_blob(st, 2, hash_slice(&src->prefix));
        (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)src->offset);
        (void)sqlite3_bind_int64(st, 4, (sqlite3_int64)src->size);
        (void)sqlite3_bind_int64(st, 5, (sqlite3_int64)src->lines);
        (void)sqlite3_bind_int(st, 6, src->array);
        if (src->id != 0)
            (void)sqlite3_bind_int64(st, 7, src->id);
    }
    r = store_run(s, st);
    if (r == 0 && src->id == 0)
        src->id = sqlite3_last_insert_rowid(s->db);
    return r;
}

int
store_put_block(struct store *s, const struct store_block *b)
{
    sqlite3_stmt *st = store_statement(s, ST_BLOCK_PUT);
    int r;

    if (st != NULL) {
        const uint64_t number[] = {b->block,
                                   b->leaf,
                                   b->segment,
                                   b->at,
                                   b->len,
                                   b->events,
                                   b->count,
                                   (uint64_t)b->first.us,
                                   (uint64_t)b->last.us,
                                   (uint64_t)b->seen.us};

        for (int i = 0; i < 10; i++)
            (void)sqlite3_bind_int64(st, i + 1, (sqlite3_int64)number[i]);
        bind_blob(st, 11, hash_slice(&b->root));
        bind_blob(st, 12, hash_slice(&b->tables));
        bind_blob(st, 13, b->salt);
        bind_blob(st, 14, b->figures);
        bind_blob(st, 15, b->filter);
    }
    r = store_run(s, st);
    if (r < 0 || b->key.len == 0)
        return r;
    st = store_statement(s, ST_BLOCK_KEY_PUT);
    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)b->block);
        bind_blob(st, 2, b->key);
    }
    return store_run(s, st);
}

int
store_next_block(struct store *s, uint64_t *ret)
{
    return store_number(s, ST_BLOCK_NEXT, ret);
}

static int
read_block(struct store *s, sqlite3_stmt *st, struct store_block *ret)
{
    *ret = (struct store_block){.block = (uint64_t)sqlite3_column_int64(st, 0),
                                .leaf = (uint64_t)sqlite3_column_int64(st, 1),
                                .segment = (uint32_t)sqlite3_column_int64(st, 2),
                                .at = (uint64_t)sqlite3_column_int64(st, 3),
                                .len = (uint32_t)sqlite3_column_int64(st, 4),
                                .events = (uint32_t)sqlite3_column_int64(st, 5),
                                .count = (uint64_t)sqlite3_column_int64(st, 6),
                                .first = {sqlite3_column_int64(st, 7)},
                                .last = {sqlite3_column_int64(st, 8)},
                                .seen = {sqlite3_column_int64(st, 9)},
                                .key = column_blob(st, 12),
                                .salt = column_blob(st, 13),
                                .figures = column_blob(st, 14),
                                .filter = column_blob(st, 15)};
    column_hash(st, 10, &ret->root);
    column_hash(st, 11, &ret->tables);
    return ret->key.len > 0 ? 0 : store_get_scope(s, ret->block, &ret->erased);
}

int
store_get_block(struct store *s, uint64_t block, struct store_block *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_BLOCK_GET);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)block);
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    return read_block(s, st, ret); /* the row stays until the statement is used again */
}

int
store_each_block(struct store *s, const struct store_range *range,
                 int (*each)(void *arg, const struct store_block *b), void *arg)
{
    sqlite3_stmt *st =
        store_statement(s, range->newest_first ? ST_BLOCK_EACH_DESC : ST_BLOCK_EACH);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, range->since.us);
        (void)sqlite3_bind_int64(st, 2, range->until.us);
    }
    while ((r = store_row(s, st)) == 1) {
        struct store_block b;

        r = read_block(s, st, &b);
        if (r < 0) {
            (void)sqlite3_reset(st);
            return r;
        }
        if (range->address != NULL && !filter_may_hold(b.filter, range->address))
            continue;
        r = each(arg, &b);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_each_block_leaf(struct store *s, int64_t from,
                      int (*each)(void *arg, const struct store_block *b), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_BLOCK_FROM);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, from);
    while ((r = store_row(s, st)) == 1) {
        struct store_block b = {.block = (uint64_t)sqlite3_column_int64(st, 0),
                                .leaf = (uint64_t)sqlite3_column_int64(st, 1),
                                .events = (uint32_t)sqlite3_column_int64(st, 2),
                                .salt = column_blob(st, 4),
                                .figures = column_blob(st, 5),
                                .count = (uint64_t)sqlite3_column_int64(st, 6),
                                .first = {sqlite3_column_int64(st, 7)},
                                .last = {sqlite3_column_int64(st, 8)}};

        column_hash(st, 3, &b.root);
        column_hash(st, 9, &b.tables);
        r = each(arg, &b);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_each_span(struct store *s, const struct store_span *after, struct utime until,
                unsigned limit, int (*each)(void *arg, const struct store_span *b), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_BLOCK_SPANS);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, after->last.us);
        (void)sqlite3_bind_int64(st, 2, after->first.us);
        (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)after->block);
        (void)sqlite3_bind_int64(st, 4, until.us);
        (void)sqlite3_bind_int64(st, 5, limit);
    }
    while ((r = store_row(s, st)) == 1) {
        struct store_span b = {.block = (uint64_t)sqlite3_column_int64(st, 0),
                               .first = {sqlite3_column_int64(st, 1)},
                               .last = {sqlite3_column_int64(st, 2)}};

        r = each(arg, &b);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_put_tables(struct store *s, const struct hash *id, struct slice json)
{
    sqlite3_stmt *st = store_statement(s, ST_TABLES_PUT);

    if (st != NULL) {
        bind_blob(st, 1, hash_slice(id));
        bind_blob(st, 2, json);
    }
    return store_run(s, st);
}

int
store_get_tables(struct store *s, const struct hash *id, struct buf *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_TABLES_GET);
    int r;

    if (st != NULL)
        bind_blob(st, 1, hash_slice(id));
    r = store_row(s, st);
    if (r <= 0)
        return r == 0 ? ERR_NOTFOUND : r;
    buf_slice(ret, column_blob(st, 0));
    (void)sqlite3_reset(st);
    return buf_error(ret);
}
