#include "vulndb/vex.h"

#include <stdlib.h>

#include "vuln/cpe.h"
#include "vulndb/db.h"
#include "vulndb/scan_priv.h"

enum { TEXT_MAX = 1 << 30, ITEM_TEXT = 1 << 16, SECRET = 53 };

const char *
vex_status_name(enum vex_status s)
{
    return s == VEX_EXCEPTED ? "excepted" : openvex_status_name((enum openvex_status)s);
}

const char *
finding_state_name(enum finding_state s)
{
    static const char *const name[FINDING_STATES] = {
        "affected", "ambiguous", "under investigation", "not affected", "fixed", "excepted"};

    return name[s];
}

/* ---- rows ----------------------------------------------------------------------------------
 */

int
vulndb_vex_put(struct vulndb *db, const struct vex *v, int64_t *ret_id)
{
    int64_t product = 0;
    sqlite3_stmt *st;
    int r = 0;

    if (v->feed.len > 0 && (v->name.len == 0 || v->space.len == 0))
        return ERR_INVALID;
    if (v->name.len > 0)
        r = vulndb_product(db, v->space, v->name, &product);
    st = r < 0 ? NULL : vulndb_statement(db, ST_VEX_NEW);
    if (st == NULL)
        return r < 0 ? r : ERR_IO;
    bind_text(st, 1, v->feed);
    bind_u64(st, 2, v->vuln);
    (void)sqlite3_bind_int64(st, 3, product);
    bind_text(st, 4, v->version);
    (void)sqlite3_bind_int64(st, 5, v->asset);
    (void)sqlite3_bind_int(st, 6, (int)v->status);
    (void)sqlite3_bind_int(st, 7, (int)v->justification);
    bind_text(st, 8, v->words);
    bind_text(st, 9, v->author);
    (void)sqlite3_bind_int64(st, 10, v->at.us);
    (void)sqlite3_bind_int64(st, 11, v->until.us);
    r = vulndb_run(db, st);
    *ret_id = sqlite3_last_insert_rowid(db->db);
    return r;
}

int
vulndb_vex_drop(struct vulndb *db, int64_t id)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_VEX_OWN_GONE);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, id);
    r = vulndb_run(db, st);
    return r < 0 ? r : sqlite3_changes(db->db) > 0 ? 0 : ERR_NOTFOUND;
}

int
vulndb_vex_drop_feed(struct vulndb *db, const char *feed, bool forget, uint64_t *ret_gone)
{
    sqlite3_stmt *st;
    int r;

    *ret_gone = 0;
    if (feed[0] == '\0')
        return ERR_NOTFOUND;
    st = vulndb_statement(db, ST_VEX_FEED_GONE);
    if (st != NULL)
        bind_text(st, 1, slice_of(feed));
    r = vulndb_run(db, st);
    if (r < 0)
        return r;
    *ret_gone = (uint64_t)sqlite3_changes64(db->db);
    if (*ret_gone == 0 || !forget)
        return *ret_gone == 0 ? ERR_NOTFOUND : 0;
    st = vulndb_statement(db, ST_FEED_GONE);
    if (st != NULL)
        bind_text(st, 1, slice_of(feed));
    return vulndb_run(db, st);
}

enum { HASH_SECRET = 36 };

static uint64_t
hash_columns(sqlite3_stmt *st, int from, int to)
{
    uint64_t h = HASH_SECRET;

    for (int i = from; i < to; i++) {
        struct slice s = column_bytes(st, i);

        h = map_hash(s.len == 0 ? "" : s.ptr, (uint32_t)s.len, h);
    }
    return h;
}

