/* One function a message: may it come now, and what it changes. */
#include "pact/incident_priv.h"

enum { FINE = 0 };

static int
reject(enum incident_reject code)
{
    return (int)code + 1;
}

static int64_t
limit_of(const struct fold *f, enum incident_due d)
{
    return f->times->due[d].us;
}

/* O's clocks behind the receipt. */
static void
start_clocks(struct fold *f, struct utime at)
{
    for (unsigned d = DUE_ACKNOWLEDGE; d <= DUE_ACT; d++)
        fold_start(f, (enum incident_due)d, at, limit_of(f, (enum incident_due)d));
}

static bool
is_explained(const struct fold *f)
{
    return f->in->finding != FINDING_NONE && f->in->finding != FINDING_CORROBORATED;
}

static bool
is_overdue(const struct fold *f, enum incident_due d, struct utime now, int64_t by)
{
    return f->clock[d].owed && fold_used(f, d, now) > f->clock[d].limit + by;
}

/* At the end, what is behind its time stays so, though it was never done. */
static void
close_all(struct fold *f, const struct incident_message *m, enum incident_result result)
{
    for (unsigned d = 0; d < DUES; d++) {
        if (is_overdue(f, (enum incident_due)d, m->counts, 0))
            f->in->late |= 1U << d;
        fold_met(f, (enum incident_due)d, m->counts, false);
    }
    f->in->state = INCIDENT_CLOSED;
    f->in->result = result;
    f->in->closed = f->closed = m->counts;
}

static int
step_notice(struct fold *f, const struct incident_message *m)
{
    if (m->severity >= f->terms->severities)
        return reject(REJECTED_CONDITION);
    f->in->severity = m->severity;
    f->times = &f->terms->severity[m->severity];
    f->noticed = m->counts;
    fold_start(f, DUE_RECEIPT, m->counts, limit_of(f, DUE_RECEIPT));
    f->in->state = INCIDENT_NOTIFIED;
    return FINE;
}

/* A late one finds the other clocks running since it was due. */
static int
step_receipt(struct fold *f, const struct incident_message *m)
{
    struct utime due = fold_after(f, f->noticed, limit_of(f, DUE_RECEIPT));
    bool deemed = m->type == INCIDENT_DEEMED;

    if (deemed && m->counts.us < due.us)
        return reject(REJECTED_EARLY);
    f->in->deemed = deemed;
    fold_met(f, DUE_RECEIPT, deemed ? due : m->counts, true);
    start_clocks(f, m->counts.us < due.us ? m->counts : due);
    f->in->state = INCIDENT_RECEIVED;
    return FINE;
}

static int
step_ack(struct fold *f, const struct incident_message *m)
{
    fold_met(f, DUE_ACKNOWLEDGE, m->counts, true);
    f->in->state = INCIDENT_ACKNOWLEDGED;
    return FINE;
}

/* It counts as an acknowledgement, and stops O's clocks until T has answered it. */
static int
step_inquiry(struct fold *f, const struct incident_message *m)
{
    fold_met(f, DUE_ACKNOWLEDGE, m->counts, true);
    fold_met(f, DUE_CONFIRM, m->counts, false);
    f->stopped = 0;
    for (unsigned d = DUE_ANSWER; d <= DUE_ACT; d++) {
        if (f->clock[d].runs) {
            f->stopped |= 1U << d;
            fold_stop(f, (enum incident_due)d, m->counts);
        }
    }
    fold_start(f, DUE_EVIDENCE, m->counts, limit_of(f, DUE_EVIDENCE));
    f->in->state = INCIDENT_INQUIRY;
    return FINE;
}

static int
step_evidence(struct fold *f, const struct incident_message *m)
{
    fold_met(f, DUE_EVIDENCE, m->counts, true);
    for (unsigned d = DUE_ANSWER; d <= DUE_ACT; d++) {
        if ((f->stopped & 1U << d) != 0)
            fold_go_on(f, (enum incident_due)d, m->counts);
    }
    f->stopped = 0;
    f->in->state = INCIDENT_ACKNOWLEDGED;
    return FINE;
}

