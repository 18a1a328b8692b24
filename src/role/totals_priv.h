/* Between making totals and keeping them. */
#ifndef DETENTE_ROLE_TOTALS_PRIV_H
#define DETENTE_ROLE_TOTALS_PRIV_H

#include "exchange/totals.h"
#include "store/store.h"

/* In a transaction: the newest of this party, and the one that it was before; who has read of
 * that one in the log can still fetch it. */
MUST_USE int totals_put_own(struct store *s, const struct totals *t, struct slice note);

#endif
