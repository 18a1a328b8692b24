/* What this node's sensors saw of its declared space, and its canaries, in a period. */
#ifndef DETENTE_ROLE_SIGHT_H
#define DETENTE_ROLE_SIGHT_H

#include "pact/verdict.h"
#include "role/book.h"
#include "store/store.h"

struct sight_ask {
    struct store *store;
    const struct book_pact *pact; /* of which this node is a party */
    struct utime from;
    struct utime until; /* not after now */
    struct utime now;
    bool current; /* what is seen now counts too, when that is less */
};
/* ERR_IO, ERR_NOMEM. */
MUST_USE int sight_read(const struct sight_ask *a, struct verdict_sight *ret);

#endif
