#include "taxii/request.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "wire/hex.h"

enum { CURSOR = 16 /* digits of a place, and as many of a hash */ };

/* ---- paths ------------------------------------------------------------------------------- */

static bool
take_prefix(struct slice *s, const char *prefix)
{
    size_t n = strlen(prefix);

    if (!slice_is(slice_sub(*s, 0, n), prefix))
        return false;
    *s = slice_sub(*s, n, s->len);
    return true;
}

/* The next part of a path, which ends in `/`. */
static bool
take_part(struct slice *s, struct slice *ret)
{
    if (s->len == 0 || memchr(s->ptr, '/', s->len) == NULL)
        return false;
    *ret = slice_part(s, '/');
    return ret->len > 0;
}

static int
route_object(struct slice rest, struct taxii_ask *ret)
{
    struct slice word;

    if (rest.len == 0) {
        ret->what = TAXII_OBJECTS_OF;
        return 0;
    }
    if (!take_part(&rest, &ret->object))
        return ERR_NOTFOUND;
    ret->query.id = (struct match){.at = {ret->object}, .count = 1};
    ret->what = TAXII_OBJECT;
    if (rest.len == 0)
        return 0;
    ret->what = TAXII_VERSIONS;
    return take_part(&rest, &word) && slice_is(word, "versions") && rest.len == 0
               ? 0
               : ERR_NOTFOUND;
}

static int
route_collection(struct slice rest, struct taxii_ask *ret)
{
    struct slice word;

    ret->what = TAXII_COLLECTIONS;
    if (rest.len == 0)
        return 0;
    ret->what = TAXII_COLLECTION;
    if (!take_part(&rest, &ret->collection))
        return ERR_NOTFOUND;
    if (rest.len == 0)
        return 0;
    if (!take_part(&rest, &word))
        return ERR_NOTFOUND;
    ret->what = TAXII_MANIFEST;
    if (slice_is(word, "manifest"))
        return rest.len == 0 ? 0 : ERR_NOTFOUND;
    return slice_is(word, "objects") ? route_object(rest, ret) : ERR_NOTFOUND;
}

int
taxii_route(struct slice path, struct taxii_ask *ret)
{
    struct slice rest = path;

    *ret = (struct taxii_ask){.what = TAXII_DISCOVERY};
    if (!take_prefix(&rest, "/taxii2/"))
        return ERR_NOTFOUND;
    if (rest.len == 0)
        return 0;
    rest = path;
    if (!take_prefix(&rest, TAXII_ROOT))
        return ERR_NOTFOUND;
    ret->what = TAXII_API_ROOT;
    if (rest.len == 0)
        return 0;
    if (take_prefix(&rest, "collections/"))
        return route_collection(rest, ret);
    ret->what = TAXII_STATUS;
    return take_prefix(&rest, "status/") && take_part(&rest, &ret->status) && rest.len == 0
               ? 0
               : ERR_NOTFOUND;
}

unsigned
taxii_methods(enum taxii_what what)
{
    return what == TAXII_OBJECTS_OF ? TAXII_GET | TAXII_POST
           : what == TAXII_OBJECT   ? TAXII_GET | TAXII_DELETE
                                    : TAXII_GET;
}

/* ---- parameters -------------------------------------------------------------------------- */

/* As TAXII writes times, with any number of digits behind the second. */
static bool
read_time(struct slice s, struct utime *ret)
{
    return s.len >= 20 && s.ptr[10] == 'T' && s.ptr[s.len - 1] == 'Z' &&
           time_parse_any(s, ret) == 0;
}

static int
take_limit(struct taxii_ask *a, struct slice value, struct errinfo *ei)
{
    uint64_t n = 0;
    bool good = value.len > 0;

    for (size_t i = 0; i < value.len; i++) {
        good = good && value.ptr[i] >= '0' && value.ptr[i] <= '9';
        if (n <= UINT32_MAX) /* more is as much */
            n = n * 10 + (uint64_t)(value.ptr[i] - '0');
    }
    if (!good || n == 0)
        return err_set(ei, ERR_INVALID, "`limit` is a number from 1 on");
    a->has_limit = true;
    a->limit = n;
    return 0;
}

