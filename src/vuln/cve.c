#include "vuln/cve.h"

enum { NUMBER_DIGITS = 9 };

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* `2021-44228`, with `_` for the hyphen where both is taken; how many bytes, 0: none. */
static size_t
take_number(struct slice s, bool underscore, cve_id *ret)
{
    uint32_t year = 0;
    uint32_t number = 0;
    size_t n = 0;

    for (; n < 4; n++) {
        if (n >= s.len || !is_digit(s.ptr[n]))
            return 0;
        year = year * 10 + (uint32_t)(s.ptr[n] - '0');
    }
    if (n >= s.len || (s.ptr[n] != '-' && (!underscore || s.ptr[n] != '_')))
        return 0;
    for (n++; n < s.len && is_digit(s.ptr[n]); n++) {
        if (n >= 5 + NUMBER_DIGITS)
            return 0;
        number = number * 10 + (uint32_t)(s.ptr[n] - '0');
    }
    if (n < 5 + 4 || (n > 5 + 4 && s.ptr[5] == '0') || year < CVE_FIRST_YEAR ||
        year > CVE_LAST_YEAR || (n < s.len && is_word(s.ptr[n])))
        return 0;
    *ret = (cve_id)year << 32 | number;
    return n;
}

static bool
begins_with_cve(struct slice s)
{
    return s.len > 3 && (s.ptr[0] | 0x20) == 'c' && (s.ptr[1] | 0x20) == 'v' &&
           (s.ptr[2] | 0x20) == 'e';
}

cve_id
cve_parse(struct slice text)
{
    cve_id id;

    if (!slice_is(slice_sub(text, 0, 4), "CVE-"))
        return 0;
    text = slice_sub(text, 4, text.len);
    return text.len > 0 && take_number(text, false, &id) == text.len ? id : 0;
}

/* Four at least. */
static unsigned
put_digits(char *to, uint32_t number)
{
    char digits[10];
    unsigned n = 0;

    for (; number > 0 || n < 4; number /= 10)
        digits[n++] = (char)('0' + number % 10);
    for (unsigned i = 0; i < n; i++)
        to[i] = digits[n - 1 - i];
    return n;
}

unsigned
cve_format(cve_id id, char to[CVE_TEXT])
{
    unsigned n = put_digits(to + 4, (unsigned)(id >> 32) % 10000);

    memcpy(to, "CVE-", 4);
    to[4 + n] = '-';
    n += 5;
    n += put_digits(to + n, (uint32_t)id);
    to[n] = '\0';
    return n;
}

const char *
cve_source_name(unsigned bit)
{
    static const char *const names[CVE_SOURCES] = {"metadata", "reference", "rules",
                                                   "signature"};

    return names[bit];
}

const char *
cve_confidence(unsigned sources)
{
    if ((sources & (sources - 1)) != 0)
        return "high";
    return sources == CVE_SIGNATURE ? "low" : "medium";
}

void
cve_set_add(struct cve_set *s, cve_id id, enum cve_source source)
{
    unsigned at = s->count;

    while (at > 0 && s->at[at - 1].id > id)
        at--;
    if (at > 0 && s->at[at - 1].id == id) {
        s->at[at - 1].sources |= source;
        return;
    }
    if (s->count == CVE_SET) {
        s->more = true;
        if (at == CVE_SET)
            return;
        s->count--;
    }
    for (unsigned i = s->count++; i > at; i--)
        s->at[i] = s->at[i - 1];
    s->at[at] = (struct cve_found){id, source};
}

static void
scan(struct slice text, enum cve_source source, struct cve_set *to)
{
    for (size_t i = 0; i + 4 + 9 <= text.len; i++) {
        struct slice rest = slice_sub(text, i, text.len);
        cve_id id;
        size_t n;

        if (!begins_with_cve(rest) || (i > 0 && is_word(text.ptr[i - 1])) ||
            strchr("-_ ,:", rest.ptr[3]) == NULL || rest.ptr[3] == '\0')
            continue;
        n = take_number(slice_sub(rest, 4, rest.len), true, &id);
        if (n == 0)
            continue;
        cve_set_add(to, id, source);
        i += 3 + n;
    }
}

void
cve_scan_text(struct slice text, struct cve_set *to)
{
    scan(text, CVE_SIGNATURE, to);
}

void
cve_scan_reference(struct slice text, struct cve_set *to)
{
    static const char mark[] = "name=";
    const size_t len = sizeof mark - 1;

    scan(text, CVE_REFERENCE, to);
    for (size_t i = 0; i + len <= text.len; i++) {
        cve_id id;

        if (slice_is(slice_sub(text, i, len), mark) &&
            take_number(slice_sub(text, i + len, text.len), false, &id) > 0)
            cve_set_add(to, id, CVE_REFERENCE);
    }
}

void
cve_scan_metadata(struct slice value, struct cve_set *to)
{
    cve_id id;

    if (begins_with_cve(value))
        value = slice_sub(value, 4, value.len);
    if (value.len > 0 && take_number(value, true, &id) == value.len)
        cve_set_add(to, id, CVE_METADATA);
}

unsigned
cve_set_pack(const struct cve_set *s, uint8_t to[CVE_SET * CVE_PACKED])
{
    uint8_t *p = to;

    for (unsigned i = 0; i < s->count; i++) {
        uint32_t year = (uint32_t)(s->at[i].id >> 32);
        uint32_t number = (uint32_t)s->at[i].id;

        *p++ = (uint8_t)year;
        *p++ = (uint8_t)(year >> 8);
        for (unsigned k = 0; k < 4; k++)
            *p++ = (uint8_t)(number >> 8 * k);
        *p++ = (uint8_t)s->at[i].sources;
    }
    return (unsigned)(p - to);
}

bool
cve_set_unpack(struct slice bytes, struct cve_set *ret)
{
    const uint8_t *p = (const uint8_t *)bytes.ptr;

    *ret = (struct cve_set){0};
    if (bytes.len % CVE_PACKED != 0 || bytes.len > (size_t)CVE_SET * CVE_PACKED)
        return false;
    for (size_t i = 0; i < bytes.len / CVE_PACKED; i++, p += CVE_PACKED) {
        uint32_t year = p[0] | (uint32_t)p[1] << 8;
        uint64_t number =
            p[2] | (uint32_t)p[3] << 8 | (uint32_t)p[4] << 16 | (uint32_t)p[5] << 24;
        struct cve_found f = {(uint64_t)year << 32 | number, p[6]};
        bool rises = i == 0 || f.id > ret->at[i - 1].id;

        if (year < CVE_FIRST_YEAR || year > CVE_LAST_YEAR || number == 0 || f.sources == 0 ||
            f.sources >> CVE_SOURCES != 0 || !rises) {
            *ret = (struct cve_set){0};
            return false;
        }
        ret->at[ret->count++] = f;
    }
    return true;
}
