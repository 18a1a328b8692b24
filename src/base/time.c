#include "base/time.h"

enum { S_PER_DAY = 86400 };

/* Days since 1970-01-01 of a proleptic Gregorian date and back: Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", days_from_civil and civil_from_days. */
static int64_t
days_of(int64_t y, int64_t m, int64_t d)
{
    int64_t era;
    int64_t yoe;
    int64_t doy;

    y -= m <= 2;
    era = y / 400;
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
date_of(int64_t days, unsigned *y, unsigned *m, unsigned *d)
{
    int64_t z = days + 719468;
    int64_t era = z / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;

    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = (unsigned)(yoe + era * 400) + (*m <= 2);
}

static void
digits(char *to, unsigned n, unsigned count)
{
    while (count-- > 0) {
        to[count] = (char)('0' + n % 10);
        n /= 10;
    }
}

void
time_format(struct utime t, char out[TIME_TEXT])
{
    int64_t s = t.us / TIME_US_PER_S;
    unsigned of_day = (unsigned)(s % S_PER_DAY);
    unsigned y;
    unsigned m;
    unsigned d;

    date_of(s / S_PER_DAY, &y, &m, &d);
    memcpy(out, "0000-00-00T00:00:00.000000Z", TIME_TEXT);
    digits(out, y, 4);
    digits(out + 5, m, 2);
    digits(out + 8, d, 2);
    digits(out + 11, of_day / 3600, 2);
    digits(out + 14, of_day / 60 % 60, 2);
    digits(out + 17, of_day % 60, 2);
    digits(out + 20, (unsigned)(t.us % TIME_US_PER_S), 6);
}

/* count decimal digits at s[at]; -1 when one is none. */
static int64_t
number(struct slice s, size_t at, size_t count)
{
    int64_t n = 0;

    if (at + count > s.len)
        return -1;
    for (size_t i = at; i < at + count; i++) {
        unsigned digit = (unsigned char)s.ptr[i] - (unsigned)'0';

        if (digit > 9)
            return -1;
        n = n * 10 + (int64_t)digit;
    }
    return n;
}

static unsigned
month_length(int64_t y, int64_t m)
{
    static const uint8_t length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned leap = m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

    return length[m - 1] + leap;
}

/* `YYYY-MM-DD` at the start of s, as days. */
static int
parse_date(struct slice s, int64_t *ret)
{
    int64_t y = number(s, 0, 4);
    int64_t m = number(s, 5, 2);
    int64_t d = number(s, 8, 2);

    if (y < 1970 || m < 1 || m > 12 || d < 1 || s.ptr[4] != '-' || s.ptr[7] != '-' ||
        d > month_length(y, m))
        return ERR_INVALID;
    *ret = days_of(y, m, d);
    return 0;
}

/* `HH:MM:SS` at s[11], as seconds; 60 stays 60 for the caller to judge. */
static int
parse_clock(struct slice s, int64_t *ret, bool *ret_leap)
{
    int64_t h = number(s, 11, 2);
    int64_t m = number(s, 14, 2);
    int64_t sec = number(s, 17, 2);

    if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60 || s.ptr[13] != ':' ||
        s.ptr[16] != ':')
        return ERR_INVALID;
    *ret_leap = sec == 60;
    *ret = h * 3600 + m * 60 + sec;
    return 0;
}

int
time_parse(struct slice s, struct utime *ret)
{
    int64_t days;
    int64_t sec;
    int64_t us;
    bool leap;

    if (s.len != TIME_TEXT || s.ptr[10] != 'T' || s.ptr[19] != '.' || s.ptr[26] != 'Z')
        return ERR_INVALID;
    us = number(s, 20, 6);
    if (us < 0 || parse_date(s, &days) < 0 || parse_clock(s, &sec, &leap) < 0 || leap)
        return ERR_INVALID;
    ret->us = (days * S_PER_DAY + sec) * TIME_US_PER_S + us;
    return 0;
}