static int
take_after(struct taxii_ask *a, struct slice value, struct errinfo *ei)
{
    if (!read_time(value, &a->after))
        return err_set(ei, ERR_INVALID,
                       "`added_after` is a time, such as 2026-03-01T12:00:00.000000Z");
    a->has_after = true;
    return 0;
}

static int
take_match(struct match *m, const char *name, struct slice value, struct errinfo *ei)
{
    struct slice rest = value;

    m->count = 0;
    do {
        struct slice one = slice_part(&rest, ',');

        if (one.len == 0)
            return err_set(ei, ERR_INVALID, "`%s` has an empty value", name);
        if (m->count == MATCH_VALUES)
            return err_set(ei, ERR_INVALID, "`%s` has more than %d values", name, MATCH_VALUES);
        m->at[m->count++] = one;
    } while (rest.len > 0);
    return value.ptr[value.len - 1] == ','
               ? err_set(ei, ERR_INVALID, "`%s` has an empty value", name)
               : 0;
}

static int
take_version(struct taxii_ask *a, struct slice value, struct errinfo *ei)
{
    struct object_query *q = &a->query;
    struct slice rest = value;
    unsigned words = 0;

    a->has_version = true;
    do {
        struct slice one = slice_part(&rest, ',');

        words++;
        if (slice_is(one, "first"))
            q->first = true;
        else if (slice_is(one, "last"))
            q->last = true;
        else if (slice_is(one, "all"))
            q->all = true;
        else if (q->versions == MATCH_VALUES || !read_time(one, &q->version[q->versions++]))
            return err_set(ei, ERR_INVALID,
                           "`match[version]` is first, last, all or times of versions");
    } while (rest.len > 0);
    if (q->all && words > 1)
        return err_set(ei, ERR_INVALID, "`match[version]` says all, so it says nothing else");
    return 0;
}

int
taxii_take(struct taxii_ask *ret, struct slice name, struct slice value, struct errinfo *ei)
{
    static const char *const names[] = {
        "limit",          "added_after",        "next", "match[id]", "match[type]",
        "match[version]", "match[spec_version]"};
    unsigned n = 0;

    while (n < sizeof names / sizeof *names && !slice_is(name, names[n]))
        n++;
    if (n == sizeof names / sizeof *names)
        return 0;
    if ((ret->seen & 1U << n) != 0)
        return err_set(ei, ERR_INVALID, "`%s` is given twice", names[n]);
    ret->seen |= 1U << n;
    if (value.len == 0)
        return err_set(ei, ERR_INVALID, "`%s` has no value", names[n]);
    switch (n) {
    case 0: return take_limit(ret, value, ei);
    case 1: return take_after(ret, value, ei);
    case 2: ret->next = value; return 0;
    case 3: return ret->object.len > 0 ? 0 : take_match(&ret->query.id, names[n], value, ei);
    case 4: return take_match(&ret->query.type, names[n], value, ei);
    case 5: return take_version(ret, value, ei);
    default: return take_match(&ret->query.spec, names[n], value, ei);
    }
}

/* ---- headers ----------------------------------------------------------------------------- */

