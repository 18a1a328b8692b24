/* The set against one that looks at every row. */
#include "unit.h"

#include <stdlib.h>

#include "indicator/set.h"

static struct atom
read_any(const char *text)
{
    struct atom a;
    struct slice s = slice_of(text);

    if (strncmp(text, "*.", 2) == 0) {
        assert_true(atom_read_domain(slice_sub(s, 2, s.len), &a));
        a.kind = ATOM_BELOW;
        return a;
    }
    if (!atom_read_address(s, &a) && !atom_read_url(s, &a) && !atom_read_hash(s, &a))
        assert_true(atom_read_domain(s, &a));
    return a;
}

static void
check_text(const char *text, const char *want)
{
    struct atom a = read_any(text);
    char room[512];
    struct buf b = {.ptr = room, .room = sizeof room, .max = sizeof room};

    buf_atom(&b, a.kind, (struct slice){a.byte, a.len});
    buf_char(&b, '\0');
    assert_string_equal(room, want);
}

static void
test_texts(void **state)
{
    (void)state;
    check_text("198.51.100.7", "198.51.100.7");
    check_text("198.51.100.7/32", "198.51.100.7");
    check_text("198.51.100.7/24", "198.51.100.0/24");
    check_text("0.0.0.0/0", "0.0.0.0/0");
    check_text("2001:DB8::1", "2001:db8::1");
    check_text("2001:db8::1/33", "2001:db8::/33");
    check_text("Example.ORG.", "example.org");
    check_text("*.Example.ORG", "*.example.org");
    check_text("_dmarc.xn--p1ai", "_dmarc.xn--p1ai");
    check_text("HTTP://Example.org", "http://example.org/");
    check_text("http://example.org:80/A?b#c", "http://example.org/A?b");
    check_text("https://example.org:8443?b", "https://example.org:8443/?b");
    check_text("https://Me:Pass@Example.org:443/", "https://Me:Pass@example.org/");
    check_text("http://[2001:DB8::1]:80/", "http://[2001:db8::1]/");
    check_text("D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e");
}

static void
test_none(void **state)
{
    static const char *const names[] = {"",    ".",   "a..b",     ".a",    "a b",  "a.1.2.3",
                                        "a/b", "a:b", "http://a", "a.b..", "a\"b", "a\nb"};
    static const char *const urls[] = {
        "",          "example.org", "http:/a",      "http://",
        "://a",      "http:///a",   "http://a b/",  "http://:80/",
        "1http://a", "http://a/\n", "http://a\tb/", "mailto:a@b"};
    static const char *const hosts[] = {"http://a.b/", "http://u@a.b/x@y", "http://a.b:81/",
                                        "http://a.b/?c:d/e", "https://a.b/:8/"};
    struct atom a;
    char longest[300];

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_false(atom_read_domain(slice_of(names[i]), &a));
    for (size_t i = 0; i < COUNT(urls); i++)
        assert_false(atom_read_url(slice_of(urls[i]), &a));
    for (size_t i = 0; i < COUNT(hosts); i++) {
        assert_true(atom_read_url(slice_of(hosts[i]), &a));
        assert_true(slice_is(atom_url_host((struct slice){a.byte, a.len}), "a.b"));
    }
    assert_false(atom_read_address(SLICE("198.51.100.7/33"), &a));
    assert_false(atom_read_address(SLICE("198.51.100.7/"), &a));
    assert_false(atom_read_address(SLICE("198.51.100"), &a));
    assert_false(atom_read_hash(SLICE("d41d8cd98f00b204e9800998ecf8427"), &a));
    assert_false(atom_read_hash(SLICE("g41d8cd98f00b204e9800998ecf8427e"), &a));
    assert_false(atom_read_hash_of(ATOM_SHA1, SLICE("d41d8cd98f00b204e9800998ecf8427e"), &a));
    memset(longest, 'a', sizeof longest);
    assert_true(atom_read_domain((struct slice){longest, 63}, &a));
    assert_false(atom_read_domain((struct slice){longest, 64}, &a));
    for (size_t i = 1; i < sizeof longest; i += 2)
        longest[i] = '.';
    assert_true(atom_read_domain((struct slice){longest, 253}, &a));
    assert_false(atom_read_domain((struct slice){longest, 255}, &a));
}

