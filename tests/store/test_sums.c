/* Sums of pages: a flipped bit is found, in a new store, one that came from an earlier schema,
 * and a copy. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/store.h"
#include "store/sums.h"

struct scratch {
    char dir[64];
    char path[80];
};

static void
begin(struct scratch *s)
{
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    (void)snprintf(s->path, sizeof s->path, "%s/detente.db", s->dir);
}

static void
end(const struct scratch *s)
{
    char command[96];

    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

/* Some pages of each kind, all of them in the database, none in the write-ahead log. */
static void
fill(const struct scratch *s, enum store_mode mode)
{
    static const char body[6000];
    struct errinfo ei = {0};
    struct store *store;

    assert_int_equal(store_open(s->dir, mode, &store, &ei), 0);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_add_counter(store, "lines", 561), 0);
    assert_int_equal(store_put_meta(store, "long", (struct slice){body, sizeof body}), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(store_check(store), 0);
    store = store_close(store);
}

static void
flip(const char *path, off_t at)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    unsigned char byte;

    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= (unsigned char)(1U << at % 8);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    assert_int_equal(close(fd), 0);
}

static void
is_found(const struct scratch *s, off_t at)
{
    struct errinfo ei = {0};
    struct store *store = NULL;
    uint64_t lines = 0;
    int r;

    flip(s->path, at);
    r = store_open(s->dir, STORE_READ, &store, &ei);
    if (r == 0) {
        assert_true(store_get_counter(store, "lines", &lines) < 0 || lines == 561);
        assert_true(store_check(store) < 0);
        store = store_close(store);
    }
    flip(s->path, at);
}

static void
each_flip_is_found(const struct scratch *s, off_t step)
{
    struct errinfo ei = {0};
    struct store *store;
    struct stat st;

    assert_int_equal(stat(s->path, &st), 0);
    assert_true(st.st_size > 20 * 4096);
    for (off_t at = 0; at < 100; at++) /* the header: what says that there are sums, too */
        is_found(s, at);
    for (off_t at = 100; at < st.st_size; at += step)
        is_found(s, at);
    assert_int_equal(store_open(s->dir, STORE_READ, &store, &ei), 0);
    assert_int_equal(store_check(store), 0);
    store = store_close(store);
}

static void
a_flipped_bit_of_a_page_is_found(void **state)
{
    struct scratch s;

    (void)state;
    begin(&s);
    fill(&s, STORE_CREATE);
    each_flip_is_found(&s, 97);
    end(&s);
}

/* As schema 3 was, of what is looked at here. */
static const char schema_3[] =
    "PRAGMA journal_mode=WAL;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE rule(id INTEGER PRIMARY KEY, gid INTEGER NOT NULL, sid INTEGER NOT NULL,"
    " rev INTEGER NOT NULL, name TEXT NOT NULL);"
    "INSERT INTO counter VALUES('lines',561);"
    "INSERT INTO meta VALUES('long',zeroblob(80000));"
    "PRAGMA user_version=3;";

static void
an_older_store_gets_sums(void **state)
{
    struct scratch s;
    struct errinfo ei = {0};
    struct store *store;
    uint64_t lines;
    sqlite3 *db;

    (void)state;
    begin(&s);
    assert_int_equal(sqlite3_open(s.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema_3, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    for (int i = 0; i < 3; i++) { /* read as it is, brought forward, opened again */
        assert_int_equal(store_open(s.dir, i == 0 ? STORE_READ : STORE_WRITE, &store, &ei), 0);
        assert_int_equal(store_get_counter(store, "lines", &lines), 0);
        assert_int_equal(lines, 561);
        assert_int_equal(store_check(store), 0);
        store = store_close(store);
    }
    each_flip_is_found(&s, 503);
    end(&s);
}

static void
a_copy_has_sums(void **state)
{
    struct scratch s;
    struct scratch copy;
    struct errinfo ei = {0};
    struct store *store;

    (void)state;
    begin(&s);
    begin(&copy);
    fill(&s, STORE_CREATE);
    assert_int_equal(store_open(s.dir, STORE_WRITE, &store, &ei), 0);
    /* what stands in the write-ahead log alone is copied too */
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_meta(store, "more", slice_of("x")), 0);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(store_copy(store, copy.path), 0);
    store = store_close(store);
    each_flip_is_found(&copy, 503);
    end(&copy);
    end(&s);
}

/* A key that is told apart from all other bytes. */
static void
key_of(unsigned n, char ret[32])
{
    struct hash h = sha256_of(&n, sizeof n);

    memcpy(ret, h.byte, 32);
}

enum { ROWS = 6000 };

/* Rows come, and every other time one of them goes, somewhere. */
static void
let_rows_come_and_go(sqlite3 *db, bool there[ROWS])
{
    uint64_t random = 1;
    sqlite3_stmt *put;
    sqlite3_stmt *drop;
    char key[32];

    assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO k VALUES(?1,?2)", -1, &put, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "DELETE FROM k WHERE id=?1", -1, &drop, NULL),
                     SQLITE_OK);
    for (unsigned i = 0; i < ROWS; i++) {
        unsigned gone;

        key_of(i, key);
        there[i] = true;
        assert_int_equal(sqlite3_bind_int(put, 1, (int)i), SQLITE_OK);
        assert_int_equal(sqlite3_bind_blob(put, 2, key, sizeof key, SQLITE_STATIC), SQLITE_OK);
        assert_int_equal(sqlite3_step(put), SQLITE_DONE);
        assert_int_equal(sqlite3_reset(put), SQLITE_OK);
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        gone = (unsigned)(random >> 33) % (i + 1);
        if (random >> 63 == 0)
            continue;
        there[gone] = false;
        assert_int_equal(sqlite3_bind_int(drop, 1, (int)gone), SQLITE_OK);
        assert_int_equal(sqlite3_step(drop), SQLITE_DONE);
        assert_int_equal(sqlite3_reset(drop), SQLITE_OK);
    }
    assert_int_equal(sqlite3_finalize(put), SQLITE_OK);
    assert_int_equal(sqlite3_finalize(drop), SQLITE_OK);
}

static void
what_is_deleted_is_in_no_page(void **state)
{
    static bool there[ROWS];
    struct scratch s;
    struct sums sums;
    sqlite3 *db;
    struct stat file;
    char *bytes;
    char key[32];
    int fd;

    (void)state;
    begin(&s);
    assert_int_equal(sqlite3_open(s.path, &db), SQLITE_OK);
    assert_int_equal(sums_begin(&sums, db, false), SQLITE_OK);
    assert_int_equal(sums_reserve(db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON;"
                                  "CREATE TABLE k(id INTEGER PRIMARY KEY, key BLOB); BEGIN",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    let_rows_come_and_go(db, there);
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK); /* and nothing is left in the log */
    assert_int_equal(stat(s.path, &file), 0);
    bytes = malloc((size_t)file.st_size);
    assert_non_null(bytes);
    fd = open(s.path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, bytes, (size_t)file.st_size), file.st_size);
    assert_int_equal(close(fd), 0);
    for (unsigned i = 0; i < ROWS; i++) {
        key_of(i, key);
        assert_int_equal(memmem(bytes, (size_t)file.st_size, key, sizeof key) != NULL,
                         there[i]);
    }
    free(bytes);
    end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flipped_bit_of_a_page_is_found),
        cmocka_unit_test(an_older_store_gets_sums),
        cmocka_unit_test(a_copy_has_sums),
        cmocka_unit_test(what_is_deleted_is_in_no_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
