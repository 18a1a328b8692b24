#include "vuln/purl.h"

#include "wire/utf8.h"

struct parsing {
    struct slice all;
    struct purl *p;
    size_t used;
    const char *why;
    size_t at;
};

static void
wrong(struct parsing *g, const char *at, const char *why)
{
    if (g->why != NULL)
        return;
    g->why = why;
    g->at = (size_t)(at - g->all.ptr);
}

static char
low(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void
lower(struct purl *p, struct slice s)
{
    char *at = p->text + (s.len == 0 ? 0 : s.ptr - p->text);

    for (size_t i = 0; i < s.len; i++)
        at[i] = low(at[i]);
}

static int
hex(char c)
{
    return c >= '0' && c <= '9'             ? c - '0'
           : low(c) >= 'a' && low(c) <= 'f' ? low(c) - 'a' + 10
                                            : -1;
}

/* What is put is never longer than what it is made of, so it has room. */
static void
put(struct parsing *g, char c)
{
    g->p->text[g->used++] = c;
}

static struct slice
got(const struct parsing *g, size_t from)
{
    return (struct slice){g->p->text + from, g->used - from};
}

/* RFC 3986, 2.1 */
static struct slice
decode(struct parsing *g, struct slice s)
{
    size_t from = g->used;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (c == '%') {
            int high = i + 2 < s.len ? hex(s.ptr[i + 1]) : -1;
            int least = i + 2 < s.len ? hex(s.ptr[i + 2]) : -1;

            if (high < 0 || least < 0) {
                wrong(g, s.ptr + i, "`%` stands before two hexadecimal digits");
                break;
            }
            c = (char)(high * 16 + least);
            i += 2;
        }
        if ((unsigned char)c < 0x20 || c == 0x7f)
            wrong(g, s.ptr, "it has no control characters");
        put(g, c);
    }
    if (!utf8_ok(got(g, from)))
        wrong(g, s.ptr, "it is UTF-8");
    return got(g, from);
}

/* What stands behind the last such byte is cut off *s. */
static bool
cut(struct slice *s, char at, struct slice *behind)
{
    const char *mark = s->len == 0 ? NULL : memrchr(s->ptr, at, s->len);
    size_t n = mark == NULL ? s->len : (size_t)(mark - s->ptr);

    *behind = slice_sub(*s, n + (mark != NULL), s->len);
    *s = slice_sub(*s, 0, n);
    return mark != NULL;
}

/* Segments, decoded; empty ones fall out, of a subpath those that lead elsewhere too. */
static struct slice
segments(struct parsing *g, struct slice s, bool subpath)
{
    size_t from = g->used;

    while (s.len > 0) {
        size_t before = g->used;
        struct slice part = slice_part(&s, '/');
        struct slice text;

        if (part.len == 0)
            continue;
        if (g->used > from)
            put(g, '/');
        text = decode(g, part);
        if (subpath && memchr(text.ptr, '/', text.len) != NULL)
            wrong(g, part.ptr, "a part of the subpath has no `/`");
        if (subpath && (slice_is(text, ".") || slice_is(text, "..")))
            g->used = before;
    }
    return got(g, from);
}

/* Letters, digits and . - _ (of a type + too), a letter first; made small. */
static struct slice
word(struct parsing *g, struct slice s, const char *others)
{
    size_t from = g->used;

    for (size_t i = 0; i < s.len; i++) {
        char c = low(s.ptr[i]);
        bool letter = c >= 'a' && c <= 'z';

        if (!letter && (i == 0 || ((c < '0' || c > '9') && strchr(others, c) == NULL))) {
            wrong(g, s.ptr + i, "type and keys are of letters, digits and a few signs");
            break;
        }
        put(g, c);
    }
    return got(g, from);
}

