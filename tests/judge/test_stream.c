/* Random streams against a judge that keeps every event and looks at every span. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slow.h"

enum { SEEDS = 40 };

/* ---- the streams ------------------------------------------------------------------------ */

struct told {
    const struct slow *slow;
    struct judge_opened opened;
    bool also[NAMES];
    unsigned count;
    uint64_t number_of[OPENS]; /* incident of the slow one: its number */
    struct judge_totals totals[OPENS];
};

/* The evidence itself meets the threshold. */
static void
check_evidence(const struct slow *s, const struct judge_opened *o)
{
    const struct pact_threshold *t = &s->f->obligation[o->obligation].threshold;
    int64_t sum = 0;
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;

    assert_true(o->evidence_count > 0);
    for (unsigned i = 0; i < o->evidence_count; i++) {
        unsigned n = (unsigned)o->evidence[i].block;
        int64_t at = s->event[n].time.us;

        sum += (int64_t)s->amount[n];
        first = at < first ? at : first;
        last = at > last ? at : last;
    }
    if (t->bytes_per_s > 0)
        return;
    assert_true(o->evidence_count == JUDGE_EVIDENCE || sum >= t->events);
    assert_true(last - first < t->window.us);
    assert_true(o->sensors >= t->sensors);
}

static void
on_opened(void *arg, const struct judge_opened *o)
{
    struct told *t = arg;

    t->count++;
    t->opened = *o;
    memset(t->also, 0, sizeof t->also);
    for (unsigned i = 0; i < o->also_count; i++)
        t->also[o->also[i]] = true;
    check_evidence(t->slow, o);
}

static void
on_more(void *arg, const struct judge_more *m)
{
    struct told *t = arg;

    for (unsigned i = 0; i < OPENS; i++) {
        if (t->number_of[i] == m->number)
            t->totals[i] = m->totals;
    }
}

static void
random_obligations(struct fixture *f, uint64_t *seed)
{
    static const char *const *const classes[] = {class_exploit, class_brute, class_scan,
                                                 class_any, class_dos};
    static const int64_t windows[] = {MIN, 10 * MIN, H, 2 * H};
    unsigned n = 3 + (unsigned)(next_random(seed) % 5);

    for (unsigned i = 0; i < n; i++) {
        struct pact_obligation *o = fixture_oblige(f, "o", (int)(next_random(seed) % 3),
                                                   classes[next_random(seed) % 5]);
        struct pact_threshold *t = &o->threshold;

        o->grade_min = (int)(next_random(seed) % 2);
        if (next_random(seed) % 4 == 0)
            o->targets = fixture_texts(protected_cert);
        if (next_random(seed) % 6 == 0) {
            *t = (struct pact_threshold){
                .bytes_per_s = 100 + (int64_t)(next_random(seed) % 900), .sustained = {60 * S}};
            continue;
        }
        t->window.us = windows[next_random(seed) % 4];
        t->events = (int64_t)(next_random(seed) % 12);
        t->targets = (int64_t)(next_random(seed) % 5);
        t->sensors = (int64_t)(next_random(seed) % 4);
        if (t->events + t->targets + t->sensors == 0)
            t->events = 1;
    }
    f->pact.open_per_obligation = next_random(seed) % 3 == 0 ? 2 : 1000;
}

