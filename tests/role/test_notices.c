/* From what sensors see to a notice, and what a pact lets nobody do with notices. */
#include "two.h"

#include <stdio.h>
#include <stdlib.h>

static void
what_sensors_see_becomes_a_notice(void **state)
{
    static const char *const origins[] = {"198.51.100.7", "2001:db8:b::7"};
    struct case_file c;
    struct two t;
    struct half *a = &t.half[0];
    struct half *b = &t.half[1];

    (void)state;
    for (unsigned i = 0; i < COUNT(origins); i++) {
        two_begin(&t);
        two_in_force(&t);
        two_attack(a, origins[i], 4, 2);       /* one is missing */
        two_attack(a, "198.51.100.33", 20, 2); /* a known scanner */
        two_attack(a, "203.0.113.7", 20, 2);   /* nobody's */
        two_attack(a, "198.51.100.9", 20, 1);  /* one target alone */
        two_pass(&t, 20);
        assert_int_equal(two_incidents(a), 0);
        two_attack(a, origins[i], 1, 2);
        two_pass(&t, 5);
        assert_int_equal(two_incidents(a), 1);
        assert_int_equal(two_state(a, "aland-1"), INCIDENT_RECEIVED);
        assert_int_equal(two_state(b, "aland-1"), INCIDENT_RECEIVED);
        two_attack(a, origins[i], 30, 2); /* the same goes on: no other */
        two_pass(&t, 20);
        assert_int_equal(two_incidents(a), 1);
        assert_int_equal(two_incidents(b), 1);
        /* The evidence stood under a checkpoint that the other cosigned: E2. */
        assert_int_equal(case_read(b->n.store, &b->book->pact[0], SLICE("aland-1"),
                                   (struct utime){t.now}, &c),
                         0);
        {
            struct store_message m;
            struct envelope e;
            uint64_t n;

            assert_int_equal(case_bytes(b->n.store, &c, c.now.notice, &m), 0);
            assert_int_equal(envelope_read(m.bytes, &e, NULL), MESSAGE_FINE);
            assert_int_equal(envelope_number(&e, "e_grade", &n), 0);
            assert_int_equal(n, 2);
            assert_int_equal(envelope_number(&e, "events", &n), 0);
            assert_int_equal(n, 5);
            assert_int_equal(envelope_number(&e, "targets", &n), 0);
            assert_int_equal(n, 2);
        }
        case_release(&c);
        two_end(&t);
    }
}

/* Clocks differ by what is agreed: words count when they come, and what is said of them is said
 * behind them.  No clock of theirs is a node's end. */
static void
clocks_that_differ(void **state)
{
    static const int64_t ahead[] = {20, 290, -20, -290};

    (void)state;
    for (size_t i = 0; i < COUNT(ahead); i++) {
        struct two t;

        two_begin(&t);
        t.ahead[0] = ahead[i] * 1000000;
        two_in_force(&t);
        two_pass(&t, 300); /* they are for both */
        two_attack(&t.half[0], "198.51.100.7", 5, 2);
        two_pass(&t, 10);
        for (unsigned k = 0; k < 2; k++)
            assert_int_equal(two_state(&t.half[k], "aland-1"), INCIDENT_RECEIVED);
        assert_int_equal(two_say(&t.half[1], MESSAGE_INQUIRY, "aland-1",
                                 "{\"missing\":[\"flows\"],\"text\":\"\"}", NULL),
                         0);
        two_pass(&t, 10);
        assert_int_equal(two_state(&t.half[0], "aland-1"), INCIDENT_INQUIRY);
        assert_int_equal(two_say(&t.half[0], MESSAGE_WITHDRAW, "aland-1",
                                 "{\"cause\":\"other\",\"reason\":\"A test.\"}", NULL),
                         0);
        two_pass(&t, 10);
        for (unsigned k = 0; k < 2; k++) {
            assert_int_equal(two_state(&t.half[k], "aland-1"), INCIDENT_CLOSED);
            assert_int_equal(t.half[k].ended, 0);
            assert_int_equal(two_fault(&t.half[k]), PEER_FINE);
        }
        two_end(&t);
    }
}

