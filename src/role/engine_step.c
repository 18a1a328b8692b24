#include "role/engine_step.h"

#include <stdlib.h>

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
    return engine_has_open(r->engine) || engine_count_full(r->engine) > 0 || r->sources > 0 ||
           r->stats.lines > 0;
}

static void
free_drafts(struct draft **drafts, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        drafts[i] = draft_free(drafts[i]);
}

/* Everything goes into one transaction, however many blocks it is: the sources' places count
 * for all of them, so that a crash between two parts would lose or double events. */
static int
record(struct engine_role *r, struct draft **drafts, struct errinfo *ei)
{
    struct engine_record rec = {
        .drafts = drafts, .sources = r->source, .source_count = r->sources, .stats = &r->stats};
    struct draft *d;
    int e = 0;

    while ((d = engine_take_full(r->engine)) != NULL)
        drafts[rec.count++] = d;
    d = engine_take_open(r->engine);
    if (d != NULL)
        drafts[rec.count++] = d;
    for (unsigned i = 0; i < rec.count && e == 0; i++) {
        engine_seal(r->engine, r->codec, drafts[i]);
        e = drafts[i]->result;
        if (e < 0)
            (void)err_set(ei, e, "events cannot be sealed: %s", err_text(e));
    }
    if (e == 0 && (rec.count > 0 || rec.source_count > 0 || r->stats.lines > 0))
        e = engine_record(r->engine, &rec, ei);
    free_drafts(drafts, rec.count);
    if (e == 0 && rec.count > 0)
        r->signed_at = r->env->now_wall(r->env->self);
    return e;
}

static int
record_all(struct engine_role *r, struct errinfo *ei)
{
    struct draft **drafts = calloc(ENGINE_FULL_MAX + 1, sizeof(struct draft *));
    int e = drafts == NULL ? err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM))
                           : record(r, drafts, ei);

    free(drafts);
    r->recorded = r->env->now_mono(r->env->self);
    if (e < 0)
        return e;
    r->stats = (struct decode_stats){0};
    r->sources = 0;
    return 0;
}

static int
take_frame(struct engine_role *r, const struct role_event *ev, struct errinfo *ei)
{
    int e;

    engine_attribute(r->attrib, r->conf, ev->frame);
    e = engine_admit(r->engine, ev->frame, ev->decoder, ev->rules, ev->live);
    return e < 0 ? err_set(ei, e, "events cannot be taken: %s", err_text(e)) : 0;
}

/* Between two frames every source's place is that of its last event: only here can be recorded
 * what would grow too much until the next tick. */
static int
take_source(struct engine_role *r, const struct role_event *ev, struct errinfo *ei)
{
    unsigned at = 0;

    if (ev->stats != NULL)
        decode_stats_add(&r->stats, ev->stats);
    while (at < r->sources && r->source[at] != ev->source)
        at++;
    if (ev->source != NULL && at == r->sources && at < ROLE_SOURCES)
        r->source[r->sources++] = ev->source;
    return engine_count_full(r->engine) >= ENGINE_FULL_SOON ? record_all(r, ei) : 0;
}

int
role_step(struct engine_role *r, const struct role_event *ev, struct errinfo *ei)
{
    int64_t since = r->env->now_mono(r->env->self) - r->recorded;

    switch (ev->kind) {
    case ROLE_FRAME: return take_frame(r, ev, ei);
    case ROLE_SOURCE: return take_source(r, ev, ei);
    case ROLE_TICK:
        return role_waits(r) &&
                       (engine_count_full(r->engine) > 0 || since >= r->conf->block.interval.us)
                   ? record_all(r, ei)
                   : 0;
    case ROLE_FLUSH: return record_all(r, ei);
    }
    return 0;
}
