#include "wire/yaml.h"

#include <yaml.h>

#include "base/buf.h"
#include "wire/utf8.h"

struct reader {
    struct arena *arena;
    struct slice text;
    struct errinfo *ei;
    yaml_parser_t parser;
    unsigned nodes;
    /* Where a line starts, for columns in bytes, and where the column in it stands that was
     * asked for last; places are asked for in rising order. */
    unsigned line;
    size_t line_at;
    size_t column;
    size_t column_at;
    /* The open maps and lists. */
    struct {
        struct yaml_node *node;
        struct yaml_node *last; /* child */
        struct yaml_node *key;  /* waiting for its value */
    } open[YAML_DEPTH];
    unsigned depth;
    struct yaml_node *root;
};

/* libyaml counts characters; editors and compilers count bytes. */
static unsigned
byte_column(struct reader *r, yaml_mark_t mark)
{
    bool same = r->line == mark.line && r->column <= mark.column && r->column_at > 0;
    size_t at;

    if (mark.line < r->line) {
        r->line = 0;
        r->line_at = 0;
    }
    while (r->line < mark.line && r->line_at < r->text.len) {
        if (r->text.ptr[r->line_at++] == '\n')
            r->line++;
    }
    at = same ? r->column_at : r->line_at;
    for (size_t i = same ? r->column : 0; i < mark.column && at < r->text.len; i++) {
        at++;
        while (at < r->text.len && ((unsigned char)r->text.ptr[at] & 0xc0) == 0x80)
            at++;
    }
    r->column = mark.column;
    r->column_at = at;
    return (unsigned)(at - r->line_at) + 1;
}

static int
refuse(struct reader *r, int err, yaml_mark_t mark, const char *what)
{
    return err_at(r->ei, err, (unsigned)mark.line + 1, byte_column(r, mark), "%s", what);
}

/* What libyaml would take for something else than we do: other line ends, other encodings. */
static int
check_bytes(struct slice text, struct errinfo *ei)
{
    unsigned line = 1;
    size_t start = 0;

    if (text.len > YAML_BYTES)
        return err_at(ei, ERR_LIMIT, 1, 1, "is longer than %u bytes", YAML_BYTES);
    for (size_t i = 0; i < text.len;) {
        unsigned char c = (unsigned char)text.ptr[i];
        uint32_t point = c;
        size_t n = c < 0x80 ? 1
                            : utf8_next((const unsigned char *)text.ptr + i,
                                        (const unsigned char *)text.ptr + text.len, &point);
        const char *why = NULL;

        if (n == 0)
            why = "is no UTF-8";
        else if (c == '\r' && (i + 1 == text.len || text.ptr[i + 1] != '\n'))
            why = "a carriage return without a line end";
        else if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f ||
                 (point >= 0x80 && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
                 point == 0xfeff || point >= 0xfffe)
            why = "a control character";
        if (why != NULL)
            return err_at(ei, ERR_INVALID, line, (unsigned)(i - start) + 1, "%s", why);
        i += n;
        if (c == '\n') {
            line++;
            start = i;
        }
    }
    return 0;
}

