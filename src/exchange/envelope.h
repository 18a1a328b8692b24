/* Messages between parties: the envelope, its body, its signature (docs/formats/messages.md).
 *
 * A message is one canonical JSON object, kept as the bytes it came in; its id is their hash.
 * Reading looks at form alone; checking is done with what the receiver knows of the pact.  The
 * checks come in one order, and the first that fails names the code.  What fails up to
 * `signature` may be anybody's bytes: count it, never answer it.
 *
 * Everything read borrows from the bytes.  Pure, no allocation but in the buffers of a writer;
 * checking a signature needs 128 KiB of stack.  Some 3 µs to read, 50 µs to verify. */
#ifndef DETENTE_EXCHANGE_ENVELOPE_H
#define DETENTE_EXCHANGE_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "base/time.h"
#include "exchange/keys.h"
#include "ledger/leaf.h"
#include "model/text.h"
#include "note/key.h"

enum { ENVELOPE_MAX = 61440 /* bytes */ };

enum message_type {
#define BODY(id, name, where) MESSAGE_##id,
#include "exchange/body.def"
    MESSAGE_TYPES
};

enum message_code {
    MESSAGE_FINE,
#define CODE(id, name) MESSAGE_BAD_##id,
#include "exchange/code.def"
    MESSAGE_STATE, /* it does not fit the incident's state, whose name is the code */
    MESSAGE_CODES
};

const char *message_type_name(enum message_type t); /* "notice" */
/* "size" … "limit"; "" for MESSAGE_FINE and for MESSAGE_STATE. */
const char *message_code_name(enum message_code c);
/* One of the codes, or the name of a state. */
bool message_code_known(struct slice name);

struct envelope {
    struct slice bytes;
    struct hash id; /* of the bytes */
    struct slice pact;
    struct slice incident; /* "" in the channel between the two */
    struct incident_id case_;
    uint64_t seq;
    bool has_prev;
    struct hash prev;
    struct slice from; /* its grammar is looked at by the check, not by the reader */
    struct slice to;
    enum message_type type;
    struct utime at; /* as the sender says */
    struct slice tlp;
    struct slice body; /* canonical JSON */
    struct slice sig;  /* hex of key id and signature */
};

/* MESSAGE_FINE and *ret, or size, json, version, field; ret_why (may be NULL) then names what
 * does not fit, for a human. */
enum message_code envelope_read(struct slice bytes, struct envelope *ret, const char **ret_why);

/* Fields of the body.  ERR_NOTFOUND: no such field, absent, "", or of another kind. */
MUST_USE int envelope_text(const struct envelope *e, const char *field, struct slice *ret);
MUST_USE int envelope_number(const struct envelope *e, const char *field, uint64_t *ret);
MUST_USE int envelope_hash(const struct envelope *e, const char *field, struct hash *ret);
MUST_USE int envelope_time(const struct envelope *e, const char *field, struct utime *ret);
MUST_USE int envelope_json(const struct envelope *e, const char *field, struct slice *ret);

/* Is the sender the one who notifies?  Only of messages in an incident. */
bool envelope_from_notifier(const struct envelope *e);

/* Of a notice with `detected`: the index of the leaf in the notifier's log that committed to
 * the local incident.  ERR_NOTFOUND: it opens none. */
MUST_USE int notice_detected(const struct envelope *e, uint64_t *ret_leaf);
/* Does it open that leaf, and was detected there what it says: incident, obligation, class,
 * origin, by whom, and since when?  ERR_PROOF, ERR_NOMEM. */
MUST_USE int notice_opens(const struct envelope *e, const struct leaf *leaf);

/* ---- Checking ---- */

struct envelope_terms {
    struct slice pact;
    const struct slice *party; /* members of the pact */
    unsigned parties;
    const struct hash *text; /* hashes of the pact's texts that a notice may name … */
    unsigned texts;          /* … 0: any */
    struct role_keys message;
    struct span clock_skew_max;
};

/* Where a chain stands: one for each (pact, from, to, incident); zeros before the first. */
struct chain {
    uint64_t seq;
    struct hash last;
};

/* MESSAGE_FINE, or pact, party, signature.  witnessed: the first cosignature over the message's
 * leaf, or now when there is none yet. */
enum message_code envelope_authentic(const struct envelope *e, const struct envelope_terms *t,
                                     struct utime witnessed);
/* MESSAGE_FINE, or chain: it is not the next one. */
enum message_code chain_check(const struct chain *c, const struct envelope *e);
void chain_add(struct chain *c, const struct envelope *e);
/* All of them in their order, and `time`: it says to be from after now and the skew. */
enum message_code envelope_check(const struct envelope *e, const struct envelope_terms *t,
                                 const struct chain *c, struct utime witnessed,
                                 struct utime now);

/* ---- Writing ---- */

struct envelope_make {
    struct slice pact;
    struct slice incident;
    struct slice from;
    struct slice to;
    enum message_type type;
    struct utime at;
    struct slice tlp;
    struct slice body; /* JSON, any order and spacing */
};

/* Append the signed message that comes next in the chain, and give its id (ret_id may be NULL).
 * The chain stays as it is: chain_add() when the leaf is written.  What was written is read
 * back: ERR_INVALID (ei says what) or ERR_LIMIT, with b as before. */
MUST_USE int envelope_write(struct buf *b, const struct envelope_make *m, const struct chain *c,
                            const struct skey *key, struct hash *ret_id, struct errinfo *ei);

/* Append 136 hex digits over the record of a consultation.  ERR_INVALID: it is not canonical;
 * ERR_LIMIT: it fits no message. */
MUST_USE int consult_sign(struct buf *b, struct slice record, const struct skey *key);
/* Append the body of a consult-record; parties and signatures in any order. */
struct consult_signature {
    struct slice party;
    struct slice signature;
};
void consult_body(struct buf *b, struct slice record, const struct consult_signature by[2]);

#endif
