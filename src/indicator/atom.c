#include "indicator/atom.h"

#include "wire/hex.h"

const char *
atom_kind_name(enum atom_kind kind)
{
    static const char *const names[ATOM_KINDS] = {
        "address", "prefix", "domain", "below", "url", "md5", "sha-1", "sha-256", "sha-512"};

    return names[kind];
}

static char
small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
    return small(c) >= 'a' && small(c) <= 'z';
}

/* ---- addresses -----------------------------------------------------------------------------
 */

void
atom_of_address(const struct addr *a, struct atom *ret)
{
    unsigned from = addr_is_v4(a) ? 12 : 0;

    ret->kind = ATOM_ADDRESS;
    ret->len = (uint16_t)(16 - from);
    memcpy(ret->byte, a->byte + from, ret->len);
}

void
atom_of_prefix(const struct prefix *p, struct atom *ret)
{
    ret->kind = ATOM_PREFIX;
    ret->len = 17;
    memcpy(ret->byte, p->addr.byte, 16);
    ret->byte[16] = (char)p->len;
}

struct prefix
atom_prefix(enum atom_kind kind, struct slice bytes)
{
    struct prefix p = {.len = 128, .addr = addr_of_v4(0)};

    if (kind == ATOM_PREFIX && bytes.len == 17)
        p.len = (uint8_t)bytes.ptr[16];
    if (bytes.len == 4)
        memcpy(p.addr.byte + 12, bytes.ptr, 4);
    else if (bytes.len >= 16)
        memcpy(p.addr.byte, bytes.ptr, 16);
    return p;
}

/* The bits behind the slash; false: no number up to most. */
static bool
read_bits(struct slice text, unsigned most, unsigned *ret)
{
    unsigned n = 0;

    if (text.len == 0 || text.len > 3)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i]))
            return false;
        n = n * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *ret = n;
    return n <= most;
}

bool
atom_read_address(struct slice text, struct atom *ret)
{
    struct slice rest = text;
    struct slice host = slice_part(&rest, '/');
    struct prefix p = {.len = 128};
    unsigned most;
    unsigned bits;

    if (addr_parse(host, &p.addr) < 0)
        return false;
    most = addr_is_v4(&p.addr) ? 32 : 128;
    bits = most;
    if (host.len < text.len && !read_bits(rest, most, &bits))
        return false;
    if (bits == most) {
        atom_of_address(&p.addr, ret);
        return true;
    }
    p.len = (uint8_t)(128 - most + bits);
    for (unsigned i = p.len; i < 128; i++)
        p.addr.byte[i / 8] &= (uint8_t) ~(0x80U >> i % 8);
    atom_of_prefix(&p, ret);
    return true;
}

/* ---- names ---------------------------------------------------------------------------------
 */

static bool
in_name(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

bool
atom_read_domain(struct slice text, struct atom *ret)
{
    size_t label = 0;
    bool digits = true;

    if (text.len > 1 && text.ptr[text.len - 1] == '.')
        text.len--;
    if (text.len == 0 || text.len > ATOM_NAME)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        ret->byte[i] = small(c);
        if (c == '.') {
            if (label == 0)
                return false;
            label = 0;
            digits = true;
            continue;
        }
        digits &= is_digit(c);
        if (!in_name(c) || ++label > 63)
            return false;
    }
    ret->kind = ATOM_DOMAIN;
    ret->len = (uint16_t)text.len;
    return label > 0 && !digits;
}

/* ---- URLs ----------------------------------------------------------------------------------
 */

/* Bytes of `scheme://`, 0 none. */
static size_t
scheme_of(struct slice text)
{
    size_t n = 0;

    while (n < text.len && n < 32 &&
           (is_letter(text.ptr[n]) ||
            (n > 0 && (is_digit(text.ptr[n]) || memchr("+-.", text.ptr[n], 3) != NULL))))
        n++;
    return n > 0 && text.len - n > 3 && memcmp(text.ptr + n, "://", 3) == 0 ? n + 3 : 0;
}

