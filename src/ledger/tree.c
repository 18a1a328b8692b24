#include "ledger/tree.h"

#include "ledger/lanes_priv.h"

struct hash
tree_leaf(struct slice entry)
{
    static const unsigned char zero = 0;

    return sha256_of2(&zero, 1, entry.ptr, entry.len);
}

static struct lane
leaf_lane(const struct tree_entry *e, struct hash *ret)
{
    uint8_t *bytes = (uint8_t *)e->bytes - TREE_BEFORE;

    bytes[0] = 0;
    return (struct lane){bytes, e->len + TREE_BEFORE, ret};
}

bool
tree_pairs(void)
{
    return lanes_fast();
}

void
tree_leaves(const struct tree_entry *entries, unsigned count, bool pairs, struct hash *ret)
{
    _Static_assert((int)TREE_BEHIND >= (int)LANE_PAD,
                   "a lane writes its padding behind the message");
    unsigned i = 0;

    for (; i + 1 < count; i += 2)
        lanes_hash(pairs, leaf_lane(&entries[i], &ret[i]),
                   leaf_lane(&entries[i + 1], &ret[i + 1]));
    if (i < count)
        ret[i] = tree_leaf((struct slice){entries[i].bytes, entries[i].len});
}

struct hash
tree_node(const struct hash *left, const struct hash *right)
{
    unsigned char both[1 + 2 * SHA256_SIZE];

    both[0] = 1;
    memcpy(both + 1, left->byte, SHA256_SIZE);
    memcpy(both + 1 + SHA256_SIZE, right->byte, SHA256_SIZE);
    return sha256_of(both, sizeof both);
}

struct hash
tree_empty(void)
{
    return sha256_of("", 0);
}

void
tree_frontier_add(struct tree_frontier *f, const struct hash *leaf)
{
    struct hash h = *leaf;
    unsigned level = 0;

    for (; f->size >> level & 1; level++)
        h = tree_node(&f->hash[level], &h);
    f->hash[level] = h;
    f->size++;
}

struct hash
tree_frontier_root(const struct tree_frontier *f)
{
    unsigned level = 0;
    struct hash h;

    if (f->size == 0)
        return tree_empty();
    while ((f->size >> level & 1) == 0)
        level++;
    h = f->hash[level++];
    for (; f->size >> level != 0; level++) {
        if (f->size >> level & 1)
            h = tree_node(&f->hash[level], &h);
    }
    return h;
}

struct hash
tree_root(const struct hash *leaves, uint64_t n)
{
    struct tree_frontier f;

    f.size = 0;
    for (uint64_t i = 0; i < n; i++)
        tree_frontier_add(&f, &leaves[i]);
    return tree_frontier_root(&f);
}

/* ---- Making proofs ---- */

/* A range of leaves that is a node of the tree: first is a multiple of the smallest power of
 * two that covers it. */
struct range {
    uint64_t first;
    uint64_t end;
};