/* It was found, and the node died before its notice. */
static void
a_notice_outlives_the_node(void **state)
{
    struct two_lie lie = {.path = "witness", .status = 503};
    struct two t;

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    t.meddle = two_tell_lie;
    t.arg = &lie;
    two_attack(&t.half[0], "198.51.100.7", 6, 2);
    two_pass(&t, 60);
    assert_int_equal(two_incidents(&t.half[0]), 1);
    assert_int_equal(two_state(&t.half[0], "aland-1"), INCIDENT_NONE);
    two_kill(&t, 0);
    two_start(&t, 0);
    t.meddle = NULL;
    two_pass(&t, 10);
    assert_int_equal(two_incidents(&t.half[0]), 1);
    assert_int_equal(two_state(&t.half[0], "aland-1"), INCIDENT_RECEIVED);
    assert_int_equal(two_state(&t.half[1], "aland-1"), INCIDENT_RECEIVED);
    two_end(&t);
}

/* Four were seen, the node died, and the fifth makes it; what is open then stays one. */
static void
judging_outlives_the_node(void **state)
{
    struct two t;
    struct half *a = &t.half[0];

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    two_attack(a, "198.51.100.7", 4, 2);
    two_pass(&t, 20);
    two_kill(&t, 0);
    two_start(&t, 0);
    two_pass(&t, 5);
    assert_int_equal(two_incidents(a), 0);
    two_attack(a, "198.51.100.7", 1, 2);
    two_pass(&t, 5);
    assert_int_equal(two_incidents(a), 1);
    for (unsigned i = 0; i < 3; i++) {
        two_kill(&t, 0);
        two_start(&t, 0);
        two_attack(a, "198.51.100.7", 10, 2);
        two_attack(a, "198.51.100.9", 4, 2); /* … and 4, and 4 … */
        two_pass(&t, 5);
        assert_int_equal(two_incidents(a), i == 0 ? 1 : 2);
    }
    /* What is judged and was not kept yet when it died is judged again, and told once. */
    two_attack(a, "198.51.100.11", 6, 2);
    two_kill(&t, 0);
    two_start(&t, 0);
    two_pass(&t, 10);
    assert_int_equal(two_incidents(a), 3);
    assert_int_equal(two_state(&t.half[1], "aland-3"), INCIDENT_RECEIVED);
    two_end(&t);
}

/* Nobody can veto a notice by withholding a signature. */
static void
a_notice_waits_no_longer_than_agreed(void **state)
{
    struct two_lie lie = {.path = "witness", .status = 503};
    struct two t;

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    t.meddle = two_tell_lie;
    t.arg = &lie;
    two_attack(&t.half[0], "198.51.100.7", 6, 2);
    two_pass(&t, 14 * 60);
    assert_int_equal(two_incidents(&t.half[0]), 1);
    assert_int_equal(two_state(&t.half[0], "aland-1"), INCIDENT_NONE);
    two_pass(&t, 120);
    assert_int_equal(two_state(&t.half[0], "aland-1"), INCIDENT_RECEIVED);
    assert_int_equal(two_state(&t.half[1], "aland-1"), INCIDENT_RECEIVED);
    two_end(&t);
}

/* Nobody can be said to have received what it was not given, until both have said that it was
 * they who were silent. */
