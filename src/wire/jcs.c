/* The check and the canonicaliser are one scanner: with `out` it writes the canonical form of
 * what it reads, without it demands that what it reads is that form already. */
#include "wire/jcs.h"

#include <stdlib.h>

#include "wire/jcs_priv.h"
#include "wire/utf8.h"

struct scan {
    const unsigned char *start;
    const unsigned char *at;
    const unsigned char *end;
    struct buf *out;       /* NULL: check only */
    struct jcs_pair *pair; /* of the outermost object; NULL: nobody asks */
    unsigned pair_max;
    unsigned pairs;
    bool whole; /* RFC 8785 without our limits on numbers, null and U+0000 */
    unsigned depth_max;
    struct buf members; /* stack of struct member: those of the objects that are open */
};

/* A member of an object as it stands in `out`. */
struct member {
    size_t key; /* offset of its first quote */
    size_t key_len;
    size_t end; /* behind its value */
};

static enum jcs_fault scan_value(struct scan *s, unsigned depth);

const char *
jcs_fault_name(enum jcs_fault fault)
{
    static const char *const names[] = {
        "ok",  "syntax",   "number",  "null", "duplicate-key", "surrogate", "utf8",
        "bom", "trailing", "control", "nul",  "depth",         "form"};

    return names[fault];
}

