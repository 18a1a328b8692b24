/* Observed-data of STIX 2.1 (4.14), and of 2.0, as patterns are asked of it.
 *
 * What is read: a bundle, an object, or a list of such.  Objects that an observed-data names in
 * `object_refs` are looked for among all that was read, its `objects` of 2.0 in itself.  Other
 * objects are kept to be named; types are not judged, so custom ones count. */
#ifndef DETENTE_STIX_OBSERVED_H
#define DETENTE_STIX_OBSERVED_H

#include "base/texts.h"
#include "base/time.h"
#include "wire/dom.h"

enum {
    OBSERVED_MOST = 1 << 20,
    OBSERVED_OBJECTS = 1 << 22 /* all that observations name */
};

struct observation {
    struct utime first;
    struct utime last;
    uint64_t count; /* so many times, 1 to 999,999,999 */
    uint32_t from;  /* in observed.object */
    uint32_t objects;
    const struct dom *own; /* `objects` of 2.0; else NULL */
};

struct observed {
    struct observation *at; /* by `first`, rising */
    uint32_t count;
    uint32_t room;
    const struct dom **object;
    uint32_t object_count;
    uint32_t object_room;
    struct texts ids;
    const struct dom **by_id;
    uint32_t by_id_room;
};

/* The tree must outlive it.  ERR_INVALID: an observed-data that is none; ERR_LIMIT, ERR_NOMEM.
 * Release in any case. */
MUST_USE int observed_read(const struct dom *d, struct observed *ret, struct errinfo *ei);
void observed_release(struct observed *o);
/* What a reference of one of an observation's objects means; NULL nothing that is there. */
const struct dom *observed_find(const struct observed *o, const struct observation *of,
                                struct slice id);

#endif
