/* CVE identifiers: CVE-YYYY-NNNN, the number with at least four digits and zeros only to make
 * it so (CVE numbering, syntax of 2014).  As a number they sort as people expect, and fit in
 * hot tables.  Pure. */
#ifndef DETENTE_VULN_CVE_H
#define DETENTE_VULN_CVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* The year in the upper half, the number in the lower one; 0 is none. */
typedef uint64_t cve_id;
enum {
    CVE_TEXT = 24 /* CVE-2021-44228 with NUL */,
    CVE_FIRST_YEAR = 1999,
    CVE_LAST_YEAR = 2199
};

/* `CVE-2021-44228` and nothing else; 0: it is none. */
cve_id cve_parse(struct slice text);
/* Its length. */
unsigned cve_format(cve_id id, char to[CVE_TEXT]);

/* Who says that an alert is about it. */
enum cve_source {
    CVE_METADATA = 1 << 0,  /* the rule's metadata, as the sensor passes it on */
    CVE_REFERENCE = 1 << 1, /* its references */
    CVE_RULES = 1 << 2,     /* a file of rules that the operator has */
    CVE_SIGNATURE = 1 << 3  /* the text of the signature alone */
};
enum { CVE_SOURCES = 4 };
const char *cve_source_name(unsigned bit); /* "metadata" … */

struct cve_found {
    cve_id id;
    unsigned sources;
};
enum { CVE_SET = 16 };
struct cve_set {                  /* begins zeroed */
    struct cve_found at[CVE_SET]; /* ascending, each once */
    unsigned count;
    bool more; /* there are others, for which there was no room: the highest are left out */
};
void cve_set_add(struct cve_set *s, cve_id id, enum cve_source source);

/* The same as bytes, CVE_PACKED each, for what is kept by rule. */
enum { CVE_PACKED = 7 };
unsigned cve_set_pack(const struct cve_set *s, uint8_t to[CVE_SET * CVE_PACKED]);
/* False: the bytes are none, and *ret is empty. */
bool cve_set_unpack(struct slice bytes, struct cve_set *ret);

/* "high": two of them agree; "medium": one that is made for it; "low": text alone. */
const char *cve_confidence(unsigned sources);

/* Adds all that a text names: `CVE-2021-44228`, also with `_`, a blank, `,` or `:` behind CVE,
 * in either case, no letter or digit on either side. */
void cve_scan_text(struct slice text, struct cve_set *to);
/* The same of a reference: a URL, also with the number alone behind `name=`, or
 * `cve,2021-44228`. */
void cve_scan_reference(struct slice text, struct cve_set *to);
/* A whole value: `CVE_2021_44228`, `2021-44228`; a date is none. */
void cve_scan_metadata(struct slice value, struct cve_set *to);

#endif
