/* Do two objects of STIX say the same, however they are written?
 *
 * As libraries write again what they read: the order of members, escapes, numbers by their
 * values; a time with or without zeros at the end of its fraction (STIX 2.1, 2.16: an instant);
 * and what an object has without saying so: `revoked` and `defanged` false, the
 * `pattern_version` 2.1 of a pattern of STIX, the `spec_version` 2.1 of an observable. */
#ifndef DETENTE_STIX_SAME_H
#define DETENTE_STIX_SAME_H

#include "wire/dom.h"

/* False also when it takes more than a million steps. */
bool stix_same(const struct dom *a, const struct dom *b);

#endif
