/* A sensor's process: hostile bytes in, frames out. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "role/control.h"
#include "role/env_posix.h"
#include "role/roles.h"
#include "role/sandbox.h"

enum {
    TURN_MS = 50,          /* of an idle loop */
    REPORT_US = 1000000,   /* how it is, when nothing comes */
    BACKFILL_FRAMES = 4000 /* at most, of the day before the first start */
};

struct sensor_loop {
    const struct sensor_start *start;
    const struct house *h;
    struct env_posix posix;
    struct env env;
    struct slots *slots;
    struct sensor *sensor;
    unsigned slot;   /* the one that is written */
    unsigned unfree; /* bits of those that the engine has */
    int64_t reported;
    struct control_answer answer; /* of a finite source */
    struct link_msg done;         /* the engine's word on it … */
    bool told;                    /* … has come */
    bool ends;
};

/* The next message of the engine's that is one of two operations; FREE is always taken. */
static int
hear_engine(struct sensor_loop *l, enum link_op op, struct link_msg *m, bool wait)
{
    int fds[LINK_FDS];
    int r;

    while ((r = link_recv(l->start->engine, m, fds, wait)) == 1) {
        link_drop(fds);
        if (m->op == LINK_FREE && m->slot < SLOTS)
            l->unfree &= ~(1U << m->slot);
        if (m->op == (uint32_t)op)
            return 1;
        if (m->op == LINK_DONE) { /* it takes nothing more of this */
            l->told = true;
            l->done = *m;
            return ERR_STOPPED;
        }
    }
    return r;
}

static int
look(void *arg)
{
    const struct sensor_loop *l = arg;
    struct link_msg m = {.op = LINK_LOOK};
    int fds[LINK_FDS];

    if (link_send(l->start->parent, &m, NULL, 0, true) < 0)
        return -1;
    while (link_recv(l->start->parent, &m, fds, true) == 1) {
        if (m.op == LINK_LOOKED)
            return fds[0];
        link_drop(fds);
        if (m.op == LINK_STOP)
            ((struct sensor_loop *)arg)->ends = true;
    }
    ((struct sensor_loop *)arg)->ends = true;
    return -1;
}

/* The beginning of a source, in the slot that is written: nothing of it is there yet. */
static int
find(void *arg, struct slice head, struct store_source *ret)
{
    struct sensor_loop *l = arg;
    struct link_msg m = {.op = LINK_FIND, .slot = l->slot, .count = (uint32_t)head.len};
    int r;

    memcpy(l->slots->slot[l->slot].raw, head.ptr, head.len);
    r = link_send(l->start->engine, &m, NULL, 0, true);
    if (r == 0)
        r = hear_engine(l, LINK_FOUND, &m, true);
    if (r != 1)
        return r == 0 ? ERR_NOTFOUND : r == ERR_NOTFOUND ? ERR_STOPPED : r;
    if (m.status == 0)
        *ret = m.u.source;
    return m.status;
}

/* A slot that the engine has not; waits for one. */
static int
next_slot(struct sensor_loop *l)
{
    struct link_msg m;

    for (;;) {
        for (unsigned i = 0; i < SLOTS; i++) {
            if ((l->unfree & 1U << i) == 0) {
                l->slot = i;
                l->slots->work.slot = i;
                sensor_use(l->sensor, &l->slots->slot[i]);
                return 0;
            }
        }
        if (hear_engine(l, LINK_FREE, &m, true) != 1)
            return ERR_STOPPED;
    }
}

static int
send_frame(struct sensor_loop *l)
{
    struct link_msg m = {.op = LINK_FRAME, .slot = l->slot};
    int r;

    l->reported = l->env.now_mono(l->env.self);
    r = link_send(l->start->engine, &m, NULL, 0, true);
    l->unfree |= 1U << l->slot;
    return r < 0 ? ERR_STOPPED : next_slot(l);
}

/* The engine's word goes to whoever waits for it. */
static void
reply(struct sensor_loop *l)
{
    l->answer.version = CONTROL_VERSION;
    l->answer.status = l->done.status;
    l->answer.result = l->done.u.done.result;
    l->answer.ei = l->done.u.done.ei;
    control_reply(l->start->peer, &l->answer);
}

/* A finite source is at its end. */
static int
finish(struct sensor_loop *l)
{
    int r = link_say(l->start->engine, LINK_END);

    if (r == 0)
        r = hear_engine(l, LINK_DONE, &l->done, true);
    l->told |= r == 1;
    return ERR_STOPPED;
}

