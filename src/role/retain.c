#include "role/retain.h"

#include "role/engine_priv.h"
#include "store/hits.h"

#define LOOK_US  ((int64_t)60 * TIME_US_PER_S) /* when nothing is due */
#define BUSY_US  ((int64_t)2 * TIME_US_PER_S)  /* somebody reads: the log is not emptied yet */
#define SAVE_US  ((int64_t)3600 * TIME_US_PER_S) /* of the clock's way */
#define SHARE    8                               /* of the time, at most … */
#define DAY_US   ((int64_t)86400 * TIME_US_PER_S)
#define LATE_US  DAY_US
#define HURRY    4                /* … and when something is late by more than that */
#define PAUSE_US ((int64_t)10000) /* between two steps, at least */

enum { LOOKED_AT = 256, FINISH_STEPS = 64 };

/* In this order: what goes as a whole needs no salts before. */
static const struct pass {
    enum erasure from;
    enum erasure to;
} passes[] = {
    {ERASURE_NONE, ERASURE_BLOCK}, {ERASURE_RAW, ERASURE_BLOCK}, {ERASURE_NONE, ERASURE_RAW}};
enum { PASSES = sizeof passes / sizeof passes[0] };

static int64_t
mono(const struct retain *r)
{
    return r->env->now_mono(r->env->self);
}

int
retain_open(struct retain *r, struct engine *e, struct errinfo *ei)
{
    AUTO_BUF(at, 64);
    bool first;
    int err;

    *r = (struct retain){
        .engine = e, .env = e->env, .conf = e->conf, .store = e->store, .clock = e->last_at};
    err = store_get_meta(e->store, "retain_clock", &at);
    first = err == ERR_NOTFOUND;
    if (err == 0)
        err = time_parse(buf_get(&at), &r->clock);
    if (err == 0 || first)
        err = eraser_open(e, &r->eraser);
    /* A store of before there was one: kept at once, as the next start would take it from a
     * leaf, which may be of a wrong wall clock meanwhile. */
    r->saved.us = first ? r->clock.us - SAVE_US : r->clock.us;
    r->moved = mono(r);
    r->steps = FINISH_STEPS; /* an earlier process may have left something to be destroyed */
    return err < 0 ? err_set(ei, err, "retention: %s", err_text(err)) : 0;
}

void
retain_close(struct retain *r)
{
    r->eraser = eraser_close(r->eraser);
}

static int
move_clock(struct retain *r, int64_t now)
{
    struct utime wall = r->env->now_wall(r->env->self);
    int64_t ran = now - r->moved;
    int64_t behind = wall.us - r->clock.us;
    char at[TIME_TEXT];
    int err;

    r->moved = now;
    if (behind > ran * RETAIN_PACE)
        behind = ran * RETAIN_PACE;
    r->clock.us += behind;
    if (r->clock.us < 0)
        r->clock.us = 0;
    if (r->clock.us < r->saved.us + SAVE_US && r->clock.us >= r->saved.us)
        return 0;
    time_format(r->clock, at);
    err = store_put_meta(r->store, "retain_clock", (struct slice){at, sizeof at});
    if (err == 0)
        r->saved = r->clock;
    return err;
}

struct due {
    struct retain *r;
    struct utime until; /* closed before */
    uint64_t block[ERASE_BLOCKS];
    unsigned count;
    unsigned events;
    unsigned looked;
    bool ended;
};

static int
add_due(void *arg, const struct store_aged *b)
{
    struct due *d = arg;
    struct slice hold;
    int r;

    d->ended = b->seen.us >= d->until.us;
    if (d->ended || (d->count > 0 && d->events + b->events > RETAIN_EVENTS))
        return 1;
    d->looked++;
    d->r->from = b->block + 1;
    r = store_find_hold(d->r->store, b->block, d->r->clock, &hold);
    if (r != ERR_NOTFOUND)
        return r;
    d->r->late |= d->until.us - b->seen.us > LATE_US;
    d->block[d->count++] = b->block;
    d->events += b->events;
    return d->count == ERASE_BLOCKS;
}

static int
find_due(struct retain *r, struct due *d)
{
    const struct pass *p = &passes[r->pass];
    const struct span *keep =
        p->to == ERASURE_RAW ? &r->conf->retention.raw : &r->conf->retention.events;
    int err;

    *d = (struct due){.r = r, .until = {r->clock.us - keep->us}};
    err = store_each_in_state(r->store, p->from, r->from, LOOKED_AT, add_due, d);
    d->ended |= err == 0 && d->looked < LOOKED_AT;
    return err < 0 ? err : 0;
}

/* Each once, however often it is come by. */
static void
note_damaged(struct retain *r, uint64_t block, const struct errinfo *ei)
{
    if (block <= r->named)
        return;
    r->named = block;
    r->env->log(r->env->self, ENV_ERROR, ei->text);
}

