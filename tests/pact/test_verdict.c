/* Words, their precedence, figures of a pair, and the bound of recall. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "pact/verdict.h"

#define HOUR ((int64_t)3600 * TIME_US_PER_S)
#define DAY  (24 * HOUR)

enum { REFRAIN, RESPOND, WATCH, NOTIFY, HYGIENE, TELL, OBLIGATIONS };
enum { NOTIFIER, RESPONDER, OTHER };

static const char *const classes[] = {"intrusion-attempts:exploit", "test:test"};
static const char *const all[] = {"*"};
static struct pact_obligation obligation[OBLIGATIONS] = {
    {.id = "refrain", .kind = PACT_REFRAIN, .classes = {classes, 1}},
    {.id = "respond", .kind = PACT_RESPOND},
    {.id = "watch", .kind = PACT_VISIBILITY},
    {.id = "notify", .kind = PACT_NOTIFY},
    {.id = "hygiene", .kind = PACT_HYGIENE},
    {.id = "tell", .kind = PACT_NOTIFY, .classes = {classes, 1}, .within = {3 * DAY}}};
static const struct pact pact = {.obligation = obligation,
                                 .obligations = OBLIGATIONS,
                                 .classes = {classes, 2},
                                 .parties = 3,
                                 .from = {10 * DAY},
                                 .max_suspended = {5 * DAY},
                                 .min_coverage_ppm = 800000,
                                 .min_recall_ppm = 900000};

static struct verdict_ask
ask_of(unsigned what)
{
    return (struct verdict_ask){
        .pact = &pact,
        .obligation = what,
        .bound = RESPONDER,
        .toward = NOTIFIER,
        .from = {20 * DAY},
        .until = {50 * DAY},
        .sight = {
            .known = true, .coverage_ppm = 972000, .sensors = 3, .canaries = 84, .found = 84}};
}

static struct verdict_incident
incident_of(enum incident_state state, unsigned overdue, unsigned late)
{
    struct verdict_incident i = {.notifier = NOTIFIER,
                                 .responder = RESPONDER,
                                 .opened = {30 * DAY},
                                 .now = {.state = state, .overdue = overdue, .late = late}};

    verdict_put_under(&i, REFRAIN);
    i.now.owed = overdue;
    for (unsigned d = 0; d < DUES; d++)
        i.now.due[d].us = 31 * DAY + d * HOUR;
    if (state == INCIDENT_CLOSED)
        i.now.closed.us = 40 * DAY;
    return i;
}

static void
expect(const struct verdict_ask *a, const char *word, const char *why)
{
    struct verdict v;

    verdict_of(a, &v);
    assert_string_equal(verdict_word_name(v.word), word);
    assert_string_equal(verdict_why_name(v.why), why);
}

/* Who sees is bound: to tell in time; that there was no more is its own word. */
static void
test_telling(void **state)
{
    static const struct {
        int64_t found;
        int64_t noticed; /* 0 not at all */
        const char *word;
        unsigned incidents;
        unsigned open;
        unsigned overdue;
        unsigned late;
    } rows[] = {{30 * DAY, 33 * DAY, "self-reported", 1, 0, 0, 0},
                {30 * DAY, 33 * DAY + 1, "self-reported", 1, 0, 0, 1},
                {48 * DAY, 0, "open incidents", 1, 1, 0, 0},
                {47 * DAY, 0, "open incidents", 1, 1, 0, 0},
                {47 * DAY - 1, 0, "not answered in time", 1, 1, 1, 0},
                {19 * DAY, 20 * DAY, "self-reported", 1, 0, 0, 0},
                {18 * DAY, 20 * DAY - 1, "self-reported", 0, 0, 0, 0},
                {0, 33 * DAY, "self-reported", 0, 0, 0, 0}};

    (void)state;
    for (size_t k = 0; k < COUNT(rows); k++) {
        struct verdict_incident i = incident_of(INCIDENT_RECEIVED, 1U << DUE_ACKNOWLEDGE, 0);
        struct verdict_ask a = ask_of(TELL);
        struct verdict_times t;
        struct verdict v;

        memset(i.under, 0, sizeof i.under);
        verdict_put_under(&i, TELL);
        i.found.us = rows[k].found;
        i.noticed.us = rows[k].noticed;
        i.opened.us = rows[k].noticed == 0 ? rows[k].found : rows[k].noticed;
        a.incident = &i;
        a.incidents = 1;
        a.bound = NOTIFIER;
        a.toward = RESPONDER;
        verdict_of(&a, &v);
        assert_string_equal(verdict_word_name(v.word), rows[k].word);
        assert_int_equal(v.incidents, rows[k].incidents);
        assert_int_equal(v.open, rows[k].open);
        assert_int_equal(v.overdue, rows[k].overdue);
        assert_int_equal(v.late, rows[k].late);
        assert_int_equal(v.worst, rows[k].overdue > 0 ? 0 : UINT32_MAX);
        assert_int_equal(v.due.us, rows[k].overdue > 0 ? rows[k].found + 3 * DAY : 0);
        assert_int_equal(verdict_told(&a, &t), 0);
        assert_int_equal(t.count, rows[k].incidents > rows[k].open);
        assert_int_equal(t.median, t.count > 0 ? rows[k].noticed - rows[k].found : 0);
        /* its deadlines are of who answers, under `respond` alone */
        a.obligation = RESPOND;
        a.bound = RESPONDER;
        a.toward = NOTIFIER;
        if (rows[k].incidents > 0)
            expect(&a, "not answered in time", "");
        a.obligation = TELL;
        expect(&a, "self-reported", "");
        a.silent.us = 40 * DAY;
        expect(&a, "suspended: out of contact", "");
    }
}

