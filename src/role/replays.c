#include "role/replays.h"

void
replays_open(struct replays *p, const struct replay_source *from)
{
    *p = (struct replays){.from = *from};
    buf_init(&p->delta, 1 << 22);
    buf_init(&p->snapshot, 1 << 22);
}

static void
free_one(struct replays_one *o)
{
    (void)replay_free(o->replay);
    *o = (struct replays_one){.replay = NULL};
}

void
replays_close(struct replays *p)
{
    for (unsigned i = 0; i < REPLAYS; i++)
        free_one(&p->one[i]);
    buf_release(&p->delta);
    buf_release(&p->snapshot);
}

int
replays_begin(struct replays *p, uint32_t number, const struct web_replay *what)
{
    for (unsigned i = 0; i < REPLAYS; i++) {
        struct replays_one *o = &p->one[i];

        if (o->replay != NULL)
            continue;
        *o = (struct replays_one){.number = number, .speed = what->speed, .target = what->at};
        return replay_new(&p->from, what->at, &o->replay);
    }
    return ERR_BUSY;
}

void
replays_end(struct replays *p, uint32_t number)
{
    for (unsigned i = 0; i < REPLAYS; i++) {
        if (p->one[i].replay != NULL && p->one[i].number == number)
            free_one(&p->one[i]);
    }
}

void
replays_set_attrib(struct replays *p, const struct attrib *a)
{
    p->from.attrib = a;
    for (unsigned i = 0; i < REPLAYS; i++) {
        if (p->one[i].replay != NULL)
            replay_set_attrib(p->one[i].replay, a);
    }
}

static int64_t
mono(const struct replays *p)
{
    return p->from.env->now_mono(p->from.env->self);
}

/* The last frame: why there is no other. */
static void
finish(struct replays *p, struct replays_one *o, const char *why, uint64_t pos)
{
    AUTO_BUF(json, 256);
    char at[TIME_TEXT];

    time_format(replay_at(o->replay), at);
    buf_printf(&json, "{\"at\":\"%.27s\",\"why\":\"%s\"}", at, why);
    o->over = true;
    web_replayed(p->web, o->number, WEB_REPLAY_END, pos, buf_get(&json));
}

static void
show(struct replays *p, struct replays_one *o, struct utime now, const struct live_honesty *h)
{
    int r;

    buf_reset(&p->delta);
    r = replay_publish(o->replay, o->speed, h, &p->delta, &p->snapshot);
    o->shown = mono(p);
    if (r < 0) {
        finish(p, o, "error", h->log_size);
    } else if (!o->begun) {
        o->begun = true;
        web_replayed(p->web, o->number, WEB_REPLAY_SNAPSHOT, h->log_size,
                     buf_get(&p->snapshot));
    } else if (replay_at(o->replay).us >= now.us) {
        finish(p, o, "now", h->log_size);
    } else if (p->delta.len > 0) {
        web_replayed(p->web, o->number, WEB_REPLAY_DELTA, h->log_size, buf_get(&p->delta));
    }
}

/* Where it shall be when its next frame is due.  One that was held up goes on from where it
 * stands: the time in between is not made up for. */
static void
aim(struct replays *p, struct replays_one *o, struct utime now)
{
    int64_t by = mono(p) - o->shown;

    if (by > TIME_US_PER_S)
        by = TIME_US_PER_S;
    o->target.us = replay_at(o->replay).us + by * o->speed;
    if (o->target.us > now.us)
        o->target = now;
}

/* When it can go on: 0 at once, INT64_MAX when its viewer has taken what there is. */
static int64_t
due(const struct replays *p, const struct replays_one *o)
{
    if (o->replay == NULL || o->over || !web_replay_waits(p->web, o->number))
        return INT64_MAX;
    if (!o->begun || replay_at(o->replay).us < o->target.us || o->speed == 0)
        return 0;
    return o->shown + REPLAY_FRAME_US;
}

static void
work(struct replays *p, struct replays_one *o, struct utime now, const struct live_honesty *h,
     int64_t stop)
{
    int r;

    if (o->begun && o->speed == 0) {
        finish(p, o, "paused", h->log_size);
        return;
    }
    if (o->begun && replay_at(o->replay).us >= o->target.us)
        aim(p, o, now);
    r = replay_step(o->replay, o->target, stop);
    if (r < 0)
        finish(p, o, "error", h->log_size);
    else if (r == 1)
        show(p, o, now, h);
}

int64_t
replays_step(struct replays *p, struct utime now, const struct live_honesty *h)
{
    int64_t begun = mono(p);
    int64_t stop = begun + REPLAY_WORK_US;
    int64_t next = INT64_MAX;

    if (begun < p->rest)
        return p->rest;
    for (unsigned i = 0; i < REPLAYS && mono(p) < stop; i++) {
        struct replays_one *o = &p->one[(p->turn + i) % REPLAYS];

        if (due(p, o) <= begun)
            work(p, o, now, h, stop);
    }
    p->turn = (p->turn + 1) % REPLAYS;
    p->rest = mono(p) + (mono(p) - begun) / (REPLAY_WORK_US / REPLAY_REST_US);
    for (unsigned i = 0; i < REPLAYS; i++) {
        int64_t at = due(p, &p->one[i]);

        next = at < next ? at : next;
    }
    return next < p->rest ? p->rest : next;
}
