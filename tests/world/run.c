/* One seed, one run: turns with faults, then calm, in which everything must be taken. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* After the last fault, everything that was fed is durable within this. */
#define CALM_US (5 * TIME_US_PER_S)

enum {
    EVENTS_MANY = 20000,   /* of a run: from here on no more floods */
    ACTS = 3,              /* in a turn, at most */
    WAITING_MANY = 4 << 20 /* bytes of a file: its writer waits for a node that is down */
};

void
violate(struct world *w, const char *fmt, ...)
{
    va_list ap;

    if (violated(w))
        return;
    va_start(ap, fmt);
    (void)vsnprintf(w->violation, sizeof w->violation, fmt, ap);
    va_end(ap);
    tell(w, "VIOLATION: %s", w->violation);
}

void
tell(struct world *w, const char *fmt, ...)
{
    va_list ap;

    if (!w->verbose)
        return;
    (void)fprintf(stderr, "seed %llu, %.3f s: ", (unsigned long long)w->seed,
                  (double)w->mono / 1e6);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
}

uint64_t
chance(struct world *w, uint64_t n)
{
    uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % n;
}

bool
one_in(struct world *w, uint64_t n)
{
    return chance(w, n) == 0;
}

/* Which faults this seed has, how often, and what its traffic is like. */
static void
choose(struct world *w)
{
    static const int64_t gap[] = {2, 60, 600, 3600};
    static const unsigned burst[] = {2, 20, 400, 5000};
    static const unsigned rate[] = {3, 10, 40};

    for (int i = 0; i < FAULTS; i++)
        w->on[i] = one_in(w, 2);
    if (!w->on[FAULT_KILL])
        w->on[FAULT_POWER] |= !one_in(w, 4);
    w->gap = gap[chance(w, 4)] * TIME_US_PER_S;
    w->burst = burst[one_in(w, 3) ? chance(w, 4) : chance(w, 2)];
    w->one_in = rate[chance(w, 3)];
    w->streams = 1 + (unsigned)chance(w, STREAMS);
    w->acts_in = one_in(w, 4) ? 0 : 1 + (unsigned)chance(w, 4);
    w->gate_in = one_in(w, 4) ? 0 : 1 + (unsigned)chance(w, 6);
    for (unsigned i = 0; i < w->streams; i++)
        stream_init(&w->stream[i], i, w->seed + i);
}

/* What is looked at whole is looked at less often when it is much, so that the time a run takes
 * grows with what happens in it, not with its square. */
bool
worth_it(struct world *w, uint64_t blocks)
{
    return one_in(w, 2 + (w->model.blocks + w->model.events / 64) / blocks);
}

static void
write_streams(struct world *w)
{
    unsigned burst = w->model.events > EVENTS_MANY && w->burst > 20 ? 20 : w->burst;

    for (unsigned i = 0; i < w->streams; i++) {
        struct stream *f = &w->stream[i];

        if (one_in(w, 2) && f->file.len < WAITING_MANY)
            stream_write(f, 1 + (unsigned)chance(w, burst), one_in(w, 4));
    }
}

/* A source whose file is taken to its end goes on in another, or in the same one made empty. */
static void
rotate_streams(struct world *w)
{
    if (role_waits(&w->role))
        return; /* for room: what was read of the file is nowhere else yet */
    for (unsigned i = 0; i < w->streams && w->up && !violated(w); i++) {
        struct stream *f = &w->stream[i];
        struct errinfo ei = {0};
        bool cut = one_in(w, 3);

        if (f->file.len < (1 << 17) || !stream_is_done(f) || stream_taken(f) != f->file.len)
            continue;
        stream_rotate(f, cut);
        w->some[cut ? SOME_CUT_FILE : SOME_NEW_FILE]++;
        if (cut) /* what is written and cut between two looks is lost */
            (void)acts_go_on(w, stream_step(f, &ei), &ei);
    }
}

static void
kill_sensors(struct world *w)
{
    for (unsigned i = 0; i < w->streams; i++) {
        w->stream[i].dies |= w->on[FAULT_SENSOR] && one_in(w, 20);
        w->some[SOME_SENSOR_DIED] += w->stream[i].dies;
    }
}

/* People ask and pages are shown, as long as the node lives. */
static void
be_asked(struct world *w)
{
    if (w->gate_in > 0 && one_in(w, w->gate_in)) {
        gate_look(w);
        if (!violated(w))
            node_look(w);
    }
    if (w->acts_in == 0 || !one_in(w, w->acts_in))
        return;
    for (unsigned i = 0; i < ACTS && w->up && !violated(w); i++) {
        if (one_in(w, 3))
            keep_turn(w);
        else
            people_turn(w);
    }
}

