/* Acts: a change of the state and its leaf, in one transaction, under a new checkpoint. */
#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "role/engine_priv.h"
#include "store/people.h"

enum { OPENED_MAX = 512 };

static int
write_leaf(struct engine *e, const struct engine_act *a, struct utime now, struct errinfo *ei)
{
    uint8_t salt[LEAF_SALT];
    char number[24] = "";
    AUTO_BUF(opened, OPENED_MAX);
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    struct hash who;
    uint64_t index;
    int r;

    e->env->random(e->env->self, salt, sizeof salt);
    leaf_open_person(&opened, a->user, a->role);
    if (buf_error(&opened) < 0)
        return buf_error(&opened);
    who = leaf_commit(salt, buf_get(&opened));
    if (*a->object != 0)
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)*a->object);
    {
        const struct leaf_value values[] = {LEAF_TEXT("action", slice_of(a->action)),
                                            LEAF_TEXT("object", slice_of(number)),
                                            LEAF_TEXT("role", a->role), LEAF_HASH("who", &who)};

        r = leaf_write(&entry, LEAF_ACT, now, (struct leaf_values){values, 4}, ei);
    }
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    if (r == 0)
        r = store_put_act(e->store, index, (struct slice){(const char *)salt, sizeof salt},
                          buf_get(&opened));
    return r;
}

static bool
is_refusal(int r)
{
    return r == ERR_AUTH || r == ERR_NOTFOUND || r == ERR_CONF || r == ERR_LIMIT ||
           r == ERR_INVALID;
}

static int
put_act(struct engine *e, const struct engine_act *a, bool *refused, struct errinfo *ei)
{
    struct utime now = engine_next_time(e);
    int r = a->change(a->arg, e->store, now);

    *refused = is_refusal(r);
    if (r == 0)
        r = write_leaf(e, a, now, ei);
    if (r == 0)
        r = ledger_sign(e->ledger, e->key, NULL, ei);
    return r == 0 ? engine_put_clock(e) : r;
}

int
engine_do(struct engine *e, const struct engine_act *a, struct errinfo *ei)
{
    struct utime last_at = e->last_at;
    bool refused = false;
    int r = engine_check_room(e, 0);

    ei->text[0] = '\0';
    if (r < 0)
        return err_set(ei, r, "%s", err_text(r));
    r = engine_may_sign(e, ei);
    if (r == 0)
        r = store_begin(e->store);
    if (r == 0)
        r = put_act(e, a, &refused, ei);
    if (r == 0)
        r = store_commit(e->store);
    if (r == 0) {
        ledger_commit(e->ledger);
        r = engine_put_mark(e, ei);
    } else {
        if (!refused)
            r = engine_fail(e, r, ei);
        store_rollback(e->store);
        ledger_rollback(e->ledger);
        e->last_at = last_at;
    }
    if (r < 0 && r != ERR_FULL && !refused)
        store_leave(e->store);
    return r;
}
