/* Reads address ranges from CSV of unknown shape.  The columns are named by a header line or
 * told by what stands in the first rows; from then on every row is held to that shape, and a
 * row that does not fit is counted, named and left out. */
#include "attrib/rows_priv.h"
#include "model/event.h"

enum { COLUMNS = 32, GUESS_ROWS = 100, FIELD_MAX = 1024 };

enum role {
    ROLE_NONE,
    ROLE_PREFIX,
    ROLE_FROM,
    ROLE_TO,
    ROLE_ASN,
    ROLE_NAME,
    ROLE_COUNTRY,
    ROLES
};

struct shape {
    char separator;
    bool header;
    int column[ROLES]; /* -1 absent */
};

struct fields {
    struct slice at[COLUMNS];
    unsigned count;
    char room[FIELD_MAX]; /* of fields that had doubled quotes */
    size_t used;
};

struct reader {
    struct slice rest;
    unsigned line;
};

/* The next line that is neither empty nor a comment, without CR. */
static bool
next_line(struct reader *in, struct slice *ret)
{
    while (slice_line(&in->rest, ret)) {
        in->line++;
        if (in->line == 1 && ret->len >= 3 && memcmp(ret->ptr, "\xef\xbb\xbf", 3) == 0)
            *ret = slice_sub(*ret, 3, ret->len);
        if (ret->len > 0 && ret->ptr[ret->len - 1] == '\r')
            ret->len--;
        if (ret->len > 0 && ret->ptr[0] != '#')
            return true;
    }
    return false;
}

static struct slice
trim(struct slice s)
{
    while (s.len > 0 && (*s.ptr == ' ' || *s.ptr == '\t'))
        s = slice_sub(s, 1, s.len);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* A quoted field at *at, RFC 4180; -1 when it does not end or does not fit. */
static int
quoted(struct slice line, size_t *at, struct fields *f, struct slice *ret)
{
    size_t from = f->used;

    for (size_t i = *at + 1; i < line.len && f->used < FIELD_MAX; i++) {
        if (line.ptr[i] == '"' && (i + 1 == line.len || line.ptr[i + 1] != '"')) {
            *at = i + 1;
            *ret = (struct slice){f->room + from, f->used - from};
            return 0;
        }
        i += line.ptr[i] == '"';
        f->room[f->used++] = line.ptr[i];
    }
    return -1;
}

static int
split(struct slice line, char separator, struct fields *f)
{
    size_t at = 0;

    f->count = 0;
    f->used = 0;
    for (;;) {
        struct slice *field = &f->at[f->count];

        if (f->count == COLUMNS)
            return -1;
        if (at < line.len && line.ptr[at] == '"') {
            if (quoted(line, &at, f, field) < 0 || (at < line.len && line.ptr[at] != separator))
                return -1;
        } else {
            const char *end =
                at == line.len ? NULL : memchr(line.ptr + at, separator, line.len - at);

            *field =
                slice_sub(line, at, end == NULL ? line.len : (size_t)(end - line.ptr) - at);
            at += field->len;
            *field = trim(*field);
        }
        f->count++;
        if (at >= line.len)
            return 0;
        at++; /* the separator */
    }
}

/* A whole decimal number that fits. */
static int
decimal(struct slice s, u128 *ret)
{
    u128 n = 0;

    if (s.len == 0 || s.len > 39)
        return -1;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.ptr[i] - (unsigned)'0';

        if (digit > 9 || n > (~(u128)0 - digit) / 10)
            return -1;
        n = n * 10 + digit;
    }
    *ret = n;
    return 0;
}

/* As text, or as a number: below 2^32 it means IPv4. */
static int
address(struct slice s, u128 *ret)
{
    struct addr a;

    if (addr_parse(s, &a) == 0) {
        *ret = u128_of(&a);
        return 0;
    }
    if (decimal(s, ret) < 0)
        return -1;
    if (*ret <= UINT32_MAX)
        *ret |= V4_FROM;
    return 0;
}

static int
network_number(struct slice s, uint32_t *ret)
{
    u128 n = 0;

    if (s.len > 2 && (s.ptr[0] == 'A' || s.ptr[0] == 'a') &&
        (s.ptr[1] == 'S' || s.ptr[1] == 's'))
        s = slice_sub(s, 2, s.len);
    if (s.len > 0 && !slice_is(s, "-") && (decimal(s, &n) < 0 || n > UINT32_MAX))
        return -1;
    *ret = (uint32_t)n;
    return 0;
}

