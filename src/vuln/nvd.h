/* Records of NVD in the shape of its CVE API 2.0: `{"cve": {…}}` or what is in it, one behind
 * the other, in an array, or as `vulnerabilities` of the answers that the API gives.
 *
 * Taken of each: id, times, status, the best CVSS, CWEs, the English description, and what it
 * says is vulnerable, product by product (vuln/config.h).  A criterion that is no CPE, or names
 * no product, is counted, and the record has the others; where it stands under AND, whether it
 * is met stays open.  The text is written to.  About 0.4 GB/s.  Pure. */
#ifndef DETENTE_VULN_NVD_H
#define DETENTE_VULN_NVD_H

#include "base/time.h"
#include "vuln/config.h"
#include "vuln/cve.h"

enum {
    NVD_PRODUCTS = 8192, /* of one record */
    NVD_MATCHES = 1 << 15,
    NVD_NODES = 1 << 13, /* of all its configurations */
    NVD_CONFIGS = 1 << 12,
    NVD_CWES = 8,
    NVD_TEXT = 255,         /* bytes of status and vector */
    NVD_DESCRIPTION = 4096, /* bytes, whole characters */
    NVD_BYTES = 1 << 23     /* of products and configurations */
};

enum nvd_severity { NVD_UNKNOWN, NVD_NONE, NVD_LOW, NVD_MEDIUM, NVD_HIGH, NVD_CRITICAL };

struct nvd_cvss {
    uint8_t version;            /* 40, 31, 30 or 20; 0: there is none */
    uint8_t score;              /* base score in tenths, 0 to 100 */
    enum nvd_severity severity; /* as it says, or what its version makes of the score */
    bool primary;               /* NVD's own, or that of who has its word */
    struct slice vector;
};

struct nvd_product {
    struct slice name;    /* `a:apache:log4j` (cpe_product) */
    struct slice entries; /* for config_entry_is(); "": nothing of it is vulnerable */
};

struct nvd_record { /* borrowed until take() returns */
    cve_id cve;
    struct utime published; /* 0 not said */
    struct utime modified;
    struct slice status; /* "Analyzed" … */
    bool rejected;
    struct nvd_cvss cvss;   /* 4.0 before 3.1, 3.0 and 2.0, in each primary before secondary */
    uint32_t cwe[NVD_CWES]; /* each once, as they come; NVD-CWE-Other and its like are none */
    unsigned cwes;
    struct slice description;
    struct nvd_product product[NVD_PRODUCTS]; /* each once, as they come */
    unsigned products;
    bool simple;         /* one entry that covers is enough */
    struct slice config; /* for config_eval(); "" if simple */
    unsigned line;
};

struct nvd_counts {
    uint64_t records;
    uint64_t rejected;
    uint64_t not_cve;   /* records whose `id` is none: passed over */
    uint64_t matches;   /* criteria, good or not */
    uint64_t bad_cpe;   /* criteria that are no CPE */
    uint64_t unindexed; /* whose part, vendor or product is ANY or has wildcards */
    uint64_t odd;       /* operators, bounds or scores that are none */
    uint64_t cut;       /* records of which something was left out by the limits above */
};

typedef int nvd_take(void *arg, const struct nvd_record *r);

/* ERR_INVALID with line and column: no JSON, a record without `id` or `lastModified`, or
 * one whose `configurations` are of another type than NVD's; what came before was taken, unless
 * a string has no end, where nothing is.  ERR_NOMEM, and what
 * take() gives. */
MUST_USE int nvd_read(char *text, size_t len, nvd_take *take, void *arg,
                      struct nvd_counts *counts, struct errinfo *ei);

const char *nvd_severity_name(enum nvd_severity s); /* "critical" … "unknown" */

#endif