static void
read_qualifiers(struct parsing *g, struct slice s)
{
    struct purl *p = g->p;

    while (s.len > 0 && g->why == NULL) {
        struct slice value = slice_part(&s, '&');
        struct slice key = slice_part(&value, '=');

        if (value.len == 0)
            continue;
        if (p->qualifiers == PURL_QUALIFIERS) {
            wrong(g, key.ptr, "it has more than 32 qualifiers");
            return;
        }
        if (key.len == 0)
            wrong(g, value.ptr, "a qualifier is key=value");
        p->qualifier[p->qualifiers].key = word(g, key, ".-_");
        p->qualifier[p->qualifiers++].value = decode(g, value);
    }
}

/* Types whose packages have no case, by the definitions of purl-spec: namespace, name. */
static void
normalise(struct purl *p)
{
    static const struct {
        const char *type;
        bool space;
        bool name;
    } list[] = {{"alpm", true, true},    {"apk", true, true},      {"bitbucket", true, true},
                {"bitnami", true, true}, {"composer", true, true}, {"deb", true, true},
                {"github", true, true},  {"hex", true, true},      {"luarocks", true, true},
                {"oci", true, true},     {"pub", true, true},      {"pypi", true, true},
                {"qpkg", true, false},   {"rpm", true, false}};

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (!slice_is(p->type, list[i].type))
            continue;
        lower(p, list[i].space ? p->space : SLICE(""));
        lower(p, list[i].name ? p->name : SLICE(""));
    }
    if (slice_is(p->type, "pypi")) {
        for (char *c = p->text + (p->name.ptr - p->text); c < p->name.ptr + p->name.len; c++)
            *c = *c == '_' ? '-' : *c;
    }
}

/* The `@` between them begins a part that is not the last: npm's, which should be %40. */
static bool
is_scope(struct slice before, struct slice behind)
{
    return (before.len == 0 || before.ptr[before.len - 1] == '/') && behind.len > 0 &&
           memchr(behind.ptr, '/', behind.len) != NULL;
}

/* Behind the scheme: type, namespace, name, version. */
static void
read_path(struct parsing *g, struct slice rest)
{
    struct purl *p = g->p;
    struct slice before = rest;
    struct slice behind;

    while (rest.len > 0 && rest.ptr[0] == '/')
        rest = slice_sub(rest, 1, rest.len);
    p->type = word(g, slice_part(&rest, '/'), ".-+");
    if (p->type.len == 0)
        wrong(g, before.ptr, "a type is missing");
    before = rest;
    if (cut(&before, '@', &behind) && !is_scope(before, behind)) {
        p->version = decode(g, behind);
        rest = before;
    }
    while (rest.len > 0 && rest.ptr[rest.len - 1] == '/')
        rest.len--;
    before = rest;
    if (cut(&rest, '/', &behind)) {
        p->space = segments(g, rest, false);
        p->name = decode(g, behind);
    } else {
        p->name = decode(g, before);
    }
    if (p->name.len == 0)
        wrong(g, before.ptr, "a name is missing");
}

const char *
purl_parse(struct slice text, struct purl *ret, size_t *ret_at)
{
    struct parsing g = {.all = text, .p = ret};
    struct slice rest = text;
    struct slice subpath;
    struct slice qualifiers;
    struct slice scheme;

    *ret_at = 0;
    ret->space = ret->version = ret->subpath = (struct slice){"", 0};
    ret->qualifiers = 0;
    if (text.len >= PURL_BYTES)
        return "it is longer than 2047 bytes";
    (void)cut(&rest, '#', &subpath);
    (void)cut(&rest, '?', &qualifiers);
    scheme = slice_part(&rest, ':');
    if (scheme.len != 3 || low(scheme.ptr[0]) != 'p' || low(scheme.ptr[1]) != 'k' ||
        low(scheme.ptr[2]) != 'g')
        return "it begins with `pkg:`";
    read_path(&g, rest);
    read_qualifiers(&g, qualifiers);
    ret->subpath = segments(&g, subpath, true);
    if (g.why == NULL)
        normalise(ret);
    *ret_at = g.why == NULL ? 0 : g.at;
    return g.why;
}

struct slice
purl_get(const struct purl *p, const char *key)
{
    for (unsigned i = 0; i < p->qualifiers; i++) {
        if (slice_is(p->qualifier[i].key, key))
            return p->qualifier[i].value;
    }
    return (struct slice){"", 0};
}
