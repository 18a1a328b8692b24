/* Compiled tables against a naive reference that scans all rows, and the readers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "attrib/attrib.h"
#include "attrib/build.h"
#include "fixture.h"
#include "model/event.h"

__extension__ typedef unsigned __int128 u128;

static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static struct addr
addr_of(u128 n)
{
    struct addr a;

    for (unsigned i = 16; i-- > 0; n >>= 8)
        a.byte[i] = (uint8_t)n;
    return a;
}

static u128
number_of(const struct addr *a)
{
    u128 n = 0;

    for (unsigned i = 0; i < 16; i++)
        n = n << 8 | a->byte[i];
    return n;
}

static struct addr
parsed(const char *text)
{
    struct addr a;

    assert_int_equal(addr_parse(slice_of(text), &a), 0);
    return a;
}

/* ---- the reference ---- */

enum { REF_ROWS = 400, REF_SETS = 3 };

struct ref_row {
    u128 from;
    u128 to;
    uint32_t asn;
    uint16_t country;
};

struct ref {
    struct ref_row row[REF_SETS][REF_ROWS];
    unsigned count[REF_SETS];
};

static const struct ref_row *
ref_row(const struct ref *r, unsigned set, u128 x)
{
    const struct ref_row *best = NULL;

    for (unsigned i = 0; i < r->count[set]; i++) {
        const struct ref_row *row = &r->row[set][i];

        if (row->from <= x && x <= row->to &&
            (best == NULL || row->to - row->from <= best->to - best->from))
            best = row;
    }
    return best;
}

static struct attribution
ref_find(const struct ref *r, const struct addr *a)
{
    struct attribution p = {.asn_by = ATTRIB_NOBODY, .country_by = ATTRIB_NOBODY};

    if (addr_kind(a) != ADDR_GLOBAL)
        return p;
    for (unsigned i = 0; i < REF_SETS; i++) {
        const struct ref_row *row = ref_row(r, i, number_of(a));

        if (row == NULL)
            continue;
        if (row->asn != 0 && p.asn == 0) {
            p.asn = row->asn;
            p.asn_by = (uint8_t)i;
        }
        if (row->country != 0 && p.country == 0) {
            p.country = row->country;
            p.country_by = (uint8_t)i;
        }
        if (row->country != 0 && row->country != p.country)
            p.disputed = 1;
    }
    return p;
}

/* A number in a small part of the space, so that rows overlap; IPv6 ones with any ending. */
static u128
random_number(uint64_t *seed, bool v6)
{
    uint64_t r = next_random(seed);
    uint64_t high = UINT64_C(0x20010db800000000);

    if (!v6)
        return (u128)0xffff00000000 |
               (r % 16 == 0 ? (uint32_t)(r >> 8) : 0x09f00000 + (uint32_t)(r >> 8) % 0x220000);
    high += (r >> 8) % 4 << ((r >> 16) % 64);
    high = (high & (UINT64_MAX >> 3)) | UINT64_C(0x2000000000000000);
    return (u128)high << 64 | (r % 3 == 0 ? next_random(seed) >> (r >> 40) % 64 : 0);
}

static const char *
ref_make(struct ref *r, unsigned set, uint64_t *seed)
{
    static char text[REF_ROWS * 128];
    char name[16];
    size_t at = 0;

    r->count[set] = REF_ROWS;
    for (unsigned i = 0; i < REF_ROWS; i++) {
        struct ref_row *row = &r->row[set][i];
        bool v6 = i >= REF_ROWS / 2;
        char from[ADDR_TEXT];
        char to[ADDR_TEXT];
        char cc[3];
        struct addr a;

        row->from = random_number(seed, v6);
        row->to = row->from + (v6 ? (u128)next_random(seed) << next_random(seed) % 60
                                  : next_random(seed) % 0x40000);
        if (v6 ? row->to >> 125 != 1 || row->to < row->from : row->to > (u128)0xffffffffffff)
            row->to = row->from;
        row->asn = set < 2 ? (uint32_t)next_random(seed) % 5 : 0;
        row->country = set > 0 && next_random(seed) % 4 != 0
                           ? COUNTRY('X', 'A' + (char)(next_random(seed) % 3))
                           : 0;
        country_format(row->country, cc);
        a = addr_of(row->from);
        (void)addr_format(&a, from);
        a = addr_of(row->to);
        (void)addr_format(&a, to);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s,%s,%u,%s\n", from, to, row->asn,
                               cc);
    }
    (void)snprintf(name, sizeof name, "ref%u.csv", set);
    {
        static char whole[sizeof text + 32];
        int n = snprintf(whole, sizeof whole, "start,end,asn,country\n%s", text);

        return fixture_write(name, (struct slice){whole, (size_t)n});
    }
}

