/* Names of products: CPE 2.3 (NISTIR 7695, naming; NISTIR 7696, matching).
 *
 * Read are the formatted string (7695, 6.2: `cpe:2.3:a:apache:log4j:2.14.1:*:*:*:*:*:*:*`) and
 * the URI of 2.2 (6.1: `cpe:/a:apache:log4j:2.14.1`, percent-encoded, with packed edition).
 * Letters have no case and become lower case.  More is let pass than the grammar has: any
 * printable character need not be quoted, as long as it says nothing else where it stands.
 * Nothing is allocated by reading and comparing.  Pure; any number of threads. */
#ifndef DETENTE_VULN_CPE_H
#define DETENTE_VULN_CPE_H

#include <stdint.h>

#include "base/buf.h"

enum cpe_name {
    CPE_PART, /* a, h or o, if it is a value */
    CPE_VENDOR,
    CPE_PRODUCT,
    CPE_VERSION,
    CPE_UPDATE,
    CPE_EDITION,
    CPE_LANGUAGE,
    CPE_SW_EDITION,
    CPE_TARGET_SW,
    CPE_TARGET_HW,
    CPE_OTHER,
    CPE_NAMES
};
enum cpe_kind { CPE_ANY, CPE_NA, CPE_VALUE };
enum {
    CPE_BYTES = 511,  /* of all values of a name */
    CPE_TEXT = 250,   /* of one value; names that are longer are none */
    CPE_MARKS = 16,   /* `?` on one side of a value */
    CPE_STAR = 255,   /* `*` before or behind a value: any number of characters */
    CPE_FORMAT = 4096 /* bytes at most of a bound name */
};

/* What an attribute says.  Quoting is resolved: `*` in text is an asterisk. */
struct cpe_value {
    enum cpe_kind kind;
    uint8_t before;    /* this many `?` stand before the text, or CPE_STAR */
    uint8_t behind;    /* and behind it; all of them before it when it is empty */
    struct slice text; /* lower case, printable; borrowed */
};

struct cpe { /* a value: may be copied */
    struct {
        uint8_t kind;
        uint8_t before;
        uint8_t behind;
        uint8_t len;
        uint16_t at;
    } name[CPE_NAMES];
    char text[CPE_BYTES];
};

/* ERR_INVALID with the column (ei may be NULL).  Some 100 ns. */
MUST_USE int cpe_parse(struct slice text, struct cpe *ret, struct errinfo *ei);
/* Borrowed from c. */
struct cpe_value cpe_get(const struct cpe *c, enum cpe_name name);

/* The canonical formatted string, and the URI with packed edition where that is needed.  A
 * name read from either is the same name. */
void cpe_format(const struct cpe *c, struct buf *to);
void cpe_format_uri(const struct cpe *c, struct buf *to);
/* Part, vendor and product as the formatted string has them: `a:apache:log4j`.  False, and
 * nothing is written: one of them is ANY or has wildcards, and it is in no index. */
bool cpe_product(const struct cpe *c, struct buf *to);

/* Of a source to a target (7696, tables 6-2 and 6-4): SUPERSET, the source is the wider one.
 * A target with wildcards has no relation.  `?` stands for one character or none, as in NIST's
 * reference implementation. */
enum cpe_relation { CPE_UNDEFINED, CPE_DISJOINT, CPE_SUBSET, CPE_SUPERSET, CPE_EQUAL };
enum cpe_relation cpe_value_relation(struct cpe_value source, struct cpe_value target);
/* Of names: DISJOINT if one attribute is; EQUAL, SUBSET and SUPERSET if all are that or equal;
 * else UNDEFINED. */
enum cpe_relation cpe_relation(const struct cpe *source, const struct cpe *target);
/* The source is superset or equal; lenient: or the target is ANY, which is not to know. */
bool cpe_value_covers(struct cpe_value source, struct cpe_value target, bool lenient);

#endif
