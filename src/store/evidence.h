/* Evidence segments: `evidence/NNNNNN.zst`, readable with zstdcat, which prints the raw bytes
 * of all attack events, each followed by a newline.
 *
 * A block is a zstd skippable frame (magic 184D2A5D) that holds the events column by column,
 * and one zstd frame that holds the raw bytes; decompressors pass over the first.  Layout:
 * docs/formats/evidence.md.  Both carry checksums.  A codec belongs to one thread.
 *
 * Nothing in a segment is ever moved.  What is erased is overwritten in its place: raw bytes by
 * a skippable frame of the same length, the columns by zeros, so that zstdcat goes on. */
#ifndef DETENTE_STORE_EVIDENCE_H
#define DETENTE_STORE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "base/slice.h"
#include "model/event.h"

struct codec; /* opaque: compression state and scratch */

enum {
    EVIDENCE_RAW_MAX = EVENTS_PER_BLOCK * 65536 / 8, /* raw bytes of a block: 32 MiB */
    EVIDENCE_FRAME_MAX = 2 * EVIDENCE_RAW_MAX,
    SEGMENT_MAX = 256 * 1024 * 1024, /* a segment past this is closed */
};

struct codec *codec_new(void);             /* NULL when out of memory */
struct codec *codec_free(struct codec *c); /* NULL is fine; gives NULL */

/* Append a block's frames to out.  raw_at of the events points into raw, where units lie one
 * after the other, each followed by LF. */
MUST_USE int evidence_encode(struct codec *c, uint64_t block, const struct event *events,
                             uint32_t count, struct slice raw, struct buf *out);

/* Write another block number into frames that evidence_encode() made. */
void evidence_set_block(struct slice frames, uint64_t block);

struct evidence {
    uint64_t block;
    uint32_t count;
    struct event *event; /* count of them, owned by the codec until the next call */
    struct slice raw;    /* owned likewise; empty unless asked for */
    bool raw_erased;
};
/* Check and unpack one block's frames.  ERR_INVALID when they are damaged, ERR_GONE when they
 * are erased. */
MUST_USE int evidence_decode(struct codec *c, struct slice frames, bool with_raw,
                             struct evidence *ret);

/* Overwrite a block's raw bytes, and its columns too when `all`, and sync: they are gone when
 * it gives 0.  Doing it again, also after half of it, does no harm.  Where the file system can,
 * the room is given back.  at, len: the block's place in the segment fd.  ERR_IO (a failed
 * write or sync), ERR_FULL (on a file system that writes elsewhere), ERR_INVALID: no block is
 * there. */
MUST_USE int evidence_destroy(const struct env *env, int fd, uint64_t at, uint32_t len,
                              bool all);

/* Which addresses a block may hold: a Bloom filter over origins and targets, 10 bits an
 * address, 4 probes; some 1 % false hits. */
void filter_make(const struct event *events, uint32_t count, struct buf *out);
bool filter_may_hold(struct slice filter, const struct addr *a);

/* `evidence/000001.zst` */
enum { SEGMENT_NAME = 32 };
void segment_name(uint32_t segment, char out[SEGMENT_NAME]);

#endif