/* ---- the reference -------------------------------------------------------------------------
 */

enum { ROWS = 4000, OWNERS = 50 };

struct rows {
    struct atom *atom;
    uint32_t *owner;
    uint32_t count;
};

static bool
same(const struct atom *a, const struct atom *b)
{
    return a->kind == b->kind && a->len == b->len && memcmp(a->byte, b->byte, a->len) == 0;
}

/* Is what is asked one of those that the row means? */
static bool
means(const struct atom *row, const struct atom *asked)
{
    struct prefix p;
    struct prefix q;

    if (same(row, asked))
        return true;
    if (row->kind == ATOM_PREFIX && asked->kind == ATOM_ADDRESS) {
        p = atom_prefix(row->kind, (struct slice){row->byte, row->len});
        q = atom_prefix(asked->kind, (struct slice){asked->byte, asked->len});
        return prefix_covers(&p, &q.addr);
    }
    if (row->kind == ATOM_BELOW && asked->kind == ATOM_DOMAIN)
        return asked->len > row->len + 1 && asked->byte[asked->len - row->len - 1] == '.' &&
               memcmp(asked->byte + asked->len - row->len, row->byte, row->len) == 0;
    return false;
}

/* Few different ones, so that they meet. */
static struct atom
make(uint64_t *seed)
{
    static const char *const labels[] = {"a", "b", "example", "org", "x-y", "0"};
    uint64_t x = next_random(seed);
    struct atom a = {.kind = ATOM_ADDRESS};
    char text[128];
    size_t n = 0;

    switch (x % 6) {
    case 0:
        n = (size_t)snprintf(text, sizeof text, "198.%d.%d.%d", (int)(x >> 8) & 3,
                             (int)(x >> 16) & 3, (int)(x >> 24) & 15);
        break;
    case 1:
        n = (size_t)snprintf(text, sizeof text, "198.%d.%d.0/%d", (int)(x >> 8) & 3,
                             (int)(x >> 16) & 3, (int)((x >> 24) % 33));
        break;
    case 2:
        n = (size_t)snprintf(text, sizeof text, "2001:db8:%d::%d/%d", (int)(x >> 8) & 1,
                             (int)(x >> 16) & 3, (int)(120 - (x >> 24) % 121 + 8));
        break;
    case 3:
        n = (size_t)snprintf(text, sizeof text, "http://a.org/%d", (int)(x >> 8) & 31);
        break;
    default:
        for (unsigned i = 0; i <= (x >> 8) % 4; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s.",
                                  labels[(x >> (16 + 4 * i)) % 5]);
        assert_true(atom_read_domain((struct slice){text, n}, &a));
        a.kind = x % 6 == 4 ? ATOM_DOMAIN : ATOM_BELOW;
        return a;
    }
    a = read_any(text);
    if (x >> 60 == 0 && a.kind == ATOM_ADDRESS) {
        struct prefix p = atom_prefix(a.kind, (struct slice){a.byte, a.len});

        atom_of_prefix(&p, &a);
    }
    return a;
}

static void
find(const struct set *s, const struct atom *asked, struct set_found *ret)
{
    struct prefix p = atom_prefix(asked->kind, (struct slice){asked->byte, asked->len});

    if (asked->kind == ATOM_ADDRESS)
        set_find_address(s, &p.addr, ret);
    else if (asked->kind == ATOM_DOMAIN)
        set_find_domain(s, (struct slice){asked->byte, asked->len}, ret);
    else
        set_find_atom(s, asked, ret);
}

