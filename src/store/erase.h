/* What was erased, what is kept of it so that every other proof holds, and what must not be
 * erased.
 *
 * A block has one of three states: whole (its key is there), without raw bytes (kept: struct
 * commit_kept of each event), erased (kept: the commitments of its events alone).  The rows say
 * so from the commit of the erasure on; `pending` until its bytes are known to be gone from the
 * segments and from the write-ahead log.  A handle belongs to one thread, as all of the store.
 */
#ifndef DETENTE_STORE_ERASE_H
#define DETENTE_STORE_ERASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/store.h"

struct store_erasure {
    uint64_t block;
    enum erasure scope; /* not ERASURE_NONE */
    uint64_t leaf;      /* of the erasure, in the log */
    struct utime at;
    struct slice rule;
    bool pending;
};

/* Within a transaction: the block's key is deleted, and its filter of addresses too when all of
 * it goes; kept takes the place of what was kept before. */
MUST_USE int store_put_erasure(struct store *s, const struct store_erasure *e,
                               struct slice kept);
/* Slices are valid until the next call.  ERR_NOTFOUND: nothing was erased in that block. */
MUST_USE int store_get_erasure(struct store *s, uint64_t block, struct store_erasure *ret);
MUST_USE int store_count_erased(struct store *s, uint64_t *ret); /* blocks */
/* ERASURE_NONE: nothing was.  Leaves no read open. */
MUST_USE int store_get_scope(struct store *s, uint64_t block, enum erasure *ret);
/* A block without a whole key of which no erasure is known; ERR_NOTFOUND: none. */
MUST_USE int store_lost_key(struct store *s, uint64_t *ret_block);
MUST_USE int store_get_kept(struct store *s, uint64_t block, enum erasure scope,
                            struct slice *ret);

/* Pending ones whose leaf is before that one: each of the first `limit` of them from a block
 * on.
 */
MUST_USE int store_each_pending(struct store *s, uint64_t before_leaf, uint64_t from,
                                unsigned limit,
                                int (*each)(void *arg, uint64_t block, enum erasure scope),
                                void *arg);
MUST_USE int store_clear_pending(struct store *s, uint64_t before_leaf); /* all of them */
/* What was deleted leaves the write-ahead log too: it goes into the database and is emptied.
 * Does not wait: ERR_BUSY while another process reads; so when it gives 0 nobody reads what was
 * there before.  Ends every read of this handle. */
MUST_USE int store_scrub(struct store *s);

struct store_aged {
    uint64_t block;
    struct utime seen; /* when it was closed */
    uint32_t events;
};
/* Each of the first `limit` blocks from a number on that are in that state (not ERASURE_BLOCK).
 * A result other than 0 stops and is given back. */
MUST_USE int store_each_in_state(struct store *s, enum erasure state, uint64_t from,
                                 unsigned limit,
                                 int (*each)(void *arg, const struct store_aged *b), void *arg);

/* ---- holds ---- */

struct store_hold {
    struct slice name;  /* of the case */
    struct utime until; /* negative: open */
    struct utime placed;
    uint64_t leaf; /* the newest; its opening says what is held */
};
/* Insert or replace, without its blocks. */
MUST_USE int store_put_hold(struct store *s, const struct store_hold *h);
/* The blocks from first to last are held by that name. */
MUST_USE int store_put_held(struct store *s, struct slice name, uint64_t first, uint64_t last);
/* Slices are valid until the next call.  ERR_NOTFOUND. */
MUST_USE int store_get_hold(struct store *s, struct slice name, struct store_hold *ret);
/* With its blocks. */
MUST_USE int store_drop_hold(struct store *s, struct slice name);
MUST_USE int store_each_hold(struct store *s,
                             int (*each)(void *arg, const struct store_hold *h), void *arg);
/* The name of a hold on the block that is not over at `now`, or ERR_NOTFOUND. */
MUST_USE int store_find_hold(struct store *s, uint64_t block, struct utime now,
                             struct slice *ret);

/* What opens the commitment in a leaf: who of an erasure, detail of a hold.  Acts have their
 * own (store/people.h).  Kept for ever. */
MUST_USE int store_put_opening(struct store *s, uint64_t leaf, struct slice salt,
                               struct slice opened);
/* Valid until the next call.  ERR_NOTFOUND. */
MUST_USE int store_get_opening(struct store *s, uint64_t leaf, struct slice *ret_salt,
                               struct slice *ret_opened);

#endif