/* White space: skipped when rewriting, a fault of form when checking. */
static enum jcs_fault
scan_space(struct scan *s)
{
    while (s->at < s->end &&
           (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) {
        if (s->out == NULL)
            return JCS_FORM;
        s->at++;
    }
    return JCS_OK;
}

/* Take c, or fail. */
static enum jcs_fault
scan_byte(struct scan *s, char c)
{
    enum jcs_fault fault = scan_space(s);

    if (fault != JCS_OK)
        return fault;
    if (s->at == s->end || *s->at != (unsigned char)c)
        return JCS_SYNTAX;
    s->at++;
    if (s->out != NULL)
        buf_char(s->out, c);
    return JCS_OK;
}

static bool
peek(const struct scan *s, char c)
{
    return s->at < s->end && *s->at == (unsigned char)c;
}

/* ---- Strings ---- */

/* The escape of RFC 8785 3.2.2.2 for cp; 0 when it stands as it is. */
static unsigned
escape_of(uint32_t cp, char out[6])
{
    static const char hex[] = "0123456789abcdef";
    static const char named[] = "\bb\tt\nn\ff\rr\"\"\\\\"; /* pairs: character, its letter */

    if (cp >= 0x20 && cp != '"' && cp != '\\')
        return 0;
    out[0] = '\\';
    for (const char *n = named; *n != '\0'; n += 2) {
        if ((uint32_t)*n == cp) {
            out[1] = n[1];
            return 2;
        }
    }
    out[1] = 'u';
    out[2] = out[3] = '0';
    out[4] = hex[cp >> 4];
    out[5] = hex[cp & 15];
    return 6;
}

/* Four hex digits of either case at s->at. */
static enum jcs_fault
scan_hex4(struct scan *s, uint32_t *ret)
{
    uint32_t value = 0;

    if (s->end - s->at < 4)
        return JCS_SYNTAX;
    for (int i = 0; i < 4; i++) {
        unsigned c = *s->at++;
        unsigned digit = c >= '0' && c <= '9'   ? c - '0'
                         : c >= 'a' && c <= 'f' ? c - 'a' + 10
                         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                : 16;

        if (digit > 15)
            return JCS_SYNTAX;
        value = value << 4 | digit;
    }
    *ret = value;
    return JCS_OK;
}

/* \uXXXX, with its second half when it is a high surrogate. */
static enum jcs_fault
scan_unicode(struct scan *s, uint32_t *ret)
{
    uint32_t low = 0;
    enum jcs_fault fault = scan_hex4(s, ret);

    if (fault != JCS_OK)
        return fault;
    if (*ret == 0 && !s->whole)
        return JCS_NUL;
    if (*ret < 0xd800 || *ret > 0xdfff)
        return JCS_OK;
    if (*ret > 0xdbff || s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u')
        return JCS_SURROGATE;
    s->at += 2;
    fault = scan_hex4(s, &low);
    if (fault != JCS_OK)
        return fault;
    if (low < 0xdc00 || low > 0xdfff)
        return JCS_SURROGATE;
    *ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
    return JCS_OK;
}

/* An escape at s->at (its backslash). */
static enum jcs_fault
scan_escape(struct scan *s, uint32_t *ret)
{
    static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t"; /* pairs: letter, character */

    if (s->end - s->at < 2)
        return JCS_SYNTAX;
    s->at += 2;
    if (s->at[-1] == 'u')
        return scan_unicode(s, ret);
    for (const char *l = letters; *l != '\0'; l += 2) {
        if ((unsigned char)l[0] == s->at[-1]) {
            *ret = (unsigned char)l[1];
            return JCS_OK;
        }
    }
    return JCS_SYNTAX;
}

/* An escape: rewritten to the canonical form, or compared with it. */
static enum jcs_fault
string_escape(struct scan *s)
{
    const unsigned char *from = s->at;
    uint32_t cp = 0;
    char text[6];
    unsigned n;
    enum jcs_fault fault = scan_escape(s, &cp);

    if (fault != JCS_OK)
        return fault;
    n = escape_of(cp, text);
    if (s->out != NULL) {
        if (n == 0)
            n = utf8_put(cp, text);
        buf_add(s->out, text, n);
        return JCS_OK;
    }
    return n == (size_t)(s->at - from) && memcmp(from, text, n) == 0 ? JCS_OK : JCS_FORM;
}

/* Past the bytes that stand as they are. */
static enum jcs_fault
string_run(struct scan *s)
{
    const unsigned char *from = s->at;
    uint32_t cp;

    for (;;) {
        unsigned n;

        s->at += jcs_plain_run((const char *)s->at, (size_t)(s->end - s->at));
        if (s->at == s->end || *s->at == '"' || *s->at == '\\')
            break;
        if (*s->at < 0x20)
            return JCS_CONTROL;
        n = utf8_next(s->at, s->end, &cp);
        if (n == 0)
            return JCS_UTF8;
        s->at += n;
    }
    if (s->out != NULL)
        buf_add(s->out, from, (size_t)(s->at - from));
    return JCS_OK;
}

static enum jcs_fault
scan_string(struct scan *s)
{
    enum jcs_fault fault = scan_byte(s, '"');

    while (fault == JCS_OK) {
        fault = string_run(s);
        if (fault != JCS_OK)
            break;
        if (s->at == s->end)
            return JCS_SYNTAX;
        if (*s->at == '"')
            return scan_byte(s, '"');
        fault = string_escape(s);
    }
    return fault;
}

/* ---- Key order: UTF-16 code units (RFC 8785 3.2.3) ---- */

/* The next character of a canonical string's inside, as a number that sorts like its first
 * UTF-16 code unit: those above U+FFFF come before U+E000. */
static uint32_t
key_next(struct slice *s)
{
    const unsigned char *at = (const unsigned char *)s->ptr;
    struct scan escape = {.at = at, .end = at + s->len};
    uint32_t cp = 0;
    unsigned n = 1;

    if (*at == '\\') {
        (void)scan_escape(&escape, &cp);
        n = (unsigned)(escape.at - at);
    } else {
        n = utf8_next(at, at + s->len, &cp);
    }
    *s = slice_sub(*s, n == 0 ? 1 : n, s->len);
    if (cp < 0xd800)
        return cp;
    return cp < 0x10000 ? cp + 0x110000 : cp - 0x10000 + 0xd800;
}

static int
key_order(struct slice a, struct slice b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    size_t i = 0;

    /* Nearly all keys are plain ASCII, which sorts by its bytes. */
    while (i < shorter && a.ptr[i] == b.ptr[i] && a.ptr[i] > 0 && a.ptr[i] != '\\')
        i++;
    if (i < shorter && a.ptr[i] > 0 && b.ptr[i] > 0 && a.ptr[i] != '\\' && b.ptr[i] != '\\')
        return a.ptr[i] < b.ptr[i] ? -1 : 1;
    a = slice_sub(a, i, a.len);
    b = slice_sub(b, i, b.len);
    while (a.len > 0 && b.len > 0) {
        uint32_t x = key_next(&a);
        uint32_t y = key_next(&b);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return a.len > 0 ? 1 : b.len > 0 ? -1 : 0;
}

static struct slice
member_key(const struct buf *out, const struct member *m)
{
    return (struct slice){out->ptr + m->key + 1, m->key_len - 2};
}

static int
member_order(const void *a, const void *b, void *out)
{
    return key_order(member_key(out, a), member_key(out, b));
}

/* Bring the members from `first` on of the object that begins at `from` into order. */
static enum jcs_fault
sort_members(struct scan *s, size_t from, size_t first)
{
    struct member *m = (struct member *)(void *)(s->members.ptr + first);
    size_t count = (s->members.len - first) / sizeof *m;
    bool sorted = true;
    AUTO_BUF(copy, s->out->max);

    for (size_t i = 1; i < count && sorted; i++)
        sorted = member_order(&m[i - 1], &m[i], s->out) < 0;
    if (sorted)
        return JCS_OK;
    qsort_r(m, count, sizeof *m, member_order, s->out);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && member_order(&m[i - 1], &m[i], s->out) == 0)
            return JCS_DUPLICATE_KEY;
        if (i > 0)
            buf_char(&copy, ',');
        buf_add(&copy, s->out->ptr + m[i].key, m[i].end - m[i].key);
    }
    if (buf_error(&copy) != 0) {
        s->out->error = buf_error(&copy);
        return JCS_SYNTAX;
    }
    memcpy(s->out->ptr + from, copy.ptr, copy.len);
    return JCS_OK;
}

/* ---- Values: they nest, but no deeper than depth_max ---- */

/* NOLINTBEGIN(misc-no-recursion) */

static void
keep_pair(struct scan *s, struct slice key, const unsigned char *value)
{
    struct slice v = {(const char *)value, (size_t)(s->at - value)};

    if (s->pairs < s->pair_max)
        s->pair[s->pairs] = (struct jcs_pair){key, v};
    s->pairs++;
}

/* A member; last is the key before it (checking), and becomes this one. */
static enum jcs_fault
scan_member(struct scan *s, unsigned depth, struct slice *last)
{
    const unsigned char *from = s->at;
    struct member m = {.key = s->out == NULL ? 0 : s->out->len};
    struct slice key;
    enum jcs_fault fault = scan_string(s);

    if (fault != JCS_OK)
        return fault;
    if (s->out == NULL) {
        key = (struct slice){(const char *)from + 1, (size_t)(s->at - from) - 2};
        int order = last->ptr == NULL ? -1 : key_order(*last, key);

        if (order >= 0)
            return order == 0 ? JCS_DUPLICATE_KEY : JCS_FORM;
        *last = key;
    } else {
        m.key_len = s->out->len - m.key;
    }
    fault = scan_byte(s, ':');
    from = s->at;
    if (fault == JCS_OK)
        fault = scan_value(s, depth);
    if (fault == JCS_OK && depth == 1 && s->pair != NULL)
        keep_pair(s, *last, from);
    if (fault != JCS_OK || s->out == NULL)
        return fault;
    m.end = s->out->len;
    buf_add(&s->members, &m, sizeof m);
    return buf_error(&s->members) == 0 && buf_error(s->out) == 0 ? JCS_OK : JCS_SYNTAX;
}

static enum jcs_fault
scan_object(struct scan *s, unsigned depth)
{
    struct slice last = {NULL, 0};
    size_t first = s->members.len;
    enum jcs_fault fault = scan_byte(s, '{');
    size_t from = s->out == NULL ? 0 : s->out->len;

    if (fault == JCS_OK)
        fault = scan_space(s);
    if (fault == JCS_OK && peek(s, '}'))
        return scan_byte(s, '}');
    while (fault == JCS_OK) {
        fault = scan_space(s);
        if (fault == JCS_OK)
            fault = scan_member(s, depth, &last);
        if (fault == JCS_OK)
            fault = scan_space(s);
        if (fault != JCS_OK || !peek(s, ','))
            break;
        fault = scan_byte(s, ',');
    }
    if (fault == JCS_OK && s->out != NULL)
        fault = sort_members(s, from, first);
    s->members.len = first;
    return fault == JCS_OK ? scan_byte(s, '}') : fault;
}

static enum jcs_fault
scan_array(struct scan *s, unsigned depth)
{
    enum jcs_fault fault = scan_byte(s, '[');

    if (fault == JCS_OK)
        fault = scan_space(s);
    if (fault == JCS_OK && peek(s, ']'))
        return scan_byte(s, ']');
    while (fault == JCS_OK) {
        fault = scan_value(s, depth);
        if (fault == JCS_OK)
            fault = scan_space(s);
        if (fault != JCS_OK || !peek(s, ','))
            break;
        fault = scan_byte(s, ',');
    }
    return fault == JCS_OK ? scan_byte(s, ']') : fault;
}

static bool
is_number_byte(unsigned char c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

/* Any number of JSON, as the double that it is. */
static enum jcs_fault
scan_real(struct scan *s)
{
    const unsigned char *from = s->at;
    char text[JCS_REAL_TEXT];
    size_t n;

    while (s->at < s->end && is_number_byte(*s->at))
        s->at++;
    n = jcs_real((const char *)from, (size_t)(s->at - from), text);
    if (n > 0)
        buf_add(s->out, text, n);
    return n > 0 ? JCS_OK : JCS_NUMBER;
}

static enum jcs_fault
scan_number(struct scan *s)
{
    const unsigned char *from = s->at;
    bool negative = peek(s, '-');
    uint64_t n = 0;
    unsigned digits = 0;

    s->at += negative;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9' && digits < 17) {
        n = n * 10 + (*s->at++ - (unsigned)'0');
        digits++;
    }
    if (digits == 0 || (s->at < s->end && is_number_byte(*s->at)) || n > JCS_INT_MAX ||
        (digits > 1 && from[negative] == '0') || (negative && n == 0))
        return JCS_NUMBER;
    if (s->out != NULL)
        buf_add(s->out, from, (size_t)(s->at - from));
    return JCS_OK;
}

static bool
take_word(struct scan *s, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0)
        return false;
    s->at += n;
    if (s->out != NULL)
        buf_add(s->out, word, n);
    return true;
}

