#include "wire/walk.h"

#include "wire/utf8.h"

static void
count_lines(struct walk *w, uint32_t to)
{
    const char *lf;

    while (w->lined < to && (lf = memchr(w->text + w->lined, '\n', to - w->lined)) != NULL) {
        w->line++;
        w->lined = (uint32_t)(lf - w->text) + 1;
        w->line_start = w->lined;
    }
    w->lined = to > w->lined ? to : w->lined;
}

int
walk_wrong(struct walk *w, const char *what)
{
    uint32_t at = w->t.at[w->at < w->t.count ? w->at : w->t.count];

    count_lines(w, at);
    return err_at(w->ei, ERR_INVALID, w->line, (unsigned)(at - w->line_start) + 1, "%s", what);
}

char
walk_peek(const struct walk *w)
{
    return w->at < w->t.count ? w->text[w->t.at[w->at]] : '\0';
}

/* The same of braces, brackets, colons, commas and quotes alone, which are what a walk goes by:
 * from the index, whose bytes lie side by side, with zeroes behind them. */
static inline char
structure(const struct walk *w)
{
    return w->t.first[w->at];
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A scalar's bytes. */
static struct slice
scalar(const struct walk *w)
{
    uint32_t from = w->t.at[w->at];
    uint32_t to = w->t.at[w->at + 1];

    while (to > from && is_space(w->text[to - 1]))
        to--;
    return (struct slice){w->text + from, to - from};
}

/* Behind the value that comes next, whatever it is. */
int
walk_skip(struct walk *w)
{
    unsigned depth = 0;

    do {
        char c = structure(w);

        if (c == '\0')
            return walk_wrong(w, "ends too early");
        if (depth == 0 && (c == ',' || c == ':' || c == '}' || c == ']'))
            return walk_wrong(w, "a value is missing");
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        w->at++;
    } while (depth > 0);
    return 0;
}

/* The next member of an object that was entered: 1 with its key, and w->at at the value; 0
 * behind the end. */
int
walk_member(struct walk *w, bool *first, struct slice *ret_key)
{
    if (structure(w) == '}') {
        w->at++;
        return 0;
    }
    if (!*first) {
        if (structure(w) != ',')
            return walk_wrong(w, "a comma or the object's end is missing");
        w->at++;
    }
    *first = false;
    if (structure(w) != '"')
        return walk_wrong(w, "a key is missing");
    *ret_key = scalar(w);
    *ret_key = slice_sub(*ret_key, 1, ret_key->len < 2 ? 0 : ret_key->len - 2);
    w->at++;
    if (structure(w) != ':')
        return walk_wrong(w, "a colon is missing");
    w->at++;
    return 1;
}

/* The same of an array. */
int
walk_item(struct walk *w, bool *first)
{
    if (structure(w) == ']') {
        w->at++;
        return 0;
    }
    if (!*first) {
        if (structure(w) != ',')
            return walk_wrong(w, "a comma or the array's end is missing");
        w->at++;
    }
    *first = false;
    return 1;
}

static bool
take_hex(struct slice *rest, uint32_t *ret)
{
    if (rest->len < 4)
        return false;
    *ret = 0;
    for (unsigned i = 0; i < 4; i++) {
        char c = rest->ptr[i];
        char low = (char)(c | 0x20);

        if (c >= '0' && c <= '9')
            *ret = *ret * 16 + (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            *ret = *ret * 16 + (uint32_t)(low - 'a') + 10;
        else
            return false;
    }
    *rest = slice_sub(*rest, 4, rest->len);
    return true;
}

/* What stands behind `\u`, which may be two of them: surrogates. */
static bool
take_code(struct slice *rest, uint32_t *ret)
{
    uint32_t low;

    if (!take_hex(rest, ret))
        return false;
    if (*ret < 0xd800 || *ret >= 0xe000)
        return *ret != 0;
    if (*ret >= 0xdc00 || !slice_is(slice_sub(*rest, 0, 2), "\\u"))
        return false;
    *rest = slice_sub(*rest, 2, rest->len);
    if (!take_hex(rest, &low) || low < 0xdc00 || low >= 0xe000)
        return false;
    *ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/* RFC 8259 escapes resolved in place: never longer than before.  The length, or -1 when there
 * is an escape that is none. */
static int64_t
unescape(char *text, size_t len)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    struct slice rest = {text, len};
    size_t n = 0;

    while (rest.len > 0) {
        char c = rest.ptr[0];
        const char *at;
        uint32_t code;

        rest = slice_sub(rest, 1, rest.len);
        if (c != '\\') {
            text[n++] = c;
            continue;
        }
        c = rest.len == 0 ? '\0' : rest.ptr[0];
        rest = slice_sub(rest, 1, rest.len);
        at = c == '\0' ? NULL : strchr(from, c);
        if (at != NULL)
            text[n++] = to[at - from];
        else if (c == 'u' && take_code(&rest, &code))
            n += utf8_put(code, text + n);
        else
            return -1;
    }
    return (int64_t)n;
}

/* A string, its escapes resolved where it stands; anything else is "" and passed over. */
int
walk_string(struct walk *w, struct slice *ret)
{
    struct slice s = scalar(w);
    int64_t n;
    char *to;

    *ret = (struct slice){"", 0};
    if (structure(w) != '"')
        return walk_skip(w);
    w->at++;
    if (s.len < 2)
        return 0;
    s = slice_sub(s, 1, s.len - 2);
    to = w->text + (s.ptr - w->text);
    if (memchr(s.ptr, '\\', s.len) == NULL) {
        *ret = s;
        return 0;
    }
    count_lines(w, (uint32_t)(s.ptr - w->text));
    w->lined += (uint32_t)s.len; /* line feeds that come of escapes end no line of the file */
    n = unescape(to, s.len);
    if (n >= 0) /* else it is no text that could be printed */
        *ret = (struct slice){to, (size_t)n};
    return 0;
}

int
walk_scalar(struct walk *w, struct slice *ret)
{
    char c = structure(w);

    *ret = (struct slice){"", 0};
    if (c != '\0' && strchr("{}[],:", c) == NULL)
        *ret = scalar(w);
    if (c == '"')
        *ret = slice_sub(*ret, 1, ret->len < 2 ? 0 : ret->len - 2);
    return walk_skip(w);
}

/* Where in a line the first byte is that is no UTF-8. */
static size_t
no_utf8(struct slice line)
{
    const unsigned char *p = (const unsigned char *)line.ptr;
    const unsigned char *end = p + line.len;
    const unsigned char *at = p;
    uint32_t cp;
    unsigned n;

    while (at < end && (n = utf8_next(at, end, &cp)) > 0)
        at += n;
    return (size_t)(at - p);
}

/* Where in a line the string begins that it does not end, or the control character is. */
static size_t
no_string(struct slice line)
{
    bool open = false;
    size_t from = 0;

    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.ptr[i];

        if (c == '"') {
            open = !open;
            from = i;
        } else if (open && c == '\\') {
            i++;
        } else if (open && c < ' ') {
            return i;
        }
    }
    return from;
}

/* The index names no line: strings end with theirs, so the first that is wrong alone has it. */
static int
wrong_line(struct walk *w, struct slice rest, enum json_fault fault)
{
    struct json_tokens t;
    struct slice line = {"", 0};
    size_t at;

    for (w->line = 0; slice_line(&rest, &line);) {
        w->line++;
        if (json_index_run(w->index, line.ptr, line.len, &t) == fault)
            break;
    }
    at = fault == JSON_UTF8 ? no_utf8(line) : no_string(line);
    return err_at(w->ei, ERR_INVALID, w->line, (unsigned)at + 1, "%s",
                  fault == JSON_UTF8 ? "is no UTF-8"
                                     : "a string has no end, or a control character in it");
}

int
walk_open(struct walk *w, char *text, size_t len, struct errinfo *ei)
{
    enum json_fault fault;

    *w = (struct walk){.text = text, .line = 1, .ei = ei, .index = json_index_new(len + 1)};
    if (w->index == NULL)
        return ERR_NOMEM;
    fault = json_index_run(w->index, text, len, &w->t);
    if (fault == JSON_FINE)
        return 0;
    return fault == JSON_MEMORY ? ERR_NOMEM : wrong_line(w, (struct slice){text, len}, fault);
}

void
walk_close(struct walk *w)
{
    w->index = json_index_free(w->index);
}

unsigned
walk_line(struct walk *w)
{
    count_lines(w, w->t.at[w->at < w->t.count ? w->at : w->t.count]);
    return w->line;
}

int
walk_enter(struct walk *w, char open)
{
    if (structure(w) != open)
        return walk_skip(w);
    w->at++;
    return 1;
}
