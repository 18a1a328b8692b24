/* Statements, forks, proofs of messages and bundles: written, read again, and refused when
 * anything is other than it should be. */
#include "party.h"

#include <stdio.h>
#include <stdlib.h>

#include "exchange/bundle.h"
#include "exchange/fork.h"
#include "exchange/message_proof.h"
#include "exchange/statement.h"
#include "ledger/leaf.h"
#include "note/checkpoint.h"

/* ---- statements ---- */

static const struct hash some = {{7}};

static int
seen_note(struct buf *b, const char *party, const struct skey *key)
{
    const struct leaf_value v[] = {LEAF_TEXT("pact", SLICE("aland-bland")),
                                   LEAF_TEXT("party", slice_of(party)),
                                   LEAF_NUMBER("sequence", 1), LEAF_HASH("sha256", &some)};

    buf_reset(b);
    return statement_write(b, STATEMENT_SEEN, AT(0), (struct leaf_values){v, COUNT(v)}, key,
                           NULL);
}

static void
seen_is_said_by_the_other(void **state)
{
    struct envelope_terms t = party_terms();
    struct role_key keys[] = {{SLICE("bland"), bland.vkey, AT(10), AT(20)}};
    struct statement s;
    struct hash h;
    uint64_t n;
    AUTO_BUF(b, NOTE_MAX);

    (void)state;
    assert_int_equal(seen_note(&b, "aland", &bland), 0);
    assert_int_equal(statement_verify(buf_get(&b), STATEMENT_SEEN, t.message, AT(0), &s, NULL),
                     0);
    assert_true(slice_is(s.by->party, "bland") && s.at.us == AT(0).us);
    assert_true(statement_hash(&s, "sha256", &h) == 0 && hash_eq(&h, &some));
    assert_true(statement_number(&s, "sequence", &n) == 0 && n == 1);
    assert_int_equal(statement_number(&s, "party", &n), ERR_NOTFOUND);
    h = sha256_of(s.text.ptr, s.text.len);
    assert_true(hash_eq(&h, &s.hash));
    assert_int_equal(
        statement_verify(buf_get(&b), STATEMENT_FETCHED, t.message, AT(0), &s, NULL),
        ERR_INVALID);
    for (int at = 9; at <= 20; at++) /* only while the key holds */
        assert_int_equal(statement_verify(buf_get(&b), STATEMENT_SEEN,
                                          (struct role_keys){keys, 1}, AT(at), &s, NULL),
                         at >= 10 && at < 20 ? 0 : ERR_PROOF);
    assert_int_equal(seen_note(&b, "aland", &aland), 0); /* of one's own annex */
    assert_int_equal(statement_verify(buf_get(&b), STATEMENT_SEEN, t.message, AT(0), &s, NULL),
                     ERR_PROOF);
    assert_int_equal(seen_note(&b, "Aland", &bland), ERR_INVALID);
    assert_int_equal(b.len, 0);
}

static int
successor_note(struct buf *b, const struct vkey *new_, const char *old, const char *reason,
               unsigned leave_out)
{
    char vkey[VKEY_TEXT];
    struct slice text = {vkey, vkey_format(new_, vkey)};
    struct leaf_value v[] = {LEAF_TEXT("pact", SLICE("aland-bland")),
                             LEAF_TEXT("party", SLICE("aland")),
                             LEAF_TEXT("old", slice_of(old)),
                             LEAF_NUMBER("old_size", 40),
                             LEAF_HASH("old_root", &some),
                             LEAF_TEXT("new", SLICE("aland.example/detente/log/2")),
                             LEAF_TEXT("new_vkey", text),
                             LEAF_NUMBER("last_block", 8),
                             LEAF_TEXT("reason", slice_of(reason))};

    buf_reset(b);
    if (leave_out < COUNT(v))
        v[leave_out] = v[COUNT(v) - 1];
    return statement_write(b, STATEMENT_SUCCESSOR, AT(0), (struct leaf_values){v, COUNT(v)},
                           &aland, NULL);
}

