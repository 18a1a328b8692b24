/* What opens an incident and what does not, case by case; with the shared example's documents
 * when their folder is the argument and is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static const char *example; /* folder */

/* ---- thresholds ------------------------------------------------------------------------- */

static void
five_on_two(struct bench *b, const char *origin, const char *one, const char *two)
{
    for (int i = 0; i < 4; i++)
        push(b, event(origin, i == 0 ? two : one, T0 + i * 10 * MIN));
    assert_int_equal(b->told.count, 0);
    push(b, event(origin, one, T0 + 59 * MIN));
    assert_int_equal(b->told.count, 1);
    for (int i = 0; i < 20; i++)
        push(b, event(origin, i % 2 ? one : two, T0 + 60 * MIN + i * S));
    assert_int_equal(b->told.count, 1);
}

static void
exploit_threshold(void **state)
{
    struct bench b = {0};
    const struct judge_opened *o = &b.told.opened[0];

    (void)state;
    fixture_init(&b.f);
    oblige_exploit(&b);
    start(&b);
    five_on_two(&b, "198.51.100.7", "192.0.2.5", "192.0.2.6");
    assert_int_equal(o->number, 1);
    assert_int_equal(o->origin_party, SOUTH);
    assert_int_equal(o->target_party, NORTH);
    assert_int_equal(o->class_, CLASS_EXPLOIT);
    assert_int_equal(o->origin.len, 128);
    assert_int_equal(o->totals.events, 5);
    assert_int_equal(o->totals.count, 5);
    assert_int_equal(o->totals.targets, 2);
    assert_int_equal(o->totals.first.us, T0);
    assert_int_equal(o->totals.last.us, T0 + 59 * MIN);
    assert_int_equal(o->evidence_count, 5);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(b.told.evidence[0][i].block, i + 1);
    assert_int_equal(b.told.evidence[0][0].index, 5);
    judge_flush(b.j);
    assert_int_equal(b.told.mores, 1);
    assert_int_equal(b.told.last.events, 25);
    assert_int_equal(b.told.last.targets, 2);
    judge_flush(b.j);
    assert_int_equal(b.told.mores, 1);
    start(&b);
    five_on_two(&b, "2001:db8:b:7::1", "2001:db8:a::5", "2001:db8:a::6");
    assert_int_equal(o->origin.len, 64);
    stop(&b);
}

/* What is to be told of: one event is enough, and it is of one machine whatever its grade. */
static void
telling(void **state)
{
    static const char *const amplifiers[] = {"vulnerable:ddos-amplifier", NULL};
    struct bench b = {0};
    struct pact_obligation *o;
    struct event e;

    (void)state;
    fixture_init(&b.f);
    o = fixture_oblige(&b.f, "tell", NORMAL, amplifiers);
    o->kind = PACT_NOTIFY;
    o->grade_min = 0;
    start(&b);
    for (int i = 0; i < 4; i++) {
        e = event(i % 2 ? "198.51.100.8" : "198.51.100.7", "192.0.2.5", T0 + i * S);
        e.class_ = CLASS_AMPLIFIER;
        e.grade = 0;
        push(&b, e);
    }
    assert_int_equal(b.told.count, 2);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(b.told.opened[i].class_, CLASS_AMPLIFIER);
        assert_int_equal(b.told.opened[i].origin.len, 128);
    }
    e.class_ = CLASS_VULNERABLE;
    e.origin = fixture_addr("198.51.100.9");
    push(&b, e);
    assert_int_equal(b.told.count, 2);
    stop(&b);
}

