#include "wire/xml.h"

#include "wire/utf8.h"

int
xml_wrong(struct xml *x, const char *what)
{
    return err_at(x->ei, ERR_INVALID, x->piece_line, x->piece_column, "%s", what);
}

/* Go on to `to`, counting lines: what lies before it may be decoded from then on. */
static void
advance(struct xml *x, size_t to)
{
    const char *lf;

    while (x->at < to && (lf = memchr(x->text + x->at, '\n', to - x->at)) != NULL) {
        x->line++;
        x->at = (size_t)(lf - x->text) + 1;
        x->line_start = x->at;
    }
    x->at = to;
}

static void
begin_piece(struct xml *x)
{
    x->piece_line = x->line;
    x->piece_column = (unsigned)(x->at - x->line_start) + 1;
}

static struct slice
rest_of(const struct xml *x)
{
    return (struct slice){x->text + x->at, x->len - x->at};
}

static bool
begins(const struct xml *x, const char *with)
{
    return slice_is(slice_sub(rest_of(x), 0, strlen(with)), with);
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ---- entities ---------------------------------------------------------------------------- */

/* `#38` or `#x26`.  XML 1.0, 2.2: which characters there are. */
static bool
number(struct slice s, uint32_t *ret)
{
    bool hex = s.len > 1 && s.ptr[1] == 'x';
    uint32_t n = 0;

    s = slice_sub(s, hex ? 2 : 1, s.len);
    if (s.len == 0 || s.len > 7)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        char low = (char)(c | 0x20);

        if (c >= '0' && c <= '9')
            n = n * (hex ? 16 : 10) + (uint32_t)(c - '0');
        else if (hex && low >= 'a' && low <= 'f')
            n = n * 16 + (uint32_t)(low - 'a') + 10;
        else
            return false;
    }
    *ret = n;
    return n <= 0x10ffff && (n < 0xd800 || n >= 0xe000) && n != 0xfffe && n != 0xffff &&
           (n >= 0x20 || n == '\t' || n == '\n' || n == '\r');
}

static bool
entity(struct slice s, uint32_t *ret)
{
    static const struct {
        const char *name;
        char c;
    } list[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};

    if (s.len > 0 && s.ptr[0] == '#')
        return number(s, ret);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (slice_is(s, list[i].name)) {
            *ret = (uint32_t)list[i].c;
            return true;
        }
    }
    return false;
}

/* Where it stands: what a reference stands for is never longer than it. */
static int
decode(struct xml *x, struct slice *s)
{
    char *to = x->text + (s->ptr - x->text);
    struct slice rest = *s;
    size_t n = 0;

    if (memchr(s->ptr, '&', s->len) == NULL)
        return 0;
    while (rest.len > 0) {
        struct slice plain = slice_part(&rest, '&');
        bool more = plain.ptr + plain.len < s->ptr + s->len;
        struct slice name = slice_sub(rest, 0, 16);
        const char *end = memchr(name.ptr, ';', name.len);
        uint32_t code;

        memmove(to + n, plain.ptr, plain.len);
        n += plain.len;
        if (!more)
            break;
        if (end == NULL || !entity(slice_sub(name, 0, (size_t)(end - name.ptr)), &code))
            return xml_wrong(x, "it has an entity that is not one of XML's own");
        n += utf8_put(code, to + n);
        rest = slice_sub(rest, (size_t)(end - name.ptr) + 1, rest.len);
    }
    s->len = n;
    return 0;
}

/* ---- tags -------------------------------------------------------------------------------- */

