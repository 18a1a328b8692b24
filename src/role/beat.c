#include "role/beat.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/beat_priv.h"
#include "role/engine_priv.h"
#include "store/erase.h"
#include "store/sight.h"

enum { FIGURES_MAX = 1 << 16, DAYS = 7, DAYS_LEAST = 3 };

int
beat_open(struct beat *b, struct engine *e, struct errinfo *ei)
{
    int r;

    *b = (struct beat){.engine = e, .env = e->env, .conf = e->conf, .store = e->store};
    r = store_last_beat(b->store, &b->until);
    b->tried = b->until;
    if (r == 0)
        r = beat_recall(b);
    return r < 0 ? engine_fail(e, r, ei) : 0;
}

/* ---- sensors ----------------------------------------------------------------------------- */

static struct beat_sensor *
find_sensor(struct beat *b, const struct feed *f)
{
    struct beat_sensor *s = NULL;

    for (unsigned i = 0; i < BEAT_SENSORS; i++) {
        if (strcmp(b->sensor[i].name, f->name) == 0)
            return &b->sensor[i];
        if (s == NULL && b->sensor[i].name[0] == '\0')
            s = &b->sensor[i];
    }
    if (s != NULL)
        (void)snprintf(s->name, sizeof s->name, "%s", f->name);
    return s;
}

/* A feed that was opened anew counts from 0. */
static uint64_t
since(uint64_t now, uint64_t before)
{
    return now >= before ? now - before : now;
}

static int
compare_rates(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Packets that are usual in so much time at this hour; 0 when too few days are known. */
static int
usual_packets(struct beat *b, const char *name, struct utime now, int64_t us, uint64_t *ret)
{
    double rate[DAYS];
    unsigned n = 0;

    *ret = 0;
    for (int64_t day = 1; day <= DAYS; day++) {
        struct store_traffic t;
        int r =
            store_get_traffic(b->store, slice_of(name), now.us / SIGHT_HOUR_US - day * 24, &t);

        if (r < 0 && r != ERR_NOTFOUND)
            return r;
        if (r == 0 && t.told > 0)
            rate[n++] = (double)t.packets / (double)t.told;
    }
    if (n < DAYS_LEAST)
        return 0;
    qsort(rate, n, sizeof rate[0], compare_rates);
    *ret = (uint64_t)(rate[n / 2] * (double)us);
    return 0;
}

/* What is known of a sensor, over the newest heartbeats. */
static int
look_at(struct beat *b, const struct feed *f, const struct leaf_figures *row, struct utime now,
        struct sensor_look *ret)
{
    const struct beat_sensor *s = find_sensor(b, f);
    const struct feed_counts *c = &f->counts;
    int64_t us = 0;

    *ret = (struct sensor_look){.missing = f->missing || f->link < 0,
                                .since = {f->live ? now.us - c->heard.us : INT64_MAX},
                                .has_gauge = c->gauge.number != 0,
                                .packets = row->packets,
                                .drops = row->drops,
                                .skew = {c->gauge.time.us - c->gauged.us},
                                .has_rules = c->gauge.rules.us != 0,
                                .rules_age = {now.us - c->gauge.rules.us}};
    for (unsigned i = 0; i < BEAT_RING; i++) {
        ret->recent += s->ring[i].packets;
        us += s->ring[i].us;
    }
    return usual_packets(b, s->name, now, us, &ret->usual);
}

static void
count_into(struct beat_sensor *s, const struct feed *f, int64_t us, struct leaf_figures *ret)
{
    const struct feed_counts *c = &f->counts;

    *ret = (struct leaf_figures){.sensor = slice_of(s->name),
                                 .events = since(c->events, s->told.events),
                                 .packets = since(c->packets, s->told.packets),
                                 .drops = since(c->drops, s->told.drops),
                                 .rejected = since(c->rejected, s->told.rejected)};
    ret->count = ret->events;
    s->ring[s->next].packets = ret->packets;
    s->ring[s->next].us = us;
    s->next = (s->next + 1) % BEAT_RING;
    s->told = *c;
}

/* ---- one heartbeat ----------------------------------------------------------------------- */

/* All sensors: their figures since the last one, and by each pact whether they are healthy. */
static int
gather(struct beat *b, const struct beat_view *v, struct beating *x)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < v->feeds && x->rows < BEAT_SENSORS; i++) {
        struct beat_sensor *s = v->feed[i]->finite ? NULL : find_sensor(b, v->feed[i]);
        unsigned row = x->rows;

        if (s == NULL)
            continue;
        count_into(s, v->feed[i], x->until.us - x->since.us, &x->row[row]);
        r = look_at(b, v->feed[i], &x->row[row], x->until, &x->look[row]);
        s->faults = s->unknown = 0;
        for (unsigned p = 0; v->book != NULL && p < v->book->pacts; p++) {
            unsigned unknown;

            x->faults[p][row] = sensor_faults(v->book->pact[p].pact, &x->look[row], &unknown);
            s->faults |= x->faults[p][row];
            s->unknown |= unknown;
        }
        x->row[row].healthy = s->faults == 0;
        x->row[row].gap_us = s->faults == 0 ? 0 : (uint64_t)(x->until.us - x->since.us);
        x->sensor[row] = s;
        x->feed[row] = v->feed[i];
        x->rows++;
    }
    return r;
}

