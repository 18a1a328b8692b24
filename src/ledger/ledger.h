/* The log: append-only entries under an RFC 6962 tree, kept as C2SP tlog-tiles.
 *
 * Promised: an entry that stands under a signed checkpoint keeps its index for ever and can be
 * proved in every later one.  Not promised: that an entry is true.
 *
 * The ledger does no I/O.  It writes and reads through a small table, so that the store can
 * keep entries, full tiles, signed notes and its own state in ONE transaction:
 *
 *     begin; ledger_append() …; ledger_sign(); commit the transaction;
 *     then ledger_commit() when it is durable, or ledger_rollback() when it failed.
 *
 * Nothing partial is stored: entries, full tiles (256 hashes) and notes only ever get added,
 * so a reader may serve them without locks, and a crash leaves nothing to repair.
 *
 * A handle belongs to one thread and takes about 300 KiB.  One handle writes; others over the
 * same store only read and come along by ledger_follow(). */
#ifndef DETENTE_LEDGER_LEDGER_H
#define DETENTE_LEDGER_LEDGER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "ledger/tree.h"
#include "note/key.h"

enum {
    LEDGER_ENTRY_MAX = 65535, /* bytes: an entry bundle counts them in 16 bits */
    LEDGER_TILE = 256,        /* hashes of a full tile, entries of a full bundle */
    LEDGER_LEVELS = 7         /* tile levels: 256^7 = 2^56 leaves */
};
/* A log that went on under another origin is of a later generation.  One number names a leaf of
 * any generation of one's own log: its index, and above these bits how many generations came
 * before.  Of the first it is the index alone.  In JSON, of 53 bits, there is room for 8,192.
 */
enum { LEDGER_INDEX_BITS = 40, LEDGER_GENERATIONS = 1 << 13 };
#define LEDGER_SIZE_MAX ((UINT64_C(1) << LEDGER_INDEX_BITS) - 1)
#define LEDGER_NEWEST   UINT64_MAX /* get_note(): the one of the largest size */

static inline uint64_t
ledger_index(uint64_t leaf)
{
    return leaf & LEDGER_SIZE_MAX;
}

static inline unsigned
ledger_generation(uint64_t leaf)
{
    return 1 + (unsigned)(leaf >> LEDGER_INDEX_BITS);
}

/* What the ledger asks of its storage.  All give 0 or a negative ERR_*.  What was put must be
 * readable by the get calls at once, before the transaction ends. */
struct ledger_storage {
    void *self;     /* given back as the first argument */
    uint64_t first; /* number of the log's first leaf; 0 of a first generation */
    /* Indexes come in order without holes.  leaf = H(00 || entry), for lookups by hash. */
    int (*put_entry)(void *self, uint64_t index, struct slice entry, const struct hash *leaf);
    /* Full tiles only, each once: hash i of tile n at level l is the root over leaves
     * (n * 256 + i) * 256^l … */
    int (*put_tile)(void *self, unsigned level, uint64_t n,
                    const struct hash hashes[LEDGER_TILE]);
    /* A signed checkpoint.  The same size may come again, with equal bytes. */
    int (*put_note)(void *self, uint64_t size, struct slice note);
    /* Call each() for entries from … from + count - 1 in order; stop at its first error and
     * give that.  ERR_NOTFOUND when one is missing. */
    int (*get_entries)(void *self, uint64_t from, uint64_t count,
                       int (*each)(void *arg, uint64_t index, struct slice entry), void *arg);
    /* ERR_NOTFOUND when that tile was never put. */
    int (*get_tile)(void *self, unsigned level, uint64_t n, struct hash ret[LEDGER_TILE]);
    /* Append the note of exactly that size, or of the largest (LEDGER_NEWEST).
     * ERR_NOTFOUND. */
    int (*get_note)(void *self, uint64_t size, struct buf *ret);
};

struct ledger; /* opaque */

/* size: entries in the storage.  Rebuilds the right edge from full tiles and at most 255 tail
 * entries, so the cost does not grow with the log (at most 255 tiles a level: some ms), and
 * compares the newest note.  ERR_PROOF: a tile or entry is missing, hashes disagree, or the
 * newest note is of another root or of more entries than there are (the store lost its end);
 * ei says which.  The storage's errors are passed on.  s is copied; s->self must outlive it. */
MUST_USE int ledger_open(const struct ledger_storage *s, uint64_t size, struct ledger **ret,
                         struct errinfo *ei);
struct ledger *ledger_free(struct ledger *l); /* NULL is fine; always gives NULL */

