#include "model/addr.h"

#include <stdio.h>

#include "model/text.h"

/* Dotted decimal, exactly four parts, no leading zeros. */
static int
parse_v4(struct slice s, uint32_t *ret)
{
    uint32_t value = 0;
    size_t at = 0;

    for (unsigned part = 0; part < 4; part++) {
        unsigned n = 0;
        size_t from;

        if (part > 0 && (at >= s.len || s.ptr[at++] != '.'))
            return ERR_INVALID;
        from = at;
        for (; at < s.len && at - from < 4; at++) {
            unsigned digit = (unsigned char)s.ptr[at] - (unsigned)'0';

            if (digit > 9)
                break;
            n = n * 10 + digit;
        }
        if (at == from || n > 255 || (at - from > 1 && s.ptr[from] == '0'))
            return ERR_INVALID;
        value = value << 8 | n;
    }
    *ret = value;
    return at == s.len ? 0 : ERR_INVALID;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One group of one to four hex digits at s[*at]. */
static int
parse_group(struct slice s, size_t *at, uint16_t *ret)
{
    unsigned value = 0;
    size_t from = *at;

    for (; *at < s.len && *at - from < 5; (*at)++) {
        int digit = hex_digit(s.ptr[*at]);

        if (digit < 0)
            break;
        value = value << 4 | (unsigned)digit;
    }
    *ret = (uint16_t)value;
    return *at == from || *at - from > 4 ? ERR_INVALID : 0;
}

struct groups {
    uint16_t word[8];
    unsigned count;
    int gap; /* where `::` stood, -1 none */
};

/* The groups of s into g; RFC 4291 section 2.2, forms 1 to 3. */
static int
parse_groups(struct slice s, struct groups *g)
{
    size_t at = 0;

    *g = (struct groups){.gap = -1};
    if (s.len >= 2 && s.ptr[0] == ':' && s.ptr[1] == ':') {
        g->gap = 0;
        at = 2;
    }
    while (at < s.len) {
        size_t from = at;
        uint32_t v4;

        if (g->count == 8 || parse_group(s, &at, &g->word[g->count]) < 0)
            return ERR_INVALID;
        if (at < s.len && s.ptr[at] == '.') {
            if (g->count > 6 || parse_v4(slice_sub(s, from, s.len), &v4) < 0)
                return ERR_INVALID;
            g->word[g->count++] = (uint16_t)(v4 >> 16);
            g->word[g->count++] = (uint16_t)v4;
            return 0;
        }
        g->count++;
        if (at == s.len)
            return 0;
        if (s.ptr[at++] != ':' || at == s.len)
            return ERR_INVALID;
        if (s.ptr[at] == ':') {
            if (g->gap >= 0)
                return ERR_INVALID;
            g->gap = (int)g->count;
            at++;
        }
    }
    return g->gap < 0 ? ERR_INVALID : 0;
}

static int
parse_v6(struct slice s, struct addr *ret)
{
    struct groups g;
    unsigned missing;

    if (s.len < 2 || s.len > 45 || parse_groups(s, &g) < 0)
        return ERR_INVALID;
    if (g.gap < 0 ? g.count != 8 : g.count > 7)
        return ERR_INVALID;
    missing = 8 - g.count;
    *ret = (struct addr){0};
    for (unsigned i = 0; i < g.count; i++) {
        size_t at = g.gap >= 0 && i >= (unsigned)g.gap ? i + missing : i;

        ret->byte[at * 2] = (uint8_t)(g.word[i] >> 8);
        ret->byte[at * 2 + 1] = (uint8_t)g.word[i];
    }
    return 0;
}

int
addr_parse(struct slice s, struct addr *ret)
{
    uint32_t v4;

    if (s.len >= 7 && s.len <= 15 && parse_v4(s, &v4) == 0) {
        *ret = addr_of_v4(v4);
        return 0;
    }
    return parse_v6(s, ret);
}

static char *
put_decimal(char *to, unsigned n)
{
    if (n >= 100)
        *to++ = (char)('0' + n / 100);
    if (n >= 10)
        *to++ = (char)('0' + n / 10 % 10);
    *to++ = (char)('0' + n % 10);
    return to;
}

static char *
put_hex(char *to, unsigned n)
{
    static const char hex[] = "0123456789abcdef";
    int shift = 12;

    while (shift > 0 && n >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *to++ = hex[n >> shift & 15];
    return to;
}

/* The first longest run of two or more zero groups (RFC 5952 section 4.2). */
static void
longest_gap(const uint16_t word[8], unsigned *ret_at, unsigned *ret_len)
{
    *ret_at = 8;
    *ret_len = 1;
    for (unsigned i = 0; i < 8; i++) {
        unsigned n = 0;

        while (i + n < 8 && word[i + n] == 0)
            n++;
        if (n > *ret_len) {
            *ret_at = i;
            *ret_len = n;
        }
        i += n;
    }
}

size_t
addr_format(const struct addr *a, char out[ADDR_TEXT])
{
    char *to = out;
    uint16_t word[8];
    unsigned gap;
    unsigned gap_len;

    if (addr_is_v4(a)) {
        for (unsigned i = 12; i < 16; i++) {
            to = put_decimal(to, a->byte[i]);
            *to++ = i < 15 ? '.' : '\0';
        }
        return (size_t)(to - out) - 1;
    }
    for (size_t i = 0; i < 8; i++)
        word[i] = (uint16_t)(a->byte[2 * i] << 8 | a->byte[2 * i + 1]);
    longest_gap(word, &gap, &gap_len);
    for (unsigned i = 0; i < 8; i++) {
        if (i == gap) {
            *to++ = ':';
            i += gap_len - 1;
            if (i == 7)
                *to++ = ':';
            continue;
        }
        if (i > 0)
            *to++ = ':';
        to = put_hex(to, word[i]);
    }
    *to = '\0';
    return (size_t)(to - out);
}

void
buf_addr(struct buf *b, const struct addr *a)
{
    char *to = buf_reserve(b, ADDR_TEXT);

    if (to != NULL)
        buf_wrote(b, addr_format(a, to));
}

/* True when bits from..128 of a are zero. */
static bool
host_bits_zero(const struct addr *a, unsigned from)
{
    for (unsigned i = from; i < 128; i++) {
        if (a->byte[i / 8] & (0x80 >> i % 8))
            return false;
    }
    return true;
}

int
prefix_parse(struct slice s, struct prefix *ret)
{
    const char *slash = s.len == 0 ? NULL : memchr(s.ptr, '/', s.len);
    size_t at = slash == NULL ? s.len : (size_t)(slash - s.ptr);
    struct prefix p = {.len = 128};
    uint64_t bits = 0;
    bool v4;

    if (addr_parse(slice_sub(s, 0, at), &p.addr) < 0)
        return ERR_INVALID;
    v4 = memchr(s.ptr, ':', at) == NULL;
    if (slash != NULL) {
        if (text_number(slice_sub(s, at + 1, s.len), v4 ? 32 : 128, &bits) < 0)
            return ERR_INVALID;
        p.len = (uint8_t)(v4 ? bits + 96 : bits);
    }
    if (!host_bits_zero(&p.addr, p.len))
        return ERR_INVALID;
    *ret = p;
    return 0;
}

size_t
prefix_format(const struct prefix *p, char out[PREFIX_TEXT])
{
    size_t n = addr_format(&p->addr, out);
    unsigned len = addr_is_v4(&p->addr) && p->len >= 96 ? p->len - 96U : p->len;

    return n + (size_t)snprintf(out + n, PREFIX_TEXT - n, "/%u", len);
}

bool
prefix_covers(const struct prefix *p, const struct addr *a)
{
    unsigned whole = p->len / 8;
    unsigned rest = p->len % 8;

    if (memcmp(p->addr.byte, a->byte, whole) != 0)
        return false;
    return rest == 0 || ((p->addr.byte[whole] ^ a->byte[whole]) >> (8 - rest)) == 0;
}

static enum addr_kind
kind_v4(uint32_t a)
{
    static const struct {
        uint32_t net;
        uint32_t mask;
        enum addr_kind kind;
    } rows[] = {
        {0x00000000, 0xff000000, ADDR_THIS},      {0x0a000000, 0xff000000, ADDR_PRIVATE},
        {0x64400000, 0xffc00000, ADDR_CGNAT},     {0x7f000000, 0xff000000, ADDR_LOOPBACK},
        {0xa9fe0000, 0xffff0000, ADDR_LINKLOCAL}, {0xac100000, 0xfff00000, ADDR_PRIVATE},
        {0xc0000000, 0xffffff00, ADDR_RESERVED},  {0xc0a80000, 0xffff0000, ADDR_PRIVATE},
        {0xc6120000, 0xfffe0000, ADDR_RESERVED},  {0xe0000000, 0xf0000000, ADDR_MULTICAST},
        {0xf0000000, 0xf0000000, ADDR_RESERVED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((a & rows[i].mask) == rows[i].net)
            return rows[i].kind;
    }
    return ADDR_GLOBAL;
}

enum addr_kind
addr_kind(const struct addr *a)
{
    static const struct addr zero;
    static const struct addr one = {.byte = {[15] = 1}};
    unsigned top = (unsigned)a->byte[0] << 8 | a->byte[1];

    if (addr_is_v4(a))
        return kind_v4(addr_v4(a));
    if (addr_eq(a, &zero))
        return ADDR_THIS;
    if (addr_eq(a, &one))
        return ADDR_LOOPBACK;
    if ((top & 0xfe00) == 0xfc00)
        return ADDR_PRIVATE;
    if ((top & 0xffc0) == 0xfe80)
        return ADDR_LINKLOCAL;
    if ((top & 0xff00) == 0xff00)
        return ADDR_MULTICAST;
    /* 64:ff9b::/96 (RFC 6052) carries public IPv4; all else outside 2000::/3 is unassigned. */
    if ((top & 0xe000) == 0x2000 || (top == 0x0064 && a->byte[2] == 0xff && a->byte[3] == 0x9b))
        return ADDR_GLOBAL;
    return ADDR_RESERVED;
}

const char *
addr_kind_name(enum addr_kind kind)
{
    static const char *const names[] = {"global", "this-network", "loopback",  "private",
                                        "cgnat",  "link-local",   "multicast", "reserved"};

    return names[kind];
}
