/* What feeds say, record by record. */
#include <stdlib.h>

#include "vulndb/db.h"

_Static_assert(FEED_OSV == 4, "statements.def: VULNS_OF_KEY");

/* ---- numbers of names ----------------------------------------------------------------------
 */

int
vulndb_named(struct vulndb *db, enum statement get, enum statement fresh, struct slice name,
             int64_t *ret)
{
    sqlite3_stmt *st = vulndb_statement(db, get);
    int r;

    if (st != NULL)
        bind_text(st, 1, name);
    r = vulndb_row(db, st);
    if (r == 1) {
        *ret = sqlite3_column_int64(st, 0);
        (void)sqlite3_reset(st);
        return 0;
    }
    st = r < 0 ? NULL : vulndb_statement(db, fresh);
    if (st == NULL)
        return r < 0 ? r : ERR_IO;
    bind_text(st, 1, name);
    r = vulndb_run(db, st);
    *ret = sqlite3_last_insert_rowid(db->db);
    return r;
}

int
vulndb_alias(struct vulndb *db, struct slice name, uint64_t *ret)
{
    int64_t id = 0;
    int r = vulndb_named(db, ST_ALIAS_GET, ST_ALIAS_NEW, name, &id);

    *ret = (uint64_t)id;
    return r;
}

/* An advisory's id that is about one vulnerability names that. */
static int
id_of_advisory(struct vulndb *db, struct slice text, uint64_t *ret)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_VULNS_OF_KEY);
    int r;

    if (st != NULL)
        bind_text(st, 1, text);
    r = vulndb_row(db, st);
    if (r != 1)
        return r;
    if (column_bytes(st, 0).len == sizeof *ret)
        memcpy(ret, column_bytes(st, 0).ptr, sizeof *ret);
    (void)sqlite3_reset(st);
    return 0;
}

int
vulndb_id(struct vulndb *db, struct slice text, uint64_t *ret)
{
    sqlite3_stmt *st;
    int r;

    *ret = cve_parse(text);
    if (*ret != 0)
        return 0;
    r = id_of_advisory(db, text, ret);
    if (r < 0 || *ret != 0)
        return r;
    st = vulndb_statement(db, ST_ALIAS_GET);
    if (st != NULL)
        bind_text(st, 1, text);
    r = vulndb_row(db, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    *ret = (uint64_t)sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return 0;
}

int
vulndb_id_text(struct vulndb *db, uint64_t id, struct buf *to)
{
    char text[CVE_TEXT];
    sqlite3_stmt *st;
    int r;

    if (id >> 32 != 0) {
        buf_add(to, text, cve_format(id, text));
        return 0;
    }
    st = vulndb_statement(db, ST_ALIAS_NAME);
    if (st != NULL)
        bind_u64(st, 1, id);
    r = vulndb_row(db, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    buf_slice(to, column_bytes(st, 0));
    (void)sqlite3_reset(st);
    return 0;
}

int
vulndb_space(struct vulndb *db, struct slice name, int64_t *ret)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_SPACE_OF);
    int r;

    *ret = 0;
    if (st != NULL)
        bind_text(st, 1, name);
    r = vulndb_row(db, st);
    if (r != 1)
        return r;
    *ret = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return 0;
}

/* All that a list of products names. */
static int
each_product(struct vulndb *db, struct slice products,
             int (*each)(void *arg, int64_t product, int64_t space), void *arg)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i + sizeof(int64_t) <= products.len; i += sizeof(int64_t)) {
        sqlite3_stmt *st = vulndb_statement(db, ST_PRODUCT_SPACE);
        int64_t product;

        memcpy(&product, products.ptr + i, sizeof product);
        if (st != NULL)
            (void)sqlite3_bind_int64(st, 1, product);
        r = vulndb_row(db, st);
        if (r == 1) {
            int64_t space = sqlite3_column_int64(st, 0);

            (void)sqlite3_reset(st);
            r = each(arg, product, space);
        }
    }
    return r;
}

int
vulndb_products_of(struct vulndb *db, uint64_t vuln,
                   int (*each)(void *arg, int64_t product, int64_t space), void *arg)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_PRODUCTS_OF);
    int r;

    if (st != NULL)
        bind_u64(st, 1, vuln);
    while ((r = vulndb_row(db, st)) == 1) {
        r = each_product(db, column_bytes(st, 0), each, arg);
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

int
vulndb_product_name(struct vulndb *db, int64_t product, struct buf *space, struct buf *name)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_PRODUCT_NAME);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, product);
    r = vulndb_row(db, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    if (space != NULL)
        buf_slice(space, column_bytes(st, 0));
    if (name != NULL)
        buf_slice(name, column_bytes(st, 1));
    (void)sqlite3_reset(st);
    return 0;
}

