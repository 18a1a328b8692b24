/* The objects that a bundle of a counterpart carries, taken in as a pull of its collections
 * would (role/source.h): the same checks, the same collection here, each object once.
 *
 * A collection of theirs goes into the one that a source with its id pulls into, where that one
 * is of this party; else into one that is made for it, whose id follows from the party and
 * theirs.  How far it has come is kept with the source, or in DIR/exchange/carried, so that
 * nothing older than that is taken, and a pull goes on from there.
 *
 * For commands of an operator. */
#ifndef DETENTE_ROLE_UNLOAD_H
#define DETENTE_ROLE_UNLOAD_H

#include "role/taking.h"
#include "taxii/cargo.h"

/* What came of a collection. */
struct unload_row {
    const struct cargo_about *about;
    const char *into; /* alias of the one here; "" while it is only looked at */
    bool gap;         /* it begins behind what came before: what lies between is missing */
    uint64_t added;
    uint64_t same;
    uint64_t refused;
    uint64_t removed; /* as struct taking has it */
};

/* A bundle that is whole and signed (exchange/bundle.h), its members in its order. */
struct unload {
    const char *dir;
    struct slice from; /* whose bundle it is */
    unsigned count;    /* members */
    struct slice (*path)(void *arg, unsigned i);
    int (*get)(void *arg, unsigned i, struct buf *ret); /* append its bytes */
    void (*told)(void *arg, const struct unload_row *row);
    void (*tell)(void *arg, const struct taking_refused *x); /* as of struct taking */
    void *arg;
};

/* Are all collections in it what is said of them?  told() for each; nothing changes.
 * ERR_INVALID with ei, ERR_LIMIT: more than CARGO_COLLECTIONS; ERR_NOMEM; what get() gave. */
MUST_USE int unload_check(const struct unload *u, struct errinfo *ei);
/* The same bundle, which passed: all objects are durable, were there, or were refused when it
 * gives 0; told() for each collection.  After an error some are, and it can be done again:
 * ERR_BUSY (also: a source is being pulled), ERR_LIMIT: CARGO_COLLECTIONS of that party are
 * here already, ERR_FULL, ERR_CONF, ERR_IO, ERR_NOMEM. */
MUST_USE int unload_take(const struct unload *u, struct errinfo *ei);

/* How far a collection of that local id came by bundles that carry theirs; negative: it did
 * not.  For a source that is added later. */
MUST_USE int unload_place(const char *dir, const char *into, const char *theirs,
                          struct utime *ret);

#endif
