#include "model/text.h"

#include <stdio.h>

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* [a-z][a-z0-9]*(-[a-z0-9]+)* */
static bool
is_hyphened(struct slice s, size_t min, size_t max)
{
    if (s.len < min || s.len > max || !is_lower(s.ptr[0]))
        return false;
    for (size_t i = 1; i < s.len; i++) {
        if (!is_lower(s.ptr[i]) && !is_digit(s.ptr[i]) &&
            (s.ptr[i] != '-' || s.ptr[i - 1] == '-'))
            return false;
    }
    return s.ptr[s.len - 1] != '-';
}

bool
text_is_party(struct slice s)
{
    return is_hyphened(s, 2, PARTY_MAX);
}

bool
text_is_name(struct slice s)
{
    return is_hyphened(s, 2, PACT_NAME_MAX);
}

bool
text_is_sensor(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
            return false;
    }
    return s.len > 0 && s.len <= SENSOR_MAX;
}

bool
text_is_class(struct slice s)
{
    const char *colon = s.len < 3 || s.len > CLASS_MAX ? NULL : memchr(s.ptr, ':', s.len);

    if (slice_is(s, "other"))
        return true;
    if (colon == NULL || colon == s.ptr || colon == s.ptr + s.len - 1)
        return false;
    for (const char *at = s.ptr; at < s.ptr + s.len; at++) {
        if (at != colon && !is_lower(*at) && !is_digit(*at) && *at != '-')
            return false;
    }
    return true;
}

bool
text_is_origin(struct slice s)
{
    static const char *const taken[] = {"detente/", "cosignature/", "subtree/", "sumdb/"};

    if (s.len == 0 || s.len > ORIGIN_MAX || memchr(s.ptr, '/', s.len) == NULL)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || s.ptr[i] == '+')
            return false;
    }
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (slice_is(slice_sub(s, 0, strlen(taken[i])), taken[i]))
            return false;
    }
    return true;
}

bool
text_is_tlp(struct slice s)
{
    return slice_is(s, "TLP:CLEAR") || slice_is(s, "TLP:GREEN") || slice_is(s, "TLP:AMBER") ||
           slice_is(s, "TLP:AMBER+STRICT") || slice_is(s, "TLP:RED");
}

int
text_number(struct slice s, uint64_t max, uint64_t *ret)
{
    uint64_t n = 0;

    if (s.len == 0 || (s.len > 1 && s.ptr[0] == '0'))
        return ERR_INVALID;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.ptr[i] - (unsigned)'0';

        if (digit > 9 || n > max / 10)
            return ERR_INVALID;
        n = n * 10 + digit;
        if (n > max)
            return ERR_INVALID;
    }
    *ret = n;
    return 0;
}

int
incident_id_parse(struct slice s, struct incident_id *ret)
{
    const char *hyphen = s.len == 0 ? NULL : memrchr(s.ptr, '-', s.len);
    size_t at = hyphen == NULL ? 0 : (size_t)(hyphen - s.ptr);
    uint64_t n = 0;

    if (!text_is_party(slice_sub(s, 0, at)) ||
        text_number(slice_sub(s, at + 1, s.len), NUMBER_MAX, &n) < 0 || n == 0)
        return ERR_INVALID;
    memcpy(ret->notifier, s.ptr, at);
    ret->notifier[at] = '\0';
    ret->n = n;
    return 0;
}

size_t
incident_id_format(const struct incident_id *id, char out[INCIDENT_ID_TEXT])
{
    return (size_t)snprintf(out, INCIDENT_ID_TEXT, "%s-%llu", id->notifier,
                            (unsigned long long)id->n);
}

/* ---- Paths ---- */

/* tlog-tiles: a tile's number in groups of three digits, all but the last behind an `x`. */
static int
take_tile_number(struct slice *rest, uint64_t *ret, bool *ret_partial)
{
    uint64_t n = 0;
    bool last = false;

    for (unsigned groups = 0; !last; groups++) {
        struct slice part = slice_part(rest, '/');

        last = part.len == 0 || part.ptr[0] != 'x';
        if (!last)
            part = slice_sub(part, 1, part.len);
        *ret_partial = last && part.len == 5 && slice_is(slice_sub(part, 3, 2), ".p");
        part.len = *ret_partial ? 3 : part.len;
        if (part.len != 3 || groups == 6)
            return ERR_INVALID;
        for (size_t i = 0; i < 3; i++) {
            if (!is_digit(part.ptr[i]))
                return ERR_INVALID;
            n = n * 10 + (uint64_t)(part.ptr[i] - '0');
        }
        if (groups == 0 && n == 0 && !last)
            return ERR_INVALID;
    }
    *ret = n;
    return 0;
}

