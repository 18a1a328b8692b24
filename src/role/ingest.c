/* The pipeline: read, decode and attribute on threads, admit in order, seal on threads,
 * record in order. */
#include "role/ingest.h"

#include <stdlib.h>
#include <unistd.h>

#include "model/text.h"
#include "role/ingest_priv.h"
#include "role/pool.h"

enum {
    SLOTS_MAX = 32,
    DRAFTS_SOON = 128, /* of one batch: time to record */
    /* And what one slot can add, in blocks of one event of the shortest line. */
    DRAFTS_MAX = DRAFTS_SOON + DECODE_CHUNK_MAX / 64 + ENGINE_FULL_MAX,
    BATCH_DEFAULT = 32 * 1024 * 1024 /* bytes */
};

/* One chunk on its way through decoding. */
struct slot {
    struct job job;
    struct run *run;
    char *bytes; /* DECODE_CHUNK_MAX */
    size_t len;
    size_t used;
    bool last; /* the end of the input */
    bool busy;
    struct decoder *decoder;
    struct rule_map map;
    struct decode_stats stats;
    struct frame frame;
    struct buf rest;            /* its records that are no attacks, and … */
    struct lookout_found found; /* … what was met of them */
    int result;
};

/* One draft on its way through sealing. */
struct sealing {
    struct job job;
    struct run *run;
    struct draft *draft;
};

struct run {
    struct node *n;
    const struct ingest_options *o;
    struct ingest_result *ret;
    struct errinfo *ei;
    struct pool *pool;
    struct codec *codec[POOL_MAX];
    struct slot *slot[SLOTS_MAX];
    unsigned slots;
    unsigned from; /* oldest busy slot */
    unsigned busy;
    struct sealing sealing[DRAFTS_MAX];
    unsigned drafts;
    struct input in;
    struct store_source src;
    struct decode_stats batch; /* not yet recorded */
    uint64_t batch_from;       /* src.offset when the batch began */
    uint64_t base;             /* offset where this run began */
    uint64_t base_lines;
    int64_t started;
    char *carry; /* start of a line that the next chunk goes on with */
    size_t carry_len;
    bool skipping; /* inside a line that is too long */
    bool ended;
};

static void
look(struct slot *s, size_t used)
{
    struct lookout *l = engine_lookout(s->run->n->engine);

    if (l == NULL)
        return;
    buf_reset(&s->rest);
    lookout_rest(&s->frame, used, &s->rest);
    if (buf_error(&s->rest) == 0)
        lookout_read(l, buf_get(&s->rest), eve_is_array(s->decoder), &s->found);
    else
        s->found.failed = 1;
}

static void
decode_slot(struct job *job, unsigned worker)
{
    struct slot *s = (struct slot *)(void *)job;
    struct slice left = {s->bytes + s->used, s->len - s->used};
    size_t used = 0;

    (void)worker;
    s->result = eve_decode(s->decoder, left, s->last, &s->frame, &used, &s->stats);
    s->used += used;
    s->found = (struct lookout_found){.row = s->found.row, .room = s->found.room};
    if (s->result == 0)
        look(s, used);
    engine_attribute(s->run->n->attrib, s->run->n->conf, &s->frame);
}

static void
seal_draft(struct job *job, unsigned worker)
{
    struct sealing *s = (struct sealing *)(void *)job;

    engine_seal(s->run->n->engine, s->run->codec[worker], s->draft);
}

static int
start_sealing(struct run *r, struct draft *d)
{
    struct sealing *s = &r->sealing[r->drafts++];

    BUG_ON(r->drafts > DRAFTS_MAX);
    *s = (struct sealing){.job = {.run = seal_draft}, .run = r, .draft = d};
    pool_submit(r->pool, &s->job);
    return 0;
}

/* What a finished slot holds goes to the engine, in the order of the input. */
static int
admit_slot(struct run *r, struct slot *s)
{
    struct draft *d;
    int e = s->result;

    for (;;) {
        if (e == 0)
            e = engine_admit(r->n->engine, &s->frame, s->decoder, &s->map, false);
        if (e < 0)
            return err_set(r->ei, e, "%s", err_text(e));
        engine_met(r->n->engine, &s->found);
        while ((d = engine_take_full(r->n->engine)) != NULL)
            (void)start_sealing(r, d);
        if (s->used == s->len)
            break;
        decode_slot(&s->job, 0);
        e = s->result;
        if (s->frame.count == 0 && s->used < s->len && s->last) {
            engine_met(r->n->engine, &s->found);
            break;
        }
    }
    decode_stats_add(&r->batch, &s->stats);
    return 0;
}

static int record_admitted(struct run *r);