static struct attrib *
compile(const struct attrib_input *in, unsigned count, struct attrib_report *report)
{
    struct errinfo ei = {0};
    struct attrib *a = NULL;
    const char *out = fixture_path("tables.bin");
    int r = attrib_build(in, count, out, report, &ei);

    if (r < 0)
        print_message("%s:%u:%u: %s\n", ei.file, ei.line, ei.column, ei.text);
    assert_int_equal(r, 0);
    assert_int_equal(attrib_open(out, &a, &ei), 0);
    return a;
}

static void
check_prefix(const struct ref *r, const struct attrib *a, const struct addr *addr)
{
    struct attribution want = ref_find(r, addr);
    struct attrib_answer got;
    struct addr edge;

    attrib_explain(a, addr, &got);
    assert_memory_equal(&got.place, &want, sizeof want);
    assert_true(prefix_covers(&got.prefix, addr));
    edge = got.prefix.addr;
    want = ref_find(r, &edge);
    assert_memory_equal(&got.place, &want, sizeof want);
    for (unsigned i = got.prefix.len; i < 128; i++)
        edge.byte[i / 8] |= (uint8_t)(0x80 >> i % 8);
    want = ref_find(r, &edge);
    assert_memory_equal(&got.place, &want, sizeof want);
    assert_int_equal(got.votes, 2);
}

static void
check_address(const struct ref *r, const struct attrib *a, u128 x)
{
    struct addr addr = addr_of(x);
    struct attribution want = ref_find(r, &addr);
    struct attribution got = attrib_find(a, &addr);

    assert_memory_equal(&got, &want, sizeof want);
    check_prefix(r, a, &addr);
}

static void
test_reference(void **state)
{
    static struct ref r;
    uint64_t seed = 7;

    (void)state;
    for (unsigned round = 0; round < 6; round++) {
        struct attrib_input in[REF_SETS] = {
            {.name = "one"}, {.name = "two"}, {.name = "three", .kind = ATTRIB_COUNTRY}};
        struct attrib_report report;
        struct attrib *a;

        for (unsigned i = 0; i < REF_SETS; i++)
            in[i].path[0] = ref_make(&r, i, &seed);
        a = compile(in, REF_SETS, &report);
        for (unsigned set = 0; set < REF_SETS; set++) {
            for (unsigned i = 0; i < REF_ROWS; i++) {
                const struct ref_row *row = &r.row[set][i];

                check_address(&r, a, row->from);
                check_address(&r, a, row->from - 1);
                check_address(&r, a, row->to);
                check_address(&r, a, row->to + 1);
            }
        }
        for (unsigned i = 0; i < 3000; i++)
            check_address(&r, a, random_number(&seed, i % 2));
        a = attrib_close(a);
    }
}

