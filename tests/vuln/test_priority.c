/* Decisions against the published tables, row by row; risk against the formula in doubles; more
 * of anything never gives less. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "slurp.h"
#include "vuln/priority.h"

static const char *shared; /* folder; NULL: there is none */
static const struct utime now = {INT64_C(1790000000000000)};
#define DAY (INT64_C(86400) * TIME_US_PER_S)

/* ---- tables ------------------------------------------------------------------------------ */

static unsigned
word(struct slice s, const char *const *list)
{
    for (unsigned i = 0; list[i] != NULL; i++) {
        if (slice_is(s, list[i]))
            return i + 1;
    }
    fail_msg("%.*s", (int)s.len, s.ptr);
    return 0;
}

static const char *const answers[] = {"no", "yes", NULL};
static const char *const exploitations[] = {"none", "public poc", "active", NULL};
static const char *const exposures[] = {"small", "controlled", "open", NULL};
static const char *const impacts[] = {"partial", "total", NULL};
static const char *const levels[] = {"low", "medium", "high", "very high", NULL};

/* The fields of the next row; its number is the first. */
static bool
next_row(struct slice *rest, struct slice *field, unsigned fields)
{
    struct slice line;

    if (!slice_line(rest, &line))
        return false;
    for (unsigned i = 0; i < fields; i++)
        field[i] = slice_part(&line, ',');
    assert_true(line.len == 0 && field[fields - 1].len > 0);
    return true;
}

static void
deadlines_are_those_of_the_directive(void **state)
{
    AUTO_BUF(text, 1 << 20);
    struct slice field[6];
    struct slice rest;
    unsigned rows = 0;

    (void)state;
    slurp(shared, "ssvc/cisa_bod_26_04_1_0_0.csv", &text);
    rest = buf_get(&text);
    assert_true(next_row(&rest, field, 6));
    for (; next_row(&rest, field, 6); rows++) {
        struct priority_input in = {
            .in_kev = (enum priority_answer)word(field[1], answers),
            .exposure = word(field[2], answers) == 2 ? PRIORITY_OPEN : PRIORITY_CONTROLLED,
            .automatable = (enum priority_answer)word(field[3], answers),
            .technical_impact = (enum priority_impact)word(field[4], impacts)};
        struct priority_decision d = priority_decide(&in);
        char want[64];

        if (d.directive.days == 0)
            (void)snprintf(want, sizeof want, "fix on system upgrade");
        else
            (void)snprintf(want, sizeof want, "%u days%s", d.directive.days,
                           d.directive.forensic ? " & forensic investigation" : "");
        assert_true(slice_is(field[5], want));
        assert_true(d.deadline.days == d.directive.days &&
                    d.deadline.forensic == d.directive.forensic);
        in.seen_here = now;
        d = priority_decide(&in);
        in.in_kev = PRIORITY_YES;
        assert_true(d.deadline.days == priority_decide(&in).directive.days);
    }
    assert_int_equal(rows, 16);
}

static void
decisions_are_those_of_the_deployer(void **state)
{
    AUTO_BUF(text, 1 << 20);
    struct slice field[6];
    struct slice rest;
    unsigned rows = 0;

    (void)state;
    slurp(shared, "ssvc/deployer_patch_application_priority_1_0_0.csv", &text);
    rest = buf_get(&text);
    assert_true(next_row(&rest, field, 6));
    for (; next_row(&rest, field, 6); rows++) {
        struct priority_input in = {
            .in_kev = PRIORITY_NO,
            .vulnrichment = (enum priority_exploitation)word(field[1], exploitations),
            .exposure = (enum priority_exposure)word(field[2], exposures),
            .automatable = (enum priority_answer)word(field[3], answers),
            .human_impact = (enum priority_level)word(field[4], levels)};

        assert_true(slice_is(field[5], priority_deployer_name(priority_decide(&in).deployer)));
    }
    assert_int_equal(rows, 72);
}

