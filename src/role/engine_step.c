#include "role/engine_step.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int
role_open(struct engine_role *r, struct engine *e, const struct env *env,
          const struct conf *conf)
{
    *r = (struct engine_role){.engine = e, .env = env, .conf = conf};
    for (unsigned i = 0; i < ROLE_LOOKS; i++)
        buf_init(&r->look[i].rest, LOOKOUT_REST);
    r->held = calloc(ENGINE_FULL_MAX + 1, sizeof(struct draft *));
    r->seal = calloc(ENGINE_FULL_MAX + 1, sizeof *r->seal);
    r->recorded = env->now_mono(env->self);
    r->signed_at = env->now_wall(env->self);
    if (r->held == NULL || r->seal == NULL || pool_open(0, NULL, &r->pool) < 0)
        return ERR_NOMEM;
    r->codec[0] = codec_new();
    return r->codec[0] == NULL ? ERR_NOMEM : 0;
}

int
role_share(struct engine_role *r, struct pool *pool)
{
    r->pool = pool_close(r->pool);
    r->pool = pool;
    for (unsigned i = 1; i < pool_workers(pool); i++) {
        r->codec[i] = codec_new();
        if (r->codec[i] == NULL)
            return ERR_NOMEM;
    }
    return 0;
}

static void
wait_sealed(struct engine_role *r, unsigned i)
{
    pool_wait(r->pool, &r->seal[i].hash);
    pool_wait(r->pool, &r->seal[i].pack);
}

static void
look(struct job *job, unsigned worker)
{
    struct role_look *l = (struct role_look *)(void *)job;

    (void)worker;
    if (buf_error(&l->rest) == 0)
        lookout_read(l->lookout, buf_get(&l->rest), l->array, &l->found);
    else
        l->found = (struct lookout_found){
            .by = l->lookout, .row = l->found.row, .room = l->found.room, .failed = 1};
}

static void
finish_look(struct engine_role *r)
{
    struct role_look *l = &r->look[r->look_from];

    pool_wait(r->pool, &l->job);
    engine_met(r->engine, &l->found);
    r->look_from = (r->look_from + 1) % ROLE_LOOKS;
    r->looks--;
}

/* Its bytes are the sensor's again behind this step. */
static void
begin_look(struct engine_role *r, const struct role_event *ev)
{
    struct lookout *lookout = engine_lookout(r->engine);
    struct role_look *l;

    if (lookout == NULL)
        return;
    if (r->looks == ROLE_LOOKS)
        finish_look(r);
    l = &r->look[(r->look_from + r->looks) % ROLE_LOOKS];
    buf_reset(&l->rest);
    lookout_rest(ev->frame, ev->frame->raw.len, &l->rest);
    if (l->rest.len == 0 && buf_error(&l->rest) == 0)
        return;
    l->lookout = lookout;
    l->array = ev->array;
    l->job = (struct job){.run = look};
    r->looks++;
    pool_submit(r->pool, &l->job);
}

void
role_close(struct engine_role *r)
{
    while (r->looks > 0)
        finish_look(r);
    for (unsigned i = 0; i < ROLE_LOOKS; i++) {
        buf_release(&r->look[i].rest);
        lookout_release(&r->look[i].found);
    }
    for (unsigned i = 0; i < r->held_count; i++) {
        wait_sealed(r, i);
        (void)draft_free(r->held[i]);
    }
    r->held_count = 0;
    free(r->held);
    free(r->seal);
    r->held = NULL;
    r->seal = NULL;
    r->pool = pool_close(r->pool);
    for (unsigned i = 0; i < POOL_MAX; i++)
        r->codec[i] = codec_free(r->codec[i]);
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

static void
hash(struct job *job, unsigned worker)
{
    struct role_seal *s = (struct role_seal *)(void *)job;

    (void)worker;
    engine_hash(s->role->engine, s->draft);
}

static void
pack(struct job *job, unsigned worker)
{
    struct role_seal *s = (void *)((char *)job - offsetof(struct role_seal, pack));

    engine_pack(s->role->codec[worker], s->draft);
}

/* Nothing more comes into it: it can be sealed. */
static void
hold(struct engine_role *r, struct draft *d)
{
    struct role_seal *s = &r->seal[r->held_count];

    *s =
        (struct role_seal){.hash = {.run = hash}, .pack = {.run = pack}, .role = r, .draft = d};
    r->held[r->held_count++] = d;
    r->held_bytes += d->raw.len;
    pool_submit(r->pool, &s->hash);
    pool_submit(r->pool, &s->pack);
}

static void
hold_full(struct engine_role *r)
{
    struct draft *d;

    while (r->held_count < ENGINE_FULL_MAX && (d = engine_take_full(r->engine)) != NULL)
        hold(r, d);
}

/* All that was taken, sealed. */
static int
gather(struct engine_role *r, struct errinfo *ei)
{
    struct draft *d;
    int e = 0;

    while (r->looks > 0)
        finish_look(r);
    hold_full(r);
    d = engine_take_open(r->engine);
    if (d != NULL)
        hold(r, d);
    for (unsigned i = 0; i < r->held_count; i++) {
        wait_sealed(r, i);
        if (e == 0)
            e = r->held[i]->result;
        if (e == 0)
            e = r->held[i]->packed;
    }
    return e < 0 ? err_set(ei, e, "events cannot be sealed: %s", err_text(e)) : 0;
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
    int e = gather(r, ei);

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
    r->held_bytes = 0;
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
    if (e < 0)
        return err_set(ei, e, "events cannot be taken: %s", err_text(e));
    begin_look(r, ev);
    hold_full(r);
    return 0;
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
    return r->held_count >= ENGINE_FULL_SOON || r->held_bytes >= ROLE_GATHER_BYTES
               ? record_soon(r, ei)
               : 0;
}

static int
tick(struct engine_role *r, bool busy, struct errinfo *ei)
{
    int64_t since = r->env->now_mono(r->env->self) - r->recorded;
    bool due = since >= r->conf->block.interval.us ||
               (r->held_count > 0 && (!busy || since >= ROLE_GATHER_US));

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
    case ROLE_TICK: return tick(r, ev->busy, ei);
    case ROLE_FLUSH: return record_all(r, ei);
    }
    return 0;
}