static void
test_many_is_one(void **state)
{
    static struct addr addr[1000];
    static struct attribution many[1000];
    struct ref *r = calloc(1, sizeof *r);
    struct attrib_input in = {.name = "two"};
    struct attrib_report report;
    struct attrib *a;
    uint64_t seed = 11;

    (void)state;
    assert_non_null(r);
    in.path[0] = ref_make(r, 1, &seed);
    a = compile(&in, 1, &report);
    for (unsigned i = 0; i < 1000; i++) {
        addr[i] = addr_of(random_number(&seed, i % 3 == 0));
        if (i % 50 == 0)
            addr[i] = parsed("fe80::1");
    }
    attrib_find_many(a, addr, 1000, many);
    for (unsigned i = 0; i < 1000; i++) {
        struct attribution one = attrib_find(a, &addr[i]);

        assert_memory_equal(&one, &many[i], sizeof one);
    }
    for (unsigned i = 0; i < 200; i++) {
        struct addr x;
        struct attribution p;

        assert_int_equal(attrib_random(a, next_random(&seed), next_random(&seed), i % 2, &x),
                         0);
        p = attrib_find(a, &x);
        assert_true(p.asn != 0 && p.country != 0);
        assert_int_equal(addr_is_v4(&x), i % 2 == 0);
    }
    (void)attrib_close(a);
    free(r);
}

static void
test_bogons(void **state)
{
    const char *path = fixture_write(
        "all.csv", SLICE("0.0.0.0/0,64500,XA\n::/0,64500,XA\n192.0.2.0/24,64501,XB\n"));
    struct attrib_input in = {.path = {path}, .name = "all"};
    struct attrib_report report;
    struct attrib *a = compile(&in, 1, &report);
    static const char *const v6[] = {"::",      "::1",     "fe80::1",          "fc00::1",
                                     "ff02::1", "4000::1", "64:ff9b::102:304", "::102:304"};

    (void)state;
    for (uint32_t i = 0; i < 1 << 16; i++) {
        bool fine = i >> 8 == 192 || i >> 8 == 198 || i >> 8 == 172 || i >> 8 == 100;

        for (uint32_t k = 0; k < 256; k += fine ? 1 : 255) {
            struct addr x = addr_of_v4(i << 16 | k << 8 | (k & 1 ? 255 : 0));
            bool placed = attrib_find(a, &x).asn != 0;

            assert_int_equal(placed, addr_kind(&x) == ADDR_GLOBAL);
        }
    }
    for (unsigned i = 0; i < sizeof v6 / sizeof v6[0]; i++) {
        struct addr x = parsed(v6[i]);
        struct attrib_answer answer;

        attrib_explain(a, &x, &answer);
        assert_int_equal(answer.place.asn, 0);
        assert_int_equal(answer.prefix.len, 128);
        assert_null(answer.asn_by);
    }
    assert_int_equal(attrib_find(a, &(struct addr){{0x20, 1, 0x0d, 0xb8}}).asn, 64500);
    (void)attrib_close(a);
}

static void
test_explain(void **state)
{
    struct attrib_input in[3] = {{.name = "asn", .source = "Someone", .date = {86400000000}},
                                 {.name = "first", .date = {86400000000}},
                                 {.name = "second", .date = {2 * 86400000000}}};
    struct attrib_report report;
    struct attrib_answer answer;
    struct addr x = parsed("198.51.100.77");
    char text[PREFIX_TEXT];
    struct attrib *a;

    (void)state;
    in[0].path[0] =
        fixture_write("a.csv", SLICE("198.51.100.0,198.51.100.127,64500,\"A \"\"B\"\", Inc.\"\n"
                                     "198.51.100.128,198.51.100.255,64500,Other\n"));
    in[1].path[0] = fixture_write(
        "b.csv", SLICE("198.51.100.0,198.51.100.255,??\n198.51.101.0,198.51.101.255,XA\n"));
    in[2].path[0] = fixture_write("c.csv", SLICE("3325256704,3325256959,XB\n"));
    a = compile(in, 3, &report);
    attrib_explain(a, &x, &answer);
    assert_int_equal(answer.place.asn, 64500);
    assert_int_equal(answer.place.country, COUNTRY('X', 'B'));
    assert_int_equal(answer.place.disputed, 0);
    assert_string_equal(answer.country_by->name, "second");
    assert_string_equal(answer.asn_by->source, "Someone");
    assert_true(answer.country_by->date.us == 2 * 86400000000);
    assert_true(slice_is(answer.name, "A \"B\", Inc."));
    assert_true(slice_is(attrib_name(a, 64500), "A \"B\", Inc."));
    assert_int_equal(attrib_name(a, 64501).len, 0);
    (void)prefix_format(&answer.prefix, text);
    assert_string_equal(text, "198.51.100.0/24");
    assert_int_equal(answer.votes, 2);
    assert_int_equal(answer.vote[0].country, 0);
    assert_int_equal(answer.vote[1].country, COUNTRY('X', 'B'));
    assert_int_equal(attrib_datasets(a), 3);
    assert_int_equal(attrib_dataset(a, 1)->kind, ATTRIB_COUNTRY);
    assert_null(attrib_dataset(a, 3));
    assert_int_equal(attrib_network(a, 0), 64500);
    (void)attrib_close(a);
}

