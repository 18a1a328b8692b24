/* One code point of UTF-8 (RFC 3629): shortest form, no surrogates, at most U+10FFFF. */
#ifndef DETENTE_WIRE_UTF8_H
#define DETENTE_WIRE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Bytes of the code point at `at` (1..4) and its value, or 0 when there is none. */
static inline unsigned
utf8_next(const unsigned char *at, const unsigned char *end, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned n = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t cp = n == 1 ? at[0] : n == 0 ? 0 : at[0] & (0xffU >> (n + 1));

    if (n == 0 || at[0] > 0xf4 || n > (size_t)(end - at))
        return 0;
    for (unsigned i = 1; i < n; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        cp = cp << 6 | (at[i] & 0x3fU);
    }
    if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
        return 0;
    *ret = cp;
    return n;
}

/* Write a scalar value; gives the bytes, 1..4. */
static inline unsigned
utf8_put(uint32_t cp, char out[4])
{
    unsigned n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (unsigned i = n; i-- > 1; cp >>= 6)
        out[i] = (char)(0x80 | (cp & 0x3f));
    out[0] = (char)(lead[n] | cp);
    return n;
}

static inline bool
utf8_ok(struct slice s)
{
    const unsigned char *at = (const unsigned char *)s.ptr;
    const unsigned char *end = at + s.len;
    uint32_t cp;

    while (at < end) {
        unsigned n = *at < 0x80 ? 1 : utf8_next(at, end, &cp);

        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

#endif
