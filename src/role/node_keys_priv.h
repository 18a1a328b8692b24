/* Inside the node's keys: their files. */
#ifndef DETENTE_ROLE_NODE_KEYS_PRIV_H
#define DETENTE_ROLE_NODE_KEYS_PRIV_H

#include "role/node_keys.h"

enum { NODE_KEY_FILE = 1024, NODE_KEY_PATH = 4096 };

/* DIR/keys/NAME.key */
void node_key_path(const char *dir, const char *name, const char *more, char to[NODE_KEY_PATH]);
/* ERR_NOTFOUND, ERR_CONF: it is none; the caller clears it. */
MUST_USE int node_key_read(const char *dir, enum node_key which, const char *name,
                           struct skey *ret, struct errinfo *ei);
/* Durably, under another name first; text is wiped, whatever comes. */
MUST_USE int node_key_write(const char *dir, const char *name, struct buf *text,
                            struct errinfo *ei);
MUST_USE int node_key_make(const struct vkey *log, enum node_key which,
                           const uint8_t seed[KEY_SEED], struct skey *ret);
/* `message.next`, the name of the file of the key that is to follow. */
void node_key_next_name(enum node_key which, char to[32]);

/* node_keys_next.c: the keys whose time has come take the place of those before, and what waits
 * is read.  Before any of them is used. */
MUST_USE int node_keys_turn(struct node *n, struct node_keys *k, struct errinfo *ei);

#endif
