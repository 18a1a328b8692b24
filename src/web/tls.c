/* What TLS adds: 1.3 only (RFC 8446), and whose certificate a client showed.
 *
 * Whether a client's certificate counts is not a matter of who issued it, but of its
 * fingerprint being known: so the handshake asks for one without naming issuers, else a browser
 * would hide those that people brought along. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/sha256.h"
#include "web/web_priv.h"

#define PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3"

static void
name_no_issuers(void *self, struct MHD_Connection *c, void **state,
                enum MHD_ConnectionNotificationCode what)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    (void)self;
    (void)state;
    if (what == MHD_CONNECTION_NOTIFY_STARTED && info != NULL && info->tls_session != NULL)
        gnutls_certificate_send_x509_rdn_sequence(info->tls_session, 1);
}

/* Counterparts: whoever has no certificate has no business here.  Whose it is, is a matter of
 * its key, later. */
static void
require_one(void *self, struct MHD_Connection *c, void **state,
            enum MHD_ConnectionNotificationCode what)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    name_no_issuers(self, c, state, what);
    if (what == MHD_CONNECTION_NOTIFY_STARTED && info != NULL && info->tls_session != NULL)
        gnutls_certificate_server_set_request(info->tls_session, GNUTLS_CERT_REQUIRE);
}

static void *
option_text(const char *text)
{
    return (void *)(uintptr_t)text; /* libmicrohttpd does not write there */
}

void
web_tls_options(struct web_server *s, bool peers, struct MHD_OptionItem *ret)
{
    const struct web_options *o = &s->options;
    const struct MHD_OptionItem list[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, option_text(o->tls_page)},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, option_text(o->tls_page)},
        {MHD_OPTION_HTTPS_MEM_TRUST, 0, option_text(o->tls_ca)},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, option_text(PRIORITIES)},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)(peers ? require_one : name_no_issuers), NULL},
        {MHD_OPTION_END, 0, NULL}};

    memcpy(ret, list, sizeof list);
}

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

bool
web_spki(struct web_request *q, struct hash *ret)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(q->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    const gnutls_datum_t *chain;
    gnutls_x509_crt_t cert = NULL;
    size_t n = sizeof ret->byte;
    unsigned count = 0;
    bool good;

    if (info == NULL || info->tls_session == NULL)
        return false;
    chain = gnutls_certificate_get_peers(info->tls_session, &count);
    if (chain == NULL || count == 0 || gnutls_x509_crt_init(&cert) < 0)
        return false;
    good = gnutls_x509_crt_import(cert, &chain[0], GNUTLS_X509_FMT_DER) == 0 &&
           gnutls_x509_crt_get_key_id(cert, GNUTLS_KEYID_USE_SHA256, ret->byte, &n) == 0;
    gnutls_x509_crt_deinit(cert);
    return good;
}
