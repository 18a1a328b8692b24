/* A certificate that a source shows, and its key. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>

#include "role/source.h"

struct both {
    gnutls_x509_crt_t cert;
    gnutls_x509_privkey_t key;
};

static bool
belongs(const struct both *b)
{
    unsigned char of_cert[SHA256_SIZE];
    unsigned char of_key[SHA256_SIZE];
    size_t n = sizeof of_cert;
    size_t m = sizeof of_key;

    return gnutls_x509_crt_get_key_id(b->cert, GNUTLS_KEYID_USE_SHA256, of_cert, &n) == 0 &&
           gnutls_x509_privkey_get_key_id(b->key, GNUTLS_KEYID_USE_SHA256, of_key, &m) == 0 &&
           n == m && memcmp(of_cert, of_key, n) == 0;
}

/* Both stand in all. */
static int
check(struct both *b, struct buf *all, struct utime now, struct errinfo *ei)
{
    const gnutls_datum_t pem = {(unsigned char *)all->ptr, (unsigned)all->len};

    if (gnutls_x509_crt_import(b->cert, &pem, GNUTLS_X509_FMT_PEM) < 0)
        return err_set(ei, ERR_INVALID, "there is no certificate in PEM");
    if (memmem(all->ptr, all->len, "ENCRYPTED", 9) != NULL)
        return err_set(ei, ERR_INVALID,
                       "the key has a passphrase, and nobody is there to give it: `openssl "
                       "pkey` writes it without");
    if (gnutls_x509_privkey_import(b->key, &pem, GNUTLS_X509_FMT_PEM) < 0)
        return err_set(ei, ERR_INVALID,
                       "there is no key in PEM: --key names its file when it does not stand "
                       "with the certificate");
    if (!belongs(b))
        return err_set(ei, ERR_INVALID, "the key is not that of the first certificate");
    if ((int64_t)gnutls_x509_crt_get_expiration_time(b->cert) < now.us / TIME_US_PER_S)
        return err_set(ei, ERR_INVALID, "the certificate is over");
    return 0;
}

int
source_join_pem(struct slice certificate, struct slice key, struct utime now, struct buf *ret,
                struct errinfo *ei)
{
    struct both b = {NULL, NULL};
    int r;

    buf_slice(ret, key);
    if (key.len > 0)
        buf_char(ret, '\n');
    buf_slice(ret, certificate);
    r = buf_error(ret);
    if (r < 0)
        return err_set(ei, r, "a certificate with its chain and key has up to %d bytes",
                       SOURCE_PEM);
    if (gnutls_x509_crt_init(&b.cert) < 0 || gnutls_x509_privkey_init(&b.key) < 0)
        r = err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    if (r == 0)
        r = check(&b, ret, now, ei);
    if (b.cert != NULL)
        gnutls_x509_crt_deinit(b.cert);
    if (b.key != NULL)
        gnutls_x509_privkey_deinit(b.key);
    return r;
}
