#include "vulndb/history.h"

#include <stdlib.h>

#include "vulndb/db.h"

enum { TEXT = 1 << 29 };

int
history_compare(const struct history_finding *a, const struct history_finding *b)
{
    size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
    int c = (a->vuln > b->vuln) - (a->vuln < b->vuln);

    if (c == 0 && n > 0)
        c = memcmp(a->name.ptr, b->name.ptr, n);
    return c != 0 ? c : (a->name.len > b->name.len) - (a->name.len < b->name.len);
}

static sqlite3_stmt *
of_asset(struct vulndb *db, enum statement which, int64_t asset)
{
    sqlite3_stmt *st = vulndb_statement(db, which);

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, asset);
    return st;
}

/* ---- keeping ------------------------------------------------------------------------------
 */

/* What is open: rows that are written must not come up in the statement that reads them. */
struct open {
    struct history_finding f; /* its name has an offset until all is read */
    int64_t since;
    int64_t first;
};
struct opens {
    struct open *at;
    uint32_t count, room;
    struct buf text;
};

/* What the scan of today found. */
struct today {
    const struct history_finding *at;
    uint32_t count;
};

static int
add_open(struct opens *o, sqlite3_stmt *st)
{
    struct open *one;

    if (o->count == o->room) {
        uint32_t room = o->room == 0 ? 1024 : 2 * o->room;
        struct open *more =
            room > HISTORY_FINDINGS ? NULL : realloc(o->at, room * sizeof *more);

        if (more == NULL)
            return room > HISTORY_FINDINGS ? ERR_LIMIT : ERR_NOMEM;
        o->at = more;
        o->room = room;
    }
    one = &o->at[o->count++];
    *one = (struct open){
        .f = {.vuln = (uint64_t)sqlite3_column_int64(st, 0),
              .name = {(const char *)(uintptr_t)(o->text.len + 1), column_bytes(st, 1).len},
              .state = (unsigned)sqlite3_column_int(st, 4)},
        .since = sqlite3_column_int64(st, 2),
        .first = sqlite3_column_int64(st, 3)};
    buf_slice(&o->text, column_bytes(st, 1));
    return buf_error(&o->text);
}

static int
read_open(struct vulndb *db, int64_t asset, struct opens *o)
{
    sqlite3_stmt *st = of_asset(db, ST_FINDING_OPEN, asset);
    int r;

    while ((r = vulndb_row(db, st)) == 1) {
        r = add_open(o, st);
        if (r < 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    for (uint32_t i = 0; i < o->count; i++)
        o->at[i].f.name.ptr = o->text.ptr + ((uintptr_t)o->at[i].f.name.ptr - 1);
    return r;
}

static int
begin_span(struct vulndb *db, int64_t asset, const struct history_finding *f, struct utime now,
           int64_t first)
{
    sqlite3_stmt *st = of_asset(db, ST_FINDING_NEW, asset);

    if (st != NULL) {
        bind_u64(st, 2, f->vuln);
        bind_text(st, 3, f->name);
        (void)sqlite3_bind_int64(st, 4, now.us);
        (void)sqlite3_bind_int64(st, 5, first);
        (void)sqlite3_bind_int64(st, 6, f->state);
        bind_text(st, 7, f->version);
    }
    return vulndb_run(db, st);
}

static int
end_span(struct vulndb *db, int64_t asset, const struct open *o, struct utime now)
{
    sqlite3_stmt *st = of_asset(db, ST_FINDING_END, asset);

    if (st != NULL) {
        bind_u64(st, 2, o->f.vuln);
        bind_text(st, 3, o->f.name);
        (void)sqlite3_bind_int64(st, 4, o->since);
        (void)sqlite3_bind_int64(st, 5, now.us);
    }
    return vulndb_run(db, st);
}

/* Both are in the same order. */
static int
merge(struct vulndb *db, int64_t asset, const struct opens *o, const struct today *found,
      struct utime now, struct history_counts *counts)
{
    uint32_t i = 0;
    uint32_t k = 0;
    int r = 0;

    while (r == 0 && (i < o->count || k < found->count)) {
        const struct open *was = i < o->count ? &o->at[i] : NULL;
        int c = was == NULL         ? 1
                : k == found->count ? -1
                                    : history_compare(&was->f, &found->at[k]);

        if (c == 0 && was->f.state == found->at[k].state) {
            counts->same++;
        } else if (c > 0) {
            r = begin_span(db, asset, &found->at[k], now, now.us);
            counts->came++;
        } else {
            r = end_span(db, asset, was, now);
            if (r == 0 && c == 0)
                r = begin_span(db, asset, &found->at[k], now, was->first);
            counts->changed += c == 0;
            counts->went += c < 0;
        }
        i += c <= 0;
        k += c >= 0;
    }
    return r;
}

static int
put_kept(struct vulndb *db, int64_t asset, struct utime now)
{
    sqlite3_stmt *st = of_asset(db, ST_KEPT_PUT, asset);
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 2, now.us);
    r = vulndb_run(db, st);
    if (r < 0)
        return r;
    st = of_asset(db, ST_FINDING_OLD, asset);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 2, now.us - (int64_t)HISTORY_DAYS * 86400 * TIME_US_PER_S);
    return vulndb_run(db, st);
}