static void
a_successor_has_its_own_name_and_key(void **state)
{
    struct skey two = party_key("aland.example/detente/log/2", KEY_ED25519, 9);
    struct skey cosigner = party_key("aland.example/detente/log/2", KEY_COSIGN, 9);
    struct envelope_terms t = party_terms(); /* their keys stand in for the parties' */
    struct statement s;
    const char *old = "aland.example/detente/log";
    AUTO_BUF(b, NOTE_MAX);

    (void)state;
    assert_int_equal(successor_note(&b, &two.vkey, old, "key-stolen", 99), 0);
    assert_int_equal(
        statement_verify(buf_get(&b), STATEMENT_SUCCESSOR, t.message, AT(0), &s, NULL), 0);
    t.message.key++; /* of the other party */
    t.message.count = 1;
    assert_int_equal(
        statement_verify(buf_get(&b), STATEMENT_SUCCESSOR, t.message, AT(0), &s, NULL),
        ERR_PROOF);
    assert_int_equal(successor_note(&b, &two.vkey, old, "bored", 99), ERR_INVALID);
    assert_int_equal(successor_note(&b, &aland_log.vkey, old, "rename", 99), ERR_INVALID);
    assert_int_equal(successor_note(&b, &cosigner.vkey, old, "rename", 99), ERR_INVALID);
    assert_int_equal(successor_note(&b, &two.vkey, "aland.example/detente/log/2", "rename", 99),
                     ERR_INVALID);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(successor_note(&b, &two.vkey, old, "rename", i), ERR_INVALID);
}

/* ---- logs of few entries ---- */

struct small_log {
    struct hash leaf[8];
    struct buf note;
    unsigned size;
};

static void
sign_log(struct small_log *l, const struct skey *key, const struct skey *cosigner)
{
    struct hash root = tree_root(l->leaf, l->size);
    struct note n;

    buf_init(&l->note, NOTE_MAX);
    assert_int_equal(checkpoint_sign(key, l->size, &root, &l->note), 0);
    assert_int_equal(note_parse(buf_get(&l->note), NOTE_MAX, &n, NULL), 0);
    if (cosigner != NULL)
        assert_int_equal(
            checkpoint_cosign(n.text, cosigner, (uint64_t)(AT(60).us / 1000000), &l->note), 0);
}

static struct small_log
history(unsigned size, unsigned from, uint8_t mark, const struct skey *key)
{
    struct small_log l = {.size = size};

    for (unsigned i = 0; i < size; i++)
        l.leaf[i] = sha256_of2(&i, sizeof i, &mark, i >= from);
    sign_log(&l, key, NULL);
    return l;
}

/* ---- forks ---- */

static struct fork_entry
entry_of(const struct small_log *l, unsigned index)
{
    struct fork_entry e = {.leaf = l->leaf[index]};

    tree_path_of(l->leaf, l->size, index, &e.path);
    return e;
}

static void
forks_prove_themselves(void **state)
{
    struct small_log a = history(7, 4, 1, &aland_log);
    struct small_log same_size = history(7, 4, 2, &aland_log);
    struct small_log longer = history(8, 4, 2, &aland_log);
    struct small_log shorter = history(3, 4, 1, &aland_log); /* of the same history */
    struct small_log stranger = history(7, 4, 2, &bland_log);
    struct vkey keys[] = {aland_log.vkey, bland_log.vkey};
    struct vkeys log = {keys, 2};
    struct fork_make m = {.a = buf_get(&a.note), .b = buf_get(&same_size.note)};
    struct fork_entry a5 = entry_of(&a, 5);
    struct fork_entry b5 = entry_of(&longer, 5);
    struct fork f;
    AUTO_BUF(b, FORK_MAX);

    (void)state;
    assert_int_equal(fork_write(&b, &m, log, NULL), 0);
    assert_int_equal(fork_verify(buf_get(&b), log, &f, NULL), 0);
    assert_true(!f.entry && f.a_size == 7 && f.b_size == 7 && f.log == &keys[0]);
    m.b = buf_get(&longer.note);
    buf_reset(&b);
    assert_int_equal(fork_write(&b, &m, log, NULL), ERR_NOTFOUND); /* sizes alone */
    m.a_entry = &a5;
    assert_int_equal(fork_write(&b, &m, log, NULL), ERR_USAGE);
    m.b_entry = &b5;
    m.index = 5;
    assert_int_equal(fork_write(&b, &m, log, NULL), 0);
    assert_int_equal(fork_verify(buf_get(&b), log, &f, NULL), 0);
    assert_true(f.entry && f.index == 5 && f.b_size == 8);
    m.index = 6; /* the paths are of 5 */
    assert_int_equal(fork_write(&b, &m, log, NULL), ERR_PROOF);
    a5 = entry_of(&a, 2);
    b5 = entry_of(&longer, 2);
    m.index = 2; /* the same in both */
    assert_int_equal(fork_write(&b, &m, log, NULL), ERR_NOTFOUND);
    m = (struct fork_make){.a = buf_get(&a.note), .b = buf_get(&shorter.note)};
    assert_int_equal(fork_write(&b, &m, log, NULL), ERR_NOTFOUND);
    m.b = buf_get(&stranger.note); /* another log's history is none */
    assert_int_equal(fork_write(&b, &m, log, NULL), ERR_PROOF);
    buf_release(&a.note);
    buf_release(&same_size.note);
    buf_release(&longer.note);
    buf_release(&shorter.note);
    buf_release(&stranger.note);
}

