/* Verdicts from a store: both sides of one incident, now and in periods that are over, coverage
 * by minutes and by hours, and how a period is written. */
#include "two.h"

#include <stdio.h>
#include <string.h>

#include "role/verdicts.h"
#include "store/sight.h"
#include "wire/jcs.h"

#define HOUR ((int64_t)3600 * TIME_US_PER_S)
#define DAY  (24 * HOUR)

/* ---- reading the answer ------------------------------------------------------------------ */

struct answer {
    struct buf json;
    struct slice row; /* of one obligation */
};

static struct slice
find(struct slice object, const char *name)
{
    struct slice value;

    assert_true(jcs_find(object, name, &value));
    return value;
}

static bool
says(struct slice object, const char *name, const char *want)
{
    struct slice text;

    return jcs_plain(find(object, name), &text) == 0 && slice_is(text, want);
}

/* What bland owes aland under an obligation, as half i has it. */
static struct answer
ask(struct two *t, unsigned i, const char *obligation, int64_t from, int64_t until)
{
    struct answer a = {.row = {NULL, 0}};
    AUTO_BUF(json, VERDICTS_JSON);
    const struct verdicts_ask what = {.store = t->half[i].n.store,
                                      .book = t->half[i].book,
                                      .now = {t->now},
                                      .from = {from},
                                      .until = {until}};
    struct jcs_iter pairs;
    struct jcs_iter rows;
    struct slice item;
    struct slice pair;

    buf_init(&a.json, VERDICTS_JSON);
    assert_int_equal(verdicts_json(&what, &json), 0);
    assert_int_equal(jcs_canonical(buf_get(&json), &a.json, NULL), JCS_OK);
    rows = jcs_iter(find(buf_get(&a.json), "pacts"));
    assert_true(jcs_item(&rows, &item));
    pairs = jcs_iter(find(item, "pairs"));
    while (jcs_item(&pairs, &pair)) {
        if (!says(pair, "bound", "bland"))
            continue;
        rows = jcs_iter(find(pair, "obligations"));
        while (jcs_item(&rows, &item)) {
            if (says(item, "obligation", obligation))
                a.row = item;
        }
    }
    assert_non_null(a.row.ptr);
    return a;
}

static void
expect(struct two *t, unsigned i, const char *reading, int64_t from, int64_t until,
       const char *word)
{
    struct answer a = ask(t, i, "no-exploits", from, until);

    if (!says(find(a.row, reading), "word", word))
        fail_msg("half %u, %s: not %s: %.*s", i, reading, word, (int)a.row.len, a.row.ptr);
    buf_release(&a.json);
}

static int64_t
number(struct two *t, int64_t from, int64_t until, const char *reading, const char *name)
{
    struct answer a = ask(t, 0, "no-exploits", from, until);
    int64_t n;

    assert_int_equal(jcs_int(find(find(a.row, reading), name), &n), 0);
    buf_release(&a.json);
    return n;
}

/* ---- an incident ------------------------------------------------------------------------- */

static void
a_past_period_reads_as_it_did(void **state)
{
    static struct two t;
    struct hash id;
    int64_t begin;
    int64_t open;

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    begin = t.now;
    two_notice(&t.half[0], "aland-1", NULL);
    t.now++;
    expect(&t, 0, "now", begin - DAY, t.now, "open incidents");
    expect(&t, 0, "theirs", begin - DAY, t.now, "unknown: no visibility"); /* not there yet */
    two_pass(&t, 60);
    open = t.now;
    for (unsigned i = 0; i < 2; i++) {
        expect(&t, i, "now", begin - DAY, t.now, "open incidents");
        expect(&t, i, "theirs", begin - DAY, t.now, "open incidents");
    }
    two_pass_by(&t, 25 * 3600, 600 * TIME_US_PER_S);
    for (unsigned i = 0; i < 2; i++)
        expect(&t, i, "now", begin - DAY, t.now, "not answered in time");
    assert_int_equal(two_say(&t.half[0], MESSAGE_WITHDRAW, "aland-1",
                             "{\"cause\":\"error\",\"reason\":\"none\"}", &id),
                     0);
    two_pass(&t, 60);
    for (unsigned i = 0; i < 2; i++) {
        /* late and settled is not unanswered, but a period that ended before reads as it did */
        expect(&t, i, "period", begin - DAY, t.now, "unknown: no visibility");
        expect(&t, i, "period", begin - DAY, open, "open incidents");
        expect(&t, i, "period", begin - DAY, open + 25 * HOUR - 600 * TIME_US_PER_S,
               "not answered in time");
        expect(&t, i, "period", begin - DAY, begin - HOUR, "unknown: no visibility");
    }
    assert_int_equal(number(&t, begin - DAY, t.now, "period", "late"), 1);
    assert_int_equal(number(&t, begin - DAY, t.now, "period", "incidents"), 1);
    two_end(&t);
}

