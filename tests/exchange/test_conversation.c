/* From messages to the state: chains and forks, disputed times, the pact, receipts that are
 * none; and the time out of contact. */
#include "party.h"

#include <stdio.h>
#include <stdlib.h>

#include "exchange/contact.h"
#include "exchange/conversation.h"

static const char *pact_path;
static struct pact *pact;
static struct pact_terms terms;

/* ---- a scene: what both said, by leaf ---- */

struct scene {
    struct said said[32];
    struct fate fate[32];
    unsigned count;
    struct chain chain[2];
    struct conversation_case c;
    struct conversation got;
};

static struct scene scene_;

static struct scene *
scene(void)
{
    memset(&scene_, 0, sizeof scene_);
    scene_.c = (struct conversation_case){
        .terms = &terms.terms, .clock_skew_max = pact->clock_skew_max, .said = scene_.said};
    return &scene_;
}

/* One more message; gives its number.  about: number of the message it names, or -1. */
static unsigned
add(struct scene *s, bool from_aland, enum message_type type, int64_t at, const char *body,
    int about)
{
    AUTO_BUF(b, ENVELOPE_MAX);
    struct said *said = &s->said[s->count];
    struct envelope e;

    say(&b, &s->chain[from_aland], from_aland, type, "aland-1", AT(at),
        body != NULL ? body : good_body(type));
    assert_int_equal(envelope_read(buf_get(&b), &e, NULL), MESSAGE_FINE);
    said_read(&e, pact, said);
    if (about >= 0)
        said->about = s->said[about].id;
    said->leaf = s->count;
    return s->count++;
}

static void
fold(struct scene *s, int64_t now)
{
    s->c.count = s->count;
    assert_int_equal(conversation_fold(&s->c, AT(now), &s->got, s->fate), 0);
}

static void
expect(struct scene *s, int64_t now, enum incident_state state, unsigned rejected)
{
    fold(s, now);
    assert_string_equal(incident_state_name(s->got.incident.state), incident_state_name(state));
    assert_int_equal(s->got.rejected, rejected);
}

static void
expect_fate(const struct scene *s, unsigned message, const char *name)
{
    assert_string_equal(fate_name(&s->fate[message]), name);
}

enum { N = true, O = false }; /* who speaks: the notifier, the origin */

/* ---- chains ---- */

static void
a_fork_is_shown_and_the_first_counts(void **state)
{
    struct scene *s = scene();
    unsigned notice = add(s, N, MESSAGE_NOTICE, 0, NULL, -1);
    struct chain before;
    unsigned one;
    unsigned two;

    (void)state;
    (void)add(s, O, MESSAGE_RECEIPT, 60, NULL, (int)notice);
    before = s->chain[O];
    one = add(s, O, MESSAGE_ACK, 120, NULL, (int)notice);
    s->chain[O] = before;
    two = add(s, O, MESSAGE_INQUIRY, 130, NULL, -1);
    (void)add(s, O, MESSAGE_ANSWER, 200, NULL, -1); /* follows the second: not in the chain */
    expect(s, 300, INCIDENT_ACKNOWLEDGED, 2);
    expect_fate(s, one, "");
    expect_fate(s, two, "chain");
    expect_fate(s, two + 1, "chain");
    assert_true(s->fate[one].fork && s->fate[two].fork && !s->fate[two + 1].fork);
    s->said[one].leaf = 10; /* the other stands first in the log */
    s->said[two + 1].leaf = 11;
    expect(s, 300, INCIDENT_INQUIRY, 2); /* and its answer has to wait for evidence */
    expect_fate(s, one, "chain");
    expect_fate(s, two, "");
    expect_fate(s, two + 1, "INQUIRY");
}

