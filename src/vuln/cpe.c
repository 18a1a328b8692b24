#include "vuln/cpe.h"

static const char hex_digits[] = "0123456789abcdef";

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* What both bindings leave as it is. */
static bool
is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/* ---- reading ----------------------------------------------------------------------------- */

struct reading {
    struct slice text;
    size_t at;
    struct cpe *to;
    size_t used; /* bytes of to->text */
    struct errinfo *ei;
};

/* The value that is being read. */
struct value {
    unsigned before;
    unsigned behind;
    size_t len;
};

static int
wrong(const struct reading *r, const char *what)
{
    return err_at(r->ei, ERR_INVALID, 0, (unsigned)r->at + 1, "%s", what);
}

static int
add_wildcard(const struct reading *r, struct value *v, char c)
{
    unsigned *side = v->len == 0 ? &v->before : &v->behind;

    if (*side == CPE_STAR || (*side > 0 && c == '*') || *side == CPE_MARKS)
        return wrong(r, "a wildcard stands alone, or is one of a few `?`");
    *side = c == '*' ? CPE_STAR : *side + 1;
    return 0;
}

static int
add_character(struct reading *r, struct value *v, char c)
{
    if (c <= ' ' || c > '~')
        return wrong(r, "a name has no blanks and nothing that is not ASCII");
    if (v->behind > 0)
        return wrong(r, "wildcards stand before or behind a value");
    if (v->len == CPE_TEXT || r->used == CPE_BYTES)
        return wrong(r, "is too long");
    r->to->text[r->used++] = lower(c);
    v->len++;
    return 0;
}

/* Characters that stand for themselves, as many as there are in one go: most names have nothing
 * else. */
static int
add_plain(struct reading *r, struct value *v)
{
    size_t from = r->at;
    size_t len;

    while (r->at < r->text.len && is_plain(r->text.ptr[r->at]))
        r->at++;
    len = r->at - from;
    if (len > 0 && v->behind > 0) {
        r->at = from;
        return wrong(r, "wildcards stand before or behind a value");
    }
    if (v->len + len > CPE_TEXT || r->used + len > CPE_BYTES)
        return wrong(r, "is too long");
    memcpy(r->to->text + r->used, r->text.ptr + from, len);
    r->used += len;
    v->len += len;
    return 0;
}

/* Keep it.  Without a character it is ANY, unless there are question marks. */
static int
end_value(struct reading *r, enum cpe_name name, struct value v)
{
    const char *text = r->to->text + r->used - v.len;
    bool any = v.len == 0 && (v.before == 0 || v.before == CPE_STAR);

    if (name == CPE_PART && !any &&
        (v.len != 1 || v.before > 0 || v.behind > 0 || memchr("aho", text[0], 3) == NULL))
        return wrong(r, "the part is `a`, `h` or `o`");
    r->to->name[name].kind = any ? CPE_ANY : CPE_VALUE;
    r->to->name[name].before = any ? 0 : (uint8_t)v.before;
    r->to->name[name].behind = (uint8_t)v.behind;
    r->to->name[name].len = (uint8_t)v.len;
    r->to->name[name].at = (uint16_t)(r->used - v.len);
    return 0;
}

static void
set_logical(struct reading *r, enum cpe_name name, enum cpe_kind kind)
{
    memset(&r->to->name[name], 0, sizeof r->to->name[name]);
    r->to->name[name].kind = (uint8_t)kind;
}

/* A character alone up to the end of the component. */
static bool
take_logical(struct reading *r, enum cpe_name name, enum cpe_kind kind, char c)
{
    size_t next = r->at + 1;

    if (r->at == r->text.len || r->text.ptr[r->at] != c ||
        (next < r->text.len && r->text.ptr[next] != ':'))
        return false;
    set_logical(r, name, kind);
    r->at = next;
    return true;
}

