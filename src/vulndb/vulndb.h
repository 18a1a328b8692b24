/* The database of vulnerabilities, DIR/vuln/vuln.db: feeds, what they say of products, what is
 * installed on the party's own assets.
 *
 * Names of products are one table that advisories and inventory share, so that a scan is a join
 * over numbers.  SQLite, WAL: readers go on while a feed is taken in, and a feed is there whole
 * or not at all.  What is kept here never leaves the node (docs/decisions/0035).
 *
 * A handle belongs to one thread at a time. */
#ifndef DETENTE_VULNDB_VULNDB_H
#define DETENTE_VULNDB_VULNDB_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "base/time.h"
#include "vuln/cve.h"

enum {
    VULNDB_NAME = 128,     /* bytes of a feed's or asset's name */
    VULNDB_TEXT = 255,     /* of a product, a version, an id */
    VULNDB_AFFECTS = 8192, /* products that one record names */
    VULNDB_FIRST = 5,      /* records that are named of those that differ … */
    VULNDB_FIRST_TEXT = 64 /* … each with at most so many bytes, NUL included */
};

struct vulndb; /* opaque */

/* To be written: it is made where it is not there, folder and all.  To be read: ERR_NOTFOUND
 * when nothing was ever taken in.  ERR_CONF: another version wrote it; ERR_AUTH, ERR_IO,
 * ERR_NOMEM. */
MUST_USE int vulndb_open(const char *dir, bool write, struct vulndb **ret, struct errinfo *ei);
struct vulndb *vulndb_close(struct vulndb *db); /* NULL is fine; gives NULL */
/* All of it into a new file, as it is at this moment.  ERR_FULL, ERR_IO. */
MUST_USE int vulndb_copy(struct vulndb *db, const char *path);
/* What the database said of the last failure. */
const char *vulndb_error(const struct vulndb *db);
/* Changes with every change of the database; for whoever reads. */
MUST_USE int vulndb_version(struct vulndb *db, uint64_t *ret);

/* From here on what is read is of one moment, and each look-up takes no lock of its own; until
 * vulndb_rollback() or the end of the handle, which should not be far: what is written
 * meanwhile piles up. */
MUST_USE int vulndb_snapshot(struct vulndb *db);
/* One writer at a time: ERR_BUSY when another has it for five seconds. */
MUST_USE int vulndb_begin(struct vulndb *db);
MUST_USE int vulndb_commit(struct vulndb *db);
void vulndb_rollback(struct vulndb *db); /* nothing begun is fine */

/* ---- feeds ---- */

enum feed_kind {
#define FEED(id, name, whole, days, who) FEED_##id,
#include "vulndb/feed.def"
    FEED_KINDS
};
const char *feed_kind_name(enum feed_kind k);
const char *feed_kind_who(enum feed_kind k);
bool feed_kind_parse(struct slice text, enum feed_kind *ret);
bool feed_kind_whole(enum feed_kind k);
unsigned feed_kind_days(enum feed_kind k);

struct feed {
    char name[VULNDB_NAME]; /* "kev", "nvd/2021", "osv/Debian:12" */
    enum feed_kind kind;
    char version[VULNDB_TEXT + 1]; /* its maker's; "" it has none */
    struct utime date;             /* when its maker made it; 0 not said */
    struct utime taken;            /* when it came here */
    struct hash sha256;            /* of the file */
    uint64_t records;              /* in it */
    uint64_t bytes;                /* unpacked */
    char signer[VULNDB_NAME];      /* the party whose bundle it came in; "" a file */
};
/* Since when it is as old as it is. */
static inline struct utime
feed_since(const struct feed *f)
{
    return f->date.us != 0 ? f->date : f->taken;
}
MUST_USE int vulndb_feed(struct vulndb *db, const char *name,
                         struct feed *ret); /* ERR_NOTFOUND */
MUST_USE int vulndb_feed_put(struct vulndb *db, const struct feed *f);
/* The date of the newest of a kind; 0 there is none. */
MUST_USE int vulndb_kind_date(struct vulndb *db, enum feed_kind kind, struct utime *ret);
/* By name. */
MUST_USE int vulndb_feeds(struct vulndb *db, int (*each)(void *arg, const struct feed *f),
                          void *arg);

/* A counterpart's copy, as its signed note said, against one's own at that time. */
struct vulndb_peer_feed {
    char party[64];
    struct feed feed;
    struct utime taken;
    unsigned state;   /* enum feed_same, role/feed_bundle.h */
    uint64_t differs; /* records */
};
MUST_USE int vulndb_peer_feed_put(struct vulndb *db, const struct vulndb_peer_feed *p);
/* Of one feed by party; all when name is "". */
MUST_USE int vulndb_peer_feeds(struct vulndb *db, const char *name,
                               int (*each)(void *arg, const struct vulndb_peer_feed *p),
                               void *arg);

