/* notes/, proofs/ of messages, bundle.tar and bundle-tar-bad/: what is good verifies and is
 * written again byte by byte, what is bad is refused. */
#include <stdio.h>
#include <stdlib.h>

#include "exchange/bundle.h"
#include "exchange/fork.h"
#include "exchange/message_proof.h"
#include "exchange/statement.h"
#include "shared.h"
#include "wire/jcs.h"

static const struct slice members[] = {{"northland", 9}, {"southmark", 9}};
static struct envelope_terms terms;
static struct utime when; /* inside of all keys' validity */

/* ---- statements ---- */

/* Written again from its fields, it is the same. */
static void
again(const struct statement *s, struct slice note, const struct skey *key)
{
    struct jcs_iter it = jcs_iter(s->body);
    struct leaf_value value[STATEMENT_FIELDS_MAX];
    char name[STATEMENT_FIELDS_MAX][32];
    unsigned n = 0;
    struct slice k;
    struct slice v;
    AUTO_BUF(b, NOTE_MAX);

    while (jcs_member(&it, &k, &v)) {
        (void)snprintf(name[n], 32, "%.*s", (int)k.len, k.ptr);
        value[n] = (struct leaf_value)LEAF_JSON(name[n], v);
        n++;
    }
    check(statement_write(&b, s->kind, s->at, (struct leaf_values){value, n}, key, NULL) == 0 &&
              slice_eq(buf_get(&b), note),
          "written again", note);
}

static void
statement(const char *file, enum statement_kind kind, struct role_keys keys, const char *party,
          const char *role)
{
    struct slice note = shared_file("notes/%s", file);
    struct errinfo ei = {.text = ""};
    char changed[4096];
    struct statement s;
    struct skey key;
    struct role_keys nobody = {NULL, 0};

    check(statement_verify(note, kind, keys, when, &s, &ei) == 0, file, slice_of(ei.text));
    check(slice_is(s.by->party, party), "another signer", s.by->party);
    shared_skey(party, role, &key);
    again(&s, note, &key);
    check(statement_verify(note, kind, nobody, when, &s, &ei) == ERR_PROOF, "no key", note);
    check(note.len < sizeof changed, "size", note);
    memcpy(changed, note.ptr, note.len);
    for (size_t i = 0; i < note.len; i++) {
        changed[i] ^= (char)(1 << i % 7);
        check(statement_verify((struct slice){changed, note.len}, kind, keys, when, &s, NULL) <
                  0,
              "a changed byte is taken", (struct slice){changed, note.len});
        changed[i] = note.ptr[i];
    }
}

static void
statements(void)
{
    static struct role_key observer;

    observer =
        (struct role_key){SLICE("observer"), shared_vkey("observer", "message"), {0}, {0}};
    statement("seen-northland-1.note", STATEMENT_SEEN, terms.message, "southmark", "message");
    statement("seen-southmark-1.note", STATEMENT_SEEN, terms.message, "northland", "message");
    statement("fetched.note", STATEMENT_FETCHED, (struct role_keys){&observer, 1}, "observer",
              "message");
    statement("successor.note", STATEMENT_SUCCESSOR, shared_keys("party"), "northland",
              "party");
}

/* ---- forks ---- */

static void
fork_file(const char *name, bool entry)
{
    struct slice file = shared_file("notes/%s", name);
    struct vkey log = shared_vkey("northland", "log");
    struct vkey other = shared_vkey("southmark", "log");
    struct errinfo ei = {.text = ""};
    char *changed = malloc(file.len);
    struct fork f;

    check(fork_verify(file, (struct vkeys){&log, 1}, &f, &ei) == 0, name, slice_of(ei.text));
    check(f.entry == entry && vkey_eq(f.log, &log), "another fork", file);
    check(fork_verify(file, (struct vkeys){&other, 1}, &f, NULL) == ERR_PROOF, "another log",
          file);
    check(changed != NULL, "memory", file);
    memcpy(changed, file.ptr, file.len);
    for (size_t i = 0; i < file.len; i++) {
        changed[i] ^= (char)(1 << i % 7);
        check(fork_verify((struct slice){changed, file.len}, (struct vkeys){&log, 1}, &f,
                          NULL) == ERR_PROOF,
              "a changed byte is taken", (struct slice){changed + i, file.len - i});
        changed[i] = file.ptr[i];
    }
    free(changed);
    if (!entry) {
        struct slice object = slice_sub(file, 0, file.len - 1);
        struct fork_make m = {.a = get_text(object, "a"), .b = get_text(object, "b")};
        AUTO_BUF(b, FORK_MAX);

        check(fork_write(&b, &m, (struct vkeys){&log, 1}, NULL) == 0 &&
                  slice_eq(buf_get(&b), file),
              "written again", buf_get(&b));
        m.b = m.a;
        check(fork_write(&b, &m, (struct vkeys){&log, 1}, NULL) == ERR_NOTFOUND,
              "one history is no fork", m.a);
    }
}

