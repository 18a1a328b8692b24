#include "wire/csv.h"

#include "wire/utf8.h"

void
csv_open(struct csv *c, char *text, size_t len)
{
    static const char mark[3] = {'\xef', '\xbb', '\xbf'};
    size_t from = len >= sizeof mark && memcmp(text, mark, sizeof mark) == 0 ? sizeof mark : 0;

    *c = (struct csv){
        .at = text + from, .end = text + len, .line_start = text + from, .line = 1};
}

static int
wrong(const struct csv *c, const char *at, struct errinfo *ei, const char *what)
{
    return err_at(ei, ERR_INVALID, c->line, (unsigned)(at - c->line_start) + 1, "%s", what);
}

static void
new_line(struct csv *c, char *lf)
{
    c->line++;
    c->line_start = lf + 1;
}

/* A field in quotes; c->at is at the first of them, and then behind the last. */
static int
quoted(struct csv *c, struct slice *ret, struct errinfo *ei)
{
    const unsigned line = c->line;
    const unsigned column = (unsigned)(c->at - c->line_start) + 1;
    char *from = ++c->at;
    char *to = from;

    for (;;) {
        if (c->at == c->end)
            return err_at(ei, ERR_INVALID, line, column, "a quote is opened and never closed");
        if (*c->at == '"') {
            if (c->at + 1 == c->end || c->at[1] != '"')
                break;
            c->at++;
        }
        if (*c->at == '\n')
            new_line(c, c->at);
        *to++ = *c->at++;
    }
    c->at++;
    *ret = (struct slice){from, (size_t)(to - from)};
    return 0;
}

static bool
at_line_end(const struct csv *c)
{
    return *c->at == '\n' || (*c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n');
}

static int
plain(struct csv *c, struct slice *ret, struct errinfo *ei)
{
    char *from = c->at;

    for (; c->at < c->end && *c->at != ',' && !at_line_end(c); c->at++) {
        if (*c->at == '"')
            return wrong(c, c->at, ei,
                         "a quote inside a field: the whole field stands in quotes then, and "
                         "its quotes are doubled");
        if (*c->at == '\r')
            return wrong(c, c->at, ei, "a carriage return without a line feed");
    }
    *ret = (struct slice){from, (size_t)(c->at - from)};
    return 0;
}

static int
take_field(struct csv *c, struct errinfo *ei)
{
    struct slice *f = &c->field[c->count];
    int r;

    if (c->count == CSV_FIELDS)
        return err_at(ei, ERR_LIMIT, c->line, (unsigned)(c->at - c->line_start) + 1,
                      "more than %d fields in a line", CSV_FIELDS);
    c->field_line[c->count] = c->line;
    c->field_column[c->count] = (unsigned)(c->at - c->line_start) + 1;
    r = c->at < c->end && *c->at == '"' ? quoted(c, f, ei) : plain(c, f, ei);
    if (r < 0)
        return r;
    if (!utf8_ok(*f) || (f->len > 0 && memchr(f->ptr, '\0', f->len) != NULL))
        return err_at(ei, ERR_INVALID, c->field_line[c->count], c->field_column[c->count],
                      "is no UTF-8 text");
    c->count++;
    return 0;
}

static void
skip_empty_lines(struct csv *c)
{
    while (c->at < c->end && at_line_end(c)) {
        char *lf = c->at + (*c->at == '\r');

        new_line(c, lf);
        c->at = lf + 1;
    }
}

int
csv_row(struct csv *c, struct errinfo *ei)
{
    skip_empty_lines(c);
    c->count = 0;
    if (c->at == c->end)
        return 0;
    for (;;) {
        int r = take_field(c, ei);

        if (r < 0)
            return r;
        if (c->at == c->end)
            return 1;
        if (at_line_end(c)) {
            char *lf = c->at + (*c->at == '\r');

            new_line(c, lf);
            c->at = lf + 1;
            return 1;
        }
        if (*c->at != ',')
            return wrong(c, c->at, ei,
                         "a comma stands behind a closing quote, or the line ends");
        c->at++;
    }
}

void
buf_csv(struct buf *b, struct slice s)
{
    bool plain = true;

    for (size_t i = 0; i < s.len; i++)
        plain &= memchr(",\"\r\n", s.ptr[i], 4) == NULL;
    if (plain) {
        buf_slice(b, s);
        return;
    }
    buf_char(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"')
            buf_char(b, '"');
        buf_char(b, s.ptr[i]);
    }
    buf_char(b, '"');
}
