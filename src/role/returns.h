/* What was met of others' indicators goes back to them: hits (store/hits.h) of the indicators
 * of a collection, as sightings of STIX in a collection of this party's own, one of each
 * indicator and day; again as often as they change.
 *
 * Of an id that this node has from its own sources nothing goes, whoever else has it too.  No
 * address is in them.  Each is marked as strictly as its indicator is, and TLP:AMBER at least:
 * so the gate lets no sighting go where its indicator may not. */
#ifndef DETENTE_ROLE_RETURNS_H
#define DETENTE_ROLE_RETURNS_H

#include "base/err.h"
#include "base/time.h"

enum { RETURNS_DAYS = 31 /* that are looked at, today included */ };

struct returns_ask {
    const char *dir;
    const char *from; /* id or alias of the collection of indicators */
    const char *into; /* … and of that of sightings */
    struct utime now;
};
struct returns_done {
    uint64_t added; /* sightings, new or changed */
    uint64_t same;
    uint64_t refused; /* objects */
};
/* By the node that runs there, or here.  ERR_NOTFOUND, ERR_CONF: a collection, or who this
 * party is, is not there; ERR_* with ei.  Some 50 µs a row of these days. */
MUST_USE int returns_put(const struct returns_ask *a, struct returns_done *ret,
                         struct errinfo *ei);

#endif