static void
what_is_not_enough(void **state)
{
    struct bench b = {0};

    (void)state;
    fixture_init(&b.f);
    oblige_exploit(&b);
    start(&b);
    /* one target */
    for (int i = 0; i < 500; i++)
        push(&b, event("198.51.100.7", "192.0.2.5", T0 + i * S));
    /* not within an hour: exactly one is too long, for a span is open at its beginning */
    for (int i = 0; i < 5; i++)
        push(&b, event("198.51.100.8", i ? "192.0.2.5" : "192.0.2.6", T0 + i * 15 * MIN));
    /* of five origins */
    for (int i = 0; i < 5; i++) {
        char origin[32];

        (void)snprintf(origin, sizeof origin, "198.51.100.%d", 20 + i);
        push(&b, event(origin, i ? "192.0.2.5" : "192.0.2.6", T0 + i * MIN));
    }
    /* on two parties */
    for (int i = 0; i < 8; i++)
        push(&b, event("198.51.100.9", i % 2 ? "203.0.113.5" : "192.0.2.6", T0 + i * MIN));
    for (int i = 0; i < 10; i++) {
        struct event e = event("198.51.100.30", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 + i * S);

        e.grade = 0; /* below the obligation's */
        push(&b, e);
        e = event("198.51.100.31", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 + i * S);
        e.kind = EVENT_FLOW;
        push(&b, e);
        e = event("198.51.100.32", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 + i * S);
        e.class_ = CLASS_SCANNER;
        push(&b, e);
        /* nobody's, and one's own */
        push(&b, event("8.8.8.8", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 + i * S));
        push(&b, event("192.0.2.9", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 + i * S));
        push(&b, event("198.51.100.33", i % 2 ? "8.8.8.8" : "8.8.4.4", T0 + i * S));
    }
    assert_int_equal(b.told.count, 0);
    /* one of two families of the same origin's network number */
    for (int i = 0; i < 5; i++) {
        struct event e = event("8.8.8.8", i ? "192.0.2.5" : "192.0.2.6", T0 + H + i * S);

        e.origin_asn = 64500;
        push(&b, e);
    }
    assert_int_equal(b.told.count, 1);
    assert_int_equal(b.told.opened[0].origin_party, SOUTH);
    stop(&b);
}

static void
counts_and_sensors(void **state)
{
    struct bench b = {0};
    struct event e;

    (void)state;
    fixture_init(&b.f);
    fixture_oblige(&b.f, "brute", NORMAL, class_brute)->threshold =
        (struct pact_threshold){.events = 100, .targets = 1, .window = {H}};
    fixture_oblige(&b.f, "scan", NORMAL, class_scan)->threshold =
        (struct pact_threshold){.targets = 20, .sensors = 2, .window = {DAY}};
    start(&b);
    e = event("198.51.100.7", "192.0.2.5", T0);
    e.class_ = CLASS_BRUTE_FORCE;
    e.count = 99;
    push(&b, e);
    assert_int_equal(b.told.count, 0);
    e.count = 1;
    push(&b, e);
    assert_int_equal(b.told.count, 1);
    assert_int_equal(b.told.opened[0].totals.events, 2);
    assert_int_equal(b.told.opened[0].totals.count, 100);
    for (int i = 0; i < 60; i++) {
        char target[32];

        (void)snprintf(target, sizeof target, "192.0.2.%d", 10 + i);
        e = event("198.51.100.7", target, T0 + i * MIN);
        e.class_ = CLASS_SCANNER;
        push(&b, e);
    }
    assert_int_equal(b.told.count, 1);
    e.sensor = 2;
    push(&b, e);
    assert_int_equal(b.told.count, 2);
    assert_int_equal(b.told.opened[1].totals.targets, 60);
    assert_int_equal(b.told.opened[1].sensors, 2);
    stop(&b);
}

/* The same act seen by two sensors is one; the same password tried twice is two. */
static void
duplicates(void **state)
{
    struct bench b = {0};

    (void)state;
    fixture_init(&b.f);
    fixture_oblige(&b.f, "brute", NORMAL, class_brute)->threshold =
        (struct pact_threshold){.events = 6, .window = {H}};
    start(&b);
    for (int i = 0; i < 5; i++) {
        struct event e = event("198.51.100.7", "192.0.2.5", T0 + i * S);

        e.class_ = CLASS_BRUTE_FORCE;
        e.flags = i == 0 ? 0 : FLAG_DUPLICATE;
        push(&b, e);
        e.sensor = 2;
        e.flags = FLAG_DUPLICATE;
        push(&b, e);
    }
    assert_int_equal(b.told.count, 0);
    assert_int_equal(judge_counts(b.j).again, 5);
    for (int i = 5; i < 6; i++) {
        struct event e = event("198.51.100.7", "192.0.2.5", T0 + i * S);

        e.class_ = CLASS_BRUTE_FORCE;
        e.flags = FLAG_DUPLICATE;
        push(&b, e);
    }
    assert_int_equal(b.told.count, 1);
    assert_int_equal(b.told.opened[0].totals.events, 11);
    assert_int_equal(b.told.opened[0].totals.count, 6);
    stop(&b);
}