static void
a_notice_that_does_not_arrive_is_undelivered(void **state)
{
    struct case_file c;
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 3);
    t.half[0].mute = t.half[1].mute = true;
    two_notice(&t.half[0], "aland-1", NULL);
    for (unsigned hours = 1; hours <= 2; hours++) {
        two_pass_by(&t, 3600, INT64_C(60) * 1000000);
        assert_int_equal(case_read(t.half[0].n.store, &t.half[0].book->pact[0],
                                   SLICE("aland-1"), (struct utime){t.now}, &c),
                         0);
        assert_int_equal(c.now.incident.state, INCIDENT_NOTIFIED);
        assert_int_equal(c.now.incident.undelivered, hours == 2);
        assert_int_equal(c.now.incident.overdue, hours == 2 ? 1U << DUE_RECEIPT : 0U);
        case_release(&c);
        store_settle(t.half[0].n.store);
    }
    t.half[0].mute = t.half[1].mute = false;
    two_pass(&t, 90);
    assert_int_equal(two_state(&t.half[0], "aland-1"), INCIDENT_RECEIVED);
    assert_int_equal(two_state(&t.half[1], "aland-1"), INCIDENT_RECEIVED);
    two_end(&t);
}

/* ---- what a pact lets nobody do ---- */

static unsigned
rows_of(struct half *h)
{
    struct case_name *names;
    unsigned count;

    assert_int_equal(case_names(h->n.store, false, &names, &count), 0);
    store_settle(h->n.store);
    free(names);
    return count;
}

/* Whoever keeps to the pact says no more than it takes; whoever does not is named, and what it
 * sends opens nothing, however much of it. */
static void
a_flood_of_notices_opens_no_more_than_the_pact_takes(void **state)
{
    enum { MOST = 3, FLOOD = 100 };
    struct peer_state s;
    uint64_t leaves;
    struct tree_head head;
    char name[32];
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 3);
    t.half[0].book->pact[0].pact->notices_per_day = MOST;
    t.half[1].book->pact[0].pact->notices_per_day = MOST;
    for (unsigned i = 1; i <= MOST; i++) {
        (void)snprintf(name, sizeof name, "bland-%u", i);
        assert_int_equal(two_notice_as(&t.half[1], name, "high"), 0);
    }
    assert_int_equal(two_notice_as(&t.half[1], "bland-4", "high"), ERR_LIMIT);
    two_pass(&t, 10);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    ledger_head(engine_ledger(t.half[0].n.engine), &head);
    leaves = head.size;
    t.half[1].book->pact[0].pact->notices_per_day = 1000000; /* it does not care any more */
    for (unsigned i = MOST + 1; i <= MOST + FLOOD; i++) {
        (void)snprintf(name, sizeof name, "bland-%u", i);
        assert_int_equal(two_notice_as(&t.half[1], name, "high"), 0);
    }
    two_pass(&t, 300);
    peers_state(t.half[0].peers, 0, &s);
    assert_int_equal(s.fault, PEER_FLOODS);
    assert_non_null(strstr(s.why, "100 notices too many today"));
    assert_int_equal(rows_of(&t.half[0]), MOST);
    assert_int_equal(two_state(&t.half[0], "bland-3"), INCIDENT_RECEIVED);
    assert_int_equal(two_state(&t.half[0], "bland-4"), INCIDENT_NONE);
    /* what came is a leaf each, and no more than so many of them are answered */
    ledger_head(engine_ledger(t.half[0].n.engine), &head);
    assert_in_range(head.size - leaves, FLOOD, FLOOD + TALK_REJECTS + 5);
    two_pass_by(&t, 86400, INT64_C(600) * 1000000);
    two_pass(&t, 10);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    assert_int_equal(two_notice_as(&t.half[1], "bland-500", "high"), 0);
    two_pass(&t, 10);
    assert_int_equal(two_state(&t.half[0], "bland-500"), INCIDENT_RECEIVED);
    assert_int_equal(two_state(&t.half[1], "bland-500"), INCIDENT_RECEIVED);
    two_end(&t);
}

/* Nobody has more open than the pact takes, and the one in which all further are counted; one
 * that was closed makes room for another. */