/* ---- records ---- */

/* An id that is no CVE has a number here that is smaller than all of theirs. */
MUST_USE int vulndb_alias(struct vulndb *db, struct slice name, uint64_t *ret);
/* The number of a CVE, or of another id that is known here; else ERR_NOTFOUND.  An advisory's
 * id, such as GHSA-…, that is about one vulnerability alone has that one's number. */
MUST_USE int vulndb_id(struct vulndb *db, struct slice text, uint64_t *ret);
/* Text of either; ERR_NOTFOUND. */
MUST_USE int vulndb_id_text(struct vulndb *db, uint64_t id, struct buf *to);

enum {
    AFFECT_CPE = 1,    /* range is entries of vuln/config.h, else vuln/affected.h */
    AFFECT_CONFIG = 2, /* and the record's configuration decides */
    AFFECT_KIND = 4    /* from this bit on: enum feed_kind, which the database sets */
};
struct vulndb_affect {
    struct slice space; /* "Debian:12", "PyPI"; "cpe" */
    struct slice name;
    struct slice range;
    unsigned flags;
};

struct vulndb_record {
    enum feed_kind kind;
    struct slice key; /* the publisher's id for it, such as DSA-5000-1; "" it is vuln[0] */
    struct utime modified;
    const uint64_t *vuln; /* what it is about; none: an alias */
    unsigned vulns;
    struct slice alias; /* vulns 0: what it is about, "" the key */
    const struct vulndb_affect *affect;
    unsigned affects;
    struct slice facts;  /* vuln/facts.h */
    struct slice config; /* vuln/config.h */
};

struct vulndb_counts {
    uint64_t fresh;
    uint64_t changed;
    uint64_t same;  /* as it was */
    uint64_t older; /* than what is here: passed over */
    uint64_t twice; /* under a key that the file had before: they count with that one */
    uint64_t gone;  /* that were here, and the file has no more */
    char first[VULNDB_FIRST][VULNDB_FIRST_TEXT]; /* of those that are not the same */
    unsigned firsts;
};
/* One more of `first`, while there is room. */
void vulndb_counts_name(struct vulndb_counts *counts, struct slice name);

/* In place of what the same publisher said under the same key; what a file says of one key in
 * several places counts together.  What is the same, or older by its own date, changes
 * nothing.  Between the two below. */
MUST_USE int vulndb_put(struct vulndb *db, const struct vulndb_record *r,
                        struct vulndb_counts *counts);
/* Each product that a record about it names, and its space. */
MUST_USE int vulndb_products_of(struct vulndb *db, uint64_t vuln,
                                int (*each)(void *arg, int64_t product, int64_t space),
                                void *arg);
/* Of a product, behind what the buffers hold; either may be NULL.  ERR_NOTFOUND. */
MUST_USE int vulndb_product_name(struct vulndb *db, int64_t product, struct buf *space,
                                 struct buf *name);
/* Each record about it: key is "" where it is the CVE itself. */
MUST_USE int vulndb_records_of(struct vulndb *db, uint64_t vuln,
                               int (*each)(void *arg, enum feed_kind kind, struct slice key,
                                           struct utime modified),
                               void *arg);
/* A file begins, and ends: records of its kind that it has no more go, all of them when the
 * feed is kept whole, else those of the keys that it had. */
void vulndb_file_begin(struct vulndb *db);
/* Records that are here with a later date are taken for wrong from here on: any other takes
 * their place. */
void vulndb_believe(struct vulndb *db, struct utime latest);
MUST_USE int vulndb_file_end(struct vulndb *db, enum feed_kind kind,
                             struct vulndb_counts *counts);

/* ---- figures of CVEs ---- */

/* A new file of scores, in any order, each CVE once; they are there, and counted against those
 * of the file before, once it is ended. */
void vulndb_epss_begin(struct vulndb *db);
MUST_USE int vulndb_epss_put(struct vulndb *db, cve_id cve, uint32_t ppm, uint32_t percentile);
MUST_USE int vulndb_epss_end(struct vulndb *db, struct vulndb_counts *counts);

struct vulndb_kev {
    cve_id cve;
    struct utime added, due; /* days */
    bool ransomware;
    struct slice vendor, product, name;
    uint64_t hash; /* of all that the entry says */
};
/* The same of a catalogue. */
MUST_USE int vulndb_kev_begin(struct vulndb *db);
MUST_USE int vulndb_kev_put(struct vulndb *db, const struct vulndb_kev *k);
MUST_USE int vulndb_kev_end(struct vulndb *db, struct vulndb_counts *counts);

#endif
