/* Proofs made here and checked here; run with a folder as argument it writes the seeds of
 * fuzz_proof and fuzz_checkpoint there. */
#include "ledger/proof.h"

#include "ledger/commit.h"
#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "mem.h"
#include "model/event.h"
#include "unit.h"

enum { EVENTS = 5, BLOCK_AT = 3, LEAVES = 11 };

static struct skey log_key;
static struct skey witness_key;
static struct skey holder_key;

static struct event events[EVENTS];
static const char raw[] = "{\"event_type\":\"alert\"}\r";
static const uint8_t block_key[COMMIT_KEY] = {42};
static struct hash c[EVENTS];
static struct commit_event one[EVENTS];
static struct buf entry;      /* the block's leaf */
static struct buf alone;      /* checkpoint of the log alone */
static struct buf cosigned;   /* the same with a witness and a holder */
static struct tree_path path; /* of the block's leaf */

static struct slice
rule_name(void *self, uint32_t rule)
{
    (void)self;
    (void)rule;
    return SLICE("suricata:1:2030001:2");
}

static struct slice
sensor_name(void *self, uint16_t sensor)
{
    (void)self;
    (void)sensor;
    return SLICE("nl-edge-1");
}

static void
make_block(void)
{
    struct commit_names names = {NULL, rule_name, sensor_name};
    struct commit_block b = {events, EVENTS, {raw, sizeof raw - 1}, block_key, NULL, &names};
    struct leaf_total total = {SLICE("intrusion-attempts:exploit"), EVENTS, EVENTS};
    struct leaf_block leaf = {
        .block = 9, .events = EVENTS, .count = EVENTS, .totals = &total, .total_count = 1};

    for (uint32_t i = 0; i < EVENTS; i++) {
        events[i] = (struct event){.time = {1772366400000000 + i},
                                   .time_seen = {1772366400000001},
                                   .origin = addr_of_v4(0xc6336407),
                                   .target = addr_of_v4(0xc000020a),
                                   .count = 1,
                                   .raw_len = i == 4 ? 0 : sizeof raw - 1,
                                   .raw_count = 1,
                                   .class_ = CLASS_EXPLOIT,
                                   .raw_kind = i == 4 ? RAW_NONE : RAW_LINE};
    }
    assert_int_equal(commit_block(&b, c, &leaf.root), 0);
    for (uint32_t i = 0; i < EVENTS; i++)
        assert_int_equal(commit_event(&b, i, &one[i]), 0);
    leaf.first = leaf.last = events[0].time;
    buf_init(&entry, LEAF_WRITE_MAX);
    assert_int_equal(leaf_write_block(&entry, events[0].time, &leaf, NULL), 0);
}

static void
make_log(void)
{
    struct mem mem = {.calls = 0};
    struct ledger_storage s = mem_storage(&mem);
    struct ledger *l = NULL;
    struct note n;
    uint64_t index;
    AUTO_BUF(lines, NOTE_MAX);

    buf_init(&alone, NOTE_MAX);
    buf_init(&cosigned, NOTE_MAX);
    assert_int_equal(ledger_open(&s, 0, &l, NULL), 0);
    for (int i = 0; i < LEAVES; i++)
        assert_int_equal(
            ledger_append(l, i == BLOCK_AT ? buf_get(&entry) : SLICE("other"), &index), 0);
    assert_int_equal(ledger_sign(l, &log_key, &alone, NULL), 0);
    ledger_commit(l);
    assert_int_equal(ledger_prove_inclusion(l, BLOCK_AT, LEAVES, &path), 0);
    assert_int_equal(note_parse(buf_get(&alone), NOTE_MAX, &n, NULL), 0);
    assert_int_equal(checkpoint_cosign(n.text, &witness_key, 1772366460, &lines), 0);
    assert_int_equal(checkpoint_cosign(n.text, &holder_key, 1772366461, &lines), 0);
    assert_int_equal(note_merge(buf_get(&alone), buf_get(&lines), &cosigned, NULL), 0);
    l = ledger_free(l);
    mem_release(&mem);
}

static int
setup(void **state)
{
    uint8_t seed[KEY_SEED] = {1};

    (void)state;
    assert_int_equal(key_init(), 0);
    assert_int_equal(skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &log_key), 0);
    seed[0] = 2;
    assert_int_equal(skey_make(SLICE("b.example/witness"), KEY_COSIGN, seed, &witness_key), 0);
    seed[0] = 3;
    assert_int_equal(skey_make(SLICE("b.example/holder"), KEY_COSIGN, seed, &holder_key), 0);
    make_block();
    make_log();
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    buf_release(&entry);
    buf_release(&alone);
    buf_release(&cosigned);
    return 0;
}

static struct proof_event
opened(uint32_t i)
{
    const struct commit_event *e = &one[i];

    return (struct proof_event){.public_ = {e->public_, e->public_len},
                                .private_ = {e->private_, e->private_len},
                                .target = {e->target, e->target_len},
                                .raw = e->raw,
                                .salt_public = &e->salt[COMMIT_PUBLIC],
                                .salt_private = &e->salt[COMMIT_PRIVATE],
                                .salt_target = &e->salt[COMMIT_TARGET],
                                .salt_raw = &e->salt[COMMIT_RAW],
                                .private_hash = &e->private_hash};
}

