/* What goes into a bundle for a party: gathered from a node that is open to read. */
#ifndef DETENTE_CLI_BUNDLE_H
#define DETENTE_CLI_BUNDLE_H

#include "cli/crates.h"
#include "role/book.h"
#include "role/view.h"

struct packing; /* opaque */

struct packing_ask {
    const struct book *book;
    const struct book_pact *pact; /* of it */
    unsigned party;
    uint64_t since;     /* size of the log from which entries are packed; UINT64_MAX: what they
                           do not hold yet */
    bool objects;       /* of the pact's collections too … */
    struct utime after; /* … that were added after that; negative: all */
};
/* Of one moment, until it is closed.  What goes of collections is in the log when this is done.
 * ERR_CONF: it never signed anything, or has no message key; what crates_open() and
 * crates_record() give. */
MUST_USE int packing_open(struct view *v, const struct packing_ask *a, struct packing **ret,
                          struct errinfo *ei);
unsigned packing_files(const struct packing *p);
/* What of collections is in it. */
void packing_objects(const struct packing *p, struct crates_sum *ret);
/* The archive, by put(). */
MUST_USE int packing_write(struct packing *p, int (*put)(void *arg, struct slice bytes),
                           void *arg, struct errinfo *ei);
struct packing *packing_close(struct packing *p); /* NULL is fine; gives NULL */

#endif
