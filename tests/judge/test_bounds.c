/* What a flood can cost: of incidents, of windows, of what a window remembers. */
#include "bench.h"

static void
spoofed_origins(void **state)
{
    struct bench b = {0};
    struct prefix wide = fixture_prefix("16.0.0.0/8");
    struct pact_obligation *o;
    uint64_t seed = 1;

    (void)state;
    fixture_init(&b.f);
    b.f.annex[SOUTH].v4 = (struct pact_prefixes){&wide, 1};
    o = fixture_oblige(&b.f, "dos", CRITICAL, class_dos);
    o->grade_min = 0;
    o->threshold.events = 3;
    b.f.pact.open_per_obligation = 5;
    start_with(&b, &(struct judge_limits){.windows = 4096});
    for (int i = 0; i < 200000; i++) {
        struct event e = event("198.51.100.7", "192.0.2.5", T0 + i * INT64_C(1000));
        struct judge_item item = {.event = &e, .id = {1, 1}};

        e.origin = addr_of_v4(0x10000000U | (next_random(&seed) & 0x0003ffff));
        e.class_ = CLASS_DOS;
        e.grade = 0;
        item.announced = fixture_prefix(i % 2 ? "16.0.0.0/14" : "0.0.0.0/0");
        judge_events(b.j, &item, 1);
    }
    /* 1 announced, 4 /24 of those without, and one for all the others */
    assert_int_equal(b.told.count, 6);
    assert_true(b.told.opened[5].collective);
    assert_int_equal(judge_counts(b.j).open, 6);
    judge_flush(b.j);
    assert_int_equal(b.told.last_number, 6);
    assert_int_equal(b.told.last.origins, 1024 - 4);
    assert_int_equal(judge_counts(b.j).evicted, 0);
    stop(&b);
}

/* All that a flood costs is itself: memory stays, and who attacks beside it is found. */
static void
flood(void **state)
{
    struct bench b = {0};
    struct prefix wide = fixture_prefix("16.0.0.0/8");
    uint64_t seed = 1;

    (void)state;
    fixture_init(&b.f);
    b.f.annex[SOUTH].v4 = (struct pact_prefixes){&wide, 1};
    oblige_exploit(&b);
    fixture_oblige(&b.f, "scan", NORMAL, class_any)->threshold =
        (struct pact_threshold){.targets = 200, .window = {H}};
    start_with(&b, &(struct judge_limits){.windows = 2048, .memory = 100000});
    for (int i = 0; i < 300000; i++) {
        struct event e = event("8.8.8.8", "192.0.2.5", T0 + i * INT64_C(1000));

        e.origin = addr_of_v4(0x10000000U | (next_random(&seed) & 0x00ffffff));
        if (i % 500 == 0)
            e.origin = fixture_addr("16.1.2.3");
        if (i % 3 == 0)
            e.target.byte[15] = (uint8_t)next_random(&seed);
        push(&b, e);
        assert_true(judge_counts(b.j).windows <= 2048);
        assert_true(judge_counts(b.j).memory <= 100000);
    }
    assert_true(judge_counts(b.j).evicted > 100000);
    assert_true(b.told.count >= 1);
    assert_true(prefix_covers(
        &b.told.opened[0].origin,
        &(struct addr){
            .byte = {[10] = 0xff, [11] = 0xff, [12] = 16, [13] = 1, [14] = 2, [15] = 3}}));
    stop(&b);
}

/* A window remembers by its threshold, not by its traffic. */
static void
one_loud_origin(void **state)
{
    struct bench b = {0};

    (void)state;
    fixture_init(&b.f);
    fixture_oblige(&b.f, "many", HIGH, class_exploit)->threshold =
        (struct pact_threshold){.events = 50, .targets = 3, .sensors = 2, .window = {H}};
    start(&b);
    for (int i = 0; i < 500000; i++)
        push(&b, event("198.51.100.7", i % 3 == 0 ? "192.0.2.6" : "192.0.2.5",
                       T0 + i * INT64_C(20000)));
    assert_int_equal(b.told.count, 0);
    assert_true(judge_counts(b.j).memory <= 100000);
    assert_int_equal(judge_counts(b.j).shed, 0);
    {
        struct event e = event("198.51.100.7", "192.0.2.7", T0 + 499999LL * 20000);

        e.sensor = 3;
        push(&b, e);
    }
    assert_int_equal(b.told.count, 1);
    assert_int_equal(b.told.opened[0].totals.events, 500001);
    stop(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spoofed_origins),
        cmocka_unit_test(flood),
        cmocka_unit_test(one_loud_origin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
