/* Published totals: what is withheld, the note and its values, and notes of those who mean no
 * good. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/totals.h"
#include "model/event.h"
#include "wire/jcs.h"

#define DAY_US (INT64_C(86400) * TIME_US_PER_S)

static struct skey key;
static struct skey other;

static struct totals_row networks[] = {{64500, 25}, {64511, 12}};
static struct totals_row economies[] = {{COUNTRY('X', 'A'), 37}};

static struct totals
some(void)
{
    return (struct totals){
        .pact = SLICE("aland-bland"),
        .party = SLICE("aland"),
        .from = {100 * DAY_US},
        .until = {101 * DAY_US},
        .sight = {.day = {{99, 0}, {100, 97}}, .days = 2, .canaries = 84, .found = 81},
        .least = 10,
        .events = 44,
        .networks = {networks, 2, 1, 3, 4},
        .economies = {economies, 1, 0, 0, 7}};
}

static int
set_up(void **state)
{
    static const uint8_t seed[KEY_SEED] = {1};
    static const uint8_t second[KEY_SEED] = {2};

    (void)state;
    return key_init() < 0 ||
           skey_make(SLICE("aland.example/detente/log"), KEY_ED25519, seed, &key) < 0 ||
           skey_make(SLICE("bland.example/detente/log"), KEY_ED25519, second, &other) < 0;
}

static int
written(const struct totals *t, struct buf *note)
{
    struct errinfo ei = {0};

    return totals_write(note, (struct utime){t->until.us + 1}, t, &key, &ei);
}

/* ---- what may be published ----------------------------------------------------------------
 */

static void
rows_of_few_events_are_withheld_and_counted(void **state)
{
    struct totals_row rows[] = {{5, 9}, {4, 10}, {9, 3}, {1, 40}, {3, 10}, {7, 0}};
    struct totals_part part = {.unknown = 5};

    (void)state;
    totals_choose(rows, COUNT(rows), 10, &part);
    assert_int_equal(part.count, 3);
    assert_int_equal(part.rows_withheld, 2);
    assert_int_equal(part.withheld, 12);
    assert_int_equal(part.unknown, 5);
    assert_true(part.row[0].key == 1 && part.row[1].key == 3 && part.row[2].key == 4);
    totals_choose(rows, 0, 10, &part);
    assert_true(part.count == 0 && part.rows_withheld == 0 && part.withheld == 0);
}

static void
so_are_those_past_the_longest_list(void **state)
{
    struct totals_row *rows = calloc(TOTALS_ROWS + 7, sizeof *rows);
    struct totals_part part;

    (void)state;
    assert_non_null(rows);
    for (unsigned i = 0; i < TOTALS_ROWS + 7; i++)
        rows[i] = (struct totals_row){i + 1, 100 + i};
    totals_choose(rows, TOTALS_ROWS + 7, 10, &part);
    assert_int_equal(part.count, TOTALS_ROWS);
    assert_int_equal(part.rows_withheld, 7);
    assert_int_equal(part.withheld, 7 * 100 + 21);
    assert_int_equal(part.row[0].key, 8);
    free(rows);
}

/* ---- notes --------------------------------------------------------------------------------
 */

static void
a_note_gives_back_what_it_was_made_of(void **state)
{
    const struct role_key keys[] = {{SLICE("bland"), other.vkey, {0}, {0}},
                                    {SLICE("aland"), key.vkey, {0}, {0}}};
    static const char text[] =
        "detente-totals/1\n{\"at\":\"1970-04-12T00:00:00.000001Z\",\"canaries\":[81,84],"
        "\"coverage\":[[\"1970-04-10\",0],[\"1970-04-11\",97]],\"economies\":[[\"XA\",37]],"
        "\"economies_unknown\":7,\"economies_withheld\":[0,0],\"events\":44,"
        "\"from\":\"1970-04-11T00:00:00.000000Z\",\"least\":10,"
        "\"networks\":[[64500,25],[64511,12]],\"networks_unknown\":4,"
        "\"networks_withheld\":[1,3],\"pact\":\"aland-bland\",\"party\":\"aland\","
        "\"until\":\"1970-04-12T00:00:00.000000Z\"}\n";
    struct totals_room *room = malloc(sizeof *room);
    struct totals t = some();
    struct errinfo ei = {0};
    struct statement s;
    struct totals got;
    AUTO_BUF(note, NOTE_MAX);

    (void)state;
    assert_non_null(room);
    assert_int_equal(written(&t, &note), 0);
    assert_int_equal(statement_verify(buf_get(&note), STATEMENT_TOTALS,
                                      (struct role_keys){keys, 2}, t.until, &s, &ei),
                     0);
    assert_true(slice_is(s.text, text)); /* the golden one */
    assert_true(slice_is(s.by->party, "aland"));
    assert_int_equal(totals_read(&s, room, &got), 0);
    assert_true(slice_eq(got.pact, t.pact) && slice_eq(got.party, t.party));
    assert_true(got.from.us == t.from.us && got.until.us == t.until.us && got.events == 44);
    assert_true(got.networks.count == 2 && got.networks.row[1].key == 64511 &&
                got.networks.row[1].events == 12 && got.networks.unknown == 4 &&
                got.networks.rows_withheld == 1 && got.networks.withheld == 3);
    assert_true(got.sight.days == 2 && got.sight.day[0].day == 99 &&
                got.sight.day[1].day == 100 && got.sight.day[1].percent == 97 &&
                got.sight.canaries == 84 && got.sight.found == 81);
    assert_true(got.economies.count == 1 && got.economies.row[0].key == COUNTRY('X', 'A') &&
                got.economies.unknown == 7);
    free(room);
}