/* ---- coverage ---------------------------------------------------------------------------- */

static void
put_beat(struct two *t, int64_t since, int64_t until, uint32_t ppm)
{
    const struct store_beat b = {.pact = SLICE("aland-bland"),
                                 .since = {since},
                                 .until = {until},
                                 .ppm = ppm,
                                 .sensors = 2,
                                 .healthy = 1};

    assert_int_equal(store_begin(t->half[0].n.store), 0);
    assert_int_equal(store_put_beat(t->half[0].n.store, &b), 0);
    assert_int_equal(store_commit(t->half[0].n.store), 0);
}

/* The answer has that text. */
static bool
has(struct two *t, int64_t from, int64_t until, const char *text)
{
    struct answer a = ask(t, 0, "no-exploits", from, until);
    bool yes = memmem(a.json.ptr, a.json.len, text, strlen(text)) != NULL;

    buf_release(&a.json);
    return yes;
}

static void
days_are_told(void **state)
{
    static struct two t;
    int64_t t0;

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    t0 = (t.now / DAY + 1) * DAY;
    put_beat(&t, t0, t0 + 12 * HOUR, 1000000);
    put_beat(&t, t0 + 2 * DAY, t0 + 3 * DAY, 250000);
    t.now = t0 + 3 * DAY + 6 * HOUR;
    put_beat(&t, t0 + 3 * DAY, t.now, 1000000);
    assert_true(has(&t, t0, t.now,
                    "\"days\":[[\"2096-10-03\",500000],[\"2096-10-04\",0],[\"2096-10-05\","
                    "250000],[\"2096-10-06\",1000000]]"));
    assert_true(has(&t, t0, t0 + DAY, "\"days\":[[\"2096-10-03\",500000]]"));
    assert_true(has(&t, t0 - 30 * DAY, t0 - 20 * DAY, "\"days\":[]")); /* before the annex */
    two_end(&t);
}

static void
coverage_is_of_space_and_time(void **state)
{
    static struct two t;
    const int64_t minute = 60 * TIME_US_PER_S;
    int64_t t0;

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    t.now = (t.now / HOUR + 2) * HOUR;
    t0 = t.now;
    for (int64_t m = 0; m < 120; m++) /* one hour whole, then half of the space */
        put_beat(&t, t0 + m * minute, t0 + (m + 1) * minute, m < 60 ? 1000000 : 500000);
    t.now = t0 + 120 * minute;
    assert_int_equal(number(&t, t0, t.now, "period", "coverage_ppm"), 750000);
    assert_int_equal(number(&t, t0, t0 + HOUR, "period", "coverage_ppm"), 1000000);
    assert_int_equal(number(&t, t0 + HOUR, t.now, "period", "coverage_ppm"), 500000);
    assert_int_equal(number(&t, t0, t.now, "now", "coverage_ppm"), 500000);
    assert_int_equal(number(&t, t0, t.now, "now", "sensors"), 1);
    /* Now is the newest heartbeat, when that says less than the quarter of an hour. */
    t.now += minute;
    put_beat(&t, t.now - minute, t.now, 0);
    assert_int_equal(number(&t, t0, t.now, "now", "coverage_ppm"), 0);
    t.now += minute;
    put_beat(&t, t.now - minute, t.now, 1000000);
    /* 13 minutes of a half, one of nothing, one of all. */
    assert_int_equal(number(&t, t0, t.now, "now", "coverage_ppm"), 500000);
    /* The next heartbeat may be late by sensor_late_after; then nothing is seen. */
    t.now += 3 * minute;
    assert_true(number(&t, t0, t.now, "now", "coverage_ppm") > 0);
    t.now += 1;
    assert_int_equal(number(&t, t0, t.now, "now", "coverage_ppm"), 0);
    /* … and in the period that time was not seen. */
    t.now = t0 + 4 * HOUR;
    assert_in_range(number(&t, t0, t.now, "period", "coverage_ppm"), 379166, 379167);
    two_end(&t);
}

