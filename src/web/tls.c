/* What TLS adds: whose certificate a client showed. */
#include <gnutls/gnutls.h>

#include "base/sha256.h"
#include "web/web_priv.h"

bool
web_certificate(struct web_request *q, struct person_credential *ret)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    const gnutls_datum_t *chain;
    unsigned count = 0;
    struct hash h;

    if (info == NULL || info->tls_session == NULL)
        return false;
    chain = gnutls_certificate_get_peers(info->tls_session, &count);
    if (chain == NULL || count == 0)
        return false;
    h = sha256_of(chain[0].data, chain[0].size);
    ret->kind = CREDENTIAL_CERTIFICATE;
    memcpy(ret->secret, h.byte, sizeof ret->secret);
    return true;
}
