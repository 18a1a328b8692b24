/* What a window remembers, and whether some span of it meets the threshold.
 *
 * A span of length W that holds a record also holds all within W/2 before it, or all within W/2
 * after it.  So where both sides have enough without it (acts, other targets or its own,
 * sensors), no span's verdict depends on it, and it may be let go: exactly, and late events
 * included.  That bounds a window by its threshold instead of by its traffic. */
#include <stdlib.h>
#include <string.h>

#include "judge/judge_priv.h"

enum { SLOTS_FIRST = 64, LOOK_BACK = 64 };
#define GOLDEN 0x9e3779b1U

/* ---- tallies ---------------------------------------------------------------------------- */

bool
tally_begin(struct tally *t, uint32_t n)
{
    uint32_t room = t->room == 0 ? SLOTS_FIRST : t->room;

    while (room < n * 2)
        room *= 2;
    if (room != t->room) {
        struct tally_slot *slot = calloc(room, sizeof *slot);

        if (slot == NULL)
            return false;
        free(t->slot);
        t->slot = slot;
        t->room = room;
        t->stamp = 0;
    }
    if (++t->stamp == 0) {
        memset(t->slot, 0, t->room * sizeof *t->slot);
        t->stamp = 1;
    }
    t->distinct = 0;
    return true;
}

static struct tally_slot *
tally_slot(struct tally *t, uint64_t key)
{
    uint32_t at = (uint32_t)(key ^ key >> 32) * GOLDEN >> 7 & (t->room - 1);

    while (t->slot[at].stamp == t->stamp && t->slot[at].key != key)
        at = (at + 1) & (t->room - 1);
    return &t->slot[at];
}

void
tally_add(struct tally *t, uint64_t key)
{
    struct tally_slot *s = tally_slot(t, key);

    if (s->stamp != t->stamp)
        *s = (struct tally_slot){key, 0, t->stamp};
    t->distinct += s->count++ == 0;
}

static void
tally_sub(struct tally *t, uint64_t key)
{
    t->distinct -= --tally_slot(t, key)->count == 0;
}

void
scratch_release(struct scratch *s)
{
    free(s->targets.slot);
    free(s->sensors.slot);
    free(s->mark);
    *s = (struct scratch){0};
}

/* ---- spans ------------------------------------------------------------------------------ */

static void
span_take(struct scratch *s, const struct rule *r, const struct record *rec)
{
    if (r->targets > 1)
        tally_add(&s->targets, rec->target);
    if (r->sensors > 1)
        tally_add(&s->sensors, record_sensor(rec));
}

static void
span_leave(struct scratch *s, const struct rule *r, const struct record *rec)
{
    if (r->targets > 1)
        tally_sub(&s->targets, rec->target);
    if (r->sensors > 1)
        tally_sub(&s->sensors, record_sensor(rec));
}

static bool
span_enough(const struct scratch *s, const struct rule *r, uint64_t sum)
{
    return sum >= r->least && (r->targets < 2 || s->targets.distinct >= r->targets) &&
           (r->sensors < 2 || s->sensors.distinct >= r->sensors);
}

/* Has the newest record's span too few for the threshold?  Without a look at each. */
static bool
too_few(const struct window *w, const struct rule *r, const struct record *rec)
{
    uint32_t least = (w->flags & W_AMOUNTS) != 0 || r->of_bytes ? r->fewest : r->ones;
    uint32_t n = w->n;

    if ((w->flags & (W_FEW_TARGETS | W_FEW_SENSORS)) != 0 || n < least)
        return true;
    return least > 1 && rec[n - least].time <= rec[n - 1].time - r->window;
}

/* The span that ends with `to` and begins as late as it can. */
static uint32_t
narrow(const struct record *rec, const struct rule *r, uint32_t from, uint32_t to, uint64_t sum,
       struct scratch *s)
{
    for (; from < to; from++) {
        span_leave(s, r, &rec[from]);
        sum -= record_amount(&rec[from]);
        if (!span_enough(s, r, sum))
            break;
    }
    return from;
}

/* What the span that ends with the newest record lacks. */
static void
note_few(struct window *w, const struct rule *r, const struct scratch *s)
{
    if (r->targets > 1 && s->targets.distinct < r->targets)
        w->flags |= W_FEW_TARGETS;
    if (r->sensors > 1 && s->sensors.distinct < r->sensors)
        w->flags |= W_FEW_SENSORS;
}

bool
records_met(const struct windows *ws, struct window *w, const struct rule *r, uint32_t at,
            struct scratch *s, uint32_t ret[2])
{
    const struct record *rec = window_records(ws, w);
    uint32_t from = at;
    uint64_t sum = 0;
    int64_t open;

