#include "role/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "role/node_priv.h"

enum { NAMES_MAX = 16384, DAY_S = 86400 };

/* What is made or read at a time; all of it may be NULL. */
struct pair {
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t cert;
};

static void
pair_release(struct pair *p)
{
    if (p->key != NULL)
        gnutls_x509_privkey_deinit(p->key);
    if (p->cert != NULL)
        gnutls_x509_crt_deinit(p->cert);
    *p = (struct pair){NULL, NULL};
}

static bool
pair_init(struct pair *p)
{
    *p = (struct pair){NULL, NULL};
    return gnutls_x509_privkey_init(&p->key) == 0 && gnutls_x509_crt_init(&p->cert) == 0;
}

bool
tls_wanted(const struct conf *c)
{
    for (unsigned i = 0; i < c->listen_count; i++) {
        if (c->listen[i].tls)
            return true;
    }
    return false;
}

static int
fail_crypto(struct errinfo *ei, const char *what)
{
    return err_set(ei, ERR_IO, "%s cannot be made", what);
}

/* ---- files ---------------------------------------------------------------------------- */

/* Durable under its name, or not there at all. */
static int
put_file(const char *dir, const char *name, struct slice bytes, mode_t mode, struct errinfo *ei)
{
    char temp[NODE_PATH];
    char path[NODE_PATH];
    char folder[NODE_PATH];
    int r = node_path(dir, "keys", folder, ei);
    int fd;

    if (r == 0)
        r = node_path(dir, name, path, ei);
    if (r < 0)
        return r;
    if (snprintf(temp, sizeof temp, "%s.new", path) >= (int)sizeof temp)
        return err_set(ei, ERR_USAGE, "%s: the directory's name is too long", dir);
    (void)unlink(temp);
    fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return err_set(ei, err_own(errno), "cannot be made: %s", strerror(errno));
    if (write(fd, bytes.ptr, bytes.len) != (ssize_t)bytes.len || fsync(fd) < 0 ||
        rename(temp, path) < 0)
        r = err_set(ei, err_own(errno), "cannot be written: %s", strerror(errno));
    (void)close(fd);
    if (r < 0) {
        (void)unlink(temp);
        return r;
    }
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        r = err_set(ei, ERR_IO, "cannot be written: %s", strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return r;
}

static void
wipe(struct buf *b)
{
    if (b->ptr != NULL)
        explicit_bzero(b->ptr, b->room);
}

static gnutls_datum_t
datum_of(const struct buf *b)
{
    return (gnutls_datum_t){(unsigned char *)b->ptr, (unsigned)b->len};
}

/* One key for both? */
static bool
belong_together(const struct pair *p)
{
    unsigned char of_key[64];
    unsigned char of_cert[64];
    size_t a = sizeof of_key;
    size_t b = sizeof of_cert;

    return gnutls_x509_privkey_get_key_id(p->key, GNUTLS_KEYID_USE_SHA256, of_key, &a) == 0 &&
           gnutls_x509_crt_get_key_id(p->cert, GNUTLS_KEYID_USE_SHA256, of_cert, &b) == 0 &&
           a == b && memcmp(of_key, of_cert, a) == 0;
}

/* Key and certificate, from one file or two; ERR_NOTFOUND. */
static int
read_pair(const char *dir, const char *key, const char *cert, struct pair *ret,
          struct errinfo *ei)
{
    AUTO_BUF(text, (size_t)TLS_FILE_MAX + 4096);
    gnutls_datum_t pem;
    bool good;
    int r = node_read_file(dir, cert, TLS_FILE_MAX, &text, ei);

    *ret = (struct pair){NULL, NULL};
    if (r < 0)
        return r;
    pem = datum_of(&text);
    good = pair_init(ret) && gnutls_x509_crt_import(ret->cert, &pem, GNUTLS_X509_FMT_PEM) == 0;
    wipe(&text);
    buf_reset(&text);
    r = node_read_file(dir, key, TLS_FILE_MAX, &text, ei);
    pem = datum_of(&text);
    if (r < 0 || !good || gnutls_x509_privkey_import(ret->key, &pem, GNUTLS_X509_FMT_PEM) < 0 ||
        !belong_together(ret))
        r = err_set(ei, ERR_CONF, "does not belong to %s: put both back, or remove both", cert);
    wipe(&text);
    if (r < 0)
        pair_release(ret);
    return r;
}

/* ---- making --------------------------------------------------------------------------- */

static bool
add_pem(struct buf *to, gnutls_datum_t *pem)
{
    buf_add(to, pem->data, pem->size);
    explicit_bzero(pem->data, pem->size);
    gnutls_free(pem->data);
    return buf_error(to) == 0;
}

static bool
add_key(struct buf *to, gnutls_x509_privkey_t key)
{
    gnutls_datum_t pem;

    return gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem) == 0 &&
           add_pem(to, &pem);
}