static void
decisions_are_those_of_the_coordinator(void **state)
{
    AUTO_BUF(text, 1 << 20);
    struct slice field[6];
    struct slice rest;
    unsigned rows = 0;

    (void)state;
    slurp(shared, "ssvc/cisa_coordinator_2_0_3.csv", &text);
    rest = buf_get(&text);
    assert_true(next_row(&rest, field, 6));
    for (; next_row(&rest, field, 6); rows++) {
        struct priority_input in = {
            .in_kev = PRIORITY_NO,
            .vulnrichment = (enum priority_exploitation)word(field[1], exploitations),
            .automatable = (enum priority_answer)word(field[2], answers),
            .technical_impact = (enum priority_impact)word(field[3], impacts),
            .mission = (enum priority_level)word(field[4], levels)};

        assert_true(
            slice_is(field[5], priority_coordinator_name(priority_decide(&in).coordinator)));
    }
    assert_int_equal(rows, 36);
}

/* ---- what is known ----------------------------------------------------------------------- */

static unsigned
below(uint64_t *x, unsigned n)
{
    return (unsigned)((next_random(x) >> 20) % n);
}

static struct utime
some_time(uint64_t *x)
{
    return (struct utime){below(x, 2) == 0 ? 0 : now.us - below(x, 90) * DAY / 2};
}

static struct priority_input
some_input(uint64_t *x)
{
    struct priority_input in = {
        .now = now,
        .in_kev = (enum priority_answer)below(x, 3),
        .ransomware = below(x, 2) == 0,
        .vulnrichment = (enum priority_exploitation)below(x, 4),
        .automatable = (enum priority_answer)below(x, 3),
        .technical_impact = (enum priority_impact)below(x, 3),
        .has_epss = below(x, 4) != 0,
        .epss = below(x, PRIORITY_ONE + 1),
        .has_cvss = below(x, 2) == 0,
        .cvss = below(x, 101),
        .severity = (enum priority_severity)below(x, 6),
        .exposure = (enum priority_exposure)below(x, 4),
        .human_impact = (enum priority_level)below(x, 5),
        .mission = (enum priority_level)below(x, 5),
        .has_criticality = below(x, 3) != 0,
        .criticality = PRIORITY_ONE / 2 + below(x, PRIORITY_ONE / 2 + 1),
        .peer_proved = below(x, 2) == 0,
    };

    in.seen_here = some_time(x);
    in.seen_peer = some_time(x);
    in.hit = some_time(x);
    return in;
}

/* Later days are better, the next upgrade best. */
static unsigned
days_of(struct priority_deadline d)
{
    return d.days == 0 ? 1000 : d.days;
}

static bool
is_worse(const struct priority_decision *a, const struct priority_decision *b)
{
    return days_of(a->deadline) <= days_of(b->deadline) &&
           days_of(a->directive) <= days_of(b->directive) &&
           a->deadline.forensic >= b->deadline.forensic && a->deployer >= b->deployer &&
           a->coordinator >= b->coordinator && a->exploitation >= b->exploitation;
}

static void
the_unknown_takes_the_worse_value_and_says_so(void **state)
{
    uint64_t x = 5;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        const struct priority_input in = some_input(&x);
        const struct priority_decision d = priority_decide(&in);
        bool sighted = in.seen_here.us != 0 || (in.seen_peer.us != 0 && in.peer_proved);
        bool active =
            sighted || in.in_kev == PRIORITY_YES || in.vulnrichment == PRIORITY_ACTIVE;
        unsigned unknown =
            (in.in_kev == 0 ? PRIORITY_UNKNOWN_KEV : 0U) |
            (in.exposure == 0 ? PRIORITY_UNKNOWN_EXPOSURE : 0U) |
            (in.automatable == 0 ? PRIORITY_UNKNOWN_AUTOMATABLE : 0U) |
            (in.technical_impact == 0 ? PRIORITY_UNKNOWN_TECHNICAL : 0U) |
            (in.human_impact == 0 ? PRIORITY_UNKNOWN_HUMAN : 0U) |
            (in.mission == 0 ? PRIORITY_UNKNOWN_MISSION : 0U) |
            (!active && in.vulnrichment == 0 ? PRIORITY_UNKNOWN_EXPLOITATION : 0U);
        struct priority_input known = in;
        struct priority_decision k;

        assert_int_equal(d.unknown, unknown);
        assert_true(d.exploitation == (active                            ? PRIORITY_ACTIVE
                                       : in.vulnrichment == PRIORITY_POC ? PRIORITY_POC
                                                                         : PRIORITY_NONE));
        assert_true(days_of(d.deadline) <= days_of(d.directive));
        if (known.in_kev == 0)
            known.in_kev = PRIORITY_NO;
        if (known.exposure == 0)
            known.exposure = (enum priority_exposure)(1 + below(&x, 3));
        if (known.automatable == 0)
            known.automatable = (enum priority_answer)(1 + below(&x, 2));
        if (known.technical_impact == 0)
            known.technical_impact = (enum priority_impact)(1 + below(&x, 2));
        if (known.human_impact == 0)
            known.human_impact = (enum priority_level)(1 + below(&x, 4));
        if (known.mission == 0)
            known.mission = (enum priority_level)(1 + below(&x, 3));
        k = priority_decide(&known);
        assert_true(is_worse(&d, &k));
        known = in;
        known.seen_here = now;
        k = priority_decide(&known);
        assert_true(is_worse(&k, &d) && k.source == PRIORITY_FROM_HERE && k.at.us == now.us);
    }
    for (unsigned i = 0; i < PRIORITY_UNKNOWNS; i++)
        assert_true(strlen(priority_unknown_name(i)) > 2);
}