static void
what_is_missing_is_waited_for(void **state)
{
    struct scene *s = scene();
    unsigned notice = add(s, N, MESSAGE_NOTICE, 0, NULL, -1);
    struct said hidden;

    (void)state;
    (void)add(s, O, MESSAGE_RECEIPT, 60, NULL, (int)notice);
    (void)add(s, O, MESSAGE_ACK, 120, NULL, (int)notice);
    hidden = s->said[1];
    s->said[1] = s->said[2];
    s->count = 2;
    expect(s, 300, INCIDENT_NOTIFIED, 1);
    expect_fate(s, 1, "chain");
    assert_false(s->fate[1].fork);
    s->said[s->count++] = hidden;
    expect(s, 300, INCIDENT_ACKNOWLEDGED, 0);
}

static void
twice_is_once(void **state)
{
    struct scene *s = scene();
    unsigned notice = add(s, N, MESSAGE_NOTICE, 0, NULL, -1);

    (void)state;
    (void)add(s, O, MESSAGE_RECEIPT, 60, NULL, (int)notice);
    s->said[s->count] = s->said[1];
    s->said[s->count++].leaf = 7; /* logged again */
    s->said[s->count] = s->said[0];
    s->count++;
    expect(s, 300, INCIDENT_RECEIVED, 0);
    assert_false(s->fate[1].fork || s->fate[2].fork);
}

static void
the_order_of_arrival_is_nothing(void **state)
{
    struct scene *s = scene();
    unsigned notice = add(s, N, MESSAGE_NOTICE, 0, NULL, -1);
    uint64_t random = 7;

    (void)state;
    (void)add(s, O, MESSAGE_RECEIPT, 60, NULL, (int)notice);
    (void)add(s, O, MESSAGE_ACK, 120, NULL, (int)notice);
    (void)add(s, O, MESSAGE_ANSWER, 180, NULL, -1);
    (void)add(s, O, MESSAGE_ACTION, 200, NULL, -1);
    (void)add(s, N, MESSAGE_ACTIVITY, 300, NULL, -1);
    (void)add(s, N, MESSAGE_ESCALATE, 400, NULL, -1);
    for (unsigned round = 0; round < 50; round++) {
        unsigned i = (unsigned)(next_random(&random) % s->count);
        unsigned k = (unsigned)(next_random(&random) % s->count);
        struct said other = s->said[i];

        s->said[i] = s->said[k];
        s->said[k] = other;
        expect(s, 500, INCIDENT_ACKNOWLEDGED, 1); /* nothing is overdue */
        assert_int_equal(s->said[s->got.notice].m.type, INCIDENT_NOTICE);
    }
}

/* ---- time ---- */

static void
backdating_does_not_help(void **state)
{
    struct scene *s = scene();
    unsigned notice = add(s, N, MESSAGE_NOTICE, 0, NULL, -1);
    unsigned ack;

    (void)state;
    (void)add(s, O, MESSAGE_RECEIPT, 60, NULL, (int)notice);
    ack = add(s, O, MESSAGE_ACK, 80000, NULL, (int)notice); /* due after 24 h */
    s->said[ack].not_before = AT(90000);
    expect(s, 100000, INCIDENT_ACKNOWLEDGED, 0);
    assert_true(s->fate[ack].disputed && s->fate[ack].counts.us == AT(90000).us);
    assert_int_equal(s->got.incident.late, 1U << DUE_ACKNOWLEDGE);
    s->said[ack].not_after = AT(95000); /* the later bound */
    fold(s, 100000);
    assert_true(s->fate[ack].disputed && s->fate[ack].counts.us == AT(95000).us);
    s->said[ack].not_before = AT(80300); /* within the skew */
    fold(s, 100000);
    assert_false(s->fate[ack].disputed);
    assert_int_equal(s->got.incident.late, 0);
    s->said[ack].not_after = AT(79700);
    fold(s, 100000);
    assert_false(s->fate[ack].disputed);
    s->said[ack].not_after = AT(79699); /* cosigned before it was said */
    fold(s, 100000);
    assert_true(s->fate[ack].disputed && s->fate[ack].counts.us == AT(79699).us);
}

