/* DIR/control: how the command line hands an input to a running node.
 *
 * A unix stream socket, mode 0600; the peer must be the node's own user or root.  A request
 * carries one descriptor and the sensor's name; the answer is the result of the ingest.  Both
 * ends are the same program on the same machine, so records go as they are, under a number
 * that changes with them. */
#ifndef DETENTE_ROLE_CONTROL_H
#define DETENTE_ROLE_CONTROL_H

#include "model/text.h"
#include "role/ingest.h"

enum { CONTROL_VERSION = 2, CONTROL_SENSOR = SENSOR_MAX + 8 /* with NUL */ };

struct control_request {
    uint32_t version;
    uint32_t what; /* 1: ingest the descriptor that comes along */
    char sensor[CONTROL_SENSOR];
};

struct control_answer {
    uint32_t version;
    int32_t status; /* 0 or ERR_* */
    struct ingest_result result;
    struct errinfo ei;
};

/* Listen; a stale socket of a dead node is replaced (the caller holds the node's lock). */
MUST_USE int control_listen(const char *dir, int *ret_fd, struct errinfo *ei);
/* Take one request that waits: 1 with *ret_peer and *ret_fd (both to be closed), 0 none. */
int control_accept(int fd, struct control_request *ret, int *ret_peer, int *ret_fd);
void control_reply(int peer, const struct control_answer *a);

/* The other end.  ERR_BUSY: the node's lock is held, but not by a running node.  Blocks until
 * the node is done. */
MUST_USE int control_ingest(const char *dir, int fd, const char *sensor,
                            struct ingest_result *ret, struct errinfo *ei);

#endif
