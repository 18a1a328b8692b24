/* Erasing: blocks lose their raw bytes, or everything but the commitments of their events.
 *
 * In this order, so that it can stop anywhere:
 *   1. one transaction puts the `erasure` leaves under a newly signed checkpoint, keeps what
 *      other proofs need (salts, or commitments), deletes the keys, and marks the blocks as
 *      pending: from its commit on nobody is shown what is erased;
 *   2. the write-ahead log, where the keys may still stand, is emptied, which takes that nobody
 *      reads a state from before: no reader ever sees bytes vanish that its rows have;
 *   3. the bytes in the segments are overwritten and synced;
 *   4. the mark is taken off.
 * Who finds pending blocks at a start does 2 to 4 again.  What is kept is computed from the
 * evidence and compared with the block's root first: of a damaged block nothing is erased.
 *
 * Belongs to the engine's thread. */
#ifndef DETENTE_ROLE_ERASE_H
#define DETENTE_ROLE_ERASE_H

#include "role/engine.h"
#include "store/erase.h"

struct eraser; /* opaque: a reader, and room for one block */

enum { ERASE_BLOCKS = 16 /* in one transaction */ };

/* ERR_NOMEM.  The engine must outlive it. */
MUST_USE int eraser_open(struct engine *e, struct eraser **ret);
struct eraser *eraser_close(struct eraser *x); /* NULL is fine; gives NULL */

/* A person, as leaves commit to one. */
struct erase_person {
    struct slice user;
    struct slice role;
};

struct erase_order {
    const uint64_t *block; /* rising */
    unsigned count;        /* 1..ERASE_BLOCKS */
    enum erasure scope;
    struct slice rule;              /* identifier: it stands in the leaf */
    const struct erase_person *who; /* NULL: by the rule alone */
    struct utime now;               /* for holds: those that end later count */
};
/* Refused, and nothing changed: ERR_NOTFOUND (no such block, or its key is lost), ERR_GONE (as
 * much is erased already), ERR_BUSY (held), ERR_PROOF (damaged); *ret_bad is the block, ei says
 * it, and eraser_refused() is true.  ERR_FULL: nothing changed either.  Any other error is the
 * end, as of engine_record(). */
MUST_USE int erase_blocks(struct eraser *x, const struct erase_order *o, uint64_t *ret_bad,
                          struct errinfo *ei);
bool eraser_refused(const struct eraser *x);

/* Step 2.  *ret_before: leaves from there on are of erasures that came later.  ERR_BUSY:
 * somebody reads, and it is to be tried again.  Ends every read of the store. */
MUST_USE int erase_scrub(struct eraser *x, uint64_t *ret_before, struct errinfo *ei);
/* Step 3 for up to ERASE_BLOCKS pending blocks from *from on, which moves behind them, and step
 * 4 behind the last.  1: there are more; 0: all that step 2 was about is gone. */
MUST_USE int erase_destroy(struct eraser *x, uint64_t before, uint64_t *from,
                           struct errinfo *ei);

#endif
