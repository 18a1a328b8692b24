/* Proofs of evidence between two nodes: made, fetched, checked, and what a hostile giver of
 * them cannot do. */
#include "two.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/proof.h"
#include "note/note.h"
#include "role/engine_priv.h"
#include "role/exhibit.h"
#include "role/grounds.h"
#include "store/proofs.h"
#include "store/witnessed.h"
#include "wire/hex.h"
#include "wire/jcs.h"

enum { BODY = 1 << 15 };

/* How many proofs of an incident's messages stand so, as that half shows it. */
static unsigned
count(struct half *h, const char *incident, const char *word)
{
    AUTO_BUF(json, 1 << 20);
    AUTO_BUF(canonical, 1 << 20);
    struct slice list;
    struct slice message;
    struct jcs_iter it;
    struct case_file c;
    unsigned n = 0;

    assert_int_equal(case_read(h->n.store, &h->book->pact[0], slice_of(incident),
                               (struct utime){h->two->now}, &c),
                     0);
    case_json_whole(h->n.store, &c, &json);
    case_release(&c);
    assert_int_equal(jcs_canonical(buf_get(&json), &canonical, NULL), JCS_OK);
    assert_true(jcs_find(buf_get(&canonical), "conversation", &list));
    /* Each says with which of its sender's keys it is signed. */
    it = jcs_iter(list);
    while (jcs_item(&it, &message)) {
        struct slice key;
        struct slice text;

        assert_true(jcs_find(message, "key", &key) && jcs_plain(key, &text) == 0);
        assert_true(text.len > 9 && text.ptr[text.len - 9] == '+');
    }
    it = jcs_iter(list);
    while (jcs_item(&it, &message)) {
        struct slice proofs;
        struct slice item;
        struct slice text;
        struct jcs_iter each;

        if (!jcs_find(message, "proofs", &proofs))
            continue;
        each = jcs_iter(proofs);
        while (jcs_item(&each, &item))
            n += jcs_plain(item, &text) == 0 && slice_is(text, word);
    }
    store_settle(h->n.store);
    return n;
}

static void
begin(struct two *t)
{
    two_begin(t);
    for (unsigned i = 0; i < 2; i++)
        two_annexes_count(&t->half[i]);
    two_pass(t, 60);
    for (unsigned i = 0; i < 2; i++)
        two_book(&t->half[i]);
}

static struct hash notice_id;

static int
keep_id(void *arg, const struct store_message *m)
{
    (void)arg;
    if (m->seq == 1 && slice_is(m->from, "aland"))
        notice_id = m->id;
    return 0;
}

/* The body of the notice of aland-1, as bytes with a NUL. */
static void
notice_of(struct half *h, char body[BODY])
{
    struct store_message m;
    struct envelope e;

    assert_int_equal(
        store_each_message(h->n.store, SLICE("aland-bland"), SLICE("aland-1"), keep_id, NULL),
        0);
    assert_int_equal(store_get_message(h->n.store, &notice_id, &m), 0);
    assert_int_equal(envelope_read(m.bytes, &e, NULL), MESSAGE_FINE);
    (void)snprintf(body, BODY, "%.*s", (int)e.body.len, e.body.ptr);
    store_settle(h->n.store);
}

static void
they_are_fetched_and_hold(void **state)
{
    struct two t;

    (void)state;
    begin(&t);
    two_attack(&t.half[0], "198.51.100.7", 5, 2);
    two_pass(&t, 20);
    assert_int_equal(two_state(&t.half[1], "aland-1"), INCIDENT_RECEIVED);
    assert_int_equal(count(&t.half[0], "aland-1", "given"), 5);
    assert_int_equal(count(&t.half[1], "aland-1", "holds"), 5);
    assert_int_equal(two_fault(&t.half[1]), PEER_FINE);
    /* Killed and started: what is here is asked for no more. */
    two_kill(&t, 1);
    two_start(&t, 1);
    two_pass(&t, 20);
    assert_int_equal(count(&t.half[1], "aland-1", "holds"), 5);
    /* What the responder asks for comes with proofs of its own, as much as it is to show. */
    assert_int_equal(two_say(&t.half[1], MESSAGE_INQUIRY, "aland-1",
                             "{\"missing\":[\"raw\"],\"text\":\"\"}", NULL),
                     0);
    two_pass(&t, 10);
    {
        static struct speech_ask ask = {
            .type = MESSAGE_EVIDENCE, .incident = "aland-1", .fields = "{\"show\":\"raw\"}"};
        static struct speech_answer said;

        ask.size = (uint32_t)strlen(ask.fields);
        assert_int_equal(
            speech_do(&t.half[0].talk, SLICE("local:tester"), SLICE("operator"), &ask, &said),
            0);
        if (said.status != 0)
            print_message("%s\n", said.ei.text);
        assert_int_equal(said.status, 0);
    }
    two_pass(&t, 20);
    assert_int_equal(count(&t.half[1], "aland-1", "holds"), 10);
    two_end(&t);
}

