/* Made-up worlds, and what a naive program says of them: one pair at a time, by the textbook.
 */
#ifndef DETENTE_TESTS_CUTOFF_WORLD_H
#define DETENTE_TESTS_CUTOFF_WORLD_H

#include <stdbool.h>

#include "cutoff/net.h"
#include "topology/build.h"

enum { WORLD_MAX = 2000 };

/* Random networks in a few countries: some at the top, chains below them, twins, peers of all
 * kinds, some that nobody carries.  The caller frees it. */
struct topology *world_make(unsigned seed, unsigned networks);

/* May a link be used? */
typedef bool world_link(const void *arg, uint32_t a, uint32_t b);

/* Who reaches d, climbing, crossing once, descending: marks of all networks. */
void world_reach(const struct topology *t, uint32_t d, world_link *keep, const void *arg,
                 uint8_t *ret);
/* Who is held by the clique without network `without` and without the link from `by` to `to`
 * (TOPOLOGY_NONE: all are there). */
void world_held(const struct topology *t, uint32_t without, uint32_t by, uint32_t to,
                uint8_t *ret);

#endif
