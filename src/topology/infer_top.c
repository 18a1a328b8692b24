/* The networks at the top: they need no provider, and all peer with each other.
 *
 * Of the ten that carry most, the set whose members are all linked and carry most together;
 * then, in order of rank, each other network that is linked to all of them.  Routes cross one
 * link of peers at most, so three members in a row are a sign that one of them is no member:
 * SHARE of a network's routes among them may be such (leaks, siblings), no more. */
#include <stdlib.h>
#include <string.h>

#include "topology/infer_priv.h"

enum { FIRST = 10, SHARE = 20 /* one of so many */, OUT = 0xff };

struct firsts {
    uint32_t count;
    uint32_t network[FIRST];
    uint64_t two[FIRST][FIRST];
    uint64_t three[FIRST][FIRST][FIRST]; /* hops that pass the three in that order */
    bool linked[FIRST][FIRST];
    uint8_t place[]; /* of each network, or OUT */
};

static void
count_among(const struct infer *f, struct firsts *t)
{
    for (uint32_t i = 0; i < f->links; i++) {
        const struct path_link *l = paths_link(f->p, i);

        if (t->place[l->low] != OUT && t->place[l->high] != OUT)
            t->linked[t->place[l->low]][t->place[l->high]] =
                t->linked[t->place[l->high]][t->place[l->low]] = true;
    }
    for (uint32_t h = 0; h < f->hops; h++) {
        const struct path_hop *z = paths_hop(f->p, h);
        const struct path_hop *y = z->before == PATHS_NONE ? NULL : paths_hop(f->p, z->before);
        uint8_t pz = t->place[z->network];
        uint8_t py = y == NULL ? OUT : t->place[y->network];
        uint8_t px = y == NULL || y->before == PATHS_NONE
                         ? OUT
                         : t->place[paths_hop(f->p, y->before)->network];

        if (pz == OUT || py == OUT)
            continue;
        t->two[py][pz] += f->below[h];
        if (px != OUT)
            t->three[px][py][pz] += f->below[h];
    }
}

/* Routes that pass z and two others of the set, against those that pass z and one. */
static bool
is_member(const struct firsts *t, unsigned set, unsigned z)
{
    uint64_t against = 0;
    uint64_t all = 0;

    for (unsigned a = 0; a < t->count; a++) {
        for (unsigned b = 0; b < t->count; b++) {
            if (!(set >> a & 1) || !(set >> b & 1))
                continue;
            against += t->three[z][a][b] + t->three[a][z][b] + t->three[a][b][z];
        }
        if (set >> a & 1)
            all += t->two[a][z] + t->two[z][a];
        if ((set >> a & 1) && a != z && !t->linked[a][z])
            return false;
    }
    return against * SHARE <= all;
}

static unsigned
best_set(const struct infer *f, const struct firsts *t)
{
    unsigned best = 0;
    uint64_t most = 0;

    for (unsigned set = 1; set < 1u << t->count; set++) {
        uint64_t sum = 0;
        bool good = true;

        for (unsigned z = 0; z < t->count && good; z++) {
            if (!(set >> z & 1))
                continue;
            sum += f->transit[t->network[z]];
            good = is_member(t, set, z);
        }
        if (good && sum > most) {
            best = set;
            most = sum;
        }
    }
    return best;
}

static void
add(struct infer *f, uint32_t network)
{
    f->top[network] = 1;
    f->clique[f->members++] = network;
}

/* The same for one more network, which is not of the first: it is linked to all members. */
static bool
may_join(const struct infer *f, uint32_t z)
{
    uint64_t against = 0;
    uint64_t all = 0;

    for (uint32_t m = 0; m <= f->members; m++) {
        uint32_t y = m < f->members ? f->clique[m] : z;

        for (uint32_t i = f->hop_at[y]; i < f->hop_at[y + 1]; i++) {
            uint32_t h = f->hop_list[i];
            struct triple t = infer_triple(f, h);
            bool x_in = f->top[t.x] || t.x == z;
            bool z_in = f->top[t.z] || t.z == z;
            bool has_z = t.x == z || y == z || t.z == z;

            if (has_z && (x_in || z_in))
                all += f->below[h];
            if (has_z && x_in && z_in)
                against += f->below[h];
        }
    }
    return against * SHARE <= all;
}

static uint32_t
links_to_top(const struct infer *f, uint32_t network)
{
    uint32_t n = 0;

    for (uint32_t i = f->link_at[network]; i < f->link_at[network + 1]; i++)
        n += f->top[infer_other(f, f->link_list[i], network)];
    return n;
}

/* Those that somebody knows of; the ones that no path has are left out. */
static void
take_given(struct infer *f, const uint32_t *asn, uint32_t count)
{
    for (uint32_t i = 0; i < count && f->members < TOPOLOGY_CLIQUE; i++) {
        int64_t network = map_find(&f->p->network, &asn[i]);

        if (network >= 0 && !f->top[network])
            add(f, (uint32_t)network);
    }
}

static int
take_first(struct infer *f)
{
    struct firsts *t = calloc(1, sizeof *t + f->networks);
    unsigned set;

    if (t == NULL)
        return ERR_NOMEM;
    memset(t->place, OUT, f->networks);
    while (t->count < FIRST && t->count < f->networks) {
        t->place[f->by_rank[t->count]] = (uint8_t)t->count;
        t->network[t->count] = f->by_rank[t->count];
        t->count++;
    }
    count_among(f, t);
    set = best_set(f, t);
    for (unsigned i = 0; i < t->count; i++) {
        if (set >> i & 1)
            add(f, t->network[i]);
    }
    free(t);
    return 0;
}

int
infer_top(struct infer *f, const uint32_t *given, uint32_t count)
{
    int r = 0;

    if (count > 0)
        take_given(f, given, count);
    else
        r = take_first(f);
    /* one alone is linked to all of its members in whoever it sells to */
    for (uint32_t i = 0; count == 0 && f->members > 1 && i < f->networks; i++) {
        uint32_t z = f->by_rank[i];

        if (f->members < TOPOLOGY_CLIQUE && f->transit[z] > 0 && !f->top[z] &&
            links_to_top(f, z) == f->members && may_join(f, z))
            add(f, z);
    }
    return r;
}
