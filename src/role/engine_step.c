#include "role/engine_step.h"

#include <string.h>

int
role_open(struct engine_role *r, struct engine *e, const struct env *env,
          const struct conf *conf)
{
    *r = (struct engine_role){.engine = e, .env = env, .conf = conf, .codec = codec_new()};
    r->recorded = env->now_mono(env->self);
    r->signed_at = env->now_wall(env->self);
    return r->codec == NULL ? ERR_NOMEM : 0;
}

void
role_close(struct engine_role *r)
{
    for (unsigned i = 0; i < r->held_count; i++)
        (void)draft_free(r->held[i]);
    r->held_count = 0;
    r->codec = codec_free(r->codec);
}

static bool
counts(const struct engine_role *r)
{
    return r->stats.lines > 0 || r->counter[0].n > 0;
}

bool
role_waits(const struct engine_role *r)
{
    return engine_has_open(r->engine) || r->full || r->held_count > 0 || r->sources > 0 ||
           counts(r);
}

bool
role_blocked(const struct engine_role *r)
{
    return r->blocked;
}

int
role_count(struct engine_role *r, const char *name, uint64_t n)
{
    for (int i = 0; i < ROLE_COUNTERS; i++) {
        if (r->counter[i].name != NULL && strcmp(r->counter[i].name, name) != 0)
            continue;
        r->counter[i].name = name;
        r->counter[i].n += n;
        return 0;
    }
    return ERR_LIMIT;
}

/* Up to ROLE_BATCH full drafts, and the open one when no full one is left. */
static unsigned
take_drafts(struct engine_role *r, struct draft **ret)
{
    unsigned count = 0;
    struct draft *d;

    while (count < ROLE_BATCH && (d = engine_take_full(r->engine)) != NULL)
        ret[count++] = d;
    r->full = count == ROLE_BATCH;
    if (count < ROLE_BATCH) {
        d = engine_take_open(r->engine);
        if (d != NULL)
            ret[count++] = d;
    }
    return count;
}

/* Seals what is new; the same drafts again after a full disk. */
static int
seal(struct engine_role *r, struct errinfo *ei)
{
    int e = 0;

    if (r->held_count > 0)
        return 0;
    r->held_count = take_drafts(r, r->held);
    for (unsigned i = 0; i < r->held_count; i++) {
        engine_seal(r->engine, r->codec, r->held[i]);
        if (r->held[i]->result < 0 && e == 0)
            e = err_set(ei, r->held[i]->result, "events cannot be sealed: %s",
                        err_text(r->held[i]->result));
    }
    return e;
}

static void
note_full(struct engine_role *r, bool full, const struct errinfo *ei)
{
    if (full && !r->blocked)
        r->env->log(r->env->self, ENV_ERROR, ei->text);
    if (full && !r->blocked)
        r->env->log(r->env->self, ENV_ERROR,
                    "nothing more is taken until there is room; nothing that was taken is lost");
    if (!full && r->blocked)
        r->env->log(r->env->self, ENV_INFO, "there is room again: sensors are read on");
    r->blocked = full;
}

static int
record(struct engine_role *r, struct errinfo *ei)
{
    struct engine_record rec = {
        .drafts = r->held, .sources = r->source, .source_count = r->sources, .stats = &r->stats};
    int e = seal(r, ei);

    rec.count = r->held_count;
    for (int i = 0; i < ROLE_COUNTERS && r->counter[i].n > 0; i++)
        rec.counter[i] = (struct engine_counter){r->counter[i].name, r->counter[i].n};
    if (e == 0 && (rec.count > 0 || rec.source_count > 0 || counts(r)))
        e = engine_record(r->engine, &rec, ei);
    r->recorded = r->env->now_mono(r->env->self);
    note_full(r, e == ERR_FULL, ei);
    if (e == ERR_FULL)
        return e;
    for (unsigned i = 0; i < r->held_count; i++)
        engine_give_back(r->engine, r->held[i]);
    r->held_count = 0;
    if (e < 0)
        return e;
    if (rec.count > 0)
        r->signed_at = r->env->now_wall(r->env->self);
    r->stats = (struct decode_stats){0};
    memset(r->counter, 0, sizeof r->counter);
    r->sources = 0;
    return 0;
}

/* Everything, in as many transactions as it takes. */
static int
record_all(struct engine_role *r, struct errinfo *ei)
{
    int e;

    do {
        e = record(r, ei);
    } while (e == 0 && (r->full || engine_has_open(r->engine)));
    return e;
}

static int
take_frame(struct engine_role *r, const struct role_event *ev, struct errinfo *ei)
{
    int e;

    engine_attribute(r->attrib, r->conf, ev->frame);
    e = engine_admit(r->engine, ev->frame, ev->decoder, ev->rules, ev->live);
    r->full |= engine_has_full(r->engine);
    return e < 0 ? err_set(ei, e, "events cannot be taken: %s", err_text(e)) : 0;
}

static void
take_source(struct engine_role *r, const struct role_event *ev)
{
    unsigned at = 0;

    if (ev->stats != NULL)
        decode_stats_add(&r->stats, ev->stats);
    while (at < r->sources && r->source[at] != ev->source)
        at++;
    if (ev->source != NULL && at == r->sources && at < ROLE_SOURCES)
        r->source[r->sources++] = ev->source;
}

static int
tick(struct engine_role *r, struct errinfo *ei)
{
    int64_t since = r->env->now_mono(r->env->self) - r->recorded;
    int e;

    if (!role_waits(r))
        return 0;
    if (r->blocked ? since < ROLE_RETRY_US : !r->full && since < r->conf->block.interval.us)
        return 0;
    e = record_all(r, ei);
    return e == ERR_FULL ? 0 : e;
}

int
role_step(struct engine_role *r, const struct role_event *ev, struct errinfo *ei)
{
    switch (ev->kind) {
    case ROLE_FRAME: return take_frame(r, ev, ei);
    case ROLE_SOURCE: take_source(r, ev); return 0;
    case ROLE_TICK: return tick(r, ei);
    case ROLE_FLUSH: return record_all(r, ei);
    }
    return 0;
}