static void
a_flood_of_open_incidents_is_named(void **state)
{
    enum { MOST = 3, ALL = MOST + 1 };
    struct peer_state s;
    char name[32];
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 3);
    for (unsigned i = 0; i < 2; i++)
        t.half[i].book->pact[0].pact->open_per_obligation = MOST;
    for (unsigned i = 1; i <= ALL; i++) {
        (void)snprintf(name, sizeof name, "bland-%u", i);
        assert_int_equal(two_notice_as(&t.half[1], name, "high"), 0);
    }
    assert_int_equal(two_notice_as(&t.half[1], "bland-5", "high"), ERR_LIMIT);
    two_pass(&t, 10);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    assert_int_equal(rows_of(&t.half[0]), ALL);
    two_notice(&t.half[0], "aland-1", NULL); /* the other way they are counted apart */
    t.half[1].book->pact[0].pact->open_per_obligation = 1000;
    for (unsigned i = ALL + 1; i <= ALL + 4; i++) {
        (void)snprintf(name, sizeof name, "bland-%u", i);
        assert_int_equal(two_notice_as(&t.half[1], name, "high"), 0);
    }
    two_pass(&t, 20);
    peers_state(t.half[0].peers, 0, &s);
    assert_int_equal(s.fault, PEER_FLOODS);
    assert_non_null(strstr(s.why, "4 notices too many today"));
    assert_int_equal(rows_of(&t.half[0]), ALL + 1);
    assert_int_equal(two_state(&t.half[0], "bland-4"), INCIDENT_RECEIVED);
    assert_int_equal(two_state(&t.half[0], "bland-5"), INCIDENT_NONE);
    assert_int_equal(two_say(&t.half[1], MESSAGE_WITHDRAW, "bland-2",
                             "{\"cause\":\"other\",\"reason\":\"A test.\"}", NULL),
                     0);
    assert_int_equal(two_notice_as(&t.half[1], "bland-9", "high"), 0);
    two_pass(&t, 10);
    assert_int_equal(two_state(&t.half[0], "bland-9"), INCIDENT_RECEIVED);
    two_pass_by(&t, 86400, INT64_C(600) * 1000000);
    two_pass(&t, 10);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    two_end(&t);
}

/* An incident has room for what is meant: words beyond that are kept, and nobody reads them. */
static void
a_flood_of_words_is_named(void **state)
{
    enum { MOST = 20, FLOOD = 60 };
    static const char update[] =
        "{\"count\":9,\"e_grade\":2,\"events\":9,\"evidence\":[],\"first\":"
        "\"2026-09-21T14:00:00.000000Z\",\"last\":\"2026-09-21T14:10:00.000000Z\","
        "\"o_grade\":1,\"targets\":2,\"text\":\"\"}";
    struct case_file c;
    struct peer_state s;
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 3);
    two_notice(&t.half[1], "bland-1", NULL);
    t.half[0].talk.words = MOST;
    for (unsigned i = 0; i < FLOOD; i++)
        assert_int_equal(two_say(&t.half[1], MESSAGE_UPDATE, "bland-1", update, NULL), 0);
    two_pass(&t, 30);
    peers_state(t.half[0].peers, 0, &s);
    assert_int_equal(s.fault, PEER_FLOODS);
    assert_non_null(strstr(s.why, "41 words too many today"));
    assert_int_equal(case_read(t.half[0].n.store, &t.half[0].book->pact[0], SLICE("bland-1"),
                               (struct utime){t.now}, &c),
                     0);
    assert_in_range(c.count, MOST, 2 * MOST); /* the other's, and what was said to it */
    case_release(&c);
    store_settle(t.half[0].n.store);
    assert_int_equal(two_state(&t.half[0], "bland-1"), INCIDENT_RECEIVED);
    assert_int_equal(t.half[0].ended, 0);
    /* Whoever keeps to it says no more than that. */
    t.half[1].talk.words = MOST;
    assert_int_equal(two_say(&t.half[1], MESSAGE_UPDATE, "bland-1", update, NULL), ERR_LIMIT);
    two_end(&t);
}

