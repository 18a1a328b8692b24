/* Cosignatures of others over this node's log, and when: what was known before, and from when
 * on it was.  Calls that change something belong into a transaction (store_begin()). */
#ifndef DETENTE_STORE_COSIGNED_H
#define DETENTE_STORE_COSIGNED_H

#include "store/store.h"

enum cosigner {
    COSIGNER_WITNESS = 1,
    COSIGNER_HOLDER,
    COSIGNER_SELF /* this node as the holder of the log `name`: what it cosigned itself */
};

struct store_cosigned {
    enum cosigner role;
    struct slice name; /* of its key */
    uint32_t key;      /* … and its id */
    uint64_t size;
    struct utime first; /* stated in the first one over that size … */
    struct utime at;    /* … and in the newest */
    struct slice line;  /* the newest, `— name base64` with its LF */
};
/* Of first and at, at counts.  An older one than what is there changes nothing. */
MUST_USE int store_put_cosigned(struct store *s, const struct store_cosigned *c);
/* Each one over a checkpoint of that size of a generation (its first leaf), COSIGNER_SELF too;
 * a result other than 0 stops and is given back. */
MUST_USE int store_each_cosigned(struct store *s, uint64_t first, uint64_t size,
                                 int (*each)(void *arg, const struct store_cosigned *c),
                                 void *arg);
/* The largest size that this one cosigned, 0 when that was of an earlier generation; and when.
 * ERR_NOTFOUND. */
MUST_USE int store_newest_cosigned(struct store *s, enum cosigner role, struct slice name,
                                   uint64_t *ret_size, struct utime *ret_at);
/* The same by one key of that name. */
MUST_USE int store_newest_cosigned_by(struct store *s, enum cosigner role, struct slice name,
                                      uint32_t key, uint64_t *ret_size, struct utime *ret_at);
/* The smallest size of the log with that leaf of any cosignature that covers it.
 * ERR_NOTFOUND. */
MUST_USE int store_cosigned_cover(struct store *s, uint64_t leaf, uint64_t *ret_size);
/* Of the first ones that do, the size that most others cosigned: what best proves the leaf. */
MUST_USE int store_cosigned_best(struct store *s, uint64_t leaf, uint64_t *ret_size);

/* Between which times stood a leaf: the newest cosignature without it (0 none), and the first
 * that covers it (0 none yet), which may be of a later generation: its second leaf holds the
 * tree of the one before.  Of this node's log by one cosigner, or of another's log by this
 * node's witness (name: its origin). */
struct store_bounds {
    struct utime before;
    struct utime after;
};
MUST_USE int store_cosigned_bounds(struct store *s, enum cosigner role, struct slice name,
                                   uint64_t leaf, struct store_bounds *ret);
MUST_USE int store_witnessed_bounds(struct store *s, struct slice origin, uint64_t leaf,
                                    struct store_bounds *ret);

#endif