static void
compare(const struct set *s, const struct rows *r, const uint32_t *as, const struct atom *asked)
{
    uint8_t want[OWNERS] = {0};
    uint8_t got[OWNERS] = {0};
    struct set_found f;

    find(s, asked, &f);
    for (unsigned i = 0; i < f.count; i++) {
        uint32_t n;
        const uint32_t *own = set_owners(s, f.atom[i], &n);

        assert_true(n > 0);
        for (uint32_t k = 0; k < n; k++)
            got[own[k]] = 1;
        for (unsigned k = 0; k < i; k++)
            assert_int_not_equal(f.atom[k], f.atom[i]);
    }
    for (uint32_t i = 0; i < r->count; i++) {
        if (as[r->owner[i]] != SET_GONE && means(&r->atom[i], asked))
            want[as[r->owner[i]]] = 1;
    }
    assert_memory_equal(want, got, sizeof want);
    if (asked->kind == ATOM_ADDRESS) {
        struct prefix p = atom_prefix(asked->kind, (struct slice){asked->byte, asked->len});
        struct addr three[3] = {addr_of_v4(1), p.addr, addr_of_v4(1)};
        struct set_found other;

        set_find_address(s, &three[0], &other);
        assert_int_equal(set_some(s, three, 3),
                         (f.count > 0 ? 2 : 0) | (other.count > 0 ? 5 : 0));
    }
}

static void
compare_touching(const struct set *s, const struct rows *r, const uint32_t *as,
                 const struct atom *asked)
{
    struct prefix p = atom_prefix(asked->kind, (struct slice){asked->byte, asked->len});
    uint32_t got = set_find_touching(s, &p);
    bool want = false;

    for (uint32_t i = 0; i < r->count; i++) {
        struct prefix q =
            atom_prefix(r->atom[i].kind, (struct slice){r->atom[i].byte, r->atom[i].len});

        if (r->atom[i].kind == ATOM_PREFIX && as[r->owner[i]] != SET_GONE)
            want |= prefix_covers(&p, &q.addr) || prefix_covers(&q, &p.addr);
    }
    assert_int_equal(want, got != SET_GONE);
    if (got != SET_GONE) {
        struct prefix q = atom_prefix(set_kind(s, got), set_value(s, got));

        assert_true(prefix_covers(&p, &q.addr) || prefix_covers(&q, &p.addr));
    }
}

static void
run(uint32_t rows, uint64_t seed)
{
    struct rows r = {.atom = malloc(ROWS * sizeof *r.atom),
                     .owner = malloc(ROWS * sizeof *r.owner)};
    uint32_t as[OWNERS];
    struct set_build *b = NULL;
    struct set *s = NULL;

    assert_non_null(r.atom);
    assert_non_null(r.owner);
    assert_int_equal(set_build_new(7, &b), 0);
    for (uint32_t i = 0; i < OWNERS; i++)
        as[i] = next_random(&seed) % 8 == 0 ? SET_GONE : (i + 3) % OWNERS;
    for (r.count = 0; r.count < rows; r.count++) {
        r.atom[r.count] = make(&seed);
        r.owner[r.count] = (uint32_t)(next_random(&seed) % OWNERS);
        assert_int_equal(set_add(b, &r.atom[r.count], r.owner[r.count]), 0);
    }
    assert_int_equal(set_freeze(b, as, &s), 0);
    b = set_build_free(b);
    for (unsigned i = 0; i < 2000; i++) {
        struct atom asked = make(&seed);

        if (asked.kind <= ATOM_PREFIX)
            compare_touching(s, &r, as, &asked);
        if (asked.kind != ATOM_PREFIX && asked.kind != ATOM_BELOW)
            compare(s, &r, as, &asked);
    }
    (void)set_free(s);
    free(r.atom);
    free(r.owner);
}

static void
test_against_rows(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 40; i++)
        run(i < 20 ? i : i * 100, i + 1);
}

static void
test_empty(void **state)
{
    struct set_build *b = NULL;
    struct set *s = NULL;
    struct set_found f;
    struct addr any = {.byte = {0}};

    (void)state;
    assert_int_equal(set_build_new(0, &b), 0);
    assert_int_equal(set_freeze(b, NULL, &s), 0);
    set_find_address(s, &any, &f);
    assert_int_equal(f.count, 0);
    set_find_domain(s, SLICE("example.org"), &f);
    assert_int_equal(f.count, 0);
    assert_int_equal(set_find_touching(s, &(struct prefix){any, 0}), SET_GONE);
    assert_int_equal(set_count(s), 0);
    (void)set_free(s);
    (void)set_build_free(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_against_rows),
        cmocka_unit_test(test_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
