/* An envelope of objects (OASIS TAXII 2.1, 3.7) or a bundle of STIX, as whoever gets one reads
 * it: where its objects stand, in one pass and without a tree, and parts of it that a node
 * takes at once (taxii/load.h).  Objects keep their bytes.  Pure; some 1 GB/s. */
#ifndef DETENTE_TAXII_ENVELOPE_H
#define DETENTE_TAXII_ENVELOPE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum {
    ENVELOPE_NEXT = 4096,         /* bytes of `next` */
    ENVELOPE_BUNDLE = 4000000,    /* objects of a bundle */
    ENVELOPE_PART = 8 << 20,      /* bytes of a part … */
    ENVELOPE_PART_OBJECTS = 20000 /* … and objects: what TAXII_OBJECTS lets through */
};

enum envelope_form {
    ENVELOPE_TAXII, /* an object, `objects` may be missing */
    ENVELOPE_STIX   /* that or a bundle, a list of objects, one object */
};

struct envelope {
    struct slice *at; /* objects as they stand in the text, in their order; owned */
    size_t count;
    size_t room;
    bool more;
    struct slice next; /* escapes resolved; "" none.  In the text */
};

/* text is written to where `next` stands, and must outlive *ret.  ERR_INVALID with line and
 * column: it is none; ERR_LIMIT: more than `most` objects, or a `next` over its limit;
 * ERR_NOMEM.  What objects hold is not looked at.  envelope_release() in any case. */
MUST_USE int envelope_read(char *text, size_t len, enum envelope_form form, size_t most,
                           struct envelope *ret, struct errinfo *ei);
void envelope_release(struct envelope *e);

/* Where a part ends that begins with the from-th object: behind from, where there is one.  An
 * object that is larger than ENVELOPE_PART is a part of its own. */
size_t envelope_part(const struct envelope *e, size_t from);
/* Objects from..to as an envelope. */
void envelope_put(const struct envelope *e, size_t from, size_t to, struct buf *ret);

#endif
