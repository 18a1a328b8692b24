/* Which of two versions is older, by the rules of their own ecosystem.
 *
 *   dpkg      deb-version(7): epoch, upstream version, revision; `~` sorts before the end
 *   rpm       rpm-version(7): epoch, version, release; `~` before and `^` behind the end
 *   apk       apk-tools 2: numbers, a letter, suffixes (_alpha … _p), -r of the package
 *   semver    Semantic Versioning 2.0.0; `v` before it is passed over, and there may be more or
 *             fewer than three numbers
 *   pypi      PEP 440; what it does not allow is older than all that it does
 *   maven     the POM reference's version order specification
 *   rubygems  Gem::Version
 *
 * Numbers may have any length.  Nothing is allocated.  Pure; any number of threads. */
#ifndef DETENTE_VERSION_VERSION_H
#define DETENTE_VERSION_VERSION_H

#include "base/slice.h"

enum version_scheme {
#define SCHEME(id, text, source) VERSION_##id,
#include "version/scheme.def"
    VERSION_SCHEMES
};

enum { VERSION_BYTES = 1024 }; /* of one that are looked at */

const char *version_scheme_name(enum version_scheme s);
/* False: no scheme has that name. */
bool version_scheme_parse(struct slice text, enum version_scheme *ret);

/* -1: a is older; 0: they are the same version, in whatever writing; 1.  Whatever the bytes
 * are; what is no version of its scheme is compared as far as its rules go, and
 * what is longer than VERSION_BYTES as if it ended there.  Some 50 ns. */
int version_compare(enum version_scheme s, struct slice a, struct slice b);
/* Why it is no version of that scheme, and where: a few words, *ret_at bytes behind its start.
 * NULL: it is one. */
const char *version_wrong(enum version_scheme s, struct slice v, size_t *ret_at);

#endif
