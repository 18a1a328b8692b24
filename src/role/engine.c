/* Opening and closing the engine: where the log ends, where the evidence ends. */
#include "role/engine.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/ledger.h"
#include "role/canary.h"
#include "role/engine_priv.h"
#include "role/mark.h"

static int
newest_block(void *arg, const struct store_block *b)
{
    struct engine *e = arg;

    e->next_block = b->block + 1;
    e->segment = b->segment;
    e->segment_end = b->at + b->len;
    return 1;
}

/* Bytes behind the last row belong to a transaction that never was: with `cut` they are cut
 * off, so that what stands in a segment is what the rows say. */
static int
check_tail(struct engine *e, bool cut, struct errinfo *ei)
{
    char name[SEGMENT_NAME];
    int64_t size;
    int fd;
    int r = 0;

    segment_name(e->segment, name);
    err_file(ei, name);
    fd = e->env->open(e->env->self, name, ENV_WRITE);
    if (fd == ERR_NOTFOUND && e->segment_end == 0)
        return 0;
    if (fd < 0)
        return err_set(ei, fd, "evidence is missing: restore it from a backup");
    size = e->env->size(e->env->self, fd);
    if (size < 0 || (uint64_t)size < e->segment_end)
        r = err_set(ei, ERR_PROOF, "evidence ends at byte %lld, the store knows of %llu",
                    (long long)size, (unsigned long long)e->segment_end);
    else if (cut && (uint64_t)size > e->segment_end &&
             e->env->truncate(e->env->self, fd, e->segment_end) < 0)
        r = err_set(ei, ERR_IO, "an unfinished tail cannot be cut off");
    e->env->close(e->env->self, fd);
    return r;
}

/* Duplicates are known over a restart: the newest blocks tell who was seen in which minute. */
enum { REMEMBER_BLOCKS = 4 };

struct memory {
    struct engine *engine;
    struct codec *codec;
    struct buf frames;
    int left;
};

static int
remember_block(void *arg, const struct store_block *b)
{
    struct memory *m = arg;
    const struct env *env = m->engine->env;
    char name[SEGMENT_NAME];
    struct evidence ev;
    char *to;
    int fd;

    if (m->left-- == 0)
        return 1;
    if (b->erased == ERASURE_BLOCK)
        return 0;
    segment_name(b->segment, name);
    fd = env->open(env->self, name, ENV_READ);
    if (fd < 0)
        return fd;
    buf_reset(&m->frames);
    to = buf_reserve(&m->frames, b->len);
    if (to == NULL || env->pread(env->self, fd, to, b->len, b->at) != (int64_t)b->len) {
        env->close(env->self, fd);
        return ERR_IO;
    }
    env->close(env->self, fd);
    if (evidence_decode(m->codec, (struct slice){to, b->len}, false, &ev) < 0)
        return ERR_PROOF;
    for (uint32_t i = 0; i < ev.count; i++)
        (void)engine_seen(m->engine->seen, &ev.event[i]);
    return 0;
}

static int
remember(struct engine *e, struct errinfo *ei)
{
    struct store_range all = {{0}, TIME_MAX, true, NULL};
    struct memory m = {.engine = e, .codec = codec_new(), .left = REMEMBER_BLOCKS};
    int r;

    buf_init(&m.frames, EVIDENCE_FRAME_MAX);
    r = m.codec == NULL ? ERR_NOMEM : store_each_block(e->store, &all, remember_block, &m);
    buf_release(&m.frames);
    m.codec = codec_free(m.codec);
    return r < 0 ? err_set(ei, r,
                           "the newest evidence cannot be read: %s (see `detente log fsck "
                           "--events`)",
                           err_text(r))
                 : 0;
}

static int
last_time(struct engine *e)
{
    AUTO_BUF(at, 64);
    int r;

    r = store_get_meta(e->store, "last_at", &at);
    if (r == ERR_NOTFOUND)
        return 0;
    return r < 0 ? r : time_parse(buf_get(&at), &e->last_at);
}

/* What was read may stand in the page cache alone: who was killed between a write and its sync
 * leaves it so.  Told to somebody and lost with the power afterwards, it would make two
 * histories. */
