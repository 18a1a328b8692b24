/* How a node is, read from its directory: for `status`, and for `doctor`, which says what to do
 * about what it finds.  Reads only; works beside a running node and without one. */
#ifndef DETENTE_ROLE_STATUS_H
#define DETENTE_ROLE_STATUS_H

#include <stdbool.h>

#include "role/view.h"
#include "store/alerts.h"

struct status {
    bool running;
    struct tree_head head;
    struct utime last_leaf; /* time of the newest leaf */
    uint64_t blocks;
    uint64_t lines;
    uint64_t events;
    uint64_t attacks;
    uint64_t ignored;
    uint64_t rejected;
    uint64_t duplicates;
    uint64_t quarantined; /* records that made a sensor die */
    uint64_t room;        /* bytes free on the disk, and of the disk; 0 unknown */
    uint64_t disk;
    int tables_age_days; /* of the oldest dataset, -1 none */
    bool tables_stale;
    uint32_t alerts_firing;
    uint32_t alerts_acked;
};
/* ERR_IO. */
MUST_USE int status_take(struct view *v, struct status *ret);

/* What a counterpart is known to have of this node's log. */
struct status_peer {
    struct slice pact; /* all three are valid within each() only */
    struct slice party;
    struct slice origin;
    unsigned annexes;   /* 0: it cannot be talked with yet */
    uint64_t witnessed; /* leaves that it witnessed, … */
    struct utime witnessed_at;
    uint64_t held; /* … and holds */
    struct utime held_at;
    struct utime silent; /* out of contact since, longer than the pact allows; 0 not */
};
/* Each counterpart of each pact; 0, also without a pact.  ERR_CONF: a note in the store cannot
 * be read; ERR_IO, ERR_NOMEM. */
MUST_USE int status_peers(struct view *v, void (*each)(void *arg, const struct status_peer *s),
                          void *arg, struct errinfo *ei);

/* Incidents that are open, by what was last known of each. */
struct status_incidents {
    uint64_t pacts; /* notes of pacts that are kept; 0: there can be no incident */
    uint64_t open;
    uint64_t ours;     /* of them: this party owes something … */
    uint64_t late;     /* … and is past its time */
    uint64_t detected; /* found here, and no notice sent yet */
};
MUST_USE int status_incidents(struct view *v, struct status_incidents *ret);

struct finding {
    const char *key;   /* stable: "tables-missing" */
    bool grave;        /* the node does not do its work, or could lose something */
    const char *text;  /* one sentence: what is so */
    const char *to_do; /* one sentence: what helps */
};
/* Looks at everything an operator can put right; gives the number of findings.  text and to_do
 * are valid within each() only. */
unsigned status_doctor(struct view *v, const struct status *s,
                       void (*each)(void *arg, const struct finding *f), void *arg);

#endif