    if (!window_may_meet(w, r) || (at == w->n - 1 && too_few(w, r, rec)))
        return false;
    open = rec[at].time - r->window;
    while (from > 0 && rec[from - 1].time > open)
        from--;
    if (!tally_begin(&s->targets, w->n) || !tally_begin(&s->sensors, w->n))
        return false;
    for (uint32_t to = from; to < w->n && rec[to].time < rec[at].time + r->window; to++) {
        sum += record_amount(&rec[to]);
        span_take(s, r, &rec[to]);
        for (; rec[from].time <= rec[to].time - r->window; from++) {
            sum -= record_amount(&rec[from]);
            span_leave(s, r, &rec[from]);
        }
        if (to < at || !span_enough(s, r, sum))
            continue;
        ret[0] = narrow(rec, r, from, to, sum, s);
        ret[1] = to;
        return true;
    }
    if (at == w->n - 1)
        note_few(w, r, s);
    return false;
}

/* ---- letting go ------------------------------------------------------------------------- */

/* To tell others by. */
static void
note_some(struct window *w, const struct record *rec)
{
    w->u.some.target = (uint16_t)rec->target;
    w->u.some.sensor = record_sensor(rec);
}

struct side {
    bool enough; /* acts, targets, sensors without it */
    bool same;   /* its target is there */
};

/* The records from `at` on, in the direction of `step`, as far as half a span from `of`. */
static struct side
look(const struct record *at, size_t n, int step, const struct record *of, const struct rule *r,
     struct scratch *s)
{
    uint64_t sum = 0;
    bool sensor = r->sensors < 2;
    bool target = r->targets < 2;
    struct side side = {0};

    if (!tally_begin(&s->targets, r->targets * 2) || !tally_begin(&s->sensors, r->sensors * 2))
        return side;
    for (; n > 0; n--, at += step) {
        int64_t apart = step > 0 ? at->time - of->time : of->time - at->time;

        if (apart > r->window / 2)
            break;
        sum += record_amount(at);
        side.same = side.same || at->target == of->target;
        sensor = sensor || record_sensor(at) == record_sensor(of);
        target = target || side.same;
        if (!target) {
            tally_add(&s->targets, at->target);
            target = s->targets.distinct >= r->targets;
        }
        if (!sensor) {
            tally_add(&s->sensors, record_sensor(at));
            sensor = s->sensors.distinct >= r->sensors;
        }
        side.enough = sum >= r->least && target && sensor;
        if (side.enough)
            break;
    }
    return side;
}

/* Flags and sum of what is there now. */
static void
recount(const struct windows *ws, struct window *w)
{
    const struct record *rec = window_records(ws, w);

    w->sum = 0;
    w->flags &= (uint16_t) ~(W_TARGETS | W_SENSORS | W_AMOUNTS);
    note_some(w, rec);
    for (uint32_t i = 0; i < w->n; i++) {
        if (record_amount(&rec[i]) > 1)
            w->flags |= W_AMOUNTS;
        w->sum += record_amount(&rec[i]);
        if (rec[i].target != rec[0].target)
            w->flags |= W_TARGETS;
        if (record_sensor(&rec[i]) != record_sensor(&rec[0]))
            w->flags |= W_SENSORS;
    }
}

/* One after the other, each judged beside what is left. */
static void
prune(const struct windows *ws, struct window *w, const struct rule *r, struct scratch *s)
{
    struct record *rec = window_records(ws, w);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < w->n; i++) {
        struct record of = rec[i];
        struct side before = {0};
        struct side after = {0};

        if (kept > 0)
            before = look(&rec[kept - 1], kept, -1, &of, r, s);
        if (before.enough)
            after = look(&rec[i + 1], w->n - i - 1, 1, &of, r, s);
        if (!before.enough || !after.enough)
            rec[kept++] = of;
        else if (!before.same && !after.same)
            w->flags |= W_LOST;
    }
    w->n = kept;
    recount(ws, w);
}

static void
expire(const struct windows *ws, struct window *w, const struct rule *r)
{
    struct record *rec = window_records(ws, w);
    int64_t dead = ws->watermark - ws->lateness - r->window;
    uint32_t n = 0;

    while (n < w->n && rec[n].time <= dead) {
        if (rec[n].time >= w->first)
            w->flags |= W_LOST;
        n++;
    }
    if (n == 0)
        return;
    memmove(rec, rec + n, (w->n - n) * sizeof *rec);
    w->n -= n;
    recount(ws, w);
}

/* ---- adding ----------------------------------------------------------------------------- */

