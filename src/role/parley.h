/* What the engine has to do with counterparts: the book of its pacts, messages, rounds, and the
 * links to the process that has the network.
 *
 * Before the first signature of an engine those who cosigned the log are asked, for at most
 * PARLEY_ASK_US, whether they hold more of it than this node does: a directory that was put
 * back as a whole, with its mark, shows in no other way.  The engine is held for so long.
 *
 * A node without a pact costs one look into the store every PARLEY_LOOK_US.  Notes that come
 * while it runs are read then; only for a counterpart that was never met files must be opened,
 * which the fence does not allow: then the engine ends in order, and begins anew. */
#ifndef DETENTE_ROLE_PARLEY_H
#define DETENTE_ROLE_PARLEY_H

#include "conf/conf.h"
#include "role/arbiter.h"
#include "role/cosigners.h"
#include "role/link.h"
#include "role/peers.h"
#include "role/treaty.h"
#include "role/witness.h"

#define PARLEY_LOOK_US INT64_C(2000000)  /* for new notes */
#define PARLEY_ASK_US  INT64_C(3000000)  /* at most, before the first signature … */
#define PARLEY_JOIN_US INT64_C(10000000) /* … and for the process that asks to come */
#define PARLEY_TELL_US INT64_C(1000000)  /* the gate, of what changed */

struct parley_whom; /* what the peer process was told, or is to be */

struct parley {
    struct node *node;
    struct witness *witness;
    const struct node_keys *keys; /* NULL: there was no room for them, nothing is said */
    struct treaty *treaty;        /* documents of pacts */
    uint64_t changes;             /* … of it, that the book knows */
    int parent;                   /* its link */
    int carrier;                  /* link of whoever carries a bundle, -1 nobody */
    int link;                     /* -1: the peer process is not there */
    int bodies;                   /* memory for what is sent, -1 */
    struct book *book;            /* NULL: no pact */
    uint64_t failed;              /* notes in the store when they could not be read */
    struct talk talk;
    struct fetcher fetcher;
    struct peers *peers;         /* NULL: no keys */
    struct arbiter *arbiter;     /* NULL: no pact */
    struct cosigners *cosigners; /* NULL: no policy */
    struct parley_whom *whom;
    struct link_peer *state; /* as it was told last */
    int64_t looked;
    int64_t told;
    bool told_all;
    int64_t clock_kept; /* mono: when the offset of our clock was */
    bool wants;         /* a process that asks, and has not said so */
    bool anew;
    int64_t asks_until; /* 0: nothing holds the engine up */
};

/* Before the fence.  All that it is given outlives p.  ERR_IO, ERR_NOMEM. */
MUST_USE int parley_open(struct parley *p, struct node *n, struct witness *w,
                         const struct node_keys *keys, struct treaty *treaty, int parent,
                         struct errinfo *ei);
void parley_close(struct parley *p);
/* The parent gave a link to the peer process, and memory: both are taken. */
void parley_link(struct parley *p, int fds[LINK_FDS]);
/* Somebody carries what that party answers: the link is taken. */
MUST_USE int parley_carry(struct parley *p, const char *party, int link, struct errinfo *ei);
/* What came and what is due.  1: something came; 0; else the engine's end. */
MUST_USE int parley_step(struct parley *p, struct errinfo *ei);
/* Over the gate's link, what it does not know; all with a new gate. */
void parley_tell(struct parley *p, int gate, bool new_gate);
/* Something was said: the other party need not wait for it. */
void parley_said(struct parley *p);
/* There is a counterpart that only an engine which begins anew can meet. */
bool parley_is_over(const struct parley *p);

#endif
