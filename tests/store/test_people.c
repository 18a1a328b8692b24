/* People in the store: the way from schema 1, hashes, ends, what counts once, limits. */
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sha256.h"
#include "store/erase.h"
#include "store/people.h"

struct scratch {
    char dir[64];
    struct store *store;
};

static void
begin(struct scratch *s)
{
    struct errinfo ei = {0};

    (void)snprintf(s->dir, sizeof s->dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(store_open(s->dir, STORE_CREATE, &s->store, &ei), 0);
}

static void
end(struct scratch *s)
{
    char command[96];

    s->store = store_close(s->store);
    (void)snprintf(command, sizeof command, "rm -r %s", s->dir);
    assert_int_equal(system(command), 0);
}

static struct hash
secret(unsigned n)
{
    return sha256_of(&n, sizeof n);
}

static struct utime
at(int64_t s)
{
    return (struct utime){(INT64_C(1790000000) + s) * TIME_US_PER_S};
}

static int64_t
add_person(struct store *s, const char *name, enum person_role role)
{
    struct store_person p = {.role = role, .made = at(0)};

    (void)snprintf(p.name, sizeof p.name, "%s", name);
    assert_int_equal(store_add_person(s, &p), 0);
    return p.id;
}

static void
add_access(struct store *s, enum person_credential_kind kind, unsigned n, int64_t person,
           int64_t now, int64_t life)
{
    struct store_access a = {.hash = secret(n),
                             .kind = kind,
                             .person = person,
                             .made = at(now),
                             .until = at(now + life),
                             .seen = at(now)};

    assert_int_equal(store_add_access(s, &a), 0);
}

static int
find(struct store *s, enum person_credential_kind kind, unsigned n, int64_t now)
{
    struct store_access a;
    struct store_person p;
    struct hash h = secret(n);

    return store_find_access(s, kind, &h, at(now), &a, &p);
}

/* As the first version wrote it; what is released stays readable for ever. */
static const char schema_1[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE entry(idx INTEGER PRIMARY KEY, body BLOB NOT NULL, leaf BLOB NOT NULL);"
    "CREATE TABLE tile(level INTEGER, n INTEGER, hashes BLOB NOT NULL,"
    " PRIMARY KEY(level,n)) WITHOUT ROWID;"
    "CREATE TABLE note(size INTEGER PRIMARY KEY, body BLOB NOT NULL);"
    "CREATE TABLE rule(id INTEGER PRIMARY KEY, gid INTEGER NOT NULL, sid INTEGER NOT NULL,"
    " rev INTEGER NOT NULL, name TEXT NOT NULL);"
    "CREATE TABLE sensor(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE source(id INTEGER PRIMARY KEY, prefix_len INTEGER NOT NULL,"
    " prefix BLOB NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL,"
    " lines INTEGER NOT NULL, array INTEGER NOT NULL);"
    "CREATE TABLE block(id INTEGER PRIMARY KEY, leaf INTEGER NOT NULL, segment INTEGER NOT "
    "NULL,"
    " at INTEGER NOT NULL, len INTEGER NOT NULL, events INTEGER NOT NULL,"
    " count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    " seen INTEGER NOT NULL, root BLOB NOT NULL, tables BLOB NOT NULL, salt BLOB NOT NULL,"
    " figures BLOB NOT NULL, filter BLOB NOT NULL);"
    "CREATE INDEX block_time ON block(last,first);"
    "CREATE TABLE block_key(block INTEGER PRIMARY KEY, key BLOB NOT NULL);"
    "CREATE TABLE tables(id BLOB PRIMARY KEY, datasets BLOB NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version=1;"
    "INSERT INTO counter VALUES('events',7);"
    "INSERT INTO block VALUES(1,2,0,0,9,1,1,0,0,0,x'',x'',x'',x'',x'');"
    "INSERT INTO block_key VALUES(1,zeroblob(32));";

static int
count_person(void *arg, const struct store_person *p)
{
    (void)p;
    ++*(unsigned *)arg;
    return 0;
}

static void
a_store_of_schema_1_comes_along(void **state)
{
    struct scratch s;
    struct errinfo ei = {0};
    char path[96];
    sqlite3 *db;
    uint64_t events = 0;
    uint64_t block = 0;
    unsigned people = 0;

    (void)state;
    (void)snprintf(s.dir, sizeof s.dir, "/tmp/detente-test.XXXXXX");
    assert_non_null(mkdtemp(s.dir));
    (void)snprintf(path, sizeof path, "%s/detente.db", s.dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema_1, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    /* read as it is: nobody is known there */
    assert_int_equal(store_open(s.dir, STORE_READ, &s.store, &ei), 0);
    assert_int_equal(store_each_person(s.store, count_person, &people), 0);
    assert_int_equal(people, 0);
    assert_int_equal(store_count_erased(s.store, &events), 0);
    assert_int_equal(events, 0);
    /* no table of what was erased: a key that is not there is lost */
    assert_int_equal(store_lost_key(s.store, &block), ERR_NOTFOUND);
    s.store = store_close(s.store);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE block_key SET key=x''", NULL, NULL, NULL), 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(store_open(s.dir, STORE_READ, &s.store, &ei), 0);
    assert_int_equal(store_lost_key(s.store, &block), 0);
    assert_int_equal(block, 1);
    s.store = store_close(s.store);
    for (unsigned i = 1; i <= 2; i++) { /* brought forward once, opened twice */
        char name[8];

        assert_int_equal(store_open(s.dir, STORE_WRITE, &s.store, &ei), 0);
        assert_int_equal(store_get_counter(s.store, "events", &events), 0);
        assert_int_equal(events, 7);
        (void)snprintf(name, sizeof name, "p%u", i);
        (void)add_person(s.store, name, PERSON_VIEWER);
        people = 0;
        assert_int_equal(store_each_person(s.store, count_person, &people), 0);
        assert_int_equal(people, i);
        s.store = store_close(s.store);
    }
    end(&s);
}

static void
a_name_is_one_persons_until_revoked(void **state)
{
    struct scratch s;
    struct store_person p = {.role = PERSON_VIEWER, .name = "ann", .made = at(0)};
    struct store_person got;
    int64_t first;

    (void)state;
    begin(&s);
    first = add_person(s.store, "ann", PERSON_APPROVER);
    assert_int_equal(store_add_person(s.store, &p), ERR_CONF);
    p.kind = PERSON_TOKEN; /* tokens have names of their own */
    assert_int_equal(store_add_person(s.store, &p), 0);
    add_access(s.store, CREDENTIAL_SESSION, 1, first, 0, 100);
    assert_int_equal(store_set_password(s.store, first, "hashed", NULL), 0);
    assert_int_equal(find(s.store, CREDENTIAL_SESSION, 1, 1), ERR_NOTFOUND);
    assert_int_equal(store_revoke_person(s.store, first, at(5)), 0);
    assert_int_equal(store_find_person(s.store, PERSON_HUMAN, "ann", &got), ERR_NOTFOUND);
    /* old acts can still be named; nothing secret stays */
    assert_int_equal(store_get_person(s.store, first, &got), 0);
    assert_string_equal(got.name, "ann");
    assert_int_equal(got.role, PERSON_APPROVER);
    assert_string_equal(got.password, "");
    p = (struct store_person){.role = PERSON_VIEWER, .name = "ann", .made = at(6)};
    assert_int_equal(store_add_person(s.store, &p), 0);
    assert_true(p.id > first);
    end(&s);
}

static void
what_is_over_counts_no_more(void **state)
{
    struct scratch s;
    struct hash h = secret(2);
    int64_t ann;

    (void)state;
    begin(&s);
    ann = add_person(s.store, "ann", PERSON_ANALYST);
    add_access(s.store, CREDENTIAL_LINK, 1, ann, 0, 86400);
    assert_int_equal(find(s.store, CREDENTIAL_LINK, 1, 86399), 0);
    assert_int_equal(find(s.store, CREDENTIAL_LINK, 1, 86400), ERR_NOTFOUND);
    assert_int_equal(find(s.store, CREDENTIAL_SESSION, 1, 1), ERR_NOTFOUND); /* no session */
    assert_int_equal(find(s.store, CREDENTIAL_LINK, 9, 1), ERR_NOTFOUND);
    /* a session: an hour without use, twelve in all */
    add_access(s.store, CREDENTIAL_SESSION, 2, ann, 0, 12 * 3600);
    assert_int_equal(find(s.store, CREDENTIAL_SESSION, 2, 3599), 0);
    assert_int_equal(find(s.store, CREDENTIAL_SESSION, 2, 3600), ERR_NOTFOUND);
    for (int64_t t = 3000; t < 12 * 3600; t += 3000)
        assert_int_equal(store_touch_access(s.store, &h, at(t)), 0);
    assert_int_equal(find(s.store, CREDENTIAL_SESSION, 2, 12 * 3600 - 1), 0);
    assert_int_equal(find(s.store, CREDENTIAL_SESSION, 2, 12 * 3600), ERR_NOTFOUND);
    /* a token has no idle end, and goes with its holder */
    add_access(s.store, CREDENTIAL_TOKEN, 3, ann, 0, 90 * 86400);
    assert_int_equal(find(s.store, CREDENTIAL_TOKEN, 3, 89 * 86400), 0);
    assert_int_equal(store_revoke_person(s.store, ann, at(89 * 86400)), 0);
    assert_int_equal(find(s.store, CREDENTIAL_TOKEN, 3, 89 * 86400), ERR_NOTFOUND);
    end(&s);
}

static void
of_two_uses_one_counts(void **state)
{
    struct scratch s;
    struct errinfo ei = {0};
    struct store *other = NULL;
    struct hash h = secret(1);
    int64_t ann;

    (void)state;
    begin(&s);
    ann = add_person(s.store, "ann", PERSON_ANALYST);
    add_access(s.store, CREDENTIAL_LINK, 1, ann, 0, 86400);
    assert_int_equal(store_open(s.dir, STORE_WRITE, &other, &ei), 0);
    /* both saw it */
    assert_int_equal(find(s.store, CREDENTIAL_LINK, 1, 1), 0);
    assert_int_equal(find(other, CREDENTIAL_LINK, 1, 1), 0);
    assert_int_equal(store_begin(s.store), 0);
    assert_int_equal(store_take_access(s.store, &h), 1);
    assert_int_equal(store_commit(s.store), 0);
    assert_int_equal(store_begin(other), 0);
    assert_int_equal(store_take_access(other, &h), 0);
    store_rollback(other);
    /* one that was not to be is as it was */
    add_access(s.store, CREDENTIAL_LINK, 2, ann, 0, 86400);
    h = secret(2);
    assert_int_equal(store_begin(s.store), 0);
    assert_int_equal(store_take_access(s.store, &h), 1);
    store_rollback(s.store);
    assert_int_equal(find(other, CREDENTIAL_LINK, 2, 1), 0);
    other = store_close(other);
    end(&s);
}

static void
nothing_grows_without_bound(void **state)
{
    struct scratch s;
    uint64_t n = 0;
    int64_t ann;
    int64_t bob;

    (void)state;
    begin(&s);
    ann = add_person(s.store, "ann", PERSON_ANALYST);
    bob = add_person(s.store, "bob", PERSON_VIEWER);
    add_access(s.store, CREDENTIAL_SESSION, 9999, bob, 0, 12 * 3600);
    for (unsigned i = 0; i < 100; i++)
        add_access(s.store, CREDENTIAL_SESSION, i, ann, i, 12 * 3600);
    assert_int_equal(store_count_access(s.store, ann, CREDENTIAL_SESSION, &n), 0);
    assert_int_equal(n, PERSON_SESSIONS);
    assert_int_equal(find(s.store, CREDENTIAL_SESSION, 99, 100), 0);
    assert_int_equal(find(s.store, CREDENTIAL_SESSION, 0, 100), ERR_NOTFOUND);
    assert_int_equal(find(s.store, CREDENTIAL_SESSION, 9999, 100), 0); /* bob's stays */
    /* what is over goes with the next */
    add_access(s.store, CREDENTIAL_LINK, 500, bob, 2 * 86400, 86400);
    assert_int_equal(store_count_access(s.store, ann, CREDENTIAL_SESSION, &n), 0);
    assert_int_equal(n, 0);
    end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_of_schema_1_comes_along),
        cmocka_unit_test(a_name_is_one_persons_until_revoked),
        cmocka_unit_test(what_is_over_counts_no_more),
        cmocka_unit_test(of_two_uses_one_counts),
        cmocka_unit_test(nothing_grows_without_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
