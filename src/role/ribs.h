/* Routing tables of collectors (MRT, packed or not) as a source of links: read as a stream, one
 * file after another, then networks' links and addresses inferred from all of them. */
#ifndef DETENTE_ROLE_RIBS_H
#define DETENTE_ROLE_RIBS_H

#include "topology/infer.h"
#include "topology/mrt.h"
#include "topology/snapshot.h"

struct ribs; /* opaque */

struct ribs_counts {
    struct mrt_counts mrt; /* of all files together */
    struct infer_counts links;
    uint32_t vantage_points;
    uint32_t paths; /* hops that are held (topology/paths.h) */
};

MUST_USE int ribs_new(struct ribs **ret);
struct ribs *ribs_free(struct ribs *r); /* NULL is fine; gives NULL */

/* ret_routes: those of the file.  ei names the file, and the byte in it.  ERR_CONF,
 * ERR_INVALID, ERR_LIMIT, ERR_NOMEM, ERR_IO. */
MUST_USE int ribs_read(struct ribs *r, const char *path, uint64_t *ret_routes,
                       struct hash *ret_sha256, struct errinfo *ei);
/* Links, the clique (inferred, or as it is given: infer_links()) and, unless they come from
 * elsewhere, addresses of what was read. */
MUST_USE int ribs_build(struct ribs *r, struct build *b, const uint32_t *top, uint32_t tops,
                        bool addresses, struct errinfo *ei);
const struct ribs_counts *ribs_counted(const struct ribs *r);

#endif
