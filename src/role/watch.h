/* What the engine sees that people are told of: its disk, its clock, its tables, its sensors,
 * its counterparts, and what is due in incidents.
 *
 * Looked at once a second; a condition goes to the parent when it changes, and all that hold at
 * the first look, followed by LINK_SYNCED.  What the link has no room for is said at the next
 * look. */
#ifndef DETENTE_ROLE_WATCH_H
#define DETENTE_ROLE_WATCH_H

#include "role/beat.h"
#include "role/feed.h"
#include "role/node.h"
#include "role/parley.h"

#define WATCH_PEER_US      INT64_C(600000000) /* a counterpart's fault that may pass by itself */
#define WATCH_INCIDENTS_US INT64_C(5000000)   /* between two looks at incidents */

enum {
    WATCH_ROWS = 320,
    WATCH_US = 1000000,
    WATCH_LAG_US = 60000000,   /* behind the sensor's clock */
    WATCH_CLOCK_US = 300000000 /* behind what was signed */
};

struct watch {
    struct {
        enum alert_rule rule;
        char subject[ALERT_SUBJECT];
    } held[WATCH_ROWS]; /* told to hold */
    unsigned rows;
    struct {
        uint64_t lines; /* of its source */
        int64_t since;  /* mono: when they were last others; 0: not seen yet */
    } sensor[96];
    int64_t looked;    /* mono; 0 not yet */
    int64_t incidents; /* the same, for incidents */
    bool synced;
};

struct watch_view {
    const struct node *node;
    const struct engine_role *role;
    struct feed *const *feed;
    unsigned feeds;
    const struct parley *parley;
    int parent;              /* the link */
    const struct beat *beat; /* NULL: none is made */
};
void watch_step(struct watch *w, const struct watch_view *v);
/* Does a sensor report: its source is there, and its last record came no longer ago than its
 * `silent` or a pact's sensor_late_after, the shorter of them, allows?  NULL: no pact. */
bool watch_hears(const struct feed *f, const struct node *n, const struct book *book);

#endif