/* A damaged block stays, and those beside it go. */
static int
erase_due(struct retain *r, const struct due *d, struct errinfo *ei)
{
    enum erasure to = passes[r->pass].to;
    AUTO_BUF(rule, 64);
    struct erase_order o = {.block = d->block, .count = d->count, .scope = to, .now = r->clock};
    uint64_t bad = 0;
    int err;

    buf_text(&rule, to == ERASURE_RAW ? "retention.raw:" : "retention.events:");
    conf_span(&rule, to == ERASURE_RAW ? r->conf->retention.raw : r->conf->retention.events);
    if (buf_error(&rule) < 0)
        return buf_error(&rule);
    o.rule = buf_get(&rule);
    err = erase_blocks(r->eraser, &o, &bad, ei);
    r->steps += err == 0;
    if (err == 0 || !eraser_refused(r->eraser))
        return err;
    note_damaged(r, bad, ei);
    for (unsigned i = 0; i < d->count; i++) {
        o.block = &d->block[i];
        o.count = 1;
        if (d->block[i] == bad)
            continue;
        err = erase_blocks(r->eraser, &o, &bad, ei);
        r->steps += err == 0;
        if (err < 0 && !eraser_refused(r->eraser))
            return err;
        if (err < 0)
            note_damaged(r, bad, ei);
    }
    return 0;
}

/* What was erased leaves the files, once nobody reads what was before. */
static int
begin_destroying(struct retain *r, struct errinfo *ei)
{
    int err = erase_scrub(r->eraser, &r->before, ei);

    r->destroying = err == 0;
    r->destroy_from = 0;
    if (err == 0)
        r->steps = 0; /* what comes from now on is for the next time */
    if (err != ERR_BUSY)
        return err < 0 ? err : 1;
    if (r->pass < PASSES) {
        r->steps = 1; /* some steps later, then */
        return 1;
    }
    r->pass = 0; /* what comes due meanwhile is not kept waiting */
    return ERR_BUSY;
}

static int
destroy(struct retain *r, struct errinfo *ei)
{
    int err = erase_destroy(r->eraser, r->before, &r->destroy_from, ei);

    if (err != 0)
        return err;
    r->destroying = false;
    return 1;
}

/* Hits of indicators go with the events that they are of, by whole days. */
static int
drop_hits(struct retain *r)
{
    int64_t day = (r->clock.us - r->conf->retention.events.us) / DAY_US;
    int err;

    if (day <= r->hits_from)
        return 0;
    err = store_begin(r->store);
    if (err < 0)
        return err;
    err = store_drop_hits(r->store, day);
    if (err == 0)
        err = store_commit(r->store);
    if (err == 0)
        r->hits_from = day;
    else
        store_rollback(r->store);
    return err;
}

/* 1: there is more to do; 0: all that is due is done. */
static int
work(struct retain *r, struct errinfo *ei)
{
    struct due d;
    int err;

    if (r->destroying)
        return destroy(r, ei);
    if (r->steps >= FINISH_STEPS || (r->pass == PASSES && r->steps > 0))
        return begin_destroying(r, ei);
    if (r->pass == PASSES) {
        r->pass = 0;
        return drop_hits(r);
    }
    err = find_due(r, &d);
    if (err < 0)
        return err;
    if (d.count > 0)
        err = erase_due(r, &d, ei);
    if (d.ended) {
        r->pass++;
        r->from = 0;
    }
    return err < 0 ? err : 1;
}

static void
note_full(struct retain *r, bool full)
{
    if (full && !r->full)
        r->env->log(r->env->self, ENV_ERROR,
                    "no room to erase in: retention is tried again each minute");
    r->full = full;
}

int
retain_step(struct retain *r, struct errinfo *ei)
{
    int64_t now = mono(r);
    int64_t cost;
    int err;

    if (now < r->next)
        return 0;
    ei->text[0] = '\0';
    r->late = false;
    err = move_clock(r, now);
    if (err == 0)
        err = work(r, ei);
    cost = (mono(r) - now) * (r->late ? HURRY : SHARE);
    r->next = now + (err == 1 ? PAUSE_US + cost : err == ERR_BUSY ? BUSY_US : LOOK_US);
    if (err == ERR_FULL) {
        r->pass = 0;
        r->from = 0;
        r->destroying = false; /* from the beginning */
        r->steps = FINISH_STEPS;
    }
    note_full(r, err == ERR_FULL);
    if (err >= 0 || err == ERR_BUSY || err == ERR_FULL)
        return 0;
    store_leave(r->store);
    return engine_fail(r->engine, err, ei);
}

void
retain_soon(struct retain *r)
{
    r->steps++;
    r->next = 0;
    r->pass = 0;
    r->from = 0;
}
