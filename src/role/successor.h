/* A log goes on under another origin: when its disk or its key is lost, when its key was
 * stolen, or for another name (docs/formats/log.md; the way out of a refusal to sign,
 * role/mark.h).
 *
 * What is made, in one transaction: the next generation of the log, empty but for `start`, a
 * `successor` for each pact and `key`, under a new key and the origin `…/<generation>`; and for
 * each pact the signed note `detente-successor/1` that its parties fetch before they take the
 * new origin.  The old log stays, to be proved and to be fetched to its end; its key is
 * destroyed.  Blocks are numbered on.  Killed at any moment, the node is before it or behind
 * it. */
#ifndef DETENTE_ROLE_SUCCESSOR_H
#define DETENTE_ROLE_SUCCESSOR_H

#include "base/err.h"
#include "ledger/tree.h"
#include "note/key.h"

struct successor {
    struct slice reason; /* "disk-lost" "key-lost" "key-stolen" "rename" */
    /* A checkpoint of the log that others hold; empty: none is larger.  Of a node made anew in
     * the place of one that is lost: signed by the key that the annexes of its party name. */
    struct slice seen;
    const struct skey *key; /* the party's; NULL: there is no pact */
};
struct successor_made {
    struct tree_head old; /* what the notes say of the log that ended */
    uint64_t here;        /* … of which this node has so many leaves */
    unsigned generation;
    unsigned pacts;
    char key[VKEY_TEXT]; /* verifier key of the log that goes on */
};
/* ei says what stands against it.  ERR_BUSY: the node is running; ERR_USAGE: no such reason, or
 * a pact and no key; ERR_AUTH: not the key of the party; ERR_PROOF: `seen` is no checkpoint of
 * this log; ERR_CONF, ERR_FULL, ERR_IO, ERR_NOMEM.  Nothing was changed then. */
MUST_USE int successor_make(const char *dir, const struct successor *how,
                            struct successor_made *ret, struct errinfo *ei);

#endif