/* 7695, 6.2.3: a component up to the next colon that is not quoted. */
static int
read_component(struct reading *r, enum cpe_name name)
{
    struct value v = {0};
    int e = 0;

    if (r->at == r->text.len || r->text.ptr[r->at] == ':')
        return wrong(r, "an attribute is missing");
    if (take_logical(r, name, CPE_ANY, '*') || take_logical(r, name, CPE_NA, '-'))
        return 0;
    while ((e = add_plain(r, &v)) == 0 && r->at < r->text.len && r->text.ptr[r->at] != ':') {
        char c = r->text.ptr[r->at];

        if (c == '*' || c == '?') {
            e = add_wildcard(r, &v, c);
        } else {
            if (c == '\\' && ++r->at == r->text.len)
                return wrong(r, "nothing is quoted");
            e = add_character(r, &v, r->text.ptr[r->at]);
        }
        if (e < 0)
            return e;
        r->at++;
    }
    return e < 0 ? e : end_value(r, name, v);
}

static int
read_formatted(struct reading *r)
{
    for (unsigned name = 0; name < CPE_NAMES; name++) {
        int e;

        if (name > 0 && (r->at == r->text.len || r->text.ptr[r->at++] != ':'))
            return wrong(r, "a name has eleven attributes");
        e = read_component(r, (enum cpe_name)name);
        if (e < 0)
            return e;
    }
    return r->at < r->text.len ? wrong(r, "a name has eleven attributes, and a colon that "
                                          "belongs to one of them is quoted")
                               : 0;
}

static int
take_percent(struct reading *r, char *ret)
{
    unsigned code = 0;

    for (unsigned i = 1; i <= 2; i++) {
        const char *digit = r->at + i < r->text.len && r->text.ptr[r->at + i] != '\0'
                                ? strchr(hex_digits, lower(r->text.ptr[r->at + i]))
                                : NULL;

        if (digit == NULL)
            return wrong(r, "`%` and two digits");
        code = code * 16 + (unsigned)(digit - hex_digits);
    }
    *ret = (char)code;
    return 0;
}

static bool
ends_uri(const struct reading *r, size_t at, bool packed)
{
    return at >= r->text.len || r->text.ptr[at] == ':' || (packed && r->text.ptr[at] == '~');
}

/* 7695, 6.1.3: a component, or one of those in a packed edition. */
static int
read_uri_component(struct reading *r, enum cpe_name name, bool packed)
{
    struct value v = {0};

    if (!ends_uri(r, r->at, packed) && r->text.ptr[r->at] == '-' &&
        ends_uri(r, r->at + 1, packed)) {
        set_logical(r, name, CPE_NA);
        r->at++;
        return 0;
    }
    for (; !ends_uri(r, r->at, packed); r->at++) {
        char c = r->text.ptr[r->at];
        int e;

        if (c != '%') {
            e = add_character(r, &v, c);
        } else {
            e = take_percent(r, &c);
            if (e == 0)
                e = c == 1   ? add_wildcard(r, &v, '?')
                    : c == 2 ? add_wildcard(r, &v, '*')
                             : add_character(r, &v, c);
            r->at += 2;
        }
        if (e < 0)
            return e;
    }
    return end_value(r, name, v);
}

/* 7695, 6.1.3.3: `~edition~sw_edition~target_sw~target_hw~other`. */
static int
read_packed(struct reading *r)
{
    static const enum cpe_name order[] = {CPE_EDITION, CPE_SW_EDITION, CPE_TARGET_SW,
                                          CPE_TARGET_HW, CPE_OTHER};

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        int e;

        if (r->at == r->text.len || r->text.ptr[r->at++] != '~')
            return wrong(r, "a packed edition has five `~`");
        e = read_uri_component(r, order[i], true);
        if (e < 0)
            return e;
    }
    return r->at < r->text.len && r->text.ptr[r->at] == '~'
               ? wrong(r, "a packed edition has five `~`")
               : 0;
}