/* Nobody is made to answer without end. */
static void
a_flood_of_pings_is_named(void **state)
{
    enum { FLOOD = 30 };
    static char body[64];
    struct tree_head before;
    struct tree_head after;
    struct peer_state s;
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 3);
    ledger_head(engine_ledger(t.half[0].n.engine), &before);
    for (unsigned i = 0; i < TALK_CHANNEL + FLOOD; i++) {
        (void)snprintf(body, sizeof body, "{\"nonce\":\"%032x\"}", i);
        assert_int_equal(two_say(&t.half[1], MESSAGE_PING, "", body, NULL), 0);
    }
    two_pass(&t, 120);
    peers_state(t.half[0].peers, 0, &s);
    assert_int_equal(s.fault, PEER_FLOODS);
    assert_non_null(strstr(s.why, "30 words too many today"));
    assert_int_equal(s.missing, 0);
    ledger_head(engine_ledger(t.half[0].n.engine), &after);
    assert_in_range(after.size - before.size, 2 * TALK_CHANNEL + FLOOD,
                    2 * TALK_CHANNEL + FLOOD + 5);
    two_pass_by(&t, 86400, INT64_C(600) * 1000000);
    two_pass(&t, 10);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    two_end(&t);
}

/* A word of an incident that nobody opened, or that is not told of yet, leaves no row and
 * changes none. */
static void
words_without_an_incident_open_none(void **state)
{
    struct two_lie lie = {.path = "witness", .status = 503};
    AUTO_BUF(before, CASE_JSON);
    AUTO_BUF(bytes, ENVELOPE_MAX);
    struct store_incident row;
    struct two t;

    (void)state;
    two_begin(&t);
    two_in_force(&t);
    t.meddle = two_tell_lie;
    t.arg = &lie;
    two_attack(&t.half[0], "198.51.100.7", 6, 2);
    two_pass(&t, 30);
    assert_int_equal(
        store_get_incident(t.half[0].n.store, SLICE("aland-bland"), SLICE("aland-1"), &row), 0);
    buf_slice(&before, row.told);
    store_settle(t.half[0].n.store);
    two_craft(&t.half[1],
              &(struct two_craft){.type = MESSAGE_ACK,
                                  .incident = "aland-1",
                                  .body = "{\"auto\":false,\"notice\":"
                                          "\"22222222222222222222222222222222222222222222222222"
                                          "22222222222222\",\"reference\":\"\"}"},
              &bytes, NULL);
    buf_reset(&bytes);
    two_craft(&t.half[1],
              &(struct two_craft){.type = MESSAGE_WITHDRAW,
                                  .incident = "bland-77",
                                  .body = "{\"cause\":\"other\",\"reason\":\"A test.\"}"},
              &bytes, NULL);
    two_pass(&t, 10);
    assert_int_equal(rows_of(&t.half[0]), 1);
    assert_int_equal(
        store_get_incident(t.half[0].n.store, SLICE("aland-bland"), SLICE("aland-1"), &row), 0);
    assert_true(slice_eq(row.told, buf_get(&before)));
    store_settle(t.half[0].n.store);
    t.meddle = NULL;
    two_pass(&t, 10);
    assert_int_equal(two_state(&t.half[0], "aland-1"), INCIDENT_RECEIVED);
    two_end(&t);
}

/* Sixty-four spans of a second each, from so many seconds after the cut began. */
static void
state_gaps(struct half *h, int64_t from, unsigned first)
{
    AUTO_BUF(body, 8192);

    buf_text(&body, "{\"cause\":\"unknown\",\"received_last\":\"\",\"sent_last\":\"\","
                    "\"size_seen\":1,\"spans\":[");
    for (unsigned i = 0; i < 64; i++) {
        char at[2][TIME_TEXT + 1] = {"", ""};
        int64_t us = from + (first + 2 * i) * INT64_C(1000000);

        time_format((struct utime){us}, at[0]);
        time_format((struct utime){us + 1000000}, at[1]);
        buf_printf(&body, "%s[\"%s\",\"%s\"]", i == 0 ? "" : ",", at[0], at[1]);
    }
    buf_text(&body, "],\"text\":\"\"}");
    buf_char(&body, '\0');
    assert_int_equal(two_say(h, MESSAGE_GAP_STATEMENT, "", body.ptr, NULL), 0);
}