static void
test_one_word(void **state)
{
    struct verdict_ask a = ask_of(REFRAIN);
    struct verdict_incident i;
    static const struct {
        enum incident_state state;
        unsigned overdue;
        unsigned late;
        enum incident_result result;
        const char *word;
    } rows[] = {
        {INCIDENT_RECEIVED, 0, 0, RESULT_NONE, "open incidents"},
        {INCIDENT_NOTIFIED, 1U << DUE_RECEIPT, 0, RESULT_NONE, "open incidents"},
        {INCIDENT_RECEIVED, 1U << DUE_ACKNOWLEDGE, 0, RESULT_NONE, "not answered in time"},
        {INCIDENT_ACKNOWLEDGED, 1U << DUE_ANSWER, 0, RESULT_NONE, "not answered in time"},
        {INCIDENT_ANSWERED, 1U << DUE_ACT, 0, RESULT_NONE, "not answered in time"},
        {INCIDENT_INQUIRY, 1U << DUE_EVIDENCE, 0, RESULT_NONE, "open incidents"},
        {INCIDENT_ACTED, 1U << DUE_CONFIRM, 0, RESULT_NONE, "open incidents"},
        {INCIDENT_DISPUTED, 0, 0, RESULT_NONE, "disputed"},
        {INCIDENT_ESCALATED, 0, 0, RESULT_NONE, "disputed"},
        {INCIDENT_DISPUTED, 1U << DUE_ACT, 0, RESULT_NONE, "not answered in time"},
        {INCIDENT_ACKNOWLEDGED, 0, 1U << DUE_ACKNOWLEDGE, RESULT_NONE, "open incidents"},
        {INCIDENT_CLOSED, 0, 1U << DUE_ANSWER, RESULT_CONFIRMED_QUIET, "compliant"},
        {INCIDENT_CLOSED, 0, 0, RESULT_SETTLED, "compliant"},
        {INCIDENT_CLOSED, 0, 0, RESULT_UNSETTLED, "disputed"}};

    (void)state;
    expect(&a, "compliant", "");
    for (size_t k = 0; k < COUNT(rows); k++) {
        i = incident_of(rows[k].state, rows[k].overdue, rows[k].late);
        i.now.result = rows[k].result;
        a.incident = &i;
        a.incidents = 1;
        expect(&a, rows[k].word, "");
    }
    i.now.closed.us = a.from.us - 1; /* unsettled, but before the period */
    expect(&a, "compliant", "");
    i.now.closed.us = a.from.us;
    expect(&a, "disputed", "");
    i.opened = a.until;
    expect(&a, "compliant", "");
}

