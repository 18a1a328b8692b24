/* What is installed against what feeds say of it.
 *
 * A package of a distribution is judged by advisories of that distribution alone: a CPE never
 * speaks for it, neither its own nor one that a scan of ports gives the same asset under the
 * same name.  A package of an ecosystem (PyPI, npm …) is judged by that ecosystem's, and by its
 * CPE if it has one; what nothing but a CPE is known of by that (vuln/config.h). */
#ifndef DETENTE_VULNDB_SCAN_H
#define DETENTE_VULNDB_SCAN_H

#include "vulndb/inventory.h"

enum { SCAN_ITEMS = 1 << 20, SCAN_FINDINGS = 1 << 23 };

enum scan_method { SCAN_DISTRIBUTION, SCAN_ECOSYSTEM, SCAN_CPE };
const char *scan_method_name(enum scan_method m); /* "distribution" … */

struct scan_options {
    const char *asset; /* "" all */
    bool lenient;      /* what an inventory does not say matches too */
    bool fixed;        /* also the version that has it mended */
};

struct scan_item { /* a package on an asset */
    uint32_t asset;
    bool distribution;
    bool superseded; /* its CPE is passed over: the distribution speaks for it */
    int64_t product; /* 0 none */
    int64_t space;   /* of it */
    int64_t cpe_product;
    struct slice name;
    struct slice version;
    struct slice compared;
    struct slice cpe;
};

struct scan_finding {
    uint32_t item;
    uint64_t vuln;
    struct slice fixed; /* "" none is known */
    uint32_t feeds;     /* a bit an enum feed_kind that says so */
    uint8_t method;     /* the surest */
    bool ambiguous;     /* the versions cannot be compared by any rule that is sure */
};

struct scan {
    struct asset *asset; /* by name */
    uint32_t assets;
    struct scan_item *item; /* by asset, name, version */
    uint32_t items;
    struct scan_finding *finding; /* by item and vulnerability, each once */
    uint32_t findings;
    int64_t cpe_space; /* the space of CPEs */
    uint64_t superseded;
    uint64_t wrong_cpes;
    struct buf text; /* what the slices borrow from */
    struct buf fixed;
};

/* ERR_NOTFOUND: there is no such asset; ERR_LIMIT; ERR_NOMEM, ERR_IO, ERR_BUSY.  Release in any
 * case.  Some 15 µs a package with a hundred advisories. */
MUST_USE int vulndb_scan(struct vulndb *db, const struct scan_options *o, struct scan *ret);
void vulndb_scan_release(struct scan *s);

#endif
