/* Indicators of STIX, all that are known, with what they look for as one set (set.h).
 *
 * Read from bundles in any order: of each id the newest version of a party's counts, by
 * `modified`; several parties may have given the same id, which is then there several times.
 * One that is revoked, is over or has not begun does not match at that time; it stays listed.
 * Frozen it does not change, so any number of threads may ask it.
 *
 * Memory, resident: 41 bytes an indicator (times in milliseconds, the id as 16 bytes, labels
 * and names once each) besides the set. */
#ifndef DETENTE_INDICATOR_LIST_H
#define DETENTE_INDICATOR_LIST_H

#include "base/time.h"
#include "indicator/compile.h"
#include "indicator/set.h"
#include "model/tlp.h"
#include "wire/dom.h"

enum {
    INDICATORS_MOST = 1 << 26,
    INDICATOR_NAME = 256,   /* bytes of a name that are kept, and of all labels */
    INDICATOR_ID = 11 + 36, /* bytes of an id: indicator--UUID */
    INDICATOR_UNSURE = 255  /* no confidence is given */
};

struct indicators_build;
struct indicators;

/* What came of what was read. */
struct indicators_counts {
    uint64_t objects; /* of any type */
    uint64_t indicators;
    uint64_t whole;   /* all of the pattern is looked for */
    uint64_t in_part; /* some of its alternatives */
    uint64_t none;
    uint64_t revoked; /* not compiled */
    uint64_t older;   /* than the version that is there, or the same */
    uint64_t odd;     /* left out: no id, or no time of its own */
    uint64_t foreign; /* left out: it is this node's own (indicators_from()) */
    uint64_t by_reason[REASONS];
};

/* Of an indicator that is not looked for, wholly or in part; text: more of it, of a pattern
 * that is none.  reason REASONS: left out, and why is in text. */
typedef void indicators_tell(void *arg, struct slice id, enum compile_reason reason,
                             const char *text);

MUST_USE int indicators_build_new(uint64_t secret, struct indicators_build **ret);
struct indicators_build *indicators_build_free(struct indicators_build *b); /* gives NULL */
/* Whose word what is read from now on is: 0 this node's own, and at first; other numbers are
 * other parties.  A version of an id counts among those of the same party alone, so that nobody
 * changes or revokes what another gave; and what this node has itself, it has from itself: so
 * its own is read first. */
void indicators_from(struct indicators_build *b, uint32_t authority);
/* A bundle, an object, or a list of such; other objects are passed over.  Adds to *counts; tell
 * may be NULL.  ERR_LIMIT, ERR_NOMEM. */
MUST_USE int indicators_read(struct indicators_build *b, const struct dom *d,
                             struct indicators_counts *counts, indicators_tell *tell,
                             void *arg);
/* b is empty after it. */
MUST_USE int indicators_freeze(struct indicators_build *b, struct indicators **ret);
struct indicators *indicators_free(struct indicators *x); /* NULL is fine; gives NULL */

struct indicator {
    char id[INDICATOR_ID];
    struct slice name;
    struct slice labels; /* with commas between; `indicator_types` where there are none */
    struct utime from;
    struct utime until; /* TIME_MAX: it has no end */
    uint8_t confidence; /* 0 to 100, or INDICATOR_UNSURE */
    bool revoked;
    uint32_t reasons; /* bits of enum compile_reason */
    bool looked_for;  /* some atom is its */
    bool foreign;     /* another party's (indicators_from()) */
    enum tlp tlp;     /* the strictest of its markings; RED of one that is not known */
};

uint32_t indicators_count(const struct indicators *x);
/* Of them, those that some atom looks for and that are not revoked, in force or not. */
uint32_t indicators_sought(const struct indicators *x);
void indicators_get(const struct indicators *x, uint32_t i, struct indicator *ret);
/* Does it count at that time: not revoked, begun, not over (valid_until is the first moment at
 * which it is not valid: STIX 4.7). */
bool indicators_in_force(const struct indicators *x, uint32_t i, struct utime at);
bool indicators_revoked(const struct indicators *x, uint32_t i);
/* Of which is that id: its 16 bytes; of several the first that is not revoked.  Only when x was
 * mapped (pack.h); SET_GONE none. */
uint32_t indicators_find(const struct indicators *x, const uint8_t id[16]);
/* The id of one as 16 bytes. */
const uint8_t *indicators_id(const struct indicators *x, uint32_t i);
/* The same as text. */
void indicator_id_text(const uint8_t id[16], char ret[INDICATOR_ID]);
/* Owners in it are numbers of indicators. */
const struct set *indicators_set(const struct indicators *x);
/* A number of the caller's that goes with it into a file, and out of it; 0 at first. */
void indicators_set_number(struct indicators *x, uint64_t number);
uint64_t indicators_number(const struct indicators *x);
size_t indicators_bytes(const struct indicators *x);

#endif