static void
test_of_whom(void **state)
{
    struct verdict_ask a = ask_of(REFRAIN);
    struct verdict_incident i = incident_of(INCIDENT_RECEIVED, 0, 0);

    (void)state;
    a.incident = &i;
    a.incidents = 1;
    a.bound = NOTIFIER;
    a.toward = RESPONDER;
    expect(&a, "compliant", ""); /* the other way round it is none of theirs */
    a = ask_of(RESPOND);
    a.incident = &i;
    a.incidents = 1;
    expect(&a, "open incidents", ""); /* of whatever obligation */
    memset(i.under, 0, sizeof i.under);
    expect(&a, "open incidents", "");
    a.obligation = REFRAIN;
    expect(&a, "compliant", "");
    verdict_put_under(&i, NOTIFY); /* such an obligation has no incidents */
    a.obligation = NOTIFY;
    expect(&a, "unknown: no visibility", "unmeasured");
}

static void
test_sight(void **state)
{
    struct verdict_ask a = ask_of(REFRAIN);

    (void)state;
    a.sight.coverage_ppm = 800000;
    a.sight.found = 81; /* 91.0 % */
    expect(&a, "compliant", "");
    a.sight.coverage_ppm = 799999;
    expect(&a, "unknown: partial visibility", "coverage");
    a.sight.coverage_ppm = 0;
    expect(&a, "unknown: no visibility", "coverage");
    a.sight.coverage_ppm = 1000000;
    a.sight.found = 80; /* 89.7 % */
    expect(&a, "unknown: partial visibility", "recall");
    a.sight.found = a.sight.canaries = 0;
    expect(&a, "unknown: partial visibility", "recall");
    a.sight.known = false;
    expect(&a, "unknown: no visibility", "coverage"); /* it told of no time at all */
    a.sight.at_most_ppm = 799999;
    expect(&a, "unknown: partial visibility", "coverage");
    a.sight.at_most_ppm = 1000000;
    expect(&a, "unknown: partial visibility", "figures");
    a.silent.us = a.until.us - HOUR;
    expect(&a, "suspended: out of contact", "");
    a.silent.us = a.until.us; /* since then only: the period was heard of */
    expect(&a, "unknown: partial visibility", "figures");
    a.silent.us = a.until.us - HOUR;
    a.obligation = HYGIENE;
    expect(&a, "self-reported", "");
    a.obligation = NOTIFY;
    expect(&a, "suspended: out of contact", "");
    a = ask_of(WATCH);
    expect(&a, "compliant", "");
    a.sight.coverage_ppm = 10;
    expect(&a, "unknown: partial visibility", "coverage");
}

/* What was due while nothing was heard is not held against anybody yet; what was due before is,
 * and so is what was due longer ago than the pact suspends. */
static void
test_out_of_contact(void **state)
{
    struct verdict_incident i = incident_of(INCIDENT_RECEIVED, 1U << DUE_ACKNOWLEDGE, 0);
    struct verdict_ask a = ask_of(REFRAIN);
    int64_t due = i.now.due[DUE_ACKNOWLEDGE].us;
    struct verdict v;

    (void)state;
    a.incident = &i;
    a.incidents = 1;
    a.until.us = due + 3 * DAY;
    expect(&a, "not answered in time", "");
    a.silent.us = due;
    expect(&a, "open incidents", "");
    verdict_of(&a, &v);
    assert_true(v.overdue == 0 && v.open == 1 && v.worst == UINT32_MAX);
    a.silent.us = due + 1;
    expect(&a, "not answered in time", "");
    a.silent.us = due - DAY;
    a.until.us = due + 5 * DAY;
    expect(&a, "open incidents", "");
    a.until.us++;
    expect(&a, "not answered in time", "");
}

static void
test_validity(void **state)
{
    struct verdict_ask a = ask_of(REFRAIN);
    struct verdict v;

    (void)state;
    a.from.us = 0;
    verdict_of(&a, &v);
    assert_int_equal(v.from.us, 10 * DAY); /* from when it holds */
    a.until.us = 10 * DAY;
    expect(&a, "not applicable", "validity");
    a = ask_of(HYGIENE);
    a.ends.us = 20 * DAY;
    expect(&a, "not applicable", "validity");
    a.ends.us = 21 * DAY;
    verdict_of(&a, &v);
    assert_int_equal(v.until.us, 21 * DAY);
    expect(&a, "self-reported", "");
}

