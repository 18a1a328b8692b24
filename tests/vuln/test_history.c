/* What was found from when to when, against a history that remembers all of it; scores, which
 * are kept in blocks; records of one key, put with and without a look. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vulndb/figures.h"
#include "vulndb/history.h"

static char folder[] = "/tmp/detente-test.XXXXXX";
static struct vulndb *db;

static int
begin(void **state)
{
    struct errinfo ei = {0};

    (void)state;
    return mkdtemp(folder) == NULL ? -1 : vulndb_open(folder, true, &db, &ei);
}

static int
end(void **state)
{
    static const char *const names[] = {"/vuln/vuln.db", "/vuln/vuln.db-wal",
                                        "/vuln/vuln.db-shm"};
    char path[128];

    (void)state;
    db = vulndb_close(db);
    for (size_t i = 0; i < COUNT(names); i++) {
        (void)snprintf(path, sizeof path, "%s%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof path, "%s/vuln", folder);
    return rmdir(path) | rmdir(folder);
}

/* ---- history ----------------------------------------------------------------------------- */

enum { VULNS = 5, NAMES = 3, SCANS = 40, ASSETS = 2, GONE = -1 };
static const char *const package[NAMES] = {"a", "ab", "b"};
/* By asset, scan, vulnerability and name: its state, or GONE. */
static int was[ASSETS][SCANS][VULNS][NAMES];

static struct utime
moment(int scan)
{
    return (struct utime){(int64_t)(scan + 1) * 1000};
}

static uint32_t
make_scan(int asset, int scan, uint64_t *seed, struct history_finding *to)
{
    uint32_t n = 0;

    for (unsigned v = 0; v < VULNS; v++) {
        for (unsigned k = 0; k < NAMES; k++) {
            int *s = &was[asset][scan][v][k];

            *s = scan == 0 ? GONE : was[asset][scan - 1][v][k];
            if (next_random(seed) % 4 == 0)
                *s = (int)(next_random(seed) % 4) - 1;
            if (*s != GONE)
                to[n++] = (struct history_finding){.vuln = v + 1,
                                                   .name = slice_of(package[k]),
                                                   .version = SLICE("1"),
                                                   .state = (unsigned)*s};
        }
    }
    return n;
}

struct seen {
    int asset, from, until; /* scans; -1 before the first */
    unsigned changes;
};

static int
at(int asset, int scan, unsigned v, unsigned k)
{
    return scan < 0 ? GONE : was[asset][scan][v][k];
}

static int
first_scan(int asset, int scan, unsigned v, unsigned k)
{
    while (scan > 0 && was[asset][scan - 1][v][k] != GONE)
        scan--;
    return scan;
}

static int
see_change(void *arg, const struct history_change *c)
{
    struct seen *s = arg;
    unsigned v = (unsigned)c->vuln - 1;
    unsigned k = 0;

    while (!slice_is(c->name, package[k]))
        k++;
    assert_int_equal(at(s->asset, s->from, v, k), c->was ? (int)c->before : GONE);
    assert_int_equal(at(s->asset, s->until, v, k), c->is ? (int)c->after : GONE);
    if (c->is)
        assert_int_equal(c->first.us, moment(first_scan(s->asset, s->until, v, k)).us);
    s->changes++;
    return 0;
}

static int
see_first(void *arg, uint64_t vuln, struct utime first)
{
    int asset = *(const int *)arg;
    int64_t best = INT64_MAX;

    for (unsigned k = 0; k < NAMES; k++) {
        if (was[asset][SCANS - 1][vuln - 1][k] != GONE) {
            int64_t us = moment(first_scan(asset, SCANS - 1, (unsigned)vuln - 1, k)).us;

            best = us < best ? us : best;
        }
    }
    assert_int_equal(first.us, best);
    return 0;
}

static void
compare(int asset, int from, int until)
{
    struct seen s = {.asset = asset, .from = from, .until = until};
    unsigned want = 0;

    for (unsigned v = 0; v < VULNS; v++) {
        for (unsigned k = 0; k < NAMES; k++)
            want += at(asset, from, v, k) != at(asset, until, v, k);
    }
    /* A moment between scans is as the scan before it. */
    assert_int_equal(0, vulndb_changes(db, asset + 1, (struct utime){moment(from).us + 500},
                                       (struct utime){moment(until).us}, see_change, &s));
    assert_int_equal(s.changes, want);
}

static void
test_history(void **state)
{
    struct history_finding found[VULNS * NAMES];
    struct history_counts c = {.came = 0};
    uint64_t seed = 11;
    struct utime first;
    struct utime last;

    (void)state;
    assert_int_equal(ERR_NOTFOUND, vulndb_kept(db, 1, &first, &last));
    for (int scan = 0; scan < SCANS; scan++) {
        for (int asset = 0; asset < ASSETS; asset++) {
            uint32_t n = make_scan(asset, scan, &seed, found);

            assert_int_equal(0, vulndb_begin(db));
            assert_int_equal(0, vulndb_keep(db, asset + 1, found, n, moment(scan), &c));
            assert_int_equal(ERR_INVALID,
                             vulndb_keep(db, asset + 1, found, n, moment(scan), &c));
            assert_int_equal(0, vulndb_commit(db));
        }
    }
    assert_true(c.came > 0 && c.went > 0 && c.changed > 0 && c.same > 0);
    for (int asset = 0; asset < ASSETS; asset++) {
        for (int from = -1; from < SCANS; from++) {
            for (int until = from + 1; until < SCANS; until++)
                compare(asset, from, until);
        }
        assert_int_equal(0, vulndb_first_seen(db, asset + 1, see_first, &asset));
        assert_int_equal(0, vulndb_kept(db, asset + 1, &first, &last));
        assert_int_equal(first.us, moment(0).us);
        assert_int_equal(last.us, moment(SCANS - 1).us);
    }
}

