#include "store/space.h"

#include "store/sight.h"
#include "store/store_priv.h"

enum { FIRST_SCHEMA = 9 /* with these tables */ };
#define KEPT_US ((int64_t)SPACE_DAYS * 24 * SIGHT_HOUR_US)

/* ---- prefixes ---------------------------------------------------------------------------- */

static int
add_hour(struct store *s, const struct store_space *p, int64_t hour, int64_t us)
{
    sqlite3_stmt *st = store_statement(s, ST_SPACE_ADD);

    if (st != NULL) {
        bind_text(st, 1, p->pact);
        bind_text(st, 2, p->prefix);
        (void)sqlite3_bind_int64(st, 3, hour);
        (void)sqlite3_bind_int64(st, 4,
                                 us / 1000000 * p->ppm + us % 1000000 * p->ppm / 1000000);
    }
    return store_run(s, st);
}

int
store_put_space(struct store *s, const struct store_space *p)
{
    sqlite3_stmt *st = store_statement(s, ST_SPACE_PUT);
    int r;

    if (st != NULL) {
        bind_text(st, 1, p->pact);
        bind_text(st, 2, p->prefix);
        (void)sqlite3_bind_int64(st, 3, p->place);
        (void)sqlite3_bind_int64(st, 4, p->since.us);
        (void)sqlite3_bind_int64(st, 5, p->until.us);
        (void)sqlite3_bind_int64(st, 6, p->ppm);
    }
    r = store_run(s, st);
    for (int64_t at = p->since.us; r == 0 && p->ppm > 0 && at < p->until.us;) {
        int64_t hour = at / SIGHT_HOUR_US;
        int64_t end = (hour + 1) * SIGHT_HOUR_US;

        end = end < p->until.us ? end : p->until.us;
        r = add_hour(s, p, hour, end - at);
        at = end;
    }
    return r;
}

int
store_keep_space(struct store *s, struct slice pact, struct utime until)
{
    sqlite3_stmt *st = store_statement(s, ST_SPACE_DROP);
    int r;

    if (st != NULL) {
        bind_text(st, 1, pact);
        (void)sqlite3_bind_int64(st, 2, until.us);
    }
    r = store_run(s, st);
    if (r < 0)
        return r;
    st = store_statement(s, ST_SPACE_FORGET);
    if (st != NULL) {
        bind_text(st, 1, pact);
        (void)sqlite3_bind_int64(st, 2, (until.us - KEPT_US) / SIGHT_HOUR_US);
    }
    return store_run(s, st);
}

int
store_each_space(struct store *s, struct slice pact,
                 int (*each)(void *arg, const struct store_seen *p), void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_SPACE_EACH);
    if (st != NULL)
        bind_text(st, 1, pact);
    while ((r = store_row(s, st)) == 1) {
        const struct store_seen p = {.pact = column_blob(st, 0),
                                     .prefix = column_blob(st, 1),
                                     .first = {sqlite3_column_int64(st, 2)},
                                     .until = {sqlite3_column_int64(st, 3)},
                                     .ppm = (uint32_t)sqlite3_column_int64(st, 4),
                                     .blind = {sqlite3_column_int64(st, 5)},
                                     .less = {sqlite3_column_int64(st, 6)}};

        r = each(arg, &p);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_each_space_step(struct store *s, const struct store_space_hours *h,
                      int (*each)(void *arg, int64_t step, double seen), void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_SPACE_HOURS);
    if (st != NULL) {
        bind_text(st, 1, h->pact);
        bind_text(st, 2, h->prefix);
        (void)sqlite3_bind_int64(st, 3, h->from);
        (void)sqlite3_bind_int64(st, 4, h->until);
        (void)sqlite3_bind_int64(st, 5, h->step);
    }
    while ((r = store_row(s, st)) == 1) {
        r = each(arg, sqlite3_column_int64(st, 0), sqlite3_column_double(st, 1));
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

/* ---- gaps -------------------------------------------------------------------------------- */

int
store_put_blind(struct store *s, const struct store_blind *g)
{
    sqlite3_stmt *st = store_statement(s, ST_BLIND_PUT);
    int r;

    if (st != NULL) {
        bind_u64(st, 1, g->leaf);
        (void)sqlite3_bind_int64(st, 2, g->since.us);
        (void)sqlite3_bind_int64(st, 3, g->until.us);
        bind_text(st, 4, g->sensor);
        bind_text(st, 5, g->reason);
    }
    r = store_run(s, st);
    if (r < 0)
        return r;
    st = store_statement(s, ST_BLIND_DROP);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, g->until.us - KEPT_US);
    return store_run(s, st);
}

int
store_each_blind(struct store *s, struct utime since,
                 int (*each)(void *arg, const struct store_blind *g), void *arg)
{
    sqlite3_stmt *st;
    int r;

    if (s->schema < FIRST_SCHEMA)
        return 0;
    st = store_statement(s, ST_BLIND_EACH);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, since.us);
    while ((r = store_row(s, st)) == 1) {
        const struct store_blind g = {.since = {sqlite3_column_int64(st, 0)},
                                      .until = {sqlite3_column_int64(st, 1)},
                                      .sensor = column_blob(st, 2),
                                      .reason = column_blob(st, 3)};

        r = each(arg, &g);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}
