/* What the node was heard to say, and what follows from it: the log leaf by leaf, with a root
 * for each size that was signed; each event's raw bytes in each stream's order; how far each
 * stream was taken.  Computed here by plain code of its own, from what was fed and what was
 * told. */
#ifndef DETENTE_WORLD_MODEL_H
#define DETENTE_WORLD_MODEL_H

#include <stdint.h>

#include "base/sha256.h"
#include "ledger/tree.h"

struct world;

struct model_head {
    uint64_t size;
    struct hash root;
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
    struct model_head told; /* the largest that somebody may have seen */
    uint64_t blocks;        /* whose events were compared */
    uint64_t events;
    uint64_t duplicates;
    uint64_t skewed;
    uint64_t next[8]; /* by stream: the line behind the last one that is kept */
    int64_t last_at;
};

void model_release(struct model *m);

/* The node told somebody of this head. */
void model_told(struct world *w, uint64_t size, const struct hash *root);
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