/* Loud ones, so that windows have to let go; quiet ones; some late, a few too late. */
static void
random_event(struct slow *s, int64_t *now, uint64_t *seed)
{
    static const char *const origins[] = {"198.51.100.7", "198.51.100.9",  "203.0.113.1",
                                          "192.0.2.77",   "2001:db8:b::1", "2001:db8:b:1::1"};
    static const uint8_t classes[] = {CLASS_EXPLOIT, CLASS_IDS_ALERT, CLASS_BRUTE_FORCE,
                                      CLASS_SCANNER, CLASS_DOS,       CLASS_TEST};
    unsigned i = s->events++;
    struct event *e = &s->event[i];
    uint64_t r = next_random(seed);
    bool loud = r % 3 != 0;
    uint64_t late = next_random(seed) % 40;

    *now += (int64_t)(next_random(seed) % (uint64_t)(loud ? 5 * S : 3 * MIN));
    if (next_random(seed) % 300 == 0)
        *now += (int64_t)(next_random(seed) % (uint64_t)(20 * H));
    *e = (struct event){.time = {*now},
                        .origin = fixture_addr(origins[loud ? 0 : r / 8 % COUNT(origins)]),
                        .target = fixture_addr(r / 64 % 4 == 0 ? "203.0.113.1" : "192.0.2.1"),
                        .count = 1 + (uint32_t)(r / 256 % 8 == 0),
                        .rule = (uint32_t)(r / 4096 % 2),
                        .sensor = (uint16_t)(r / 8192 % 8 == 0 ? 1 + r / 65536 % 3 : 1),
                        .class_ = classes[loud ? 0 : r / (1 << 20) % COUNT(classes)],
                        .kind = r / (1 << 24) % 16 == 0 ? EVENT_FLOW : EVENT_ALERT,
                        .grade = (uint8_t)(r / (1 << 28) % 4 != 0),
                        .flags = r / (1U << 30) % 4 == 0 ? FLAG_DUPLICATE : 0};
    e->target.byte[15] = (uint8_t)(r >> 40 & 7 ? 1 : 236 + (r >> 44) % 8);
    if (late < 12)
        e->time.us -=
            (int64_t)(next_random(seed) % (uint64_t)(late == 0 ? 15 * MIN : s->lateness));
    e->time_seen = e->time;
    s->item[i] = (struct judge_item){
        .event = e, .id = {i, 0}, .bytes = r >> 50 & 1 ? next_random(seed) % 20000 : 0};
    if ((r >> 52 & 1) && addr_is_v4(&e->origin))
        s->item[i].announced = slow_cut(e->origin, 96 + 22);
}

/* Floods that lack one thing, and that thing about a span's length away: what windows let go
 * must not be missed. */
static void
flood_obligations(struct fixture *f, int64_t pace, uint64_t *seed)
{
    for (int i = 0; i < 2; i++) {
        struct pact_threshold *t = &fixture_oblige(f, "o", i, class_any)->threshold;

        t->window.us = 10 * MIN;
        t->events = (int64_t)(next_random(seed) % 20);
        if (pace >= 20 * S) /* about what a span holds */
            t->events = 20 * MIN / pace * (int64_t)(50 + next_random(seed) % 50) / 100;
        t->targets = 2 + (int64_t)(next_random(seed) % 3);
        t->sensors = (int64_t)(next_random(seed) % 3);
    }
}

static void
flood_event(struct slow *s, int64_t *now, uint64_t *seed)
{
    unsigned i = s->events++;
    struct event *e = &s->event[i];
    uint64_t r = next_random(seed);

    *now += (int64_t)(r % (uint64_t)s->pace);
    if ((r >> 16) % 128 == 0)
        *now += (int64_t)(next_random(seed) % (uint64_t)(12 * MIN));
    *e = (struct event){.time = {*now},
                        .origin = fixture_addr("198.51.100.7"),
                        .target = fixture_addr("192.0.2.1"),
                        .count = 1,
                        .sensor = (uint16_t)(1 + (r >> 24) % 2),
                        .class_ = CLASS_EXPLOIT,
                        .grade = 1};
    if ((r >> 32) % 200 == 0)
        e->target.byte[15] = (uint8_t)(1 + (r >> 40) % 5);
    if ((r >> 32) % 400 == 1)
        e->sensor = (uint16_t)(1 + (r >> 48) % 4);
    if ((r >> 32) % 200 < 2 || (r >> 32) % 20 == 3)
        e->time.us -= (int64_t)(next_random(seed) % (uint64_t)s->lateness);
    e->time_seen = e->time;
    s->item[i] = (struct judge_item){.event = e, .id = {i, 0}};
}

static void
compare_opened(const struct told *t, const struct slow *s, const struct slow_result *r,
               unsigned before)
{
    const struct judge_opened *o = &t->opened;
    const struct slow_open *so;

    assert_int_equal(t->count, before + (r->opened >= 0));
    if (r->opened < 0)
        return;
    so = &s->open[r->opened];
    assert_int_equal(o->obligation, so->rule);
    assert_int_equal(o->collective, so->collective);
    assert_int_equal(o->origin_party, so->origin_party);
    assert_int_equal(o->target_party, so->target_party);
    if (!so->collective)
        assert_memory_equal(&o->origin, &s->window[so->window].key, sizeof o->origin);
    assert_int_equal(o->totals.events, r->at.events);
    assert_int_equal(o->totals.count, r->at.count);
    assert_int_equal(o->totals.bytes, r->at.bytes);
    assert_int_equal(o->totals.first.us, r->at.first.us);
    assert_int_equal(o->totals.last.us, r->at.last.us);
    for (unsigned n = 0; n < s->rules; n++)
        assert_int_equal(t->also[n], r->also[n] && n != so->rule);
}