static void
bytes_sustained(void **state)
{
    struct bench b = {0};
    struct pact_obligation *o;

    (void)state;
    fixture_init(&b.f);
    o = fixture_oblige(&b.f, "refrain-ddos", CRITICAL, class_dos);
    o->threshold = (struct pact_threshold){.bytes_per_s = 12500000, .sustained = {60 * S}};
    o->grade_min = 0;
    start(&b);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 61; i++) {
            struct event e = event("198.51.100.7", "192.0.2.5", T0 + round * 2 * H + i * S + 3);
            struct judge_item item = {
                .event = &e, .id = {1, 1}, .bytes = 12499999 + (unsigned)round};

            e.origin.byte[15] = (uint8_t)i; /* spoofed: all of one announced prefix */
            e.kind = EVENT_FLOW;
            e.class_ = CLASS_DDOS;
            e.grade = 0;
            judge_events(b.j, &item, 1);
            assert_int_equal(b.told.count, round == 1 && i >= 59);
        }
    }
    assert_int_equal(b.told.opened[0].origin.len, 96 + 24);
    assert_int_equal(b.told.opened[0].totals.bytes, 60 * UINT64_C(12500000));
    assert_int_equal(b.told.opened[0].totals.targets, 1);
    assert_false(b.told.opened[0].totals.at_least);
    o->threshold.targets = 2;
    assert_int_equal(judge_new(&b.f.pact, b.f.space, &(struct judge_limits){0},
                               &(struct judge_output){0}, &(struct judge *){NULL}, NULL),
                     ERR_CONF);
    stop(&b);
}

/* A second is one record: which targets it had is not remembered, and said. */
static void
bytes_on_many(void **state)
{
    struct bench b = {0};

    (void)state;
    fixture_init(&b.f);
    fixture_oblige(&b.f, "ddos", HIGH, class_dos)->threshold =
        (struct pact_threshold){.bytes_per_s = 1000, .sustained = {60 * S}};
    start(&b);
    for (int i = 0; i < 60; i++) {
        struct event e = event("198.51.100.7", "192.0.2.5", T0 + i * S / 4);
        struct judge_item item = {.event = &e, .id = {1, 1}, .bytes = 1000};

        e.target.byte[15] = (uint8_t)(5 + i % 4);
        e.class_ = CLASS_DDOS;
        judge_events(b.j, &item, 1);
    }
    assert_int_equal(b.told.count, 1);
    assert_int_equal(b.told.opened[0].totals.events, 60);
    assert_true(b.told.opened[0].totals.at_least);
    assert_true(b.told.opened[0].totals.targets < 4);
    stop(&b);
}

/* ---- time ------------------------------------------------------------------------------- */

/* Each order of arrival of the same five gives the same incident. */
static void
order_of_arrival(void **state)
{
    struct bench b = {0};
    int order[5] = {0, 1, 2, 3, 4};

    (void)state;
    fixture_init(&b.f);
    oblige_exploit(&b);
    for (int n = 0; n < 120; n++) {
        int k = n;

        for (int i = 0; i < 5; i++)
            order[i] = i;
        for (int i = 4; i > 0; i--) { /* the n-th permutation */
            int with = k % (i + 1);
            int t = order[i];

            k /= i + 1;
            order[i] = order[with];
            order[with] = t;
        }
        start(&b);
        for (int i = 0; i < 5; i++) {
            assert_int_equal(b.told.count, 0);
            push(&b, event("198.51.100.7", order[i] == 2 ? "192.0.2.6" : "192.0.2.5",
                           T0 + order[i] * 14 * MIN));
        }
        assert_int_equal(b.told.count, 1);
        assert_int_equal(b.told.opened[0].totals.first.us, T0);
        assert_int_equal(b.told.opened[0].totals.last.us, T0 + 56 * MIN);
    }
    stop(&b);
}

