#include "role/sight.h"

#include "store/sight.h"

/* Since when a party has declared space that counts; 0 never. */
static struct utime
begins(const struct book_pact *p, unsigned party)
{
    const struct book_party *own = &p->party[party];
    struct utime first = {0};

    for (unsigned i = 0; i < own->annexes; i++) {
        const struct book_annex *a = &own->annex[i];
        struct utime at = a->annex->valid_from;

        if (a->witnessed.us == 0)
            continue;
        if (a->witnessed.us > at.us)
            at = a->witnessed;
        if (first.us == 0 || at.us < first.us)
            first = at;
    }
    return first.us != 0 && first.us < p->pact->from.us ? p->pact->from : first;
}

/* ---- minutes ----------------------------------------------------------------------------- */

struct window {
    struct utime from;
    double seen; /* microseconds, each by the share of space … */
    double told; /* … and all of them */
    struct store_beat last;
};

static int
add_beat(void *arg, const struct store_beat *b)
{
    struct window *w = arg;
    int64_t from = b->since.us > w->from.us ? b->since.us : w->from.us;

    if (b->until.us > from) {
        w->seen += (double)(b->until.us - from) * b->ppm / 1e6;
        w->told += (double)(b->until.us - from);
    }
    w->last = *b;
    return 0;
}

static uint32_t
share_of(double seen, int64_t all)
{
    double ppm = all <= 0 ? 0 : seen * 1e6 / (double)all;

    return ppm >= 1e6 ? 1000000 : (uint32_t)ppm;
}

/* Beats are kept by pact, those of another under its log, by the name that the pact gives it.
 */
static struct slice
key_of(const struct sight_ask *a)
{
    return (int)a->party == a->pact->self ? slice_of(a->pact->pact->name)
                                          : book_origin(a->pact, (int)a->party, 0);
}

/* Of one's own as all see it, any heartbeat is as good as another. */
static bool
by_time(const struct sight_ask *a)
{
    return a->open && (int)a->party == a->pact->self;
}

/* The newest heartbeat counts until the next one can be late; and what it says is now. */
static int
read_now(const struct sight_ask *a, struct utime begin, struct verdict_sight *ret)
{
    struct window w = {.from = a->from.us > begin.us ? a->from : begin};
    int r = store_each_beat(a->store, key_of(a), w.from, a->until, add_beat, &w);

    if (r < 0)
        return r;
    ret->sensors = w.last.healthy;
    if (a->until.us - w.last.until.us > a->pact->pact->sensor_late_after.us)
        return 0;
    ret->coverage_ppm = share_of(by_time(a) ? w.told : w.seen, w.last.until.us - w.from.us);
    if (!by_time(a) && w.last.ppm < ret->coverage_ppm)
        ret->coverage_ppm = w.last.ppm;
    return 0;
}

/* ---- hours ------------------------------------------------------------------------------- */

static int
keep_last(void *arg, const struct store_beat *b)
{
    *(struct store_beat *)arg = *b;
    return 0;
}

/* A period that goes on ends with the newest heartbeat: of what came since nobody told yet. */
static int
find_end(const struct sight_ask *a, struct store_beat *last, struct utime *ret)
{
    int r;

    *last = (struct store_beat){.until = {0}};
    r = store_each_beat(a->store, key_of(a),
                        (struct utime){a->now.us - a->pact->pact->sensor_late_after.us}, a->now,
                        keep_last, last);
    *ret = a->until.us >= a->now.us && last->until.us != 0 ? last->until : a->until;
    return r;
}

/* By whole hours: the first begins before the period, the last one is the one that runs. */
static int
read_period(const struct sight_ask *a, struct utime begin, struct verdict_sight *ret)
{
    struct slice pact = key_of(a);
    struct utime from = a->from.us > begin.us ? a->from : begin;
    struct utime until;
    struct store_beat last;
    int64_t hour = from.us / SIGHT_HOUR_US;
    double told = 0;
    double seen = 0;
    int r = find_end(a, &last, &until);

    if (r == 0)
        r = store_sum_coverage(a->store, pact, hour,
                               (until.us + SIGHT_HOUR_US - 1) / SIGHT_HOUR_US, &told, &seen);
    if (r < 0)
        return r;
    if (from.us != begin.us)
        from.us = hour * SIGHT_HOUR_US;
    ret->sensors = last.healthy;
    ret->coverage_ppm = share_of(by_time(a) ? told : seen, until.us - from.us);
    return 0;
}

