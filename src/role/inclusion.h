/* That a leaf stands in a log: its bytes, and a C2SP tlog-proof of them. */
#ifndef DETENTE_ROLE_INCLUSION_H
#define DETENTE_ROLE_INCLUSION_H

#include "ledger/ledger.h"
#include "note/note.h"
#include "store/store.h"

enum { INCLUSION_MAX = NOTE_MAX + (1 << 14) /* bytes of the proof */ };

/* Append the entry of a leaf of any generation, and its proof under the checkpoint that proves
 * it best: with what others signed (quorum_cover()); else the newest that the log itself
 * signed. l: of the log that goes on.  ERR_NOTFOUND: none covers it yet. */
MUST_USE int inclusion_prove(struct store *s, struct ledger *l, uint64_t leaf,
                             struct buf *ret_entry, struct buf *ret_proof);
/* The verifier key of the log that holds a leaf: its name is the origin. */
MUST_USE int inclusion_key(struct store *s, uint64_t leaf, struct vkey *ret);

/* The same of a log that this node holds: under the first checkpoint that it cosigned itself,
 * else the newest that is held. */
struct inclusion_mirror {
    struct store *own; /* this node's */
    struct slice origin;
    struct store *store; /* the mirror's */
    struct ledger *ledger;
};
MUST_USE int inclusion_prove_mirror(const struct inclusion_mirror *m, uint64_t leaf,
                                    struct buf *ret_entry, struct buf *ret_proof);

#endif