static void
late_events(void **state)
{
    struct bench b = {0};
    struct event e;

    (void)state;
    fixture_init(&b.f);
    oblige_exploit(&b);
    start_with(&b, &(struct judge_limits){.windows = 64, .lateness = {2 * H}});
    for (int i = 0; i < 4; i++)
        push(&b, event("198.51.100.7", "192.0.2.5", T0 + i * S));
    /* Two hours pass elsewhere; the fifth, on the second target, comes late: by its own time.
     */
    push(&b, event("198.51.100.9", "192.0.2.5", T0 + 2 * H));
    e = event("198.51.100.7", "192.0.2.6", T0 + 30 * S);
    e.time_seen = (struct utime){T0 + 2 * H};
    e.flags = FLAG_CLOCK_SKEWED;
    push(&b, e);
    assert_int_equal(b.told.count, 1);
    /* Later than is waited for: opens nothing … */
    for (int i = 0; i < 10; i++)
        push(&b, event("198.51.100.8", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 - S));
    assert_int_equal(b.told.count, 1);
    assert_int_equal(judge_counts(b.j).late, 10);
    /* … but counts where one is open. */
    push(&b, event("198.51.100.7", "192.0.2.6", T0 - S));
    judge_flush(b.j);
    assert_int_equal(b.told.last.events, 6);
    assert_int_equal(b.told.last.first.us, T0 - S);
    /* What claims to come from the future is as old as our sight of it, and moves no clock. */
    e = event("198.51.100.7", "192.0.2.6", T0 + 999 * DAY);
    e.time_seen = (struct utime){T0 + 2 * H};
    e.flags = FLAG_CLOCK_SKEWED;
    push(&b, e);
    judge_flush(b.j);
    assert_int_equal(b.told.last.last.us, T0 + 2 * H);
    stop(&b);
}

static void
bursts(void **state)
{
    struct bench b = {0};

    (void)state;
    fixture_init(&b.f);
    oblige_certs(&b);
    start(&b);
    push(&b, event("198.51.100.7", "192.0.2.241", T0));
    push(&b, event("198.51.100.7", "192.0.2.241", T0 + 12 * H));
    judge_flush(b.j);
    assert_int_equal(b.told.last.bursts, 1);
    push(&b, event("198.51.100.7", "192.0.2.241", T0 + 24 * H + 10 * MIN));
    judge_flush(b.j);
    assert_int_equal(b.told.last.bursts, 2);
    assert_int_equal(b.told.last.burst_first.us, T0 + 24 * H + 10 * MIN);
    /* One that comes late fills the silence. */
    push(&b, event("198.51.100.7", "192.0.2.241", T0 + 24 * H - 5 * MIN));
    judge_flush(b.j);
    assert_int_equal(b.told.last.bursts, 1);
    assert_int_equal(b.told.last.burst_first.us, T0);
    assert_int_equal(b.told.last.events, 4);
    assert_int_equal(b.told.count, 1);
    stop(&b);
}

/* ---- exclusions, annexes ---------------------------------------------------------------- */

static void
exclusions(void **state)
{
    static const struct prefix nothing;
    struct prefix nets[3];
    struct bench b = {0};
    struct pact_exclusion *x;
    struct event e = event("198.51.100.33", "192.0.2.5", T0);

    (void)state;
    nets[0] = fixture_prefix("198.51.100.32/29");
    nets[1] = fixture_prefix("198.51.100.0/31");
    nets[2] = fixture_prefix("198.51.100.36/32"); /* inside another */
    fixture_init(&b.f);
    fixture_oblige(&b.f, "scan", NORMAL, class_scan);
    fixture_oblige(&b.f, "all", HIGH, class_any)->grade_min = 0;
    x = fixture_exclude(&b.f);
    x->origin = (struct pact_prefixes){nets, 3};
    x->classes = fixture_texts(class_scan);
    x->until = "2026-03-02";
    x = fixture_exclude(&b.f);
    x->origin_role = "transit";
    start(&b);
    e.class_ = CLASS_SCANNER;
    push(&b, e); /* an excluded scanner */
    e.time.us = T0 + 2 * DAY - 1;
    push(&b, e); /* that day is still excluded */
    e.class_ = CLASS_TEST;
    push(&b, e); /* `*` has no test:test */
    e.class_ = CLASS_SPAM;
    push(&b, e); /* not of the pact */
    e.class_ = CLASS_EXPLOIT;
    judge_events(b.j, &(struct judge_item){.event = &e, .transit = true, .announced = nothing},
                 1);
    assert_int_equal(b.told.count, 0);
    assert_int_equal(judge_counts(b.j).excluded, 3);
    e.class_ = CLASS_SCANNER;
    e.time.us = T0 + 2 * DAY;
    push(&b, e); /* its day is over */
    assert_int_equal(b.told.count, 1);
    e.origin = fixture_addr("198.51.100.40");
    e.time.us = T0;
    start(&b);
    push(&b, e); /* beside the excluded */
    assert_int_equal(b.told.count, 1);
    b.f.pact.until.us = T0;
    start(&b);
    push(&b, e); /* the pact has ended */
    assert_int_equal(b.told.count, 0);
    stop(&b);
}

