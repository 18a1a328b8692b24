/* How far a clock is off: what one answer says, and what many say together. */
#include "unit.h"

#include "exchange/clock.h"

enum { S = 1000000 };
#define NOW INT64_C(1790000000000000)

static struct clock_said
said(int64_t took_us, int64_t ahead_us)
{
    int64_t theirs = NOW + took_us / 2 + ahead_us;

    return (struct clock_said){.asked = {NOW},
                               .told = {NOW + took_us},
                               .took_us = took_us,
                               .stated = {theirs - theirs % S}};
}

/* Whatever the way took and however the second was cut, the truth is within the error. */
static void
one_answer(void **state)
{
    (void)state;
    for (int64_t ahead = -3 * (int64_t)S * 3600; ahead <= 3 * (int64_t)S * 3600;
         ahead += 1234567891) {
        for (int64_t took = 0; took <= CLOCK_WAY_US; took += 333333) {
            struct clock_said s = said(took, ahead);
            struct clock_offset o;

            assert_true(clock_measure(&s, &o));
            assert_true(o.offset.us - o.error.us <= ahead && ahead <= o.offset.us + o.error.us);
            assert_int_equal(o.error.us, took / 2 + S / 2);
            assert_int_equal(o.at.us, s.told.us);
        }
    }
}

static void
says_nothing(void **state)
{
    struct clock_offset o;
    struct clock_said s = said(CLOCK_WAY_US + 1, 0);

    (void)state;
    assert_false(clock_measure(&s, &o));
    s = said(S, 0);
    s.told.us += 2 * S; /* our clock was set while we waited */
    assert_false(clock_measure(&s, &o));
    s = said(S, 0);
    s.told.us -= 3 * S;
    assert_false(clock_measure(&s, &o));
    s = said(S, 0);
    s.took_us = -1;
    assert_false(clock_measure(&s, &o));
    s = said(S, 0);
    s.stated.us = 0;
    assert_false(clock_measure(&s, &o));
    assert_int_equal(o.at.us, 0);
}

static struct clock_estimate
estimate(const int64_t *offset, unsigned n)
{
    struct clock_offset others[CLOCK_OTHERS + 8] = {{.at = {0}}};
    struct clock_estimate e;

    for (unsigned i = 0; i < n; i++)
        others[i] = (struct clock_offset){{offset[i] * S}, {S}, {NOW}};
    clock_estimate(others, n, (struct utime){NOW + CLOCK_FRESH_US}, &e);
    return e;
}

static void
median(void **state)
{
    const int64_t one[] = {7};
    const int64_t two[] = {4, 10};
    const int64_t liars[] = {100000, 2, -1, 1, 100000};
    int64_t many[CLOCK_OTHERS + 8] = {0};

    (void)state;
    assert_int_equal(estimate(one, 0).count, 0);
    assert_int_equal(estimate(one, 1).offset.us, 7 * S);
    assert_int_equal(estimate(two, 2).offset.us, 7 * S);
    assert_int_equal(estimate(liars, 5).offset.us, 2 * S); /* two of five move it not far */
    assert_int_equal(estimate(liars, 5).count, 5);
    assert_int_equal(estimate(many, CLOCK_OTHERS + 8).count, CLOCK_OTHERS);
}

/* What is old, or not known, or dated after now by more than that, is left out. */
static void
fresh(void **state)
{
    const struct clock_offset others[] = {{{5 * S}, {S}, {NOW}},
                                          {{90 * S}, {S}, {NOW - CLOCK_FRESH_US - 1}},
                                          {{90 * S}, {S}, {NOW + CLOCK_FRESH_US + 1}},
                                          {{90 * S}, {S}, {0}}};
    struct clock_estimate e;

    (void)state;
    clock_estimate(others, 4, (struct utime){NOW}, &e);
    assert_int_equal(e.count, 1);
    assert_int_equal(e.offset.us, 5 * S);
    clock_estimate(others, 4, (struct utime){NOW + 10 * CLOCK_FRESH_US}, &e);
    assert_int_equal(e.count, 0);
}

static void
off(void **state)
{
    struct clock_estimate e = {3, {11 * S}, {S}};

    (void)state;
    assert_false(clock_is_off(&e, (struct span){10 * S})); /* it may be the error */
    e.offset.us++;
    assert_true(clock_is_off(&e, (struct span){10 * S}));
    e.offset.us = -e.offset.us;
    assert_true(clock_is_off(&e, (struct span){10 * S}));
    e.count = 0;
    assert_false(clock_is_off(&e, (struct span){10 * S}));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_answer),
                                       cmocka_unit_test(says_nothing), cmocka_unit_test(median),
                                       cmocka_unit_test(fresh), cmocka_unit_test(off)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
