#include "ledger/tree.h"
#include "unit.h"

enum { LEAVES = 300 };

static struct hash leaves[LEAVES];

static int
setup(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LEAVES; i++) {
        char text[16];

        leaves[i] =
            tree_leaf((struct slice){text, (size_t)snprintf(text, sizeof text, "entry %u", i)});
    }
    return 0;
}

/* RFC 6962 2.1 word for word: the reference. */
static struct hash
naive_root(unsigned from, unsigned n)
{
    unsigned k = 1;

    if (n == 0)
        return sha256_of("", 0);
    if (n == 1)
        return leaves[from];
    while (k * 2 < n)
        k *= 2;
    struct hash left = naive_root(from, k);
    struct hash right = naive_root(from + k, n - k);

    return tree_node(&left, &right);
}

/* PATH(m, D[n]) of 2.1.1 */
static void
naive_path(unsigned m, unsigned from, unsigned n, struct tree_path *ret)
{
    unsigned k = 1;

    if (n == 1)
        return;
    while (k * 2 < n)
        k *= 2;
    if (m < k) {
        naive_path(m, from, k, ret);
        ret->hash[ret->count++] = naive_root(from + k, n - k);
    } else {
        naive_path(m - k, from + k, n - k, ret);
        ret->hash[ret->count++] = naive_root(from, k);
    }
}

/* SUBPROOF(m, D[n], b) of 2.1.2 */
static void
naive_subproof(unsigned m, unsigned from, unsigned n, bool whole, struct tree_path *ret)
{
    unsigned k = 1;

    if (m == n) {
        if (!whole)
            ret->hash[ret->count++] = naive_root(from, n);
        return;
    }
    while (k * 2 < n)
        k *= 2;
    if (m <= k) {
        naive_subproof(m, from, k, whole, ret);
        ret->hash[ret->count++] = naive_root(from + k, n - k);
    } else {
        naive_subproof(m - k, from + k, n - k, false, ret);
        ret->hash[ret->count++] = naive_root(from, k);
    }
}

static int
get(void *self, unsigned level, uint64_t index, struct hash *ret)
{
    (void)self;
    assert_true(((index + 1) << level) <= LEAVES);
    *ret = naive_root((unsigned)(index << level), 1U << level);
    return 0;
}

static const struct tree_source source = {NULL, get};

static bool
same_path(const struct tree_path *a, const struct tree_path *b)
{
    return a->count == b->count && memcmp(a->hash, b->hash, a->count * sizeof a->hash[0]) == 0;
}

static void
roots_are_those_of_the_standard(void **state)
{
    struct tree_frontier f = {.size = 0};
    struct hash empty = tree_empty();
    struct hash root;

    (void)state;
    root = tree_frontier_root(&f);
    assert_true(hash_eq(&root, &empty));
    for (unsigned n = 0; n <= LEAVES; n++) {
        struct hash want = naive_root(0, n);

        root = tree_root(leaves, n);
        assert_true(hash_eq(&root, &want));
        root = tree_frontier_root(&f);
        assert_true(hash_eq(&root, &want));
        assert_int_equal(tree_root_of(&source, n, &root), 0);
        assert_true(hash_eq(&root, &want));
        if (n < LEAVES)
            tree_frontier_add(&f, &leaves[n]);
    }
}

static void
inclusion_is_proved_and_checked(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 70; n++) {
        struct hash root = naive_root(0, n);

        for (unsigned i = 0; i < n; i++) {
            struct tree_path path;
            struct tree_path want = {.count = 0};

            naive_path(i, 0, n, &want);
            assert_int_equal(tree_inclusion(&source, i, n, &path), 0);
            assert_true(same_path(&path, &want));
            tree_path_of(leaves, n, i, &path);
            assert_true(same_path(&path, &want));
            assert_int_equal(tree_check_inclusion(i, n, &leaves[i], &path, &root), 0);
            /* Wrong place, size, leaf, length, or any hash */
            assert_int_equal(tree_check_inclusion((i + 1) % n, n, &leaves[i], &path, &root),
                             n == 1 ? 0 : ERR_PROOF);
            assert_int_equal(tree_check_inclusion(i, n, &leaves[n], &path, &root), ERR_PROOF);
            assert_int_equal(tree_check_inclusion(n, n, &leaves[i], &path, &root), ERR_PROOF);
            for (unsigned k = 0; k < path.count; k++) {
                path.hash[k].byte[k % 32] ^= 1;
                assert_int_equal(tree_check_inclusion(i, n, &leaves[i], &path, &root),
                                 ERR_PROOF);
                path.hash[k].byte[k % 32] ^= 1;
            }
            path.hash[path.count++] = root;
            assert_int_equal(tree_check_inclusion(i, n, &leaves[i], &path, &root), ERR_PROOF);
            path.count -= path.count > 1 ? 2 : 1;
            assert_int_equal(tree_check_inclusion(i, n, &leaves[i], &path, &root),
                             n == 1 ? 0 : ERR_PROOF);
        }
    }
}

