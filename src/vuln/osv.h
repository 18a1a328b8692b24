/* Advisories in the shape of OSV (OSV schema 1.6): many records a file, one behind the other or
 * in an array.
 *
 * Taken of each: id, aliases and upstream for the CVEs, modified, withdrawn, and of each
 * package its ranges and versions.  Ranges of type GIT, and ecosystems whose versions nothing
 * here can compare, are counted and passed over.  The text is written to.  Pure. */
#ifndef DETENTE_VULN_OSV_H
#define DETENTE_VULN_OSV_H

#include "base/time.h"
#include "vuln/affected.h"
#include "vuln/cve.h"

enum {
    OSV_PACKAGES = 4096, /* of one record */
    OSV_CVES = 64,
    OSV_TEXT = 255, /* bytes of ids and names */
    OSV_BYTES = 1 << 22
};

struct osv_package {
    struct slice ecosystem; /* "Debian:12" */
    struct slice name;
    enum version_scheme scheme;
    size_t from; /* bytes of affected.h in the record's buffer */
    size_t len;
};

struct osv_record { /* borrowed until take() returns */
    struct slice id;
    struct utime modified;
    bool withdrawn;
    cve_id cve[OSV_CVES]; /* ascending */
    unsigned cves;        /* 0: it has none, and its id is its only name */
    struct osv_package package[OSV_PACKAGES];
    unsigned packages;
    struct buf affected;
    unsigned line;
};

struct osv_counts {
    uint64_t records;
    uint64_t packages;
    uint64_t git;               /* ranges by commits */
    uint64_t unknown_ecosystem; /* packages */
    uint64_t cut;               /* packages or CVEs of which something was left out */
};

typedef int osv_take(void *arg, const struct osv_record *r);

/* ERR_INVALID with line and column; what came before was taken.  ERR_NOMEM, and what take()
 * gives. */
MUST_USE int osv_read(char *text, size_t len, osv_take *take, void *arg,
                      struct osv_counts *counts, struct errinfo *ei);

/* The rules of versions of an ecosystem by OSV's name for it, with or without a release behind
 * a colon.  False: none that is known here. */
bool osv_scheme(struct slice ecosystem, enum version_scheme *ret);

#endif