static int
read_uri(struct reading *r)
{
    for (unsigned name = 0; name < CPE_NAMES; name++)
        set_logical(r, (enum cpe_name)name, CPE_ANY);
    for (unsigned name = 0; name <= CPE_LANGUAGE && r->at < r->text.len; name++) {
        int e;

        if (name > 0 && r->text.ptr[r->at] == ':')
            r->at++;
        e = name == CPE_EDITION && r->at < r->text.len && r->text.ptr[r->at] == '~'
                ? read_packed(r)
                : read_uri_component(r, (enum cpe_name)name, false);
        if (e < 0)
            return e;
    }
    return r->at < r->text.len ? wrong(r, "a name of 2.2 has seven components at most") : 0;
}

static bool
take_prefix(struct reading *r, struct slice prefix)
{
    for (size_t i = 0; i < prefix.len; i++) {
        if (i == r->text.len || lower(r->text.ptr[i]) != prefix.ptr[i])
            return false;
    }
    r->at = prefix.len;
    return true;
}

int
cpe_parse(struct slice text, struct cpe *ret, struct errinfo *ei)
{
    struct reading r = {.text = text, .to = ret, .ei = ei};

    if (take_prefix(&r, SLICE("cpe:2.3:")))
        return read_formatted(&r);
    if (take_prefix(&r, SLICE("cpe:/")))
        return read_uri(&r);
    return wrong(&r, "a name begins with `cpe:2.3:` or `cpe:/`");
}

struct cpe_value
cpe_get(const struct cpe *c, enum cpe_name name)
{
    return (struct cpe_value){(enum cpe_kind)c->name[name].kind,
                              c->name[name].before,
                              c->name[name].behind,
                              {c->text + c->name[name].at, c->name[name].len}};
}

/* ---- binding ----------------------------------------------------------------------------- */

static void
put_wildcard(struct buf *to, unsigned n, const char *star, const char *one)
{
    if (n == CPE_STAR)
        buf_text(to, star);
    else
        for (unsigned i = 0; i < n; i++)
            buf_text(to, one);
}

static void
put_formatted(struct buf *to, struct cpe_value v)
{
    bool hyphen = v.before == 0 && v.behind == 0 && slice_is(v.text, "-");

    if (v.kind != CPE_VALUE) {
        buf_char(to, v.kind == CPE_ANY ? '*' : '-');
        return;
    }
    put_wildcard(to, v.before, "*", "?");
    for (size_t i = 0; i < v.text.len;) {
        size_t from = i;

        while (i < v.text.len && !hyphen && is_plain(v.text.ptr[i]))
            i++;
        buf_slice(to, slice_sub(v.text, from, i - from));
        if (i < v.text.len) {
            buf_char(to, '\\');
            buf_char(to, v.text.ptr[i++]);
        }
    }
    put_wildcard(to, v.behind, "*", "?");
}

void
cpe_format(const struct cpe *c, struct buf *to)
{
    buf_text(to, "cpe:2.3");
    for (unsigned name = 0; name < CPE_NAMES; name++) {
        buf_char(to, ':');
        put_formatted(to, cpe_get(c, (enum cpe_name)name));
    }
}

static void
put_uri(struct buf *to, struct cpe_value v)
{
    bool hyphen = v.before == 0 && v.behind == 0 && slice_is(v.text, "-");

    if (v.kind != CPE_VALUE) {
        buf_text(to, v.kind == CPE_ANY ? "" : "-");
        return;
    }
    put_wildcard(to, v.before, "%02", "%01");
    for (size_t i = 0; i < v.text.len; i++) {
        char c = v.text.ptr[i];

        if (!hyphen && is_plain(c)) {
            buf_char(to, c);
            continue;
        }
        buf_char(to, '%');
        buf_char(to, hex_digits[c >> 4]);
        buf_char(to, hex_digits[c & 15]);
    }
    put_wildcard(to, v.behind, "%02", "%01");
}

