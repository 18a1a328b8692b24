/* State is held twice: `edge` grows with what is appended, `checked` only with what was read
 * back from the storage.  They share nothing but the code of SHA-256, and a head is signed
 * only when both give one root; so a bit that flips in memory or on the way to the disk stops
 * the log instead of being signed. */
#include "ledger/ledger.h"

#include <stdlib.h>

#include "ledger/edge_priv.h"
#include "note/checkpoint.h"

struct state {
    struct tree_frontier frontier; /* of all entries appended */
    struct edge edge;              /* the same by tiles */
    struct edge checked;           /* read back up to checked.size */
    struct tree_head signed_;      /* the newest note */
    bool failed;                   /* an append or signature failed: only rollback helps */
};

struct cached {
    bool valid;
    uint64_t n;
    struct hash hash[LEDGER_TILE];
};

struct ledger {
    struct ledger_storage s;
    struct state now;
    struct state committed;
    struct cached cache[LEDGER_LEVELS]; /* the full tile of each level read last */
};

/* ---- Hashes of complete subtrees, from the committed edge or the storage ---- */

static int
cached_tile(struct ledger *l, unsigned level, uint64_t n, const struct hash **ret)
{
    struct cached *c = &l->cache[level];
    int err = 0;

    if (!c->valid || c->n != n) {
        c->valid = false;
        err = l->s.get_tile(l->s.self, level, n, c->hash);
        c->valid = err == 0;
        c->n = n;
    }
    *ret = c->hash;
    return err;
}

/* The hashes that are there of tile n, which must not lie beyond the edge. */
static int
tile_hashes(struct ledger *l, unsigned level, uint64_t n, const struct hash **ret)
{
    const struct edge *e = &l->committed.edge;

    if (n != edge_tile(e, level))
        return cached_tile(l, level, n, ret);
    *ret = e->tile[level];
    return 0;
}

static int
ledger_get(void *self, unsigned level, uint64_t index, struct hash *ret)
{
    unsigned tile = level / 8;
    uint64_t first = index << (level % 8);
    const struct hash *hashes;
    int err = tile_hashes(self, tile, first / LEDGER_TILE, &hashes);

    if (err < 0)
        return err;
    *ret = tree_root(hashes + first % LEDGER_TILE, UINT64_C(1) << (level % 8));
    return 0;
}

/* ---- Opening ---- */

/* Compare the newest note; its signature is the caller's affair. */
static int
load_note(struct ledger *l, struct errinfo *ei)
{
    struct state *st = &l->now;
    struct note note;
    struct checkpoint c;
    struct tree_source s = {l, ledger_get};
    struct hash root;
    AUTO_BUF(bytes, NOTE_MAX);
    int err = l->s.get_note(l->s.self, LEDGER_NEWEST, &bytes);

    st->signed_ = (struct tree_head){0, tree_empty()};
    if (err < 0)
        return err == ERR_NOTFOUND ? 0 : err;
    if (note_parse(buf_get(&bytes), NOTE_MAX, &note, ei) < 0 ||
        checkpoint_parse(note.text, &c) < 0)
        return err_set(ei, ERR_PROOF, "the newest signed checkpoint cannot be read");
    if (c.size > l->committed.edge.size)
        return err_set(ei, ERR_PROOF,
                       "signed up to %llu entries, but the store holds %llu: its end is lost",
                       (unsigned long long)c.size, (unsigned long long)l->committed.edge.size);
    err = tree_root_of(&s, c.size, &root);
    if (err < 0)
        return err;
    if (!hash_eq(&root, &c.root))
        return err_set(ei, ERR_PROOF, "the first %llu entries give another root than signed",
                       (unsigned long long)c.size);
    st->signed_ = (struct tree_head){c.size, root};
    return 0;
}

/* Take over an edge that was read from the storage. */
static int
settle(struct ledger *l, struct errinfo *ei)
{
    int err;

    edge_frontier(&l->now.edge, &l->now.frontier);
    l->now.checked = l->now.edge;
    l->committed = l->now;
    err = load_note(l, ei);
    l->committed = l->now;
    return err;
}

