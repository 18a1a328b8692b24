/* The root of a collection: what two nodes compare to know that they hold the same objects.
 *
 * SHA-256 over one line for each version of each object, `id version hash` with a line feed:
 * version as it stands in the object ("" of what has none), hash the SHA-256 of its bytes in
 * small hex; lines in the order of bytes of id, then of version, then of hash.  Of nothing it
 * is SHA-256 of no bytes.  Places are not in it, so the order in which objects came does not
 * matter. */
#ifndef DETENTE_TAXII_ROOT_H
#define DETENTE_TAXII_ROOT_H

#include "base/buf.h"
#include "store/objects.h"

enum { ROOT_OBJECTS = 16000000 };

struct taxii_root {
    struct hash hash;
    uint64_t objects; /* versions of them */
};

/* Of the collection of that number.  Some 2 µs and 130 bytes of memory an object.  ERR_LIMIT:
 * more than ROOT_OBJECTS; ERR_NOMEM, or an error of the store. */
MUST_USE int taxii_root(struct store *s, int64_t collection, struct taxii_root *ret);

/* The same of objects that stand elsewhere, added one by one. */
struct root_line;
struct rooting {
    struct root_line *at; /* owned, as are the texts */
    size_t count;
    size_t room;
    struct buf texts;
};
void rooting_init(struct rooting *x);
void rooting_release(struct rooting *x);
/* id and version are copied.  ERR_LIMIT: more than ROOT_OBJECTS, or names that no object has;
 * ERR_NOMEM. */
MUST_USE int rooting_add(struct rooting *x, struct slice id, struct slice version,
                         const struct hash *hash);
/* The root of what was added so far. */
void rooting_end(struct rooting *x, struct taxii_root *ret);

#endif
