/* The node's side of taxii/egress.h: who a recipient is to this node, and what it keeps of what
 * went. */
#ifndef DETENTE_ROLE_EGRESS_H
#define DETENTE_ROLE_EGRESS_H

#include "conf/conf.h"
#include "role/book.h"
#include "taxii/egress.h"

/* party: "" the node's own.  b may be NULL: no pact. */
void egress_recipient(const struct book *b, const struct conf *c, struct store *s,
                      struct slice party, struct utime now, struct egress_to *ret);

#endif