static void
the_party_itself_must_sign(void **state)
{
    const struct role_key wrong[] = {{SLICE("bland"), key.vkey, {0}, {0}}};
    const struct role_key not_his[] = {{SLICE("aland"), other.vkey, {0}, {0}}};
    const struct role_key late[] = {{SLICE("aland"), key.vkey, {102 * DAY_US}, {0}}};
    struct totals t = some();
    struct errinfo ei = {0};
    struct statement s;
    AUTO_BUF(note, NOTE_MAX);
    char *digit;

    (void)state;
    assert_int_equal(written(&t, &note), 0);
    assert_int_equal(statement_verify(buf_get(&note), STATEMENT_TOTALS,
                                      (struct role_keys){wrong, 1}, t.until, &s, &ei),
                     ERR_PROOF);
    assert_int_equal(statement_verify(buf_get(&note), STATEMENT_TOTALS,
                                      (struct role_keys){not_his, 1}, t.until, &s, &ei),
                     ERR_PROOF);
    assert_int_equal(statement_verify(buf_get(&note), STATEMENT_TOTALS,
                                      (struct role_keys){late, 1}, t.until, &s, &ei),
                     ERR_PROOF);
    digit = memmem(note.ptr, note.len, "64511,12", 8); /* and nobody may change it */
    assert_non_null(digit);
    digit[4] = '2';
    assert_int_equal(
        statement_verify(
            buf_get(&note), STATEMENT_TOTALS,
            (struct role_keys){&(struct role_key){SLICE("aland"), key.vkey, {0}, {0}}, 1},
            t.until, &s, &ei),
        ERR_PROOF);
}

static void
parts_that_do_not_fit_are_not_written(void **state)
{
    struct totals_row few[] = {{64500, 9}};
    struct totals_row twice[] = {{64500, 12}, {64500, 25}};
    AUTO_BUF(note, NOTE_MAX);
    struct totals t = some();

    (void)state;
    t.events = 45;
    assert_int_equal(written(&t, &note), ERR_INVALID);
    t = some();
    t.least = 9;
    assert_int_equal(written(&t, &note), ERR_INVALID);
    t = some();
    t.until.us++;
    assert_int_equal(written(&t, &note), ERR_INVALID);
    t = some();
    t.from = t.until;
    assert_int_equal(written(&t, &note), ERR_INVALID);
    t = some();
    t.networks = (struct totals_part){few, 1, 0, 0, 35};
    assert_int_equal(written(&t, &note), ERR_INVALID);
    t = some();
    t.networks.row = twice;
    assert_int_equal(written(&t, &note), ERR_INVALID);
    t = some();
    t.networks.rows_withheld = 4; /* of 3 events */
    assert_int_equal(written(&t, &note), ERR_INVALID);
    t = some();
    t.party = SLICE("Aland");
    assert_int_equal(written(&t, &note), ERR_INVALID);
    assert_int_equal(note.len, 0);
}

/* The note with one thing changed, signed all the same. */
static int
twisted(const char *from, const char *into)
{
    static char text[NOTE_MAX];
    struct totals t = some();
    struct errinfo ei = {0};
    struct statement s;
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(again, NOTE_MAX);
    const char *at;

    assert_int_equal(written(&t, &note), 0);
    assert_int_equal(statement_read(buf_get(&note), STATEMENT_TOTALS, &s, &ei), 0);
    at = memmem(s.text.ptr, s.text.len, from, strlen(from));
    assert_non_null(at);
    (void)snprintf(text, sizeof text, "%.*s%s%.*s", (int)(at - s.text.ptr), s.text.ptr, into,
                   (int)(s.text.len - (size_t)(at - s.text.ptr) - strlen(from)),
                   at + strlen(from));
    assert_int_equal(note_sign(slice_of(text), &key, &again), 0);
    return statement_read(buf_get(&again), STATEMENT_TOTALS, &s, &ei);
}