/* Zone behind the seconds, as seconds east of UTC. */
static int
parse_zone(struct slice z, int64_t *ret)
{
    size_t colon = z.len == 6 && z.ptr[3] == ':';
    int64_t h;
    int64_t m;

    *ret = 0;
    if (z.len == 0 || (z.len == 1 && (z.ptr[0] == 'Z' || z.ptr[0] == 'z')))
        return 0;
    if (z.len != 5 + colon || (z.ptr[0] != '+' && z.ptr[0] != '-'))
        return ERR_INVALID;
    h = number(z, 1, 2);
    m = number(z, 3 + colon, 2);
    if (h < 0 || h > 23 || m < 0 || m > 59)
        return ERR_INVALID;
    *ret = (h * 3600 + m * 60) * (z.ptr[0] == '-' ? -1 : 1);
    return 0;
}

int
time_parse_any(struct slice s, struct utime *ret)
{
    int64_t days;
    int64_t sec;
    int64_t us = 0;
    int64_t zone;
    bool leap;
    size_t at = 19;

    if (s.len < 19 || (s.ptr[10] != 'T' && s.ptr[10] != ' ' && s.ptr[10] != 't') ||
        parse_date(s, &days) < 0 || parse_clock(s, &sec, &leap) < 0)
        return ERR_INVALID;
    if (at < s.len && s.ptr[at] == '.') {
        int64_t unit = 100000;
        size_t from = ++at;

        for (; number(s, at, 1) >= 0; at++, unit /= 10)
            us += number(s, at, 1) * unit;
        if (at == from)
            return ERR_INVALID;
    }
    if (parse_zone(slice_sub(s, at, s.len), &zone) < 0)
        return ERR_INVALID;
    us += (days * S_PER_DAY + sec - zone) * TIME_US_PER_S;
    if (leap)
        us = (days * S_PER_DAY + sec - zone) * TIME_US_PER_S - 1;
    if (us < 0 || us > TIME_MAX.us)
        return ERR_INVALID;
    ret->us = us;
    return 0;
}

int
span_parse(struct slice s, struct span *ret)
{
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {{"us", 1},           {"ms", 1000},         {"s", 1000000},
                 {"m", 60000000},     {"h", 3600000000},    {"d", 86400000000},
                 {"w", 604800000000}, {"y", 31536000000000}};
    size_t at = 0;
    int64_t n = 0;

    for (; number(s, at, 1) >= 0; at++) {
        n = n * 10 + number(s, at, 1);
        if (n > 1000000000)
            return ERR_INVALID;
    }
    for (size_t i = 0; at > 0 && i < sizeof units / sizeof units[0]; i++) {
        if (slice_is(slice_sub(s, at, s.len), units[i].unit)) {
            if (n > TIME_MAX.us / units[i].us)
                return ERR_INVALID;
            ret->us = n * units[i].us;
            return 0;
        }
    }
    return ERR_INVALID;
}

/* `YYYY-MM-DDTHH:MM` and a zone: a time whose seconds are 0. */
static int
parse_minutes(struct slice s, struct utime *ret)
{
    char text[32];
    struct slice zone = slice_sub(s, 16, s.len);

    if (s.len < 16 || zone.len > sizeof text - 19 || (zone.len > 0 && zone.ptr[0] == '.'))
        return ERR_INVALID;
    memcpy(text, s.ptr, 16);
    memcpy(text + 16, ":00", 3);
    if (zone.len > 0)
        memcpy(text + 19, zone.ptr, zone.len);
    return time_parse_any((struct slice){text, 19 + zone.len}, ret);
}

int
time_parse_human(struct slice s, struct utime now, struct utime *ret)
{
    struct span back;
    int64_t days;

    if (slice_eq(s, SLICE("now"))) {
        *ret = now;
        return 0;
    }
    if (span_parse(s, &back) == 0) {
        ret->us = now.us > back.us ? now.us - back.us : 0;
        return 0;
    }
    if (s.len == 10 && parse_date(s, &days) == 0) {
        ret->us = days * S_PER_DAY * TIME_US_PER_S;
        return 0;
    }
    return time_parse_any(s, ret) == 0 ? 0 : parse_minutes(s, ret);
}
