#include "depend/zone.h"

#include <stdio.h>
#include <strings.h>

#include "model/text.h"

enum {
    WORDS = 64,       /* kept of a record: the first of them */
    NAME_TEXT = 255,  /* bytes of a name as it is written, RFC 1035 says 255 on the wire */
    FIRST_YEAR = 1983 /* of the DNS */
};

struct word {
    struct slice text;
    unsigned line;
    unsigned column;
};

struct reader {
    struct facts *f;
    struct slice rest;
    const char *line_start;
    unsigned line;
    char origin[NAME_TEXT + 1];
    size_t origin_len; /* 0: the root */
    char owner[NAME_TEXT + 1];
    size_t owner_len;
    bool has_owner;
    bool has_soa;
    uint32_t ttl;      /* $TTL */
    uint32_t last_ttl; /* of the record before */
    uint16_t source;
    bool blank; /* the record begins with white space: its owner is the last one */
    unsigned words;
    struct word word[WORDS];
    struct zone_counts *counts;
    struct errinfo *ei;
};

static int
wrong(const struct reader *r, const struct word *w, const char *what)
{
    return err_at(r->ei, ERR_INVALID, w->line, w->column, "%s", what);
}

/* ---- words ------------------------------------------------------------------------------- */

static char
peek(const struct reader *r)
{
    return r->rest.len == 0 ? '\n' : r->rest.ptr[0];
}

static void
step(struct reader *r)
{
    if (r->rest.len == 0)
        return;
    if (r->rest.ptr[0] == '\n') {
        r->line++;
        r->line_start = r->rest.ptr + 1;
    }
    r->rest = slice_sub(r->rest, 1, r->rest.len);
}

static bool
ends_word(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '(' ||
           c == ')' || c == '"';
}

/* Escapes stay as they are written. */
static int
take_word(struct reader *r, struct word *w)
{
    bool quoted = peek(r) == '"';

    *w = (struct word){{r->rest.ptr, 0}, r->line, (unsigned)(r->rest.ptr - r->line_start) + 1};
    if (quoted) {
        step(r);
        w->text.ptr = r->rest.ptr;
    }
    while (r->rest.len > 0 && (quoted ? peek(r) != '"' : !ends_word(peek(r)))) {
        if (peek(r) == '\\' && r->rest.len > 1)
            step(r);
        if (quoted && peek(r) == '\n')
            return wrong(r, w, "a quote is opened and not closed in its line");
        step(r);
    }
    w->text.len = (size_t)(r->rest.ptr - w->text.ptr);
    if (!quoted)
        return 0;
    if (r->rest.len == 0)
        return wrong(r, w, "a quote is opened and never closed");
    step(r);
    return 0;
}

/* Words of the next record or directive; 1, or 0 at the end. */
static int
take_record(struct reader *r)
{
    unsigned depth = 0;
    unsigned opened = 0;
    struct word w;
    bool any = false;

    r->words = 0;
    r->blank = peek(r) == ' ' || peek(r) == '\t';
    while (r->rest.len > 0) {
        char c = peek(r);
        int e;

        if (c == '\n' && depth == 0) {
            step(r);
            if (any)
                return 1;
            r->blank = peek(r) == ' ' || peek(r) == '\t';
        } else if (c == ';') {
            while (r->rest.len > 0 && peek(r) != '\n')
                step(r);
        } else if (c == '(' || c == ')') {
            if (c == ')' && depth == 0)
                return err_at(r->ei, ERR_INVALID, r->line,
                              (unsigned)(r->rest.ptr - r->line_start) + 1,
                              "a parenthesis is closed that was not opened");
            opened = c == '(' ? r->line : opened;
            depth = c == '(' ? depth + 1 : depth - 1;
            step(r);
        } else if (ends_word(c) && c != '"') {
            step(r);
        } else {
            e = take_word(r, &w);
            if (e < 0)
                return e;
            any = true;
            if (r->words < WORDS)
                r->word[r->words++] = w;
        }
    }
    if (depth > 0)
        return err_at(r->ei, ERR_INVALID, opened, 1, "a parenthesis is never closed");
    return any;
}

/* ---- names and numbers ------------------------------------------------------------------- */

/* Visible ASCII, as it is printed later. */
static bool
is_name_byte(char c)
{
    return c > ' ' && c <= '~';
}

