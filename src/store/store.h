/* Everything that is kept and asked for: one SQLite database (WAL, synchronous=FULL) and the
 * evidence segments beside it.
 *
 * State and ledger change in ONE transaction: store_begin(), then any of the put calls and
 * those of the ledger (store_ledger() is its storage table), then store_commit().  Evidence
 * bytes are written and synced by the caller before that, so that a row never points to bytes
 * that are not there.  After a failed commit the process must stop; it must not try again.
 *
 * One process writes; others may open the same node to read, also one on which nothing can be
 * written, whose write-ahead log counts as well.  A handle belongs to one thread.
 */
#ifndef DETENTE_STORE_STORE_H
#define DETENTE_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "ledger/ledger.h"
#include "model/event.h"

struct store; /* opaque */

enum store_mode { STORE_READ, STORE_WRITE, STORE_CREATE };

/* The database of the node's directory.  ERR_CONF: no node there, or written by a newer
 * version; ERR_AUTH: it belongs to another user; ERR_IO, ERR_NOMEM.  ei names the file. */
MUST_USE int store_open(const char *dir, enum store_mode mode, struct store **ret,
                        struct errinfo *ei);
/* 0 when there is a database that may be written, without opening it; else as store_open(). */
MUST_USE int store_there(const char *dir, struct errinfo *ei);
struct store *store_close(struct store *s); /* NULL is fine; gives NULL */
/* What the last failed call had to say. */
const char *store_error(const struct store *s);

MUST_USE int store_begin(struct store *s);
MUST_USE int store_commit(struct store *s); /* ERR_IO: durable or not is unknown: stop */
void store_rollback(struct store *s);
/* At a start, before anybody is told what is here: a process that was killed may have left
 * pages that can be read and are not on the disk, and a failed sync pages that no later sync
 * writes.  The write-ahead log, 16 MB at most as a rule, is written again and synced.  It may
 * also have left a commit that is whole in the log and that nobody who shares its index with a
 * living reader sees, until all have gone and the index is made anew: a commit that changes
 * nothing takes its place, so that what is here is what will be here.  ERR_IO, ERR_FULL,
 * ERR_BUSY. */
MUST_USE int store_make_durable(struct store *s);
/* After an ERR_FULL of it: what was read is on the disk all the same, and only the commit that
 * changes nothing found no room. */
bool store_is_safe(const struct store *s);
/* Reads every page that holds something, for a scrub: ERR_IO when one is damaged, ERR_PROOF
 * when the pages do not fit together; store_error() says it.  Some 1 GB/s of what is not
 * cached. */
MUST_USE int store_check(struct store *s);
/* Something failed that must not be tried again: store_close() will leave the files as they
 * are, the write-ahead log too.  ERR_IO from any call does the same. */
void store_leave(struct store *s);

/* What is read from here on is of one moment, though another process writes; store_settle()
 * ends that.  Not within a transaction of one's own. */
MUST_USE int store_snapshot(struct store *s);
/* The whole database into a new file, while others read and write: of the moment of a
 * store_snapshot() that is open, else of now.  Not within a transaction of one's own. */
MUST_USE int store_copy(struct store *s, const char *path);
/* End every read: no row that a call gave is valid any more, and no read transaction stays open
 * (else the write-ahead log could not be emptied).  At the end of each turn of a loop. */
void store_settle(struct store *s);

/* The ledger's entries, tiles and notes in this database: of the log that goes on. */
void store_ledger(struct store *s, struct ledger_storage *ret);
MUST_USE int store_ledger_size(struct store *s, uint64_t *ret); /* entries */
/* A log that went on under another origin stays, to be proved: its storage, which lives in
 * *keep, and how many entries it has.  Leaves are numbered over all generations
 * (ledger_generation()), in rows as in calls. */
struct store_log {
    struct store *store;
    uint64_t first;
};
unsigned store_generation(const struct store *s); /* of the log that goes on: from 1 */
MUST_USE int store_ledger_of(struct store *s, unsigned generation, struct store_log *keep,
                             struct ledger_storage *ret, uint64_t *ret_size);
/* Its verifier key as text; ERR_NOTFOUND. */
MUST_USE int store_get_log_key(struct store *s, unsigned generation, struct buf *ret);
/* Reads alone: the calls that speak of the log mean this generation from here on. */
MUST_USE int store_look_at(struct store *s, unsigned generation);
/* The log ends, and the next generation of it begins empty, under that verifier key; in a
 * transaction: this handle means that one from here on (and must be closed when that fails),
 * who has others open must open them again.  ERR_LIMIT. */
MUST_USE int store_end_log(struct store *s, struct slice vkey);
/* Each signed checkpoint of a generation (its first leaf) of a size above `after` and up to
 * `until`, by size; a result other than 0 stops and is given back. */
MUST_USE int store_each_note(struct store *s, uint64_t first, uint64_t after, uint64_t until,
                             int (*each)(void *arg, uint64_t size, struct slice note),
                             void *arg);