int
ledger_open(const struct ledger_storage *s, uint64_t size, struct ledger **ret,
            struct errinfo *ei)
{
    struct ledger *l;
    int err;

    if (size > LEDGER_SIZE_MAX)
        return err_set(ei, ERR_LIMIT, "more entries than a log can have");
    l = calloc(1, sizeof *l);
    if (l == NULL)
        return err_set(ei, ERR_NOMEM, "out of memory");
    l->s = *s;
    err = edge_recover(s, size, &l->now.edge, ei);
    if (err == 0)
        err = settle(l, ei);
    if (err < 0) {
        free(l);
        return err;
    }
    *ret = l;
    return 0;
}

struct ledger *
ledger_free(struct ledger *l)
{
    free(l);
    return NULL;
}

/* ---- Growing ---- */

/* Put the tiles that the last leaf filled. */
static int
put_tiles(struct ledger *l)
{
    struct edge *e = &l->now.edge;

    for (unsigned level = 0; level < LEDGER_LEVELS && edge_filled(e, level); level++) {
        int err = l->s.put_tile(l->s.self, level, edge_tile(e, level) - 1, e->tile[level]);

        if (err < 0)
            return err;
    }
    return 0;
}

int
ledger_append(struct ledger *l, struct slice entry, uint64_t *ret_leaf)
{
    struct state *st = &l->now;
    uint64_t index = st->edge.size;
    struct hash leaf;
    int err;

    if (st->failed)
        return ERR_IO;
    if (entry.len > LEDGER_ENTRY_MAX || index == LEDGER_SIZE_MAX)
        return ERR_LIMIT;
    leaf = tree_leaf(entry);
    err = l->s.put_entry(l->s.self, index, entry, &leaf);
    if (err == 0) {
        edge_grow(&st->edge, &st->frontier, &leaf);
        err = put_tiles(l);
    }
    st->failed = err < 0;
    if (err == 0)
        *ret_leaf = l->s.first + index;
    return err;
}

void
ledger_head(const struct ledger *l, struct tree_head *ret)
{
    ret->size = l->now.frontier.size;
    ret->root = tree_frontier_root(&l->now.frontier);
}

/* The head from the frontier, and once more from the storage: 0 when they are one. */
static int
twice(struct ledger *l, struct tree_head *ret, struct errinfo *ei)
{
    struct edge_walk walk = {.s = &l->s, .edge = &l->now.checked, .ei = ei};
    struct hash again;
    int err;

    ledger_head(l, ret);
    err = edge_follow(&walk, ret->size);
    if (err < 0)
        return err;
    again = edge_root(&l->now.checked);
    if (!hash_eq(&again, &ret->root))
        return err_set(ei, ERR_PROOF,
                       "the root of %llu entries came out different the second time",
                       (unsigned long long)ret->size);
    if (ret->size < l->now.signed_.size ||
        (ret->size == l->now.signed_.size && !hash_eq(&ret->root, &l->now.signed_.root)))
        return err_set(ei, ERR_PROOF, "size %llu contradicts the newest signed checkpoint",
                       (unsigned long long)ret->size);
    return 0;
}

int
ledger_sign(struct ledger *l, const struct skey *key, struct buf *ret_note, struct errinfo *ei)
{
    struct tree_head head;
    AUTO_BUF(note, NOTE_MAX);
    int err;

    if (l->now.failed)
        return err_set(ei, ERR_IO, "an earlier append failed: roll back first");
    err = twice(l, &head, ei);
    if (err == 0)
        err = checkpoint_sign(key, head.size, &head.root, &note);
    if (err == 0)
        err = l->s.put_note(l->s.self, head.size, buf_get(&note));
    l->now.failed = err < 0;
    if (err < 0)
        return err;
    l->now.signed_ = head;
    if (ret_note == NULL)
        return 0;
    buf_slice(ret_note, buf_get(&note));
    return buf_error(ret_note);
}

