/* The keys of a node beside its log's: one key, one job (docs/formats/keys-and-notes.md).
 *
 *     keys/witness.key  04, cosigns the logs of others
 *     keys/holder.key   04, cosigns what is held of them
 *     keys/message.key  01, signs messages
 *     keys/seal.key     X25519, others encrypt evidence to it
 *
 * Each of the first three may have one that is to follow, keys/ROLE.next.key: from the time
 * that the party's annexes give it, it takes the place of the one before.
 *
 * A key that is not there yet is made, synced before it is used, and is a `key` leaf of the log
 * before anything is signed with it. */
#ifndef DETENTE_ROLE_NODE_KEYS_H
#define DETENTE_ROLE_NODE_KEYS_H

#include "role/book.h"
#include "role/node.h"
#include "role/seal_key.h"

enum node_key { NODE_WITNESS, NODE_HOLDER, NODE_MESSAGE, NODE_KEYS };

struct node_keys {
    struct skey key[NODE_KEYS];
    struct seal_key seal;
    struct {
        struct vkey key;
        int64_t came; /* when its file did; 0: there is none */
    } next[NODE_KEYS];
};

/* Read them, or make them, and log those that the log does not know; n is open to write.
 * ERR_CONF: a file there is no key; ERR_IO, ERR_FULL. */
MUST_USE int node_keys_open(struct node *n, struct node_keys *ret, struct errinfo *ei);
void node_keys_clear(struct node_keys *k);
/* Make the key that is to follow.  ERR_BUSY: one waits already; ERR_IO, ERR_FULL. */
MUST_USE int node_keys_next(struct node *n, enum node_key which, struct vkey *ret,
                            struct errinfo *ei);
/* The one that waits.  ERR_NOTFOUND. */
MUST_USE int node_keys_look_next(const char *dir, enum node_key which, struct vkey *ret,
                                 struct errinfo *ei);
/* Has the time of one come, by all annexes of this node's party?  node_keys_open() takes it. */
bool node_keys_due(const struct node_keys *k, const struct book *b, struct utime now);
/* Are there others than when they were opened?  Looks at three files. */
bool node_keys_came(const char *dir, const struct node_keys *k);
/* The verifier key alone, of a node that has it; ERR_NOTFOUND.  For whoever may read the keys.
 */
MUST_USE int node_keys_look(const char *dir, enum node_key which, struct vkey *ret,
                            struct errinfo *ei);
/* The key itself, for what is signed outside the engine by whoever may read it; cleared by the
 * caller.  ERR_NOTFOUND. */
MUST_USE int node_keys_read(const char *dir, enum node_key which, struct skey *ret,
                            struct errinfo *ei);
const char *node_key_name(enum node_key which); /* "witness" */

/* All of a node's keys that an annex names, as it writes them, from its store; whoever cannot
 * read the keys may. ERR_NOTFOUND: it never made them; ERR_IO. */
struct node_known {
    char log[VKEY_TEXT];
    char key[NODE_KEYS][VKEY_TEXT];
    char seal[SEAL_HEX + 1];
    char tls[SEAL_HEX + 1]; /* of what it serves pages with; "" it serves no TLS */
};
MUST_USE int node_keys_known(struct node *n, struct node_known *ret);

#endif
