#include "wire/dom.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/walk.h"

/* NOLINTBEGIN(misc-no-recursion): as deep as DOM_DEPTH */

struct building {
    struct walk w;
    struct arena *arena;
};

static int build(struct building *b, struct dom *to, unsigned depth);

static int
full(struct building *b)
{
    return err_set(b->w.ei, ERR_LIMIT, "has more values than there is memory for (%zu MiB)",
                   b->arena->size >> 20);
}

/* ---- what the index of brackets and strings lets pass ------------------------------------ */

static bool
read_hex(struct slice s, size_t at, unsigned *ret)
{
    *ret = 0;
    for (size_t i = at; i < at + 4; i++) {
        unsigned char c = i < s.len ? (unsigned char)s.ptr[i] : 0;
        unsigned char low = c | 0x20;

        if (c >= '0' && c <= '9')
            *ret = *ret * 16 + c - '0';
        else if (low >= 'a' && low <= 'f')
            *ret = *ret * 16 + low - 'a' + 10;
        else
            return false;
    }
    return true;
}

/* Escapes as RFC 8259 has them (7), surrogates in pairs (RFC 7493, 2.1): who gives on what they
 * read, as it stands, must not give on what others cannot read. */
static bool
is_escaped(struct slice s)
{
    const char *from = memchr(s.ptr, '\\', s.len);

    for (size_t i = from == NULL ? s.len : (size_t)(from - s.ptr); i < s.len; i++) {
        unsigned code;
        unsigned low;

        if (s.ptr[i] != '\\')
            continue;
        if (++i == s.len || s.ptr[i] == '\0' || strchr("\"\\/bfnrtu", s.ptr[i]) == NULL)
            return false;
        if (s.ptr[i] != 'u')
            continue;
        if (!read_hex(s, i + 1, &code) || (code >= 0xdc00 && code < 0xe000))
            return false;
        i += 4;
        if (code < 0xd800 || code >= 0xe000)
            continue;
        if (!slice_is(slice_sub(s, i + 1, 2), "\\u") || !read_hex(s, i + 3, &low) ||
            low < 0xdc00 || low >= 0xe000)
            return false;
        i += 6;
    }
    return true;
}

static size_t
count_digits(struct slice s, size_t at)
{
    size_t n = at;

    while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
        n++;
    return n - at;
}

/* RFC 8259, 6. */
static bool
is_number(struct slice s)
{
    size_t at = s.len > 0 && s.ptr[0] == '-';
    size_t n = count_digits(s, at);

    if (n == 0 || (n > 1 && s.ptr[at] == '0'))
        return false;
    at += n;
    if (at < s.len && s.ptr[at] == '.') {
        n = count_digits(s, at + 1);
        at += n + 1;
        if (n == 0)
            return false;
    }
    if (at < s.len && (s.ptr[at] | 0x20) == 'e') {
        at++;
        at += at < s.len && (s.ptr[at] == '+' || s.ptr[at] == '-');
        n = count_digits(s, at);
        at += n;
        if (n == 0)
            return false;
    }
    return at == s.len;
}

static int
build_scalar(struct building *b, struct dom *to, char c)
{
    struct walk before = b->w;
    bool good;
    int r;

    to->kind = c == 'n' ? DOM_NULL : c == 't' ? DOM_TRUE : c == 'f' ? DOM_FALSE : DOM_NUMBER;
    r = walk_scalar(&b->w, &to->text);
    good = to->kind == DOM_NUMBER ? is_number(to->text)
                                  : slice_is(to->text, c == 'n'   ? "null"
                                                       : c == 't' ? "true"
                                                                  : "false");
    return r < 0 || good ? r : walk_wrong(&before, "is no value of JSON");
}

/* Up to the token that comes behind it. */
static int
build_string(struct building *b, struct dom *to)
{
    size_t from = walk_place(&b->w);
    size_t behind = b->w.t.at[b->w.at + 1 < b->w.t.count ? b->w.at + 1 : b->w.t.count];
    struct slice raw = {b->w.text + from, behind - from};

    to->kind = DOM_STRING;
    if (memchr(raw.ptr, '\\', raw.len) != NULL) {
        while (raw.len > 2 && raw.ptr[raw.len - 1] != '"')
            raw.len--;
        if (!is_escaped(slice_sub(raw, 1, raw.len - 2)))
            return walk_wrong(&b->w, "a string has an escape that is none");
    }
    return walk_string(&b->w, &to->text);
}

