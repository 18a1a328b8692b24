/* An incident between two parties as a pure fold: its messages and the time now give its state.
 *
 * T is the target's side, which notifies; O the origin's, which answers.  Both sides fold the
 * same messages and so see the same; nothing here is ever sent.  Which message may come when,
 * what it leads to and which clocks it starts stands in docs/pact.md; the figures (deadlines of
 * each severity, extensions, what needs a reason) are the pact's.
 *
 * Clocks run on time that is not suspended: spans in which the parties were out of contact are
 * handed in.  Times are microseconds; a fold of n messages is O(n log n). */
#ifndef DETENTE_PACT_INCIDENT_H
#define DETENTE_PACT_INCIDENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"

enum incident_side { SIDE_T, SIDE_O };

enum incident_state {
    INCIDENT_NONE, /* no notice yet */
    INCIDENT_NOTIFIED,
    INCIDENT_RECEIVED,
    INCIDENT_ACKNOWLEDGED,
    INCIDENT_INQUIRY,
    INCIDENT_ANSWERED,
    INCIDENT_ACTED,
    INCIDENT_DISPUTED,
    INCIDENT_ESCALATED,
    INCIDENT_CLOSED,
    INCIDENT_STATES
};

enum incident_type {
#define MESSAGE(id, name) INCIDENT_##id,
#include "pact/incident.def"
    INCIDENT_TYPES
};

enum incident_finding {
    FINDING_NONE,
#define FINDING(id, name) FINDING_##id,
#include "pact/incident.def"
    FINDINGS
};

enum incident_action {
    ACTION_UNSAID, /* the message carries none */
#define ACTION(id, name) ACTION_##id,
#include "pact/incident.def"
    ACTIONS
};

enum incident_result {
    RESULT_NONE,
#define RESULT(id, name) RESULT_##id,
#include "pact/incident.def"
    RESULTS
};

/* Deadlines; bits of the masks below.  The first four are O's, the others T's. */
enum incident_due {
    DUE_RECEIPT,
    DUE_ACKNOWLEDGE,
    DUE_ANSWER,
    DUE_ACT,
    DUE_EVIDENCE,
    DUE_CONFIRM,
    DUES
};

/* Of one severity. */
struct incident_times {
    struct span due[DUES];
    struct span quiet_for;
    struct span escalate_after;
};

struct incident_terms {
    const struct incident_times *severity;
    unsigned severities;
    unsigned extensions; /* at most */
    struct span extension;
    struct span reopen_within;
    uint32_t coverage_ppm;   /* at least, of a quiet time */
    uint32_t finding_reason; /* bit per finding that needs a reason */
    uint32_t action_reason;
};

struct incident_message {
    enum incident_type type;
    enum incident_side from;
    uint64_t seq;    /* the sender's, for those of one time */
    struct utime at; /* as it says */
    struct utime
        counts;        /* for deadlines: later than `at` when that is disputed, else the same */
    unsigned severity; /* of a notice: index in the terms */
    enum incident_finding finding;
    enum incident_action action;
    enum incident_result result;
    bool has_reason;
    int64_t coverage_ppm;    /* of a close confirmed-quiet */
    struct utime quiet_from; /* both 0: the time since the action */
    struct utime quiet_until;
};

struct incident_span {
    struct utime from;
    struct utime until;
};

/* Why a message was passed over. */
enum incident_reject {
    REJECTED_STATE, /* type or sender do not fit the state, which is named */
    REJECTED_EARLY,
    REJECTED_CONDITION,
    REJECTED_REASON
};

struct incident_rejection {
    unsigned message; /* index in what was given */
    enum incident_reject code;
    enum incident_state state; /* in which it came */
};

struct incident {
    enum incident_state state;
    unsigned severity;
    unsigned late;          /* done, or closed, behind its time */
    unsigned overdue;       /* open, and behind its time */
    unsigned owed;          /* open, in time or not */
    struct utime due[DUES]; /* when what is owed is over, if nothing is suspended from now on */
    unsigned met;           /* done, in time or not; of a reopened one, since then */
    int64_t took[DUES];     /* … on its clock, microseconds */
    struct utime closed;    /* when; 0 it is open */
    enum incident_finding finding;
    enum incident_action action;
    enum incident_result result;
    unsigned recur;
    unsigned reopened;
    unsigned extensions; /* granted */
    bool undelivered;    /* no receipt, behind its time */
    bool deemed;         /* the receipt was not given, and counts as given */
    unsigned rejections; /* all of them */
};

enum { INCIDENT_MESSAGES = 1 << 20, INCIDENT_SPANS = 1024 };

/* Orders the messages by time, T before O, sequence, in *order (n indexes, the caller's), and
 * folds those up to now.  suspended: rising, disjoint.  Each rejection goes to rejected[], the
 * first `room` of them (NULL: none).  ERR_NOMEM, ERR_LIMIT. */
MUST_USE int incident_fold(const struct incident_terms *terms, const struct incident_message *m,
                           unsigned n, const struct incident_span *suspended, unsigned spans,
                           struct utime now, struct incident *ret,
                           struct incident_rejection *rejected, unsigned room);

/* The figures of the example pact: critical, high, normal, in this order. */
extern const struct incident_terms incident_example;

/* May that side say a message of that type in that state, as far as the state goes?  What else
 * it needs (a reason, a cause, quiet time) only the fold of the message itself tells. */
bool incident_may(enum incident_state s, enum incident_side side, enum incident_type type);

const char *incident_state_name(enum incident_state s); /* "RECEIVED" */
const char *incident_type_name(enum incident_type t);   /* "consult-record" */
const char *incident_finding_name(enum incident_finding f);
const char *incident_action_name(enum incident_action a);
const char *incident_result_name(enum incident_result r);
const char *incident_due_name(enum incident_due d);
/* The name of a rejection's code: of a state, or "early" "condition" "reason". */
const char *incident_reject_name(const struct incident_rejection *r);
/* By name, or the number of all: INCIDENT_TYPES, FINDINGS, ACTIONS, RESULTS. */
enum incident_type incident_type_find(struct slice name);
enum incident_finding incident_finding_find(struct slice name);
enum incident_action incident_action_find(struct slice name);
enum incident_result incident_result_find(struct slice name);

#endif