static enum role
role_of_title(struct slice s)
{
    static const struct {
        const char *title;
        enum role role;
    } titles[] = {
        {"network", ROLE_PREFIX},
        {"prefix", ROLE_PREFIX},
        {"cidr", ROLE_PREFIX},
        {"start", ROLE_FROM},
        {"start_ip", ROLE_FROM},
        {"ip_range_start", ROLE_FROM},
        {"range_start", ROLE_FROM},
        {"ip_from", ROLE_FROM},
        {"from", ROLE_FROM},
        {"end", ROLE_TO},
        {"end_ip", ROLE_TO},
        {"ip_range_end", ROLE_TO},
        {"range_end", ROLE_TO},
        {"ip_to", ROLE_TO},
        {"to", ROLE_TO},
        {"asn", ROLE_ASN},
        {"as_number", ROLE_ASN},
        {"autonomous_system_number", ROLE_ASN},
        {"name", ROLE_NAME},
        {"as_name", ROLE_NAME},
        {"organization", ROLE_NAME},
        {"as_organization", ROLE_NAME},
        {"autonomous_system_organization", ROLE_NAME},
        {"country", ROLE_COUNTRY},
        {"country_code", ROLE_COUNTRY},
        {"country_iso_code", ROLE_COUNTRY},
        {"iso_code", ROLE_COUNTRY},
        {"cc", ROLE_COUNTRY},
    };

    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (strlen(titles[i].title) == s.len && strncasecmp(titles[i].title, s.ptr, s.len) == 0)
            return titles[i].role;
    }
    return ROLE_NONE;
}

static void
shape_by_titles(const struct fields *f, struct shape *s)
{
    for (unsigned i = 0; i < f->count; i++) {
        enum role r = role_of_title(f->at[i]);

        if (r != ROLE_NONE && s->column[r] < 0)
            s->column[r] = (int)i;
    }
    s->header = true;
}

/* What the columns behind the range hold, by the rows at the start of the input. */
static void
shape_by_content(struct reader in, unsigned columns, unsigned first, struct shape *s)
{
    static const enum role order[] = {ROLE_COUNTRY, ROLE_ASN, ROLE_NAME};
    unsigned rows = 0;
    unsigned fits[ROLES][COLUMNS] = {{0}};
    struct slice line;
    struct fields f;

    while (rows < GUESS_ROWS && next_line(&in, &line)) {
        if (split(line, s->separator, &f) < 0 || f.count != columns)
            continue;
        rows++;
        for (unsigned i = first; i < columns; i++) {
            uint16_t country;
            uint32_t asn;

            fits[ROLE_COUNTRY][i] += country_code(f.at[i], &country) == 0;
            fits[ROLE_ASN][i] += network_number(f.at[i], &asn) == 0;
            fits[ROLE_NAME][i]++;
        }
    }
    for (unsigned i = first; i < columns; i++) {
        for (unsigned k = 0; k < 3; k++) { /* nine of ten rows: a few may be malformed */
            if (s->column[order[k]] < 0 && fits[order[k]][i] * 10 >= rows * 9) {
                s->column[order[k]] = (int)i;
                break;
            }
        }
    }
}

static char
guess_separator(struct slice line)
{
    if (memchr(line.ptr, ',', line.len) != NULL)
        return ',';
    if (memchr(line.ptr, ';', line.len) != NULL)
        return ';';
    return '\t';
}

static int
guess(struct slice bytes, struct shape *s, struct errinfo *ei)
{
    struct reader in = {bytes, 0};
    struct slice line;
    struct fields f;
    struct prefix p;
    u128 n;

    *s = (struct shape){.separator = ','};
    for (unsigned i = 0; i < ROLES; i++)
        s->column[i] = -1;
    if (!next_line(&in, &line))
        return err_set(ei, ERR_INVALID, "is empty: address ranges were expected");
    s->separator = guess_separator(line);
    if (split(line, s->separator, &f) < 0 || f.count < 2)
        return err_at(ei, ERR_INVALID, in.line, 1,
                      "is neither an MMDB nor a list of address ranges");
    if (address(f.at[0], &n) == 0 && address(f.at[1], &n) == 0) {
        s->column[ROLE_FROM] = 0;
        s->column[ROLE_TO] = 1;
        shape_by_content((struct reader){bytes, 0}, f.count, 2, s);
    } else if (prefix_parse(f.at[0], &p) == 0) {
        s->column[ROLE_PREFIX] = 0;
        shape_by_content((struct reader){bytes, 0}, f.count, 1, s);
    } else {
        shape_by_titles(&f, s);
    }
    if (s->column[ROLE_PREFIX] < 0 && (s->column[ROLE_FROM] < 0 || s->column[ROLE_TO] < 0))
        return err_at(ei, ERR_INVALID, in.line, 1,
                      "no column holds address ranges (start and end, or a prefix)");
    if (s->column[ROLE_ASN] < 0 && s->column[ROLE_COUNTRY] < 0)
        return err_at(ei, ERR_INVALID, in.line, 1,
                      "no column holds network numbers or countries");
    return 0;
}

