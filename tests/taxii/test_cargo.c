/* Collections as bundles carry them: what is packed comes back, in parts of bounded size; and
 * what is not what was said is refused, with a reason. */
#include <stdlib.h>

#include "taxii/cargo.h"
#include "unit.h"

#define ONE   "{\"type\":\"url\",\"id\":\"url--1\",\"value\":\"a\"}"
#define TWO   "{\"id\":\"x--2\",\"created\":\"2026\",\"modified\":\"2027\", \"more\":[1,{}]}"
#define THREE "{\"id\":\"x--2\",\"created\":\"2026\"}"

enum { OBJECTS = 3 };
#define LITERAL(text)            \
    {                            \
        (text), sizeof(text) - 1 \
    }
static const struct slice object[OBJECTS] = {LITERAL(ONE), LITERAL(TWO), LITERAL(THREE)};

static char room[1 << 16]; /* what readers write to */

static char *
writable(struct slice s)
{
    assert_true(s.len < sizeof room);
    memcpy(room, s.ptr, s.len);
    room[s.len] = '\0';
    return room;
}

static void
make_part(struct buf *to)
{
    struct cargo_part p;

    cargo_part_init(&p);
    for (unsigned i = 0; i < OBJECTS; i++) {
        assert_true(cargo_part_fits(&p, object[i].len));
        assert_int_equal(cargo_part_add(&p, (struct utime){1000 + i}, object[i]), 0);
    }
    assert_int_equal(cargo_part_end(&p, to), 0);
    assert_int_equal(p.count, 0);
    cargo_part_release(&p);
}

static struct cargo_about
about(void)
{
    static const char *const version[] = {"", "2027", "2026"};
    struct cargo_about a = {.alias = SLICE("ours"),
                            .title = SLICE("Ours \xc3\xa4 \"\n"),
                            .description = SLICE(""),
                            .after = {-1},
                            .last = {1002},
                            .parts = 1,
                            .objects = OBJECTS};
    struct rooting x;
    struct taxii_root root;

    rooting_init(&x);
    for (unsigned i = OBJECTS; i-- > 0;) {
        struct hash h = sha256_of(object[i].ptr, object[i].len);

        assert_int_equal(
            rooting_add(&x, i == 0 ? SLICE("url--1") : SLICE("x--2"), slice_of(version[i]), &h),
            0);
    }
    rooting_end(&x, &root);
    rooting_release(&x);
    a.root = root.hash;
    return a;
}

static void
a_part_comes_back(void **state)
{
    AUTO_BUF(text, 1 << 16);
    struct cargo_read c;

    (void)state;
    make_part(&text);
    assert_int_equal(cargo_read(writable(buf_get(&text)), text.len, &c, NULL), 0);
    assert_int_equal(c.objects.count, OBJECTS);
    for (unsigned i = 0; i < OBJECTS; i++) {
        assert_true(slice_eq(c.objects.at[i], object[i]));
        assert_int_equal(c.added[i].us, 1000 + i);
    }
    cargo_read_release(&c);
}

static void
a_part_is_full(void **state)
{
    static char large[CARGO_PART];
    struct cargo_part p;
    unsigned n = 0;

    (void)state;
    memset(large, 'x', sizeof large);
    cargo_part_init(&p);
    assert_true(cargo_part_fits(&p, OBJECT_BODY_MAX)); /* alone any does */
    assert_int_equal(cargo_part_add(&p, (struct utime){1}, (struct slice){large, 1000}), 0);
    assert_true(cargo_part_fits(&p, CARGO_PART - 1001));
    assert_false(cargo_part_fits(&p, CARGO_PART - 1000));
    for (n = 1; cargo_part_fits(&p, 1); n++)
        assert_int_equal(cargo_part_add(&p, (struct utime){n}, SLICE("{}")), 0);
    assert_int_equal(n, CARGO_PART_OBJECTS);
    cargo_part_release(&p);
}

