/* Events against the thresholds of a pact: what opens an incident, and what goes on in it.
 *
 * Judged is an event from one party's space (judge/space.h) to another's, of a class of the
 * pact, that no exclusion names and whose time lies in the pact's validity.  For each
 * obligation that watches (pact_watches()) and lists its class (`*`: see pact_is_any()), whose
 * origin grade it reaches and whose protected targets it hits, it counts in a window of
 * that obligation, per (origin key, origin's party, target's party).  A threshold is met when
 * some span of its length, open at its beginning and closed at its end, holds at once: events
 * the sum of the events' counts, of attack events (all kinds but flow); targets, sensors   so
 * many distinct ones; bytes_per_s   that rate on average over `sustained`, counted in whole
 * seconds (ten-minute spans and less; else in 600ths of it).  An event carries no bytes, so the
 * caller hands them in; flow events count here alone.  A flow that lasted longer than
 *            `sustained` is handed in as parts.
 * Origin key: the address's prefix of aggregation.origin_v4, origin_v6 bits; for obligations to
 * refrain of grade O0 the announced prefix that the caller hands in, else its /24 or /48, for
 * spoofed sources would make a million of them.
 *
 * Time is the event's own (the sensor's), but for one ahead of the time it was seen by more
 * than the skew that is flagged: then that.  Order of arrival does not matter within
 * `lateness`; a later one opens nothing, and still counts in an incident that is open.
 *
 * Counting what is flagged duplicate: the flag says same origin, target, port, rule and kind in
 * one minute.  A second such record of the same sensor is a second act (a password guessed
 * again), and counts; one of another sensor is the same act seen twice: its sensor counts, its
 * events do not.
 *
 * One event opens at most one incident, under the strictest severity (shortest acknowledge,
 * then answer, act, receipt; then the pact's order).  Other obligations that are met with it
 * are named in it, now or later, and do not open one of their own; nor does one that is met by
 * an event of an incident which is open under the same or a stricter severity.  A stricter one
 * does open its own, which names the other: the deadlines of a running incident cannot change.
 * Beyond the pact's open_incidents_per_obligation all others of an obligation and pair of
 * parties are counted in one more, the collective incident.
 *
 * Totals of an incident are of the events that count for its own obligation, from the first of
 * the activity that led to it (events with no silence longer than window and lateness
 * together); once another obligation is named, of those that count for that too.  `count` is
 * exact; so is `targets` up to JUDGE_TARGETS, beyond that or where old events were let go it is
 * marked `at_least`.
 *
 * Memory is bounded: so many windows of 128 bytes with their first two events (and at most 80
 * of table), and so many bytes for further events that windows remember, 32 each, a quarter of
 * it more where they do not fit together.  It is touched as it is used.  A window remembers
 * only what its threshold can still depend on: at most some 2 × (events + targets + sensors) in
 * half its length.  A full table lets the oldest window go that has seen one event alone, then
 * others, never one that is open: counted in `evicted`; what a window could not remember in
 * `shed`.  While both are 0, incidents are the same that a look at every span of all events
 * would open.
 *
 * Pure, deterministic, one thread.  Give judge_events() many events at once: what one of them
 * needs is fetched while others are judged.  Some 50 ns an event and 30 to 50 for each window
 * that counts it, 90 where windows are more than the cache holds (make bench). */
#ifndef DETENTE_JUDGE_JUDGE_H
#define DETENTE_JUDGE_JUDGE_H

#include "judge/space.h"
#include "model/event.h"

enum {
    JUDGE_EVIDENCE = 64,
    JUDGE_TARGETS = 4096,
    JUDGE_WINDOWS = 1 << 20,  /* default */
    JUDGE_MEMORY = 256 << 20, /* bytes, default */
    JUDGE_LATENESS_S = 3600,  /* default */
    JUDGE_WINDOWS_MAX = 1 << 26
};

struct judge;

struct judge_limits {
    uint32_t windows;     /* 0: the default, as below */
    size_t memory;        /* bytes for remembered events and targets */
    struct span lateness; /* at most the pact's aggregation.gap */
    uint64_t secret;      /* for hashing, so that nobody can choose collisions */
    uint64_t number;      /* the last incident's, of the judge before; 0 */
};

struct judge_item {
    const struct event *event;
    struct event_id id;      /* block below 2^44 */
    uint64_t bytes;          /* of a flow, below 2^48; 0 unknown */
    struct prefix announced; /* that the origin lies in; used when it covers it, not if shorter
                                than /8 or /19 */
    bool transit;            /* its origin's party only carries it */
};

struct judge_totals {
    struct utime first;
    struct utime last;
    uint64_t events; /* records */
    uint64_t count;  /* acts: the sum of counts */
    uint64_t bytes;
    uint32_t targets; /* distinct */
    bool at_least;    /* of targets; see judge_replay() */
    uint32_t bursts;  /* parted by more than aggregation.gap */
    struct utime burst_first;
    struct utime before_first; /* the burst before it, where there are two; */
    struct utime before_last;  /* only judge_restore() needs to know */
    uint64_t origins;          /* 1; of a collective one how many keys met the threshold */
};

