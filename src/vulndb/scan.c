#include "vulndb/scan.h"

#include <stdlib.h>

#include "vuln/affected.h"
#include "vulndb/db.h"
#include "vulndb/scan_priv.h"

enum { TEXT_MAX = 1 << 30 };

const char *
scan_method_name(enum scan_method m)
{
    static const char *const name[] = {"distribution", "ecosystem", "cpe"};

    return name[m];
}

/* One more element of an array that doubles; NULL: ERR_NOMEM, or ERR_LIMIT at most. */
void *
scan_grow(void *array, uint32_t count, size_t size, uint32_t most)
{
    if (count >= most)
        return NULL;
    if ((count & (count - 1)) != 0 || (count > 0 && count < 16))
        return array;
    return realloc(array, (count < 16 ? 16 : 2 * (size_t)count) * size);
}

int
scan_hit(struct scanning *x, const struct scan_hit *h)
{
    void *more = scan_grow(x->hit, x->hits, sizeof *x->hit, SCAN_FINDINGS);

    if (more == NULL)
        return x->hits >= SCAN_FINDINGS ? ERR_LIMIT : ERR_NOMEM;
    x->hit = more;
    x->hit[x->hits++] = *h;
    return 0;
}

/* ---- what is installed ---------------------------------------------------------------------
 */

/* Until all is read, slices have offsets: the buffer moves. */
static struct slice
keep(struct scan *s, struct slice text)
{
    size_t at = s->text.len;

    buf_slice(&s->text, text);
    return (struct slice){(const char *)(uintptr_t)(at + 1), text.len};
}

static void
settle(const struct scan *s, struct slice *text)
{
    text->ptr = s->text.ptr + ((uintptr_t)text->ptr - 1);
}

static int
add_item(struct scan *s, uint32_t asset, sqlite3_stmt *st)
{
    void *more = scan_grow(s->item, s->items, sizeof *s->item, SCAN_ITEMS);
    struct scan_item *i;

    if (more == NULL)
        return s->items >= SCAN_ITEMS ? ERR_LIMIT : ERR_NOMEM;
    s->item = more;
    i = &s->item[s->items++];
    *i = (struct scan_item){.asset = asset,
                            .product = sqlite3_column_int64(st, 0),
                            .cpe_product = sqlite3_column_int64(st, 1),
                            .name = keep(s, column_bytes(st, 2)),
                            .version = keep(s, column_bytes(st, 3)),
                            .compared = keep(s, column_bytes(st, 4)),
                            .cpe = keep(s, column_bytes(st, 5)),
                            .distribution = sqlite3_column_int(st, 6) != 0,
                            .space = sqlite3_column_int64(st, 7)};
    if (i->compared.len == 0)
        i->compared = i->version;
    return buf_error(&s->text);
}

