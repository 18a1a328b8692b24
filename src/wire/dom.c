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
    if (c == '"') {
        to->kind = DOM_STRING;
        return walk_string(&b->w, &to->text);
    }
    to->kind = c == 'n' ? DOM_NULL : c == 't' ? DOM_TRUE : c == 'f' ? DOM_FALSE : DOM_NUMBER;
    return walk_scalar(&b->w, &to->text);
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
        if (slice_eq(m->name, name))
            found = m;
    }
    return found;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as DOM_DEPTH */

static bool same(const struct dom *a, const struct dom *b, unsigned *steps);

/* As JSON's readers take it (RFC 8259, 6): a double; one that is longer than any of those is like
 * no other. */
static double
value_of(struct slice number)
{
    char text[64];

    if (number.len >= sizeof text)
        return NAN;
    (void)snprintf(text, sizeof text, "%.*s", (int)number.len, number.ptr);
    return strtod(text, NULL);
}

static bool
same_members(const struct dom *a, const struct dom *b, unsigned *steps)
{
    const struct dom *y = b->first;
    unsigned n = 0;

    for (const struct dom *x = a->first; x != NULL; x = x->next, n++) {
        const struct dom *z = y != NULL && slice_eq(x->name, y->name) ? y : NULL;

        for (z = z == NULL ? b->first : z; z != NULL && !slice_eq(z->name, x->name);
             z = z->next) {
            if ((*steps)-- == 0)
                return false;
        }
        if (z == NULL || !same(x, z, steps))
            return false;
        y = y == NULL ? NULL : y->next;
    }
    for (y = b->first; y != NULL; y = y->next)
        n--;
    return n == 0;
}

static bool
same(const struct dom *a, const struct dom *b, unsigned *steps)
{
    const struct dom *y = b->first;

    if (a->kind != b->kind || *steps == 0)
        return false;
    (*steps)--;
    if (a->kind == DOM_OBJECT)
        return same_members(a, b, steps);
    if (a->kind == DOM_NUMBER)
        return slice_eq(a->text, b->text) || value_of(a->text) == value_of(b->text);
    if (a->kind != DOM_ARRAY)
        return slice_eq(a->text, b->text);
    for (const struct dom *x = a->first; x != NULL; x = x->next, y = y->next) {
        if (y == NULL || !same(x, y, steps))
            return false;
    }
    return y == NULL;
}

/* NOLINTEND(misc-no-recursion) */

bool
dom_equal(const struct dom *a, const struct dom *b)
{
    unsigned steps = 1000000;

    return same(a, b, &steps);
}

struct slice
dom_text(const struct dom *d)
{
    return d != NULL && d->kind == DOM_STRING ? d->text : (struct slice){"", 0};
}
