#include "note/checkpoint.h"
#include "note/key.h"
#include "note/note.h"
#include "note/policy.h"
#include "unit.h"

/* Keys from fixed seeds; the texts below were made once with them and must stay. */
static struct skey log_key;
static struct skey witness_key;
static struct skey holder_key;
static struct skey other_key;

static struct skey
key_of(const char *name, enum key_alg alg, uint8_t first)
{
    uint8_t seed[KEY_SEED] = {first};
    struct skey key;

    assert_int_equal(skey_make(slice_of(name), alg, seed, &key), 0);
    return key;
}

static int
setup(void **state)
{
    (void)state;
    assert_int_equal(key_init(), 0);
    log_key = key_of("a.example/log", KEY_ED25519, 1);
    witness_key = key_of("b.example/witness", KEY_COSIGN, 2);
    holder_key = key_of("b.example/holder", KEY_COSIGN, 3);
    other_key = key_of("c.example/witness", KEY_COSIGN, 4);
    return 0;
}

static struct checkpoint_keys
all_keys(void)
{
    return (struct checkpoint_keys){
        {&log_key.vkey, 1}, {&witness_key.vkey, 1}, {&holder_key.vkey, 1}};
}

static void
make_checkpoint(struct buf *b, uint64_t size)
{
    struct hash root = sha256_of("root", 4);

    assert_int_equal(checkpoint_sign(&log_key, size, &root, b), 0);
}

static struct slice
text_of(struct buf *b)
{
    struct note n;

    assert_int_equal(note_parse(buf_get(b), NOTE_MAX, &n, NULL), 0);
    return n.text;
}

static int
verify(struct slice note)
{
    static struct checkpoint_signed c;
    struct checkpoint_keys keys = all_keys();

    return checkpoint_verify(note, &keys, &c, NULL);
}

/* ---- keys ---- */

static void
keys_come_back(void **state)
{
    struct vkey v;
    struct skey s;
    char text[VKEY_TEXT];
    AUTO_BUF(b, 1000);

    (void)state;
    (void)vkey_format(&log_key.vkey, text);
    assert_string_equal(text,
                        "a.example/log+52b31a95+Ac7MFQfcHd1ylZUcKQiI8JWtuQRNG3PWlubfBl1oO9T8");
    assert_int_equal(vkey_parse(slice_of(text), &v), 0);
    assert_true(vkey_eq(&v, &log_key.vkey));
    buf_skey(&b, &witness_key);
    assert_int_equal(skey_parse(buf_get(&b), &s), 0);
    assert_true(vkey_eq(&s.vkey, &witness_key.vkey));
    assert_memory_equal(s.secret, witness_key.secret, sizeof s.secret);
}

static void
odd_keys_are_refused(void **state)
{
    char text[VKEY_TEXT];
    size_t n = vkey_format(&log_key.vkey, text);
    struct vkey v;
    struct skey s;

    (void)state;
    for (size_t i = 0; i < n; i++) { /* any other byte breaks name, id, or key */
        text[i] ^= 1;
        assert_int_equal(vkey_parse((struct slice){text, n}, &v), ERR_INVALID);
        text[i] ^= 1;
        assert_int_equal(vkey_parse((struct slice){text, i}, &v), ERR_INVALID);
    }
    assert_int_equal(skey_parse(SLICE("PRIVATE+KEY+x"), &s), ERR_INVALID);
    assert_int_equal(skey_parse(SLICE(""), &s), ERR_INVALID);
    assert_false(key_name_ok(SLICE("")) || key_name_ok(SLICE("a b")));
    assert_false(key_name_ok(SLICE("a+b")) || key_name_ok(SLICE("a\xc2\xa0"
                                                                "b")));
    assert_false(key_name_ok(SLICE("a\xff")) || key_name_ok(SLICE("a\n")));
}

static void
one_key_does_one_job(void **state)
{
    struct skey twin = key_of("b.example/other", KEY_COSIGN, 2);
    struct vkeys lists[] = {{&log_key.vkey, 1}, {&witness_key.vkey, 1}, {&holder_key.vkey, 1}};

    (void)state;
    assert_int_equal(vkeys_distinct(lists, COUNT(lists), NULL), 0);
    lists[2].key = &twin.vkey;
    assert_int_equal(vkeys_distinct(lists, COUNT(lists), NULL), ERR_INVALID);
}

/* ---- notes ---- */

static void
notes_are_split_at_the_last_empty_line(void **state)
{
    struct note n;
    AUTO_BUF(b, 10000);

    (void)state;
    assert_int_equal(note_sign(SLICE("one\n\ntwo\n"), &log_key, &b), 0);
    assert_int_equal(note_parse(buf_get(&b), NOTE_MAX, &n, NULL), 0);
    assert_true(slice_is(n.text, "one\n\ntwo\n"));
    assert_int_equal(n.count, 1);
    assert_int_equal(note_sign(SLICE("no end"), &log_key, &b), ERR_INVALID);
}