static int
build_array(struct building *b, struct dom *to, unsigned depth)
{
    const struct dom **link = &to->first;
    bool first = true;
    size_t from = walk_place(&b->w);
    int r = walk_enter(&b->w, '[');

    to->kind = DOM_ARRAY;
    while (r > 0 && (r = walk_item(&b->w, &first)) > 0) {
        struct dom *item = arena_alloc(b->arena, sizeof *item);

        if (item == NULL)
            return full(b);
        *link = item;
        link = &item->next;
        r = build(b, item, depth);
        if (r < 0)
            return r;
        r = 1;
    }
    to->text = (struct slice){b->w.text + from, walk_behind(&b->w) - from};
    return r;
}

static int
build_object(struct building *b, struct dom *to, unsigned depth)
{
    const struct dom **link = &to->first;
    struct slice name;
    bool first = true;
    size_t from = walk_place(&b->w);
    int r = walk_enter(&b->w, '{');

    to->kind = DOM_OBJECT;
    while (r > 0 && (r = walk_member(&b->w, &first, &name)) > 0) {
        struct dom *member = arena_alloc(b->arena, sizeof *member);

        if (member == NULL)
            return full(b);
        if (!is_escaped(name))
            return walk_wrong(&b->w, "its name has an escape that is none");
        member->name = name;
        *link = member;
        link = &member->next;
        r = build(b, member, depth);
        if (r < 0)
            return r;
        r = 1;
    }
    to->text = (struct slice){b->w.text + from, walk_behind(&b->w) - from};
    return r;
}

static int
build(struct building *b, struct dom *to, unsigned depth)
{
    char c = walk_peek(&b->w);

    if (depth == DOM_DEPTH)
        return walk_wrong(&b->w, "is nested too deep");
    if (c == '{')
        return build_object(b, to, depth + 1);
    if (c == '[')
        return build_array(b, to, depth + 1);
    return c == '"' ? build_string(b, to) : build_scalar(b, to, c);
}

/* NOLINTEND(misc-no-recursion) */

int
dom_read(char *text, size_t len, struct arena *a, const struct dom **ret, struct errinfo *ei)
{
    struct building b = {.arena = a};
    struct dom *root = arena_alloc(a, sizeof *root);
    int r = walk_open(&b.w, text, len, ei);

    if (r == 0 && root == NULL)
        r = full(&b);
    else if (r == 0)
        r = walk_peek(&b.w) == '\0' ? walk_wrong(&b.w, "is empty") : build(&b, root, 0);
    if (r == 0 && walk_peek(&b.w) != '\0')
        r = walk_wrong(&b.w, "behind the value stands more");
    walk_close(&b.w);
    *ret = r == 0 ? root : NULL;
    return r;
}

