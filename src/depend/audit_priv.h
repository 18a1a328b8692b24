/* Inside an audit. */
#ifndef DETENTE_DEPEND_AUDIT_PRIV_H
#define DETENTE_DEPEND_AUDIT_PRIV_H

#include "depend/audit.h"

struct auditor {
    const struct audit_input *in;
    struct audit *a;
};

/* The place of a host, address, network or supplier as somebody wrote it; found once. */
MUST_USE int place_of(struct auditor *x, struct slice text, uint32_t *ret);
/* The same of what is known to be a host's name, such as one without a dot. */
MUST_USE int place_of_host(struct auditor *x, struct slice folded, uint32_t *ret);
/* The same of what was said elsewhere: its network as recorded. */
MUST_USE int place_of_network(struct auditor *x, struct slice text, uint32_t fact,
                              uint32_t *ret);
/* One that is told. */
MUST_USE int place_told(struct auditor *x, struct slice text, const struct home_rule *rule,
                        const char *why, uint32_t *ret);

/* The same of a supplier of software, a licence or a cloud. */
MUST_USE int place_of_supplier(struct auditor *x, struct slice text, enum depend_kind kind,
                               uint32_t *ret);

/* The zone that a name is in, by the name servers that are known: their first fact. */
uint32_t audit_zone_of(const struct facts *f, struct slice domain, struct slice *ret_zone);
/* The certificate of a name, or of the wildcard that it falls under: its fact. */
uint32_t audit_certificate(const struct facts *f, struct slice domain);
/* When what was learnt before the cut ends, given the need is outside.  Fills least, most,
 * verdict, why and fact. */
void audit_hold(const struct auditor *x, struct need *n, const struct service *s,
                uint32_t name);
/* The same of servers at home whose primary is outside, or (sure: false) may be. */
void audit_hold_zone(const struct auditor *x, struct need *n, uint32_t soa, uint32_t zone,
                     bool sure);

#endif
