#include "stix/marking.h"

/* ---- TLP -----------------------------------------------------------------------------------
 */

#define ID(uuid) "marking-definition--" uuid

static const struct {
    const char *id;
    const char *old_id;
} tlps[TLPS] = {[TLP_NONE] = {"", ""},
                [TLP_CLEAR] = {ID("94868c89-83c2-464b-929b-a1a8aa3c8487"),
                               ID("613f2e26-407d-48c7-9eca-b8e91df99dc9")},
                [TLP_GREEN] = {ID("bab4a63c-aed9-4cf5-a766-dfca5abac2bb"),
                               ID("34098fce-860f-48ae-8e50-ebd3cc5e41da")},
                [TLP_AMBER] = {ID("55d920b0-5e8b-4f79-9ee9-91f868d9b421"),
                               ID("f88d31f6-486f-44da-b317-01333bde0b82")},
                [TLP_AMBER_STRICT] = {ID("939a9414-2ddd-4d32-a0cd-375ea402b003"),
                                      ID("5e57c739-391a-4eb3-b6be-7d15ca92d5ed")},
                [TLP_RED] = {ID("e828b379-4e03-4974-9ac4-e53a884c97c1"),
                             ID("5e57c739-391a-4eb3-b6be-7d15ca92d5ed")}};

const char *
tlp_id(enum tlp tlp)
{
    return tlps[tlp].id;
}

const char *
tlp_old_id(enum tlp tlp)
{
    return tlps[tlp].old_id;
}

enum tlp
tlp_of_id(struct slice id)
{
    /* From the strictest, as RED's old id also stands for AMBER+STRICT. */
    for (int t = TLP_RED; t > TLP_NONE; t--) {
        if (slice_is(id, tlps[t].id) || slice_is(id, tlps[t].old_id))
            return (enum tlp)t;
    }
    return TLP_NONE;
}

/* ---- markings ------------------------------------------------------------------------------
 */

/* Definitions wait here until they are looked into, in the order they were met: no recursion,
 * so that a long chain costs no stack. */
struct reading {
    struct marking *to;
    marking_find *find;
    void *arg;
    unsigned refs;
    const struct dom *definition[MARKING_DEFINITIONS];
    unsigned char depth[MARKING_DEFINITIONS];
    unsigned definitions;
};

static void
take_tlp(struct marking *to, enum tlp tlp)
{
    to->unknown += tlp == TLP_NONE;
    if (tlp > to->tlp)
        to->tlp = tlp;
}

static void
take_definition(struct reading *r, const struct dom *d, unsigned depth)
{
    for (unsigned i = 0; i < r->definitions; i++) {
        if (r->definition[i] == d)
            return;
    }
    if (r->definitions == MARKING_DEFINITIONS || depth > MARKING_DEPTH) {
        r->to->unknown++;
        return;
    }
    r->definition[r->definitions] = d;
    r->depth[r->definitions++] = (unsigned char)depth;
}

/* A reference, from an object at `depth`: 0 the one that is asked about. */
static void
take_ref(struct reading *r, const struct dom *ref, unsigned depth)
{
    struct slice id = dom_text(ref);
    enum tlp fixed = tlp_of_id(id);
    const struct dom *d;

    r->to->indirect += depth > 0;
    if (fixed != TLP_NONE) {
        r->to->tlps++;
        take_tlp(r->to, fixed);
        return;
    }
    d = id.len == 0 ? NULL : r->find(r->arg, id);
    if (d == NULL || !slice_is(dom_text(dom_get(d, SLICE("type"))), "marking-definition"))
        r->to->unknown++;
    else
        take_definition(r, d, depth + 1);
}

/* false: it was one too many, and nothing more is read. */
static bool
may_take(struct reading *r)
{
    if (r->refs == MARKING_REFS) {
        r->to->unknown++;
        return false;
    }
    r->refs++;
    return true;
}

