/* What the decoder remembers from one record to the next makes it fast and changes nothing. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "feed.h"
#include "lines.h"

/* snprintf, of which every caller here knows that it fits. */
__attribute__((format(printf, 2, 3))) static int
sprintf_to(char *to, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(to, 1024, fmt, ap);
    va_end(ap);
    return n;
}

/* Keys in any order, with more others between them than are remembered, some of which begin
 * or end as ours do: what a record says does not depend on what came before it. */
static void
any_order(void **state)
{
    static const char *const ours[] = {
        "\"timestamp\":\"2026-03-01T12:00:59.5Z\"",
        "\"event_type\":\"alert\"",
        "\"src_ip\":\"192.0.2.1\"",
        "\"src_port\":1000",
        "\"dest_ip\":\"198.51.100.2\"",
        "\"dest_port\":22",
        "\"proto\":\"TCP\"",
        RULE,
        "\"flow\":{\"pkts_toclient\":1,\"a\":{},\"pkts_toserver\":3}"};
    static const char *const others[] = {"src_ipx",
                                         "src_i",
                                         "dest_portdest_port",
                                         "proto\\u0000",
                                         "timestamp_",
                                         "xevent_type",
                                         "0123456789abcde",
                                         "0123456789abcdef",
                                         "0123456789abcdefg",
                                         ""};
    char *text = malloc(4096 * 1024);
    uint64_t seed = 3;
    size_t n = 0;
    struct feed f;

    (void)state;
    assert_non_null(text);
    for (unsigned line = 0; line < 2000; line++) {
        unsigned left = (1U << COUNT(ours)) - 1;
        char comma = '{';

        while (left != 0) {
            unsigned k = (unsigned)(next_random(&seed) % (COUNT(ours) + 4));

            if (k < COUNT(ours) && !(left & 1U << k))
                continue;
            if (k < COUNT(ours))
                n += (size_t)sprintf_to(text + n, "%c%s", comma, ours[k]);
            else
                n += (size_t)sprintf_to(text + n, "%c\"%s%u\":7", comma,
                                        others[next_random(&seed) % COUNT(others)],
                                        (unsigned)(next_random(&seed) % 200));
            comma = ',';
            left &= k < COUNT(ours) ? ~(1U << k) : UINT32_MAX;
        }
        n += (size_t)sprintf_to(text + n, "}\n");
    }
    feed_run(&f, (struct slice){text, n}, (struct feed_how){.step = n});
    assert_int_equal(f.count, 2000);
    for (size_t i = 0; i < f.count; i++) {
        assert_string_equal(sides(&f.at[i].ev), "192.0.2.1 1000 198.51.100.2 22");
        assert_int_equal(f.at[i].ev.time.us, f.at[0].ev.time.us);
        assert_int_equal(f.at[i].ev.grade, 1);
        assert_int_equal(f.at[i].sid, 7);
    }
    feed_release(&f);
    free(text);
}

/* Times of one minute and of others, in Suricata's own form and in others, take turns: all
 * come out as without the memory of the last one. */
static void
times(void **state)
{
    static const char *const rows[] = {"2026-03-01T12:00:00.123456+0100",
                                       "2026-03-01T12:00:59.999999+0100",
                                       "2026-03-01T12:00:60.000000+0100",
                                       "2026-03-01T12:00:61.000000+0100",
                                       "2026-03-01T12:00:5x.000000+0100",
                                       "2026-03-01T12:00:00.12345x+0100",
                                       "2026-03-01T12:00:01.123456-0100",
                                       "2026-03-01T12:01:00.123456+0100",
                                       "2026-03-01T12:00:00,123456+0100",
                                       "2026-03-01T12:00:00.1234567+010",
                                       "2026-03-01T12:00:00.1234567890Z",
                                       "2026-03-01 12:00:00.123456+0100",
                                       "2026-03-01T12:00:00Z",
                                       "1970-01-01T00:00:00.000000+0100",
                                       "1970-01-01T00:00:59.000000+0000",
                                       "9999-12-31T23:59:59.999999+0000",
                                       "9999-12-31T23:59:60.000000+0000",
                                       "9999-12-31T23:59:59.999999-0100"};
    uint64_t seed = 5;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        const char *a = rows[next_random(&seed) % COUNT(rows)];
        const char *b = rows[next_random(&seed) % COUNT(rows)];
        char text[2048];
        struct utime want[2];
        size_t wanted = 0;
        size_t n = 0;
        struct feed f;

        for (int i = 0; i < 4; i++) {
            const char *t = i % 2 == 0 ? a : b;

            n += (size_t)sprintf_to(text + n, "{\"timestamp\":\"%s\",%s", t,
                                    "\"event_type\":\"flow\"," SIDES "\"x\":1}\n");
            if (i < 2 && time_parse_any(slice_of(t), &want[wanted]) == 0)
                wanted++;
        }
        feed_run(&f, (struct slice){text, n}, (struct feed_how){.step = n});
        assert_int_equal(f.count, 2 * wanted);
        for (size_t i = 0; i < f.count; i++)
            assert_int_equal(f.at[i].ev.time.us, want[i % wanted].us);
        feed_release(&f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_order), cmocka_unit_test(times)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