/* ---- proofs of messages ---- */

struct side {
    struct small_log log;
    struct buf entry;
    struct buf tlog;
};

/* A log whose second leaf is that one, and its proof. */
static void
make_side(struct side *s, enum leaf_type type, struct leaf_values v, const struct skey *key,
          const struct skey *cosigner)
{
    struct tree_path path;

    buf_init(&s->entry, LEAF_MAX);
    buf_init(&s->tlog, PROOF_MAX);
    assert_int_equal(leaf_write(&s->entry, type, AT(10), v, NULL), 0);
    s->log.size = 3;
    s->log.leaf[0] = s->log.leaf[2] = some;
    s->log.leaf[1] = tree_leaf(buf_get(&s->entry));
    sign_log(&s->log, key, cosigner);
    tree_path_of(s->log.leaf, 3, 1, &path);
    tlog_proof_write(&s->tlog, 1, &path, buf_get(&s->log.note));
}

static void
release_side(struct side *s)
{
    buf_release(&s->entry);
    buf_release(&s->tlog);
    buf_release(&s->log.note);
}

static struct message_proof_side
side_of(const struct side *s, const struct skey *log)
{
    return (struct message_proof_side){vkey_name(&log->vkey), buf_get(&s->entry),
                                       buf_get(&s->tlog)};
}

/* The file of a message that aland logged, perhaps cosigned, and bland received. */
static void
make_proof(struct buf *b, struct buf *envelope, const struct skey *cosigner, bool received)
{
    static struct side sent;
    static struct side got;
    struct hash id = sha256_of(envelope->ptr, envelope->len);
    const struct leaf_value v[] = {LEAF_TEXT("pact", SLICE("aland-bland")),
                                   LEAF_TEXT("incident", SLICE("aland-1")),
                                   LEAF_TEXT("to", SLICE("bland")), LEAF_HASH("sha256", &id)};
    const struct leaf_value w[] = {LEAF_TEXT("pact", SLICE("aland-bland")),
                                   LEAF_TEXT("from", SLICE("aland")), LEAF_NUMBER("index", 1),
                                   LEAF_NUMBER("size", 3), LEAF_HASH("sha256", &id)};
    struct message_proof_side sides[2];

    make_side(&sent, LEAF_MESSAGE, (struct leaf_values){v, COUNT(v)}, &aland_log, cosigner);
    make_side(&got, LEAF_RECEIVED, (struct leaf_values){w, COUNT(w)}, &bland_log, NULL);
    sides[0] = side_of(&sent, &aland_log);
    sides[1] = side_of(&got, &bland_log);
    assert_int_equal(
        message_proof_write(b, buf_get(envelope), &sides[0], received ? &sides[1] : NULL), 0);
    release_side(&sent);
    release_side(&got);
}

