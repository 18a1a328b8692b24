/* DIR/control: how the command line hands an input, or an order, to a running node.
 *
 * A unix stream socket, mode 0600; the peer must be the node's own user or root.  A request for
 * an ingest carries one descriptor and the sensor's name, and the answer is its result; an
 * order is an act of a person (model/person.h).  Both ends are the same program on the same
 * machine, so records go as they are, under a number that changes with them. */
#ifndef DETENTE_ROLE_CONTROL_H
#define DETENTE_ROLE_CONTROL_H

#include "model/person.h"
#include "model/text.h"
#include "role/ingest.h"
#include "role/keep.h"
#include "role/speech.h"

enum { CONTROL_VERSION = 12, CONTROL_SENSOR = SENSOR_MAX + 8 /* with NUL */ };

enum control_what {
    CONTROL_INGEST = 1,   /* sensor, with a descriptor */
    CONTROL_ORDER = 2,    /* order */
    CONTROL_KEEP = 3,     /* a struct keep_ask comes behind the request */
    CONTROL_TREATY = 4,   /* bytes, seen, with a descriptor (role/treaty_order.h) */
    CONTROL_OBJECTS = 10, /* bytes, with a descriptor (role/objects.h) */
    CONTROL_CARRY = 9,    /* with a link, by which a bundle answers; sensor: from which party */
    CONTROL_SAY = 8       /* a struct speech_ask does */
};

struct control_request {
    uint32_t version;
    uint32_t what;  /* enum control_what */
    uint32_t uid;   /* of the peer: set by whoever accepts it */
    uint32_t bytes; /* of documents in the descriptor */
    uint32_t seen;
    char sensor[CONTROL_SENSOR];
    struct person_ask order;
};

struct control_answer {
    uint32_t version;
    int32_t status; /* 0 or ERR_* */
    struct ingest_result result;
    struct errinfo ei;
};

struct control_told { /* the answer to an order */
    uint32_t version;
    int32_t status;
    struct person_answer answer;
    struct errinfo ei;
};

/* Listen; a stale socket of a dead node is replaced (the caller holds the node's lock). */
MUST_USE int control_listen(const char *dir, int *ret_fd, struct errinfo *ei);
/* Take one request that waits: 1 with *ret_peer and *ret_fd (both to be closed; the latter -1
 * for an order), 0 none. */
int control_accept(int fd, struct control_request *ret, int *ret_peer, int *ret_fd);
void control_reply(int peer, const struct control_answer *a);
void control_tell(int peer, const struct control_told *t); /* closes peer too */
/* The order that comes behind a request: ERR_INVALID when it is none, or not all there. */
MUST_USE int control_take_keep(int peer, struct keep_ask *ret);
void control_tell_keep(int peer, const struct keep_answer *a); /* closes peer too */
/* The same of what is to be said. */
MUST_USE int control_take_say(int peer, struct speech_ask *ret);
void control_tell_say(int peer, struct speech_answer *a); /* closes peer too */
struct treaty_told;
void control_tell_treaty(int peer, const struct treaty_told *t); /* closes peer too */
/* The unix user's name, `root`, or `uid-N`. */
void control_user(uint32_t uid, char to[PERSON_USER]);

/* The other end.  ERR_BUSY: the node's lock is held, but not by a running node.  Blocks until
 * the node is done. */
MUST_USE int control_ingest(const char *dir, int fd, const char *sensor,
                            struct ingest_result *ret, struct errinfo *ei);
/* Have an order done: by the node that runs there, or else under its lock, here.  0 when it was
 * tried: ret->status says what came of it. */
MUST_USE int control_order(const char *dir, const struct person_ask *ask,
                           struct person_answer *ret, struct errinfo *ei);
/* The same, but by the node that runs there alone.  ERR_NOTFOUND: none runs. */
MUST_USE int control_order_live(const char *dir, const struct person_ask *ask,
                                struct person_answer *ret, struct errinfo *ei);
/* The same of what is kept, but by the node that runs there alone. */
MUST_USE int control_keep(const char *dir, const struct keep_ask *ask, struct keep_answer *ret,
                          struct errinfo *ei);
/* Hand over a link that answers for a party (role/carry.h); the result comes over that. */
MUST_USE int control_carry(const char *dir, int link, const char *party, struct errinfo *ei);
/* The same of what is to be said. */
MUST_USE int control_say(const char *dir, const struct speech_ask *ask,
                         struct speech_answer *ret, struct errinfo *ei);
struct objects_told;
void control_tell_objects(int peer, const struct objects_told *t); /* closes peer too */
/* The same of objects. */
MUST_USE int control_objects(const char *dir, int fd, size_t bytes, struct objects_told *ret,
                             struct errinfo *ei);
/* The same of documents of pacts. */
MUST_USE int control_treaty(const char *dir, int fd, size_t bytes, bool seen,
                            struct treaty_told *ret, struct errinfo *ei);

#endif
