/* The whole grammar of one record (RFC 8259), for records that become evidence: what jq or
 * Python's json would refuse is refused here. */
#include "decode/eve_priv.h"

/* Where the check stands: for each level that is open, a bit that tells whether it is an
 * object. */
struct level {
    uint64_t objects[EVE_DEPTH / 64];
    unsigned depth;
    unsigned weight; /* of all levels, as jq counts them */
};

static inline bool
in_object(const struct level *l)
{
    unsigned top = l->depth - 1;

    return l->depth > 0 && l->objects[top / 64] >> top % 64 & 1;
}

/* The escape behind the backslash at p[i] of a string that ends at `end`: its length, 0 when
 * it is none.  The first half of a surrogate pair needs the second one; a second half alone
 * stands for U+FFFD. */
static size_t
escape_len(const char *p, size_t i, size_t end)
{
    int c;

    if (i + 1 >= end)
        return 0;
    if (p[i + 1] != 'u')
        return p[i + 1] != '\0' && strchr("\"\\/bfnrt", p[i + 1]) != NULL ? 2 : 0;
    c = i + 6 > end ? -1 : eve_hex4(p + i + 2);
    if (c < 0xd800 || c > 0xdbff)
        return c < 0 ? 0 : 6;
    if (i + 12 > end || p[i + 6] != '\\' || p[i + 7] != 'u')
        return 0;
    c = eve_hex4(p + i + 8);
    return c >= 0xdc00 && c <= 0xdfff ? 12 : 0;
}

/* With escapes.  A string without any is sound by being one: what is behind its closing
 * quote, and is not white space, starts another token. */
static bool
sound_string(struct slice s)
{
    const char *p = s.ptr;
    size_t len = s.len;

    if (len < 2 || p[0] != '"' || p[len - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < len;) {
        size_t n = p[i] == '\\' ? escape_len(p, i, len - 1) : p[i] != '"';

        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

static uint32_t
digits(const char *p, uint32_t i, uint32_t len)
{
    while (i < len && p[i] >= '0' && p[i] <= '9')
        i++;
    return i;
}

/* RFC 8259 section 6. */
static bool
sound_number(const char *p, uint32_t len)
{
    uint32_t i = len > 0 && p[0] == '-';
    uint32_t from = i;

    i = digits(p, i, len);
    if (i == from || (i - from > 1 && p[from] == '0'))
        return false;
    if (i < len && p[i] == '.') {
        from = ++i;
        i = digits(p, i, len);
        if (i == from)
            return false;
    }
    if (i < len && (p[i] == 'e' || p[i] == 'E')) {
        i++;
        i += i < len && (p[i] == '+' || p[i] == '-');
        from = i;
        i = digits(p, i, len);
        if (i == from)
            return false;
    }
    return i == len;
}

static bool
sound_scalar(struct slice s)
{
    if (s.ptr[0] == '"')
        return sound_string(s);
    return sound_number(s.ptr, (uint32_t)s.len) || slice_eq(s, SLICE("true")) ||
           slice_eq(s, SLICE("false")) || slice_eq(s, SLICE("null"));
}

/* The token at i, up to the next one, without the white space between. */
static struct slice
token_text(const struct eve_walk *w, uint32_t i)
{
    struct token t = eve_token(w->text, w->at[i], w->at[i + 1]);

    return (struct slice){w->text + t.at, t.len};
}

/* Behind a value: how many closing brackets follow is up to the levels that are open.  True
 * when the record goes on at *i; *done when its last level closed there. */
static bool
behind_value(const struct eve_walk *w, struct level *l, uint32_t *i, bool *done)
{
    while (l->depth > 0 && w->first[*i] == (in_object(l) ? '}' : ']')) {
        l->weight -= in_object(l) ? 2 : 1;
        l->depth--;
        ++*i;
    }
    *done = l->depth == 0;
    return *done || w->first[(*i)++] == ',';
}

/* An opening bracket at *i; *closed when nothing stands inside. */
static bool
open_bracket(const struct eve_walk *w, struct level *l, uint32_t *i, bool *closed)
{
    bool object = w->first[*i] == '{';
    uint64_t bit = UINT64_C(1) << l->depth % 64;
    uint64_t *objects = &l->objects[l->depth / 64];

    if (l->weight >= EVE_DEPTH)
        return false;
    *objects = object ? *objects | bit : *objects & ~bit;
    l->depth++;
    l->weight += object ? 2 : 1;
    ++*i;
    *closed = w->first[*i] == (object ? '}' : ']');
    return true;
}

/* Members from token i on that are `"key":"text",` or `"key":digits,` which is most of
 * them, where no string has escapes: gives the first token that is not such a member's. */
static uint32_t
plain_members(const struct eve_walk *w, uint32_t i)
{
    const char *text = w->text;

    for (;; i += 4) {
        const uint32_t *at = w->at + i;
        char value = w->first[i + 2];

        if (!eve_is_member(w->first + i) ||
            (value != '"' &&
             (value < '1' || value > '9' || digits(text, at[2], at[3]) != at[3])))
            break;
    }
    return i;
}

bool
eve_check_record(const struct eve_walk *w, uint32_t first, uint32_t last)
{
    struct level l = {0};
    uint32_t i = first;
    bool escapes = w->escapes;
    bool done = false;

    /* The walk found the closing bracket at `last`, so no step below passes it unnoticed. */
    while (i <= last && !done) {
        char c;
        bool closed = false;

        if (in_object(&l)) {
            if (!escapes)
                i = plain_members(w, i);
            if (w->first[i] != '"' || w->first[i + 1] != ':' ||
                (escapes && !sound_string(token_text(w, i))))
                return false;
            i += 2;
        }
        c = w->first[i];
        if (c == '{' || c == '[') {
            if (!open_bracket(w, &l, &i, &closed))
                return false;
            if (!closed)
                continue;
        } else if ((escapes || c != '"') && !sound_scalar(token_text(w, i))) {
            return false;
        } else {
            i++;
        }
        if (i > last || !behind_value(w, &l, &i, &done))
            return false;
    }
    return done && i == last + 1;
}
