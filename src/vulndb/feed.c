/* Feeds as wholes, and figures of CVEs that are no records. */
#include "vulndb/db.h"

static const struct {
    const char *name;
    const char *who;
    bool whole;
    unsigned days;
} kinds[FEED_KINDS] = {
#define FEED(id, text, whole, days, who) [FEED_##id] = {(text), (who), (whole), (days)},
#include "vulndb/feed.def"
};

const char *
feed_kind_name(enum feed_kind k)
{
    return kinds[k].name;
}

const char *
feed_kind_who(enum feed_kind k)
{
    return kinds[k].who;
}

bool
feed_kind_whole(enum feed_kind k)
{
    return kinds[k].whole;
}

unsigned
feed_kind_days(enum feed_kind k)
{
    return kinds[k].days;
}

bool
feed_kind_parse(struct slice text, enum feed_kind *ret)
{
    for (unsigned k = 0; k < FEED_KINDS; k++) {
        if (slice_is(text, kinds[k].name)) {
            *ret = (enum feed_kind)k;
            return true;
        }
    }
    return false;
}

static void
feed_row(sqlite3_stmt *st, struct feed *ret)
{
    struct slice sha = column_bytes(st, 5);
    int kind = sqlite3_column_int(st, 1);

    *ret =
        (struct feed){.kind = kind >= 0 && kind < FEED_KINDS ? (enum feed_kind)kind : FEED_KEV,
                      .date = {sqlite3_column_int64(st, 3)},
                      .taken = {sqlite3_column_int64(st, 4)},
                      .records = (uint64_t)sqlite3_column_int64(st, 6),
                      .bytes = (uint64_t)sqlite3_column_int64(st, 7)};
    if (sha.len == sizeof ret->sha256.byte)
        memcpy(ret->sha256.byte, sha.ptr, sha.len);
    column_text(st, 0, ret->name, sizeof ret->name);
    column_text(st, 2, ret->version, sizeof ret->version);
    column_text(st, 8, ret->signer, sizeof ret->signer);
}

int
vulndb_feed(struct vulndb *db, const char *name, struct feed *ret)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_FEED_GET);
    int r;

    if (st != NULL)
        bind_text(st, 1, slice_of(name));
    r = vulndb_row(db, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    feed_row(st, ret);
    (void)sqlite3_reset(st);
    return 0;
}

int
vulndb_feeds(struct vulndb *db, int (*each)(void *arg, const struct feed *f), void *arg)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_FEED_EACH);
    int r;

    while ((r = vulndb_row(db, st)) == 1) {
        struct feed f;

        feed_row(st, &f);
        r = each(arg, &f);
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

int
vulndb_feed_put(struct vulndb *db, const struct feed *f)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_FEED_PUT);

    if (st != NULL) {
        bind_text(st, 1, slice_of(f->name));
        (void)sqlite3_bind_int(st, 2, (int)f->kind);
        bind_text(st, 3, slice_of(f->version));
        (void)sqlite3_bind_int64(st, 4, f->date.us);
        (void)sqlite3_bind_int64(st, 5, f->taken.us);
        bind_blob(st, 6, (struct slice){(const char *)f->sha256.byte, sizeof f->sha256.byte});
        bind_u64(st, 7, f->records);
        bind_u64(st, 8, f->bytes);
        bind_text(st, 9, slice_of(f->signer));
    }
    return vulndb_run(db, st);
}

int
vulndb_peer_feed_put(struct vulndb *db, const struct vulndb_peer_feed *p)
{
    const struct feed *f = &p->feed;
    sqlite3_stmt *st = vulndb_statement(db, ST_PEER_FEED_PUT);

    if (st != NULL) {
        bind_text(st, 1, slice_of(p->party));
        bind_text(st, 2, slice_of(f->name));
        (void)sqlite3_bind_int(st, 3, (int)f->kind);
        bind_text(st, 4, slice_of(f->version));
        (void)sqlite3_bind_int64(st, 5, f->date.us);
        bind_u64(st, 6, f->records);
        bind_blob(st, 7, (struct slice){(const char *)f->sha256.byte, sizeof f->sha256.byte});
        (void)sqlite3_bind_int64(st, 8, p->taken.us);
        (void)sqlite3_bind_int64(st, 9, p->state);
        bind_u64(st, 10, p->differs);
    }
    return vulndb_run(db, st);
}

int
vulndb_peer_feeds(struct vulndb *db, const char *name,
                  int (*each)(void *arg, const struct vulndb_peer_feed *p), void *arg)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_PEER_FEED_EACH);
    int r;

    if (st != NULL)
        bind_text(st, 1, slice_of(name));
    while ((r = vulndb_row(db, st)) == 1) {
        struct vulndb_peer_feed p = {.feed = {.date = {sqlite3_column_int64(st, 4)},
                                              .records = (uint64_t)sqlite3_column_int64(st, 5)},
                                     .taken = {sqlite3_column_int64(st, 7)},
                                     .state = (unsigned)sqlite3_column_int64(st, 8),
                                     .differs = (uint64_t)sqlite3_column_int64(st, 9)};
        int kind = sqlite3_column_int(st, 2);
        struct slice sha = column_bytes(st, 6);

        if (kind < 0 || kind >= FEED_KINDS || sha.len != sizeof p.feed.sha256.byte)
            continue;
        p.feed.kind = (enum feed_kind)kind;
        memcpy(p.feed.sha256.byte, sha.ptr, sha.len);
        column_text(st, 0, p.party, sizeof p.party);
        column_text(st, 1, p.feed.name, sizeof p.feed.name);
        column_text(st, 3, p.feed.version, sizeof p.feed.version);
        r = each(arg, &p);
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

int
vulndb_kind_date(struct vulndb *db, enum feed_kind kind, struct utime *ret)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_KIND_DATE);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int(st, 1, (int)kind);
    r = vulndb_row(db, st);
    if (r != 1)
        return r < 0 ? r : ERR_IO;
    ret->us = sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st);
    return 0;
}