/* What an incident rests on, as that half tells it: canonical, with a NUL. */
static int
grounds_of(struct half *h, const char *incident, struct buf *ret)
{
    AUTO_BUF(json, 1 << 18);
    struct exhibits x;
    struct assets assets;
    struct grounds_ask ask = {.d = &x.d,
                              .assets = &assets,
                              .pact = &h->book->pact[0],
                              .incident = slice_of(incident)};
    int r;

    assert_int_equal(assets_open(&assets, h->n.conf), 0);
    assert_int_equal(exhibits_open(&x, h->n.engine, NULL), 0);
    r = grounds_json(&ask, &json);
    if (r == 0) {
        assert_int_equal(jcs_canonical(buf_get(&json), ret, NULL), JCS_OK);
        buf_char(ret, '\0');
    }
    store_settle(h->n.store);
    exhibits_close(&x);
    assets_close(&assets);
    return r;
}

static void
has(const struct buf *b, const char *text)
{
    if (strstr(b->ptr, text) == NULL)
        print_message("no %s in\n%s\n", text, b->ptr);
    assert_non_null(strstr(b->ptr, text));
}

/* Who found it reads its own events; who was told of it has the notice's word, and says whose
 * it is.  Both measure the same, and the files that one gave can be had from the other. */
static void
what_an_incident_rests_on_is_told(void **state)
{
    AUTO_BUF(own, 1 << 18);
    AUTO_BUF(told, 1 << 18);
    AUTO_BUF(file, 1 << 18);
    struct two t;
    static char body[BODY];
    struct hash found;
    struct hash id;
    const char *at;

    (void)state;
    begin(&t);
    two_attack(&t.half[0], "198.51.100.7", 6, 2);
    two_pass(&t, 20);
    assert_int_equal(grounds_of(&t.half[0], "aland-1", &own), 0);
    assert_int_equal(grounds_of(&t.half[1], "aland-1", &told), 0);
    has(&own, "\"by\":\"events\"");
    has(&own, "\"whose\":\"aland\"");
    has(&own, "\"gone\":0");
    has(&own, "\"measured\":{\"events\":5,\"sensors\":1,\"targets\":2}");
    has(&own, "\"address\":\"198.51.100.7\"");
    has(&own, "\"target\":\"192.0.2.11\"");
    has(&own, "\"grade\":1");
    has(&told, "\"by\":\"notice\"");
    has(&told, "\"whose\":\"aland\"");
    has(&told, "\"address\":\"198.51.100.7\"");
    has(&told, "\"sensors\":0,\"targets\":");
    assert_null(strstr(told.ptr, "\"grade\":"));
    assert_int_equal(grounds_of(&t.half[0], "aland-2", &file), ERR_NOTFOUND);
    /* Keys of the log whose evidence it is, and not of the other's. */
    has(&told, "[\"log\",\"aland\",");
    assert_null(strstr(told.ptr, "[\"log\",\"bland\","));
    has(&told, "[\"witness\",\"bland\",");

    notice_of(&t.half[0], body);
    at = strstr(body, "\"proof\":\"");
    assert_non_null(at);
    assert_int_equal(hex_decode((struct slice){at + 9, 64}, id.byte, sizeof id.byte), 0);
    assert_int_equal(grounds_proof(t.half[1].n.store, &t.half[1].book->pact[0], &id, &file), 0);
    found = sha256_of(file.ptr, file.len);
    assert_true(hash_eq(&id, &found));
    assert_int_equal(grounds_proof(t.half[0].n.store, &t.half[0].book->pact[0], &id, &file),
                     ERR_NOTFOUND); /* its own are at its events */
    id.byte[0] ^= 1;
    assert_int_equal(grounds_proof(t.half[1].n.store, &t.half[1].book->pact[0], &id, &file),
                     ERR_NOTFOUND);
    store_settle(t.half[0].n.store);
    store_settle(t.half[1].n.store);
    two_end(&t);
}

