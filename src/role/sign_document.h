/* Documents that the node answers for: the SHA-256 of each stands in the log as the act of who
 * made it, `document.sign` of a plan and `drill.cutoff` of the report of a drill, under a
 * checkpoint that the log's key signs.  The document itself is not kept.  One document is
 * logged once. */
#ifndef DETENTE_ROLE_SIGN_DOCUMENT_H
#define DETENTE_ROLE_SIGN_DOCUMENT_H

#include "base/sha256.h"
#include "ledger/leaf.h"
#include "role/engine.h"
#include "role/erase.h"
#include "role/inclusion.h"
#include "role/view.h"

/* In hex, as leaves and orders have it. */
enum { DOCUMENT_HASH = 2 * SHA256_SIZE + 1 };
void sign_document_hex(const struct hash *h, char to[DOCUMENT_HASH]);

enum document { DOCUMENT_PLAN, DOCUMENT_DRILL };

/* hex: of the document.  0 when it stands in the log, now or already.  ERR_FULL: nothing
 * changed; any other error is the end, as of engine_record(). */
MUST_USE int sign_document(struct engine *e, enum document what, struct slice hex,
                           const struct erase_person *who, struct errinfo *ei);

/* Where it stands, checked: entry and proof are of that leaf, and the proof holds under the key
 * of the log that has it. */
struct signed_document {
    uint64_t leaf; /* index in its log */
    struct utime at;
    char key[VKEY_TEXT + 1]; /* of the log; its name is the origin */
    uint64_t size;           /* of the checkpoint */
    unsigned cosigned;       /* by how many others whose lines the checkpoint has */
    struct buf entry;
    struct buf proof; /* C2SP tlog-proof */
};
/* ERR_NOTFOUND: the log does not have it, or no checkpoint covers it yet; ERR_PROOF: what the
 * store says of it is not so.  Release *ret in any case. */
MUST_USE int signed_document_find(struct view *v, const struct hash *h,
                                  struct signed_document *ret, struct errinfo *ei);
void signed_document_release(struct signed_document *d);

#endif
