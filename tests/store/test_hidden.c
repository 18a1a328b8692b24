/* A writer that dies between the sync of its commit and the index that names it, beside a
 * reader that lives: what a start finds then is what every later one finds. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store_priv.h"

static sqlite3_io_methods dying;
static const sqlite3_io_methods *base;

static int
sync_and_die(sqlite3_file *f, int flags)
{
    _exit(base->xSync(f, flags) == SQLITE_OK ? 0 : 1);
}

static int
put(struct store *s, const char *name)
{
    int r = store_begin(s);

    if (r == 0)
        r = store_put_meta(s, name, slice_of("x"));
    return r == 0 ? store_commit(s) : r;
}

static bool
is_there(struct store *s, const char *name)
{
    AUTO_BUF(value, 64);
    int r = store_get_meta(s, name, &value);

    assert_true(r == 0 || r == ERR_NOTFOUND);
    store_settle(s);
    return r == 0;
}

/* The first commit is made, the second one is durable and in no index. */
static void
write_and_die(const char *dir)
{
    struct errinfo ei = {0};
    struct store *s;
    sqlite3_file *wal = NULL;

    if (store_open(dir, STORE_WRITE, &s, &ei) < 0 || put(s, "told") < 0 ||
        sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&wal) !=
            SQLITE_OK)
        _exit(2);
    base = wal->pMethods;
    dying = *base;
    dying.xSync = sync_and_die;
    wal->pMethods = &dying;
    (void)!put(s, "hidden");
    _exit(3);
}

static struct store *
open_store(const char *dir, enum store_mode mode)
{
    struct errinfo ei = {0};
    struct store *s;

    assert_int_equal(store_open(dir, mode, &s, &ei), 0);
    return s;
}

static void
what_one_start_does_not_see_no_later_one_sees(void **state)
{
    char dir[] = "/tmp/detente-test.XXXXXX";
    char command[64];
    struct store *reader;
    struct store *s;
    int status = 0;
    pid_t child;

    (void)state;
    assert_non_null(mkdtemp(dir));
    s = store_close(open_store(dir, STORE_CREATE));
    reader = open_store(dir, STORE_READ);
    assert_false(is_there(reader, "told"));
    child = fork();
    if (child == 0)
        write_and_die(dir);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);

    s = open_store(dir, STORE_WRITE);
    assert_true(is_there(s, "told"));
    assert_false(is_there(s, "hidden"));
    assert_int_equal(store_make_durable(s), 0);
    store_leave(s); /* killed, too */
    s = store_close(s);
    reader = store_close(reader);

    s = open_store(dir, STORE_WRITE); /* the index is made anew */
    assert_true(is_there(s, "told"));
    assert_false(is_there(s, "hidden"));
    s = store_close(s);
    (void)snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

static void
who_reads_leaves_the_log_as_it_is(void **state)
{
    char dir[] = "/tmp/detente-test.XXXXXX";
    char path[64];
    char command[64];
    struct store *s;
    struct stat before;
    struct stat after;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/detente.db-wal", dir);
    s = open_store(dir, STORE_CREATE);
    assert_int_equal(put(s, "told"), 0);
    store_leave(s);
    s = store_close(s);
    assert_int_equal(stat(path, &before), 0);
    s = open_store(dir, STORE_READ);
    assert_true(is_there(s, "told"));
    s = store_close(s);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    (void)snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_start_does_not_see_no_later_one_sees),
        cmocka_unit_test(who_reads_leaves_the_log_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
