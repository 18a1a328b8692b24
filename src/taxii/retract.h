/* Taking back what others read: objects of our own kind that say so, and that it was done.
 *
 * When objects are deleted from a collection that another party may read, an object
 *
 *     x-detente-retraction   object_refs: ids of what is gone; retracted: when; version_hashes:
 *                            where some versions of it stay, the SHA-256 of the bytes of each
 *                            that is gone, in hexadecimal
 *
 * takes their place in it, marked as strictly as they were.  What comes behind it in the
 * collection is not meant, also under an id that it names.  Who reads it removes its copies
 * and answers in a collection of its own with
 *
 *     x-detente-removal      retraction_ref, object_refs; removed: when
 *
 * whose id follows from the retraction and the party, so that it is said once.  Pure. */
#ifndef DETENTE_TAXII_RETRACT_H
#define DETENTE_TAXII_RETRACT_H

#include "base/buf.h"
#include "base/sha256.h"
#include "base/time.h"
#include "model/tlp.h"

#define RETRACTION_TYPE "x-detente-retraction"
#define REMOVAL_TYPE    "x-detente-removal"
/* What makes them types of their own to a library of STIX (2.1, 7.3: `new-sdo`). */
#define RETRACTION_EXTENSION "extension-definition--0f7d2c4e-6b1a-4d5e-9a53-2b8f6c1e7d90"
#define REMOVAL_EXTENSION    "extension-definition--5c3a9e17-8d42-4f6b-b1c0-e7a4d2f89b36"

enum { RETRACT_IDS = 20000, RETRACT_HASHES = 1024 };

struct retraction {
    struct slice id;
    struct slice by; /* an identity; "" not said */
    struct utime at;
    enum tlp tlp;
    const struct slice *ids;
    uint32_t count;
    const struct hash *only; /* NULL: all their versions are gone */
    uint32_t onlys;          /* up to RETRACT_HASHES */
    struct slice of;         /* of a removal: the retraction; else "" */
};
/* One object, as canonical as its members are in order.  What buf_error() says. */
MUST_USE int retraction_write(struct buf *to, const struct retraction *r);

/* Of an object of either type: `of` and `at` first, then the versions that it is about, none:
 * all, then each id in object_refs.  ERR_INVALID: it is none; ERR_LIMIT, ERR_NOMEM; or what
 * each gives. */
struct retraction_seen {
    void *arg;
    int (*begin)(void *arg, struct slice of, struct utime at); /* may be NULL */
    int (*only)(void *arg, const struct hash *version);        /* may be NULL */
    int (*each)(void *arg, struct slice id);                   /* may be NULL */
};
MUST_USE int retraction_read(struct slice body, const struct retraction_seen *s);

#endif
