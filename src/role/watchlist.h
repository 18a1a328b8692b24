/* All that the node looks for: bundles in its folder `indicators/`, and the indicators of the
 * collections that it follows, as they come and go there.
 *
 *     watchlist_changed()   in the transaction that changes a followed collection
 *     watchlist_compile()   all of it → LOOKOUT_FILE, which the engine maps (role/lookout.h)
 *
 * Each change raises a number in the store, and the file says at which number it was made: so
 * whoever has the store knows whether the file is behind. */
#ifndef DETENTE_ROLE_WATCHLIST_H
#define DETENTE_ROLE_WATCHLIST_H

#include "indicator/list.h"
#include "store/store.h"

/* In a transaction.  Errors are the store's. */
MUST_USE int watchlist_changed(struct store *s);
MUST_USE int watchlist_number(struct store *s, uint64_t *ret);

/* dir may be of no node yet: then it has bundles alone.  ERR_NOTFOUND: neither the folder nor a
 * followed collection is there; ERR_INVALID: a bundle is no JSON; ERR_*, with ei.  Some 3 µs an
 * indicator. */
MUST_USE int watchlist_read(const char *dir, struct indicators **ret, struct errinfo *ei);
/* Is the file of another number than the store says?  Reads no more of it than that. */
MUST_USE int watchlist_is_behind(const char *dir, bool *ret, struct errinfo *ei);
/* One at a time; who comes later sees what both took in.  *ret_sought: how many are looked for.
 * Without any the file goes.  Errors as above. */
MUST_USE int watchlist_compile(const char *dir, uint32_t *ret_sought, struct errinfo *ei);

#endif
