/* A topology as one file: dated, hashed, read in a blink (docs/formats/topology.md).
 *
 * What a snapshot was made of stands in it: names, SHA-256 and lines of the files, and what was
 * left out.  Reading checks the hash and every number in it. */
#ifndef DETENTE_TOPOLOGY_SNAPSHOT_H
#define DETENTE_TOPOLOGY_SNAPSHOT_H

#include "base/buf.h"
#include "base/sha256.h"
#include "topology/build.h"

enum { SNAPSHOT_SOURCES = 16, SNAPSHOT_NAME = 128, SNAPSHOT_DATE = 11 };
#define SNAPSHOT_MAX ((size_t)1 << 29) /* bytes */

struct snapshot_source {
    char kind[16];            /* as-rel, as-cc … */
    char name[SNAPSHOT_NAME]; /* of the file, without its folder */
    struct hash sha256;       /* of the file as it was given */
    uint64_t lines;
};

struct snapshot_about {
    char date[SNAPSHOT_DATE]; /* 2024-01-01: of the links */
    struct snapshot_source source[SNAPSHOT_SOURCES];
    uint32_t sources;
    struct topology_counts counts;
};

/* Room for it is made in `to`, whose limit should be SNAPSHOT_MAX. */
MUST_USE int snapshot_write(const struct topology *t, const struct snapshot_about *about,
                            struct buf *to);
/* ERR_INVALID when it is not what was written, ERR_NOMEM.  ret_hash: the file's own. */
MUST_USE int snapshot_read(struct slice bytes, struct topology **ret,
                           struct snapshot_about *about, struct hash *ret_hash,
                           struct errinfo *ei);

#endif
