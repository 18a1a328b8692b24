/* What the roles say to each other: fixed messages over socket pairs.
 *
 * A link is a SOCK_SEQPACKET pair that the parent made, so that a message comes whole or not at
 * all, with the descriptors that belong to it.  Both ends are the same program on the same
 * machine: records go as they are.  What the other end says is not believed: a message of
 * another size or with another operation than the reader waits for ends the link. */
#ifndef DETENTE_ROLE_LINK_H
#define DETENTE_ROLE_LINK_H

#include <stdbool.h>

#include "base/err.h"
#include "ledger/ledger.h"
#include "model/person.h"
#include "model/text.h"
#include "role/board.h"
#include "role/exports.h"
#include "role/fetch.h"
#include "role/ingest.h"
#include "role/peers.h"
#include "role/tls.h"
#include "role/witness.h"
#include "store/store.h"

enum { LINK_FDS = 2, LINK_NAME = SENSOR_MAX + 8 }; /* bytes, with NUL */

enum link_op {
    /* a role to its parent */
    LINK_READY = 1, /* state: open and fenced in; the gate names its port */
    LINK_FAILED,    /* status, ei: it cannot go on and ends */
    LINK_LOOK,      /* a sensor: open my source again; → LINK_LOOKED */
    LINK_DUE,       /* a puller: due; nothing is left for it to do */
    /* … and LINK_STATE, all but sensors, as long as they live */
    /* the parent to a role */
    LINK_SOURCE, /* to the gate: slot of count sources, feed's name, the file that tells of it
                    as the descriptor; of none slot and count are 0 */
    LINK_STOP,   /* finish what is there and end */
    LINK_LOOKED, /* with the source's descriptor, or none when it is not there */
    LINK_FEED,   /* to the engine: feed, with the sensor's link and its slots */
    LINK_GATE,   /* to the engine: the gate's link; to the gate: the engine's */
    LINK_ORDER,  /* to the engine: order, with the connection that waits for the answer */
    LINK_TLS,    /* to the engine: tls, other certificates are served from now on */
    LINK_KEEP,   /* the same, of order only user: what is asked stands in the connection */
    LINK_CARRY,  /* to the engine: feed's name is a party, for which the link given answers
                    LINK_FETCH; in the end it is told LINK_CARRIED */
    LINK_SAY,    /* likewise, what is to be said */
    /* to the engine: order, of which only user; count: bytes of documents in the descriptor
       behind that of the connection; slot: 1 to acknowledge annexes alone */
    LINK_TREATY,
    LINK_GIVE, /* to the engine: order, of which only user; count: bytes of a struct load_ask
                  and what comes behind it in the descriptor behind that of the connection */
    /* the engine to its parent, and that to the courier */
    LINK_CONDITION, /* condition */
    LINK_SYNCED,    /* since the start of either, all that holds was told */
    LINK_ACKED,     /* acked: a person did, and it is in the log */
    /* a sensor to the engine */
    LINK_FIND, /* slot: its raw area holds the first `count` bytes of a source; → LINK_FOUND */
    LINK_FRAME, /* slot: to be taken; → LINK_FREE when it was */
    LINK_END,   /* the source has an end and this is it; → LINK_DONE when all is durable */
    /* the engine to a sensor */
    LINK_FOUND, /* status 0 or ERR_NOTFOUND, source */
    LINK_FREE,  /* slot */
    LINK_DONE,  /* status, done */
    /* the engine to the gate */
    LINK_STATE,      /* state: newest only, may be skipped */
    LINK_ANSWER,     /* slot: the number of what was asked, answer */
    LINK_WITNESSED,  /* the same, witness */
    LINK_PEER_STATE, /* slot: number of a counterpart, peer; when it is another than before */
    /* the gate to the engine */
    LINK_ASK,      /* slot: a number, 0 wants no answer; ask; → LINK_ANSWER */
    LINK_SPEECH,   /* slot: a number; a struct speech_web in the descriptor; → LINK_WITNESSED,
                      with JSON: of a dry run count bytes of it in the same descriptor */
    LINK_EXPORTED, /* exported: what went to another party */
    LINK_OBJECTS,  /* slot: a number; count: bytes of a struct load_ask and what comes behind it
                      in the descriptor; → LINK_WITNESSED */
    LINK_WITNESS,  /* slot: a number; count: bytes of the body in the descriptor; →
                      LINK_WITNESSED */
    /* the engine to its parent: there are counterparts, and a process that asks them is wanted;
     * → LINK_PEER, from then on also when that one is started again */
    LINK_PEER_WANTED,
    LINK_LIST_WANTED, /* what is looked for is behind (role/watchlist.h) */
    /* the parent to the engine: the link of the peer process, and memory for what is sent to
     * counterparts, PULL_SENT for each; the same to that process, with the engine's link */
    LINK_PEER,
    /* the engine to the peer process */
    LINK_WHOM,  /* slot: number of a counterpart, peer */
    LINK_FETCH, /* ask of it, fetch; with a descriptor when it has a body; → LINK_FETCHED */
    /* the peer process to the engine */
    LINK_FETCHED, /* told; with a descriptor when there is a body */
    LINK_CARRIED  /* to whoever carried: status, ei, carried */
};

