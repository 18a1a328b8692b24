#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void
buf_release(struct buf *b)
{
    free(b->ptr);
    *b = (struct buf){0};
}

void
buf_reset(struct buf *b)
{
    b->len = 0;
    b->error = 0;
}

static char *
grow(struct buf *b, size_t n)
{
    size_t room = b->room < 256 ? 256 : b->room;
    char *ptr;

    if (b->error != 0)
        return NULL;
    if (n > b->max || b->len > b->max - n) {
        b->error = ERR_LIMIT;
        return NULL;
    }
    while (room < b->len + n)
        room *= 2;
    ptr = realloc(b->ptr, room);
    if (ptr == NULL) {
        b->error = ERR_NOMEM;
        return NULL;
    }
    b->ptr = ptr;
    b->room = room;
    return ptr + b->len;
}

char *
buf_reserve(struct buf *b, size_t n)
{
    if (b->error == 0 && b->room - b->len >= n && b->len + n <= b->max)
        return b->ptr + b->len;
    return grow(b, n);
}

void
buf_add(struct buf *b, const void *bytes, size_t n)
{
    char *to = n == 0 ? NULL : buf_reserve(b, n);

    if (to == NULL)
        return;
    memcpy(to, bytes, n);
    b->len += n;
}

void
buf_slice(struct buf *b, struct slice s)
{
    buf_add(b, s.ptr, s.len);
}

void
buf_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void
buf_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void
buf_u64(struct buf *b, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    buf_add(b, digits + at, sizeof digits - at);
}

void
buf_i64(struct buf *b, int64_t n)
{
    if (n < 0)
        buf_char(b, '-');
    buf_u64(b, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    int n;
    char *to;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    to = n < 0 ? NULL : buf_reserve(b, (size_t)n + 1);
    if (to == NULL)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(to, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

static void
escape(struct buf *b, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    const char *named = "\"\"\\\\\bb\tt\nn\ff\rr"; /* pairs: byte, letter of its escape */

    for (; *named != '\0'; named += 2) {
        if ((unsigned char)named[0] == c) {
            char two[2] = {'\\', named[1]};

            buf_add(b, two, sizeof two);
            return;
        }
    }
    char six[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    buf_add(b, six, sizeof six);
}

/* None of eight bytes needs an escape.  A byte that is below a mark, or is it, borrows into its
 * highest bit; what one takes from the next byte only ever asks for a second look. */
static bool
plain8(const char *at)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t w;
    uint64_t quote;
    uint64_t slash;

    memcpy(&w, at, sizeof w);
    quote = w ^ ones * '"';
    slash = w ^ ones * '\\';
    return ((((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) &
            ones * 0x80) == 0;
}

void
buf_json(struct buf *b, struct slice s)
{
    size_t from = 0;

    buf_char(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        while (s.len - i > 8 && plain8(s.ptr + i))
            i += 8;
        unsigned char c = (unsigned char)s.ptr[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(b, s.ptr + from, i - from);
        escape(b, c);
        from = i + 1;
    }
    if (from < s.len)
        buf_add(b, s.ptr + from, s.len - from);
    buf_char(b, '"');
}