static struct prefix
prefix_of(const char *text)
{
    struct prefix p;

    assert_int_equal(prefix_parse(slice_of(text), &p), 0);
    return p;
}

static void
test_exclusion(void **state)
{
    const struct prefix whole = prefix_of("203.0.113.0/24");
    const struct prefix six = prefix_of("2001:db8::/32");
    const struct prefix half = prefix_of("203.0.113.0/25");
    struct pact_exclusion x = {
        .id = "x", .until = "", .origin_role = "", .classes = {classes, 1}};
    struct pact p = pact;
    struct verdict_ask a = ask_of(REFRAIN);
    struct verdict v;

    (void)state;
    a.pact = &p;
    p.exclusion = &x;
    p.exclusions = 1;
    a.bound_space[0] = (struct pact_prefixes){&whole, 1};
    verdict_of(&a, &v);
    assert_int_equal(v.exclusion, 0);
    expect(&a, "not applicable", "exclusion");
    x.origin = (struct pact_prefixes){&half, 1}; /* a part of it is no reason */
    expect(&a, "compliant", "");
    x.origin.at = &whole;
    expect(&a, "not applicable", "exclusion");
    a.bound_space[1] = (struct pact_prefixes){&six, 1};
    expect(&a, "compliant", "");                         /* nor one family of two */
    a.bound_space[0].count = a.bound_space[1].count = 0; /* nobody knows what it has */
    expect(&a, "compliant", "");
    x.origin.count = 0;
    x.until = "1970-02-01";
    expect(&a, "compliant", ""); /* it ended in the period */
    x.until = "1970-03-01";
    expect(&a, "not applicable", "exclusion");
    x.origin_role = "transit";
    expect(&a, "compliant", "");
    x.origin_role = "";
    obligation[REFRAIN].classes = (struct pact_texts){all, 1};
    expect(&a, "not applicable", "exclusion"); /* all but test:test */
    obligation[REFRAIN].classes = (struct pact_texts){classes, 1};
    x.classes.at = classes + 1;
    expect(&a, "compliant", "");
}

/* ---- what an own, plain way says --------------------------------------------------------- */

static struct verdict_incident
any_incident(uint64_t *seed)
{
    struct verdict_incident i = {.notifier = (uint8_t)(next_random(seed) % 3),
                                 .responder = (uint8_t)(next_random(seed) % 3),
                                 .opened = {(int64_t)(next_random(seed) % (60 * DAY))}};
    bool closed = next_random(seed) % 3 != 0;

    if (next_random(seed) % 2)
        verdict_put_under(&i, REFRAIN);
    i.now.state = closed ? INCIDENT_CLOSED
                         : (enum incident_state)(1 + next_random(seed) % (INCIDENT_CLOSED - 1));
    i.now.result = closed ? (enum incident_result)(next_random(seed) % RESULTS) : RESULT_NONE;
    i.now.finding = (enum incident_finding)(next_random(seed) % FINDINGS);
    i.now.late = next_random(seed) % 4 ? 0 : (unsigned)next_random(seed) % (1U << DUES);
    i.now.owed = closed ? 0 : (unsigned)next_random(seed) % (1U << DUES);
    i.now.overdue = next_random(seed) % 9 ? 0 : i.now.owed;
    i.now.met = (unsigned)next_random(seed) % (1U << DUES);
    for (unsigned d = 0; d < DUES; d++) {
        i.now.due[d].us = 1 + i.opened.us + (int64_t)(next_random(seed) % (20 * DAY));
        i.now.took[d] = (int64_t)(next_random(seed) % DAY);
    }
    if (closed)
        i.now.closed.us = i.opened.us + 1 + (int64_t)(next_random(seed) % (20 * DAY));
    return i;
}