/* From when a notice counts, before anything is folded: its receipt is due from then. */
static void
a_message_alone_says_from_when_it_counts(void **state)
{
    const struct span skew = {300 * TIME_US_PER_S};
    const struct utime none = {INT64_MIN};
    struct said x = {.m = {.at = AT(80000)}};
    struct utime got;

    (void)state;
    assert_true(said_counts(&x, skew, none, &got) && got.us == AT(80000).us);
    x.not_before = AT(80300); /* within the skew */
    x.not_after = AT(80400);
    assert_true(said_counts(&x, skew, none, &got) && got.us == AT(80000).us);
    x.not_before = AT(98000); /* backdated by five hours */
    x.not_after = (struct utime){0};
    assert_false(said_counts(&x, skew, none, &got));
    assert_int_equal(got.us, AT(98000).us);
    x.not_after = AT(98020); /* the later bound */
    assert_false(said_counts(&x, skew, none, &got));
    assert_int_equal(got.us, AT(98020).us);
    x.not_before = x.not_after = (struct utime){0};
    assert_false(said_counts(&x, skew, AT(80001), &got)); /* before what was said before it */
    assert_int_equal(got.us, AT(80001).us);
}

static void
nobody_goes_back_in_time(void **state)
{
    struct scene *s = scene();
    unsigned notice = add(s, N, MESSAGE_NOTICE, 0, NULL, -1);
    unsigned back;

    (void)state;
    (void)add(s, O, MESSAGE_RECEIPT, 60, NULL, (int)notice);
    (void)add(s, N, MESSAGE_UPDATE, 500, NULL, -1);
    back = add(s, N, MESSAGE_UPDATE, 400, NULL, -1);
    fold(s, 1000);
    assert_true(s->fate[back].disputed && s->fate[back].counts.us == AT(500).us);
    expect_fate(s, back, "");
}

/* ---- the pact ---- */

/* text with the first `what` made `with`; stays until the next but one. */
static const char *
swap(const char *text, const char *what, const char *with)
{
    static char room[2][8192];
    static unsigned turn;
    const char *at = strstr(text, what);
    AUTO_BUF(b, sizeof room[0]);

    assert_non_null(at);
    buf_add(&b, text, (size_t)(at - text));
    buf_text(&b, with);
    buf_text(&b, at + strlen(what));
    buf_char(&b, '\0');
    assert_int_equal(buf_error(&b), 0);
    turn ^= 1;
    memcpy(room[turn], b.ptr, b.len);
    return room[turn];
}

static const char *
notice_with(const char *what, const char *with)
{
    return swap(good_body(MESSAGE_NOTICE), what, with);
}

