/* What a window lets go changes no span: acts, targets and sensors of each, capped at what the
 * threshold asks for, are those of all that came. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "judge/judge_priv.h"

enum { RECORDS = 600, ROUNDS = 150, TARGETS_MOST = 8, TARGET_SHIFT = 16 };
/* Shifted, so that the bits by which a window tells targets apart are all the same. */

static unsigned verdicts[2]; /* unmet, met */

struct measure {
    uint64_t sum;
    uint32_t targets;
    uint32_t sensors;
};

static struct measure
measure(const struct record *rec, uint32_t n, const struct rule *r, int64_t end)
{
    struct measure m = {0};
    uint64_t targets = 0;
    uint64_t sensors = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (rec[i].time <= end - r->window || rec[i].time > end)
            continue;
        m.sum += record_amount(&rec[i]);
        targets |= UINT64_C(1) << (rec[i].target >> TARGET_SHIFT);
        sensors |= UINT64_C(1) << record_sensor(&rec[i]);
    }
    m.targets = (uint32_t)__builtin_popcountll(targets);
    m.sensors = (uint32_t)__builtin_popcountll(sensors);
    m.sum = m.sum < r->least ? m.sum : r->least;
    m.targets = m.targets < r->targets ? m.targets : r->targets;
    m.sensors = m.sensors < r->sensors ? m.sensors : r->sensors;
    return m;
}

static void
same_spans(const struct record *all, uint32_t n, const struct windows *ws,
           const struct window *w, const struct rule *r)
{
    for (uint32_t i = 0; i < 2 * n; i++) {
        /* The span that ends with a record, and the one that begins with it. */
        int64_t end = all[i / 2].time + (i % 2 ? r->window - 1 : 0);
        struct measure want = measure(all, n, r, end);
        struct measure got = measure(window_records(ws, w), w->n, r, end);

        assert_int_equal(got.sum, want.sum);
        assert_int_equal(got.targets, want.targets);
        assert_int_equal(got.sensors, want.sensors);
    }
}

/* Is every target of all still there, unless the window says that one is not? */
static void
targets_kept(const struct record *all, uint32_t n, const struct windows *ws,
             const struct window *w)
{
    const struct record *rec = window_records(ws, w);
    uint64_t had = 0;
    uint64_t has = 0;

    for (uint32_t i = 0; i < n; i++)
        had |= UINT64_C(1) << (all[i].target >> TARGET_SHIFT);
    for (uint32_t i = 0; i < w->n; i++)
        has |= UINT64_C(1) << (rec[i].target >> TARGET_SHIFT);
    assert_true(had == has || (w->flags & W_LOST) != 0);
}

static bool
enough(struct measure m, const struct rule *r)
{
    return m.sum == r->least && m.targets == r->targets && m.sensors == r->sensors;
}

/* Does some span that holds the newest one (`at` in the window) meet the threshold? */
static void
same_verdict(const struct record *all, uint32_t n, const struct windows *ws, struct window *w,
             const struct rule *r, uint32_t at, struct scratch *s)
{
    int64_t time = all[n - 1].time;
    bool want = enough(measure(all, n, r, time), r);
    uint32_t span[2];

    for (uint32_t i = 0; i < n && !want; i++) {
        if (all[i].time > time && all[i].time < time + r->window)
            want = enough(measure(all, n, r, all[i].time), r);
    }
    assert_int_equal(records_met(ws, w, r, at, s, span), want);
    verdicts[want]++;
}

static uint32_t
run(uint64_t seed, uint32_t *ret_lost)
{
    static struct record all[RECORDS];
    struct rule rule = {.least = next_random(&seed) % 25,
                        .targets = (uint32_t)(next_random(&seed) % 5),
                        .sensors = (uint32_t)(next_random(&seed) % 3),
                        .window = 1000 + (int64_t)(next_random(&seed) % 1000)};
    struct rules rules = {.rule = &rule, .count = 1};
    struct judge_limits limits = {.windows = 4, .lateness = {INT64_MAX / 4}, .secret = seed};
    struct window_key key = {.who = 1};
    struct scratch scratch = {0};
    struct windows ws;
    struct window *w;
    uint64_t pace = 1 + next_random(&seed) % 120;
    bool late = next_random(&seed) % 2 == 0;
    uint64_t amounts;
    int64_t now = 0;
    uint32_t kept;
    uint32_t at;

    rule.enough = (uint32_t)rule.least + rule.targets + rule.sensors;
    rule.fewest = rule.targets > rule.sensors ? rule.targets : rule.sensors;
    rule.ones = rule.least > rule.fewest ? (uint32_t)rule.least : rule.fewest;
    amounts = 1 + (seed / 4) % 3; /* 1: each is one act */
    assert_int_equal(windows_init(&ws, &rules, &limits), 0);
    ws.watermark = 0;
    w = windows_take(&ws, &key, windows_hash(&ws, &key), 0);
    for (uint32_t i = 0; i < RECORDS; i++) {
        struct record *rec = &all[i];

        now += (int64_t)(next_random(&seed) % pace);
        if (next_random(&seed) % 60 == 0)
            now += (int64_t)(next_random(&seed) % (uint64_t)(2 * rule.window));
        *rec = (struct record){
            .time = now,
            .target = (next_random(&seed) % 4 == 0 ? next_random(&seed) % TARGETS_MOST : 1)
                      << TARGET_SHIFT,
            .amount_sensor = (amounts == 1 ? 1 : next_random(&seed) % amounts) << SENSOR_BITS};
        rec->amount_sensor |= next_random(&seed) % 8 == 0;
        if (late && next_random(&seed) % 4 == 0)
            rec->time -= (int64_t)(next_random(&seed) % (uint64_t)(5 * rule.window));
        at = records_add(&ws, w, &rule, rec, &scratch);
        assert_int_not_equal(at, NO_INDEX);
        same_verdict(all, i + 1, &ws, w, &rule, at, &scratch);
        w->last = rec->time > w->last ? rec->time : w->last;
        if (i % 50 == 49)
            same_spans(all, i + 1, &ws, w, &rule);
    }
    targets_kept(all, RECORDS, &ws, w);
    *ret_lost += (w->flags & W_LOST) != 0;
    kept = w->n;
    windows_release(&ws);
    scratch_release(&scratch);
    return kept;
}

static void
spans(void **state)
{
    uint32_t kept = 0;
    uint32_t lost = 0;

    (void)state;
    for (uint64_t n = 1; n <= ROUNDS; n++)
        kept += run(n * 31337, &lost);
    print_message("%u of %u kept, %u lost a target\n", kept, RECORDS * ROUNDS, lost);
    assert_true(kept < RECORDS * ROUNDS * 4 / 5);
    print_message("%u met, %u not\n", verdicts[1], verdicts[0]);
    assert_true(lost > 0 && lost < ROUNDS);
    assert_true(verdicts[0] > 1000 && verdicts[1] > 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(spans)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
