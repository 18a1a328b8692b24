#include "wire/hex.h"

static const char digits[] = "0123456789abcdef";

void
hex_encode(const void *bytes, size_t n, char *out)
{
    const unsigned char *from = bytes;

    for (size_t i = 0; i < n; i++) {
        *out++ = digits[from[i] >> 4];
        *out++ = digits[from[i] & 15];
    }
}

void
buf_hex(struct buf *b, const void *bytes, size_t n)
{
    char *to = n == 0 ? NULL : buf_reserve(b, 2 * n);

    if (to == NULL)
        return;
    hex_encode(bytes, n, to);
    buf_wrote(b, 2 * n);
}

/* 0..15, or more than 15 for what is no lower-case digit. */
static unsigned
value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)c - '0';
    if (c >= 'a' && c <= 'f')
        return (unsigned)c - 'a' + 10;
    return 16;
}

int
hex_decode(struct slice s, void *to, size_t n)
{
    unsigned char *out = to;

    if (s.len != 2 * n)
        return ERR_INVALID;
    for (size_t i = 0; i < n; i++) {
        unsigned high = value(s.ptr[2 * i]);
        unsigned low = value(s.ptr[2 * i + 1]);

        if (high > 15 || low > 15)
            return ERR_INVALID;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return 0;
}

bool
hex_is(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (value(s.ptr[i]) > 15)
            return false;
    }
    return s.len % 2 == 0;
}
