/* Logs of others, as this node cosigned them: every note that it put its name under is kept for
 * ever, since two of one log prove what one cannot; and notes that show a fork.
 *
 * The calls that change something belong into a transaction (store_begin()). */
#ifndef DETENTE_STORE_WITNESSED_H
#define DETENTE_STORE_WITNESSED_H

#include "ledger/tree.h"
#include "store/store.h"

struct store_witnessed {
    struct tree_head head;
    struct utime at;   /* stated in the cosignature */
    struct slice note; /* with the log's signature and ours; borrowed until the next call */
};
/* The newest; ERR_NOTFOUND. */
MUST_USE int store_get_witnessed(struct store *s, struct slice origin,
                                 struct store_witnessed *ret);
/* Of one size the newest note takes the place of the one before. */
MUST_USE int store_put_witnessed(struct store *s, struct slice origin,
                                 const struct store_witnessed *w);
/* A note of a size that is held or was cosigned with another root; or one whose entries are not
 * what it says, which is none yet.  Of one log only so many are kept, of the latter fewer: one
 * proves it, and whoever signs more would fill the disk with them. */
enum { STORE_FORKED_MOST = 64, STORE_DOUBTED_MOST = 32 };
MUST_USE int store_put_forked(struct store *s, struct slice origin,
                              const struct store_witnessed *w, unsigned most);
/* Each of those; a result other than 0 stops and is given back. */
MUST_USE int store_each_forked(struct store *s, struct slice origin,
                               int (*each)(void *arg, const struct store_witnessed *w),
                               void *arg);
/* What was cosigned of exactly that size; ERR_NOTFOUND. */
MUST_USE int store_witnessed_at(struct store *s, struct slice origin, uint64_t size,
                                struct store_witnessed *ret);
/* The smallest one with that leaf in it; ERR_NOTFOUND. */
MUST_USE int store_witnessed_over(struct store *s, struct slice origin, uint64_t leaf,
                                  struct store_witnessed *ret);

#endif
