#include "role/hold.h"

#include "ledger/ledger.h"
#include "role/engine_priv.h"
#include "store/people.h"

enum { OPENED_MAX = 65536 };

struct work {
    struct engine *engine;
    const struct hold_order *order;
    struct errinfo *ei;
    struct hold_span span[HOLD_SPANS];
    bool refused;
};

static int
refuse(struct work *w, int r, const char *what, uint64_t block)
{
    w->refused = true;
    if (block == 0)
        return err_set(w->ei, r, "case %.*s %s", (int)w->order->name.len, w->order->name.ptr,
                       what);
    return err_set(w->ei, r, "block %llu %s", (unsigned long long)block, what);
}

/* It is there, with its events; UINT32_MAX is the last one. */
static int
check_end(struct work *w, struct event_id *id)
{
    struct store_block row;
    int r = store_get_block(w->engine->store, id->block, &row);

    if (r == ERR_NOTFOUND)
        return refuse(w, r, "is not there", id->block);
    if (r == 0 && id->index != UINT32_MAX && id->index >= row.events)
        return refuse(w, ERR_NOTFOUND, "has not so many events", id->block);
    if (r == 0 && row.erased == ERASURE_BLOCK)
        return refuse(w, ERR_GONE, "is erased already", id->block);
    if (r == 0 && id->index == UINT32_MAX)
        id->index = row.events - 1;
    return r;
}

static void
open_detail(const struct work *w, struct buf *to)
{
    const struct hold_order *o = w->order;
    char id[EVENT_ID_TEXT];

    buf_text(to, "[\"hold\",");
    buf_json(to, o->name);
    buf_text(to, ",[");
    for (unsigned i = 0; i < o->spans; i++) {
        (void)event_id_format(w->span[i].first, id);
        buf_printf(to, "%s[\"%s\",", i > 0 ? "," : "", id);
        (void)event_id_format(w->span[i].last, id);
        buf_printf(to, "\"%s\"]", id);
    }
    buf_text(to, "],");
    buf_json(to, o->text);
    buf_char(to, ']');
}

/* The opening of what is to be held, or of what is held. */
static int
detail(struct work *w, struct buf *to)
{
    const struct hold_order *o = w->order;
    struct store_hold old;
    struct slice salt;
    struct slice opened;
    int r = store_get_hold(w->engine->store, o->name, &old);

    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    if (o->action != LEAF_HOLD_PLACE) {
        if (r == ERR_NOTFOUND)
            return refuse(w, r, "has no hold", 0);
        r = store_get_opening(w->engine->store, old.leaf, &salt, &opened);
        if (r == 0)
            buf_slice(to, opened);
        return r < 0 ? r : buf_error(to);
    }
    if (r == 0)
        return refuse(w, ERR_CONF, "has a hold already: extend it, or release it first", 0);
    for (unsigned i = 0; i < o->spans; i++) {
        w->span[i] = o->span[i];
        r = check_end(w, &w->span[i].first);
        if (r == 0)
            r = check_end(w, &w->span[i].last);
        if (r < 0)
            return r;
    }
    open_detail(w, to);
    return buf_error(to);
}

static struct slice
bytes_of(const uint8_t salt[LEAF_SALT])
{
    return (struct slice){(const char *)salt, LEAF_SALT};
}

static int
append_act(struct work *w, struct utime now)
{
    static const char *const names[] = {"hold.place", "hold.extend", "hold.release"};
    const struct hold_order *o = w->order;
    struct engine *e = w->engine;
    uint8_t salt[LEAF_SALT];
    AUTO_BUF(opened, 1024);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    struct hash who;
    uint64_t index = 0;
    int r;

    e->env->random(e->env->self, salt, sizeof salt);
    leaf_open_person(&opened, o->who.user, o->who.role);
    if (buf_error(&opened) < 0)
        return buf_error(&opened);
    who = leaf_commit(salt, buf_get(&opened));
    {
        const struct leaf_value values[] = {
            LEAF_TEXT("action", slice_of(names[o->action])), LEAF_TEXT("object", o->name),
            LEAF_TEXT("role", o->who.role), LEAF_HASH("who", &who)};

        r = leaf_write(&entry, LEAF_ACT, now, (struct leaf_values){values, 4}, w->ei);
    }
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    return r < 0 ? r : store_put_act(e->store, index, bytes_of(salt), buf_get(&opened));
}

static int
put_rows(struct work *w, const struct store_hold *row)
{
    const struct hold_order *o = w->order;
    struct store *s = w->engine->store;
    int r;

    if (o->action == LEAF_HOLD_RELEASE)
        return store_drop_hold(s, o->name);
    r = store_put_hold(s, row);
    for (unsigned i = 0; r == 0 && i < o->spans; i++)
        r = store_put_held(s, o->name, o->span[i].first.block, o->span[i].last.block);
    return r;
}

static int
put_all(void *arg, struct engine *e, struct errinfo *ei)
{
    struct work *w = arg;
    const struct hold_order *o = w->order;
    struct leaf_hold leaf = {.case_ = o->name, .action = o->action, .until = o->until};
    struct store_hold row = {.name = o->name, .until = o->until};
    uint8_t salt[LEAF_SALT];
    AUTO_BUF(opened, OPENED_MAX);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    int r = detail(w, &opened);

    if (r < 0)
        return r;
    e->env->random(e->env->self, salt, sizeof salt);
    leaf.detail = leaf_commit(salt, buf_get(&opened));
    row.placed = engine_next_time(e);
    r = leaf_write_hold(&entry, row.placed, &leaf, ei);
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &row.leaf);
    if (r == 0)
        r = store_put_opening(e->store, row.leaf, bytes_of(salt), buf_get(&opened));
    if (r == 0)
        r = append_act(w, row.placed);
    return r == 0 ? put_rows(w, &row) : r;
}

int
hold_do(struct engine *e, const struct hold_order *o, bool *ret_refused, struct errinfo *ei)
{
    struct work w = {.engine = e, .order = o, .ei = ei};
    int r = engine_change(e, put_all, &w, &w.refused, ei);

    *ret_refused = w.refused;
    return r;
}
