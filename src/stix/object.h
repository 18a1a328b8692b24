/* Whether an object is one of STIX 2.1: OASIS Standard, parts 3 to 7 (properties, their types
 * and what must be there), 6.3 (deterministic ids are not asked for), 8 (markings), 11.1
 * (names).
 *
 * Types and properties that the standard does not have are custom and fine, as long as their
 * names are; so are vocabularies that are open.  Nothing is changed.  Pure; some microseconds
 * an object. */
#ifndef DETENTE_STIX_OBJECT_H
#define DETENTE_STIX_OBJECT_H

#include "base/buf.h"
#include "wire/dom.h"

/* What is wrong, where (`created`, `granular_markings[0].selectors`, "" the whole). */
struct stix_fault {
    struct slice path;
    const char *reason;
};
typedef void stix_tell(void *arg, const struct stix_fault *f);

enum { STIX_PATH = 1024, STIX_PROPERTIES = 4096 /* of an object */ };

/* Calls tell for each fault, in the order of the properties; returns how many. */
unsigned stix_check(const struct dom *object, stix_tell *tell, void *arg);
/* What is said of a bundle that stands where an object should. */
#define STIX_NO_OBJECT "a bundle is no object: give the objects in it, one by one"

/* `type--UUID` as the standard has it; of any type when type is "". */
bool stix_is_id(struct slice id, struct slice type);

/* Times of any year and precision: -1, 0, 1; *ret_good false: one of them is none. */
int stix_time_compare(struct slice a, struct slice b, bool *ret_good);

#endif