static void
parts_that_are_none(void **state)
{
#define AT "\"1970-01-01T00:00:00.000001Z\""
    static const char *const bad[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"added\":[],\"objects\":[]}",
                                      "{\"added\":[],\"objects\":[{}]}",
                                      "{\"added\":[" AT "," AT "],\"objects\":[{}]}",
                                      "{\"added\":[" AT "],\"objects\":[{},{}]}",
                                      "{\"added\":[1],\"objects\":[{}]}",
                                      "{\"added\":[null],\"objects\":[{}]}",
                                      "{\"added\":[\"1970-01-01T00:00:00Z\"],\"objects\":[{}]}",
                                      "{\"added\":" AT ",\"objects\":[{}]}",
                                      "{\"objects\":[{}]}",
                                      "{\"added\":[" AT "],\"added\":[" AT
                                      "],\"objects\":[{}]}",
                                      "{\"added\":[" AT "],\"objects\":[{}],\"objects\":[{}]}",
                                      "{\"added\":[" AT "],\"objects\":[{}],\"more\":true}",
                                      "{\"added\":[" AT "],\"objects\":[{}]}{}",
                                      "{\"added\":[" AT "],\"objects\":[{}]"};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct errinfo ei = {.text = ""};
        struct cargo_read c;

        if (cargo_read(writable(slice_of(bad[i])), strlen(bad[i]), &c, &ei) != ERR_INVALID ||
            ei.text[0] == '\0')
            fail_msg("taken: %s", bad[i]);
        cargo_read_release(&c);
    }
}

static void
what_is_said_comes_back(void **state)
{
    static const char *const from[] = {"\"parts\":1",   "\"alias\":\"ours\"", "\"after\":\"\"",
                                       "\"objects\":3", "\"title\":\"",       "\"root\":\""};
    static const char *const to[] = {"\"parts\":-1",   "\"alias\":\"Ours\"",
                                     "\"after\":null", "\"objects\":\"3\"",
                                     "\"name\":\"",    "\"root\":\"0"};
    struct cargo_about a = about();
    struct cargo_about b = {.id = SLICE("id")};
    AUTO_BUF(text, CARGO_ABOUT);
    struct errinfo ei;

    (void)state;
    assert_int_equal(cargo_about_write(&text, &a), 0);
    assert_int_equal(cargo_about_read(writable(buf_get(&text)), text.len, &b, &ei), 0);
    assert_true(slice_eq(a.title, b.title) && slice_eq(a.alias, b.alias) &&
                b.description.len == 0 && hash_eq(&a.root, &b.root) && !b.more);
    assert_true(b.after.us == -1 && b.last.us == 1002 && b.parts == 1 && b.objects == OBJECTS);
    assert_true(slice_is(b.id, "id"));
    buf_char(&text, '\0');
    for (size_t i = 0; i < COUNT(from); i++) {
        const char *at = strstr(text.ptr, from[i]);
        AUTO_BUF(bent, CARGO_ABOUT);

        assert_non_null(at);
        buf_printf(&bent, "%.*s%s%s", (int)(at - text.ptr), text.ptr, to[i],
                   at + strlen(from[i]));
        ei.text[0] = '\0';
        assert_int_equal(cargo_about_read(writable(buf_get(&bent)), bent.len, &b, &ei),
                         ERR_INVALID);
        assert_true(ei.text[0] != '\0');
    }
}

/* The part, given so often. */
static int
check_parts(const struct cargo_about *a, unsigned times)
{
    AUTO_BUF(text, 1 << 16);
    struct errinfo ei = {.text = ""};
    struct cargo_check c;
    int r = 0;

    make_part(&text);
    cargo_check_init(&c, a);
    for (unsigned i = 0; r == 0 && i < times; i++) {
        struct cargo_read part;

        assert_int_equal(cargo_read(writable(buf_get(&text)), text.len, &part, NULL), 0);
        r = cargo_check_part(&c, &part, &ei);
        cargo_read_release(&part);
    }
    if (r == 0)
        r = cargo_check_end(&c, &ei);
    cargo_check_release(&c);
    assert_true(r == 0 || ei.text[0] != '\0');
    return r;
}

static void
what_was_said_is_checked(void **state)
{
    struct cargo_about a = about();

    (void)state;
    assert_int_equal(check_parts(&a, 1), 0);
    assert_int_equal(check_parts(&a, 0), ERR_INVALID);
    assert_int_equal(check_parts(&a, 2), ERR_INVALID); /* its places do not rise */
    a.after.us = 999;
    assert_int_equal(check_parts(&a, 1), 0);
    a.after.us = 1000;
    assert_int_equal(check_parts(&a, 1), ERR_INVALID);
    a = about();
    a.objects++;
    assert_int_equal(check_parts(&a, 1), ERR_INVALID);
    a = about();
    a.last.us++;
    assert_int_equal(check_parts(&a, 1), ERR_INVALID);
    a = about();
    a.root.byte[0] ^= 1;
    assert_int_equal(check_parts(&a, 1), ERR_INVALID);
    a = (struct cargo_about){.after = {-1}, .last = {-1}, .root = sha256_of("", 0)};
    assert_int_equal(check_parts(&a, 0), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_comes_back),        cmocka_unit_test(a_part_is_full),
        cmocka_unit_test(parts_that_are_none),      cmocka_unit_test(what_is_said_comes_back),
        cmocka_unit_test(what_was_said_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
