/* Own sight by prefix: heartbeats of any length and share, with gaps, against a count second by
 * second; since when a prefix is blind; what is kept; and what it costs. */
#include "two.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "role/coverage.h"
#include "store/space.h"
#include "wire/jcs.h"

#define SECOND TIME_US_PER_S
#define STEP   ((int64_t)COVERAGE_STEP_S * SECOND)

struct answer {
    struct buf json;
    struct slice pact;
};

static struct slice
find(struct slice object, const char *name)
{
    struct slice value;

    assert_true(jcs_find(object, name, &value));
    return value;
}

static int64_t
number(struct slice object, const char *name)
{
    int64_t n;

    assert_int_equal(jcs_int(find(object, name), &n), 0);
    return n;
}

static bool
says(struct slice object, const char *name, const char *want)
{
    struct slice text;

    return jcs_plain(find(object, name), &text) == 0 && slice_is(text, want);
}

static struct answer
ask(struct two *t)
{
    struct answer a;
    AUTO_BUF(json, COVERAGE_JSON);
    const struct coverage_ask what = {
        .store = t->half[0].n.store, .book = t->half[0].book, .now = {t->now}};
    struct jcs_iter it;

    buf_init(&a.json, COVERAGE_JSON);
    assert_int_equal(coverage_json(&what, &json), 0);
    assert_int_equal(jcs_canonical(buf_get(&json), &a.json, NULL), JCS_OK);
    it = jcs_iter(find(buf_get(&a.json), "pacts"));
    assert_true(jcs_item(&it, &a.pact));
    return a;
}

static struct slice
prefix_at(const struct answer *a, unsigned i)
{
    struct jcs_iter it = jcs_iter(find(a->pact, "prefixes"));
    struct slice item = {NULL, 0};

    for (unsigned k = 0; k <= i; k++)
        assert_true(jcs_item(&it, &item));
    return item;
}

static void
put(struct two *t, const char *prefix, unsigned place, int64_t since, uint32_t ppm)
{
    const struct store_space p = {.pact = SLICE("aland-bland"),
                                  .prefix = slice_of(prefix),
                                  .place = place,
                                  .since = {since},
                                  .until = {t->now},
                                  .ppm = ppm};
    struct store *s = t->half[0].n.store;

    assert_int_equal(store_begin(s), 0);
    assert_int_equal(store_put_space(s, &p), 0);
    assert_int_equal(store_keep_space(s, p.pact, p.until), 0);
    assert_int_equal(store_commit(s), 0);
}

/* ---- against a count --------------------------------------------------------------------- */

enum { SECONDS = 8 * 86400 };
static uint32_t sight[SECONDS]; /* share in each second from t0 on */

/* What a step must read, from `known` on and up to `end`; seconds from t0, not microseconds. */
static int64_t
naive(int64_t from, int64_t until, int64_t known, int64_t end)
{
    double seen = 0;

    from = from > known ? from : known;
    until = until < end ? until : end;
    if (until <= from)
        return -1;
    for (int64_t s = from; s < until; s++)
        seen += sight[s];
    return (int64_t)(seen / (double)(until - from));
}

static void
expect_steps(struct two *t, int64_t t0, int64_t known, int64_t end)
{
    struct answer a = ask(t);
    int64_t first = (t->now / STEP - COVERAGE_STEPS + 1) * STEP;
    struct jcs_iter it = jcs_iter(find(prefix_at(&a, 0), "steps"));
    struct slice item;
    unsigned n = 0;

    while (jcs_item(&it, &item)) {
        int64_t from = (first - t0) / SECOND + (int64_t)n * COVERAGE_STEP_S;
        int64_t want = naive(from, from + COVERAGE_STEP_S, known, end);
        int64_t got;

        assert_int_equal(jcs_int(item, &got), 0);
        if (llabs(want - got) > 1)
            fail_msg("step %u: %lld, not %lld", n, (long long)got, (long long)want);
        n++;
    }
    assert_int_equal(n, COVERAGE_STEPS);
    buf_release(&a.json);
}

static void
steps_are_what_was_seen(void **state)
{
    static struct two t;
    uint64_t seed = 11;
    int64_t t0;
    int64_t known = -1;

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    t0 = t.now = (t.now / STEP + 1) * STEP;
    while (t.now < t0 + (int64_t)(SECONDS - 40000) * SECOND) {
        uint64_t dice = next_random(&seed) % 100;
        int64_t long_ = dice < 3 ? 30000 : 60; /* the node was down, or it is a heartbeat */
        uint32_t ppm = dice < 3 || dice > 90 ? 0 : dice > 80 ? 500000 : 1000000;
        int64_t since = t.now;

        long_ += (int64_t)(next_random(&seed) % 1000);
        t.now += long_ * SECOND;
        if (dice < 3)
            continue;
        put(&t, "192.0.2.0/24", 0, since, ppm);
        for (int64_t s = (since - t0) / SECOND; s < (t.now - t0) / SECOND; s++)
            sight[s] = ppm;
        if (known < 0)
            known = (since - t0) / SECOND;
        if (dice == 50)
            expect_steps(&t, t0, known, (t.now - t0) / SECOND);
    }
    put(&t, "192.0.2.0/24", 0, t.now, 0);
    expect_steps(&t, t0, known, (t.now - t0) / SECOND);
    t.now += 3 * 60 * SECOND + 1; /* later than a heartbeat may be: nobody saw that time */
    expect_steps(&t, t0, known, (t.now - t0) / SECOND);
    t.now += 7 * 86400 * SECOND; /* and a week later nothing else is told */
    {
        struct answer a = ask(&t);

        assert_int_equal(number(prefix_at(&a, 0), "period_ppm"), 0);
        buf_release(&a.json);
    }
    two_end(&t);
}

