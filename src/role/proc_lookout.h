/* What the running engine looks for: read again when it was made anew. */
#ifndef DETENTE_ROLE_PROC_LOOKOUT_H
#define DETENTE_ROLE_PROC_LOOKOUT_H

#include "role/engine_step.h"
#include "role/node.h"

enum { PROC_LOOKOUT_US = 1000000 /* how often it is looked whether it was */ };

struct proc_lookout {
    int64_t looked; /* mono */
    int64_t mtime;  /* of the file that is in use */
    int parent;     /* its link: who is told when that file is behind, … */
    uint64_t asked; /* … for which number last */
};

/* At the start, before the fence.  Errors as of node_reload_lookout(), but for a full disk,
 * which is waited for. */
MUST_USE int proc_lookout_open(struct proc_lookout *p, struct node *n, int parent,
                               struct errinfo *ei);
/* A turn.  What was taken so far is recorded with what was looked for then.  Errors as of
 * role_step(); a full disk is waited for. */
MUST_USE int proc_lookout_step(struct proc_lookout *p, struct node *n, struct engine_role *role,
                               struct errinfo *ei);

#endif
