/* What a window remembers, and whether some span of it meets the threshold.
 *
 * A span of length W that holds a record also holds all within W/2 before it, or all within W/2
 * after it.  So where both sides have enough without it (acts, other targets or its own,
 * sensors), no span's verdict depends on it, and it may be let go: exactly, and late events
 * included.  That bounds a window by its threshold instead of by its traffic. */
#include <stdlib.h>
#include <string.h>

#include "judge/judge_priv.h"

enum { ROOM_FIRST = 4, SLOTS_FIRST = 64 };
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
        tally_add(&s->sensors, rec->sensor);
}

static void
span_leave(struct scratch *s, const struct rule *r, const struct record *rec)
{
    if (r->targets > 1)
        tally_sub(&s->targets, rec->target);
    if (r->sensors > 1)
        tally_sub(&s->sensors, rec->sensor);
}

static bool
span_enough(const struct scratch *s, const struct rule *r, uint64_t sum)
{
    return sum >= r->least && (r->targets < 2 || s->targets.distinct >= r->targets) &&
           (r->sensors < 2 || s->sensors.distinct >= r->sensors);
}

/* Without a look at times: can any span have enough? */
static bool
may_meet(const struct window *w, const struct rule *r)
{
    return w->sum >= r->least &&
           (r->targets < 2 || ((w->flags & W_TARGETS) != 0 && w->n >= r->targets)) &&
           (r->sensors < 2 || (w->flags & W_SENSORS) != 0);
}

/* The span that ends with `to` and begins as late as it can. */
static uint32_t
narrow(const struct record *rec, const struct rule *r, uint32_t from, uint32_t to, uint64_t sum,
       struct scratch *s)
{
    for (; from < to; from++) {
        span_leave(s, r, &rec[from]);
        sum -= rec[from].amount;
        if (!span_enough(s, r, sum))
            break;
    }
    return from;
}

bool
records_met(struct window *w, const struct rule *r, uint32_t at, struct scratch *s,
            uint32_t *ret_from, uint32_t *ret_to)
{
    const struct record *rec = window_records(w);
    int64_t open = rec[at].time - r->window;
    uint64_t sum = 0;
    uint32_t from = at;

    if (!may_meet(w, r))
        return false;
    while (from > 0 && rec[from - 1].time > open)
        from--;
    if (!tally_begin(&s->targets, w->n) || !tally_begin(&s->sensors, w->n))
        return false;
    for (uint32_t to = from; to < w->n && rec[to].time < rec[at].time + r->window; to++) {
        sum += rec[to].amount;
        span_take(s, r, &rec[to]);
        for (; rec[from].time <= rec[to].time - r->window; from++) {
            sum -= rec[from].amount;
            span_leave(s, r, &rec[from]);
        }
        if (to < at || !span_enough(s, r, sum))
            continue;
        *ret_from = narrow(rec, r, from, to, sum, s);
        *ret_to = to;
        return true;
    }
    return false;
}

/* ---- letting go ------------------------------------------------------------------------- */

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
        sum += at->amount;
        side.same = side.same || at->target == of->target;
        sensor = sensor || at->sensor == of->sensor;
        target = target || side.same;
        if (!target) {
            tally_add(&s->targets, at->target);
            target = s->targets.distinct >= r->targets;
        }
        if (!sensor) {
            tally_add(&s->sensors, at->sensor);
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
recount(struct window *w)
{
    const struct record *rec = window_records(w);

    w->sum = 0;
    w->flags &= ~(unsigned)(W_TARGETS | W_SENSORS);
    for (uint32_t i = 0; i < w->n; i++) {
        w->sum += rec[i].amount;
        if (rec[i].target != rec[0].target)
            w->flags |= W_TARGETS;
        if (rec[i].sensor != rec[0].sensor)
            w->flags |= W_SENSORS;
    }
}

/* One after the other, each judged beside what is left. */
static void
prune(struct window *w, const struct rule *r, struct scratch *s)
{
    struct record *rec = window_records(w);
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
    recount(w);
}

static void
expire(const struct windows *ws, struct window *w, const struct rule *r)
{
    struct record *rec = window_records(w);
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
    recount(w);
}

/* ---- adding ----------------------------------------------------------------------------- */

static bool
grow(struct windows *ws, struct window *w)
{
    uint32_t room = w->room <= 1 ? ROOM_FIRST : w->room * 2;
    size_t more = (room - (w->room <= 1 ? 0 : w->room)) * sizeof(struct record);
    struct record *to;

    if (w->room > UINT32_MAX / 4 || !windows_afford(ws, more, w))
        return false;
    to = realloc(w->room <= 1 ? NULL : w->u.many, room * sizeof *to);
    if (to == NULL)
        return false;
    if (w->room <= 1)
        to[0] = w->u.one;
    w->u.many = to;
    w->room = room;
    ws->memory += more;
    return true;
}

static bool
make_room(struct windows *ws, struct window *w, const struct rule *r, struct scratch *s)
{
    if (w->n < w->room)
        return true;
    expire(ws, w, r);
    if (w->n == w->room && !r->of_bytes && w->n / 4 > r->enough + 2)
        prune(w, r, s);
    /* What frees little is not tried again at once. */
    if (w->n < w->room - w->room / 4)
        return true;
    return grow(ws, w) || w->n < w->room;
}

static void
note_other(struct window *w, const struct record *rec)
{
    const struct record *first = window_records(w);

    w->sum += rec->amount;
    if (rec->target != first->target)
        w->flags |= W_TARGETS;
    if (rec->sensor != first->sensor)
        w->flags |= W_SENSORS;
}

/* The first place behind all of that time or before. */
static uint32_t
place_of(struct window *w, int64_t time)
{
    const struct record *rec = window_records(w);
    uint32_t low = 0;
    uint32_t n = w->n;

    if (n > 0 && rec[n - 1].time <= time)
        return n;
    while (n > 0) {
        uint32_t mid = n / 2;
        bool below = rec[low + mid].time <= time;

        low = below ? low + mid + 1 : low;
        n = below ? n - mid - 1 : mid;
    }
    return low;
}

uint32_t
records_add(struct windows *ws, struct window *w, const struct rule *r,
            const struct record *rec, struct scratch *s)
{
    uint32_t at = place_of(w, rec->time);
    struct record *to = window_records(w);

    if (r->of_bytes && at > 0 && to[at - 1].time == rec->time) {
        to[at - 1].amount += rec->amount;
        w->sum += rec->amount;
        return at - 1;
    }
    if (!make_room(ws, w, r, s))
        return NO_INDEX;
    at = place_of(w, rec->time);
    to = window_records(w);
    memmove(to + at + 1, to + at, (w->n - at) * sizeof *to);
    to[at] = *rec;
    w->n++;
    note_other(w, rec);
    if (at == 0 && w->n > 1)
        note_other(w, &(struct record){.target = to[1].target, .sensor = to[1].sensor});
    return at;
}
