#include "wire/batch.h"

#include <string.h>

void
batch_init(struct batch *b, const char *member, bool members, batch_take *take, void *arg)
{
    *b = (struct batch){.member = member,
                        .members = members,
                        .take = take,
                        .arg = arg,
                        .want = BATCH_BYTES,
                        .text = {.max = BATCH_RECORD},
                        .head = {.max = BATCH_RECORD},
                        .key = {.max = 256},
                        .line = 1,
                        .column = 1};
}

void
batch_release(struct batch *b)
{
    buf_release(&b->text);
    buf_release(&b->head);
    buf_release(&b->key);
}

struct slice
batch_head(const struct batch *b)
{
    return buf_get(&b->head);
}

static int
at(const struct batch *b, struct errinfo *ei, const char *what)
{
    return err_at(ei, ERR_INVALID, b->line, b->column, "%s", what);
}

/* The batch as it stands, and a new one from the next byte on. */
static int
give(struct batch *b, struct errinfo *ei)
{
    int r;

    if (b->close != 0)
        buf_char(&b->text, b->close);
    if (buf_error(&b->text) < 0)
        return err_at(ei, buf_error(&b->text), b->from_line, b->from_column,
                      "a record that begins here is longer than %u MB", BATCH_RECORD >> 20);
    b->given++;
    r = b->take(b->arg, b->text.ptr, b->text.len, ei);
    if (r != 0 && ei != NULL && ei->line > 0) {
        if (ei->line == 1 && ei->column > 0)
            ei->column += b->from_column - 1;
        ei->line += b->from_line - 1;
    }
    buf_reset(&b->text);
    return r;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Records begin at this byte, the bracket that opens them or their first own. */
static void
begin_records(struct batch *b, unsigned depth, char close)
{
    b->state = BATCH_IN_RECORDS;
    b->records = depth;
    b->close = close;
    b->from_line = b->line;
    b->from_column = b->column;
}

/* The first byte that says what it is. */
static void
begin(struct batch *b, char c)
{
    if (c == '[')
        begin_records(b, 1, ']');
    else if (c == '{' && b->members)
        begin_records(b, 1, '}');
    else if (c == '{' && b->member != NULL)
        b->state = BATCH_IN_HEAD;
    else
        begin_records(b, 0, 0);
    if (b->state == BATCH_IN_HEAD) { /* it may turn out to be a record */
        b->from_line = b->line;
        b->from_column = b->column;
    }
}

/* A byte outside strings, of the head: is it the member that has the records? */
static void
look_for_member(struct batch *b, char c)
{
    if (is_space(c))
        return;
    if (b->keyed == BATCH_KEY_OURS && c == ':') {
        b->keyed = BATCH_KEY_COLON;
    } else if (b->keyed == BATCH_KEY_COLON && c == '[') {
        begin_records(b, 2, ']');
        b->keyed = BATCH_KEY_NONE;
    } else {
        b->keyed = BATCH_KEY_NONE;
    }
}

static void
end_string(struct batch *b)
{
    if (b->keyed != BATCH_KEY_READ)
        return;
    b->keyed = b->depth == 1 && slice_eq(buf_get(&b->key), slice_of(b->member))
                   ? BATCH_KEY_OURS
                   : BATCH_KEY_NONE;
}

/* The object ended and had no such member: it is a record, and others may follow. */
static void
head_was_record(struct batch *b)
{
    struct buf empty = b->text;

    b->text = b->head;
    b->head = empty;
    b->state = BATCH_IN_RECORDS;
    b->records = 0;
    b->close = 0;
}

static int
close_bracket(struct batch *b, struct errinfo *ei)
{
    if (b->depth == 0)
        return at(b, ei, "a bracket is closed that nothing opened");
    b->depth--;
    if (b->state == BATCH_IN_HEAD && b->depth == 0) {
        if (b->given == 0 && b->text.len == 0)
            head_was_record(b);
        else
            b->state = BATCH_BEHIND;
    } else if (b->state == BATCH_IN_RECORDS && b->close != 0 && b->depth == b->records - 1) {
        b->text.len--; /* give() writes it */
        b->cut = false;
        b->state = b->records == 2 ? BATCH_IN_HEAD : BATCH_BEHIND;
        return give(b, ei);
    } else if (b->state == BATCH_IN_RECORDS && b->depth == b->records &&
               b->text.len >= b->want) {
        b->cut = b->close != 0;
        if (!b->cut) {
            int r = give(b, ei);

            b->from_line = b->line;
            b->from_column = b->column + 1;
            return r;
        }
    }
    return 0;
}

/* One byte outside strings that means something. */
static int
structural(struct batch *b, char c, struct errinfo *ei)
{
    if (b->cut && c == ',') {
        int r;

        b->text.len--;
        r = give(b, ei);
        b->cut = false;
        b->from_line = b->line;
        b->from_column = b->column;
        buf_char(&b->text, b->close == ']' ? '[' : '{');
        return r;
    }
    if (c == '{' || c == '[') {
        b->depth++;
        return 0;
    }
    return c == '}' || c == ']' ? close_bracket(b, ei) : 0;
}

static int
byte(struct batch *b, char c, struct errinfo *ei)
{
    struct buf *to;
    int r = 0;

    if (b->state == BATCH_START && !is_space(c))
        begin(b, c);
    if (b->state == BATCH_BEHIND && !is_space(c))
        return at(b, ei, "something stands behind the end");
    to = b->state == BATCH_IN_RECORDS ? &b->text : &b->head;
    if (b->state != BATCH_BEHIND && b->state != BATCH_START)
        buf_char(to, c);
    if (c == '"') {
        b->string = true;
        b->string_line = b->line;
        b->string_column = b->column;
        b->keyed = b->state == BATCH_IN_HEAD && b->depth == 1 ? BATCH_KEY_READ : BATCH_KEY_NONE;
        buf_reset(&b->key);
        return 0;
    }
    if (b->state == BATCH_IN_HEAD && b->keyed != BATCH_KEY_NONE) {
        look_for_member(b, c);
        if (b->state == BATCH_IN_RECORDS)
            buf_char(&b->text, c);
    }
    if (c == '{' || c == '[' || c == '}' || c == ']' || c == ',') {
        bool in_records = b->state == BATCH_IN_RECORDS;

        r = structural(b, c, ei);
        if (in_records && b->state == BATCH_IN_HEAD)
            buf_char(&b->head, c);
    }
    return r;
}

static int
no_end(const struct batch *b, struct errinfo *ei, const char *what)
{
    return err_at(ei, ERR_INVALID, b->string_line, b->string_column, "%s", what);
}

/* Of a string: up to its end, the piece's, or a line feed, which is none of its bytes. */
static size_t
in_string(struct batch *b, struct slice piece)
{
    struct buf *to = b->state == BATCH_IN_RECORDS ? &b->text : &b->head;
    size_t i = 0;

    for (; i < piece.len; i++) {
        char c = piece.ptr[i];

        if (b->escape) {
            b->escape = false;
        } else if (c == '\\') {
            b->escape = true;
        } else if (c == '"') {
            b->string = false;
            break;
        } else if (c == '\n') {
            break;
        }
    }
    if (b->keyed == BATCH_KEY_READ)
        buf_add(&b->key, piece.ptr, i);
    if (!b->string) {
        end_string(b);
        i++;
    }
    buf_add(to, piece.ptr, i);
    return i;
}

/* Bytes within records, up to one that may end a record or the piece.  This is where the time
 * goes: the state is in registers, and the bytes are copied once. */
static size_t
within(struct batch *b, struct slice piece)
{
    enum { PLAIN, OPEN, CLOSE, ESCAPE, LINE, QUOTE };
    static const uint8_t what[256] = {
        ['"'] = QUOTE, ['{'] = OPEN,  ['['] = OPEN,   ['}'] = CLOSE,
        [']'] = CLOSE, ['\n'] = LINE, ['\\'] = ESCAPE};
    const unsigned char *p = (const unsigned char *)piece.ptr;
    size_t line_start = 0;
    unsigned depth = b->depth;
    unsigned lines = 0;
    size_t i = 0;

    while (i < piece.len) {
        uint8_t c = what[p[i]];

        if (c == QUOTE) {
            size_t from = i++;

            while (i < piece.len && what[p[i]] < LINE)
                i += what[p[i]] == ESCAPE ? 2 : 1;
            if (i >= piece.len || what[p[i]] == LINE) { /* byte by byte, in all its pieces */
                i = from;
                break;
            }
        } else if (c == OPEN) {
            depth++;
        } else if (c == CLOSE) {
            if (depth <= b->records + 1)
                break;
            depth--;
        } else if (c == LINE) {
            lines++;
            line_start = i + 1;
        }
        i++;
    }
    b->depth = depth;
    b->line += lines;
    b->column = lines > 0 ? (unsigned)(i - line_start) + 1 : b->column + (unsigned)i;
    buf_add(&b->text, p, i);
    return i;
}

static int
full(const struct batch *b, struct errinfo *ei)
{
    bool looked = b->state == BATCH_IN_HEAD && b->member != NULL;

    return err_at(ei, b->text.error == ERR_NOMEM ? ERR_NOMEM : ERR_LIMIT, b->from_line,
                  b->from_column, "what begins here is longer than %u MB%s%s%s",
                  BATCH_RECORD >> 20, looked ? ", and has no list `" : "",
                  looked ? b->member : "", looked ? "` before that" : "");
}

int
batch_feed(struct batch *b, struct slice piece, struct errinfo *ei)
{
    while (piece.len > 0) {
        size_t n = 0;
        int r = 0;

        if (b->string) {
            n = in_string(b, piece);
            if (b->string && n < piece.len)
                return no_end(b, ei, "a string that begins here has no end in its line");
        } else if (b->state == BATCH_IN_RECORDS && !b->cut) {
            n = within(b, piece);
            piece = slice_sub(piece, n, piece.len - n);
            if (piece.len == 0)
                break;
            n = 0;
        }
        if (n == 0) {
            r = byte(b, piece.ptr[0], ei);
            n = 1;
        }
        if (r != 0)
            return r;
        if (b->text.error < 0 || b->head.error < 0 ||
            (b->head.len > BATCH_HEAD && b->given > 0))
            return full(b, ei);
        if (n == 1 && piece.ptr[0] == '\n') {
            b->line++;
            b->column = 1;
        } else {
            b->column += (unsigned)n;
        }
        piece = slice_sub(piece, n, piece.len - n);
    }
    return b->text.error < 0 ? full(b, ei) : 0;
}

int
batch_end(struct batch *b, struct errinfo *ei)
{
    if (b->string)
        return no_end(b, ei, "it ends inside the string that begins here");
    if (b->depth > 0)
        return at(b, ei, "it ends before its brackets are closed");
    return b->state == BATCH_IN_RECORDS && b->text.len > 0 ? give(b, ei) : 0;
}