static bool
add_cert(struct buf *to, gnutls_x509_crt_t cert)
{
    gnutls_datum_t pem;

    return gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &pem) == 0 && add_pem(to, &pem);
}

/* From an hour ago, for clocks that are behind. */
static bool
set_times(gnutls_x509_crt_t cert, struct utime now, long days)
{
    time_t from = (time_t)(now.us / TIME_US_PER_S) - 3600;

    return gnutls_x509_crt_set_activation_time(cert, from) == 0 &&
           gnutls_x509_crt_set_expiration_time(cert, from + days * DAY_S) == 0;
}

/* A certificate with a name and times, not signed yet; its key is `kept`, or a new one. */
static bool
begin_pair(struct pair *p, gnutls_x509_privkey_t kept, const char *name, struct utime now,
           long days)
{
    unsigned char serial[16];
    unsigned char id[64];
    size_t n = sizeof id;

    if (!pair_init(p))
        return false;
    if (kept != NULL ? gnutls_x509_privkey_cpy(p->key, kept) < 0
                     : gnutls_x509_privkey_generate2(
                           p->key, GNUTLS_PK_ECDSA,
                           GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0, NULL, 0) < 0)
        return false;
    if (gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial) < 0)
        return false;
    serial[0] = (unsigned char)((serial[0] & 0x7f) | 1); /* positive, not shortened */
    return gnutls_x509_crt_set_version(p->cert, 3) == 0 &&
           gnutls_x509_crt_set_serial(p->cert, serial, sizeof serial) == 0 &&
           set_times(p->cert, now, days) && gnutls_x509_crt_set_key(p->cert, p->key) == 0 &&
           gnutls_x509_crt_get_key_id(p->cert, GNUTLS_KEYID_USE_SHA1, id, &n) == 0 &&
           gnutls_x509_crt_set_subject_key_id(p->cert, id, n) == 0 &&
           gnutls_x509_crt_set_dn_by_oid(p->cert, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                         (unsigned)strlen(name)) == 0;
}

static int
put_ca(const char *dir, const struct pair *p, const char *key_name, const char *cert_name,
       struct errinfo *ei)
{
    AUTO_BUF(key, TLS_FILE_MAX);
    AUTO_BUF(cert, TLS_FILE_MAX);
    int r = 0;

    if (!add_key(&key, p->key) || !add_cert(&cert, p->cert))
        r = fail_crypto(ei, "the authority for TLS");
    if (r == 0)
        r = put_file(dir, key_name, buf_get(&key), 0600, ei);
    if (r == 0)
        r = put_file(dir, cert_name, buf_get(&cert), 0644, ei);
    wipe(&key);
    return r;
}