int
vulndb_records_of(struct vulndb *db, uint64_t vuln,
                  int (*each)(void *arg, enum feed_kind kind, struct slice key,
                              struct utime modified),
                  void *arg)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_RECORDS_OF);
    int r;

    if (st != NULL)
        bind_u64(st, 1, vuln);
    while ((r = vulndb_row(db, st)) == 1) {
        int kind = sqlite3_column_int(st, 0);
        bool named = sqlite3_column_type(st, 1) == SQLITE_TEXT;

        r = kind < 0 || kind >= FEED_KINDS
                ? 0
                : each(arg, (enum feed_kind)kind, named ? column_bytes(st, 1) : SLICE(""),
                       (struct utime){sqlite3_column_int64(st, 2)});
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

static int
find_product(struct vulndb *db, struct slice space, struct slice name, int64_t *ret)
{
    uint64_t hash = map_hash(space.ptr, (uint32_t)space.len, db->secret[0]) | 1;
    sqlite3_stmt *st;
    int64_t at = db->space;
    int r = 0;

    if (hash != db->hash)
        r = vulndb_named(db, ST_SPACE_GET, ST_SPACE_NEW, space, &at);
    st = r < 0 ? NULL : vulndb_statement(db, ST_PRODUCT_GET);
    if (st == NULL)
        return r < 0 ? r : ERR_IO;
    db->space = at;
    db->hash = hash;
    (void)sqlite3_bind_int64(st, 1, at);
    bind_text(st, 2, name);
    r = vulndb_row(db, st);
    if (r == 1) {
        *ret = sqlite3_column_int64(st, 0);
        (void)sqlite3_reset(st);
        return 0;
    }
    st = r < 0 ? NULL : vulndb_statement(db, ST_PRODUCT_NEW);
    if (st == NULL)
        return r < 0 ? r : ERR_IO;
    (void)sqlite3_bind_int64(st, 1, at);
    bind_text(st, 2, name);
    r = vulndb_run(db, st);
    *ret = sqlite3_last_insert_rowid(db->db);
    return r;
}

/* Hashes of 128 bits under a secret of this handle's stand for names: two that are the same
 * happen to nobody. */
int
vulndb_product(struct vulndb *db, struct slice space, struct slice name, int64_t *ret)
{
    uint64_t key[2];
    uint64_t of_space = map_hash(space.ptr, (uint32_t)space.len, db->secret[0]);
    int fresh = 0;
    int64_t at;
    int r;

    key[0] = map_hash(name.ptr, (uint32_t)name.len, of_space);
    key[1] = map_hash(name.ptr, (uint32_t)name.len, of_space ^ db->secret[1]);
    at = map_put(&db->names, key, &fresh);
    if (at == MAP_FULL)
        return find_product(db, space, name, ret);
    if (fresh == 0) {
        *ret = db->products[at];
        return 0;
    }
    if ((uint32_t)at >= db->products_room) {
        uint32_t room = db->products_room == 0 ? 4096 : 2 * db->products_room;
        int64_t *more = realloc(db->products, room * sizeof *more);

        if (more == NULL) {
            map_reset(&db->names);
            return ERR_NOMEM;
        }
        db->products = more;
        db->products_room = room;
    }
    r = find_product(db, space, name, &db->products[at]);
    *ret = db->products[at];
    if (r < 0)
        map_reset(&db->names);
    return r;
}

/* ---- one record ----------------------------------------------------------------------------
 */

enum { HASH_SECRET = 35, PENDING = 1 << 17, PENDING_BYTES = 1 << 25 };

static uint64_t
hash_slice(uint64_t h, struct slice s)
{
    return map_hash(s.ptr == NULL ? "" : s.ptr, (uint32_t)s.len, h);
}

static uint64_t
hash_record(const struct vulndb_record *r)
{
    uint64_t h = map_hash(&r->modified, sizeof r->modified, HASH_SECRET);

    if (r->vulns > 0)
        h = map_hash(r->vuln, (uint32_t)(r->vulns * sizeof r->vuln[0]), h);
    for (unsigned i = 0; i < r->affects; i++) {
        const struct vulndb_affect *a = &r->affect[i];

        h = hash_slice(hash_slice(h, a->space), a->name);
        h = hash_slice(h ^ a->flags, a->range);
    }
    return hash_slice(hash_slice(h, r->facts), r->config);
}

static void
bind_key(sqlite3_stmt *st, const struct vulndb_record *r, unsigned part)
{
    (void)sqlite3_bind_int(st, 1, (int)r->kind);
    if (r->key.len > 0)
        bind_text(st, 2, r->key);
    else
        bind_u64(st, 2, r->vuln[0]);
    (void)sqlite3_bind_int64(st, 3, part);
}

struct old {
    int64_t id; /* 0: there is none */
    unsigned part;
    int64_t modified;
    uint64_t hash;
    struct buf products;
    struct buf vulns;
};

static bool
was_seen(const struct vulndb *db, int64_t record)
{
    size_t at = (size_t)record / 8;

    return at < db->seen_size && (db->seen[at] >> (record % 8) & 1) != 0;
}

/* The first part of that key that this file did not have yet. */
static int
find_record(struct vulndb *db, const struct vulndb_record *r, struct old *ret)
{
    for (ret->part = 0;; ret->part++) {
        sqlite3_stmt *st = vulndb_statement(db, ST_RECORD_GET);
        int code;

        if (st != NULL)
            bind_key(st, r, ret->part);
        code = vulndb_row(db, st);
        if (code != 1)
            return code;
        if (was_seen(db, sqlite3_column_int64(st, 0)))
            continue;
        ret->id = sqlite3_column_int64(st, 0);
        ret->modified = sqlite3_column_int64(st, 1);
        ret->hash = (uint64_t)sqlite3_column_int64(st, 2);
        buf_slice(&ret->products, column_bytes(st, 3));
        buf_slice(&ret->vulns, column_bytes(st, 4));
        (void)sqlite3_reset(st);
        return buf_error(&ret->products);
    }
}

/* It affects nothing any more. */
static int
forget_affects(struct vulndb *db, int64_t record, struct slice products)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i + sizeof(int64_t) <= products.len; i += sizeof(int64_t)) {
        sqlite3_stmt *st = vulndb_statement(db, ST_AFFECT_GONE);
        int64_t product;

        memcpy(&product, products.ptr + i, sizeof product);
        if (st != NULL) {
            (void)sqlite3_bind_int64(st, 1, product);
            (void)sqlite3_bind_int64(st, 2, record);
        }
        r = vulndb_run(db, st);
    }
    return r;
}

