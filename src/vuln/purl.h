/* Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath` (ECMA-427; purl-spec,
 * "how to parse" and the definitions of its types), and what OSV calls such a package.
 *
 * Scheme, type and keys of qualifiers may stand in any case.  Name and namespace lose theirs
 * only for types whose own packages have none: where OSV's names have case (Go, Maven, NuGet,
 * npm's old ones) it is kept, though purl-spec once asked for small letters of some of them,
 * because a package would no longer be found.  Pure; nothing is allocated. */
#ifndef DETENTE_VULN_PURL_H
#define DETENTE_VULN_PURL_H

#include "version/version.h"
#include "vuln/release.h"

enum { PURL_BYTES = 2048, PURL_QUALIFIERS = 32 };

struct purl_qualifier {
    struct slice key;
    struct slice value;
};

struct purl { /* slices lie in text: it may not be copied */
    struct slice type;
    struct slice space; /* its namespace; "" none */
    struct slice name;
    struct slice version; /* "" none */
    struct slice subpath; /* "" none */
    struct purl_qualifier qualifier[PURL_QUALIFIERS];
    unsigned qualifiers;
    char text[PURL_BYTES];
};

/* NULL: it is one.  Else why it is none, a few words, *ret_at bytes behind its start.  A scope
 * of npm whose `@` is not written %40 is understood.  Text is UTF-8 without control characters.
 * About 1 µs. */
const char *purl_parse(struct slice text, struct purl *ret, size_t *ret_at);
/* "" when there is none. */
struct slice purl_get(const struct purl *p, const char *key);

struct purl_osv { /* slices lie in text, the purl's, or are constant: it may not be copied */
    struct slice ecosystem; /* "PyPI", "Debian:12"; "Debian" when no release is said */
    struct slice name;      /* as OSV writes it: "org.example:core", "@scope/name" */
    struct slice version;   /* of an rpm with its epoch */
    struct slice source;    /* of a distribution: the source package, by `upstream` */
    struct slice source_version;
    struct slice architecture; /* "" not said */
    enum version_scheme scheme;
    char release[RELEASE_TEXT];
    char text[2 * PURL_BYTES + 8];
};

/* False: OSV has no such packages, or none whose versions can be compared here
 * (vuln/ecosystem.def); then only name, version, source, source_version and architecture are
 * filled.  Of deb without a version of the source the +bN of a rebuild is cut off; the epoch of
 * an rpm's source is that of the package, which alone is said. */
bool purl_osv(const struct purl *p, struct purl_osv *ret);

/* How an ecosystem that does not tell case apart writes one of its names, in place; returns its
 * length.  PyPI: PEP 503, runs of - _ . are one -.  Of others nothing changes. */
size_t purl_fold(struct slice ecosystem, char *name, size_t len);

#endif
