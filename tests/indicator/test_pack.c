/* What is looked for as a file: the same answers as what it was made of, and no byte of it
 * makes a look-up read past its end. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/map.h"
#include "indicator/pack.h"
#include "wire/dom.h"

enum { SUM_AT = 32, HEADER = 192, SEEDS = 6000 };
#define SEED UINT64_C(0x5851f42d4c957f2d)

static void
put_one(struct buf *to, unsigned n)
{
    static const char *const around[][2] = {
        {"[ipv4-addr:value = '198.51.", ".7']"},
        {"[ipv4-addr:value = '198.51.", ".0/24']"},
        {"[domain-name:value = 'n", ".example']"},
        {"[domain-name:value LIKE '%.n", ".example']"},
        {"[url:value = 'http://n", ".example/a']"},
        {"[ipv6-addr:value = '2001:db8:", "::/48']"},
        {"[ipv4-addr:value = '203.0.113.9' OR ipv6-addr:value = '2001:db8::", "']"},
        {"[email-addr:value = 'a@n", ".example']"}};
    char text[128];

    (void)snprintf(text, sizeof text, "%s%u%s", around[n % 8][0], n % 200, around[n % 8][1]);
    buf_printf(
        to,
        "%s{\"type\":\"indicator\",\"id\":\"indicator--%08x-0000-4000-8000-%012x\","
        "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\""
        ",\"name\":\"n %u\",\"labels\":[\"l%u\"],\"pattern_type\":\"stix\",\"valid_from\":"
        "\"2026-01-01T00:00:00.000Z\",\"pattern\":\"%s\"}",
        n == 0 ? "" : ",", n * 2654435761U, n, n / 3, n % 5, text);
}

static struct indicators *
make(unsigned count)
{
    struct indicators_counts counts = {0};
    struct indicators_build *b = NULL;
    struct indicators *x = NULL;
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    AUTO_BUF(text, 1 << 22);
    AUTO_ARENA(arena);

    buf_text(&text, "{\"type\":\"bundle\",\"objects\":[");
    for (unsigned i = 0; i < count; i++)
        put_one(&text, i);
    buf_text(&text, "]}");
    assert_int_equal(arena_init(&arena, text.len * DOM_ROOM + DOM_LEAST), 0);
    assert_int_equal(dom_read(text.ptr, text.len, &arena, &d, &ei), 0);
    assert_int_equal(indicators_build_new(77, &b), 0);
    assert_int_equal(indicators_read(b, d, &counts, NULL, NULL), 0);
    assert_int_equal(indicators_freeze(b, &x), 0);
    (void)indicators_build_free(b);
    return x;
}

/* A number of all that it answers. */
static uint64_t
answers(const struct indicators *x, unsigned count)
{
    const struct set *s = indicators_set(x);
    uint64_t sum = indicators_count(x);
    struct set_found f;

    for (unsigned n = 0; n < count; n++) {
        struct addr a = addr_of_v4(0xc6330000 + n * 61);
        char text[64];
        struct atom u;

        set_find_address(s, &a, &f);
        for (unsigned i = 0; i < f.count; i++) {
            uint32_t owners;
            const uint32_t *own = set_owners(s, f.atom[i], &owners);

            for (uint32_t k = 0; k < owners; k++)
                sum = sum * 31 + own[k] + indicators_in_force(x, own[k], (struct utime){1});
        }
        (void)snprintf(text, sizeof text, "a.n%u.example", n % 250);
        set_find_domain(s, slice_of(text), &f);
        sum = sum * 31 + f.count;
        set_find_domain(s, slice_of(text + 2), &f);
        sum = sum * 31 + f.count;
        (void)snprintf(text, sizeof text, "http://n%u.example/a", n % 250);
        assert_true(atom_read_url(slice_of(text), &u));
        set_find_atom(s, &u, &f);
        sum = sum * 31 + f.count;
        sum = sum * 31 + set_some(s, &a, 1);
    }
    return sum;
}

/* All that is in it can be read. */
static uint64_t
texts(const struct indicators *x)
{
    char room[ATOM_TEXT];
    uint64_t sum = 0;

    for (uint32_t i = 0; i < indicators_count(x); i++) {
        struct indicator one;

        indicators_get(x, i, &one);
        sum += map_hash(one.id, sizeof one.id, i) +
               map_hash(one.name.ptr, (uint32_t)one.name.len, i) +
               map_hash(one.labels.ptr, (uint32_t)one.labels.len, i) + one.looked_for;
    }
    for (uint32_t i = 0; i < set_count(indicators_set(x)); i++) {
        struct buf b = {.ptr = room, .room = sizeof room, .max = sizeof room};

        buf_atom(&b, set_kind(indicators_set(x), i), set_value(indicators_set(x), i));
        sum += map_hash(room, (uint32_t)b.len, i);
    }
    return sum;
}

