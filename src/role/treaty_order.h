/* Adopting documents by order of the command line: by the node that runs there, or under its
 * lock, here.
 *
 * The documents go to a running node in a descriptor, each as u32 length of its name, u32
 * length, name, bytes; what is said of them comes back over the control socket. */
#ifndef DETENTE_ROLE_TREATY_ORDER_H
#define DETENTE_ROLE_TREATY_ORDER_H

#include "role/treaty.h"

enum { TREATY_PACKED = TREATY_BYTES + TREATY_DOCUMENTS * (TREATY_NAME + 8) };

struct treaty_told {
    uint32_t version; /* of the control socket's records */
    int32_t status;   /* 0, or what it was refused with */
    struct treaty_done done;
    struct errinfo ei;
};

/* 0 when it was tried: ret->status says what came of it; ERR_BUSY: another command writes there
 * now; ERR_* of the way there, with ei.  Of ask, user and role are set here. */
MUST_USE int treaty_order(const char *dir, struct treaty_ask *ask, struct treaty_told *ret,
                          struct errinfo *ei);

/* In the engine: do what an order says whose documents stand in the first n bytes of fd, and
 * tell peer, which is closed.  0, or the engine's end. */
struct treaty_serve {
    const char *user; /* the unix user's name */
    bool seen;
    uint64_t bytes;
    int fd;
    int peer;
};
MUST_USE int treaty_serve(struct treaty *t, const struct treaty_serve *s, struct errinfo *ei);

#endif
