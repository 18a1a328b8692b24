/* Records of CVE JSON 5.0 to 5.2 (cve-schema, CVE_Record_Format), also with what CISA adds to
 * them (vulnrichment): many records a file, one behind the other or in an array.
 *
 * Taken of each: id, state, dates, title and English description (of a rejected one the
 * reason), the best CVSS, the CWEs, CISA's SSVC and KEV entry, and of each product that the CNA
 * or an ADP names what it says of versions.  Where a product is in a collection whose packages
 * OSV has a name for (collection.def), and its versions go by that ecosystem's rules, the same
 * is given as packages with bytes of affected.h; the others are counted by what stood in the
 * way, and their names, CPEs and versions are there all the same.
 *
 * Versions are read as the schema's own algorithm does: the first entry that a version is in
 * says its status, and the changes within that entry; else the default does.  `unknown` is not
 * affected.
 *
 * The text is written to; a large file may be given in pieces that end with a record.  Some
 * 300 MB/s.  Pure. */
#ifndef DETENTE_VULN_CVE5_H
#define DETENTE_VULN_CVE5_H

#include "base/time.h"
#include "vuln/affected.h"
#include "vuln/cve.h"
#include "vuln/priority.h"

enum { /* of one record */
       CVE5_PRODUCTS = 4096,
       CVE5_VERSIONS = 16384,
       CVE5_CHANGES = 4096,
       CVE5_CPES = 16384,
       CVE5_PACKAGES = 4096,
       CVE5_CWES = 64,
       CVE5_TITLE = 256, /* bytes; what is longer is cut at a character */
       CVE5_DESCRIPTION = 4096,
       CVE5_TEXT = 512,      /* of each other text */
       CVE5_ECOSYSTEM = 160, /* with NUL */
       CVE5_POINTS = 512,    /* versions that a package's ranges begin or end at */
       CVE5_BYTES = 1 << 22
};

enum cve5_state { CVE5_PUBLISHED, CVE5_REJECTED };
enum cve5_container { CVE5_CNA, CVE5_ADP };
enum cve5_status { CVE5_UNKNOWN, CVE5_AFFECTED, CVE5_UNAFFECTED };

struct cve5_change {
    struct slice at;
    enum cve5_status status; /* from there on */
};
struct cve5_version {
    struct slice version;
    struct slice less_than;     /* "" not said; "*" no end */
    struct slice less_or_equal; /* the same */
    struct slice type;          /* "semver"; "" not said */
    enum cve5_status status;
    unsigned change; /* the first of its changes */
    unsigned changes;
};

/* Why a product gives no package. */
enum cve5_match {
    CVE5_MATCHED,
    CVE5_NO_ECOSYSTEM, /* not in a collection that is known here, or without a packageName */
    CVE5_OTHER_SCHEME, /* its versions go by other rules than the ecosystem's */
    CVE5_ODD_VERSION,  /* what is none by these rules, or a branch as `3.8.*` */
    CVE5_TOO_MUCH      /* more than CVE5_POINTS, or something of it was cut */
};
enum { CVE5_MATCHES = 5 };

struct cve5_product {
    enum cve5_container container;
    struct slice vendor; /* "" not said, so are the others */
    struct slice product;
    struct slice package;
    struct slice collection;
    enum cve5_status default_status;
    unsigned cpe; /* the first of its CPEs, in whatever form they have */
    unsigned cpes;
    unsigned version; /* the first of its versions */
    unsigned versions;
    enum cve5_match match;
};

struct cve5_package {
    /* "PyPI"; of Red Hat one for each CPE of the product, in OSV's writing:
     * "Red Hat:enterprise_linux:8::baseos".  Its names are those of source packages. */
    char ecosystem[CVE5_ECOSYSTEM];
    /* As the record has it; of Go the module: "stdlib", "toolchain", else the vendor where the
     * package is below it. */
    struct slice name;
    enum version_scheme scheme;
    unsigned product;
    size_t from; /* bytes of affected.h in the record's buffer */
    size_t len;
};

struct cve5_cvss {
    unsigned version; /* 40, 31, 30, 20; 0: there is none */
    unsigned score;   /* tenths */
    enum priority_severity severity;
    struct slice vector;
    enum cve5_container container;
};

struct cve5_ssvc {
    bool there;
    enum priority_exploitation exploitation;
    enum priority_answer automatable;
    enum priority_impact technical_impact;
    struct utime at;
};

struct cve5_record { /* borrowed until take() returns; some 5 MB, never a local */
    cve_id cve;
    enum cve5_state state;
    struct utime published; /* 0: not said */
    struct utime updated;
    struct slice title;
    struct slice description;
    /* The newest version of CVSS; of one version the CNA's, and of these the highest. */
    struct cve5_cvss cvss;
    struct cve5_ssvc ssvc; /* of an ADP, the latest */
    bool in_kev;           /* by an ADP */
    struct utime kev_added;
    unsigned cwe[CVE5_CWES]; /* ascending */
    unsigned cwes;
    struct cve5_product product[CVE5_PRODUCTS];
    unsigned products;
    struct cve5_version version[CVE5_VERSIONS];
    unsigned versions;
    struct cve5_change change[CVE5_CHANGES];
    unsigned changes;
    struct slice cpe[CVE5_CPES];
    unsigned cpes;
    struct cve5_package package[CVE5_PACKAGES];
    unsigned packages;
    struct buf affected;
    unsigned line;
};

struct cve5_counts {
    uint64_t records;
    uint64_t rejected; /* of these */
    uint64_t ssvc;     /* records with it */
    uint64_t kev;
    uint64_t products;
    uint64_t packages;
    uint64_t match[CVE5_MATCHES]; /* products by what came of them */
    uint64_t widened;  /* ranges that take in one version which is not affected, as affected.h
                          has no `above` */
    uint64_t odd_time; /* times that are none: taken as not said */
    uint64_t odd_cvss; /* scores that are none: passed over */
    uint64_t odd_ssvc; /* options whose value is none: unknown */
    uint64_t cut;      /* texts and lists of which something was left out */
};

typedef int cve5_take(void *arg, const struct cve5_record *r);

/* ERR_INVALID with line and column; what came before was taken.  ERR_NOMEM, and what take()
 * gives. */
MUST_USE int cve5_read(char *text, size_t len, cve5_take *take, void *arg,
                       struct cve5_counts *counts, struct errinfo *ei);

#endif
