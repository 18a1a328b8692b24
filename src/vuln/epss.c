#include "vuln/epss.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 1 << 14, MANTISSA_DIGITS = 18, EXPONENT_MOST = 99 };

void
epss_open(struct epss *e, epss_take *take, void *arg, struct errinfo *ei)
{
    *e = (struct epss){.take = take, .arg = arg, .ei = ei, .line = 1};
}

void
epss_close(struct epss *e)
{
    free(e->seen);
    e->seen = NULL;
    e->slots = 0;
}

/* ---- each once --------------------------------------------------------------------------- */

/* Numbers of CVEs are dense: 64 of them share a slot, so that the set of a whole file stays in
 * the cache. */
static struct epss_seen *
find_slot(const struct epss *e, uint64_t key)
{
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (e->slots - 1);

    while (e->seen[at].key != 0 && e->seen[at].key != key)
        at = (at + 1) & (e->slots - 1);
    return &e->seen[at];
}

static int
grow(struct epss *e)
{
    struct epss to = *e;

    to.slots = e->slots == 0 ? FIRST_SLOTS : e->slots * 2;
    to.seen = calloc(to.slots, sizeof *to.seen);
    if (to.seen == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < e->slots; i++) {
        if (e->seen[i].key != 0)
            *find_slot(&to, e->seen[i].key) = e->seen[i];
    }
    free(e->seen);
    e->seen = to.seen;
    e->slots = to.slots;
    return 0;
}

/* 1: it is new; 0: it was there. */
static int
remember(struct epss *e, cve_id id)
{
    uint64_t bit = (uint64_t)1 << (id & 63);
    struct epss_seen *s;

    if ((e->used + 1) * 2 > e->slots && grow(e) < 0)
        return err_set(e->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    s = find_slot(e, id >> 6);
    if ((s->bits & bit) != 0)
        return 0;
    e->used += s->key == 0;
    s->key = id >> 6;
    s->bits |= bit;
    return 1;
}

/* ---- a line ------------------------------------------------------------------------------ */

static int
wrong(struct epss *e, struct slice line, struct slice at, const char *what)
{
    return err_at(e->ei, ERR_INVALID, e->line, (unsigned)(at.ptr - line.ptr) + 1, "%s", what);
}

/* The exponent behind `e`; false: it is none. */
static bool
take_exponent(struct slice s, int *ret)
{
    bool minus = s.len > 0 && s.ptr[0] == '-';
    int n = 0;

    if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = slice_sub(s, 1, s.len);
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || n > EXPONENT_MOST)
            return false;
        n = n * 10 + (s.ptr[i] - '0');
    }
    *ret = minus ? -n : n;
    return true;
}

/* n * 10^(6 - scale), rounded half up; what is larger than EPSS_ONE is that and one. */
static uint32_t
to_millionths(uint64_t n, int scale)
{
    bool half = false;

    for (; scale < 6 && n <= EPSS_ONE; scale++)
        n *= 10;
    for (; scale > 6; scale--) {
        half = n % 10 >= 5;
        n /= 10;
    }
    n += half;
    return n > EPSS_ONE ? EPSS_ONE + 1 : (uint32_t)n;
}

