/* Inside MRT: a path as it is worth something (mrt.h says what is dropped). */
#ifndef DETENTE_TOPOLOGY_MRT_PATH_H
#define DETENTE_TOPOLOGY_MRT_PATH_H

#include "topology/mrt.h"

enum mrt_path {
    MRT_PATH_GOOD,
    MRT_PATH_CUT, /* good, and a set at its end was left out */
    MRT_PATH_EMPTY,
    MRT_PATH_SET,
    MRT_PATH_LOOP,
    MRT_PATH_RESERVED,
    MRT_PATH_LONG,
    MRT_PATH_BROKEN
};

/* From the values of AS_PATH, with numbers of four bytes, and AS4_PATH (empty: there is none).
 */
enum mrt_path mrt_path_clean(struct slice path, struct slice as4, uint32_t to[MRT_HOPS],
                             unsigned *ret_hops);

#endif
