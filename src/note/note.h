/* Signed notes (C2SP signed-note): a text, an empty line, and lines `— name base64`.
 *
 * Parsing looks at form only and borrows from the bytes; checking is done role by role, with
 * the list of keys that hold that role.  A line whose (name, id) is in no list is ignored; one
 * that is in the list and fails refuses the note.  Stricter than C2SP: the same (name, id)
 * twice refuses it, so that a cosigner's two times leave no choice.
 * Threads: pure.  Cost: one pass, and 40 us for each known line. */
#ifndef DETENTE_NOTE_NOTE_H
#define DETENTE_NOTE_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "note/key.h"

enum {
    NOTE_MAX = 128 * 1024,       /* bytes: checkpoints and small statements */
    NOTE_PACT_MAX = 1024 * 1024, /* bytes: pact and annex */
    NOTE_LINES = 64              /* signature lines */
};

struct note_line {
    struct slice name;   /* borrowed */
    struct slice base64; /* borrowed; canonical base64 of id || signature */
    uint32_t id;
};

struct note {
    struct slice text;  /* what is signed: with its last LF, without the empty line */
    struct slice lines; /* all signature lines as they stand */
    unsigned count;     /* 1..NOTE_LINES */
    struct note_line line[NOTE_LINES];
};

/* ERR_LIMIT: more than max bytes or NOTE_LINES lines.  ERR_INVALID: not UTF-8, a control
 * byte, no empty line, a line that is none, base64 that is not canonical or too short, or the
 * same (name, id) twice.  ei says where. */
MUST_USE int note_parse(struct slice bytes, size_t max, struct note *ret, struct errinfo *ei);

/* A line that verified. */
struct note_signer {
    const struct vkey *key; /* borrowed from the list */
    unsigned line;          /* place in note.line */
    uint64_t time;          /* seconds since 1970 that a cosigner states; 0 for alg 01 */
};

struct note_signers {
    unsigned count;
    struct note_signer signer[NOTE_LINES];
};

/* Which lines verify under the keys of one role.  None is no error.  ERR_PROOF: a known line
 * fails. */
MUST_USE int note_check(const struct note *n, struct vkeys keys, struct note_signers *ret,
                        struct errinfo *ei);
/* ERR_PROOF too when none of the keys signed. */
MUST_USE int note_require(const struct note *n, struct vkeys keys, struct note_signers *ret,
                          struct errinfo *ei);

/* Is that key among them? */
bool note_signed_by(const struct note_signers *s, const struct vkey *key);

/* Append text, empty line, and one line of an alg 01 key.  text must end in LF. */
MUST_USE int note_sign(struct slice text, const struct skey *key, struct buf *ret);
/* Append only the signature line (to put a second signature behind a note).  For an alg 04
 * key, time is the seconds since 1970 that are stated; for alg 01 it must be 0. */
void note_line_sign(struct slice text, const struct skey *key, uint64_t time, struct buf *ret);
/* Append note's bytes with the given lines behind its own; a line in `more` replaces one of
 * the same name and id.  How cosignatures are collected.  `more` is lines only, e.g. the
 * answer of add-checkpoint.  ERR_INVALID, ERR_LIMIT as note_parse(). */
MUST_USE int note_merge(struct slice note, struct slice more, struct buf *ret,
                        struct errinfo *ei);
/* Append the note with those of its lines alone that name one of the keys: what is kept for
 * ever has no room for lines that nobody checked. */
void note_only(const struct note *n, struct vkeys keys, struct buf *ret);

#endif
