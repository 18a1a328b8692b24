/* Where the objects of a bundle go.  Private to unload*.c. */
#ifndef DETENTE_ROLE_UNLOAD_PRIV_H
#define DETENTE_ROLE_UNLOAD_PRIV_H

#include "role/source_priv.h"
#include "role/unload.h"

/* A collection here, open to take objects, and how far it has come. */
struct landing {
    const char *dir;
    struct taking taking;
    bool pulled;          /* a source pulls into it: … */
    struct source source; /* … this one, … */
    int lock;             /* … held meanwhile; -1, … */
    uint64_t added;       /* … which counts these already */
    uint64_t refused;
    char theirs[COLLECTION_ID + 1];
    struct utime after; /* all up to here was taken; negative: nothing */
};

/* That of a collection of theirs, made where it is not there.  landing_close() where it is 0.
 */
MUST_USE int landing_open(const char *dir, struct slice from, const struct cargo_about *a,
                          struct landing *ret, struct errinfo *ei);
void landing_close(struct landing *l);
/* Everything up to `last` is durable. */
MUST_USE int landing_reach(struct landing *l, struct utime last, struct errinfo *ei);

#endif