/* Twice the room.  The first block of a window is not counted as memory. */
static bool
grow(struct windows *ws, struct window *w)
{
    unsigned order = w->block == 0 ? ORDER_FIRST : w->order + 1U;
    size_t had =
        w->block == 0 || w->order == ORDER_FIRST ? 0 : sizeof(struct record) << w->order;
    size_t more = w->block == 0 ? 0 : (sizeof(struct record) << order) - had;
    uint32_t block;

    if (order >= POOL_ORDERS || !windows_afford(ws, more, w))
        return false;
    block = pool_take(&ws->pool, order);
    if (block == 0)
        return false;
    if (w->block != 0) {
        memcpy(&ws->pool.at[block], window_records(ws, w), w->n * sizeof(struct record));
        pool_give(&ws->pool, w->block, w->order);
    }
    w->block = block;
    w->order = (uint8_t)order;
    ws->memory += more;
    return true;
}

static bool
make_room(struct windows *ws, struct window *w, const struct rule *r, struct scratch *s)
{
    uint32_t room = window_room(w);

    if (w->n < room)
        return true;
    if (w->n > 0)
        expire(ws, w, r);
    if (w->n == room && !r->of_bytes && w->n / 4 > r->enough + 2)
        prune(ws, w, r, s);
    /* What frees little is not tried again at once. */
    if (w->n < room - room / 4)
        return true;
    return grow(ws, w) || w->n < window_room(w);
}

/* The first place behind all of that time or before. */
static uint32_t
place_of(const struct windows *ws, const struct window *w, int64_t time)
{
    const struct record *rec = window_records(ws, w);
    uint32_t low = 0;
    uint32_t n = w->n;

    if (n == 0 || time >= w->last || rec[n - 1].time <= time)
        return n;
    while (n > 0) {
        uint32_t mid = n / 2;
        bool below = rec[low + mid].time <= time;

        low = below ? low + mid + 1 : low;
        n = below ? n - mid - 1 : mid;
    }
    return low;
}

/* Where the newest record's span lacked targets or sensors, the next one's does too when it
 * brings none.  False: it may bring one. */
static bool
brings_none(const struct window *w, const struct rule *r, const struct record *rec,
            const struct record *new)
{
    bool target = (w->flags & W_FEW_TARGETS) == 0;
    bool sensor = (w->flags & W_FEW_SENSORS) == 0;
    uint32_t n = w->n;

    for (int i = 0; i < LOOK_BACK && n > 0 && !(target && sensor); i++) {
        if (rec[--n].time <= new->time - r->window)
            break;
        target = target || rec[n].target == new->target;
        sensor = sensor || record_sensor(&rec[n]) == record_sensor(new);
    }
    return target && sensor;
}

/* What differs in these bits differs; what does not is looked up. */
static void
note_other(const struct windows *ws, struct window *w, const struct record *rec)
{
    const struct record *first = window_records(ws, w);

    if ((w->flags & W_TARGETS) == 0 &&
        ((uint16_t)rec->target != w->u.some.target || rec->target != first->target))
        w->flags |= W_TARGETS;
    if (record_sensor(rec) != w->u.some.sensor)
        w->flags |= W_SENSORS;
}

/* Of bytes: the second's record grows.  False: there is none, or it is full. */
static bool
merge(const struct windows *ws, struct window *w, uint32_t at, const struct record *rec)
{
    struct record *to = window_records(ws, w) + at - 1;

    if (at == 0 || to->time != rec->time || record_amount(to) + record_amount(rec) > AMOUNT_MAX)
        return false;
    to->amount_sensor += record_amount(rec) << SENSOR_BITS;
    if (to->target != rec->target)
        w->flags |= W_LOST;
    w->sum += record_amount(rec);
    return true;
}

uint32_t
records_add(struct windows *ws, struct window *w, const struct rule *r,
            const struct record *rec, struct scratch *s)
{
    uint32_t at = place_of(ws, w, rec->time);
    struct record *to;

    if (r->of_bytes && merge(ws, w, at, rec))
        return at - 1;
    if (w->n == window_room(w)) {
        if (!make_room(ws, w, r, s))
            return NO_INDEX;
        at = place_of(ws, w, rec->time);
    }
    to = window_records(ws, w);
    if (w->n == 0)
        note_some(w, rec);
    else
        note_other(ws, w, rec);
    if ((w->flags & (W_FEW_TARGETS | W_FEW_SENSORS)) != 0 &&
        (at < w->n || !brings_none(w, r, to, rec)))
        w->flags &= (uint16_t) ~(W_FEW_TARGETS | W_FEW_SENSORS);
    if (record_amount(rec) > 1)
        w->flags |= W_AMOUNTS;
    if (at < w->n)
        memmove(to + at + 1, to + at, (w->n - at) * sizeof *to);
    /* Word by word: 16 bytes read back from two stores would wait for all stores before them.
     */
    to[at].time = rec->time;
    to[at].target = rec->target;
    to[at].amount_sensor = rec->amount_sensor;
    to[at].block_at_class = rec->block_at_class;
    w->n++;
    w->sum += record_amount(rec);
    return at;
}
