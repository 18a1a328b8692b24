/* Files followed by name: renamed away, cut and written again, missing. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sense/tail.h"

struct file {
    char dir[64];
    char path[96];
    char old[96];
};

static int
look(void *arg)
{
    return open(((struct file *)arg)->path, O_RDONLY);
}

static void
begin(struct file *f)
{
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof f->path, "%s/eve.json", f->dir);
    (void)snprintf(f->old, sizeof f->old, "%s/eve.1", f->dir);
}

static void
end(struct file *f)
{
    (void)unlink(f->path);
    (void)unlink(f->old);
    assert_int_equal(rmdir(f->dir), 0);
}

static void
put(const struct file *f, const char *mode, const char *text)
{
    FILE *to = fopen(f->path, mode);

    assert_non_null(to);
    assert_true(fputs(text, to) >= 0);
    assert_int_equal(fclose(to), 0);
}

/* What the next read gives. */
static void
expect(struct tail *t, enum tail_state state, const char *text)
{
    char got[64];
    size_t n;

    assert_int_equal(tail_read(t, got, sizeof got, &n), state);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(got, text, n);
}

static void
renamed_and_made_anew(void **state)
{
    struct file f;
    struct tail t;
    FILE *late;

    (void)state;
    begin(&f);
    tail_init(&t, look, &f);
    assert_int_equal(tail_next(&t), TAIL_MISSING);
    put(&f, "w", "one\n");
    assert_int_equal(tail_next(&t), TAIL_IDLE);
    expect(&t, TAIL_MORE, "one\n");
    expect(&t, TAIL_IDLE, "");
    assert_int_equal(rename(f.path, f.old), 0);
    /* between rename and creation the old file may still grow, and until the writer knows */
    expect(&t, TAIL_IDLE, "");
    put(&f, "w", "");
    expect(&t, TAIL_IDLE, "");
    late = fopen(f.old, "a");
    assert_non_null(late);
    assert_true(fputs("late\n", late) >= 0);
    assert_int_equal(fclose(late), 0);
    put(&f, "w", "two\n");
    expect(&t, TAIL_MORE, "late\n"); /* the old one is read to its end first */
    expect(&t, TAIL_ROTATED, "");
    assert_int_equal(tail_next(&t), TAIL_IDLE);
    expect(&t, TAIL_MORE, "two\n");
    tail_close(&t);
    end(&f);
}

static void
cut_and_written_again(void **state)
{
    struct file f;
    struct tail t;
    char head[8];
    size_t n;

    (void)state;
    begin(&f);
    put(&f, "w", "a long line\n");
    tail_init(&t, look, &f);
    assert_int_equal(tail_next(&t), TAIL_IDLE);
    expect(&t, TAIL_MORE, "a long line\n");
    put(&f, "w", "new\n");
    expect(&t, TAIL_ROTATED, "");
    assert_int_equal(tail_next(&t), TAIL_IDLE);
    assert_int_equal(tail_head(&t, head, 2, &n), 0);
    assert_int_equal(n, 2);
    assert_memory_equal(head, "ne", 2);
    assert_int_equal(tail_seek(&t, 1), 0);
    expect(&t, TAIL_MORE, "ew\n");
    tail_close(&t);
    end(&f);
}

/* Bytes come as they are: a line in two halves, more than there is room for. */
static void
in_pieces(void **state)
{
    struct file f;
    struct tail t;
    char got[4];
    size_t n;

    (void)state;
    begin(&f);
    tail_init(&t, look, &f);
    assert_int_equal(tail_next(&t), TAIL_MISSING);
    expect(&t, TAIL_MISSING, "");
    put(&f, "w", "hal");
    assert_int_equal(tail_next(&t), TAIL_IDLE);
    expect(&t, TAIL_MORE, "hal");
    expect(&t, TAIL_IDLE, "");
    put(&f, "a", "f a line\n");
    assert_int_equal(tail_read(&t, got, sizeof got, &n), TAIL_MORE);
    assert_int_equal(n, 4);
    assert_memory_equal(got, "f a ", 4);
    expect(&t, TAIL_MORE, "line\n");
    expect(&t, TAIL_IDLE, "");
    tail_close(&t);
    expect(&t, TAIL_MISSING, "");
    end(&f);
    (void)snprintf(f.path, sizeof f.path, "/");
    tail_init(&t, look, &f);
    assert_int_equal(tail_next(&t), TAIL_MISSING);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renamed_and_made_anew),
        cmocka_unit_test(cut_and_written_again),
        cmocka_unit_test(in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