static void
odd_notes_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "text\n",
        "text\n\n",
        "text\n\n\xe2\x80\x94 name AAAAAAA=", /* no LF at the end */
        "text\n\n- name AAAAAAA=\n",          /* hyphen */
        "text\n\n\xe2\x80\x94 na+me AAAAAAA=\n",
        "text\n\n\xe2\x80\x94 name\n",
        "text\n\n\xe2\x80\x94 name AAAAAA==\n", /* nothing behind the id */
        "text\n\n\xe2\x80\x94 name AAAAAAB=\n", /* unused bits */
        "text\n\n\xe2\x80\x94 name AAAAAAA= \n",
        "te\rxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
        "te\xffxt\n\n\xe2\x80\x94 name AAAAAAA=\n",
        "text\n\n\xe2\x80\x94 name AAAAAAA=\n\xe2\x80\x94 name AAAAAAE=\n", /* same id twice */
    };
    struct note n;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(note_parse(slice_of(bad[i]), NOTE_MAX, &n, NULL), ERR_INVALID);
    assert_int_equal(note_parse(SLICE("t\n\n\xe2\x80\x94 n AAAAAAA=\n"), 10, &n, NULL),
                     ERR_LIMIT);
    assert_int_equal(note_parse(SLICE("t\n\n\xe2\x80\x94 n AAAAAAA=\n"), 100, &n, NULL), 0);
}

static void
a_note_has_at_most_64_lines(void **state)
{
    struct note n;
    AUTO_BUF(b, 100000);

    (void)state;
    buf_text(&b, "text\n\n");
    for (int i = 0; i < 65; i++) {
        if (i == 64)
            assert_int_equal(note_parse(buf_get(&b), NOTE_MAX, &n, NULL), 0);
        buf_printf(&b, "\xe2\x80\x94 n%d AAAAAAA=\n", i);
    }
    assert_int_equal(note_parse(buf_get(&b), NOTE_MAX, &n, NULL), ERR_LIMIT);
}

/* ---- checkpoints ---- */

static void
checkpoints_have_one_form(void **state)
{
    static const char *const bad[] = {"o\n1\n",     "o\n01\nx\n",   "\n1\nx\n",
                                      "o\n-1\nx\n", "o\n1\nAAAA\n", "o\n9223372036854775808\n"};
    struct checkpoint c;
    struct hash root = sha256_of("", 0);
    AUTO_BUF(b, 1000);

    (void)state;
    buf_checkpoint(&b, SLICE("o"), 0, &root);
    assert_true(slice_is(buf_get(&b), "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"));
    assert_int_equal(checkpoint_parse(buf_get(&b), &c), 0);
    assert_int_equal(c.extension.len, 0);
    buf_text(&b, "more\n");
    assert_int_equal(checkpoint_parse(buf_get(&b), &c), 0);
    assert_true(slice_is(c.extension, "more\n"));
    buf_text(&b, "\n");
    assert_int_equal(checkpoint_parse(buf_get(&b), &c), ERR_INVALID);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(checkpoint_parse(slice_of(bad[i]), &c), ERR_INVALID);
}

static void
every_signed_byte_counts(void **state)
{
    AUTO_BUF(b, 10000);

    (void)state;
    make_checkpoint(&b, 7);
    assert_int_equal(verify(buf_get(&b)), 0);
    for (size_t bit = 0; bit < b.len * 8; bit++) {
        b.ptr[bit / 8] = (char)(b.ptr[bit / 8] ^ (1 << bit % 8));
        assert_int_not_equal(verify(buf_get(&b)), 0);
        b.ptr[bit / 8] = (char)(b.ptr[bit / 8] ^ (1 << bit % 8));
    }
}

static void
cosigners_are_told_apart(void **state)
{
    static struct checkpoint_signed c;
    struct checkpoint_keys keys = all_keys();
    AUTO_BUF(b, 10000);
    AUTO_BUF(more, 10000);
    AUTO_BUF(all, 10000);

    (void)state;
    make_checkpoint(&b, 7);
    assert_int_equal(checkpoint_cosign(text_of(&b), &witness_key, 1774695900, &more), 0);
    assert_int_equal(checkpoint_cosign(text_of(&b), &other_key, 1774695901, &more), 0);
    assert_int_equal(note_merge(buf_get(&b), buf_get(&more), &all, NULL), 0);
    assert_int_equal(checkpoint_verify(buf_get(&all), &keys, &c, NULL), 0);
    assert_int_equal(c.checkpoint.size, 7);
    assert_int_equal(c.witness.count, 1);
    assert_int_equal(c.witness.signer[0].time, 1774695900);
    assert_int_equal(c.holder.count, 0);
    assert_int_equal(c.unchecked, 1);
    /* The same lines with the roles changed: a holder is whoever stands in that list. */
    keys = (struct checkpoint_keys){{&log_key.vkey, 1}, {NULL, 0}, {&witness_key.vkey, 1}};
    assert_int_equal(checkpoint_verify(buf_get(&all), &keys, &c, NULL), 0);
    assert_int_equal(c.holder.count, 1);
    /* Without the log's key nothing is verified. */
    keys.log = (struct vkeys){&other_key.vkey, 1};
    assert_int_equal(checkpoint_verify(buf_get(&all), &keys, &c, NULL), ERR_PROOF);
}