static void
a_message_is_proved_with_its_signature(void **state)
{
    struct proof_party known[] = {
        {SLICE("aland"), {{&aland_log.vkey, 1}, {NULL, 0}, {&bland_holder.vkey, 1}}},
        {SLICE("bland"), {{&bland_log.vkey, 1}, {NULL, 0}, {NULL, 0}}}};
    struct proof_parties parties = {known, 2};
    struct envelope_terms t = party_terms();
    struct role_key late = {SLICE("aland"), aland.vkey, AT(61), {0}};
    struct role_key then = {SLICE("aland"), aland.vkey, AT(60), AT(61)};
    struct chain c = {0};
    struct message_proved p;
    AUTO_BUF(envelope, ENVELOPE_MAX);
    AUTO_BUF(b, PROOF_MAX);

    (void)state;
    say(&envelope, &c, true, MESSAGE_NOTICE, "aland-1", AT(0), good_body(MESSAGE_NOTICE));
    make_proof(&b, &envelope, NULL, false);
    assert_int_equal(message_proof_check(buf_get(&b), parties, &t, &p, NULL), 0);
    assert_true(!p.delivered && p.witnessed.us == 0 && p.envelope.type == MESSAGE_NOTICE);
    message_proof_release(&p.proof);
    buf_reset(&b);
    make_proof(&b, &envelope, &bland_holder, false);
    assert_int_equal(message_proof_check(buf_get(&b), parties, &t, &p, NULL), 0);
    assert_true(p.delivered && p.witnessed.us == AT(60).us);
    message_proof_release(&p.proof);
    t.message = (struct role_keys){&late, 1}; /* its key held only after the cosignature */
    assert_int_equal(message_proof_check(buf_get(&b), parties, &t, &p, NULL), ERR_PROOF);
    t.message = (struct role_keys){&then, 1}; /* not yet when it says that it was written */
    assert_int_equal(message_proof_check(buf_get(&b), parties, &t, &p, NULL), 0);
    message_proof_release(&p.proof);
    t = party_terms();
    buf_reset(&b);
    make_proof(&b, &envelope, NULL, true);
    assert_int_equal(message_proof_check(buf_get(&b), parties, &t, &p, NULL), 0);
    assert_true(p.delivered);
    message_proof_release(&p.proof);
    buf_reset(&b);
    memcpy(memmem(envelope.ptr, envelope.len, "\"packets\":61", 12), "\"packets\":62", 12);
    make_proof(&b, &envelope, NULL, true); /* both logged what nobody signed */
    assert_int_equal(message_proof_check(buf_get(&b), parties, &t, &p, NULL), ERR_PROOF);
}

/* ---- bundles ---- */

enum { FILES = 6 };

struct pack {
    struct bundle_file file[FILES];
    char path[FILES][128];
    char bytes[FILES][2000];
    unsigned taken;
    int fail_at; /* take() fails there */
    struct buf out;
};

static struct pack pack_;
static bool had_head; /* the manifest was taken */

static void
add_file(struct pack *p, unsigned i, const char *path, size_t size)
{
    (void)snprintf(p->path[i], sizeof p->path[i], "%s", path);
    for (size_t k = 0; k < size; k++)
        p->bytes[i][k] = (char)('a' + (k + i) % 26);
    p->file[i] = (struct bundle_file){slice_of(p->path[i]), size, sha256_of(p->bytes[i], size)};
}

static int
get_file(void *arg, const struct bundle_file *f, struct buf *b)
{
    struct pack *p = arg;

    buf_add(b, p->bytes[f - p->file], (size_t)f->size);
    return 0;
}

static int
put_bytes(void *arg, struct slice bytes)
{
    buf_slice(&((struct pack *)arg)->out, bytes);
    return 0;
}

static int
take_file(void *arg, struct slice path, struct slice bytes)
{
    struct pack *p = arg;

    if (p->fail_at == (int)p->taken)
        return ERR_FULL;
    for (unsigned i = 0; i < FILES; i++) {
        if (slice_eq(path, p->file[i].path)) {
            assert_true(slice_eq(bytes, (struct slice){p->bytes[i], bytes.len}));
            assert_int_equal(bytes.len, p->file[i].size);
            p->taken++;
            return 0;
        }
    }
    fail_msg("a file that was not packed: %.*s", (int)path.len, path.ptr);
    return 0;
}