/* Which vulnerabilities it is about, where its key does not say. */
static int
change_about(struct vulndb *db, enum statement which, int64_t record, struct slice vulns)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i + sizeof(uint64_t) <= vulns.len; i += sizeof(uint64_t)) {
        sqlite3_stmt *st = vulndb_statement(db, which);
        uint64_t vuln;

        memcpy(&vuln, vulns.ptr + i, sizeof vuln);
        if (st != NULL) {
            bind_u64(st, 1, vuln);
            (void)sqlite3_bind_int64(st, 2, record);
        }
        r = vulndb_run(db, st);
    }
    return r;
}

static int
by_place(const void *a, const void *b)
{
    const struct pending *x = a;
    const struct pending *y = b;
    int c = (x->product > y->product) - (x->product < y->product);

    if (c == 0)
        c = (x->record > y->record) - (x->record < y->record);
    return c != 0 ? c : (x->n > y->n) - (x->n < y->n);
}

/* Rows of one product lie together, and of all that are pending many share a page. */
int
vulndb_records_flush(struct vulndb *db)
{
    int r = 0;

    if (db->pendings > 0)
        qsort(db->pending, db->pendings, sizeof *db->pending, by_place);
    for (uint32_t i = 0; r == 0 && i < db->pendings; i++) {
        const struct pending *p = &db->pending[i];
        sqlite3_stmt *st = vulndb_statement(db, ST_AFFECT_NEW);

        if (st != NULL) {
            (void)sqlite3_bind_int64(st, 1, p->product);
            (void)sqlite3_bind_int64(st, 2, p->record);
            (void)sqlite3_bind_int64(st, 3, p->n);
            (void)sqlite3_bind_int64(st, 4, p->flags);
            bind_u64(st, 5, p->vuln);
            bind_blob(st, 6, (struct slice){db->pending_text.ptr + p->range, p->range_len});
        }
        r = vulndb_run(db, st);
    }
    vulndb_records_drop(db);
    return r;
}

