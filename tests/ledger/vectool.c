/* Answers one line for each line it is asked: lets vectors.py put the golden vectors to the
 * library without a JSON reader here.  Bytes travel as hex, none as `-`. */
#include <stdio.h>

#include "ledger/commit.h"
#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "mem.h"
#include "model/addr.h"
#include "model/event.h"
#include "model/text.h"
#include "note/checkpoint.h"
#include "wire/base64.h"
#include "wire/hex.h"
#include "wire/jcs.h"

enum { ARGS = 128, KEYS = 16 };

struct tool {
    struct slice arg[ARGS]; /* words of the line */
    unsigned count;
    struct buf bytes; /* decoded arguments */
    struct mem mem;
    struct ledger *ledger;
    struct event event[EVENTS_PER_BLOCK];
    struct buf rule[EVENTS_PER_BLOCK];
    struct buf sensor[EVENTS_PER_BLOCK];
    uint32_t events;
    struct buf raw;
};

/* The bytes of an argument; they stay where they are until the line is done. */
static struct slice
bytes_of(struct tool *t, unsigned i)
{
    size_t n;
    char *to;

    if (i >= t->count || slice_is(t->arg[i], "-"))
        return (struct slice){"", 0};
    n = t->arg[i].len / 2;
    to = buf_reserve(&t->bytes, n);
    if (to == NULL || hex_decode(t->arg[i], to, n) < 0)
        return (struct slice){"", 0};
    buf_wrote(&t->bytes, n);
    return (struct slice){to, n};
}

static uint64_t
number_of(const struct tool *t, unsigned i)
{
    uint64_t n = 0;

    if (i >= t->count || text_number(t->arg[i], INT64_MAX, &n) < 0)
        return UINT64_MAX;
    return n;
}

static void
say_hex(struct slice s)
{
    printf(" ");
    if (s.len == 0)
        printf("-");
    for (size_t i = 0; i < s.len; i++)
        printf("%02x", (unsigned char)s.ptr[i]);
}

static void
say_hash(const struct hash *h)
{
    say_hex((struct slice){(const char *)h->byte, SHA256_SIZE});
}

static bool
hash_of(struct tool *t, unsigned i, struct hash *ret)
{
    struct slice s = bytes_of(t, i);

    if (s.len != SHA256_SIZE)
        return false;
    memcpy(ret->byte, s.ptr, s.len);
    return true;
}

static void
do_jcs(struct tool *t)
{
    struct slice in = bytes_of(t, 1);
    AUTO_BUF(out, 1 << 22);
    AUTO_BUF(again, 1 << 22);
    enum jcs_fault check = jcs_check(in, NULL);
    enum jcs_fault fault = jcs_canonical(in, &out, NULL);

    if (fault != JCS_OK) {
        printf("error %s %s\n", jcs_fault_name(fault), jcs_fault_name(check));
        return;
    }
    BUG_ON(jcs_canonical(buf_get(&out), &again, NULL) != JCS_OK ||
           !slice_eq(buf_get(&out), buf_get(&again)));
    printf("ok");
    say_hex(buf_get(&out));
    printf(" %s\n", jcs_fault_name(check));
}

static void
do_grammar(struct tool *t)
{
    struct slice what = t->arg[1];
    struct slice s = bytes_of(t, 2);
    struct addr a;
    struct utime time;
    struct incident_id incident;
    struct event_id event;
    char text[64];

    if (slice_is(what, "address") && addr_parse(s, &a) == 0)
        printf("ok %.*s\n", (int)addr_format(&a, text), text);
    else if (slice_is(what, "time") && time_parse(s, &time) == 0) {
        time_format(time, text);
        printf("ok %.27s\n", text);
    } else if (slice_is(what, "party") && text_is_party(s))
        printf("ok\n");
    else if (slice_is(what, "incident") && incident_id_parse(s, &incident) == 0)
        printf("ok %s %llu\n", incident.notifier, (unsigned long long)incident.n);
    else if (slice_is(what, "event_id") && event_id_parse(s, &event) == 0)
        printf("ok %llu %u\n", (unsigned long long)event.block, event.index);
    else if (slice_is(what, "path") && text_is_bundle_path(s))
        printf("ok\n");
    else
        printf("bad\n");
}

static struct slice
rule_name(void *self, uint32_t rule)
{
    struct tool *t = self;

    return buf_get(&t->rule[rule]);
}

static struct slice
sensor_name(void *self, uint16_t sensor)
{
    struct tool *t = self;

    return buf_get(&t->sensor[sensor]);
}

