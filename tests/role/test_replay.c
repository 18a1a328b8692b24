/* The past against a reference that keeps every event: whatever order blocks were recorded in
 * and however wide they are, a replay says at each moment what a live view says that was fed
 * with all that happened before, in order. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "role/engine_priv.h"
#include "role/node.h"
#include "role/replay.h"
#include "role/view.h"
#include "role/week.h"
#include "store/erase.h"

#define HOUR  ((int64_t)3600 * TIME_US_PER_S)
#define DAY   (24 * HOUR)
#define START ((int64_t)1772366400 * TIME_US_PER_S)

enum { ALL_MAX = 120000 };

struct fact {
    struct event_id id;
    struct event event;
};

struct scratch {
    char dir[64];
    struct node n;
    struct frame *frame;
    struct fact *all;
    uint32_t count;
    uint64_t seed;
    uint64_t block; /* of the next */
};

static uint32_t
any(struct scratch *s, uint32_t below)
{
    return (uint32_t)(next_random(&s->seed) % below);
}

static void
begin(struct scratch *s, uint64_t seed)
{
    struct node_init how = {0};
    struct errinfo ei = {0};

    memset(s, 0, sizeof *s);
    s->seed = seed;
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(node_init(s->dir, &how, &ei), 0);
    if (node_open(s->dir, NODE_WRITE, &s->n, &ei) < 0)
        fail_msg("node_open: %s", ei.text);
    s->n.env.self = &s->n.posix;
    s->frame = calloc(1, sizeof *s->frame);
    s->all = calloc(ALL_MAX, sizeof *s->all);
    assert_non_null(s->frame);
    assert_non_null(s->all);
    s->block = 1;
}

static void
end(struct scratch *s)
{
    char command[96];

    node_close(&s->n);
    free(s->frame);
    free(s->all);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

/* A block of events whose times lie by chance within `span` behind `from`. */
static void
record(struct scratch *s, int64_t from, int64_t span, uint32_t count)
{
    struct codec *codec = codec_new();
    struct rule_map map = {0};
    struct errinfo ei = {0};
    struct draft *d;
    struct engine_record rec = {.drafts = &d, .count = 1};

    assert_int_equal(rule_map_begin(&map), 0);
    s->frame->count = count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t net = any(s, 8);
        int64_t t = from + (span == 0 ? 0 : (int64_t)(next_random(&s->seed) % (uint64_t)span));

        s->frame->event[i] =
            (struct event){.time = {t},
                           .time_seen = {t + 1},
                           .origin = addr_of_v4(0xc6336400U + net * 256 + any(s, 30)),
                           .target = addr_of_v4(0xc0000200U + any(s, 30)),
                           .origin_asn = net == 0 ? 0 : 64496 + net,
                           .origin_country = net % 3 == 0 ? 0 : COUNTRY('X', 'A' + net),
                           .count = 1,
                           .target_port = 443,
                           .kind = EVENT_ALERT,
                           .class_ = (uint8_t)any(s, CLASSES)};
    }
    s->frame->raw = SLICE("");
    assert_int_equal(engine_admit(s->n.engine, s->frame, NULL, &map, false), 0);
    d = engine_take_full(s->n.engine);
    if (d == NULL)
        d = engine_take_open(s->n.engine);
    assert_non_null(d);
    engine_seal(s->n.engine, codec, d);
    assert_int_equal(engine_record(s->n.engine, &rec, &ei), 0);
    engine_give_back(s->n.engine, d);
    codec = codec_free(codec);
    rule_map_release(&map);
    assert_true(s->count + count <= ALL_MAX);
    for (uint32_t i = 0; i < count; i++)
        s->all[s->count++] = (struct fact){{s->block, i}, s->frame->event[i]};
    s->block++;
}

static int
by_time(const void *a, const void *b)
{
    const struct fact *x = a;
    const struct fact *y = b;

    if (x->event.time.us != y->event.time.us)
        return x->event.time.us < y->event.time.us ? -1 : 1;
    if (x->id.block != y->id.block)
        return x->id.block < y->id.block ? -1 : 1;
    return x->id.index < y->id.index ? -1 : 1;
}

struct both {
    struct scratch *s;
    struct view v;
    struct live *live;
    uint32_t fed;
    struct replay *replay;
};