/* The whole name, folded. */
static int
full_name(const struct reader *r, const struct word *w, char to[NAME_TEXT + 1], size_t *ret)
{
    struct slice s = w->text;
    bool absolute =
        s.len > 0 && s.ptr[s.len - 1] == '.' && !(s.len > 1 && s.ptr[s.len - 2] == '\\');
    char whole[2 * NAME_TEXT + 2];
    char folded[FACTS_NAME];
    size_t n = 0;
    int len;

    if (slice_is(s, "@")) {
        memcpy(to, r->origin, r->origin_len);
        *ret = r->origin_len;
        return 0;
    }
    if (s.len == 0 || s.len > NAME_TEXT || (s.len > 1 && s.ptr[0] == '.'))
        return wrong(r, w, "is no name: it is empty or longer than 255 bytes");
    for (; n < s.len; n++) {
        if (!is_name_byte(s.ptr[n]) || (n > 0 && s.ptr[n] == '.' && s.ptr[n - 1] == '.'))
            return wrong(r, w, "is no name: a byte that is not visible, or an empty label");
        whole[n] = s.ptr[n];
    }
    if (!absolute && r->origin_len > 0) {
        whole[n++] = '.';
        memcpy(whole + n, r->origin, r->origin_len);
        n += r->origin_len;
    }
    len = facts_fold((struct slice){whole, n}, folded);
    if (len < 0 || len > NAME_TEXT)
        return wrong(r, w, "is longer than 255 bytes with the origin");
    memcpy(to, folded, (size_t)len);
    *ret = (size_t)len;
    return 0;
}

static int
put_name(struct reader *r, const struct word *w, uint32_t *ret)
{
    char name[NAME_TEXT + 1];
    size_t n;
    int e = full_name(r, w, name, &n);

    return e < 0 ? e : facts_name(r->f, (struct slice){name, n}, ret);
}

/* Seconds, or 1w2d3h4m5s; at most 2^31-1 (RFC 2181). */
static bool
parse_ttl(struct slice s, uint32_t *ret)
{
    uint64_t sum = 0;
    uint64_t n = 0;
    bool digits = false;
    bool units = false;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        uint64_t unit = 0;

        if (c >= '0' && c <= '9') {
            n = n * 10 + (uint64_t)(c - '0');
            digits = true;
        } else {
            c |= 0x20;
            unit = c == 's'   ? 1
                   : c == 'm' ? 60
                   : c == 'h' ? 3600
                   : c == 'd' ? 86400
                   : c == 'w' ? 604800
                              : 0;
            if (unit == 0 || !digits)
                return false;
            sum += n * unit;
            n = 0;
            digits = false;
            units = true;
        }
        if (n > INT32_MAX || sum > INT32_MAX)
            return false;
    }
    sum += n;
    *ret = (uint32_t)sum;
    return s.len > 0 && (digits || units) && sum <= INT32_MAX;
}

static bool
is_word(const struct word *w, const char *text)
{
    return w->text.len == strlen(text) && strncasecmp(w->text.ptr, text, w->text.len) == 0;
}

/* ---- records ----------------------------------------------------------------------------- */

struct record {
    uint32_t ttl;
    const struct word *type;
    const struct word *data;
    unsigned count; /* of data */
};

static int
need(const struct reader *r, const struct record *rec, unsigned count)
{
    return rec->count >= count ? 0 : wrong(r, rec->type, "the record ends too early");
}

static int
add(struct reader *r, const struct record *rec, struct fact *fact)
{
    int e = facts_name(r->f, (struct slice){r->owner, r->owner_len}, &fact->name);

    fact->source = r->source;
    fact->line = rec->type->line;
    fact->ttl = rec->ttl;
    return e < 0 ? e : facts_add(r->f, fact);
}

static int
add_address(struct reader *r, const struct record *rec, bool v4)
{
    struct fact fact = {.kind = FACT_ADDRESS};
    int e = need(r, rec, 1);

    if (e < 0)
        return e;
    if (addr_parse(rec->data[0].text, &fact.addr) < 0 || addr_is_v4(&fact.addr) != v4)
        return wrong(r, &rec->data[0], v4 ? "is no IPv4 address" : "is no IPv6 address");
    return add(r, rec, &fact);
}

