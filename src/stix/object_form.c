/* Texts of objects that have a form: names, ids, times. */
#include "stix/object_priv.h"

enum { UUID = 36 /* characters */ };

/* ---- texts that have a form ----------------------------------------------------------------
 */

bool
stix_all_of(struct slice s, const char *marks, bool capitals)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            !(capitals && c >= 'A' && c <= 'Z') && (c == '\0' || strchr(marks, c) == NULL))
            return false;
    }
    return true;
}

bool
stix_is_type_name(struct slice s)
{
    return s.len >= 3 && s.len <= 250 && stix_all_of(s, "-", false) && s.ptr[0] != '-' &&
           memmem(s.ptr, s.len, "--", 2) == NULL;
}

static bool
is_uuid(struct slice s)
{
    if (s.len != UUID || s.ptr[8] != '-' || s.ptr[13] != '-' || s.ptr[18] != '-' ||
        s.ptr[23] != '-')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (!(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'f') &&
            (c != '-' || (i != 8 && i != 13 && i != 18 && i != 23)))
            return false;
    }
    /* RFC 4122: a version of 1 to 5, and its own variant */
    return s.ptr[14] >= '1' && s.ptr[14] <= '5' && strchr("89abAB", s.ptr[19]) != NULL;
}

bool
stix_is_id(struct slice id, struct slice type)
{
    size_t n = id.len < UUID + 2 ? 0 : id.len - UUID - 2;

    return n > 0 && id.ptr[n] == '-' && id.ptr[n + 1] == '-' &&
           (type.len == 0 || slice_eq(slice_sub(id, 0, n), type)) &&
           stix_is_type_name(slice_sub(id, 0, n)) && is_uuid(slice_sub(id, n + 2, id.len));
}

/* ---- times ---------------------------------------------------------------------------------
 */

struct instant {
    int64_t seconds;
    struct slice fraction; /* without zeros behind */
};

bool
stix_digits(struct slice s, size_t at, size_t n, unsigned *ret)
{
    *ret = 0;
    for (size_t i = at; i < at + n; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        *ret = *ret * 10 + (unsigned)(s.ptr[i] - '0');
    }
    return true;
}

static int64_t
days_before(unsigned year, unsigned month, unsigned day)
{
    /* Of the Gregorian calendar, from March on: a leap day is the year's last. */
    int64_t y = (int64_t)year - (month <= 2);
    int64_t m = (month + 9) % 12;

    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + (int64_t)day - 1;
}

/* RFC 3339 in UTC, T and Z in capitals. */
static bool
parse_time(struct slice s, struct instant *ret)
{
    static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned v[6];
    size_t end;

    if (s.len < 20 || s.ptr[4] != '-' || s.ptr[7] != '-' || s.ptr[10] != 'T' ||
        s.ptr[13] != ':' || s.ptr[16] != ':' || s.ptr[s.len - 1] != 'Z' ||
        !stix_digits(s, 0, 4, &v[0]))
        return false;
    for (unsigned i = 1; i < 6; i++) {
        if (!stix_digits(s, 2 + 3 * (size_t)i, 2, &v[i]))
            return false;
    }
    if (v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > days[v[1] - 1] || v[3] > 23 || v[4] > 59 ||
        v[5] > 60 ||
        (v[1] == 2 && v[2] == 29 && (v[0] % 4 != 0 || (v[0] % 100 == 0 && v[0] % 400 != 0))))
        return false;
    ret->seconds = days_before(v[0], v[1], v[2]) * 86400 + (int64_t)v[3] * 3600 +
                   (int64_t)v[4] * 60 + v[5];
    ret->fraction = slice_sub(s, 20, s.len > 21 ? s.len - 21 : 0);
    if (s.len > 20 && (s.ptr[19] != '.' || s.len == 21))
        return false;
    for (size_t i = 0; i < ret->fraction.len; i++) {
        if (ret->fraction.ptr[i] < '0' || ret->fraction.ptr[i] > '9')
            return false;
    }
    for (end = ret->fraction.len; end > 0 && ret->fraction.ptr[end - 1] == '0';)
        end--;
    ret->fraction.len = end;
    return true;
}

bool
stix_is_time(struct slice s)
{
    struct instant x;

    return parse_time(s, &x);
}

int
stix_time_compare(struct slice a, struct slice b, bool *ret_good)
{
    struct instant x = {0};
    struct instant y = {0};
    size_t n;
    int c;

    *ret_good = parse_time(a, &x) && parse_time(b, &y);
    if (!*ret_good)
        return 0;
    if (x.seconds != y.seconds)
        return x.seconds < y.seconds ? -1 : 1;
    n = x.fraction.len < y.fraction.len ? x.fraction.len : y.fraction.len;
    c = n == 0 ? 0 : memcmp(x.fraction.ptr, y.fraction.ptr, n);
    if (c == 0)
        return (x.fraction.len > y.fraction.len) - (x.fraction.len < y.fraction.len);
    return c < 0 ? -1 : 1;
}