static void
take_refs(struct reading *r, const struct dom *object, unsigned depth)
{
    const struct dom *refs = dom_get(object, SLICE("object_marking_refs"));
    const struct dom *granular = dom_get(object, SLICE("granular_markings"));

    if ((refs != NULL && refs->kind != DOM_ARRAY) ||
        (granular != NULL && granular->kind != DOM_ARRAY))
        r->to->unknown++;
    for (const struct dom *i = refs == NULL ? NULL : refs->first; i != NULL && may_take(r);
         i = i->next)
        take_ref(r, i, depth);
    for (const struct dom *i = granular == NULL ? NULL : granular->first;
         i != NULL && may_take(r); i = i->next) {
        const struct dom *ref = dom_get(i, SLICE("marking_ref"));

        /* One that says a language is no marking of this kind (7.2.3.1). */
        if (ref == NULL && dom_text(dom_get(i, SLICE("lang"))).len > 0)
            continue;
        r->to->granular += depth == 0;
        take_ref(r, ref, depth);
    }
}

/* Markings of what stands in it count as granular ones do: a part that is itself an object goes
 * where the whole goes. */
static void
take_inner(struct reading *r, const struct dom *object)
{
    const struct dom *up[DOM_DEPTH];
    const struct dom *d = object->first;
    unsigned depth = 0;

    for (;;) {
        if (d == NULL) {
            if (depth == 0)
                return;
            d = up[--depth]->next;
            continue;
        }
        if (d->kind == DOM_OBJECT)
            take_refs(r, d, 0);
        if (d->kind >= DOM_ARRAY && d->first != NULL && depth < DOM_DEPTH) {
            up[depth++] = d;
            d = d->first;
        } else {
            d = d->next;
        }
    }
}

/* The kind by `definition_type`; false: there is none. */
static bool
read_definition(struct marking *to, const struct dom *d)
{
    const struct dom *kind = dom_get(d, SLICE("definition_type"));
    const struct dom *definition = dom_get(d, SLICE("definition"));

    if (kind == NULL && definition == NULL)
        return false;
    if (slice_is(dom_text(kind), "tlp")) {
        to->tlps++;
        take_tlp(to, tlp_find_value(dom_text(dom_get(definition, SLICE("tlp")))));
    } else if (slice_is(dom_text(kind), "statement") &&
               dom_get(definition, SLICE("statement")) != NULL) {
        to->statements++;
    } else {
        to->unknown++;
    }
    return true;
}

static void
read_extension(struct marking *to, const struct dom *e)
{
    const struct dom *tlp = dom_get(e, SLICE("tlp"));

    if (slice_is(e->name, TLP_EXTENSION)) {
        to->tlps++;
        take_tlp(to, tlp_find_value(dom_text(dom_get(e, SLICE("tlp_2_0")))));
    } else if (slice_is(e->name, IEP_EXTENSION) && e->kind == DOM_OBJECT) {
        to->policies++;
        if (tlp != NULL) {
            to->tlps++;
            take_tlp(to, tlp_find_value(dom_text(tlp)));
        }
    } else {
        to->unknown++;
    }
}

/* What it says; what it is marked with itself is another matter. */
static void
read_one(struct marking *to, const struct dom *d)
{
    const struct dom *extensions = dom_get(d, SLICE("extensions"));
    bool any = read_definition(to, d);

    if (extensions == NULL || extensions->kind != DOM_OBJECT || extensions->first == NULL) {
        to->unknown += !any || extensions != NULL;
        return;
    }
    for (const struct dom *e = extensions->first; e != NULL; e = e->next)
        read_extension(to, e);
}

void
marking_of(const struct dom *object, marking_find *find, void *arg, struct marking *ret)
{
    struct reading r;

    *ret = (struct marking){.tlp = TLP_NONE};
    r.to = ret;
    r.find = find;
    r.arg = arg;
    r.refs = 0;
    r.definitions = 0;
    take_refs(&r, object, 0);
    if (object->kind == DOM_OBJECT)
        take_inner(&r, object);
    for (unsigned i = 0; i < r.definitions; i++) {
        read_one(ret, r.definition[i]);
        take_refs(&r, r.definition[i], r.depth[i]);
    }
}