int
engine_make_durable(struct engine *e, struct errinfo *ei)
{
    int r = store_make_durable(e->store);
    int marked = 0;

    e->unsettled = r < 0;
    if (r == ERR_FULL && store_is_safe(e->store)) /* the mark's own room may be there */
        marked = mark_follow(e->env, e->ledger);
    if (marked < 0 && marked != ERR_FULL)
        return err_set(ei, marked, "the anti-rollback mark cannot be written: %s",
                       err_text(marked));
    if (r < 0)
        return err_set(ei, r, "the store: %s (%s)", err_text(r), store_error(e->store));
    r = check_tail(e, true, ei); /* now that no other rows can come back */
    if (r < 0)
        return r;
    r = mark_follow(e->env, e->ledger);
    e->unsettled = r < 0;
    return r < 0 ? err_set(ei, r, "the anti-rollback mark cannot be written: %s", err_text(r))
                 : 0;
}

static int
open_state(struct engine *e, struct errinfo *ei)
{
    struct store_range all = {{0}, TIME_MAX, true, NULL};
    struct ledger_storage storage;
    uint64_t size = 0;
    uint64_t last = 0;
    int r;

    err_file(ei, "detente.db");
    store_ledger(e->store, &storage);
    r = store_ledger_size(e->store, &size);
    if (r == 0)
        r = dict_open(&e->dict, e->store);
    if (r == 0)
        r = last_time(e);
    if (r == 0)
        r = store_each_block(e->store, &all, newest_block, e);
    if (r >= 0)
        r = store_get_counter(e->store, "last_block", &last);
    if (r == 0 && e->next_block <= last)
        e->next_block = last + 1; /* the log's successor said so: role/successor.h */
    if (r < 0)
        return err_set(ei, r, "the store: %s (%s)", err_text(r), store_error(e->store));
    r = ledger_open(&storage, size, &e->ledger, ei);
    if (r == 0)
        r = mark_check(e->env, e->ledger, ei);
    if (r == 0)
        err_file(ei, "detente.db");
    if (r == 0)
        r = restored_check(e->env, ei);
    if (r == 0)
        r = check_tail(e, false, ei);
    if (r == 0)
        r = remember(e, ei);
    if (r == 0)
        r = canaries_load(e);
    if (r == 0)
        r = engine_make_durable(e, ei);
    if (r == ERR_FULL)
        e->env->log(e->env->self, ENV_WARN,
                    "the disk is full: the anti-rollback mark lags until there is room");
    return r == ERR_FULL ? 0 : r; /* a full disk can still be asked */
}

int
engine_open(const struct engine_open *o, struct engine **ret, struct errinfo *ei)
{
    struct engine *e = calloc(1, sizeof *e);
    int r;

    if (e == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    e->env = o->env;
    e->conf = o->conf;
    e->store = o->store;
    e->attrib = o->attrib;
    e->key = o->key;
    e->next_block = 1;
    e->segment = 1;
    e->segment_fd = -1;
    e->seen = calloc(1, sizeof *e->seen);
    if (e->seen == NULL) {
        free(e);
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    }
    e->env->random(e->env->self, &e->seen->secret, sizeof e->seen->secret);
    lookout_sum_init(&e->met, e->seen->secret);
    r = open_state(e, ei);
    if (r < 0) {
        store_leave(o->store); /* whoever repairs it finds everything as it was */
        (void)engine_close(e);
        return r;
    }
    *ret = e;
    return 0;
}

struct engine *
engine_close(struct engine *e)
{
    struct draft *d;

    if (e == NULL)
        return NULL;
    while ((d = engine_take_full(e)) != NULL)
        d = draft_free(d);
    e->open = draft_free(e->open);
    while (e->spares > 0)
        (void)draft_free(e->spare[--e->spares]);
    if (e->segment_fd >= 0)
        e->env->close(e->env->self, e->segment_fd);
    e->ledger = ledger_free(e->ledger);
    dict_release(&e->dict);
    e->canaries = canaries_free(e->canaries);
    lookout_sum_release(&e->met);
    free(e->seen);
    free(e);
    return NULL;
}

void
engine_set_attrib(struct engine *e, const struct attrib *a)
{
    e->attrib = a;
}

void
engine_set_lookout(struct engine *e, struct lookout *l)
{
    e->lookout = l;
}

struct lookout *
engine_lookout(const struct engine *e)
{
    return e->lookout;
}

void
engine_met(struct engine *e, const struct lookout_found *f)
{
    lookout_sum_add(&e->met, f);
}

void
engine_hold(struct engine *e, bool hold)
{
    e->held = hold;
}

bool
engine_is_held(const struct engine *e)
{
    return e->held;
}

void
engine_set_watch(struct engine *e, engine_watch *watch, void *arg)
{
    e->watch = watch;
    e->watch_arg = arg;
}

struct dict *
engine_dict(struct engine *e)
{
    return &e->dict;
}

struct ledger *
engine_ledger(struct engine *e)
{
    return e->ledger;
}
