/* What a sensor says of itself: Suricata's `stats` records. */
#include "unit.h"

#include <string.h>

#include "decode/decode.h"

#define STATS(rest) \
    "{\"timestamp\":\"2026-03-01T12:00:08.000000+0000\",\"event_type\":\"stats\"," rest "}\n"
#define ENGINES                                                                               \
    "\"detect\":{\"engines\":[{\"id\":0,\"last_reload\":\"2026-02-28T00:00:00.000000+0000\"," \
    "\"rules_loaded\":9},{\"id\":1,\"last_reload\":\"2026-02-27T00:00:00.000000+0000\"}]}"

static struct gauge
read_all(const char *text)
{
    struct decode_place place = {0};
    struct decoder *d = eve_new(&place);
    struct decode_stats stats = {0};
    static struct frame frame;
    struct slice in = slice_of(text);
    struct gauge g;

    assert_non_null(d);
    while (in.len > 0) {
        size_t used = 0;

        frame.count = 0;
        assert_int_equal(eve_decode(d, in, true, &frame, &used, &stats), 0);
        if (used == 0)
            break;
        in = slice_sub(in, used, in.len);
    }
    assert_int_equal(stats.ignored, stats.lines); /* it is no event, and no fault */
    g = *eve_gauge(d);
    d = eve_free(d);
    return g;
}

static void
says(void **state)
{
    struct utime at;
    struct utime rules;
    struct gauge g = read_all(
        STATS("\"stats\":{\"uptime\":8,\"capture\":{\"errors\":{\"kernel_packets\":7},"
              "\"kernel_packets\":1000,\"kernel_drops\":12},\"decoder\":{\"pkts\":988}," ENGINES
              ",\"flow\":[1,{\"a\":2}]}"));

    (void)state;
    assert_int_equal(time_parse_any(SLICE("2026-03-01T12:00:08Z"), &at), 0);
    assert_int_equal(time_parse_any(SLICE("2026-02-27T00:00:00Z"), &rules), 0);
    assert_int_equal(g.number, 1);
    assert_int_equal(g.time.us, at.us);
    assert_int_equal(g.packets, 1000);
    assert_int_equal(g.drops, 12);
    assert_int_equal(g.rules.us, rules.us); /* the oldest */
}

static void
says_less(void **state)
{
    struct gauge g = read_all(STATS("\"stats\":{\"decoder\":{\"pkts\":988}}"));

    (void)state;
    assert_int_equal(g.number, 1);
    assert_int_equal(g.packets, 988);
    assert_int_equal(g.drops, 0);
    assert_int_equal(g.rules.us, 0);
    g = read_all(
        STATS("\"stats\":{\"capture\":{\"kernel_packets\":\"7\",\"kernel_drops\":-1}}"));
    assert_int_equal(g.number, 1);
    assert_int_equal(g.packets, 0);
    g = read_all(
        STATS("\"stats\":{\"capture\":{\"kernel_packets\":0},\"decoder\":{\"pkts\":7}}"));
    assert_int_equal(g.packets, 7); /* a file is read: no kernel counts */
    g = read_all(STATS("\"stats\":{\"capture\":[1],\"detect\":{\"engines\":[7,{}]}}"));
    assert_int_equal(g.rules.us, 0);
    g = read_all(STATS("\"stats\":7") STATS(
        "\"a\":1") "{\"event_type\":\"stats\",\"stats\":{}}\n"
                   "{\"timestamp\":\"x\",\"event_type\":\"stats\",\"stats\":{}}\n"
                   "{\"event_type\":\"stats\"}\n");
    assert_int_equal(g.number, 1); /* with a time, whatever it says */
}

static void
says_it_last(void **state)
{
    struct gauge g = read_all(
        STATS("\"stats\":{\"capture\":{\"kernel_packets\":5,\"kernel_drops\":1}}")
            STATS("\"stats\":{\"capture\":{\"kernel_packets\":9,\"kernel_drops\":2}}"));

    (void)state;
    assert_int_equal(g.number, 2);
    assert_int_equal(g.packets, 9);
    assert_int_equal(g.drops, 2);
    g = read_all("{\"event_type\":\"dns\"}\n");
    assert_int_equal(g.number, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says), cmocka_unit_test(says_less),
                                       cmocka_unit_test(says_it_last)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