/* ---- order ------------------------------------------------------------------------------- */

static double
naive_threat(const struct priority_input *in)
{
    double w = in->seen_peer.us == 0
                   ? 0
                   : pow(0.5, (double)(now.us - in->seen_peer.us) / (7.0 * (double)DAY)) *
                         (in->peer_proved ? 1 : 0.5);
    double epss = in->has_epss ? in->epss / 1e6 : 0.1;

    if ((in->seen_here.us != 0 && now.us - in->seen_here.us <= 30 * DAY) ||
        in->in_kev == PRIORITY_YES)
        return 1;
    return 1 - (1 - epss) * (1 - 0.8 * w);
}

static double
naively(const struct priority_input *in)
{
    static const double middle[] = {1, 0, 0.2, 0.545, 0.795, 0.95};
    static const double exposure[] = {1, 0.4, 0.7, 1};
    double kev = in->in_kev == PRIORITY_NO                      ? 1
                 : in->in_kev == PRIORITY_YES && in->ransomware ? 1.1
                                                                : 1.05;

    return 100 *
           fmin(1, naive_threat(in) * (in->has_cvss ? in->cvss / 100.0 : middle[in->severity]) *
                       exposure[in->exposure] *
                       (in->has_criticality ? in->criticality / 1e6 : 1) * kev *
                       (in->hit.us != 0 ? 1.25 : 1));
}

static void
risk_is_the_formula(void **state)
{
    const struct priority_weights w = priority_weights();
    uint64_t x = 11;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        const struct priority_input in = some_input(&x);
        const struct priority_risk r = priority_weigh(&in, &w);

        assert_true(r.risk <= 100000);
        if (fabs(r.risk / 1000.0 - naively(&in)) > 0.0008)
            fail_msg("%u: %u, not %f", i, r.risk, naively(&in));
        assert_true(r.factor[PRIORITY_EPSS].unknown == !in.has_epss);
        assert_true(r.factor[PRIORITY_CRITICALITY].unknown == !in.has_criticality);
        assert_true(r.factor[PRIORITY_EXPOSURE].unknown == (in.exposure == 0));
        assert_true(r.factor[PRIORITY_HIT].at.us == in.hit.us);
        for (unsigned f = 0; f < PRIORITY_FACTORS; f++)
            assert_true(!r.factor[f].unknown || r.factor[f].source == PRIORITY_FROM_NOBODY ||
                        f == PRIORITY_THREAT);
    }
}

/* One thing is made worse; what of it is given. */
static struct priority_input
worse(struct priority_input in, uint64_t *x)
{
    switch (below(x, 9)) {
    case 0: in.epss += below(x, PRIORITY_ONE + 1 - in.epss); break;
    case 1: in.cvss += below(x, 101 - in.cvss); break;
    case 2: in.in_kev = in.in_kev == PRIORITY_NO ? PRIORITY_YES : in.in_kev; break;
    case 3: in.ransomware = true; break;
    case 4:
        if (in.exposure != 0 && in.exposure < PRIORITY_OPEN)
            in.exposure = (enum priority_exposure)(in.exposure + 1);
        break;
    case 5: in.hit = now; break;
    case 6:
        in.seen_peer.us += in.seen_peer.us == 0 ? now.us : (now.us - in.seen_peer.us) / 2;
        break;
    case 7: in.peer_proved = true; break;
    default: in.seen_here = now; break;
    }
    return in;
}

