/* A node in one file, and back.
 *
 * The file is a tar archive (pax) compressed with zstd, so that it can be looked into without
 * detente: detente.db (a snapshot, taken while the node runs), evidence/, tables/tables.bin,
 * detente.yaml and last MANIFEST, which names each file with its size and SHA-256 and the tree
 * that the store has.  keys/ is in it only when asked for; `mark`, the guard against a store
 * that was put back, never is.
 *
 * Of what others gave, also what stands in files:
 *
 *     exchange/sources/NAME.json   a source, and how far it has come: without it the next pull
 *                                  would ask for all again
 *     exchange/sources/NAME.ca     whom it trusts
 *     exchange/sources/NAME.secret, NAME.pem
 *                                  password or token, client certificate with its key: with
 *                                  them somebody else can ask there as this node, so they are
 *                                  in it with keys/ alone
 *     exchange/carried/ID          how far bundles have brought a collection
 *     indicators/NAME.json         what is looked for, as it was taken in
 *
 * Locks are not, nor what was being written.  Sources are read before the store's snapshot is
 * taken: one that is being pulled then is behind its objects and gets some of them twice, which
 * does no harm; the other way round they would be lost.
 *
 * A restored node may be behind what was signed, and signing on would make a second history. So
 * DIR/restored keeps the engine from opening until somebody knows better: the mark of the lost
 * disk, put beside it, or a checkpoint that others have seen last (restore_seen()). */
#ifndef DETENTE_ROLE_BACKUP_H
#define DETENTE_ROLE_BACKUP_H

#include <stdbool.h>

#include "role/view.h"

struct backup_result {
    uint64_t files;
    uint64_t bytes; /* of the files */
    /* Of a backup that was written: */
    uint64_t secret; /* files of sources' passwords and keys that are not in it */
    uint64_t odd;    /* … and files of indicators/ whose names no backup can hold */
    struct tree_head head;
};

/* Write the node to `file`, which appears whole or not at all.  ERR_CONF: the place; ERR_IO,
 * ERR_FULL, ERR_NOMEM; ERR_LIMIT: more than BACKUP_INDICATORS lists of indicators. */
enum { BACKUP_INDICATORS = 1 << 16 };
MUST_USE int backup_write(struct view *v, const char *file, bool keys,
                          struct backup_result *ret, struct errinfo *ei);
/* Read a backup whole: every hash, and the log in its store from the first entry to its newest
 * checkpoint.  ERR_PROOF: something does not fit; ERR_CONF: no backup. */
MUST_USE int backup_verify(const char *file, struct backup_result *ret, struct errinfo *ei);
/* Into a directory that is new, empty, or holds nothing but the mark of the disk that was lost.
 */
MUST_USE int backup_restore(const char *file, const char *dir, struct backup_result *ret,
                            struct errinfo *ei);

/* The newest checkpoint that anybody saw: when the store holds it, the node signs on. */
MUST_USE int restore_seen(struct view *v, struct slice note, struct errinfo *ei);

#endif