void
cpe_format_uri(const struct cpe *c, struct buf *to)
{
    bool packed = false;
    size_t end;

    for (unsigned name = CPE_SW_EDITION; name <= CPE_OTHER; name++)
        packed = packed || c->name[name].kind != CPE_ANY;
    buf_text(to, "cpe:/");
    end = to->len;
    for (unsigned name = 0; name <= CPE_LANGUAGE; name++) {
        if (name > 0)
            buf_char(to, ':');
        if (name == CPE_EDITION && packed) {
            buf_char(to, '~');
            put_uri(to, cpe_get(c, CPE_EDITION));
            for (unsigned more = CPE_SW_EDITION; more <= CPE_OTHER; more++) {
                buf_char(to, '~');
                put_uri(to, cpe_get(c, (enum cpe_name)more));
            }
        } else {
            put_uri(to, cpe_get(c, (enum cpe_name)name));
        }
    }
    while (to->len > end && to->ptr[to->len - 1] == ':') /* 7695, 6.1.2.3: trailing blanks */
        to->len--;
}

bool
cpe_product(const struct cpe *c, struct buf *to)
{
    for (unsigned name = CPE_PART; name <= CPE_PRODUCT; name++) {
        if (c->name[name].kind == CPE_ANY || c->name[name].before > 0 ||
            c->name[name].behind > 0)
            return false;
    }
    for (unsigned name = CPE_PART; name <= CPE_PRODUCT; name++) {
        if (name > CPE_PART)
            buf_char(to, ':');
        put_formatted(to, cpe_get(c, (enum cpe_name)name));
    }
    return true;
}

/* ---- matching ---------------------------------------------------------------------------- */

static bool
has_wildcard(struct cpe_value v)
{
    return v.before > 0 || v.behind > 0;
}

/* The text stands in the target with no more before and behind it than the wildcards allow. */
static bool
is_match(struct cpe_value source, struct slice target)
{
    for (size_t at = 0; at + source.text.len <= target.len; at++) {
        size_t rest = target.len - at - source.text.len;

        if (source.before != CPE_STAR && at > source.before)
            return false;
        if ((source.behind == CPE_STAR || rest <= source.behind) &&
            slice_eq(slice_sub(target, at, source.text.len), source.text))
            return true;
    }
    return false;
}

enum cpe_relation
cpe_value_relation(struct cpe_value source, struct cpe_value target)
{
    if (has_wildcard(target))
        return CPE_UNDEFINED;
    if (source.kind != CPE_VALUE || target.kind != CPE_VALUE)
        return source.kind == target.kind ? CPE_EQUAL
               : source.kind == CPE_ANY   ? CPE_SUPERSET
               : target.kind == CPE_ANY   ? CPE_SUBSET
                                          : CPE_DISJOINT;
    if (has_wildcard(source))
        return is_match(source, target.text) ? CPE_SUPERSET : CPE_DISJOINT;
    return slice_eq(source.text, target.text) ? CPE_EQUAL : CPE_DISJOINT;
}

enum cpe_relation
cpe_relation(const struct cpe *source, const struct cpe *target)
{
    bool seen[CPE_EQUAL + 1] = {false};

    for (unsigned name = 0; name < CPE_NAMES; name++)
        seen[cpe_value_relation(cpe_get(source, (enum cpe_name)name),
                                cpe_get(target, (enum cpe_name)name))] = true;
    if (seen[CPE_DISJOINT])
        return CPE_DISJOINT;
    if (seen[CPE_UNDEFINED] || (seen[CPE_SUBSET] && seen[CPE_SUPERSET]))
        return CPE_UNDEFINED;
    return seen[CPE_SUBSET] ? CPE_SUBSET : seen[CPE_SUPERSET] ? CPE_SUPERSET : CPE_EQUAL;
}

bool
cpe_value_covers(struct cpe_value source, struct cpe_value target, bool lenient)
{
    enum cpe_relation r = cpe_value_relation(source, target);

    return r == CPE_SUPERSET || r == CPE_EQUAL || (lenient && target.kind == CPE_ANY);
}
