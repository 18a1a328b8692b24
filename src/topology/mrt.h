/* Routing tables as collectors publish them: MRT (RFC 6396), TABLE_DUMP_V2.
 *
 * Bytes are given in pieces of any size, so a table is never held whole: what is kept is one
 * record, of at most MRT_RECORD bytes.  Each route is told once it is read, with its path as
 * it is worth something: without prepending and confederations (RFC 5065), 4-byte numbers put
 * back where an old speaker hid them (RFC 6793).  A path is dropped, and counted, when a number
 * comes back after another (a loop, or somebody poisoned it), when it has a number that is
 * nobody's (reserved or private), or a set that is not its end.  A set at its end is cut off:
 * the network before it made the aggregate.
 *
 * Records of other kinds are counted by name and skipped.  Lengths that contradict each other
 * are an error that names the byte: of the unpacked file, from 0. */
#ifndef DETENTE_TOPOLOGY_MRT_H
#define DETENTE_TOPOLOGY_MRT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"

enum {
    MRT_RECORD = 1 << 24, /* bytes; one that is read and longer is refused */
    MRT_HOPS = 64         /* networks of a path that is told; longer ones are dropped */
};

/* Kinds of records, in the order of mrt_kind.def. */
enum {
#define KIND(type, subtype, what, name) MRT_KIND_##type##_##subtype,
#include "topology/mrt_kind.def"
    MRT_KINDS
};

struct mrt_route {
    const uint32_t *path; /* from the vantage point to the origin */
    unsigned hops;        /* 1 to MRT_HOPS */
    bool ipv4;
    uint32_t start; /* of the prefix, when it is one of IPv4 */
    unsigned len;
};

struct mrt_counts {
    uint64_t records[MRT_KINDS];
    uint64_t bytes;
    uint64_t prefixes;
    uint64_t routes;    /* all of them; those that were not told are … */
    uint64_t empty;     /* … without a path: the collector's own */
    uint64_t set;       /* … with a set inside */
    uint64_t loop;      /* … with a network twice */
    uint64_t reserved;  /* … with a number that is nobody's */
    uint64_t longer;    /* … of more than MRT_HOPS */
    uint64_t cut;       /* told without the set at the end */
    struct utime first; /* of the first record */
    struct utime last;  /* the latest of all */
};

/* What becomes of a route: 0, or an error that ends the reading. */
typedef int mrt_take(void *arg, const struct mrt_route *route);

struct mrt; /* opaque */

MUST_USE int mrt_new(mrt_take *take, void *arg, struct mrt **ret);
struct mrt *mrt_free(struct mrt *m); /* NULL is fine; gives NULL */
/* After an error no more may be given.  ERR_INVALID, ERR_NOMEM, or what take() gave. */
MUST_USE int mrt_feed(struct mrt *m, struct slice bytes, struct errinfo *ei);
/* The file ends here: ERR_INVALID inside a record, or when there was none. */
MUST_USE int mrt_end(struct mrt *m, struct errinfo *ei);
const struct mrt_counts *mrt_counted(const struct mrt *m);
const char *mrt_kind_name(unsigned kind);
bool mrt_kind_is_skipped(unsigned kind);
/* A number that nobody can have in a path of the Internet. */
bool mrt_is_reserved(uint32_t asn);

#endif
