/* Fork proofs (docs/formats/keys-and-notes.md): one log signed two histories.
 *
 * Two notes under one log key suffice when their sizes are equal and their roots are not;
 * else an entry must be shown at one place that is another in each.  Such a file accuses by
 * itself: it holds no key, the verifier brings the log's.  Pure. */
#ifndef DETENTE_EXCHANGE_FORK_H
#define DETENTE_EXCHANGE_FORK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "ledger/tree.h"
#include "note/key.h"

enum { FORK_MAX = 1024 * 1024 /* bytes */ };

/* An entry as one of the two histories has it. */
struct fork_entry {
    struct hash leaf;
    struct tree_path path;
};

struct fork_make {
    struct slice a; /* whole notes */
    struct slice b;
    /* NULL: the notes alone are to prove it. */
    const struct fork_entry *a_entry;
    const struct fork_entry *b_entry;
    uint64_t index; /* of the entries */
};

/* Append the file when it proves a fork under one of these log keys.  ERR_NOTFOUND: the notes
 * alone prove nothing, or the entries are the same (ei says what is missing); ERR_PROOF: a note
 * or path does not verify; ERR_LIMIT. */
MUST_USE int fork_write(struct buf *b, const struct fork_make *m, struct vkeys log,
                        struct errinfo *ei);

struct fork {
    bool entry; /* shown by an entry; else by equal sizes */
    uint64_t index;
    uint64_t a_size;
    uint64_t b_size;
    struct hash a_root;
    struct hash b_root;
    const struct vkey *log; /* who signed both */
};

/* ERR_PROOF for every fault of the file (ei says which), ERR_NOMEM. */
MUST_USE int fork_verify(struct slice file, struct vkeys log, struct fork *ret,
                         struct errinfo *ei);

#endif