static void
a_notice_keeps_to_the_pact(void **state)
{
    static const struct {
        const char *what;
        const char *with;
        const char *code;
    } cases[] = {
        {"\"class\":\"intrusion-attempts:exploit\"", "\"class\":\"fraud:phishing\"", "class"},
        {"\"class\":\"intrusion-attempts:exploit\"", "\"class\":\"availability:dos\"", "class"},
        {"\"obligation\":\"no-exploits\"", "\"obligation\":\"no-such\"", "class"},
        {"\"obligation\":\"no-exploits\"", "\"obligation\":\"respond\"", "class"},
        {"\"severity\":\"high\"", "\"severity\":\"normal\"", "severity"},
        {"\"severity\":\"high\"", "\"severity\":\"worst\"", "severity"},
        {"\"obligation\":\"no-exploits\"", "\"obligation\":\"certs\"", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct scene *s = scene();
        bool bad = cases[i].code[0] != '\0';
        unsigned notice =
            add(s, N, MESSAGE_NOTICE, 0, notice_with(cases[i].what, cases[i].with), -1);

        (void)add(s, O, MESSAGE_RECEIPT, 60, NULL, (int)notice);
        expect(s, 100, bad ? INCIDENT_NONE : INCIDENT_RECEIVED, bad ? 2 : 0);
        expect_fate(s, notice, cases[i].code);
        expect_fate(s, notice + 1, bad ? "NONE" : "");
        assert_true((s->got.notice == UINT32_MAX) == bad);
    }
}

static void
drills_and_unknown_classes_open_nothing(void **state)
{
    static const char *const class[] = {"test:test", "fraud:phishing"};

    (void)state;
    for (size_t i = 0; i < COUNT(class); i++) { /* `certs` judges all of the pact's classes */
        struct scene *s = scene();
        unsigned notice = add(s, N, MESSAGE_NOTICE, 0,
                              swap(notice_with("\"no-exploits\"", "\"certs\""),
                                   "intrusion-attempts:exploit", class[i]),
                              -1);

        expect(s, 100, INCIDENT_NONE, 1);
        expect_fate(s, notice, "class");
    }
}

static void
limits_are_the_pacts(void **state)
{
    struct scene *s = scene();
    unsigned one = add(s, N, MESSAGE_NOTICE, 0, NULL, -1);

    (void)state;
    assert_int_equal(notice_limit(pact, 199, 999), MESSAGE_FINE);
    assert_int_equal(notice_limit(pact, 200, 0), MESSAGE_BAD_LIMIT);
    assert_int_equal(notice_limit(pact, 0, 1000), MESSAGE_BAD_LIMIT);
    s->said[one].terms = MESSAGE_BAD_LIMIT;
    expect(s, 100, INCIDENT_NONE, 1);
    expect_fate(s, one, "limit");
}

/* The state goes before the pact: a second notice does not fit, whatever it says. */
static void
a_second_notice_does_not_fit(void **state)
{
    struct scene *s = scene();
    unsigned bad = add(s, N, MESSAGE_NOTICE, 0,
                       notice_with("\"severity\":\"high\"", "\"severity\":\"normal\""), -1);
    unsigned good = add(s, N, MESSAGE_NOTICE, 10, NULL, -1);
    unsigned late = add(s, N, MESSAGE_NOTICE, 20,
                        notice_with("\"severity\":\"high\"", "\"severity\":\"normal\""), -1);

    (void)state;
    expect(s, 100, INCIDENT_NOTIFIED, 2);
    expect_fate(s, bad, "severity");
    expect_fate(s, good, "");
    expect_fate(s, late, "NOTIFIED");
    assert_int_equal(s->got.notice, good);
}

static void
what_is_about_another_message_counts_for_nothing(void **state)
{
    struct scene *s = scene();
    unsigned notice = add(s, N, MESSAGE_NOTICE, 0, NULL, -1);
    unsigned astray = add(s, O, MESSAGE_RECEIPT, 50, NULL, -1);
    unsigned inquiry;
    unsigned grant;

    (void)state;
    (void)add(s, O, MESSAGE_RECEIPT, 60, NULL, (int)notice);
    inquiry = add(s, O, MESSAGE_INQUIRY, 70, NULL, -1);
    (void)add(s, O, MESSAGE_EXTENSION_REQUEST, 75, NULL, -1);
    grant = add(s, N, MESSAGE_EXTENSION_GRANT, 80, NULL, (int)inquiry);
    (void)add(s, N, MESSAGE_EVIDENCE, 90, NULL, (int)notice);
    expect(s, 100, INCIDENT_INQUIRY, 3);
    expect_fate(s, astray, "condition");
    expect_fate(s, grant, "condition");
    expect_fate(s, grant + 1, "condition");
    assert_int_equal(s->got.incident.extensions, 0);
    (void)add(s, N, MESSAGE_EXTENSION_GRANT, 92, NULL, (int)inquiry + 1);
    (void)add(s, N, MESSAGE_EVIDENCE, 95, NULL, (int)inquiry);
    expect(s, 100, INCIDENT_ACKNOWLEDGED, 3);
    assert_int_equal(s->got.incident.extensions, 1);
}

static void
a_reject_changes_nothing(void **state)
{
    struct scene *s = scene();

    (void)state;
    (void)add(s, N, MESSAGE_NOTICE, 0, NULL, -1);
    (void)add(s, O, MESSAGE_REJECT, 10, NULL, -1);
    expect(s, 100, INCIDENT_NOTIFIED, 0);
}

/* ---- receipts that are none ---- */

static void
a_holder_cosignature_is_a_receipt(void **state)
{
    struct scene *s = scene();
    unsigned notice = add(s, N, MESSAGE_NOTICE, 0, NULL, -1);
    unsigned receipt;

    (void)state;
    s->c.held = AT(30);
    expect(s, 100, INCIDENT_RECEIVED, 0);
    receipt = add(s, O, MESSAGE_RECEIPT, 60, NULL, (int)notice); /* says nothing new */
    (void)add(s, O, MESSAGE_RECEIPT, 70, NULL, (int)notice);     /* but twice is too much */
    expect(s, 100, INCIDENT_RECEIVED, 1);
    expect_fate(s, receipt, "");
    expect_fate(s, receipt + 1, "RECEIVED");
    expect(s, 50, INCIDENT_RECEIVED, 0); /* since the cosignature */
    s->c.held = AT(65);                  /* behind the receipt */
    expect(s, 100, INCIDENT_RECEIVED, 1);
    s->c.held = AT(-100); /* by a clock that is late */
    expect(s, 100, INCIDENT_RECEIVED, 1);
    assert_false(s->got.incident.deemed);
}

static void
a_receipt_can_count_as_given(void **state)
{
    struct scene *s = scene();

    (void)state;
    (void)add(s, N, MESSAGE_NOTICE, 0, NULL, -1);
    expect(s, 3601 + 86400, INCIDENT_NOTIFIED, 0);
    assert_true(s->got.incident.undelivered);
    s->c.deemed = AT(3600);
    expect(s, 3601 + 86400, INCIDENT_RECEIVED, 0);
    assert_true(s->got.incident.deemed);
    assert_int_equal(s->got.incident.overdue, 1U << DUE_ACKNOWLEDGE);
    s->c.held = AT(4000); /* too late to make it a real one */
    expect(s, 90001, INCIDENT_RECEIVED, 0);
    assert_true(s->got.incident.deemed);
}

/* ---- out of contact ---- */

static struct spans
spans(const char *text)
{
    static struct spans s;
    int from;
    int until;
    int n;

    s.count = 0;
    while (sscanf(text, " %d-%d%n", &from, &until, &n) == 2) {
        assert_int_equal(spans_add(&s, (struct incident_span){{from}, {until}}), 0);
        text += n;
    }
    return s;
}

static void
expect_spans(const struct spans *s, const char *want)
{
    char text[512] = "";
    size_t n = 0;

    for (unsigned i = 0; i < s->count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%d-%d", i == 0 ? "" : " ",
                              (int)s->at[i].from.us, (int)s->at[i].until.us);
    assert_string_equal(text, want);
}

static void
spans_are_merged(void **state)
{
    struct spans s;

    (void)state;
    s = spans("50-60 10-20 30-40");
    expect_spans(&s, "10-20 30-40 50-60");
    s = spans("10-20 30-40 20-30");
    expect_spans(&s, "10-40");
    s = spans("10-20 30-40 50-60 15-55");
    expect_spans(&s, "10-60");
    s = spans("10-20 12-13 5-5 9-7");
    expect_spans(&s, "10-20");
    s.count = 0;
    for (int i = 0; i < INCIDENT_SPANS; i++)
        assert_int_equal(spans_add(&s, (struct incident_span){{i * 10}, {i * 10 + 1}}), 0);
    assert_int_equal(spans_add(&s, (struct incident_span){{5}, {6}}), ERR_LIMIT);
    assert_int_equal(spans_add(&s, (struct incident_span){{0}, {INT64_MAX}}), 0);
    assert_int_equal(s.count, 1);
}

static void
both_must_have_been_out(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        const char *neither;
        int max;
        const char *suspended;
        const char *alone;
    } cases[] = {
        {"10-20", "15-30", "", 100, "15-20", "10-15 20-30"},
        {"10-20", "", "", 100, "", "10-20"},
        {"", "10-20", "", 100, "", "10-20"},
        {"10-20", "20-30", "", 100, "", "10-30"},
        {"10-40", "12-14 20-25 39-50", "", 100, "12-14 20-25 39-40", "10-12 14-20 25-39 40-50"},
        {"10-20", "", "12-15", 100, "12-15", "10-12 15-20"}, /* a witness saw neither */
        {"", "", "12-15", 100, "12-15", ""},
        {"10-20", "10-20", "18-25", 100, "10-25", ""},
        {"10-20 30-40", "10-20 30-40", "", 15, "10-20 30-35", "35-40"}, /* bounded */
        {"10-20 30-40", "10-20 30-40", "", 10, "10-20", "30-40"},
        {"10-20 30-40", "10-20 30-40", "", 20, "10-20 30-40", ""},
        {"10-20", "10-20", "", 0, "", "10-20"},
        {"", "", "", 100, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        static struct contact c;
        struct spans a = spans(cases[i].a);
        struct spans b = spans(cases[i].b);
        struct spans neither = spans(cases[i].neither);

        assert_int_equal(contact_judge(&a, &b, &neither, (struct span){cases[i].max}, &c), 0);
        expect_spans(&c.suspended, cases[i].suspended);
        expect_spans(&c.alone, cases[i].alone);
        assert_int_equal(c.cut, cases[i].max < 20);
        assert_int_equal(contact_judge(&b, &a, &neither, (struct span){cases[i].max}, &c), 0);
        expect_spans(&c.suspended, cases[i].suspended);
        expect_spans(&c.alone, cases[i].alone);
    }
}

/* Against counting, second by second. */
static void
spans_agree_with_counting(void **state)
{
    uint64_t random = 3;

    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        static struct contact c;
        struct spans side[3] = {{0}, {0}, {0}};
        unsigned char said[3][64] = {{0}};
        unsigned max = (unsigned)(next_random(&random) % 40);
        unsigned left = max;

        for (unsigned k = 0; k < 3; k++) {
            for (unsigned n = 0; n < 4; n++) {
                unsigned from = (unsigned)(next_random(&random) % 60);
                unsigned len = (unsigned)(next_random(&random) % 4);

                assert_int_equal(
                    spans_add(&side[k], (struct incident_span){{from}, {from + len}}), 0);
                memset(&said[k][from], 1, len);
            }
        }
        assert_int_equal(contact_judge(&side[0], &side[1], &side[2], (struct span){max}, &c),
                         0);
        for (int t = 0; t < 64; t++) {
            bool stands = (said[0][t] && said[1][t]) || said[2][t];
            bool in[2] = {false, false};

            stands = stands && left > 0;
            left -= stands;
            for (unsigned i = 0; i < c.suspended.count; i++)
                in[0] |= c.suspended.at[i].from.us <= t && t < c.suspended.at[i].until.us;
            for (unsigned i = 0; i < c.alone.count; i++)
                in[1] |= c.alone.at[i].from.us <= t && t < c.alone.at[i].until.us;
            assert_int_equal(in[0], stands);
            assert_int_equal(in[1], (said[0][t] || said[1][t]) && !stands);
        }
    }
}

