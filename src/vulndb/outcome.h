/* What came of an alert that names a vulnerability, by what is installed on the machine that it
 * hit.
 *
 * Nothing is ever said to be safe for want of knowledge: NOT_INSTALLED needs a list of what is
 * installed and a feed that names, in that list's own terms, what the vulnerability is in. */
#ifndef DETENTE_VULNDB_OUTCOME_H
#define DETENTE_VULNDB_OUTCOME_H

#include "model/addr.h"
#include "vulndb/scan.h"

enum outcome {
    OUTCOME_UNKNOWN,       /* no such asset, nothing listed, or nobody says what it is in */
    OUTCOME_VULNERABLE,    /* the machine has it */
    OUTCOME_PATCHED,       /* the thing is installed, in a version that does not have it */
    OUTCOME_NOT_INSTALLED, /* nothing that has it is */
    OUTCOME_OWN_SOURCE,    /* one of our own machines attacks */
    OUTCOMES
};
const char *outcome_name(enum outcome o); /* "hit-vulnerable" … */

struct outcomes; /* opaque: assets and findings in memory, as they were when it was opened */

/* A scan of all assets.  db must outlive it.  ERR_NOMEM, ERR_LIMIT, ERR_IO, ERR_BUSY. */
MUST_USE int outcomes_open(struct vulndb *db, struct outcomes **ret);
struct outcomes *outcomes_close(struct outcomes *o); /* NULL is fine; gives NULL */

#define OUTCOMES_NO_ASSET UINT32_MAX
/* The asset with that address; of several the narrowest range's.  Some 50 ns. */
uint32_t outcomes_asset(const struct outcomes *o, const struct addr *a);
const struct asset *outcomes_asset_at(const struct outcomes *o, uint32_t asset);
uint32_t outcomes_assets(const struct outcomes *o);
const struct scan *outcomes_scan(const struct outcomes *o);

/* Below 1 µs for what was asked before, which is kept; else a look-up in the database. */
MUST_USE int outcome_of(struct outcomes *o, const struct addr *origin,
                        const struct addr *target, uint64_t vuln, enum outcome *ret);
/* Of an asset, whatever hits it. */
MUST_USE int outcome_on(struct outcomes *o, uint32_t asset, uint64_t vuln, enum outcome *ret);

#endif
