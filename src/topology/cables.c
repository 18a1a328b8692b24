#include "topology/cables.h"

#include <stdlib.h>
#include <string.h>

#include "topology/cables_priv.h"
#include "topology/read_priv.h"
#include "wire/hex.h"
#include "wire/utf8.h"

const char cables_first_line[] = "detente-cables/1";

/* ---- parts of lines ---------------------------------------------------------------------- */

bool
cables_is_text(struct slice s)
{
    const unsigned char *at = (const unsigned char *)s.ptr;
    const unsigned char *end = at + s.len;
    unsigned n = 1;
    uint32_t cp;

    for (; at < end && n > 0; at += n) {
        n = utf8_next(at, end, &cp);
        if (n > 0 && (cp < ' ' || (cp >= 0x7f && cp < 0xa0)))
            return false;
    }
    return n > 0 && s.len > 0 && s.len < CABLES_TEXT;
}

bool
cables_is_id(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
            return false;
    }
    return s.len > 0 && s.len < CABLES_TEXT;
}

static bool
take_index(struct slice text, uint32_t below, uint32_t *ret)
{
    uint64_t n;

    if (!take_number(&text, &n) || text.len > 0 || n >= below)
        return false;
    *ret = (uint32_t)n;
    return true;
}

/* `2021`, `2021-Q3`, `2021-07` or `-`. */
static bool
take_when(struct slice text, struct cable *to)
{
    uint32_t n;

    if (slice_is(text, "-"))
        return true;
    if (text.len < 4 || !take_index(slice_sub(text, 0, 4), CABLES_LAST_YEAR, &n) ||
        n < CABLES_FIRST_YEAR)
        return false;
    to->year = (uint16_t)n;
    to->month = 1;
    to->months = 12;
    if (text.len == 4)
        return true;
    if (text.len != 7 || text.ptr[4] != '-')
        return false;
    if (text.ptr[5] == 'Q') {
        to->months = 3;
        n = (uint32_t)(text.ptr[6] - '1');
        to->month = (uint8_t)(n * 3 + 1);
        return n < 4;
    }
    to->months = 1;
    if (!take_index(slice_sub(text, 5, 2), 13, &n))
        return false;
    to->month = (uint8_t)n;
    return n > 0;
}

/* ---- head -------------------------------------------------------------------------------- */

enum { COUNTRIES, POINTS, CABLES, LANDINGS, SIZES };
static const uint32_t most[SIZES] = {CABLES_COUNTRIES, CABLES_POINTS, CABLES_MOST,
                                     CABLES_LANDINGS};

struct reader {
    struct cables *c;
    struct slice rest;
    unsigned line;
    uint32_t now; /* month of the data's date, as 12 a year */
    uint64_t size[SIZES];
};

static bool
next(struct reader *r, struct slice *ret)
{
    r->line++;
    return slice_line(&r->rest, ret);
}

static bool
take_numbers(struct slice line, uint64_t *to, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if ((i > 0 && !take_char(&line, ' ')) || !take_number(&line, &to[i]))
            return false;
    }
    return line.len == 0;
}

static bool
take_source(struct slice line, struct cables *c)
{
    struct snapshot_source *s = &c->source[c->sources];
    struct slice hex = slice_part(&line, ' ');
    uint64_t n;

    if (c->sources++ == CABLES_SOURCES || hex_decode(hex, s->sha256.byte, SHA256_SIZE) < 0 ||
        !take_number(&line, &n) || !take_char(&line, ' ') || !cables_is_id(line) ||
        line.len >= SNAPSHOT_NAME)
        return false;
    memcpy(s->kind, "cables", sizeof "cables");
    s->lines = n;
    memcpy(s->name, line.ptr, line.len);
    s->name[line.len] = '\0';
    return true;
}

static bool
take_date(struct reader *r, struct slice text)
{
    uint32_t year;
    uint32_t month;
    uint32_t day;

    if (text.len != SNAPSHOT_DATE - 1 || text.ptr[4] != '-' || text.ptr[7] != '-' ||
        !take_index(slice_sub(text, 0, 4), 10000, &year) ||
        !take_index(slice_sub(text, 5, 2), 13, &month) ||
        !take_index(slice_sub(text, 8, 2), 32, &day))
        return false;
    memcpy(r->c->date, text.ptr, text.len);
    r->now = year * 12 + month;
    return true;
}

