#include "vulndb/figures.h"

#include "vulndb/db.h"

_Static_assert(FEED_NVD == 2 && FEED_CVE5 == 3, "statements.def: FACTS_GET");

enum { TEXT = 3 * VULNDB_TEXT + 2 * (FACTS_TEXT + FACTS_VECTOR + FACTS_CWES + 64) + 4096 };

/* Slices have offsets until all is there: the buffer moves. */
static struct slice
keep(struct figures *f, struct slice s)
{
    size_t at = f->text.len;

    buf_slice(&f->text, s);
    return (struct slice){(const char *)(uintptr_t)(at + 1), s.len};
}

static void
settle(const struct figures *f, struct slice *s)
{
    s->ptr = s->ptr == NULL ? NULL : f->text.ptr + ((uintptr_t)s->ptr - 1);
}

static sqlite3_stmt *
ask(struct vulndb *db, enum statement which, uint64_t vuln)
{
    sqlite3_stmt *st = vulndb_statement(db, which);

    if (st != NULL)
        bind_u64(st, 1, vuln);
    return st;
}

static int
read_kev(struct vulndb *db, uint64_t vuln, struct figures *f)
{
    sqlite3_stmt *st = ask(db, ST_KEV_GET, vuln);
    int r = vulndb_row(db, st);

    if (r != 1)
        return r;
    f->in_kev = true;
    f->added.us = sqlite3_column_int64(st, 0);
    f->due.us = sqlite3_column_int64(st, 1);
    f->ransomware = sqlite3_column_int(st, 2) != 0;
    f->vendor = keep(f, column_bytes(st, 3));
    f->product = keep(f, column_bytes(st, 4));
    f->name = keep(f, column_bytes(st, 5));
    (void)sqlite3_reset(st);
    return 0;
}

static uint32_t
three_bytes(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static int
read_epss(struct vulndb *db, uint64_t vuln, struct figures *f)
{
    sqlite3_stmt *st = ask(db, ST_EPSS_GET, vuln / EPSS_BLOCK);
    int r = vulndb_row(db, st);
    struct slice rows;
    size_t low = 0;
    size_t high;

    if (r != 1)
        return r;
    rows = column_bytes(st, 0);
    high = rows.len / EPSS_ROW;
    while (low < high) {
        size_t mid = (low + high) / 2;
        const uint8_t *at = (const uint8_t *)rows.ptr + mid * EPSS_ROW;

        if (at[0] < vuln % EPSS_BLOCK) {
            low = mid + 1;
        } else if (at[0] > vuln % EPSS_BLOCK) {
            high = mid;
        } else {
            f->has_epss = true;
            f->epss = three_bytes(at + 1);
            f->percentile = three_bytes(at + 4);
            break;
        }
    }
    (void)sqlite3_reset(st);
    return 0;
}

static int
read_facts(struct vulndb *db, uint64_t vuln, struct figures *f)
{
    sqlite3_stmt *st = ask(db, ST_FACTS_GET, vuln);
    int r;

    while ((r = vulndb_row(db, st)) == 1) {
        bool nvd = sqlite3_column_int(st, 0) == FEED_NVD;
        struct facts *to = nvd ? &f->nvd : &f->cve5;

        if (!facts_get(column_bytes(st, 1), to))
            continue;
        to->vector = keep(f, to->vector);
        to->cwes = keep(f, to->cwes);
        to->text = keep(f, to->text);
        f->has_nvd = f->has_nvd || nvd;
        f->has_cve5 = f->has_cve5 || !nvd;
    }
    return r;
}

int
vulndb_figures(struct vulndb *db, uint64_t vuln, struct figures *ret)
{
    struct slice *all[] = {&ret->vendor,      &ret->product,   &ret->name,
                           &ret->nvd.vector,  &ret->nvd.cwes,  &ret->nvd.text,
                           &ret->cve5.vector, &ret->cve5.cwes, &ret->cve5.text};
    int r;

    *ret = (struct figures){.text = {.max = TEXT}};
    r = read_kev(db, vuln, ret);
    if (r == 0)
        r = read_epss(db, vuln, ret);
    if (r == 0)
        r = read_facts(db, vuln, ret);
    if (r == 0)
        r = buf_error(&ret->text);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        settle(ret, all[i]);
    if (r < 0)
        return r;
    return ret->in_kev || ret->has_epss || ret->has_nvd || ret->has_cve5 ? 0 : ERR_NOTFOUND;
}

void
figures_release(struct figures *f)
{
    buf_release(&f->text);
}
