#include "wire/base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(const void *bytes, size_t n, char *out)
{
    const unsigned char *in = bytes;

    for (; n > 0; n -= n < 3 ? n : 3) {
        uint32_t word = (uint32_t)in[0] << 16;

        if (n > 1)
            word |= (uint32_t)in[1] << 8;
        if (n > 2)
            word |= in[2];
        *out++ = alphabet[word >> 18];
        *out++ = alphabet[word >> 12 & 63];
        *out++ = (char)(n > 1 ? alphabet[word >> 6 & 63] : '=');
        *out++ = (char)(n > 2 ? alphabet[word & 63] : '=');
        in += n < 3 ? n : 3;
    }
}

void
buf_base64(struct buf *b, const void *bytes, size_t n)
{
    char *to = n == 0 ? NULL : buf_reserve(b, BASE64_TEXT(n));

    if (to == NULL)
        return;
    base64_encode(bytes, n, to);
    buf_wrote(b, BASE64_TEXT(n));
}

/* 0..63, or 64 for what is not of the alphabet. */
static uint32_t
value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* Four characters to 1..3 bytes in word's high 24 bits; 0 when they are not canonical.
 * Padding is only taken in the last group. */
static unsigned
group(const char *in, bool last, uint32_t *ret)
{
    unsigned n = !last || in[3] != '=' ? 3 : in[2] != '=' ? 2 : 1;
    uint32_t word = 0;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t v = i <= n ? value(in[i]) : 0;

        if (v > 63)
            return 0;
        word = word << 6 | v;
    }
    *ret = word;
    return (word & (0xffffffU >> (8 * n))) == 0 ? n : 0; /* unused bits must be zero */
}

int
base64_decode(struct slice s, void *to, size_t room, size_t *ret_n)
{
    unsigned char *out = to;
    size_t n = 0;

    if (s.len % 4 != 0)
        return ERR_INVALID;
    for (size_t at = 0; at < s.len; at += 4) {
        uint32_t word = 0;
        unsigned count = group(s.ptr + at, at + 4 == s.len, &word);

        if (count == 0)
            return ERR_INVALID;
        if (count > room - n)
            return ERR_LIMIT;
        for (unsigned i = 0; i < count && out != NULL; i++)
            out[n + i] = (unsigned char)(word >> (16 - 8 * i));
        n += count;
    }
    *ret_n = n;
    return 0;
}

int
base64_exact(struct slice s, void *to, size_t n)
{
    size_t got;

    if (s.len != BASE64_TEXT(n) || base64_decode(s, to, n, &got) < 0 || got != n)
        return ERR_INVALID;
    return 0;
}

void
buf_base64url(struct buf *b, const void *bytes, size_t n)
{
    char text[BASE64_TEXT(BASE64URL_MAX)];

    BUG_ON(n > BASE64URL_MAX);
    base64_encode(bytes, n, text);
    for (size_t i = 0; i < BASE64URL_TEXT(n); i++) {
        if (text[i] == '+' || text[i] == '/')
            text[i] = text[i] == '+' ? '-' : '_';
    }
    buf_add(b, text, BASE64URL_TEXT(n));
}

int
base64url_exact(struct slice s, void *to, size_t n)
{
    char text[BASE64_TEXT(BASE64URL_MAX)];

    BUG_ON(n > BASE64URL_MAX);
    if (s.len != BASE64URL_TEXT(n))
        return ERR_INVALID;
    memset(text, '=', sizeof text);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '+' || s.ptr[i] == '/')
            return ERR_INVALID;
        text[i] = s.ptr[i] == '-' ? '+' : s.ptr[i] == '_' ? '/' : s.ptr[i];
    }
    return base64_exact((struct slice){text, BASE64_TEXT(n)}, to, n);
}