/* ---- message proofs ---- */

static struct proof_parties
parties(void)
{
    static struct proof_party p[2];
    static struct vkey log[2];
    static struct vkey witness[2][2];
    static struct vkey holder[2];
    static const char *const name[] = {"northland", "southmark"};

    for (unsigned i = 0; i < 2; i++) {
        log[i] = shared_vkey(name[i], "log");
        witness[i][0] = shared_vkey(name[1 - i], "witness");
        witness[i][1] = shared_vkey("observer", "witness");
        holder[i] = shared_vkey(name[1 - i], "holder");
        p[i] =
            (struct proof_party){members[i], {{&log[i], 1}, {witness[i], 2}, {&holder[i], 1}}};
    }
    return (struct proof_parties){p, 2};
}

static void
proof(struct proof_parties known, const char *name, bool good)
{
    struct slice file = shared_file("proofs/%s", name);
    struct slice object = slice_sub(file, 0, file.len - 1);
    struct errinfo ei = {.text = ""};
    struct message_proof_side side[2] = {{{NULL, 0}, {NULL, 0}, {NULL, 0}}};
    struct message_proved p;
    struct slice received;
    bool has;
    AUTO_BUF(b, PROOF_MAX);

    if (!good) {
        check(message_proof_check(file, known, &terms, &p, &ei) == ERR_PROOF &&
                  ei.text[0] != '\0',
              "a bad one is taken", slice_of(name));
        return;
    }
    check(message_proof_check(file, known, &terms, &p, &ei) == 0, name, slice_of(ei.text));
    check(p.delivered && p.witnessed.us > 0, "not delivered", slice_of(name));
    has = jcs_find(object, "received", &received);
    for (unsigned i = 0; i < 1U + has; i++) {
        struct slice o = i == 0 ? object : received;

        side[i] = (struct message_proof_side){get_text(o, "origin"), get_text(o, "entry"),
                                              get_text(o, "tlog_proof")};
    }
    check(message_proof_write(&b, p.proof.envelope, &side[0], has ? &side[1] : NULL) == 0 &&
              slice_eq(buf_get(&b), file),
          "written again", buf_get(&b));
    message_proof_release(&p.proof);
}

static void
proofs(void)
{
    struct proof_parties known = parties();
    struct slice bad = shared_json("proofs/bad.json");
    struct jcs_iter it = jcs_iter(bad);
    struct slice item;

    proof(known, "good-message.json", true);
    proof(known, "good-message-received.json", true);
    while (jcs_item(&it, &item)) {
        char name[64];

        (void)snprintf(name, sizeof name, "%.*s", (int)get_text(item, "file").len,
                       get_text(item, "file").ptr);
        proof(known, name, false); /* those of events are no message proofs */
    }
}

/* ---- bundles ---- */

struct packed {
    struct bundle_file file[64];
    struct slice bytes[64];
    char name[64][BUNDLE_PATH_MAX];
    unsigned count;
    struct buf out;
};

static int
take(void *arg, struct slice path, struct slice bytes)
{
    struct packed *p = arg;
    char *name = p->name[p->count % 64];
    struct slice whole = shared_file("bundle/%.*s", (int)path.len, path.ptr);

    check(p->count < 64 && path.len <= sizeof p->name[0], "too many", path);
    memcpy(name, path.ptr, path.len);
    check(slice_eq(whole, bytes), "another file", path);
    p->file[p->count] =
        (struct bundle_file){{name, path.len}, whole.len, sha256_of(whole.ptr, whole.len)};
    p->bytes[p->count++] = whole;
    return 0;
}