/* More gaps than anybody keeps, in and beside the one that the other stated itself: neither
 * node ends, what is open goes on, and both see the same of it. */
static void
a_flood_of_gaps_ends_nobody(void **state)
{
    struct two t;

    (void)state;
    for (unsigned beside = 0; beside < 2; beside++) {
        int64_t from;

        two_begin(&t);
        two_pass(&t, 90);
        two_notice(&t.half[0], "aland-1", NULL);
        two_pass(&t, 10);
        from = t.now;
        /* It does not say what it should. */
        t.half[1].book->pact[0].pact->out_of_contact_after.us *= 1000;
        t.half[1].mute = true;
        two_pass_by(&t, 8 * 3600, INT64_C(300) * 1000000);
        t.half[1].mute = false;
        two_pass(&t, 130);
        for (unsigned i = 0; i < 17; i++)
            state_gaps(&t.half[1], from, beside * 86400 + 10 + i * 130);
        two_pass(&t, 30);
        assert_int_equal(two_say(&t.half[1], MESSAGE_INQUIRY, "aland-1",
                                 "{\"missing\":[\"flows\"],\"text\":\"\"}", NULL),
                         0);
        two_pass(&t, 30);
        for (unsigned i = 0; i < 2; i++) {
            assert_int_equal(t.half[i].ended, 0);
            assert_int_equal(two_state(&t.half[i], "aland-1"), INCIDENT_INQUIRY);
            assert_int_equal(two_fault(&t.half[i]), PEER_FINE);
        }
        two_end(&t);
    }
}

/* The severity is the obligation's. */
static void
a_false_severity_opens_nothing(void **state)
{
    struct pact_severity severity[1];
    struct pact *pact;
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 3);
    assert_int_equal(two_notice_as(&t.half[1], "bland-1", "worst"), ERR_CONF);
    pact = t.half[1].book->pact[0].pact;
    severity[0] = pact->severity[0];
    severity[0].id = "worst";
    pact->severity = severity; /* it goes by another pact than it signed */
    assert_int_equal(two_notice_as(&t.half[1], "bland-1", "worst"), 0);
    two_pass(&t, 10);
    assert_int_equal(two_state(&t.half[0], "bland-1"), INCIDENT_NONE);
    assert_int_equal(two_try(&t.half[0], MESSAGE_ACK, "bland-1",
                             "{\"auto\":false,\"notice\":\"22222222222222222222222222222222"
                             "22222222222222222222222222222222\",\"reference\":\"\"}"),
                     ERR_CONF);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    two_end(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_sensors_see_becomes_a_notice),
        cmocka_unit_test(clocks_that_differ),
        cmocka_unit_test(judging_outlives_the_node),
        cmocka_unit_test(a_notice_outlives_the_node),
        cmocka_unit_test(a_notice_waits_no_longer_than_agreed),
        cmocka_unit_test(a_notice_that_does_not_arrive_is_undelivered),
        cmocka_unit_test(a_flood_of_notices_opens_no_more_than_the_pact_takes),
        cmocka_unit_test(a_flood_of_open_incidents_is_named),
        cmocka_unit_test(a_flood_of_words_is_named),
        cmocka_unit_test(a_flood_of_pings_is_named),
        cmocka_unit_test(words_without_an_incident_open_none),
        cmocka_unit_test(a_flood_of_gaps_ends_nobody),
        cmocka_unit_test(a_false_severity_opens_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
