/* Published totals at a node: its own, once a period, and what is taken of a counterpart's:
 * test_totals PACT ANNEX. */
#include "treaty_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/totals.h"
#include "ledger/leaf.h"
#include "role/shelf.h"
#include "role/totals.h"
#include "store/sight.h"
#include "wire/jcs.h"

#define DAY_US (INT64_C(86400) * TIME_US_PER_S)

/* The log's key of bland, as treaty_set.c makes it. */
static struct skey
log_of_bland(void)
{
    static const uint8_t seed[KEY_SEED] = {10, 'b'};
    struct skey key;

    assert_int_equal(skey_make(SLICE("bland.example/detente/log"), KEY_ED25519, seed, &key), 0);
    return key;
}

static struct utime
midnight(void)
{
    return (struct utime){now_us - now_us % DAY_US};
}

static void
note_of(const char *party, const struct skey *key, struct utime until, struct buf *ret)
{
    static const struct totals_row networks[] = {{64510, 25}, {64511, 40}};
    const struct totals t = {.pact = SLICE("aland-bland"),
                             .party = slice_of(party),
                             .from = {until.us - DAY_US},
                             .until = until,
                             .least = 10,
                             .events = 70,
                             .networks = {networks, 2, 0, 0, 5},
                             .economies = {NULL, 0, 1, 9, 61}};
    struct errinfo ei = {0};

    buf_reset(ret);
    assert_int_equal(totals_write(ret, (struct utime){until.us + 1}, &t, key, &ei), 0);
}

static struct store_wanted
wanted(const char *party, struct utime until, struct slice note)
{
    struct store_wanted w = {.leaf = 7,
                             .kind = WANTED_TOTALS,
                             .pact = SLICE("aland-bland"),
                             .party = slice_of(party),
                             .sequence = (uint64_t)(until.us / TIME_US_PER_S)};
    struct note n;
    struct errinfo ei;

    assert_int_equal(note_parse(note, NOTE_MAX, &n, &ei), 0);
    w.sha256 = sha256_of(n.text.ptr, n.text.len);
    return w;
}

static int
hear(struct scratch *s, const struct book *b, const struct store_wanted *w, struct slice note)
{
    return treaty_note(&s->t, w, &b->pact[0], note, &s->ei);
}

static uint64_t
newest(struct scratch *s, const char *party)
{
    uint64_t ret = 1;

    assert_int_equal(totals_newest(s->n.store, SLICE("aland-bland"), slice_of(party), &ret), 0);
    return ret;
}

static void
those_of_a_counterpart_are_taken(void **state)
{
    struct skey key = log_of_bland();
    struct utime until = midnight();
    struct scratch s;
    struct book *b;
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(json, 1 << 20);
    AUTO_BUF(canonical, 1 << 20);
    struct store_wanted w;
    uint64_t before;

    (void)state;
    begin(&s);
    put_base(&s);
    b = load(&s);
    before = leaves(&s);
    note_of("bland", &key, until, &note);
    w = wanted("bland", until, buf_get(&note));
    assert_int_equal(newest(&s, "bland"), 0);
    assert_int_equal(hear(&s, b, &w, buf_get(&note)), 0);
    assert_int_equal(newest(&s, "bland"), w.sequence);
    assert_int_equal(leaves(&s), before); /* it is no word of ours */
    note_of("bland", &key, (struct utime){until.us - DAY_US}, &note);
    w = wanted("bland", (struct utime){until.us - DAY_US}, buf_get(&note));
    assert_int_equal(hear(&s, b, &w, buf_get(&note)), 0); /* an older one is passed over */
    assert_int_equal(newest(&s, "bland"), (uint64_t)(until.us / TIME_US_PER_S));

    assert_int_equal(totals_json(s.n.store, b, NULL, &json), 0);
    assert_int_equal(jcs_canonical(buf_get(&json), &canonical, NULL), JCS_OK);
    assert_non_null(memmem(canonical.ptr, canonical.len,
                           "\"networks\":[{\"asn\":64511,\"events\":40,\"name\":\"\"},", 48));
    assert_non_null(memmem(canonical.ptr, canonical.len, "\"own\":false", 11));
    (void)book_free(b);
    end(&s);
}

static void
expect_refused(struct scratch *s, const struct book *b, const struct store_wanted *w,
               struct slice note, const char *why)
{
    assert_int_equal(hear(s, b, w, note), ERR_INVALID);
    if (strstr(s->ei.text, why) == NULL)
        fail_msg("%s: %s", why, s->ei.text);
    assert_int_equal(newest(s, "bland"), 0);
}

