/* When a source is pulled by itself: pure, so each case is a row. */
#include "unit.h"

#include <stdio.h>

#include "role/source.h"

#define S   TIME_US_PER_S
#define NOW ((int64_t)1790000000 * S)

static struct source
source(uint32_t every_s, uint32_t failures)
{
    return (struct source){
        .name = "cert", .every_s = every_s, .failures = failures, .tried = {NOW}};
}

/* In seconds behind the last pull, and up to a tenth more. */
static void
comes_after(const struct source *s, int64_t seconds)
{
    int64_t ahead = source_next(s).us - NOW;

    assert_true(ahead >= seconds * S);
    assert_true(ahead <= seconds * S + seconds * S / 10);
    assert_int_equal(source_next(s).us, source_next(s).us);
    assert_false(source_is_due(s, (struct utime){NOW + ahead - 1}));
    assert_true(source_is_due(s, (struct utime){NOW + ahead}));
}

static void
in_time(void **state)
{
    struct source s = source(900, 0);

    (void)state;
    comes_after(&s, 900);
    s = source(0, 3);
    assert_int_equal(source_next(&s).us, 0);
    assert_false(source_is_due(&s, (struct utime){INT64_MAX}));
    s = source(900, 0);
    s.tried.us = 0;
    assert_true(source_is_due(&s, (struct utime){NOW})); /* never yet */
    s = source(900, 0);
    assert_true(source_is_due(&s, (struct utime){NOW - 1})); /* the clock was put back */
    s.more = true;
    assert_true(source_is_due(&s, (struct utime){NOW}));
}

static void
less_and_less(void **state)
{
    static const struct {
        uint32_t every_s;
        uint32_t failures;
        int64_t after_s;
    } rows[] = {{900, 1, 60},          {900, 2, 120},     {900, 5, 960}, {900, 10, 21600},
                {900, 1000000, 21600}, {10, 1, 10},       {10, 4, 80},   {86400, 1, 60},
                {86400, 11, 61440},    {86400, 12, 86400}};
    struct source s;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        s = source(rows[i].every_s, rows[i].failures);
        comes_after(&s, rows[i].after_s);
    }
    s = source(900, 3); /* one that was cut off */
    s.begun.us = NOW;
    s.tried.us = NOW - 5 * S;
    comes_after(&s, 240);
}

static void
as_the_server_asks(void **state)
{
    struct source s = source(900, 1);

    (void)state;
    s.not_before.us = NOW + 3000 * S;
    assert_int_equal(source_next(&s).us, s.not_before.us);
    s.not_before.us = NOW + 30 * S; /* it is so anyway */
    comes_after(&s, 60);
    s.not_before.us = NOW + 90000 * S; /* longer than is believed */
    comes_after(&s, 60);
}

static void
spread_out(void **state)
{
    int64_t least = INT64_MAX;
    int64_t most = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        struct source s = source(3600, 0);
        int64_t next;

        (void)snprintf(s.name, sizeof s.name, "s%d", i);
        next = source_next(&s).us;
        least = next < least ? next : least;
        most = next > most ? next : most;
    }
    assert_true(most - least > 300 * S); /* of 360 */
}

static void
faulty_for_long(void **state)
{
    struct source s = source(900, 5);

    (void)state;
    (void)snprintf(s.fault, sizeof s.fault, "it does not answer");
    s.fault_since.us = NOW - 3600 * S;
    assert_true(source_is_long_faulty(&s, (struct utime){NOW}));
    assert_false(source_is_long_faulty(&s, (struct utime){NOW - 1}));
    s.every_s = 0; /* pulled by hand: whoever does sees it */
    assert_false(source_is_long_faulty(&s, (struct utime){NOW}));
    s.every_s = 900;
    s.fault[0] = '\0';
    assert_false(source_is_long_faulty(&s, (struct utime){NOW}));
}

static void
moves_with_its_party(void **state)
{
    struct source s = source(900, 0);
    struct source_party at = {.endpoint = "https://192.0.2.2:8443/"};

    (void)state;
    (void)snprintf(s.url, sizeof s.url, "https://192.0.2.1/exchange/collections/x/");
    (void)snprintf(s.mark.next, sizeof s.mark.next, "7");
    assert_false(source_follow(&s, &at)); /* an operator said where */
    (void)snprintf(s.endpoint, sizeof s.endpoint, "https://192.0.2.1/");
    assert_true(source_follow(&s, &at));
    assert_string_equal(s.url, "https://192.0.2.2:8443/exchange/collections/x/");
    assert_string_equal(s.endpoint, at.endpoint);
    assert_string_equal(s.mark.next, "");
    assert_false(source_follow(&s, &at)); /* it is there already */
    at.endpoint[0] = '\0';
    assert_false(source_follow(&s, &at)); /* nobody knows where */
    memset(at.endpoint, 'a', sizeof at.endpoint - 2);
    assert_false(source_follow(&s, &at)); /* too long with what comes behind */
    assert_string_equal(s.url, "https://192.0.2.2:8443/exchange/collections/x/");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_time),
                                       cmocka_unit_test(less_and_less),
                                       cmocka_unit_test(as_the_server_asks),
                                       cmocka_unit_test(spread_out),
                                       cmocka_unit_test(faulty_for_long),
                                       cmocka_unit_test(moves_with_its_party)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