static int
write_proof(struct buf *b, const struct proof_event *e, uint32_t i, enum proof_show show,
            const struct buf *checkpoint)
{
    AUTO_BUF(tlog, PROOF_MAX);
    struct proof_make m = {.origin = SLICE("a.example/log"),
                           .entry = buf_get(&entry),
                           .index = i,
                           .events = EVENTS,
                           .commitments = c,
                           .event = *e,
                           .show = show};

    buf_reset(b);
    tlog_proof_write(&tlog, BLOCK_AT, &path, buf_get(checkpoint));
    m.tlog_proof = buf_get(&tlog);
    return proof_write(b, &m);
}

static struct checkpoint_keys
keys_of(bool cosigners)
{
    return (struct checkpoint_keys){
        {&log_key.vkey, 1}, {&witness_key.vkey, cosigners}, {&holder_key.vkey, cosigners}};
}

/* ---- Tests ---- */

static void
each_view_shows_what_it_says(void **state)
{
    static const struct {
        enum proof_show show;
        bool private_, target, raw;
    } views[] = {{PROOF_RAW, true, true, true},
                 {PROOF_TARGET, true, true, false},
                 {PROOF_PRIVATE, true, false, false},
                 {PROOF_MASKED, true, false, true},
                 {PROOF_PUBLIC, false, false, false}};
    struct checkpoint_keys keys = keys_of(true);
    static struct proof p;
    AUTO_BUF(b, PROOF_MAX);

    (void)state;
    for (size_t v = 0; v < COUNT(views); v++) {
        for (uint32_t i = 0; i < EVENTS; i++) {
            struct proof_event e = opened(i);

            assert_int_equal(write_proof(&b, &e, i, views[v].show, &cosigned), 0);
            assert_int_equal(proof_verify(buf_get(&b), &keys, &p, NULL), 0);
            assert_true(p.block == 9 && p.index == i && p.events == EVENTS);
            assert_int_equal(p.leaf_index, BLOCK_AT);
            assert_true(slice_eq(p.public_, e.public_));
            assert_int_equal(p.private_.len > 0, views[v].private_);
            assert_int_equal(p.target.len > 0, views[v].target);
            assert_int_equal(p.has_raw, views[v].raw && i != 4);
            if (p.has_raw)
                assert_true(slice_is(p.raw, raw));
            assert_true(hash_eq(&p.commitment, &c[i]));
            proof_release(&p);
        }
    }
}

static void
the_grade_says_who_signed(void **state)
{
    struct checkpoint_keys keys = keys_of(true);
    struct proof_event e = opened(1);
    static struct proof p;
    AUTO_BUF(b, PROOF_MAX);
    AUTO_BUF(lines, NOTE_MAX);

    (void)state;
    assert_int_equal(write_proof(&b, &e, 1, PROOF_RAW, &cosigned), 0);
    assert_int_equal(proof_verify(buf_get(&b), &keys, &p, NULL), 0);
    assert_int_equal(p.e_grade, 2);
    assert_string_equal(p.grade,
                        "E2: cosigned by b.example/witness as witness at 2026-03-01T12:01:00Z, "
                        "b.example/holder as holder at 2026-03-01T12:01:01Z");
    proof_unchecked(&p, &lines);
    assert_int_equal(lines.len, 0);
    proof_release(&p);
    keys = keys_of(false); /* who does not know the cosigners */
    assert_int_equal(proof_verify(buf_get(&b), &keys, &p, NULL), 0);
    assert_int_equal(p.e_grade, 1);
    assert_string_equal(p.grade, "E1: signed by the log alone");
    assert_int_equal(p.signed_.unchecked, 2);
    proof_unchecked(&p, &lines);
    assert_non_null(memmem(lines.ptr, lines.len, "b.example/holder", 16));
    proof_release(&p);
    keys.log = (struct vkeys){&witness_key.vkey, 1}; /* who does not know the log */
    assert_int_equal(proof_verify(buf_get(&b), &keys, &p, NULL), ERR_PROOF);
}