static void
while_down(struct world *w)
{
    if (one_in(w, 4))
        gate_close(w); /* else it lives on, and the engine comes back beside it */
    if (w->flips || (w->on[FAULT_FLIP] && worth_it(w, 16)))
        flip_a_bit(w);
    if (w->on[FAULT_ROLLBACK] && !violated(w)) {
        if (one_in(w, 2))
            put_back(w);
        else if (one_in(w, 3))
            remember_disk(w);
    }
    if (w->mono < w->start_at || violated(w))
        return;
    arm_faults(w);
    node_start(w);
}

static void
turn(struct world *w)
{
    int64_t wait = (int64_t)chance(w, (uint64_t)w->gap * 2);

    pass_time(w, wait);
    if (wait > 30 * TIME_US_PER_S && one_in(w, 2))
        disk_settle(&w->disk);
    change_clock(w);
    change_room(w);
    write_streams(w);
    if (!w->up) {
        while_down(w);
        return;
    }
    arm_faults(w);
    kill_sensors(w);
    node_turn(w);
    if (!violated(w) && w->up)
        be_asked(w);
    if (violated(w) || !w->up)
        return;
    rotate_streams(w);
    if (w->on[FAULT_STOP] && one_in(w, 30))
        node_stop(w);
}

/* Faults end: the node must start, take everything, and be found in order. */
static void
calm_down(struct world *w)
{
    int64_t since;

    w->calm = true;
    w->disk.limit = 0;
    w->die_in = w->sync_in = w->read_in = 0;
    since = w->mono;
    for (unsigned i = 0; i < w->streams; i++)
        stream_write(&w->stream[i], 1, false);
    for (int i = 0; i < 3 && !violated(w); i++) {
        if (!w->up)
            node_start(w);
        if (w->up && role_blocked(&w->role))
            pass_time(w, ROLE_RETRY_US); /* then it looks again whether there is room */
        if (w->up && !violated(w))
            node_turn(w);
    }
    for (unsigned i = 0; i < w->streams && !violated(w); i++) {
        if (!w->up || !stream_is_done(&w->stream[i]) || stream_taken(&w->stream[i]) == 0)
            violate(w, "%s is not taken to its end after the faults", w->stream[i].name);
    }
    if (w->mono - since > CALM_US)
        violate(w, "it took %lld us to be in order again", (long long)(w->mono - since));
    if (!violated(w))
        node_stop(w);
    if (!violated(w))
        node_start(w);
    if (!violated(w))
        (void)model_check_all(w, false);
}

static void
report(const struct world *w, struct world_result *ret)
{
    ret->trace = w->disk.trace;
    ret->simulated = w->mono;
    ret->events = w->model.events;
    ret->records = w->model.heads;
    ret->starts = w->starts;
    ret->crashes = w->crashes;
    ret->torn = w->torn;
    memcpy(ret->some, w->some, sizeof ret->some);
    memcpy(ret->violation, w->violation, sizeof ret->violation);
}

static void
end(struct world *w)
{
    gate_close(w);
    node_end(w);
    people_release(w);
    vfs_remove(&w->vfs);
    for (unsigned i = 0; i < w->streams; i++)
        stream_release(&w->stream[i]);
    w->conf = conf_free(w->conf);
    model_release(&w->model);
    disk_image_release(&w->old);
    disk_release(&w->disk);
    free(w);
}

void
world_run(const struct world_options *o, struct world_result *ret)
{
    struct world *w = calloc(1, sizeof *w);

    BUG_ON(w == NULL);
    w->seed = o->seed;
    w->random = o->seed * UINT64_C(0xd1342543de82ef95) + 1;
    w->nonce = o->seed;
    w->verbose = o->verbose;
    w->wall_ahead = w->latest_age = WORLD_BEGINS;
    disk_init(&w->disk, o->seed ^ UINT64_C(0x5851f42d4c957f2d));
    w->disk.before = fault_before;
    w->disk.arg = w;
    world_env(w);
    vfs_install(&w->vfs);
    choose(w);
    w->calm = true;
    node_make(w);
    w->calm = false;
    w->disk.lies = o->lies;
    w->flips = o->flips;
    for (unsigned i = 0; i < o->turns && !violated(w); i++)
        turn(w);
    if (!violated(w))
        calm_down(w);
    report(w, ret);
    end(w);
}
