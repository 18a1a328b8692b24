/* Releases of distributions by OSV's names for them: "Debian:12", "Alpine:v3.18",
 * "Ubuntu:22.04:LTS", "Rocky Linux:9" (OSV schema 1.7, `affected[].package`).
 *
 * Of some only the family can be said, without a release: OSV divides Red Hat's and SUSE's by
 * product streams and modules, which no version number names.  Pure. */
#ifndef DETENTE_VULN_RELEASE_H
#define DETENTE_VULN_RELEASE_H

#include "base/slice.h"

enum { RELEASE_TEXT = 64 };

/* id: as ID of os-release(5), in any case: "debian", "rocky", "opensuse-leap".  version: as
 * VERSION_ID ("12.4", "3.18.4", "v3.18"), or a release's name ("bookworm", "edge"); "": not
 * said, or one that is not known: the family without a release.  False: OSV has no such
 * distribution. */
bool release_name(struct slice id, struct slice version, char ret[static RELEASE_TEXT]);
/* The same of id and version in one: "debian-12", "alpine-3.18.4", "opensuse-leap-15.5", and
 * with the id by default "3.18.4" or "bookworm". */
bool release_parse(struct slice id, struct slice distro, char ret[static RELEASE_TEXT]);

#endif