/* Obligations and parties are indexes in the pact; arrays live for the call. */
struct judge_opened {
    uint64_t number; /* of this judge, from 1, never twice */
    unsigned obligation;
    const uint16_t *also; /* the others that it names */
    unsigned also_count;
    unsigned origin_party;
    unsigned target_party;
    struct prefix origin; /* the key; of a collective one all zero */
    bool collective;
    enum event_class class_; /* the most frequent of the evidence */
    unsigned sensors;        /* distinct, of the evidence */
    struct judge_totals totals;
    const struct event_id *evidence; /* of the span that met the threshold, in order of time;
                                        those with new targets first when there are too many */
    unsigned evidence_count;         /* at most JUDGE_EVIDENCE */
};

struct judge_more {
    uint64_t number;
    const uint16_t *also;
    unsigned also_count;
    struct judge_totals totals;
};

/* A window of a key that counts in an incident whose other obligation it is. */
struct judge_joined {
    uint64_t number;
    unsigned obligation;
    struct prefix origin;
    struct utime last; /* event of it */
};

struct judge_output {
    void (*opened)(void *arg, const struct judge_opened *o);
    void (*more)(void *arg, const struct judge_more *m);
    void (*joined)(void *arg, const struct judge_joined *w); /* NULL: no restart is meant */
    void *arg;
};

struct judge_counts {
    uint64_t events;
    uint64_t foreign;  /* not from one party to another */
    uint64_t excluded; /* by an exclusion or the pact's validity */
    uint64_t unjudged; /* no obligation counts it */
    uint64_t late;
    uint64_t again;   /* seen before by another sensor */
    uint64_t evicted; /* windows */
    uint64_t shed;    /* events that a window could not remember */
    uint32_t windows; /* now */
    uint32_t open;    /* incidents, now */
    size_t memory;    /* bytes, now; windows themselves apart */
};

/* Pact and space must live as long as the judge.  ERR_CONF (ei says why) for an obligation with
 * bytes_per_s beside another count, which is two obligations; ERR_NOMEM. */
MUST_USE int judge_new(const struct pact *p, const struct space *s,
                       const struct judge_limits *limits, const struct judge_output *out,
                       struct judge **ret, struct errinfo *ei);
struct judge *judge_free(struct judge *j); /* NULL is fine; gives NULL */

/* Incidents that the events open are told before this returns, in the order of the events. */
void judge_events(struct judge *j, const struct judge_item *item, size_t n);
/* Tell `more` of each incident that changed since it was told last. */
void judge_flush(struct judge *j);
/* The parties closed it: what comes next counts from nothing.  ERR_NOTFOUND. */
MUST_USE int judge_close(struct judge *j, uint64_t number);

/* ---- after a restart -------------------------------------------------------------------- */

/* An incident as it was told last: `also` and totals by `opened` or `more`; and what `joined`
 * said, of which a later word on the same window (obligation, origin, both parties) replaces an
 * earlier one, be it of another incident, and so does an incident that opens for it. */
struct judge_incident {
    uint64_t number;
    unsigned obligation;
    const uint16_t *also;
    unsigned also_count;
    unsigned origin_party;
    unsigned target_party;
    struct prefix origin;
    bool collective;
    struct judge_totals totals;
    const struct judge_joined *joined;
    unsigned joined_count;
};

/* To go on as if it had never stopped, a new judge (same pact and space; limits.number) needs
 * 1. what the old one told up to and with one judge_flush(), kept with the place in the order
 *    of events where that was (in one transaction);
 * 2. judge_restore() for the incidents that are open and those that were closed within what is
 *    replayed, by rising number;
 * 3. judge_replay(since), then judge_events() for all events up to that place whose time (as
 *    judged) is not before `since`, in the order of then; and judge_close() for those that
 *    were closed, between the events where they were.  `since` lies at least judge_next()
 *    before the newest time judged;
 * 4. judge_live(), and what came after that place.
 * Nothing is told meanwhile.  Then incidents open as they would have, with the same numbers,
 * and totals are the same, but
 * - distinct targets of a restored incident: those before `since`, of its other obligations and
 *   of a collective one are known by number alone; when one comes that may be among them,
 *   `targets` stays a lower bound and `at_least` says so;
 * - an incident that opens later, of an activity that may have begun before `since`, has what
 * it counts since: `at_least`, and then of events, count, bytes and first too.  A `since` of
 *   twice judge_next() leaves that to activities that last so long. */
MUST_USE int judge_restore(struct judge *j, const struct judge_incident *i); /* before events;
    ERR_INVALID no such obligation, a number not given yet or twice; ERR_NOMEM */
void judge_replay(struct judge *j, struct utime since);
void judge_live(struct judge *j); /* judge_counts() begin here */
/* The longest span of an obligation, the lateness, and the minute in which a sight counts. */
struct span judge_next(const struct judge *j);

/* Other annexes are in force.  They count for no event before they were, so what windows hold
 * stays right; events that came since then, and were judged without them, are judged again by a
 * new judge over the kept events: the same calls give the same incidents as if the annex had
 * been known all along. */
void judge_space(struct judge *j, const struct space *s);
struct judge_counts judge_counts(const struct judge *j);

#endif
