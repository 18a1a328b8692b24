/* Warning lists: of our own making, and those of MISP where they are: test_warning SHARED. */
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "indicator/warning.h"

static const char *shared;

static int
read_text(struct warnings *w, char *text, size_t n, uint32_t *ret)
{
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    int r;
    AUTO_ARENA(arena);

    assert_int_equal(arena_init(&arena, DOM_ROOM * n + DOM_LEAST), 0);
    assert_int_equal(dom_read(text, n, &arena, &d, &ei), 0);
    r = warnings_read(w, d, ret, &ei);
    if (r < 0)
        assert_true(ei.text[0] != '\0');
    return r;
}

static int
read_literal(struct warnings *w, const char *json, uint32_t *ret)
{
    size_t n = strlen(json);
    char *text = malloc(n + 1);
    int r;

    assert_non_null(text);
    memcpy(text, json, n + 1);
    r = read_text(w, text, n, ret);
    free(text);
    return r;
}

static uint32_t
find(const struct warnings *w, const char *text)
{
    struct slice s = slice_of(text);
    struct atom a;

    if (strncmp(text, "*.", 2) == 0) {
        assert_true(atom_read_domain(slice_sub(s, 2, s.len), &a));
        a.kind = ATOM_BELOW;
    } else if (!atom_read_address(s, &a) && !atom_read_url(s, &a) && !atom_read_hash(s, &a)) {
        assert_true(atom_read_domain(s, &a));
    }
    return warnings_find(w, a.kind, (struct slice){a.byte, a.len});
}

static const char *const lists[] = {
    "{\"name\":\"net\",\"type\":\"cidr\",\"matching_attributes\":[\"ip-src\",\"domain|ip\"],"
    "\"list\":[\"192.0.2.0/24\",\"198.51.100.7\",\"2001:DB8::/32\",\"x\"]}",
    "{\"name\":\"host\",\"type\":\"hostname\",\"matching_attributes\":[\"domain\",\"url\"],"
    "\"list\":[\".short.example\",\"a.test\"]}",
    "{\"name\":\"string\",\"type\":\"string\",\"matching_attributes\":[\"hostname\","
    "\"filename|md5\"],\"list\":[\"COM\",\".dotted.test\",\"b.test\","
    "\"d41d8cd98f00b204e9800998ecf8427e\",\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"]}",
    "{\"name\":\"part\",\"type\":\"substring\",\"matching_attributes\":[\"url\",\"domain\"],"
    "\"list\":[\"VirusLab\",\"\"]}",
    "{\"name\":\"regex\",\"type\":\"regex\",\"list\":[\"/^X[0-9]+\\\\.test$/i\",\"(\","
    "\"^203\\\\.0\"]}",
    "{\"name\":\"mail\",\"type\":\"string\",\"matching_attributes\":[\"email-src\"],\"list\":"
    "[\"a@b.test\"]}",
};

static const struct {
    const char *text;
    uint32_t list;
} asked[] = {
    {"192.0.2.77", 0},
    {"192.0.3.1", WARNING_NONE},
    {"192.0.2.128/25", 0},
    {"192.0.0.0/8", 0},
    {"198.51.100.0/24", 0},
    {"198.51.101.0/24", WARNING_NONE},
    {"198.51.100.7", 0},
    {"2001:db8:1::1", 0},
    {"short.example", 1},
    {"X.Short.example", 1},
    {"xshort.example", WARNING_NONE},
    {"*.short.example", 1},
    {"http://u.short.example/x", 1},
    {"http://b.test/x", WARNING_NONE},
    {"com", 2},
    {"*.com", 2},
    {"x.com", WARNING_NONE},
    {"dotted.test", 2},
    {"x.dotted.test", 2},
    {"b.test", 2},
    {"x.b.test", WARNING_NONE},
    {"d41d8cd98f00b204e9800998ecf8427e", 2},
    {"da39a3ee5e6b4b0d3255bfef95601890afd80709", WARNING_NONE},
    {"my-viruslab.test", 3},
    {"http://x.test/VIRUSLAB/1", 3},
    {"x12.test", 4},
    {"203.0.113.9", 4},
    {"y12.test", WARNING_NONE},
};

