/* Event commitments (docs/formats/event.md): two salted parts, public and private, and inside
 * the private one salted commitments to the target and to the raw bytes, so that each can be
 * shown alone and none can be guessed from a hash.
 *
 *     salt(i,p) = H(block_key || u64 i || u8 p)
 *     c(i)      = H(00 || "detente/event/v1\n" || H(salt1 || public) || H(salt2 || private))
 *     root      = RFC 6962 root over c(0) … c(n-1)
 *
 * commit_block() is the hot path: no allocation, no formatted printing, some 0.8 us an event
 * of 300 raw bytes where the processor has SHA extensions.  commit_event() makes the parts of
 * one event, for proofs.  commit_expand() makes what is kept of a block whose raw bytes go: a
 * key that can make every salt must go with them.  Pure; any thread. */
#ifndef DETENTE_LEDGER_COMMIT_H
#define DETENTE_LEDGER_COMMIT_H

#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/slice.h"
#include "model/event.h"

enum commit_salt { COMMIT_PUBLIC = 1, COMMIT_PRIVATE, COMMIT_RAW, COMMIT_TARGET };

enum {
    COMMIT_KEY = 32,      /* bytes of a block key */
    COMMIT_PREFIX = 17,   /* "detente/event/v1\n" */
    COMMIT_ENTRY = 81,    /* bytes of an event's entry */
    COMMIT_NAME_MAX = 256 /* bytes of a rule or sensor id */
};
/* Longest part: a name of COMMIT_NAME_MAX bytes, all escaped, and the fixed rest. */
enum { COMMIT_PART_MAX = COMMIT_NAME_MAX * 6 + 512 };

/* Texts that an event names by number; valid until the call returns.  Longer ones than
 * COMMIT_NAME_MAX are an error.  UTF-8. */
struct commit_names {
    void *self;
    struct slice (*rule)(void *self, uint32_t rule);     /* "suricata:1:2030001:2", "" none */
    struct slice (*sensor)(void *self, uint16_t sensor); /* "nl-edge-1" */
};

/* What stays of an event when its raw bytes and their salt are erased; stored as it is. */
struct commit_kept {
    struct hash salt_public;
    struct hash salt_private;
    struct hash salt_target;
    struct hash raw; /* the commitment to the raw bytes; zero when there were none */
};
_Static_assert(sizeof(struct commit_kept) == 128, "a storage format");

/* The events of one block, in their order, and where their raw bytes lie. */
struct commit_block {
    const struct event *events;
    uint32_t count;                 /* 1..EVENTS_PER_BLOCK */
    struct slice raw;               /* event.raw_at and raw_len point into it */
    const uint8_t *key;             /* COMMIT_KEY bytes; NULL: erased, then kept is used */
    const struct commit_kept *kept; /* count of them, or NULL */
    const struct commit_names *names;
};

void commit_salt(const uint8_t key[COMMIT_KEY], uint64_t index, enum commit_salt which,
                 struct hash *ret);
/* c of an entry by its two hashes. */
struct hash commit_of(const struct hash *public_hash, const struct hash *private_hash);

/* Commitments of all events into ret[count], and the block's root.  ERR_INVALID: count out of
 * 1..4096, raw range outside `raw`, a name over COMMIT_NAME_MAX, a time outside 1970..9999.
 * From kept salts it takes some 3 us an event. */
MUST_USE int commit_block(const struct commit_block *b, struct hash *ret,
                          struct hash *ret_root);
/* The same, and what is to be kept of each event into ret_kept[count].  Needs the key. */
MUST_USE int commit_expand(const struct commit_block *b, struct hash *ret,
                           struct hash *ret_root, struct commit_kept *ret_kept);

/* Everything about one event: parts as they are hashed, salts, hashes. */
struct commit_event {
    char public_[COMMIT_PART_MAX];
    char private_[COMMIT_PART_MAX];
    char target[COMMIT_PART_MAX];
    uint16_t public_len;
    uint16_t private_len;
    uint16_t target_len;
    struct slice raw;    /* borrowed from the block; empty when none is kept */
    struct hash salt[5]; /* by enum commit_salt; 0 unused; that of raw zero when it is erased */
    struct hash public_hash;
    struct hash private_hash;
    struct hash commitment;
};
MUST_USE int commit_event(const struct commit_block *b, uint32_t index,
                          struct commit_event *ret);

#endif
