/* Lists of addresses: forms of lines, what is left out, and counts against a naive bitmap. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attrib/hostlist.h"

enum { SPACE = 1 << 16 /* addresses of 11.22.0.0/16 */, LINES = 400, TRIES = 60 };

static void
expect(const char *text, const char *want)
{
    struct errinfo ei = {0};
    struct hostlist l;
    AUTO_BUF(out, 4096);

    assert_int_equal(hostlist_read(slice_of(text), &l, &ei), 0);
    hostlist_write(&l, &out);
    buf_char(&out, '\0');
    assert_int_equal(buf_error(&out), 0);
    assert_string_equal(out.ptr, want);
    hostlist_release(&l);
}

static void
lines_of_all_forms_are_read(void **state)
{
    (void)state;
    expect("8.8.8.8\n", "8.8.8.8/32\n");
    expect("8.8.8.0/24 ; SBL1\r\n# c\n\n;d\n//e\n  9.9.9.9,x,y", "8.8.8.0/24\n9.9.9.9/32\n");
    expect("\"8.8.8.8\",\"2024\"\n8.8.8.8\n", "8.8.8.8/32\n");
    expect("8.8.8.5-8.8.8.10\n", "8.8.8.5/32\n8.8.8.6/31\n8.8.8.8/31\n8.8.8.10/32\n");
    expect("8.8.0.0/16\n8.8.8.8\n8.8.4.0/24", "8.8.0.0/16\n");
    expect("2a00:1450::/32\n2a00:1450:1::5|x\n", "2a00:1450::/32\n");
    expect("255.255.255.255\n223.255.255.255-223.255.255.255\n", "223.255.255.255/32\n");
}

static void
what_is_left_out_is_counted(void **state)
{
    struct errinfo ei = {0};
    struct hostlist l;

    (void)state;
    assert_int_equal(
        hostlist_read(SLICE("address,port\n8.8.8.8,1\n10.0.0.1,1\n192.168.0.0/16\n9.9.9.9\n"),
                      &l, &ei),
        0);
    assert_int_equal(l.lines, 5);
    assert_int_equal(l.rejected, 1);
    assert_int_equal(l.first_rejected, 1);
    assert_int_equal(l.bogons, 2);
    assert_int_equal(l.count, 2);
    hostlist_release(&l);
}

static void
what_is_no_list_is_refused(void **state)
{
    static const char *const none[] = {
        "",           "# nothing\n",     "<html>\n<p>8.8.8.8</p>\n",
        "10.0.0.1\n", "8.8.8.8\nx\ny\n", "8.8.8.9-8.8.8.8\nx\n"};

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        struct errinfo ei = {0};
        struct hostlist l;

        assert_int_equal(hostlist_read(slice_of(none[i]), &l, &ei), ERR_INVALID);
        assert_null(l.prefix);
    }
}

static uint64_t
next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Lines at random, and each address that they name marked. */
static void
draw(uint64_t *random, struct buf *text, unsigned char *mark)
{
    for (unsigned i = 0; i < LINES; i++) {
        uint32_t at = (uint32_t)(next(random) % SPACE);
        uint32_t last = at;

        if (next(random) % 3 == 0) {
            unsigned bits = (unsigned)(next(random) % 10);

            at = at >> bits << bits;
            last = at + (1U << bits) - 1;
            buf_printf(text, "11.22.%u.%u/%u\n", at >> 8, at & 255, 32 - bits);
        } else if (next(random) % 2 == 0) {
            last = at + (uint32_t)(next(random) % 300);
            last = last >= SPACE ? SPACE - 1 : last;
            buf_printf(text, "11.22.%u.%u-11.22.%u.%u\n", at >> 8, at & 255, last >> 8,
                       last & 255);
        } else {
            buf_printf(text, "11.22.%u.%u\n", at >> 8, at & 255);
        }
        memset(mark + at, 1, last - at + 1);
    }
}

static void
each_address_counts_once(void **state)
{
    static unsigned char mark[SPACE];
    uint64_t random = 88172645463325252;

    (void)state;
    for (unsigned t = 0; t < TRIES; t++) {
        struct errinfo ei = {0};
        struct hostlist_row *rows;
        struct hostlist l;
        uint64_t marked = 0;
        uint32_t count;
        AUTO_BUF(text, 1 << 16);

        memset(mark, 0, sizeof mark);
        draw(&random, &text, mark);
        for (unsigned i = 0; i < SPACE; i++)
            marked += mark[i];
        assert_int_equal(hostlist_read(buf_get(&text), &l, &ei), 0);
        assert_int_equal(hostlist_addresses(&l), marked);
        for (uint32_t i = 1; i < l.count; i++)
            assert_true(memcmp(&l.prefix[i - 1].addr, &l.prefix[i].addr, 16) < 0);
        assert_int_equal(hostlist_count(&l, NULL, false, &rows, &count), 0);
        assert_int_equal(count, 1); /* no table: all of it is unknown */
        assert_int_equal(rows[0].key, 0);
        assert_int_equal(rows[0].addresses, marked);
        free(rows);
        hostlist_release(&l);
    }
}

static void
large_prefixes_are_counted_whole(void **state)
{
    struct errinfo ei = {0};
    struct hostlist_row *rows;
    struct hostlist l;
    uint32_t count;

    (void)state;
    assert_int_equal(hostlist_read(SLICE("8.0.0.0/7\n2a00::/16\n2a01:1::1\n"), &l, &ei), 0);
    assert_int_equal(hostlist_addresses(&l), (UINT64_C(1) << 25) + (UINT64_C(1) << 48) + 1);
    assert_int_equal(hostlist_count(&l, NULL, true, &rows, &count), 0);
    assert_int_equal(rows[0].addresses, hostlist_addresses(&l));
    free(rows);
    hostlist_release(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_all_forms_are_read),
        cmocka_unit_test(what_is_left_out_is_counted),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(each_address_counts_once),
        cmocka_unit_test(large_prefixes_are_counted_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