static int
give(void *arg, const struct bundle_file *f, struct buf *b)
{
    struct packed *p = arg;

    for (unsigned i = 0; i < p->count; i++) {
        if (slice_eq(p->file[i].path, f->path))
            buf_slice(b, p->bytes[i]);
    }
    return 0;
}

static int
put(void *arg, struct slice bytes)
{
    buf_slice(&((struct packed *)arg)->out, bytes);
    return 0;
}

static int
read_bundle(struct slice tar, const struct bundle_terms *t, size_t piece, struct packed *p)
{
    struct bundle_reader r;
    struct errinfo ei = {.text = ""};
    int err = 0;

    p->count = 0;
    bundle_reader_init(&r, t, take, p);
    for (size_t i = 0; err == 0 && i < tar.len; i += piece)
        err = bundle_push(&r, slice_sub(tar, i, piece), &ei);
    if (err == 0)
        err = bundle_end(&r, &ei);
    check(err == 0 || ei.text[0] != '\0', "a refusal without a reason", tar);
    if (err == 0)
        check(r.head.files == p->count && slice_is(r.head.from, "northland"), "head", tar);
    bundle_reader_release(&r);
    return err;
}

static void
bundles(void)
{
    static struct packed p;
    static char names[32][128];
    struct slice tar = shared_file("bundle.tar");
    struct bundle_terms t = {SLICE("northland-southmark"), SLICE("southmark"), terms.message};
    struct bundle_terms other = t;
    struct bundle_make m;
    struct skey key;
    unsigned n = shared_list("bundle-tar-bad", names, 32);

    check(read_bundle(tar, &t, tar.len, &p) == 0, "bundle.tar", SLICE(""));
    check(read_bundle(tar, &t, 1, &p) == 0 && read_bundle(tar, &t, 700, &p) == 0,
          "bundle.tar in pieces", SLICE(""));
    shared_skey("northland", "message", &key);
    m = (struct bundle_make){.pact = t.pact,
                             .from = SLICE("northland"),
                             .to = t.to,
                             .file = p.file,
                             .files = p.count,
                             .key = &key,
                             .get = give,
                             .put = put,
                             .arg = &p};
    check(time_parse(SLICE("2026-03-28T12:06:40.000000Z"), &m.at) == 0, "time", SLICE(""));
    buf_init(&p.out, 1 << 20);
    check(bundle_write(&m, NULL) == 0 && slice_eq(buf_get(&p.out), tar), "written again",
          SLICE(""));
    buf_release(&p.out);
    other.to = SLICE("northland");
    check(read_bundle(tar, &other, 4096, &p) == ERR_AUTH, "for another", SLICE(""));
    other = t;
    other.pact = SLICE("northland-westland");
    check(read_bundle(tar, &other, 4096, &p) == ERR_AUTH, "another pact", SLICE(""));
    for (size_t i = 0; i < tar.len; i += 512)
        check(read_bundle(slice_sub(tar, 0, i), &t, 4096, &p) == ERR_INVALID ||
                  i >= 67584 + 512 + 1024,
              "a cut one is taken", SLICE(""));
    check(n > 0, "no bad ones", SLICE(""));
    for (unsigned i = 0; i < n; i++)
        check(read_bundle(shared_file("bundle-tar-bad/%s", names[i]), &t, 4096, &p) ==
                  ERR_INVALID,
              "a bad one is taken", slice_of(names[i]));
}

int
main(int argc, char **argv)
{
    shared_open(argc, argv);
    terms = (struct envelope_terms){.pact = SLICE("northland-southmark"),
                                    .party = members,
                                    .parties = 2,
                                    .message = shared_keys("message"),
                                    .clock_skew_max = {300 * TIME_US_PER_S}};
    check(time_parse(SLICE("2026-03-28T12:05:08.000000Z"), &when) == 0, "time", SLICE(""));
    statements();
    fork_file("fork-size.json", false);
    fork_file("fork-entry.json", true);
    proofs();
    bundles();
    printf("%u checks\n", checks);
    return 0;
}
