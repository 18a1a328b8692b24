/* Everything that a node keeps, read and hashed again: what an operator runs after an accident,
 * and the test world after every one.
 *
 * All generations of the log, each under its own key.
 *
 * First the pages of the database, each against its sum, so that no flipped bit stays unseen.
 * Then one walk over the log: entries, tiles, every checkpoint that was ever signed, the row of
 * each block against its leaf, each erasure and each hold with its rows.  Then each act's leaf
 * against what is kept of who did it; and with a reader every event against the root that its
 * block's leaf has: from what is kept where a block was erased, whose bytes must be gone then.
 * A key that is missing is damage unless a leaf says that it was erased.  Linear in what is
 * kept, some 2.5 us a leaf and core, 50 us a checkpoint. */
#ifndef DETENTE_ROLE_FSCK_H
#define DETENTE_ROLE_FSCK_H

#include "ledger/ledger.h"
#include "role/dict.h"
#include "store/query.h"

struct fsck_of {
    struct store *store;
    struct reader *reader; /* NULL: events are not read */
    struct dict *dict;
    const struct vkey *log;
    unsigned threads; /* cores to use; up to 1: this thread alone */
    /* Told of each leaf that is not of its form; may be NULL. */
    void (*tell)(void *arg, uint64_t leaf, const char *what, const char *why);
    void *arg;
};

struct fsck_result {
    struct ledger_check log;
    uint64_t ended; /* leaves of generations before it */
    uint64_t notes; /* signed checkpoints */
    uint64_t blocks;
    uint64_t events;     /* hashed again */
    uint64_t raw_erased; /* blocks without raw bytes */
    uint64_t erased;     /* blocks of which the commitments alone are kept */
    uint64_t malformed;
};

/* Over the first `size` leaves of the log that goes on, and all of those before it.  0 when
 * clean; ERR_PROOF, with a sentence in ei, or what the store says.  *ret is filled as far as it
 * came. */
MUST_USE int fsck_run(const struct fsck_of *of, uint64_t size, struct fsck_result *ret,
                      struct errinfo *ei);

#endif