static void
compare_totals(const struct judge_totals *got, struct slow_open *o, int64_t gap)
{
    assert_int_equal(got->events, o->totals.events);
    assert_int_equal(got->count, o->totals.count);
    assert_int_equal(got->bytes, o->totals.bytes);
    assert_int_equal(got->first.us, o->totals.first.us);
    assert_int_equal(got->last.us, o->totals.last.us);
    assert_int_equal(got->origins, o->totals.origins);
    assert_true(got->at_least ? got->targets <= o->totals.targets
                              : got->targets == o->totals.targets);
    if (!o->collective)
        assert_int_equal(got->bursts, slow_bursts(o, gap));
}

struct tally {
    unsigned opened;
    unsigned collective;
    unsigned named;
    unsigned closed;
    unsigned many_bursts;
};

static void
run_stream(uint64_t number, bool flooded, struct tally *tally)
{
    static struct slow s;
    static struct told t;
    struct fixture f;
    uint64_t seed = number * 104729;
    struct judge *j = NULL;
    struct judge_output out = {on_opened, on_more, NULL, &t};
    struct judge_limits limits = {
        .windows = 4096, .lateness = {flooded ? H : 10 * MIN}, .secret = seed};
    int64_t now = T0;

    s.pace = (1 + (int64_t)(number % 16) * 3) * S;
    fixture_init(&f);
    if (flooded)
        flood_obligations(&f, s.pace, &seed);
    else
        random_obligations(&f, &seed);
    fixture_space(&f);
    memset(&t, 0, sizeof t);
    slow_start(&s, &f, limits.lateness.us);
    t.slow = &s;
    assert_int_equal(judge_new(&f.pact, f.space, &limits, &out, &j, NULL), 0);
    for (unsigned i = 0; i < EVENTS; i++) {
        struct slow_result r;
        unsigned before = t.count;

        if (flooded)
            flood_event(&s, &now, &seed);
        else
            random_event(&s, &now, &seed);
        slow_weigh(&s, i);
        slow_judge(&s, i, &r);
        judge_events(j, &s.item[i], 1);
        compare_opened(&t, &s, &r, before);
        if (r.opened >= 0) {
            t.number_of[r.opened] = t.opened.number;
            t.totals[r.opened] = t.opened.totals;
            tally->opened++;
            tally->collective += t.opened.collective;
            tally->named += t.opened.also_count > 0;
        }
        if (s.opens > 0 && (flooded ? r.opened >= 0 : next_random(&seed) % 100 == 0)) {
            unsigned n =
                flooded ? (unsigned)r.opened : (unsigned)(next_random(&seed) % s.opens);

            judge_flush(j);
            if (s.open[n].live) {
                assert_int_equal(judge_close(j, t.number_of[n]), 0);
                slow_close(&s, n);
                tally->closed++;
            }
        }
    }
    judge_flush(j);
    for (unsigned n = 0; n < s.opens; n++) {
        compare_totals(&t.totals[n], &s.open[n], f.pact.gap.us);
        tally->many_bursts += t.totals[n].bursts > 1;
    }
    assert_false(s.overflow);
    assert_int_equal(judge_counts(j).evicted + judge_counts(j).shed, 0);
    j = judge_free(j);
    fixture_release(&f);
}

static void
floods(void **state)
{
    struct tally tally = {0};

    (void)state;
    for (uint64_t n = 1; n <= SEEDS; n++)
        run_stream(n, true, &tally);
    print_message("%u opened\n", tally.opened);
    assert_true(tally.opened > 100);
}

static void
streams(void **state)
{
    struct tally tally = {0};

    (void)state;
    for (uint64_t n = 1; n <= SEEDS; n++) {
        print_message("stream %u\n", (unsigned)n);
        run_stream(n, false, &tally);
    }
    print_message("%u opened, %u collective, %u name others, %u closed, %u with bursts\n",
                  tally.opened, tally.collective, tally.named, tally.closed, tally.many_bursts);
    assert_true(tally.opened > 100 && tally.collective > 5 && tally.named > 20 &&
                tally.closed > 50 && tally.many_bursts > 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(streams), cmocka_unit_test(floods)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