/* The kept events, judged again under another annex. */
static void
changed_annex(void **state)
{
    struct bench b = {0};
    struct annex second;
    struct space_annex known[2];
    struct prefix more[2] = {fixture_prefix("198.51.100.0/24"), fixture_prefix("9.9.9.0/24")};

    (void)state;
    fixture_init(&b.f);
    oblige_exploit(&b);
    second = b.f.annex[SOUTH];
    second.sequence = 2;
    second.v4 = (struct pact_prefixes){more, 2};
    known[0] = b.f.known[SOUTH];
    known[1] = (struct space_annex){&second, {T0 + 10 * MIN}};
    for (int with = 0; with < 3; with++) {
        if (with > 0)
            b.f.history[SOUTH] = (struct space_history){known, 2};
        known[1].witnessed.us = with == 2 ? T0 + 10 * MIN + 1 : T0 + 10 * MIN;
        start(&b);
        /* Five before it is in force, five in force, the first of them at that moment. */
        for (int i = 0; i < 10; i++)
            push(&b,
                 event("9.9.9.9", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 + 5 * MIN + i * MIN));
        assert_int_equal(b.told.count, with == 1);
    }
    /* A running judge: what it learns counts from now on. */
    known[1].witnessed.us = T0 + 10 * MIN;
    b.f.history[SOUTH].count = 1;
    start(&b);
    for (int i = 0; i < 5; i++)
        push(&b, event("9.9.9.9", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 + 9 * MIN + i * S));
    b.f.history[SOUTH].count = 2;
    {
        struct space *before = b.f.space;

        b.f.space = NULL;
        fixture_space(&b.f);
        judge_space(b.j, b.f.space);
        (void)space_free(before);
    }
    for (int i = 0; i < 4; i++)
        push(&b, event("9.9.9.9", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 + 11 * MIN + i * S));
    assert_int_equal(b.told.count, 0);
    push(&b, event("9.9.9.9", "192.0.2.6", T0 + 12 * MIN));
    assert_int_equal(b.told.count, 1);
    assert_int_equal(b.told.opened[0].totals.events, 5);
    stop(&b);
}

/* ---- several obligations ---------------------------------------------------------------- */

static void
two_obligations(void **state)
{
    struct bench b = {0};

    (void)state;
    fixture_init(&b.f);
    oblige_exploit(&b); /* 0, high */
    oblige_certs(&b);   /* 1, critical */
    start(&b);
    for (int i = 0; i < 4; i++)
        push(&b, event("198.51.100.7", "192.0.2.5", T0 + i * S));
    push(&b, event("198.51.100.7", "192.0.2.241", T0 + 5 * S));
    assert_int_equal(b.told.count, 1);
    assert_int_equal(b.told.opened[0].obligation, 1);
    assert_int_equal(b.told.opened[0].also_count, 1);
    assert_int_equal(b.told.also[0][0], 0);
    /* Both count in it, once. */
    push(&b, event("198.51.100.7", "192.0.2.241", T0 + 6 * S));
    push(&b, event("198.51.100.7", "192.0.2.9", T0 + 7 * S));
    judge_flush(b.j);
    assert_int_equal(b.told.last.events, 3);
    /* Days later it is named still. */
    for (int i = 0; i < 9; i++)
        push(&b,
             event("198.51.100.7", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 + 9 * DAY + i * S));
    assert_int_equal(b.told.count, 1);

    /* The weaker threshold is met later: named then. */
    start(&b);
    for (int i = 0; i < 5; i++) {
        push(&b, event("198.51.100.7", i % 2 ? "192.0.2.242" : "192.0.2.241", T0 + i * S));
        judge_flush(b.j);
        assert_int_equal(b.told.last_also, i == 4);
    }
    assert_int_equal(b.told.count, 1);
    assert_int_equal(b.told.last.events, 5);

    /* A stricter one opens its own, and names the other. */
    start(&b);
    for (int i = 0; i < 5; i++)
        push(&b, event("198.51.100.7", i % 2 ? "192.0.2.5" : "192.0.2.6", T0 + i * S));
    assert_int_equal(b.told.opened[0].obligation, 0);
    push(&b, event("198.51.100.7", "192.0.2.241", T0 + 6 * S));
    assert_int_equal(b.told.count, 2);
    assert_int_equal(b.told.opened[1].obligation, 1);
    assert_int_equal(b.told.opened[1].also_count, 1);
    stop(&b);
}

