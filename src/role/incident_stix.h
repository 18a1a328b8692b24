/* An incident between parties as objects of STIX 2.1: what was seen, what was said of it, and
 * how it stands.
 *
 * An `incident` with the Incident Core extension; `identity` of both parties; of an origin that
 * is one address the `observed-data`, with the address and its traffic, targets left out; a
 * `sighting` of the incident by who noticed; of each answer and dispute an `opinion` by who
 * said it, of each action a `note`.  Ids follow from pact and incident, so that both parties
 * and each later state give versions of the same objects; `modified` is the time of the last
 * message.  No field says who acted: an origin is an address and a network. */
#ifndef DETENTE_ROLE_INCIDENT_STIX_H
#define DETENTE_ROLE_INCIDENT_STIX_H

#include "role/cases.h"
#include "stix/emit.h"

/* The incident of that name, as it stands now (x->whole is set here).  ERR_NOTFOUND, or as
 * below.
 */
MUST_USE int incident_stix_of(struct case_shown *x, const struct case_name *name,
                              struct emit *e, enum tlp tlp);
/* state: canonical, whole, as case_state() gives it and jcs_canonical() orders it. ERR_INVALID:
 * it is none, or what is in it cannot be said in STIX (e->ei). */
MUST_USE int incident_stix(struct emit *e, struct slice state, enum tlp tlp);

#endif
