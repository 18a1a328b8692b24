/* What certificates and revocation lists say, for an audit of dependencies: names, issuer, end,
 * where revocation is asked.  Nothing is verified: a chain is read as its owner serves it. */
#ifndef DETENTE_ROLE_CERTIFICATES_H
#define DETENTE_ROLE_CERTIFICATES_H

#include "depend/facts.h"

struct certificates_counts {
    uint64_t certificates; /* of services */
    uint64_t lists;
};

/* PEM text, one chain: blocks CERTIFICATE and X509 CRL; others (keys) are passed over unread.
 * A certificate that no authority has becomes facts of each of its names; it counts until the
 * first of its chain ends.  ERR_INVALID with the line, ERR_LIMIT, ERR_NOMEM. */
MUST_USE int certificates_read(struct facts *f, struct slice text, uint16_t source,
                               struct certificates_counts *ret, struct errinfo *ei);

#endif