void
ledger_commit(struct ledger *l)
{
    BUG_ON(l->now.failed);
    l->committed = l->now;
}

void
ledger_rollback(struct ledger *l)
{
    l->now = l->committed;
}

int
ledger_follow(struct ledger *l, uint64_t size, struct errinfo *ei)
{
    struct edge_walk walk = {.s = &l->s, .edge = &l->now.edge, .ei = ei};
    int err;

    if (size < l->committed.edge.size || size > LEDGER_SIZE_MAX)
        return err_set(ei, ERR_PROOF, "the log became shorter: %llu entries",
                       (unsigned long long)size);
    err = edge_follow(&walk, size);
    if (err == 0)
        err = settle(l, ei);
    if (err < 0)
        l->now = l->committed;
    return err;
}

uint64_t
ledger_first(const struct ledger *l)
{
    return l->s.first;
}

uint64_t
ledger_size(const struct ledger *l)
{
    return l->committed.edge.size;
}

uint64_t
ledger_signed_size(const struct ledger *l)
{
    return l->committed.signed_.size;
}

/* ---- Asking ---- */

int
ledger_root(struct ledger *l, uint64_t size, struct hash *ret)
{
    struct tree_source s = {l, ledger_get};

    return size > ledger_size(l) ? ERR_NOTFOUND : tree_root_of(&s, size, ret);
}

int
ledger_prove_inclusion(struct ledger *l, uint64_t leaf, uint64_t size, struct tree_path *ret)
{
    struct tree_source s = {l, ledger_get};

    if (leaf < l->s.first || size > ledger_size(l))
        return ERR_NOTFOUND;
    return tree_inclusion(&s, leaf - l->s.first, size, ret);
}

int
ledger_prove_consistency(struct ledger *l, uint64_t old, uint64_t size, struct tree_path *ret)
{
    struct tree_source s = {l, ledger_get};

    return size > ledger_size(l) ? ERR_NOTFOUND : tree_consistency(&s, old, size, ret);
}

void
ledger_edge_tile(uint64_t size, unsigned level, struct ledger_tile_ref *ret)
{
    uint64_t hashes = size >> (8 * level);

    *ret = (struct ledger_tile_ref){
        .level = level, .width = hashes % LEDGER_TILE, .n = hashes / LEDGER_TILE};
}

/* Is all of t inside a log of `size` entries? */
static bool
inside(const struct ledger *l, struct ledger_tile_ref t, uint64_t size)
{
    return t.level < LEDGER_LEVELS && t.width > 0 && t.width <= LEDGER_TILE &&
           size <= ledger_size(l) && t.n <= size / LEDGER_TILE &&
           t.n * LEDGER_TILE + t.width <= size >> (8 * t.level);
}

int
ledger_tile(struct ledger *l, struct ledger_tile_ref t, uint64_t size, struct buf *ret)
{
    const struct hash *hashes;
    int err;

    if (!inside(l, t, size))
        return ERR_NOTFOUND;
    err = tile_hashes(l, t.level, t.n, &hashes);
    if (err < 0)
        return err;
    buf_add(ret, hashes, t.width * sizeof *hashes);
    return buf_error(ret);
}

static int
bundle_entry(void *arg, uint64_t index, struct slice entry)
{
    struct buf *b = arg;
    unsigned char len[2] = {(unsigned char)(entry.len >> 8), (unsigned char)entry.len};

    (void)index;
    buf_add(b, len, sizeof len);
    buf_slice(b, entry);
    return buf_error(b);
}

int
ledger_bundle(struct ledger *l, struct ledger_tile_ref t, uint64_t size, struct buf *ret)
{
    t.level = 0;
    if (!inside(l, t, size))
        return ERR_NOTFOUND;
    return l->s.get_entries(l->s.self, t.n * LEDGER_TILE, t.width, bundle_entry, ret);
}
