/* Between the files that check objects. */
#ifndef DETENTE_STIX_OBJECT_PRIV_H
#define DETENTE_STIX_OBJECT_PRIV_H

#include "stix/object.h"

/* Small letters and digits, those marks, and capitals where they are allowed. */
bool stix_all_of(struct slice s, const char *marks, bool capitals);
bool stix_is_type_name(struct slice s);
/* A time of any year and precision. */
bool stix_is_time(struct slice s);
/* So many digits from there on, as a number. */
bool stix_digits(struct slice s, size_t at, size_t n, unsigned *ret);

#endif