static void
those_that_mean_no_good_are_not(void **state)
{
    struct skey key = log_of_bland();
    struct utime until = midnight();
    struct utime later = {until.us + 2 * DAY_US};
    struct scratch s;
    struct book *b;
    AUTO_BUF(note, NOTE_MAX);
    struct store_wanted w;
    char *digit;

    (void)state;
    begin(&s);
    put_base(&s);
    b = load(&s);
    note_of("bland", &keys.bland_message, until, &note); /* a key for another job */
    w = wanted("bland", until, buf_get(&note));
    expect_refused(&s, b, &w, buf_get(&note), "no key that may sign it");
    note_of("aland", &key, until, &note); /* in another's name */
    w = wanted("bland", until, buf_get(&note));
    expect_refused(&s, b, &w, buf_get(&note), "no key that may sign it");
    note_of("bland", &key, until, &note); /* under another's leaf */
    w = wanted("bland", later, buf_get(&note));
    expect_refused(&s, b, &w, buf_get(&note), "not what the leaf says");
    w = wanted("bland", until, buf_get(&note));
    w.pact = SLICE("aland-eve");
    expect_refused(&s, b, &w, buf_get(&note), "not what the leaf says");
    w = wanted("bland", until, buf_get(&note));
    w.sha256.byte[0] ^= 1;
    expect_refused(&s, b, &w, buf_get(&note), "not what the leaf says");
    w = wanted("bland", until, buf_get(&note));
    w.party = SLICE("eve");
    expect_refused(&s, b, &w, buf_get(&note), "no party of the pact");
    digit = memmem(note.ptr, note.len, "64511,40", 8);
    assert_non_null(digit);
    digit[6] = '5'; /* changed under way */
    w = wanted("bland", until, buf_get(&note));
    expect_refused(&s, b, &w, buf_get(&note), "");
    note_of("bland", &key, later, &note); /* which would stand for ever */
    w = wanted("bland", later, buf_get(&note));
    expect_refused(&s, b, &w, buf_get(&note), "in the future");
    expect_refused(&s, b, &w, SLICE("detente-totals/1\n{}\n"), "");
    b->pact[0].pact->third_parties = "none";
    note_of("bland", &key, until, &note);
    w = wanted("bland", until, buf_get(&note));
    expect_refused(&s, b, &w, buf_get(&note), "third_parties");
    (void)book_free(b);
    end(&s);
}

static void
publish_all(struct scratch *s, struct totals_maker *m, const struct book *b)
{
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(totals_step(m, b, &s->ei), 0);
}

static int
get(struct scratch *s, const struct book *b, uint64_t until, struct buf *ret)
{
    const struct totals_which which = {SLICE("aland-bland"), SLICE("aland"), until};

    (void)b;
    buf_reset(ret);
    return totals_get(s->n.store, &which, ret);
}

static void
our_own_are_published_once_a_period(void **state)
{
    struct totals_maker *m = NULL;
    uint64_t first = (uint64_t)(midnight().us / TIME_US_PER_S);
    struct statement st;
    struct scratch s;
    struct book *b;
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(json, 1 << 16);
    uint64_t before;
    int64_t now = now_us += INT64_C(3600) * TIME_US_PER_S; /* past what is late */

    (void)state;
    begin(&s);
    put_base(&s);
    b = load(&s);
    before = leaves(&s);
    assert_int_equal(totals_open(s.n.engine, &m, &s.ei), 0);
    assert_int_equal(totals_step(m, NULL, &s.ei), 0); /* no pact */
    publish_all(&s, m, b);
    assert_int_equal(leaves(&s),
                     before); /* nothing came, and nobody watched for the pact yet */
    m = totals_close(m);
    b->pact[0].party[b->pact[0].self].annex[0].witnessed.us = midnight().us - DAY_US;
    assert_int_equal(totals_open(s.n.engine, &m, &s.ei), 0);
    publish_all(&s, m, b);
    assert_int_equal(leaves(&s), before + 1);
    assert_int_equal(newest(&s, "aland"), first);
    assert_int_equal(get(&s, b, first, &note), 0);
    assert_int_equal(statement_verify(buf_get(&note), STATEMENT_TOTALS,
                                      b->pact[0].keys[ANNEX_LOG], (struct utime){now_us}, &st,
                                      &s.ei),
                     0);
    assert_int_equal(get(&s, b, first + 1, &note), ERR_NOTFOUND);
    for (int day = 1; day <= 3; day++) { /* the newest two are there to be fetched */
        now_us = now + day * DAY_US;
        publish_all(&s, m, b);
        assert_int_equal(newest(&s, "aland"), first + (uint64_t)day * 86400);
        now_us += 2 * TOTALS_LOOK_US;
        publish_all(&s, m, b);
        assert_int_equal(leaves(&s), before + 1 + (uint64_t)day);
    }
    assert_int_equal(get(&s, b, first + (uint64_t)2 * 86400, &note), 0);
    assert_int_equal(get(&s, b, first + (uint64_t)86400, &note), ERR_NOTFOUND);
    b->pact[0].pact->third_parties = "none"; /* coverage alone */
    now_us = now + 4 * DAY_US;
    publish_all(&s, m, b);
    assert_int_equal(newest(&s, "aland"), first + (uint64_t)4 * 86400);
    assert_int_equal(get(&s, b, 0, &note), 0);
    assert_non_null(memmem(note.ptr, note.len, "\"events\":0", 10));
    assert_non_null(memmem(note.ptr, note.len, "\"least\":0", 9));
    assert_int_equal(totals_json(s.n.store, b, NULL, &json), 0);
    assert_true(slice_is(buf_get(&json), "[]"));
    now_us = now;
    m = totals_close(m);
    (void)book_free(b);
    end(&s);
}

