/* UTF-8 (RFC 3629) one character at a time, and which characters may stand in a name. */
#ifndef DETENTE_ATTRIB_TEXT_PRIV_H
#define DETENTE_ATTRIB_TEXT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at p (n > 0 left), *ret its number; 0 when it is none. */
static inline size_t
utf8_next(const unsigned char *p, size_t n, uint32_t *ret)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80       ? 1
                 : p[0] >> 5 == 6  ? 2
                 : p[0] >> 4 == 14 ? 3
                 : p[0] >> 3 == 30 ? 4
                                   : 0;
    uint32_t c;

    if (len == 0 || len > n)
        return 0;
    c = len == 1 ? p[0] : p[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        c = c << 6 | (p[i] & 0x3fU);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *ret = c;
    return len;
}

/* No controls, nothing that turns or hides what stands beside it. */
static inline bool
text_visible(uint32_t c)
{
    return c >= 0x20 && !(c >= 0x7f && c <= 0x9f) && !(c >= 0x200b && c <= 0x200f) &&
           !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2060 && c <= 0x206f) && c != 0xfeff;
}

/* n bytes of such characters. */
static inline bool
text_is_visible(const char *text, size_t n)
{
    uint32_t c = 0;

    for (size_t i = 0; i < n;) {
        size_t len = utf8_next((const unsigned char *)text + i, n - i, &c);

        if (len == 0 || !text_visible(c))
            return false;
        i += len;
    }
    return true;
}

#endif
