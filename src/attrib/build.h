/* Compile datasets into the one file that attrib_open() maps.
 *
 * Input formats, recognised by content:
 *   MMDB      through libmaxminddb: autonomous_system_number or asn, its organization,
 *             country.iso_code or country_code or country
 *   CSV       start,end or prefix, then network number, name and country in any order;
 * addresses as text or whole numbers; with a header line that names the columns or without
 *             (then told by content); separated by comma, semicolon or tab; `#` comments
 *   geoip     Tor's: the same as CSV
 * Within a dataset the most specific (smallest) range wins, of equal ones the later row.  Of
 * several datasets the first that has an answer gives the network, the first that has an answer
 * gives the country.  AP, EU, ZZ and ?? are no countries.  Malformed rows are left out, counted
 * and the first is named; a dataset without a usable row is refused.
 *
 * The same inputs give the same bytes.  Needs some 140 MB and 0.8 s for the default data;
 * inputs above ATTRIB_ROWS rows are refused.  One thread. */
#ifndef DETENTE_ATTRIB_BUILD_H
#define DETENTE_ATTRIB_BUILD_H

#include "attrib/attrib.h"

enum { ATTRIB_FILES = 4, ATTRIB_ROWS = 16 * 1024 * 1024 };

struct attrib_input {
    const char *path[ATTRIB_FILES]; /* of one dataset, e.g. one per family; NULL ends them */
    const char *name;               /* of the dataset, unique */
    const char *source;             /* who made it; NULL: "" */
    unsigned kind;                  /* enum attrib_kind: what to use of it; 0: all it holds */
    struct utime date;              /* 0: from the file, see attrib_date() */
};

struct attrib_report {
    struct attrib_size size;
    struct hash id;
    unsigned datasets;
    struct {
        uint64_t rows;        /* usable */
        uint64_t rejected;    /* malformed */
        uint64_t outside;     /* usable, but wholly in space that is never attributed */
        struct errinfo first; /* the first malformed one, when rejected > 0 */
    } of[ATTRIB_DATASETS];
};

/* Through `<out>.tmp`, fsync and rename: out is the old file or the whole new one.
 * ERR_INVALID (ei names file and line), ERR_CONF (an input is not there), ERR_LIMIT, ERR_IO,
 * ERR_NOMEM, ERR_USAGE (names). */
MUST_USE int attrib_build(const struct attrib_input *in, unsigned count, const char *out,
                          struct attrib_report *ret, struct errinfo *ei);

/* The day a file was made: an MMDB's build_epoch; a `# Generated:` comment; the version of the
 * package.json beside it when that ends in YYYYMMDDHH; else the file's modification time. */
MUST_USE int attrib_date(const char *path, struct utime *ret, struct errinfo *ei);

#endif
