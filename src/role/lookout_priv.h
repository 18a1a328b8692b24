/* Between the files that look: what one thread needs for it. */
#ifndef DETENTE_ROLE_LOOKOUT_PRIV_H
#define DETENTE_ROLE_LOOKOUT_PRIV_H

#include <stdatomic.h>

#include "indicator/match.h"
#include "role/lookout.h"
#include "role/meeting.h"

/* Kept for the next that looks. */
struct spot {
    atomic_flag taken;
    const struct lookout *of;
    struct meeting *meeting;   /* NULL: nobody asked an event here yet */
    struct matching *matching; /* … nor another record */
    struct map rows;           /* struct lookout_key */
    struct lookout_found *found;
    uint64_t met; /* the record of matching that was met last */
};

struct lookout {
    struct indicators *x;
    struct spot spot[LOOKOUT_THREADS];
};

/* By id: several parties may have given the same, which counts once. */
struct lookout_key {
    uint8_t id[16];
    int64_t day;
};

/* The row of that indicator on the day of `when`, new or known: 0 with *ret, NULL when there is
 * no room for more, which is counted; ERR_NOMEM. */
MUST_USE int lookout_row(struct map *rows, struct lookout_found *f, uint32_t indicator,
                         struct utime when, struct lookout_row **ret);
/* One that nobody stands at, its rows forgotten, for *ret; NULL: there is none. */
struct spot *lookout_take_spot(struct lookout *l, struct lookout_found *ret);
void lookout_leave_spot(struct spot *p);

#endif
