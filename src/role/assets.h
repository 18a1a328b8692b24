/* Groups of own addresses, as the configuration names them: which one a target is in.
 *
 * Numbers are 1 + the place in `assets` of the configuration; 0 is in none.  What was found is
 * kept, so that each address is looked for once. */
#ifndef DETENTE_ROLE_ASSETS_H
#define DETENTE_ROLE_ASSETS_H

#include "base/map.h"
#include "conf/conf.h"
#include "store/query.h"

enum { ASSETS_KNOWN = 1 << 16 /* addresses that are kept; more are looked for each time */ };

struct assets {
    const struct conf *conf;
    struct map seen;
    uint8_t *number;              /* of each in `seen` */
    uint8_t sector[QUERY_GROUPS]; /* number of the first group of the same sector */
};

/* ERR_NOMEM.  conf must outlive it. */
MUST_USE int assets_open(struct assets *a, const struct conf *conf);
void assets_close(struct assets *a);

/* For struct query: some 20 ns, or a look at all prefixes for one that is new. */
unsigned assets_find(void *assets, const struct addr *target);
/* Bits of those of that name or sector, `-` is none; 0: there is no such. */
uint64_t assets_named(const struct assets *a, struct slice name);
uint64_t assets_of_sector(const struct assets *a, struct slice sector);
/* Of a number; NULL: in none. */
const struct conf_asset *assets_at(const struct assets *a, unsigned number);

#endif
