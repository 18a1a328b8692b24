#include "cutoff/net.h"

#include <stdlib.h>
#include <string.h>

/* While it is made. */
struct make {
    const struct topology *t;
    const struct net_filter *f;
    struct net *n;
    uint32_t *here;  /* networks of that side, ascending */
    uint8_t *sells;  /* of each network: it has customers here */
    uint8_t *hard;   /* … the hub cannot reach it */
    uint32_t *order; /* networks here: with customers first, then without, alike together */
    uint32_t kept;
    uint32_t transit;
};

static int
compare_links(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static inline bool
is_here(const struct net_filter *f, uint32_t network)
{
    return f->side == NULL || f->side[network] == f->keep;
}

static bool
is_cut(const struct net_filter *f, uint32_t a, uint32_t b)
{
    uint64_t link = net_link(a, b);

    return bsearch(&link, f->cut, f->cuts, sizeof link, compare_links) != NULL;
}

uint32_t
net_next(const struct net_filter *f, const struct topology_list *l, uint32_t network,
         uint32_t *at)
{
    while (*at < l->at[network + 1]) {
        uint32_t other = l->to[(*at)++];

        if (is_here(f, other) && (f->cuts == 0 || !is_cut(f, network, other)))
            return other;
    }
    return TOPOLOGY_NONE;
}

static inline uint32_t
next(const struct make *m, const struct topology_list *l, uint32_t network, uint32_t *at)
{
    return net_next(m->f, l, network, at);
}

static inline bool
counts(const struct make *m, uint32_t network)
{
    return m->f->counts == NULL || m->f->counts[network] != 0;
}

static int
compare_lists(const struct make *m, const struct topology_list *l, uint32_t a, uint32_t b)
{
    uint32_t i = l->at[a];
    uint32_t j = l->at[b];

    for (;;) {
        uint32_t x = next(m, l, a, &i);
        uint32_t y = next(m, l, b, &j);

        if (x != y)
            return x < y ? -1 : 1;
        if (x == TOPOLOGY_NONE)
            return 0;
    }
}

static bool
has_provider(const struct make *m, uint32_t network)
{
    uint32_t at = m->t->provider.at[network];

    return next(m, &m->t->provider, network, &at) != TOPOLOGY_NONE;
}

static bool
are_alike(const struct make *m, uint32_t a, uint32_t b)
{
    return compare_lists(m, &m->t->provider, a, b) == 0 &&
           compare_lists(m, &m->t->peer, a, b) == 0 && counts(m, a) == counts(m, b) &&
           has_provider(m, a);
}

static int
compare_leaves(const void *a, const void *b, void *arg)
{
    const struct make *m = arg;
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    int c = compare_lists(m, &m->t->provider, x, y);

    if (c == 0)
        c = compare_lists(m, &m->t->peer, x, y);
    if (c == 0)
        c = (int)counts(m, y) - (int)counts(m, x);
    return c != 0 ? c : x < y ? -1 : x > y;
}

/* The network with most customers here; TOPOLOGY_NONE: nobody has any. */
static uint32_t
find_hub(const struct make *m)
{
    const struct topology *t = m->t;
    uint32_t *customers = calloc((size_t)t->count + 1, sizeof *customers);
    uint32_t hub = TOPOLOGY_NONE;

    for (uint32_t k = 0; customers != NULL && k < m->kept; k++) {
        uint32_t i = m->here[k];
        uint32_t at = t->provider.at[i];
        uint32_t p;

        while ((p = next(m, &t->provider, i, &at)) != TOPOLOGY_NONE) {
            if (++customers[p] > (hub == TOPOLOGY_NONE ? 0 : customers[hub]))
                hub = p;
        }
    }
    free(customers);
    return hub;
}

static bool
has_marked(const struct make *m, const struct topology_list *l, uint32_t network,
           const uint8_t *mark, uint8_t what)
{
    uint32_t at = l->at[network];
    uint32_t other;

    while ((other = next(m, l, network, &at)) != TOPOLOGY_NONE) {
        if ((mark[other] & what) != 0)
            return true;
    }
    return false;
}

/* One walk from the hub: who its providers are by whatever chain, whose peers, whose customers.
 */
static void
find_hard(struct make *m)
{
    enum { UP = 1, REACHED = 2 };
    const struct topology *t = m->t;
    uint32_t hub = find_hub(m);

    if (hub == TOPOLOGY_NONE)
        return;
    m->hard[hub] = UP;
    for (uint32_t k = m->kept; k-- > 0;) {
        uint32_t i = m->here[k];
        uint32_t at = t->provider.at[i];
        uint32_t p;

        while (m->hard[i] == UP && (p = next(m, &t->provider, i, &at)) != TOPOLOGY_NONE)
            m->hard[p] = UP;
    }
    for (uint32_t k = 0; k < m->kept; k++) {
        uint32_t i = m->here[k];

        if ((m->hard[i] == UP || has_marked(m, &t->peer, i, m->hard, UP) ||
             has_marked(m, &t->provider, i, m->hard, REACHED)))
            m->hard[i] |= REACHED;
    }
    for (uint32_t k = 0; k < m->kept; k++)
        m->hard[m->here[k]] = (m->hard[m->here[k]] & REACHED) == 0;
}

static int
begin(struct make *m)
{
    size_t n = (size_t)m->t->count + 1;

    m->here = malloc(n * sizeof *m->here);
    m->order = malloc(n * sizeof *m->order);
    m->sells = calloc(n, 1);
    m->hard = calloc(n, 1);
    if (m->here == NULL || m->order == NULL || m->sells == NULL || m->hard == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < m->t->count; i++) {
        m->here[m->kept] = i;
        m->kept += is_here(m->f, i);
    }
    return 0;
}

static void
sort_networks(struct make *m)
{
    const struct topology *t = m->t;
    uint32_t leaf;

    for (uint32_t k = 0; k < m->kept; k++) {
        uint32_t at = t->provider.at[m->here[k]];
        uint32_t p;

        while ((p = next(m, &t->provider, m->here[k], &at)) != TOPOLOGY_NONE)
            m->sells[p] = 1;
    }
    find_hard(m);
    /* Providers of one that the hub cannot reach are such too: the order stays one. */
    for (unsigned hard = 2; hard-- > 0;) {
        for (uint32_t k = 0; k < m->kept; k++) {
            if (m->sells[m->here[k]] && m->hard[m->here[k]] == hard)
                m->order[m->transit++] = m->here[k];
        }
    }
    leaf = m->transit;
    for (uint32_t k = 0; k < m->kept; k++) {
        if (!m->sells[m->here[k]])
            m->order[leaf++] = m->here[k];
    }
    if (leaf > m->transit)
        qsort_r(m->order + m->transit, leaf - m->transit, sizeof *m->order, compare_leaves, m);
}

struct group {
    uint32_t start; /* in `order` */
    uint32_t size;
    uint32_t many; /* that count: all of them or none */
    uint32_t hard;
};

static int
compare_groups(const void *a, const void *b)
{
    const struct group *x = a;
    const struct group *y = b;

    if (x->hard != y->hard)
        return x->hard < y->hard ? -1 : 1;
    if (x->many != y->many)
        return x->many < y->many ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

/* Nodes of the networks without customers, by how many each is: a batch of destinations that
 * are all as many needs no weights. */
static int
find_groups(const struct make *m, struct group **ret, uint32_t *ret_count)
{
    struct group *g = malloc(((size_t)m->kept + 1) * sizeof *g);
    uint32_t count = 0;

    *ret = g;
    if (g == NULL)
        return ERR_NOMEM;
    for (uint32_t i = m->transit; i < m->kept; i++) {
        if (i > m->transit && are_alike(m, m->order[i - 1], m->order[i]))
            g[count - 1].size++;
        else
            g[count++] = (struct group){i, 1, 0, m->hard[m->order[i]]};
    }
    for (uint32_t i = 0; i < count; i++)
        g[i].many = counts(m, m->order[g[i].start]) ? g[i].size : 0;
    if (count > 0)
        qsort(g, count, sizeof *g, compare_groups);
    *ret_count = count;
    return 0;
}

static void
put_nodes(struct make *m, const struct group *g)
{
    struct net *n = m->n;

    memset(n->node, 0xff, (size_t)m->t->count * sizeof *n->node);
    for (uint32_t i = 0; i < n->count; i++) {
        uint32_t start = i < m->transit ? i : g[i - m->transit].start;
        uint32_t size = i < m->transit ? 1 : g[i - m->transit].size;

        n->first[i] = m->order[start];
        n->many[i] = counts(m, m->order[start]) ? size : 0;
        n->weights[i] = 0;
        for (uint32_t k = start; k < start + size; k++) {
            n->node[m->order[k]] = i;
            n->weights[i] += counts(m, m->order[k]) ? m->t->answers[m->order[k]] : 0;
        }
    }
    n->networks = 0;
    for (uint32_t i = 0; i < n->count; i++)
        n->networks += n->many[i];
}

/* Neighbours with customers, or of a node without customers those that have none either.  Of
 * neighbours that are one node the first stands for it: all of them are neighbours. */
static uint32_t
put_list(const struct make *m, const struct topology_list *from, uint32_t node, bool leaves,
         uint32_t *to)
{
    const struct net *n = m->n;
    uint32_t network = n->first[node];
    uint32_t at = from->at[network];
    uint32_t count = 0;
    uint32_t other;

    while ((other = next(m, from, network, &at)) != TOPOLOGY_NONE) {
        uint32_t o = n->node[other];

        if (leaves ? node >= n->transit && o >= n->transit && n->first[o] == other
                   : o < n->transit)
            to[count++] = o;
    }
    return count;
}

static void
put_lists(const struct make *m, const struct topology_list *from, bool leaves, uint32_t *at,
          uint32_t *list)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < m->n->count; i++) {
        at[i] = used;
        used += put_list(m, from, i, leaves, list + used);
    }
    at[m->n->count] = used;
}

