/* In the mirror of another's log: what its leaves name, for this node, that is not here yet.
 * Changed in the transaction that takes the entries; what came is dropped after it is durable
 * elsewhere, so that a crash between the two asks for it once more. */
#ifndef DETENTE_STORE_WANTED_H
#define DETENTE_STORE_WANTED_H

#include "store/store.h"

enum wanted_kind {
    WANTED_MESSAGE = 1,
    WANTED_ANNEX,
    WANTED_SEEN,
    WANTED_OWN, /* a message of this node, lost here: `sequence` is its index in our log */
    WANTED_SUCCESSOR, /* never in a mirror: asked for when the log itself has gone on */
    WANTED_TOTALS     /* `sequence` is the second in which their period ends */
};

struct store_wanted {
    uint64_t leaf; /* of that log */
    enum wanted_kind kind;
    struct slice pact;
    struct slice party; /* whose annex */
    uint64_t sequence;  /* of the annex */
    struct hash sha256; /* of the message, or of the note's text */
};
MUST_USE int store_put_wanted(struct store *s, const struct store_wanted *w);
/* The first ones, by leaf; a result other than 0 stops and is given back. */
MUST_USE int store_each_wanted(struct store *s, unsigned limit,
                               int (*each)(void *arg, const struct store_wanted *w), void *arg);
MUST_USE int store_drop_wanted(struct store *s, uint64_t leaf);
/* All of that kind and pact: a newer one takes their place. */
MUST_USE int store_drop_wanted_kind(struct store *s, enum wanted_kind kind, struct slice pact);
/* Entries of the mirror from `size` on did not prove to be the log's: they, their tiles and
 * what they name go away.  Never of a node's own log. */
MUST_USE int store_cut_mirror(struct store *s, uint64_t size);
MUST_USE int store_count_wanted(struct store *s, uint64_t *ret);

#endif