const struct dom *
dom_get(const struct dom *d, struct slice name)
{
    const struct dom *found = NULL;

    if (d == NULL || d->kind != DOM_OBJECT)
        return NULL;
    for (const struct dom *m = d->first; m != NULL; m = m->next) {
        if (m->name.len == name.len && /* most differ there */
            (name.len == 0 ||
             (m->name.ptr[0] == name.ptr[0] && memcmp(m->name.ptr, name.ptr, name.len) == 0)))
            found = m;
    }
    return found;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as DOM_DEPTH */

struct comparing {
    const struct dom_ways *ways;
    const struct dom *top; /* the object whose members may be absent */
    unsigned steps;        /* that are left */
};

static bool same(const struct dom *a, const struct dom *b, struct comparing *c);

/* As JSON's readers take it (RFC 8259, 6): a double; one that is longer than any of those is
 * like no other. */
static double
value_of(struct slice number)
{
    char text[64];

    if (number.len >= sizeof text)
        return NAN;
    (void)snprintf(text, sizeof text, "%.*s", (int)number.len, number.ptr);
    return strtod(text, NULL);
}

/* The member of that name, looked for from `at` on first. */
static const struct dom *
find_member(const struct dom *d, const struct dom *at, struct slice name, struct comparing *c)
{
    if (at != NULL && slice_eq(at->name, name))
        return at;
    for (at = d->first; at != NULL && !slice_eq(at->name, name); at = at->next) {
        if (c->steps == 0)
            return NULL;
        c->steps--;
    }
    return at;
}

static bool
is_absent(const struct comparing *c, const struct dom *of, const struct dom *member)
{
    return of == c->top && c->ways->absent != NULL && c->ways->absent(of, member);
}

static bool
same_members(const struct dom *a, const struct dom *b, struct comparing *c)
{
    bool top = a == c->top;
    const struct dom *y = b->first;
    unsigned n = 0;

    for (const struct dom *x = a->first; x != NULL; x = x->next) {
        const struct dom *z = find_member(b, y, x->name, c);

        if (z == NULL ? !is_absent(c, a, x) : !same(x, z, c))
            return false;
        n += z != NULL;
        y = y == NULL || z == NULL ? y : y->next;
    }
    c->top = top ? b : c->top;
    for (y = b->first; y != NULL; y = y->next) {
        if (!is_absent(c, b, y) || find_member(a, NULL, y->name, c) != NULL)
            n--;
    }
    return n == 0 && c->steps > 0;
}

static bool
same(const struct dom *a, const struct dom *b, struct comparing *c)
{
    const struct dom *y = b->first;

    if (a->kind != b->kind || c->steps == 0)
        return false;
    c->steps--;
    if (a->kind == DOM_OBJECT)
        return same_members(a, b, c);
    if (a->kind == DOM_NUMBER)
        return slice_eq(a->text, b->text) || value_of(a->text) == value_of(b->text);
    if (a->kind == DOM_STRING && c->ways->text != NULL)
        return c->ways->text(a->text, b->text);
    if (a->kind != DOM_ARRAY)
        return slice_eq(a->text, b->text);
    for (const struct dom *x = a->first; x != NULL; x = x->next, y = y->next) {
        if (y == NULL || !same(x, y, c))
            return false;
    }
    return y == NULL;
}

/* NOLINTEND(misc-no-recursion) */

bool
dom_equal_by(const struct dom *a, const struct dom *b, const struct dom_ways *ways)
{
    struct comparing c = {.ways = ways, .top = a, .steps = 1000000};

    return same(a, b, &c);
}

bool
dom_equal(const struct dom *a, const struct dom *b)
{
    return dom_equal_by(a, b, &(struct dom_ways){.text = NULL});
}

/* ---- names ------------------------------------------------------------------------------- */

enum { FEW_NAMES = 16 };

static int
compare_names(const void *a, const void *b)
{
    return slice_order((*(const struct dom *const *)a)->name,
                       (*(const struct dom *const *)b)->name);
}

static bool
is_hidden(struct slice name)
{
    for (size_t i = 0; i + 5 < name.len; i++) {
        if (name.ptr[i] == '\\' && name.ptr[i + 1] == 'u' && name.ptr[i + 2] == '0' &&
            name.ptr[i + 3] == '0' && name.ptr[i + 4] >= '2' && name.ptr[i + 4] <= '7')
            return true;
    }
    return false;
}

static bool
many_twice(const struct dom *d, size_t count)
{
    const struct dom **all = malloc(count * sizeof(void *));
    bool twice = all == NULL;
    size_t n = 0;

    for (const struct dom *x = d->first; all != NULL && x != NULL; x = x->next)
        all[n++] = x;
    if (n > 0)
        qsort(all, n, sizeof(void *), compare_names);
    for (size_t i = 1; !twice && i < n; i++)
        twice = slice_eq(all[i - 1]->name, all[i]->name);
    free(all);
    return twice;
}

static bool
names_twice(const struct dom *d)
{
    size_t n = 0;

    for (const struct dom *x = d->first; x != NULL; x = x->next, n++) {
        if (is_hidden(x->name))
            return true;
    }
    if (n > FEW_NAMES)
        return many_twice(d, n);
    for (const struct dom *x = d->first; x != NULL; x = x->next) {
        for (const struct dom *y = d->first; y != x; y = y->next) {
            if (slice_eq(x->name, y->name))
                return true;
        }
    }
    return false;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as DOM_DEPTH */
bool
dom_is_twice(const struct dom *d, bool deep)
{
    if (d->kind == DOM_OBJECT && names_twice(d))
        return true;
    if (!deep || (d->kind != DOM_OBJECT && d->kind != DOM_ARRAY))
        return false;
    for (const struct dom *x = d->first; x != NULL; x = x->next) {
        if (dom_is_twice(x, true))
            return true;
    }
    return false;
}
/* NOLINTEND(misc-no-recursion) */

struct slice
dom_text(const struct dom *d)
{
    return d != NULL && d->kind == DOM_STRING ? d->text : (struct slice){"", 0};
}