static bool
is_name_byte(char c, bool first)
{
    char low = (char)(c | 0x20);

    return (low >= 'a' && low <= 'z') || c == '_' || c == ':' || (unsigned char)c >= 0x80 ||
           (!first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
}

/* A name at *at, behind which *at is then; "": none is there. */
static struct slice
take_name(const struct xml *x, size_t *at)
{
    size_t from = *at;

    while (*at < x->len && is_name_byte(x->text[*at], *at == from))
        ++*at;
    return (struct slice){x->text + from, *at - from};
}

static void
skip_space(const struct xml *x, size_t *at)
{
    while (*at < x->len && is_space(x->text[*at]))
        ++*at;
}

static int
take_attribute(struct xml *x, size_t *at)
{
    struct xml_attribute a = {.name = take_name(x, at)};
    const char *end;
    char quote;

    skip_space(x, at);
    if (a.name.len == 0 || *at >= x->len || x->text[*at] != '=')
        return xml_wrong(x, "an attribute is name=\"value\"");
    ++*at;
    skip_space(x, at);
    quote = *at < x->len ? x->text[*at] : '\0';
    if (quote != '"' && quote != '\'')
        return xml_wrong(x, "an attribute is name=\"value\"");
    ++*at;
    end = memchr(x->text + *at, quote, x->len - *at);
    if (end == NULL)
        return xml_wrong(x, "an attribute's value has no end");
    a.value = (struct slice){x->text + *at, (size_t)(end - (x->text + *at))};
    *at += a.value.len + 1;
    if (memchr(a.value.ptr, '<', a.value.len) != NULL)
        return xml_wrong(x, "an attribute's value has a `<`");
    for (unsigned i = 0; i < x->attributes; i++) {
        if (slice_eq(x->attribute[i].name, a.name))
            return xml_wrong(x, "an attribute stands twice");
    }
    if (x->attributes == XML_ATTRIBUTES)
        return xml_wrong(x, "an element has more than 64 attributes");
    x->attribute[x->attributes++] = a;
    return 0;
}

static int
take_open(struct xml *x)
{
    size_t at = x->at + 1;
    size_t before;
    int r = 0;

    x->name = take_name(x, &at);
    x->attributes = 0;
    if (x->name.len == 0)
        return xml_wrong(x, "a `<` stands before no name");
    if (x->depth == 0 && x->rooted)
        return xml_wrong(x, "a second element stands behind the outermost");
    if (x->depth == XML_DEPTH)
        return xml_wrong(x, "elements stand inside each other more than 64 deep");
    for (;;) {
        before = at;
        skip_space(x, &at);
        if (at >= x->len)
            return xml_wrong(x, "ends too early");
        if (x->text[at] == '>' || x->text[at] == '/')
            break;
        if (at == before)
            return xml_wrong(x, "a blank is missing before an attribute");
        r = take_attribute(x, &at);
        if (r < 0)
            return r;
    }
    x->empty = x->text[at] == '/';
    at += x->empty;
    if (at >= x->len || x->text[at] != '>')
        return xml_wrong(x, at >= x->len ? "ends too early" : "a `/` stands inside an element");
    advance(x, at + 1);
    for (unsigned i = 0; r == 0 && i < x->attributes; i++)
        r = decode(x, &x->attribute[i].value);
    x->open[x->depth++] = x->name;
    x->rooted = true;
    return r < 0 ? r : XML_OPEN;
}

static int
take_close(struct xml *x)
{
    size_t at = x->at + 2;

    x->name = take_name(x, &at);
    skip_space(x, &at);
    if (at >= x->len)
        return xml_wrong(x, "ends too early");
    if (x->text[at] != '>' || x->depth == 0 || !slice_eq(x->open[x->depth - 1], x->name))
        return xml_wrong(x, "closes what is not open");
    advance(x, at + 1);
    x->depth--;
    return XML_CLOSE;
}

/* ---- the rest ---------------------------------------------------------------------------- */

/* Behind `end`; what stands before it in *ret. */
static int
pass(struct xml *x, size_t from, const char *end, struct slice *ret)
{
    const char *mark =
        from > x->len ? NULL : memmem(x->text + from, x->len - from, end, strlen(end));

    if (mark == NULL)
        return xml_wrong(x, "ends too early");
    *ret = (struct slice){x->text + from, (size_t)(mark - (x->text + from))};
    advance(x, (size_t)(mark - x->text) + strlen(end));
    return 0;
}

static int
pass_doctype(struct xml *x)
{
    char quote = '\0';

    if (x->rooted)
        return xml_wrong(x, "a document type stands before all elements");
    for (size_t at = x->at; at < x->len; at++) {
        char c = x->text[at];

        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '[') {
            return xml_wrong(x, "a document type with declarations of its own is not read");
        } else if (c == '>') {
            advance(x, at + 1);
            return 0;
        }
    }
    return xml_wrong(x, "ends too early");
}

static int
take_text(struct xml *x)
{
    struct slice rest = rest_of(x);
    int r;

    x->chars = slice_part(&rest, '<');
    if (x->depth > 0) {
        advance(x, x->at + x->chars.len);
        r = decode(x, &x->chars);
        return r < 0 ? r : XML_TEXT;
    }
    for (size_t i = 0; i < x->chars.len; i++) {
        if (!is_space(x->chars.ptr[i]))
            return xml_wrong(x, x->rooted ? "text stands behind the outermost element"
                                          : "is no XML: text stands before all elements");
    }
    advance(x, x->at + x->chars.len);
    return 0;
}

/* One piece: an event, 0 for what is passed over, an error. */
static int
take_piece(struct xml *x)
{
    struct slice passed;
    int r;

    if (x->text[x->at] != '<')
        return take_text(x);
    if (begins(x, "</"))
        return take_close(x);
    if (begins(x, "<?"))
        return pass(x, x->at + 2, "?>", &passed);
    if (begins(x, "<!--"))
        return pass(x, x->at + 4, "-->", &passed);
    if (begins(x, "<!DOCTYPE"))
        return pass_doctype(x);
    if (!begins(x, "<![CDATA["))
        return take_open(x);
    if (x->depth == 0)
        return xml_wrong(x, "text stands outside all elements");
    r = pass(x, x->at + 9, "]]>", &x->chars);
    return r < 0 ? r : XML_TEXT;
}

int
xml_open(struct xml *x, char *text, size_t len, struct errinfo *ei)
{
    struct slice rest = {text, len};
    struct slice line;

    *x = (struct xml){.len = len, .line = 1, .ei = ei};
    x->text = text;
    if (slice_is(slice_sub(rest, 0, 3), "\xef\xbb\xbf"))
        x->at = x->line_start = 3;
    if (utf8_ok(rest))
        return 0;
    for (; slice_line(&rest, &line); x->line++) {
        if (!utf8_ok(line))
            break;
    }
    return err_at(ei, ERR_INVALID, x->line, 1, "is no UTF-8");
}

int
xml_next(struct xml *x)
{
    int r = 0;

    if (x->empty) {
        x->empty = false;
        x->depth--;
        return XML_CLOSE;
    }
    while (r == 0) {
        begin_piece(x);
        if (x->at < x->len)
            r = take_piece(x);
        else if (x->depth > 0)
            return xml_wrong(x, "ends too early");
        else
            return x->rooted ? XML_END : xml_wrong(x, "has no element");
    }
    return r;
}

struct slice
xml_get(const struct xml *x, const char *attribute)
{
    for (unsigned i = 0; i < x->attributes; i++) {
        if (slice_is(x->attribute[i].name, attribute))
            return x->attribute[i].value;
    }
    return (struct slice){"", 0};
}
