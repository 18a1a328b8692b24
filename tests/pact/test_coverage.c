/* Coverage against a count address by address, and when a sensor is healthy. */
#include "unit.h"

#include <string.h>

#include "pact/coverage.h"

#define DAY ((int64_t)86400 * TIME_US_PER_S)

static struct prefix
prefix_of(const char *text)
{
    struct prefix p;

    assert_int_equal(prefix_parse(slice_of(text), &p), 0);
    return p;
}

static void
test_examples(void **state)
{
    const struct prefix v4 = prefix_of("192.0.2.0/24");
    const struct prefix v6 = prefix_of("2001:db8:a::/48");
    const struct prefix declared4[] = {prefix_of("192.0.2.0/24"), prefix_of("198.51.100.0/24")};
    const struct prefix half[] = {prefix_of("2001:db8:a::/49"), prefix_of("192.0.2.0/25"),
                                  prefix_of("192.0.2.0/26"), prefix_of("192.0.2.0/25")};
    const struct prefix more[] = {prefix_of("0.0.0.0/0")};
    const struct pact_prefixes both[2] = {{declared4, 1}, {&v6, 1}};
    const struct pact_prefixes two[2] = {{declared4, 2}, {NULL, 0}};
    const struct pact_prefixes none[2] = {{NULL, 0}, {NULL, 0}};
    struct pact_prefixes watched[2] = {{half, 4}, {&v4, 1}};
    uint32_t ppm;

    (void)state;
    assert_int_equal(coverage_of(both, watched, 1, &ppm), 0);
    assert_int_equal(ppm, 500000); /* nested and doubled ones count once */
    assert_int_equal(coverage_of(both, watched, 2, &ppm), 0);
    assert_int_equal(ppm, 750000);
    assert_int_equal(coverage_of(two, watched, 2, &ppm), 0);
    assert_int_equal(ppm, 500000);
    watched[0] = (struct pact_prefixes){more, 1};
    assert_int_equal(coverage_of(two, watched, 1, &ppm), 0);
    assert_int_equal(ppm, 1000000); /* who watches more watches this too */
    assert_int_equal(coverage_of(two, watched, 0, &ppm), 0);
    assert_int_equal(ppm, 0);
    assert_int_equal(coverage_of(none, watched, 1, &ppm), 0);
    assert_int_equal(ppm, 0);
}

/* Any prefix in 10.0.0.0/22, of at least /24, so that addresses can be counted. */
static struct prefix
any_prefix(uint64_t *seed, unsigned least)
{
    unsigned bits = least + (unsigned)next_random(seed) % (33 - least);
    uint32_t host = bits == 32 ? 0 : UINT32_MAX >> bits;

    return (struct prefix){
        addr_of_v4((0x0a000000 | (uint32_t)next_random(seed) % 1024) & ~host),
        (uint8_t)(96 + bits)};
}

static void
test_against_counting(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        struct prefix declared[4];
        struct prefix watched[12];
        unsigned nd = 1 + (unsigned)next_random(&seed) % 4;
        unsigned nw = (unsigned)next_random(&seed) % 13;
        unsigned cut = nw == 0 ? 0 : (unsigned)next_random(&seed) % nw;
        struct pact_prefixes all[2] = {{declared, nd}, {NULL, 0}};
        struct pact_prefixes lists[2] = {{watched, cut}, {watched + cut, nw - cut}};
        double parts = 0;
        double part[4];
        uint32_t each[4] = {7, 7, 7, 7};
        uint32_t ppm;

        for (unsigned i = 0; i < nd; i++)
            declared[i] = any_prefix(&seed, 23);
        for (unsigned i = 0; i < nw; i++)
            watched[i] = any_prefix(&seed, 22);
        for (unsigned i = 0; i < nd; i++) {
            uint32_t size = UINT32_C(1) << (128 - declared[i].len);
            uint32_t seen = 0;

            for (uint32_t k = 0; k < size; k++) {
                struct addr a = addr_of_v4(addr_v4(&declared[i].addr) + k);
                bool any = false;

                for (unsigned w = 0; w < nw; w++)
                    any |= prefix_covers(&watched[w], &a);
                seen += any;
            }
            part[i] = (double)seen / size;
            parts += part[i];
        }
        assert_int_equal(coverage_of(all, lists, 2, &ppm), 0);
        assert_in_range(ppm, (uint32_t)(parts * 1e6 / nd), (uint32_t)(parts * 1e6 / nd) + 1);
        assert_int_equal(coverage_each(all, lists, 2, nd - 1, each), 0);
        for (unsigned i = 0; i + 1 < nd; i++)
            assert_in_range(each[i], (uint32_t)(part[i] * 1e6), (uint32_t)(part[i] * 1e6) + 1);
        assert_int_equal(each[nd - 1], 7); /* no more than was asked for */
    }
}

static void
test_healthy(void **state)
{
    const struct pact p = {.sensor_late_after = {180 * TIME_US_PER_S},
                           .max_drop_ppm = 50000,
                           .clock_skew_max = {300 * TIME_US_PER_S}};
    const struct sensor_look good = {.since = {180 * TIME_US_PER_S},
                                     .has_gauge = true,
                                     .skew = {-300 * TIME_US_PER_S},
                                     .packets = 1000,
                                     .drops = 50,
                                     .recent = 1000,
                                     .usual = 4990,
                                     .has_rules = true,
                                     .rules_age = {7 * DAY}};
    struct sensor_look s = good;
    unsigned unknown;

    (void)state;
    assert_int_equal(sensor_faults(&p, &s, &unknown), 0);
    assert_int_equal(unknown, 0);
    s.since.us++;
    assert_int_equal(sensor_faults(&p, &s, &unknown), SENSOR_SILENT);
    s = good;
    s.drops++;
    assert_int_equal(sensor_faults(&p, &s, &unknown), SENSOR_DROPS);
    s = good;
    s.usual = 5000; /* a fifth is not above a fifth */
    assert_int_equal(sensor_faults(&p, &s, &unknown), SENSOR_PACKETS);
    s = good;
    s.skew.us--;
    assert_int_equal(sensor_faults(&p, &s, &unknown), SENSOR_CLOCK);
    s.skew.us = 301 * TIME_US_PER_S;
    assert_int_equal(sensor_faults(&p, &s, &unknown), SENSOR_CLOCK);
    s = good;
    s.rules_age.us++;
    s.missing = true;
    assert_int_equal(sensor_faults(&p, &s, &unknown), SENSOR_RULES | SENSOR_MISSING);
    s = good;
    s.usual = 0;
    s.has_rules = false;
    s.rules_age.us = 70 * DAY;
    assert_int_equal(sensor_faults(&p, &s, &unknown), 0);
    assert_int_equal(unknown, SENSOR_PACKETS | SENSOR_RULES);
    s = (struct sensor_look){.drops = 7};
    assert_int_equal(sensor_faults(&p, &s, &unknown), 0);
    assert_int_equal(unknown, SENSOR_DROPS | SENSOR_PACKETS | SENSOR_CLOCK | SENSOR_RULES);
    s = good;
    s.packets = s.drops = s.recent =
        0; /* nothing came, so nothing was dropped: that is the fault */
    assert_int_equal(sensor_faults(&p, &s, &unknown), SENSOR_PACKETS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_examples),
                                       cmocka_unit_test(test_against_counting),
                                       cmocka_unit_test(test_healthy)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