static struct yaml_node *
new_node(struct reader *r, enum yaml_kind kind, yaml_mark_t mark)
{
    struct yaml_node *n;

    if (r->nodes++ == YAML_NODES) {
        (void)refuse(r, ERR_LIMIT, mark, "more than 10,000 keys and values");
        return NULL;
    }
    n = arena_alloc(r->arena, sizeof *n);
    if (n == NULL) {
        (void)err_set(r->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
        return NULL;
    }
    n->kind = kind;
    n->line = (unsigned)mark.line + 1;
    n->column = byte_column(r, mark);
    return n;
}

/* The same key in the map that is open now. */
static const struct yaml_node *
find_key(const struct reader *r, struct slice text)
{
    const struct yaml_node *n = r->open[r->depth - 1].node->first;

    while (n != NULL && !slice_eq(n->key->text, text))
        n = n->next;
    return n;
}

static int
take_key(struct reader *r, struct yaml_node *n, yaml_mark_t mark)
{
    const struct yaml_node *before;

    if (n->kind != YAML_SCALAR)
        return refuse(r, ERR_INVALID, mark, "a key must be a single word, not a map or list");
    if (n->plain && slice_is(n->text, "<<"))
        return refuse(r, ERR_INVALID, mark, "merge keys (`<<`) are not supported");
    before = find_key(r, n->text);
    if (before != NULL)
        return err_at(r->ei, ERR_INVALID, n->line, n->column,
                      "key \"%.64s\" stands here for the second time (first in line %u)",
                      n->text.ptr, before->key->line);
    r->open[r->depth - 1].key = n;
    return 0;
}

/* Hang a finished scalar or an opened map or list into the tree. */
static int
place(struct reader *r, struct yaml_node *n, yaml_mark_t mark)
{
    struct yaml_node *parent = r->depth == 0 ? NULL : r->open[r->depth - 1].node;

    if (parent == NULL) {
        r->root = n;
        return 0;
    }
    if (parent->kind == YAML_MAP && r->open[r->depth - 1].key == NULL)
        return take_key(r, n, mark);
    n->key = r->open[r->depth - 1].key;
    r->open[r->depth - 1].key = NULL;
    if (r->open[r->depth - 1].last == NULL)
        parent->first = n;
    else
        r->open[r->depth - 1].last->next = n;
    r->open[r->depth - 1].last = n;
    parent->count++;
    return 0;
}

static int
take_scalar(struct reader *r, const yaml_event_t *e)
{
    struct yaml_node *n = new_node(r, YAML_SCALAR, e->start_mark);
    size_t len = e->data.scalar.length;
    char *text;

    if (n == NULL)
        return r->nodes > YAML_NODES ? ERR_LIMIT : ERR_NOMEM;
    if (e->data.scalar.anchor != NULL || e->data.scalar.tag != NULL)
        return refuse(r, ERR_INVALID, e->start_mark, "anchors and tags are not supported");
    if (memchr(e->data.scalar.value, 0, len) != NULL)
        return refuse(r, ERR_INVALID, e->start_mark, "a NUL character");
    text = arena_alloc(r->arena, len + 1);
    if (text == NULL)
        return err_set(r->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    memcpy(text, e->data.scalar.value, len);
    n->text = (struct slice){text, len};
    n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return place(r, n, e->start_mark);
}

static int
take_open(struct reader *r, const yaml_event_t *e, enum yaml_kind kind)
{
    struct yaml_node *n = new_node(r, kind, e->start_mark);
    const yaml_char_t *anchor =
        kind == YAML_MAP ? e->data.mapping_start.anchor : e->data.sequence_start.anchor;
    const yaml_char_t *tag =
        kind == YAML_MAP ? e->data.mapping_start.tag : e->data.sequence_start.tag;
    int err;

    if (n == NULL)
        return r->nodes > YAML_NODES ? ERR_LIMIT : ERR_NOMEM;
    if (anchor != NULL || tag != NULL)
        return refuse(r, ERR_INVALID, e->start_mark, "anchors and tags are not supported");
    if (r->depth == YAML_DEPTH)
        return refuse(r, ERR_LIMIT, e->start_mark, "nested more than 16 levels deep");
    err = place(r, n, e->start_mark);
    if (err < 0)
        return err;
    r->open[r->depth].node = n;
    r->open[r->depth].last = NULL;
    r->open[r->depth].key = NULL;
    r->depth++;
    return 0;
}

static int
take_document(struct reader *r, const yaml_event_t *e)
{
    if (r->root != NULL)
        return refuse(r, ERR_INVALID, e->start_mark, "a second document");
    if (e->data.document_start.version_directive != NULL ||
        e->data.document_start.tag_directives.start !=
            e->data.document_start.tag_directives.end)
        return refuse(r, ERR_INVALID, e->start_mark, "directives (`%`) are not supported");
    return 0;
}

/* 1 at the end of the stream. */
static int
take(struct reader *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT: return take_scalar(r, e);
    case YAML_SEQUENCE_START_EVENT: return take_open(r, e, YAML_LIST);
    case YAML_MAPPING_START_EVENT: return take_open(r, e, YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: r->depth--; return 0;
    case YAML_DOCUMENT_START_EVENT: return take_document(r, e);
    case YAML_ALIAS_EVENT:
        return refuse(r, ERR_INVALID, e->start_mark, "aliases (`*`) are not supported");
    case YAML_STREAM_END_EVENT: return 1;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    default: return 0;
    }
}

/* libyaml's own complaint, with the place it names. */
static int
refuse_syntax(struct reader *r)
{
    yaml_mark_t mark = r->parser.problem_mark;
    const char *problem = r->parser.problem == NULL ? "is no YAML" : r->parser.problem;
    const char *context = r->parser.context;

    if (r->parser.error == YAML_MEMORY_ERROR)
        return err_set(r->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    return err_at(r->ei, ERR_INVALID, (unsigned)mark.line + 1, byte_column(r, mark), "%s%s%s",
                  problem, context == NULL ? "" : " ", context == NULL ? "" : context);
}

static int
read_events(struct reader *r)
{
    int err = 0;

    while (err == 0) {
        yaml_event_t e;

        if (!yaml_parser_parse(&r->parser, &e))
            return refuse_syntax(r);
        err = take(r, &e);
        yaml_event_delete(&e);
    }
    return err < 0 ? err : 0;
}

int
yaml_parse(struct arena *a, struct slice text, const struct yaml_node **ret, struct errinfo *ei)
{
    struct reader r = {.arena = a, .text = text, .ei = ei};
    yaml_mark_t start = {0, 0, 0};
    int err = check_bytes(text, ei);

    if (err < 0)
        return err;
    if (!yaml_parser_initialize(&r.parser))
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &r.parser, (const unsigned char *)(text.len == 0 ? "" : text.ptr), text.len);
    err = read_events(&r);
    yaml_parser_delete(&r.parser);
    if (err < 0)
        return err;
    if (r.root == NULL || (r.root->plain && r.root->text.len == 0)) {
        r.root = new_node(&r, YAML_MAP, start);
        if (r.root == NULL)
            return ERR_NOMEM;
    }
    *ret = r.root;
    return 0;
}

const char *
yaml_kind_name(enum yaml_kind kind)
{
    static const char *const names[] = {"a value", "a list", "a map"};

    return names[kind];
}

/* Words and numbers that some reader takes for something else than text are quoted too. */
static bool
is_plain(struct slice s)
{
    static const char *const words[] = {"y",   "n",    "yes",   "no",  "on",
                                        "off", "true", "false", "null"};
    bool number = s.len > 0 && strchr("0123456789.", s.ptr[0]) != NULL;

    if (s.len == 0 || s.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        number = number && c != '/';
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            strchr("/._-", c) == NULL)
            return false;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (s.len == strlen(words[i]) && strncasecmp(s.ptr, words[i], s.len) == 0)
            return false;
    }
    return !number;
}

void
yaml_print(struct buf *to, struct slice text)
{
    if (is_plain(text)) {
        buf_slice(to, text);
        return;
    }
    buf_char(to, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '"' || c == '\\')
            buf_printf(to, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_printf(to, "\\x%02x", c);
        else if (c == 0xc2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xa0)
            buf_printf(to, "\\x%02x", (unsigned char)text.ptr[++i]);
        else
            buf_char(to, (char)c);
    }
    buf_char(to, '"');
}

/* Edit distance of short words (Levenshtein), for did-you-mean. */
static unsigned
distance(const char *a, const char *b)
{
    enum { MOST = 64 };
    unsigned row[MOST + 1];
    size_t n = strlen(b);

    if (n > MOST || strlen(a) > MOST)
        return MOST;
    for (unsigned k = 0; k <= n; k++)
        row[k] = k;
    for (unsigned i = 1; a[i - 1] != '\0'; i++) {
        unsigned corner = row[0];

        row[0] = i;
        for (size_t k = 1; k <= n; k++) {
            unsigned best = corner + (a[i - 1] != b[k - 1]);

            corner = row[k];
            if (row[k] + 1 < best)
                best = row[k] + 1;
            if (row[k - 1] + 1 < best)
                best = row[k - 1] + 1;
            row[k] = best;
        }
    }
    return row[n];
}

const char *
yaml_nearest(const char *word, const char *const *known, unsigned count)
{
    const char *near = NULL;
    unsigned best = (unsigned)strlen(word) / 3 + 1;

    for (unsigned i = 0; i < count; i++) {
        unsigned d = distance(word, known[i]);

        if (d <= best && (near == NULL || d < best)) {
            best = d;
            near = known[i];
        }
    }
    return near;
}