/* ---- since when -------------------------------------------------------------------------- */

static void
blind_since(void **state)
{
    static struct two t;
    struct answer a;
    char when[TIME_TEXT + 1] = "";
    int64_t t0;

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    t0 = t.now;
    t.now += 60 * SECOND;
    put(&t, "192.0.2.0/24", 0, t0, 1000000);
    put(&t, "2001:db8:a::/48", 1, t0, 0); /* blind from its first heartbeat on */
    time_format((struct utime){t0}, when);
    a = ask(&t);
    assert_true(says(prefix_at(&a, 0), "prefix", "192.0.2.0/24"));
    assert_true(says(prefix_at(&a, 0), "blind_since", ""));
    assert_true(says(prefix_at(&a, 1), "blind_since", when));
    buf_release(&a.json);
    t0 = t.now;
    time_format((struct utime){t0}, when);
    for (unsigned i = 0; i < 3; i++) { /* half, and then nothing: each since its own time */
        t.now += 60 * SECOND;
        put(&t, "192.0.2.0/24", 0, t.now - 60 * SECOND, i == 0 ? 500000 : 0);
        put(&t, "2001:db8:a::/48", 1, t.now - 60 * SECOND, 1000000);
    }
    a = ask(&t);
    assert_true(says(prefix_at(&a, 0), "less_since", when));
    time_format((struct utime){t0 + 60 * SECOND}, when);
    assert_true(says(prefix_at(&a, 0), "blind_since", when));
    assert_true(says(prefix_at(&a, 1), "blind_since", ""));
    assert_int_equal(number(a.pact, "prefix_count"), 2);
    buf_release(&a.json);
    /* who does not look any more does not see, since the last look */
    time_format((struct utime){t.now}, when);
    t.now += 3 * 60 * SECOND + 1;
    a = ask(&t);
    assert_true(says(prefix_at(&a, 1), "blind_since", when));
    assert_int_equal(number(prefix_at(&a, 1), "now_ppm"), 0);
    buf_release(&a.json);
    /* what is declared no more is not told any more */
    put(&t, "192.0.2.0/25", 0, t.now, 1000000);
    a = ask(&t);
    assert_true(says(prefix_at(&a, 0), "prefix", "192.0.2.0/25"));
    assert_int_equal(jcs_count(find(a.pact, "prefixes")), 1);
    buf_release(&a.json);
    two_end(&t);
}

/* ---- bounds and cost --------------------------------------------------------------------- */

static int64_t
cpu_us(void)
{
    struct timespec t;

    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
    return t.tv_sec * SECOND + t.tv_nsec / 1000;
}

static void
a_week_of_64_prefixes(void **state)
{
    static struct two t;
    struct store *s;
    struct answer a;
    int64_t took;

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    s = t.half[0].n.store;
    assert_int_equal(store_begin(s), 0);
    for (unsigned hour = 0; hour < 10 * 24; hour++) {
        t.now += 3600 * SECOND;
        for (unsigned i = 0; i < 64; i++) {
            char prefix[32];
            struct store_space p = {.pact = SLICE("aland-bland"),
                                    .place = i,
                                    .since = {t.now - 3600 * SECOND},
                                    .until = {t.now},
                                    .ppm = 1000000};

            (void)snprintf(prefix, sizeof prefix, "10.0.%u.0/24", i);
            p.prefix = slice_of(prefix);
            assert_int_equal(store_put_space(s, &p), 0);
        }
        assert_int_equal(store_put_blind(s, &(struct store_blind){.leaf = 5000 + hour,
                                                                  .since = {t.now - SECOND},
                                                                  .until = {t.now},
                                                                  .sensor = SLICE("s"),
                                                                  .reason = SLICE("drops")}),
                         0);
        assert_int_equal(store_keep_space(s, SLICE("aland-bland"), (struct utime){t.now}), 0);
    }
    assert_int_equal(store_commit(s), 0);
    took = cpu_us();
    a = ask(&t);
    took = cpu_us() - took;
    print_message("a week of 64 prefixes: %lld us, %zu bytes\n", (long long)took, a.json.len);
    assert_in_range(took, 0, 500000); /* some 10 ms: far from what would hold up a stream */
    assert_int_equal(jcs_count(find(a.pact, "prefixes")), 64);
    assert_int_equal(number(prefix_at(&a, 63), "period_ppm"), 1000000);
    assert_int_equal(jcs_count(find(buf_get(&a.json), "gaps")), COVERAGE_GAPS);
    assert_in_range(number(buf_get(&a.json), "gap_count"), 160,
                    170); /* of the week, not more */
    buf_release(&a.json);
    two_end(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(steps_are_what_was_seen),
                                       cmocka_unit_test(blind_since),
                                       cmocka_unit_test(a_week_of_64_prefixes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