static struct bundle_make
pack(void)
{
    struct pack *p = &pack_;

    buf_release(&p->out);
    memset(p, 0, sizeof *p);
    p->fail_at = -1;
    buf_init(&p->out, 1 << 20);
    add_file(p, 0, "log/tile/entries/000.p/1", 512); /* a whole block: no padding */
    add_file(p, 1, "log/tile/0/000.p/2", 64);
    add_file(p, 2, "log/checkpoint", 700);
    add_file(p, 3, "pact/aland-bland/pact", 0); /* empty: no data */
    add_file(p, 4, "pact/aland-bland/annex/aland/12", 1025);
    add_file(p, 5, "witness/add-checkpoint", 1);
    return (struct bundle_make){.at = AT(0),
                                .pact = SLICE("aland-bland"),
                                .from = SLICE("aland"),
                                .to = SLICE("bland"),
                                .file = p->file,
                                .files = FILES,
                                .key = &aland,
                                .get = get_file,
                                .put = put_bytes,
                                .arg = p};
}

static int
unpack(struct slice tar, size_t piece)
{
    struct bundle_terms t = {SLICE("aland-bland"), SLICE("bland"), party_terms().message};
    struct bundle_reader r;
    int err = 0;

    pack_.taken = 0;
    bundle_reader_init(&r, &t, take_file, &pack_);
    for (size_t i = 0; err == 0 && i < tar.len; i += piece)
        err = bundle_push(&r, slice_sub(tar, i, piece), NULL);
    if (err == 0)
        err = bundle_end(&r, NULL);
    else
        assert_int_equal(bundle_push(&r, SLICE("x"), NULL), err); /* it stays so */
    had_head = r.has_head;
    if (err == 0) {
        assert_true(slice_is(r.head.by->party, "aland"));
        assert_true(role_key_holds(r.head.by, r.head.at));
    }
    bundle_reader_release(&r);
    return err;
}

/* What a key's time is asked for when objects are taken. */
static void
keys_hold_from_and_until(void **state)
{
    struct role_key k = {.from = AT(10), .until = AT(20)};

    (void)state;
    assert_false(role_key_holds(&k, AT(9)));
    assert_true(role_key_holds(&k, AT(10)));
    assert_true(role_key_holds(&k, AT(19)));
    assert_false(role_key_holds(&k, AT(20)));
    k.until.us = 0;
    assert_true(role_key_holds(&k, AT(1000)));
}

static void
a_bundle_comes_back(void **state)
{
    struct bundle_make m = pack();
    AUTO_BUF(first, 1 << 20);

    (void)state;
    assert_int_equal(bundle_write(&m, NULL), 0);
    buf_slice(&first, buf_get(&pack_.out));
    assert_int_equal(first.len % 10240, 0);
    for (size_t piece = 1; piece < 1300; piece += 101) {
        assert_int_equal(unpack(buf_get(&first), piece), 0);
        assert_int_equal(pack_.taken, FILES);
    }
    buf_reset(&pack_.out);
    assert_int_equal(bundle_write(&m, NULL), 0);
    assert_true(slice_eq(buf_get(&first), buf_get(&pack_.out)));
    pack_.fail_at = 3;
    assert_int_equal(unpack(buf_get(&first), 512), ERR_FULL);
}

/* Bytes that readers do not look at: mode, owner, time, and the sum over them. */
static bool
is_free(size_t in_block)
{
    return (in_block >= 100 && in_block < 124) || (in_block >= 136 && in_block < 148) ||
           (in_block >= 265 && in_block < 345);
}

static void
every_other_bit_counts(void **state)
{
    struct bundle_make m = pack();
    struct slice tar;

    (void)state;
    assert_int_equal(bundle_write(&m, NULL), 0);
    tar = buf_get(&pack_.out);
    for (size_t i = 0; i < tar.len; i++) {
        pack_.out.ptr[i] ^= (char)(1 << i % 8);
        assert_int_not_equal(unpack(tar, 4096), 0);
        pack_.out.ptr[i] ^= (char)(1 << i % 8);
    }
    assert_int_equal(unpack(tar, 4096), 0);
}

static void
put_sum(char *header)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)header[i];
    (void)snprintf(header + 148, 8, "%06o", sum & 0777777);
    header[155] = ' ';
}