/* The largest power of two below n; n > 1 (RFC 6962 2.1: k). */
static uint64_t
split_of(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* Root over a non-empty range, from its complete subtrees, the smallest of which is on the
 * right and is hashed first. */
static int
range_root(const struct tree_source *s, struct range r, struct hash *ret)
{
    struct hash acc = {{0}};
    bool first = true;

    while (r.end > r.first) {
        uint64_t n = r.end - r.first;
        unsigned level = (unsigned)__builtin_ctzll(n);
        struct hash h;
        int err = s->get(s->self, level, (r.end >> level) - 1, &h);

        if (err < 0)
            return err;
        acc = first ? h : tree_node(&h, &acc);
        first = false;
        r.end -= UINT64_C(1) << level;
    }
    *ret = acc;
    return 0;
}

int
tree_root_of(const struct tree_source *s, uint64_t size, struct hash *ret)
{
    if (size > 0)
        return range_root(s, (struct range){0, size}, ret);
    *ret = tree_empty();
    return 0;
}

/* Paths are collected from the root down and wanted from the leaf up. */
static int
collect(const struct tree_source *s, const struct range *down, unsigned count,
        struct tree_path *ret)
{
    ret->count = count;
    for (unsigned i = 0; i < count; i++) {
        int err = range_root(s, down[count - 1 - i], &ret->hash[i]);

        if (err < 0)
            return err;
    }
    return 0;
}

int
tree_inclusion(const struct tree_source *s, uint64_t index, uint64_t size,
               struct tree_path *ret)
{
    struct range down[TREE_PATH_MAX];
    struct range at = {0, size};
    unsigned count = 0;

    if (index >= size || size > TREE_SIZE_MAX)
        return ERR_NOTFOUND;
    while (at.end - at.first > 1) {
        uint64_t middle = at.first + split_of(at.end - at.first);

        if (index < middle) {
            down[count++] = (struct range){middle, at.end};
            at.end = middle;
        } else {
            down[count++] = (struct range){at.first, middle};
            at.first = middle;
        }
    }
    return collect(s, down, count, ret);
}

/* RFC 6962 2.1.2, SUBPROOF: down to the node that ends where the old tree ended; that node
 * itself is part of the proof unless it is the whole old tree. */
int
tree_consistency(const struct tree_source *s, uint64_t old, uint64_t size,
                 struct tree_path *ret)
{
    struct range down[TREE_PATH_MAX];
    struct range at = {0, size};
    unsigned count = 0;

    ret->count = 0;
    if (old > size || size > TREE_SIZE_MAX)
        return ERR_NOTFOUND;
    if (old == 0)
        return 0;
    while (at.end != old) {
        uint64_t middle = at.first + split_of(at.end - at.first);

        if (old <= middle) {
            down[count++] = (struct range){middle, at.end};
            at.end = middle;
        } else {
            down[count++] = (struct range){at.first, middle};
            at.first = middle;
        }
    }
    if (at.first != 0)
        down[count++] = at;
    return collect(s, down, count, ret);
}

static int
leaves_get(void *self, unsigned level, uint64_t index, struct hash *ret)
{
    const struct hash *leaves = self;

    *ret = tree_root(leaves + (index << level), UINT64_C(1) << level);
    return 0;
}

void
tree_path_of(const struct hash *leaves, uint64_t n, uint64_t index, struct tree_path *ret)
{
    union {
        const struct hash *in;
        void *out;
    } self = {.in = leaves}; /* leaves_get() only reads */
    struct tree_source s = {self.out, leaves_get};

    BUG_ON(tree_inclusion(&s, index, n, ret) < 0);
}

/* ---- Checking proofs (RFC 9162 2.1.3.2 and 2.1.4.2: the same trees as RFC 6962) ---- */

int
tree_check_inclusion(uint64_t index, uint64_t size, const struct hash *leaf,
                     const struct tree_path *path, const struct hash *root)
{
    uint64_t fn = index;
    uint64_t sn = size - 1;
    struct hash r = *leaf;

    if (index >= size || size > TREE_SIZE_MAX)
        return ERR_PROOF;
    for (unsigned i = 0; i < path->count; i++) {
        if (sn == 0)
            return ERR_PROOF;
        if ((fn & 1) != 0 || fn == sn) {
            r = tree_node(&path->hash[i], &r);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            r = tree_node(&r, &path->hash[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && hash_eq(&r, root) ? 0 : ERR_PROOF;
}

/* The general case: 0 < old < new. */
static int
check_growth(const struct tree_head *old, const struct tree_head *new_,
             const struct tree_path *path)
{
    uint64_t fn = old->size - 1;
    uint64_t sn = new_->size - 1;
    bool whole = (old->size & (old->size - 1)) == 0; /* the old tree is a node of the new */
    struct hash fr;
    struct hash sr;

    if (path->count == 0)
        return ERR_PROOF;
    while (fn & 1) {
        fn >>= 1;
        sn >>= 1;
    }
    fr = sr = whole ? old->root : path->hash[0];
    for (unsigned i = whole ? 0 : 1; i < path->count; i++) {
        if (sn == 0)
            return ERR_PROOF;
        if ((fn & 1) != 0 || fn == sn) {
            fr = tree_node(&path->hash[i], &fr);
            sr = tree_node(&path->hash[i], &sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            sr = tree_node(&sr, &path->hash[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && hash_eq(&fr, &old->root) && hash_eq(&sr, &new_->root) ? 0 : ERR_PROOF;
}

int
tree_check_consistency(const struct tree_head *old, const struct tree_head *new_,
                       const struct tree_path *path)
{
    struct hash empty = tree_empty();

    if (old->size > new_->size || new_->size > TREE_SIZE_MAX)
        return ERR_PROOF;
    if (old->size == 0 && (new_->size > 0 || !hash_eq(&old->root, &empty)))
        return ERR_PROOF;
    if (old->size == new_->size)
        return path->count == 0 && hash_eq(&old->root, &new_->root) ? 0 : ERR_PROOF;
    return check_growth(old, new_, path);
}