/* An explanation leaves nothing to act upon, as long as it is not disputed. */
static int
step_answer(struct fold *f, const struct incident_message *m)
{
    if ((f->terms->finding_reason & 1U << m->finding) != 0 && !m->has_reason)
        return reject(REJECTED_REASON);
    f->in->finding = m->finding;
    fold_met(f, DUE_ACKNOWLEDGE, m->counts, true);
    fold_met(f, DUE_ANSWER, m->counts, true);
    f->watched = m->counts;
    if (is_explained(f)) {
        fold_met(f, DUE_ACT, m->counts, false);
        fold_start(f, DUE_CONFIRM, m->counts, limit_of(f, DUE_CONFIRM));
    }
    f->in->state = INCIDENT_ANSWERED;
    return FINE;
}

static int
step_action(struct fold *f, const struct incident_message *m)
{
    if ((f->terms->action_reason & 1U << m->action) != 0 && !m->has_reason)
        return reject(REJECTED_REASON);
    f->in->action = m->action;
    fold_met(f, DUE_ANSWER, m->counts, true);
    fold_met(f, DUE_ACT, m->counts, true);
    f->watched = m->counts;
    fold_start(f, DUE_CONFIRM, m->counts, f->times->quiet_for.us + limit_of(f, DUE_CONFIRM));
    f->in->state = INCIDENT_ACTED;
    return FINE;
}

static int
step_activity(struct fold *f, const struct incident_message *m)
{
    fold_met(f, DUE_CONFIRM, m->counts, true);
    fold_start(f, DUE_ACT, m->counts, limit_of(f, DUE_ACT));
    f->in->recur++;
    f->in->state = INCIDENT_ACKNOWLEDGED;
    return FINE;
}

/* Blind time is no quiet time: the coverage is of the time that the message names. */
static bool
was_quiet(const struct fold *f, const struct incident_message *m)
{
    struct utime from = m->quiet_from.us != 0 ? m->quiet_from : f->watched;
    struct utime until = m->quiet_until.us != 0 ? m->quiet_until : m->counts;

    return from.us >= f->watched.us && until.us <= m->counts.us &&
           fold_run(f, from, until) >= f->times->quiet_for.us &&
           m->coverage_ppm >= f->terms->coverage_ppm;
}

static bool
may_close(const struct fold *f, const struct incident_message *m)
{
    bool t = m->from == SIDE_T;
    bool explained = f->in->state == INCIDENT_ANSWERED && is_explained(f);
    bool silent = f->clock[DUE_CONFIRM].owed &&
                  fold_used(f, DUE_CONFIRM, m->counts) >= f->clock[DUE_CONFIRM].limit;

    switch (m->result) {
    case RESULT_CONFIRMED_QUIET: return t && f->in->state == INCIDENT_ACTED && was_quiet(f, m);
    case RESULT_CLOSED_UNVERIFIED: return !t && f->in->state == INCIDENT_ACTED && silent;
    case RESULT_ACCEPTED_EXPLANATION: return t && explained;
    case RESULT_NOT_CONTESTED: return !t && explained && silent;
    case RESULT_NO_EVIDENCE:
        return !t && f->in->state == INCIDENT_INQUIRY &&
               is_overdue(f, DUE_EVIDENCE, m->counts, 0);
    case RESULT_NONE:
    case RESULT_SETTLED:
    case RESULT_UNSETTLED:
    case RESULT_WITHDRAWN:
    case RESULTS: break;
    }
    return false;
}

static int
step_close(struct fold *f, const struct incident_message *m)
{
    if (!may_close(f, m))
        return reject(REJECTED_CONDITION);
    if (m->from == SIDE_T)
        fold_met(f, DUE_CONFIRM, m->counts, true);
    close_all(f, m, m->result);
    return FINE;
}

static int
step_dispute(struct fold *f, const struct incident_message *m)
{
    fold_met(f, DUE_CONFIRM, m->counts, true);
    fold_go_on(f, DUE_ACT, m->counts); /* what was used before the answer stays used */
    f->in->state = INCIDENT_DISPUTED;
    return FINE;
}

static int
step_escalate(struct fold *f, const struct incident_message *m)
{
    bool cause = f->in->state == INCIDENT_DISPUTED;

    for (unsigned d = 0; d < DUES; d++)
        cause |= is_overdue(f, (enum incident_due)d, m->counts, f->times->escalate_after.us);
    if (!cause)
        return reject(REJECTED_EARLY);
    f->in->state = INCIDENT_ESCALATED;
    return FINE;
}

static int
step_consult(struct fold *f, const struct incident_message *m)
{
    if (m->result != RESULT_SETTLED && m->result != RESULT_UNSETTLED)
        return reject(REJECTED_CONDITION);
    close_all(f, m, m->result);
    return FINE;
}

