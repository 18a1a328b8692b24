/* How far this node's clock is off, by those who cosign its log (exchange/clock.h):
 * counterparts and further witnesses together, as the engine has it, and as it left it for
 * whoever reads the store. */
#ifndef DETENTE_ROLE_OFFSET_H
#define DETENTE_ROLE_OFFSET_H

#include "exchange/clock.h"
#include "role/link.h"
#include "role/parley.h"
#include "store/store.h"

#define OFFSET_EVERY_US INT64_C(60000000) /* how often it is left in the store */

void offset_look(const struct parley *p, struct utime now, struct clock_estimate *ret);
/* The same by what the engine told of others; count of them, and witnesses behind FETCH_PEERS.
 */
void offset_of(const struct link_peer *others, unsigned count, unsigned witnesses,
               struct utime now, struct clock_estimate *ret);
/* The least that a pact in b allows; false: none says anything. */
bool offset_allowed(const struct book *b, struct span *ret);

/* Leave it there, in a transaction of its own; no harm is done without. */
void offset_keep(struct store *s, const struct clock_estimate *e, struct utime now);
/* ERR_NOTFOUND: nothing is known, or only what is older than CLOCK_FRESH_US; ERR_IO. */
MUST_USE int offset_read(struct store *s, struct utime now, struct clock_estimate *ret);

#endif