static void
every_bit_counts(void **state)
{
    struct checkpoint_keys keys = keys_of(true);
    struct proof_event e = opened(2);
    static struct proof p;
    AUTO_BUF(b, PROOF_MAX);

    (void)state;
    assert_int_equal(write_proof(&b, &e, 2, PROOF_RAW, &alone), 0);
    for (size_t bit = 0; bit < b.len * 8; bit++) {
        struct errinfo ei = {.text = ""};

        b.ptr[bit / 8] = (char)(b.ptr[bit / 8] ^ (1 << bit % 8));
        assert_int_equal(proof_verify(buf_get(&b), &keys, &p, &ei), ERR_PROOF);
        assert_true(ei.text[0] != '\0');
        b.ptr[bit / 8] = (char)(b.ptr[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(proof_verify(slice_sub(buf_get(&b), 0, n), &keys, &p, NULL),
                         ERR_PROOF);
}

/* After an erasure some parts are gone; what is left is still proved. */
static void
erased_parts_are_left_out(void **state)
{
    struct checkpoint_keys keys = keys_of(true);
    struct proof_event e = opened(0);
    static struct proof p;
    AUTO_BUF(b, PROOF_MAX);

    (void)state;
    e.raw = (struct slice){NULL, 0}; /* scope raw */
    e.salt_raw = NULL;
    assert_int_equal(write_proof(&b, &e, 0, PROOF_RAW, &alone), 0);
    assert_int_equal(proof_verify(buf_get(&b), &keys, &p, NULL), 0);
    assert_true(!p.has_raw && p.target.len > 0);
    proof_release(&p);
    e.private_ = e.target = (struct slice){NULL, 0}; /* scope private */
    e.salt_private = e.salt_target = NULL;
    assert_int_equal(write_proof(&b, &e, 0, PROOF_RAW, &alone), 0);
    assert_int_equal(proof_verify(buf_get(&b), &keys, &p, NULL), 0);
    assert_int_equal(p.private_.len, 0);
    proof_release(&p);
    e.private_hash = NULL;
    assert_int_equal(write_proof(&b, &e, 0, PROOF_RAW, &alone), ERR_NOTFOUND);
    e = opened(0);
    e.salt_public = NULL; /* scope all */
    assert_int_equal(write_proof(&b, &e, 0, PROOF_PUBLIC, &alone), ERR_NOTFOUND);
    e = opened(0);
    assert_int_equal(write_proof(&b, &e, EVENTS, PROOF_PUBLIC, &alone), ERR_USAGE);
}

static void
parts_of_others_do_not_fit(void **state)
{
    struct checkpoint_keys keys = keys_of(true);
    struct proof_event e = opened(0);
    static struct proof p;
    AUTO_BUF(b, PROOF_MAX);

    (void)state;
    e.salt_target = &one[1].salt[COMMIT_TARGET];
    assert_int_equal(write_proof(&b, &e, 0, PROOF_TARGET, &alone), 0);
    assert_int_equal(proof_verify(buf_get(&b), &keys, &p, NULL), ERR_PROOF);
    e = opened(0);
    e.public_ = e.target; /* a part in another's place */
    assert_int_equal(write_proof(&b, &e, 0, PROOF_TARGET, &alone), 0);
    assert_int_equal(proof_verify(buf_get(&b), &keys, &p, NULL), ERR_PROOF);
    e = opened(0);
    assert_int_equal(write_proof(&b, &e, 1, PROOF_RAW, &alone), 0);
    assert_int_equal(proof_verify(buf_get(&b), &keys, &p, NULL), ERR_PROOF);
}

static void
tlog_proofs_have_one_form(void **state)
{
    static const char *const bad[] = {
        "",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nx",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx",
    };
    struct tlog_proof t;
    AUTO_BUF(b, PROOF_MAX);

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(tlog_proof_parse(slice_of(bad[i]), &t), ERR_INVALID);
    tlog_proof_write(&b, BLOCK_AT, &path, buf_get(&cosigned));
    assert_int_equal(tlog_proof_parse(buf_get(&b), &t), 0);
    assert_true(t.index == BLOCK_AT && t.path.count == path.count);
    assert_true(slice_eq(t.checkpoint, buf_get(&cosigned)));
}

/* ---- Seeds ---- */

static void
save(const char *folder, const char *name, struct slice bytes)
{
    char file[512];
    FILE *f;

    (void)snprintf(file, sizeof file, "%s/%s", folder, name);
    f = fopen(file, "wb");
    BUG_ON(f == NULL || fwrite(bytes.ptr, 1, bytes.len, f) != bytes.len || fclose(f) != 0);
}

static int
write_seeds(const char *folder)
{
    AUTO_BUF(b, PROOF_MAX);
    struct proof_event e = opened(1);

    (void)setup(NULL);
    e = opened(1);
    BUG_ON(write_proof(&b, &e, 1, PROOF_RAW, &alone) < 0);
    save(folder, "seed_proof/raw", buf_get(&b));
    BUG_ON(write_proof(&b, &e, 1, PROOF_PUBLIC, &cosigned) < 0);
    save(folder, "seed_proof/public", buf_get(&b));
    buf_reset(&b);
    tlog_proof_write(&b, BLOCK_AT, &path, buf_get(&alone));
    save(folder, "seed_proof/tlog", buf_get(&b));
    save(folder, "seed_checkpoint/alone", buf_get(&alone));
    save(folder, "seed_checkpoint/cosigned", buf_get(&cosigned));
    save(folder, "seed_leaf/block", buf_get(&entry));
    return teardown(NULL);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_view_shows_what_it_says),
        cmocka_unit_test(the_grade_says_who_signed),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(erased_parts_are_left_out),
        cmocka_unit_test(parts_of_others_do_not_fit),
        cmocka_unit_test(tlog_proofs_have_one_form),
    };

    if (argc == 2)
        return write_seeds(argv[1]);
    return cmocka_run_group_tests(tests, setup, teardown);
}
