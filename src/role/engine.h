/* The engine: attributes events, commits them as evidence, signs the log.
 *
 * Its stages are separate so that those without state can run on any thread:
 *
 *     engine_attribute()  frame → frame with networks and countries     any thread
 *     engine_admit()      frame → events in the open draft of a block   in order, one thread
 *     engine_seal()       draft → commitments, root, evidence bytes     any thread
 *     engine_hash(), engine_pack()         the same in two halves       any two threads
 *     engine_record()     drafts → evidence, ledger and state durable   in order, one thread
 *
 * Nothing is acknowledged before engine_record() gave 0.  After ERR_IO or ERR_PROOF from it the
 * process must end: what is durable is unknown, and the next start finds out.  After ERR_FULL
 * all is as it was before, and the same record can be tried again.  All of the world comes
 * through env. */
#ifndef DETENTE_ROLE_ENGINE_H
#define DETENTE_ROLE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "attrib/attrib.h"
#include "base/env.h"
#include "conf/conf.h"
#include "decode/decode.h"
#include "ledger/commit.h"
#include "note/key.h"
#include "role/dict.h"
#include "role/lookout.h"
#include "store/evidence.h"
#include "store/store.h"

struct engine; /* opaque */

enum {
    ENGINE_FULL_SOON = 64, /* full drafts: time to record */
    /* Full drafts that wait to be taken: a frame more than that, in blocks of one event. */
    ENGINE_FULL_MAX = ENGINE_FULL_SOON + FRAME_EVENTS
};

/* A block in the making. */
struct draft {
    struct event event[EVENTS_PER_BLOCK];
    uint32_t count;
    struct buf raw;          /* raw units, each followed by LF */
    uint8_t key[COMMIT_KEY]; /* new for each draft */
    struct hash commitment[EVENTS_PER_BLOCK];
    struct hash root;
    struct buf frames; /* what goes to the segment; its block number is set when recorded */
    struct buf filter;
    struct lookout_found found; /* what it has of what is looked for; by engine_hash() */
    int result;                 /* of engine_seal(), or of engine_hash() */
    int packed;                 /* of engine_pack() */
};
struct draft *draft_new(const struct env *env); /* NULL when out of memory */
struct draft *draft_free(struct draft *d);      /* NULL is fine; gives NULL */

struct engine_open {
    const struct env *env;
    const struct conf *conf;
    struct store *store;
    const struct attrib *attrib; /* NULL: nobody is placed */
    const struct skey *key;      /* of the log */
};
/* Opens the ledger at its end and cuts an unfinished tail off the evidence.  ERR_PROOF: the
 * log does not fit its own checkpoint. */
MUST_USE int engine_open(const struct engine_open *o, struct engine **ret, struct errinfo *ei);
struct engine *engine_close(struct engine *e); /* NULL is fine; gives NULL */

/* Hold: nothing is signed, and what would sign gets ERR_FULL with the reason in ei. */
void engine_hold(struct engine *e, bool hold);
bool engine_is_held(const struct engine *e);

/* Tables were imported: use a for what comes, from the next block on. */
void engine_set_attrib(struct engine *e, const struct attrib *a);

/* Look for what l does in blocks that are hashed from here on; NULL: nothing.  Only while no
 * draft that was hashed, and nothing that was met, waits to be recorded.  l stays the caller's.
 */
void engine_set_lookout(struct engine *e, struct lookout *l);

/* What was met of a frame's records that are no attacks goes into the next record, once the
 * frame was admitted. */
void engine_met(struct engine *e, const struct lookout_found *f);
struct lookout *engine_lookout(const struct engine *e); /* NULL: nothing is looked for */

/* Fill networks, countries and `disputed` of all events.  own: addresses of the node's own
 * networks are never given away as origins. */
void engine_attribute(const struct attrib *a, const struct conf *conf, struct frame *frame);

/* Maps a decoder's rule numbers to the node's; one for each decoder. */
struct rule_map {
    uint32_t *to;
    uint32_t count;
    uint32_t room;
};
void rule_map_release(struct rule_map *m);
/* A map of number 0 alone, for rules that come by engine_learn_rule(), one by one in the order
 * of their numbers.  ERR_NOMEM. */