static void
who_was_silent_alone_has_received(void **state)
{
    static struct contact c;
    struct spans a = spans("100-200");
    struct spans b = spans("100-150 300-400");
    struct spans none = spans("");
    struct utime at;

    (void)state;
    assert_int_equal(contact_judge(&a, &b, &none, (struct span){1000}, &c), 0);
    expect_spans(&c.suspended, "100-150");
    assert_false(contact_deemed(&c, (struct utime){90}, (struct span){60}, &at));
    assert_int_equal(at.us, 200); /* 10 before the gap, 50 behind it: in contact again */
    assert_true(contact_deemed(&c, (struct utime){90}, (struct span){59}, &at));
    assert_int_equal(at.us, 199);
    assert_false(contact_deemed(&c, (struct utime){50}, (struct span){10}, &at));
    assert_int_equal(at.us, 60);
    assert_true(contact_deemed(&c, (struct utime){120}, (struct span){10}, &at));
    assert_int_equal(at.us, 160);
}

static void
statements_of_gaps_are_read(void **state)
{
    static struct spans s;
    static struct spans late;
    const struct span day = {86400 * TIME_US_PER_S};
    struct chain c = {0};
    struct envelope e;
    int64_t behind;
    AUTO_BUF(b, ENVELOPE_MAX);
    AUTO_BUF(other, ENVELOPE_MAX);

    (void)state;
    say(&b, &c, true, MESSAGE_GAP_STATEMENT, "", AT(86400), good_body(MESSAGE_GAP_STATEMENT));
    assert_int_equal(envelope_read(buf_get(&b), &e, NULL), MESSAGE_FINE);
    assert_int_equal(contact_state(&s, &e, day), 0);
    assert_int_equal(contact_state(&s, &e, day), 0);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.at[0].until.us - s.at[0].from.us, 3600 * TIME_US_PER_S);
    behind = e.at.us - s.at[0].until.us;
    assert_true(behind > 0); /* at the grace's end it counts, after it no more */
    assert_int_equal(contact_state(&late, &e, (struct span){behind - 1}), 0);
    assert_int_equal(late.count, 0);
    assert_int_equal(contact_state(&late, &e, (struct span){behind}), 0);
    assert_int_equal(late.count, 1);
    say(&other, &c, true, MESSAGE_PING, "", AT(0), good_body(MESSAGE_PING));
    assert_int_equal(envelope_read(buf_get(&other), &e, NULL), MESSAGE_FINE);
    assert_int_equal(contact_state(&s, &e, day), ERR_INVALID);
}

