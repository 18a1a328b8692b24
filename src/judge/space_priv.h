/* What the two halves of space share: claims as documents make them, and what is compiled of
 * them. */
#ifndef DETENTE_JUDGE_SPACE_PRIV_H
#define DETENTE_JUDGE_SPACE_PRIV_H

#include <string.h>

#include "base/map.h"
#include "judge/space.h"

/* An address or number: IPv4 and numbers of networks in `hi` alone. */
struct spot {
    uint64_t hi;
    uint64_t lo;
};

/* Where a range begins; it ends where the next does.  Four of them are a line of cache. */
struct bound {
    uint64_t hi;
    uint32_t place;
    uint32_t low; /* in ranges.low; [0] is 0 */
};

/* A stretch of bounds in buckets that are 2^shift wide in `hi`.  Space comes in clusters, so a
 * bucket with many bounds has a node of its own. */
struct node {
    uint64_t base;  /* hi of its first bound */
    uint32_t first; /* its first bound */
    uint32_t end;   /* behind its last */
    uint32_t buckets;
    uint32_t index; /* where its buckets' first bounds stand, buckets + 1 of them */
    uint32_t shift;
};

/* Sorted; the first begins at 0. */
struct ranges {
    struct bound *at;
    uint32_t count;
    uint64_t *low; /* lower halves, of the few bounds that have one */
    uint32_t lows;
    struct node *node; /* [0] is the root */
    uint32_t nodes;
    uint32_t node_room;
    uint32_t *index; /* bounds; NODE and a node where there is one */
    uint32_t indexes;
    uint32_t index_room;
};

struct step {
    int64_t from;
    uint64_t labels;
    int64_t party;
};

struct place {
    uint32_t first; /* step; the oldest, from INT64_MIN */
    uint32_t count;
};

enum family { V4, V6, ASN, FAMILIES };

struct space {
    struct ranges family[FAMILIES];
    struct place *place;
    uint32_t places;
    struct step *step;
    uint32_t steps;
    uint32_t room;    /* of steps */
    struct map known; /* hash of the steps: place */
    const char *label[SPACE_LABELS];
    unsigned labels;
};

/* Somebody's word for a range and a time. */
struct claim {
    struct spot from;
    struct spot last; /* inclusive */
    int64_t since;
    int64_t until;
    uint16_t party;
    uint8_t label;  /* bit + 1; 0: the space itself */
    bool gone;      /* no longer said, but it still counts */
    uint32_t annex; /* while they are gathered: the how many-th that counts */
};

struct claims {
    struct claim *at;
    size_t count;
    size_t room;
};

static inline int
spot_order(struct spot a, struct spot b)
{
    if (a.hi != b.hi)
        return a.hi < b.hi ? -1 : 1;
    return a.lo == b.lo ? 0 : a.lo < b.lo ? -1 : 1;
}

static inline uint64_t
half(const struct addr *a, unsigned from)
{
    uint64_t n;

    memcpy(&n, a->byte + from, sizeof n);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(n) : n;
}

/* By where they begin, the shorter first; for qsort. */
int claim_order(const void *x, const void *y);

/* What a party's annexes claim, over their times; to is of FAMILIES. */
int claims_gather(const struct space *s, const struct space_history *h, unsigned party,
                  struct claims *to);

#endif
