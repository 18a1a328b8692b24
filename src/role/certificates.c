#include "role/certificates.h"

#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>
#include <stdlib.h>

#include "model/event.h"
#include "wire/utf8.h"

enum { BLOCKS = 256, NAMES = 256, TEXT = 1024 };

struct block {
    gnutls_x509_crt_t cert; /* or */
    gnutls_x509_crl_t list;
    unsigned line;
};

struct chain {
    struct block block[BLOCKS];
    unsigned count;
};

static void
release(struct chain *c)
{
    for (unsigned i = 0; i < c->count; i++) {
        if (c->block[i].cert != NULL)
            gnutls_x509_crt_deinit(c->block[i].cert);
        if (c->block[i].list != NULL)
            gnutls_x509_crl_deinit(c->block[i].list);
    }
}

static int
import(struct block *b, struct slice pem, bool list)
{
    gnutls_datum_t d = {(unsigned char *)strndup(pem.ptr, pem.len), (unsigned)pem.len};
    int r = d.data == NULL ? ERR_NOMEM : 0;

    if (r == 0 && list)
        r = gnutls_x509_crl_init(&b->list) < 0 ? ERR_NOMEM : 0;
    else if (r == 0)
        r = gnutls_x509_crt_init(&b->cert) < 0 ? ERR_NOMEM : 0;
    if (r == 0 && list)
        r = gnutls_x509_crl_import(b->list, &d, GNUTLS_X509_FMT_PEM) < 0 ? ERR_INVALID : 0;
    else if (r == 0)
        r = gnutls_x509_crt_import(b->cert, &d, GNUTLS_X509_FMT_PEM) < 0 ? ERR_INVALID : 0;
    free(d.data);
    return r;
}

static unsigned
line_of(struct slice text, const char *at)
{
    unsigned line = 1;

    for (const char *c = text.ptr; c < at; c++)
        line += *c == '\n';
    return line;
}

static int
take_blocks(struct chain *c, struct slice text, struct errinfo *ei)
{
    static const char begin[] = "-----BEGIN ";
    struct slice rest = text;
    const char *at;

    while (rest.len > 0 && (at = memmem(rest.ptr, rest.len, begin, sizeof begin - 1)) != NULL) {
        struct slice block = slice_sub(rest, (size_t)(at - rest.ptr), rest.len);
        struct slice kind = slice_sub(block, sizeof begin - 1, block.len);
        bool list = slice_is(slice_sub(kind, 0, 13), "X509 CRL-----");
        bool cert = slice_is(slice_sub(kind, 0, 16), "CERTIFICATE-----");
        const char *end = memmem(kind.ptr, kind.len, "-----END ", 9);
        unsigned line = line_of(text, at);
        int r;

        if (end == NULL)
            return err_at(ei, ERR_INVALID, line, 1, "the block has no end");
        rest = slice_sub(text, (size_t)(end - text.ptr) + 9, text.len);
        if (!cert && !list)
            continue;
        if (c->count == BLOCKS)
            return err_at(ei, ERR_LIMIT, line, 1, "more than %d certificates in one file",
                          BLOCKS);
        /* the line of END is in the block: gnutls wants all of it */
        slice_line(&rest, &kind);
        block.len = (size_t)(kind.ptr + kind.len - block.ptr);
        c->block[c->count].line = line;
        r = import(&c->block[c->count++], block, list);
        if (r < 0)
            return err_at(ei, r, line, 1, "%s",
                          r == ERR_NOMEM ? err_text(r)
                                         : "is no certificate or list that reads");
    }
    return 0;
}

/* Text of a certificate, as it may be printed. */
static struct slice
clean(char *text, size_t len)
{
    struct slice s = {text, len};

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            text[i] = '?';
    }
    for (size_t i = 0; !utf8_ok(s) && i < len; i++)
        text[i] = (unsigned char)text[i] >= 0x80 ? '?' : text[i];
    return s;
}

static struct slice
issuer_part(const struct block *b, const char *oid, char room[TEXT])
{
    size_t n = TEXT;
    int r = b->cert != NULL
                ? gnutls_x509_crt_get_issuer_dn_by_oid(b->cert, oid, 0, 0, room, &n)
                : gnutls_x509_crl_get_issuer_dn_by_oid(b->list, oid, 0, 0, room, &n);

    return r < 0 ? (struct slice){"", 0} : clean(room, n);
}

/* Who issued it: its organisation, or its name where it has none. */
static int
issuer_of(struct facts *f, const struct block *b, uint16_t source, uint32_t *ret)
{
    char org[TEXT];
    char code[TEXT];
    struct slice who = issuer_part(b, GNUTLS_OID_X520_ORGANIZATION_NAME, org);
    struct slice cc = issuer_part(b, GNUTLS_OID_X520_COUNTRY_NAME, code);
    struct fact fact = {.kind = FACT_COUNTRY,
                        .country = country_parse(cc),
                        .ttl = FACTS_NO_TTL,
                        .line = b->line,
                        .source = source};
    int r;

    if (who.len == 0)
        who = issuer_part(b, GNUTLS_OID_X520_COMMON_NAME, org);
    if (who.len == 0)
        who = SLICE("(an issuer without a name)");
    r = facts_name(f, who, ret);
    fact.name = *ret;
    if (r < 0 || fact.country == COUNTRY_UNKNOWN ||
        facts_first(f, *ret, FACT_COUNTRY) != FACTS_NONE)
        return r;
    return facts_add(f, &fact);
}

