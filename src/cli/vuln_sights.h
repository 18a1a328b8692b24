/* What was seen of vulnerabilities, for the decision and the order of findings: counterparts'
 * totals, and the alerts of this node, which are read when it is asked for. */
#ifndef DETENTE_CLI_VULN_SIGHTS_H
#define DETENTE_CLI_VULN_SIGHTS_H

#include "cli/cmd.h"
#include "role/risk.h"

struct sights; /* opaque */

/* Into r, which must not outlive it.  own: the node's alerts of the last 30 days, some 20 M
 * events/s; a directory without a node has none.  Reported when it fails: an exit status. */
MUST_USE int sights_open(const struct cli *cli, struct vulndb *db, bool own, struct risk *r,
                         struct sights **ret);
struct sights *sights_close(struct sights *s); /* NULL is fine; gives NULL */

#endif