static char *
aligned_copy(const char *bytes, size_t len)
{
    char *p = aligned_alloc(64, (len + 63) / 64 * 64);

    assert_non_null(p);
    memcpy(p, bytes, len);
    return p;
}

static void
test_same(void **state)
{
    static const unsigned count[] = {0, 1, 2, 9, 1000};

    (void)state;
    for (unsigned i = 0; i < sizeof count / sizeof count[0]; i++) {
        struct indicators *x = make(count[i]);
        struct indicators *y = NULL;
        struct errinfo ei = {0};
        char *bytes;
        char *copy;
        size_t len;

        assert_int_equal(indicators_pack(x, &bytes, &len), 0);
        copy = aligned_copy(bytes, len);
        assert_int_equal(indicators_map_bytes((struct slice){copy, len}, &y, &ei), 0);
        assert_int_equal(answers(x, 3000), answers(y, 3000));
        assert_int_equal(texts(x), texts(y));
        for (uint32_t k = 0; k < indicators_count(y); k++) {
            uint8_t id[16];

            assert_int_equal(indicators_find(y, indicators_id(x, k)), k);
            assert_int_equal(indicators_find(x, indicators_id(x, k)), SET_GONE);
            memcpy(id, indicators_id(x, k), 16);
            id[9] ^= 0x40;
            assert_int_equal(indicators_find(y, id), SET_GONE);
        }
        (void)indicators_free(x);
        (void)indicators_free(y);
        free(copy);
        free(bytes);
    }
}

static void
test_file(void **state)
{
    struct indicators *x = make(50);
    struct indicators *y = NULL;
    struct errinfo ei = {0};
    char path[] = "/tmp/detente-pack.XXXXXX";
    char *bytes;
    size_t len;
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(indicators_pack(x, &bytes, &len), 0);
    assert_int_equal(indicators_map("/tmp/detente-pack.none", &y, &ei), ERR_NOTFOUND);
    assert_int_equal(indicators_map("/tmp", &y, &ei), ERR_INVALID);
    assert_int_equal(indicators_map(path, &y, &ei), ERR_INVALID);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    assert_int_equal(indicators_map(path, &y, &ei), 0);
    assert_int_equal(answers(x, 500), answers(y, 500));
    (void)indicators_free(y);
    assert_int_equal(ftruncate(fd, (off_t)len - 64), 0);
    assert_int_equal(indicators_map(path, &y, &ei), ERR_INVALID);
    assert_null(y);
    assert_non_null(strstr(ei.text, "detente indicator compile"));
    (void)close(fd);
    (void)unlink(path);
    (void)indicators_free(x);
    free(bytes);
}

/* Bytes that are wrong and a checksum that says they are right. */
static void
test_damaged(void **state)
{
    struct indicators *x = make(300);
    uint64_t seed = 5;
    unsigned taken = 0;
    char *bytes;
    char *copy;
    size_t len;

    (void)state;
    assert_int_equal(indicators_pack(x, &bytes, &len), 0);
    copy = aligned_copy(bytes, len);
    for (unsigned i = 0; i < SEEDS; i++) {
        struct indicators *y = NULL;
        struct errinfo ei = {0};
        size_t at = next_random(&seed) % (i % 3 == 0 ? HEADER : len);
        uint64_t sum;

        memcpy(copy, bytes, len);
        copy[at] = (char)next_random(&seed);
        if (i % 2 == 0)
            memset(copy + at / 4 * 4, 0xff, 4);
        if (i % 5 == 0)
            copy[next_random(&seed) % len] ^= (char)(1 << i % 8);
        if (at >= HEADER && memcmp(copy, bytes, len) != 0)
            assert_int_equal(indicators_map_bytes((struct slice){copy, len}, &y, &ei),
                             ERR_INVALID);
        sum = map_hash(copy + HEADER, (uint32_t)(len - HEADER), SEED);
        memcpy(copy + SUM_AT, &sum, sizeof sum);
        if (indicators_map_bytes((struct slice){copy, len}, &y, &ei) < 0)
            continue;
        taken++;
        (void)answers(y, 300);
        (void)texts(y);
        (void)indicators_free(y);
    }
    assert_in_range(taken, 1, SEEDS - 1);
    (void)indicators_free(x);
    free(copy);
    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same), cmocka_unit_test(test_file),
                                       cmocka_unit_test(test_damaged)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