static const char *
plain_word(const struct verdict_ask *a, const struct verdict_incident *list, unsigned n)
{
    bool overdue = false;
    bool disputed = false;
    bool open = false;
    bool silent = a->silent.us != 0 && a->silent.us < a->until.us;

    if (a->until.us <= pact.from.us)
        return "not applicable";
    for (unsigned k = 0; k < n; k++) {
        const struct incident *i = &list[k].now;
        bool named = a->obligation == RESPOND || (list[k].under[0] & 1) != 0;
        bool then = list[k].opened.us < a->until.us &&
                    (i->state != INCIDENT_CLOSED ||
                     i->closed.us >= (a->from.us < pact.from.us ? pact.from.us : a->from.us));

        if (!named || !then || list[k].notifier != a->toward || list[k].responder != a->bound)
            continue;
        for (unsigned d = 1; d <= 3; d++) { /* acknowledge, answer, act */
            int64_t still = silent ? a->until.us - a->silent.us : 0;

            if (still > pact.max_suspended.us)
                still = pact.max_suspended.us;
            if (silent && i->due[d].us < a->silent.us)
                still = 0;
            overdue |= i->state != INCIDENT_CLOSED && (i->overdue >> d & 1) != 0 &&
                       (!silent || a->until.us > i->due[d].us + still);
        }
        disputed |= i->state == INCIDENT_DISPUTED || i->state == INCIDENT_ESCALATED ||
                    i->result == RESULT_UNSETTLED;
        open |= i->state != INCIDENT_CLOSED;
    }
    return overdue                                        ? "not answered in time"
           : disputed                                     ? "disputed"
           : open                                         ? "open incidents"
           : silent                                       ? "suspended: out of contact"
           : !a->sight.known && a->sight.at_most_ppm == 0 ? "unknown: no visibility"
           : !a->sight.known                              ? "unknown: partial visibility"
           : a->sight.coverage_ppm == 0                   ? "unknown: no visibility"
           : a->sight.coverage_ppm < 800000               ? "unknown: partial visibility"
           : a->sight.found < a->sight.canaries           ? "unknown: partial visibility"
           : a->sight.canaries < 29 /* 0.05^(1/28) is below 0.9 */ ? "unknown: partial "
                                                                     "visibility"
                                                                   : "compliant";
}

static unsigned
below(const int64_t *at, unsigned n, int64_t value)
{
    unsigned count = 0;

    for (unsigned i = 0; i < n; i++)
        count += at[i] <= value;
    return count;
}

/* The percentile is one of the values, so many per cent are not above it, and of no smaller one
 * that is true. */
static void
check_rank(const int64_t *at, unsigned n, unsigned percent, int64_t value)
{
    bool there = false;

    for (unsigned i = 0; i < n; i++) {
        there |= at[i] == value;
        if (at[i] < value)
            assert_true(below(at, n, at[i]) * 100 < n * percent);
    }
    assert_true(n == 0 ? value == 0 : there);
    assert_true(below(at, n, value) * 100 >= n * percent);
}

static void
check_pair(const struct verdict_ask *a)
{
    struct verdict_pair p;
    unsigned notices = 0;
    unsigned wrong = 0;

    assert_int_equal(verdict_pair(a, &p), 0);
    for (unsigned d = 0; d < 3; d++) {
        int64_t took[64];
        unsigned n = 0;

        notices = wrong = 0;
        for (unsigned k = 0; k < a->incidents; k++) {
            const struct verdict_incident *i = &a->incident[k];

            if (i->notifier != a->toward || i->responder != a->bound ||
                i->opened.us < a->from.us || i->opened.us >= a->until.us)
                continue;
            notices++;
            wrong += i->now.result == RESULT_WITHDRAWN ||
                     (i->now.result == RESULT_ACCEPTED_EXPLANATION &&
                      i->now.finding == FINDING_FALSE_POSITIVE);
            if (i->now.met & 2U << d)
                took[n++] = i->now.took[d + 1];
        }
        assert_int_equal(p.took[d].count, n);
        check_rank(took, n, 50, p.took[d].median);
        check_rank(took, n, 90, p.took[d].p90);
    }
    assert_int_equal(p.notices, notices);
    assert_int_equal(p.withdrawn + p.false_positives, wrong);
    assert_int_equal(p.wrong_ppm, notices == 0 ? 0 : wrong * UINT64_C(1000000) / notices);
}

