/* CISA's catalogue of vulnerabilities that are known to be exploited, as its maker publishes it
 * (known_exploited_vulnerabilities.json and its schema): what others say, never this node's
 * evidence.
 *
 * Pure. */
#ifndef DETENTE_VULN_KEV_H
#define DETENTE_VULN_KEV_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"
#include "vuln/cve.h"

enum {
    KEV_BYTES = 16 << 20, /* of a catalogue; that of August 2025 has 1.3 MB … */
    KEV_ENTRIES = 20000,  /* … and 1,404 entries */
    KEV_TEXT = 512,       /* bytes of a vendor, a product, a name */
    KEV_VERSION = 32,
    KEV_SOURCE = 256,
    KEV_NEWEST = 50 /* entries in kev_json() */
};

/* Slices of the catalogue's canonical bytes. */
struct kev_entry {
    cve_id id;           /* 0: its number has more digits than any that was given yet */
    struct slice cve;    /* CVE-2099-0001 */
    struct slice vendor; /* these three as JSON strings, with their quotes */
    struct slice product;
    struct slice name;
    struct slice added; /* YYYY-MM-DD */
    struct slice due;
    struct slice whole; /* the entry */
    bool ransomware;    /* known from campaigns of it */
    unsigned number;    /* in the catalogue's order, from 0 */
};

struct kev_spot {
    unsigned line; /* 0: none */
    unsigned column;
};

struct kev {
    struct buf text; /* canonical, what the slices borrow from */
    struct slice version;
    struct utime released;
    struct kev_spot version_at, released_at; /* in what was published */
    struct kev_entry *entry; /* newest first, of one day as the catalogue has them */
    unsigned count;
    unsigned ransomware;
    char source[KEV_SOURCE]; /* "" not said */
    struct utime taken;      /* 0: it was not kept yet */
};

/* A catalogue as it was published.  Every entry is checked, fields that are not known here are
 * passed over, and the count that it states must be that of its entries.  ERR_CONF: it is none,
 * ei has the place of the member that is wrong, or of the entry or catalogue that lacks it, and
 * of a string that has no end where it begins;
 * ERR_LIMIT: larger than the bounds above; ERR_NOMEM.  On success release by
 * kev_release(). */
MUST_USE int kev_read(struct slice text, struct kev *ret, struct errinfo *ei);
void kev_release(struct kev *k); /* of zeroes is fine */

/* Append it as one object with its newest entries (docs/api.md, world). */
void kev_json(const struct kev *k, struct buf *to);

#endif