static int
load_items(struct vulndb *db, struct scan *s, uint32_t asset)
{
    sqlite3_stmt *st = vulndb_statement(db, ST_SCAN_INSTALLED);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, s->asset[asset].id);
    while ((r = vulndb_row(db, st)) == 1) {
        r = add_item(s, asset, st);
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

static int
add_asset(void *arg, const struct asset *a)
{
    struct scanning *x = arg;
    struct scan *s = x->scan;
    void *more;

    if (x->options->asset[0] != '\0' && strcmp(x->options->asset, a->name) != 0)
        return 0;
    more = scan_grow(s->asset, s->assets, sizeof *s->asset, SCAN_ITEMS);
    if (more == NULL)
        return s->assets >= SCAN_ITEMS ? ERR_LIMIT : ERR_NOMEM;
    s->asset = more;
    s->asset[s->assets++] = *a;
    return 0;
}

static int
by_name(const void *a, const void *b)
{
    const struct scan_item *x = a;
    const struct scan_item *y = b;
    int c = (x->asset > y->asset) - (x->asset < y->asset);

    if (c == 0)
        c = slice_order(x->name, y->name);
    return c != 0 ? c : slice_order(x->version, y->version);
}

static int
load(struct scanning *x)
{
    struct scan *s = x->scan;
    int r = vulndb_assets(x->db, add_asset, x);

    if (r == 0 && s->assets == 0 && x->options->asset[0] != '\0')
        return ERR_NOTFOUND;
    for (uint32_t i = 0; r == 0 && i < s->assets; i++)
        r = load_items(x->db, s, i);
    for (uint32_t i = 0; r == 0 && i < s->items; i++) {
        struct scan_item *it = &s->item[i];

        settle(s, &it->name);
        settle(s, &it->version);
        settle(s, &it->compared);
        settle(s, &it->cpe);
    }
    if (r == 0 && s->items > 0)
        qsort(s->item, s->items, sizeof *s->item, by_name);
    return r;
}

/* ---- by product ----------------------------------------------------------------------------
 */

static int
by_product(const void *a, const void *b)
{
    const struct scan_pair *x = a;
    const struct scan_pair *y = b;
    int c = (x->product > y->product) - (x->product < y->product);

    return c != 0 ? c : slice_order(x->version, y->version);
}

/* By which rules a version is one is asked once of each: a product has those of its ecosystem.
 */
static enum affected_answer
answer_of(struct slice range, struct scan_pair *p)
{
    enum version_scheme scheme;
    size_t at;

    if (!affected_scheme(range, &scheme))
        return AFFECTED_NO;
    if (p->scheme != (unsigned)scheme + 1) {
        p->scheme = (uint8_t)(scheme + 1);
        p->wrong = version_wrong(scheme, p->version, &at) != NULL;
    }
    return p->wrong                         ? affected_wrong(range, p->version)
           : affected_is(range, p->version) ? AFFECTED_YES
                                            : AFFECTED_NO;
}

/* Of each version that the product is installed in, once. */
static int
judge_row(struct scanning *x, sqlite3_stmt *st, struct scan_pair *p, uint32_t n)
{
    struct slice range = column_bytes(st, 3);
    struct scan_hit h = {.record = sqlite3_column_int64(st, 0),
                         .flags = (uint32_t)sqlite3_column_int64(st, 1),
                         .vuln = (uint64_t)sqlite3_column_int64(st, 2)};
    enum affected_answer is = AFFECTED_NO;
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < n; i++) {
        if (i == 0 || !slice_eq(p[i].version, p[i - 1].version)) {
            is = answer_of(range, &p[i]);
            h.ambiguous = is == AFFECTED_AMBIGUOUS;
            h.fixed = 0;
            h.fixed_len = 0;
            if (is != AFFECTED_NO && x->options->fixed) {
                struct slice f = affected_fixed(range, p[i].version);

                h.fixed = (uint32_t)x->fixed.len;
                h.fixed_len = (uint32_t)f.len;
                buf_slice(&x->fixed, f);
            }
        }
        h.item = p[i].item;
        if (is != AFFECTED_NO)
            r = scan_hit(x, &h);
    }
    return r < 0 ? r : buf_error(&x->fixed);
}

static int
judge_product(struct scanning *x, struct scan_pair *p, uint32_t n)
{
    sqlite3_stmt *st = vulndb_statement(x->db, ST_SCAN_AFFECT);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, p->product);
    while ((r = vulndb_row(x->db, st)) == 1) {
        r = judge_row(x, st, p, n);
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

int
scan_pairs(struct scanning *x, bool cpe,
           int (*judge)(struct scanning *x, struct scan_pair *p, uint32_t n))
{
    const struct scan *s = x->scan;
    struct scan_pair *pair = s->items == 0 ? NULL : malloc(s->items * sizeof *pair);
    uint32_t pairs = 0;
    uint32_t n;
    int r = s->items > 0 && pair == NULL ? ERR_NOMEM : 0;

    for (uint32_t i = 0; r == 0 && i < s->items; i++) {
        const struct scan_item *it = &s->item[i];
        int64_t product = cpe ? it->cpe_product : it->product;

        if (product != 0 && !(cpe && it->superseded))
            pair[pairs++] = (struct scan_pair){
                .product = product, .version = cpe ? it->cpe : it->compared, .item = i};
    }
    if (pairs > 0)
        qsort(pair, pairs, sizeof *pair, by_product);
    for (uint32_t i = 0; r == 0 && i < pairs; i += n) {
        for (n = 1; i + n < pairs && pair[i + n].product == pair[i].product;)
            n++;
        r = judge(x, pair + i, n);
    }
    free(pair);
    return r;
}

/* ---- what was found ------------------------------------------------------------------------
 */

static int
by_record(const void *a, const void *b)
{
    const struct scan_hit *x = a;
    const struct scan_hit *y = b;

    return (x->record > y->record) - (x->record < y->record);
}

/* Hits of one record, which is about several: each becomes one for each of them. */
static int
spread_record(struct scanning *x, uint32_t from, uint32_t n)
{
    sqlite3_stmt *st = vulndb_statement(x->db, ST_SCAN_RECORD);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, x->hit[from].record);
    r = vulndb_row(x->db, st);
    for (size_t at = 0; r == 1 && at < column_bytes(st, 2).len; at += sizeof(uint64_t)) {
        for (uint32_t k = 0; r == 1 && k < n; k++) {
            struct scan_hit h = x->hit[from + k];

            memcpy(&h.vuln, column_bytes(st, 2).ptr + at, sizeof h.vuln);
            if (h.vuln != 0 && scan_hit(x, &h) < 0)
                r = x->hits >= SCAN_FINDINGS ? ERR_LIMIT : ERR_NOMEM;
        }
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r < 0 ? r : 0;
}

static void
keep_known(struct scanning *x)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < x->hits; i++) {
        if (x->hit[i].vuln != 0)
            x->hit[kept++] = x->hit[i];
    }
    x->hits = kept;
}

