/* An envelope of objects (OASIS TAXII 2.1, 3.7) or a bundle of STIX, as whoever gets one reads
 * it: where its objects stand, in one pass and without a tree, and parts of it that a node
 * takes at once (taxii/load.h).  Objects keep their bytes.  Pure; some 1 GB/s. */
#ifndef DETENTE_TAXII_PARCEL_H
#define DETENTE_TAXII_PARCEL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum {
    PARCEL_NEXT = 4096,         /* bytes of `next` */
    PARCEL_BUNDLE = 4000000,    /* objects of a bundle */
    PARCEL_PART = 8 << 20,      /* bytes of a part … */
    PARCEL_PART_OBJECTS = 20000 /* … and objects: what TAXII_OBJECTS lets through */
};

enum parcel_form {
    PARCEL_TAXII, /* an object, `objects` may be missing */
    PARCEL_STIX   /* that or a bundle, a list of objects, one object */
};

struct parcel {
    struct slice *at; /* objects as they stand in the text, in their order; owned */
    size_t count;
    size_t room;
    bool more;
    struct slice next; /* escapes resolved; "" none.  In the text */
};

/* text is written to where `next` stands, and must outlive *ret.  ERR_INVALID with line and
 * column: it is none; ERR_LIMIT: more than `most` objects, or a `next` over its limit;
 * ERR_NOMEM.  What objects hold is not looked at.  parcel_release() in any case. */
MUST_USE int parcel_read(char *text, size_t len, enum parcel_form form, size_t most,
                         struct parcel *ret, struct errinfo *ei);
void parcel_release(struct parcel *e);

/* Where a part ends that begins with the from-th object: behind from, where there is one.  An
 * object that is larger than PARCEL_PART is a part of its own. */
size_t parcel_part(const struct parcel *e, size_t from);
/* Objects from..to as an envelope. */
void parcel_put(const struct parcel *e, size_t from, size_t to, struct buf *ret);

#endif
