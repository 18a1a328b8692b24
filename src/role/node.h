/* A node's directory, opened: configuration, keys, tables, store.
 *
 *     DIR/detente.yaml   configuration        DIR/detente.db   store
 *     DIR/keys/log.key   the log's key        DIR/evidence/    segments
 *     DIR/tables/        address tables       DIR/control      socket of a running node
 *     DIR/lock           held by the one process that writes */
#ifndef DETENTE_ROLE_NODE_H
#define DETENTE_ROLE_NODE_H

#include <stdbool.h>

#include "attrib/attrib.h"
#include "base/env.h"
#include "conf/conf.h"
#include "note/key.h"
#include "role/engine.h"
#include "role/env_posix.h"
#include "store/store.h"

struct node {
    const char *dir; /* borrowed */
    struct env_posix posix;
    struct env env;
    struct conf *conf;
    struct store *store;
    struct attrib *attrib; /* NULL: no tables */
    struct lookout
        *lookout;    /* NULL: nothing is looked for, or node_reload_lookout() was not called */
    struct skey key; /* only when opened to write */
    struct vkey vkey;
    bool test;             /* made for tests, as the log's first leaf says */
    int lock;              /* descriptor, -1: not held */
    struct engine *engine; /* only when opened to write */
};

enum node_mode { NODE_READ, NODE_WRITE };

struct node_init {
    const char *party;  /* NULL: local */
    const char *origin; /* NULL: <hostname>/detente/log */
    bool test;
};
/* Make the directory, its key, its database, the first leaves and a configuration file, unless
 * there is one.  All of it or nothing: after a kill the next node_init() begins anew.  ERR_CONF
 * when a node is there already, ERR_BUSY while another makes one there. */
MUST_USE int node_init(const char *dir, const struct node_init *how, struct errinfo *ei);

/* ERR_BUSY when another process writes (NODE_WRITE only): ei says what to do. */
MUST_USE int node_open(const char *dir, enum node_mode mode, struct node *ret,
                       struct errinfo *ei);
void node_close(struct node *n);
/* The node's lock alone, for a parent whose child is to write: a descriptor, ERR_BUSY, ERR_CONF
 * when there is no node, ERR_IO. */
MUST_USE int node_lock(const char *dir, struct errinfo *ei);
/* Does another process hold it: 1, 0, or an error as above.  Opens nothing of the store. */
MUST_USE int node_is_taken(const char *dir, struct errinfo *ei);
/* Open to write under a lock that is held already, and stays held. */
MUST_USE int node_open_under(const char *dir, int lock, struct node *ret, struct errinfo *ei);
/* The configuration alone. */
MUST_USE int node_conf(const char *dir, struct conf **ret, struct errinfo *ei);

/* Of an open node: is the key to sign with there, and this log's?  ERR_CONF, ERR_IO. */
MUST_USE int node_check_key(struct node *n, struct errinfo *ei);

/* The name of the node's log, as it stands in its key.  ERR_CONF, ERR_IO. */
MUST_USE int node_origin(const char *dir, char *ret, size_t room, struct errinfo *ei);

/* Dataset names and dates of the open tables, as JSON, kept with the blocks they placed. */
void node_tables_json(const struct attrib *a, struct buf *ret);
/* Days since the oldest of the open tables was made, -1 without any; is one older than
 * `tables.stale`? */
int node_tables_age(const struct node *n, struct utime now, bool *ret_stale);
/* When DIR/tables/tables.bin was last written, in nanoseconds; 0 when there is none. */
int64_t node_tables_mtime(const char *dir);
/* The same of what is looked for (LOOKOUT_FILE). */
int64_t node_lookout_mtime(const char *dir);
/* Look for what that file has, of a node that is open to write.  A file that cannot be used is
 * logged and counted, and what was looked for before still is.  ERR_IO: the store fails. */
MUST_USE int node_reload_lookout(struct node *n, struct errinfo *ei);
/* Read DIR/tables/tables.bin again after an import. */
MUST_USE int node_reload_tables(struct node *n, struct errinfo *ei);

#endif