int
vulndb_vex_rows(struct vulndb *db, const char *feed, struct differ_rows *to)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_VEX_OF_FEED);
    int r;

    if (st != NULL)
        bind_text(st, 1, slice_of(feed));
    while ((r = vulndb_row(db, st)) == 1) {
        uint64_t vuln = (uint64_t)sqlite3_column_int64(st, 0);

        /* product, version, asset; all else */
        r = differ_add(
            to, (struct differ_row){vuln, hash_columns(st, 1, 4), hash_columns(st, 4, 10)});
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

/* The columns that all three statements begin with. */
static void
read_row(sqlite3_stmt *st, struct vex *ret)
{
    int status = sqlite3_column_int(st, 5);

    *ret =
        (struct vex){.id = sqlite3_column_int64(st, 0),
                     .vuln = (uint64_t)sqlite3_column_int64(st, 1),
                     .version = column_bytes(st, 3),
                     .asset = sqlite3_column_int64(st, 4),
                     .status = status < 0 || status >= VEX_STATUSES ? VEX_INVESTIGATED
                                                                    : (enum vex_status)status,
                     .at = {sqlite3_column_int64(st, 6)},
                     .until = {sqlite3_column_int64(st, 7)},
                     .feed = column_bytes(st, 8),
                     .space = column_bytes(st, 9),
                     .name = column_bytes(st, 10)};
}

int
vulndb_vexes(struct vulndb *db, uint64_t vuln, int (*each)(void *arg, const struct vex *v),
             void *arg)
{
    sqlite3_stmt *st = vulndb_statement(db, vuln == 0 ? ST_VEX_EACH : ST_VEX_OF);
    int r;

    if (st != NULL && vuln != 0)
        bind_u64(st, 1, vuln);
    while ((r = vulndb_row(db, st)) == 1) {
        int justification = sqlite3_column_int(st, 11);
        struct vex v;

        read_row(st, &v);
        v.justification = justification < 0 || justification >= OPENVEX_JUSTIFICATIONS
                              ? OPENVEX_NO_JUSTIFICATION
                              : (enum openvex_justification)justification;
        v.words = column_bytes(st, 12);
        v.author = column_bytes(st, 13);
        v.asset_name = column_bytes(st, 14);
        r = each(arg, &v);
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

/* ---- in memory -----------------------------------------------------------------------------
 */

struct row {
    int64_t id;
    uint64_t vuln;
    int64_t product;
    int64_t asset;
    struct utime at;
    struct utime until;
    struct slice space; /* offsets until all is there: the buffer moves */
    struct slice name;
    struct slice version;
    uint8_t status;
    bool own;
};

struct vexes {
    struct vulndb *db;
    struct row *row; /* by vulnerability */
    uint32_t rows;
    struct map vulns;
    uint32_t *first; /* of each in `vulns`; its end is the first of the next */
    struct buf text;
    /* What the item that was asked for last is called: findings come item by item. */
    const struct scan_item *item;
    struct buf item_space;
    struct buf item_product;
};

static struct slice
keep(struct vexes *v, struct slice s)
{
    size_t at = v->text.len;

    buf_slice(&v->text, s);
    return (struct slice){(const char *)(uintptr_t)(at + 1), s.len};
}

static void
settle(const struct vexes *v, struct slice *s)
{
    s->ptr = v->text.ptr + ((uintptr_t)s->ptr - 1);
}

static int
add_row(struct vexes *v, const struct row *w)
{
    void *more = scan_grow(v->row, v->rows, sizeof *v->row, VEX_MOST);

    if (more == NULL)
        return v->rows >= VEX_MOST ? ERR_LIMIT : ERR_NOMEM;
    v->row = more;
    v->row[v->rows++] = *w;
    return buf_error(&v->text);
}

/* What it is stated of may be called by an advisory that came later, and says which it is. */
static int
add_named(struct vexes *v, struct row w)
{
    sqlite3_stmt *st;
    int r;

    if (w.vuln >> 32 != 0)
        return add_row(v, &w);
    r = add_row(v, &w);
    st = r < 0 ? NULL : vulndb_statement(v->db, ST_VULNS_OF_ALIAS);
    if (st == NULL)
        return r < 0 ? r : ERR_IO;
    bind_u64(st, 1, w.vuln);
    r = vulndb_row(v->db, st);
    for (size_t at = 0; r == 1 && at < column_bytes(st, 0).len; at += sizeof w.vuln) {
        uint64_t own = w.vuln;

        memcpy(&w.vuln, column_bytes(st, 0).ptr + at, sizeof w.vuln);
        if (w.vuln != own)
            r = add_row(v, &w) < 0 ? ERR_NOMEM : 1;
    }
    (void)sqlite3_reset(st);
    return r < 0 ? r : 0;
}

static int
read_rows(struct vexes *v)
{
    sqlite3_stmt *st = vulndb_statement(v->db, ST_VEX_LOAD);
    struct vex x;
    int r;

    while ((r = vulndb_row(v->db, st)) == 1) {
        read_row(st, &x);
        r = add_named(v, (struct row){.id = x.id,
                                      .vuln = x.vuln,
                                      .product = sqlite3_column_int64(st, 2),
                                      .asset = x.asset,
                                      .at = x.at,
                                      .until = x.until,
                                      .space = keep(v, x.space),
                                      .name = keep(v, x.name),
                                      .version = keep(v, x.version),
                                      .status = (uint8_t)x.status,
                                      .own = x.feed.len == 0});
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

static int
by_vuln(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;
    int c = (x->vuln > y->vuln) - (x->vuln < y->vuln);

    return c != 0 ? c : (x->id > y->id) - (x->id < y->id);
}

static int
load(struct vexes *v)
{
    int r;

    buf_add(&v->text, "", 0);
    r = read_rows(v);
    if (r < 0 || v->rows == 0)
        return r;
    v->first = malloc(v->rows * sizeof *v->first);
    if (v->first == NULL)
        return ERR_NOMEM;
    qsort(v->row, v->rows, sizeof *v->row, by_vuln);
    for (uint32_t i = 0; i < v->rows; i++) {
        int fresh = 0;
        int64_t at = map_put(&v->vulns, &v->row[i].vuln, &fresh);

        if (at < 0)
            return ERR_NOMEM;
        if (fresh != 0)
            v->first[at] = i;
        settle(v, &v->row[i].space);
        settle(v, &v->row[i].name);
        settle(v, &v->row[i].version);
    }
    return 0;
}

int
vexes_open(struct vulndb *db, struct vexes **ret)
{
    struct vexes *v = calloc(1, sizeof *v);
    int r;

    if (v == NULL)
        return ERR_NOMEM;
    v->db = db;
    v->text.max = TEXT_MAX;
    v->item_space.max = v->item_product.max = ITEM_TEXT;
    map_init(&v->vulns, sizeof(uint64_t), VEX_MOST, SECRET);
    r = load(v);
    if (r < 0)
        v = vexes_close(v);
    *ret = v;
    return r;
}

struct utime
vexes_end(const struct vexes *v, struct utime now)
{
    struct utime end = TIME_MAX;

    for (uint32_t i = 0; i < v->rows; i++) {
        struct utime until = v->row[i].until;

        if (until.us != 0 && until.us >= now.us && until.us < end.us)
            end = until;
    }
    return end;
}

struct vexes *
vexes_close(struct vexes *v)
{
    if (v == NULL)
        return NULL;
    map_release(&v->vulns);
    buf_release(&v->text);
    buf_release(&v->item_space);
    buf_release(&v->item_product);
    free(v->row);
    free(v->first);
    free(v);
    return NULL;
}

/* ---- what fits -----------------------------------------------------------------------------
 */

/* The distribution speaks for its packages, never a CPE. */
static bool
cpe_fits(const struct row *w, const struct scan_item *i)
{
    enum cpe_relation is;
    struct cpe stated;
    struct cpe installed;

    if (i->cpe_product != w->product || i->superseded || i->distribution)
        return false;
    if (w->version.len == 0)
        return true;
    if (cpe_parse(w->version, &stated, NULL) < 0 || cpe_parse(i->cpe, &installed, NULL) < 0)
        return false;
    is = cpe_relation(&stated, &installed);
    return is == CPE_EQUAL || is == CPE_SUPERSET;
}

/* `Debian` is Debian of any release, "" any system. */
static bool
space_fits(const struct vexes *v, const struct row *w)
{
    struct slice is = buf_get(&v->item_space);

    return w->space.len == 0 || slice_eq(is, w->space) ||
           (is.len > w->space.len && is.ptr[w->space.len] == ':' &&
            slice_eq(slice_sub(is, 0, w->space.len), w->space));
}

static int
look_up(struct vexes *v, enum statement which, int64_t id, int column, struct buf *to)
{
    sqlite3_stmt *st;
    int r;

    if (id == 0)
        return 0;
    st = vulndb_statement(v->db, which);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, id);
    r = vulndb_row(v->db, st);
    if (r == 1) {
        buf_slice(to, column_bytes(st, column));
        (void)sqlite3_reset(st);
    }
    return r < 0 ? r : buf_error(to);
}

static int
take_item(struct vexes *v, const struct scan_item *i)
{
    int r;

    if (v->item == i)
        return 0;
    v->item = NULL;
    buf_reset(&v->item_space);
    buf_reset(&v->item_product);
    r = look_up(v, ST_SPACE_NAME, i->space, 0, &v->item_space);
    if (r == 0)
        r = look_up(v, ST_PRODUCT_NAME, i->product, 1, &v->item_product);
    if (r == 0)
        v->item = i;
    return r;
}

/* By the package's own name, or its source's. */
static int
fits(struct vexes *v, const struct row *w, const struct scan *s, const struct scan_item *i)
{
    int r;

    if (w->asset != 0 && w->asset != s->asset[i->asset].id)
        return 0;
    if (w->product == 0)
        return 1;
    if (slice_is(w->space, "cpe"))
        return cpe_fits(w, i);
    if (w->version.len > 0 && !slice_eq(w->version, i->version) &&
        !slice_eq(w->version, i->compared))
        return 0;
    if (w->product == i->product)
        return 1;
    r = take_item(v, i);
    if (r < 0)
        return r;
    return space_fits(v, w) &&
           (slice_eq(w->name, i->name) || slice_eq(w->name, buf_get(&v->item_product)));
}

static bool
is_better(const struct vex_fit *a, const struct vex_fit *than)
{
    return a->own != than->own       ? a->own
           : a->at.us != than->at.us ? a->at.us > than->at.us
                                     : a->id > than->id;
}

struct looking {
    const struct scan *scan;
    const struct scan_finding *finding;
    struct utime now;
    struct vex_fit *list; /* the first of those that fit */
    unsigned most;
    struct vex_fit best; /* the one that decides; its id is 0 if none does */
};

static struct vex_fit
fit_of(const struct row *w, struct utime now)
{
    return (struct vex_fit){.id = w->id,
                            .status = (enum vex_status)w->status,
                            .own = w->own,
                            .ended = w->until.us != 0 && w->until.us < now.us,
                            .at = w->at,
                            .until = w->until};
}

/* How many fit. */
static int
look(struct vexes *v, struct looking *l)
{
    int64_t at = map_find(&v->vulns, &l->finding->vuln);
    unsigned count = 0;
    uint32_t end;

    if (at < 0)
        return 0;
    end = (uint32_t)at + 1 < v->vulns.count ? v->first[at + 1] : v->rows;
    for (uint32_t i = v->first[at]; i < end; i++) {
        struct vex_fit fit = fit_of(&v->row[i], l->now);
        int r = fits(v, &v->row[i], l->scan, &l->scan->item[l->finding->item]);

        if (r < 0)
            return r;
        if (r == 0)
            continue;
        if (!fit.ended && (l->best.id == 0 || is_better(&fit, &l->best)))
            l->best = fit;
        if (count < l->most)
            l->list[count] = fit;
        count++;
    }
    return (int)count;
}

int
vexes_fitting(struct vexes *v, const struct scan *s, const struct scan_finding *f,
              struct utime now, struct vex_fit *list, unsigned most)
{
    struct looking l = {.scan = s, .finding = f, .now = now, .list = list, .most = most};
    int r = look(v, &l);

    for (unsigned i = 0; r > 0 && i < most && i < (unsigned)r; i++)
        list[i].holds = list[i].id == l.best.id;
    return r;
}

int
vexes_state(struct vexes *v, const struct scan *s, const struct scan_finding *f,
            struct utime now, enum finding_state *ret)
{
    static const enum finding_state states[VEX_STATUSES] = {
        [VEX_NOT_AFFECTED] = FINDING_NOT_AFFECTED,
        [VEX_AFFECTED] = FINDING_AFFECTED,
        [VEX_FIXED] = FINDING_FIXED,
        [VEX_INVESTIGATED] = FINDING_INVESTIGATED,
        [VEX_EXCEPTED] = FINDING_EXCEPTED};
    struct looking l = {.scan = s, .finding = f, .now = now};
    int r = look(v, &l);

    *ret = l.best.id != 0 ? states[l.best.status]
           : f->ambiguous ? FINDING_AMBIGUOUS
                          : FINDING_AFFECTED;
    return r < 0 ? r : 0;
}
