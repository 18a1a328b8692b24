#include "role/engine_step.h"

enum { BATCH = 64 /* drafts of one record */ };

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
    r->codec = codec_free(r->codec);
}

bool
role_waits(const struct engine_role *r)
{
    return engine_has_open(r->engine) || r->full || r->sources > 0 || r->stats.lines > 0;
}

/* Up to BATCH full drafts, and the open one when no full one is left. */
static unsigned
take_drafts(struct engine_role *r, struct draft **ret)
{
    unsigned count = 0;
    struct draft *d;

    while (count < BATCH && (d = engine_take_full(r->engine)) != NULL)
        ret[count++] = d;
    r->full = count == BATCH;
    if (count < BATCH) {
        d = engine_take_open(r->engine);
        if (d != NULL)
            ret[count++] = d;
    }
    return count;
}

static int
record(struct engine_role *r, struct errinfo *ei)
{
    struct draft *drafts[BATCH];
    struct engine_record rec = {.drafts = drafts,
                                .count = take_drafts(r, drafts),
                                .sources = r->source,
                                .source_count = r->sources,
                                .stats = &r->stats};
    int e = 0;

    for (unsigned i = 0; i < rec.count; i++) {
        engine_seal(r->engine, r->codec, drafts[i]);
        if (drafts[i]->result < 0 && e == 0)
            e = err_set(ei, drafts[i]->result, "events cannot be sealed: %s",
                        err_text(drafts[i]->result));
    }
    if (e == 0 && (rec.count > 0 || rec.source_count > 0 || r->stats.lines > 0))
        e = engine_record(r->engine, &rec, ei);
    for (unsigned i = 0; i < rec.count; i++)
        (void)draft_free(drafts[i]);
    r->recorded = r->env->now_mono(r->env->self);
    if (e < 0)
        return e;
    if (rec.count > 0)
        r->signed_at = r->env->now_wall(r->env->self);
    r->stats = (struct decode_stats){0};
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

int
role_step(struct engine_role *r, const struct role_event *ev, struct errinfo *ei)
{
    int64_t since = r->env->now_mono(r->env->self) - r->recorded;

    switch (ev->kind) {
    case ROLE_FRAME: return take_frame(r, ev, ei);
    case ROLE_SOURCE: take_source(r, ev); return 0;
    case ROLE_TICK:
        return role_waits(r) && (r->full || since >= r->conf->block.interval.us)
                   ? record_all(r, ei)
                   : 0;
    case ROLE_FLUSH: return record_all(r, ei);
    }
    return 0;
}
