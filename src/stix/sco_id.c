#include "stix/sco_id.h"

#include "base/sha1.h"
#include "base/uuid.h"
#include "wire/hex.h"
#include "wire/jcs.h"

/* ---- UUIDs (RFC 4122) ----------------------------------------------------------------------
 */

static const uint8_t sco_namespace[UUID_SIZE] = {0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42,
                                                 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2,
                                                 0x33, 0x15, 0xa9, 0xb7};

static struct stix_id
id_format(struct slice type, const uint8_t bytes[UUID_SIZE], unsigned version)
{
    struct stix_id id = {.len = (uint8_t)(type.len + 2 + UUID_TEXT)};
    char *to = id.text + type.len;

    BUG_ON(type.len > STIX_ID_TYPE);
    memcpy(id.text, type.ptr, type.len);
    *to++ = '-';
    *to++ = '-';
    uuid_write(bytes, version, to);
    return id;
}

static struct stix_id
sco_id(struct slice type, struct slice canonical)
{
    uint8_t digest[SHA1_SIZE];

    sha1_of2(sco_namespace, sizeof sco_namespace, canonical.ptr, canonical.len, digest);
    return id_format(type, digest, 5);
}

struct stix_id
stix_id_random(struct slice type, const uint8_t random[UUID_SIZE])
{
    return id_format(type, random, 4);
}

struct stix_id
stix_id_named(struct slice type, struct slice name)
{
    uint8_t head[UUID_SIZE + STIX_ID_TYPE + 1];
    uint8_t digest[SHA1_SIZE];
    struct slice rest = SLICE(STIX_OWN_NAMESPACE);
    uint8_t *to = head;

    BUG_ON(type.len > STIX_ID_TYPE);
    while (rest.len > 0) {
        struct slice part = slice_part(&rest, '-');

        BUG_ON(hex_decode(part, to, part.len / 2) < 0);
        to += part.len / 2;
    }
    memcpy(to, type.ptr, type.len);
    to[type.len] = ':';
    sha1_of2(head, UUID_SIZE + type.len + 1, name.ptr, name.len, digest);
    return id_format(type, digest, 5);
}

/* ---- from an object ------------------------------------------------------------------------
 */

enum { CONTRIBUTING = 8 };

static const struct {
    const char *type;
    const char *property[CONTRIBUTING];
} contributing[] = {
    {"artifact", {"hashes", "payload_bin"}},
    {"autonomous-system", {"number"}},
    {"directory", {"path"}},
    {"domain-name", {"value"}},
    {"email-addr", {"value"}},
    {"email-message", {"body", "from_ref", "subject"}},
    {"file", {"extensions", "hashes", "name", "parent_directory_ref"}},
    {"ipv4-addr", {"value"}},
    {"ipv6-addr", {"value"}},
    {"mac-addr", {"value"}},
    {"mutex", {"name"}},
    {"network-traffic",
     {"dst_port", "dst_ref", "end", "extensions", "protocols", "src_port", "src_ref", "start"}},
    {"process", {NULL}},
    {"software", {"cpe", "name", "swid", "vendor", "version"}},
    {"url", {"value"}},
    {"user-account", {"account_login", "account_type", "user_id"}},
    {"windows-registry-key", {"key", "values"}},
    {"x509-certificate", {"hashes", "serial_number"}}};

/* Its name and a colon, behind what there is. */
static void
put_name(struct buf *b, const char *name)
{
    buf_text(b, b->len == 0 ? "{\"" : ",\"");
    buf_text(b, name);
    buf_text(b, "\":");
}

/* NOLINTBEGIN(misc-no-recursion): a tree is DOM_DEPTH deep */

static void
put_value(struct buf *b, const struct dom *d)
{
    static const char *const words[] = {
        [DOM_NULL] = "null", [DOM_FALSE] = "false", [DOM_TRUE] = "true"};
    bool object = d->kind == DOM_OBJECT;

    if (d->kind <= DOM_TRUE) {
        buf_text(b, words[d->kind]);
    } else if (d->kind == DOM_NUMBER) {
        buf_slice(b, d->text);
    } else if (d->kind == DOM_STRING) {
        buf_json(b, d->text);
    } else {
        buf_char(b, object ? '{' : '[');
        for (const struct dom *x = d->first; x != NULL && buf_error(b) == 0; x = x->next) {
            if (object) {
                buf_char(b, '"');
                buf_slice(b, x->name); /* its escapes are still there */
                buf_text(b, "\":");
            }
            put_value(b, x);
            if (x->next != NULL)
                buf_char(b, ',');
        }
        buf_char(b, object ? '}' : ']');
    }
}

/* NOLINTEND(misc-no-recursion) */

static const struct dom *
one_hash(const struct dom *hashes)
{
    static const char *const order[] = {"MD5", "SHA-1", "SHA-256", "SHA-512"};
    const struct dom *least = NULL;

    if (hashes->kind != DOM_OBJECT)
        return NULL;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const struct dom *h = dom_get(hashes, slice_of(order[i]));

        if (h != NULL)
            return h;
    }
    for (const struct dom *h = hashes->first; h != NULL; h = h->next) {
        if (least == NULL || slice_order(h->name, least->name) < 0)
            least = h;
    }
    return least;
}