static void
newer_cosignatures_replace_older(void **state)
{
    static struct checkpoint_signed c;
    struct checkpoint_keys keys = all_keys();
    AUTO_BUF(b, 10000);
    AUTO_BUF(line, 10000);
    AUTO_BUF(one, 10000);
    AUTO_BUF(two, 10000);

    (void)state;
    make_checkpoint(&b, 7);
    assert_int_equal(checkpoint_cosign(text_of(&b), &witness_key, 100, &line), 0);
    assert_int_equal(note_merge(buf_get(&b), buf_get(&line), &one, NULL), 0);
    buf_reset(&line);
    assert_int_equal(checkpoint_cosign(text_of(&b), &witness_key, 200, &line), 0);
    assert_int_equal(note_merge(buf_get(&one), buf_get(&line), &two, NULL), 0);
    assert_int_equal(checkpoint_verify(buf_get(&two), &keys, &c, NULL), 0);
    assert_int_equal(c.witness.signer[0].time, 200);
    assert_int_equal(c.note.count, 2);
    /* The same line twice is refused. */
    buf_slice(&two, buf_get(&line));
    assert_int_equal(verify(buf_get(&two)), ERR_INVALID);
    assert_int_equal(note_merge(buf_get(&b), SLICE("rubbish\n"), &one, NULL), ERR_INVALID);
    assert_int_equal(note_merge(buf_get(&b), SLICE("\n\xe2\x80\x94 n AAAAAAA=\n"), &one, NULL),
                     ERR_INVALID);
}

static void
a_known_line_that_fails_refuses_the_note(void **state)
{
    AUTO_BUF(b, 10000);
    AUTO_BUF(other, 10000);

    (void)state;
    make_checkpoint(&b, 7);
    make_checkpoint(&other, 8);
    assert_int_equal(checkpoint_cosign(text_of(&other), &holder_key, 100, &b), 0);
    assert_int_equal(verify(buf_get(&b)), ERR_PROOF);
    assert_int_equal(checkpoint_cosign(text_of(&other), &log_key, 100, &b), ERR_USAGE);
    assert_int_equal(checkpoint_cosign(text_of(&other), &holder_key, UINT64_C(1) << 63, &b),
                     ERR_USAGE);
    assert_int_equal(checkpoint_cosign(SLICE("no checkpoint\n"), &holder_key, 1, &b),
                     ERR_INVALID);
}

static void
checkpoints_sign_alike_each_time(void **state)
{
    AUTO_BUF(a, 10000);
    AUTO_BUF(b, 10000);

    (void)state;
    make_checkpoint(&a, 7);
    make_checkpoint(&b, 7);
    assert_true(slice_eq(buf_get(&a), buf_get(&b)));
    assert_int_equal(checkpoint_sign(&witness_key, 7, &(struct hash){{0}}, &a), ERR_USAGE);
}

/* ---- policies ---- */

static void
add_key(struct buf *b, const char *before, const struct skey *key)
{
    buf_text(b, before);
    buf_vkey(b, &key->vkey);
    buf_char(b, '\n');
}

static void
make_policy(struct buf *b, const char *rest)
{
    buf_reset(b);
    buf_text(b, "# whom we trust\n\n");
    add_key(b, "log ", &log_key);
    add_key(b, "witness w1 ", &witness_key);
    add_key(b, "witness w2 ", &holder_key);
    add_key(b, "witness\tw3  ", &other_key);
    buf_text(b, rest);
}

