#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "wire/csv.h"

enum format { FORMAT_TABLE, FORMAT_TSV, FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV };
enum { TABLE_MAX = 1 << 30, COLUMNS_MAX = 32, FLUSH_AT = 1 << 16 };

struct output {
    int error; /* of what cells were made of */
    enum format format;
    const struct column *columns;
    unsigned count;
    unsigned at;                 /* next cell */
    unsigned width[COLUMNS_MAX]; /* of a table, in characters */
    uint64_t rows;
    struct buf out; /* table: cells, each ended by NUL; else: bytes to write */
    bool failed;
};

static int
find_format(const char *name)
{
    static const char *const names[] = {"table", "tsv", "json", "jsonl", "csv"};

    if (name == NULL)
        return FORMAT_TABLE;
    for (int i = 0; i < 5; i++) {
        if (strcmp(name, names[i]) == 0)
            return i;
    }
    return -1;
}

/* Characters, not bytes: continuation bytes of UTF-8 take no room. */
static unsigned
width_of(struct slice s)
{
    unsigned n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
    return n;
}

static void
flush(struct output *o)
{
    if (o->out.len > 0 && fwrite(o->out.ptr, 1, o->out.len, stdout) != o->out.len)
        o->failed = true;
    buf_reset(&o->out);
}

static void
put_tsv(struct buf *b, struct slice s)
{
    size_t from = 0; /* of what is plain */

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (c != '\t' && c != '\n' && c != '\\' && c != '\r')
            continue;
        /* A backslash stays one where nobody could read it as an escape: CPE names have many.
         */
        if (c == '\\' && i + 1 < s.len && strchr("tnr\\\t\n\r", s.ptr[i + 1]) == NULL)
            continue;
        buf_add(b, s.ptr + from, i - from);
        buf_char(b, '\\');
        buf_char(b, c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : '\\');
        from = i + 1;
    }
    buf_add(b, s.ptr + from, s.len - from);
}

/* A table shows control characters as `?`, so that data cannot move the cursor. */
static void
put_table(struct output *o, struct slice s)
{
    unsigned width = width_of(s);

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        buf_char(&o->out, c < 0x20 || c == 0x7f ? '?' : (char)c);
    }
    buf_char(&o->out, '\0');
    if (o->at < o->count && width > o->width[o->at])
        o->width[o->at] = width;
}

static void
header(struct output *o)
{
    for (unsigned i = 0; i < o->count; i++) {
        struct slice name = slice_of(o->columns[i].name);

        if (o->format == FORMAT_TABLE) {
            o->at = i;
            put_table(o, name);
        } else if (o->format == FORMAT_TSV || o->format == FORMAT_CSV) {
            if (i > 0)
                buf_char(&o->out, o->format == FORMAT_TSV ? '\t' : ',');
            buf_slice(&o->out, name);
        }
    }
    if (o->format == FORMAT_TSV)
        buf_text(&o->out, "\n");
    if (o->format == FORMAT_CSV)
        buf_text(&o->out, "\r\n");
    o->at = 0;
}

int
output_open(const struct cli *cli, const struct column *columns, unsigned count,
            struct output **ret)
{
    int format = find_format(cli_option(cli, "output"));
    struct output *o;

    BUG_ON(count > COLUMNS_MAX);
    if (format < 0)
        return cli_fail(ERR_USAGE, "--output takes table, tsv, json, jsonl or csv, not `%s`",
                        cli_option(cli, "output")),
               ERR_USAGE;
    o = calloc(1, sizeof *o);
    if (o == NULL)
        return cli_fail(ERR_NOMEM, "%s", err_text(ERR_NOMEM)), ERR_NOMEM;
    o->format = (enum format)format;
    o->columns = columns;
    o->count = count;
    buf_init(&o->out, TABLE_MAX);
    header(o);
    *ret = o;
    return 0;
}