static int
make_ca(const char *dir, struct utime now, struct pair *ret, struct errinfo *ei)
{
    char host[64] = "localhost";
    char name[96];

    (void)gethostname(host, sizeof host - 1);
    (void)snprintf(name, sizeof name, "detente on %.40s: authority", host);
    if (!begin_pair(ret, NULL, name, now, TLS_CA_DAYS) ||
        gnutls_x509_crt_set_basic_constraints(ret->cert, 1, 0) < 0 ||
        gnutls_x509_crt_set_key_usage(ret->cert,
                                      GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN) < 0 ||
        gnutls_x509_crt_sign2(ret->cert, ret->cert, ret->key, GNUTLS_DIG_SHA256, 0) < 0)
        return fail_crypto(ei, "the authority for TLS");
    return put_ca(dir, ret, "keys/ca.key", "keys/ca.pem", ei);
}

/* ---- names ---------------------------------------------------------------------------- */

/* A name that stands in the certificate, and its text in a list that can be compared. */
struct names {
    gnutls_x509_crt_t cert; /* NULL: only the list */
    struct buf *list;
    bool bad;
};

static void
note_name(struct buf *list, unsigned type, const void *bytes, size_t n)
{
    buf_printf(list, "%u:", type);
    for (size_t i = 0; i < n; i++)
        buf_printf(list, "%02x", ((const unsigned char *)bytes)[i]);
    buf_char(list, '\n');
}

static void
add_name(struct names *to, gnutls_x509_subject_alt_name_t type, const void *bytes, size_t n)
{
    note_name(to->list, type, bytes, n);
    if (to->cert != NULL && gnutls_x509_crt_set_subject_alt_name(
                                to->cert, type, bytes, (unsigned)n, GNUTLS_FSAN_APPEND) < 0)
        to->bad = true;
}

static void
add_host(struct names *to, const char *host)
{
    add_name(to, GNUTLS_SAN_DNSNAME, host, strlen(host));
}

static void
add_address(struct names *to, const struct addr *a)
{
    if (addr_is_v4(a))
        add_name(to, GNUTLS_SAN_IPADDRESS, a->byte + 12, 4);
    else
        add_name(to, GNUTLS_SAN_IPADDRESS, a->byte, 16);
}

/* What a browser may call the node. */
static void
add_names(struct names *to, const struct conf *c)
{
    char host[256] = "";
    struct addr loop;

    add_host(to, "localhost");
    if (addr_parse(SLICE("127.0.0.1"), &loop) == 0)
        add_address(to, &loop);
    if (addr_parse(SLICE("::1"), &loop) == 0)
        add_address(to, &loop);
    (void)gethostname(host, sizeof host - 1);
    if (host[0] != '\0' && strcmp(host, "localhost") != 0)
        add_host(to, host);
    for (unsigned i = 0; i < c->hosts.count; i++)
        add_host(to, c->hosts.at[i]);
    for (unsigned i = 0; i < c->listen_count; i++) {
        const struct conf_listen *l = &c->listen[i];

        if (l->tls && !addr_is_any(&l->address) && addr_kind(&l->address) != ADDR_LOOPBACK)
            add_address(to, &l->address);
    }
}

static void
list_names(gnutls_x509_crt_t cert, struct buf *to)
{
    char name[512];

    for (unsigned i = 0;; i++) {
        size_t n = sizeof name;
        int type = gnutls_x509_crt_get_subject_alt_name(cert, i, name, &n, NULL);

        if (type < 0)
            return;
        note_name(to, (unsigned)type, name, n);
    }
}

static int
make_page(const char *dir, const struct pair *ca, const struct conf *c, struct utime now,
          struct errinfo *ei)
{
    AUTO_BUF(list, NAMES_MAX);
    AUTO_BUF(text, TLS_FILE_MAX);
    struct names names = {.list = &list};
    struct pair p;
    unsigned char id[64];
    size_t n = sizeof id;
    struct errinfo none;
    struct pair old;
    bool keep = read_pair(dir, "keys/tls.pem", "keys/tls.pem", &old, &none) == 0;
    bool good = begin_pair(&p, keep ? old.key : NULL, "detente", now, TLS_DAYS);
    int r;

