/* The further witnesses of this node's log, in the engine: those that its policy names
 * (role/quorum.h).  A step function, as role/peers.h.
 *
 * Each is shown the newest checkpoint every COSIGNERS_EVERY_US, or a minute after it cosigned
 * an equal one; pauses grow while it does not answer.  What it answers is believed when it is
 * one line of its key over just that tree, not from the future and not older than its last;
 * only then it is kept, durably, and counted.  None of it holds anything up: the log goes on,
 * and counterparts are asked by themselves.
 *
 * A witness that shows a tree under this log's signature that this log never had is the end of
 * the engine (ERR_PROOF): to sign on would make a second history. */
#ifndef DETENTE_ROLE_COSIGNERS_H
#define DETENTE_ROLE_COSIGNERS_H

#include "conf/conf.h"
#include "note/policy.h"
#include "role/engine.h"
#include "role/fetch.h"
#include "role/peers.h"

#define COSIGNERS_EVERY_US INT64_C(10000000)
#define COSIGNERS_PAUSE_US INT64_C(600000000)
#define COSIGNERS_SKEW_US  INT64_C(300000000) /* a time so far ahead of ours is none */
enum { COSIGNERS_CA_MAX = 256 * 1024 /* bytes of `witness.ca` */ };

struct cosigners; /* opaque */

struct cosigners_open {
    struct engine *engine;
    struct store *store;
    const struct env *env;
    const struct conf *conf;
    const struct policy *policy; /* copied */
    const struct fetcher *fetcher;
};
/* ERR_NOMEM, ERR_IO. */
MUST_USE int cosigners_open(const struct cosigners_open *o, struct cosigners **ret,
                            struct errinfo *ei);
struct cosigners *cosigners_close(struct cosigners *c); /* NULL is fine; gives NULL */
/* What is due; an error is the engine's end. */
MUST_USE int cosigners_step(struct cosigners *c, struct errinfo *ei);
/* An answer to one of the numbers from FETCH_PEERS on. */
MUST_USE int cosigners_told(struct cosigners *c, const struct fetch_told *t, struct slice body,
                            struct errinfo *ei);
/* The process that fetches was started again. */
void cosigners_fetcher_new(struct cosigners *c);
/* Each that can be asked was, since the start, as peers_checked(). */
bool cosigners_checked(const struct cosigners *c);
/* Did enough of them cosign, of late, a tree of this log?  True when none is asked for. */
#define COSIGNERS_LATE_US INT64_C(300000000)
bool cosigners_meet(const struct cosigners *c);
unsigned cosigners_count(const struct cosigners *c);
/* How it stands with one: party is its name, origin its key's; only fault, why, since, answered
 * and witnessed say something. */
void cosigners_state(const struct cosigners *c, unsigned number, struct peer_state *ret);

/* The file `witness.ca`; nothing without one.  ERR_CONF. */
MUST_USE int cosigners_ca(const char *dir, const struct conf *c, struct buf *ret,
                          struct errinfo *ei);

#endif