static enum jcs_fault
scan_word(struct scan *s)
{
    static const char *const numbers[] = {"NaN", "Infinity"};

    if (take_word(s, "true") || take_word(s, "false"))
        return JCS_OK;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (take_word(s, numbers[i]))
            return JCS_NUMBER;
    }
    if (!take_word(s, "null"))
        return JCS_SYNTAX;
    return s->whole ? JCS_OK : JCS_NULL;
}

/* depth: arrays and objects around this value. */
static enum jcs_fault
scan_value(struct scan *s, unsigned depth)
{
    enum jcs_fault fault = scan_space(s);

    if (fault != JCS_OK)
        return fault;
    if (s->at == s->end)
        return JCS_SYNTAX;
    if (*s->at == '{' || *s->at == '[') {
        if (depth == s->depth_max)
            return JCS_TOO_DEEP;
        return *s->at == '{' ? scan_object(s, depth + 1) : scan_array(s, depth + 1);
    }
    if (*s->at == '"')
        return scan_string(s);
    if (*s->at == '-' || *s->at == '+' || *s->at == '.' || (*s->at >= '0' && *s->at <= '9'))
        return s->whole ? scan_real(s) : scan_number(s);
    return scan_word(s);
}

/* NOLINTEND(misc-no-recursion) */