    names.cert = p.cert;
    if (good)
        add_names(&names, c);
    good = good && !names.bad && gnutls_x509_crt_set_basic_constraints(p.cert, 0, -1) == 0 &&
           gnutls_x509_crt_set_key_usage(p.cert, GNUTLS_KEY_DIGITAL_SIGNATURE) == 0 &&
           gnutls_x509_crt_set_key_purpose_oid(p.cert, GNUTLS_KP_TLS_WWW_SERVER, 0) == 0 &&
           gnutls_x509_crt_get_subject_key_id(ca->cert, id, &n, NULL) == 0 &&
           gnutls_x509_crt_set_authority_key_id(p.cert, id, n) == 0 &&
           gnutls_x509_crt_sign2(p.cert, ca->cert, ca->key, GNUTLS_DIG_SHA256, 0) == 0 &&
           add_key(&text, p.key) && add_cert(&text, p.cert) && add_cert(&text, ca->cert);
    r = good ? put_file(dir, "keys/tls.pem", buf_get(&text), 0600, ei)
             : fail_crypto(ei, "the page's certificate");
    wipe(&text);
    pair_release(&p);
    if (keep)
        pair_release(&old);
    return r;
}

static bool
is_over_soon(gnutls_x509_crt_t cert, struct utime now)
{
    time_t at = (time_t)(now.us / TIME_US_PER_S) + (time_t)TLS_RENEW_DAYS * DAY_S;

    return gnutls_x509_crt_get_expiration_time(cert) <= at;
}

/* It was made while the clock was ahead: nobody takes it now. */
static bool
is_of_later(gnutls_x509_crt_t cert, struct utime now)
{
    return gnutls_x509_crt_get_activation_time(cert) > (time_t)(now.us / TIME_US_PER_S);
}

/* Issued by this authority, for these names, valid now and not over soon. */
static bool
is_good(const char *dir, const struct pair *ca, const struct conf *c, struct utime now)
{
    AUTO_BUF(want, NAMES_MAX);
    AUTO_BUF(have, NAMES_MAX);
    struct names names = {.list = &want};
    struct errinfo ei;
    struct pair page;
    unsigned status = 0;
    bool good;

    if (read_pair(dir, "keys/tls.pem", "keys/tls.pem", &page, &ei) < 0)
        return false;
    add_names(&names, c);
    list_names(page.cert, &have);
    good = !is_over_soon(page.cert, now) && !is_of_later(page.cert, now) &&
           gnutls_x509_crt_verify(page.cert, &ca->cert, 1,
                                  GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
                                      GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS,
                                  &status) == 0 &&
           status == 0 && slice_eq(buf_get(&want), buf_get(&have));
    pair_release(&page);
    return good;
}

/* The clock was ahead, so that the authority seemed over and got a successor; now that it is
 * right nobody trusts that one, and the one that all trust is not over. */
static int
go_back(const char *dir, struct utime now, struct pair *ca, struct errinfo *ei)
{
    struct errinfo none;
    struct pair before;
    int r = 0;

    if (read_pair(dir, "keys/ca-before.key", "keys/ca-before.pem", &before, &none) < 0)
        return 0;
    if (is_over_soon(before.cert, now) || is_of_later(before.cert, now)) {
        pair_release(&before);
        return 0;
    }
    r = put_ca(dir, &before, "keys/ca.key", "keys/ca.pem", ei);
    pair_release(ca);
    *ca = before;
    return r;
}

/* The authority that counts now, made when there is none. */
static int
find_ca(const char *dir, struct utime now, struct pair *ca, struct errinfo *ei)
{
    int r = read_pair(dir, "keys/ca.key", "keys/ca.pem", ca, ei);

    if (r == ERR_NOTFOUND)
        return make_ca(dir, now, ca, ei);
    if (r == 0 && is_of_later(ca->cert, now))
        r = go_back(dir, now, ca, ei);
    if (r < 0 || !is_over_soon(ca->cert, now))
        return r;
    r = put_ca(dir, ca, "keys/ca-before.key", "keys/ca-before.pem", ei);
    pair_release(ca);
    return r < 0 ? r : make_ca(dir, now, ca, ei);
}