static uint8_t
raw_kind_of(struct slice name)
{
    for (int k = RAW_NONE; k <= RAW_PACKET; k++) {
        if (slice_is(name, raw_kind_name((enum raw_kind)k)))
            return (uint8_t)k;
    }
    return UINT8_MAX;
}

/* event TIME SEEN KIND CLASS SEVERITY COUNT ASN CC GRADE FLAGS | ORIGIN PORT PROTO RULE
 * RAWKIND RAWINDEX RAWCOUNT | TARGET PORT ASN CC SENSOR | RAW   (texts in hex) */
static void
do_event(struct tool *t)
{
    struct event *e = &t->event[t->events];
    struct slice raw = bytes_of(t, 23);

    *e = (struct event){.kind = (uint8_t)event_kind_find(bytes_of(t, 3)),
                        .class_ = (uint8_t)event_class_find(bytes_of(t, 4)),
                        .severity = (uint8_t)number_of(t, 5),
                        .count = (uint32_t)number_of(t, 6),
                        .origin_asn = (uint32_t)number_of(t, 7),
                        .origin_country = country_parse(bytes_of(t, 8)),
                        .grade = (uint8_t)number_of(t, 9),
                        .flags = (uint16_t)number_of(t, 10),
                        .origin_port = (uint16_t)number_of(t, 12),
                        .protocol = (uint8_t)number_of(t, 13),
                        .raw_kind = raw_kind_of(bytes_of(t, 15)),
                        .raw_index = (uint16_t)number_of(t, 16),
                        .raw_count = (uint16_t)number_of(t, 17),
                        .target_port = (uint16_t)number_of(t, 19),
                        .target_asn = (uint32_t)number_of(t, 20),
                        .target_country = country_parse(bytes_of(t, 21)),
                        .rule = t->events,
                        .sensor = (uint16_t)t->events,
                        .raw_at = (uint32_t)t->raw.len,
                        .raw_len = (uint32_t)raw.len};
    bool good = time_parse(bytes_of(t, 1), &e->time) == 0 &&
                time_parse(bytes_of(t, 2), &e->time_seen) == 0 &&
                addr_parse(bytes_of(t, 11), &e->origin) == 0 &&
                addr_parse(bytes_of(t, 18), &e->target) == 0;

    buf_init(&t->rule[t->events], 4096);
    buf_init(&t->sensor[t->events], 4096);
    buf_slice(&t->rule[t->events], bytes_of(t, 14));
    buf_slice(&t->sensor[t->events], bytes_of(t, 22));
    buf_slice(&t->raw, raw);
    t->events++;
    printf(good ? "ok\n" : "bad\n");
}

/* block KEY: root, then per event c, parts, salts and hashes. */
static void
do_block(struct tool *t)
{
    static struct hash c[EVENTS_PER_BLOCK];
    static struct commit_event one;
    struct slice key = bytes_of(t, 1);
    struct commit_names names = {t, rule_name, sensor_name};
    struct commit_block b = {t->event, t->events, buf_get(&t->raw), (const uint8_t *)key.ptr,
                             NULL,     &names};
    struct hash root;

    if (key.len != COMMIT_KEY || commit_block(&b, c, &root) < 0) {
        printf("bad\n");
        return;
    }
    printf("ok");
    say_hash(&root);
    for (uint32_t i = 0; i < t->events; i++) {
        if (commit_event(&b, i, &one) < 0 || !hash_eq(&one.commitment, &c[i]))
            printf(" differs");
        say_hash(&c[i]);
        say_hex((struct slice){one.public_, one.public_len});
        say_hex((struct slice){one.private_, one.private_len});
        say_hex((struct slice){one.target, one.target_len});
        for (int p = COMMIT_PUBLIC; p <= COMMIT_TARGET; p++)
            say_hash(&one.salt[p]);
        say_hash(&one.public_hash);
        say_hash(&one.private_hash);
        struct tree_path path;
        tree_path_of(c, t->events, i, &path);
        printf(" %u", path.count);
        for (unsigned k = 0; k < path.count; k++)
            say_hash(&path.hash[k]);
        BUG_ON(tree_check_inclusion(i, t->events, &c[i], &path, &root) < 0);
    }
    printf("\n");
    t->events = 0;
}

