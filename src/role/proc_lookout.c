#include "role/proc_lookout.h"

int
proc_lookout_open(struct proc_lookout *p, struct node *n, struct errinfo *ei)
{
    p->looked = n->env.now_mono(n->env.self);
    p->mtime = node_lookout_mtime(n->dir);
    return node_reload_lookout(n, ei);
}

int
proc_lookout_step(struct proc_lookout *p, struct node *n, struct engine_role *role,
                  struct errinfo *ei)
{
    struct role_event flush = {.kind = ROLE_FLUSH};
    int64_t now = n->env.now_mono(n->env.self);
    int64_t mtime;
    int r;

    if (now - p->looked < PROC_LOOKOUT_US)
        return 0;
    p->looked = now;
    mtime = node_lookout_mtime(n->dir);
    if (mtime == p->mtime || role_blocked(role))
        return 0;
    r = role_step(role, &flush, ei);
    if (r < 0)
        return r == ERR_FULL ? 0 : r;
    p->mtime = mtime;
    r = node_reload_lookout(n, ei);
    if (r == ERR_FULL) {
        p->mtime = 0; /* to be told again when there is room */
        return 0;
    }
    if (r == 0)
        n->env.log(n->env.self, ENV_INFO,
                   n->lookout == NULL ? "nothing is looked for"
                                      : "what is looked for was read");
    return r;
}
