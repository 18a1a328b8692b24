/* What the node was heard to say, and what follows from it: the log leaf by leaf, with a root
 * for each size that was signed; each event's raw bytes in each stream's order; how far each
 * stream was taken.  Computed here by plain code of its own, from what was fed and what was
 * told. */
#ifndef DETENTE_WORLD_MODEL_H
#define DETENTE_WORLD_MODEL_H

#include <stdint.h>

#include "base/sha256.h"
#include "ledger/commit.h"
#include "store/store.h"

enum { MODEL_STREAMS = 4 };
#include "ledger/tree.h"

struct world;

struct model_head {
    uint64_t size;
    struct hash root;
};

/* A block as it was first read, and what leaves say of it since. */
struct model_block {
    uint64_t next[MODEL_STREAMS]; /* lines behind it */
    struct hash columns;          /* of its events */
    uint8_t key[COMMIT_KEY];
    int64_t seen;
    uint32_t events;
    uint32_t duplicates;
    enum erasure erased;
    bool gone; /* its key was looked for, and is nowhere */
};

struct model {
    struct hash *leaf; /* H(00 || entry) of all leaves that were told of */
    uint64_t leaves;
    uint64_t room;
    struct model_head *head; /* signed, by size, growing */
    uint64_t heads;
    uint64_t head_room;
    struct hash peak[64]; /* roots of the complete subtrees, largest first */
    unsigned peaks;
    struct model_head told;    /* the largest that somebody may have seen */
    struct model_block *block; /* blocks of them: number less 1 */
    uint64_t block_room;
    uint64_t blocks; /* whose events were compared */
    uint64_t events;
    uint64_t erased[3]; /* blocks, by what is erased of them */
    uint64_t erased_events;
    uint64_t duplicates;
    uint64_t skewed;
    uint64_t next[MODEL_STREAMS]; /* by stream: the line behind the last one that is kept */
    int64_t last_at;              /* of the newest leaf */
};

void model_release(struct model *m);

/* The node told somebody of this head. */
void model_told(struct world *w, uint64_t size, const struct hash *root);
/* A page showed it, of now or of a moment before. */
void model_shown(struct world *w, uint64_t size, const struct hash *root);
/* Everything that is new is compared and remembered: after each record and each start, where
 * also what is not new is looked at. */
void model_follow(struct world *w, bool start);
/* What was told of is in the log that was opened. */
void model_holds(struct world *w);
/* Positions and counters of the store against the lines and events that are kept. */
void model_count(struct world *w);
/* All of it, and `log fsck --events`.  0 or fsck's error: with `flipped`, what it finds is no
 * violation. */
int model_check_all(struct world *w, bool flipped);

#endif
