/* What is different between two YAML documents, by the path of each value.
 *
 * Maps are compared key by key, lists of maps by their `id`, `name`, `label` or `vkey` (so that
 * an entry that moved is no difference), other lists as sets.  A path reads
 * `obligations[no-exploits].threshold.events`.  Pure. */
#ifndef DETENTE_PACT_DIFF_H
#define DETENTE_PACT_DIFF_H

#include "base/err.h"
#include "base/slice.h"

enum diff_what { DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED };

typedef void diff_each(void *arg, enum diff_what what, struct slice path, struct slice before,
                       struct slice after);

/* The number of differences; ERR_CONF when one is no such document, ERR_NOMEM. */
MUST_USE int pact_diff(struct slice before, struct slice after, diff_each *each, void *arg,
                       struct errinfo *ei);

#endif