/* ---- readers ---- */

static void
check_csv(const char *text, const char *addr, uint32_t asn, const char *cc, unsigned rejected)
{
    struct attrib_input in = {.path = {fixture_write("x.csv", slice_of(text))}, .name = "x"};
    struct attrib_report report;
    struct attrib *a = compile(&in, 1, &report);
    struct addr x = parsed(addr);
    struct attribution p = attrib_find(a, &x);

    assert_int_equal(p.asn, asn);
    assert_int_equal(p.country, country_parse(slice_of(cc)));
    assert_int_equal(report.of[0].rejected, rejected);
    (void)attrib_close(a);
}

static void
test_csv_shapes(void **state)
{
    (void)state;
    check_csv("192.0.2.0/24,XA\n", "192.0.2.9", 0, "XA", 0);
    check_csv("192.0.2.0/24;AS64500;Name\n", "192.0.2.9", 64500, "", 0);
    check_csv("192.0.2.0\t192.0.2.255\txa\n", "192.0.2.9", 0, "XA", 0);
    check_csv("# c\r\n\r\n3221225984,3221226239,64500,HP\r\n", "192.0.2.9", 64500, "HP", 0);
    check_csv("network,autonomous_system_number,country_code\n2001:db8::/32,7,XB\n",
              "2001:db8:1::1", 7, "XB", 0);
    check_csv("country,x,start_ip,end_ip,ASN\nXC,,192.0.2.0,192.0.2.3,9\n", "192.0.2.3", 9,
              "XC", 0);
    check_csv(
        "42540766411282592856903984951653826560,42540766411282592875350729025363378175,7\n",
        "2001:db8::7", 7, "", 0);
    check_csv("::ffff:192.0.2.0,::ffff:192.0.2.255,7\n", "192.0.2.200", 7, "", 0);
    check_csv("192.0.2.0,192.0.2.255,7\nx,y,7\n192.0.2.9,192.0.2.3,7\n192.0.2.0,::1,7\n"
              "192.0.2.0,192.0.2.1\n192.0.2.0,192.0.2.1,\"7\n1.1.1.1,1.1.1.1,4294967296\n"
              "1.0.0.0,1.0.0.1,1\n1.0.0.2,1.0.0.3,1\n1.0.0.4,1.0.0.4,1\n1.0.0.5,1.0.0.5,1\n"
              "1.0.0.6,1.0.0.6,1\n1.0.0.7,1.0.0.7,1\n1.0.0.8,1.0.0.8,1\n1.0.0.9,1.0.0.9,1\n"
              "1.0.0.10,1.0.0.10,1\n1.0.0.11,1.0.0.11,1\n1.0.0.12,1.0.0.12,1\n",
              "192.0.2.0", 7, "", 6);
}