static void
more_of_anything_never_gives_less(void **state)
{
    const struct priority_weights w = priority_weights();
    uint64_t x = 17;

    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        const struct priority_input in = some_input(&x);
        const struct priority_input more = worse(in, &x);

        assert_true(priority_weigh(&more, &w).risk >= priority_weigh(&in, &w).risk);
    }
}

static void
sightings_fade(void **state)
{
    uint64_t x = 21;
    uint32_t last = 1000000000;

    (void)state;
    assert_int_equal(priority_decay((struct span){-5}, (struct span){7 * DAY}), 1000000000);
    assert_int_equal(priority_decay((struct span){7 * DAY}, (struct span){7 * DAY}), 500000000);
    assert_int_equal(priority_decay((struct span){14 * DAY}, (struct span){7 * DAY}),
                     250000000);
    assert_int_equal(priority_decay((struct span){INT64_MAX}, (struct span){DAY}), 0);
    assert_int_equal(priority_decay((struct span){PRIORITY_SPAN_MOST.us},
                                    (struct span){PRIORITY_SPAN_MOST.us}),
                     500000000);
    for (int64_t s = 0; s < 100000; s += 7) {
        uint32_t d = priority_decay((struct span){s * TIME_US_PER_S}, (struct span){DAY / 8});

        assert_true(d <= last);
        last = d;
    }
    for (unsigned i = 0; i < 20000; i++) {
        int64_t half = 1 + below(&x, 86400 * 3650);
        int64_t age = below(&x, 2000000000);
        uint32_t d = priority_decay((struct span){age * TIME_US_PER_S},
                                    (struct span){half * TIME_US_PER_S});

        assert_true(fabs(d / 1e9 - pow(0.5, (double)age / (double)half)) < 1e-8);
    }
}

static void
weights_have_bounds(void **state)
{
    const struct priority_weights good = priority_weights();
    struct priority_weights w = good;
    struct errinfo ei = {.line = 0};
    uint64_t x = 23;

    (void)state;
    assert_int_equal(priority_weights_check(&good, &ei), 0);
    w.peer = PRIORITY_ONE + 1;
    assert_int_equal(priority_weights_check(&w, &ei), ERR_INVALID);
    assert_non_null(strstr(ei.text, "`peer` is above 1.000000"));
    w = good;
    w.small = w.controlled + 1;
    assert_int_equal(priority_weights_check(&w, &ei), ERR_INVALID);
    w = good;
    w.half_life.us = 0;
    assert_int_equal(priority_weights_check(&w, &ei), ERR_INVALID);
    assert_non_null(strstr(ei.text, "half_life"));
    w = good;
    w.small = w.controlled = w.open = w.kev = w.ransomware = w.hit = PRIORITY_WEIGHT_MOST;
    assert_int_equal(priority_weights_check(&w, &ei), 0);
    for (unsigned i = 0; i < 20000; i++) {
        struct priority_input in = some_input(&x);

        assert_true(priority_weigh(&in, &w).risk <= 100000);
        in.cvss = in.epss = in.criticality = UINT32_MAX;
        assert_true(priority_weigh(&in, &w).risk <= 100000);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines_are_those_of_the_directive),
        cmocka_unit_test(decisions_are_those_of_the_deployer),
        cmocka_unit_test(decisions_are_those_of_the_coordinator),
        cmocka_unit_test(the_unknown_takes_the_worse_value_and_says_so),
        cmocka_unit_test(risk_is_the_formula),
        cmocka_unit_test(more_of_anything_never_gives_less),
        cmocka_unit_test(sightings_fade),
        cmocka_unit_test(weights_have_bounds)};

    shared = argc > 1 ? argv[1] : NULL;
    return slurp_status(cmocka_run_group_tests(tests, NULL, NULL));
}