/* The parent has something to say only when it wants the end. */
static void
hear_parent(struct sensor_loop *l)
{
    struct link_msg m;
    int fds[LINK_FDS];
    int r;

    while ((r = link_recv(l->start->parent, &m, fds, false)) == 1) {
        link_drop(fds);
        l->ends |= m.op == LINK_STOP;
    }
    l->ends |= r < 0;
}

static void
rest(const struct sensor_loop *l, int ms)
{
    struct pollfd p[] = {{l->start->parent, POLLIN, 0}, {l->start->engine, POLLIN, 0}};

    (void)poll(p, 2, ms);
}

static int
turn(struct sensor_loop *l)
{
    struct link_msg m;
    int r = sensor_step(l->sensor);

    if (r == 1)
        r = send_frame(l);
    else if (r == 0 && sensor_done(l->sensor))
        r = finish(l);
    else if (r == 0 && l->env.now_mono(l->env.self) - l->reported >= REPORT_US) {
        sensor_report(l->sensor);
        r = send_frame(l);
    } else if (r == 0) {
        rest(l, TURN_MS);
    }
    if (r == 0)
        r = hear_engine(l, LINK_FREE, &m, false) < 0 ? ERR_STOPPED : 0;
    hear_parent(l);
    return r;
}

/* A day of invented traffic. */
static int
backfill(struct sensor_loop *l)
{
    struct utime t = {l->env.now_wall(l->env.self).us - 86400 * TIME_US_PER_S};
    int r = 1;

    for (int i = 0; r == 1 && i < BACKFILL_FRAMES && !l->ends; i++) {
        r = sensor_backfill(l->sensor, &t);
        if (r == 1 && send_frame(l) < 0)
            return ERR_STOPPED;
        hear_parent(l);
    }
    return r < 0 ? r : 0;
}

static int
open_sensor(struct sensor_loop *l, struct sample **sample, struct errinfo *ei)
{
    struct sensor_open o = {.conf = l->h->conf,
                            .env = &l->env,
                            .look = look,
                            .find = find,
                            .arg = l,
                            .finite = l->start->feed.finite != 0,
                            .care = l->start->care,
                            .decode = l->h->o->decode == NULL ? eve_decode : l->h->o->decode};
    struct attrib *a = NULL;
    char path[4096];
    int r = env_posix_open(&l->posix, l->h->dir, &l->env, ei);

    if (r < 0)
        return r;
    r = slots_map(l->start->slots, &l->slots);
    if (r == 0 && l->start->sample) {
        (void)snprintf(path, sizeof path, "%s/tables/tables.bin", l->h->dir);
        (void)!attrib_open(path, &a, ei); /* without tables it invents from other space */
        *sample = o.sample = sample_new(a, l->h->o->seed);
        r = o.sample == NULL ? ERR_NOMEM : 0;
    }
    o.work = r == 0 ? &l->slots->work : NULL;
    if (r == 0)
        r = sensor_open(&o, &l->sensor);
    (void)sha256_of("", 0); /* the library finds its parts while it may */
    return r < 0 ? err_set(ei, r, "sensor %s: %s", l->start->feed.name, err_text(r))
                 : sandbox_enter(ROLE_SENSOR, l->h->dir, NULL, ei);
}

int
proc_sensor(const struct house *h, const struct sensor_start *start)
{
    struct sensor_loop *l = calloc(1, sizeof *l);
    struct sample *sample = NULL;
    struct errinfo ei = {0};
    int r;

    if (l == NULL)
        return proc_fail(start->parent, ERR_NOMEM, &ei);
    l->start = start;
    l->h = h;
    r = open_sensor(l, &sample, &ei);
    if (r == 0)
        r = link_say(start->parent, LINK_READY);
    if (r == 0)
        r = next_slot(l);
    if (r == 0 && start->past)
        r = backfill(l);
    while (r == 0 && !l->ends)
        r = turn(l);
    if (l->told)
        reply(l);
    if (r < 0 && r != ERR_STOPPED) {
        if (ei.text[0] == '\0')
            (void)err_set(&ei, r, "sensor %s: its source cannot be read: %s", start->feed.name,
                          err_text(r));
        return proc_fail(start->parent, r, &ei);
    }
    return 0;
}
