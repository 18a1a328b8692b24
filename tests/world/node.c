/* The node in the world: started, fed, stopped, and gone. */
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "world.h"

#define NODE "node"

struct ledger_storage
node_storage(struct world *w)
{
    struct ledger_storage s;

    store_ledger(w->store, &s);
    return s;
}

/* What the live view of a running node would show from now on. */
static void
watch(void *arg, uint64_t block, const struct draft *d)
{
    struct world *w = arg;
    struct tree_head head;

    (void)block;
    (void)d;
    ledger_head(engine_ledger(w->engine), &head);
    model_told(w, head.size, &head.root);
}

int
node_begin(struct world *w, struct errinfo *ei)
{
    struct engine_open o = {&w->env, w->conf, NULL, NULL, &w->key};
    struct feed_place place = {.role = &w->role, .env = &w->env};
    int r;

    *ei = (struct errinfo){0};
    sqlite3_randomness(0, NULL); /* SQLite's own generator is seeded anew from the world's */
    r = store_open(NODE, STORE_WRITE, &w->store, ei);
    o.store = place.store = w->store;
    if (r == 0)
        r = engine_open(&o, &w->engine, ei);
    if (r == 0) {
        r = role_open(&w->role, w->engine, &w->env, w->conf);
        w->role_is_open = true;
        engine_set_watch(w->engine, watch, w);
    }
    if (r == 0) {
        r = retain_open(&w->retain, w->engine, ei);
        w->retain_is_open = true;
        w->aged = w->mono; /* what passed before does not count */
        people_open(&w->acts.people, w->engine, w->store, &w->env, NULL);
    }
    for (unsigned i = 0; r == 0 && i < w->streams; i++)
        r = stream_open(&w->stream[i], &place, w->conf);
    if (r == 0)
        r = reader_open(w->store, &w->env, &w->reader);
    if (r < 0 && ei->text[0] == '\0')
        (void)err_set(ei, r, "%s", err_text(r));
    return r;
}

void
node_end(struct world *w)
{
    for (unsigned i = 0; i < w->streams; i++)
        stream_close(&w->stream[i]);
    if (w->role_is_open)
        role_close(&w->role);
    w->role_is_open = false;
    if (w->retain_is_open)
        retain_close(&w->retain);
    w->retain_is_open = false;
    w->reader = reader_close(w->reader);
    w->engine = engine_close(w->engine);
    w->store = store_close(w->store);
    w->up = false;
}

static unsigned
writes_without_room(const struct disk *d)
{
    unsigned n = 0;

    for (int i = 0; i < DISK_KINDS; i++)
        n += d->full[i];
    return n;
}

static void
note_full(struct world *w)
{
    const unsigned *full = w->disk.full;

    if (writes_without_room(&w->disk) == 0)
        return;
    w->excuse |= EXCUSE_FULL;
    w->some[SOME_FULL]++;
    w->some[SOME_FULL_EVIDENCE] += full[DISK_EVIDENCE] > 0;
    w->some[SOME_FULL_CHECKPOINT] += full[DISK_DB] > 0;
    memset(w->disk.full, 0, sizeof w->disk.full);
}

static void
note_loss(struct world *w, const struct disk_loss *loss)
{
    w->some[SOME_LOST_NAME] += loss->lost_name;
    w->some[SOME_TORN_WAL] += loss->torn_wal;
    w->some[SOME_TORN_EVIDENCE] += loss->torn_evidence;
    w->some[SOME_SYNC_LOST] += loss->lost_pages > 0;
    w->torn += loss->torn_wal + loss->torn_evidence;
}

static void
machine_stopped(struct world *w)
{
    struct disk_loss loss = {0};

    w->crashes++;
    if (w->power) {
        gate_close(w);
        disk_power(&w->disk, &loss);
        w->some[SOME_POWER]++;
    } else {
        disk_kill(&w->disk, one_in(w, 2), &loss);
        w->some[SOME_KILL]++;
    }
    note_loss(w, &loss);
    tell(w, "%s", w->power ? "power lost" : "killed");
}

/* The machine lives.  What a failed sync left in its cache alone may go at any time. */
static void
process_ended(struct world *w)
{
    struct disk_loss loss;

    disk_kill(&w->disk, w->excuse & EXCUSE_SYNC && one_in(w, 2), &loss);
    note_loss(w, &loss);
}

/* The process ended: with r < 0 by itself, else its disk is dead. */
static void
node_gone(struct world *w, int r, const struct errinfo *ei)
{
    bool dead = w->disk.dead;

    note_full(w);
    if (!dead)
        tell(w, "gives up: %s", ei->text);
    if (!dead && w->excuse == 0)
        violate(w, "the node gave up without a reason: %s (%s)", ei->text, err_text(r));
    node_end(w);
    note_full(w);
    if (w->tried_again)
        violate(w, "a sync was tried again after one that failed");
    if (dead || w->disk.dead)
        machine_stopped(w);
    else
        process_ended(w);
    disk_mix(&w->disk, (uint64_t)r);
    w->start_at = w->mono + (int64_t)chance(w, 60 * TIME_US_PER_S);
}