/* ---- days -------------------------------------------------------------------------------- */

struct days {
    struct utime from;
    struct utime until;
    int64_t next; /* day that is not given yet */
    void (*each)(void *arg, const struct sight_day *d);
    void *arg;
};

static void
give_day(struct days *d, int64_t day, double seen)
{
    int64_t from = day * 24 * SIGHT_HOUR_US;
    int64_t until = from + 24 * SIGHT_HOUR_US;

    from = from > d->from.us ? from : d->from.us;
    until = until < d->until.us ? until : d->until.us;
    d->each(d->arg, &(struct sight_day){day, share_of(seen, until - from)});
}

static int
add_day(void *arg, int64_t day, double seen)
{
    struct days *d = arg;

    while (d->next < day)
        give_day(d, d->next++, 0);
    give_day(d, day, seen);
    d->next = day + 1;
    return 0;
}

int
sight_each_day(const struct sight_ask *a, int64_t most,
               void (*each)(void *arg, const struct sight_day *d), void *arg)
{
    struct utime begin = begins(a->pact, a->party);
    struct store_beat newest;
    struct days d = {.from = a->from.us > begin.us ? a->from : begin,
                     .until = a->until,
                     .each = each,
                     .arg = arg};
    int64_t day_us = 24 * SIGHT_HOUR_US;
    int64_t last;
    int r = find_end(a, &newest, &d.until);

    if (r < 0 || begin.us == 0 || d.from.us >= d.until.us)
        return r;
    last = (d.until.us - 1) / day_us;
    d.from.us -= d.from.us == begin.us ? 0 : d.from.us % SIGHT_HOUR_US;
    d.next = d.from.us / day_us;
    if (last - d.next >= most) {
        d.next = last - most + 1;
        d.from.us = d.next * day_us;
    }
    r = store_each_day(a->store, key_of(a), d.from.us / SIGHT_HOUR_US,
                       (d.until.us + SIGHT_HOUR_US - 1) / SIGHT_HOUR_US, add_day, &d);
    while (r == 0 && d.next <= last)
        give_day(&d, d.next++, 0);
    return r;
}

struct writing {
    struct buf *to;
    bool any;
};

static void
put_day(void *arg, const struct sight_day *d)
{
    struct writing *x = arg;
    char text[TIME_TEXT];

    time_format((struct utime){d->day * 24 * SIGHT_HOUR_US}, text);
    buf_printf(x->to, "%s[\"%.10s\",%u]", x->any ? "," : "", text, d->ppm);
    x->any = true;
}

int
sight_days(const struct sight_ask *a, struct buf *ret)
{
    struct writing x = {.to = ret};
    int r = sight_each_day(a, SIGHT_DAYS, put_day, &x);

    return r < 0 ? r : buf_error(ret);
}

static int
read_canaries(const struct sight_ask *a, struct verdict_sight *ret)
{
    struct utime since = {a->until.us - a->pact->pact->canary_window.us};
    struct store_canaries n = {
        .pact = slice_of(a->pact->pact->name), .from = since, .until = a->until};
    int r = store_count_canaries(a->store, &n);

    if (r < 0)
        return r;
    ret->canaries = (unsigned)n.sent;
    ret->found = (unsigned)n.found;
    return 0;
}

int
sight_read(const struct sight_ask *a, struct verdict_sight *ret)
{
    struct utime begin = begins(a->pact, a->party);
    int r = 0;

    *ret = (struct verdict_sight){.known = !a->open};
    if (ret->known)
        r = read_canaries(a, ret);
    if (r < 0)
        return r;
    if (begin.us != 0 && begin.us < a->until.us)
        r = a->current ? read_now(a, begin, ret) : read_period(a, begin, ret);
    if (!ret->known)
        ret->at_most_ppm = ret->coverage_ppm;
    return r;
}
