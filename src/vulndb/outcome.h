/* What came of an alert that names a vulnerability, by what is installed on the machine that it
 * hit.
 *
 * Nothing is ever said to be safe for want of knowledge.  NOT_INSTALLED needs a list of what is
 * installed that can be complete, and a feed that names, in that list's own terms, what the
 * vulnerability is in: lists of packages and bills of materials can, each of its ecosystems; a
 * scan of ports or a list of CPEs never is.  PATCHED needs something installed that the
 * vulnerability is in, and for each such thing a rule that puts it outside, or a statement
 * (vulndb/vex.h): not where a version is none or cannot be compared, nor where a CPE leaves
 * open what decides, a product that a configuration asks for beside it is not listed, or a
 * publisher has not looked.  An exception changes nothing of what the machine has. */
#ifndef DETENTE_VULNDB_OUTCOME_H
#define DETENTE_VULNDB_OUTCOME_H

#include "model/addr.h"
#include "vulndb/scan.h"

enum outcome {
    OUTCOME_UNKNOWN,       /* nobody can tell */
    OUTCOME_VULNERABLE,    /* the machine has it */
    OUTCOME_PATCHED,       /* the thing is installed, and does not have it */
    OUTCOME_NOT_INSTALLED, /* nothing that has it is */
    OUTCOME_OWN_SOURCE,    /* one of our own machines attacks */
    OUTCOMES
};
const char *outcome_name(enum outcome o); /* "hit-vulnerable" … */

enum outcome_reason {
    OUTCOME_BY_LISTS,     /* what is listed, and what feeds say */
    OUTCOME_BY_STATEMENT, /* PATCHED: what the feeds say it has, a statement says it has not */
    OUTCOME_BY_DOUBT      /* UNKNOWN: something that may have it is there */
};

struct outcomes; /* opaque: assets and findings in memory, as they were when it was opened */

/* A scan of all assets, with the statements that are in force at that moment.  db must outlive
 * it.  ERR_NOMEM, ERR_LIMIT, ERR_IO, ERR_BUSY. */
MUST_USE int outcomes_open(struct vulndb *db, struct utime now, struct outcomes **ret);
/* The last moment that it is right for: then a statement ends. */
struct utime outcomes_end(const struct outcomes *o);
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
/* Why, of what outcome_on() was asked before. */
enum outcome_reason outcome_reason(const struct outcomes *o, uint32_t asset, uint64_t vuln);

#endif
