/* A node opened to be asked: store, evidence, dictionaries and log, all read-only. */
#ifndef DETENTE_ROLE_VIEW_H
#define DETENTE_ROLE_VIEW_H

#include "role/describe.h"
#include "role/node.h"

struct view {
    struct node node;
    struct dict dict;
    struct reader *reader;
    struct ledger *ledger;
    struct book *book;          /* NULL until view_owners() */
    struct owners owners;       /* … by it */
    struct describer describer; /* over the above */
};

/* v must not move afterwards. */
MUST_USE int view_open(const char *dir, struct view *v, struct errinfo *ei);
/* The same of a node that somebody else has opened: v->node, with store, env and vkey, and
 * tables if there are any, which is the view's from then on, whatever comes (view_close()). */
MUST_USE int view_begin(struct view *v, struct errinfo *ei);
/* What the writer added since: dictionaries, and the log up to its new end.  Cheap when there
 * is nothing new.  Leaves a store_snapshot() to be settled. */
MUST_USE int view_refresh(struct view *v, struct errinfo *ei);
/* The log as it was before it went on under another origin: ledger, key, store and all that is
 * asked of them mean that generation from here on.  ERR_NOTFOUND: there is none. */
MUST_USE int view_generation(struct view *v, unsigned generation, struct errinfo *ei);
/* Read the pacts, so that events are told whose their origin is: v->owners.  A node without a
 * party of its own has none.  ERR_CONF, ERR_IO, ERR_NOMEM, as book_load(). */
MUST_USE int view_owners(struct view *v, struct errinfo *ei);
/* Tables were imported. */
MUST_USE int view_reload_tables(struct view *v, struct errinfo *ei);
/* Is what a checkpoint says an earlier tree of this log, of at most `size` leaves?  0;
 * ERR_LIMIT: it has more leaves; ERR_PROOF: it is of another history; what reading the log
 * gives; *ret is what it says.  With *ret of size 0: what checkpoint_verify() has against it.
 */
MUST_USE int view_compare(const struct view *v, struct slice note, uint64_t size,
                          struct tree_head *ret, struct errinfo *ei);
void view_close(struct view *v);

#endif