void
vulndb_records_drop(struct vulndb *db)
{
    db->pendings = 0;
    buf_reset(&db->pending_text);
}

/* Not of a record that may be forgotten before the file ends: each is put once. */
static int
put_affects(struct vulndb *db, int64_t record, const struct vulndb_record *r,
            const int64_t *product)
{
    int code = 0;

    if (db->pending == NULL)
        db->pending = malloc(PENDING * sizeof *db->pending);
    db->pending_text.max = (size_t)2 * PENDING_BYTES;
    if (db->pending == NULL)
        return ERR_NOMEM;
    for (unsigned i = 0; code == 0 && i < r->affects; i++) {
        struct slice range = r->affect[i].range;

        if (range.len == 0)
            continue; /* a configuration names it */
        if (db->pendings == PENDING || db->pending_text.len + range.len > PENDING_BYTES)
            code = vulndb_records_flush(db);
        db->pending[db->pendings++] =
            (struct pending){.product = product[i],
                             .record = record,
                             .vuln = r->vulns == 1 ? r->vuln[0] : 0,
                             .n = i,
                             .flags = r->affect[i].flags | (unsigned)r->kind << AFFECT_KIND,
                             .range = (uint32_t)db->pending_text.len,
                             .range_len = (uint32_t)range.len};
        buf_slice(&db->pending_text, range);
    }
    return code < 0 ? code : buf_error(&db->pending_text);
}

/* 1: there is one of that key already. */
static int
put_row(struct vulndb *db, const struct vulndb_record *r, const struct old *old,
        struct slice products, int64_t *ret_id)
{
    sqlite3_stmt *st = vulndb_statement(db, old->id == 0 ? ST_RECORD_NEW : ST_RECORD_SET);
    struct slice vulns = {(const char *)r->vuln, r->vulns * sizeof r->vuln[0]};
    int code;

    if (st != NULL) {
        bind_key(st, r, old->part);
        (void)sqlite3_bind_int64(st, 4, r->modified.us);
        bind_u64(st, 5, hash_record(r));
        bind_blob(st, 6, vulns);
        bind_blob(st, 7, products);
        bind_blob(st, 8, r->facts);
        bind_blob(st, 9, r->config);
    }
    code = vulndb_run(db, st);
    *ret_id = old->id == 0 ? sqlite3_last_insert_rowid(db->db) : old->id;
    return code < 0 ? code : sqlite3_changes(db->db) == 0;
}

static int
mark_seen(struct vulndb *db, int64_t record)
{
    size_t at = (size_t)record / 8;

    if (at >= db->seen_size) {
        size_t size = 2 * at + 4096;
        uint8_t *more = realloc(db->seen, size);

        if (more == NULL)
            return ERR_NOMEM;
        memset(more + db->seen_size, 0, size - db->seen_size);
        db->seen = more;
        db->seen_size = size;
    }
    db->seen[at] |= (uint8_t)(1U << (record % 8));
    return 0;
}

void
vulndb_counts_name(struct vulndb_counts *counts, struct slice name)
{
    char *to = counts->first[counts->firsts < VULNDB_FIRST ? counts->firsts : 0];

    if (counts->firsts == VULNDB_FIRST)
        return;
    (void)snprintf(to, VULNDB_FIRST_TEXT, "%.*s", (int)name.len, name.ptr);
    counts->firsts++;
}

static void
name_record(struct vulndb_counts *counts, struct slice key, uint64_t cve)
{
    char text[CVE_TEXT];

    if (counts->firsts < VULNDB_FIRST)
        vulndb_counts_name(
            counts, key.len > 0 ? key : (struct slice){text, (size_t)cve_format(cve, text)});
}

/* 1: of that key there is one already, and nothing was changed. */
static int
replace(struct vulndb *db, const struct vulndb_record *r, const struct old *old)
{
    int64_t *product = db->of_record;
    int64_t id = 0;
    int code = 0;

    for (unsigned i = 0; code == 0 && i < r->affects; i++)
        code = vulndb_product(db, r->affect[i].space, r->affect[i].name, &product[i]);
    if (code == 0 && old->id != 0)
        code = forget_affects(db, old->id, buf_get(&old->products));
    if (code == 0 && old->id != 0 && r->key.len > 0)
        code = change_about(db, ST_ABOUT_GONE, old->id, buf_get(&old->vulns));
    if (code == 0)
        code =
            put_row(db, r, old,
                    (struct slice){(const char *)product, r->affects * sizeof *product}, &id);
    if (code == 0)
        code = put_affects(db, id, r, product);
    if (code == 0 && r->key.len > 0)
        code =
            change_about(db, ST_ABOUT_NEW, id,
                         (struct slice){(const char *)r->vuln, r->vulns * sizeof r->vuln[0]});
    return code != 0 ? code : mark_seen(db, id);
}

