/* Merkle trees of RFC 6962 section 2.1 (SHA-256): hashing, roots, proofs.  Pure, no
 * allocation.
 *
 * One kind of tree serves twice: over the log's entries, and over the event commitments of a
 * block.  Sizes are entries; indexes count from 0; paths go from the leaf to the root and must
 * have exactly the length that index and size demand. */
#ifndef DETENTE_LEDGER_TREE_H
#define DETENTE_LEDGER_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"

enum { TREE_PATH_MAX = 64 /* hashes */ };
#define TREE_SIZE_MAX ((uint64_t)INT64_MAX)

struct tree_path {
    unsigned count;
    struct hash hash[TREE_PATH_MAX];
};

struct hash tree_leaf(struct slice entry); /* H(00 || entry) */
/* The same of many, two at a time where the machine can (pairs: tree_pairs(), which asks the
 * processor: some microseconds in a virtual machine).  Around each entry is room that is
 * written to: TREE_BEFORE bytes before it and TREE_BEHIND behind it. */
enum { TREE_BEFORE = 1, TREE_BEHIND = 72 };
struct tree_entry {
    char *bytes;
    size_t len;
};
bool tree_pairs(void);
void tree_leaves(const struct tree_entry *entries, unsigned count, bool pairs,
                 struct hash *ret);
struct hash tree_node(const struct hash *left, const struct hash *right); /* H(01 || l || r) */
struct hash tree_empty(void);                                             /* H("") */
/* Root over n leaf hashes; n = 0 gives tree_empty(). */
struct hash tree_root(const struct hash *leaves, uint64_t n);
/* The path of leaf `index` among n <= 4096 leaf hashes in memory (a block's tree). */
void tree_path_of(const struct hash *leaves, uint64_t n, uint64_t index, struct tree_path *ret);

/* The growing tree by its complete subtrees alone: one node hash an append on average. */
struct tree_frontier {
    uint64_t size;
    struct hash hash[64]; /* by level; level k is held when bit k of size is set */
};
void tree_frontier_add(struct tree_frontier *f, const struct hash *leaf);
struct hash tree_frontier_root(const struct tree_frontier *f);

/* Where proofs take their hashes from: the root of the complete subtree over leaves
 * index * 2^level .. (index + 1) * 2^level.  0 or a negative ERR_*, which is passed on. */
struct tree_source {
    void *self;
    int (*get)(void *self, unsigned level, uint64_t index, struct hash *ret);
};

MUST_USE int tree_root_of(const struct tree_source *s, uint64_t size, struct hash *ret);
/* ERR_NOTFOUND: index >= size. */
MUST_USE int tree_inclusion(const struct tree_source *s, uint64_t index, uint64_t size,
                            struct tree_path *ret);
/* From the tree of `old` entries to that of `size`; empty when equal or old is 0.
 * ERR_NOTFOUND: old > size. */
MUST_USE int tree_consistency(const struct tree_source *s, uint64_t old, uint64_t size,
                              struct tree_path *ret);

/* What a counterpart runs: 0 or ERR_PROOF. */
MUST_USE int tree_check_inclusion(uint64_t index, uint64_t size, const struct hash *leaf,
                                  const struct tree_path *path, const struct hash *root);
struct tree_head {
    uint64_t size;
    struct hash root;
};
/* Equal sizes need equal roots and an empty path.  From an empty tree to another nothing can
 * be proved: ERR_PROOF; who knows a log at size 0 takes its first head without a proof. */
MUST_USE int tree_check_consistency(const struct tree_head *old, const struct tree_head *new_,
                                    const struct tree_path *path);

#endif
