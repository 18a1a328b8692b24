/* Routing tables, made by hand after RFC 6396: what is told of them, what is counted, and where
 * a length lies. */
#include "unit.h"

#include "routes.h"

#include <stdio.h>
#include <string.h>

#include "topology/mrt.h"

enum { WHEN = 1704067200 };

struct reading {
    struct buf told; /* `1.2.3.0/24 10 20;` for each route; `- …` of IPv6 */
    struct mrt_counts counts;
    struct errinfo ei;
    int result;
};

static int
tell(void *arg, const struct mrt_route *route)
{
    struct buf *to = arg;
    uint32_t a = route->start;

    if (route->ipv4)
        buf_printf(to, "%u.%u.%u.%u/%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255,
                   route->len);
    else
        buf_printf(to, "-/%u", route->len);
    for (unsigned i = 0; i < route->hops; i++)
        buf_printf(to, " %u", route->path[i]);
    buf_char(to, ';');
    return buf_error(to);
}

static void
read_table(struct slice bytes, size_t step, struct reading *ret)
{
    struct mrt *m;

    memset(ret, 0, sizeof *ret);
    buf_init(&ret->told, 1 << 20);
    assert_int_equal(mrt_new(tell, &ret->told, &m), 0);
    while (ret->result == 0 && bytes.len > 0) {
        ret->result = mrt_feed(m, slice_sub(bytes, 0, step), &ret->ei);
        bytes = slice_sub(bytes, step, bytes.len);
    }
    if (ret->result == 0)
        ret->result = mrt_end(m, &ret->ei);
    ret->counts = *mrt_counted(m);
    (void)mrt_free(m);
    buf_char(&ret->told, '\0');
}

/* Attributes of a route: AS_PATH as it is given, AS4_PATH when it is not empty. */
static void
put_route(struct buf *to, unsigned peer, struct slice path, struct slice as4)
{
    mrt_put_be(to, peer, 2);
    mrt_put_be(to, WHEN, 4);
    mrt_put_be(to, 4 + 3 + path.len + (as4.len > 0 ? 4 + as4.len : 0), 2);
    mrt_put_be(to, 0x40010100, 4); /* ORIGIN: IGP, which nobody asks for */
    mrt_put_be(to, 0x4002, 2);
    mrt_put_be(to, path.len, 1);
    buf_slice(to, path);
    if (as4.len > 0) {
        mrt_put_be(to, 0xd011, 2); /* its length in two bytes */
        mrt_put_be(to, as4.len, 2);
        buf_slice(to, as4);
    }
}

/* A record of one route to 192.0.2.0/24 of the first peer. */
static void
put_one(struct buf *to, struct slice path, struct slice as4)
{
    AUTO_BUF(route, 1 << 16);

    put_route(&route, 0, path, as4);
    mrt_put_head(to, WHEN, 13, 2, 10 + route.len);
    mrt_put_be(to, 0, 4);
    mrt_put_be(to, 24, 1);
    mrt_put_be(to, 0xc00002, 3);
    mrt_put_be(to, 1, 2);
    buf_slice(to, buf_get(&route));
}

static void
put_two_peers(struct buf *to)
{
    static const uint32_t peers[] = {10, 20};

    mrt_put_peers(to, WHEN, peers, 2);
}

/* Segments as text: `q 10 20` a sequence, `s` a set, `c`, `d` those of confederations. */
static void
put_segments(struct buf *to, const char *text)
{
    while (*text != '\0') {
        const char kind = *text;
        size_t at = to->len + 1;
        unsigned count = 0;

        buf_char(to, kind == 's' ? 1 : kind == 'q' ? 2 : kind == 'c' ? 3 : 4);
        buf_char(to, 0);
        for (text++; *text == ' ' && text[1] >= '0' && text[1] <= '9'; count++) {
            uint64_t n = 0;

            for (text++; *text >= '0' && *text <= '9'; text++)
                n = n * 10 + (uint64_t)(*text - '0');
            mrt_put_be(to, n, 4);
        }
        text += *text == ' ';
        to->ptr[at] = (char)count;
    }
}

