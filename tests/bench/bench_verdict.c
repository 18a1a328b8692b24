/* Verdicts over a year with 10,000 incidents, of which 100 are open: bench_verdict.
 *
 * Incidents that are closed are rows as the node writes them when it closes one; those that are
 * open have their messages, and are folded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../role/two.h"
#include "role/report.h"
#include "role/verdicts.h"
#include "store/messages.h"
#include "store/sight.h"
#include "wire/jcs.h"

enum { INCIDENTS = 10000, OPEN = 100, ROUNDS = 20, HOURS = 365 * 24 };
#define DAY_US (INT64_C(86400) * TIME_US_PER_S)

static double
cpu(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One that goes its way, as a row. */
static void
make_one(struct two *t, struct buf *told)
{
    struct half *h = &t->half[0];
    struct store_incident row;
    struct hash id;

    two_notice(h, "aland-1", NULL);
    two_pass(t, 60);
    assert_int_equal(two_say(&t->half[1], MESSAGE_ANSWER, "aland-1",
                             "{\"finding\":\"corroborated\",\"reason\":\"\",\"from\":"
                             "\"2096-10-02T07:06:40.000000Z\",\"until\":\"2096-10-02T08:06:40."
                             "000000Z\",\"flows\":1,\"sampling\":1,\"retention_from\":\"2096-"
                             "10-01T07:06:40.000000Z\"}",
                             &id),
                     0);
    two_pass(t, 60);
    assert_int_equal(two_say(h, MESSAGE_WITHDRAW, "aland-1",
                             "{\"cause\":\"error\",\"reason\":\"none\"}", &id),
                     0);
    two_pass(t, 60);
    assert_int_equal(
        store_get_incident(h->n.store, SLICE("aland-bland"), SLICE("aland-1"), &row), 0);
    assert_true(row.closed);
    buf_slice(told, row.told);
}

/* The same row under another name, opened and closed at another time. */
static void
put_copy(struct half *h, struct slice told, unsigned i, struct utime opened)
{
    char name[32];
    char at[TIME_TEXT];
    AUTO_BUF(json, 1 << 16);
    struct jcs_iter it = jcs_iter(told);
    struct slice key;
    struct slice value;

    (void)snprintf(name, sizeof name, "aland-%u", 100000 + i);
    buf_char(&json, '{');
    while (jcs_member(&it, &key, &value)) {
        bool is_open = slice_is(key, "opened");

        buf_printf(&json, "%s\"%.*s\":", json.len > 1 ? "," : "", (int)key.len, key.ptr);
        if (is_open || slice_is(key, "closed")) {
            time_format((struct utime){opened.us + (is_open ? 0 : DAY_US)}, at);
            buf_printf(&json, "\"%.*s\"", TIME_TEXT, at);
        } else {
            buf_slice(&json, value);
        }
    }
    buf_char(&json, '}');
    assert_int_equal(
        store_put_incident(h->n.store, &(struct store_incident){.pact = SLICE("aland-bland"),
                                                                .name = slice_of(name),
                                                                .party = SLICE("bland"),
                                                                .notifier = true,
                                                                .closed = true,
                                                                .opened = opened,
                                                                .told = buf_get(&json)}),
        0);
}

static void
fill_year(struct two *t)
{
    struct half *h = &t->half[0];
    AUTO_BUF(told, 1 << 16);
    AUTO_BUF(plain, 1 << 16);
    struct utime begin = {t->now - 366 * DAY_US};

    make_one(t, &told);
    assert_int_equal(jcs_canonical(buf_get(&told), &plain, NULL), JCS_OK);
    for (unsigned i = 0; i < OPEN; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "aland-%u", 2 + i);
        two_notice(h, name, NULL);
    }
    two_pass(t, 300);
    assert_int_equal(store_begin(h->n.store), 0);
    for (unsigned i = 0; i < INCIDENTS - OPEN - 1; i++)
        put_copy(h, buf_get(&plain), i,
                 (struct utime){begin.us + (int64_t)i * (364 * DAY_US / INCIDENTS)});
    for (int64_t i = 0; i < HOURS; i++) {
        const struct store_beat b = {.pact = SLICE("aland-bland"),
                                     .since = {t->now - (i + 1) * SIGHT_HOUR_US},
                                     .until = {t->now - i * SIGHT_HOUR_US},
                                     .ppm = 972000,
                                     .sensors = 3,
                                     .healthy = 3};

        assert_int_equal(store_put_beat(h->n.store, &b), 0);
    }
    assert_int_equal(store_commit(h->n.store), 0);
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The report of the same year: the newest are listed, all are counted. */
static void
report(const struct verdicts_ask *a)
{
    static double took[ROUNDS];
    AUTO_BUF(json, VERDICTS_JSON);
    AUTO_BUF(plain, VERDICTS_JSON);
    AUTO_BUF(html, VERDICTS_JSON);

    for (unsigned i = 0; i < ROUNDS; i++) {
        buf_reset(&json);
        buf_reset(&plain);
        buf_reset(&html);
        took[i] = cpu();
        assert_int_equal(report_json(a, &json), 0);
        assert_int_equal(jcs_canonical(buf_get(&json), &plain, NULL), JCS_OK);
        assert_int_equal(report_html(buf_get(&plain), LANGUAGE_EN, &html), 0);
        took[i] = cpu() - took[i];
    }
    qsort(took, ROUNDS, sizeof *took, by_size);
    (void)printf(
        "report_year %.1f ms (p50 %.1f, of CPU; %d incidents listed, %zu bytes of JSON, "
        "%zu of HTML)\n",
        took[ROUNDS * 95 / 100] * 1e3, took[ROUNDS / 2] * 1e3, REPORT_INCIDENTS, json.len,
        html.len);
}

int
main(void)
{
    static struct two t;
    static double took[ROUNDS];
    struct buf json;
    struct verdicts_ask a;

    two_begin(&t);
    two_in_force(&t);
    fill_year(&t);
    a = (struct verdicts_ask){.store = t.half[0].n.store,
                              .book = t.half[0].book,
                              .now = {t.now},
                              .from = {t.now - 365 * DAY_US},
                              .until = {t.now}};
    buf_init(&json, VERDICTS_JSON);
    for (unsigned i = 0; i < ROUNDS; i++) {
        buf_reset(&json);
        took[i] = cpu();
        if (verdicts_json(&a, &json) < 0)
            return 3;
        took[i] = cpu() - took[i];
    }
    qsort(took, ROUNDS, sizeof *took, by_size);
    (void)printf("verdict_year %.1f ms (p50 %.1f, max %.1f, of CPU; %d incidents, %d open, "
                 "%zu bytes; at most 200)\n",
                 took[ROUNDS * 95 / 100] * 1e3, took[ROUNDS / 2] * 1e3, took[ROUNDS - 1] * 1e3,
                 INCIDENTS, OPEN, json.len);
    report(&a);
    buf_release(&json);
    two_end(&t);
    return took[ROUNDS * 95 / 100] > 0.2;
}