/* The model looks, and no fault meets it. */
static void
look(struct world *w, bool start)
{
    bool calm = w->calm;
    uint64_t known = w->model.told.size;

    w->calm = true;
    model_follow(w, start);
    if (start && w->model.told.size > known && known > 0)
        w->some[SOME_UNSEEN_COMMIT]++;
    if (!violated(w) && (start || one_in(w, 16)))
        model_count(w);
    if (!violated(w) && start)
        acts_settle(w);
    if (!violated(w) && start)
        people_check(w, w->store, true);
    if (!violated(w) && start && worth_it(w, 16))
        (void)model_check_all(w, false);
    if (!violated(w) && keep_is_done(w))
        keep_check(w);
    w->calm = calm;
}

void
node_look(struct world *w)
{
    look(w, false);
}

static void
begin_life(struct world *w)
{
    w->excuse = 0;
    w->failed_syncs = 0;
    w->tried_again = false;
    w->phase = PHASE_NONE;
    memset(w->disk.full, 0, sizeof w->disk.full);
}

void
node_start(struct world *w)
{
    struct errinfo ei;
    int r;

    begin_life(w);
    w->starts++;
    w->starting = true;
    r = node_begin(w, &ei);
    w->starting = false;
    if (r < 0 || w->disk.dead) {
        node_gone(w, r, &ei);
        return;
    }
    w->up = true;
    tell(w, "up with %llu leaves", (unsigned long long)ledger_size(engine_ledger(w->engine)));
    if (w->failed_syncs > 0)
        violate(w, "the node started in spite of a failed sync");
    if (!violated(w))
        look(w, true);
}

int
node_work(struct world *w, struct errinfo *ei)
{
    struct role_event tick = {.kind = ROLE_TICK};
    int r = 0;

    for (unsigned i = 0; r == 0 && i < w->streams && !role_blocked(&w->role); i++)
        r = stream_step(&w->stream[i], ei);
    if (r == 0)
        r = role_step(&w->role, &tick, ei);
    pass_time(w, w->conf->block.interval.us);
    if (r == 0)
        r = role_step(&w->role, &tick, ei);
    if (r == 0)
        r = keep_steps(w, ei);
    if (w->store != NULL)
        store_settle(w->store);
    return r;
}

void
node_turn(struct world *w)
{
    struct errinfo ei = {0};
    int r;

    w->phase = PHASE_NONE;
    r = node_work(w, &ei);
    disk_mix(&w->disk, (uint64_t)w->mono ^ (uint64_t)r << 48);
    if (r < 0 || w->disk.dead) {
        node_gone(w, r, &ei);
        return;
    }
    note_full(w); /* a checkpoint that found no room is tried again later */
    if (w->failed_syncs > 0)
        violate(w, "the node went on after a failed sync");
    w->some[SOME_BLOCKED] += role_blocked(&w->role);
    if (role_waits(&w->role) && !role_blocked(&w->role))
        violate(w, "something still waits after a block was due");
    if (!violated(w))
        look(w, false);
}

bool
acts_full(const struct world *w)
{
    return w->disk.limit > 0;
}

bool
acts_go_on(struct world *w, int r, const struct errinfo *ei)
{
    disk_mix(&w->disk, (uint64_t)w->mono ^ (uint64_t)r << 48);
    if (r < 0 || w->disk.dead) {
        node_gone(w, r, ei);
        return false;
    }
    note_full(w);
    if (w->failed_syncs > 0)
        violate(w, "the node went on after a failed sync");
    if (!violated(w))
        look(w, false);
    return !violated(w);
}

void
node_stop(struct world *w)
{
    struct role_event flush = {.kind = ROLE_FLUSH};
    struct errinfo ei = {0};
    int r = role_step(&w->role, &flush, &ei);

    if (r < 0 || w->disk.dead) {
        node_gone(w, r, &ei);
        return;
    }
    node_end(w);
    note_full(w);
    if (w->disk.dead)
        machine_stopped(w);
    else
        w->some[SOME_CLEAN_STOP]++;
    w->start_at = w->mono;
}

void
node_make(struct world *w)
{
    static const char *const blocks[] = {"", "block:\n  events: 16\n",
                                         "block:\n  events: 64\n"};
    static const char *const ages[] = {"", "retention:\n  raw: 1h\n  events: 2h\n",
                                       "retention:\n  raw: 6h\n  events: 6h\n",
                                       "retention:\n  raw: 1d\n  events: 3d\n"};
    AUTO_BUF(yaml, 256);
    uint8_t seed[KEY_SEED] = {7};
    struct errinfo ei = {0};

    BUG_ON(key_init() < 0);
    buf_text(&yaml, blocks[chance(w, 3)]);
    buf_text(&yaml, ages[chance(w, 4)]);
    BUG_ON(conf_parse(buf_get(&yaml), &w->conf, &ei) < 0);
    BUG_ON(skey_make(SLICE("world.example/detente/log"), KEY_ED25519, seed, &w->key) < 0);
    sqlite3_randomness(0, NULL);
    BUG_ON(store_open(NODE, STORE_CREATE, &w->store, &ei) < 0);
    w->store = store_close(w->store);
    begin_life(w);
    if (node_begin(w, &ei) < 0 || engine_start_log(w->engine, true, &ei) < 0) {
        violate(w, "init: %s", ei.text);
        return;
    }
    node_end(w); /* that was `init`; now it runs */
    if (node_begin(w, &ei) < 0) {
        violate(w, "the first start: %s", ei.text);
        return;
    }
    w->up = true;
    disk_settle(&w->disk);
    look(w, false);
}
