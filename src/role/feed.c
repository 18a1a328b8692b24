#include "role/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WARN_EVERY ((int64_t)60 * TIME_US_PER_S)

int
feed_begin(struct feed *f, const struct feed_place *p, const char *name)
{
    int r;

    *f = (struct feed){.link = -1};
    (void)snprintf(f->name, sizeof f->name, "%.*s", LINK_NAME - 1, name);
    r = dict_put_sensor(engine_dict(p->role->engine), slice_of(f->name), &f->sensor);
    if (r == 0)
        r = rule_map_begin(&f->map);
    f->started = p->env->now_mono(p->env->self);
    f->first_block = engine_next_block(p->role->engine);
    return r;
}

int
feed_open(struct feed *f, const struct feed_place *p, const struct link_feed *what, int link,
          int slots)
{
    int r = feed_begin(f, p, what->name);

    f->link = link;
    f->index = what->index;
    f->finite = what->finite != 0;
    if (r == 0)
        r = slots_map(slots, &f->slots);
    (void)close(slots);
    if (r < 0)
        feed_close(f, p->role);
    return r;
}

void
feed_close(struct feed *f, struct engine_role *r)
{
    role_forget(r, &f->source);
    if (f->link >= 0)
        (void)close(f->link);
    f->link = -1;
    f->slots = slots_unmap(f->slots);
    rule_map_release(&f->map);
}

static void
warn(const struct feed_place *p, const struct feed *f, const char *what)
{
    char text[320];

    (void)snprintf(text, sizeof text, "sensor %s: %s", f->name, what);
    p->env->log(p->env->self, ENV_WARN, text);
}

/* Everything that waits becomes durable. */
static int
flush(const struct feed_place *p, struct errinfo *ei)
{
    struct role_event ev = {.kind = ROLE_FLUSH};

    return role_step(p->role, &ev, ei);
}

int
feed_find(struct feed *f, const struct feed_place *p, struct slice head, struct errinfo *ei)
{
    /* It may be the source of before, whose place waits for its record. */
    int r = flush(p, ei);

    if (r < 0)
        return r;
    f->source = (struct store_source){0};
    rule_map_release(&f->map);
    r = rule_map_begin(&f->map);
    if (r == 0)
        r = store_find_source(p->store, head, &f->source);
    if (r < 0 && r != ERR_NOTFOUND)
        return err_set(ei, r, "the store: %s", store_error(p->store));
    if (r == ERR_NOTFOUND)
        f->source = (struct store_source){0};
    f->found = true;
    f->done.result.known = r == 0;
    f->base_lines = f->source.lines;
    return r;
}

static int
find(struct feed *f, const struct feed_place *p, const struct link_msg *m, struct errinfo *ei)
{
    struct link_msg answer = {.op = LINK_FOUND};
    int r;

    if (m->slot >= SLOTS || m->count > SOURCE_PREFIX)
        return ERR_INVALID;
    r = feed_find(f, p, (struct slice){f->slots->slot[m->slot].raw, m->count}, ei);
    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    answer.status = r;
    answer.u.source = f->source;
    return link_send(f->link, &answer, NULL, 0, false);
}

struct learner {
    struct feed *f;
    struct engine *engine;
};

static int
learn(void *arg, const struct rule *rule)
{
    struct learner *l = arg;

    return engine_learn_rule(l->engine, rule, &l->f->map);
}

/* Records that were rejected are named, each reason once a minute. */
static void
name_rejected(struct feed *f, const struct feed_place *p)
{
    const struct decode_stats *s = &f->taken.stats;
    int64_t now = p->env->now_mono(p->env->self);
    uint64_t before = f->taken.source.lines - s->lines;
    char text[200];

    for (int i = 0; i < REJECTS; i++) {
        if (s->rejected[i] == 0 || (f->warned[i] != 0 && now - f->warned[i] < WARN_EVERY))
            continue;
        f->warned[i] = now;
        (void)snprintf(text, sizeof text,
                       "line %llu rejected: %s (%llu such in this piece; further ones are only "
                       "counted for a minute)",
                       (unsigned long long)(before + s->first_bad[i]),
                       reject_name((enum reject)i), (unsigned long long)s->rejected[i]);
        warn(p, f, text);
    }
}

static void
take_source(struct feed *f)
{
    const struct store_source *s = &f->taken.source;

    f->source.prefix_len = s->prefix_len;
    f->source.prefix = s->prefix;
    f->source.offset = s->offset;
    f->source.size = s->size;
    f->source.lines = s->lines;
    f->source.array = s->array;
}

/* Its counters begin anew when it does. */
static uint64_t
since(uint64_t now, uint64_t before)
{
    return now >= before ? now - before : now;
}

