/* Inside the arbiter: what is open, and how it comes back after a restart. */
#ifndef DETENTE_ROLE_ARBITER_PRIV_H
#define DETENTE_ROLE_ARBITER_PRIV_H

#include "model/text.h"
#include "role/arbiter.h"

enum { RUNNING_JOINED = 64 /* windows of other obligations, of one incident */ };

/* One that is open, and was found by judging. */
struct running {
    unsigned pact;
    uint64_t number; /* of the judge */
    char name[INCIDENT_ID_TEXT];
    bool noticed;
    bool held_up; /* its notice was one too many for the day */
    bool more;    /* something came since what was told last … */
    bool changed; /* … and since what was kept last */
    struct judge_totals totals;
    uint16_t also[PACT_OBLIGATIONS];
    unsigned also_count;
    struct judge_joined joined[RUNNING_JOINED];
    unsigned joined_count;
    int64_t updated; /* mono: when it was told last */
    uint64_t last_leaf;
    struct utime since;
};

struct court {
    struct judge *judge;
    struct arbiter *a;
    unsigned pact;
};

struct arbiter {
    struct arbiter_open o;
    const struct book *book;
    struct court court[BOOK_PACTS];
    struct detected **found;
    unsigned found_from;
    unsigned found_count;
    unsigned found_room;
    struct running *running;
    unsigned running_count;
    unsigned running_room;
    struct arbiter_counts counts;
    uint64_t judged; /* block up to which all is judged … */
    uint64_t kept;   /* … and as it is kept */
    int64_t looked;
    int64_t saved;
};

/* arbiter_restart.c: what was open, and how far was judged, into the courts; then the events
 * since are judged. */
MUST_USE int arbiter_take_up(struct arbiter *a, struct errinfo *ei);
/* Within a transaction: everything up to this block was judged, and what it opened is here. */
MUST_USE int arbiter_put_place(struct arbiter *a, struct store *s);
/* Totals of what changed, and the place, in a transaction of their own. */
MUST_USE int arbiter_keep(struct arbiter *a, struct errinfo *ei);
MUST_USE int arbiter_put_known(struct arbiter *a, struct store *s, const struct running *run);
MUST_USE int arbiter_open_court(struct arbiter *a, unsigned i, uint64_t number,
                                struct errinfo *ei);
MUST_USE int arbiter_add_running(struct arbiter *a, const struct running *run);

#endif
