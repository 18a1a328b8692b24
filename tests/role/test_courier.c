/* Alerts and their sendings under a virtual clock, with receivers that fail, refuse and are
 * slow, and a courier that is killed between any two steps. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/courier.h"
#include "role/env_posix.h"

#define SECOND TIME_US_PER_S
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)

enum { RECEIVERS = 3, HEARD_MAX = 4096 };

static int64_t mono_us;
static int64_t set_back_us; /* the clock on the wall */
static char dir[64];

static struct utime
now_wall(void *self)
{
    (void)self;
    return (struct utime){mono_us - set_back_us + INT64_C(1700000000) * SECOND};
}

static int64_t
now_mono(void *self)
{
    (void)self;
    return mono_us;
}

static void
quiet(void *self, enum env_level level, const char *text)
{
    (void)self;
    (void)level;
    (void)text;
}

static const struct env env = {.now_wall = now_wall, .now_mono = now_mono, .log = quiet};

/* What a receiver took, and how it behaves. */
struct fake {
    bool busy;
    unsigned slow; /* results asked for before there is one */
    int answer;    /* 0 takes, 1 fails, 2 refuses */
    struct notice heard[HEARD_MAX];
    unsigned count;
    unsigned tries;
};
static struct fake *fakes; /* RECEIVERS */

static void
fake_start(void *self, unsigned receiver, const struct notice *n, unsigned count)
{
    struct fake *f = &fakes[receiver];

    (void)self;
    assert_false(f->busy);
    assert_true(count >= 1 && count <= NOTICE_MAX);
    f->busy = true;
    f->tries++;
    for (unsigned i = 0; i < count && f->answer == 0; i++) {
        assert_true(f->count < HEARD_MAX);
        f->heard[f->count++] = n[i];
    }
}

static bool
fake_result(void *self, unsigned receiver, struct send_result *ret)
{
    struct fake *f = &fakes[receiver];

    (void)self;
    assert_true(f->busy);
    if (f->slow > 0) {
        f->slow--;
        return false;
    }
    f->busy = false;
    *ret =
        (struct send_result){.status = f->answer == 0 ? 0 : ERR_IO, .refused = f->answer == 2};
    (void)snprintf(ret->text, sizeof ret->text, "%s", f->answer == 0 ? "" : "it does not want");
    return true;
}

static const struct sender sender = {NULL, fake_start, fake_result};

struct node {
    struct conf *conf;
    struct alerts *alerts;
    struct courier *c;
};

static const char yaml[] =
    "notify:\n"
    "  - {name: hook, url: 'http://127.0.0.1:1/', secret: x, remind: 4h}\n"
    "  - {name: mail, url: 'smtp://127.0.0.1:1', from: a@b, to: [c@d], remind: 1h}\n"
    "  - {name: log, url: 'syslog+udp://127.0.0.1', least: critical, remind: 0s}\n";

/* As after a kill: nothing of the old one is left but what it wrote down. */
static void
begin(struct node *n)
{
    struct errinfo ei = {0};

    n->alerts = alerts_close(n->alerts);
    free(n->c);
    n->c = calloc(1, sizeof *n->c);
    assert_non_null(n->c);
    assert_int_equal(alerts_open(dir, STORE_CREATE, &n->alerts, &ei), 0);
    assert_int_equal(courier_open(n->c, n->alerts, &env, n->conf), 0);
    for (unsigned i = 0; i < RECEIVERS; i++)
        fakes[i].busy = false;
}

