/* EPSS: what a row becomes, what is wrong with a file and where, pieces of every size, and a
 * whole file. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "slurp.h"
#include "vuln/epss.h"

static const char *shared; /* folder; NULL: there is none */

#define HEAD "#model_version:v1,score_date:2026-09-29T12:00:22Z\ncve,epss,percentile\n"

struct seen {
    char text[1024];
    size_t len;
    uint64_t sum;
};

static int
see(void *arg, const struct epss_row *row)
{
    struct seen *s = arg;

    s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, "%u-%u %u %u;",
                               (unsigned)(row->cve >> 32), (unsigned)row->cve, row->epss,
                               row->percentile);
    return 0;
}

static int
add(void *arg, const struct epss_row *row)
{
    struct seen *s = arg;

    s->sum += row->epss + row->percentile;
    return 0;
}

/* The file in pieces of that many bytes. */
static int
read_in(struct slice text, size_t piece, struct seen *s, struct epss *e, struct errinfo *ei)
{
    int r = 0;

    *s = (struct seen){.len = 0};
    *ei = (struct errinfo){.line = 0};
    epss_open(e, see, s, ei);
    for (size_t at = 0; r == 0 && at < text.len; at += piece)
        r = epss_feed(e, slice_sub(text, at, piece), false);
    if (r == 0)
        r = epss_feed(e, (struct slice){"", 0}, true);
    epss_close(e);
    return r;
}

static void
rows_are_the_same_in_pieces_of_any_size(void **state)
{
    static const struct {
        const char *text;
        int r;
        unsigned line;
        unsigned column;
        const char *want;
    } cases[] = {
        {HEAD "CVE-1999-0001,0.03351,0.88255\r\n\nCVE-2026-129246,1,1.0", 0, 0, 0,
         "1999-1 33510 882550;2026-129246 1000000 1000000;"},
        {HEAD "CVE-2021-0001,1e-05,9.9E-01\nCVE-2021-0002,0,0.0000005\n"
              "CVE-2021-0003,0.00000049999,10e-1\n",
         0, 0, 0, "2021-1 10 990000;2021-2 0 1;2021-3 0 1000000;"},
        {HEAD "CVE-2021-0001,0.1,0.2\nCVE-2021-0001,0.3,0.4\n", 0, 0, 0,
         "2021-1 100000 200000;"},
        {HEAD "CVE-2021-0001,0.1234567890123456789,0.9999999999999999999999\n", 0, 0, 0,
         "2021-1 123457 1000000;"},
        {HEAD, 0, 0, 0, ""},
        {"", ERR_INVALID, 1, 1, ""},
        {"cve,epss,percentile\n", ERR_INVALID, 1, 1, ""},
        {"#model_version:v1,score_date:soon\n", ERR_INVALID, 1, 19, ""},
        {"#model_version:v1\n", ERR_INVALID, 1, 18, ""},
        {"#model_version:,score_date:2026-09-29T12:00:22Z\n", ERR_INVALID, 1, 16, ""},
        {"#model_version:v1,score_date:2026-09-29T12:00:22Z\n", ERR_INVALID, 2, 1, ""},
        {"#model_version:v1,score_date:2026-09-29T12:00:22Z\ncve,percentile,epss\n",
         ERR_INVALID, 2, 1, ""},
        {HEAD "CVE-2021-0001,0.1,0.2\nCVE-21-1,0.1,0.2\n", ERR_INVALID, 4, 1,
         "2021-1 100000 200000;"},
        {HEAD "CVE-2021-0001,1.1,0.2\n", ERR_INVALID, 3, 15, ""},
        {HEAD "CVE-2021-0001,1.000001,0.2\n", ERR_INVALID, 3, 15, ""},
        {HEAD "CVE-2021-0001,-0.1,0.2\n", ERR_INVALID, 3, 15, ""},
        {HEAD "CVE-2021-0001,0.1,1e9\n", ERR_INVALID, 3, 19, ""},
        {HEAD "CVE-2021-0001,0.1,.5\n", ERR_INVALID, 3, 19, ""},
        {HEAD "CVE-2021-0001,0.1,5.\n", ERR_INVALID, 3, 19, ""},
        {HEAD "CVE-2021-0001,0.1,nan\n", ERR_INVALID, 3, 19, ""},
        {HEAD "CVE-2021-0001,0.1,1e\n", ERR_INVALID, 3, 19, ""},
        {HEAD "CVE-2021-0001,0.1\n", ERR_INVALID, 3, 18, ""},
        {HEAD "CVE-2021-0001,0.1,0.2,0.3\n", ERR_INVALID, 3, 19, ""},
        {HEAD "CVE-2021-0001", ERR_INVALID, 3, 14, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t piece = 1; piece < 200; piece++) {
            struct slice text = slice_of(cases[i].text);
            struct errinfo ei;
            struct epss e;
            struct seen s;
            int r = read_in(text, piece, &s, &e, &ei);

            if (r != cases[i].r || strcmp(s.text, cases[i].want) != 0 ||
                (r < 0 && (ei.line != cases[i].line || ei.column != cases[i].column)))
                fail_msg("%zu/%zu: %d %u:%u %s: %s", i, piece, r, ei.line, ei.column, ei.text,
                         s.text);
            assert_true(r < 0 || (strcmp(e.model, "v1") == 0 &&
                                  e.scored.us == INT64_C(1790683222000000)));
            assert_true(i != 2 || (e.rows == 1 && e.twice == 1));
        }
    }
}