/* The host of http://host:port/path. */
static struct slice
host_of(struct slice url)
{
    const char *at = memmem(url.ptr, url.len, "://", 3);
    struct slice rest = url;
    size_t n = 0;

    if (at == NULL)
        return (struct slice){"", 0};
    rest = slice_sub(url, (size_t)(at - url.ptr) + 3, url.len);
    while (n < rest.len && rest.ptr[n] != '/' && rest.ptr[n] != ':' && rest.ptr[n] != '?')
        n++;
    return slice_sub(rest, 0, n);
}

static int
add_revocation(struct facts *f, struct fact fact, struct slice url)
{
    struct slice host = host_of(url);
    int r = host.len == 0 ? 0 : facts_name(f, host, &fact.target);

    fact.kind = FACT_OCSP;
    fact.number = 0;
    return r < 0 || host.len == 0 ? r : facts_add(f, &fact);
}

static int
add_revocations(struct facts *f, const struct block *b, const struct fact *fact)
{
    gnutls_datum_t uri = {0};
    char room[TEXT];
    size_t n = sizeof room;
    unsigned reasons;
    int r = 0;

    if (gnutls_x509_crt_get_authority_info_access(b->cert, 0, GNUTLS_IA_OCSP_URI, &uri, NULL) ==
        0) {
        r = add_revocation(f, *fact, clean((char *)uri.data, uri.size));
        gnutls_free(uri.data);
    }
    if (r == 0 &&
        gnutls_x509_crt_get_crl_dist_points(b->cert, 0, room, &n, &reasons, NULL) >= 0)
        r = add_revocation(f, *fact, clean(room, n));
    return r;
}

/* status_request among the TLS features that a certificate insists on: RFC 7633. */
static bool
must_staple(const struct block *b)
{
    gnutls_x509_tlsfeatures_t t;
    bool must = false;
    unsigned feature;

    if (gnutls_x509_tlsfeatures_init(&t) < 0)
        return false;
    if (gnutls_x509_crt_get_tlsfeatures(b->cert, t, 0, NULL) == 0) {
        for (unsigned i = 0; gnutls_x509_tlsfeatures_get(t, i, &feature) == 0; i++)
            must |= feature == 5;
    }
    gnutls_x509_tlsfeatures_deinit(t);
    return must;
}

static int
add_name(struct facts *f, const struct block *b, struct fact fact, struct slice name)
{
    int r = facts_name(f, name, &fact.name);

    if (r == ERR_INVALID)
        return 0; /* longer than any name */
    fact.kind = FACT_CERT;
    if (r == 0)
        r = facts_add(f, &fact);
    return r < 0 ? r : add_revocations(f, b, &fact);
}

static int
add_names(struct facts *f, const struct block *b, const struct fact *fact)
{
    char room[TEXT];
    bool any = false;
    size_t n;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < NAMES; i++) {
        int kind;

        n = sizeof room;
        kind = gnutls_x509_crt_get_subject_alt_name(b->cert, i, room, &n, NULL);
        if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            break;
        if (kind != GNUTLS_SAN_DNSNAME)
            continue;
        r = add_name(f, b, *fact, clean(room, n));
        any = true;
    }
    n = sizeof room;
    if (r < 0 || any ||
        gnutls_x509_crt_get_dn_by_oid(b->cert, GNUTLS_OID_X520_COMMON_NAME, 0, 0, room, &n) < 0)
        return r;
    return add_name(f, b, *fact, clean(room, n));
}

static struct utime
end_of(const struct block *b)
{
    return (struct utime){(int64_t)gnutls_x509_crt_get_expiration_time(b->cert) *
                          TIME_US_PER_S};
}

static bool
is_authority(const struct block *b)
{
    unsigned critical;

    return gnutls_x509_crt_get_ca_status(b->cert, &critical) > 0;
}

static int
add_certificate(struct facts *f, const struct chain *c, const struct block *b, uint16_t source)
{
    struct fact fact = {.ttl = FACTS_NO_TTL,
                        .source = source,
                        .line = b->line,
                        .until = end_of(b),
                        .number = must_staple(b)};
    int r = issuer_of(f, b, source, &fact.target);

    for (unsigned i = 0; i < c->count; i++) {
        const struct block *of = &c->block[i];

        if (of->cert != NULL && is_authority(of) && end_of(of).us < fact.until.us) {
            fact.until = end_of(of);
            fact.line = of->line;
        }
    }
    return r < 0 ? r : add_names(f, b, &fact);
}

static int
add_list(struct facts *f, const struct block *b, uint16_t source)
{
    time_t next = gnutls_x509_crl_get_next_update(b->list);
    struct fact fact = {.kind = FACT_CRL,
                        .ttl = FACTS_NO_TTL,
                        .source = source,
                        .line = b->line,
                        .until = {(int64_t)next * TIME_US_PER_S}};
    int r = next == (time_t)-1 ? 0 : issuer_of(f, b, source, &fact.name);

    return r < 0 || next == (time_t)-1 ? r : facts_add(f, &fact);
}

int
certificates_read(struct facts *f, struct slice text, uint16_t source,
                  struct certificates_counts *ret, struct errinfo *ei)
{
    struct chain c = {.count = 0};
    int r = take_blocks(&c, text, ei);

    for (unsigned i = 0; r == 0 && i < c.count; i++) {
        const struct block *b = &c.block[i];

        if (b->list != NULL) {
            r = add_list(f, b, source);
            ret->lists++;
        } else if (!is_authority(b)) {
            r = add_certificate(f, &c, b, source);
            ret->certificates++;
        }
    }
    release(&c);
    return r;
}
