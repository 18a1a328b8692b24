/* Plain lists as bundles of STIX 2.1: one thing a line, as blocklists are published.
 *
 * A line's first word counts; behind `#` or `;` stands a remark.  A name may stand behind an
 * address, as in a hosts file; `*.example.org` means all names below it, `.example.org` itself
 * too.  Each becomes an indicator whose id follows from the list's name and the pattern, so
 * that a later copy of the list is a newer version of the same indicators.  Pure; some
 * microseconds a line. */
#ifndef DETENTE_INDICATOR_LINES_H
#define DETENTE_INDICATOR_LINES_H

#include "base/time.h"
#include "indicator/atom.h"

enum lines_kind { LINES_ADDRESSES, LINES_DOMAINS, LINES_URLS, LINES_HASHES, LINES_KINDS };
bool lines_kind_find(struct slice name, enum lines_kind *ret); /* "addresses" … "hashes" */

enum { LINES_MOST = 200000 /* indicators of one bundle */ };

struct lines_options {
    enum lines_kind kind;
    struct slice name;   /* of the list, and of each indicator; UTF-8 */
    struct utime now;    /* created, modified */
    struct utime from;   /* valid */
    struct utime until;  /* 0: without an end */
    unsigned confidence; /* 0 to 100; above: none */
};

struct lines_counts {
    uint64_t lines;
    uint64_t remarks; /* and empty ones */
    uint64_t taken;
    uint64_t odd; /* none of that kind */
    uint64_t first_odd;
};

/* The next bundle of *rest, appended to `to`: 1; 0 when nothing was left to take.  Adds to
 * *counts.  The buffer's own error is sticky. */
int lines_bundle(struct slice *rest, const struct lines_options *o, struct buf *to,
                 struct lines_counts *counts);

#endif
