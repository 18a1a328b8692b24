/* One comparison, and what one object makes of those in brackets. */
#include "stix/pattern_priv.h"

#include <math.h>
#include <stdlib.h>

#include "stix/nfc.h"
#include "wire/base64.h"
#include "wire/hex.h"
#include "wire/utf8.h"

/* ---- values --------------------------------------------------------------------------------
 */

/* A value of an object as comparisons see it. */
enum seen_kind { SEEN_OTHER, SEEN_NUMBER, SEEN_TEXT, SEEN_BOOL, SEEN_BYTES };

struct seen {
    enum seen_kind kind;
    struct slice text; /* TEXT, BYTES */
    bool whole;        /* of a NUMBER, then number holds */
    int64_t number;
    double real;
    bool truth;
    char *owned;
};

static void
see_number(struct slice s, struct seen *ret)
{
    char text[64];
    char *end = NULL;

    ret->kind = SEEN_NUMBER;
    if (s.len >= sizeof text) {
        ret->kind = SEEN_OTHER;
        return;
    }
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    ret->whole = strpbrk(text, ".eE") == NULL;
    ret->real = strtod(text, &end);
    ret->number = ret->whole ? strtoll(text, &end, 10) : 0;
    ret->whole = ret->whole && ret->number != INT64_MAX && ret->number != INT64_MIN;
}

/* A property of bytes is written as hex digits or base64. */
static void
see_bytes(struct asking *a, struct slice s, bool hex, struct seen *ret)
{
    size_t n = s.len / 2;
    int r;

    ret->owned = malloc(s.len + 1);
    if (ret->owned == NULL) {
        a->no_memory = true;
        return;
    }
    if (hex)
        r = s.len % 2 != 0 ? ERR_INVALID : hex_decode(s, ret->owned, n);
    else
        r = base64_decode(s, ret->owned, s.len, &n);
    if (r < 0)
        return;
    ret->kind = SEEN_BYTES;
    ret->text = (struct slice){ret->owned, n};
}

static void
see(const struct dom *d, struct seen *ret)
{
    switch (d->kind) {
    case DOM_NUMBER: see_number(d->text, ret); break;
    case DOM_STRING:
        ret->kind = SEEN_TEXT;
        ret->text = d->text;
        break;
    case DOM_TRUE:
    case DOM_FALSE:
        ret->kind = SEEN_BOOL;
        ret->truth = d->kind == DOM_TRUE;
        break;
    case DOM_NULL:
    case DOM_ARRAY:
    case DOM_OBJECT: break;
    }
}

/* ---- comparisons ---------------------------------------------------------------------------
 */

/* Text against bytes: each code point is one; false: it has one above 255. */
static bool
compare_mixed(struct slice text, struct slice bytes, int *ret)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    const unsigned char *end = at + text.len;
    size_t i = 0;

    *ret = 0;
    while (at < end) {
        uint32_t cp = *at;
        unsigned n = cp < 0x80 ? 1 : utf8_next(at, end, &cp);

        if (cp > 255 || n == 0)
            return false;
        at += n;
        if (*ret == 0)
            *ret = i >= bytes.len                      ? 1
                   : cp != (unsigned char)bytes.ptr[i] ? (int)cp - (unsigned char)bytes.ptr[i]
                                                       : 0;
        i++;
    }
    if (*ret == 0 && i < bytes.len)
        *ret = -1;
    return true;
}

static int
compare_numbers(const struct seen *s, const struct value *v)
{
    if (s->whole && v->kind == VALUE_INT)
        return (s->number > v->number) - (s->number < v->number);
    return (s->real > v->real) - (s->real < v->real);
}

