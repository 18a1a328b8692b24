/* The mirror of another party's log, in the engine: every entry of it, held, so that the
 * holder's cosignature can say so, messages can be proved, and a counterpart that lost its disk
 * can have its log back.
 *
 * A mirror is a store of its own, DIR/mirror/<hex of H(origin)>/: the log of another must not
 * stand in the way of one's own.  Entries are taken in order as they come and count once a
 * checkpoint of that log covers them; those that do not fit it are thrown away, and the
 * checkpoint is kept as the proof of it.  What leaves name for this node (messages to it, the
 * annexes of that party, after a lost disk also what this node said) waits in `wanted` until it
 * is here. */
#ifndef DETENTE_ROLE_MIRROR_H
#define DETENTE_ROLE_MIRROR_H

#include "ledger/ledger.h"
#include "store/store.h"
#include "store/wanted.h"

struct mirror; /* opaque */

enum {
    MIRROR_BATCH = 4096,   /* entries of a transaction */
    MIRROR_AHEAD = 1 << 20 /* entries that are taken before a checkpoint must cover them */
};

struct mirror_open {
    const char *dir; /* the node's */
    struct slice origin;
    struct slice party; /* whose log it is … */
    struct slice self;  /* … and this node's */
    bool own_words;     /* what it says it received of ours is wanted too: it was lost here */
};
/* Opens it at its end, or makes it.  ERR_PROOF: what is there does not fit together; ERR_IO,
 * ERR_FULL, ERR_NOMEM. */
MUST_USE int mirror_open(const struct mirror_open *o, struct mirror **ret, struct errinfo *ei);
/* What is held, to be read by anybody beside a running node: mirror_taken() is mirror_held().
 * ERR_NOTFOUND: nothing is held of that log; ERR_IO, ERR_NOMEM. */
MUST_USE int mirror_look(const char *dir, struct slice origin, struct mirror **ret,
                         struct errinfo *ei);
struct mirror *mirror_close(struct mirror *m); /* NULL is fine; gives NULL */

uint64_t mirror_taken(const struct mirror *m); /* entries, proved or not */
/* What a checkpoint covers: size 0 before the first. */
struct tree_head mirror_held(const struct mirror *m);
/* Of held entries: for proofs. */
struct ledger *mirror_ledger(struct mirror *m);
struct store *mirror_store(struct mirror *m);

/* Take entries from a bundle as tlog-tiles has it (u16 length, bytes, …) whose first entry has
 * index `first`: those that are there already are passed over.  At most up to `until`.
 * ERR_INVALID: it is no bundle, or does not reach; ERR_LIMIT: over MIRROR_AHEAD; ERR_FULL,
 * ERR_IO. */
struct mirror_bundle {
    uint64_t first;
    uint64_t until;
    struct slice bytes;
};
MUST_USE int mirror_take(struct mirror *m, const struct mirror_bundle *b, struct errinfo *ei);
/* All entries of that checkpoint are here (its signature was checked): do they give its root?
 * Then it is kept and counts, durably.  ERR_PROOF: they do not; what was not held is gone. */
MUST_USE int mirror_settle(struct mirror *m, const struct tree_head *head, struct slice note,
                           struct errinfo *ei);
/* What of that is wanted came, and is durable. */
MUST_USE int mirror_have(struct mirror *m, uint64_t leaf);

#endif
