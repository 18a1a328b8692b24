#include "store/sight.h"

#include "store/store_priv.h"

enum { BEATS_US_DAYS = 2, TRAFFIC_HOURS = 240 };
#define DAY_US (24 * SIGHT_HOUR_US)

/* ---- heartbeats -------------------------------------------------------------------------- */

static int
add_hour(struct store *s, const struct store_beat *b, int64_t hour, int64_t us)
{
    sqlite3_stmt *st = store_statement(s, ST_COVERAGE_ADD);

    if (st != NULL) {
        bind_text(st, 1, b->pact);
        (void)sqlite3_bind_int64(st, 2, hour);
        (void)sqlite3_bind_int64(st, 3, us);
        (void)sqlite3_bind_int64(st, 4,
                                 us / 1000000 * b->ppm + us % 1000000 * b->ppm / 1000000);
    }
    return store_run(s, st);
}

int
store_put_beat(struct store *s, const struct store_beat *b)
{
    sqlite3_stmt *st = store_statement(s, ST_BEAT_PUT);
    int r;

    if (st != NULL) {
        bind_text(st, 1, b->pact);
        (void)sqlite3_bind_int64(st, 2, b->until.us);
        (void)sqlite3_bind_int64(st, 3, b->since.us);
        (void)sqlite3_bind_int64(st, 4, b->ppm);
        (void)sqlite3_bind_int64(st, 5, b->sensors);
        (void)sqlite3_bind_int64(st, 6, b->healthy);
    }
    r = store_run(s, st);
    for (int64_t at = b->since.us; r == 0 && at < b->until.us;) {
        int64_t hour = at / SIGHT_HOUR_US;
        int64_t end = (hour + 1) * SIGHT_HOUR_US;

        end = end < b->until.us ? end : b->until.us;
        r = add_hour(s, b, hour, end - at);
        at = end;
    }
    if (r < 0)
        return r;
    st = store_statement(s, ST_BEAT_DROP);
    if (st != NULL) {
        bind_text(st, 1, b->pact);
        (void)sqlite3_bind_int64(st, 2, b->until.us - BEATS_US_DAYS * DAY_US);
    }
    return store_run(s, st);
}

int
store_each_beat(struct store *s, struct slice pact, struct utime since, struct utime until,
                int (*each)(void *arg, const struct store_beat *b), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_BEAT_EACH);
    int r;

    if (st != NULL) {
        bind_text(st, 1, pact);
        (void)sqlite3_bind_int64(st, 2, since.us);
        (void)sqlite3_bind_int64(st, 3, until.us);
    }
    while ((r = store_row(s, st)) == 1) {
        const struct store_beat b = {.until = {sqlite3_column_int64(st, 0)},
                                     .since = {sqlite3_column_int64(st, 1)},
                                     .ppm = (uint32_t)sqlite3_column_int64(st, 2),
                                     .sensors = (unsigned)sqlite3_column_int64(st, 3),
                                     .healthy = (unsigned)sqlite3_column_int64(st, 4)};

        r = each(arg, &b);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_last_beat(struct store *s, struct utime *ret)
{
    uint64_t us = 0;
    int r = store_number(s, ST_BEAT_LAST, &us);

    ret->us = (int64_t)us;
    return r;
}

int
store_sum_coverage(struct store *s, struct slice pact, int64_t from, int64_t until,
                   double *ret_told, double *ret_seen)
{
    sqlite3_stmt *st = store_statement(s, ST_COVERAGE_SUM);
    int r;

    if (st != NULL) {
        bind_text(st, 1, pact);
        (void)sqlite3_bind_int64(st, 2, from);
        (void)sqlite3_bind_int64(st, 3, until);
    }
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_IO;
    *ret_told = sqlite3_column_double(st, 0);
    *ret_seen = sqlite3_column_double(st, 1);
    (void)sqlite3_reset(st);
    return 0;
}

int
store_each_day(struct store *s, struct slice pact, int64_t from, int64_t until,
               int (*each)(void *arg, int64_t day, double seen), void *arg)
{
    sqlite3_stmt *st = store_statement(s, ST_COVERAGE_DAYS);
    int r;

    if (st != NULL) {
        bind_text(st, 1, pact);
        (void)sqlite3_bind_int64(st, 2, from);
        (void)sqlite3_bind_int64(st, 3, until);
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

/* ---- traffic ----------------------------------------------------------------------------- */

int
store_add_traffic(struct store *s, struct slice sensor, int64_t hour,
                  const struct store_traffic *t)
{
    sqlite3_stmt *st = store_statement(s, ST_TRAFFIC_ADD);
    int r;

    if (st != NULL) {
        bind_text(st, 1, sensor);
        (void)sqlite3_bind_int64(st, 2, hour);
        (void)sqlite3_bind_int64(st, 3, t->told);
        (void)sqlite3_bind_int64(st, 4, (sqlite3_int64)t->packets);
        (void)sqlite3_bind_int64(st, 5, (sqlite3_int64)t->drops);
    }
    r = store_run(s, st);
    if (r < 0)
        return r;
    st = store_statement(s, ST_TRAFFIC_DROP);
    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, hour - TRAFFIC_HOURS);
    return store_run(s, st);
}

int
store_get_traffic(struct store *s, struct slice sensor, int64_t hour, struct store_traffic *ret)
{
    sqlite3_stmt *st = store_statement(s, ST_TRAFFIC_GET);
    int r;

    if (st != NULL) {
        bind_text(st, 1, sensor);
        (void)sqlite3_bind_int64(st, 2, hour);
    }
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_NOTFOUND;
    *ret = (struct store_traffic){.told = sqlite3_column_int64(st, 0),
                                  .packets = (uint64_t)sqlite3_column_int64(st, 1)};
    (void)sqlite3_reset(st);
    return 0;
}

/* ---- canaries ---------------------------------------------------------------------------- */

int
store_put_canary(struct store *s, const struct store_canary *c)
{
    sqlite3_stmt *st = store_statement(s, ST_CANARY_PUT);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)c->leaf);
        bind_text(st, 2, c->pact);
        bind_text(st, 3, c->sensor);
        bind_blob(st, 4, c->payload);
        (void)sqlite3_bind_int64(st, 5, c->at.us);
        (void)sqlite3_bind_int64(st, 6, c->until.us);
    }
    return store_run(s, st);
}

