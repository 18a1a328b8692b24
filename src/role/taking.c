#include "role/taking.h"

#include <stdio.h>

#include "base/uuid.h"
#include "role/objects.h"
#include "role/removals.h"
#include "taxii/load.h"
#include "taxii/retract.h"
#include "wire/dom.h"

enum {
    OUTCOME_TOLD = LOAD_FAILURES + (1 << 20),
    TURNS = 16 /* in one call: each looks at all that was taken back */
};

int
taking_open(const char *dir, const char *collection, struct taking *ret, struct errinfo *ei)
{
    int r;

    *ret = (struct taking){.dir = dir};
    r = node_open(dir, NODE_READ, &ret->node, ei);
    if (r < 0)
        return r;
    err_file(ei, dir);
    r = taxii_look(ret->node.store, slice_of(collection), &ret->collection);
    if (r == 0)
        return 0;
    r = r != ERR_NOTFOUND
            ? err_set(ei, r, "the store: %s", err_text(r))
            : err_set(ei, ERR_NOTFOUND,
                      "there is no collection `%.64s`: `detente exchange collection list` "
                      "names those there are",
                      collection);
    node_close(&ret->node);
    return r;
}

void
taking_close(struct taking *t)
{
    node_close(&t->node);
}

/* ---- what was refused -------------------------------------------------------------------- */

static void
tell(struct taking *t, const struct taking_refused *x)
{
    if (t->tell != NULL)
        t->tell(t->arg, x);
}

static void
refuse_one(struct taking *t, struct slice id, const char *reason)
{
    const struct taking_refused x = {id, SLICE(""), slice_of(reason)};

    t->refused++;
    tell(t, &x);
}

/* items: JSON objects with commas between them, as an outcome has them. */
static int
tell_items(struct taking *t, struct slice items)
{
    const struct dom *list = NULL;
    struct errinfo ei = {0};
    AUTO_BUF(text, OUTCOME_TOLD);
    AUTO_ARENA(arena);
    int r;

    if (t->tell == NULL || items.len == 0)
        return 0;
    buf_char(&text, '[');
    buf_slice(&text, items);
    buf_char(&text, ']');
    r = buf_error(&text);
    if (r == 0)
        r = arena_init(&arena, text.len * DOM_ROOM + DOM_LEAST);
    if (r == 0)
        r = dom_read(text.ptr, text.len, &arena, &list, &ei);
    for (const struct dom *d = r == 0 ? list->first : NULL; d != NULL; d = d->next) {
        const struct taking_refused x = {dom_text(dom_get(d, SLICE("id"))),
                                         dom_text(dom_get(d, SLICE("version"))),
                                         dom_text(dom_get(d, SLICE("message")))};

        tell(t, &x);
    }
    return r == ERR_NOMEM ? r : 0; /* a list that was cut off is not worth more than that */
}

/* ---- handing in -------------------------------------------------------------------------- */

/* What became of it in truth: between the look at an object and its turn another may have come,
 * also one of the same part. */
static int
count_outcome(struct taking *t, const struct load *l, struct errinfo *ei)
{
    struct store_outcome o;
    int r = store_get_outcome(t->node.store, slice_of(l->ask.outcome), &o);
    AUTO_BUF(failed, OUTCOME_TOLD);

    if (r < 0)
        return err_set(ei, r == ERR_NOTFOUND ? ERR_IO : r,
                       "what became of the objects is not told: %s", err_text(r));
    t->added += o.added;
    t->same += o.same_count;
    t->refused += o.failed_count;
    buf_slice(&failed, o.failed);
    return tell_items(t, buf_get(&failed));
}

static int
hand_in(struct taking *t, struct load *l, struct errinfo *ei)
{
    uint8_t random[UUID_BYTES];
    struct objects_told told;
    int r;

    if (l->ask.count == 0) { /* nothing changes */
        t->same += l->ask.same_count;
        t->refused += l->ask.failed_count;
        return tell_items(t, buf_get(&l->failed));
    }
    t->node.env.random(t->node.env.self, random, sizeof random);
    uuid_random(random, l->ask.outcome);
    r = objects_hand_in(t->dir, l, &told, ei);
    if (r == 0 && told.answer.status < 0) {
        r = told.answer.status;
        (void)err_set(ei, r, "%s", told.ei.text[0] != '\0' ? told.ei.text : err_text(r));
    }
    return r < 0 ? r : count_outcome(t, l, ei);
}

static int
put_part(struct taking *t, const struct parcel *e, size_t from, size_t to, struct errinfo *ei)
{
    const struct env *env = &t->node.env;
    const struct taxii_ground g = {.store = t->node.store, .now = env->now_wall(env->self)};
    struct load l;
    AUTO_BUF(part, PARCEL_PART + OBJECT_BODY_MAX);
    int r;

    parcel_put(e, from, to, &part);
    load_init(&l);
    r = buf_error(&part);
    if (r == 0)
        r = load_read(&g, &t->collection, buf_get(&part), &l, ei);
    if (r == 0)
        r = hand_in(t, &l, ei);
    else if (r == ERR_INVALID && to - from > 1)
        r = 1; /* one of them is no JSON */
    else if (r == ERR_INVALID) {
        refuse_one(t, SLICE(""), ei->text);
        r = 0;
    }
    load_release(&l);
    return r;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as a part has doublings */
/* Halves, until what is no JSON stands alone.  It goes no deeper than a part has doublings. */
static int
put_range(struct taking *t, const struct parcel *e, size_t from, size_t to, struct errinfo *ei)
{
    size_t middle = from + (to - from) / 2;
    int r;

    if (to - from == 1 && e->at[from].len > OBJECT_BODY_MAX) {
        refuse_one(t, SLICE(""), "an object has up to 8 MiB");
        return 0;
    }
    r = put_part(t, e, from, to, ei);
    if (r <= 0)
        return r;
    r = put_range(t, e, from, middle, ei);
    return r < 0 ? r : put_range(t, e, middle, to, ei);
}
/* NOLINTEND(misc-no-recursion) */

/* ---- what their party took back ---------------------------------------------------------- */

static bool
takes_back(const struct parcel *e, size_t i)
{
    return memmem(e->at[i].ptr, e->at[i].len, "\"" RETRACTION_TYPE "\"",
                  sizeof RETRACTION_TYPE + 1) != NULL;
}

/* The end of the next objects that end some: what is behind them may be put there anew, so they
 * go before it comes. */
static size_t
find_turn(const struct parcel *e, size_t from, size_t to)
{
    while (from < to && !takes_back(e, from))
        from++;
    while (from < to && takes_back(e, from))
        from++;
    return from;
}

static int
remove_theirs(struct taking *t, struct errinfo *ei)
{
    struct removals_done done;
    int r;

    store_settle(t->node.store); /* what it reads next is without them */
    r = removals_do(t->dir, &done, ei);
    t->removed += done.objects;
    return r;
}

int
taking_put(struct taking *t, const struct parcel *e, struct errinfo *ei)
{
    unsigned turns = t->collection.party[0] == '\0' ? TURNS : 0;
    int r = 0;

    for (size_t from = 0, to; r == 0 && from < e->count; from = to) {
        size_t end = parcel_part(e, from);

        to = turns < TURNS ? find_turn(e, from, end) : end;
        r = put_range(t, e, from, to, ei);
        if (r == 0 && turns < TURNS && to < e->count && takes_back(e, to - 1)) {
            turns++;
            r = remove_theirs(t, ei);
        }
    }
    return r;
}