static bool
take_head_line(struct reader *r, struct slice line)
{
    struct slice what = slice_part(&line, ' ');
    struct cables_counts *c = &r->c->counts;
    uint64_t n[4];

    if (slice_is(what, "date"))
        return take_date(r, line);
    if (slice_is(what, "source"))
        return r->c->sources < CABLES_SOURCES && take_source(line, r->c);
    if (slice_is(what, "size"))
        return take_numbers(line, r->size, SIZES);
    if (!slice_is(what, "left-out") || !take_numbers(line, n, 4))
        return false;
    c->pointless = (uint32_t)n[0];
    c->undetermined = (uint32_t)n[1];
    c->twice = (uint32_t)n[2];
    c->others = (uint32_t)n[3];
    return true;
}

static int
take_head(struct reader *r)
{
    struct slice line;

    if (!next(r, &line) || !slice_is(line, cables_first_line))
        return ERR_INVALID;
    while (next(r, &line) && line.len > 0) {
        if (!take_head_line(r, line))
            return ERR_INVALID;
    }
    for (unsigned i = 0; i < SIZES; i++) {
        if (r->size[i] > most[i])
            return ERR_INVALID;
    }
    return r->c->date[0] == '\0' ? ERR_INVALID : 0;
}

/* ---- body -------------------------------------------------------------------------------- */

static bool
take_country(struct reader *r, struct slice line, uint32_t i)
{
    struct cables_country *to = &r->c->country[i];
    struct slice code = slice_part(&line, '\t');

    to->name = line;
    to->code = country_parse(code);
    r->c->counts.codeless += to->code == COUNTRY_UNKNOWN;
    return cables_is_text(line) && (to->code != COUNTRY_UNKNOWN || slice_is(code, "-")) &&
           (i == 0 || slice_order(to[-1].name, to->name) < 0);
}

static bool
take_point(struct reader *r, struct slice line, uint32_t i)
{
    struct cables_point *to = &r->c->point[i];
    struct slice country = slice_part(&line, '\t');

    to->id = slice_part(&line, '\t');
    to->name = line;
    to->country = CABLES_NOWHERE;
    if (slice_is(country, "-"))
        r->c->counts.nowhere++;
    else if (!take_index(country, r->c->countries, &to->country))
        return false;
    return cables_is_id(to->id) && cables_is_text(line) &&
           (i == 0 || slice_order(to[-1].id, to->id) < 0);
}

static bool
take_landings(struct reader *r, struct slice list, struct cable *to)
{
    struct cables *c = r->c;

    to->first = c->landings;
    while (list.len > 0) {
        uint32_t *at = &c->landing[c->landings];

        if (c->landings == r->size[LANDINGS] ||
            !take_index(slice_part(&list, ' '), c->points, at) ||
            (to->points > 0 && *at <= at[-1]))
            return false;
        c->landings++;
        to->points++;
    }
    return to->points > 0;
}

/* Is its time of service to come, running, or not told? */
static void
place(struct reader *r, struct cable *to)
{
    struct cables_counts *c = &r->c->counts;
    uint32_t begin = to->year * UINT32_C(12) + to->month;

    if (to->year == 0)
        c->undated += !to->planned;
    else if (begin > r->now)
        to->planned = true;
    else
        c->running += !to->planned && begin + to->months > r->now;
    c->planned += to->planned;
}

static bool
take_cable(struct reader *r, struct slice line, uint32_t i)
{
    struct cable *to = &r->c->cable[i];
    struct slice when = slice_part(&line, '\t');
    struct slice planned = slice_part(&line, '\t');

    to->id = slice_part(&line, '\t');
    to->name = slice_part(&line, '\t');
    to->planned = slice_is(planned, "planned");
    if (!take_when(when, to) || (!to->planned && !slice_is(planned, "-")) ||
        !cables_is_id(to->id) || !cables_is_text(to->name) ||
        (i > 0 && slice_order(to[-1].id, to->id) >= 0) || !take_landings(r, line, to))
        return false;
    place(r, to);
    return true;
}