static int
start(void **state)
{
    static char text[1 << 16];
    FILE *f = fopen(pact_path, "r");
    size_t n;

    assert_non_null(f);
    n = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    assert_int_equal(pact_read((struct slice){text, n}, &pact, NULL, NULL, NULL), 0);
    pact_terms(pact, &terms);
    return parties_make(state);
}

static int
teardown(void **state)
{
    (void)state;
    pact = pact_free(pact);
    return 0;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fork_is_shown_and_the_first_counts),
        cmocka_unit_test(what_is_missing_is_waited_for),
        cmocka_unit_test(twice_is_once),
        cmocka_unit_test(the_order_of_arrival_is_nothing),
        cmocka_unit_test(backdating_does_not_help),
        cmocka_unit_test(a_message_alone_says_from_when_it_counts),
        cmocka_unit_test(nobody_goes_back_in_time),
        cmocka_unit_test(a_notice_keeps_to_the_pact),
        cmocka_unit_test(drills_and_unknown_classes_open_nothing),
        cmocka_unit_test(limits_are_the_pacts),
        cmocka_unit_test(a_second_notice_does_not_fit),
        cmocka_unit_test(what_is_about_another_message_counts_for_nothing),
        cmocka_unit_test(a_reject_changes_nothing),
        cmocka_unit_test(a_holder_cosignature_is_a_receipt),
        cmocka_unit_test(a_receipt_can_count_as_given),
        cmocka_unit_test(spans_are_merged),
        cmocka_unit_test(both_must_have_been_out),
        cmocka_unit_test(spans_agree_with_counting),
        cmocka_unit_test(who_was_silent_alone_has_received),
        cmocka_unit_test(statements_of_gaps_are_read),
    };

    if (argc < 2)
        return 2;
    pact_path = argv[1];
    return cmocka_run_group_tests(tests, start, teardown);
}