int
vulndb_put(struct vulndb *db, const struct vulndb_record *r, struct vulndb_counts *counts)
{
    struct old old = {.products = {.max = VULNDB_AFFECTS * sizeof(int64_t)},
                      .vulns = {.max = VULNDB_AFFECTS * sizeof(uint64_t)}};
    struct vulndb_record named_by_key = *r;
    uint64_t alias = 0;
    int code = 0;

    BUG_ON(r->affects > VULNDB_AFFECTS || (r->vulns == 0 && r->key.len == 0));
    if (r->vulns == 0) {
        code = vulndb_alias(db, r->alias.len > 0 ? r->alias : r->key, &alias);
        named_by_key.vuln = &alias;
        named_by_key.vulns = 1;
        r = &named_by_key;
    }
    if (code == 0 && db->fresh) {
        code = replace(db, r, &old);
        if (code == 0) {
            counts->fresh++;
            name_record(counts, r->key, r->vuln[0]);
        }
        if (code <= 0)
            return code;
        db->fresh = false;
        code = 0;
    }
    if (code == 0)
        code = find_record(db, r, &old);
    if (code == 0 && old.id != 0 && old.modified > r->modified.us &&
        (db->latest == 0 || old.modified <= db->latest)) {
        counts->older++;
        name_record(counts, r->key, r->vuln[0]);
        code = mark_seen(db, old.id);
    } else if (code == 0 && old.id != 0 && old.hash == hash_record(r)) {
        ++*(old.part > 0 ? &counts->twice : &counts->same);
        code = mark_seen(db, old.id);
    } else if (code == 0) {
        code = replace(db, r, &old);
        if (old.id != 0 || old.part == 0)
            name_record(counts, r->key, r->vuln[0]);
        if (old.id != 0)
            counts->changed++;
        else
            ++*(old.part > 0 ? &counts->twice : &counts->fresh);
        db->fresh = old.id == 0;
    }
    buf_release(&old.products);
    buf_release(&old.vulns);
    return code;
}

/* ---- what is not said any more -------------------------------------------------------------
 */

void
vulndb_believe(struct vulndb *db, struct utime latest)
{
    db->latest = latest.us;
}

void
vulndb_file_begin(struct vulndb *db)
{
    if (db->seen != NULL)
        memset(db->seen, 0, db->seen_size);
    vulndb_records_drop(db);
    db->fresh = false;
}

static int
forget_record(struct vulndb *db, int64_t record, struct slice products, struct slice vulns)
{
    int r = forget_affects(db, record, products);
    sqlite3_stmt *st;

    if (r == 0)
        r = change_about(db, ST_ABOUT_GONE, record, vulns);
    if (r < 0)
        return r;
    st = vulndb_statement(db, ST_RECORD_GONE);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, record);
    return vulndb_run(db, st);
}

int
vulndb_file_end(struct vulndb *db, enum feed_kind kind, struct vulndb_counts *counts)
{
    bool whole = feed_kind_whole(kind);
    sqlite3_stmt *st;
    int r = vulndb_records_flush(db);

    if (r < 0)
        return r;
    st = vulndb_statement(db, whole ? ST_RECORD_IDS : ST_RECORD_PARTS);
    if (st != NULL)
        (void)sqlite3_bind_int(st, 1, (int)kind);
    while ((r = vulndb_row(db, st)) == 1) {
        int64_t record = sqlite3_column_int64(st, 0);

        if (was_seen(db, record) || (!whole && !was_seen(db, sqlite3_column_int64(st, 3))))
            continue;
        name_record(counts,
                    sqlite3_column_type(st, 4) == SQLITE_TEXT ? column_bytes(st, 4) : SLICE(""),
                    (uint64_t)sqlite3_column_int64(st, 4));
        r = forget_record(db, record, column_bytes(st, 1), column_bytes(st, 2));
        if (r < 0)
            break;
        counts->gone++;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}
