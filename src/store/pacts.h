/* Notes of pacts, as they were signed: the pacts of this node, the annexes of their parties,
 * what one party said it has seen of another's, and who denounced them.
 *
 * A note never changes once it is here; what is put again with other bytes is refused.  The
 * calls that change something belong into a transaction (store_begin()). */
#ifndef DETENTE_STORE_PACTS_H
#define DETENTE_STORE_PACTS_H

#include "store/store.h"

enum pact_note_kind {
    PACT_NOTE_PACT = 1,     /* party "", sequence the version */
    PACT_NOTE_ANNEX,        /* party whose it is */
    PACT_NOTE_SEEN,         /* party whose annex was seen, by the other of the two */
    PACT_NOTE_DENUNCIATION, /* party who denounced it, sequence the version */
    PACT_NOTE_SUCCESSOR     /* party whose log goes on, sequence the new one's generation */
};
#define PACT_LEAF_NONE UINT64_MAX

struct store_pact_note {
    enum pact_note_kind kind;
    struct slice pact;
    struct slice party;
    struct slice by; /* of a seen: who saw it; else "" */
    uint64_t sequence;
    struct hash sha256; /* of the text */
    struct slice note;  /* with its signatures */
    uint64_t leaf; /* that says so, in the log of whoever signed, counted over its generations
                    * (ledger/ledger.h); PACT_LEAF_NONE: not known */
    bool own;      /* that log is this node's */
    struct utime taken; /* when it came to be here */
};
/* ERR_INVALID: there is one with other bytes. */
MUST_USE int store_put_pact_note(struct store *s, const struct store_pact_note *n);
/* The leaf of one that is there and had none. */
MUST_USE int store_set_pact_leaf(struct store *s, const struct store_pact_note *n,
                                 uint64_t leaf);
/* ERR_NOTFOUND; borrowed until the next call.  Of n count kind, pact, party, by, sequence. */
MUST_USE int store_get_pact_note(struct store *s, const struct store_pact_note *n,
                                 struct store_pact_note *ret);
/* By kind, pact, party, sequence; a result other than 0 stops and is given back. */
MUST_USE int store_each_pact_note(struct store *s,
                                  int (*each)(void *arg, const struct store_pact_note *n),
                                  void *arg);
/* Grows with each note that is put: whoever read them all knows whether there are others. */
MUST_USE int store_count_pact_notes(struct store *s, uint64_t *ret);

#endif