static void
look(struct both *b, struct scratch *s, int64_t at)
{
    struct errinfo ei = {0};
    struct replay_source from;

    memset(b, 0, sizeof *b);
    b->s = s;
    qsort(s->all, s->count, sizeof *s->all, by_time);
    assert_int_equal(view_open(s->dir, &b->v, &ei), 0);
    from = (struct replay_source){b->v.node.store, b->v.reader, &b->v.node.env,
                                  &b->v.dict,      NULL,        NULL};
    assert_int_equal(live_new(&b->v.dict, NULL, &b->live), 0);
    assert_int_equal(replay_new(&from, (struct utime){at}, &b->replay), 0);
}

static void
look_away(struct both *b)
{
    b->replay = replay_free(b->replay);
    b->live = live_free(b->live);
    view_close(&b->v);
}

static void
assert_same(const char *got, const char *want)
{
    size_t i = 0;

    while (got[i] != '\0' && got[i] == want[i])
        i++;
    if (got[i] != want[i])
        fail_msg("byte %zu: ...%.120s, not ...%.120s", i, got + (i < 40 ? 0 : i - 40),
                 want + (i < 40 ? 0 : i - 40));
}

/* Brings both to that time, the replay by slices of no time at all, and compares. */
static void
compare_at(struct both *b, int64_t at)
{
    struct live_honesty h = {.tables_age_days = -1};
    struct utime t = {at};
    AUTO_BUF(delta, 1 << 22);
    AUTO_BUF(want, 1 << 22);
    AUTO_BUF(got, 1 << 22);
    char *cut;
    int r = 0;

    while (b->fed < b->s->count && b->s->all[b->fed].event.time.us < at) {
        const struct fact *f = &b->s->all[b->fed++];

        live_add(b->live, f->id, &f->event, t);
    }
    while (r == 0)
        r = replay_step(b->replay, t, 0);
    assert_int_equal(r, 1);
    assert_int_equal(replay_at(b->replay).us, at);
    assert_int_equal(live_publish(b->live, t, &h, &delta, &want), 0);
    buf_reset(&delta);
    assert_int_equal(replay_publish(b->replay, 1, &h, &delta, &got), 0);
    buf_char(&want, '\0');
    buf_char(&got, '\0');
    cut = strstr(got.ptr, ",\"replay\":");
    assert_non_null(cut);
    memcpy(cut, "}", 2);
    assert_same(got.ptr, want.ptr);
}

/* A day and a half of narrow blocks; then what is imported later, in another order, and what
 * lies far apart in one block. */
static void
mixed(struct scratch *s)
{
    for (int i = 0; i < 300; i++)
        record(s, START + i * DAY / 200, 30 * TIME_US_PER_S, 1 + any(s, 60));
    for (int i = 0; i < 20; i++)
        record(s, START + (int64_t)any(s, 36) * HOUR, HOUR, 200);
    record(s, START - 40 * DAY, 50 * DAY, 4000);
    record(s, START + 3 * HOUR, 5 * DAY, 300);
    for (int i = 0; i < 20; i++)
        record(s, START + i * HOUR + 5, 2 * TIME_US_PER_S, 30);
}

static void
says_what_a_live_view_says(void **state)
{
    static const int64_t starts[] = {-DAY, 0, 7 * HOUR, 26 * HOUR + 7, 35 * HOUR, 5 * DAY};
    static const int64_t steps[] = {1,        250000, 2500000,   15000000,
                                    75000000, HOUR,   13 * HOUR, 8 * DAY};
    struct scratch s;

    (void)state;
    begin(&s, 7);
    mixed(&s);
    for (size_t i = 0; i < COUNT(starts); i++) {
        struct both b;
        int64_t at = START + starts[i];

        look(&b, &s, at);
        compare_at(&b, at);
        for (int k = 0; k < 60; k++) {
            at += steps[(size_t)k * 5 % COUNT(steps)];
            compare_at(&b, at);
        }
        look_away(&b);
    }
    end(&s);
}

/* More at once than is read ahead: the chunk is cut, and what a wide block had in the part that
 * is left for later is not lost. */
static void
cuts_what_is_too_much(void **state)
{
    struct scratch s;
    struct both b;

    (void)state;
    begin(&s, 11);
    record(&s, START, 2 * HOUR, 4000);
    for (int i = 0; i < 20; i++)
        record(&s, START + HOUR, i % 2 == 0 ? 0 : 20 * TIME_US_PER_S, 4096);
    look(&b, &s, START + HOUR - 5 * TIME_US_PER_S);
    for (int i = 0; i < 30; i++)
        compare_at(&b, START + HOUR + (i - 5) * TIME_US_PER_S);
    compare_at(&b, START + HOUR + HOUR / 2);
    compare_at(&b, START + 3 * HOUR);
    look_away(&b);
    end(&s);
}

