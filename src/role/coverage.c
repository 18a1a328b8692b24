#include "role/coverage.h"

#include "role/beat.h"
#include "role/sight.h"
#include "store/sight.h"
#include "store/space.h"

enum { STEP_HOURS = COVERAGE_STEP_S / 3600, EYES_MAX = 1 << 18, UNKNOWN = -1 };
#define STEP_US ((int64_t)COVERAGE_STEP_S * TIME_US_PER_S)

static void
put_moment(struct buf *b, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    buf_printf(b, ",\"%s\":\"%.*s\"", name, t.us > 0 ? TIME_TEXT : 0, text);
}

/* ---- a prefix ---------------------------------------------------------------------------- */

struct strip {
    const struct coverage_ask *ask;
    const struct book_pact *pact;
    struct buf *to;
    int64_t from; /* hour in which the first step begins */
    unsigned prefixes;
    double seen[COVERAGE_STEPS]; /* of the prefix at hand, microseconds */
};

static int
add_step(void *arg, int64_t step, double seen)
{
    struct strip *s = arg;

    if (step >= 0 && step < COVERAGE_STEPS)
        s->seen[step] = seen;
    return 0;
}

/* In millionths; UNKNOWN of no time. */
static int64_t
share_of(double seen, int64_t us)
{
    double ppm = us <= 0 ? UNKNOWN : seen * 1e6 / (double)us;

    return ppm > 1e6 ? 1000000 : (int64_t)ppm;
}

/* Until when something can be known: the newest heartbeat, as long as the next is not late. */
static int64_t
end_of(const struct strip *s, const struct store_seen *p)
{
    int64_t now = s->ask->now.us;

    return now - p->until.us > s->pact->pact->sensor_late_after.us ? now : p->until.us;
}

static void
put_steps(struct strip *s, const struct store_seen *p)
{
    int64_t end = end_of(s, p);
    int64_t from = s->from * SIGHT_HOUR_US;
    double all = 0;

    from = from > p->first.us ? from : p->first.us;
    for (unsigned i = 0; i < COVERAGE_STEPS; i++)
        all += s->seen[i];
    buf_printf(s->to, ",\"period_ppm\":%lld,\"steps\":[", (long long)share_of(all, end - from));
    for (unsigned i = 0; i < COVERAGE_STEPS; i++) {
        int64_t begin = s->from * SIGHT_HOUR_US + i * STEP_US;
        int64_t until = begin + STEP_US < end ? begin + STEP_US : end;

        begin = begin > p->first.us ? begin : p->first.us;
        buf_printf(s->to, "%s%lld", i > 0 ? "," : "",
                   (long long)share_of(s->seen[i], until - begin));
    }
    buf_char(s->to, ']');
}

static int
put_prefix(void *arg, const struct store_seen *p)
{
    struct strip *s = arg;
    const struct store_space_hours h = {.pact = p->pact,
                                        .prefix = p->prefix,
                                        .from = s->from,
                                        .until = s->from + (int64_t)COVERAGE_STEPS * STEP_HOURS,
                                        .step = STEP_HOURS};
    bool stale = end_of(s, p) != p->until.us;
    int r;

    memset(s->seen, 0, sizeof s->seen);
    buf_text(s->to, s->prefixes++ > 0 ? ",{\"prefix\":" : "{\"prefix\":");
    buf_json(s->to, p->prefix);
    buf_printf(s->to, ",\"now_ppm\":%u", stale ? 0 : p->ppm);
    put_moment(s->to, "blind_since", stale && p->blind.us == 0 ? p->until : p->blind);
    put_moment(s->to, "less_since", stale && p->less.us == 0 ? p->until : p->less);
    r = store_each_space_step(s->ask->store, &h, add_step, s);
    put_steps(s, p);
    buf_char(s->to, '}');
    return r < 0 ? r : buf_error(s->to);
}

/* ---- a pact ------------------------------------------------------------------------------ */

