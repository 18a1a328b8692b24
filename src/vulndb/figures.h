/* What feeds say of one vulnerability, wherever it is: KEV, EPSS, NVD's and the CVE record's
 * facts. */
#ifndef DETENTE_VULNDB_FIGURES_H
#define DETENTE_VULNDB_FIGURES_H

#include "vuln/facts.h"
#include "vulndb/vulndb.h"

struct figures {
    bool in_kev;
    bool ransomware;
    struct utime added; /* KEV's days */
    struct utime due;
    struct slice vendor, product, name; /* in KEV's words */
    bool has_epss;
    uint32_t epss; /* millionths */
    uint32_t percentile;
    bool has_nvd;
    struct facts nvd;
    bool has_cve5;
    struct facts cve5;
    struct buf text; /* what the slices borrow from */
};

/* ERR_NOTFOUND: no feed says anything of it.  Some 5 µs.  Release in any case. */
MUST_USE int vulndb_figures(struct vulndb *db, uint64_t vuln, struct figures *ret);
void figures_release(struct figures *f);

#endif