/* How it stands with a counterpart (role/peers.h). */
struct link_peer {
    char party[PERSON_USER];
    char origin[264];
    char why[FETCH_ERROR];
    uint32_t fault; /* enum peer_fault */
    uint32_t pad;
    struct utime since;
    struct utime answered;
    struct tree_head theirs;
    uint64_t missing;
    uint64_t witnessed;
    struct utime witnessed_at;
    uint64_t held;
    struct utime held_at;
    struct clock_offset clock;
};

/* What the engine tells of itself, four times a second. */
struct link_state {
    struct tree_head head;
    struct utime signed_at;
    int64_t lag_us;
    uint64_t lines; /* taken ever: 0 on a node without a past */
    uint32_t sensors;
    uint32_t reporting;
    uint32_t full; /* 1: the disk is full, nothing is taken */
    uint32_t port; /* of the gate's first listener */
};

struct link_feed {
    char name[LINK_NAME]; /* of the sensor */
    uint32_t index;       /* among the sensors; what is handed in from outside has none */
    uint32_t finite;      /* 1: has an end, after which somebody waits for the result */
};

struct link_done {
    struct ingest_result result;
    struct errinfo ei;
};

/* When a source is due next, and as of which state of their folder. */
struct link_due {
    struct utime next; /* 0 never */
    int64_t changed_s;
    int64_t changed_ns;
};

/* What a person at the command line wants done. */
struct link_order {
    char user[PERSON_USER]; /* the unix user's name, as the kernel told it to the parent */
    struct person_ask ask;
};

struct link_msg {
    uint32_t op; /* enum link_op */
    uint32_t slot;
    int32_t status; /* 0 or ERR_* */
    uint32_t count;
    union {
        struct store_source source;
        struct link_state state;
        struct link_feed feed;
        struct link_done done;
        struct link_order order;
        struct condition condition;
        struct acked acked;
        struct witness_told witness;
        struct fetch_peer whom;
        struct fetch_ask fetch;
        struct fetch_told fetched;
        struct link_peer peer;
        struct person_ask ask;
        struct person_answer answer;
        struct tls_certificate tls[TLS_OWN];
        struct errinfo ei;
        struct carried carried;
        struct export_told exported;
        struct link_due due;
    } u;
};

/* Two ends; ERR_IO. */
MUST_USE int link_pair(int ret[2]);
/* Sends m and up to LINK_FDS descriptors, which stay the caller's.  With `wait` until there is
 * room, otherwise ERR_BUSY when there is none.  ERR_NOTFOUND: the other end is gone. */
MUST_USE int link_send(int fd, const struct link_msg *m, const int *fds, unsigned count,
                       bool wait);
/* 1: a message, with its descriptors in fds[LINK_FDS], -1 where there is none, which are the
 * caller's now; 0: nothing waits; ERR_NOTFOUND: the other end is gone; ERR_INVALID: it talks
 * nonsense. */
MUST_USE int link_recv(int fd, struct link_msg *ret, int fds[LINK_FDS], bool wait);
/* A message without content. */
MUST_USE int link_say(int fd, enum link_op op);
void link_drop(int fds[LINK_FDS]); /* close what is there */

#endif