/* False: there is no order between these. */
static bool
compare(const struct seen *s, const struct value *v, int *ret)
{
    struct utime t;

    if (s->kind == SEEN_NUMBER && (v->kind == VALUE_INT || v->kind == VALUE_FLOAT)) {
        *ret = compare_numbers(s, v);
        return true;
    }
    if (s->kind == SEEN_TEXT && v->kind == VALUE_TIME) {
        if (s->text.len < 20 || s->text.ptr[s->text.len - 1] != 'Z' ||
            time_parse_any(s->text, &t) < 0)
            return false;
        *ret = (t.us > v->time.us) - (t.us < v->time.us);
        return true;
    }
    if ((s->kind == SEEN_TEXT && v->kind == VALUE_STRING) ||
        (s->kind == SEEN_BYTES && v->kind == VALUE_BINARY)) {
        *ret = slice_order(s->text, v->text);
        return true;
    }
    if (s->kind == SEEN_TEXT && v->kind == VALUE_BINARY)
        return compare_mixed(s->text, v->text, ret);
    if (s->kind == SEEN_BYTES && v->kind == VALUE_STRING) {
        if (!compare_mixed(v->text, s->text, ret))
            return false;
        *ret = -*ret;
        return true;
    }
    return false;
}

static bool
equal(const struct seen *s, const struct value *v)
{
    int c;

    if (s->kind == SEEN_BOOL || v->kind == VALUE_BOOL)
        return s->kind == SEEN_BOOL && v->kind == VALUE_BOOL && s->truth == (v->number != 0);
    return compare(s, v, &c) && c == 0;
}

/* % any characters, _ one. */
static bool
is_like(struct slice text, struct slice like)
{
    size_t t = 0;
    size_t l = 0;
    size_t star = SIZE_MAX;
    size_t back = 0;

    while (t < text.len) {
        unsigned char c = (unsigned char)text.ptr[t];
        size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

        if (l < like.len && like.ptr[l] == '%') {
            star = ++l;
            back = t;
        } else if (l < like.len && like.ptr[l] == '_') {
            l++;
            t += n;
        } else if (l < like.len && like.ptr[l] == text.ptr[t]) {
            l++;
            t++;
        } else if (star != SIZE_MAX) {
            c = (unsigned char)text.ptr[back];
            back += c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
            l = star;
            t = back;
        } else {
            return false;
        }
    }
    while (l < like.len && like.ptr[l] == '%')
        l++;
    return l == like.len;
}

static bool
is_net(const struct seen *s, const struct node *n)
{
    struct prefix p;

    if (s->kind != SEEN_TEXT || !pattern_net(s->text, &p))
        return false;
    return n->op == TEST_SUBSET ? n->net.len <= p.len && prefix_covers(&n->net, &p.addr)
                                : p.len <= n->net.len && prefix_covers(&p, &n->net.addr);
}

/* *ret_known false: they cannot be compared, and NOT makes that no better. */
static bool
test(const struct seen *s, const struct node *n, bool *ret_known)
{
    int c = 0;

    *ret_known = true;
    switch (n->op) {
    case TEST_EQ: return equal(s, n->value);
    case TEST_NE: return !equal(s, n->value);
    case TEST_GT: return (*ret_known = compare(s, n->value, &c)) && c > 0;
    case TEST_LT: return (*ret_known = compare(s, n->value, &c)) && c < 0;
    case TEST_GE: return (*ret_known = compare(s, n->value, &c)) && c >= 0;
    case TEST_LE: return (*ret_known = compare(s, n->value, &c)) && c <= 0;
    case TEST_IN:
        for (const struct value *v = n->value; v != NULL; v = v->next) {
            if (equal(s, v))
                return true;
        }
        return false;
    case TEST_LIKE:
        return (*ret_known = s->kind == SEEN_TEXT) && is_like(s->text, n->value->text);
    case TEST_MATCHES:
        return s->kind == (n->binary ? SEEN_BYTES : SEEN_TEXT) &&
               regex_finds(n->regex, s->text.ptr, s->text.len);
    case TEST_SUBSET:
    case TEST_SUPERSET: return (*ret_known = s->kind == SEEN_TEXT) && is_net(s, n);
    case TEST_EXISTS: return true;
    }
    return false;
}

/* ---- paths ---------------------------------------------------------------------------------
 */