static void
notes_that_mean_no_good_are_refused(void **state)
{
    static const char *const all[][2] = {
        {"\"events\":44", "\"events\":18446744073709551660"},
        {"\"events\":44", "\"events\":9007199254740993"},
        {"\"events\":44", "\"events\":-44"},
        {"\"events\":44", "\"events\":4.4e1"},
        {"\"events\":44", "\"events\":\"44\""},
        {"[64500,25]", "[4294967296,25]"},
        {"[64500,25]", "[0,25]"},
        {"[64500,25]", "[64500,25,1]"},
        {"[64500,25]", "[64500]"},
        {"[64500,25]", "64500"},
        {"[64500,25]", "[\"AS64500\",25]"},
        {"[64500,25],[64511,12]", "[64511,12],[64500,25]"},
        {"[64500,25]", "[64500,18446744073709551641]"},
        {"[64500,25]", "[64500,-25]"},
        {"[\"XA\",37]", "[\"xa\",37]"},
        {"[\"XA\",37]", "[\"XAA\",37]"},
        {"[\"XA\",37]", "[\"\",37]"},
        {"[\"XA\",37]", "[\"<b>a name that is no economy's and longer than any</b>\",37]"},
        {"[1,3]", "[1]"},
        {"[1,3]", "[0,3]"},
        {"[1,3]", "[1,18446744073709551619]"},
        {"[1,3]", "{}"},
        {"\"networks_unknown\":4", "\"networks_unknown\":3"},
        {"\"party\":\"aland\"", "\"party\":\"aland\",\"person\":\"x\""},
        {"\"party\":\"aland\"", "\"party\":\"\""},
        {"\"least\":10", "\"least\":1"},
        {"\"least\":10", "\"least\":0"}, /* with statistics all the same */
        {"[81,84]", "[85,84]"},
        {"[81,84]", "[-1,84]"},
        {"[81,84]", "[81]"},
        {"[\"1970-04-10\",0]", "[\"1970-04-10\",101]"},
        {"[\"1970-04-10\",0]", "[\"1970-04-10\",-1]"},
        {"[\"1970-04-10\",0]", "[\"1970-04-12\",0]"},
        {"[\"1970-04-10\",0]", "[\"1970-04-31\",0]"},
        {"[\"1970-04-10\",0]", "[\"1970-4-10\",0]"},
        {"[\"1970-04-10\",0]", "[\"1970-04-10T\",0]"},
        {"[\"1970-04-10\",0]", "[\"1970-04-10\"]"},
        {"[\"1970-04-11\",97]", "[\"1970-04-12\",97]"}, /* it is not there yet */
        {"detente-totals/1", "detente-totals/2"},
    };

    (void)state;
    assert_int_equal(twisted("\"events\":44", "\"events\":44"), 0);
    for (unsigned i = 0; i < COUNT(all); i++) {
        if (twisted(all[i][0], all[i][1]) != ERR_INVALID)
            fail_msg("%u: %s", i, all[i][1]);
    }
}

/* Where the pact lets no statistics be published there is coverage alone. */
static void
a_note_without_statistics_has_coverage(void **state)
{
    struct totals_room *room = malloc(sizeof *room);
    struct totals t = some();
    struct errinfo ei = {0};
    struct statement s;
    struct totals got;
    AUTO_BUF(note, NOTE_MAX);

    (void)state;
    assert_non_null(room);
    t.least = t.events = 0;
    t.networks = t.economies = (struct totals_part){NULL, 0, 0, 0, 0};
    assert_int_equal(written(&t, &note), 0);
    assert_int_equal(statement_read(buf_get(&note), STATEMENT_TOTALS, &s, &ei), 0);
    assert_int_equal(totals_read(&s, room, &got), 0);
    assert_true(got.least == 0 && got.sight.days == 2 && got.networks.count == 0);
    free(room);
}

static void
more_rows_than_a_note_may_have_are_refused(void **state)
{
    static char rows[40 * (TOTALS_ROWS + 1)];
    struct totals_row *all = calloc(TOTALS_ROWS, sizeof *all);
    struct totals t = some();
    size_t at = 0;
    AUTO_BUF(note, NOTE_MAX);

    (void)state;
    for (unsigned i = 0; i <= TOTALS_ROWS; i++)
        at += (size_t)snprintf(rows + at, sizeof rows - at, "%s[%u,25]", i > 0 ? "," : "",
                               64500 + i);
    assert_int_equal(twisted("[64500,25],[64511,12]", rows), ERR_INVALID);

    assert_non_null(all); /* as many as there may be, as long as they may be */
    for (unsigned i = 0; i < TOTALS_ROWS; i++)
        all[i] = (struct totals_row){UINT32_MAX - TOTALS_ROWS + i, 9007199254};
    t.events = UINT64_C(9007199254) * TOTALS_ROWS;
    t.networks = (struct totals_part){all, TOTALS_ROWS, 0, 0, 0};
    t.economies = (struct totals_part){NULL, 0, 0, 0, t.events};
    assert_int_equal(written(&t, &note), 0);
    assert_true(note.len < NOTE_MAX / 2);
    free(all);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_few_events_are_withheld_and_counted),
        cmocka_unit_test(so_are_those_past_the_longest_list),
        cmocka_unit_test(a_note_gives_back_what_it_was_made_of),
        cmocka_unit_test(the_party_itself_must_sign),
        cmocka_unit_test(parts_that_do_not_fit_are_not_written),
        cmocka_unit_test(notes_that_mean_no_good_are_refused),
        cmocka_unit_test(a_note_without_statistics_has_coverage),
        cmocka_unit_test(more_rows_than_a_note_may_have_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
