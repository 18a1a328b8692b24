/* Collections: made, given to readers and writers, followed. */
#include "model/text.h"
#include "role/engine_priv.h"
#include "role/objects_priv.h"
#include "role/watchlist.h"
#include "store/people.h"

struct collecting {
    struct objects_collection *c;
    bool refused;
};

static int
put_collection(void *arg, struct engine *e, struct errinfo *ei)
{
    struct collecting *x = arg;
    struct store_collection *c = &x->c->collection;
    struct utime now = engine_next_time(e);
    const struct engine_who who = {x->c->user, SLICE("operator"), "collection.add",
                                   slice_of("")};
    int r;

    c->made = now;
    r = store_add_collection(e->store, c, &c->number);
    x->refused = r == ERR_CONF || r == ERR_LIMIT;
    return r == 0 ? engine_put_act(e, &who, now, ei) : r;
}

int
objects_collect(struct engine *e, struct objects_collection *c, bool *ret_refused,
                struct errinfo *ei)
{
    const struct store_collection *k = &c->collection;
    struct collecting x = {.c = c};
    int r;

    *ret_refused = true;
    if (k->id.len != COLLECTION_ID || !objects_is_plain(k->id, COLLECTION_ID) ||
        !text_is_name(k->name) || k->title.len == 0 || k->title.len > COLLECTION_TITLE_MAX ||
        k->description.len > COLLECTION_DESCRIPTION_MAX)
        return err_set(ei, ERR_INVALID,
                       "a collection has a name of a to z, 0 to 9 and hyphens, a title of up "
                       "to %d bytes and a description of up to %d",
                       COLLECTION_TITLE_MAX, COLLECTION_DESCRIPTION_MAX);
    r = engine_check_room(e, 0);
    if (r == 0)
        r = engine_change(e, put_collection, &x, &x.refused, ei);
    if (r == ERR_CONF)
        r = err_set(ei, r, "there is a collection of that name");
    *ret_refused = x.refused || r == ERR_FULL;
    return r;
}

struct naming {
    struct slice wanted;
    int64_t number;
};

static int
find_named(void *arg, const struct store_collection *c)
{
    struct naming *x = arg;

    if (!slice_eq(c->id, x->wanted) && !slice_eq(c->name, x->wanted))
        return 0;
    x->number = c->number;
    return 1;
}

static int
find_number(struct engine *e, struct slice wanted, int64_t *ret, struct errinfo *ei)
{
    struct naming x = {.wanted = wanted};
    int r = store_each_collection(e->store, find_named, &x);

    *ret = x.number;
    return r < 0 ? r : r == 0 ? err_set(ei, ERR_NOTFOUND, "there is no such collection") : 0;
}

struct permitting {
    const struct objects_right *right;
    bool refused;
};

static int
put_right(void *arg, struct engine *e, struct errinfo *ei)
{
    struct permitting *x = arg;
    const struct engine_who who = {x->right->user, SLICE("operator"), "collection.permit",
                                   slice_of("")};
    struct store_person p;
    int64_t collection;
    int r = find_number(e, x->right->collection, &collection, ei);

    x->refused = true;
    if (r < 0)
        return r;
    r = store_find_person(e->store, PERSON_HUMAN, x->right->person, &p);
    if (r == ERR_NOTFOUND)
        r = store_find_person(e->store, PERSON_TOKEN, x->right->person, &p);
    if (r < 0)
        return r == ERR_NOTFOUND
                   ? err_set(ei, r, "there is no user and no token %s", x->right->person)
                   : r;
    x->refused = false;
    r = store_set_right(e->store, collection, p.id, x->right->rights);
    return r == 0 ? engine_put_act(e, &who, engine_next_time(e), ei) : r;
}

int
objects_permit(struct engine *e, const struct objects_right *right, bool *ret_refused,
               struct errinfo *ei)
{
    struct permitting x = {.right = right};
    int r = engine_check_room(e, 0);

    if (r == 0)
        r = engine_change(e, put_right, &x, &x.refused, ei);
    *ret_refused = (x.refused && r == ERR_NOTFOUND) || r == ERR_FULL;
    return r;
}

struct following {
    const struct objects_follow *follow;
    bool refused;
};

static int
put_follow(void *arg, struct engine *e, struct errinfo *ei)
{
    struct following *x = arg;
    const struct engine_who who = {
        x->follow->user, SLICE("operator"),
        x->follow->ends ? "collection.unfollow" : "collection.follow", slice_of("")};
    int64_t collection;
    int r = find_number(e, x->follow->collection, &collection, ei);

    x->refused = r == ERR_NOTFOUND;
    if (r == 0)
        r = store_follow_collection(e->store, collection, !x->follow->ends);
    if (r == 0)
        r = watchlist_changed(e->store);
    return r == 0 ? engine_put_act(e, &who, engine_next_time(e), ei) : r;
}

int
objects_follow(struct engine *e, const struct objects_follow *follow, bool *ret_refused,
               struct errinfo *ei)
{
    struct following x = {.follow = follow};
    int r = engine_check_room(e, 0);

    if (r == 0)
        r = engine_change(e, put_follow, &x, &x.refused, ei);
    *ret_refused = x.refused || r == ERR_FULL;
    return r;
}