static int
step_withdraw(struct fold *f, const struct incident_message *m)
{
    close_all(f, m, RESULT_WITHDRAWN);
    return FINE;
}

static int
step_reopen(struct fold *f, const struct incident_message *m)
{
    struct incident fresh = {.state = INCIDENT_RECEIVED,
                             .severity = f->in->severity,
                             .recur = f->in->recur,
                             .reopened = f->in->reopened + 1,
                             .rejections = f->in->rejections};

    if (fold_run(f, f->closed, m->counts) > f->terms->reopen_within.us)
        return reject(REJECTED_CONDITION);
    *f->in = fresh;
    f->requests = f->stopped = 0;
    start_clocks(f, m->counts);
    return FINE;
}

static int
step_update(struct fold *f, const struct incident_message *m)
{
    (void)f;
    (void)m;
    return FINE;
}

static int
step_request(struct fold *f, const struct incident_message *m)
{
    (void)m;
    f->requests++;
    return FINE;
}

static int
step_grant(struct fold *f, const struct incident_message *m)
{
    (void)m;
    if (f->requests == 0 || f->in->extensions >= f->terms->extensions)
        return reject(REJECTED_CONDITION);
    f->requests--;
    f->in->extensions++;
    f->clock[DUE_ANSWER].limit += f->terms->extension.us;
    f->clock[DUE_ACT].limit += f->terms->extension.us;
    return FINE;
}

enum {
    T = 1 << SIDE_T,
    O = 1 << SIDE_O,
    OPEN = (1 << INCIDENT_CLOSED) - (1 << INCIDENT_NOTIFIED) /* all between */
};
#define IN(state) (1 << INCIDENT_##state)

/* docs/pact.md has the same table for people. */
static const struct {
    int senders;
    int states;
    int (*step)(struct fold *f, const struct incident_message *m);
} rules[INCIDENT_TYPES] = {
    [INCIDENT_NOTICE] = {T, IN(NONE), step_notice},
    [INCIDENT_RECEIPT] = {O, IN(NOTIFIED), step_receipt},
    [INCIDENT_HELD] = {O, IN(NOTIFIED), step_receipt},
    [INCIDENT_DEEMED] = {O, IN(NOTIFIED), step_receipt},
    [INCIDENT_ACK] = {O, IN(RECEIVED), step_ack},
    [INCIDENT_INQUIRY_] = {O, IN(RECEIVED) | IN(ACKNOWLEDGED) | IN(DISPUTED), step_inquiry},
    [INCIDENT_EVIDENCE] = {T, IN(INQUIRY), step_evidence},
    [INCIDENT_ANSWER] = {O, IN(RECEIVED) | IN(ACKNOWLEDGED) | IN(DISPUTED), step_answer},
    [INCIDENT_ACTION_] = {O, IN(ACKNOWLEDGED) | IN(ANSWERED) | IN(DISPUTED), step_action},
    [INCIDENT_ACTIVITY] = {T, IN(ACTED), step_activity},
    [INCIDENT_CLOSE] = {T | O, IN(INQUIRY) | IN(ANSWERED) | IN(ACTED), step_close},
    [INCIDENT_DISPUTE] = {T, IN(ANSWERED) | IN(ACTED), step_dispute},
    [INCIDENT_ESCALATE] = {T | O, OPEN & ~IN(ESCALATED), step_escalate},
    [INCIDENT_CONSULT_RECORD] = {T | O, IN(ESCALATED), step_consult},
    [INCIDENT_WITHDRAW] = {T, OPEN, step_withdraw},
    [INCIDENT_REOPEN] = {T, IN(CLOSED), step_reopen},
    [INCIDENT_UPDATE] = {T, OPEN, step_update},
    [INCIDENT_EXTENSION_REQUEST] = {O, OPEN, step_request},
    [INCIDENT_EXTENSION_GRANT] = {T, OPEN, step_grant},
};

bool
incident_may(enum incident_state s, enum incident_side side, enum incident_type type)
{
    return type < INCIDENT_TYPES && (rules[type].senders & 1 << side) != 0 &&
           (rules[type].states & 1 << s) != 0;
}

int
fold_message(struct fold *f, const struct incident_message *m)
{
    if (!incident_may(f->in->state, m->from, m->type))
        return reject(REJECTED_STATE);
    return rules[m->type].step(f, m);
}
