/* Which vulnerabilities a sensor's rules are about, by the files that have them: for sensors
 * that do not pass a rule's metadata and references on.
 *
 *   Suricata's rules (Suricata User Guide, rule format): one a line, `\` at its end goes on;
 *     of the options sid, gid, reference (`cve,2021-44228`, `url,…`), metadata (`cve …`) and
 * msg sid-msg.map: `sid || msg || reference || …`, and its second version, which begins with
 *     `gid || sid || rev || classification || priority ||`
 *
 * Comments and rules that are commented out are passed over.  Pure. */
#ifndef DETENTE_VULN_RULES_H
#define DETENTE_VULN_RULES_H

#include "base/err.h"
#include "vuln/cve.h"

enum { RULES_LINE = 1 << 16 /* bytes of a rule */, RULES_MOST = 1 << 20 };

struct rules_rule {
    uint32_t gid;
    uint32_t sid;
    struct cve_set cves; /* each by CVE_RULES; at least one */
};

struct rules_counts {
    uint64_t rules;
    uint64_t with; /* of them, that name one */
    uint64_t odd;  /* lines that are no rule: passed over */
};

typedef int rules_take(void *arg, const struct rules_rule *r);

/* ERR_INVALID: no line of it is a rule; ERR_LIMIT; what take() gives.  Some 300 MB/s. */
MUST_USE int rules_read(struct slice text, rules_take *take, void *arg,
                        struct rules_counts *counts, struct errinfo *ei);

#endif
