/* Checkpoints (C2SP tlog-checkpoint) and their cosignatures (tlog-cosignature v1).
 *
 * A checkpoint is a note whose text is origin, size and root; the log signs it, witnesses and
 * holders cosign it.  Who is which is decided by the list a key stands in, never by a name. */
#ifndef DETENTE_NOTE_CHECKPOINT_H
#define DETENTE_NOTE_CHECKPOINT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "note/key.h"
#include "note/note.h"

#define CHECKPOINT_SIZE_MAX ((uint64_t)INT64_MAX)

struct checkpoint {
    struct slice origin; /* borrowed */
    uint64_t size;       /* entries, at most CHECKPOINT_SIZE_MAX */
    struct hash root;
    struct slice extension; /* further lines with their LFs; normally empty */
};

/* The text of a note, not the note.  ERR_INVALID: fewer than three lines, size with leading
 * zero, sign or over 2^63-1, root that is not base64 of 32 bytes, an empty extension line. */
MUST_USE int checkpoint_parse(struct slice text, struct checkpoint *ret);
/* origin, size, root: three lines. */
void buf_checkpoint(struct buf *b, struct slice origin, uint64_t size, const struct hash *root);

/* The roles a verifier brings.  Empty lists are fine but for `log`. */
struct checkpoint_keys {
    struct vkeys log; /* one or more log keys; the one whose name is the origin counts */
    struct vkeys witness;
    struct vkeys holder;
};

struct checkpoint_signed {
    struct note note; /* borrows from the bytes */
    struct checkpoint checkpoint;
    const struct vkey *log; /* the key that signed; its name is the origin */
    struct note_signers witness;
    struct note_signers holder;
    unsigned unchecked; /* lines of no known key */
};

/* Parse a whole note and check every known line.  ERR_PROOF: the log's signature is missing,
 * its key is not named as the origin, or any known line fails (an error in one role refuses
 * the note for all).  ERR_INVALID, ERR_LIMIT: form, and extension lines, which no cosigner of
 * the newer kinds would cover. */
MUST_USE int checkpoint_verify(struct slice note, const struct checkpoint_keys *keys,
                               struct checkpoint_signed *ret, struct errinfo *ei);

/* Append the note: text and the log's signature.  The key's name is the origin. */
MUST_USE int checkpoint_sign(const struct skey *log, uint64_t size, const struct hash *root,
                             struct buf *ret);
/* Append one cosignature line over a checkpoint's text.  time: seconds since 1970, < 2^63.
 * ERR_USAGE for a key that is not alg 04. */
MUST_USE int checkpoint_cosign(struct slice text, const struct skey *cosigner, uint64_t time,
                               struct buf *ret);

#endif
