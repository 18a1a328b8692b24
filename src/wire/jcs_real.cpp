/* In C++ for <charconv>: the shortest digits that give the double back, in no locale. */
#include "wire/jcs_priv.h"

#include <charconv>

/* JSON's grammar (RFC 8259, 6) is narrower than what from_chars() takes. */
static bool
is_number(const char *at, const char *end)
{
    auto digits = [&] {
        const char *from = at;

        while (at < end && *at >= '0' && *at <= '9')
            at++;
        return at - from;
    };

    if (at < end && *at == '-')
        at++;
    bool zero = at < end && *at == '0';
    auto whole = digits();
    if (whole == 0 || (zero && whole > 1))
        return false;
    if (at < end && *at == '.') {
        at++;
        if (digits() == 0)
            return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        if (digits() == 0)
            return false;
    }
    return at == end;
}

/* `d.ddde±xx` as its digits and where the point is in them. */
struct decimal {
    char digit[24];
    int count;
    int point;
};

static decimal
shortest(double v)
{
    char text[40];
    decimal d = {{0}, 0, 0};
    const char *end =
        std::to_chars(text, text + sizeof text, v, std::chars_format::scientific).ptr;
    const char *at = text;

    for (; at < end && *at != 'e'; at++) {
        if (*at != '.')
            d.digit[d.count++] = *at;
    }
    at++;
    if (at < end && *at == '+')
        at++;
    (void)std::from_chars(at, end, d.point);
    d.point++;
    return d;
}

static char *
put(char *to, const char *from, int n)
{
    memcpy(to, from, (size_t)n);
    return to + n;
}

static char *
put_zeros(char *to, int n)
{
    memset(to, '0', (size_t)n);
    return to + n;
}

/* ECMA-262, Number::toString, by the cases of its steps. */
static char *
write(char *to, const decimal &d)
{
    int n = d.point;
    int k = d.count;

    if (k <= n && n <= 21)
        return put_zeros(put(to, d.digit, k), n - k);
    if (0 < n && n <= 21) {
        to = put(to, d.digit, n);
        *to++ = '.';
        return put(to, d.digit + n, k - n);
    }
    if (-6 < n && n <= 0)
        return put(put_zeros(put(to, "0.", 2), -n), d.digit, k);
    to = put(to, d.digit, 1);
    if (k > 1) {
        *to++ = '.';
        to = put(to, d.digit + 1, k - 1);
    }
    *to++ = 'e';
    *to++ = n - 1 < 0 ? '-' : '+';
    return std::to_chars(to, to + 4, n - 1 < 0 ? 1 - n : n - 1).ptr;
}

size_t
jcs_real(const char *from, size_t n, char out[JCS_REAL_TEXT])
{
    double v = 0;
    char *to = out;

    if (!is_number(from, from + n) || std::from_chars(from, from + n, v).ec != std::errc())
        return 0;
    if (v == 0) {
        *to = '0'; /* -0 too */
        return 1;
    }
    if (v < 0)
        *to++ = '-';
    return (size_t)(write(to, shortest(v < 0 ? -v : v)) - out);
}
