#include "role/proc_lookout.h"

#include "role/link.h"
#include "role/watchlist.h"

/* What the store could not be told for want of room it is told later: no reason not to run. */
static int
take(struct proc_lookout *p, struct node *n, struct errinfo *ei)
{
    int r = node_reload_lookout(n, ei);

    if (r != ERR_FULL)
        return r;
    p->mtime = -1;
    return 0;
}

int
proc_lookout_open(struct proc_lookout *p, struct node *n, int parent, struct errinfo *ei)
{
    p->parent = parent;
    p->looked = n->env.now_mono(n->env.self);
    p->mtime = node_lookout_mtime(n->dir);
    return take(p, n, ei);
}

/* Once for each change: who makes it tries until it is made. */
static int
ask_for_it(struct proc_lookout *p, struct node *n, struct errinfo *ei)
{
    uint64_t have = n->lookout == NULL ? 0 : indicators_number(lookout_indicators(n->lookout));
    struct link_msg m = {.op = LINK_LIST_WANTED};
    uint64_t number;
    int r = watchlist_number(n->store, &number);

    if (r < 0)
        return err_set(ei, r, "the store: %s", store_error(n->store));
    if (number != have && number != p->asked && link_send(p->parent, &m, NULL, 0, false) == 0)
        p->asked = number;
    return 0;
}

int
proc_lookout_step(struct proc_lookout *p, struct node *n, struct engine_role *role,
                  struct errinfo *ei)
{
    const struct lookout *before = n->lookout;
    struct role_event flush = {.kind = ROLE_FLUSH};
    int64_t now = n->env.now_mono(n->env.self);
    int64_t mtime;
    int r;

    if (now - p->looked < PROC_LOOKOUT_US)
        return 0;
    p->looked = now;
    mtime = node_lookout_mtime(n->dir);
    if (mtime == p->mtime)
        return ask_for_it(p, n, ei);
    if (role_blocked(role))
        return 0;
    r = role_step(role, &flush, ei);
    if (r < 0)
        return r == ERR_FULL ? 0 : r;
    p->mtime = mtime;
    r = take(p, n, ei);
    if (r == 0 && n->lookout != before) /* else it could not be read, and that is logged */
        n->env.log(n->env.self, ENV_INFO,
                   n->lookout == NULL ? "nothing is looked for"
                                      : "what is looked for was read");
    return r;
}
