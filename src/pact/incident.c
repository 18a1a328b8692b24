#include <stdlib.h>

#include "pact/incident_priv.h"

static int
compare(const void *a, const void *b, void *arg)
{
    const struct incident_message *m = arg;
    const struct incident_message *x = &m[*(const unsigned *)a];
    const struct incident_message *y = &m[*(const unsigned *)b];

    if (x->at.us != y->at.us)
        return x->at.us < y->at.us ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return *(const unsigned *)a < *(const unsigned *)b ? -1 : 1; /* as they were given */
}

/* What is derived from the clocks, at the end. */
static void
look_at_clocks(struct fold *f, struct utime now)
{
    struct incident *in = f->in;

    for (unsigned d = 0; d < DUES; d++) {
        struct due_clock *c = &f->clock[d];
        int64_t used = fold_used(f, (enum incident_due)d, now);

        if (!c->owed)
            continue;
        in->owed |= 1U << d;
        if (used > c->limit)
            in->overdue |= 1U << d;
        if (c->runs)
            in->due[d] = fold_after(f, c->since, c->limit - c->used);
    }
    in->undelivered = in->state == INCIDENT_NOTIFIED && (in->overdue & 1U << DUE_RECEIPT) != 0;
}

/* NOLINTBEGIN(readability-function-size): lists go with their lengths */
int
incident_fold(const struct incident_terms *terms, const struct incident_message *m, unsigned n,
              const struct incident_span *suspended, unsigned spans, struct utime now,
              struct incident *ret, struct incident_rejection *rejected, unsigned room)
/* NOLINTEND(readability-function-size) */
{
    struct fold f = {.terms = terms,
                     .times = &terms->severity[0],
                     .suspended = suspended,
                     .spans = spans,
                     .in = ret};
    unsigned *order;

    *ret = (struct incident){0};
    if (n > INCIDENT_MESSAGES || spans > INCIDENT_SPANS)
        return ERR_LIMIT;
    order = malloc((n + 1) * sizeof *order);
    if (order == NULL)
        return ERR_NOMEM;
    for (unsigned i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, compare, (void *)(uintptr_t)m);
    for (unsigned i = 0; i < n && m[order[i]].at.us <= now.us; i++) {
        enum incident_state before = ret->state;
        int code = fold_message(&f, &m[order[i]]);

        if (code == 0)
            continue;
        if (rejected != NULL && ret->rejections < room)
            rejected[ret->rejections] =
                (struct incident_rejection){order[i], (enum incident_reject)(code - 1), before};
        ret->rejections++;
    }
    free(order);
    look_at_clocks(&f, now);
    return 0;
}

/* ---- figures and words ------------------------------------------------------------------ */

#define HOURS(n)                      \
    {                                 \
        (int64_t)(n) * 3600 * 1000000 \
    }
#define DAYS(n) HOURS((n)*24)

static const struct incident_times example[] = {
    {{HOURS(1), HOURS(4), HOURS(24), HOURS(48), HOURS(24), HOURS(48)}, HOURS(72), HOURS(12)},
    {{HOURS(1), HOURS(24), DAYS(3), DAYS(7), DAYS(3), DAYS(7)}, DAYS(7), DAYS(3)},
    {{HOURS(1), DAYS(3), DAYS(7), DAYS(14), DAYS(7), DAYS(14)}, DAYS(14), DAYS(14)}};

const struct incident_terms incident_example = {
    .severity = example,
    .severities = 3,
    .extensions = 2,
    .extension = DAYS(7),
    .reopen_within = DAYS(30),
    .coverage_ppm = 800000,
    .finding_reason = 1U << FINDING_NOT_SEEN | 1U << FINDING_SPOOFED |
                      1U << FINDING_FALSE_POSITIVE | 1U << FINDING_BENIGN_AUTHORISED |
                      1U << FINDING_NOT_OUR_SPACE | 1U << FINDING_TRANSIT,
    .action_reason = 1U << ACTION_NONE};

static const char *const states[INCIDENT_STATES] = {
    "NONE",     "NOTIFIED", "RECEIVED", "ACKNOWLEDGED", "INQUIRY",
    "ANSWERED", "ACTED",    "DISPUTED", "ESCALATED",    "CLOSED"};
static const char *const types[INCIDENT_TYPES] = {
#define MESSAGE(id, name) (name),
#include "pact/incident.def"
};
static const char *const findings[FINDINGS] = {
    "",
#define FINDING(id, name) (name),
#include "pact/incident.def"
};
static const char *const actions[ACTIONS] = {
    "",
#define ACTION(id, name) (name),
#include "pact/incident.def"
};
static const char *const results[RESULTS] = {
    "",
#define RESULT(id, name) (name),
#include "pact/incident.def"
};
static const char *const dues[DUES] = {"receipt", "acknowledge", "answer",
                                       "act",     "evidence",    "confirm"};

const char *
incident_state_name(enum incident_state s)
{
    return states[s];
}

const char *
incident_type_name(enum incident_type t)
{
    return types[t];
}

const char *
incident_finding_name(enum incident_finding f)
{
    return findings[f];
}

const char *
incident_action_name(enum incident_action a)
{
    return actions[a];
}

const char *
incident_result_name(enum incident_result r)
{
    return results[r];
}

const char *
incident_due_name(enum incident_due d)
{
    return dues[d];
}

const char *
incident_reject_name(const struct incident_rejection *r)
{
    switch (r->code) {
    case REJECTED_STATE: return states[r->state];
    case REJECTED_EARLY: return "early";
    case REJECTED_CONDITION: return "condition";
    case REJECTED_REASON: break;
    }
    return "reason";
}

/* The place of a name among those from `first` on; count when it is none. */
static unsigned
find(struct slice name, const char *const *names, unsigned first, unsigned count)
{
    unsigned i = first;

    while (i < count && !slice_is(name, names[i]))
        i++;
    return i;
}

enum incident_type
incident_type_find(struct slice name)
{
    return (enum incident_type)find(name, types, 0, INCIDENT_TYPES);
}

enum incident_finding
incident_finding_find(struct slice name)
{
    return (enum incident_finding)find(name, findings, 1, FINDINGS);
}

enum incident_action
incident_action_find(struct slice name)
{
    return (enum incident_action)find(name, actions, 1, ACTIONS);
}

enum incident_result
incident_result_find(struct slice name)
{
    return (enum incident_result)find(name, results, 1, RESULTS);
}