static void
test_paths(void **state)
{
    static const struct {
        const char *path;
        const char *as4;
        const char *told; /* NULL: dropped */
    } rows[] = {
        {"q 10 20 30", "", "10 20 30"},
        {"q 10 10 20 20 20 30", "", "10 20 30"},
        {"q 10 q 20 q 20 30", "", "10 20 30"},
        {"q 10 20 s 30 40", "", "10 20"},
        {"q 10 20 s 30", "", "10 20 30"},
        {"q 10 s 20 30 q 40", "", NULL},
        {"c 64512 q 10 d 64513 64514 q 20", "", "10 20"},
        {"q 10 20 10", "", NULL},
        {"q 10 20 20 30 20", "", NULL},
        {"q 10 0 20", "", NULL},
        {"q 10 0", "", NULL},
        {"q 10 23456 20", "", NULL},
        {"q 10 64496", "", NULL},
        {"q 10 64512 20", "", NULL},
        {"q 10 65535 20", "", NULL},
        {"q 10 65551 20", "", NULL},
        {"q 10 4200000000 20", "", NULL},
        {"q 10 4294967295", "", NULL},
        {"q 10 64495 131072 4199999999", "", "10 64495 131072 4199999999"},
        /* RFC 6793 section 4.2.3 */
        {"q 10 23456 23456", "q 200000 300000", "10 200000 300000"},
        {"q 10 23456", "q 10 200000", "10 200000"},
        {"q 10 20", "q 5 10 200000", "10 20"},
        {"q 10 23456 s 23456 40", "q 200000 s 300000 40", "10 200000"},
        {"", "", NULL},
        {"q", "", NULL},
        {"s 10 20", "", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_BUF(table, 1 << 16);
        AUTO_BUF(path, 4096);
        AUTO_BUF(as4, 4096);
        AUTO_BUF(want, 4096);
        struct reading r;

        put_segments(&path, rows[i].path);
        put_segments(&as4, rows[i].as4);
        put_two_peers(&table);
        put_one(&table, buf_get(&path), buf_get(&as4));
        read_table(buf_get(&table), table.len, &r);
        if (rows[i].told != NULL)
            buf_printf(&want, "192.0.2.0/24 %s;", rows[i].told);
        buf_char(&want, '\0');
        if (r.result != 0 || strcmp(r.told.ptr, want.ptr) != 0)
            fail_msg("%s: %d, %s, not %s", rows[i].path, r.result, r.told.ptr, want.ptr);
        assert_int_equal(r.counts.routes, 1);
        assert_int_equal(r.counts.empty + r.counts.set + r.counts.loop + r.counts.reserved,
                         rows[i].told == NULL);
        buf_release(&r.told);
    }
}

static void
test_longest(void **state)
{
    AUTO_BUF(table, 1 << 16);
    struct reading r;

    (void)state;
    put_two_peers(&table);
    for (unsigned hops = 62; hops <= 63; hops++) {
        AUTO_BUF(path, 4096);

        mrt_put_be(&path, 2, 1);
        mrt_put_be(&path, hops + 2, 1);
        for (unsigned i = 0; i < hops + 2; i++)
            mrt_put_be(&path, 100 + i, 4);
        {
            AUTO_BUF(route, 4096);

            /* as AS_PATH with a length of two bytes */
            mrt_put_be(&route, 1, 2);
            mrt_put_be(&route, 0, 4);
            mrt_put_be(&route, 4 + path.len, 2);
            mrt_put_be(&route, 0x5002, 2);
            mrt_put_be(&route, path.len, 2);
            buf_slice(&route, buf_get(&path));
            mrt_put_head(&table, WHEN, 13, 4, 7 + route.len);
            mrt_put_be(&table, 0, 5);
            mrt_put_be(&table, 1, 2);
            buf_slice(&table, buf_get(&route));
        }
    }
    read_table(buf_get(&table), table.len, &r);
    assert_int_equal(r.result, 0);
    assert_int_equal(r.counts.routes, 2);
    assert_int_equal(r.counts.longer, 1);
    assert_int_equal(strncmp(r.told.ptr, "-/0 100 101", 11), 0);
    buf_release(&r.told);
}

/* All kinds of records in one file, in pieces of any size. */
static void
test_kinds(void **state)
{
    AUTO_BUF(table, 1 << 16);
    AUTO_BUF(path, 4096);
    struct reading whole;

    (void)state;
    mrt_put_head(&table, WHEN - 5, 16, 4, 3);
    mrt_put_be(&table, 0, 3);
    put_two_peers(&table);
    put_segments(&path, "q 10 30");
    put_one(&table, buf_get(&path), (struct slice){0});
    mrt_put_head(&table, WHEN + 7, 13, 6, 100); /* RIB_GENERIC */
    for (unsigned i = 0; i < 100; i++)
        buf_char(&table, (char)i);
    mrt_put_head(&table, WHEN, 13, 99, 0);
    mrt_put_head(&table, WHEN, 700, 1, 1);
    buf_char(&table, 'x');
    mrt_put_head(&table, WHEN, 12, 1, 0);
    /* RFC 8050: with an identifier of the path before the length */
    mrt_put_head(&table, WHEN, 13, 8, 4 + 1 + 1 + 2 + 12 + 3 + 10);
    mrt_put_be(&table, 7, 4);
    mrt_put_be(&table, 8, 1);
    mrt_put_be(&table, 44, 1);
    mrt_put_be(&table, 1, 2);
    mrt_put_be(&table, 1, 2);
    mrt_put_be(&table, WHEN, 4);
    mrt_put_be(&table, 0xffffffff, 4);
    mrt_put_be(&table, 13, 2);
    mrt_put_be(&table, 0x40020a, 3);
    buf_slice(&table, buf_get(&path));
    assert_int_equal(buf_error(&table), 0);
    read_table(buf_get(&table), table.len, &whole);
    assert_string_equal(whole.ei.text, "");
    assert_int_equal(whole.result, 0);
    assert_string_equal(whole.told.ptr, "192.0.2.0/24 10 30;44.0.0.0/8 10 30;");
    assert_int_equal(whole.counts.records[MRT_KIND_13_1], 1);
    assert_int_equal(whole.counts.records[MRT_KIND_13_2], 1);
    assert_int_equal(whole.counts.records[MRT_KIND_13_6], 1);
    assert_int_equal(whole.counts.records[MRT_KIND_13_8], 1);
    assert_int_equal(whole.counts.records[MRT_KIND_13_MRT_ANY], 1);
    assert_int_equal(whole.counts.records[MRT_KIND_16_MRT_ANY], 1);
    assert_int_equal(whole.counts.records[MRT_KIND_12_MRT_ANY], 1);
    assert_int_equal(whole.counts.records[MRT_KIND_MRT_ANY_MRT_ANY], 1);
    assert_int_equal(whole.counts.bytes, table.len);
    assert_true(whole.counts.first.us == (WHEN - 5) * TIME_US_PER_S);
    assert_true(whole.counts.last.us == (WHEN + 7) * TIME_US_PER_S);
    assert_true(mrt_kind_is_skipped(MRT_KIND_13_6) && !mrt_kind_is_skipped(MRT_KIND_13_8));
    assert_string_equal(mrt_kind_name(MRT_KIND_16_MRT_ANY), "BGP4MP");
    for (size_t step = 1; step < 40; step++) {
        struct reading r;

        read_table(buf_get(&table), step, &r);
        assert_int_equal(r.result, 0);
        assert_string_equal(r.told.ptr, whole.told.ptr);
        assert_memory_equal(&r.counts, &whole.counts, sizeof r.counts);
        buf_release(&r.told);
    }
    /* Cut off anywhere it says so, unless that is between two records. */
    for (size_t len = 0; len < table.len; len++) {
        struct reading r;

        read_table(slice_sub(buf_get(&table), 0, len), len + 1, &r);
        assert_true(r.result == ERR_INVALID || r.counts.bytes == len);
        buf_release(&r.told);
    }
    buf_release(&whole.told);
}

/* One byte of a sound table is another, and the place is named. */
static void
test_lies(void **state)
{
    /* the table of peers takes 46 bytes; behind it a record of 12 + 10 + 8 + 4 + 3 + 10 */
    static const struct {
        size_t at;
        uint8_t byte;
        const char *text;
    } rows[] = {
        {19, 3, "byte 46: its peers do not fit in it"},
        {19, 1, "byte 33: bytes behind its last peer"},
        {46 + 8, 1, "byte 46: a record (TABLE_DUMP_V2 RIB_IPV4_UNICAST) of 16777251 bytes"},
        {46 + 11, 34, "byte 68: a route does not fit in the record"},
        {46 + 11, 9, "byte 67: it ends in its prefix"},
        {46 + 11, 36, "byte 46: the file ends inside the record"},
        {46 + 16, 33, "byte 63: a prefix that is longer than an address"},
        {46 + 21, 2, "byte 93: a route does not fit"},
        {46 + 21, 0, "byte 68: bytes behind its last route"},
        {46 + 23, 2, "byte 68: a route of a peer that the table of peers has not"},
        {46 + 29, 18, "byte 68: a route does not fit"},
        {46 + 32, 200, "byte 68: attributes of a route do not fit"},
        {46 + 36, 9, "byte 68: attributes of a route do not fit"},
        {46 + 37, 7, "byte 68: segments of a path do not fit"},
        {46 + 38, 3, "byte 68: segments of a path do not fit"},
        {7, 3, "byte 58: routes before the table of peers"},
    };
    AUTO_BUF(table, 1 << 16);
    AUTO_BUF(path, 4096);
    struct reading r;

    (void)state;
    put_two_peers(&table);
    put_segments(&path, "q 10 30");
    put_one(&table, buf_get(&path), (struct slice){0});
    assert_int_equal(table.len, 46 + 47);
    read_table(buf_get(&table), table.len, &r);
    assert_int_equal(r.result, 0);
    buf_release(&r.told);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t was = (uint8_t)table.ptr[rows[i].at];

        table.ptr[rows[i].at] = (char)rows[i].byte;
        read_table(buf_get(&table), table.len, &r);
        if (r.result != ERR_INVALID || strstr(r.ei.text, rows[i].text) != r.ei.text)
            fail_msg("%zu: %d %s, not %s", rows[i].at, r.result, r.ei.text, rows[i].text);
        buf_release(&r.told);
        table.ptr[rows[i].at] = (char)was;
    }
    read_table((struct slice){0}, 1, &r);
    assert_int_equal(r.result, ERR_INVALID);
    buf_release(&r.told);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths), cmocka_unit_test(test_longest),
        cmocka_unit_test(test_kinds), cmocka_unit_test(test_lies)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