MUST_USE int rule_map_begin(struct rule_map *m);
MUST_USE int engine_learn_rule(struct engine *e, const struct rule *rule, struct rule_map *map);

/* Take all attack events of the frame, flag duplicates, count the rest.  With `live`, a clock
 * that is over five minutes off is flagged; an import tells of the past on purpose.  Drafts
 * that became full are handed over by engine_take_full(). */
/* d NULL: the map knows all rules of the frame. */
MUST_USE int engine_admit(struct engine *e, struct frame *frame, const struct decoder *d,
                          struct rule_map *map, bool live);
/* The next full draft, or NULL; the caller seals and records it, then frees it. */
struct draft *engine_take_full(struct engine *e);
/* A draft that is recorded, for the next one: blocks are alike, so its buffers have the right
 * size, and getting 10 MB of fresh pages for each block costs a tenth of the ingest. */
void engine_give_back(struct engine *e, struct draft *d);
/* The open draft, if it holds anything. */
struct draft *engine_take_open(struct engine *e);
bool engine_has_open(const struct engine *e);
unsigned engine_count_full(const struct engine *e);

/* Sets d->result. */
void engine_seal(struct engine *e, struct codec *codec, struct draft *d);
/* Commitments and root, into d->result, and what is met of what is looked for; evidence bytes
 * and filter, into d->packed.  Neither needs the other: the last block before a record is not
 * left to one thread. */
void engine_hash(struct engine *e, struct draft *d);
void engine_pack(struct codec *codec, struct draft *d);
/* Number of the next block to be recorded. */
uint64_t engine_next_block(const struct engine *e);
/* Duplicates flagged since the last record. */
uint64_t engine_duplicates(const struct engine *e);

struct engine_counter {
    const char *name;
    uint64_t n;
};

/* Statements, sources and counters that go with the blocks. */
struct engine_record {
    struct draft **drafts; /* sealed */
    unsigned count;
    struct store_source **sources; /* how far each input was taken */
    unsigned source_count;
    const struct decode_stats *stats; /* since the last record; NULL none */
    struct engine_counter counter[4]; /* more to add, as far as n is not 0 */
};
MUST_USE int engine_record(struct engine *e, const struct engine_record *r, struct errinfo *ei);

/* Bytes of a disk of `all` bytes that are kept free: ERR_FULL comes before them. */
uint64_t engine_reserve(uint64_t all);

/* Called for each recorded draft, in order, after it is durable: the live view. */
typedef void engine_watch(void *arg, uint64_t block, const struct draft *d);
void engine_set_watch(struct engine *e, engine_watch *watch, void *arg);

/* An act of somebody: what it changes and its leaf become durable together. */
struct engine_act {
    struct slice user; /* who, and as what: the leaf commits to both */
    struct slice role;
    const char *action;     /* noun.verb */
    const uint64_t *object; /* number of what it was done to, read behind change(); 0 none */
    /* Changes the store.  ERR_AUTH, NOTFOUND, CONF, LIMIT, INVALID: it is not to be, and
     * nothing was; all else is the store's own failure. */
    int (*change)(void *arg, struct store *s, struct utime now);
    void *arg;
};
/* 0 when it is durable and under a signed checkpoint; what change() refused with; ERR_FULL; any
 * other error is the end, as of engine_record(). */
MUST_USE int engine_do(struct engine *e, const struct engine_act *a, struct errinfo *ei);

/* The certificates that this node serves TLS with: a leaf for each key that is new, and one
 * that revokes each that is served no more, in one transaction; nothing when nothing changed.
 * Errors as of engine_do(). */
struct tls_certificate;
MUST_USE int engine_tls_keys(struct engine *e, const struct tls_certificate *served,
                             unsigned count, struct errinfo *ei);

struct dict *engine_dict(struct engine *e);
struct ledger *engine_ledger(struct engine *e);
/* The leaf that every log begins with, and the log's own key: for `init`. */
MUST_USE int engine_start_log(struct engine *e, bool test, struct errinfo *ei);

#endif