static int
put_leaf(struct beating *x, struct engine *e, struct errinfo *ei)
{
    struct leaf_figures sorted[BEAT_SENSORS];
    struct leaf_heartbeat h = {.from = x->since, .until = x->until};
    uint8_t salt[LEAF_SALT];
    AUTO_BUF(opened, FIGURES_MAX);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    uint64_t index;
    int r;

    memcpy(sorted, x->row, x->rows * sizeof sorted[0]);
    leaf_sort_figures(sorted, x->rows);
    leaf_open_figures(&opened, sorted, x->rows);
    for (unsigned i = 0; i < x->rows; i++) {
        h.events += sorted[i].events;
        h.packets += sorted[i].packets;
        h.drops += sorted[i].drops;
    }
    if (buf_error(&opened) < 0)
        return buf_error(&opened);
    e->env->random(e->env->self, salt, sizeof salt);
    h.figures = leaf_commit(salt, buf_get(&opened));
    r = leaf_write_heartbeat(&entry, engine_next_time(e), &h, ei);
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    if (r == 0)
        r = store_put_opening(e->store, index, (struct slice){(const char *)salt, sizeof salt},
                              buf_get(&opened));
    return r;
}

static int
put_traffic(const struct beating *x, struct store *s)
{
    int r = 0;

    for (unsigned i = 0; r == 0 && i < x->rows; i++) {
        const struct store_traffic t = {.told = x->until.us - x->since.us,
                                        .packets = x->row[i].packets,
                                        .drops = x->row[i].drops};

        if (x->sensor[i]->told.gauge.number != 0)
            r = store_add_traffic(s, x->row[i].sensor, x->until.us / SIGHT_HOUR_US, &t);
    }
    return r;
}

static int
put_all(void *arg, struct engine *e, struct errinfo *ei)
{
    struct beating *x = arg;
    int r = beat_put_gaps(x, e, ei);

    if (r == 0 && x->since.us < x->until.us)
        r = put_leaf(x, e, ei);
    if (r == 0 && x->since.us < x->until.us)
        r = put_traffic(x, e->store);
    for (unsigned i = 0; r == 0 && i < x->book->pacts; i++)
        r = beat_put_coverage(x, e, i);
    return r == 0 ? beat_put_state(x, e->store) : r;
}

/* How often, as the strictest of the pacts says; 0: no pact wants any. */
static int64_t
every(const struct book *book, int64_t *ret_late)
{
    int64_t us = 0;

    *ret_late = INT64_MAX;
    for (unsigned i = 0; book != NULL && i < book->pacts; i++) {
        const struct pact *p = book->pact[i].pact;

        if (book->pact[i].self < 0)
            continue;
        if (us == 0 || p->heartbeat_every.us < us)
            us = p->heartbeat_every.us;
        if (p->sensor_late_after.us < *ret_late)
            *ret_late = p->sensor_late_after.us;
    }
    return us;
}

static bool
has_sensors(const struct beat_view *v)
{
    for (unsigned i = 0; i < v->feeds; i++) {
        if (!v->feed[i]->finite)
            return true;
    }
    return false;
}

int
beat_step(struct beat *b, const struct beat_view *v, struct errinfo *ei)
{
    struct utime now = b->env->now_wall(b->env->self);
    int64_t late;
    int64_t us = every(v->book, &late);
    struct beating *x;
    int r;

    if (us == 0 || now.us - b->tried.us < us || !has_sensors(v))
        return 0;
    b->tried = now;
    x = calloc(1, sizeof *x);
    if (x == NULL)
        return ERR_NOMEM;
    *x = (struct beating){.beat = b, .book = v->book, .since = b->until, .until = now};
    x->stopped = b->until;
    if (now.us - b->until.us > late + us)
        x->since = now; /* nobody knows what was then */
    ei->text[0] = '\0';
    r = gather(b, v, x);
    if (r == 0)
        r = engine_check_room(b->engine, 0);
    if (r == 0)
        r = engine_change(b->engine, put_all, x, NULL, ei);
    if (r == 0) {
        beat_seen(x);
        b->until = now;
    }
    free(x);
    return r == ERR_FULL ? 0 : r;
}
