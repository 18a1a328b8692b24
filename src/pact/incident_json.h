/* Incidents as JSON, for `incident fold`: a case in, its state out.
 *
 * A case is {msgs: [{at, from: "T"|"O", type, …}], now, suspended: [[from, until], …]}, times
 * in seconds; further members (name, expect) are passed over.  Messages may carry severity,
 * seq, counts, finding, action, result, reason, coverage (percent) or coverage_ppm, quiet_from
 * and quiet_until. */
#ifndef DETENTE_PACT_INCIDENT_JSON_H
#define DETENTE_PACT_INCIDENT_JSON_H

#include "base/buf.h"
#include "pact/incident.h"

enum { INCIDENT_JSON_MAX = 64 << 20 /* bytes of a file of cases */ };

/* Severities by name, in the order of the terms. */
struct incident_names {
    const char *const *severity;
};
extern const struct incident_names incident_example_names;

/* canonical: one case, or a list of them (wire/jcs.h).  Appends the state, or the list of
 * states.  ERR_INVALID: ei says which message is not one; ERR_NOMEM, ERR_LIMIT. */
MUST_USE int incident_json(const struct incident_terms *terms,
                           const struct incident_names *names, struct slice canonical,
                           struct buf *ret, struct errinfo *ei);

#endif
