/* Proof files that messages between parties name (docs/formats/messages.md, evidence): those
 * that this node gives, and those that it was promised.  A file is known by its hash, and kept
 * as the bytes it is.  Calls that change something belong into a transaction (store_begin()).
 */
#ifndef DETENTE_STORE_PROOFS_H
#define DETENTE_STORE_PROOFS_H

#include "model/event.h"
#include "store/store.h"

enum proof_state {
    PROOF_GIVEN,  /* ours: for the other party to fetch */
    PROOF_WANTED, /* theirs: promised, and not here yet */
    PROOF_HOLDS,  /* … and found to be what the message says */
    PROOF_WRONG,  /* … and found to be something else */
    PROOF_GONE    /* … and erased before it was fetched */
};

const char *proof_state_name(enum proof_state s); /* "given" */

struct store_proof {
    struct hash id; /* of the file */
    struct slice pact;
    struct slice party; /* the other one */
    enum proof_state state;
    struct event_id event; /* of its log */
    uint64_t leaf;         /* of the block, in its log … */
    struct hash commitment;
    uint64_t named;      /* of ours: leaf of the message that names it */
    struct slice origin; /* prefix that its message says it came from; of one that was checked,
                            the address that it shows; "" none */
    struct utime tried;  /* when it was asked for last; 0 never */
    struct slice file;   /* empty: not here, or erased */
    uint64_t number;     /* as they came; set by reading */
};
/* One that is there already stays as it is. */
MUST_USE int store_put_proof(struct store *s, const struct store_proof *p);
/* The one of ours for that party, or theirs.  ERR_NOTFOUND; borrowed until the next call. */
MUST_USE int store_get_proof(struct store *s, const struct hash *id, struct slice party,
                             bool ours, struct store_proof *ret);
/* The next of that party's that is wanted, of a number above `after` and tried before `before`.
 * ERR_NOTFOUND. */
MUST_USE int store_next_proof(struct store *s, struct slice party, uint64_t after,
                              struct utime before, struct store_proof *ret);
/* What became of one of theirs: state, tried, file, origin. */
MUST_USE int store_end_proof(struct store *s, const struct store_proof *p);
/* The ids of what that party may fetch, of messages from that leaf on; a result other than 0
 * stops and is given back. */
MUST_USE int store_each_given(struct store *s, struct slice party, uint64_t since,
                              int (*each)(void *arg, const struct hash *id), void *arg);
/* The block is erased here: what was given of it is given no more. */
MUST_USE int store_erase_proofs(struct store *s, uint64_t block);

#endif