/* ---- scores ------------------------------------------------------------------------------ */

enum { SCORES = 3000 };

static void
test_scores(void **state)
{
    static uint64_t id[SCORES];
    struct vulndb_counts c = {.fresh = 0};
    struct vulndb_counts want = {.fresh = 0};
    uint64_t seed = 5;

    (void)state;
    assert_int_equal(0, vulndb_begin(db));
    vulndb_epss_begin(db);
    for (unsigned i = 0; i < SCORES; i++) {
        id[i] =
            (uint64_t)(2000 + next_random(&seed) % 30) << 32 | (i * 7 + next_random(&seed) % 7);
        assert_int_equal(0, vulndb_epss_put(db, id[i], i * 333, 1000000 - i));
    }
    assert_int_equal(0, vulndb_epss_end(db, &c));
    assert_int_equal(0, vulndb_commit(db));
    assert_true(c.fresh == SCORES && c.changed + c.same + c.gone == 0);
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(0, vulndb_begin(db));
        c = want = (struct vulndb_counts){.fresh = 0};
        vulndb_epss_begin(db);
        for (unsigned i = 0; i < SCORES; i++) {
            bool other = i % 5 == 3 && round > 0;

            if (i % 7 == 2 && round > 0) {
                want.gone++;
                continue;
            }
            want.changed += other;
            want.same += !other;
            assert_int_equal(0, vulndb_epss_put(db, id[i], i * 333 + other, 1000000 - i));
        }
        if (round > 0)
            assert_int_equal(0, vulndb_epss_put(db, UINT64_C(2090) << 32 | 1, 1, 1));
        want.fresh = round;
        assert_int_equal(0, vulndb_epss_end(db, &c));
        assert_true(c.fresh == want.fresh && c.changed == want.changed && c.same == want.same &&
                    c.gone == want.gone && c.firsts == (round > 0 ? VULNDB_FIRST : 0));
        vulndb_rollback(db);
    }
    for (unsigned i = 0; i < SCORES; i++) {
        struct figures f;

        assert_int_equal(0, vulndb_figures(db, id[i], &f));
        assert_true(f.has_epss && f.epss == i * 333 && f.percentile == 1000000 - i);
        figures_release(&f);
        assert_int_equal(ERR_NOTFOUND, vulndb_figures(db, id[i] ^ (UINT64_C(64) << 32), &f));
        figures_release(&f);
    }
}

/* ---- records ----------------------------------------------------------------------------- */

static void
put(unsigned n, const char *range, int64_t modified, struct vulndb_counts *c)
{
    uint64_t vuln = UINT64_C(2030) << 32 | n;
    struct vulndb_affect affect = {
        .space = SLICE("PyPI"), .name = SLICE("x"), .range = slice_of(range)};
    struct vulndb_record r = {.kind = FEED_NVD,
                              .modified = {modified},
                              .vuln = &vuln,
                              .vulns = 1,
                              .affect = &affect,
                              .affects = 1};

    assert_int_equal(0, vulndb_put(db, &r, c));
}

static void
test_records(void **state)
{
    struct vulndb_counts c = {.fresh = 0};

    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        c = (struct vulndb_counts){.fresh = 0};
        assert_int_equal(0, vulndb_begin(db));
        vulndb_file_begin(db);
        for (unsigned i = 0; i < 10; i++)
            put(i, "one", 5, &c);
        put(3, "another", 5, &c); /* the same key again: a part of it */
        put(20, "one", 5, &c);
        assert_int_equal(0, vulndb_file_end(db, FEED_NVD, &c));
        assert_int_equal(0, vulndb_commit(db));
        assert_int_equal(c.fresh, round == 0 ? 11 : 0);
        assert_int_equal(c.same, round == 0 ? 0 : 11);
        assert_int_equal(c.twice, 1);
        assert_int_equal(c.gone, 0);
    }
    c = (struct vulndb_counts){.fresh = 0};
    assert_int_equal(0, vulndb_begin(db));
    vulndb_file_begin(db);
    put(30, "one", 5, &c);
    put(3, "one", 6, &c);
    put(31, "one", 5, &c);
    put(4, "one", 4, &c);
    put(32, "one", 5, &c);
    assert_int_equal(0, vulndb_file_end(db, FEED_NVD, &c));
    assert_true(c.fresh == 3 && c.changed == 1 && c.older == 1 && c.same == 0);
    assert_int_equal(c.gone, 1); /* the other part of 3 */
    vulndb_rollback(db);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_history),
                                       cmocka_unit_test(test_scores),
                                       cmocka_unit_test(test_records)};

    return cmocka_run_group_tests(tests, begin, end);
}