static int
read_range(const struct fields *f, const struct shape *s, u128 *from, u128 *to,
           const char **why)
{
    struct prefix p;

    if (s->column[ROLE_PREFIX] >= 0) {
        *why = "is no prefix";
        if (prefix_parse(f->at[s->column[ROLE_PREFIX]], &p) < 0)
            return s->column[ROLE_PREFIX];
        *from = u128_of(&p.addr);
        *to = p.len == 0 ? ~(u128)0 : *from | (((u128)1 << (128 - p.len)) - 1);
        return -1;
    }
    *why = "is no address";
    if (address(f->at[s->column[ROLE_FROM]], from) < 0)
        return s->column[ROLE_FROM];
    if (address(f->at[s->column[ROLE_TO]], to) < 0)
        return s->column[ROLE_TO];
    *why = "the range ends before it begins, or in the other family";
    if (*to < *from || (*from >= V4_FROM && *from <= V4_TO) != (*to >= V4_FROM && *to <= V4_TO))
        return s->column[ROLE_TO];
    return -1;
}

/* The column that is wrong, with the reason, or -1 and the row's content. */
static int
read_row(const struct fields *f, const struct shape *s, u128 range[2], struct value *v,
         const char **why)
{
    int wrong;

    *v = (struct value){0};
    *why = "the row has fewer fields than the first";
    for (unsigned i = 1; i < ROLES; i++) {
        if (i != ROLE_NAME && s->column[i] >= (int)f->count)
            return 0;
    }
    wrong = read_range(f, s, &range[0], &range[1], why);
    if (wrong >= 0)
        return wrong;
    *why = "is no network number";
    if (s->column[ROLE_ASN] >= 0 && network_number(f->at[s->column[ROLE_ASN]], &v->asn) < 0)
        return s->column[ROLE_ASN];
    *why = "is no country (two letters)";
    if (s->column[ROLE_COUNTRY] >= 0 &&
        country_code(f->at[s->column[ROLE_COUNTRY]], &v->country) < 0)
        return s->column[ROLE_COUNTRY];
    return -1;
}

/* Where field i begins in its line, for the error's column. */
static unsigned
column_of(struct slice line, const struct fields *f, int i)
{
    const char *at = f->at[i].ptr;

    return at >= line.ptr && at <= line.ptr + line.len ? (unsigned)(at - line.ptr) + 1 : 1;
}

int
csv_read(struct slice bytes, struct rows *r, struct errinfo *ei)
{
    struct reader in = {bytes, 0};
    struct shape s;
    struct fields f;
    struct slice line;
    bool skip;
    int err = guess(bytes, &s, ei);

    skip = s.header;
    while (err == 0 && next_line(&in, &line)) {
        struct slice name = {NULL, 0};
        const char *why = NULL;
        struct value v = {0};
        u128 range[2] = {0, 0};
        int wrong;

        if (skip) {
            skip = false;
            continue;
        }
        if (split(line, s.separator, &f) < 0) {
            rows_reject(r, in.line, 1, "quotes do not end, or too many fields");
            continue;
        }
        wrong = read_row(&f, &s, range, &v, &why);
        if (wrong >= 0) {
            rows_reject(r, in.line, column_of(line, &f, wrong), why);
            continue;
        }
        if (s.column[ROLE_NAME] >= 0 && s.column[ROLE_NAME] < (int)f.count)
            name = f.at[s.column[ROLE_NAME]];
        err = rows_add(r, range[0], range[1], v, name);
        if (err < 0)
            return err_at(ei, err, in.line, 1, "%s",
                          err == ERR_LIMIT ? "more rows than can be held" : err_text(err));
    }
    return err;
}

/* RFC 1123 date `Thu, 25 Jun 2026 04:33:59 GMT`. */
static int
parse_1123(struct slice s, struct utime *ret)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char text[11];

    if (s.len < 16 || s.ptr[3] != ',')
        return ERR_NOTFOUND;
    for (size_t m = 0; m < 12; m++) {
        if (memcmp(months + 3 * m, s.ptr + 8, 3) != 0)
            continue;
        (void)snprintf(text, sizeof text, "%.4s-%02zu-%.2s", s.ptr + 12, m + 1, s.ptr + 5);
        return time_parse_human(slice_of(text), (struct utime){0}, ret) < 0 ? ERR_NOTFOUND : 0;
    }
    return ERR_NOTFOUND;
}

int
csv_date(struct slice bytes, struct utime *ret)
{
    static const char mark[] = "# Generated:";
    struct slice line;

    for (unsigned i = 0; i < 40 && slice_line(&bytes, &line); i++) {
        if (line.len > sizeof mark && memcmp(line.ptr, mark, sizeof mark - 1) == 0)
            return parse_1123(trim(slice_sub(line, sizeof mark - 1, line.len)), ret);
    }
    return ERR_NOTFOUND;
}