static void
test_against_plain(void **state)
{
    uint64_t seed = 7;
    unsigned met[VERDICT_WORDS] = {0};

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct verdict_incident list[24];
        struct verdict_ask a = ask_of((unsigned)next_random(&seed) % 2);
        struct verdict v;

        a.incident = list;
        a.incidents = (unsigned)next_random(&seed) % 25;
        for (unsigned k = 0; k < a.incidents; k++)
            list[k] = any_incident(&seed);
        a.from.us = (int64_t)(next_random(&seed) % (40 * DAY));
        a.until.us = a.from.us + 1 + (int64_t)(next_random(&seed) % (20 * DAY));
        if (next_random(&seed) % 4 == 0)
            a.silent.us = a.until.us - (int64_t)(next_random(&seed) % (40 * DAY));
        if (a.silent.us < 0)
            a.silent.us = 1;
        a.sight.known = next_random(&seed) % 4 != 0;
        a.sight.at_most_ppm = (uint32_t)next_random(&seed) % 3 * 500000;
        if (next_random(&seed) % 3 == 0)
            a.sight.coverage_ppm = (uint32_t)next_random(&seed) % 3 * 500000;
        a.sight.canaries = (unsigned)next_random(&seed) % 40;
        a.sight.found = a.sight.canaries;
        verdict_of(&a, &v);
        assert_string_equal(verdict_word_name(v.word), plain_word(&a, list, a.incidents));
        assert_true((v.worst != UINT32_MAX) == (v.overdue > 0));
        assert_true((v.oldest != UINT32_MAX) == (v.open > 0));
        met[v.word]++;
        check_pair(&a);
    }
    for (unsigned w = 0; w < VERDICT_WORDS; w++)
        assert_true(met[w] > 0 || w == VERDICT_SELF_REPORTED);
}

/* ---- recall ------------------------------------------------------------------------------ */

/* The probability of so many or more, term by term. */
static double
plain_tail(unsigned found, unsigned sent, double p)
{
    double term = 1;
    double sum = 0;

    for (unsigned i = 0; i < sent; i++)
        term *= 1 - p;
    for (unsigned i = 0; i <= sent; i++) {
        if (i >= found)
            sum += term;
        term *= (double)(sent - i) / (i + 1) * p / (1 - p);
    }
    return sum;
}

static void
test_recall(void **state)
{
    static const struct {
        unsigned found, sent, ppm;
    } rows[] = {
        /* the design's two: 96.5 and 91.0 %, so one-sided; two-sided they were 95.7, 89.9 */
        {84, 84, 964964},
        {81, 84, 910277},
        {80, 84, 894339},
        /* exact binomial bounds as tables of acceptance sampling have them: 10 of 10 shows
         * 74.1 % at 95 % confidence, 22 of 22 87.3 %, 29 of 29 90.2 %, 59 of 59 95.0 % */
        {10, 10, 741134},
        {22, 22, 872694},
        {29, 29, 901855},
        {59, 59, 950492},
        {9, 10, 605836},
        {1, 10, 5116},
        {95, 100, 897746},
        {240, 252, 923987},
        {0, 10, 0},
        {0, 0, 0},
        {1, 1, 50000}};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(verdict_recall(rows[i].found, rows[i].sent), rows[i].ppm);
    for (unsigned sent = 1; sent <= 120; sent++) {
        for (unsigned found = 1; found <= sent; found++) {
            double p = verdict_recall(found, sent) / 1e6;

            assert_true(plain_tail(found, sent, p) <= 0.05 + 1e-9);
            assert_true(plain_tail(found, sent, p + 1e-6) >= 0.05 - 1e-9);
            assert_true(verdict_recall(found - 1, sent) < verdict_recall(found, sent));
        }
    }
    /* Large numbers do not lose it: near the normal approximation, and rising. */
    assert_in_range(verdict_recall(900000, 1000000), 899500, 899510);
    assert_true(verdict_recall(999999, 1000000) > 999990);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_telling),        cmocka_unit_test(test_one_word),
        cmocka_unit_test(test_of_whom),        cmocka_unit_test(test_sight),
        cmocka_unit_test(test_out_of_contact), cmocka_unit_test(test_validity),
        cmocka_unit_test(test_exclusion),      cmocka_unit_test(test_against_plain),
        cmocka_unit_test(test_recall)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
