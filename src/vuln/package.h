/* What is installed on assets, package by package, as the tools of a system, bills of materials
 * and scanners list it.
 *
 * A distribution's advisories name source packages, so that name and version of the source
 * count: of a Debian package `Source: x (v)`, so that a rebuild (+b1) is the version it was
 * built from.  Names are those that OSV's advisories use.
 *
 * Readers take all at once and give package after package: what stood before a fault was given,
 * but for a bill that is no UTF-8 or has a string without end, of which nothing is.
 * A fault is ERR_INVALID with line and column; ERR_LIMIT for more than PACKAGES_MOST;
 * ERR_NOMEM; else what take() gives.  What real lists have and what is no fault of their form
 * is counted by name (struct package_counts).  Pure. */
#ifndef DETENTE_VULN_PACKAGE_H
#define DETENTE_VULN_PACKAGE_H

#include <stdint.h>

#include "base/err.h"
#include "version/version.h"

enum {
    PACKAGE_TEXT = 255,       /* bytes of names and versions */
    PACKAGE_REFERENCE = 2047, /* … of a package URL or CPE */
    PACKAGE_RELEASE = 64,
    PACKAGE_DEPTH = 32, /* components inside components */
    PACKAGES_MOST = 1 << 20
};

/* The ecosystem of what none of OSV's is known for: only a CPE can tell. */
#define PACKAGE_NO_ECOSYSTEM "-"

struct package {          /* borrowed until take() returns; a slice that says nothing is "" */
    struct slice name;    /* as OSV names it; "": only the CPE says it */
    struct slice version; /* "": the list does not say it */
    struct slice source;  /* name and version where nothing else is said */
    struct slice source_version;
    struct slice architecture;
    enum version_scheme scheme; /* SEMVER where there is no ecosystem */
    unsigned line;
    struct slice asset;     /* what it is installed on; "": the importer's default */
    struct slice address;   /* an IP address as text */
    struct slice protocol;  /* of the port that showed it: "tcp" */
    uint16_t port;          /* 0: none */
    struct slice ecosystem; /* "PyPI", "Debian:12"; "": that of package_counts.release */
    struct slice purl;
    struct slice cpe; /* as it stood there: `cpe:2.3:` or `cpe:/` */
    struct slice supplier;
};

struct package_counts {
    unsigned packages;      /* that were given to take() */
    unsigned not_installed; /* removed, of which only configuration is left */
    unsigned keys;          /* gpg-pubkey of rpm, which is no package */
    unsigned files;         /* of bills of materials, which no package is named for */
    unsigned duplicates;    /* of bills: given once */
    unsigned nameless;      /* passed over: no name, one that is too long or no text */
    unsigned versionless;   /* given without a version */
    unsigned odd_versions;  /* given, though no version by the rules of their scheme */
    unsigned no_ecosystem;  /* given; none of OSV's is known for them */
    unsigned wrong_purls;   /* passed over, not what they were said of */
    unsigned wrong_cpes;
    unsigned more_references; /* purls and CPEs behind the first of a package */
    /* "Debian:12" by what the system says of itself, "Red Hat" where no number tells OSV's
     * release; "" it says nothing.  An importer that was told better overrules it. */
    char release[PACKAGE_RELEASE];
};

/* 0, or an error that ends the reading. */
typedef int package_take(void *arg, const struct package *p);

/* dpkg's status file (dpkg(1), deb822(5)).  ERR_INVALID also for a package without a version or
 * one whose version is none. */
MUST_USE int package_read_dpkg(struct slice text, package_take *take, void *arg,
                               struct package_counts *counts, struct errinfo *ei);

/* Lines of `rpm -qa` (rpm(8)), name-[epoch:]version-release[.arch], or better
 *   rpm -qa --qf '%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n'
 * which alone names sources, and epochs on every system.  The release is that of the package
 * rocky-release, almalinux-release and the like. */
MUST_USE int package_read_rpm(struct slice text, package_take *take, void *arg,
                              struct package_counts *counts, struct errinfo *ei);

/* Alpine's /lib/apk/db/installed (apk-db(5)), or lines of `apk info -v` or `apk list -I`, the
 * first of which names no sources.  The release is that of the package alpine-release; older
 * systems have none, and alpine-baselayout has a number of its own. */
MUST_USE int package_read_apk(struct slice text, package_take *take, void *arg,
                              struct package_counts *counts, struct errinfo *ei);

/* Bills of materials as JSON: CycloneDX 1.0 to 1.7, SPDX 2.2 and 2.3; the text is written to.
 * Purl and CPE, name, version and supplier are taken of each component, of those inside it, and
 * of what the bill is about; two of one ecosystem, name, version, source and CPE are one.  Of
 * several purls of one package the first that has an ecosystem counts, of CPEs the first.
 * release: of a component that is the operating system.  XML, tag-value, YAML and SPDX 3 are
 * ERR_INVALID.  Some 0.2 GB/s. */
MUST_USE int package_read_cyclonedx(char *text, size_t len, package_take *take, void *arg,
                                    struct package_counts *counts, struct errinfo *ei);
MUST_USE int package_read_spdx(char *text, size_t len, package_take *take, void *arg,
                               struct package_counts *counts, struct errinfo *ei);

/* Lines `asset TAB cpe`, or a CPE alone; `cpe:2.3:` or a CPE 2.2 URI `cpe:/`.  Empty lines and
 * those that begin with # are passed over. */
MUST_USE int package_read_cpe(struct slice text, package_take *take, void *arg,
                              struct package_counts *counts, struct errinfo *ei);

/* What nmap saw from the outside: `nmap -sV -oX`.  Of each open port each CPE is a package, or
 * product and version where there is none; guesses at the operating system are not taken.  The
 * text is written to.
 *
 * asset: the name that was asked for, else what the address resolved to, else the address.
 * Inventories of the same host go by its name, and addresses change; alerts find the asset by
 * `address`, which is always said. */
MUST_USE int package_read_nmap(char *text, size_t len, package_take *take, void *arg,
                               struct package_counts *counts, struct errinfo *ei);

#endif
