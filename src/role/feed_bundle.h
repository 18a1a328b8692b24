/* Feeds between parties: a folder with files as their makers publish them, and a note that one
 * party signs over them (docs/formats/feeds.md), carried on whatever there is.
 *
 * Whoever gets one sees who vouches for which bytes, and whether a counterpart has the same
 * copy of a version as oneself, which no public mirror tells. */
#ifndef DETENTE_ROLE_FEED_BUNDLE_H
#define DETENTE_ROLE_FEED_BUNDLE_H

#include "exchange/keys.h"
#include "note/note.h"
#include "role/feeds.h"

#define FEED_BUNDLE_NOTE "feeds.note"
enum { FEED_BUNDLE_FILES = 256, FEED_BUNDLE_NAME = 200 };

struct feed_file {
    struct feed feed;
    char file[FEED_BUNDLE_NAME]; /* its name in the folder */
};
struct feed_bundle {
    char party[64];
    struct utime at;
    struct feed_file *file; /* owned */
    unsigned files;
    const char *folder; /* where they are; the caller's to set, and borrowed */
};

/* The note's text, unsigned, appended. */
void feed_bundle_text(const struct feed_bundle *b, struct buf *to);
/* Of a note's text.  ERR_INVALID with the line; ERR_LIMIT, ERR_NOMEM.  Release in any case. */
MUST_USE int feed_bundle_parse(struct slice text, struct feed_bundle *ret, struct errinfo *ei);
void feed_bundle_release(struct feed_bundle *b);

/* ERR_INVALID with the note's line: it is, or one of its files is said to be, ahead of the
 * clock (role/feeds.h). */
MUST_USE int feed_bundle_check(const struct feed_bundle *b, struct utime now,
                               struct errinfo *ei);

/* One of its files against what is in force here, and into it where it is newer. */
enum feed_same {
    FEED_EQUAL,   /* the same records, in whatever writing */
    FEED_DIFFERS, /* the same version, and other records */
    FEED_OLDER,   /* theirs is an older version */
    FEED_TAKEN    /* theirs is newer, or was not here: now it is */
};
const char *feed_same_name(enum feed_same s); /* "equal" … */
struct feed_taken {
    enum feed_same same;
    bool rewritten;              /* equal, and their file is another than ours */
    uint64_t records;            /* that differ … */
    struct vulndb_counts counts; /* … and which of them, what theirs would change in ours */
};
/* What it found is kept for the page.  As feeds_import(). */
MUST_USE int feed_bundle_take(struct vulndb *db, const struct feed_bundle *b,
                              const struct feed_file *f, struct utime now,
                              struct feed_taken *ret, struct errinfo *ei);

#endif