/* The name is the one at `at`. */
static int
add_target(struct reader *r, const struct record *rec, enum fact_kind kind, unsigned at)
{
    struct fact fact = {.kind = (uint8_t)kind};
    int e = need(r, rec, at + 1);

    if (e == 0)
        e = put_name(r, &rec->data[at], &fact.target);
    return e < 0 ? e : add(r, rec, &fact);
}

/* A serial that begins with a day; one to come is a number like any other. */
static void
date_by_serial(struct reader *r, uint32_t serial)
{
    const int64_t day = INT64_C(86400) * TIME_US_PER_S; /* it may count in another zone */
    struct utime *date = r->source < r->f->sources ? &r->f->source[r->source].date : NULL;
    char text[24];
    struct utime t;

    (void)snprintf(text, sizeof text, "%04u-%02u-%02u", serial / 1000000, serial / 10000 % 100,
                   serial / 100 % 100);
    if (date == NULL || serial / 1000000 < FIRST_YEAR ||
        time_parse_human(slice_of(text), *date, &t) < 0)
        return;
    if (date->us == 0 || t.us <= date->us + day)
        *date = t;
}

static int
add_soa(struct reader *r, const struct record *rec)
{
    struct fact fact = {.kind = FACT_SOA};
    uint32_t minimum;
    uint64_t serial;
    int e = need(r, rec, 7);

    if (e < 0)
        return e;
    if (text_number(rec->data[2].text, UINT32_MAX, &serial) < 0)
        return wrong(r, &rec->data[2], "is no serial number");
    for (unsigned i = 3; i < 7; i++) {
        if (!parse_ttl(rec->data[i].text, i == 5 ? &fact.number : &minimum))
            return wrong(r, &rec->data[i], "is no time in seconds");
    }
    if (rec->ttl == FACTS_NO_TTL) /* RFC 1035: where nobody says, the minimum */
        r->ttl = minimum;
    if (!r->has_soa)
        date_by_serial(r, (uint32_t)serial);
    r->has_soa = true;
    e = put_name(r, &rec->data[0], &fact.target);
    return e < 0 ? e : add(r, rec, &fact);
}

static int
add_ds(struct reader *r, const struct record *rec)
{
    struct fact fact = {.kind = FACT_DS};
    int e = need(r, rec, 4);

    return e < 0 ? e : add(r, rec, &fact);
}

/* YYYYMMDDHHmmSS, or seconds since 1970 (RFC 4034, section 3.2). */
static bool
parse_expiration(struct slice s, struct utime *ret)
{
    char t[32] = "";
    uint64_t n;

    if (s.len != 14) {
        ret->us = text_number(s, UINT32_MAX, &n) < 0 ? -1 : (int64_t)n * TIME_US_PER_S;
        return ret->us >= 0;
    }
    memcpy(t, "YYYY-MM-DDTHH:MM:SSZ", 21);
    for (unsigned i = 0, k = 0; i < 14; i++, k++) {
        while (t[k] == '-' || t[k] == 'T' || t[k] == ':')
            k++;
        t[k] = s.ptr[i];
    }
    return time_parse_any(slice_of(t), ret) == 0;
}

static int
add_signed(struct reader *r, const struct record *rec)
{
    struct fact fact = {
        .kind = FACT_SIGNED, .source = r->source, .line = rec->type->line, .ttl = rec->ttl};
    int e = need(r, rec, 9);

    if (e < 0)
        return e;
    if (!parse_expiration(rec->data[4].text, &fact.until))
        return wrong(r, &rec->data[4], "is no end of a signature: 20260301120000");
    e = put_name(r, &rec->data[7], &fact.name);
    return e < 0 ? e : facts_add(r->f, &fact);
}

/* Of any type, also those to come: TYPE65280 (RFC 3597). */
static bool
is_type(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char low = (char)(s.ptr[i] | 0x20);

        if (!(low >= 'a' && low <= 'z') && (i == 0 || s.ptr[i] != '-') &&
            (i == 0 || s.ptr[i] < '0' || s.ptr[i] > '9'))
            return false;
    }
    return s.len > 0;
}

