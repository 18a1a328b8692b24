#include "stix/observed.h"

#include <stdlib.h>

/* ---- objects by their id -------------------------------------------------------------------
 */

static int
grow(void **at, uint32_t count, uint32_t *room, size_t size)
{
    uint32_t more = *room == 0 ? 256 : *room * 2;
    void *p;

    if (count < *room)
        return 0;
    p = realloc(*at, more * size);
    if (p == NULL)
        return ERR_NOMEM;
    *at = p;
    *room = more;
    return 0;
}

static int
keep_id(struct observed *o, const struct dom *d)
{
    struct slice id = dom_text(dom_get(d, SLICE("id")));
    void *at = o->by_id;
    uint32_t n = 0;
    int r;

    if (id.len == 0)
        return 0;
    r = texts_put(&o->ids, id, &n);
    if (r == 0)
        r = grow(&at, n, &o->by_id_room, sizeof(void *));
    o->by_id = at;
    if (r == 0)
        o->by_id[n] = d;
    return r;
}

/* ---- each object of what was read ----------------------------------------------------------
 */

struct taking {
    struct observed *o;
    struct errinfo *ei;
    int (*take)(struct taking *t, const struct dom *d);
};

/* A bundle in a bundle is an object that has no meaning. */
static int
each_of_bundle(struct taking *t, const struct dom *d)
{
    const struct dom *list = dom_get(d, SLICE("objects"));
    int r = 0;

    if (!slice_is(dom_text(dom_get(d, SLICE("type"))), "bundle"))
        return t->take(t, d);
    for (const struct dom *i = list == NULL ? NULL : list->first; r == 0 && i != NULL;
         i = i->next)
        r = t->take(t, i);
    return r;
}

static int
each(struct taking *t, const struct dom *d)
{
    int r = 0;

    if (d->kind != DOM_ARRAY)
        return each_of_bundle(t, d);
    for (const struct dom *i = d->first; r == 0 && i != NULL; i = i->next)
        r = each_of_bundle(t, i);
    return r;
}

static int
take_id(struct taking *t, const struct dom *d)
{
    return keep_id(t->o, d);
}

/* ---- observed-data -------------------------------------------------------------------------
 */

static int
wrong(struct taking *t, const struct dom *d, const char *what)
{
    struct slice id = slice_cut(dom_text(dom_get(d, SLICE("id"))), 80);

    if (id.len == 0)
        id = SLICE("an observed-data without id");
    return err_set(t->ei, ERR_INVALID, "%.*s: %s", (int)id.len, id.ptr, what);
}

static int
put_object(struct observed *o, struct observation *to, const struct dom *d)
{
    void *at = (void *)o->object;
    int r = o->object_count == OBSERVED_OBJECTS
                ? ERR_LIMIT
                : grow(&at, o->object_count, &o->object_room, sizeof(void *));

    o->object = at;
    if (r < 0)
        return r;
    o->object[o->object_count++] = d;
    to->objects++;
    return 0;
}

static int
take_objects(struct taking *t, const struct dom *d, struct observation *to)
{
    const struct dom *refs = dom_get(d, SLICE("object_refs"));
    int r = 0;

    to->own = dom_get(d, SLICE("objects"));
    if ((to->own == NULL || to->own->kind != DOM_OBJECT) == (refs == NULL))
        return wrong(t, d, "has `object_refs`, a list, or `objects`, an object");
    if (refs != NULL && refs->kind != DOM_ARRAY)
        return wrong(t, d, "`object_refs` is a list");
    for (const struct dom *i = refs == NULL ? to->own->first : refs->first; r == 0 && i != NULL;
         i = i->next) {
        const struct dom *object = refs == NULL ? i : observed_find(t->o, to, dom_text(i));

        if (object != NULL)
            r = put_object(t->o, to, object);
    }
    return r;
}

static bool
time_of(const struct dom *d, struct slice name, struct utime *ret)
{
    struct slice s = dom_text(dom_get(d, name));

    return s.len >= 20 && s.ptr[s.len - 1] == 'Z' && time_parse_any(s, ret) == 0;
}

static bool
count_of(const struct dom *d, uint64_t *ret)
{
    const struct dom *n = dom_get(d, SLICE("number_observed"));

    *ret = 0;
    if (n == NULL || n->kind != DOM_NUMBER || n->text.len > 9)
        return false;
    for (size_t i = 0; i < n->text.len; i++) {
        if (n->text.ptr[i] < '0' || n->text.ptr[i] > '9')
            return false;
        *ret = *ret * 10 + (uint64_t)(n->text.ptr[i] - '0');
    }
    return *ret > 0;
}

static int
take_observed(struct taking *t, const struct dom *d)
{
    struct observed *o = t->o;
    struct observation to = {.from = o->object_count};
    void *at = o->at;
    int r;

    if (!slice_is(dom_text(dom_get(d, SLICE("type"))), "observed-data"))
        return 0;
    if (o->count == OBSERVED_MOST)
        return err_set(t->ei, ERR_LIMIT, "more than %d observed-data", OBSERVED_MOST);
    if (!count_of(d, &to.count))
        return wrong(t, d, "`number_observed` is a number from 1 to 999999999");
    if (!time_of(d, SLICE("first_observed"), &to.first) ||
        !time_of(d, SLICE("last_observed"), &to.last))
        return wrong(t, d,
                     "`first_observed` and `last_observed` are times, as "
                     "2026-01-02T03:04:05Z");
    if (to.last.us < to.first.us)
        return wrong(t, d, "`last_observed` lies before `first_observed`");
    r = take_objects(t, d, &to);
    if (r == 0)
        r = grow(&at, o->count, &o->room, sizeof *o->at);
    o->at = at;
    if (r == 0)
        o->at[o->count++] = to;
    return r;
}

static int
by_first(const void *a, const void *b)
{
    const struct observation *x = a;
    const struct observation *y = b;
    int c = (x->first.us > y->first.us) - (x->first.us < y->first.us);

    return c != 0 ? c : (x->from > y->from) - (x->from < y->from);
}

int
observed_read(const struct dom *d, struct observed *ret, struct errinfo *ei)
{
    struct taking t = {ret, ei, take_id};
    int r;

    *ret = (struct observed){.at = NULL};
    texts_init(&ret->ids, 0);
    r = each(&t, d);
    t.take = take_observed;
    if (r == 0)
        r = each(&t, d);
    if (r == 0 && ret->count > 1)
        qsort(ret->at, ret->count, sizeof *ret->at, by_first);
    return r;
}

void
observed_release(struct observed *o)
{
    texts_release(&o->ids);
    free(o->at);
    free((void *)o->object);
    free((void *)o->by_id);
    *o = (struct observed){.at = NULL};
}

const struct dom *
observed_find(const struct observed *o, const struct observation *of, struct slice id)
{
    uint32_t n = of->own != NULL ? TEXTS_NONE : texts_find(&o->ids, id);

    if (of->own != NULL)
        return dom_get(of->own, id);
    return n == TEXTS_NONE ? NULL : o->by_id[n];
}
