/* What a file of rules that the operator has says of rules, beside what the sensor passes on.
 */
#ifndef DETENTE_VULNDB_RULE_CVES_H
#define DETENTE_VULNDB_RULE_CVES_H

#include "vulndb/vulndb.h"

MUST_USE int vulndb_rules_clear(struct vulndb *db);
/* Those of one rule in several files, or places, count together. */
MUST_USE int vulndb_rules_put(struct vulndb *db, uint32_t gid, uint32_t sid,
                              const struct cve_set *cves);

struct rule_cves; /* opaque: all in memory, as they were */
MUST_USE int rule_cves_open(struct vulndb *db, struct rule_cves **ret);
struct rule_cves *rule_cves_close(struct rule_cves *x); /* NULL is fine; gives NULL */
/* What the sensor passed on (NULL: nothing) and what the file says, in *room where both do.
 * NULL: neither.  x may be NULL.  Some 30 ns. */
const struct cve_set *rule_cves_with(const struct rule_cves *x, uint32_t gid, uint32_t sid,
                                     const struct cve_set *passed, struct cve_set *room);

#endif
