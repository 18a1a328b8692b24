/* The node's own authority for TLS, and the certificate it serves the page with.
 *
 *     keys/ca.key    the authority's key, ECDSA P-256
 *     keys/ca.pem    its certificate, 10 years
 *     keys/tls.pem   key, certificate and chain of the page, 1 year
 *     keys/ca-before.{key,pem}   the authority before this one: back when it turns out that
 * only a clock that was ahead had ended it
 *
 * Either is made again when less than 30 days are left, the page's also when the names in the
 * configuration changed: at a start, once a day while the node runs, and whenever the gate is
 * started.  A new certificate of the page has the key of the last: counterparts know the node
 * by it (annex, `tls`), and it is replaced by removing the file, once an annex names the new
 * one.  The log has a leaf for each key that is served (engine_tls_keys()).
 *
 * People check the authority's fingerprint once (`detente key list`) and trust ca.pem.  The
 * keys are in the parent's memory only while they are made; the gate reads tls.pem before its
 * fence and never sees ca.key. */
#ifndef DETENTE_ROLE_TLS_H
#define DETENTE_ROLE_TLS_H

#include "base/buf.h"
#include "base/sha256.h"
#include "conf/conf.h"

enum {
    TLS_CA_DAYS = 3650,
    TLS_DAYS = 365,
    TLS_RENEW_DAYS = 30,
    TLS_FILE_MAX = 16384, /* bytes of one PEM file */
    TLS_FINGERPRINT = 96  /* colon hex of SHA-256, with NUL */
};

/* True when a listener of the configuration wants TLS. */
bool tls_wanted(const struct conf *c);
/* Make what is missing or over.  ERR_CONF: the authority's key and certificate do not belong
 * together; ERR_IO, ERR_AUTH. */
MUST_USE int tls_prepare(const char *dir, const struct conf *c, struct utime now,
                         struct errinfo *ei);
/* Key and chain of the page, and the authority's certificate, as PEM with NUL.  The caller
 * wipes the first. */
MUST_USE int tls_read(const char *dir, struct buf *ret_page, struct buf *ret_ca,
                      struct errinfo *ei);

struct tls_certificate {
    struct hash fingerprint; /* SHA-256 of its DER form */
    struct hash key;         /* SHA-256 of its public key's (SPKI) */
    struct utime from;
    struct utime until;
};
/* The first certificate of a PEM text; ERR_INVALID. */
MUST_USE int tls_look(struct slice pem, struct tls_certificate *ret, struct errinfo *ei);
/* The same of DIR/keys/NAME; ERR_NOTFOUND. */
MUST_USE int tls_look_at(const char *dir, const char *name, struct tls_certificate *ret,
                         struct errinfo *ei);
/* The two of this node, the authority's first. */
enum { TLS_OWN = 2 };
MUST_USE int tls_own(const char *dir, struct tls_certificate ret[TLS_OWN], struct errinfo *ei);
void tls_fingerprint(const struct hash *h, char out[TLS_FINGERPRINT]);

#endif