/* Put one entry (borrowed, may be empty), and every tile that it fills; *ret_leaf is its
 * number.  ERR_LIMIT: longer than LEDGER_ENTRY_MAX or the log is full.  After any error:
 * ledger_rollback(). */
MUST_USE int ledger_append(struct ledger *l, struct slice entry, uint64_t *ret_leaf);
/* Head over all appended entries, committed or not. */
void ledger_head(const struct ledger *l, struct tree_head *ret);
/* Sign that head.  The root is computed twice: from the frontier kept while appending, and
 * from the storage, re-hashing every entry and re-reading every tile that came since the last
 * signature (or since the last full tile before it).  ERR_PROOF when the two differ, when the
 * head is smaller than the last signed one, or when that size was signed with another root:
 * nothing is signed then, and the process should stop.  The note is put, and appended to
 * ret_note (may be NULL). */
MUST_USE int ledger_sign(struct ledger *l, const struct skey *key, struct buf *ret_note,
                         struct errinfo *ei);
/* The transaction is durable: what was appended counts from now on. */
void ledger_commit(struct ledger *l);
/* The transaction failed: back to the last ledger_commit(). */
void ledger_rollback(struct ledger *l);
/* A reading handle comes along: entries up to `size` are in the storage.  Reads and hashes
 * the new ones.  ERR_PROOF as ledger_open(). */
MUST_USE int ledger_follow(struct ledger *l, uint64_t size, struct errinfo *ei);

uint64_t ledger_first(const struct ledger *l);       /* number of its first leaf */
uint64_t ledger_size(const struct ledger *l);        /* committed entries */
uint64_t ledger_signed_size(const struct ledger *l); /* of the newest note; 0 before it */

/* For any size up to ledger_size().  ERR_NOTFOUND beyond, and for a leaf of another
 * generation. */
MUST_USE int ledger_root(struct ledger *l, uint64_t size, struct hash *ret);
MUST_USE int ledger_prove_inclusion(struct ledger *l, uint64_t leaf, uint64_t size,
                                    struct tree_path *ret);
MUST_USE int ledger_prove_consistency(struct ledger *l, uint64_t old, uint64_t size,
                                      struct tree_path *ret);

/* The bytes of a tile or an entry bundle as tlog-tiles has them, full (width 256) or partial
 * (1..255), appended to ret.  ERR_NOTFOUND when it reaches beyond `size`, which must be at
 * most ledger_size(): the published one when serving.  (At level 0, of entries and of the
 * edge's tile: any width is computed.) */
struct ledger_tile_ref {
    unsigned level;
    unsigned width;
    uint64_t n;
};
MUST_USE int ledger_tile(struct ledger *l, struct ledger_tile_ref t, uint64_t size,
                         struct buf *ret);
MUST_USE int ledger_bundle(struct ledger *l, struct ledger_tile_ref t, uint64_t size,
                           struct buf *ret);
/* Width of the partial tile at that level for a size (0: none), and its n. */
void ledger_edge_tile(uint64_t size, unsigned level, struct ledger_tile_ref *ret);

/* Read everything: hash all entries, compare all tiles and the newest note (its signature too
 * when log is not NULL).  0 when clean; ERR_PROOF, with the first bad index in ret->bad and
 * the sentence in ei.  Linear in the log. */
struct ledger_check {
    uint64_t entries; /* good ones, from 0 */
    uint64_t tiles;   /* compared */
    uint64_t bad;     /* first bad entry, or first leaf under a bad tile; UINT64_MAX none */
    struct tree_head head;
};
MUST_USE int ledger_fsck(const struct ledger_storage *s, uint64_t size, const struct vkey *log,
                         struct ledger_check *ret, struct errinfo *ei);

/* The same in steps, for who reads and hashes the entries himself: open, leaf hashes in order
 * from 0, close.  Give whole tiles, so that a tile is compared before anybody relies on its
 * leaves.  Takes some 60 KiB. */
struct ledger_checker; /* opaque */
/* Reads the newest note.  ei is kept, and told of what any of these calls finds. */
MUST_USE int ledger_checker_open(const struct ledger_storage *s, uint64_t size,
                                 const struct vkey *log, struct ledger_checker **ret,
                                 struct errinfo *ei);
/* heads: the roots that are asked for on the way, sizes growing, each above the leaves added so
 * far and at most those with these; their roots are set unless it fails. */
MUST_USE int ledger_checker_add(struct ledger_checker *c, const struct hash *leaves,
                                unsigned count, struct tree_head *heads, unsigned head_count);
/* err: what came of it, handed through; *ret as ledger_fsck() fills it.  c may be NULL. */
int ledger_checker_close(struct ledger_checker *c, int err, struct ledger_check *ret);

#endif