static int
setup(void **state)
{
    struct node *n = calloc(1, sizeof *n);
    char path[96];

    (void)snprintf(dir, sizeof dir, "/tmp/detente-courier.XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/alerts", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    fakes = calloc(RECEIVERS, sizeof *fakes);
    assert_non_null(fakes);
    assert_int_equal(conf_parse(slice_of(yaml), &n->conf, NULL), 0);
    mono_us = 1000 * SECOND;
    set_back_us = 0;
    begin(n);
    *state = n;
    return 0;
}

static int
teardown(void **state)
{
    struct node *n = *state;
    char command[96];

    (void)alerts_close(n->alerts);
    (void)conf_free(n->conf);
    free(n->c);
    free(n);
    free(fakes);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static void
hear(struct node *n, enum alert_rule rule, const char *subject, bool holds)
{
    struct condition c = condition_of(rule, subject, holds);

    (void)snprintf(c.text, sizeof c.text, "%s %s", subject, holds ? "is so" : "is no more");
    courier_hear(n->c, &c);
}

static void
pass(struct node *n, int64_t us, int64_t step)
{
    for (int64_t end = mono_us + us; mono_us < end; mono_us += step)
        assert_int_equal(courier_step(n->c, &sender), 0);
}

static unsigned
count_steps(const struct fake *f, enum alert_rule rule, enum alert_step step)
{
    unsigned n = 0;

    for (unsigned i = 0; i < f->count; i++)
        n += f->heard[i].alert.rule == rule && f->heard[i].step == step;
    return n;
}

static void
test_one_alert(void **state)
{
    struct node *n = *state;

    hear(n, ALERT_ENGINE_DOWN, "", true);
    pass(n, 9 * SECOND, SECOND);
    assert_int_equal(fakes[0].count, 0); /* it may come back */
    pass(n, 4 * SECOND, SECOND);
    for (unsigned i = 0; i < RECEIVERS; i++) {
        assert_int_equal(fakes[i].count, 1);
        assert_int_equal(fakes[i].heard[0].step, ALERT_TRIGGER);
        assert_int_equal(fakes[i].heard[0].alert.state, ALERT_FIRING);
        /* since it began, not since it was told */
        assert_int_equal(fakes[i].heard[0].alert.since.us, now_wall(NULL).us - 13 * SECOND);
    }
    assert_int_equal(courier_ack(n->c, fakes[0].heard[0].alert.number, "ada"), 0);
    assert_int_equal(courier_ack(n->c, fakes[0].heard[0].alert.number, "bob"), 0);
    assert_int_equal(courier_ack(n->c, 999, "bob"), 0);
    pass(n, DAY, 60 * SECOND);
    for (unsigned i = 0; i < RECEIVERS; i++) {
        assert_int_equal(fakes[i].count, 2); /* no reminder of what was seen */
        assert_int_equal(fakes[i].heard[1].step, ALERT_ACKNOWLEDGE);
        assert_string_equal(fakes[i].heard[1].alert.by, "ada");
    }
    hear(n, ALERT_ENGINE_DOWN, "", false);
    pass(n, 8 * SECOND, SECOND);
    hear(n, ALERT_ENGINE_DOWN, "", false);
    pass(n, 60 * SECOND, SECOND);
    for (unsigned i = 0; i < RECEIVERS; i++) {
        assert_int_equal(fakes[i].count, 3);
        assert_int_equal(fakes[i].heard[2].step, ALERT_RESOLVE);
    }
    hear(n, ALERT_ENGINE_DOWN, "", true);
    pass(n, 12 * SECOND, SECOND);
    assert_int_equal(fakes[0].count, 4);
    assert_int_not_equal(fakes[0].heard[3].alert.number, fakes[0].heard[0].alert.number);
}

static void
test_flapping(void **state)
{
    struct node *n = *state;

    for (int i = 0; i < 200; i++) {
        hear(n, ALERT_GATE_DOWN, "", i % 2 == 0);
        pass(n, 8 * SECOND, SECOND);
    }
    assert_int_equal(fakes[0].count, 0);
    hear(n, ALERT_GATE_DOWN, "", true);
    pass(n, 12 * SECOND, SECOND);
    for (int i = 0; i < 200; i++) {
        hear(n, ALERT_GATE_DOWN, "", i % 2 != 0);
        pass(n, 4 * SECOND, SECOND);
    }
    assert_int_equal(fakes[0].count, 1); /* it never was away for long enough */
}

static void
test_reminders(void **state)
{
    struct node *n = *state;

    hear(n, ALERT_TABLES_STALE, "", true);
    pass(n, 13 * HOUR, 60 * SECOND);
    assert_int_equal(count_steps(&fakes[0], ALERT_TABLES_STALE, ALERT_REMIND), 3);
    assert_int_equal(count_steps(&fakes[1], ALERT_TABLES_STALE, ALERT_REMIND), 12);
    assert_int_equal(fakes[2].count, 0); /* a warning is too little for it */
    assert_int_equal(fakes[1].heard[1].nth, 1);
    assert_int_equal(fakes[1].heard[12].nth, 12);
    begin(n); /* that was so is not forgotten */
    hear(n, ALERT_TABLES_STALE, "", true);
    pass(n, 30 * 60 * SECOND, SECOND);
    assert_int_equal(count_steps(&fakes[1], ALERT_TABLES_STALE, ALERT_REMIND), 13);
}

static void
test_latched(void **state)
{
    struct node *n = *state;

    for (int i = 0; i < 5; i++) { /* it happens again and again */
        hear(n, ALERT_CRASH, "gate", true);
        pass(n, 20 * SECOND, SECOND);
    }
    courier_synced(n->c);
    pass(n, HOUR / 2, 60 * SECOND);
    assert_int_equal(fakes[0].count, 1);
    assert_int_equal(courier_ack(n->c, fakes[0].heard[0].alert.number, "ada"), 0);
    pass(n, 60 * SECOND, SECOND);
    assert_int_equal(fakes[0].count, 2);
    assert_int_equal(fakes[0].heard[1].step, ALERT_RESOLVE);
    assert_string_equal(fakes[0].heard[1].alert.by, "ada");
    hear(n, ALERT_CRASH, "gate", true);
    pass(n, 60 * SECOND, SECOND);
    assert_int_equal(fakes[0].count, 3);
}

/* Whoever was started again hears what holds; what does not is over, but not before all was
 * said. */
static void
test_restart(void **state)
{
    struct node *n = *state;

    hear(n, ALERT_SOURCE_MISSING, "a", true);
    hear(n, ALERT_SOURCE_MISSING, "b", true);
    pass(n, 90 * SECOND, SECOND);
    assert_int_equal(fakes[0].count, 2);
    begin(n);
    pass(n, HOUR / 2, SECOND);
    assert_int_equal(fakes[0].count, 2);
    hear(n, ALERT_SOURCE_MISSING, "b", true);
    courier_synced(n->c);
    pass(n, 60 * SECOND, SECOND);
    assert_int_equal(fakes[0].count, 3);
    assert_int_equal(fakes[0].heard[2].step, ALERT_RESOLVE);
    assert_string_equal(fakes[0].heard[2].alert.subject, "a");
}

static void
test_refused(void **state)
{
    struct node *n = *state;
    struct receiver r;

    fakes[0].answer = 2;
    hear(n, ALERT_TABLES_STALE, "", true);
    pass(n, 10 * 60 * SECOND, SECOND);
    assert_int_equal(fakes[0].tries, COURIER_REFUSED);
    assert_int_equal(alerts_receiver(n->alerts, "hook", &r), 0);
    assert_int_equal(r.waiting, 0);
    assert_int_equal(r.dropped, 1);
    assert_int_equal(r.failed, COURIER_REFUSED);
    assert_string_equal(r.error, "it does not want");
    assert_int_equal(fakes[1].count, 1); /* the others heard it */
}

static void
test_away(void **state)
{
    struct node *n = *state;
    struct receiver r;

    fakes[0].answer = 1;
    hear(n, ALERT_TABLES_STALE, "", true);
    pass(n, DAY, 10 * SECOND);
    assert_true(fakes[0].tries > 20 && fakes[0].tries < 60); /* ever more slowly */
    /* the others are told, and told again, that nothing gets there; itself is not */
    assert_int_equal(count_steps(&fakes[1], ALERT_NOTIFY_FAILING, ALERT_TRIGGER), 1);
    assert_string_equal(fakes[1].heard[1].alert.subject, "hook");
    fakes[0].answer = 0;
    pass(n, 2 * HOUR, 10 * SECOND);
    assert_int_equal(fakes[0].heard[0].step, ALERT_TRIGGER);
    assert_int_equal(count_steps(&fakes[0], ALERT_TABLES_STALE, ALERT_TRIGGER), 1);
    assert_int_equal(count_steps(&fakes[0], ALERT_NOTIFY_FAILING, ALERT_TRIGGER), 0);
    assert_int_equal(count_steps(&fakes[1], ALERT_NOTIFY_FAILING, ALERT_RESOLVE), 1);
    assert_int_equal(alerts_receiver(n->alerts, "hook", &r), 0);
    assert_int_equal(r.failing.us, 0);
    fakes[0].answer = 1;
    hear(n, ALERT_TABLES_STALE, "", false);
    pass(n, 4 * DAY, 60 * SECOND);
    assert_int_equal(alerts_receiver(n->alerts, "hook", &r), 0);
    assert_int_equal(r.waiting, 0); /* given up after COURIER_DAYS */
    assert_true(r.dropped >= 1);
}

/* Storms: one mail, not a hundred; and no more than can be open. */
static void
test_storm(void **state)
{
    struct node *n = *state;
    struct receiver r;

    for (int i = 0; i < 400; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "s%d", i);
        hear(n, ALERT_SENSOR_SILENT, name, true);
    }
    pass(n, 3 * 60 * SECOND, SECOND);
    assert_int_equal(fakes[0].count, 3 * 60); /* one a step */
    assert_int_equal(fakes[1].count, ALERTS_OPEN_MAX);
    assert_true(fakes[1].tries <= ALERTS_OPEN_MAX / NOTICE_MAX + 2);
    assert_int_equal(alerts_receiver(n->alerts, "mail", &r), 0);
    assert_int_equal(r.waiting, 0);
}

/* The spool is bounded, and what it lost is counted. */
static void
test_spool(void **state)
{
    struct node *n = *state;
    struct receiver r;

    assert_int_equal(alerts_begin(n->alerts), 0);
    for (int i = 0; i < SENDINGS_MAX + 100; i++) {
        struct sending s = {.alert = (uint64_t)i + 1, .step = ALERT_TRIGGER, .receiver = "log"};

        assert_int_equal(alerts_add_sending(n->alerts, &s), 0);
    }
    assert_int_equal(alerts_commit(n->alerts), 0);
    assert_int_equal(alerts_receiver(n->alerts, "log", &r), 0);
    assert_int_equal(r.waiting, SENDINGS_MAX);
    assert_int_equal(r.dropped, 100);
    pass(n, 60 * SECOND, SECOND); /* of alerts that are none nothing is told */
    assert_int_equal(fakes[2].count, 0);
}

/* What waits behind a failed try does not wait for a clock that was set back. */
static void
test_clock_back(void **state)
{
    struct node *n = *state;

    fakes[0].answer = 1;
    hear(n, ALERT_TABLES_STALE, "", true);
    pass(n, 60 * SECOND, SECOND);
    assert_true(fakes[0].tries > 1);
    fakes[0].answer = 0;
    set_back_us = 30 * DAY;
    pass(n, 60 * SECOND, SECOND);
    assert_int_equal(count_steps(&fakes[0], ALERT_TABLES_STALE, ALERT_TRIGGER), 1);
}

/* Of an alert of a rule that only a newer version knows nothing is told, also to be sent. */
static void
test_unknown_rule(void **state)
{
    struct node *n = *state;
    struct alert a = {.rule = (enum alert_rule)200, .state = ALERT_FIRING};
    struct sending s = {.step = ALERT_TRIGGER, .receiver = "hook"};
    struct receiver r;

    assert_int_equal(alerts_begin(n->alerts), 0);
    assert_int_equal(alerts_put(n->alerts, &a), 0);
    s.alert = a.number;
    assert_int_equal(alerts_add_sending(n->alerts, &s), 0);
    assert_int_equal(alerts_commit(n->alerts), 0);
    pass(n, 60 * SECOND, SECOND);
    assert_int_equal(fakes[0].tries, 0);
    assert_int_equal(alerts_receiver(n->alerts, "hook", &r), 0);
    assert_int_equal(r.waiting, 0);
}

/* ---- anything at all -------------------------------------------------------------------- */

/* What one receiver heard of one alert: in order, each once, but for a repetition of the last
 * under the same id. */
static void
check_order(const struct fake *f)
{
    enum { ALERTS = 2048 };
    static uint8_t last[ALERTS];
    static uint32_t nth[ALERTS];

    memset(last, 0, sizeof last);
    memset(nth, 0, sizeof nth);
    for (unsigned i = 0; i < f->count; i++) {
        const struct notice *n = &f->heard[i];

        assert_true(n->alert.number > 0 && n->alert.number < ALERTS);
        if (n->step == ALERT_REMIND) {
            assert_true(last[n->alert.number] == ALERT_TRIGGER ||
                        last[n->alert.number] == ALERT_REMIND);
            assert_true(n->nth >= nth[n->alert.number]);
            nth[n->alert.number] = n->nth;
        } else if (n->step != ALERT_TRIGGER) {
            assert_true(last[n->alert.number] >= ALERT_TRIGGER);
        }
        assert_true(n->step >= last[n->alert.number]);
        last[n->alert.number] = (uint8_t)n->step;
    }
}

struct seen {
    char key[ALERTS_OPEN_MAX][ALERT_KEY];
    uint64_t number[ALERTS_OPEN_MAX];
    unsigned count;
};

static int
take_open(void *arg, const struct alert *a)
{
    struct seen *s = arg;

    alert_key(a->rule, a->subject, s->key[s->count]);
    for (unsigned i = 0; i < s->count; i++)
        assert_string_not_equal(s->key[i], s->key[s->count]);
    s->number[s->count++] = a->number;
    return 0;
}

static void
anything(struct node *n, uint64_t *seed)
{
    static const enum alert_rule rules[] = {ALERT_ENGINE_DOWN, ALERT_CRASH, ALERT_SENSOR_SILENT,
                                            ALERT_LAG, ALERT_DISK_FULL};
    static const char *const subjects[] = {"", "a", "b"};
    struct seen open = {0};
    uint64_t what = next_random(seed) % 100;

    if (what < 30) {
        hear(n, rules[next_random(seed) % COUNT(rules)],
             subjects[next_random(seed) % COUNT(subjects)], next_random(seed) % 2);
    } else if (what < 35) {
        begin(n);
    } else if (what < 40) {
        courier_synced(n->c);
    } else if (what < 50) {
        assert_int_equal(alerts_each(n->alerts, false, 0, take_open, &open), 0);
        if (open.count > 0)
            assert_int_equal(
                courier_ack(n->c, open.number[next_random(seed) % open.count], "ada"), 0);
    } else if (what < 60) {
        struct fake *f = &fakes[next_random(seed) % RECEIVERS];

        if (!f->busy)
            f->answer = next_random(seed) % 4 == 0;
        f->slow = (unsigned)(next_random(seed) % 5);
    } else {
        pass(n, (int64_t)(next_random(seed) % 40) * SECOND, SECOND);
    }
}

static void
test_anything(void **state)
{
    struct node *n = *state;
    uint64_t seed = 7;

    for (int i = 0; i < 3000; i++)
        anything(n, &seed);
    for (unsigned i = 0; i < RECEIVERS; i++) {
        fakes[i].answer = 0;
        fakes[i].slow = 0;
    }
    courier_synced(n->c);
    pass(n, 3 * HOUR, 5 * SECOND);
    for (unsigned i = 0; i < RECEIVERS; i++) {
        struct receiver r;

        check_order(&fakes[i]);
        assert_true(fakes[i].count > 50);
        assert_int_equal(alerts_receiver(n->alerts, n->conf->notify[i].name, &r), 0);
        assert_int_equal(r.waiting, 0);
        assert_int_equal(r.dropped, 0);
    }
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(one_alert), T(flapping), T(reminders), T(latched),    T(restart),      T(refused),
        T(away),      T(storm),    T(spool),     T(clock_back), T(unknown_rule), T(anything)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
