/* Inside fsck.  Private to src/role/fsck*.c. */
#ifndef DETENTE_ROLE_FSCK_PRIV_H
#define DETENTE_ROLE_FSCK_PRIV_H

#include "ledger/leaf.h"
#include "role/fsck.h"

struct fsck {
    const struct fsck_of *of;
    struct fsck_result *ret;
    struct errinfo *ei;
    /* the generation of the log that is walked */
    struct store_log keep;
    struct ledger_storage storage;
    const struct vkey *log;
    struct vkey before; /* what it points to, of one that ended */
    uint64_t block_leaves;
    uint64_t act_leaves;
    uint64_t acts;
    int64_t holds; /* by the log */
    int64_t held;  /* that a row tells of */
    uint64_t size;
    int64_t next_block;            /* number of the first row that was not read */
    struct hash who;               /* of the act leaf that was read */
    const struct store_block *row; /* the one whose leaf is read */
    struct hash commitment[EVENTS_PER_BLOCK];
};

/* Leaves, tiles, checkpoints, and the row of each block beside its leaf. */
MUST_USE int fsck_walk(struct fsck *f);
/* Erasures, holds, and what opens heartbeats, gaps and canaries, in the order of the log: what
 * the store has of them. */
bool fsck_wants(enum leaf_type t);
MUST_USE int fsck_look_at_other(struct fsck *f, const struct leaf *leaf, uint64_t index);

#endif