/* As a rule there is none that is about several, and nothing is sorted. */
static int
spread(struct scanning *x)
{
    uint32_t hits = x->hits;
    uint32_t known = 0;
    uint32_t n;

    while (known < hits && x->hit[known].vuln != 0)
        known++;
    if (known == hits)
        return 0;
    qsort(x->hit, hits, sizeof *x->hit, by_record);
    for (uint32_t i = 0; i < hits; i += n) {
        int r;

        for (n = 1; i + n < hits && x->hit[i + n].record == x->hit[i].record;)
            n++;
        r = x->hit[i].vuln != 0 ? 0 : spread_record(x, i, n);
        if (r < 0)
            return r;
    }
    keep_known(x);
    return 0;
}

static int
by_item(const void *a, const void *b)
{
    const struct scan_hit *x = a;
    const struct scan_hit *y = b;
    int c = (x->item > y->item) - (x->item < y->item);

    if (c == 0)
        c = (x->vuln > y->vuln) - (x->vuln < y->vuln);
    return c != 0 ? c : (x->record > y->record) - (x->record < y->record);
}

static unsigned
method_of(const struct scan *s, const struct scan_hit *h)
{
    return (h->flags & AFFECT_CPE) != 0    ? SCAN_CPE
           : s->item[h->item].distribution ? SCAN_DISTRIBUTION
                                           : SCAN_ECOSYSTEM;
}

/* One finding of each item and vulnerability, by whoever says so. */
static int
gather(struct scanning *x)
{
    struct scan *s = x->scan;
    struct scan_finding *f = NULL;

    if (x->hits == 0)
        return 0;
    qsort(x->hit, x->hits, sizeof *x->hit, by_item);
    s->finding = malloc(x->hits * sizeof *s->finding);
    if (s->finding == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < x->hits; i++) {
        const struct scan_hit *h = &x->hit[i];
        struct slice fixed = {x->fixed.ptr + h->fixed, h->fixed_len};
        uint8_t method = (uint8_t)method_of(s, h);

        if (f == NULL || f->item != h->item || f->vuln != h->vuln) {
            f = &s->finding[s->findings++];
            *f = (struct scan_finding){
                .item = h->item, .vuln = h->vuln, .method = method, .ambiguous = h->ambiguous};
        }
        f->feeds |= 1U << (h->flags >> AFFECT_KIND & 15);
        f->ambiguous = f->ambiguous && h->ambiguous;
        f->method = method < f->method ? method : f->method;
        if (f->fixed.len == 0)
            f->fixed = fixed;
    }
    return 0;
}

int
vulndb_scan(struct vulndb *db, const struct scan_options *o, struct scan *ret)
{
    struct scanning x = {.db = db, .options = o, .scan = ret, .fixed = {.max = TEXT_MAX}};
    int r;

    *ret = (struct scan){.text = {.max = TEXT_MAX}};
    r = vulndb_space(db, SLICE("cpe"), &ret->cpe_space);
    if (r == 0)
        r = load(&x);
    if (r == 0)
        r = scan_pairs(&x, false, judge_product);
    if (r == 0)
        r = scan_cpes(&x);
    if (r == 0)
        r = spread(&x);
    if (r == 0)
        r = gather(&x);
    free(x.hit);
    ret->fixed = x.fixed;
    return r;
}

void
vulndb_scan_release(struct scan *s)
{
    free(s->asset);
    free(s->item);
    free(s->finding);
    buf_release(&s->text);
    buf_release(&s->fixed);
}
