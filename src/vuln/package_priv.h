/* Inside vuln: what readers of packages share. */
#ifndef DETENTE_VULN_PACKAGE_PRIV_H
#define DETENTE_VULN_PACKAGE_PRIV_H

#include "vuln/package.h"

struct package_reader {
    package_take *take;
    void *arg;
    struct package_counts *counts;
    struct errinfo *ei;
};

/* Check, complete and count it, and give it to take().  What has no name that can be shown, and
 * no CPE, is counted and not given. */
MUST_USE int package_give(struct package_reader *r, struct package *p);
/* Not empty, not too long, UTF-8 and no control character in it. */
bool package_shown(struct slice s, size_t most);
/* Blanks and a CR at both ends are cut. */
struct slice package_trim(struct slice s);
/* The first that says which release this is stays. */
void package_release(struct package_counts *counts, struct slice id, struct slice version);

#endif