/* blocktree N: the root by the rule of block-trees.json. */
static void
do_blocktree(struct tool *t)
{
    static struct hash c[EVENTS_PER_BLOCK];
    uint64_t n = number_of(t, 1);
    struct hash root;

    for (uint64_t i = 0; i < n && i < EVENTS_PER_BLOCK; i++) {
        char p[16];
        char v[16];
        struct hash ph = sha256_of(p, (size_t)snprintf(p, sizeof p, "p%u", (unsigned)i));
        struct hash vh = sha256_of(v, (size_t)snprintf(v, sizeof v, "v%u", (unsigned)i));

        c[i] = commit_of(&ph, &vh);
    }
    root = tree_root(c, n);
    printf("ok");
    say_hash(&root);
    printf("\n");
}

/* Known leaves are written anew from their fields, and must come out the same. */
static bool
rewrites(const struct leaf *l, struct slice entry)
{
    struct leaf_value values[32];
    struct jcs_iter it = jcs_iter(l->body);
    struct slice key;
    struct slice value;
    char names[32][32];
    unsigned n = 0;
    AUTO_BUF(out, LEAF_MAX);

    while (jcs_member(&it, &key, &value)) {
        (void)snprintf(names[n], sizeof names[n], "%.*s", (int)key.len, key.ptr);
        values[n] = (struct leaf_value)LEAF_JSON(names[n], value);
        n++;
    }
    if (leaf_write(&out, l->type, l->at, (struct leaf_values){values, n}, NULL) < 0)
        return false;
    return slice_eq(buf_get(&out), entry);
}

static void
do_leaf(struct tool *t)
{
    struct slice entry = bytes_of(t, 1);
    struct hash h = tree_leaf(entry);
    struct leaf l;

    leaf_read(entry, &l);
    printf("%s %.*s %llu", leaf_reading_name(l.reading), (int)l.type_name.len,
           l.type_name.len == 0 ? "" : l.type_name.ptr, (unsigned long long)l.version);
    say_hash(&h);
    printf(" %s\n", l.reading == LEAF_KNOWN && !rewrites(&l, entry) ? "differs" : "same");
}

/* opening COMMITMENT SALT OPENED KIND */
static void
do_opening(struct tool *t)
{
    struct slice salt = bytes_of(t, 2);
    struct hash c;
    char kind[32];

    (void)snprintf(kind, sizeof kind, "%.*s", (int)t->arg[4].len, t->arg[4].ptr);
    printf(hash_of(t, 1, &c) && salt.len == LEAF_SALT &&
                   leaf_commit_check(&c, (const uint8_t *)salt.ptr, bytes_of(t, 3), kind) == 0
               ? "ok\n"
               : "bad\n");
}

/* Verifier keys in one argument, separated by commas; `-` none. */
static struct vkeys
keys_of(struct tool *t, unsigned i, struct vkey keys[KEYS])
{
    struct slice rest = i < t->count ? t->arg[i] : (struct slice){0};
    unsigned n = 0;

    while (rest.len > 0 && !slice_is(rest, "-") && n < KEYS) {
        const char *comma = memchr(rest.ptr, ',', rest.len);
        size_t len = comma == NULL ? rest.len : (size_t)(comma - rest.ptr);

        BUG_ON(vkey_parse(slice_sub(rest, 0, len), &keys[n++]) < 0);
        rest = slice_sub(rest, len + 1, rest.len);
    }
    return (struct vkeys){keys, n};
}

static void
say_signers(const char *role, const struct note_signers *s)
{
    printf(" %s=", role);
    for (unsigned i = 0; i < s->count; i++)
        printf("%s%s", i == 0 ? "" : ",", s->signer[i].key->name);
}

/* checkpoint NOTE LOG WITNESSES HOLDERS */
static void
do_checkpoint(struct tool *t)
{
    static struct vkey keys[3][KEYS];
    static struct checkpoint_signed c;
    struct checkpoint_keys k = {keys_of(t, 2, keys[0]), keys_of(t, 3, keys[1]),
                                keys_of(t, 4, keys[2])};
    struct errinfo ei = {.text = ""};
    int err = checkpoint_verify(bytes_of(t, 1), &k, &c, &ei);

    if (err < 0) {
        printf("refused %s %s\n", err_name(err), ei.text);
        return;
    }
    printf("ok %llu", (unsigned long long)c.checkpoint.size);
    say_hash(&c.checkpoint.root);
    say_signers("witness", &c.witness);
    say_signers("holder", &c.holder);
    printf(" unchecked=%u\n", c.unchecked);
}

