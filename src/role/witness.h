/* The witness of other logs, in the engine: it alone cosigns.
 *
 * What the gate hands over is not believed: the request is read and judged here
 * (ledger/witness.h), the new state is committed with the note before the cosignature is told,
 * and a request that finds another state than it names changes nothing.
 *
 * Each log has its own pace, since each cosignature is a sync of the disk: at once so many, and
 * then so many a second.  A larger tree beyond that is 429.  The same tree again is not:
 * anybody can show it, and whoever does so often may not keep the log from a cosignature; it is
 * given the one that there is, of less than a second ago. */
#ifndef DETENTE_ROLE_WITNESS_H
#define DETENTE_ROLE_WITNESS_H

#include "conf/conf.h"
#include "ledger/witness.h"
#include "role/book.h"
#include "role/node_keys.h"

enum {
    WITNESS_LOGS = 64,
    WITNESS_ANSWER = 512,     /* bytes of a line, with NUL */
    WITNESS_BURST = 120,      /* cosignatures of one log at once … */
    WITNESS_EVERY_US = 500000 /* … and between two of them */
};

/* When each would be at its pace again, by the monotonic clock. */
struct witness_pace {
    struct hash log; /* of the origin */
    int64_t grows;
    int64_t repeats;
};

struct witness {
    struct store *store;
    const struct env *env;
    const struct skey *key;
    struct vkey log[WITNESS_LOGS];
    unsigned logs;
    unsigned configured; /* of them, the first */
    struct witness_pace pace[WITNESS_LOGS];
};

struct witness_told {
    uint32_t status; /* enum witness_status, or 503 */
    uint32_t pad;
    uint64_t size;             /* of 409 */
    char text[WITNESS_ANSWER]; /* the cosignature line, or why not */
};

/* The logs of the configuration.  key NULL: there is none yet, every answer is 503.  ERR_CONF:
 * one of them is no key. */
MUST_USE int witness_open(struct witness *w, const struct conf *conf, struct store *s,
                          const struct env *env, const struct skey *key, struct errinfo *ei);
/* The logs of the counterparts in b (NULL: there are none) beside them, by the keys that hold
 * now; more than WITNESS_LOGS are passed over. */
void witness_book(struct witness *w, const struct book *b);
/* 0, with *ret to be told; ERR_IO: the engine must end. */
MUST_USE int witness_ask(struct witness *w, struct slice body, struct witness_told *ret);

#endif