struct lie {
    uint32_t status;  /* instead of 200 */
    bool bent;        /* other bytes */
    struct buf *file; /* instead */
    unsigned asked;
};

static void
lie_about_proofs(struct two *t, unsigned to, const struct fetch_ask *a, uint32_t *status,
                 struct buf *body)
{
    struct lie *l = t->arg;

    if (to != 1 || strstr(a->path, "/proof/") == NULL)
        return;
    l->asked++;
    if (l->status != 0)
        *status = l->status;
    if (l->bent)
        body->ptr[body->len / 2] ^= 1;
    if (l->file != NULL) {
        *status = 200;
        buf_reset(body);
        buf_slice(body, buf_get(l->file));
    }
}

static void
what_is_not_given_is_named_and_heals(void **state)
{
    struct lie lies[] = {{.status = 404}, {.bent = true}};
    struct peer_state s;

    (void)state;
    for (size_t i = 0; i < COUNT(lies); i++) {
        struct two t;

        begin(&t);
        t.meddle = lie_about_proofs;
        t.arg = &lies[i];
        two_attack(&t.half[0], "198.51.100.7", 5, 2);
        two_pass(&t, 5);
        assert_int_equal(count(&t.half[1], "aland-1", "wanted"), 5);
        /* Its messages are held all the same, and it is not asked in each round. */
        two_pass(&t, 60);
        peers_state(t.half[0].peers, 0, &s);
        assert_true(s.held > 0 && t.now - s.held_at.us < 3 * PEERS_FRESH_US);
        assert_int_equal(lies[i].asked, 5);
        t.meddle = NULL;
        two_pass(&t, 700);
        assert_int_equal(count(&t.half[1], "aland-1", "holds"), 5);
        assert_int_equal(two_fault(&t.half[1]), PEER_FINE);
        two_end(&t);
    }
}

static void
what_is_erased_is_gone(void **state)
{
    struct lie lie = {.status = 410};
    struct two t;

    (void)state;
    begin(&t);
    t.meddle = lie_about_proofs;
    t.arg = &lie;
    two_attack(&t.half[0], "198.51.100.7", 5, 2);
    two_pass(&t, 1500);
    assert_int_equal(count(&t.half[1], "aland-1", "gone"), 5);
    assert_int_equal(lie.asked, 5);
    two_end(&t);
}

/* A notice that names proofs that verify, and are of something else. */
static void
of_another_event_or_origin_they_are_wrong(void **state)
{
    static char body[BODY];
    static char other[BODY];
    char first[65];
    char second[65];
    char *at;
    struct two t;

    (void)state;
    begin(&t);
    two_attack(&t.half[0], "198.51.100.7", 5, 2);
    two_pass(&t, 20);
    notice_of(&t.half[0], body);
    /* The files of two events change places. */
    memcpy(other, body, sizeof body);
    at = strstr(other, "\"proof\":\"");
    assert_non_null(at);
    (void)snprintf(first, sizeof first, "%.64s", at + 9);
    memcpy(second, strstr(at + 9, "\"proof\":\"") + 9, 64);
    memcpy(strstr(at + 9, "\"proof\":\"") + 9, first, 64);
    memcpy(at + 9, second, 64);
    assert_int_equal(two_say(&t.half[0], MESSAGE_NOTICE, "aland-2", other, NULL), 0);
    /* All are of an origin that they do not show. */
    memcpy(other, body, sizeof body);
    at = strstr(other, "\"origin\":\"198.51.100.7/32");
    assert_non_null(at);
    at[21] = '8';
    assert_int_equal(two_say(&t.half[0], MESSAGE_NOTICE, "aland-3", other, NULL), 0);
    two_pass(&t, 20);
    assert_int_equal(count(&t.half[1], "aland-1", "holds"), 5);
    assert_int_equal(count(&t.half[1], "aland-2", "wrong"), 2);
    assert_int_equal(count(&t.half[1], "aland-2", "holds"), 3);
    assert_int_equal(count(&t.half[1], "aland-3", "wrong"), 5);
    two_end(&t);
}

