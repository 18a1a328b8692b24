/* A slice borrows bytes: it never owns, never frees, is passed by value and is valid only as
 * long as what it points into. */
#ifndef DETENTE_BASE_SLICE_H
#define DETENTE_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *ptr; /* need not be NUL-terminated; may be NULL when len is 0 */
    size_t len;      /* bytes */
};

#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

static inline struct slice
slice_of(const char *text)
{
    return (struct slice){text, text == NULL ? 0 : strlen(text)};
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
slice_is(struct slice a, const char *text)
{
    return slice_eq(a, slice_of(text));
}

/* The bytes from..from+len of s, cut to what is there. */
static inline struct slice
slice_sub(struct slice s, size_t from, size_t len)
{
    if (from > s.len)
        from = s.len;
    if (len > s.len - from)
        len = s.len - from;
    return (struct slice){from == 0 ? s.ptr : s.ptr + from, len};
}

/* By bytes, the shorter of two first that begin alike: below 0, 0, above 0.  UTF-8 comes by
 * code point. */
static inline int
slice_order(struct slice a, struct slice b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);

    return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

/* The first `most` bytes of s at most, and no character of UTF-8 cut in two. */
static inline struct slice
slice_cut(struct slice s, size_t most)
{
    size_t n = s.len < most ? s.len : most;

    while (n > 0 && n < s.len && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
        n--;
    return (struct slice){s.ptr, n};
}

/* Take the next line off *rest, without its LF; false at the end.  What follows the last LF
 * is a line too, unless it is empty. */
static inline bool
slice_line(struct slice *rest, struct slice *ret)
{
    const char *lf;

    if (rest->len == 0)
        return false;
    lf = memchr(rest->ptr, '\n', rest->len);
    ret->ptr = rest->ptr;
    ret->len = lf == NULL ? rest->len : (size_t)(lf - rest->ptr);
    *rest = slice_sub(*rest, ret->len + (lf != NULL), rest->len);
    return true;
}

/* Take the part before the next `at` off *rest, and that byte; all of it when there is none. */
static inline struct slice
slice_part(struct slice *rest, char at)
{
    const char *mark = rest->len == 0 ? NULL : memchr(rest->ptr, at, rest->len);
    size_t n = mark == NULL ? rest->len : (size_t)(mark - rest->ptr);
    struct slice part = slice_sub(*rest, 0, n);

    *rest = slice_sub(*rest, n + (mark != NULL), rest->len);
    return part;
}

#endif
