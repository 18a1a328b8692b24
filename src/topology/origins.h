/* Who originates which IPv4 prefix, for how many of them and how many addresses a network has:
 * an address belongs to the longest prefix that has it, and of a prefix that is said twice the
 * first saying counts.
 */
#ifndef DETENTE_TOPOLOGY_ORIGINS_H
#define DETENTE_TOPOLOGY_ORIGINS_H

#include "topology/build.h"

enum { ORIGINS_MOST = 1 << 23 }; /* prefixes */

struct origin {
    uint32_t start;
    uint32_t order;
    uint32_t asn;
    uint8_t len;
};

struct origins { /* begins zeroed */
    struct origin *at;
    uint32_t count;
    uint32_t room;
    uint32_t said; /* how many were added, ever */
};

void origins_release(struct origins *o);
/* len at most 32; bits behind it are ignored.  ERR_LIMIT, ERR_NOMEM. */
MUST_USE int origins_add(struct origins *o, uint32_t start, unsigned len, uint32_t asn);
/* Tells the build what each has: its prefixes, and how many addresses of its own are in each.
 * ERR_LIMIT, ERR_NOMEM. */
MUST_USE int origins_count(struct origins *o, struct build *b);

#endif
