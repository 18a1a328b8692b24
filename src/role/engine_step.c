#include "role/engine_step.h"

#include <stdlib.h>
#include <string.h>

int
role_open(struct engine_role *r, struct engine *e, const struct env *env,
          const struct conf *conf)
{
    *r = (struct engine_role){.engine = e, .env = env, .conf = conf, .codec = codec_new()};
    r->held = calloc(ENGINE_FULL_MAX + 1, sizeof(struct draft *));
    r->recorded = env->now_mono(env->self);
    r->signed_at = env->now_wall(env->self);
    return r->codec == NULL || r->held == NULL ? ERR_NOMEM : 0;
}

void
role_close(struct engine_role *r)
{
    for (unsigned i = 0; i < r->held_count; i++)
        (void)draft_free(r->held[i]);
    r->held_count = 0;
    free(r->held);
    r->held = NULL;
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
    return engine_has_open(r->engine) || engine_count_full(r->engine) > 0 ||
           r->held_count > 0 || r->sources > 0 || counts(r);
}

bool
role_blocked(const struct engine_role *r)
{
    return r->blocked;
}

void
role_forget(struct engine_role *r, const struct store_source *source)
{
    for (unsigned i = 0; i < r->sources; i++) {
        if (r->source[i].who == source)
            r->source[i].who = NULL;
    }
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

/* Takes and seals what is new, behind what a full disk left. */
static int
seal(struct engine_role *r, struct errinfo *ei)
{
    unsigned from = r->held_count;
    struct draft *d;

    while (r->held_count < ENGINE_FULL_MAX && (d = engine_take_full(r->engine)) != NULL)
        r->held[r->held_count++] = d;
    d = engine_take_open(r->engine);
    if (d != NULL)
        r->held[r->held_count++] = d;
    for (unsigned i = from; i < r->held_count; i++) {
        int e;

        engine_seal(r->engine, r->codec, r->held[i]);
        e = r->held[i]->result;
        if (e < 0)
            return err_set(ei, e, "events cannot be sealed: %s", err_text(e));
    }
    return 0;
}

static void
note_full(struct engine_role *r, bool full, const struct errinfo *ei)
{
    if (full && !r->blocked) {
        r->env->log(r->env->self, ENV_ERROR, ei->text);
        r->env->log(
            r->env->self, ENV_ERROR,
            "nothing more is taken until there is room; nothing that was taken is lost");
    }
    if (!full && r->blocked)
        r->env->log(r->env->self, ENV_INFO, "there is room again: sensors are read on");
    r->blocked = full;
}

/* Everything goes into one transaction, however many blocks it is: the sources' places count
 * for all of them, so that a crash between two parts would lose or double events. */
static int
record_all(struct engine_role *r, struct errinfo *ei)
{
    struct store_source source[ROLE_SOURCES]; /* a row's number holds only if this succeeds */
    struct store_source *sources[ROLE_SOURCES];
    struct engine_record rec = {
        .drafts = r->held, .sources = sources, .source_count = r->sources, .stats = &r->stats};
    int e = seal(r, ei);

    rec.count = r->held_count;
    for (unsigned i = 0; i < r->sources; i++)
        sources[i] = memcpy(&source[i], &r->source[i].is, sizeof source[i]);
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
    for (unsigned i = 0; i < r->sources; i++) {
        if (r->source[i].who != NULL)
            *r->source[i].who = source[i]; /* its row has a number now */
    }
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

/* A full disk is waited for, not passed on. */
static int
record_soon(struct engine_role *r, struct errinfo *ei)
{
    int e = record_all(r, ei);

    return e == ERR_FULL ? 0 : e;
}

static int
take_source(struct engine_role *r, const struct role_event *ev, struct errinfo *ei)
{
    unsigned at = 0;

    if (ev->stats != NULL)
        decode_stats_add(&r->stats, ev->stats);
    while (at < r->sources && r->source[at].who != ev->source)
        at++;
    if (ev->source != NULL && at == ROLE_SOURCES)
        return err_set(ei, ERR_LIMIT, "more than %u sources wait for a record", ROLE_SOURCES);
    if (ev->source != NULL) {
        r->source[at].who = ev->source;
        r->source[at].is = *ev->source;
        r->sources += at == r->sources;
    }
    return engine_count_full(r->engine) >= ENGINE_FULL_SOON ? record_soon(r, ei) : 0;
}

static int
tick(struct engine_role *r, struct errinfo *ei)
{
    int64_t since = r->env->now_mono(r->env->self) - r->recorded;
    bool due = engine_count_full(r->engine) > 0 || since >= r->conf->block.interval.us;

    if (!role_waits(r) || (r->blocked ? since < ROLE_RETRY_US : !due))
        return 0;
    return record_soon(r, ei);
}

int
role_step(struct engine_role *r, const struct role_event *ev, struct errinfo *ei)
{
    switch (ev->kind) {
    case ROLE_FRAME: return take_frame(r, ev, ei);
    case ROLE_SOURCE: return take_source(r, ev, ei);
    case ROLE_TICK: return tick(r, ei);
    case ROLE_FLUSH: return record_all(r, ei);
    }
    return 0;
}
