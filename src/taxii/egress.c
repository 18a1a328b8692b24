#include "taxii/egress.h"

#include <stdlib.h>

#include "stix/marking.h"
#include "wire/dom.h"

static const struct {
    const char *word;
    const char *text;
    bool goes;
} rows[EGRESSES] = {
#define EGRESS(id, word, goes, text) {(word), (text), (goes)},
#include "taxii/egress.def"
};

const char *
egress_word(enum egress e)
{
    return rows[e].word;
}

const char *
egress_text(enum egress e)
{
    return rows[e].text;
}

bool
egress_goes(enum egress e)
{
    return rows[e].goes;
}

enum egress
egress_judge(const struct egress_case *c)
{
    if (c->own_recipient)
        return EGRESS_OWN;
    if (!c->bound)
        return EGRESS_NO_PARTY;
    if (c->unknown || c->tlp == TLP_NONE)
        return EGRESS_UNKNOWN;
    if (c->tlp == TLP_RED)
        return EGRESS_RED;
    if (c->returned)
        return EGRESS_RETURNED;
    if (!c->own && c->tlp == TLP_AMBER_STRICT)
        return EGRESS_STRICT;
    if (c->tlp > c->ceiling)
        return EGRESS_CEILING;
    if (c->own || c->tlp == TLP_CLEAR)
        return EGRESS_ALLOWED;
    return c->consent ? EGRESS_CONSENT : EGRESS_ONWARD;
}

/* ---- objects as trees -------------------------------------------------------------------- */

enum { DEFINITIONS = 16, TREE_MOST = 1 << 20 };

struct tree {
    struct arena arena;
    char *text;
    const struct dom *root; /* NULL: it is none */
};

static int
tree_read(struct tree *t, struct slice body)
{
    struct errinfo ei = {0};
    int r;

    *t = (struct tree){.text = body.len > TREE_MOST ? NULL : malloc(body.len + 1)};
    if (t->text == NULL)
        return body.len > TREE_MOST ? ERR_LIMIT : ERR_NOMEM;
    memcpy(t->text, body.ptr, body.len);
    r = arena_init(&t->arena, body.len * DOM_ROOM + DOM_LEAST);
    return r < 0 ? r : dom_read(t->text, body.len, &t->arena, &t->root, &ei);
}

static void
tree_release(struct tree *t)
{
    arena_release(&t->arena);
    free(t->text);
    *t = (struct tree){.text = NULL};
}

struct looking {
    struct store *store;
    int64_t collection;
    struct tree definition[DEFINITIONS];
    unsigned definitions;
    int err;
};

static int
keep_tree(void *arg, const struct store_object *o)
{
    return tree_read(arg, o->body);
}

/* A marking-definition, the last version of it. */
static const struct dom *
find_definition(void *arg, struct slice id)
{
    struct looking *l = arg;
    struct store_object which = {.collection = l->collection, .id = id, .version_at = {-1}};
    struct tree *to = &l->definition[l->definitions];
    int r;

    if (l->definitions == DEFINITIONS)
        return NULL; /* counts as unknown */
    *to = (struct tree){.text = NULL};
    r = store_get_version(l->store, &which, keep_tree, to);
    l->definitions++;
    if (r < 0 && r != ERR_NOTFOUND && r != ERR_INVALID && r != ERR_LIMIT)
        l->err = r;
    return r < 0 ? NULL : to->root;
}

/* ---- consent ----------------------------------------------------------------------------- */

struct consenting {
    const struct egress_to *to;
    struct slice object;
    bool given;
};

static bool
has_text(const struct dom *list, struct slice text)
{
    if (list == NULL || list->kind != DOM_ARRAY)
        return false;
    for (const struct dom *x = list->first; x != NULL; x = x->next) {
        if (slice_eq(dom_text(x), text))
            return true;
    }
    return false;
}

