/* What opening a node (node.c) and making one (init.c) share. */
#ifndef DETENTE_ROLE_NODE_PRIV_H
#define DETENTE_ROLE_NODE_PRIV_H

#include "role/node.h"

enum { NODE_PATH = 4096 };

/* There from an init's first step to its last: see init.c. */
#define NODE_UNFINISHED "init.unfinished"

/* DIR/name, which ei is then about. */
MUST_USE int node_path(const char *dir, const char *name, char out[NODE_PATH],
                       struct errinfo *ei);
/* A whole file of the node's, at most max bytes; ERR_NOTFOUND when there is none. */
MUST_USE int node_read_file(const char *dir, const char *name, size_t max, struct buf *ret,
                            struct errinfo *ei);
/* The key of a log that goes on under another origin, beside the one in use: it takes its place
 * when it is of that verifier key, which the store knows as the log's. */
#define NODE_LOG_NEXT "log.next"
MUST_USE int node_turn_log_key(const char *dir, const struct vkey *log, struct errinfo *ei);
/* node_open(), of an unfinished one too. */
MUST_USE int node_open_any(const char *dir, enum node_mode mode, struct node *ret,
                           struct errinfo *ei);

#endif