int
tls_prepare(const char *dir, const struct conf *c, struct utime now, struct errinfo *ei)
{
    struct pair ca = {NULL, NULL};
    int r = find_ca(dir, now, &ca, ei);

    if (r == 0 && !is_good(dir, &ca, c, now))
        r = make_page(dir, &ca, c, now, ei);
    pair_release(&ca);
    return r;
}

int
tls_read(const char *dir, struct buf *ret_page, struct buf *ret_ca, struct errinfo *ei)
{
    int r = node_read_file(dir, "keys/tls.pem", TLS_FILE_MAX, ret_page, ei);

    if (r == 0)
        r = node_read_file(dir, "keys/ca.pem", TLS_FILE_MAX, ret_ca, ei);
    buf_char(ret_page, '\0');
    buf_char(ret_ca, '\0');
    if (r == 0 && (buf_error(ret_page) < 0 || buf_error(ret_ca) < 0))
        r = err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    return r;
}

/* ---- looking -------------------------------------------------------------------------- */

static struct utime
time_of(time_t t)
{
    if (t < 0)
        return (struct utime){0};
    return (int64_t)t > TIME_MAX.us / TIME_US_PER_S
               ? TIME_MAX
               : (struct utime){(int64_t)t * TIME_US_PER_S};
}

int
tls_look(struct slice pem, struct tls_certificate *ret, struct errinfo *ei)
{
    gnutls_datum_t text = {(unsigned char *)(uintptr_t)pem.ptr, (unsigned)pem.len};
    size_t n = sizeof ret->fingerprint.byte;
    size_t key = sizeof ret->key.byte;
    gnutls_x509_crt_t cert = NULL;
    bool good =
        pem.len <= TLS_FILE_MAX && gnutls_x509_crt_init(&cert) == 0 &&
        gnutls_x509_crt_import(cert, &text, GNUTLS_X509_FMT_PEM) == 0 &&
        gnutls_x509_crt_get_fingerprint(cert, GNUTLS_DIG_SHA256, ret->fingerprint.byte, &n) ==
            0 &&
        gnutls_x509_crt_get_key_id(cert, GNUTLS_KEYID_USE_SHA256, ret->key.byte, &key) == 0;
    time_t from = good ? gnutls_x509_crt_get_activation_time(cert) : (time_t)-1;
    time_t until = good ? gnutls_x509_crt_get_expiration_time(cert) : (time_t)-1;

    if (cert != NULL)
        gnutls_x509_crt_deinit(cert);
    if (!good || until <= 0)
        return err_set(ei, ERR_INVALID, "holds no certificate in PEM form");
    ret->from = time_of(from);
    ret->until = time_of(until);
    return 0;
}

int
tls_look_at(const char *dir, const char *name, struct tls_certificate *ret, struct errinfo *ei)
{
    AUTO_BUF(text, (size_t)TLS_FILE_MAX + 4096);
    int r = node_read_file(dir, name, TLS_FILE_MAX, &text, ei);

    if (r == 0)
        r = tls_look(buf_get(&text), ret, ei);
    wipe(&text);
    return r;
}

int
tls_own(const char *dir, struct tls_certificate ret[TLS_OWN], struct errinfo *ei)
{
    int r = tls_look_at(dir, "keys/ca.pem", &ret[0], ei);

    return r < 0 ? r : tls_look_at(dir, "keys/tls.pem", &ret[1], ei);
}

void
tls_fingerprint(const struct hash *h, char out[TLS_FINGERPRINT])
{
    for (unsigned i = 0; i < SHA256_SIZE; i++)
        (void)snprintf(out + (size_t)3 * i, 4, "%02X%s", h->byte[i],
                       i + 1 < SHA256_SIZE ? ":" : "");
}