static struct slice
trim(struct slice s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = slice_sub(s, 1, s.len);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

static bool
is_word(struct slice s, const char *word)
{
    size_t n = strlen(word);

    if (s.len != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (char)(s.ptr[i] | 0x20) : s.ptr[i];

        if (c != word[i])
            return false;
    }
    return true;
}

/* A weight of 0 (RFC 9110 12.4.2): `0`, `0.`, `0.000`. */
static bool
is_nothing(struct slice q)
{
    if (q.len == 0 || q.ptr[0] != '0' || (q.len > 1 && q.ptr[1] != '.'))
        return false;
    for (size_t i = 2; i < q.len; i++) {
        if (q.ptr[i] != '0')
            return false;
    }
    return true;
}

struct range {
    unsigned fits; /* how closely: 0 not, 1 anything … 4 with the version */
    bool never;
};

static void
read_parameter(struct slice one, bool exact, struct range *ret)
{
    struct slice value = one;
    struct slice name = trim(slice_part(&value, '='));

    value = trim(value);
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        value = slice_sub(value, 1, value.len - 2);
    if (is_word(name, "q"))
        ret->never = is_nothing(value);
    else if (is_word(name, "version") && exact)
        ret->fits = slice_is(value, "2.1") ? 4 : 0;
}

static struct range
read_range(struct slice one)
{
    struct slice rest = one;
    struct slice type = trim(slice_part(&rest, ';'));
    bool exact = is_word(type, "application/taxii+json");
    struct range r = {exact                            ? 3
                      : is_word(type, "application/*") ? 2
                      : is_word(type, "*/*")           ? 1
                                                       : 0,
                      false};

    while (rest.len > 0)
        read_parameter(slice_part(&rest, ';'), exact, &r);
    return r;
}

bool
taxii_accepts(struct slice header)
{
    struct slice rest = trim(header);
    struct range best = {0, false};

    if (rest.len == 0)
        return true;
    while (rest.len > 0) {
        struct range r = read_range(slice_part(&rest, ','));

        if (r.fits > best.fits)
            best = r;
    }
    return best.fits > 0 && !best.never;
}

bool
taxii_is_content(struct slice header)
{
    return read_range(header).fits >= 3;
}

/* ---- cursors ----------------------------------------------------------------------------- */

static void
put_values(struct buf *b, const struct match *m)
{
    buf_char(b, '\n');
    for (uint32_t i = 0; i < m->count; i++) {
        buf_slice(b, m->at[i]);
        buf_char(b, ',');
    }
}

/* What is asked, but for how much of it and from where. */
static void
hash_question(const struct taxii_ask *a, int64_t collection, char ret[CURSOR + 1])
{
    AUTO_BUF(all, (size_t)4 * TAXII_QUERY);
    AUTO_BUF(hex, CURSOR);
    struct hash h;

    buf_printf(&all, "%d %lld %lld %d%d%d", (int)a->what, (long long)collection,
               a->has_after ? (long long)a->after.us : -1LL, a->query.first, a->query.last,
               a->query.all);
    put_values(&all, &a->query.id);
    put_values(&all, &a->query.type);
    put_values(&all, &a->query.spec);
    for (uint32_t i = 0; i < a->query.versions; i++)
        buf_printf(&all, "%lld,", (long long)a->query.version[i].us);
    h = sha256_of(all.ptr, all.len);
    buf_hex(&hex, h.byte, CURSOR / 2);
    (void)snprintf(ret, CURSOR + 1, "%.*s", (int)hex.len, hex.ptr == NULL ? "" : hex.ptr);
}

void
taxii_put_cursor(struct buf *to, const struct taxii_ask *a, int64_t collection,
                 struct utime place)
{
    char hash[CURSOR + 1];

    hash_question(a, collection, hash);
    buf_printf(to, "%016llx%s", (unsigned long long)place.us, hash);
}

int
taxii_read_cursor(const struct taxii_ask *a, int64_t collection, struct utime *ret)
{
    char hash[CURSOR + 1];
    uint8_t byte[CURSOR / 2];
    uint64_t place = 0;

    hash_question(a, collection, hash);
    if (a->next.len != (size_t)2 * CURSOR ||
        !slice_is(slice_sub(a->next, CURSOR, CURSOR), hash) ||
        hex_decode(slice_sub(a->next, 0, CURSOR), byte, sizeof byte) < 0)
        return ERR_INVALID;
    for (size_t i = 0; i < sizeof byte; i++)
        place = place << 8 | byte[i];
    if (place > (uint64_t)TIME_MAX.us)
        return ERR_INVALID;
    ret->us = (int64_t)place;
    return 0;
}
