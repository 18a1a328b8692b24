/* Internet addresses and prefixes: values, parsing, the one written form.
 *
 * IPv4 stands mapped (::ffff:a.b.c.d), so that one 16-byte key serves both families; prefix
 * lengths count over the family's own bits when written (192.0.2.0/24) and over the mapped
 * form inside (120).  Text as docs/formats says: RFC 5952 with hex groups only, no zone. */
#ifndef DETENTE_MODEL_ADDR_H
#define DETENTE_MODEL_ADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct addr {
    uint8_t byte[16]; /* network order */
};

struct prefix {
    struct addr addr; /* host bits zero */
    uint8_t len;      /* bits over the mapped form, 0..128 */
};

enum { ADDR_TEXT = 40, PREFIX_TEXT = 44 }; /* bytes, with NUL */

static inline bool
addr_is_v4(const struct addr *a)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    return memcmp(a->byte, mapped, sizeof mapped) == 0;
}

static inline uint32_t
addr_v4(const struct addr *a) /* host order; only of an IPv4 address */
{
    return (uint32_t)a->byte[12] << 24 | (uint32_t)a->byte[13] << 16 |
           (uint32_t)a->byte[14] << 8 | a->byte[15];
}

/* 0.0.0.0 and ::, which name no host but all addresses of this one. */
static inline bool
addr_is_any(const struct addr *a)
{
    static const struct addr any;

    return addr_is_v4(a) ? addr_v4(a) == 0 : memcmp(a->byte, any.byte, sizeof any.byte) == 0;
}

static inline struct addr
addr_of_v4(uint32_t v4)
{
    return (struct addr){.byte = {[10] = 0xff,
                                  [11] = 0xff,
                                  [12] = (uint8_t)(v4 >> 24),
                                  [13] = (uint8_t)(v4 >> 16),
                                  [14] = (uint8_t)(v4 >> 8),
                                  [15] = (uint8_t)v4}};
}

static inline bool
addr_eq(const struct addr *a, const struct addr *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Any correct text form; no zone, no brackets, no leading zeros in IPv4.  ERR_INVALID
 * otherwise.  Some 10 ns for IPv4, 30 ns for IPv6. */
MUST_USE int addr_parse(struct slice s, struct addr *ret);
/* The canonical form with NUL; gives its length. */
size_t addr_format(const struct addr *a, char out[ADDR_TEXT]);
void buf_addr(struct buf *b, const struct addr *a);

/* `address/len`, or an address alone (/32, /128).  Host bits must be zero. */
MUST_USE int prefix_parse(struct slice s, struct prefix *ret);
size_t prefix_format(const struct prefix *p, char out[PREFIX_TEXT]);
bool prefix_covers(const struct prefix *p, const struct addr *a);

enum addr_kind {
    ADDR_GLOBAL,    /* can be a place; documentation space counts as this */
    ADDR_THIS,      /* 0.0.0.0/8, :: */
    ADDR_LOOPBACK,  /* 127.0.0.0/8, ::1 */
    ADDR_PRIVATE,   /* RFC 1918, fc00::/7 */
    ADDR_CGNAT,     /* 100.64.0.0/10, RFC 6598 */
    ADDR_LINKLOCAL, /* 169.254.0.0/16, fe80::/10 */
    ADDR_MULTICAST, /* 224.0.0.0/4, ff00::/8 */
    ADDR_RESERVED,  /* 240.0.0.0/4, 192.0.0.0/24, 198.18.0.0/15, unassigned IPv6 specials */
};

/* What the IANA special-purpose registries (RFC 6890) say of it.  All but ADDR_GLOBAL are
 * bogons: never given to a network or country. */
enum addr_kind addr_kind(const struct addr *a);
const char *addr_kind_name(enum addr_kind kind);

#endif