int
store_find_canary(struct store *s, uint64_t leaf, struct utime when, struct event_id event)
{
    sqlite3_stmt *st = store_statement(s, ST_CANARY_FOUND);

    if (st != NULL) {
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)leaf);
        (void)sqlite3_bind_int64(st, 2, when.us);
        (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)event.block);
        (void)sqlite3_bind_int64(st, 4, event.index);
    }
    return store_run(s, st);
}

static int
each_canary(struct store *s, sqlite3_stmt *st, struct utime when,
            int (*each)(void *arg, const struct store_canary *c), void *arg)
{
    int r;

    if (st != NULL)
        (void)sqlite3_bind_int64(st, 1, when.us);
    while ((r = store_row(s, st)) == 1) {
        const struct store_canary c = {.leaf = (uint64_t)sqlite3_column_int64(st, 0),
                                       .pact = column_blob(st, 1),
                                       .sensor = column_blob(st, 2),
                                       .payload = column_blob(st, 3),
                                       .at = {sqlite3_column_int64(st, 4)},
                                       .until = {sqlite3_column_int64(st, 5)},
                                       .found = {sqlite3_column_int64(st, 6)},
                                       .event = {(uint64_t)sqlite3_column_int64(st, 7),
                                                 (uint32_t)sqlite3_column_int64(st, 8)}};

        r = each(arg, &c);
        if (r != 0) {
            (void)sqlite3_reset(st);
            return r;
        }
    }
    return r;
}

int
store_each_canary(struct store *s, struct utime since,
                  int (*each)(void *arg, const struct store_canary *c), void *arg)
{
    return each_canary(s, store_statement(s, ST_CANARY_EACH), since, each, arg);
}

int
store_each_open_canary(struct store *s, struct utime now,
                       int (*each)(void *arg, const struct store_canary *c), void *arg)
{
    return each_canary(s, store_statement(s, ST_CANARY_OPEN), now, each, arg);
}

int
store_count_canaries(struct store *s, struct store_canaries *n)
{
    sqlite3_stmt *st = store_statement(s, ST_CANARY_COUNT);
    int r;

    if (st != NULL) {
        bind_text(st, 1, n->pact);
        (void)sqlite3_bind_int64(st, 2, n->from.us);
        (void)sqlite3_bind_int64(st, 3, n->until.us);
    }
    r = store_row(s, st);
    if (r != 1)
        return r < 0 ? r : ERR_IO;
    n->sent = (uint64_t)sqlite3_column_int64(st, 0);
    n->found = (uint64_t)sqlite3_column_int64(st, 1);
    (void)sqlite3_reset(st);
    return 0;
}
