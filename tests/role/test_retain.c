/* Erasing by age and by hand, under a virtual clock: what must be gone is nowhere in the
 * folder, what must stay is proved as before, and a fault anywhere only makes it come later. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "role/describe.h"
#include "role/engine_step.h"
#include "role/fsck.h"
#include "role/keep.h"
#include "role/node.h"
#include "role/retain.h"

enum { EVENTS = 40, RAW_UNIT = 90 };
#define HOUR ((int64_t)3600 * TIME_US_PER_S)
#define DAY  (24 * HOUR)

static int64_t mono_us; /* and the wall clock, less wall_ahead */
static int64_t wall_ahead;
static int fail_in; /* writes and syncs until one fails; 0: none does */
static bool failed;
static unsigned errors; /* logged */
static struct env real;

static struct utime
now_wall(void *self)
{
    (void)self;
    return (struct utime){mono_us + wall_ahead};
}

static int64_t
now_mono(void *self)
{
    (void)self;
    return mono_us;
}

static bool
fails(void)
{
    if (fail_in == 0 || --fail_in > 0)
        return false;
    failed = true;
    return true;
}

/* A write that fails leaves half of its bytes behind. */
static int
env_pwrite(void *self, int fd, const void *from, size_t n, uint64_t at)
{
    bool bad = fails();
    int r = real.pwrite(self, fd, from, bad ? n / 2 : n, at);

    return bad ? ERR_IO : r;
}

static int
env_sync(void *self, int fd)
{
    return fails() ? ERR_IO : real.sync(self, fd);
}

static void
env_log(void *self, enum env_level level, const char *text)
{
    (void)self;
    (void)text;
    errors += level == ENV_ERROR;
}

struct scratch {
    char dir[64];
    struct node n;
    struct engine_role role;
    struct retain retain;
    struct rule_map rules;
    struct frame *frame;
    uint64_t seed;
};

static void
open_scratch(struct scratch *s)
{
    struct errinfo ei = {0};

    if (node_open(s->dir, NODE_WRITE, &s->n, &ei) < 0)
        fail_msg("node_open: %s", ei.text);
    real = s->n.env;
    s->n.env.now_wall = now_wall;
    s->n.env.now_mono = now_mono;
    s->n.env.pwrite = env_pwrite;
    s->n.env.sync = env_sync;
    s->n.env.log = env_log;
    assert_int_equal(role_open(&s->role, s->n.engine, &s->n.env, s->n.conf), 0);
    assert_int_equal(retain_open(&s->retain, s->n.engine, &ei), 0);
}

static void
close_scratch(struct scratch *s)
{
    retain_close(&s->retain);
    role_close(&s->role);
    node_close(&s->n);
}

static void
begin(struct scratch *s, const char *yaml)
{
    struct node_init how = {0};
    struct errinfo ei = {0};
    char path[96];
    FILE *f;

    memset(s, 0, sizeof *s);
    mono_us = ((int64_t)time(NULL) + 1) * TIME_US_PER_S;
    wall_ahead = 0;
    fail_in = 0;
    failed = false;
    errors = 0;
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(node_init(s->dir, &how, &ei), 0);
    (void)snprintf(path, sizeof path, "%s/detente.yaml", s->dir);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(yaml, f) >= 0);
    assert_int_equal(fclose(f), 0);
    s->frame = calloc(1, sizeof *s->frame);
    assert_non_null(s->frame);
    assert_int_equal(rule_map_begin(&s->rules), 0);
    open_scratch(s);
}

