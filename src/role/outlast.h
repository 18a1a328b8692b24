/* Which services outlast a cut, what breaks when, and what to move home in which order: an
 * audit and its plan as JSON, for the page and the report (docs/api.md, cutoff/services).  Kept
 * in the node's directory as DIR/cutoff/services.json when the operator says so. */
#ifndef DETENTE_ROLE_OUTLAST_H
#define DETENTE_ROLE_OUTLAST_H

#include "depend/plan.h"

#define OUTLAST_FILE "cutoff/services.json"
enum {
    OUTLAST_JSON = 1 << 20,
    OUTLAST_SERVICES = 1000, /* that are listed, those that break first */
    OUTLAST_STEPS = 100,
    OUTLAST_MOVES = 8, /* of a step that are named */
    OUTLAST_TEXT = 200 /* bytes of a name */
};

struct outlast {
    const struct audit_input *in;
    const struct audit *audit;
    const struct plan *plan;
    struct utime made;
    uint64_t days; /* a service is gained when it holds so long; 0: for good */
};

/* ERR_LIMIT, ERR_NOMEM. */
MUST_USE int outlast_json(const struct outlast *o, struct buf *to);

#endif
