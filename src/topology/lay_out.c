/* The arrays of a topology, in one piece of memory. */
#include <stdlib.h>
#include <string.h>

#include "topology/build_priv.h"
#include "topology/topology_priv.h"

static int
compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* Ends of links of one kind into lists, counted in front. */
static void
fill(const struct build *b, const uint32_t *index, bool peers, struct topology_room *room)
{
    uint32_t *at = peers ? room->peer_at : room->provider_at;
    uint32_t *to = peers ? room->peer : room->provider;

    memset(at, 0, ((size_t)b->count + 1) * sizeof *at);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < b->links; i++) {
            const struct said_link *l = &b->link[i];
            uint32_t x = index[peers ? l->low : link_buyer(l)];
            uint32_t y = index[peers ? l->high : link_seller(l)];

            if (peers ? l->kind != LINK_PEER : !link_sells(l))
                continue;
            if (pass == 0) {
                at[x]++;
                at[y] += peers;
            } else {
                to[--at[x]] = y;
                if (peers)
                    to[--at[y]] = x;
            }
        }
        for (uint32_t i = 0, sum = 0; pass == 0 && i <= b->count; i++) {
            sum += at[i];
            at[i] = sum;
        }
    }
    for (uint32_t i = 0; i < b->count; i++) {
        if (at[i + 1] > at[i])
            qsort(&to[at[i]], at[i + 1] - at[i], sizeof *to, compare_numbers);
    }
}

static int
compare_stays(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Ascending, each once; how many those are. */
static uint32_t
order_stays(uint64_t *stays, uint32_t count)
{
    uint32_t kept = 0;

    if (count > 0)
        qsort(stays, count, sizeof *stays, compare_stays);
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || stays[kept - 1] != stays[i])
            stays[kept++] = stays[i];
    }
    return kept;
}

static void
put_sayings(struct build *b, const uint32_t *index, struct topology_room *room,
            struct topology *t)
{
    uint32_t clique = 0;
    uint32_t stays = 0;

    for (uint32_t i = 0; i < b->sayings; i++) {
        const struct saying *s = &b->said[i];
        uint32_t place = build_find(b, s->asn);

        if (place == TOPOLOGY_NONE) {
            b->counts.unlinked += s->what == SAID_COUNTRY;
            b->counts.absent += s->what == SAID_STAYS;
            continue;
        }
        switch (s->what) {
        case SAID_COUNTRY: room->country[index[place]] = (uint16_t)s->value; break;
        case SAID_ADDRESSES: room->addresses[index[place]] += s->value; break;
        case SAID_PREFIX:
            room->addresses[index[place]] += s->value;
            room->prefixes[index[place]]++;
            break;
        case SAID_CLIQUE:
            if (clique < TOPOLOGY_CLIQUE)
                room->clique[clique++] = index[place];
            break;
        case SAID_STAYS: room->stays[stays++] = s->value << 32 | index[place]; break;
        }
    }
    t->clique_count = clique;
    t->stays_count = order_stays(room->stays, stays);
}

/* Without a list: who has customers and no provider. */
static uint32_t
guess_clique(const struct build *b, struct topology_room *room)
{
    uint8_t *sells = calloc((size_t)b->count + 1, 1);
    uint32_t n = 0;

    if (sells == NULL)
        return 0;
    for (uint32_t i = 0; i < room->provider_at[b->count]; i++)
        sells[room->provider[i]] = 1;
    for (uint32_t i = 0; i < b->count && n < TOPOLOGY_CLIQUE; i++) {
        if (sells[i] && room->provider_at[i] == room->provider_at[i + 1])
            room->clique[n++] = i;
    }
    free(sells);
    return n;
}

int
build_lay_out(struct build *b, const uint32_t *index, struct topology **ret)
{
    uint32_t sold = 0;
    uint32_t peers = 0;
    uint32_t stays = 0;
    struct topology_room room;
    int r;

    for (uint32_t i = 0; i < b->links; i++) {
        sold += link_sells(&b->link[i]);
        peers += b->link[i].kind == LINK_PEER;
    }
    for (uint32_t i = 0; i < b->sayings; i++)
        stays += b->said[i].what == SAID_STAYS;
    if (stays > TOPOLOGY_STAYS)
        return ERR_LIMIT;
    r = topology_make(b->count, sold, peers, stays, ret, &room);
    if (r < 0)
        return r;
    for (uint32_t i = 0; i < b->count; i++) {
        room.asn[index[i]] = b->asn[i];
        room.by_asn[i] = index[i];
    }
    fill(b, index, false, &room);
    fill(b, index, true, &room);
    put_sayings(b, index, &room, *ret);
    if ((*ret)->clique_count == 0)
        (*ret)->clique_count = guess_clique(b, &room);
    if ((*ret)->clique_count > 0)
        qsort(room.clique, (*ret)->clique_count, sizeof *room.clique, compare_numbers);
    for (uint32_t i = 0; i < b->count; i++)
        b->counts.unknown_country += room.country[i] == COUNTRY_UNKNOWN;
    return 0;
}