static void
end(struct scratch *s)
{
    char command[96];

    close_scratch(s);
    rule_map_release(&s->rules);
    free(s->frame);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

/* One block; its raw bytes begin with `marker` and go on by chance, so that no compression
 * hides them from a search. */
static void
feed(struct scratch *s, const char *marker)
{
    struct role_event ev = {.kind = ROLE_FRAME, .frame = s->frame, .rules = &s->rules};
    struct role_event flush = {.kind = ROLE_FLUSH};
    struct errinfo ei = {0};
    AUTO_BUF(raw, 1 << 20);

    s->frame->count = EVENTS;
    for (uint32_t i = 0; i < EVENTS; i++) {
        uint32_t at = (uint32_t)raw.len;

        buf_text(&raw, marker);
        while (raw.len < at + RAW_UNIT)
            buf_char(&raw, (char)('!' + next_random(&s->seed) % 90));
        s->frame->event[i] = (struct event){.time = now_wall(NULL),
                                            .origin = addr_of_v4(0xc6336400U + i),
                                            .target = addr_of_v4(0xc000020aU),
                                            .count = 1,
                                            .raw_kind = RAW_LINE,
                                            .raw_count = 1,
                                            .raw_at = at,
                                            .raw_len = (uint32_t)raw.len - at};
    }
    s->frame->raw = buf_get(&raw);
    assert_int_equal(role_step(&s->role, &ev, &ei), 0);
    assert_int_equal(role_step(&s->role, &flush, &ei), 0);
}

/* The engine's loop for so long; 0, or what ended it. */
static int
run(struct scratch *s, int64_t us)
{
    struct errinfo ei = {0};
    int r = 0;

    for (int64_t until = mono_us + us; r == 0 && mono_us < until;) {
        mono_us += (us > DAY ? 60 : us > 600 * TIME_US_PER_S ? 10 : 1) * TIME_US_PER_S;
        r = retain_step(&s->retain, &ei);
        store_settle(s->n.store);
    }
    return r;
}

static enum erasure
state_of(struct scratch *s, uint64_t block)
{
    struct store_block row;

    assert_int_equal(store_get_block(s->n.store, block, &row), 0);
    return row.erased;
}

/* Is it anywhere in the node's folder? */
static bool
stands_somewhere(struct scratch *s, const void *bytes, size_t n)
{
    static const char *const names[] = {"detente.db", "detente.db-wal", "evidence/000001.zst"};
    bool found = false;

    for (size_t i = 0; i < COUNT(names); i++) {
        int fd = real.open(s->n.env.self, names[i], ENV_READ);
        int64_t size = fd < 0 ? 0 : real.size(s->n.env.self, fd);
        char *all = size <= 0 ? NULL : malloc((size_t)size);

        if (all != NULL) {
            assert_int_equal(real.pread(s->n.env.self, fd, all, (size_t)size, 0), size);
            found |= memmem(all, (size_t)size, bytes, n) != NULL;
        }
        free(all);
        if (fd >= 0)
            real.close(s->n.env.self, fd);
    }
    return found;
}

static void
take_key(struct scratch *s, uint64_t block, uint8_t key[COMMIT_KEY])
{
    struct store_block row;

    assert_int_equal(store_get_block(s->n.store, block, &row), 0);
    assert_int_equal(row.key.len, COMMIT_KEY);
    memcpy(key, row.key.ptr, COMMIT_KEY);
    store_settle(s->n.store);
}

struct looker {
    struct reader *reader;
    struct describer d;
};

static void
look(struct scratch *s, struct looker *l)
{
    assert_int_equal(reader_open(s->n.store, &s->n.env, &l->reader), 0);
    l->d = (struct describer){.store = s->n.store,
                              .reader = l->reader,
                              .dict = engine_dict(s->n.engine),
                              .ledger = engine_ledger(s->n.engine),
                              .key = &s->n.vkey};
}

static void
prove(struct scratch *s, struct event_id id, struct buf *to)
{
    struct errinfo ei = {0};
    struct looker l;
    struct found f;

    look(s, &l);
    assert_int_equal(describe_find(&l.d, id, &f), 0);
    assert_int_equal(describe_proof(&l.d, &f, PROOF_RAW, to, &ei), 0);
    l.reader = reader_close(l.reader);
    store_settle(s->n.store);
}

static void
check_proof(struct scratch *s, struct slice file, struct proof *ret)
{
    struct checkpoint_keys keys = {.log = {&s->n.vkey, 1}};
    struct errinfo ei = {0};

    if (proof_verify(file, &keys, ret, &ei) < 0)
        fail_msg("%s", ei.text);
}

static void
check_all(struct scratch *s, struct fsck_result *ret)
{
    struct errinfo ei = {0};
    struct looker l;
    struct fsck_of of;

    look(s, &l);
    of = (struct fsck_of){.store = s->n.store,
                          .reader = l.reader,
                          .dict = engine_dict(s->n.engine),
                          .log = &s->n.vkey};
    if (fsck_run(&of, ledger_size(engine_ledger(s->n.engine)), ret, &ei) < 0)
        fail_msg("fsck: %s", ei.text);
    l.reader = reader_close(l.reader);
    store_settle(s->n.store);
}

static int
count_event(void *arg, const struct query_hit *hit)
{
    (void)hit;
    ++*(unsigned *)arg;
    return 0;
}

static unsigned
count_events(struct scratch *s)
{
    struct looker l;
    struct query q;
    unsigned n = 0;

    query_init(&q);
    look(s, &l);
    assert_int_equal(query_each(l.reader, &q, true, count_event, &n), 0);
    l.reader = reader_close(l.reader);
    store_settle(s->n.store);
    return n;
}

/* ---- what is promised ---- */

static const char short_yaml[] = "retention:\n  raw: 1h\n  events: 2h\n";

static void
raw_bytes_go_first_and_then_everything(void **state)
{
    struct scratch s;
    struct fsck_result res;
    struct proof before;
    struct proof after;
    uint8_t key[COMMIT_KEY];
    AUTO_BUF(old, PROOF_MAX);
    AUTO_BUF(young, PROOF_MAX);

    (void)state;
    begin(&s, short_yaml);
    feed(&s, "first-secret");
    take_key(&s, 1, key);
    prove(&s, (struct event_id){1, 7}, &old);
    assert_int_equal(run(&s, HOUR - 300 * TIME_US_PER_S), 0);
    feed(&s, "second-secret");
    assert_true(stands_somewhere(&s, "first-secret", 12));
    assert_true(stands_somewhere(&s, key, sizeof key));
    assert_int_equal(state_of(&s, 1), ERASURE_NONE);

    assert_int_equal(run(&s, 600 * TIME_US_PER_S), 0);
    assert_int_equal(state_of(&s, 1), ERASURE_RAW);
    assert_int_equal(state_of(&s, 2), ERASURE_NONE);
    assert_false(stands_somewhere(&s, "first-secret", 12));
    assert_false(stands_somewhere(&s, key, sizeof key));
    assert_true(stands_somewhere(&s, "second-secret", 13));
    assert_int_equal(count_events(&s), 2 * EVENTS); /* still counted */
    check_all(&s, &res);
    assert_int_equal(res.events, 2 * EVENTS);
    assert_int_equal(res.raw_erased, 1);
    /* a proof from now says all that it said before, but for the raw bytes */
    prove(&s, (struct event_id){1, 7}, &young);
    check_proof(&s, buf_get(&old), &before);
    check_proof(&s, buf_get(&young), &after);
    assert_true(hash_eq(&before.commitment, &after.commitment));
    assert_true(slice_eq(before.private_, after.private_));
    assert_true(slice_eq(before.target, after.target));
    assert_true(before.has_raw);
    assert_false(after.has_raw);
    proof_release(&before);
    proof_release(&after);

    assert_int_equal(run(&s, HOUR), 0);
    assert_int_equal(state_of(&s, 1), ERASURE_BLOCK);
    assert_int_equal(state_of(&s, 2), ERASURE_RAW);
    assert_int_equal(count_events(&s), EVENTS);
    check_all(&s, &res);
    assert_int_equal(res.erased, 1);
    check_proof(&s, buf_get(&old), &before); /* what was handed out stays good */
    proof_release(&before);
    /* and a node that begins with erased blocks begins */
    assert_int_equal(run(&s, HOUR), 0);
    assert_int_equal(count_events(&s), 0);
    close_scratch(&s);
    open_scratch(&s);
    feed(&s, "third-secret");
    assert_int_equal(count_events(&s), EVENTS);
    end(&s);
}

static void
a_wrong_clock_does_not_erase_everything(void **state)
{
    struct scratch s;

    (void)state;
    begin(&s, "");
    feed(&s, "one");
    assert_int_equal(run(&s, HOUR), 0);
    wall_ahead = 3650 * DAY;
    feed(&s, "two"); /* the log's own clock is as wrong now */
    assert_int_equal(run(&s, HOUR), 0);
    close_scratch(&s); /* a restart is no way around it */
    open_scratch(&s);
    assert_int_equal(run(&s, HOUR), 0);
    assert_int_equal(state_of(&s, 1), ERASURE_NONE);
    /* repaired: as if nothing had been */
    wall_ahead = 0;
    assert_int_equal(run(&s, 29 * DAY), 0);
    assert_int_equal(state_of(&s, 1), ERASURE_NONE);
    assert_int_equal(run(&s, 2 * DAY), 0);
    assert_int_equal(state_of(&s, 1), ERASURE_RAW);
    /* a node that stood still catches up */
    close_scratch(&s);
    mono_us += 335 * DAY;
    open_scratch(&s);
    assert_int_equal(run(&s, HOUR), 0);
    assert_int_equal(state_of(&s, 1), ERASURE_RAW);
    assert_int_equal(run(&s, 14 * DAY), 0);
    assert_int_equal(state_of(&s, 1), ERASURE_BLOCK);
    end(&s);
}

static int
hold(struct scratch *s, enum leaf_hold_action action, const struct hold_span *span,
     struct utime until, bool *refused)
{
    struct hold_order o = {.name = SLICE("case-7"),
                           .action = action,
                           .until = until,
                           .span = span,
                           .spans = span != NULL,
                           .text = SLICE("a text"),
                           .who = {SLICE("local:me"), SLICE("operator")}};
    struct errinfo ei;

    return hold_do(s->n.engine, &o, refused, &ei);
}

static int
erase(struct scratch *s, uint64_t block, enum erasure scope, bool *refused)
{
    struct eraser *x = s->retain.eraser;
    struct erase_person who = {SLICE("local:me"), SLICE("operator")};
    struct erase_order o = {.block = &block,
                            .count = 1,
                            .scope = scope,
                            .rule = SLICE("request-12"),
                            .who = &who,
                            .now = now_wall(NULL)};
    struct errinfo ei;
    uint64_t bad;
    int r = erase_blocks(x, &o, &bad, &ei);

    *refused = eraser_refused(x);
    return r;
}

static void
a_hold_wins(void **state)
{
    const struct hold_span two = {{2, 3}, {2, 3}};
    const struct hold_span far = {{9, 0}, {9, 0}};
    struct fsck_result res;
    struct scratch s;
    bool refused;
    uint64_t size;

    (void)state;
    begin(&s, short_yaml);
    for (int i = 0; i < 3; i++)
        feed(&s, "held-secret");
    assert_int_equal(hold(&s, LEAF_HOLD_PLACE, &far, (struct utime){-1}, &refused),
                     ERR_NOTFOUND);
    assert_true(refused);
    assert_int_equal(hold(&s, LEAF_HOLD_EXTEND, NULL, (struct utime){-1}, &refused),
                     ERR_NOTFOUND);
    assert_int_equal(hold(&s, LEAF_HOLD_PLACE, &two, (struct utime){-1}, &refused), 0);
    size = ledger_size(engine_ledger(s.n.engine));
    assert_int_equal(hold(&s, LEAF_HOLD_PLACE, &two, (struct utime){-1}, &refused), ERR_CONF);
    assert_int_equal(erase(&s, 2, ERASURE_RAW, &refused), ERR_BUSY);
    assert_true(refused);
    assert_int_equal(ledger_size(engine_ledger(s.n.engine)), size); /* a refusal is no leaf */
    assert_int_equal(run(&s, 3 * HOUR), 0);
    assert_int_equal(state_of(&s, 1), ERASURE_BLOCK);
    assert_int_equal(state_of(&s, 2), ERASURE_NONE);
    assert_int_equal(state_of(&s, 3), ERASURE_BLOCK);
    assert_true(stands_somewhere(&s, "held-secret", 11));
    /* it ends by itself, at its own time */
    assert_int_equal(hold(&s, LEAF_HOLD_EXTEND, NULL, (struct utime){mono_us + HOUR}, &refused),
                     0);
    assert_int_equal(run(&s, HOUR - 120 * TIME_US_PER_S), 0);
    assert_int_equal(state_of(&s, 2), ERASURE_NONE);
    assert_int_equal(run(&s, 600 * TIME_US_PER_S), 0);
    assert_int_equal(state_of(&s, 2), ERASURE_BLOCK);
    assert_false(stands_somewhere(&s, "held-secret", 11));
    assert_int_equal(hold(&s, LEAF_HOLD_RELEASE, NULL, (struct utime){-1}, &refused), 0);
    check_all(&s, &res);
    assert_int_equal(res.erased, 3);
    end(&s);
}

static void
by_hand_a_block_is_erased_once(void **state)
{
    struct fsck_result res;
    struct scratch s;
    bool refused;

    (void)state;
    begin(&s, "");
    feed(&s, "a");
    feed(&s, "b");
    assert_int_equal(erase(&s, 3, ERASURE_RAW, &refused), ERR_NOTFOUND);
    assert_int_equal(erase(&s, 2, ERASURE_RAW, &refused), 0);
    assert_int_equal(erase(&s, 2, ERASURE_RAW, &refused), ERR_GONE);
    assert_true(refused);
    assert_int_equal(erase(&s, 2, ERASURE_BLOCK, &refused), 0);
    assert_int_equal(erase(&s, 2, ERASURE_RAW, &refused), ERR_GONE);
    assert_int_equal(erase(&s, 1, ERASURE_BLOCK, &refused), 0);
    check_all(&s, &res);
    assert_int_equal(res.erased, 2);
    /* the newest block's bytes are gone: the next one stands behind them */
    close_scratch(&s);
    open_scratch(&s);
    feed(&s, "c");
    check_all(&s, &res);
    assert_int_equal(count_events(&s), EVENTS);
    end(&s);
}

/* The n-th write or sync fails, for all n: the engine stops, nothing is lost by it, and the
 * next start ends what was begun. */
static void
a_fault_anywhere_only_delays(void **state)
{
    unsigned pending = 0;
    bool more = true;

    (void)state;
    for (int n = 1; more; n++) {
        struct scratch s;
        struct fsck_result res;
        struct tree_head before;
        struct hash root;
        uint8_t key[COMMIT_KEY];
        int r;

        begin(&s, short_yaml);
        for (int i = 0; i < 3; i++)
            feed(&s, "fault-secret");
        take_key(&s, 2, key);
        assert_int_equal(run(&s, HOUR - 60 * TIME_US_PER_S), 0);
        ledger_head(engine_ledger(s.n.engine), &before);
        fail_in = n;
        r = run(&s, 180 * TIME_US_PER_S);
        more = failed;
        assert_true(r == 0 ? !failed : failed);
        fail_in = 0;
        close_scratch(&s);
        open_scratch(&s);
        pending += state_of(&s, 2) == ERASURE_RAW && stands_somewhere(&s, "fault-secret", 12);
        assert_int_equal(count_events(&s), 3 * EVENTS);
        assert_int_equal(run(&s, 300 * TIME_US_PER_S), 0);
        for (uint64_t b = 1; b <= 3; b++)
            assert_int_equal(state_of(&s, b), ERASURE_RAW);
        assert_false(stands_somewhere(&s, "fault-secret", 12));
        assert_false(stands_somewhere(&s, key, sizeof key));
        assert_int_equal(ledger_root(engine_ledger(s.n.engine), before.size, &root), 0);
        assert_true(hash_eq(&root, &before.root));
        check_all(&s, &res);
        assert_int_equal(res.raw_erased, 3);
        end(&s);
        assert_true(n < 100);
    }
    assert_true(pending > 0); /* the case that this is about was met */
}

/* Who reads what was before has its bytes until the end; who begins later sees nothing of them.
 */
static void
bytes_stay_for_a_reader_of_before(void **state)
{
    struct scratch s;
    struct store *other = NULL;
    struct store_block row;
    struct errinfo ei = {0};

    (void)state;
    begin(&s, short_yaml);
    feed(&s, "read-secret");
    assert_int_equal(store_open(s.dir, STORE_READ, &other, &ei), 0);
    assert_int_equal(store_snapshot(other), 0);
    assert_int_equal(store_get_block(other, 1, &row), 0);
    assert_int_equal(run(&s, HOUR + 600 * TIME_US_PER_S), 0);
    assert_int_equal(state_of(&s, 1), ERASURE_RAW);
    assert_true(stands_somewhere(&s, "read-secret", 11));
    assert_int_equal(store_get_block(other, 1, &row), 0);
    assert_int_equal(row.erased, ERASURE_NONE);
    store_settle(other);
    assert_int_equal(run(&s, 120 * TIME_US_PER_S), 0);
    assert_false(stands_somewhere(&s, "read-secret", 11));
    other = store_close(other);
    end(&s);
}

/* Of what does not give its root any more nothing is kept, so nothing is erased. */
static void
a_damaged_block_stays_and_is_named(void **state)
{
    struct scratch s;
    struct store_block row;
    uint64_t at;
    char byte;
    int fd;

    (void)state;
    begin(&s, short_yaml);
    for (int i = 0; i < 3; i++)
        feed(&s, "x");
    assert_int_equal(store_get_block(s.n.store, 2, &row), 0);
    at = row.at + row.len - 40;
    store_settle(s.n.store);
    fd = real.open(s.n.env.self, "evidence/000001.zst", ENV_WRITE);
    assert_int_equal(real.pread(s.n.env.self, fd, &byte, 1, at), 1);
    byte = (char)(byte ^ 4);
    assert_int_equal(real.pwrite(s.n.env.self, fd, &byte, 1, at), 0);
    real.close(s.n.env.self, fd);
    assert_int_equal(run(&s, HOUR + 600 * TIME_US_PER_S), 0);
    assert_int_equal(state_of(&s, 1), ERASURE_RAW);
    assert_int_equal(state_of(&s, 2), ERASURE_NONE);
    assert_int_equal(state_of(&s, 3), ERASURE_RAW);
    assert_int_equal(errors, 1);
    end(&s);
}

/* An order comes from another process: what is not of its form is refused before anything. */
static void
malformed_orders_are_refused(void **state)
{
    static struct keep_ask good = {.what = KEEP_PLACE,
                                   .spans = 2,
                                   .until = -1,
                                   .span = {{{1, 0}, {1, UINT32_MAX}}, {{3, 1}, {9, 2}}},
                                   .name = "case-7"};
    static struct keep_ask a;

    (void)state;
    assert_true(keep_ask_ok(&good));
    a = good;
    a.what = 0;
    assert_false(keep_ask_ok(&a));
    a = good;
    a.spans = HOLD_SPANS + 1;
    assert_false(keep_ask_ok(&a));
    a = good;
    a.span[1].first.block = 1; /* twice */
    assert_false(keep_ask_ok(&a));
    a = good;
    memset(a.name, 'a', sizeof a.name); /* without an end */
    assert_false(keep_ask_ok(&a));
    a = good;
    memset(a.text, 'a', sizeof a.text);
    assert_false(keep_ask_ok(&a));
    a = good;
    a.text[0] = (char)0xff;
    assert_false(keep_ask_ok(&a));
    a = good;
    a.what = KEEP_ERASE; /* 3 to 9 is no single block */
    a.scope = ERASURE_RAW;
    assert_false(keep_ask_ok(&a));
    a.span[1].last.block = 3;
    assert_true(keep_ask_ok(&a));
    a.scope = ERASURE_NONE;
    assert_false(keep_ask_ok(&a));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_bytes_go_first_and_then_everything),
        cmocka_unit_test(a_wrong_clock_does_not_erase_everything),
        cmocka_unit_test(a_hold_wins),
        cmocka_unit_test(by_hand_a_block_is_erased_once),
        cmocka_unit_test(a_fault_anywhere_only_delays),
        cmocka_unit_test(bytes_stay_for_a_reader_of_before),
        cmocka_unit_test(malformed_orders_are_refused),
        cmocka_unit_test(a_damaged_block_stays_and_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
