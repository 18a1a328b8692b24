/* What is kept of hits. */
#include <stdio.h>
#include <stdlib.h>

#include "role/lookout.h"
#include "store/hits.h"

_Static_assert((int)ATOM_KINDS <= 16, "kinds fit what the store sums");

static void
describe(const struct indicators *x, uint32_t i, struct store_sought *ret)
{
    struct indicator one;

    indicators_get(x, i, &one);
    *ret = (struct store_sought){.state = one.revoked ? SOUGHT_REVOKED : SOUGHT_LOOKED_FOR,
                                 .confidence = one.confidence,
                                 .from = one.from,
                                 .until = one.until,
                                 .name = one.name,
                                 .labels = one.labels};
    memcpy(ret->id, indicators_id(x, i), sizeof ret->id);
}

static int
put_row(struct store *s, const struct indicators *x, const struct lookout_row *row)
{
    struct store_hit h = {.day = row->day,
                          .events = row->events,
                          .count = row->count,
                          .unrecorded = row->unrecorded,
                          .first = row->first,
                          .last = row->last,
                          .kinds = row->kinds};
    struct store_sought w;
    bool is_new;
    int r;

    memcpy(h.id, indicators_id(x, row->indicator), sizeof h.id);
    r = store_add_hit(s, &h, &is_new);
    if (r == ERR_LIMIT)
        return store_add_counter(s, "hits.over", row->events + row->unrecorded);
    if (r < 0 || !is_new)
        return r;
    describe(x, row->indicator, &w);
    return store_put_sought(s, &w);
}

int
lookout_put(struct store *s, const struct lookout_found *f)
{
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < f->count; i++)
        r = put_row(s, lookout_indicators(f->by), &f->row[i]);
    return r;
}

void
lookout_add(struct lookout_found *sum, const struct lookout_found *f)
{
    sum->asked += f->asked;
    sum->met += f->met;
    sum->over += f->over;
    sum->more += f->more;
    sum->failed += f->failed;
}

int
lookout_put_counters(struct store *s, const struct lookout_found *sum)
{
    int r = store_add_counter(s, "hits.asked", sum->asked);

    if (r == 0)
        r = store_add_counter(s, "hits.met", sum->met);
    if (r == 0)
        r = store_add_counter(s, "hits.over", sum->over);
    if (r == 0)
        r = store_add_counter(s, "hits.more", sum->more);
    if (r == 0)
        r = store_add_counter(s, "hits.failed", sum->failed);
    return r;
}

/* ---- another set ------------------------------------------------------------------------- */

enum { TOLD = 512 /* bytes of what is wrong */ };

/* Indicators of which something else is to be said; read before any is written, as rows that
 * are read and changed at once come twice. */
struct changes {
    const struct indicators *x;
    uint8_t (*id)[HIT_ID];
    uint32_t count;
    uint32_t room;
};

static bool
differs(const struct store_sought *a, const struct store_sought *b)
{
    return a->state != b->state || a->confidence != b->confidence || a->from.us != b->from.us ||
           a->until.us != b->until.us || !slice_eq(a->name, b->name) ||
           !slice_eq(a->labels, b->labels);
}

static int
compare(void *arg, const struct store_sought *w)
{
    struct changes *c = arg;
    uint32_t at = c->x == NULL ? SET_GONE : indicators_find(c->x, w->id);
    struct store_sought now;

    if (at == SET_GONE) {
        if (w->state == SOUGHT_GONE)
            return 0;
    } else {
        describe(c->x, at, &now);
        if (!differs(&now, w))
            return 0;
    }
    if (c->count == c->room) {
        uint32_t room = c->room == 0 ? 64 : 2 * c->room;
        void *id = realloc(c->id, room * sizeof *c->id);

        if (id == NULL)
            return ERR_NOMEM;
        c->id = id;
        c->room = room;
    }
    memcpy(c->id[c->count++], w->id, HIT_ID);
    return 0;
}

static int
change(struct store *s, const struct changes *c)
{
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < c->count; i++) {
        uint32_t at = c->x == NULL ? SET_GONE : indicators_find(c->x, c->id[i]);
        struct store_sought w;

        if (at == SET_GONE) {
            r = store_lose_sought(s, c->id[i]);
            continue;
        }
        describe(c->x, at, &w);
        r = store_put_sought(s, &w);
    }
    return r;
}

static bool
is_told(struct store *s, const char *text)
{
    AUTO_BUF(have, TOLD);
    int r = store_get_meta(s, LOOKOUT_META, &have);

    return r == ERR_NOTFOUND ? text[0] == '\0' : r == 0 && slice_is(buf_get(&have), text);
}

int
lookout_settle(struct store *s, const struct lookout *l, struct slice fault)
{
    struct changes c = {.x = l == NULL ? NULL : lookout_indicators(l)};
    char text[TOLD];
    int r = 0;

    /* what cannot be read may still be looked for once it is made anew */
    if (l != NULL || fault.len == 0)
        r = store_each_sought(s, compare, &c);
    if (l != NULL)
        (void)snprintf(text, sizeof text, "%u", (unsigned)indicators_sought(c.x));
    else
        (void)snprintf(text, sizeof text, "%s%.*s", fault.len > 0 ? "!" : "",
                       (int)slice_cut(fault, TOLD - 2).len, fault.ptr);
    if (r == 0 && c.count == 0 && fault.len == 0 && is_told(s, text)) {
        free(c.id);
        return 0; /* as each start of a node finds it, without a commit */
    }
    if (r == 0)
        r = store_begin(s);
    if (r == 0) {
        r = change(s, &c);
        if (r == 0)
            r = store_put_meta(s, LOOKOUT_META, slice_of(text));
        if (r == 0 && fault.len > 0)
            r = store_add_counter(s, "hits.unread", 1);
        if (r == 0)
            r = store_commit(s);
        if (r < 0)
            store_rollback(s);
    }
    free(c.id);
    return r;
}