int
tile_path_parse(struct slice s, struct tile_path *ret)
{
    struct tile_path p = {.width = 256};
    uint64_t number = 0;
    bool partial = false;
    bool slash = s.len > 0 && s.ptr[s.len - 1] == '/';
    struct slice level;

    if (slash || !slice_is(slice_part(&s, '/'), "tile"))
        return ERR_INVALID;
    level = slice_part(&s, '/');
    p.entries = slice_is(level, "entries");
    if (!p.entries && text_number(level, 63, &number) < 0)
        return ERR_INVALID;
    p.level = (unsigned)number;
    if (take_tile_number(&s, &p.n, &partial) < 0)
        return ERR_INVALID;
    if (partial) {
        if (text_number(s, 255, &number) < 0 || number == 0)
            return ERR_INVALID;
        p.width = (unsigned)number;
    } else if (s.len > 0) {
        return ERR_INVALID;
    }
    *ret = p;
    return 0;
}

size_t
tile_path_format(const struct tile_path *p, char out[TILE_PATH_TEXT])
{
    unsigned group[7];
    unsigned count = 0;
    uint64_t n = p->n;
    int at = p->entries ? snprintf(out, TILE_PATH_TEXT, "tile/entries")
                        : snprintf(out, TILE_PATH_TEXT, "tile/%u", p->level & 63);

    do {
        group[count++] = (unsigned)(n % 1000);
        n /= 1000;
    } while (n != 0);
    while (count-- > 0)
        at += snprintf(out + at, TILE_PATH_TEXT - (size_t)at, count > 0 ? "/x%03u" : "/%03u",
                       group[count]);
    if (p->width < 256)
        at += snprintf(out + at, TILE_PATH_TEXT - (size_t)at, ".p/%u", p->width & 255);
    return (size_t)at;
}

static bool
is_hash(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_digit(s.ptr[i]) && (s.ptr[i] < 'a' || s.ptr[i] > 'f'))
            return false;
    }
    return s.len == 64;
}

/* A UUID in small hex (RFC 9562). */
static bool
is_uuid(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? s.ptr[i] != '-' : !is_digit(s.ptr[i]) && (s.ptr[i] < 'a' || s.ptr[i] > 'f'))
            return false;
    }
    return s.len == 36;
}

/* `<uuid>/about`, `<uuid>/<N>` below collection/: N with as many digits for all, so that paths
 * in the order of their bytes are objects in the order of their places. */
static bool
is_collection_path(struct slice s)
{
    bool any = false;

    if (!is_uuid(slice_part(&s, '/')))
        return false;
    if (slice_is(s, "about"))
        return true;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_digit(s.ptr[i]))
            return false;
        any |= s.ptr[i] != '0';
    }
    return any && s.len == BUNDLE_PART_DIGITS;
}

/* `<name>/…` below pact/ */
static bool
is_pact_path(struct slice s)
{
    struct slice name = slice_part(&s, '/');
    struct slice what = slice_part(&s, '/');
    uint64_t n = 0;

    if (!text_is_name(name))
        return false;
    if (slice_is(what, "pact"))
        return s.len == 0 && what.ptr + what.len == s.ptr;
    if (slice_is(what, "message") || slice_is(what, "proof"))
        return is_hash(s);
    if (slice_is(what, "collection"))
        return is_collection_path(s);
    if (!slice_is(what, "annex") && !slice_is(what, "seen") && !slice_is(what, "successor") &&
        !slice_is(what, "totals"))
        return false;
    return text_is_party(slice_part(&s, '/')) && text_number(s, NUMBER_MAX, &n) == 0 && n > 0;
}

bool
text_is_bundle_path(struct slice s)
{
    struct tile_path tile;
    struct slice rest = s;
    struct slice top = slice_part(&rest, '/');

    if (slice_is(s, "log/checkpoint") || slice_is(s, "witness/add-checkpoint"))
        return true;
    if (slice_is(top, "log"))
        return tile_path_parse(rest, &tile) == 0;
    if (slice_is(top, "pact"))
        return is_pact_path(rest);
    if (slice_is(top, "witness") || slice_is(top, "holder"))
        return is_hash(slice_part(&rest, '/')) && slice_is(rest, "checkpoint");
    return false;
}