static void
long_lines_are_refused(void **state)
{
    char text[2048] = HEAD;
    struct errinfo ei;
    struct epss e;
    struct seen s;

    (void)state;
    memset(text + strlen(HEAD), 'x', 1500);
    for (size_t piece = 1; piece < 2048; piece += 37) {
        assert_int_equal(read_in(slice_of(text), piece, &s, &e, &ei), ERR_INVALID);
        assert_int_equal(ei.line, 3);
    }
    assert_int_equal(epss_feed(&e, SLICE("x"), false), ERR_INVALID);
}

/* Every number of five digits, and others with an exponent. */
static void
numbers_are_what_was_written(void **state)
{
    uint64_t x = 9;

    (void)state;
    for (unsigned i = 0; i <= 200000; i++) {
        char text[256];
        struct errinfo ei;
        struct epss e;
        struct seen s;
        unsigned want = i <= 100000 ? i * 10 : (unsigned)(next_random(&x) % 1000001);
        char number[32];

        if (i <= 100000)
            (void)snprintf(number, sizeof number, "%u.%05u", i / 100000, i % 100000);
        else
            (void)snprintf(number, sizeof number, "%.*e", 8, want / 1e6);
        (void)snprintf(text, sizeof text, HEAD "CVE-2021-0001,%s,0\n", number);
        assert_int_equal(read_in(slice_of(text), 256, &s, &e, &ei), 0);
        (void)snprintf(text, sizeof text, "2021-1 %u 0;", want);
        assert_string_equal(s.text, text);
    }
}

static void
a_whole_file(void **state)
{
    AUTO_BUF(text, 1 << 26);
    struct seen s = {.len = 0};
    struct errinfo ei = {.line = 0};
    struct timespec from;
    struct timespec to;
    struct epss e;
    int r = 0;

    (void)state;
    slurp(shared, "epss/epss-SYNTHETIC-340k.csv.gz", &text);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    epss_open(&e, add, &s, &ei);
    for (size_t at = 0; r == 0 && at < text.len; at += 65536)
        r = epss_feed(&e, slice_sub(buf_get(&text), at, 65536), false);
    assert_int_equal(r, 0);
    assert_int_equal(epss_feed(&e, (struct slice){"", 0}, true), 0);
    epss_close(&e);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    assert_true(e.rows == 340000 && e.twice == 0);
    assert_string_equal(e.model, "SYNTHETIC");
    print_message("%.1f ms\n", (double)(to.tv_sec - from.tv_sec) * 1e3 +
                                   (double)(to.tv_nsec - from.tv_nsec) / 1e6);
    buf_reset(&text);
    slurp(shared, "epss/epss-real-head.csv", &text);
    epss_open(&e, add, &s, &ei);
    assert_int_equal(epss_feed(&e, buf_get(&text), true), 0);
    epss_close(&e);
    assert_true(e.rows == 16);
    assert_string_equal(e.model, "v2026.06.15");
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_the_same_in_pieces_of_any_size),
        cmocka_unit_test(long_lines_are_refused),
        cmocka_unit_test(numbers_are_what_was_written), cmocka_unit_test(a_whole_file)};

    shared = argc > 1 ? argv[1] : NULL;
    return slurp_status(cmocka_run_group_tests(tests, NULL, NULL));
}
