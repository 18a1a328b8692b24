/* The engine role over a world of our own: its clock, its randomness, its files. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attrib/build.h"
#include "ledger/ledger.h"
#include "role/engine_step.h"
#include "role/node.h"
#include "store/query.h"

/* The real files of a scratch folder behind a virtual clock, and a fault to come. */
struct world {
    struct env_posix posix;
    struct env real;
    struct env env;
    int64_t now;     /* microseconds, both clocks */
    uint64_t random; /* the same in each run */
    int fail_in;     /* writes and syncs until one fails; 0: none does */
    bool failed;
    char dir[64];
    struct conf *conf;
    struct store *store;
    struct skey key;
    struct engine *engine;
    struct engine_role role;
    struct decoder *decoder;
    struct rule_map rules;
    struct frame *frame;
};

static struct utime
now_wall(void *self)
{
    return (struct utime){((struct world *)self)->now};
}

static int64_t
now_mono(void *self)
{
    return ((struct world *)self)->now;
}

static void
env_random(void *self, void *to, size_t n)
{
    struct world *w = self;

    for (size_t i = 0; i < n; i++)
        ((uint8_t *)to)[i] = (uint8_t)(next_random(&w->random) >> 32);
}

static int
env_open(void *self, const char *path, int flags)
{
    struct world *w = self;

    return w->real.open(w->real.self, path, flags);
}

static void
env_close(void *self, int fd)
{
    struct world *w = self;

    w->real.close(w->real.self, fd);
}

static int64_t
env_size(void *self, int fd)
{
    struct world *w = self;

    return w->real.size(w->real.self, fd);
}

static int64_t
env_pread(void *self, int fd, void *to, size_t n, uint64_t at)
{
    struct world *w = self;

    return w->real.pread(w->real.self, fd, to, n, at);
}

static bool
fails(struct world *w)
{
    if (w->fail_in == 0 || --w->fail_in > 0)
        return false;
    w->failed = true;
    return true;
}

/* A write that fails leaves half of its bytes behind. */
static int
env_pwrite(void *self, int fd, const void *from, size_t n, uint64_t at)
{
    struct world *w = self;
    bool bad = fails(w);
    int r = w->real.pwrite(w->real.self, fd, from, bad ? n / 2 : n, at);

    return bad ? ERR_IO : r;
}

static int
env_truncate(void *self, int fd, uint64_t size)
{
    struct world *w = self;

    return w->real.truncate(w->real.self, fd, size);
}

static int
env_sync(void *self, int fd)
{
    struct world *w = self;

    return fails(w) ? ERR_IO : w->real.sync(w->real.self, fd);
}

static int
env_rename(void *self, const char *from, const char *to)
{
    struct world *w = self;

    return fails(w) ? ERR_IO : w->real.rename(w->real.self, from, to);
}

/* ---- a node in the world ---- */

static void
open_engine(struct world *w)
{
    struct engine_open o = {&w->env, w->conf, w->store, NULL, &w->key};
    struct errinfo ei = {0};

    assert_int_equal(store_open(w->dir, STORE_WRITE, &w->store, &ei), 0);
    o.store = w->store;
    if (engine_open(&o, &w->engine, &ei) < 0)
        fail_msg("engine_open: %s", ei.text);
    assert_int_equal(role_open(&w->role, w->engine, &w->env, w->conf), 0);
}

static void
close_engine(struct world *w)
{
    role_close(&w->role);
    w->engine = engine_close(w->engine);
    w->store = store_close(w->store);
    rule_map_release(&w->rules);
}