/* `"name":value`; nothing when it does not contribute. */
static void
put_property(struct buf *b, const struct dom *object, const char *name)
{
    const struct dom *d = dom_get(object, slice_of(name));
    bool hashes = strcmp(name, "hashes") == 0;

    if (d != NULL && hashes)
        d = one_hash(d);
    if (d == NULL || d->kind == DOM_NULL)
        return;
    put_name(b, name);
    if (hashes) {
        buf_text(b, "{\"");
        buf_slice(b, d->name);
        buf_text(b, "\":");
    }
    put_value(b, d);
    if (hashes)
        buf_char(b, '}');
}

int
sco_id_of(const struct dom *object, struct stix_id *ret)
{
    struct slice type = dom_text(dom_get(object, SLICE("type")));
    size_t t = 0;
    AUTO_BUF(plain, SCO_ID_ROOM);
    AUTO_BUF(canonical, SCO_ID_ROOM);
    enum jcs_fault fault;

    while (t < sizeof contributing / sizeof *contributing &&
           !slice_is(type, contributing[t].type))
        t++;
    if (t == sizeof contributing / sizeof *contributing)
        return ERR_NOTFOUND;
    for (unsigned i = 0; i < CONTRIBUTING && contributing[t].property[i] != NULL; i++)
        put_property(&plain, object, contributing[t].property[i]);
    if (plain.len == 0)
        return buf_error(&plain) != 0 ? buf_error(&plain) : SCO_ID_RANDOM;
    buf_char(&plain, '}');
    if (buf_error(&plain) != 0)
        return buf_error(&plain);
    fault = jcs_canonical_whole(buf_get(&plain), &canonical, NULL);
    if (fault != JCS_OK)
        return buf_error(&canonical) != 0 ? buf_error(&canonical) : ERR_INVALID;
    *ret = sco_id(type, buf_get(&canonical));
    return 0;
}

/* ---- from values: the canonical form at once -----------------------------------------------
 */

static struct stix_id
of_text(struct slice type, const char *name, struct slice value)
{
    char json[96] = "{\"";
    char *to = stpcpy(json + 2, name);

    to = stpcpy(to, "\":");
    to = mempcpy(to, value.ptr, value.len);
    *to++ = '}';
    return sco_id(type, (struct slice){json, (size_t)(to - json)});
}

static struct slice
addr_type(const struct addr *a)
{
    return addr_is_v4(a) ? SLICE("ipv4-addr") : SLICE("ipv6-addr");
}

struct stix_id
sco_id_addr(const struct addr *a)
{
    char text[ADDR_TEXT + 2] = "\"";
    size_t n = addr_format(a, text + 1);

    text[n + 1] = '"';
    return of_text(addr_type(a), "value", (struct slice){text, n + 2});
}

struct stix_id
sco_id_prefix(const struct prefix *p)
{
    char text[PREFIX_TEXT + 2] = "\"";
    size_t n;

    if (p->len == 128)
        return sco_id_addr(&p->addr);
    n = prefix_format(p, text + 1);
    text[n + 1] = '"';
    return of_text(addr_type(&p->addr), "value", (struct slice){text, n + 2});
}

struct stix_id
sco_id_as(uint32_t number)
{
    char text[16];
    int n = snprintf(text, sizeof text, "%u", number);

    return of_text(SLICE("autonomous-system"), "number", (struct slice){text, (size_t)n});
}

int
sco_id_value(const char *type, struct slice value, struct stix_id *ret)
{
    AUTO_BUF(b, SCO_ID_ROOM);

    buf_text(&b, "{\"value\":");
    buf_json(&b, value);
    buf_char(&b, '}');
    if (buf_error(&b) == 0)
        *ret = sco_id(slice_of(type), buf_get(&b));
    return buf_error(&b);
}

static void
put_ref(struct buf *b, const char *name, struct slice id)
{
    if (id.len == 0)
        return;
    put_name(b, name);
    buf_json(b, id);
}

static void
put_time(struct buf *b, const char *name, const struct utime *t)
{
    char text[TIME_TEXT];

    if (t == NULL)
        return;
    time_format(*t, text);
    put_ref(b, name, (struct slice){text, sizeof text});
}

static void
put_port(struct buf *b, const char *name, bool has, uint16_t port)
{
    if (!has)
        return;
    put_name(b, name);
    buf_u64(b, port);
}

int
sco_id_traffic(const struct sco_traffic *t, struct stix_id *ret)
{
    AUTO_BUF(b, SCO_ID_ROOM);

    put_port(&b, "dst_port", t->has_dst_port, t->dst_port);
    put_ref(&b, "dst_ref", t->dst);
    put_time(&b, "end", t->end);
    put_name(&b, "protocols");
    buf_char(&b, '[');
    for (unsigned i = 0; i < t->protocol_count; i++) {
        if (i > 0)
            buf_char(&b, ',');
        buf_json(&b, t->protocols[i]);
    }
    buf_char(&b, ']');
    put_port(&b, "src_port", t->has_src_port, t->src_port);
    put_ref(&b, "src_ref", t->src);
    put_time(&b, "start", t->start);
    buf_char(&b, '}');
    if (buf_error(&b) == 0)
        *ret = sco_id(SLICE("network-traffic"), buf_get(&b));
    return buf_error(&b);
}
