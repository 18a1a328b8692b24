/* Warning lists as MISP has them (github.com/MISP/misp-warninglists, schema.json): what belongs
 * to everybody and is no sign of an attack, such as resolvers, clouds, sinkholes, hashes of
 * empty files.  Whether something that is looked for is on one, and on which.
 *
 * A list has one `type` for all of its entries: cidr (addresses and prefixes), hostname (a name
 * and all below it), string (the same text), substring, regex (RE2's, with or without /…/i
 * around).  `matching_attributes` says what it is about; a list without is about everything.
 * Names are compared in small letters.  An entry of a string list that begins with a dot, as
 * `.google.com`, is meant as a hostname and taken as one.
 *
 * Frozen, any number of threads may ask.  Cost: one question of a set, and one search for each
 * entry of substring and regex lists. */
#ifndef DETENTE_INDICATOR_WARNING_H
#define DETENTE_INDICATOR_WARNING_H

#include "indicator/set.h"
#include "wire/dom.h"

enum {
    WARNING_LISTS = 1024,
    WARNING_PARTS = 1 << 16, /* entries of all substring lists */
    WARNING_REGEXES = 64,
    WARNING_NAME = 128, /* bytes of a list's name that are kept */
    WARNING_TEXT = 512  /* of a part or a regular expression, in bytes */
};
#define WARNING_NONE UINT32_MAX

enum warning_type {
    WARNING_CIDR,
    WARNING_HOSTNAME,
    WARNING_STRING,
    WARNING_SUBSTRING,
    WARNING_REGEX,
    WARNING_TYPES
};

struct warning_list {
    char name[WARNING_NAME];
    enum warning_type type;
    uint32_t kinds;   /* bits of enum atom_kind that it is about; 0 none of ours */
    uint32_t entries; /* that count */
    uint32_t odd;     /* that are none of its type, or about kinds that are not ours */
    uint32_t dotted;  /* of a string list, that were taken as hostnames */
};

struct warnings;

MUST_USE int warnings_new(uint64_t secret, struct warnings **ret);
struct warnings *warnings_free(struct warnings *w); /* NULL is fine; gives NULL */
/* A list, its number *ret_list.  ERR_INVALID: it is none, and ei says why; ERR_LIMIT,
 * ERR_NOMEM. Nothing of it counts then. */
MUST_USE int warnings_read(struct warnings *w, const struct dom *d, uint32_t *ret_list,
                           struct errinfo *ei);
/* Before the first question, behind the last list. */
MUST_USE int warnings_freeze(struct warnings *w);

uint32_t warnings_count(const struct warnings *w);
const struct warning_list *warnings_list(const struct warnings *w, uint32_t i);
/* The first list that it is on, WARNING_NONE none.  A prefix is on one that it has addresses in
 * common with, all names below x where x is; a URL where itself is, or its host on a hostname
 * list about URLs. */
uint32_t warnings_find(const struct warnings *w, enum atom_kind kind, struct slice bytes);

#endif