static void
refused(const char *text, const char *why, unsigned line)
{
    struct attrib_input in = {.path = {fixture_write("x.csv", slice_of(text))}, .name = "x"};
    struct attrib_report report;
    struct errinfo ei = {0};

    assert_int_equal(attrib_build(&in, 1, fixture_path("no.bin"), &report, &ei), ERR_INVALID);
    if (strstr(ei.text, why) == NULL || ei.line != line)
        print_message("%s:%u:%u: %s\n", ei.file, ei.line, ei.column, ei.text);
    assert_non_null(strstr(ei.text, why));
    assert_int_equal(ei.line, line);
    assert_non_null(strstr(ei.file, "x.csv"));
}

static void
test_csv_refused(void **state)
{
    (void)state;
    refused("", "is empty", 0);
    refused("hello\n", "neither", 1);
    refused("one,two\n3,4\n", "no column holds address ranges", 1);
    refused("# x\nstart,end\n192.0.2.0,192.0.2.1\n", "network numbers or countries", 2);
    refused("192.0.2.0,192.0.2.1,0\n", "no usable row", 0);
    refused("start,end,asn\n192.0.2.0,192.0.2.x,1\n", "is no address", 2);
}

static void
test_names(void **state)
{
    struct attrib_input in = {.name = "bad name"};
    struct attrib_report report;
    struct errinfo ei = {0};

    (void)state;
    in.path[0] = fixture_write("x.csv", SLICE("192.0.2.0/24,XA\n"));
    assert_int_equal(attrib_build(&in, 1, fixture_path("no.bin"), &report, &ei), ERR_USAGE);
    in.name = "good";
    in.path[0] = "/nonexistent/file";
    assert_int_equal(attrib_build(&in, 1, fixture_path("no.bin"), &report, &ei), ERR_CONF);
    in.path[0] = fixture_write("x.csv", SLICE("192.0.2.0/24,7,\"a\x01"
                                              "b\xe2\x80\xae\xff\xc3\xa9\"\n"));
    {
        struct attrib *a = compile(&in, 1, &report);

        assert_true(slice_is(attrib_name(a, 7), "a?b??\xc3\xa9"));
        (void)attrib_close(a);
    }
}

static void
test_mmdb(void **state)
{
    static const struct fixture_network list[] = {
        {{[12] = 198, 51, 100}, 96 + 24, 64500, "XA"},
        {{[12] = 198, 51, 100, 128}, 96 + 25, 64501, NULL},
        {{0x20, 1, 0x0d, 0xb8}, 32, 64502, "XB"},
    };
    struct attrib_input in = {.name = "m"};
    struct attrib_report report;
    struct attribution p;
    struct attrib *a;
    struct addr x;

    (void)state;
    in.path[0] = fixture_write("m.mmdb", fixture_mmdb(list, 3, 1767225600 + 5000));
    a = compile(&in, 1, &report);
    x = parsed("198.51.100.1");
    p = attrib_find(a, &x);
    assert_int_equal(p.asn, 64500);
    assert_int_equal(p.country, COUNTRY('X', 'A'));
    x = parsed("198.51.100.200");
    p = attrib_find(a, &x);
    assert_int_equal(p.asn, 64501);
    assert_int_equal(p.country, 0);
    x = parsed("2001:db8::1");
    assert_int_equal(attrib_find(a, &x).asn, 64502);
    x = parsed("2002:c633:6401::1"); /* 6to4 of the first */
    assert_int_equal(attrib_find(a, &x).asn, 0);
    assert_true(attrib_dataset(a, 0)->date.us == 1767225600 * TIME_US_PER_S);
    assert_true(slice_is(attrib_name(a, 64502), "Network 64502"));
    assert_int_equal(attrib_dataset(a, 0)->kind, ATTRIB_ASN | ATTRIB_COUNTRY);
    (void)attrib_close(a);
}