static void
test_own(void **state)
{
    struct warnings *w = NULL;
    uint32_t n = 0;

    (void)state;
    assert_int_equal(warnings_new(3, &w), 0);
    for (size_t i = 0; i < COUNT(lists); i++) {
        assert_int_equal(read_literal(w, lists[i], &n), 0);
        assert_int_equal(n, i);
    }
    assert_int_equal(warnings_freeze(w), 0);
    for (size_t i = 0; i < COUNT(asked); i++)
        assert_int_equal(find(w, asked[i].text), asked[i].list);
    assert_int_equal(warnings_list(w, 0)->entries, 3);
    assert_int_equal(warnings_list(w, 0)->odd, 1);
    assert_int_equal(warnings_list(w, 2)->dotted, 1);
    assert_int_equal(warnings_list(w, 2)->odd, 1); /* a hash of a kind that it is not about */
    assert_int_equal(warnings_list(w, 4)->odd, 1);
    assert_int_equal(warnings_list(w, 5)->kinds, 0);
    assert_string_equal(warnings_list(w, 3)->name, "part");
    (void)warnings_free(w);
}

static void
test_none(void **state)
{
    static const char *const none[] = {"[]",
                                       "{}",
                                       "{\"name\":\"x\",\"list\":[]}",
                                       "{\"name\":\"x\",\"type\":\"y\",\"list\":[]}",
                                       "{\"type\":\"cidr\",\"list\":[]}",
                                       "{\"name\":\"x\",\"type\":\"cidr\",\"list\":{}}"};
    struct warnings *w = NULL;
    uint32_t n = 0;

    (void)state;
    assert_int_equal(warnings_new(3, &w), 0);
    for (size_t i = 0; i < COUNT(none); i++)
        assert_int_equal(read_literal(w, none[i], &n), ERR_INVALID);
    assert_int_equal(warnings_count(w), 0);
    assert_int_equal(warnings_freeze(w), 0);
    assert_int_equal(find(w, "192.0.2.1"), WARNING_NONE);
    assert_int_equal(find(w, "a.test"), WARNING_NONE);
    (void)warnings_free(w);
}

/* ---- those of MISP -------------------------------------------------------------------------
 */

static void
read_file(struct warnings *w, const char *path)
{
    FILE *f = fopen(path, "re");
    char *text = malloc(1 << 22);
    uint32_t list = 0;
    size_t n;

    assert_non_null(f);
    assert_non_null(text);
    n = fread(text, 1, 1 << 22, f);
    assert_int_equal(read_text(w, text, n, &list), 0);
    if (warnings_list(w, list)->odd > 0)
        printf("%s: %u of %u are odd\n", warnings_list(w, list)->name,
               warnings_list(w, list)->odd,
               warnings_list(w, list)->odd + warnings_list(w, list)->entries);
    (void)fclose(f);
    free(text);
}

static void
check_list(const struct warnings *w, const char *text, const char *name)
{
    uint32_t list = find(w, text);

    if (name == NULL) {
        assert_int_equal(list, WARNING_NONE);
    } else {
        assert_int_not_equal(list, WARNING_NONE);
        assert_non_null(strstr(warnings_list(w, list)->name, name));
    }
}

static void
test_misp(void **state)
{
    char folder[512];
    char path[1024];
    struct warnings *w = NULL;
    struct dirent *e;
    DIR *d;
    uint64_t entries = 0;

    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/data/stix/misp-warninglists", shared);
    d = opendir(folder);
    if (d == NULL)
        skip();
    assert_int_equal(warnings_new(3, &w), 0);
    while ((e = readdir(d)) != NULL) {
        if (strstr(e->d_name, ".json") == NULL)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        read_file(w, path);
    }
    (void)closedir(d);
    assert_int_equal(warnings_freeze(w), 0);
    assert_int_equal(warnings_count(w), 42);
    for (uint32_t i = 0; i < warnings_count(w); i++)
        entries += warnings_list(w, i)->entries;
    printf("%llu entries\n", (unsigned long long)entries);
    assert_true(entries > 160000);
    check_list(w, "10.1.2.3", "1918");
    check_list(w, "www.google.ae", "google");
    check_list(w, "d41d8cd98f00b204e9800998ecf8427e", "hash");
    check_list(w, "no-such-thing.hugesoft.org", NULL);
    (void)warnings_free(w);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_misp),
    };

    shared = argc > 1 ? argv[1] : "";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
