/* Inside the fold: clocks and what a message does to them. */
#ifndef DETENTE_PACT_INCIDENT_PRIV_H
#define DETENTE_PACT_INCIDENT_PRIV_H

#include "pact/incident.h"

/* Time that somebody owes something: runs, stands, is met. */
struct due_clock {
    bool owed;
    bool runs;
    struct utime since; /* when it runs: since then … */
    int64_t used;       /* … and before that, microseconds */
    int64_t limit;
};

struct fold {
    const struct incident_terms *terms;
    const struct incident_times *times;
    const struct incident_span *suspended;
    unsigned spans;
    struct incident *in;
    struct due_clock clock[DUES];
    struct utime noticed;
    struct utime watched; /* quiet is counted since the action or the answer */
    struct utime closed;
    unsigned requests; /* extensions asked for and not granted */
    unsigned stopped;  /* mask: clocks that an inquiry stopped */
};

/* Of from … until, what was not suspended. */
int64_t fold_run(const struct fold *f, struct utime from, struct utime until);
/* The moment at which that much ran since from. */
struct utime fold_after(const struct fold *f, struct utime from, int64_t run);

void fold_start(struct fold *f, enum incident_due d, struct utime at, int64_t limit);
void fold_stop(struct fold *f, enum incident_due d, struct utime at); /* still owed */
void fold_go_on(struct fold *f, enum incident_due d, struct utime at);
/* It was done, or need not be: late when it was behind its time and `done`. */
void fold_met(struct fold *f, enum incident_due d, struct utime at, bool done);
int64_t fold_used(const struct fold *f, enum incident_due d, struct utime now);

/* What m means in the state it comes in: 0 and f changed, or the code of its rejection + 1. */
int fold_message(struct fold *f, const struct incident_message *m);

#endif