static void
a_quorum_counts_witnesses(void **state)
{
    static const struct {
        const char *rest;
        unsigned signers; /* bits: w1 w2 w3 */
        bool met;
    } cases[] = {
        {"quorum none\n", 0, true},
        {"quorum w1\n", 1, true},
        {"quorum w1\n", 6, false},
        {"group g any w1 w2\nquorum g\n", 2, true},
        {"group g any w1 w2\nquorum g\n", 4, false},
        {"group g all w1 w2\nquorum g", 3, true},
        {"group g all w1 w2\nquorum g", 5, false},
        {"group g 2 w1 w2 w3\nquorum g\n", 5, true},
        {"group g 2 w1 w2 w3\nquorum g\n", 4, false},
        {"group g all w1 w2\ngroup h any g w3\nquorum h\n", 4, true},
        {"group g all w1 w2\ngroup h all g w3\nquorum h\n", 5, false},
        {"group g all w1 w2\ngroup h all g w3\nquorum h\n", 7, true},
    };
    static struct policy p;
    const struct vkey *keys[] = {&witness_key.vkey, &holder_key.vkey, &other_key.vkey};
    AUTO_BUF(b, 10000);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct note_signers s = {.count = 0};

        make_policy(&b, cases[i].rest);
        assert_int_equal(policy_parse(buf_get(&b), &p, NULL), 0);
        for (unsigned k = 0; k < 3; k++) {
            if (cases[i].signers >> k & 1)
                s.signer[s.count++].key = keys[k];
        }
        assert_int_equal(policy_met(&p, &s), cases[i].met);
        assert_int_equal(policy_keys(&p).witness.count, 3);
    }
}

static void
a_quorum_reaches_so_far(void **state)
{
    static const struct {
        const char *rest;
        uint64_t size[3];
        uint64_t reach;
    } cases[] = {
        {"quorum none\n", {0, 0, 0}, UINT64_MAX},
        {"quorum w1\n", {7, 9, 9}, 7},
        {"group g 2 w1 w2 w3\nquorum g\n", {7, 9, 3}, 7},
        {"group g 2 w1 w2 w3\nquorum g\n", {0, 9, 0}, 0},
        {"group g all w1 w2 w3\nquorum g\n", {7, 9, 3}, 3},
        {"group g any w1 w2 w3\nquorum g\n", {7, 9, 3}, 9},
        {"group g all w1 w2\ngroup h any g w3\nquorum h\n", {7, 9, 3}, 7},
    };
    static struct policy p;
    AUTO_BUF(b, 10000);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t size[POLICY_NODES] = {cases[i].size[0], cases[i].size[1], cases[i].size[2]};

        make_policy(&b, cases[i].rest);
        assert_int_equal(policy_parse(buf_get(&b), &p, NULL), 0);
        assert_int_equal(policy_reach(&p, size), cases[i].reach);
        assert_string_equal(policy_witness(&p, 2), "w3");
        assert_null(policy_witness(&p, 3));
        assert_string_equal(p.url[0], "");
    }
    buf_reset(&b);
    add_key(&b, "witness w1 ", &witness_key);
    b.len--; /* the LF */
    buf_text(&b, " https://w.example/\nquorum w1\n");
    assert_int_equal(policy_parse(buf_get(&b), &p, NULL), 0);
    assert_string_equal(p.url[0], "https://w.example/");
}

static void
odd_policies_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "quorum w4\n",
        "quorum none\nquorum none\n",
        "group g any w1 w4\nquorum g\n",
        "group g 0 w1\nquorum g\n",
        "group g 2 w1\nquorum g\n",
        "group g most w1\nquorum g\n",
        "group g any\nquorum g\n",
        "group w1 any w2\nquorum w1\n",
        "group g any g\nquorum g\n",
        "group g any w1\ngroup h any w1\nquorum h\n",
        "witness w4 rubbish\nquorum none\n",
        "trust everybody\nquorum none\n",
    };
    static struct policy p;
    struct errinfo ei = {.text = ""};
    AUTO_BUF(b, 10000);

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        make_policy(&b, bad[i]);
        assert_int_equal(policy_parse(buf_get(&b), &p, &ei), ERR_INVALID);
        assert_true(ei.text[0] != '\0');
    }
    make_policy(&b, "");
    add_key(&b, "witness w4 ", &other_key); /* one key for two names */
    buf_text(&b, "quorum none\n");
    assert_int_equal(policy_parse(buf_get(&b), &p, &ei), ERR_INVALID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_back),
        cmocka_unit_test(odd_keys_are_refused),
        cmocka_unit_test(one_key_does_one_job),
        cmocka_unit_test(notes_are_split_at_the_last_empty_line),
        cmocka_unit_test(odd_notes_are_refused),
        cmocka_unit_test(a_note_has_at_most_64_lines),
        cmocka_unit_test(checkpoints_have_one_form),
        cmocka_unit_test(every_signed_byte_counts),
        cmocka_unit_test(cosigners_are_told_apart),
        cmocka_unit_test(newer_cosignatures_replace_older),
        cmocka_unit_test(a_known_line_that_fails_refuses_the_note),
        cmocka_unit_test(checkpoints_sign_alike_each_time),
        cmocka_unit_test(a_quorum_counts_witnesses),
        cmocka_unit_test(a_quorum_reaches_so_far),
        cmocka_unit_test(odd_policies_are_refused),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
