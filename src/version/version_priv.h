/* Inside version: one file a scheme, and what they share. */
#ifndef DETENTE_VERSION_VERSION_PRIV_H
#define DETENTE_VERSION_VERSION_PRIV_H

#include "version/version.h"

#define SCHEME(id, text, source)                        \
    int version_##text(struct slice a, struct slice b); \
    const char *version_##text##_wrong(struct slice v, size_t *ret_at);
#include "version/scheme.def"

static inline bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool
is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

/* The byte at i, or NUL behind the end. */
static inline char
at(struct slice s, size_t i)
{
    return i < s.len ? s.ptr[i] : '\0';
}

static inline int
sign(int n)
{
    return (n > 0) - (n < 0);
}

/* Bytes, the shorter first. */
static inline int
compare_text(struct slice a, struct slice b)
{
    return sign(slice_order(a, b));
}

/* Take the digits at the start off *rest. */
static inline struct slice
take_digits(struct slice *rest)
{
    size_t n = 0;
    struct slice digits;

    while (n < rest->len && is_digit(rest->ptr[n]))
        n++;
    digits = slice_sub(*rest, 0, n);
    *rest = slice_sub(*rest, n, rest->len);
    return digits;
}

/* Letters of either case. */
static inline struct slice
take_letters(struct slice *rest)
{
    size_t n = 0;
    struct slice letters;

    while (n < rest->len && is_letter(rest->ptr[n]))
        n++;
    letters = slice_sub(*rest, 0, n);
    *rest = slice_sub(*rest, n, rest->len);
    return letters;
}

static inline bool
is_zero(struct slice digits)
{
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] != '0')
            return false;
    }
    return true;
}

static inline bool
is_number(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_digit(s.ptr[i]))
            return false;
    }
    return s.len > 0;
}

/* Digits as numbers of any length; none are 0. */
static inline int
compare_numbers(struct slice a, struct slice b)
{
    while (a.len > 0 && a.ptr[0] == '0')
        a = slice_sub(a, 1, a.len);
    while (b.len > 0 && b.ptr[0] == '0')
        b = slice_sub(b, 1, b.len);
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : sign(memcmp(a.ptr, b.ptr, a.len));
}

/* What stands before and behind the last hyphen; false: there is none, and all stands before.
 */
static inline bool
split_release(struct slice v, struct slice *before, struct slice *behind)
{
    size_t dash = v.len;

    while (dash > 0 && v.ptr[dash - 1] != '-')
        dash--;
    *before = slice_sub(v, 0, dash > 0 ? dash - 1 : v.len);
    *behind = dash > 0 ? slice_sub(v, dash, v.len) : (struct slice){0};
    return dash > 0;
}

/* Of a scheme that allows these bytes beside letters and digits; NULL: none is wrong. */
static inline const char *
wrong_byte(struct slice v, size_t from, const char *others, size_t *ret_at)
{
    for (size_t i = from; i < v.len; i++) {
        char c = v.ptr[i];

        if (!is_digit(c) && !is_letter(c) && (c == '\0' || strchr(others, c) == NULL)) {
            *ret_at = i;
            return c == ' ' || c == '\t' ? "a version has no blanks"
                                         : "a version has no such character";
        }
    }
    return NULL;
}

#endif