int
vulndb_keep(struct vulndb *db, int64_t asset, const struct history_finding *found,
            uint32_t count, struct utime now, struct history_counts *counts)
{
    struct opens o = {.text = {.max = TEXT}};
    struct utime first;
    struct utime last;
    int r = vulndb_kept(db, asset, &first, &last);

    if (r == 0 && last.us >= now.us)
        return ERR_INVALID;
    if (r == ERR_NOTFOUND)
        r = 0;
    if (r == 0)
        r = read_open(db, asset, &o);
    if (r == 0)
        r = merge(db, asset, &o, &(struct today){found, count}, now, counts);
    if (r == 0)
        r = put_kept(db, asset, now);
    free(o.at);
    buf_release(&o.text);
    return r;
}

/* ---- asking -------------------------------------------------------------------------------
 */

int
vulndb_kept(struct vulndb *db, int64_t asset, struct utime *ret_first, struct utime *ret_last)
{
    sqlite3_stmt *st = of_asset(db, ST_KEPT_GET, asset);
    int r = vulndb_row(db, st);

    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    ret_first->us = sqlite3_column_int64(st, 0);
    ret_last->us = sqlite3_column_int64(st, 1);
    (void)sqlite3_reset(st);
    return 0;
}

int
vulndb_first_seen(struct vulndb *db, int64_t asset,
                  int (*each)(void *arg, uint64_t vuln, struct utime first), void *arg)
{
    sqlite3_stmt *st = of_asset(db, ST_FINDING_FIRST, asset);
    int r;

    while ((r = vulndb_row(db, st)) == 1) {
        r = each(arg, (uint64_t)sqlite3_column_int64(st, 0),
                 (struct utime){sqlite3_column_int64(st, 1)});
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    return r;
}

/* Spans of one finding come one behind the other, the oldest first. */
struct changing {
    struct history_change c;
    struct utime from, until;
    struct buf name;
    struct buf version;
    int (*each)(void *arg, const struct history_change *c);
    void *arg;
};

static int
give(struct changing *x)
{
    struct history_change *c = &x->c;

    c->name = buf_get(&x->name);
    c->version = buf_get(&x->version);
    if ((!c->was && !c->is) || (c->was && c->is && c->before == c->after))
        return 0;
    return x->each(x->arg, c);
}

static void
take_span(struct changing *x, sqlite3_stmt *st)
{
    int64_t since = sqlite3_column_int64(st, 2);
    int64_t end = sqlite3_column_int64(st, 3);
    unsigned state = (unsigned)sqlite3_column_int(st, 5);
    struct history_change *c = &x->c;

    if (since <= x->from.us && (end == 0 || end > x->from.us)) {
        c->was = true;
        c->before = state;
    }
    c->is = since <= x->until.us && (end == 0 || end > x->until.us);
    c->after = state;
    c->first.us = sqlite3_column_int64(st, 4);
    c->at.us = c->is || end == 0 ? since : end;
    buf_reset(&x->version);
    buf_slice(&x->version, column_bytes(st, 6));
}

static int
take_row(struct changing *x, sqlite3_stmt *st)
{
    uint64_t vuln = (uint64_t)sqlite3_column_int64(st, 0);
    struct slice name = column_bytes(st, 1);
    int r = 0;

    if (vuln != x->c.vuln || !slice_eq(name, buf_get(&x->name))) {
        r = give(x);
        x->c = (struct history_change){.vuln = vuln};
        buf_reset(&x->name);
        buf_slice(&x->name, name);
    }
    take_span(x, st);
    return r != 0 ? r : buf_error(&x->name) < 0 ? buf_error(&x->name) : buf_error(&x->version);
}

int
vulndb_changes(struct vulndb *db, int64_t asset, struct utime from, struct utime until,
               int (*each)(void *arg, const struct history_change *c), void *arg)
{
    struct changing x = {.from = from,
                         .until = until,
                         .name = {.max = TEXT},
                         .version = {.max = TEXT},
                         .each = each,
                         .arg = arg};
    sqlite3_stmt *st = of_asset(db, ST_FINDING_SPANS, asset);
    int r;

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 2, from.us);
        (void)sqlite3_bind_int64(st, 3, until.us);
    }
    while ((r = vulndb_row(db, st)) == 1) {
        r = take_row(&x, st);
        if (r != 0)
            break;
    }
    if (st != NULL)
        (void)sqlite3_reset(st);
    if (r == 0)
        r = give(&x);
    buf_release(&x.name);
    buf_release(&x.version);
    return r;
}