static int
finish_oldest(struct run *r)
{
    struct slot *s = r->slot[r->from];
    uint64_t cut;
    int e;

    pool_wait(r->pool, &s->job);
    e = admit_slot(r, s);
    if (e < 0)
        return e;
    /* An unfinished last line is judged, but stays to be read when it has grown. */
    cut = s->last && s->stats.rejected[REJECT_TRUNCATED] > 0 ? s->len : 0;
    if (cut > 0) {
        const char *lf = memrchr(s->bytes, '\n', s->len);

        cut = lf == NULL ? s->len : (uint64_t)(s->bytes + s->len - lf) - 1;
    }
    r->src.offset += s->len - cut;
    s->busy = false;
    r->from = (r->from + 1) % r->slots;
    r->busy--;
    return r->drafts >= DRAFTS_SOON ? record_admitted(r) : 0;
}

static void
free_drafts(struct run *r)
{
    for (unsigned i = 0; i < r->drafts; i++) {
        pool_wait(r->pool, &r->sealing[i].job);
        engine_give_back(r->n->engine, r->sealing[i].draft);
        r->sealing[i].draft = NULL;
    }
    r->drafts = 0;
}

static int
report(struct run *r)
{
    struct ingest_progress p = {.done = r->src.offset,
                                .total = r->in.total,
                                .events = r->ret->stats.events,
                                .elapsed_us = r->n->env.now_mono(r->n->env.self) - r->started};

    if (r->o->progress == NULL || r->o->progress(r->o->arg, &p) == 0)
        return 0;
    return err_set(r->ei, ERR_STOPPED, "interrupted; what was taken is kept");
}

/* Everything decoded so far becomes durable, with the place where it ends. */
static int
record_admitted(struct run *r)
{
    struct draft *list[DRAFTS_MAX];
    struct store_source *source = &r->src;
    struct engine_record rec = {.drafts = list, .sources = &source, .stats = &r->batch};
    struct draft *d;
    uint64_t duplicates;
    int e = 0;

    while ((d = engine_take_full(r->n->engine)) != NULL)
        (void)start_sealing(r, d);
    d = engine_take_open(r->n->engine);
    if (d != NULL)
        (void)start_sealing(r, d);
    for (unsigned i = 0; i < r->drafts; i++) {
        pool_wait(r->pool, &r->sealing[i].job);
        list[rec.count++] = r->sealing[i].draft;
        if (r->sealing[i].draft->result < 0 && e == 0)
            e = err_set(r->ei, r->sealing[i].draft->result, "events cannot be sealed: %s",
                        err_text(r->sealing[i].draft->result));
    }
    /* What a slot still holds was read, but is not behind us. */
    r->src.size = r->busy == 0 && r->in.at > r->src.offset ? r->in.at : r->src.offset;
    r->src.lines += r->batch.lines - r->batch.rejected[REJECT_TRUNCATED];
    rec.source_count = r->src.offset > 0; /* without a byte there is nothing to know it by */
    if (e == 0)
        e = input_identify(&r->in, &r->src);
    duplicates = engine_duplicates(r->n->engine);
    if (e == 0)
        e = engine_record(r->n->engine, &rec, r->ei);
    free_drafts(r);
    if (e < 0)
        return e; /* what was not recorded is not counted either */
    r->ret->blocks += rec.count;
    r->ret->duplicates += duplicates;
    decode_stats_add(&r->ret->stats, &r->batch);
    r->batch = (struct decode_stats){0};
    r->batch_from = r->src.offset;
    return report(r);
}

static int
record_batch(struct run *r)
{
    int e = 0;

    while (r->busy > 0 && e == 0)
        e = finish_oldest(r);
    return e < 0 ? e : record_admitted(r);
}

/* A line longer than a chunk: count it once and pass over it. */
static void
pass_long_line(struct run *r, struct slot *s)
{
    const char *lf = memchr(s->bytes, '\n', s->len);
    size_t used = lf == NULL ? s->len : (size_t)(lf - s->bytes) + 1;

    if (!r->skipping) {
        r->batch.lines++;
        r->batch.rejected[REJECT_TOO_LONG]++;
        if (r->batch.first_bad[REJECT_TOO_LONG] == 0)
            r->batch.first_bad[REJECT_TOO_LONG] = r->batch.lines;
    }
    r->batch.bytes += used;
    r->src.offset += used;
    r->skipping = lf == NULL && !r->ended;
    r->carry_len = s->len - used;
    memcpy(r->carry, s->bytes + used, r->carry_len);
    if (r->carry_len > 0)
        r->ended = false; /* the end of the input is behind what is left to be decoded */
}

