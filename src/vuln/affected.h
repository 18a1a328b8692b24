/* Which versions of a package an advisory is about, as bytes that a database keeps and a scan
 * asks without unpacking: OSV's events (OSV schema 1.6, evaluation algorithm).
 *
 * A range is events in the order of versions: from `introduced` on it is affected, from `fixed`
 * on and behind `last_affected` not.  Of several ranges and single versions one is enough.
 * Pure. */
#ifndef DETENTE_VULN_AFFECTED_H
#define DETENTE_VULN_AFFECTED_H

#include "base/buf.h"
#include "version/version.h"

enum affected_event { AFFECTED_INTRODUCED, AFFECTED_FIXED, AFFECTED_LAST };
enum {
    AFFECTED_EVENTS = 256,    /* of one range */
    AFFECTED_BYTES = 1 << 16, /* of all */
    AFFECTED_TEXT = 255       /* of a version */
};

/* Building: ranges and single versions in any order, to a buffer that begins empty. */
struct affected_builder {
    struct buf *to;
    enum version_scheme scheme;
    unsigned events; /* of the range that is open */
    struct {
        enum affected_event event;
        struct slice version; /* borrowed until the range is closed; "" before all others */
    } event[AFFECTED_EVENTS];
    bool full; /* something was left out */
};

void affected_begin(struct affected_builder *b, enum version_scheme scheme, struct buf *to);
/* version `0` with INTRODUCED is before all others. */
void affected_event(struct affected_builder *b, enum affected_event event,
                    struct slice version);
void affected_end_range(struct affected_builder *b);
void affected_version(struct affected_builder *b, struct slice version);
/* Its publisher has not looked: nothing is to be concluded. */
void affected_unknown(struct affected_builder *b);

/* Is it affected?  Bytes that are none of these affect nothing. */
bool affected_is(struct slice bytes, struct slice version);

/* The same for whoever must not take for safe what nobody knows. */
enum affected_answer {
    AFFECTED_NO,
    AFFECTED_AMBIGUOUS, /* the version is none by the rules of its scheme, and no rule says
                           whether it is before or behind another */
    AFFECTED_YES
};
/* Of a version that version_wrong() has something against: NO where nothing is affected, YES
 * where all versions are or it is named letter by letter, else AMBIGUOUS. */
enum affected_answer affected_wrong(struct slice bytes, struct slice version);
/* The scheme of the bytes; false: they are none. */
bool affected_scheme(struct slice bytes, enum version_scheme *ret);
/* Does it say nothing at all of versions?  Then of a package that it is about nobody knows,
 * unless its publisher says by this that it is not affected. */
bool affected_is_empty(struct slice bytes);
bool affected_is_unknown(struct slice bytes);
/* The lowest version above this one that is fixed; "" none is known.  Borrowed. */
struct slice affected_fixed(struct slice bytes, struct slice version);

#endif
