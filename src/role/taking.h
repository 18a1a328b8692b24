/* Objects into a collection of this node, by order of the command line: from envelopes that
 * came from elsewhere, of any size, by a node that runs or under its lock.
 *
 * One that is no good is told with its reason and costs only itself. */
#ifndef DETENTE_ROLE_TAKING_H
#define DETENTE_ROLE_TAKING_H

#include "role/node.h"
#include "taxii/answer.h"
#include "taxii/parcel.h"

struct taking_refused {
    struct slice id; /* "" it has none */
    struct slice version;
    struct slice reason;
};
struct taking {
    const char *dir;
    struct node node; /* to read */
    struct taxii_collection collection;
    uint64_t added;
    uint64_t same;
    uint64_t refused;
    uint64_t removed; /* as their party took them back: done between parts, or later */
    void (*tell)(void *arg, const struct taking_refused *x); /* may be NULL; … */
    void *arg;                                               /* … of the first few thousand */
};

/* id or alias of a collection.  ERR_NOTFOUND (ei says so), or an error of node_open(); close in
 * any case where it is 0. */
MUST_USE int taking_open(const char *dir, const char *collection, struct taking *ret,
                         struct errinfo *ei);
void taking_close(struct taking *t);
/* All objects of e are durable, or were there, or were refused.  After an error some are:
 * ERR_FULL, ERR_BUSY, ERR_IO, ERR_NOMEM. */
MUST_USE int taking_put(struct taking *t, const struct parcel *e, struct errinfo *ei);

#endif
