#include "role/returns.h"

#include <stdlib.h>

#include "indicator/pack.h"
#include "role/hits.h"
#include "role/lookout.h"
#include "role/node_priv.h"
#include "role/objects.h"
#include "role/sightings.h"
#include "taxii/load.h"

enum { ENVELOPE = 6 << 20, ENVELOPE_MOST = 8 << 20 };

struct returning {
    const struct returns_ask *ask;
    struct node n;
    struct taxii_collection from;
    struct taxii_collection into;
    struct indicators *own; /* all that is looked for; NULL: that is not known */
    struct store_hit *hit;
    size_t count;
    size_t room;
    struct returns_done *done;
    struct errinfo *ei;
};

static int
keep_hit(void *arg, const struct store_hit *h, const struct store_sought *w)
{
    struct returning *x = arg;

    (void)w;
    if (x->count == x->room) {
        size_t room = x->room == 0 ? 256 : 2 * x->room;
        struct store_hit *more = realloc(x->hit, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        x->hit = more;
        x->room = room;
    }
    x->hit[x->count++] = *h;
    return 0;
}

/* ---- one row ----------------------------------------------------------------------------- */

struct looked {
    struct store_object o;
    char *all;
};

static int
copy_object(void *arg, const struct store_object *o)
{
    struct looked *l = arg;

    return egress_copy(o, &l->o, &l->all);
}

/* Its marking, if the collection has it: 1; 0 it has not. */
static int
look_for_indicator(struct returning *x, struct slice id, enum tlp *ret)
{
    struct store_object which = {.collection = x->from.number, .id = id, .version_at = {-1}};
    const struct egress_to to = {
        .store = x->n.store, .unmarked = TLP_AMBER, .now = x->ask->now};
    struct looked l = {.all = NULL};
    int r = store_get_version(x->n.store, &which, copy_object, &l);

    if (r == 0)
        r = egress_tlp(&to, &l.o, ret);
    else if (r == ERR_NOTFOUND)
        return 0;
    free(l.all);
    return r < 0 ? r : 1;
}

static bool
is_our_own(const struct returning *x, const uint8_t id[HIT_ID])
{
    uint32_t at = x->own == NULL ? SET_GONE : indicators_find(x->own, id);
    struct indicator one;

    if (at == SET_GONE)
        return false;
    indicators_get(x->own, at, &one);
    return !one.foreign;
}

static int
tell_hit(struct returning *x, const struct store_hit *h, struct emit *e)
{
    struct sightings_tell t = {.party = slice_of(x->n.conf->party), .modified = x->ask->now};
    const struct sighted row = {.day = h->day,
                                .events = h->events,
                                .count = h->count,
                                .unrecorded = h->unrecorded,
                                .first = h->first,
                                .last = h->last,
                                .kinds = h->kinds};
    char id[INDICATOR_ID];
    struct slice indicator = {id, sizeof id};
    int r;

    if (is_our_own(x, h->id))
        return 0;
    indicator_id_text(h->id, id);
    r = look_for_indicator(x, indicator, &t.tlp);
    if (r <= 0)
        return r;
    if (t.tlp < TLP_AMBER)
        t.tlp = TLP_AMBER;
    r = sightings_renew(x->n.store, x->into.number, &t, indicator, &row, e);
    x->done->same += r > 0;
    return r < 0 ? r : 0;
}

/* ---- all of them ------------------------------------------------------------------------- */

static int
hand_in(struct returning *x, struct buf *all)
{
    const struct taxii_ground g = {.store = x->n.store, .now = x->ask->now};
    struct objects_counts n = {.added = 0};
    int r = objects_publish(x->ask->dir, &g, &x->into, all, &n, x->ei);

    x->done->refused += n.refused;
    return r;
}

static int
tell_all(struct returning *x)
{
    AUTO_BUF(all, ENVELOPE_MOST);
    struct emit e = {.out = &all, .ei = x->ei};
    unsigned party = 0; /* objects that stand for nothing new */
    int r = 0;

    for (size_t i = 0; r == 0 && i < x->count; i++) {
        if (all.len == 0) {
            e.count = 0;
            buf_text(&all, "{\"objects\":[");
            r = sightings_party(&e, slice_of(x->n.conf->party));
            party = e.count;
        }
        if (r == 0)
            r = tell_hit(x, &x->hit[i], &e);
        if (r != 0 || (all.len <= ENVELOPE && (i + 1 < x->count || e.count == party)))
            continue;
        r = hand_in(x, &all);
        x->done->added += r == 0 ? e.count - party : 0;
    }
    return r;
}

static int
find_collections(struct returning *x)
{
    const struct returns_ask *a = x->ask;
    int r = taxii_look(x->n.store, slice_of(a->from), &x->from);

    if (r == 0)
        r = taxii_look(x->n.store, slice_of(a->into), &x->into);
    if (r == ERR_NOTFOUND)
        return err_set(x->ei, r, "the collection of sightings is gone: `%.64s`", a->into);
    if (r == 0 && x->into.party[0] != '\0')
        return err_set(x->ei, ERR_CONF, "sightings go to a collection of this node's own");
    if (r == 0 && x->n.conf->party[0] == '\0')
        return err_set(x->ei, ERR_CONF, "who sighted is not known: `party` in detente.yaml");
    return r;
}

static int
look_at_own(struct returning *x)
{
    char path[NODE_PATH];
    int r = node_path(x->ask->dir, LOOKOUT_FILE, path, x->ei);

    if (r == 0)
        r = indicators_map(path, &x->own, x->ei);
    if (r == ERR_NOTFOUND) { /* nothing is looked for any more */
        x->ei->text[0] = '\0';
        return 0;
    }
    return r;
}

int
returns_put(const struct returns_ask *a, struct returns_done *ret, struct errinfo *ei)
{
    struct returning x = {.ask = a, .done = ret, .ei = ei};
    const struct store_hits_ask hits = {
        .since = hits_day(a->now) - RETURNS_DAYS + 1, .by_day = true, .limit = HITS_ROWS};
    int r = node_open(a->dir, NODE_READ, &x.n, ei);

    *ret = (struct returns_done){.added = 0};
    if (r < 0)
        return r;
    r = find_collections(&x);
    if (r == 0)
        r = look_at_own(&x);
    if (r == 0)
        r = store_each_hit(x.n.store, &hits, keep_hit, &x);
    if (r == 0)
        r = tell_all(&x);
    node_close(&x.n);
    (void)indicators_free(x.own);
    free(x.hit);
    return r < 0 && ei->text[0] == '\0' ? err_set(ei, r, "%s", err_text(r)) : r;
}
