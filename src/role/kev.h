/* The catalogue of exploited vulnerabilities (vuln/kev.h) as the node keeps it:
 * DIR/lists/kev.json, one canonical object of the catalogue, its source and when it came here.
 */
#ifndef DETENTE_ROLE_KEV_H
#define DETENTE_ROLE_KEV_H

#include "vuln/kev.h"

/* Into the node's directory, whole or not at all, in the place of the one before.  ERR_FULL,
 * ERR_IO, ERR_NOMEM. */
MUST_USE int kev_put(const char *dir, const struct kev *k, struct errinfo *ei);
/* ERR_NOTFOUND: none was taken in; ERR_INVALID: it was changed and is none any more. */
MUST_USE int kev_get(const char *dir, struct kev *ret, struct errinfo *ei);
MUST_USE int kev_drop(const char *dir, struct errinfo *ei);

#endif
