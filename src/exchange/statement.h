/* Small statements in signed notes (docs/formats/keys-and-notes.md): annex-seen, fetched,
 * successor, totals, and the manifest of a bundle.
 *
 *     seen       the other party has this annex; it does not say that it agrees
 *     fetched    this further witness fetched that message of that log
 *     successor  this log goes on under another origin, from here
 *     totals     so many attack events were seen, by origin (exchange/totals.h)
 *
 * Each is the first line, one canonical object, an LF, and the signature of the role that may
 * say it.  Pure; values borrow from the note. */
#ifndef DETENTE_EXCHANGE_STATEMENT_H
#define DETENTE_EXCHANGE_STATEMENT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "base/time.h"
#include "exchange/keys.h"
#include "ledger/leaf.h"

enum statement_kind {
#define STATEMENT(id, line) STATEMENT_##id,
#include "exchange/statement.def"
    STATEMENT_KINDS
};

enum { STATEMENT_FIELDS_MAX = 15 };

struct statement {
    enum statement_kind kind;
    struct slice text; /* of the note: what is signed */
    struct hash hash;  /* of that text, as leaves name it */
    struct utime at;   /* as the signer says */
    struct slice body; /* canonical object */
    const struct role_key *by;
};

/* Form alone: nobody has said it yet.  ERR_INVALID, ERR_LIMIT. */
MUST_USE int statement_read(struct slice note, enum statement_kind kind, struct statement *ret,
                            struct errinfo *ei);
/* Form and signature.  keys: message keys for seen (whoever signs must not be `party`) and
 * bundle (`from` must sign), of further witnesses for fetched; party keys for successor
 * and log keys for totals (`party` must sign).  witnessed: see role_keys_find().  ERR_INVALID,
 * ERR_LIMIT: form; ERR_PROOF: not signed by who must. */
MUST_USE int statement_verify(struct slice note, enum statement_kind kind,
                              struct role_keys keys, struct utime witnessed,
                              struct statement *ret, struct errinfo *ei);

/* Fields, as of a leaf.  ERR_NOTFOUND: no such field, or of another kind. */
MUST_USE int statement_text(const struct statement *s, const char *field, struct slice *ret);
MUST_USE int statement_number(const struct statement *s, const char *field, uint64_t *ret);
MUST_USE int statement_hash(const struct statement *s, const char *field, struct hash *ret);

/* Append a signed note; `at` apart, values in any order (ledger/leaf.h has LEAF_TEXT() and its
 * like).  ERR_INVALID (ei says why): a field is missing, unknown, or of wrong form; ERR_LIMIT.
 * On failure b is as before. */
MUST_USE int statement_write(struct buf *b, enum statement_kind kind, struct utime at,
                             struct leaf_values values, const struct skey *key,
                             struct errinfo *ei);

#endif
