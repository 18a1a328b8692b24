/* A node in one file, and back.
 *
 * The file is a tar archive (pax) compressed with zstd, so that it can be looked into without
 * detente: detente.db (a snapshot, taken while the node runs), evidence/, tables/tables.bin,
 * detente.yaml and last MANIFEST, which names each file with its size and SHA-256 and the tree
 * that the store has.  keys/ is in it only when asked for; `mark`, the guard against a store that
 * was put back, never is.
 *
 * A restored node may be behind what was signed, and signing on would make a second history.  So
 * DIR/restored keeps the engine from opening until somebody knows better: the mark of the lost
 * disk, put beside it, or a checkpoint that others have seen last (restore_seen()). */
#ifndef DETENTE_ROLE_BACKUP_H
#define DETENTE_ROLE_BACKUP_H

#include <stdbool.h>

#include "role/view.h"

struct backup_result {
    uint64_t files;
    uint64_t bytes; /* of the files */
    struct tree_head head;
};

/* Write the node to `file`, which appears whole or not at all.  ERR_CONF: the place; ERR_IO,
 * ERR_FULL, ERR_NOMEM. */
MUST_USE int backup_write(struct view *v, const char *file, bool keys, struct backup_result *ret,
                          struct errinfo *ei);
/* Read a backup whole: every hash, and the log in its store from the first entry to its newest
 * checkpoint.  ERR_PROOF: something does not fit; ERR_CONF: no backup. */
MUST_USE int backup_verify(const char *file, struct backup_result *ret, struct errinfo *ei);
/* Into a directory that is new, empty, or holds nothing but the mark of the disk that was lost. */
MUST_USE int backup_restore(const char *file, const char *dir, struct backup_result *ret,
                            struct errinfo *ei);

/* The newest checkpoint that anybody saw: when the store holds it, the node signs on. */
MUST_USE int restore_seen(struct view *v, struct slice note, struct errinfo *ei);

#endif