/* What stands before a cell. */
static void
lead(struct output *o)
{
    struct buf *b = &o->out;

    BUG_ON(o->at >= o->count);
    if (o->format == FORMAT_TSV && o->at > 0)
        buf_char(b, '\t');
    if (o->format == FORMAT_CSV && o->at > 0)
        buf_char(b, ',');
    if (o->format != FORMAT_JSON && o->format != FORMAT_JSONL)
        return;
    if (o->at == 0 && o->format == FORMAT_JSON)
        buf_text(b, o->rows == 0 ? "[" : ",\n ");
    buf_char(b, o->at == 0 ? '{' : ',');
    buf_json(b, slice_of(o->columns[o->at].name));
    buf_char(b, ':');
}

/* One cell: json is what the JSON forms take as it stands. */
static void
cell(struct output *o, struct slice json, struct slice text)
{
    lead(o);
    switch (o->format) {
    case FORMAT_TABLE: put_table(o, text); break;
    case FORMAT_TSV: put_tsv(&o->out, text); break;
    case FORMAT_CSV: buf_csv(&o->out, text); break;
    case FORMAT_JSON:
    case FORMAT_JSONL:
        if (json.ptr != NULL)
            buf_slice(&o->out, json);
        else
            buf_json(&o->out, text);
        break;
    }
    o->at++;
}

void
output_text(struct output *o, struct slice text)
{
    cell(o, (struct slice){0}, text);
}

void
output_str(struct output *o, const char *text)
{
    output_text(o, slice_of(text));
}

void
output_json(struct output *o, struct slice json, struct slice text)
{
    cell(o, json, text);
}

void
output_i64(struct output *o, int64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%lld", (long long)n);
    struct slice s = {text, (size_t)len};

    cell(o, s, s);
}

void
output_u64(struct output *o, uint64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    struct slice s = {text, (size_t)len};

    cell(o, s, s);
}

void
output_bool(struct output *o, bool yes)
{
    cell(o, yes ? SLICE("true") : SLICE("false"), yes ? SLICE("yes") : SLICE("no"));
}

void
output_time(struct output *o, struct utime t)
{
    char text[TIME_TEXT];

    time_format(t, text);
    output_text(o, (struct slice){text, TIME_TEXT});
}

void
output_end(struct output *o)
{
    BUG_ON(o->at != o->count);
    if (o->format == FORMAT_JSON)
        buf_char(&o->out, '}');
    if (o->format == FORMAT_JSONL)
        buf_text(&o->out, "}\n");
    if (o->format == FORMAT_TSV)
        buf_char(&o->out, '\n');
    if (o->format == FORMAT_CSV)
        buf_text(&o->out, "\r\n");
    o->at = 0;
    o->rows++;
    if (o->format != FORMAT_TABLE && o->out.len >= FLUSH_AT)
        flush(o);
}

void
output_need(struct output *o, const struct buf *b)
{
    if (buf_error(b) < 0)
        o->error = buf_error(b);
}

uint64_t
output_rows(const struct output *o)
{
    return o->rows;
}

static void
print_table(struct output *o)
{
    const char *at = o->out.ptr;

    for (uint64_t row = 0; row <= o->rows; row++) {
        for (unsigned i = 0; i < o->count; i++) {
            struct slice s = slice_of(at);
            int room = (int)(o->width[i] - width_of(s));
            bool last = i + 1 == o->count;

            printf("%*s%s%*s%s", o->columns[i].number ? room : 0, "", at,
                   o->columns[i].number || last ? 0 : room, "", last ? "\n" : "  ");
            at += s.len + 1;
        }
    }
}

void
output_drop(struct output *o)
{
    if (o == NULL)
        return;
    buf_release(&o->out);
    free(o);
}

int
output_close(struct output *o, uint64_t total)
{
    int r = o->error < 0 ? o->error : buf_error(&o->out);
    uint64_t rows = o->rows;

    if (r == 0 && o->format == FORMAT_TABLE) {
        print_table(o);
    } else {
        if (o->format == FORMAT_JSON)
            buf_text(&o->out, rows == 0 ? "[]\n" : "]\n");
        flush(o);
    }
    if (fflush(stdout) != 0 || o->failed || ferror(stdout))
        r = ERR_IO;
    output_drop(o);
    if (r < 0)
        return cli_fail(r, "standard output: %s", err_text(r)), r;
    if (total > rows)
        cli_say("showing %llu of %llu (--limit 0 shows all)", (unsigned long long)rows,
                (unsigned long long)total);
    return 0;
}
