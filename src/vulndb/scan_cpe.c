/* What is known by a CPE against NVD's configurations. */
#include <stdlib.h>

#include "vulndb/db.h"
#include "vulndb/scan_priv.h"

/* ---- whom the distribution speaks for ------------------------------------------------------
 */

struct name {
    uint32_t asset;
    struct slice text;
};

static int
by_text(const void *a, const void *b)
{
    const struct name *x = a;
    const struct name *y = b;
    size_t n = x->text.len < y->text.len ? x->text.len : y->text.len;
    int c = (x->asset > y->asset) - (x->asset < y->asset);

    if (c == 0 && n > 0)
        c = memcmp(x->text.ptr, y->text.ptr, n);
    return c != 0 ? c : (x->text.len > y->text.len) - (x->text.len < y->text.len);
}

/* `openssh` of `cpe:2.3:a:openbsd:openssh:…`, and whether it is an application. */
static struct slice
product_of(struct slice cpe, bool *ret_application)
{
    struct slice rest = cpe;
    struct slice part[5];

    for (unsigned i = 0; i < 5; i++)
        part[i] = slice_part(&rest, ':');
    *ret_application = slice_is(part[2], "a");
    return part[4];
}

/* A scan of ports sees the same daemon that the system's own list has; NVD knows nothing of
 * what the distribution mended in it. */
static int
supersede(struct scanning *x)
{
    struct scan *s = x->scan;
    struct name *name = s->items == 0 ? NULL : malloc(s->items * sizeof *name);
    uint32_t names = 0;

    if (s->items > 0 && name == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < s->items; i++) {
        if (s->item[i].distribution)
            name[names++] = (struct name){s->item[i].asset, s->item[i].name};
    }
    if (names > 0)
        qsort(name, names, sizeof *name, by_text);
    for (uint32_t i = 0; i < s->items; i++) {
        struct scan_item *it = &s->item[i];
        struct name want = {.asset = it->asset};
        bool application;

        if (it->cpe_product == 0)
            continue;
        want.text = product_of(it->cpe, &application);
        it->superseded =
            it->distribution || (names > 0 && application &&
                                 bsearch(&want, name, names, sizeof *name, by_text) != NULL);
        s->superseded += it->superseded && !it->distribution;
    }
    free(name);
    return 0;
}

/* ---- product by product --------------------------------------------------------------------
 */

/* A record whose configuration decides, and an asset that has something it names. */
struct candidate {
    int64_t record;
    uint32_t asset;
    uint32_t flags;
    uint64_t vuln;
    bool ambiguous;
};

struct cpes {
    struct scanning *x;
    unsigned reading;
    struct cpe *cpe; /* of the product that is judged, one of each pair */
    bool *wrong;
    uint32_t room;
    struct candidate *candidate;
    uint32_t candidates;
};

static int
read_names(struct cpes *c, const struct scan_pair *p, uint32_t n)
{
    if (n > c->room) {
        struct cpe *cpe = realloc(c->cpe, n * sizeof *cpe);
        bool *wrong = cpe == NULL ? NULL : realloc(c->wrong, n * sizeof *wrong);

        c->cpe = cpe == NULL ? c->cpe : cpe;
        if (wrong == NULL)
            return ERR_NOMEM;
        c->wrong = wrong;
        c->room = n;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0 && slice_eq(p[i].version, p[i - 1].version)) {
            c->cpe[i] = c->cpe[i - 1];
            c->wrong[i] = c->wrong[i - 1];
            continue;
        }
        c->wrong[i] = cpe_parse(p[i].version, &c->cpe[i], NULL) < 0;
        c->x->scan->wrong_cpes += c->wrong[i];
    }
    return 0;
}

static int
add_candidate(struct cpes *c, const struct scan_hit *h, uint32_t asset)
{
    void *more = scan_grow(c->candidate, c->candidates, sizeof *c->candidate, SCAN_FINDINGS);

    if (more == NULL)
        return c->candidates >= SCAN_FINDINGS ? ERR_LIMIT : ERR_NOMEM;
    c->candidate = more;
    c->candidate[c->candidates++] = (struct candidate){.record = h->record,
                                                       .asset = asset,
                                                       .flags = h->flags,
                                                       .vuln = h->vuln,
                                                       .ambiguous = h->ambiguous};
    return 0;
}

static int
judge_row(struct cpes *c, sqlite3_stmt *st, const struct scan_pair *p, uint32_t n)
{
    struct slice entries = column_bytes(st, 3);
    struct scan_hit h = {.record = sqlite3_column_int64(st, 0),
                         .flags = (uint32_t)sqlite3_column_int64(st, 1),
                         .vuln = (uint64_t)sqlite3_column_int64(st, 2)};
    enum cpe_answer is = CPE_NO;
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < n; i++) {
        if (c->wrong[i])
            continue;
        if (i == 0 || !slice_eq(p[i].version, p[i - 1].version))
            is = config_entry_is(entries, &c->cpe[i], c->reading);
        if (is == CPE_NO)
            continue;
        h.item = p[i].item;
        h.ambiguous = is == CPE_AMBIGUOUS;
        r = (h.flags & AFFECT_CONFIG) != 0
                ? add_candidate(c, &h, c->x->scan->item[h.item].asset)
                : scan_hit(c->x, &h);
    }
    return r;
}