static void
closing(void **state)
{
    struct bench b = {0};

    (void)state;
    fixture_init(&b.f);
    oblige_exploit(&b);
    oblige_certs(&b);
    start(&b);
    for (int round = 1; round <= 40; round++) {
        for (int i = 0; i < 5; i++)
            push(&b, event("198.51.100.7", i % 2 ? "192.0.2.242" : "192.0.2.241",
                           T0 + round * H + i * S));
        assert_int_equal(b.told.count, round);
        assert_int_equal(b.told.opened[round - 1].number, round);
        assert_int_equal(judge_close(b.j, (uint64_t)round), 0);
        assert_int_equal(judge_close(b.j, (uint64_t)round), ERR_NOTFOUND);
        if (round % 3 == 0)
            judge_flush(b.j);
    }
    assert_int_equal(judge_counts(b.j).open, 0);
    stop(&b);
}

/* ---- the example's own documents -------------------------------------------------------- */

static char *
read_file(const char *name)
{
    static char text[1 << 20];
    char path[512];
    FILE *f;
    size_t n;

    (void)snprintf(path, sizeof path, "%s/%s", example, name);
    f = fopen(path, "r");
    if (f == NULL)
        return NULL;
    n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    (void)fclose(f);
    return text;
}

static void
the_example(void **state)
{
    static const char *const names[] = {"annex-northland.yaml", "annex-southmark.yaml"};
    struct annex *annex[2] = {NULL, NULL};
    struct space_annex known[2];
    struct space_history history[2];
    struct pact *p = NULL;
    struct space *s = NULL;
    struct bench b = {0};
    const char *text = example == NULL ? NULL : read_file("northland-southmark.pact.yaml");

    (void)state;
    if (text == NULL)
        skip();
    assert_int_equal(pact_read(slice_of(text), &p, NULL, NULL, NULL), 0);
    for (int i = 0; i < 2; i++) {
        text = read_file(names[i]);
        assert_non_null(text);
        assert_int_equal(annex_read(slice_of(text), &annex[i], NULL, NULL, NULL), 0);
        known[i] = (struct space_annex){annex[i], annex[i]->valid_from};
        history[i] = (struct space_history){&known[i], 1};
    }
    assert_int_equal(space_new(p, history, &s, NULL), 0);
    for (int v6 = 0; v6 < 2; v6++) {
        struct judge_output out = {on_opened, on_more, NULL, &b.told};

        b.told = (struct told){0};
        assert_int_equal(
            judge_new(p, s, &(struct judge_limits){.windows = 100}, &out, &b.j, NULL), 0);
        for (int i = 0; i < 10; i++) { /* a declared measurement host */
            struct event e = event("198.51.100.33", "192.0.2.5", T0 + i * S);

            e.class_ = CLASS_SCANNER;
            push(&b, e);
        }
        if (v6)
            five_on_two(&b, "2001:db8:b:7::1", "2001:db8:a::5", "2001:db8:a::6");
        else
            five_on_two(&b, "198.51.100.7", "192.0.2.5", "192.0.2.6");
        assert_string_equal(p->obligation[b.told.opened[0].obligation].id, "refrain-exploit");
        push(&b, event("198.51.100.77", "192.0.2.241", T0 + 2 * H));
        assert_int_equal(b.told.count, 2);
        assert_string_equal(p->obligation[b.told.opened[1].obligation].id, "protect-certs");
        b.j = judge_free(b.j);
    }
    (void)space_free(s);
    (void)annex_free(annex[0]);
    (void)annex_free(annex[1]);
    (void)pact_free(p);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exploit_threshold),  cmocka_unit_test(telling),
        cmocka_unit_test(what_is_not_enough), cmocka_unit_test(counts_and_sensors),
        cmocka_unit_test(duplicates),         cmocka_unit_test(bytes_sustained),
        cmocka_unit_test(bytes_on_many),      cmocka_unit_test(order_of_arrival),
        cmocka_unit_test(late_events),        cmocka_unit_test(bursts),
        cmocka_unit_test(exclusions),         cmocka_unit_test(changed_annex),
        cmocka_unit_test(two_obligations),    cmocka_unit_test(closing),
        cmocka_unit_test(the_example),
    };

    example = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