struct room {
    uint32_t *provider_at;
    uint32_t *provider;
    uint32_t *peer_at;
    uint32_t *peer;
    uint32_t *leaf_at;
    uint32_t *leaf;
};

static void *
take(char *memory, size_t *used, size_t n, size_t size)
{
    void *at = memory == NULL ? NULL : memory + *used;

    *used += (n * size + 63) / 64 * 64;
    return at;
}

static size_t
lay(const struct topology *t, struct net *n, char *memory, struct room *room)
{
    size_t used = 0;

    n->weights = take(memory, &used, n->count, sizeof *n->weights);
    n->many = take(memory, &used, n->count, sizeof *n->many);
    n->first = take(memory, &used, n->count, sizeof *n->first);
    n->node = take(memory, &used, t->count, sizeof *n->node);
    room->provider_at = take(memory, &used, n->count + (size_t)1, sizeof *room->provider_at);
    room->provider = take(memory, &used, t->transit_links, sizeof *room->provider);
    room->peer_at = take(memory, &used, n->count + (size_t)1, sizeof *room->peer_at);
    room->peer = take(memory, &used, (size_t)t->peer_links * 2, sizeof *room->peer);
    room->leaf_at = take(memory, &used, n->count + (size_t)1, sizeof *room->leaf_at);
    room->leaf = take(memory, &used, (size_t)t->peer_links * 2, sizeof *room->leaf);
    return used;
}

