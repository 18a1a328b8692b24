/* Unicode's form NFC (UAX 15), in which LIKE and MATCHES compare texts (STIX 2.1, 9.6): the
 * same letters typed on two machines are then the same bytes.  A dependency on utf8proc is kept
 * behind this. */
#ifndef DETENTE_STIX_NFC_H
#define DETENTE_STIX_NFC_H

#include "base/err.h"
#include "base/slice.h"

/* text is UTF-8.  ASCII is given back as it is, and costs a look at each byte; else *ret_owned,
 * to be freed, has it.  ERR_NOMEM. */
MUST_USE int stix_nfc(struct slice text, struct slice *ret, char **ret_owned);

#endif