/* key NAME ALG SEED: the verifier key. */
static void
do_key(struct tool *t)
{
    struct slice seed = bytes_of(t, 3);
    struct skey key;
    char text[VKEY_TEXT];

    if (seed.len != KEY_SEED || skey_make(bytes_of(t, 1), (enum key_alg)number_of(t, 2),
                                          (const uint8_t *)seed.ptr, &key) < 0) {
        printf("bad\n");
        return;
    }
    (void)vkey_format(&key.vkey, text);
    printf("ok %s\n", text);
}

static bool
path_of(struct tool *t, unsigned from, struct tree_path *ret)
{
    ret->count = 0;
    for (unsigned i = from; i < t->count; i++) {
        if (ret->count == TREE_PATH_MAX || !hash_of(t, i, &ret->hash[ret->count++]))
            return false;
    }
    return true;
}

/* inclusion INDEX SIZE LEAF ROOT HASH… */
static void
do_inclusion(struct tool *t)
{
    struct tree_path path;
    struct hash leaf;
    struct hash root;
    bool good =
        hash_of(t, 3, &leaf) && hash_of(t, 4, &root) && path_of(t, 5, &path) &&
        tree_check_inclusion(number_of(t, 1), number_of(t, 2), &leaf, &path, &root) == 0;

    printf(good ? "ok\n" : "bad\n");
}

/* consistency OLD NEW OLDROOT NEWROOT HASH… */
static void
do_consistency(struct tool *t)
{
    struct tree_path path;
    struct tree_head old = {.size = number_of(t, 1)};
    struct tree_head new_ = {.size = number_of(t, 2)};
    bool good = hash_of(t, 3, &old.root) && hash_of(t, 4, &new_.root) && path_of(t, 5, &path) &&
                tree_check_consistency(&old, &new_, &path) == 0;

    printf(good ? "ok\n" : "bad\n");
}

static int
verify_proof(struct slice file, const struct checkpoint_keys *k, struct proof *ret,
             struct errinfo *ei)
{
    return proof_verify(file, k, ret, ei);
}

/* proof FILE LOG WITNESSES HOLDERS */
static void
do_proof(struct tool *t)
{
    static struct vkey keys[3][KEYS];
    static struct proof p;
    struct checkpoint_keys k = {keys_of(t, 2, keys[0]), keys_of(t, 3, keys[1]),
                                keys_of(t, 4, keys[2])};
    struct errinfo ei = {.text = ""};
    int err = verify_proof(bytes_of(t, 1), &k, &p, &ei);

    if (err < 0) {
        printf("refused %s %s\n", err_name(err), ei.text);
        return;
    }
    printf("ok %llu %u %u %llu %d%d%d %s\n", (unsigned long long)p.block, p.index, p.events,
           (unsigned long long)p.leaf_index, p.private_.len > 0, p.target.len > 0, p.has_raw,
           p.grade);
    proof_release(&p);
}