static int
judge_product(struct scanning *x, struct scan_pair *p, uint32_t n)
{
    struct cpes *c = x->cpes;
    sqlite3_stmt *st;
    int r = read_names(c, p, n);

    if (r < 0)
        return r;
    st = vulndb_statement(x->db, ST_SCAN_AFFECT);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, p->product);
    while ((r = vulndb_row(x->db, st)) == 1) {
        r = judge_row(c, st, p, n);
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

/* ---- configurations ------------------------------------------------------------------------
 */

static int
by_record(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    int c = (x->record > y->record) - (x->record < y->record);

    if (c == 0)
        c = (x->asset > y->asset) - (x->asset < y->asset);
    return c != 0 ? c : y->ambiguous - x->ambiguous; /* the first of them is asked */
}

uint32_t
scan_first(const struct scan *s, uint32_t asset)
{
    uint32_t low = 0;
    uint32_t high = s->items;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (s->item[mid].asset < asset)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t
scan_names(const struct scan *s, uint32_t asset, struct slice products, struct scan_names *e)
{
    uint32_t first = scan_first(s, asset);
    size_t n = 0;

    for (uint32_t k = 0; (k + 1) * sizeof(int64_t) <= products.len; k++) {
        int64_t product;

        memcpy(&product, products.ptr + k * sizeof product, sizeof product);
        for (uint32_t i = first; i < s->items && s->item[i].asset == asset && n < SCAN_NAMES;
             i++) {
            if (s->item[i].cpe_product != product || s->item[i].superseded ||
                cpe_parse(s->item[i].cpe, &e->cpe[n], NULL) < 0)
                continue;
            e->name[n] = (struct config_name){.cpe = &e->cpe[n], .product = k};
            e->item[n++] = i;
        }
    }
    return n;
}

/* What no version decides, and what stands beside it is not in the inventory either, is said to
 * be ambiguous all the same: a list of CPEs is never all that there is. */
static int
judge_configuration(struct cpes *c, const struct candidate *d, struct slice products,
                    struct slice config, struct scan_names *e)
{
    size_t n = scan_names(c->x->scan, d->asset, products, e);
    bool unlisted = false;
    int r = 0;

    if (config_eval(config, e->name, n, c->reading) == CPE_NO) {
        unlisted = true;
        if (!d->ambiguous ||
            config_eval(config, e->name, n, c->reading | CONFIG_UNLISTED) == CPE_NO)
            return 0;
    }
    for (size_t i = 0; r == 0 && i < n; i++) {
        struct scan_hit h = {.item = e->item[i],
                             .flags = d->flags,
                             .vuln = d->vuln,
                             .record = d->record,
                             .ambiguous = e->name[i].affected == CPE_AMBIGUOUS};

        if (e->name[i].affected != CPE_NO && (!unlisted || e->name[i].doubtful))
            r = scan_hit(c->x, &h);
    }
    return r;
}

static int
judge_configurations(struct cpes *c)
{
    struct scan_names *e = c->candidates == 0 ? NULL : malloc(sizeof *e);
    sqlite3_stmt *st = NULL;
    int r = c->candidates > 0 && e == NULL ? ERR_NOMEM : 0;

    if (c->candidates > 0)
        qsort(c->candidate, c->candidates, sizeof *c->candidate, by_record);
    for (uint32_t i = 0; r == 0 && i < c->candidates; i++) {
        const struct candidate *d = &c->candidate[i];

        if (i > 0 && d->record == d[-1].record && d->asset == d[-1].asset)
            continue;
        if (i == 0 || d->record != d[-1].record) {
            st = vulndb_statement(c->x->db, ST_SCAN_CONFIG);
            if (st != NULL)
                (void)sqlite3_bind_int64(st, 1, d->record);
            r = vulndb_row(c->x->db, st);
            r = r < 0 ? r : r == 0 ? ERR_IO : 0;
        }
        if (r == 0)
            r = judge_configuration(c, d, column_bytes(st, 0), column_bytes(st, 1), e);
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    free(e);
    return r;
}

int
scan_cpes(struct scanning *x)
{
    struct cpes c = {.x = x, .reading = x->options->lenient ? CONFIG_LENIENT : 0};
    int r = supersede(x);

    x->cpes = &c;
    if (r == 0)
        r = scan_pairs(x, true, judge_product);
    if (r == 0)
        r = judge_configurations(&c);
    free(c.cpe);
    free(c.wrong);
    free(c.candidate);
    x->cpes = NULL;
    return r;
}
