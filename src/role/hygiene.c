#include "role/hygiene.h"

#include <stdlib.h>
#include <string.h>

#include "vulndb/figures.h"

struct pair {
    uint64_t vuln;
    uint32_t asset;
};

static int
by_vuln(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    int c = (x->vuln > y->vuln) - (x->vuln < y->vuln);

    return c != 0 ? c : (x->asset > y->asset) - (x->asset < y->asset);
}

/* KEV's day of one; 0: it is not in it. */
static int
added(struct vulndb *db, uint64_t vuln, struct utime *ret)
{
    struct figures f;
    int r = vulndb_figures(db, vuln, &f);

    *ret = r == 0 && f.in_kev ? f.added : (struct utime){0};
    figures_release(&f);
    return r == ERR_NOTFOUND ? 0 : r;
}

static int
count_pairs(struct vulndb *db, const struct scan *s, struct pair *pair, uint8_t *has,
            struct hygiene *ret)
{
    struct utime day = {0};
    uint32_t n = 0;
    int r = 0;

    for (uint32_t i = 0; i < s->findings; i++) {
        if (!s->finding[i].ambiguous)
            pair[n++] = (struct pair){s->finding[i].vuln, s->item[s->finding[i].item].asset};
    }
    if (n > 0)
        qsort(pair, n, sizeof *pair, by_vuln);
    for (uint32_t i = 0; r == 0 && i < n; i++) {
        if (i == 0 || pair[i].vuln != pair[i - 1].vuln)
            r = added(db, pair[i].vuln, &day);
        else if (pair[i].asset == pair[i - 1].asset)
            continue;
        if (day.us == 0)
            continue;
        ret->added[ret->count++] = day;
        ret->machines += has[pair[i].asset] == 0;
        has[pair[i].asset] = 1;
    }
    return r;
}

int
hygiene_count(struct vulndb *db, const struct scan *s, struct hygiene *ret)
{
    struct pair *pair = malloc((s->findings + (size_t)1) * sizeof *pair);
    uint8_t *has = calloc(s->assets + (size_t)1, 1);
    int r;

    *ret = (struct hygiene){.known = s->assets};
    ret->added = malloc((s->findings + (size_t)1) * sizeof *ret->added);
    r = pair == NULL || has == NULL || ret->added == NULL ? ERR_NOMEM : 0;
    if (r == 0)
        r = vulndb_kind_date(db, FEED_KEV, &ret->catalogue);
    if (r == 0)
        r = count_pairs(db, s, pair, has, ret);
    free(pair);
    free(has);
    return r;
}

int
hygiene_read(const char *dir, struct hygiene *ret, struct errinfo *ei)
{
    static const struct scan_options all = {.asset = ""};
    struct vulndb *db = NULL;
    struct scan s;
    int r = vulndb_open(dir, false, &db, ei);

    *ret = (struct hygiene){.count = 0};
    if (r < 0)
        return r;
    r = vulndb_scan(db, &all, &s);
    if (r == 0)
        r = hygiene_count(db, &s, ret);
    if (r < 0)
        (void)err_set(ei, r, "%s (%s)", err_text(r), vulndb_error(db));
    vulndb_scan_release(&s);
    (void)vulndb_close(db);
    return r;
}

void
hygiene_release(struct hygiene *h)
{
    free(h->added);
    *h = (struct hygiene){.count = 0};
}

uint32_t
hygiene_late(const struct hygiene *h, struct span patch, struct utime now)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < h->count; i++)
        n += now.us - h->added[i].us > patch.us;
    return n;
}
