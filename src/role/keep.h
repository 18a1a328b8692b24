/* Orders of the command line about what is kept: erase blocks, place and end holds, sign a
 * document, announce a test packet.
 *
 * The fixed form in which an order passes to whoever has the engine: the node that runs there,
 * or the command itself under the node's lock.  Values without pointers. */
#ifndef DETENTE_ROLE_KEEP_H
#define DETENTE_ROLE_KEEP_H

#include "model/text.h"
#include "role/canary.h"
#include "role/hold.h"

enum keep_what {
    KEEP_ERASE = 1, /* scope, name: the rule, span: up to ERASE_BLOCKS single blocks, rising */
    KEEP_PLACE,     /* name: the case, until, span, text */
    KEEP_EXTEND,    /* name, until */
    KEEP_RELEASE,   /* name */
    KEEP_DOCUMENT,  /* name: SHA-256 of a document, in hex (role/sign_document.h) */
    KEEP_CANARY,    /* name: the sensor, pact, payload, until: a span (role/canary.h) */
    KEEP_DRILL,     /* as a document: of the report of a drill (role/drill.h) */
    /* name: UUID of a collection of objects, pact, payload: party, text: its name, title and
     * description, a line each */
    KEEP_COLLECTION,
    /* name: a party, payload: the way out, scope: enum tlp, until: objects, text: SHA-256 of
     * the list, in hex (role/exports.h) */
    KEEP_EXPORT,
    KEEP_RIGHT, /* name: of the collection, payload: of who may; scope: rights */
    KEEP_FOLLOW /* name: of the collection; scope: 1 from now on, 0 no longer */
};

struct keep_ask {
    uint32_t what;
    uint32_t scope; /* enum erasure */
    uint32_t spans;
    uint32_t pad;
    int64_t until; /* negative: open */
    /* An index of UINT32_MAX is the last event of its block. */
    struct hold_span span[HOLD_SPANS];
    char name[LEAF_ID_MAX + 1];
    char text[LEAF_TEXT_MAX + 1];
    char pact[PACT_NAME_MAX + 1];
    char payload[CANARY_PAYLOAD + 1];
};

struct keep_answer {
    uint32_t version; /* of the control socket's records */
    int32_t status;   /* 0, or what it was refused with */
    struct errinfo ei;
};

/* True when all texts in it end and its numbers are some of the above. */
bool keep_ask_ok(const struct keep_ask *a);

/* user: as an act's opening names them.  ret->status says what came of it; the result is 0
 * unless the engine must end, as of engine_record(). */
struct keep_place {
    struct engine *engine;
    struct eraser *eraser;
    const struct env *env;
};
MUST_USE int keep_do(const struct keep_place *p, struct slice user, const struct keep_ask *a,
                     struct keep_answer *ret);

/* One who has the engine of a node. */
struct keeper; /* opaque */

/* The node of that directory: here, or by the one that runs there.  ERR_BUSY: another command
 * writes to it now. */
MUST_USE int keeper_open(const char *dir, struct keeper **ret, struct errinfo *ei);
/* 0, with *ret filled, or an error of the way there, with ei. */
MUST_USE int keeper_do(struct keeper *k, const struct keep_ask *a, struct keep_answer *ret,
                       struct errinfo *ei);
/* What was erased leaves the files, if nobody reads now; a running node does that by itself.
 * ERR_BUSY: somebody reads, it goes at the node's next start. */
MUST_USE int keeper_finish(struct keeper *k, struct errinfo *ei);
struct keeper *keeper_close(struct keeper *k); /* NULL is fine; gives NULL */

#endif