/* `0.03351`, as nearly all of them are. */
static inline bool
take_fraction(struct slice s, uint32_t *ret)
{
    static const uint32_t scale[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    uint32_t n = 0;

    if (s.len < 3 || s.len > 8 || s.ptr[0] != '0' || s.ptr[1] != '.')
        return false;
    for (size_t i = 2; i < s.len; i++) {
        uint32_t digit = (uint32_t)(unsigned char)s.ptr[i] - '0';

        if (digit > 9)
            return false;
        n = n * 10 + digit;
    }
    *ret = n * scale[s.len - 2];
    return true;
}

/* A number of 0 to 1 without a sign, as JSON writes them. */
static bool
take_number(struct slice s, uint32_t *ret)
{
    uint64_t n = 0;
    unsigned digits = 0;
    int scale = 0;
    int exponent = 0;
    bool point = false;
    size_t i = 0;

    for (; i < s.len; i++) {
        char c = s.ptr[i];

        if (c == '.' && !point && digits > 0) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        digits++;
        if (digits > MANTISSA_DIGITS && !point)
            return false;
        if (digits > MANTISSA_DIGITS) /* these are below what is kept */
            continue;
        n = n * 10 + (uint64_t)(c - '0');
        scale += point;
    }
    if (digits == 0 || (point && s.ptr[i - 1] == '.'))
        return false;
    if (i < s.len &&
        ((s.ptr[i] | 0x20) != 'e' || !take_exponent(slice_sub(s, i + 1, s.len), &exponent)))
        return false;
    *ret = to_millionths(n, scale - exponent);
    return *ret <= EPSS_ONE;
}

static int
read_model(struct epss *e, struct slice line)
{
    static const char model[] = "#model_version:";
    static const char date[] = "score_date:";
    struct slice rest = line;
    struct slice part = slice_part(&rest, ',');
    const size_t m = sizeof model - 1;
    const size_t d = sizeof date - 1;

    if (!slice_is(slice_sub(part, 0, m), model))
        return wrong(e, line, line,
                     "the first line names the model: `#model_version:…,score_date:…`");
    part = slice_sub(part, m, part.len);
    if (part.len == 0 || part.len >= EPSS_MODEL)
        return wrong(e, line, part, "the model's version has 1 to 63 bytes");
    for (size_t i = 0; i < part.len; i++) {
        if (part.ptr[i] <= ' ' || part.ptr[i] > '~')
            return wrong(e, line, part, "the model's version is no plain text");
    }
    (void)snprintf(e->model, sizeof e->model, "%.*s", (int)part.len, part.ptr);
    part = slice_part(&rest, ',');
    if (part.len == 0)
        part.ptr = line.ptr + line.len;
    if (!slice_is(slice_sub(part, 0, d), date) ||
        time_parse_any(slice_sub(part, d, part.len), &e->scored) < 0)
        return wrong(e, line, part, "`score_date:` and a time is missing");
    return 0;
}

static int
read_row(struct epss *e, struct slice line)
{
    struct slice rest = line;
    struct slice id = slice_part(&rest, ',');
    struct slice epss = slice_part(&rest, ',');
    struct slice percentile = rest;
    struct epss_row row = {.cve = cve_parse(id)};
    int r;

    if (row.cve == 0)
        return wrong(e, line, id, "is no CVE");
    if (epss.len == 0 || percentile.len == 0)
        return wrong(e, line, (struct slice){line.ptr + line.len, 0},
                     "a row is `cve,epss,percentile`");
    if (!take_fraction(epss, &row.epss) && !take_number(epss, &row.epss))
        return wrong(e, line, epss, "`epss` is no number of 0 to 1");
    if (memchr(percentile.ptr, ',', percentile.len) != NULL)
        return wrong(e, line, percentile, "there are more than three columns");
    if (!take_fraction(percentile, &row.percentile) &&
        !take_number(percentile, &row.percentile))
        return wrong(e, line, percentile, "`percentile` is no number of 0 to 1");
    if (e->rows == EPSS_ROWS)
        return err_at(e->ei, ERR_LIMIT, e->line, 1, "has more than %d rows", EPSS_ROWS);
    r = remember(e, row.cve);
    e->twice += r == 0;
    if (r <= 0)
        return r;
    e->rows++;
    return e->take(e->arg, &row);
}

static int
read_line(struct epss *e, struct slice line)
{
    int r = 0;

    if (line.len > EPSS_LINE)
        return err_at(e->ei, ERR_INVALID, e->line, EPSS_LINE + 1,
                      "a line has more than %d bytes", EPSS_LINE);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (e->line == 1)
        r = read_model(e, line);
    else if (e->line == 2 && !slice_is(line, "cve,epss,percentile"))
        r = wrong(e, line, line, "the second line is `cve,epss,percentile`");
    else if (e->line > 2 && line.len > 0)
        r = read_row(e, line);
    e->line += r == 0;
    return r;
}

/* ---- pieces ------------------------------------------------------------------------------ */

/* What the piece before left, with this one's bytes up to the end of the line. */
static int
finish_line(struct epss *e, struct slice *bytes, bool last)
{
    const char *lf = bytes->len == 0 ? NULL : memchr(bytes->ptr, '\n', bytes->len);
    size_t n = lf == NULL ? bytes->len : (size_t)(lf - bytes->ptr);
    size_t whole = e->rest + n;
    int r;

    if (whole > EPSS_LINE)
        return err_at(e->ei, ERR_INVALID, e->line, EPSS_LINE + 1,
                      "a line has more than %d bytes", EPSS_LINE);
    if (n > 0)
        memcpy(e->carry + e->rest, bytes->ptr, n);
    *bytes = slice_sub(*bytes, n + (lf != NULL), bytes->len);
    e->rest = whole;
    if (lf == NULL && !last)
        return 0;
    r = read_line(e, (struct slice){e->carry, whole});
    e->rest = 0;
    return r;
}

static int
feed(struct epss *e, struct slice bytes, bool last)
{
    int r = e->rest > 0 ? finish_line(e, &bytes, last) : 0;

    while (r == 0 && bytes.len > 0) {
        const char *lf = memchr(bytes.ptr, '\n', bytes.len);
        size_t n = lf == NULL ? bytes.len : (size_t)(lf - bytes.ptr);

        if (lf == NULL)
            return finish_line(e, &bytes, last);
        r = read_line(e, slice_sub(bytes, 0, n));
        bytes = slice_sub(bytes, n + 1, bytes.len);
    }
    return r;
}

int
epss_feed(struct epss *e, struct slice bytes, bool last)
{
    if (e->failed == 0)
        e->failed = feed(e, bytes, last);
    if (e->failed == 0 && last && e->line <= 2)
        e->failed = err_at(e->ei, ERR_INVALID, e->line, 1, "ends before `cve,epss,percentile`");
    return e->failed;
}