/* The next chunk of whole lines into a slot; its len is 0 when nothing is to be decoded. */
static int
fill_slot(struct run *r, struct slot *s)
{
    const char *lf;
    int64_t got;

    memcpy(s->bytes, r->carry, r->carry_len);
    got = input_read(&r->in, s->bytes + r->carry_len, DECODE_CHUNK_MAX - r->carry_len);
    if (got < 0)
        return err_set(r->ei, ERR_IO, "the input cannot be read");
    s->len = r->carry_len + (size_t)got;
    s->used = 0;
    s->stats = (struct decode_stats){0};
    r->carry_len = 0;
    r->ended = s->len < DECODE_CHUNK_MAX;
    s->last = r->ended;
    if (r->skipping || s->len == 0) {
        if (s->len > 0)
            pass_long_line(r, s);
        s->len = 0;
        return 0;
    }
    lf = memrchr(s->bytes, '\n', s->len);
    if (r->ended)
        return 0;
    if (lf == NULL) {
        while (r->busy > 0) {
            int e = finish_oldest(r); /* its place in the count is behind them */

            if (e < 0)
                return e;
        }
        pass_long_line(r, s);
        s->len = 0;
        return 0;
    }
    r->carry_len = s->len - (size_t)(lf - s->bytes) - 1;
    memcpy(r->carry, lf + 1, r->carry_len);
    s->len -= r->carry_len;
    return 0;
}

static bool
batch_is_full(const struct run *r)
{
    uint64_t limit = r->o->batch == 0 ? BATCH_DEFAULT : r->o->batch;

    return r->src.offset - r->batch_from >= limit || r->drafts >= DRAFTS_SOON ||
           engine_count_full(r->n->engine) >= ENGINE_FULL_SOON;
}

static int
run_lines(struct run *r)
{
    while (!r->ended) {
        struct slot *s;
        int e = 0;

        if (r->busy == r->slots)
            e = finish_oldest(r);
        if (e == 0 && batch_is_full(r))
            e = record_batch(r);
        s = r->slot[(r->from + r->busy) % r->slots];
        if (e == 0)
            e = fill_slot(r, s);
        if (e < 0)
            return e;
        if (s->len == 0)
            continue;
        s->busy = true;
        r->busy++;
        pool_submit(r->pool, &s->job);
    }
    return record_batch(r);
}

/* An array cannot be cut at newlines: one decoder, one thread. */
static int
run_array(struct run *r)
{
    struct slot *s = r->slot[0];
    uint64_t start = r->src.offset;

    s->len = 0;
    s->last = false;
    for (;;) {
        int64_t got;
        size_t before;
        int e;

        memmove(s->bytes, s->bytes + s->used, s->len - s->used);
        s->len -= s->used;
        s->used = 0;
        got = input_read(&r->in, s->bytes + s->len, DECODE_CHUNK_MAX - s->len);
        if (got < 0)
            return err_set(r->ei, ERR_IO, "the input cannot be read");
        s->last = s->len + (size_t)got < DECODE_CHUNK_MAX;
        s->len += (size_t)got;
        before = s->len;
        s->stats = (struct decode_stats){0};
        decode_slot(&s->job, 0);
        e = s->result;
        if (e == 0)
            e = engine_admit(r->n->engine, &s->frame, s->decoder, &s->map, false);
        if (e < 0)
            return err_set(r->ei, e, "%s", err_text(e));
        engine_met(r->n->engine, &s->found);
        decode_stats_add(&r->batch, &s->stats);
        r->src.offset = start + eve_whole(s->decoder);
        if (batch_is_full(r) || (s->last && (s->used == before || s->used == 0))) {
            e = record_batch(r);
            if (e < 0)
                return e;
        }
        if (s->last && (s->used == before || s->used == 0))
            return 0;
    }
}

static struct slot *
slot_new(struct run *r, const struct decode_place *place)
{
    struct slot *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->job.run = decode_slot;
    s->run = r;
    buf_init(&s->rest, LOOKOUT_REST);
    s->bytes = malloc(DECODE_CHUNK_MAX);
    s->decoder = eve_new(place);
    if (s->bytes != NULL && s->decoder != NULL)
        return s;
    free(s->bytes);
    s->decoder = eve_free(s->decoder);
    free(s);
    return NULL;
}

static void
release(struct run *r)
{
    for (unsigned i = 0; r->pool != NULL && i < r->busy; i++)
        pool_wait(r->pool, &r->slot[(r->from + i) % r->slots]->job);
    if (r->pool != NULL)
        free_drafts(r);
    r->pool = pool_close(r->pool);
    for (unsigned i = 0; i < r->slots; i++) {
        rule_map_release(&r->slot[i]->map);
        r->slot[i]->decoder = eve_free(r->slot[i]->decoder);
        buf_release(&r->slot[i]->rest);
        lookout_release(&r->slot[i]->found);
        free(r->slot[i]->bytes);
        free(r->slot[i]);
    }
    for (unsigned i = 0; i < POOL_MAX; i++)
        r->codec[i] = codec_free(r->codec[i]);
    free(r->carry);
    input_release(&r->in);
    free(r);
}