static bool
is_default_port(struct slice scheme, struct slice port)
{
    static const struct {
        const char *scheme;
        const char *port;
    } list[] = {{"http://", "80"}, {"https://", "443"}, {"ftp://", "21"}};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (slice_is(scheme, list[i].scheme))
            return port.len == 0 || slice_is(port, list[i].port);
    }
    return port.len == 0;
}

/* The colon before a port in host:port or [host]:port; len where none is. */
static size_t
port_at(struct slice s)
{
    const char *bracket = s.len == 0 ? NULL : memrchr(s.ptr, ']', s.len);
    size_t from = bracket == NULL ? 0 : (size_t)(bracket - s.ptr);
    const char *colon = memchr(s.ptr + from, ':', s.len - from);

    return colon == NULL ? s.len : (size_t)(colon - s.ptr);
}

bool
atom_read_url(struct slice text, struct atom *ret)
{
    size_t from = scheme_of(text);
    size_t host = from;
    size_t n;
    size_t port;
    size_t path;

    if (from == 0 || text.len >= ATOM_BYTES)
        return false;
    path = from;
    while (path < text.len && memchr("/?#", text.ptr[path], 3) == NULL) {
        host = text.ptr[path] == '@' ? path + 1 : host; /* whoever is named before it stays */
        path++;
    }
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
            return false;
        ret->byte[i] = i < from || (i >= host && i < path) ? small(text.ptr[i]) : text.ptr[i];
    }
    port = host + port_at((struct slice){ret->byte + host, path - host});
    n = path;
    if (port < path && is_default_port((struct slice){ret->byte, from},
                                       (struct slice){ret->byte + port + 1, path - port - 1}))
        n = port;
    if (port == host)
        return false;
    if (path == text.len || text.ptr[path] != '/')
        ret->byte[n++] = '/';
    while (path < text.len && text.ptr[path] != '#')
        ret->byte[n++] = text.ptr[path++];
    ret->kind = ATOM_URL;
    ret->len = (uint16_t)n;
    return true;
}

struct slice
atom_url_host(struct slice url)
{
    size_t from = scheme_of(url);
    struct slice rest = slice_sub(url, from, url.len);
    struct slice host = slice_part(&rest, '/');
    const char *at = host.len == 0 ? NULL : memrchr(host.ptr, '@', host.len);

    if (at != NULL)
        host = slice_sub(host, (size_t)(at - host.ptr) + 1, host.len);
    return slice_sub(host, 0, host.len == 0 ? 0 : port_at(host));
}

/* ---- hashes --------------------------------------------------------------------------------
 */

bool
atom_read_hash(struct slice text, struct atom *ret)
{
    char digits[128];
    enum atom_kind kind;

    switch (text.len) {
    case 32: kind = ATOM_MD5; break;
    case 40: kind = ATOM_SHA1; break;
    case 64: kind = ATOM_SHA256; break;
    case 128: kind = ATOM_SHA512; break;
    default: return false;
    }
    for (size_t i = 0; i < text.len; i++)
        digits[i] = small(text.ptr[i]);
    ret->kind = kind;
    ret->len = (uint16_t)(text.len / 2);
    return hex_decode((struct slice){digits, text.len}, ret->byte, ret->len) == 0;
}

bool
atom_read_hash_of(enum atom_kind kind, struct slice text, struct atom *ret)
{
    return atom_read_hash(text, ret) && ret->kind == kind;
}

/* ---- as text -------------------------------------------------------------------------------
 */

void
buf_atom(struct buf *to, enum atom_kind kind, struct slice bytes)
{
    struct prefix p;
    char text[PREFIX_TEXT];

    switch (kind) {
    case ATOM_ADDRESS:
        p = atom_prefix(kind, bytes);
        buf_addr(to, &p.addr);
        break;
    case ATOM_PREFIX:
        p = atom_prefix(kind, bytes);
        buf_add(to, text, prefix_format(&p, text));
        break;
    case ATOM_BELOW: buf_text(to, "*."); __attribute__((fallthrough));
    case ATOM_DOMAIN:
    case ATOM_URL: buf_slice(to, bytes); break;
    case ATOM_MD5:
    case ATOM_SHA1:
    case ATOM_SHA256:
    case ATOM_SHA512: buf_hex(to, bytes.ptr, bytes.len); break;
    case ATOM_KINDS: break;
    }
}
