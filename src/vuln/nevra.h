/* Names of RPM packages: name-[epoch:]version-release[.arch], as rpm(8) prints them. */
#ifndef DETENTE_VULN_NEVRA_H
#define DETENTE_VULN_NEVRA_H

#include "base/slice.h"

struct nevra { /* borrowed */
    struct slice name;
    struct slice epoch;        /* "" none is said */
    struct slice version;      /* version and release: "5.1.8-6.el9" */
    struct slice architecture; /* "" none is said */
};

/* False: it is none.  The epoch may also stand before the name, as dnf prints it.  What stands
 * behind the last dot is an architecture only if there is one of that name: old rpms print
 * none.  `.rpm` at the end is passed over. */
bool nevra_split(struct slice text, struct nevra *ret);
/* [epoch:]version-release: an epoch that is 0 or `(none)` is none. */
void nevra_epoch(struct slice text, struct nevra *ret);

#endif
