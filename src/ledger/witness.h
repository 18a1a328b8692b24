/* What a witness is asked and what it answers (C2SP tlog-witness, add-checkpoint).
 *
 *     old <size>
 *     <0 to 63 lines of base64, the consistency proof>
 *
 *     <checkpoint note>
 *
 * A witness says one thing: of all trees of this log that were shown to me, this is the
 * largest, and each was a beginning of the next.  So it answers from what it cosigned last, and
 * that is durable before anybody hears the answer.  Pure: judging is a function of the request,
 * the log's keys and that state. */
#ifndef DETENTE_LEDGER_WITNESS_H
#define DETENTE_LEDGER_WITNESS_H

#include "base/buf.h"
#include "ledger/tree.h"
#include "note/checkpoint.h"

enum {
    WITNESS_BODY_MAX = 128 * 1024, /* bytes */
    WITNESS_HASHES = 63
};

struct witness_request {
    uint64_t old;
    struct tree_path path;
    struct slice note;   /* borrowed */
    struct slice origin; /* its first line, of a checkpoint by its form; not yet believed */
};

/* ERR_INVALID: not of that form. */
MUST_USE int witness_parse(struct slice body, struct witness_request *ret);

/* What was cosigned last of that log; size 0 and known false: nothing. */
struct witness_state {
    struct tree_head head;
    bool known;
};

enum witness_status {
    WITNESS_COSIGN = 200,
    WITNESS_MALFORMED = 400, /* also: it asks to go back */
    WITNESS_UNTRUSTED = 403, /* not signed by a key of that log, or one of its lines is false */
    WITNESS_UNKNOWN = 404,   /* no such log */
    WITNESS_STALE = 409,     /* old is not what was cosigned last: that size is the answer */
    WITNESS_WRONG = 422, /* the proof, or another root of the same size: look at both notes */
    WITNESS_SLOWER = 429 /* it grows more often than is cosigned: ask again later */
};

struct witness_verdict {
    enum witness_status status;
    const char *why;        /* one line */
    struct checkpoint what; /* of WITNESS_COSIGN; borrows from the note */
    struct slice text;      /* what is to be cosigned */
    bool fork;              /* the log signed another root of a size that was cosigned */
};

/* logs: the keys of all logs that are witnessed, by name. */
void witness_judge(const struct witness_request *q, struct vkeys logs,
                   const struct witness_state *state, struct witness_verdict *ret);

/* The same body, for whoever asks. */
void witness_write(struct buf *to, uint64_t old, const struct tree_path *path,
                   struct slice note);

#endif
