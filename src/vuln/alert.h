/* Which vulnerabilities an alert is about, by what the sensor passes on of the rule: metadata
 * and references where it is told to, and the text of the signature in any case.
 *
 * Suricata's EVE: alert.metadata.cve (one or a list), alert.references (a list),
 * alert.signature.  All three belong to the rule, so that whoever keeps them by rule asks once
 * for each rule. */
#ifndef DETENTE_VULN_ALERT_H
#define DETENTE_VULN_ALERT_H

#include "base/err.h"
#include "vuln/cve.h"

/* One record, which is written to.  1: it is an alert; 0: something else; ERR_INVALID: it is no
 * JSON object, ei has the column; ERR_NOMEM. */
MUST_USE int alert_cves(char *record, size_t len, struct cve_set *ret, struct errinfo *ei);

#endif