enum way { WAY_PLAIN, WAY_REFS, WAY_HEX, WAY_BASE64 };

static enum way
way_of(struct slice name)
{
    struct slice end = slice_sub(name, name.len < 4 ? 0 : name.len - 4, name.len);

    if (slice_is(end, "_hex"))
        return WAY_HEX;
    if (slice_is(end, "_bin"))
        return WAY_BASE64;
    return name.len > 5 && slice_is(slice_sub(name, name.len - 5, 5), "_refs") ? WAY_REFS
                                                                               : WAY_PLAIN;
}

static bool
is_ref(struct slice name)
{
    return name.len > 4 && slice_is(slice_sub(name, name.len - 4, 4), "_ref");
}

static bool
test_value(struct asking *a, const struct node *n, const struct dom *d, enum way way)
{
    struct seen s = {.kind = SEEN_OTHER};
    bool known;
    bool holds;

    if (d->kind == DOM_STRING && (way == WAY_HEX || way == WAY_BASE64))
        see_bytes(a, d->text, way == WAY_HEX, &s);
    else
        see(d, &s);
    if (s.kind == SEEN_TEXT && (n->op == TEST_LIKE || n->op == TEST_MATCHES))
        a->no_memory |= stix_nfc(s.text, &s.text, &s.owned) < 0;
    holds = test(&s, n, &known);
    free(s.owned);
    return known && holds != n->negated;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as a path is long */

static bool walk_path(struct asking *a, const struct node *n, const struct step *s,
                      const struct dom *d, enum way way);

/* Of a list of references only those that lead somewhere are items. */
static bool
walk_items(struct asking *a, const struct node *n, const struct step *s, const struct dom *d,
           enum way way)
{
    int64_t count = 0;
    int64_t want = s->index;
    int64_t i = 0;

    if (d->kind != DOM_ARRAY)
        return false;
    for (const struct dom *x = d->first; s->kind == STEP_INDEX && want < 0 && x != NULL;
         x = x->next)
        count += way != WAY_REFS || observed_find(a->all, a->of, dom_text(x)) != NULL;
    want += want < 0 ? count : 0;
    for (const struct dom *x = d->first; x != NULL; x = x->next) {
        const struct dom *item =
            way == WAY_REFS ? observed_find(a->all, a->of, dom_text(x)) : x;

        if (item == NULL)
            continue;
        if ((s->kind == STEP_ANY || i == want) && walk_path(a, n, s->next, item, WAY_PLAIN))
            return true;
        i++;
    }
    return false;
}

static bool
walk_path(struct asking *a, const struct node *n, const struct step *s, const struct dom *d,
          enum way way)
{
    if (s == NULL)
        return test_value(a, n, d, way);
    if (s->kind != STEP_NAME)
        return walk_items(a, n, s, d, way);
    d = dom_get(d, s->name);
    if (d != NULL && is_ref(s->name))
        d = observed_find(a->all, a->of, dom_text(d));
    return d != NULL && walk_path(a, n, s->next, d, way_of(s->name));
}

/* NOT EXISTS holds where no value is. */
static bool
test_object(struct asking *a, const struct node *n, const struct dom *object)
{
    struct node plain = *n;

    if (!slice_eq(dom_text(dom_get(object, SLICE("type"))), n->type))
        return false;
    if (n->op != TEST_EXISTS)
        return walk_path(a, n, n->path, object, WAY_PLAIN);
    plain.negated = false;
    return walk_path(a, &plain, n->path, object, WAY_PLAIN) != n->negated;
}

bool
pattern_holds(struct asking *a, const struct node *n, const struct dom *object)
{
    switch ((int)n->kind) {
    case NODE_AND:
        return pattern_holds(a, n->left, object) && pattern_holds(a, n->right, object);
    case NODE_OR:
        return pattern_holds(a, n->left, object) || pattern_holds(a, n->right, object);
    default: return test_object(a, n, object);
    }
}

/* NOLINTEND(misc-no-recursion) */