/* Small values by name; ERR_NOTFOUND. */
MUST_USE int store_get_meta(struct store *s, const char *name, struct buf *ret);
MUST_USE int store_put_meta(struct store *s, const char *name, struct slice value);
/* Counters by name, 0 when never added to. */
MUST_USE int store_get_counter(struct store *s, const char *name, uint64_t *ret);
MUST_USE int store_add_counter(struct store *s, const char *name, uint64_t n);

/* ---- dictionaries: numbers that events carry ---- */

struct store_rule {
    uint32_t gid;
    uint32_t sid;
    uint32_t rev;
    struct slice name;
    struct slice cves; /* vuln/cve.h, packed */
};
/* Rules are numbered from 1 without holes, sensors from 0; each of them from a number on. */
MUST_USE int store_put_rule(struct store *s, uint32_t id, const struct store_rule *rule);
MUST_USE int
store_get_rule(struct store *s, uint32_t id,
               struct store_rule *ret); /* ERR_NOTFOUND; texts until the next call */
MUST_USE int store_each_rule(struct store *s, uint32_t from,
                             int (*each)(void *arg, uint32_t id, const struct store_rule *rule),
                             void *arg);
MUST_USE int store_put_sensor(struct store *s, uint32_t id, struct slice name);
MUST_USE int store_each_sensor(struct store *s, uint32_t from,
                               int (*each)(void *arg, uint32_t id, struct slice name),
                               void *arg);

/* ---- sources: how far each input has been taken ---- */

struct store_source {
    int64_t id;          /* 0: new */
    uint32_t known_len;  /* prefix under which it was found; 0: made by whoever holds it */
    uint32_t prefix_len; /* bytes under prefix, at most SOURCE_PREFIX */
    struct hash prefix;  /* of the first prefix_len bytes */
    uint64_t offset;     /* bytes taken */
    uint64_t size;       /* bytes seen, an unfinished last line included */
    uint64_t lines;      /* records taken */
    bool array;
};
enum { SOURCE_PREFIX = 65536 };
/* The source that `head` (the first bytes of an input, up to SOURCE_PREFIX) continues: the one
 * with the longest matching prefix, which has at least a byte.  ERR_NOTFOUND. */
MUST_USE int store_find_source(struct store *s, struct slice head, struct store_source *ret);
/* Insert or update; sets src->id.  An input that was found under a shorter prefix gets a row of
 * its own when it has grown: a copy of the shorter state stays known. */
MUST_USE int store_put_source(struct store *s, struct store_source *src);

/* ---- blocks ---- */

enum erasure {
    ERASURE_NONE,
    ERASURE_RAW,  /* the raw bytes are erased, the events are there */
    ERASURE_BLOCK /* all is, but the commitments of the events */
};

struct store_block {
    uint64_t block;
    enum erasure erased; /* read only */
    uint64_t leaf;       /* its index in the log */
    uint32_t segment;
    uint32_t len; /* bytes in the segment */
    uint64_t at;
    uint32_t events;
    uint64_t count;
    struct utime first; /* sensor times */
    struct utime last;
    struct utime seen; /* when it was closed */
    struct hash root;
    struct hash tables;   /* zero: none */
    struct slice key;     /* block key, 32 bytes; empty when erased */
    struct slice salt;    /* of the figures commitment */
    struct slice figures; /* what it opens */
    struct slice filter;  /* addresses: store/evidence.h; empty when erased */
};
MUST_USE int store_put_block(struct store *s, const struct store_block *b);
MUST_USE int store_next_block(struct store *s, uint64_t *ret);
/* One block; slices in *ret are valid until the next call.  ERR_NOTFOUND. */
MUST_USE int store_get_block(struct store *s, uint64_t block, struct store_block *ret);

struct store_range {
    struct utime since; /* blocks with a sensor time in since … until */
    struct utime until;
    bool newest_first;
    const struct addr *address; /* blocks that may hold it; NULL any */
};
/* Each block in the range; a result other than 0 stops and is given back (1 is no error). */
MUST_USE int store_each_block(struct store *s, const struct store_range *range,
                              int (*each)(void *arg, const struct store_block *b), void *arg);
/* What each block of that number and above (INT64_MIN: all) has in common with its leaf: block,
 * leaf, events, count, times, root, tables, salt and figures; all else is empty.  A third of
 * the cost. */
MUST_USE int store_each_block_leaf(struct store *s, int64_t from,
                                   int (*each)(void *arg, const struct store_block *b),
                                   void *arg);

/* When a block's events happened, of which the index alone tells. */
struct store_span {
    struct utime last;
    struct utime first;
    uint64_t block;
};
/* Each block behind `after`, in the order of last, first and number, at most `limit` of them
 * and none whose last is past `until`.  A result other than 0 stops and is given back.  Some
 * 3 M/s. */
MUST_USE int store_each_span(struct store *s, const struct store_span *after,
                             struct utime until, unsigned limit,
                             int (*each)(void *arg, const struct store_span *b), void *arg);

/* What an attribution table was made of, kept so that old events still name their dataset. */
MUST_USE int store_put_tables(struct store *s, const struct hash *id, struct slice json);
MUST_USE int store_get_tables(struct store *s, const struct hash *id, struct buf *ret);

#endif