/* It opens a leaf of its log that is not what it says: of another incident, of a leaf that is
 * none, or of one that came later. */
static void
what_was_not_detected_is_named(void **state)
{
    static const struct {
        const char *incident;
        const char *from; /* in the body … */
        const char *to;   /* … is this instead */
    } cases[] = {
        {"aland-2", "\"burst\":1", "\"burst\":1"},
        {"aland-1", "\"origin\":\"198.51.100.7/32\"", "\"origin\":\"198.51.100.8/32\""},
        {"aland-1", "\"detected\":{\"leaf\":", "\"detected\":{\"leaf\":1"},
        {"aland-1", "\"salt\":\"", "\"salt\":\"ffff"}};
    static char body[BODY];
    static char changed[BODY];
    struct peer_state s;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF(bytes, ENVELOPE_MAX);
        char *at;
        struct two t;

        begin(&t);
        two_attack(&t.half[0], "198.51.100.7", 5, 2);
        two_pass(&t, 20);
        assert_int_equal(two_fault(&t.half[1]), PEER_FINE);
        notice_of(&t.half[0], body);
        at = strstr(body, cases[i].from);
        assert_non_null(at);
        (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - body), body, cases[i].to,
                       at + strlen(i == 3 ? cases[i].to : cases[i].from)); /* as long */
        two_craft(&t.half[0],
                  &(struct two_craft){
                      .type = MESSAGE_NOTICE, .incident = cases[i].incident, .body = changed},
                  &bytes, NULL);
        for (unsigned n = 0; n < 40 && two_fault(&t.half[1]) == PEER_FINE; n++)
            two_pass_by(&t, 1, 100000);
        peers_state(t.half[1].peers, 0, &s);
        assert_int_equal(s.fault, PEER_FALSE_PROOF);
        assert_non_null(strstr(s.why, "detected"));
        two_pass(&t, 10);
        assert_int_equal(two_fault(&t.half[1]), PEER_FINE);
        assert_int_equal(two_state(&t.half[1], "aland-1"), INCIDENT_RECEIVED);
        two_end(&t);
    }
}

/* ---- files made for it ------------------------------------------------------------------- */

/* Say a notice whose first proof is that file, and give it. */
static void
promise(struct two *t, const char *incident, const char *body, struct buf *file,
        struct lie *lie)
{
    static char changed[BODY];
    struct hash id = sha256_of(file->ptr, file->len);
    char hex[2 * SHA256_SIZE + 1] = "";
    char *at;

    (void)snprintf(changed, sizeof changed, "%s", body);
    at = strstr(changed, "\"proof\":\"");
    assert_non_null(at);
    hex_encode(id.byte, SHA256_SIZE, hex);
    memcpy(at + 9, hex, 64);
    *lie = (struct lie){.file = file};
    t->meddle = lie_about_proofs;
    t->arg = lie;
    assert_int_equal(two_say(&t->half[0], MESSAGE_NOTICE, incident, changed, NULL), 0);
    two_pass(t, 3);
}

/* The first proof that half 0 gave. */
static void
take_first(struct half *h, const char *body, struct buf *ret)
{
    const char *at = strstr(body, "\"proof\":\"");
    struct store_proof p;
    struct hash id;

    assert_non_null(at);
    assert_int_equal(hex_decode((struct slice){at + 9, 64}, id.byte, SHA256_SIZE), 0);
    assert_int_equal(store_get_proof(h->n.store, &id, SLICE("bland"), true, &p), 0);
    buf_slice(ret, p.file);
    store_settle(h->n.store);
}

static void
a_bent_one_is_wrong(void **state)
{
    static char body[BODY];
    AUTO_BUF(file, EXHIBIT_FILE_MAX);
    struct lie lie;
    struct two t;

    (void)state;
    begin(&t);
    two_attack(&t.half[0], "198.51.100.7", 5, 2);
    two_pass(&t, 20);
    notice_of(&t.half[0], body);
    take_first(&t.half[0], body, &file);
    {
        char *at = memmem(file.ptr, file.len, "198.51.100.7", 12);

        assert_non_null(at);
        at[11] = '8'; /* in the private part: its hash is another */
    }
    promise(&t, "aland-2", body, &file, &lie);
    assert_int_equal(lie.asked, 1);
    assert_int_equal(count(&t.half[1], "aland-2", "wrong"), 1);
    assert_int_equal(count(&t.half[1], "aland-2", "holds"), 4);
    two_end(&t);
}