static int
take_data(struct reader *r, const struct record *rec)
{
    const struct word *t = rec->type;

    if (is_word(t, "A"))
        return add_address(r, rec, true);
    if (is_word(t, "AAAA"))
        return add_address(r, rec, false);
    if (is_word(t, "NS"))
        return add_target(r, rec, FACT_NS, 0);
    if (is_word(t, "CNAME"))
        return add_target(r, rec, FACT_CNAME, 0);
    if (is_word(t, "MX"))
        return add_target(r, rec, FACT_MX, 1);
    if (is_word(t, "SOA"))
        return add_soa(r, rec);
    if (is_word(t, "DS"))
        return add_ds(r, rec);
    if (is_word(t, "RRSIG"))
        return add_signed(r, rec);
    r->counts->passed++;
    return is_type(t->text) ? 0 : wrong(r, t, "is no type of a record");
}

static int
directive(struct reader *r)
{
    const struct word *w = r->word;
    char name[NAME_TEXT + 1];
    size_t n = 0;
    int e;

    if (is_word(w, "$INCLUDE") || is_word(w, "$GENERATE"))
        return wrong(r, w,
                     "is not followed: give the files it names with --zone, or the zone as the "
                     "server prints it (named-compilezone)");
    if (!is_word(w, "$ORIGIN") && !is_word(w, "$TTL"))
        return wrong(r, w, "is no directive of a zone file");
    if (r->words < 2)
        return wrong(r, w, "needs a value");
    if (is_word(w, "$TTL"))
        return parse_ttl(r->word[1].text, &r->ttl)
                   ? 0
                   : wrong(r, &r->word[1], "is no time in seconds");
    e = full_name(r, &r->word[1], name, &n);
    if (e < 0)
        return e;
    memcpy(r->origin, name, n);
    r->origin_len = n;
    return 0;
}

/* TTL and class stand before the type, in either order or not at all. */
static int
record(struct reader *r)
{
    struct record rec = {.ttl = FACTS_NO_TTL};
    unsigned at = r->blank ? 0 : 1;
    bool other = false;
    int e;

    if (!r->blank) {
        e = full_name(r, &r->word[0], r->owner, &r->owner_len);
        if (e < 0)
            return e;
        r->has_owner = true;
    }
    if (!r->has_owner)
        return wrong(r, &r->word[0], "the first record has no name");
    for (; at < r->words; at++) {
        const struct word *w = &r->word[at];
        bool is_class = is_word(w, "IN") || is_word(w, "CH") || is_word(w, "HS");

        other |= is_class && !is_word(w, "IN");
        if (!is_class && !parse_ttl(w->text, &rec.ttl))
            break;
    }
    if (at == r->words)
        return wrong(r, &r->word[r->words - 1], "a record has a type behind its name");
    if (rec.ttl == FACTS_NO_TTL)
        rec.ttl = r->ttl != FACTS_NO_TTL ? r->ttl : r->last_ttl;
    r->last_ttl = rec.ttl;
    rec.type = &r->word[at];
    rec.data = rec.type + 1;
    rec.count = r->words - at - 1;
    r->counts->records++;
    r->counts->passed += other;
    return other ? 0 : take_data(r, &rec);
}

int
zone_read(struct facts *f, struct slice text, struct slice origin, uint16_t source,
          struct zone_counts *ret, struct errinfo *ei)
{
    struct reader r = {.f = f,
                       .rest = text,
                       .line_start = text.ptr,
                       .line = 1,
                       .ttl = FACTS_NO_TTL,
                       .last_ttl = FACTS_NO_TTL,
                       .source = source,
                       .counts = ret,
                       .ei = ei};
    char folded[FACTS_NAME];
    int n = facts_fold(origin, folded);
    int e;

    *ret = (struct zone_counts){0};
    if (n < 0 || n > NAME_TEXT)
        return err_set(ei, ERR_INVALID, "the origin is longer than 255 bytes");
    memcpy(r.origin, folded, (size_t)n);
    r.origin_len = (size_t)n;
    while ((e = take_record(&r)) == 1) {
        e = r.word[0].text.len > 0 && r.word[0].text.ptr[0] == '$' && !r.blank ? directive(&r)
                                                                               : record(&r);
        if (e == ERR_NOMEM || e == ERR_LIMIT)
            (void)err_at(ei, e, r.line, 1, "%s", err_text(e));
        if (e < 0)
            break;
    }
    return e;
}