static bool
consents(const struct consenting *c, const struct dom *d)
{
    const struct dom *revoked = dom_get(d, SLICE("revoked"));
    struct slice until = dom_text(dom_get(d, SLICE("valid_until")));
    struct utime end;

    if (revoked != NULL && revoked->kind != DOM_FALSE)
        return false;
    if (dom_get(d, SLICE("valid_until")) != NULL &&
        (time_parse_any(until, &end) < 0 || end.us <= c->to->now.us))
        return false;
    return has_text(dom_get(d, SLICE("object_refs")), c->object) &&
           has_text(dom_get(d, SLICE("to_parties")), c->to->party);
}

static int
look_at_consent(void *arg, const struct store_object *o)
{
    struct consenting *c = arg;
    struct tree t;
    int r = tree_read(&t, o->body);

    c->given |= r == 0 && consents(c, t.root);
    tree_release(&t);
    return r == ERR_NOMEM ? r : c->given;
}

/* In the collection that it came in: that is whose word it is. */
static int
find_consent(const struct egress_to *to, const struct store_object *o, bool *ret)
{
    struct object_query *q = calloc(1, sizeof *q);
    struct consenting c = {.to = to, .object = o->id};
    int r;

    if (q == NULL)
        return ERR_NOMEM;
    *q = (struct object_query){.collection = o->collection,
                               .after = {-1},
                               .type = {.at = {SLICE(CONSENT_TYPE)}, .count = 1},
                               .last = true,
                               .bodies = true};
    r = store_each_object(to->store, q, look_at_consent, &c);
    free(q);
    *ret = c.given;
    return r < 0 ? r : 0;
}

/* ---- one object -------------------------------------------------------------------------- */

static int
read_markings(const struct egress_to *to, const struct store_object *o, struct egress_case *c)
{
    struct looking l = {.store = to->store, .collection = o->collection};
    struct marking m = {.tlp = TLP_NONE};
    struct tree t;
    int r = tree_read(&t, o->body);

    if (r == 0) {
        marking_of(t.root, find_definition, &l, &m);
        c->unknown = m.unknown > 0;
        c->tlp = m.tlp == TLP_NONE ? to->unmarked : m.tlp;
        r = l.err;
    } else if (r == ERR_INVALID || r == ERR_LIMIT) {
        c->unknown = true;
        r = 0;
    }
    tree_release(&t);
    for (unsigned i = 0; i < l.definitions; i++)
        tree_release(&l.definition[i]);
    return r;
}

/* A copy, as looking at markings asks the store again. */
static int
judge_copy(const struct egress_to *to, const struct store_object *o, struct slice from,
           struct egress_case *c)
{
    int r = read_markings(to, o, c);

    c->own = from.len == 0;
    c->returned = from.len > 0 && slice_eq(from, to->party);
    if (r == 0 && !c->own && !c->returned)
        r = find_consent(to, o, &c->consent);
    return r;
}

int
egress_of(const struct egress_to *to, const struct store_object *o, struct slice from,
          enum egress *ret, enum tlp *ret_tlp)
{
    struct egress_case c = {.own_recipient = to->party.len == 0,
                            .bound = to->bound,
                            .ceiling = to->ceiling,
                            .unknown = true};
    int r = judge_copy(to, o, from, &c);

    *ret_tlp = c.tlp;
    *ret = egress_judge(&c);
    return r;
}

int
egress_tlp(const struct egress_to *to, const struct store_object *o, enum tlp *ret)
{
    struct egress_case c = {.unknown = true};
    int r = read_markings(to, o, &c);

    *ret = c.unknown ? TLP_RED : c.tlp;
    return r;
}

static struct slice
copy_slice(char **at, struct slice s)
{
    struct slice to = {*at, s.len};

    if (s.len > 0)
        memcpy(*at, s.ptr, s.len);
    *at += s.len;
    return to;
}

int
egress_copy(const struct store_object *o, struct store_object *ret, char **ret_all)
{
    char *all =
        malloc(o->id.len + o->type.len + o->spec.len + o->version.len + o->body.len + 1);
    char *at = all;

    *ret = *o;
    *ret_all = all;
    if (all == NULL)
        return ERR_NOMEM;
    ret->id = copy_slice(&at, o->id);
    ret->type = copy_slice(&at, o->type);
    ret->spec = copy_slice(&at, o->spec);
    ret->version = copy_slice(&at, o->version);
    ret->body = copy_slice(&at, o->body);
    return 0;
}