static void
count(struct feed *f, const struct feed_place *p)
{
    const struct taken *t = &f->taken;
    struct feed_counts *c = &f->counts;
    struct utime now = p->env->now_wall(p->env->self);

    if (t->stats.lines > 0)
        c->heard = now;
    c->lines += t->stats.lines;
    c->events += t->stats.attacks;
    c->rejected += decode_rejected(&t->stats);
    if (t->gauge.number == 0 || t->gauge.time.us == c->gauge.time.us)
        return;
    if (c->gauge.number != 0) {
        c->packets += since(t->gauge.packets, c->gauge.packets);
        c->drops += since(t->gauge.drops, c->gauge.drops);
    }
    c->gauge = t->gauge;
    c->gauged = now;
}

int
feed_take(struct feed *f, const struct feed_place *p, const struct slot *slot,
          struct errinfo *ei)
{
    struct learner l = {f, p->role->engine};
    struct taken *t = &f->taken;
    struct role_event ev = {.kind = ROLE_FRAME, .frame = &t->frame, .rules = &f->map};
    struct role_event source = {.kind = ROLE_SOURCE, .stats = &t->stats};
    uint64_t duplicates = engine_duplicates(p->role->engine);
    int r = slots_take(slot, f->map.count, learn, &l, t);

    f->frames++;
    if (r < 0)
        return r;
    count(f, p);
    if (t->has_source && (!f->found || t->source.offset < f->source.offset))
        return ERR_INVALID;
    for (uint32_t i = 0; i < t->frame.count; i++)
        t->frame.event[i].sensor = f->sensor;
    f->live = ev.live = t->live;
    ev.array = t->has_source && t->source.array;
    f->missing = t->missing;
    f->lag_us = t->lag_us;
    r = role_step(p->role, &ev, ei);
    if (r == 0 && (t->has_source || t->stats.lines > 0)) {
        name_rejected(f, p);
        if (t->has_source) {
            take_source(f);
            source.source = &f->source;
        }
        if (f->finite)
            decode_stats_add(&f->done.result.stats, &t->stats);
        f->done.result.duplicates += engine_duplicates(p->role->engine) - duplicates;
        r = role_step(p->role, &source, ei);
    }
    if (r == 0 && t->quarantined > 0)
        r = role_count(p->role, "quarantined", t->quarantined);
    return r;
}

static int
take_frame(struct feed *f, const struct feed_place *p, uint32_t slot, struct errinfo *ei)
{
    struct link_msg answer = {.op = LINK_FREE, .slot = slot};
    int r = slot >= SLOTS ? ERR_INVALID : feed_take(f, p, &f->slots->slot[slot], ei);

    return r < 0 ? r : link_send(f->link, &answer, NULL, 0, false);
}

/* A finite source is at its end: what it gave is durable, then somebody hears of it. */
static int
finish(struct feed *f, const struct feed_place *p, struct errinfo *ei)
{
    struct link_msg m = {.op = LINK_DONE};
    struct ingest_result *res = &f->done.result;
    int r = flush(p, ei);

    if (r < 0)
        return r;
    res->blocks = engine_next_block(p->role->engine) - f->first_block;
    res->elapsed_us = p->env->now_mono(p->env->self) - f->started;
    res->nothing_new = res->known && res->stats.lines == 0;
    for (int i = 0; i < REJECTS; i++) {
        if (res->stats.first_bad[i] != 0)
            res->stats.first_bad[i] += f->base_lines;
    }
    m.u.done = f->done;
    return link_send(f->link, &m, NULL, 0, false);
}

static int
take_message(struct feed *f, const struct feed_place *p, const struct link_msg *m,
             struct errinfo *ei)
{
    switch (m->op) {
    case LINK_FIND: return find(f, p, m, ei);
    case LINK_FRAME: return take_frame(f, p, m->slot, ei);
    case LINK_END: return f->finite ? finish(f, p, ei) : ERR_INVALID;
    default: return ERR_INVALID;
    }
}

int
feed_step(struct feed *f, const struct feed_place *p, unsigned most, struct errinfo *ei)
{
    struct link_msg m;
    int fds[LINK_FDS];
    int r = 1;

    for (unsigned i = 0; r == 1 && i < most && !role_blocked(p->role); i++) {
        if (f->waits) {
            m = f->waiting;
            f->waits = false;
        } else {
            r = link_recv(f->link, &m, fds, false);
            link_drop(fds);
            if (r != 1)
                break;
        }
        r = take_message(f, p, &m, ei);
        f->waits = r == ERR_FULL;
        if (f->waits)
            f->waiting = m;
        r = r == 0 || r == ERR_FULL ? 1 : r;
    }
    if (r == ERR_INVALID || r == ERR_BUSY) {
        warn(p, f, "its process does not keep to the rules and was cut off");
        return ERR_NOTFOUND;
    }
    return r;
}
