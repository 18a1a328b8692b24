/* Proof files (docs/formats/proof.md): one event, offline, years later.
 *
 * A proof holds the parts that are shown, their salts, the path in the block, the block's
 * leaf, and a C2SP tlog-proof of that leaf with a cosigned checkpoint.  It never brings keys:
 * the verifier does, by role.  Making borrows everything; verifying owns what it unescapes. */
#ifndef DETENTE_LEDGER_PROOF_H
#define DETENTE_LEDGER_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "base/time.h"
#include "ledger/tree.h"
#include "note/checkpoint.h"

enum { PROOF_MAX = 1024 * 1024 /* bytes */ };

/* Append a c2sp.org/tlog-proof@v1 file. */
void tlog_proof_write(struct buf *b, uint64_t index, const struct tree_path *path,
                      struct slice checkpoint /* note with its cosignatures */);
struct tlog_proof {
    uint64_t index;
    struct tree_path path;
    struct slice checkpoint; /* borrowed */
};
/* ERR_INVALID: form, or an `extra` line. */
MUST_USE int tlog_proof_parse(struct slice text, struct tlog_proof *ret);
/* Parse, check the checkpoint's signatures and the path of the leaf.  ERR_PROOF. */
MUST_USE int tlog_proof_verify(struct slice text, const struct hash *leaf,
                               const struct checkpoint_keys *keys, struct tlog_proof *ret,
                               struct checkpoint_signed *ret_signed, struct errinfo *ei);

/* What is shown.  Each step shows less. */
enum proof_show {
    PROOF_RAW,     /* everything that is kept */
    PROOF_TARGET,  /* without the raw bytes */
    PROOF_PRIVATE, /* also without the target: the own host stays closed */
    PROOF_PUBLIC,  /* the public part alone */
    PROOF_MASKED   /* everything but the target: raw is shown */
};

/* What the keeper of a block still has of an event.  Absent: empty slice, NULL salt. */
struct proof_event {
    struct slice public_;
    struct slice private_;
    struct slice target;
    struct slice raw;
    const struct hash *salt_public;
    const struct hash *salt_private;
    const struct hash *salt_target;
    const struct hash *salt_raw;
    const struct hash *private_hash; /* needed only when private_ is empty */
};

struct proof_make {
    struct slice origin;
    struct slice entry; /* the block's leaf, as it stands in the log */
    uint32_t index;     /* of the event in its block */
    uint32_t events;
    const struct hash *commitments; /* c(0) … c(events - 1) */
    struct proof_event event;
    enum proof_show show;
    struct slice tlog_proof; /* of the entry, see tlog_proof_write() */
};
/* Append the file.  ERR_NOTFOUND when what shall be shown is erased (public part or its salt
 * missing; other missing parts are left out), ERR_LIMIT over PROOF_MAX. */
MUST_USE int proof_write(struct buf *b, const struct proof_make *m);

enum { PROOF_WHO = 512 };

/* All slices point into `store`. */
struct proof {
    struct slice origin;
    struct slice entry; /* the block leaf */
    uint64_t block;
    uint32_t index;
    uint32_t events;       /* of the block */
    uint64_t leaf_index;   /* of the block in the log */
    struct slice public_;  /* canonical arrays */
    struct slice private_; /* empty when closed */
    struct slice target;   /* empty when closed */
    struct slice raw;      /* bytes; empty when closed or none */
    bool has_raw;
    struct hash commitment;
    struct hash leaf; /* H(00 || entry) */
    struct checkpoint_signed signed_;
    unsigned e_grade;      /* 1: signed by the log alone, 2: cosigned by a known key */
    char grade[PROOF_WHO]; /* the same as a sentence: who, in which role, when */
    struct buf store;
};

/* Every check of docs/formats/proof.md in its order; no network, no clock.  0 and *ret to be
 * released by proof_release(); on failure nothing is to be released: ERR_PROOF (all faults of
 * the file are that: a court does not care which), ERR_NOMEM.  ei says what failed. */
MUST_USE int proof_verify(struct slice file, const struct checkpoint_keys *keys,
                          struct proof *ret, struct errinfo *ei);
void proof_release(struct proof *p);
/* Lines of the checkpoint that no key of the verifier checks, as text lines `— name base64`
 * appended to b. */
void proof_unchecked(const struct proof *p, struct buf *b);

/* ---- Messages: that an envelope stands in its sender's log, and reached the other ---- */

/* Whose log is which: the verifier's knowledge, from the annexes. */
struct proof_party {
    struct slice party;
    struct checkpoint_keys keys; /* of this party's log, and who counts as cosigner of it */
};
struct proof_parties {
    const struct proof_party *party;
    unsigned count;
};

struct message_proof {
    struct slice envelope; /* canonical; its own signature is not looked at here */
    struct slice from;
    struct slice to;
    struct hash sha256; /* of the envelope: the message id */
    uint64_t leaf_index;
    struct checkpoint_signed signed_; /* of the sender's log */
    bool received;                    /* a leaf in the log of `to` says so */
    uint64_t received_index;
    struct checkpoint_signed received_signed;
    struct buf store;
};

/* As proof_verify(), to be released by message_proof_release().  Delivery is proved when
 * `received`, or when signed_.holder names a holder key of the receiver's. */
MUST_USE int message_proof_verify(struct slice file, struct proof_parties parties,
                                  struct message_proof *ret, struct errinfo *ei);
void message_proof_release(struct message_proof *p);

#endif