/* flips FILE LOG WITNESSES HOLDERS: how many of all one-bit changes are still accepted. */
static void
do_flips(struct tool *t)
{
    static struct vkey keys[3][KEYS];
    static struct proof p;
    struct checkpoint_keys k = {keys_of(t, 2, keys[0]), keys_of(t, 3, keys[1]),
                                keys_of(t, 4, keys[2])};
    struct slice file = bytes_of(t, 1);
    char *bytes = t->bytes.ptr + (file.ptr - t->bytes.ptr);
    unsigned accepted = 0;

    for (size_t bit = 0; bit < file.len * 8; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        if (verify_proof(file, &k, &p, NULL) == 0) {
            accepted++;
            proof_release(&p);
        }
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    printf("%u of %zu\n", accepted, file.len * 8);
}

/* message FILE PARTY LOG WITNESSES HOLDERS PARTY … */
static void
do_message(struct tool *t)
{
    static struct vkey keys[2][3][KEYS];
    static struct message_proof p;
    struct proof_party party[2];
    struct errinfo ei = {.text = ""};
    int err;

    for (unsigned i = 0; i < 2; i++)
        party[i] = (struct proof_party){t->arg[2 + 4 * i],
                                        {keys_of(t, 3 + 4 * i, keys[i][0]),
                                         keys_of(t, 4 + 4 * i, keys[i][1]),
                                         keys_of(t, 5 + 4 * i, keys[i][2])}};
    err = message_proof_verify(bytes_of(t, 1), (struct proof_parties){party, 2}, &p, &ei);
    if (err < 0) {
        printf("refused %s %s\n", err_name(err), ei.text);
        return;
    }
    printf("ok %s holders=%u\n", p.received ? "received" : "sent", p.signed_.holder.count);
    message_proof_release(&p);
}

/* log: begin a new one in memory */
static void
do_log(struct tool *t)
{
    struct ledger_storage s;

    t->ledger = ledger_free(t->ledger);
    mem_release(&t->mem);
    s = mem_storage(&t->mem);
    printf(ledger_open(&s, 0, &t->ledger, NULL) == 0 ? "ok\n" : "bad\n");
}

static void
do_append(struct tool *t)
{
    uint64_t index;

    for (unsigned i = 1; i < t->count; i++)
        BUG_ON(ledger_append(t->ledger, bytes_of(t, i), &index) < 0);
    ledger_commit(t->ledger);
    printf("ok %llu\n", (unsigned long long)ledger_size(t->ledger));
}

static void
do_root(struct tool *t)
{
    struct hash root;

    printf(ledger_root(t->ledger, number_of(t, 1), &root) == 0 ? "ok" : "bad");
    say_hash(&root);
    printf("\n");
}

/* tile LEVEL N WIDTH, bundle N WIDTH: hash of the bytes. */
static void
do_tile(struct tool *t)
{
    bool entries = slice_is(t->arg[0], "bundle");
    unsigned at = entries ? 1 : 2;
    struct ledger_tile_ref r = {.level = entries ? 0 : (unsigned)number_of(t, 1),
                                .width = (unsigned)number_of(t, at + 1),
                                .n = number_of(t, at)};
    uint64_t size = ledger_size(t->ledger);
    AUTO_BUF(out, 1 << 26);
    int err = entries ? ledger_bundle(t->ledger, r, size, &out)
                      : ledger_tile(t->ledger, r, size, &out);

    printf(err == 0 ? "ok" : "bad");
    say_hex(buf_get(&out));
    printf("\n");
}

/* prove inclusion INDEX SIZE, prove consistency OLD NEW */
static void
do_prove(struct tool *t)
{
    struct tree_path path = {.count = 0};
    int err =
        slice_is(t->arg[1], "inclusion")
            ? ledger_prove_inclusion(t->ledger, number_of(t, 2), number_of(t, 3), &path)
            : ledger_prove_consistency(t->ledger, number_of(t, 2), number_of(t, 3), &path);

    printf(err == 0 ? "ok" : "bad");
    for (unsigned i = 0; i < path.count; i++)
        say_hash(&path.hash[i]);
    printf("\n");
}

static const struct {
    const char *name;
    void (*run)(struct tool *t);
} commands[] = {
    {"jcs", do_jcs},
    {"grammar", do_grammar},
    {"event", do_event},
    {"block", do_block},
    {"blocktree", do_blocktree},
    {"leaf", do_leaf},
    {"opening", do_opening},
    {"checkpoint", do_checkpoint},
    {"inclusion", do_inclusion},
    {"consistency", do_consistency},
    {"proof", do_proof},
    {"flips", do_flips},
    {"key", do_key},
    {"message", do_message},
    {"log", do_log},
    {"append", do_append},
    {"root", do_root},
    {"tile", do_tile},
    {"bundle", do_tile},
    {"prove", do_prove},
};

static void
run_line(struct tool *t, struct slice line)
{
    t->count = 0;
    buf_reset(&t->bytes);
    while (line.len > 0 && t->count < ARGS) {
        const char *space = memchr(line.ptr, ' ', line.len);
        size_t n = space == NULL ? line.len : (size_t)(space - line.ptr);

        t->arg[t->count++] = slice_sub(line, 0, n);
        line = slice_sub(line, n + 1, line.len);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0] && t->count > 0; i++) {
        if (slice_is(t->arg[0], commands[i].name)) {
            commands[i].run(t);
            (void)fflush(stdout);
            return;
        }
    }
    printf("what?\n");
    (void)fflush(stdout);
}

int
main(void)
{
    static struct tool t;
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    buf_init(&t.bytes, 1 << 24);
    buf_init(&t.raw, 1 << 24);
    BUG_ON(key_init() < 0 || buf_reserve(&t.bytes, 1 << 23) == NULL);
    while ((n = getline(&line, &room, stdin)) > 0)
        run_line(&t, (struct slice){line, (size_t)n - (line[n - 1] == '\n')});
    free(line);
    ledger_free(t.ledger);
    mem_release(&t.mem);
    buf_release(&t.bytes);
    buf_release(&t.raw);
    return 0;
}