static int
put_total(struct strip *s)
{
    struct sight_ask ask = {.store = s->ask->store,
                            .pact = s->pact,
                            .from = {s->ask->now.us - VERDICT_NOW_US},
                            .until = s->ask->now,
                            .now = s->ask->now,
                            .current = true,
                            .party = (unsigned)s->pact->self};
    struct verdict_sight sight;
    int r = sight_read(&ask, &sight);

    if (r < 0)
        return r;
    buf_printf(s->to,
               ",\"now_ppm\":%u,\"sensors\":%u,\"canaries\":%u,\"found\":%u,\"recall_ppm\":%u",
               sight.coverage_ppm, sight.sensors, sight.canaries, sight.found,
               verdict_recall(sight.found, sight.canaries));
    ask.from.us = s->from * SIGHT_HOUR_US;
    ask.current = false;
    r = sight_read(&ask, &sight);
    if (r == 0)
        buf_printf(s->to, ",\"period_ppm\":%u", sight.coverage_ppm);
    return r;
}

static int
put_pact(const struct coverage_ask *a, const struct book_pact *p, int64_t from, struct buf *to)
{
    struct strip s = {.ask = a, .pact = p, .to = to, .from = from};
    const struct annex *x = book_annex(p, p->self);
    int r;

    buf_text(to, "{\"pact\":");
    buf_json(to, slice_of(p->pact->name));
    buf_printf(to, ",\"min_coverage_ppm\":%lld,\"max_drop_ppm\":%lld,\"late_s\":%lld",
               (long long)p->pact->min_coverage_ppm, (long long)p->pact->max_drop_ppm,
               (long long)(p->pact->sensor_late_after.us / TIME_US_PER_S));
    r = put_total(&s);
    buf_text(to, ",\"prefixes\":[");
    if (r == 0)
        r = store_each_space(a->store, slice_of(p->pact->name), put_prefix, &s);
    buf_printf(to, "],\"prefix_count\":%u}", x == NULL ? 0 : x->v4.count + x->v6.count);
    return r;
}

/* ---- gaps -------------------------------------------------------------------------------- */

struct gaps {
    struct buf *to;
    unsigned count;
};

static int
put_gap(void *arg, const struct store_blind *g)
{
    struct gaps *l = arg;
    char since[TIME_TEXT];
    char until[TIME_TEXT];

    if (l->count++ >= COVERAGE_GAPS)
        return 0;
    time_format(g->since, since);
    time_format(g->until, until);
    buf_printf(l->to, "%s[\"%.*s\",\"%.*s\",", l->count > 1 ? "," : "", TIME_TEXT, since,
               TIME_TEXT, until);
    buf_json(l->to, g->sensor);
    buf_char(l->to, ',');
    buf_json(l->to, g->reason);
    buf_char(l->to, ']');
    return buf_error(l->to);
}

/* ---- all of it --------------------------------------------------------------------------- */

static int
put_eyes(const struct coverage_ask *a, struct buf *to)
{
    AUTO_BUF(eyes, EYES_MAX);
    int r = store_get_meta(a->store, "eyes", &eyes);

    buf_text(to, ",\"eyes\":");
    if (r == 0)
        buf_slice(to, buf_get(&eyes));
    else if (r == ERR_NOTFOUND)
        buf_text(to, "{\"at\":\"\",\"sensors\":[]}");
    return r == ERR_NOTFOUND ? 0 : r;
}

int
coverage_json(const struct coverage_ask *a, struct buf *ret)
{
    int64_t step = a->now.us / STEP_US - COVERAGE_STEPS + 1;
    struct utime from = {step * STEP_US};
    struct gaps gaps = {.to = ret};
    char at[TIME_TEXT];
    unsigned pacts = 0;
    int r = 0;

    time_format(a->now, at);
    buf_printf(ret, "{\"at\":\"%.*s\",\"step_s\":%d", TIME_TEXT, at, COVERAGE_STEP_S);
    put_moment(ret, "from", from);
    buf_text(ret, ",\"pacts\":[");
    for (unsigned i = 0; r == 0 && a->book != NULL && i < a->book->pacts; i++) {
        if (a->book->pact[i].self < 0)
            continue;
        buf_text(ret, pacts++ > 0 ? "," : "");
        r = put_pact(a, &a->book->pact[i], step * STEP_HOURS, ret);
    }
    buf_text(ret, "],\"gaps\":[");
    if (r == 0)
        r = store_each_blind(a->store, from, put_gap, &gaps);
    buf_printf(ret, "],\"gap_count\":%u", gaps.count);
    if (r == 0)
        r = put_eyes(a, ret);
    buf_char(ret, '}');
    return r < 0 ? r : buf_error(ret);
}
