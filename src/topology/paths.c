#include "topology/paths.h"

#include <stdlib.h>

#define SECRET UINT64_C(0x6465746e74706174)

void
paths_init(struct paths *p)
{
    *p = (struct paths){0};
    map_init(&p->network, sizeof(uint32_t), TOPOLOGY_NETWORKS, SECRET);
    map_init(&p->link, sizeof(struct path_link), PATHS_LINKS, SECRET);
    map_init(&p->hop, sizeof(struct path_hop), PATHS_HOPS, SECRET);
}

void
paths_release(struct paths *p)
{
    map_release(&p->network);
    map_release(&p->link);
    map_release(&p->hop);
    free(p->link_of);
    p->link_of = NULL;
}

/* The number of a key, or an error: a map does not say why it is full. */
static int64_t
put(struct map *m, const void *key, int *ret_new)
{
    int64_t n = map_put(m, key, ret_new);

    return n >= 0 ? n : m->count >= m->max ? ERR_LIMIT : ERR_NOMEM;
}

static int
put_link(struct paths *p, uint32_t hop, uint32_t a, uint32_t b)
{
    struct path_link l = {a < b ? a : b, a < b ? b : a};
    int64_t n = PATHS_NONE;
    int fresh;

    if (hop >= p->room) {
        uint32_t more = p->room == 0 ? 4096 : p->room * 2;
        void *moved = realloc(p->link_of, more * sizeof *p->link_of);

        if (moved == NULL)
            return ERR_NOMEM;
        p->link_of = moved;
        p->room = more;
    }
    if (a != b)
        n = put(&p->link, &l, &fresh);
    if (n >= 0)
        p->link_of[hop] = (uint32_t)n;
    return n < 0 ? (int)n : 0;
}

int
paths_add(struct paths *p, const uint32_t *asn, unsigned hops)
{
    struct path_hop h = {PATHS_NONE, 0};
    bool differs = false;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < hops; i++) {
        uint32_t last = h.network;
        int64_t network;
        int64_t hop;
        int fresh;

        network = put(&p->network, &asn[i], &fresh);
        if (network < 0)
            return (int)network;
        h.network = (uint32_t)network;
        hop = put(&p->hop, &h, &fresh);
        if (hop < 0)
            return (int)hop;
        if (fresh) {
            r = put_link(p, (uint32_t)hop, i == 0 ? h.network : last, h.network);
            p->roots += i == 0;
            differs = true;
        }
        h.before = (uint32_t)hop;
    }
    p->paths++;
    p->differing += differs;
    return r;
}
