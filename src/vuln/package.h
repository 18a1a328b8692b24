/* What is installed on an asset, package by package, as the tools of the system list it.
 *
 * A distribution's advisories name source packages, so that name and version of the source
 * count: of a Debian package `Source: x (v)`, so that a rebuild (+b1) is the version it was
 * built from.  Pure. */
#ifndef DETENTE_VULN_PACKAGE_H
#define DETENTE_VULN_PACKAGE_H

#include "base/err.h"
#include "version/version.h"

enum { PACKAGE_TEXT = 255, PACKAGES_MOST = 1 << 20 };

struct package { /* borrowed from what was read */
    struct slice name;
    struct slice version;
    struct slice source; /* name and version where nothing else is said */
    struct slice source_version;
    struct slice architecture; /* "" not said */
    enum version_scheme scheme;
    unsigned line;
};

struct package_counts {
    unsigned packages;      /* that were given to take() */
    unsigned not_installed; /* removed, of which only configuration is left */
    char release[32]; /* "Debian:12" by what the system says of itself; "" it says nothing */
};

/* 0, or an error that ends the reading. */
typedef int package_take(void *arg, const struct package *p);

/* dpkg's status file (dpkg(1), deb822(5)).  ERR_INVALID with the line for what is none, a
 * package without a version or one whose version is none; ERR_LIMIT. */
MUST_USE int package_read_dpkg(struct slice text, package_take *take, void *arg,
                               struct package_counts *counts, struct errinfo *ei);

#endif