static enum jcs_fault
scan_all(struct scan *s)
{
    static const char bom[] = "\xef\xbb\xbf";
    enum jcs_fault fault;

    if (s->end - s->at >= 3 && memcmp(s->at, bom, 3) == 0)
        return JCS_BOM;
    fault = scan_value(s, 0);
    if (fault == JCS_OK && s->out != NULL)
        fault = scan_space(s);
    if (fault == JCS_OK && s->at != s->end)
        fault = JCS_TRAILING;
    return fault;
}

static enum jcs_fault
run(struct slice in, bool whole, struct buf *out, size_t *ret_at)
{
    const unsigned char *start = (const unsigned char *)(in.ptr == NULL ? "" : in.ptr);
    size_t before = out == NULL ? 0 : out->len;
    struct scan s = {.start = start,
                     .at = start,
                     .end = start + in.len,
                     .out = out,
                     .whole = whole,
                     .depth_max = whole ? JCS_DEPTH_WHOLE : JCS_DEPTH};
    enum jcs_fault fault;

    buf_init(&s.members, (size_t)1 << 26);
    fault = scan_all(&s);
    if (ret_at != NULL)
        *ret_at = (size_t)(s.at - s.start);
    if (out != NULL && out->error == 0)
        out->error = buf_error(&s.members);
    buf_release(&s.members);
    if (fault == JCS_OK && out != NULL && buf_error(out) != 0)
        fault = JCS_SYNTAX;
    if (fault != JCS_OK && out != NULL)
        out->len = before;
    return fault;
}

enum jcs_fault
jcs_check(struct slice s, size_t *ret_at)
{
    return run(s, false, NULL, ret_at);
}

enum jcs_fault
jcs_check_members(struct slice s, struct jcs_pair *ret, unsigned max, unsigned *ret_count)
{
    const unsigned char *start = (const unsigned char *)(s.ptr == NULL ? "" : s.ptr);
    struct scan scan = {.start = start,
                        .at = start,
                        .end = start + s.len,
                        .pair = ret,
                        .pair_max = max,
                        .depth_max = JCS_DEPTH};
    enum jcs_fault fault = scan_all(&scan);

    *ret_count = jcs_kind(s) == JCS_OBJECT ? scan.pairs : 0;
    return fault;
}

enum jcs_fault
jcs_canonical(struct slice s, struct buf *out, size_t *ret_at)
{
    return run(s, false, out, ret_at);
}

enum jcs_fault
jcs_canonical_whole(struct slice s, struct buf *out, size_t *ret_at)
{
    return run(s, true, out, ret_at);
}
