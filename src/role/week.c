#include "role/week.h"

#include <string.h>

#define STEP_US  ((int64_t)WEEK_STEP_S * TIME_US_PER_S)
#define AHEAD_US (INT64_C(3600) * TIME_US_PER_S) /* of a sensor's clock */

void
week_open(struct week *w, struct store *s, struct reader *r)
{
    *w = (struct week){.store = s, .reader = r};
}

/* The clock goes on: steps that are new are empty. */
static void
turn(struct week *w, struct utime now)
{
    int64_t step = now.us / STEP_US;

    if (step - w->step > WEEK_STEPS)
        w->step = step - WEEK_STEPS;
    while (w->step < step) {
        w->step++;
        for (unsigned c = 0; c < CHIPS; c++)
            w->events[c][w->step % WEEK_STEPS] = 0;
    }
}

static void
count(struct week *w, const struct event *ev)
{
    int64_t step = event_when(ev).us / STEP_US;

    if (!event_is_attack(ev) || step <= w->step - WEEK_STEPS)
        return;
    step = step > w->step ? w->step : step;
    w->events[event_class_chip((enum event_class)ev->class_)][step % WEEK_STEPS]++;
}

void
week_add(struct week *w, uint64_t block, const struct event *ev, struct utime now)
{
    if (!w->asked || block < w->end)
        return;
    turn(w, now);
    count(w, ev);
}

/* The next one down.  Blocks stand in the order in which they were closed, and no event is
 * taken before it happens, but for clocks that are ahead. */
static void
count_block(struct week *w)
{
    int64_t since = (w->step - WEEK_STEPS + 1) * STEP_US;
    struct store_block row;
    struct evidence ev;

    if (store_get_block(w->store, w->block--, &row) < 0)
        return; /* a number that was lost with a disk */
    if (row.seen.us < since - AHEAD_US)
        w->block = 0;
    if (row.last.us < since || reader_block(w->reader, &row, false, &ev) < 0)
        return;
    for (uint32_t i = 0; i < ev.count; i++)
        count(w, &ev.event[i]);
}

int
week_step(struct week *w, const struct env *env, int64_t stop)
{
    if (!w->asked || w->block == 0)
        return 0;
    turn(w, env->now_wall(env->self));
    do
        count_block(w);
    while (w->block > 0 && env->now_mono(env->self) < stop);
    return w->block > 0;
}

static int
begin(struct week *w)
{
    uint64_t next = 1;
    int r = store_next_block(w->store, &next);

    if (r < 0)
        return r;
    memset(w->events, 0, sizeof w->events);
    w->asked = true;
    w->end = next;
    w->block = next - 1;
    return 0;
}

int
week_json(struct week *w, struct utime now, struct buf *ret)
{
    int r = w->asked ? 0 : begin(w);
    int64_t first;

    if (r < 0)
        return r;
    turn(w, now);
    first = w->step - WEEK_STEPS + 1;
    buf_printf(ret, "{\"start\":%lld,\"step\":%d,\"whole\":%s,\"rows\":[",
               (long long)first * WEEK_STEP_S, WEEK_STEP_S, w->block == 0 ? "true" : "false");
    for (unsigned c = 0; c < CHIPS; c++) {
        buf_text(ret, c > 0 ? ",[" : "[");
        for (int64_t i = first; i <= w->step; i++)
            buf_printf(ret, "%s%u", i > first ? "," : "", w->events[c][i % WEEK_STEPS]);
        buf_char(ret, ']');
    }
    buf_text(ret, "]}");
    return buf_error(ret);
}