/* Threads, slots, buffers. */
static int
prepare(struct run *r)
{
    const struct conf *conf = r->n->conf;
    struct decode_place place = {.own = conf->networks.at, .own_count = conf->networks.count};
    unsigned threads = r->o->threads > 1 ? r->o->threads : 0;
    int e = text_is_sensor(slice_of(r->o->sensor)) ? 0 : ERR_USAGE;

    if (e == 0)
        e = dict_put_sensor(engine_dict(r->n->engine), slice_of(r->o->sensor), &place.sensor);
    if (threads > POOL_MAX)
        threads = POOL_MAX;
    if (e == 0)
        e = pool_open(threads, NULL, &r->pool);
    if (e < 0)
        return e;
    for (unsigned i = 0; i < pool_workers(r->pool); i++) {
        r->codec[i] = codec_new();
        if (r->codec[i] == NULL)
            return ERR_NOMEM;
    }
    r->carry = malloc(DECODE_CHUNK_MAX);
    if (r->carry == NULL)
        return ERR_NOMEM;
    for (unsigned want = threads == 0 ? 1 : threads * 3;
         r->slots < want && r->slots < SLOTS_MAX; r->slots++) {
        r->slot[r->slots] = slot_new(r, &place);
        if (r->slot[r->slots] == NULL)
            return ERR_NOMEM;
    }
    return 0;
}

/* Find what was taken of this input before and move behind it. */
static int
resume(struct run *r)
{
    struct slice head = {r->in.head, r->in.head_len};
    char last = '\n';
    int e = store_find_source(r->n->store, head, &r->src);

    if (e < 0 && e != ERR_NOTFOUND)
        return err_set(r->ei, e, "the store: %s", store_error(r->n->store));
    r->ret->known = e == 0;
    if (e == ERR_NOTFOUND) {
        r->src = (struct store_source){.array = eve_looks_like_array(head)};
    } else if (r->src.offset > 0) {
        e = input_skip(&r->in, r->src.offset - 1);
        if (e == 0 && input_read(&r->in, &last, 1) < 0)
            e = ERR_IO;
        if (e < 0)
            return err_set(r->ei, e, "the input cannot be read");
        /* Its last line had no newline then; the newline is not a line of its own. */
        if (!r->src.array && last != '\n') {
            int64_t got = input_read(&r->in, &last, 1);

            if (got == 1 && last == '\n')
                r->src.offset++;
            else if (got == 1)
                r->carry[r->carry_len++] = last;
        }
    }
    r->base = r->batch_from = r->src.offset;
    r->base_lines = r->src.lines;
    for (unsigned i = 0; i < r->slots; i++) {
        if (r->src.array && r->base > 0)
            eve_resume_array(r->slot[i]->decoder);
        else if (!r->src.array && (r->base > 0 || i > 0))
            eve_resume_lines(r->slot[i]->decoder);
        else if (!r->src.array)
            eve_start_lines(r->slot[i]->decoder);
    }
    return 0;
}

int
ingest_run(struct node *n, int fd, const struct ingest_options *o, struct ingest_result *ret,
           struct errinfo *ei)
{
    struct run *r = calloc(1, sizeof *r);
    int e;

    *ret = (struct ingest_result){0};
    *ei = (struct errinfo){0};
    if (r == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    r->n = n;
    r->o = o;
    r->ret = ret;
    r->ei = ei;
    r->started = n->env.now_mono(n->env.self);
    e = input_open(&r->in, fd);
    if (e == 0)
        e = prepare(r);
    if (e == ERR_USAGE)
        e = err_set(ei, e, "a sensor's name is 1 to %u printable characters of ASCII, no space",
                    SENSOR_MAX);
    else if (e < 0)
        e = err_set(ei, e, "the input cannot be read: %s", err_text(e));
    else
        e = resume(r);
    if (e == 0 && r->in.seekable && ret->known && r->in.total <= r->src.size)
        ret->nothing_new = true;
    else if (e == 0)
        e = r->src.array ? run_array(r) : run_lines(r);
    if (e == 0 && ret->known && ret->stats.lines == 0)
        ret->nothing_new = true;
    for (int i = 0; i < REJECTS; i++) {
        if (ret->stats.first_bad[i] != 0)
            ret->stats.first_bad[i] += r->base_lines;
    }
    ret->elapsed_us = n->env.now_mono(n->env.self) - r->started;
    release(r);
    return e;
}