static int
make_room(struct reader *r)
{
    struct cables *c = r->c;

    c->countries = (uint32_t)r->size[COUNTRIES];
    c->points = (uint32_t)r->size[POINTS];
    c->cables = (uint32_t)r->size[CABLES];
    c->country = calloc((size_t)c->countries + 1, sizeof *c->country);
    c->point = calloc((size_t)c->points + 1, sizeof *c->point);
    c->cable = calloc((size_t)c->cables + 1, sizeof *c->cable);
    c->landing = calloc((size_t)r->size[LANDINGS] + 1, sizeof *c->landing);
    return c->country == NULL || c->point == NULL || c->cable == NULL || c->landing == NULL
               ? ERR_NOMEM
               : 0;
}

static int
take_body(struct reader *r)
{
    static bool (*const take[])(struct reader *, struct slice,
                                uint32_t) = {take_country, take_point, take_cable};
    struct slice line;
    int e = make_room(r);

    for (unsigned k = 0; e == 0 && k < sizeof take / sizeof take[0]; k++) {
        for (uint32_t i = 0; e == 0 && i < r->size[k]; i++)
            e = next(r, &line) && take[k](r, line, i) ? 0 : ERR_INVALID;
    }
    if (e == 0 && (r->rest.len > 0 || r->c->landings != r->size[LANDINGS]))
        e = ERR_INVALID;
    return e;
}

/* The last line is the hash of all before it. */
static bool
take_hash(struct slice *bytes, struct hash *ret)
{
    const size_t tail = CABLES_TAIL;
    struct hash told;
    struct slice line;

    if (bytes->len < tail)
        return false;
    line = slice_sub(*bytes, bytes->len - tail, tail);
    *bytes = slice_sub(*bytes, 0, bytes->len - tail);
    *ret = sha256_of(bytes->ptr, bytes->len);
    return slice_is(slice_part(&line, ' '), "sha256") &&
           hex_decode(slice_part(&line, '\n'), told.byte, SHA256_SIZE) == 0 && line.len == 0 &&
           hash_eq(&told, ret);
}

int
cables_read(struct slice bytes, struct cables **ret, struct errinfo *ei)
{
    struct cables *c = calloc(1, sizeof *c);
    struct reader r = {.c = c, .rest = bytes};
    int e = c == NULL ? ERR_NOMEM : 0;

    *ret = NULL;
    if (e == 0 && !take_hash(&r.rest, &c->sha256)) {
        (void)cables_free(c);
        return err_set(ei, ERR_INVALID,
                       "these are no cables: its bytes are not those that were written");
    }
    if (e == 0) {
        c->text = malloc(r.rest.len + 1);
        e = c->text == NULL ? ERR_NOMEM : 0;
    }
    if (e == 0) {
        memcpy(c->text, r.rest.ptr, r.rest.len);
        r.rest.ptr = c->text;
        e = take_head(&r);
    }
    if (e == 0)
        e = take_body(&r);
    if (e < 0) {
        (void)cables_free(c);
        return e == ERR_NOMEM ? err_set(ei, e, "%s", err_text(e))
                              : err_at(ei, e, r.line, 1, "this is no line of a file of cables");
    }
    *ret = c;
    return 0;
}

struct cables *
cables_free(struct cables *c)
{
    if (c == NULL)
        return NULL;
    free(c->text);
    free(c->country);
    free(c->point);
    free(c->cable);
    free(c->landing);
    free(c);
    return NULL;
}

/* ---- looking up -------------------------------------------------------------------------- */

uint32_t
cables_find(const struct cables *c, struct slice id)
{
    uint32_t from = 0;
    uint32_t to = c->cables;

    while (from < to) {
        uint32_t mid = (from + to) / 2;
        int d = slice_order(c->cable[mid].id, id);

        if (d == 0)
            return mid;
        if (d < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return CABLES_NOWHERE;
}

uint32_t
cables_find_point(const struct cables *c, struct slice id)
{
    uint32_t from = 0;
    uint32_t to = c->points;

    while (from < to) {
        uint32_t mid = (from + to) / 2;
        int d = slice_order(c->point[mid].id, id);

        if (d == 0)
            return mid;
        if (d < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return CABLES_NOWHERE;
}
