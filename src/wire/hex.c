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
static inline uint8_t
value(char c)
{
    uint8_t number = (uint8_t)(c - '0');
    uint8_t letter = (uint8_t)(c - 'a');

    return number < 10 ? number : letter < 6 ? (uint8_t)(letter + 10) : 16;
}

int
hex_decode(struct slice s, void *to, size_t n)
{
    unsigned char *out = to;
    unsigned bad = 0;

    if (s.len != 2 * n)
        return ERR_INVALID;
    for (size_t i = 0; i < n; i++) {
        uint8_t high = value(s.ptr[2 * i]);
        uint8_t low = value(s.ptr[2 * i + 1]);

        bad |= (high | low) & 16;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return bad == 0 ? 0 : ERR_INVALID;
}

/* Which of eight bytes are lower-case digits: 0x80 for each. */
static inline uint64_t
digits_of(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101;
    const uint64_t seven = word & ones * 0x7f;
    uint64_t number = (seven + ones * (0x80 - '0')) & ~(seven + ones * (0x7f - '9'));
    uint64_t letter = (seven + ones * (0x80 - 'a')) & ~(seven + ones * (0x7f - 'f'));

    return (number | letter) & ~word & ones * 0x80;
}

bool
hex_is(struct slice s)
{
    uint64_t word;
    size_t i = 0;

    for (; i + sizeof word <= s.len; i += sizeof word) {
        memcpy(&word, s.ptr + i, sizeof word);
        if (digits_of(word) != 0x8080808080808080)
            return false;
    }
    for (; i < s.len; i++) {
        if (value(s.ptr[i]) > 15)
            return false;
    }
    return s.len % 2 == 0;
}