static void
canaries_count_when_their_time_is_over(void **state)
{
    static struct two t;
    struct store *s;
    int64_t t0;

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    s = t.half[0].n.store;
    t0 = t.now;
    assert_int_equal(store_begin(s), 0);
    for (uint64_t i = 0; i < 3; i++) {
        const struct store_canary c = {.leaf = 1000 + i,
                                       .pact = SLICE("aland-bland"),
                                       .sensor = SLICE("s"),
                                       .payload = SLICE("x"),
                                       .at = {t0},
                                       .until = {t0 + HOUR}};

        assert_int_equal(store_put_canary(s, &c), 0);
    }
    assert_int_equal(
        store_find_canary(s, 1000, (struct utime){t0 + 1}, (struct event_id){7, 1}), 0);
    assert_int_equal(store_commit(s), 0);
    t.now = t0 + HOUR; /* one was found, two may be */
    assert_int_equal(number(&t, t0 - DAY, t.now, "now", "canaries"), 1);
    assert_int_equal(number(&t, t0 - DAY, t.now, "now", "found"), 1);
    t.now++;
    assert_int_equal(number(&t, t0 - DAY, t.now, "now", "canaries"), 3);
    assert_int_equal(number(&t, t0 - DAY, t.now, "now", "found"), 1);
    t.now = t0 + 7 * DAY + 1;
    assert_int_equal(number(&t, t0 - DAY, t.now, "now", "canaries"), 0);
    assert_int_equal(number(&t, t0 - DAY, t0 + DAY, "period", "canaries"), 3);
    two_end(&t);
}

/* ---- how a period is written ------------------------------------------------------------- */

static void
periods(void **state)
{
    static const struct {
        const char *text;
        const char *from; /* NULL: refused */
        const char *until;
    } rows[] = {{"30d", "2026-02-13T12:00:00Z", "2026-03-15T12:00:00Z"},
                {"2h", "2026-03-15T10:00:00Z", "2026-03-15T12:00:00Z"},
                {"2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
                {"2025-12", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"},
                {"2026-03", "2026-03-01T00:00:00Z", "2026-03-15T12:00:00Z"},
                {"2026-03-01", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"},
                {"2026-03-01..2026-03-02", "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z"},
                {"2026-01..2026-02", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"},
                {"2026-03-10..2026-12-01", "2026-03-10T00:00:00Z", "2026-03-15T12:00:00Z"},
                {"2026-04", NULL, NULL},
                {"2026-03-02..2026-03-01", NULL, NULL},
                {"2026-13", NULL, NULL},
                {"2026-02-30", NULL, NULL},
                {"0d", NULL, NULL},
                {"9999999d", NULL, NULL},
                {"", NULL, NULL},
                {"..", NULL, NULL},
                {"2026-03-01..", NULL, NULL},
                {"a month", NULL, NULL}};
    struct utime now;

    (void)state;
    assert_int_equal(time_parse_any(SLICE("2026-03-15T12:00:00Z"), &now), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct utime from;
        struct utime until;
        struct utime want;
        int r = verdicts_period(slice_of(rows[i].text), now, &from, &until);

        if ((r == 0) != (rows[i].from != NULL))
            fail_msg("%s: %d", rows[i].text, r);
        if (r < 0)
            continue;
        assert_int_equal(time_parse_any(slice_of(rows[i].from), &want), 0);
        assert_int_equal(from.us, want.us);
        assert_int_equal(time_parse_any(slice_of(rows[i].until), &want), 0);
        assert_int_equal(until.us, want.us);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_past_period_reads_as_it_did),
        cmocka_unit_test(coverage_is_of_space_and_time), cmocka_unit_test(days_are_told),
        cmocka_unit_test(canaries_count_when_their_time_is_over), cmocka_unit_test(periods)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
