/* What a witness answers, over a tree that grows: each status, and the order in which they
 * come. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "ledger/witness.h"

enum { LEAVES = 40 };

static struct hash leaf[LEAVES];
static struct skey log_key;
static struct skey other_key;

static int
setup(void **state)
{
    uint8_t seed[KEY_SEED] = {7};

    (void)state;
    assert_int_equal(key_init(), 0);
    assert_int_equal(skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &log_key), 0);
    seed[0] = 8;
    assert_int_equal(skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &other_key), 0);
    for (unsigned i = 0; i < LEAVES; i++)
        leaf[i] = tree_leaf((struct slice){(const char *)&i, sizeof i});
    return 0;
}

static struct tree_head
head(uint64_t size)
{
    return (struct tree_head){size, tree_root(leaf, size)};
}

static int
get(void *self, unsigned level, uint64_t index, struct hash *ret)
{
    (void)self;
    *ret = tree_root(leaf + (index << level), UINT64_C(1) << level);
    return 0;
}

/* The body of a true request, and the verdict. */
static struct witness_verdict
ask(uint64_t old, uint64_t size, struct witness_state state, const struct skey *by,
    bool bend_proof)
{
    static const struct tree_source source = {NULL, get};
    static char kept[WITNESS_BODY_MAX];
    struct tree_head now = head(size);
    struct witness_verdict v = {0};
    struct witness_request q;
    struct tree_path path = {0};
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(body, WITNESS_BODY_MAX);

    if (old <= size)
        assert_int_equal(tree_consistency(&source, old, size, &path), 0);
    if (bend_proof && path.count > 0)
        path.hash[0].byte[0] ^= 1;
    else if (bend_proof)
        path.count = 1;
    assert_int_equal(checkpoint_sign(by, now.size, &now.root, &note), 0);
    witness_write(&body, old, &path, buf_get(&note));
    assert_int_equal(buf_error(&body), 0);
    memcpy(kept, body.ptr, body.len);
    assert_int_equal(witness_parse((struct slice){kept, body.len}, &q), 0);
    assert_int_equal(q.old, old);
    assert_int_equal(q.path.count, path.count);
    witness_judge(&q, (struct vkeys){&log_key.vkey, 1}, &state, &v);
    return v;
}

static void
every_growth(void **state)
{
    (void)state;
    for (uint64_t old = 0; old <= LEAVES; old++) {
        struct witness_state known = {head(old), old > 0};

        for (uint64_t size = old; size <= LEAVES; size++) {
            struct witness_verdict v = ask(old, size, known, &log_key, false);
            struct hash root = tree_root(leaf, size);

            assert_int_equal(v.status, WITNESS_COSIGN);
            assert_int_equal(v.what.size, size);
            assert_true(hash_eq(&v.what.root, &root));
            assert_int_equal(ask(old, size, known, &log_key, true).status, WITNESS_WRONG);
            assert_int_equal(ask(old, size, known, &other_key, false).status,
                             WITNESS_UNTRUSTED);
            /* whoever is not where we are */
            known.head.size++;
            known.known = true;
            assert_int_equal(ask(old, size, known, &log_key, false).status, WITNESS_STALE);
            known = (struct witness_state){head(old), old > 0};
        }
    }
}

static void
no_way_back(void **state)
{
    struct witness_state known = {head(20), true};

    (void)state;
    assert_int_equal(ask(20, 10, known, &log_key, false).status, WITNESS_MALFORMED);
    assert_int_equal(ask(10, 20, known, &log_key, false).status, WITNESS_STALE);
    assert_int_equal(ask(0, 20, known, &log_key, false).status, WITNESS_STALE);
    known.head.root.byte[5] ^= 1; /* another tree of that size was cosigned */
    assert_int_equal(ask(20, 20, known, &log_key, false).status, WITNESS_WRONG);
    assert_true(ask(20, 20, known, &log_key, false).fork);
    assert_int_equal(ask(20, 30, known, &log_key, false).status, WITNESS_WRONG);
    assert_false(ask(20, 30, known, &log_key, false).fork);
}

/* Of nobody here, and signed by nobody, but a checkpoint by its form. */
#define NOTE             \
    "b.example/log\n0\n" \
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAAAAA=\n"

static void
forms(void **state)
{
    static const char hash[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    static const char *const bad[] = {
        "",
        "old 1",
        "old 1\n",
        "old 1\n\n",
        "old -1\n\n" NOTE,
        "old 01\n\n" NOTE,
        "old 9223372036854775808\n\n" NOTE,
        "old 1 \n\n" NOTE,
        "Old 1\n\n" NOTE,
        "old 1\r\n\r\n" NOTE,
        "old 1\nAAAA\n\n" NOTE,
        "old 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n\n" NOTE,
        "old 1\n\n\n",
        "old 1\n\na\n",
        "old 1\n\n\n" NOTE,
        ("old 1\n\nb.example/log\r\n0\n"
         "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAAAAA=\n")};
    struct witness_request q;
    AUTO_BUF(b, WITNESS_BODY_MAX + 1);

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(witness_parse(slice_of(bad[i]), &q), ERR_INVALID);
    buf_text(&b, "old 1\n");
    for (int i = 0; i < WITNESS_HASHES; i++)
        buf_text(&b, hash);
    buf_text(&b, "\n" NOTE);
    assert_int_equal(witness_parse(buf_get(&b), &q), 0);
    assert_int_equal(q.path.count, WITNESS_HASHES);
    assert_true(slice_is(q.origin, "b.example/log"));
    buf_reset(&b);
    buf_text(&b, "old 1\n");
    for (int i = 0; i <= WITNESS_HASHES; i++)
        buf_text(&b, hash);
    buf_text(&b, "\n" NOTE);
    assert_int_equal(witness_parse(buf_get(&b), &q), ERR_INVALID);
}

static void
unknown_origin(void **state)
{
    static const char body[] = "old 0\n\n" NOTE;
    struct witness_state none = {0};
    struct witness_verdict v;
    struct witness_request q;

    (void)state;
    assert_int_equal(witness_parse(slice_of(body), &q), 0);
    witness_judge(&q, (struct vkeys){&log_key.vkey, 1}, &none, &v);
    assert_int_equal(v.status, WITNESS_UNKNOWN);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_growth),
                                       cmocka_unit_test(no_way_back), cmocka_unit_test(forms),
                                       cmocka_unit_test(unknown_origin)};

    return cmocka_run_group_tests(tests, setup, NULL);
}
