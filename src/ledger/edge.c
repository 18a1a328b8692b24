#include "ledger/edge_priv.h"

void
edge_add(struct edge *e, const struct hash *leaf)
{
    e->tile[0][e->size % LEDGER_TILE] = *leaf;
    e->size++;
    for (unsigned level = 0; level + 1 < LEDGER_LEVELS && edge_filled(e, level); level++) {
        uint64_t at = (e->size >> (8 * (level + 1))) - 1;

        e->tile[level + 1][at % LEDGER_TILE] = tree_root(e->tile[level], LEDGER_TILE);
    }
}

/* As tree_frontier_add(): h is in turn the root of each complete subtree, of 2^k leaves, that
 * the new leaf ends; every eighth of them is a hash of a tile. */
void
edge_grow(struct edge *e, struct tree_frontier *f, const struct hash *leaf)
{
    uint64_t index = e->size;
    struct hash h = *leaf;
    unsigned k = 0;

    e->tile[0][index % LEDGER_TILE] = h;
    for (; index >> k & 1; k++) {
        h = tree_node(&f->hash[k], &h);
        if ((k + 1) % 8 == 0 && (k + 1) / 8 < LEDGER_LEVELS)
            e->tile[(k + 1) / 8][(index >> (k + 1)) % LEDGER_TILE] = h;
    }
    f->hash[k] = h;
    f->size++;
    e->size++;
}

/* A complete subtree that lies in the partial tiles. */
static int
edge_get(void *self, unsigned level, uint64_t index, struct hash *ret)
{
    const struct edge *e = self;
    uint64_t first = index << (level % 8);

    BUG_ON(first / LEDGER_TILE != edge_tile(e, level / 8));
    *ret = tree_root(&e->tile[level / 8][first % LEDGER_TILE], UINT64_C(1) << (level % 8));
    return 0;
}

static struct tree_source
source_of(const struct edge *e)
{
    union {
        const struct edge *in;
        void *out;
    } self = {.in = e}; /* edge_get() only reads */

    return (struct tree_source){self.out, edge_get};
}

struct hash
edge_root(const struct edge *e)
{
    struct tree_source s = source_of(e);
    struct hash root;

    BUG_ON(tree_root_of(&s, e->size, &root) < 0);
    return root;
}

void
edge_frontier(const struct edge *e, struct tree_frontier *ret)
{
    struct tree_source s = source_of(e);

    ret->size = e->size;
    for (unsigned k = 0; e->size >> k != 0; k++) {
        if (e->size >> k & 1)
            BUG_ON(edge_get(s.self, k, (e->size >> k) - 1, &ret->hash[k]) < 0);
    }
}

/* ---- Reading entries ---- */

struct reading {
    struct edge *edge;
    uint64_t end;
};

static int
read_entry(void *arg, uint64_t index, struct slice entry)
{
    struct reading *r = arg;
    struct hash leaf = tree_leaf(entry);

    if (index != r->edge->size || index >= r->end)
        return ERR_PROOF;
    edge_add(r->edge, &leaf);
    return 0;
}

/* Add entries up to `end` to an edge; a hole is a broken promise of the storage. */
static int
read_entries(const struct ledger_storage *s, struct edge *e, uint64_t end, struct errinfo *ei)
{
    struct reading r = {e, end};
    int err = 0;

    if (e->size < end)
        err = s->get_entries(s->self, e->size, end - e->size, read_entry, &r);
    if (err == ERR_NOTFOUND || err == ERR_PROOF || (err == 0 && e->size != end))
        return err_set(ei, ERR_PROOF, "entry %llu is missing", (unsigned long long)e->size);
    return err < 0 ? err_set(ei, err, "cannot read entry %llu", (unsigned long long)e->size)
                   : 0;
}

static int
read_tile(const struct ledger_storage *s, struct ledger_tile_ref t, struct hash *ret,
          struct errinfo *ei)
{
    int err = s->get_tile(s->self, t.level, t.n, ret);

    if (err == ERR_NOTFOUND)
        return err_set(ei, ERR_PROOF, "tile %llu of level %u is missing",
                       (unsigned long long)t.n, t.level);
    return err < 0 ? err_set(ei, err, "cannot read tile %llu of level %u",
                             (unsigned long long)t.n, t.level)
                   : 0;
}

/* Each hash of a partial tile is the root of a full one below. */
static int
recover_level(const struct ledger_storage *s, struct edge *e, unsigned level,
              struct errinfo *ei)
{
    uint64_t hashes = e->size >> (8 * level);
    struct hash below[LEDGER_TILE];

    for (uint64_t n = hashes - hashes % LEDGER_TILE; n < hashes; n++) {
        int err = read_tile(s, (struct ledger_tile_ref){level - 1, LEDGER_TILE, n}, below, ei);

        if (err < 0)
            return err;
        e->tile[level][n % LEDGER_TILE] = tree_root(below, LEDGER_TILE);
    }
    return 0;
}

int
edge_recover(const struct ledger_storage *s, uint64_t size, struct edge *ret,
             struct errinfo *ei)
{
    int err = 0;

    ret->size = size;
    for (unsigned level = 1; level < LEDGER_LEVELS && err == 0; level++)
        err = recover_level(s, ret, level, ei);
    ret->size = size - size % LEDGER_TILE;
    return err < 0 ? err : read_entries(s, ret, size, ei);
}

/* ---- Following ---- */

int
edge_compare(struct edge_walk *w, unsigned level)
{
    uint64_t n = edge_tile(w->edge, level) - 1;
    struct hash stored[LEDGER_TILE];
    int err = read_tile(w->s, (struct ledger_tile_ref){level, LEDGER_TILE, n}, stored, w->ei);

    w->bad = (n * LEDGER_TILE) << (8 * level);
    if (err < 0)
        return err;
    for (unsigned i = 0; i < LEDGER_TILE; i++) {
        if (hash_eq(&stored[i], &w->edge->tile[level][i]))
            continue;
        w->bad = (n * LEDGER_TILE + i) << (8 * level);
        return err_set(w->ei, ERR_PROOF,
                       "entry %llu does not give the hash in tile %llu of level %u",
                       (unsigned long long)w->bad, (unsigned long long)n, level);
    }
    w->tiles++;
    return 0;
}

int
edge_follow(struct edge_walk *w, uint64_t size)
{
    struct edge *e = w->edge;

    while (e->size < size) {
        uint64_t end = e->size - e->size % LEDGER_TILE + LEDGER_TILE;
        int err = read_entries(w->s, e, end < size ? end : size, w->ei);

        w->bad = e->size;
        for (unsigned level = 0; err == 0 && level < LEDGER_LEVELS && edge_filled(e, level);
             level++)
            err = edge_compare(w, level);
        if (err < 0)
            return err;
    }
    return 0;
}