/* Before the first event there is nothing, and the answer says from when on there is more. */
static void
says_from_when(void **state)
{
    struct live_honesty h = {.tables_age_days = -1};
    struct scratch s;
    struct both b;
    AUTO_BUF(delta, 1 << 22);
    AUTO_BUF(got, 1 << 22);
    int r = 0;

    (void)state;
    begin(&s, 3);
    record(&s, START, 0, 5);
    look(&b, &s, START - HOUR);
    while (r == 0)
        r = replay_step(b.replay, (struct utime){START - HOUR}, INT64_MAX);
    assert_int_equal(r, 1);
    assert_int_equal(replay_publish(b.replay, 60, &h, &delta, &got), 0);
    buf_char(&got, '\0');
    assert_non_null(strstr(got.ptr, "\"replay\":{\"from\":\"2026-03-01T12:00:00.000000Z\","
                                    "\"speed\":60,\"erased\":0,\"left_out\":0}}"));
    assert_non_null(strstr(got.ptr, "\"totals\":[0,0,0,0]"));
    look_away(&b);
    end(&s);
}

/* The week of the timeline against counting: by whatever steps it is made, and with what came
 * while it was. */
static void
counts_a_week(void **state)
{
    static uint32_t want[CHIPS][WEEK_STEPS];
    const int64_t step_us = (int64_t)WEEK_STEP_S * TIME_US_PER_S;
    struct scratch s;
    struct both b = {.s = &s};
    struct week w;
    struct errinfo ei = {0};
    struct utime now;
    uint32_t old;
    AUTO_BUF(json, 1 << 16);
    AUTO_BUF(rows, 1 << 16);

    (void)state;
    begin(&s, 77);
    now = s.n.env.now_wall(s.n.env.self);
    for (unsigned i = 0; i < 40; i++)
        record(&s, now.us - 10 * DAY + any(&s, 9 * 24) * HOUR, any(&s, 24) * HOUR,
               1 + any(&s, 900));
    old = s.count;
    assert_int_equal(view_open(s.dir, &b.v, &ei), 0);
    week_open(&w, b.v.node.store, b.v.reader);
    assert_int_equal(week_step(&w, &b.v.node.env, 0), 0); /* nobody asked */
    assert_int_equal(week_json(&w, now, &json), 0);
    assert_non_null(memmem(json.ptr, json.len, "\"whole\":false", 13));
    assert_int_equal(week_step(&w, &b.v.node.env, 0), 1);
    record(&s, now.us - DAY, DAY, 500); /* comes while it counts */
    for (uint32_t i = old; i < s.count; i++)
        week_add(&w, s.all[i].id.block, &s.all[i].event, now);
    for (uint32_t i = 0; i < 10; i++) /* of a block that it counts itself */
        week_add(&w, s.all[i].id.block, &s.all[i].event, now);
    while (week_step(&w, &b.v.node.env, 0) == 1) {
    }
    now = s.n.env.now_wall(s.n.env.self); /* a step may have ended */
    for (uint32_t i = 0; i < s.count; i++) {
        const struct event *ev = &s.all[i].event;
        int64_t back = now.us / step_us - ev->time.us / step_us;

        if (back < WEEK_STEPS)
            want[event_class_chip((enum event_class)ev->class_)][WEEK_STEPS - 1 - back]++;
    }
    for (unsigned c = 0; c < CHIPS; c++) {
        buf_text(&rows, c > 0 ? ",[" : "[");
        for (unsigned i = 0; i < WEEK_STEPS; i++)
            buf_printf(&rows, "%s%u", i > 0 ? "," : "", want[c][i]);
        buf_char(&rows, ']');
    }
    buf_reset(&json);
    assert_int_equal(week_json(&w, now, &json), 0);
    assert_non_null(memmem(json.ptr, json.len, "\"whole\":true", 12));
    assert_non_null(memmem(json.ptr, json.len, rows.ptr, rows.len));
    buf_reset(&json); /* eight days later nothing is left, and what comes is counted */
    now.us += 8 * DAY;
    assert_int_equal(week_json(&w, now, &json), 0);
    assert_null(memmem(json.ptr, json.len, ",1", 2));
    view_close(&b.v);
    end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_a_live_view_says), cmocka_unit_test(cuts_what_is_too_much),
        cmocka_unit_test(says_from_when), cmocka_unit_test(counts_a_week)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