/* The same with the sum made right: now only what the header says is wrong. */
static void
headers_are_strict(void **state)
{
    struct bundle_make m = pack();
    struct slice tar;
    char *header;
    unsigned taken = 0;

    (void)state;
    assert_int_equal(bundle_write(&m, NULL), 0);
    tar = buf_get(&pack_.out);
    header = pack_.out.ptr + 512 + (tar.len > 0 ? 1024 : 0); /* behind the manifest … */
    while (memcmp(header, "log/checkpoint", 14) != 0)        /* … and its padding */
        header += 512;
    for (unsigned i = 0; i < 512; i++) {
        char was[512];
        int err;

        memcpy(was, header, 512);
        header[i] ^= 1;
        put_sum(header);
        err = unpack(tar, 4096);
        if (err == 0 && !is_free(i) && (i < 148 || i >= 156))
            fail_msg("a header with another byte %u is taken", i);
        taken += err == 0;
        memcpy(header, was, 512);
    }
    assert_true(taken > 100); /* mode, owner and time are the archiver's */
}

static void
what_no_bundle_has_is_not_packed(void **state)
{
    static const char *const paths[] = {
        "manifest",
        "log/../x",
        "/log/checkpoint",
        "taxii2/x",
        "pact/other/pact",
        "",
        ("pact/aland-bland/message/"
         "0000000000000000000000000000000000000000000000000000000000000000")};
    struct bundle_make m = pack();
    struct errinfo ei = {.text = ""};

    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        m = pack();
        add_file(&pack_, 2, paths[i], 5);
        assert_int_equal(bundle_write(&m, &ei), ERR_INVALID);
        assert_true(ei.text[0] != '\0');
        assert_int_equal(pack_.out.len, 0);
    }
    m = pack();
    add_file(&pack_, 2, pack_.path[4], 5);
    assert_int_equal(bundle_write(&m, &ei), ERR_INVALID); /* twice */
    m = pack();
    pack_.file[1].size = 32; /* a tile of two hashes has 64 */
    assert_int_equal(bundle_write(&m, &ei), ERR_INVALID);
    m = pack();
    pack_.file[2].size++; /* not what get() gives */
    assert_int_equal(bundle_write(&m, &ei), ERR_INVALID);
    m = pack();
    m.to = m.from;
    assert_int_equal(bundle_write(&m, &ei), ERR_INVALID);
}

/* An archive of a manifest with those rows, and nothing else. */
static int
with_rows(const char *rows)
{
    const struct leaf_value v[] = {
        LEAF_TEXT("pact", SLICE("aland-bland")), LEAF_TEXT("from", SLICE("aland")),
        LEAF_TEXT("to", SLICE("bland")), LEAF_JSON("files", slice_of(rows))};
    struct bundle_make m = pack();
    char header[512];
    size_t padding;
    AUTO_BUF(note, 1 << 16);
    AUTO_BUF(tar, 1 << 20);

    assert_int_equal(statement_write(&note, STATEMENT_BUNDLE, AT(0), (struct leaf_values){v, 4},
                                     &aland, NULL),
                     0);
    m.files = 0;
    assert_int_equal(bundle_write(&m, NULL), 0);
    memcpy(header, pack_.out.ptr, 512);
    (void)snprintf(header + 124, 12, "%011o", (unsigned)note.len);
    put_sum(header);
    buf_add(&tar, header, 512);
    buf_slice(&tar, buf_get(&note));
    padding = (512 - note.len % 512) % 512;
    memset(header, 0, sizeof header);
    buf_add(&tar, header, padding);
    buf_add(&tar, header, 512);
    buf_add(&tar, header, 512);
    return unpack(buf_get(&tar), 512);
}

#define H0 "\"1111111111111111111111111111111111111111111111111111111111111111\""
#define H1 "\"2222222222222222222222222222222222222222222222222222222222222222\""

static void
manifests_are_strict(void **state)
{
    static const char *const refused[] = {
        "[[\"log/checkpoint\",1," H0 "]]", /* missing behind it */
        "[[\"log/checkpoint\",1," H0 "],[\"log/checkpoint\",1," H0 "]]",
        "[[\"witness/add-checkpoint\",1," H0 "],[\"log/checkpoint\",1," H0 "]]",
        "[[\"log/checkpoint\",1," H0 ",1]]",
        "[[\"log/checkpoint\",1]]",
        "[[\"log/checkpoint\",-1," H0 "]]",
        "[[\"log/checkpoint\",1,\"\"]]",
        "[[\"log/checkpoint\",131073," H0 "]]",
        "[[\"log/tile/0/000\",8191," H0 "]]",
        "[[\"pact/aland-bland/message/"
        "1111111111111111111111111111111111111111111111111111111111"
        "111111\",1," H1 "]]",
        "[[\"pact/aland-cland/pact\",1," H0 "]]",
        "[[\"manifest\",1," H0 "]]",
        "[{}]",
        "[1]",
    };

    (void)state;
    assert_int_equal(with_rows("[]"), 0);
    for (size_t i = 0; i < COUNT(refused); i++) {
        if (with_rows(refused[i]) != ERR_INVALID)
            fail_msg("%s", refused[i]);
        assert_int_equal(had_head, i == 0);
    }
}

