/* Acts: a change of the state and its leaf, in one transaction, under a new checkpoint. */
#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/engine_priv.h"
#include "store/people.h"

enum { OPENED_MAX = 512 };

int
engine_put_act(struct engine *e, const struct engine_who *w, struct utime now,
               struct errinfo *ei)
{
    uint8_t salt[LEAF_SALT];
    AUTO_BUF(opened, OPENED_MAX);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    struct hash who;
    uint64_t index;
    int r;

    e->env->random(e->env->self, salt, sizeof salt);
    leaf_open_person(&opened, w->user, w->role);
    if (buf_error(&opened) < 0)
        return buf_error(&opened);
    who = leaf_commit(salt, buf_get(&opened));
    {
        const struct leaf_value values[] = {LEAF_TEXT("action", slice_of(w->action)),
                                            LEAF_TEXT("object", w->object),
                                            LEAF_TEXT("role", w->role), LEAF_HASH("who", &who)};

        r = leaf_write(&entry, LEAF_ACT, now, (struct leaf_values){values, 4}, ei);
    }
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    if (r == 0)
        r = store_put_act(e->store, index, (struct slice){(const char *)salt, sizeof salt},
                          buf_get(&opened));
    return r;
}

static int
write_leaf(struct engine *e, const struct engine_act *a, struct utime now, struct errinfo *ei)
{
    char number[24] = "";

    if (*a->object != 0)
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)*a->object);
    return engine_put_act(
        e, &(struct engine_who){a->user, a->role, a->action, slice_of(number)}, now, ei);
}

static bool
is_refusal(int r)
{
    return r == ERR_AUTH || r == ERR_NOTFOUND || r == ERR_CONF || r == ERR_LIMIT ||
           r == ERR_INVALID;
}

struct doing {
    const struct engine_act *act;
    bool refused;
};

static int
put_act(void *arg, struct engine *e, struct errinfo *ei)
{
    struct doing *d = arg;
    struct utime now = engine_next_time(e);
    int r = d->act->change(d->act->arg, e->store, now);

    d->refused = is_refusal(r);
    return r == 0 ? write_leaf(e, d->act, now, ei) : r;
}

int
engine_do(struct engine *e, const struct engine_act *a, struct errinfo *ei)
{
    struct doing d = {.act = a};
    int r = engine_check_room(e, 0);

    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    return engine_change(e, put_act, &d, &d.refused, ei);
}