/* Watched by `ppm` of its space all that time, heartbeat by heartbeat. */
static void
beat(struct scratch *s, int64_t from, int64_t until, uint32_t ppm)
{
    assert_int_equal(store_begin(s->n.store), 0);
    for (int64_t at = from; at < until; at += SIGHT_HOUR_US) {
        const struct store_beat b = {
            SLICE("aland-bland"), {at}, {at + SIGHT_HOUR_US}, ppm, 2, 2};

        assert_int_equal(store_put_beat(s->n.store, &b), 0);
    }
    assert_int_equal(store_commit(s->n.store), 0);
}

/* What is published of that period, and no more than heartbeats leave. */
static struct verdict_sight
sight_of(struct scratch *s, const struct book *b, int64_t from, int64_t until, uint32_t most)
{
    const struct totals_ask a = {s->n.store, &b->pact[0], (unsigned)b->pact[0].self,
                                 {from},     {until},     most};
    struct verdict_sight ret;

    assert_int_equal(totals_sight_of(&a, &ret), 0);
    return ret;
}

static void
what_was_seen_is_published_by_the_day(void **state)
{
    struct totals_maker *m = NULL;
    struct verdict_sight got;
    int64_t day;
    int64_t now = now_us;
    struct scratch s;
    struct book *b;
    struct book_annex *annex;
    AUTO_BUF(note, NOTE_MAX);

    (void)state;
    begin(&s);
    put_base(&s);
    b = load(&s);
    day = midnight().us;
    annex = &b->pact[0].party[b->pact[0].self].annex[0];
    annex->annex->valid_from.us = annex->witnessed.us = day;
    b->pact[0].pact->from.us = day;
    got = sight_of(&s, b, day, day + DAY_US, 1000000);
    assert_true(!got.known && got.at_most_ppm == 1000000); /* nothing yet */
    beat(&s, day, day + DAY_US, 974000);
    beat(&s, day + DAY_US, day + 3 * DAY_US / 2, 800000); /* then its sensors end */
    now_us = day + 2 * DAY_US + 2 * TOTALS_GRACE_US;
    assert_int_equal(totals_open(s.n.engine, &m, &s.ei), 0);
    publish_all(&s, m, b);
    m = totals_close(m);
    assert_int_equal(get(&s, b, (uint64_t)((day + 2 * DAY_US) / TIME_US_PER_S), &note), 0);
    assert_non_null(memmem(note.ptr, note.len, "\",97],[\"", 8)); /* rounded down */
    assert_non_null(memmem(note.ptr, note.len, "\",40]],\"", 8));
    assert_non_null(memmem(note.ptr, note.len, "\"canaries\":[0,0]", 16));
    got = sight_of(&s, b, day, day + DAY_US, 1000000);
    assert_true(got.known && got.published && got.coverage_ppm == 970000);
    got = sight_of(&s, b, day, day + 2 * DAY_US, 1000000);
    assert_true(got.known && got.coverage_ppm == 685000);
    assert_int_equal(sight_of(&s, b, day, day + 2 * DAY_US, 500000).coverage_ppm, 500000);
    got = sight_of(&s, b, day + 2 * DAY_US, now_us, 1000000); /* none of its days */
    assert_false(got.known);
    got = sight_of(&s, b, day + DAY_US, day + 5 * DAY_US, 1000000); /* it publishes no more */
    assert_false(got.known);
    now_us = now;
    (void)book_free(b);
    end(&s);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_of_a_counterpart_are_taken),
        cmocka_unit_test(those_that_mean_no_good_are_not),
        cmocka_unit_test(our_own_are_published_once_a_period),
        cmocka_unit_test(what_was_seen_is_published_by_the_day),
    };

    if (argc != 3 || key_init() < 0) {
        (void)fprintf(stderr, "usage: test_totals PACT ANNEX\n");
        return 2;
    }
    treaty_set(argv[1], argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