#define BOX "pact/aland-bland/collection/01234567-89ab-4cde-8f01-23456789abcd"

/* With more rows than come, and told by name: each of these is right but for one thing. */
static void
sizes_are_those_of_the_kind(void **state)
{
    static const char *const rows[][2] = {
        {"[[\"log/tile/0/000\",8191," H0 "]]", "[[\"log/tile/0/000\",8192," H0 "]]"},
        {"[[\"log/checkpoint\",131073," H0 "]]", "[[\"log/checkpoint\",131072," H0 "]]"},
        {"[[\"pact/aland-bland/message/"
         "1111111111111111111111111111111111111111111111111111111111111111"
         "\",61441," H0 "]]",
         "[[\"pact/aland-bland/message/"
         "1111111111111111111111111111111111111111111111111111111111111111"
         "\",61440," H0 "]]"},
        {"[[\"" BOX "/00001\",16777473," H0 "]]", "[[\"" BOX "/00001\",16777472," H0 "]]"},
        {"[[\"" BOX "/about\",16385," H0 "]]", "[[\"" BOX "/about\",16384," H0 "]]"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(with_rows(rows[i][0]), ERR_INVALID);
        assert_false(had_head);
        assert_int_equal(with_rows(rows[i][1]), ERR_INVALID); /* for the file is missing */
        assert_true(had_head);
    }
}

static void
long_paths_are_split(void **state)
{
    char path[200];
    struct hash h = sha256_of("abcde", 5);
    struct bundle_make m = pack();
    size_t n =
        (size_t)snprintf(path, sizeof path, "pact/%s/message/",
                         "a234567890-a234567890-a234567890-a234567890-a234567890-a23456789");
    char hex[65];

    (void)state;
    for (unsigned i = 0; i < 32; i++)
        (void)snprintf(hex + (size_t)2 * i, 3, "%02x", h.byte[i]);
    (void)snprintf(path + n, sizeof path - n, "%s", hex);
    m.pact = slice_sub(slice_of(path), 5, n - 14);
    m.files = 1;
    (void)snprintf(pack_.path[0], sizeof pack_.path[0], "%.127s", path);
    pack_.file[0] = (struct bundle_file){slice_of(path), 5, h};
    memcpy(pack_.bytes[0], "abcde", 5);
    assert_int_equal(bundle_write(&m, NULL), 0);
    {
        struct bundle_terms t = {m.pact, SLICE("bland"), party_terms().message};
        struct bundle_reader r;

        bundle_reader_init(&r, &t, take_file, &pack_);
        assert_int_equal(bundle_push(&r, buf_get(&pack_.out), NULL), 0);
        assert_int_equal(bundle_end(&r, NULL), 0);
        assert_int_equal(pack_.taken, 1);
        bundle_reader_release(&r);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seen_is_said_by_the_other),
        cmocka_unit_test(a_successor_has_its_own_name_and_key),
        cmocka_unit_test(forks_prove_themselves),
        cmocka_unit_test(a_message_is_proved_with_its_signature),
        cmocka_unit_test(keys_hold_from_and_until),
        cmocka_unit_test(a_bundle_comes_back),
        cmocka_unit_test(every_other_bit_counts),
        cmocka_unit_test(headers_are_strict),
        cmocka_unit_test(what_no_bundle_has_is_not_packed),
        cmocka_unit_test(manifests_are_strict),
        cmocka_unit_test(sizes_are_those_of_the_kind),
        cmocka_unit_test(long_paths_are_split),
    };
    int failed = cmocka_run_group_tests(tests, parties_make, NULL);

    buf_release(&pack_.out);
    return failed;
}
