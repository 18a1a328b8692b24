/* Debian's own view of its packages: the security tracker's JSON
 * (security-tracker.debian.org/tracker/data/json; its form as doc/security-team.d.o and
 * lib/python/web_support of the tracker write it):
 *
 *   {"PACKAGE": {"CVE-2099-0001": {"description": …, "scope": …, "debianbug": …,
 *     "releases": {"bookworm": {"status": "resolved", "fixed_version": "1.2-3",
 *       "urgency": "low", "nodsa": …, "nodsa_reason": …, "repositories": {…}}}}}}
 *
 * Packages are source packages.  One row comes of each package, issue and release; what it says
 * of versions is also given as bytes of affected.h:
 *   open          affected from the first version on, without a fix
 *   resolved      affected before fixed_version
 *   not affected  (resolved, fixed_version 0) none, and none of an earlier record's either
 *   undetermined  nobody has looked: none, and nothing is to be concluded from it
 *
 * All of the object or some members of it, as one object or several behind each other.  The
 * text is written to.  Some 250 MB/s.  Pure. */
#ifndef DETENTE_VULN_DEBIAN_H
#define DETENTE_VULN_DEBIAN_H

#include "vuln/affected.h"
#include "vuln/cve.h"

enum {
    DEBIAN_RELEASES = 32, /* of one issue */
    DEBIAN_TEXT = 255,    /* bytes of names and versions */
    DEBIAN_LONG = 4096    /* of a description or a reason; longer ones are cut at a character */
};

enum debian_status { DEBIAN_OPEN, DEBIAN_RESOLVED, DEBIAN_NOT_AFFECTED, DEBIAN_UNDETERMINED };
enum { DEBIAN_STATUSES = 4 };
const char *debian_status_name(enum debian_status s); /* "not-affected" */

enum debian_urgency {
    DEBIAN_NOT_ASSIGNED,
    DEBIAN_UNIMPORTANT, /* of no matter for security, as Debian builds it */
    DEBIAN_LOW,
    DEBIAN_MEDIUM,
    DEBIAN_HIGH,
    DEBIAN_END_OF_LIFE /* of the package in that release: no fix will come */
};
const char *debian_urgency_name(enum debian_urgency u); /* as the tracker has it */

struct debian_row { /* borrowed until take() returns */
    struct slice package;
    struct slice id;       /* "CVE-2099-0001", "TEMP-0000000-ABCDEF" */
    cve_id cve;            /* 0: it has none */
    struct slice release;  /* "bookworm" */
    const char *ecosystem; /* "Debian:12" */
    enum debian_status status;
    struct slice fixed; /* "" there is none */
    enum debian_urgency urgency;
    struct slice nodsa;        /* why there is no advisory; "" not said */
    struct slice nodsa_reason; /* "ignored", "postponed" */
    struct slice description;
    struct slice affected; /* bytes of affected.h */
    unsigned line;
};

struct debian_counts {
    uint64_t packages;
    uint64_t issues; /* of packages: one of two packages is two */
    uint64_t rows;
    uint64_t status[DEBIAN_STATUSES]; /* of these */
    uint64_t without_cve;             /* issues */
    uint64_t other_release;           /* releases that debian.def does not name, as sid */
    uint64_t odd_version; /* `resolved` without a version, or with one that is none: given as
                             undetermined */
    uint64_t odd_urgency; /* given as not assigned */
    uint64_t cut;         /* releases that were left out, and texts */
};

/* 0, or an error that ends the reading. */
typedef int debian_take(void *arg, const struct debian_row *row);

/* ERR_INVALID with line and column, also for a status that is none; what came before was taken.
 * ERR_NOMEM, and what take() gives. */
MUST_USE int debian_read(char *text, size_t len, debian_take *take, void *arg,
                         struct debian_counts *counts, struct errinfo *ei);

/* "Debian:12" of "bookworm"; NULL: none that is known here. */
const char *debian_ecosystem(struct slice codename);

#endif