/* ---- scores, and the catalogue -------------------------------------------------------------
 */

void
vulndb_rows_drop(struct vulndb *db)
{
    differ_release(&db->was);
    differ_release(&db->is);
}

void
vulndb_epss_begin(struct vulndb *db)
{
    vulndb_rows_drop(db);
}

static uint64_t
score(uint32_t ppm, uint32_t percentile)
{
    return (uint64_t)ppm << 32 | percentile;
}

int
vulndb_epss_put(struct vulndb *db, cve_id cve, uint32_t ppm, uint32_t percentile)
{
    return differ_add(&db->is, (struct differ_row){.vuln = cve, .is = score(ppm, percentile)});
}

static int
put_block(struct vulndb *db, const struct differ_row *row, uint32_t n)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_EPSS_NEW);
    uint8_t block[EPSS_BLOCK * EPSS_ROW];

    for (uint32_t i = 0; i < n; i++) {
        uint8_t *to = block + (size_t)i * EPSS_ROW;

        to[0] = (uint8_t)row[i].vuln;
        for (unsigned k = 0; k < 3; k++) {
            to[1 + k] = (uint8_t)(row[i].is >> (32 + 8 * k));
            to[4 + k] = (uint8_t)(row[i].is >> (8 * k));
        }
    }
    if (st != NULL) {
        bind_u64(st, 1, row->vuln / EPSS_BLOCK);
        bind_blob(st, 2, (struct slice){(const char *)block, (size_t)n * EPSS_ROW});
    }
    return vulndb_run(db, st);
}

static uint32_t
three(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
}

/* All that the file before had, which goes. */
static int
take_scores(struct vulndb *db)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_EPSS_EACH);
    int r;

    while ((r = vulndb_row(db, st)) == 1) {
        uint64_t block = (uint64_t)sqlite3_column_int64(st, 0);
        struct slice rows = column_bytes(st, 1);

        r = 0;
        for (size_t i = 0; r == 0 && i + EPSS_ROW <= rows.len; i += EPSS_ROW) {
            const uint8_t *at = (const uint8_t *)rows.ptr + i;

            r = differ_add(&db->was,
                           (struct differ_row){.vuln = block * EPSS_BLOCK + at[0],
                                               .is = score(three(at + 1), three(at + 4))});
        }
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r < 0 ? r : vulndb_run(db, vulndb_statement(db, ST_EPSS_CLEAR));
}

int
vulndb_epss_end(struct vulndb *db, struct vulndb_counts *counts)
{
    const struct differ_row *row;
    int r = take_scores(db);

    differ_sort(&db->is);
    row = db->is.row;
    for (uint32_t i = 0, n; r == 0 && i < db->is.count; i += n) {
        for (n = 1; i + n < db->is.count && n < EPSS_BLOCK &&
                    row[i + n].vuln / EPSS_BLOCK == row[i].vuln / EPSS_BLOCK;)
            n++;
        r = put_block(db, row + i, n);
    }
    if (r == 0)
        r = differ_count(db, &db->was, &db->is, counts);
    vulndb_rows_drop(db);
    return r;
}

int
vulndb_kev_begin(struct vulndb *db)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_KEV_EACH);
    int r;

    vulndb_rows_drop(db);
    while ((r = vulndb_row(db, st)) == 1) {
        r = differ_add(&db->was,
                       (struct differ_row){.vuln = (uint64_t)sqlite3_column_int64(st, 0),
                                           .is = (uint64_t)sqlite3_column_int64(st, 1)});
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r < 0 ? r : vulndb_run(db, vulndb_statement(db, ST_KEV_CLEAR));
}

int
vulndb_kev_put(struct vulndb *db, const struct vulndb_kev *k)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_KEV_NEW);
    int r;

    if (st != NULL) {
        bind_u64(st, 1, k->cve);
        (void)sqlite3_bind_int64(st, 2, k->added.us);
        (void)sqlite3_bind_int64(st, 3, k->due.us);
        (void)sqlite3_bind_int(st, 4, k->ransomware);
        bind_text(st, 5, k->vendor);
        bind_text(st, 6, k->product);
        bind_text(st, 7, k->name);
        bind_u64(st, 8, k->hash);
    }
    r = vulndb_run(db, st);
    return r < 0 ? r : differ_add(&db->is, (struct differ_row){.vuln = k->cve, .is = k->hash});
}

int
vulndb_kev_end(struct vulndb *db, struct vulndb_counts *counts)
{
    int r;

    differ_sort(&db->was);
    differ_sort(&db->is);
    r = differ_count(db, &db->was, &db->is, counts);
    vulndb_rows_drop(db);
    return r;
}