static int
fill(struct make *m, const struct group *g, uint32_t groups)
{
    struct net *n = m->n;
    struct room room;

    n->transit = m->transit;
    n->count = m->transit + groups;
    n->memory = malloc(lay(m->t, n, NULL, &room) + 1);
    if (n->memory == NULL)
        return ERR_NOMEM;
    (void)lay(m->t, n, n->memory, &room);
    put_nodes(m, g);
    put_lists(m, &m->t->provider, false, room.provider_at, room.provider);
    put_lists(m, &m->t->peer, false, room.peer_at, room.peer);
    put_lists(m, &m->t->peer, true, room.leaf_at, room.leaf);
    n->provider = (struct topology_list){room.provider_at, room.provider};
    n->peer = (struct topology_list){room.peer_at, room.peer};
    n->leaf = (struct topology_list){room.leaf_at, room.leaf};
    return 0;
}

int
net_make(const struct topology *t, const struct net_filter *f, struct net **ret)
{
    struct make m = {.t = t, .f = f, .n = calloc(1, sizeof *m.n)};
    struct group *g = NULL;
    uint32_t groups = 0;
    int r = m.n == NULL ? ERR_NOMEM : begin(&m);

    *ret = NULL;
    if (r == 0) {
        sort_networks(&m);
        r = find_groups(&m, &g, &groups);
    }
    if (r == 0)
        r = fill(&m, g, groups);
    free(g);
    free(m.here);
    free(m.sells);
    free(m.hard);
    free(m.order);
    if (r < 0)
        m.n = net_free(m.n);
    *ret = m.n;
    return r;
}

struct net *
net_free(struct net *n)
{
    if (n != NULL)
        free(n->memory);
    free(n);
    return NULL;
}
