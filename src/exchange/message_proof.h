/* Message proofs (docs/formats/proof.md): that an envelope was logged by its sender and, with
 * `received`, by its receiver.  ledger/proof.h follows the logs; here the envelope is a message
 * with its own signature as well.  Pure. */
#ifndef DETENTE_EXCHANGE_MESSAGE_PROOF_H
#define DETENTE_EXCHANGE_MESSAGE_PROOF_H

#include "exchange/envelope.h"
#include "ledger/proof.h"

/* One log's side. */
struct message_proof_side {
    struct slice origin;
    struct slice entry;      /* the `message` or the `received` leaf */
    struct slice tlog_proof; /* of the entry, see tlog_proof_write() */
};

/* Append the file; received may be NULL.  ERR_LIMIT over PROOF_MAX, with b as before. */
MUST_USE int message_proof_write(struct buf *b, struct slice envelope,
                                 const struct message_proof_side *sent,
                                 const struct message_proof_side *received);

struct message_proved {
    struct message_proof proof; /* to be released by message_proof_release() */
    struct envelope envelope;   /* borrows from it */
    bool delivered; /* received, or a holder of the receiver's cosigned the sender's log */
    struct utime witnessed; /* the earliest cosignature in it; 0: none */
};

/* message_proof_verify(), and the envelope's form, pact, parties and signature.  A key must
 * hold at the earliest cosignature; without any, at what the sender says.  0 and *ret, or
 * ERR_PROOF (ei says what) or ERR_NOMEM with nothing to release. */
MUST_USE int message_proof_check(struct slice file, struct proof_parties parties,
                                 const struct envelope_terms *terms, struct message_proved *ret,
                                 struct errinfo *ei);

#endif
