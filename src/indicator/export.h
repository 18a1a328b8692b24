/* What is looked for, in the languages of those who can look for it or refuse it.
 *
 *   suricata          a rule an atom (Suricata 6: doc/userguide/rules), hashes left out
 *   suricata-dataset  few rules, and files of values beside them: names by `dataset` of type
 *                     string (Base64, one a line), hashes by filemd5, filesha1, filesha256,
 *                     addresses EXPORT_GROUP a rule; the rest a rule an atom.  Suricata 6 has
 * no transform to small letters, so names asked in capitals pass a dataset. nftables sets of
 * addresses in `table inet detente`, emptied and filled in one transaction; what lies in
 * another prefix is left out, so none overlap rpz               a response policy zone:
 * NXDOMAIN for names (draft-vixie-dnsop-dns-rpz) csv               RFC 4180, with a header; a
 * row for each atom and indicator in force
 *
 * Only what is in force at that time is written, and nothing that a warning list has, when such
 * are given.  Texts of others (names of indicators, URLs) are written so that they end neither
 * a string nor a line: bytes that are not plain become \ and hex of that language, or `?` where
 * it has none.  Prefixes of no bits are written nowhere: they would refuse everybody. */
#ifndef DETENTE_INDICATOR_EXPORT_H
#define DETENTE_INDICATOR_EXPORT_H

#include "indicator/list.h"
#include "indicator/warning.h"

enum export_format {
    EXPORT_SURICATA,
    EXPORT_DATASET,
    EXPORT_NFTABLES,
    EXPORT_RPZ,
    EXPORT_CSV,
    EXPORT_FORMATS
};
const char *export_format_name(enum export_format f); /* "suricata" … "csv" */
bool export_format_find(struct slice name, enum export_format *ret);

enum {
    EXPORT_FILES = 5, /* of suricata-dataset; the others have one */
    EXPORT_GROUP = 100,
    EXPORT_SID = 9300000, /* the first rule's, when none is said */
    EXPORT_CONTENT = 255, /* bytes that Suricata takes in one content */
    EXPORT_ZONED = 220    /* bytes of a name that fit a zone below its own name */
};
/* "detente.rules", "detente-domains.lst" …; of a format with one file only the first. */
const char *export_file_name(unsigned file);

struct export_options {
    enum export_format format;
    struct utime at;                 /* what is in force then; serial of the zone */
    const struct warnings *warnings; /* NULL: nothing is left out for being common */
    bool common_too;                 /* … but only counted */
    uint32_t sid;                    /* of the first rule */
};

struct export_counts {
    uint64_t written;            /* atoms */
    uint64_t over;               /* no indicator in force has them */
    uint64_t common;             /* on a warning list */
    uint64_t unsaid[ATOM_KINDS]; /* that the format has no word for, or not at that length */
    uint64_t inside;             /* in another prefix */
    uint32_t by_list[WARNING_LISTS];
};

/* Takes some bytes of a file; negative ends the export. */
typedef int export_put(void *arg, unsigned file, struct slice bytes);

/* ERR_LIMIT: more rules than there are numbers; ERR_NOMEM; what put gave. */
MUST_USE int export_write(const struct indicators *x, const struct export_options *options,
                          export_put *put, void *arg, struct export_counts *ret);

#endif