static void
test_dates(void **state)
{
    struct errinfo ei = {0};
    struct utime t = {0};
    const char *path = fixture_write(
        "g.csv", SLICE("# x\n# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n192.0.2.0/24,XA\n"));
    struct timespec old[2] = {{100000, 0}, {100000, 0}};

    (void)state;
    assert_int_equal(attrib_date(path, &t, &ei), 0);
    assert_true(t.us == INT64_C(1782345600) * TIME_US_PER_S);
    path = fixture_write("h.csv", SLICE("192.0.2.0/24,XA\n"));
    assert_int_equal(utimensat(-1, path, old, 0), 0);
    assert_int_equal(attrib_date(path, &t, &ei), 0);
    assert_true(t.us == 86400 * TIME_US_PER_S);
    (void)fixture_write("package.json", SLICE("{\n \"version\": \"2.3.2026061719\"\n}"));
    assert_int_equal(attrib_date(path, &t, &ei), 0);
    assert_true(t.us == INT64_C(1781654400) * TIME_US_PER_S);
}

/* ---- the file ---- */

static struct slice
slurp(const char *path)
{
    static _Alignas(8) char bytes[1 << 24];
    FILE *f = fopen(path, "rb");
    size_t n;

    assert_non_null(f);
    n = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    return (struct slice){bytes, n};
}

static void
test_same_bytes(void **state)
{
    struct attrib_input in = {.name = "x"};
    struct attrib_report report[2];
    struct errinfo ei = {0};
    struct attrib *a = NULL;
    struct stat st;

    (void)state;
    in.path[0] =
        fixture_write("x.csv", SLICE("192.0.2.0/24,64500,N,XA\n2001:db8::/48,1,M,XB\n"));
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(
            attrib_build(&in, 1, fixture_path(i ? "two.bin" : "one.bin"), &report[i], &ei), 0);
    assert_memory_equal(&report[0].id, &report[1].id, sizeof report[0].id);
    assert_int_equal(attrib_open(fixture_path("two.bin"), &a, &ei), 0);
    {
        struct hash id = attrib_id(a);

        assert_memory_equal(&id, &report[0].id, sizeof id);
    }
    assert_int_equal(attrib_size(a).bytes, slurp(fixture_path("one.bin")).len);
    assert_true(stat(fixture_path("two.bin.tmp"), &st) < 0);
    (void)attrib_close(a);
}

static void
test_damage(void **state)
{
    struct slice s = slurp(fixture_path("one.bin"));
    struct attrib *a = NULL;
    struct errinfo ei = {0};
    const char *path;

    (void)state;
    for (size_t n = 0; n < s.len; n += s.len / 37 + 1)
        assert_int_equal(attrib_open_bytes(slice_sub(s, 0, n), &a, &ei), ERR_INVALID);
    path = fixture_write("cut.bin", slice_sub(s, 0, s.len - 1));
    assert_int_equal(attrib_open(path, &a, &ei), ERR_INVALID);
    assert_non_null(strstr(ei.text, "tables build"));
    assert_int_equal(attrib_open(fixture_path("absent.bin"), &a, &ei), ERR_IO);
    assert_int_equal(attrib_open(fixture_write("text.bin", SLICE("hello")), &a, &ei),
                     ERR_INVALID);
    assert_null(a);
}

static void
test_null(void **state)
{
    struct addr x = parsed("198.51.100.1");
    struct attrib_answer answer;
    struct attribution p;

    (void)state;
    assert_int_equal(attrib_find(NULL, &x).asn_by, ATTRIB_NOBODY);
    attrib_find_many(NULL, &x, 1, &p);
    assert_int_equal(p.country, 0);
    attrib_explain(NULL, &x, &answer);
    assert_int_equal(answer.votes, 0);
    assert_int_equal(attrib_datasets(NULL), 0);
    assert_int_equal(attrib_random(NULL, 1, 2, false, &x), ERR_NOTFOUND);
    assert_null(attrib_close(NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),  cmocka_unit_test(test_many_is_one),
        cmocka_unit_test(test_bogons),     cmocka_unit_test(test_explain),
        cmocka_unit_test(test_csv_shapes), cmocka_unit_test(test_csv_refused),
        cmocka_unit_test(test_names),      cmocka_unit_test(test_mmdb),
        cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_dates),      cmocka_unit_test(test_null),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    fixture_remove();
    return failed;
}