static void
begin(struct world *w, const char *yaml)
{
    struct decode_place place = {0};
    struct errinfo ei = {0};
    uint8_t seed[KEY_SEED] = {7};
    char path[128];

    memset(w, 0, sizeof *w);
    (void)snprintf(w->dir, sizeof w->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    (void)snprintf(path, sizeof path, "%s/evidence", w->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(key_init(), 0);
    assert_int_equal(env_posix_open(&w->posix, w->dir, &w->real, &ei), 0);
    w->env = w->real;
    w->env.self = w;
    w->env.now_wall = now_wall;
    w->env.now_mono = now_mono;
    w->env.random = env_random;
    w->env.open = env_open;
    w->env.close = env_close;
    w->env.size = env_size;
    w->env.pread = env_pread;
    w->env.pwrite = env_pwrite;
    w->env.truncate = env_truncate;
    w->env.sync = env_sync;
    w->env.rename = env_rename;
    w->now = INT64_C(1772366400000000); /* 2026-03-01T12:00:00Z */
    assert_int_equal(conf_parse(slice_of(yaml), &w->conf, &ei), 0);
    assert_int_equal(skey_make(SLICE("test.example/detente/log"), KEY_ED25519, seed, &w->key),
                     0);
    assert_int_equal(store_open(w->dir, STORE_CREATE, &w->store, &ei), 0);
    w->store = store_close(w->store);
    open_engine(w);
    assert_int_equal(engine_start_log(w->engine, true, &ei), 0);
    w->decoder = eve_new(&place);
    w->frame = malloc(sizeof *w->frame);
    assert_non_null(w->decoder);
    assert_non_null(w->frame);
}

static void
end(struct world *w)
{
    char command[128];

    close_engine(w);
    w->conf = conf_free(w->conf);
    w->decoder = eve_free(w->decoder);
    free(w->frame);
    env_posix_close(&w->posix);
    (void)snprintf(command, sizeof command, "rm -r %s", w->dir);
    assert_int_equal(system(command), 0);
}

/* One alert of origin 198.51.100.<who> with the sensor's clock at `time`, as a frame. */
static void
feed_frame(struct world *w, unsigned who, int64_t time, bool live, struct decode_stats *stats)
{
    struct role_event frame = {.kind = ROLE_FRAME, .rules = &w->rules, .live = live};
    struct errinfo ei;
    char at[TIME_TEXT];
    char line[512];
    size_t used;
    int n;

    time_format((struct utime){time}, at);
    n = snprintf(
        line, sizeof line,
        "{\"timestamp\":\"%.27s\",\"event_type\":\"alert\",\"src_ip\":\"198.51.100.%u\","
        "\"dest_ip\":\"192.0.2.10\",\"dest_port\":443,\"proto\":\"TCP\","
        "\"alert\":{\"gid\":1,\"signature_id\":9,\"rev\":1,\"signature\":\"x\"}}\n",
        at, who);
    assert_int_equal(
        eve_decode(w->decoder, (struct slice){line, (size_t)n}, false, w->frame, &used, stats),
        0);
    assert_int_equal(w->frame->count, 1);
    frame.frame = w->frame;
    frame.decoder = w->decoder;
    assert_int_equal(role_step(&w->role, &frame, &ei), 0);
}

static int
feed(struct world *w, unsigned who, int64_t time, bool live)
{
    struct decode_stats stats = {0};
    struct role_event source = {.kind = ROLE_SOURCE, .stats = &stats};
    struct errinfo ei;

    feed_frame(w, who, time, live, &stats);
    return role_step(&w->role, &source, &ei);
}

static int
tick(struct world *w, enum role_event_kind kind)
{
    struct role_event ev = {.kind = kind};
    struct errinfo ei;

    return role_step(&w->role, &ev, &ei);
}

static uint64_t
log_size(struct world *w)
{
    return ledger_size(engine_ledger(w->engine));
}

struct seen_events {
    unsigned count;
    unsigned duplicates;
    unsigned skewed;
    unsigned spoofable;
    uint32_t asn; /* of the newest */
    struct utime seen;
};

static int
count_event(void *arg, const struct query_hit *hit)
{
    struct seen_events *s = arg;

    s->count++;
    s->duplicates += (hit->event->flags & FLAG_DUPLICATE) != 0;
    s->skewed += (hit->event->flags & FLAG_CLOCK_SKEWED) != 0;
    s->spoofable += (hit->event->flags & FLAG_SPOOFABLE) != 0;
    s->asn = hit->event->origin_asn;
    s->seen = hit->event->time_seen;
    return 0;
}

static struct seen_events
ask(struct world *w)
{
    struct seen_events s = {0};
    struct reader *r;
    struct query q;

    query_init(&q);
    assert_int_equal(reader_open(w->store, &w->env, &r), 0);
    assert_int_equal(query_each(r, &q, false, count_event, &s), 0);
    r = reader_close(r);
    store_settle(w->store);
    return s;
}

/* ---- what is promised ---- */

static void
a_block_closes_by_the_clock_of_the_world(void **state)
{
    struct world w;

    (void)state;
    begin(&w, "");
    assert_int_equal(log_size(&w), 2);
    assert_int_equal(feed(&w, 1, w.now, true), 0);
    w.now += 249999;
    assert_int_equal(tick(&w, ROLE_TICK), 0);
    assert_int_equal(log_size(&w), 2);
    w.now += 1;
    assert_int_equal(tick(&w, ROLE_TICK), 0);
    assert_int_equal(log_size(&w), 3);
    assert_int_equal(ask(&w).count, 1);
    assert_int_equal(ask(&w).seen.us, w.now - 250000);
    /* nothing came: nothing is logged */
    w.now += 10000000;
    assert_int_equal(tick(&w, ROLE_TICK), 0);
    assert_int_equal(log_size(&w), 3);
    end(&w);
}

static void
a_block_closes_when_it_is_full(void **state)
{
    struct world w;

    (void)state;
    begin(&w, "block:\n  events: 10\n");
    for (unsigned i = 0; i < 25; i++)
        assert_int_equal(feed(&w, i, w.now, true), 0);
    assert_int_equal(tick(&w, ROLE_TICK), 0); /* two full ones, and what is left with them */
    assert_int_equal(log_size(&w), 5);
    assert_int_equal(ask(&w).count, 25);
    end(&w);
}

static void
a_block_holds_4096_events(void **state)
{
    struct world w;

    (void)state;
    begin(&w, "");
    for (unsigned i = 0; i < 4096; i++)
        assert_int_equal(feed(&w, i % 256, w.now - (int64_t)i * 1000, true), 0);
    assert_int_equal(feed(&w, 1, w.now, true), 0);
    assert_int_equal(log_size(&w), 2);
    assert_int_equal(tick(&w, ROLE_TICK), 0); /* no time went by */
    assert_int_equal(log_size(&w), 4);
    assert_int_equal(ask(&w).count, 4097);
    end(&w);
}

/* While frames keep coming, full blocks share a transaction, but not for long. */
static void
full_blocks_wait_for_others(void **state)
{
    struct role_event busy = {.kind = ROLE_TICK, .busy = true};
    struct errinfo ei;
    struct world w;

    (void)state;
    begin(&w, "block:\n  events: 10\n");
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(feed(&w, i, w.now, true), 0);
    assert_int_equal(role_step(&w.role, &busy, &ei), 0);
    assert_int_equal(log_size(&w), 2);
    w.now += ROLE_GATHER_US;
    assert_int_equal(role_step(&w.role, &busy, &ei), 0);
    assert_int_equal(log_size(&w), 3);
    end(&w);
}

static int
refuse_to_begin(void)
{
    return ERR_AUTH;
}

/* Threads seal what one thread records: the same events, in the same order. */
static void
sealed_on_threads(void **state)
{
    struct pool *pool = NULL;
    struct world w;

    (void)state;
    begin(&w, "block:\n  events: 7\n");
    assert_int_equal(pool_open(3, refuse_to_begin, &pool), ERR_AUTH);
    assert_int_equal(pool_open(3, NULL, &pool), 0);
    assert_int_equal(role_share(&w.role, pool), 0);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(feed(&w, i, w.now, true), 0);
    assert_int_equal(tick(&w, ROLE_FLUSH), 0);
    assert_int_equal(log_size(&w), 2 + 15);
    assert_int_equal(ask(&w).count, 100);
    end(&w);
}

/* A table that places all of 198.51.100.0/24. */
static struct attrib *
make_tables(const struct world *w)
{
    struct attrib_input in = {.name = "networks",
                              .kind = ATTRIB_ASN,
                              .date = {w->now - w->now % (86400 * TIME_US_PER_S)}};
    struct attrib_report report;
    struct attrib *a = NULL;
    struct errinfo ei = {0};
    char csv[96];
    char out[96];
    FILE *f;

    (void)snprintf(csv, sizeof csv, "%s/networks.csv", w->dir);
    (void)snprintf(out, sizeof out, "%s/tables.bin", w->dir);
    f = fopen(csv, "w");
    assert_non_null(f);
    assert_true(fputs("prefix,asn,name\n198.51.100.0/24,64500,Somebody\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    in.path[0] = csv;
    assert_int_equal(attrib_build(&in, 1, out, &report, &ei), 0);
    assert_int_equal(attrib_open(out, &a, &ei), 0);
    return a;
}

/* An address of one's own as an origin is spoofed, or the sensor looks the wrong way. */
static void
own_networks_are_no_origin(void **state)
{
    static const char *const yaml[] = {"", "networks: [198.51.100.0/25]\n"};

    (void)state;
    for (int own = 0; own < 2; own++) {
        struct seen_events s;
        struct attrib *a;
        struct world w;

        begin(&w, yaml[own]);
        a = make_tables(&w);
        w.role.attrib = a;
        engine_set_attrib(w.engine, a);
        assert_int_equal(feed(&w, 7, w.now, true), 0);
        assert_int_equal(tick(&w, ROLE_FLUSH), 0);
        s = ask(&w);
        assert_int_equal(s.count, 1);
        assert_int_equal(s.asn, own ? 0 : 64500);
        if (own)
            assert_int_equal(s.spoofable, 1);
        assert_int_equal(feed(&w, 200, w.now, true), 0); /* outside of the own half */
        assert_int_equal(tick(&w, ROLE_FLUSH), 0);
        assert_int_equal(ask(&w).asn, 64500);
        end(&w);
        a = attrib_close(a);
    }
}

static void
duplicates_and_clocks_are_flagged(void **state)
{
    struct world w;
    struct seen_events s;

    (void)state;
    begin(&w, "");
    assert_int_equal(feed(&w, 1, w.now, true), 0);
    assert_int_equal(feed(&w, 1, w.now + 59000000, true), 0);   /* the same minute */
    assert_int_equal(feed(&w, 1, w.now + 60000000, true), 0);   /* the next one */
    assert_int_equal(feed(&w, 2, w.now - 301000000, true), 0);  /* a slow clock */
    assert_int_equal(feed(&w, 3, w.now - 301000000, false), 0); /* an old file */
    assert_int_equal(feed(&w, 4, w.now + 301000000, false), 0); /* the future is always wrong */
    assert_int_equal(tick(&w, ROLE_FLUSH), 0);
    s = ask(&w);
    assert_int_equal(s.count, 6);
    assert_int_equal(s.duplicates, 1);
    assert_int_equal(s.skewed, 2);
    /* known over a restart */
    close_engine(&w);
    open_engine(&w);
    assert_int_equal(feed(&w, 1, w.now, true), 0);
    assert_int_equal(tick(&w, ROLE_FLUSH), 0);
    assert_int_equal(ask(&w).duplicates, 2);
    end(&w);
}

/* The n-th write, sync or rename of a run fails, for all n: what was acknowledged is there
 * after a restart, and the log is an extension of the one that was signed before. */
static void
a_fault_anywhere_loses_nothing_acknowledged(void **state)
{
    bool more = true;

    (void)state;
    for (int n = 1; more; n++) {
        struct world w;
        struct tree_head before = {0};
        struct hash root;
        unsigned acknowledged = 0;

        begin(&w, "");
        w.fail_in = n;
        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(feed(&w, i, w.now, true), 0);
            if (tick(&w, ROLE_FLUSH) < 0)
                break;
            acknowledged++;
            ledger_head(engine_ledger(w.engine), &before);
        }
        more = w.failed;
        w.fail_in = 0;
        close_engine(&w);
        open_engine(&w);
        assert_true(ask(&w).count >= acknowledged);
        assert_true(ask(&w).count <= acknowledged + 1);
        assert_true(log_size(&w) >= before.size);
        if (before.size > 0) {
            assert_int_equal(ledger_root(engine_ledger(w.engine), before.size, &root), 0);
            assert_memory_equal(root.byte, before.root.byte, sizeof root.byte);
        }
        assert_int_equal(feed(&w, 99, w.now, true), 0);
        assert_int_equal(tick(&w, ROLE_FLUSH), 0);
        end(&w);
        assert_true(n < 200);
    }
}

/* A frame of one-event blocks is more than is recorded at once by itself; its source's place is
 * told of once all of it is kept, in the same transaction. */
static void
a_source_is_recorded_with_all_of_its_blocks(void **state)
{
    struct store_source src = {.offset = 100, .prefix_len = 1, .lines = 200};
    struct role_event source = {.kind = ROLE_SOURCE, .source = &src};
    struct store_source found;
    struct decode_stats stats;
    struct errinfo ei;
    struct world w;
    int lost = 0;
    int kept = 0;

    (void)state;
    src.prefix = sha256_of("x", 1);
    for (int n = 60; n < 212; n += 10) {
        struct store_source once = src;

        begin(&w, "block:\n  events: 1\n");
        memset(&stats, 0, sizeof stats);
        for (unsigned i = 0; i < 200; i++)
            feed_frame(&w, i, w.now, true, &stats);
        w.fail_in = n;
        source.source = &once;
        if (role_step(&w.role, &source, &ei) == 0) /* it is more than can wait for a tick */
            kept++;
        w.fail_in = 0;
        close_engine(&w);
        open_engine(&w);
        if (store_find_source(w.store, SLICE("xyz"), &found) == 0)
            assert_int_equal(ask(&w).count, 200);
        else
            lost++;
        end(&w);
    }
    assert_true(lost > 0 && kept > 0);
}

static void
put_mark(struct world *w, const char *text)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/mark", w->dir);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static struct slice
get_mark(struct world *w, char *to, size_t room)
{
    int fd = w->real.open(w->real.self, "mark", ENV_READ);
    int64_t n = w->real.pread(w->real.self, fd, to, room, 0);

    w->real.close(w->real.self, fd);
    return (struct slice){to, (size_t)n};
}

/* Killed between commit and mark: the next start tells of the commit, so the mark must know of
 * it first. */
static void
a_start_brings_the_mark_along(void **state)
{
    char before[128];
    char after[128];
    char again[128];
    struct slice old;
    struct slice want;
    struct world w;

    (void)state;
    begin(&w, "");
    old = get_mark(&w, before, sizeof before - 1);
    before[old.len] = '\0';
    assert_int_equal(feed(&w, 1, w.now, true), 0);
    assert_int_equal(tick(&w, ROLE_FLUSH), 0);
    want = get_mark(&w, after, sizeof after);
    close_engine(&w);
    put_mark(&w, before);
    open_engine(&w);
    assert_true(slice_eq(get_mark(&w, again, sizeof again), want));
    assert_false(slice_eq(old, want));
    end(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_closes_by_the_clock_of_the_world),
        cmocka_unit_test(a_block_closes_when_it_is_full),
        cmocka_unit_test(a_block_holds_4096_events),
        cmocka_unit_test(full_blocks_wait_for_others),
        cmocka_unit_test(sealed_on_threads),
        cmocka_unit_test(own_networks_are_no_origin),
        cmocka_unit_test(duplicates_and_clocks_are_flagged),
        cmocka_unit_test(a_fault_anywhere_loses_nothing_acknowledged),
        cmocka_unit_test(a_source_is_recorded_with_all_of_its_blocks),
        cmocka_unit_test(a_start_brings_the_mark_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
