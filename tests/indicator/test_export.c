/* Exports against files of our own: test_export SHARED FOLDER [write].
 *
 * FOLDER has bundle.json and what each format makes of it at one time, named format.file. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "indicator/export.h"

static const char *folder;
static bool rewrite;

static char *
read_file(const char *name, size_t *ret_len)
{
    char path[1024];
    char *text = calloc(1, 1 << 18);
    FILE *f;

    assert_non_null(text);
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "re");
    if (f == NULL)
        fail_msg("%s is not there", path);
    *ret_len = fread(text, 1, (1 << 18) - 1, f);
    (void)fclose(f);
    return text;
}

static struct indicators *
load(void)
{
    struct indicators_build *b = NULL;
    struct indicators *x = NULL;
    struct indicators_counts counts = {0};
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    size_t n;
    char *text = read_file("bundle.json", &n);
    AUTO_ARENA(arena);

    assert_int_equal(arena_init(&arena, DOM_ROOM * n + DOM_LEAST), 0);
    assert_int_equal(dom_read(text, n, &arena, &d, &ei), 0);
    assert_int_equal(indicators_build_new(1, &b), 0);
    assert_int_equal(indicators_read(b, d, &counts, NULL, NULL), 0);
    assert_int_equal(counts.whole, 6);
    assert_int_equal(indicators_freeze(b, &x), 0);
    (void)indicators_build_free(b);
    free(text);
    return x;
}

static struct warnings *
load_warnings(void)
{
    char text[] = "{\"name\":\"common\",\"type\":\"hostname\",\"list\":[\"common.example\"]}";
    struct warnings *w = NULL;
    const struct dom *d = NULL;
    struct errinfo ei = {0};
    uint32_t list;
    AUTO_ARENA(arena);

    assert_int_equal(arena_init(&arena, 1 << 16), 0);
    assert_int_equal(dom_read(text, strlen(text), &arena, &d, &ei), 0);
    assert_int_equal(warnings_new(1, &w), 0);
    assert_int_equal(warnings_read(w, d, &list, &ei), 0);
    assert_int_equal(warnings_freeze(w), 0);
    return w;
}

struct made {
    struct buf text[EXPORT_FILES];
};

static int
put(void *arg, unsigned file, struct slice bytes)
{
    struct made *m = arg;

    buf_slice(&m->text[file], bytes);
    return buf_error(&m->text[file]);
}

static void
compare(enum export_format format, unsigned file, const struct buf *got)
{
    char name[128];
    char path[1024];
    char *want;
    size_t n;

    (void)snprintf(name, sizeof name, "%s%s%s", export_format_name(format),
                   format == EXPORT_DATASET ? "." : "",
                   format == EXPORT_DATASET ? export_file_name(file) : "");
    if (rewrite) {
        FILE *f;

        (void)snprintf(path, sizeof path, "%s/%s", folder, name);
        f = fopen(path, "we");
        assert_non_null(f);
        assert_int_equal(fwrite(got->ptr, 1, got->len, f), got->len);
        (void)fclose(f);
        return;
    }
    want = read_file(name, &n);
    if (n != got->len || memcmp(want, got->ptr, n) != 0)
        fail_msg("%s differs: %.*s", name, (int)got->len, got->ptr);
    free(want);
}

static void
export_one(const struct export_options *o, const struct indicators *x, struct made *m,
           struct export_counts *counts)
{
    for (unsigned i = 0; i < EXPORT_FILES; i++)
        buf_init(&m->text[i], 1 << 20);
    assert_int_equal(export_write(x, o, put, m, counts), 0);
}

static void
release(struct made *m)
{
    for (unsigned i = 0; i < EXPORT_FILES; i++)
        buf_release(&m->text[i]);
}

static void
test_formats(void **state)
{
    struct indicators *x = load();
    struct warnings *w = load_warnings();
    struct export_options o = {.warnings = w, .sid = EXPORT_SID};
    struct export_counts counts;

    (void)state;
    assert_int_equal(time_parse(SLICE("2026-06-01T00:00:00.000000Z"), &o.at), 0);
    for (unsigned f = 0; f < EXPORT_FORMATS; f++) {
        struct made m;

        o.format = (enum export_format)f;
        export_one(&o, x, &m, &counts);
        assert_int_equal(counts.over, 1);
        assert_int_equal(counts.common, 1);
        assert_int_equal(counts.by_list[0], 1);
        assert_int_equal(counts.unsaid[ATOM_PREFIX] > 0, 1);
        for (unsigned i = 0; i < (o.format == EXPORT_DATASET ? EXPORT_FILES : 1); i++)
            compare(o.format, i, &m.text[i]);
        release(&m);
    }
    (void)warnings_free(w);
    (void)indicators_free(x);
}

static void
test_counts(void **state)
{
    struct indicators *x = load();
    struct warnings *w = load_warnings();
    struct export_options o = {.format = EXPORT_CSV,
                               .warnings = w,
                               .common_too = true,
                               .at = {INT64_C(1770000000000000)}};
    struct export_counts counts;
    struct made m;
    uint64_t written;

    (void)state;
    export_one(&o, x, &m, &counts);
    assert_int_equal(counts.common, 1);
    written = counts.written;
    release(&m);
    o.common_too = false;
    export_one(&o, x, &m, &counts);
    assert_int_equal(counts.written, written - 1);
    release(&m);
    o.at.us = 0; /* nothing has begun */
    export_one(&o, x, &m, &counts);
    assert_int_equal(counts.written, 0);
    assert_int_equal(counts.over, set_count(indicators_set(x)));
    release(&m);
    (void)warnings_free(w);
    (void)indicators_free(x);
}

static void
test_numbers(void **state)
{
    struct indicators *x = load();
    struct export_options o = {.format = EXPORT_SURICATA, .at = {INT64_C(1780000000000000)}};
    struct export_counts counts;
    struct made m;

    (void)state;
    o.sid = 1;
    export_one(&o, x, &m, &counts);
    release(&m);
    o.sid = (uint32_t)(UINT32_MAX - counts.written + 1);
    export_one(&o, x, &m, &counts);
    release(&m);
    o.sid++;
    for (unsigned i = 0; i < EXPORT_FILES; i++)
        buf_init(&m.text[i], 1 << 20);
    assert_int_equal(export_write(x, &o, put, &m, &counts), ERR_LIMIT);
    release(&m);
    (void)indicators_free(x);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_numbers),
    };

    folder = argc > 2 ? argv[2] : ".";
    rewrite = argc > 3;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
