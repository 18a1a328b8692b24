#include "topology/topology_priv.h"

#include <stdlib.h>

struct topology *
topology_free(struct topology *t)
{
    if (t != NULL)
        free(t->memory);
    free(t);
    return NULL;
}

void
topology_weigh(struct topology *t, const uint64_t *asks, const uint64_t *answers)
{
    t->asks = asks;
    t->answers = answers;
}

uint32_t
topology_find(const struct topology *t, uint32_t asn)
{
    uint32_t from = 0;
    uint32_t until = t->count;

    while (from < until) {
        uint32_t middle = from + (until - from) / 2;

        if (t->asn[t->by_asn[middle]] < asn)
            from = middle + 1;
        else
            until = middle;
    }
    return from < t->count && t->asn[t->by_asn[from]] == asn ? t->by_asn[from] : TOPOLOGY_NONE;
}

/* The first that is not smaller. */
static uint32_t
first_stay(const struct topology *t, uint64_t least)
{
    uint32_t from = 0;
    uint32_t until = t->stays_count;

    while (from < until) {
        uint32_t middle = from + (until - from) / 2;

        if (t->stays[middle] < least)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

const uint64_t *
topology_stays(const struct topology *t, uint16_t country, uint32_t *ret_count)
{
    uint32_t from = first_stay(t, (uint64_t)country << 32);

    *ret_count = first_stay(t, ((uint64_t)country + 1) << 32) - from;
    return *ret_count == 0 ? NULL : &t->stays[from];
}

/* Where the next array of n elements begins, behind *used. */
static void *
take(char *memory, size_t *used, size_t n, size_t size)
{
    void *at = memory == NULL ? NULL : memory + *used;

    *used += (n * size + 7) / 8 * 8;
    return at;
}

static size_t
lay(const struct topology *t, char *memory, struct topology_room *room)
{
    size_t used = 0;
    size_t n = t->count;

    room->addresses = take(memory, &used, n, sizeof *room->addresses);
    room->prefixes = take(memory, &used, n, sizeof *room->prefixes);
    room->stays = take(memory, &used, t->stays_count, sizeof *room->stays);
    room->asn = take(memory, &used, n, sizeof *room->asn);
    room->by_asn = take(memory, &used, n, sizeof *room->by_asn);
    room->provider_at = take(memory, &used, n + 1, sizeof *room->provider_at);
    room->provider = take(memory, &used, t->transit_links, sizeof *room->provider);
    room->peer_at = take(memory, &used, n + 1, sizeof *room->peer_at);
    room->peer = take(memory, &used, (size_t)t->peer_links * 2, sizeof *room->peer);
    room->clique = take(memory, &used, TOPOLOGY_CLIQUE, sizeof *room->clique);
    room->country = take(memory, &used, n, sizeof *room->country);
    return used;
}

int
topology_make(uint32_t count, uint32_t transit_links, uint32_t peer_links, uint32_t stays,
              struct topology **ret, struct topology_room *room)
{
    struct topology *t = calloc(1, sizeof *t);

    *ret = NULL;
    if (t == NULL)
        return ERR_NOMEM;
    t->count = count;
    t->transit_links = transit_links;
    t->peer_links = peer_links;
    t->stays_count = stays;
    t->memory = calloc(1, lay(t, NULL, room) + 1);
    if (t->memory == NULL) {
        (void)topology_free(t);
        return ERR_NOMEM;
    }
    (void)lay(t, t->memory, room);
    t->addresses = room->addresses;
    t->prefixes = room->prefixes;
    topology_weigh(t, t->addresses, t->addresses);
    t->stays = room->stays;
    t->asn = room->asn;
    t->by_asn = room->by_asn;
    t->provider = (struct topology_list){room->provider_at, room->provider};
    t->peer = (struct topology_list){room->peer_at, room->peer};
    t->clique = room->clique;
    t->country = room->country;
    *ret = t;
    return 0;
}
