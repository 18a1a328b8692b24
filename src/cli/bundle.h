/* What goes into a bundle for a party: gathered from a node that is open to read. */
#ifndef DETENTE_CLI_BUNDLE_H
#define DETENTE_CLI_BUNDLE_H

#include "role/book.h"
#include "role/view.h"

struct packing; /* opaque */

/* Of one moment, until it is closed.  since: size of the log from which entries are packed;
 * UINT64_MAX: what they do not hold yet.  ERR_CONF: it never signed anything, or has no message
 * key. */
MUST_USE int packing_open(struct view *v, const struct book_pact *p, unsigned party,
                          uint64_t since, struct packing **ret, struct errinfo *ei);
unsigned packing_files(const struct packing *p);
/* The archive, by put(). */
MUST_USE int packing_write(struct packing *p, int (*put)(void *arg, struct slice bytes),
                           void *arg, struct errinfo *ei);
struct packing *packing_close(struct packing *p); /* NULL is fine; gives NULL */

#endif
