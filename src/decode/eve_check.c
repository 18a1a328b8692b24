/* The whole grammar of one record (RFC 8259), for records that become evidence: what jq or
 * Python's json would refuse is refused here. */
#include "decode/eve_shape_priv.h"

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

/* A string is sound by being one: what is behind its closing quote, and is not white space,
 * starts another token.  So only escapes are left to look at; a backslash that is not in a
 * string stands in some other scalar, which is none then. */
static bool
sound_escapes(const char *p, size_t len)
{
    for (size_t i = 0; i < len;) {
        const char *next = memchr(p + i, '\\', len - i);
        size_t n;

        if (next == NULL)
            return true;
        i = (size_t)(next - p);
        n = escape_len(p, i, len);
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

/* A number of up to 7 digits, or `true,`: what most scalars are.  8 bytes can be read. */
static inline bool
is_short_number(const char *p, uint32_t len)
{
    uint64_t unused;

    if (len <= 7 && eve_digits(p, len, &unused))
        return p[0] != '0' || len == 1;
    return len == 4 && memcmp(p, "true", 4) == 0;
}

/* The scalar at token i, which is no string. */
static bool
sound_number_at(const struct eve_walk *w, uint32_t i)
{
    struct token t = eve_token(w->text, w->at[i], w->at[i + 1]);
    struct slice s = {w->text + t.at, t.len};

    return sound_number(s.ptr, t.len) || slice_eq(s, SLICE("true")) ||
           slice_eq(s, SLICE("false")) || slice_eq(s, SLICE("null"));
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

bool
eve_check_order(const struct eve_walk *w)
{
    struct level l = {0};
    uint32_t last = w->count - 1;
    uint32_t i = 0;
    bool done = false;

    /* The walk found the closing bracket at `last`, so no step below passes it unnoticed. */
    while (i <= last && !done) {
        char c;
        bool closed = false;

        if (in_object(&l)) {
            if (w->first[i] != '"' || w->first[i + 1] != ':')
                return false;
            i += 2;
        }
        c = w->first[i];
        if (c == '{' || c == '[') {
            if (!open_bracket(w, &l, &i, &closed))
                return false;
            if (!closed)
                continue;
        } else if (c == '"' || eve_is_number(c)) {
            i++;
        } else {
            return false;
        }
        if (i > last || !behind_value(w, &l, &i, &done))
            return false;
    }
    return done && i == last + 1;
}

bool
eve_check_scalars(const struct eve_walk *w)
{
    uint32_t from = w->at[0];

    if (w->shape == NULL) {
        for (uint32_t i = 0; i < w->count; i++) {
            if (eve_is_number(w->first[i]) && !sound_number_at(w, i))
                return false;
        }
    } else {
        for (unsigned k = 0; k < w->shape->numbers; k++) {
            uint32_t i = w->shape->number[k];

            if (!is_short_number(w->text + w->at[i], w->at[i + 1] - w->at[i]) &&
                !sound_number_at(w, i))
                return false;
        }
    }
    return !w->escapes || sound_escapes(w->text + from, w->at[w->count - 1] - from);
}