/* The root that a path leads to (RFC 9162, 2.1.3.2). */
static struct hash
root_of(uint64_t index, uint64_t size, struct hash leaf, const struct tree_path *path)
{
    uint64_t fn = index;
    uint64_t sn = size - 1;
    struct hash r = leaf;

    for (unsigned i = 0; i < path->count; i++) {
        if ((fn & 1) != 0 || fn == sn) {
            r = tree_node(&path->hash[i], &r);
            while (fn != 0 && (fn & 1) == 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            r = tree_node(&r, &path->hash[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return r;
}

static int
count_fork(void *arg, const struct store_witnessed *w)
{
    (void)w;
    ++*(unsigned *)arg;
    return 0;
}

/* Put another tlog-proof into the file: the leaf under a tree that the log's key signed, and
 * that is none of its trees. */
static void
fork_of(struct half *h, const struct buf *file, struct buf *ret)
{
    struct tlog_proof tlog;
    struct checkpoint c;
    struct note note;
    struct errinfo ei = {0};
    struct hash root;
    struct slice value;
    struct slice object = {file->ptr, file->len - 1};
    const char *from;
    AUTO_BUF(text, 1 << 17);
    AUTO_BUF(entry, 1 << 16);
    AUTO_BUF(signed_, 4096);
    AUTO_BUF(proof, 1 << 17);

    assert_true(jcs_find(object, "entry", &value) && jcs_string(value, &entry) == 0);
    assert_true(jcs_find(object, "tlog_proof", &value) && jcs_string(value, &text) == 0);
    assert_int_equal(tlog_proof_parse(buf_get(&text), &tlog), 0);
    assert_int_equal(note_parse(tlog.checkpoint, NOTE_MAX, &note, &ei), 0);
    assert_int_equal(checkpoint_parse(note.text, &c), 0);
    tlog.path.hash[0].byte[0] ^= 1; /* another neighbour */
    root = root_of(tlog.index, c.size, tree_leaf(buf_get(&entry)), &tlog.path);
    assert_int_equal(checkpoint_sign(h->n.engine->key, c.size, &root, &signed_), 0);
    tlog_proof_write(&proof, tlog.index, &tlog.path, buf_get(&signed_));
    from = value.ptr;
    buf_slice(ret, (struct slice){file->ptr, (size_t)(from - file->ptr)});
    buf_json(ret, buf_get(&proof));
    buf_slice(ret, (struct slice){from + value.len,
                                  (size_t)(file->ptr + file->len - (from + value.len))});
}

static void
one_of_another_history_is_a_fork(void **state)
{
    static char body[BODY];
    AUTO_BUF(file, EXHIBIT_FILE_MAX);
    AUTO_BUF(fork, EXHIBIT_FILE_MAX);
    struct lie lie;
    struct peer_state s;
    struct two t;
    unsigned n = 0;

    (void)state;
    begin(&t);
    two_attack(&t.half[0], "198.51.100.7", 5, 2);
    two_pass(&t, 20);
    notice_of(&t.half[0], body);
    take_first(&t.half[0], body, &file);
    fork_of(&t.half[0], &file, &fork);
    promise(&t, "aland-2", body, &fork, &lie);
    assert_int_equal(lie.asked, 1);
    peers_state(t.half[1].peers, 0, &s);
    assert_int_equal(store_each_forked(t.half[1].n.store, s.origin, count_fork, &n), 0);
    assert_int_equal(n, 1); /* the note is kept: `log prove-fork` makes a proof of it */
    two_end(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_fetched_and_hold),
        cmocka_unit_test(what_an_incident_rests_on_is_told),
        cmocka_unit_test(what_is_not_given_is_named_and_heals),
        cmocka_unit_test(what_is_erased_is_gone),
        cmocka_unit_test(of_another_event_or_origin_they_are_wrong),
        cmocka_unit_test(what_was_not_detected_is_named),
        cmocka_unit_test(a_bent_one_is_wrong),
        cmocka_unit_test(one_of_another_history_is_a_fork),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