static void
growth_is_proved_and_checked(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 70; n++) {
        struct tree_head new_ = {n, naive_root(0, n)};

        for (unsigned m = 1; m <= n; m++) {
            struct tree_head old = {m, naive_root(0, m)};
            struct tree_head wrong = {m, naive_root(1, m)};
            struct tree_path path;
            struct tree_path want = {.count = 0};

            naive_subproof(m, 0, n, true, &want);
            assert_int_equal(tree_consistency(&source, m, n, &path), 0);
            assert_true(same_path(&path, &want));
            assert_int_equal(tree_check_consistency(&old, &new_, &path), 0);
            assert_int_equal(tree_check_consistency(&wrong, &new_, &path), ERR_PROOF);
            for (unsigned k = 0; k < path.count; k++) {
                path.hash[k].byte[k % 32] ^= 0x80;
                assert_int_equal(tree_check_consistency(&old, &new_, &path), ERR_PROOF);
                path.hash[k].byte[k % 32] ^= 0x80;
            }
            path.hash[path.count++] = old.root;
            assert_int_equal(tree_check_consistency(&old, &new_, &path), ERR_PROOF);
        }
    }
}

static void
sizes_out_of_range_are_refused(void **state)
{
    struct tree_head empty = {0, tree_empty()};
    struct tree_head one = {1, leaves[0]};
    struct tree_head huge = {UINT64_MAX, leaves[0]};
    struct tree_path path = {.count = 0};

    (void)state;
    assert_int_equal(tree_check_consistency(&empty, &empty, &path), 0);
    assert_int_equal(tree_check_consistency(&empty, &one, &path), ERR_PROOF);
    assert_int_equal(tree_check_consistency(&one, &empty, &path), ERR_PROOF);
    assert_int_equal(tree_check_consistency(&huge, &huge, &path), ERR_PROOF);
    assert_int_equal(tree_check_inclusion(0, 0, &leaves[0], &path, &empty.root), ERR_PROOF);
    assert_int_equal(tree_check_inclusion(0, UINT64_MAX, &leaves[0], &path, &empty.root),
                     ERR_PROOF);
    assert_int_equal(tree_inclusion(&source, 5, 5, &path), ERR_NOTFOUND);
    assert_int_equal(tree_consistency(&source, 6, 5, &path), ERR_NOTFOUND);
    assert_int_equal(tree_consistency(&source, 0, 5, &path), 0);
    assert_int_equal(path.count, 0);
}

/* Any hash for any subtree: only the shape is looked at. */
static int
get_zero(void *self, unsigned level, uint64_t index, struct hash *ret)
{
    (void)self;
    (void)level;
    (void)index;
    *ret = (struct hash){{0}};
    return 0;
}

static void
the_largest_tree_has_room(void **state)
{
    const struct tree_source zero = {NULL, get_zero};
    struct tree_path path;

    (void)state;
    assert_int_equal(tree_inclusion(&zero, 0, TREE_SIZE_MAX, &path), 0);
    assert_int_equal(path.count, 63);
    assert_int_equal(tree_inclusion(&zero, TREE_SIZE_MAX - 1, TREE_SIZE_MAX, &path), 0);
    assert_int_equal(tree_consistency(&zero, 1, TREE_SIZE_MAX, &path), 0);
    assert_true(path.count <= TREE_PATH_MAX);
    assert_int_equal(tree_consistency(&zero, TREE_SIZE_MAX - 1, TREE_SIZE_MAX, &path), 0);
    assert_true(path.count <= TREE_PATH_MAX);
}

/* All lengths around the blocks of the hash, in pairs of different ones, and an odd one out. */
static void
many_leaves_hash_as_one(void **state)
{
    enum { COUNT = 201, ROOM = TREE_BEFORE + COUNT + TREE_BEHIND };
    static char bytes[COUNT][ROOM];
    static struct tree_entry entry[COUNT];
    static struct hash got[COUNT];

    (void)state;
    for (int pairs = 0; pairs <= (int)tree_pairs(); pairs++) {
        for (unsigned i = 0; i < COUNT; i++) {
            entry[i] = (struct tree_entry){bytes[i] + TREE_BEFORE, i * 67 % COUNT};
            memset(bytes[i], (int)i, ROOM);
        }
        tree_leaves(entry, COUNT, pairs != 0, got);
        for (unsigned i = 0; i < COUNT; i++) {
            struct hash want;
            char same[COUNT];

            memset(same, (int)i, sizeof same);
            assert_memory_equal(entry[i].bytes, same, entry[i].len); /* untouched */
            want = tree_leaf((struct slice){same, entry[i].len});
            assert_true(hash_eq(&got[i], &want));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_leaves_hash_as_one),
        cmocka_unit_test(roots_are_those_of_the_standard),
        cmocka_unit_test(inclusion_is_proved_and_checked),
        cmocka_unit_test(growth_is_proved_and_checked),
        cmocka_unit_test(sizes_out_of_range_are_refused),
        cmocka_unit_test(the_largest_tree_has_room),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
