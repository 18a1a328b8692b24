/* What a bundle holds is taken in as if its sender had answered: by the node that runs there,
 * or by this process under its lock. */
#ifndef DETENTE_ROLE_CARRY_H
#define DETENTE_ROLE_CARRY_H

#include "role/peers.h"

struct carry {
    const char *dir;
    const char *party; /* whose bundle it is */
    /* The bytes of a member, appended; ERR_NOTFOUND: it is not in there. */
    int (*get)(void *arg, struct slice path, struct buf *ret);
    void *arg;
};

/* 0 with *ret: what was new, and what was wrong with it.  ERR_NOTFOUND: no such counterpart;
 * ERR_BUSY; else an error of the way there. */
MUST_USE int carry(const struct carry *c, struct carried *ret, struct errinfo *ei);

#endif
