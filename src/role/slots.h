/* The raw area between a sensor and the engine: memory that both see, in sixteen slots.
 *
 * A sensor reads and decodes into a slot and sends its number over the link; the engine copies
 * what it must look at, checks it, takes it, and gives the slot back.  So a frame crosses the
 * boundary without its bytes passing a socket.  The memory's size is sealed, so that nobody can
 * take it away under the other's hands. */
#ifndef DETENTE_ROLE_SLOTS_H
#define DETENTE_ROLE_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "decode/decode.h"
#include "role/engine.h"
#include "store/store.h"

enum {
    SLOTS = 16, /* what a sensor can be ahead while the engine waits for the disk */
    SLOT_RAW = 2 * DECODE_CHUNK_MAX,
    SLOT_RULES = FRAME_EVENTS, /* new ones of a frame */
    /* Bytes of their names and CVEs, which stood in that much input, once or twice. */
    SLOT_NAMES = 2 * DECODE_CHUNK_MAX,
};

struct slot_rule {
    uint32_t gid;
    uint32_t sid;
    uint32_t rev;
    uint32_t name; /* bytes */
    uint32_t cves; /* bytes behind the name, of cve_set_pack() */
};

struct slot {
    uint32_t rules; /* those that are new with this frame, in the order of their numbers */
    uint32_t live;  /* 1: the source was read to its end once */
    uint32_t has_source;
    uint32_t missing;     /* 1: the source is not there */
    uint64_t quarantined; /* records passed over since the last frame */
    int64_t lag_us;
    struct gauge gauge;         /* the newest that the sensor said of itself */
    struct store_source source; /* how far it was taken; id and known_len do not count */
    struct decode_stats stats;  /* since the last frame */
    struct slot_rule rule[SLOT_RULES];
    char names[SLOT_NAMES];
    struct frame frame; /* its raw.ptr means nothing on the other side; raw.len does */
    char raw[SLOT_RAW];
};

/* What a sensor is busy with: whoever finds it dead reads it. */
struct slot_work {
    uint32_t busy; /* 1: decoding len bytes at the start of the slot's raw area */
    uint32_t slot;
    uint64_t at; /* where they stand in the source */
    uint32_t len;
    uint32_t array;
};

struct slots {
    struct slot_work work;
    struct slot slot[SLOTS];
};

/* New memory, all zero, sealed; *ret_fd is the caller's.  ERR_IO. */
MUST_USE int slots_new(int *ret_fd);
/* ERR_INVALID: not such memory, or not sealed; ERR_NOMEM. */
MUST_USE int slots_map(int fd, struct slots **ret);
struct slots *slots_unmap(struct slots *s); /* NULL is fine; gives NULL */

/* A frame on the engine's side: copied, and every value of it in its range. */
struct taken {
    struct frame frame; /* raw points into the slot: read once, never looked into */
    struct decode_stats stats;
    struct store_source source;
    bool has_source;
    bool live;
    bool missing;
    uint64_t quarantined;
    int64_t lag_us;
    struct gauge gauge;
};
/* Copy and check a slot.  known: rules that came with earlier frames, number 0 included; those
 * of this one go to each().  ERR_INVALID: the sensor does not keep to the rules. */
MUST_USE int slots_take(const struct slot *s, uint32_t known,
                        int (*each)(void *arg, const struct rule *rule), void *arg,
                        struct taken *ret);

#endif
