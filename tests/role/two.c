#include "two.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/leaf.h"
#include "role/engine_priv.h"
#include "role/ingest.h"
#include "store/pacts.h"
#include "store/witnessed.h"
#include "wire/hex.h"

static const char *const names[2] = {"aland", "bland"};

static const struct two *now_is; /* the one that runs: an env has no room for more */

static struct utime
now_wall_0(void *self)
{
    (void)self;
    return (struct utime){now_is->now + now_is->ahead[0]};
}

static struct utime
now_wall_1(void *self)
{
    (void)self;
    return (struct utime){now_is->now + now_is->ahead[1]};
}

static int64_t
now_mono(void *self)
{
    (void)self;
    return now_is->now;
}

static void
log_nothing(void *self, enum env_level level, const char *text)
{
    (void)self;
    (void)level;
    (void)text;
}

/* ---- the pact ---------------------------------------------------------------------------- */

static const char pact_text[] =
    "format: detente-pact/1\n"
    "name: aland-bland\n"
    "title: A pact for tests\n"
    "version: 1\n"
    "supersedes: \"\"\n"
    "validity: {signed_on: 2026-01-15, in_force_from: 2026-02-01T00:00:00Z, "
    "in_force_until: \"\", denunciation: 90d, survives: []}\n"
    "scope:\n"
    "  covers: attack technology\n"
    "  taxonomy: rsit/1003\n"
    "  classes: [intrusion-attempts:exploit, information-gathering:scanner, test:test]\n"
    "  never: [abusive-content, fraud:copyright]\n"
    "  third_parties: statistics-only\n"
    "parties:\n"
    "  - {id: aland, name: A, role: national-cert, countries: [XA], key: \"\", log_origin: "
    "aland.example/detente/log}\n"
    "  - {id: bland, name: B, role: national-cert, countries: [XB], key: \"\", log_origin: "
    "bland.example/detente/log}\n"
    "time: {clock_skew_max: 300s, clock_starts: receipt, undelivered_after: 1h}\n"
    "log: {checkpoint_every: 5m, witness_within: 15m, evidence_waits: 15m, "
    "further_witnesses: []}\n"
    "visibility: {heartbeat_every: 60s, sensor_late_after: 3m, max_drop_percent: 5.0, "
    "min_coverage_percent: 80, canaries_per_sensor_per_day: 12, canary_window: 7d, "
    "min_canary_recall_percent: 90.5, cross_canaries: off}\n"
    "aggregation: {key: [class, origin-prefix, target-party], origin_v4: 32, origin_v6: 64, "
    "gap: 12h, reopen_within: 30d}\n"
    "severities:\n"
    "  - {id: high, receipt: 1h, acknowledge: 24h, answer: 3d, act: 7d, quiet_for: 7d, "
    "evidence: 3d, confirm: 7d, escalate_after: 3d}\n"
    "obligations:\n"
    "  - {id: no-exploits, kind: refrain, text: None., classes: [intrusion-attempts:exploit], "
    "severity: high, threshold: {events: 5, targets: 2, window: 1h}, origin_grade_min: O1}\n"
    "  - {id: respond, kind: respond, text: In time., answers: [corroborated, not-seen], "
    "actions: [remediated, none], reason_required: [not-seen, none], extensions: {max: 2, "
    "each: 7d}}\n"
    "exclusions:\n  - {id: scanners, match: {origin: [198.51.100.32/29]}, why: They are "
    "known.}\n"
    "sharing: {tlp_default: \"TLP:AMBER+STRICT\", tlp_verdicts: \"TLP:GREEN\", tlp_published: "
    "\"TLP:CLEAR\", onward_transfer: signed-consent, retention: {events: 180d, evidence: 2y, "
    "log: forever-hashes-only}}\n"
    "cutoff: {out_of_contact_after: 6h, on_out_of_contact: suspend-deadlines, resume_grace: "
    "24h, max_suspended: 30d, bundles: accepted}\n"
    "limits: {notices_per_day: 200, open_incidents_per_obligation: 1000, severity: "
    "by-obligation}\n"
    "dispute: {steps: [inquiry, consultation]}\n";

/* Signed by nobody: who keeps notes checked them, and here it is the test. */
static void
put_note(struct store *s, enum pact_note_kind kind, const char *party, const char *text)
{
    char note[8192];
    const struct store_pact_note n = {
        .kind = kind,
        .pact = SLICE("aland-bland"),
        .party = slice_of(party),
        .by = {"", 0},
        .sequence = 1,
        .sha256 = sha256_of(text, strlen(text)),
        .note = {note, (size_t)snprintf(note, sizeof note,
                                        "%s\n\xe2\x80\x94 x "
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                                        text)},
        .leaf = PACT_LEAF_NONE};

    assert_int_equal(store_begin(s), 0);
    assert_int_equal(store_put_pact_note(s, &n), 0);
    assert_int_equal(store_commit(s), 0);
}

static void
write_annex(const struct half *h, char *to, size_t room)
{
    static const enum node_key which[] = {NODE_WITNESS, NODE_HOLDER, NODE_MESSAGE};
    char key[4][VKEY_TEXT];

    (void)vkey_format(&h->n.vkey, key[0]);
    for (unsigned k = 0; k < 3; k++)
        (void)vkey_format(&h->keys.key[which[k]].vkey, key[k + 1]);
    (void)snprintf(to, room,
                   "format: detente-annex/1\npact: aland-bland\nparty: %s\nsequence: 1\n"
                   "valid_from: 2026-02-01T00:00:00Z\n"
                   "space: {asns: [%u], v4: [%s], v6: [\"%s\"], proof: roa, protected: []}\n"
                   "sensors: []\n"
                   "keys:\n"
                   "  log: [{vkey: \"%s\", from: 2026-02-01T00:00:00Z, until: \"\"}]\n"
                   "  witness: [{vkey: \"%s\", from: 2026-02-01T00:00:00Z, until: \"\"}]\n"
                   "  holder: [{vkey: \"%s\", from: 2026-02-01T00:00:00Z, until: \"\"}]\n"
                   "  message: [{vkey: \"%s\", from: 2026-02-01T00:00:00Z, until: \"\"}]\n"
                   "  tls: [{spki: %064u, from: 2026-02-01T00:00:00Z, until: \"\"}]\n"
                   "  seal: [{x25519: %064u, from: 2026-02-01T00:00:00Z, until: \"\"}]\n"
                   "contacts: [{purpose: incident, name: D, hours: 24/7, email: d@%s.example, "
                   "languages: [en]}]\n"
                   "channel: {endpoint: \"https://%s.example:8443/\", fallback: [bundle]}\n",
                   names[h->i], 64496 + h->i * 4,
                   h->i == 0 ? "192.0.2.0/24" : "198.51.100.0/24",
                   h->i == 0 ? "2001:db8:a::/48" : "2001:db8:b::/48", key[0], key[1], key[2],
                   key[3], 1 + h->i, 11 + h->i, names[h->i], names[h->i]);
}

/* ---- answers ----------------------------------------------------------------------------- */

static uint32_t
answer_tile(struct half *h, const char *path, struct buf *to)
{
    struct ledger *l = engine_ledger(h->n.engine);
    struct tile_path p;

    if (tile_path_parse(slice_of(path), &p) < 0 || !p.entries)
        return 400;
    return ledger_bundle(l, (struct ledger_tile_ref){.n = p.n, .width = p.width},
                         ledger_size(l), to) == 0
               ? 200
               : 404;
}

static uint32_t
answer_witness(struct half *h, struct slice body, struct buf *to)
{
    struct witness_told told;

    assert_int_equal(witness_ask(&h->witness, body, &told), 0);
    if (told.status == 409)
        buf_printf(to, "%llu\n", (unsigned long long)told.size);
    else
        buf_text(to, told.text);
    return told.status;
}

static uint32_t
answer(struct half *h, unsigned asker, const struct fetch_ask *a, struct slice body,
       struct buf *to)
{
    struct ledger_storage storage;
    struct hash spki = {{0}};
    bool json;
    int r;

    if (strcmp(a->path, "witness/add-checkpoint") == 0)
        return answer_witness(h, body, to);
    if (strcmp(a->path, "log/checkpoint") == 0) {
        store_ledger(h->n.store, &storage);
        return storage.get_note(storage.self, LEDGER_NEWEST, to) == 0 ? 200 : 404;
    }
    if (strncmp(a->path, "witness/", 8) == 0) {
        struct store_witnessed w;

        if (store_get_witnessed(h->n.store, vkey_name(&h->two->half[asker].n.vkey), &w) < 0)
            return 404;
        buf_slice(to, w.note);
        return 200;
    }
    if (strncmp(a->path, "log/", 4) == 0)
        return answer_tile(h, a->path + 4, to);
    /* As the annexes pin it: the digits of a decimal number, read as hex. */
    spki.byte[31] = (uint8_t)(1 + asker);
    r = shelf_get(h->n.store, h->book,
                  &(struct shelf_ask){slice_of(a->path), &spki, {h->two->now}}, to, &json);
    assert_true(r > 0);
    return (uint32_t)r;
}

static void
told_peer(void *self, unsigned number, const struct fetch_peer *p)
{
    (void)self;
    assert_int_equal(number, 0);
    assert_int_equal(p->pins, 1);
}

static void
take_ask(void *self, const struct fetch_ask *a, struct slice body)
{
    struct half *h = self;

    assert_false(h->asks);
    h->asked = *a;
    h->asks = true;
    h->asks_made++;
    buf_reset(&h->body);
    buf_slice(&h->body, body);
}

/* ---- life -------------------------------------------------------------------------------- */

void
two_book(struct half *h)
{
    struct errinfo ei = {0};
    struct book *before = h->book;

    if (book_load(h->n.store, names[h->i], &h->book, &ei) < 0)
        fail_msg("%u:%u: %s", ei.line, ei.column, ei.text);
    h->talk.book = h->book;
    if (h->peers != NULL)
        assert_int_equal(peers_book(h->peers, &ei), 0);
    if (h->arbiter != NULL)
        assert_int_equal(arbiter_book(h->arbiter, &ei), 0);
    (void)book_free(before);
}

static void
open_node(struct half *h)
{
    struct errinfo ei = {0};

    assert_int_equal(node_open(h->dir, NODE_WRITE, &h->n, &ei), 0);
    h->n.env.now_wall = h->i == 0 ? now_wall_0 : now_wall_1;
    h->n.env.now_mono = now_mono;
    h->n.env.log = log_nothing;
    assert_int_equal(node_keys_open(&h->n, &h->keys, &ei), 0);
}

/* As adopting does it: a leaf for one's own annex; the other's leaf is known when its log is
 * mirrored, and here right away, as both logs have the same length. */
static int
put_annex_leaf(void *arg, struct engine *e, struct errinfo *ei)
{
    struct half *h = arg;
    const struct hash sha256 = h->book->pact[0].party[h->i].annex[0].sha256;
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    const struct utime at = {h->two->now};
    const struct leaf_value values[] = {
        LEAF_TEXT("pact", SLICE("aland-bland")), LEAF_TEXT("party", slice_of(names[h->i])),
        LEAF_NUMBER("sequence", 1), LEAF_HASH("sha256", &sha256), LEAF_TIME("valid_from", at)};
    uint64_t index;
    int r = leaf_write(&entry, LEAF_ANNEX, engine_next_time(e), (struct leaf_values){values, 5},
                       ei);

    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    for (unsigned k = 0; r == 0 && k < 2; k++)
        r = store_set_pact_leaf(e->store,
                                &(struct store_pact_note){.kind = PACT_NOTE_ANNEX,
                                                          .pact = SLICE("aland-bland"),
                                                          .party = slice_of(names[k]),
                                                          .by = {"", 0},
                                                          .sequence = 1},
                                index);
    return r;
}

void
two_annexes_count(struct half *h)
{
    struct errinfo ei = {0};

    assert_int_equal(engine_change(h->n.engine, put_annex_leaf, h, NULL, &ei), 0);
}

static void
watch(void *arg, uint64_t block, const struct draft *d)
{
    const struct half *h = arg;

    arbiter_watch(h->arbiter, block, d);
}

void
two_attack(struct half *h, const char *origin, unsigned times, unsigned targets)
{
    const struct ingest_options o = {.sensor = "edge-1"};
    bool v6 = strchr(origin, ':') != NULL;
    char at[TIME_TEXT];
    struct ingest_result result;
    struct errinfo ei = {0};
    int fd = memfd_create("eve", 0);

    for (unsigned i = 0; i < times; i++) {
        h->two->now += 1000000;
        time_format((struct utime){h->two->now}, at);
        assert_true(
            dprintf(fd,
                    "{\"timestamp\":\"%.26s+0000\",\"event_type\":\"alert\",\"src_ip\":\"%s\","
                    "\"src_port\":%u,\"dest_ip\":\"%s%u\",\"dest_port\":443,\"proto\":\"TCP\","
                    "\"flow\":{\"pkts_toserver\":5,\"pkts_toclient\":4,\"bytes_toserver\":500,"
                    "\"bytes_toclient\":400},\"app_proto\":\"http\",\"alert\":{\"action\":"
                    "\"allowed\",\"gid\":1,\"signature_id\":2030001,\"rev\":2,\"signature\":"
                    "\"x\",\"category\":\"Attempted Administrator Privilege Gain\","
                    "\"severity\":1}}\n",
                    at, origin, 40000 + i,
                    h->i == 0 ? (v6 ? "2001:db8:a::" : "192.0.2.")
                              : (v6 ? "2001:db8:b::" : "198.51.100."),
                    10 + i % targets) > 0);
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(ingest_run(&h->n, fd, &o, &result, &ei), 0);
    (void)close(fd);
}

void
two_start(struct two *t, unsigned i)
{
    struct half *h = &t->half[i];
    struct peers_open o = {.dir = h->dir,
                           .talk = &h->talk,
                           .keys = &h->keys,
                           .fetcher = &h->fetcher,
                           .env = &h->n.env};
    struct errinfo ei = {0};

    if (!h->up)
        open_node(h);
    h->up = true;
    h->ended = 0;
    h->asks = false;
    h->talk = (struct talk){.engine = h->n.engine,
                            .store = h->n.store,
                            .env = &h->n.env,
                            .key = &h->keys.key[NODE_MESSAGE]};
    two_book(h);
    assert_int_equal(witness_open(&h->witness, h->n.conf, h->n.store, &h->n.env,
                                  &h->keys.key[NODE_WITNESS], &ei),
                     0);
    h->witness.log[h->witness.logs++] = t->half[!i].n.vkey;
    assert_int_equal(peers_open(&o, &h->peers, &ei), 0);
    assert_int_equal(
        arbiter_open(
            &(struct arbiter_open){.talk = &h->talk, .env = &h->n.env, .automatic = true},
            &h->arbiter, &ei),
        0);
    engine_set_watch(h->n.engine, watch, h);
}

void
two_adopt(struct two *t, unsigned i)
{
    struct half *h = &t->half[i];

    now_is = t;
    h->two = t;
    h->fetcher = (struct fetcher){h, told_peer, take_ask};
}

void
two_kill(struct two *t, unsigned i)
{
    struct half *h = &t->half[i];

    h->arbiter = arbiter_close(h->arbiter);
    h->peers = peers_close(h->peers);
    h->book = book_free(h->book);
    node_keys_clear(&h->keys);
    node_close(&h->n);
    h->up = false;
}

void
two_begin(struct two *t)
{
    char annex[2][4096];
    struct errinfo ei = {0};

    *t = (struct two){.now = TWO_T0};
    now_is = t;
    for (unsigned i = 0; i < 2; i++) {
        struct half *h = &t->half[i];
        char origin[64];
        const struct node_init how = {.party = names[i], .origin = origin};

        h->two = t;
        h->i = i;
        h->fetcher = (struct fetcher){h, told_peer, take_ask};
        buf_init(&h->body, FETCH_MAX);
        (void)snprintf(origin, sizeof origin, "%s.example/detente/log", names[i]);
        /* In memory where there is one: nothing here asks what a power cut leaves. */
        (void)snprintf(h->dir, sizeof h->dir, "%s/detente-test.XXXXXX",
                       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        assert_non_null(mkdtemp(h->dir));
        assert_int_equal(node_init(h->dir, &how, &ei), 0);
        open_node(h);
        h->up = true;
        write_annex(h, annex[i], sizeof annex[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        put_note(t->half[i].n.store, PACT_NOTE_PACT, "", pact_text);
        for (unsigned k = 0; k < 2; k++)
            put_note(t->half[i].n.store, PACT_NOTE_ANNEX, names[k], annex[k]);
    }
    for (unsigned i = 0; i < 2; i++)
        two_start(t, i);
}

void
two_end(struct two *t)
{
    for (unsigned i = 0; i < 2; i++) {
        char command[96];

        if (t->half[i].up)
            two_kill(t, i);
        buf_release(&t->half[i].body);
        (void)snprintf(command, sizeof command, "rm -r %s", t->half[i].dir);
        assert_int_equal(system(command), 0);
    }
}

static void
deliver(struct two *t, struct half *h)
{
    struct half *other = &t->half[!h->i];
    struct fetch_ask a = h->asked;
    AUTO_BUF(body, FETCH_MAX);
    struct fetch_told told = {.peer = a.peer, .id = a.id};
    struct errinfo ei = {0};

    h->asks = false;
    if (!other->up || other->mute)
        (void)snprintf(told.text, sizeof told.text, "connection refused");
    else
        told.status = answer(other, h->i, &a, buf_get(&h->body), &body);
    if (t->meddle != NULL)
        t->meddle(t, h->i, &a, &told.status, &body);
    if (told.status == TWO_NEVER)
        return;
    if (getenv("TWO"))
        print_message("%lld %u: %s -> %u %.*s\n", (long long)(t->now - TWO_T0) / 1000, h->i,
                      a.path, told.status, told.status == 200 ? 0 : (int)body.len, body.ptr);
    told.size = (uint32_t)body.len;
    if (body.len > a.limit) { /* as the real one says it */
        told.status = 0;
        buf_reset(&body);
    }
    h->ended = peers_told(h->peers, &told, buf_get(&body), &ei);
    if (h->ended < 0 && getenv("TWO"))
        print_message("%s\n", ei.text);
}

void
two_pass(struct two *t, int64_t seconds)
{
    two_pass_by(t, seconds, 100000);
}

void
two_pass_by(struct two *t, int64_t seconds, int64_t step_us)
{
    int64_t until = t->now + seconds * 1000000;

    while (t->now < until) {
        t->now += step_us;
        for (unsigned i = 0; i < 2; i++) {
            struct half *h = &t->half[i];
            struct errinfo ei = {0};

            if (!h->up || h->ended < 0)
                continue;
            assert_int_equal(peers_step(h->peers, &ei), 0);
            assert_int_equal(arbiter_step(h->arbiter, &ei), 0);
            for (unsigned n = 0; n < 64 && h->asks && h->ended == 0; n++)
                deliver(t, h);
        }
    }
}

/* ---- talking ----------------------------------------------------------------------------- */

int
two_try(struct half *h, enum message_type type, const char *incident, const char *body)
{
    const struct talk_say say = {.pact = SLICE("aland-bland"),
                                 .incident = slice_of(incident),
                                 .to = slice_of(names[!h->i]),
                                 .type = type,
                                 .body = slice_of(body)};
    struct errinfo ei = {0};
    struct hash id;

    return talk_say(&h->talk, &say, &id, NULL, &ei);
}

int
two_say(struct half *h, enum message_type type, const char *incident, const char *body,
        struct hash *ret_id)
{
    const struct talk_say say = {.pact = SLICE("aland-bland"),
                                 .incident = slice_of(incident),
                                 .to = slice_of(names[!h->i]),
                                 .type = type,
                                 .body = slice_of(body)};
    struct errinfo ei = {0};
    struct hash id;
    int r = talk_say(&h->talk, &say, ret_id == NULL ? &id : ret_id, NULL, &ei);

    if (r < 0 && r != ERR_CONF)
        print_message("%s\n", ei.text);
    return r;
}

void
two_notice_body(const struct half *h, const char *severity, const char *proof,
                char to[TWO_BODY])
{
    char hex[2 * SHA256_SIZE + 1] = "";

    hex_encode(h->book->pact[0].text[0].byte, SHA256_SIZE, hex);
    (void)snprintf(
        to, TWO_BODY,
        "{\"also\":[],\"ask\":[\"remediate\"],\"burst\":1,\"class\":\"intrusion-attempts:"
        "exploit\",\"count\":5,\"e_grade\":2,\"events\":5,\"evidence\":[{\"block\":1,"
        "\"commitment\":\"%s\",\"index\":0,\"leaf\":9,\"proof\":\"%s\"}],\"first\":"
        "\"2026-09-21T14:00:00.000000Z\",\"last\":\"2026-09-21T14:10:00.000000Z\",\"o_grade\":"
        "1,\"obligation\":\"no-exploits\",\"origin\":\"%s.7/32\",\"packets\":0,"
        "\"pact_sha256\":\"%s\",\"severity\":\"%s\",\"targets\":2,\"text\":\"\",\"tuples\":"
        "[],\"unwitnessed_since\":\"\"}",
        hex, proof, h->i == 0 ? "198.51.100" : "192.0.2", hex, severity);
}

static int
notice(struct half *h, const char *incident, const char *severity, struct hash *ret_id)
{
    char body[TWO_BODY];

    two_notice_body(h, severity, "", body);
    return two_say(h, MESSAGE_NOTICE, incident, body, ret_id);
}

void
two_notice(struct half *h, const char *incident, struct hash *ret_id)
{
    assert_int_equal(notice(h, incident, "high", ret_id), 0);
}

int
two_notice_as(struct half *h, const char *incident, const char *severity)
{
    return notice(h, incident, severity, NULL);
}

/* ---- what no honest node says ------------------------------------------------------------ */

struct crafting {
    struct half *h;
    struct slice leaf; /* alone; "" a message's */
    struct hash id;
    struct slice bytes;     /* of the message; "" it is not kept */
    enum message_code code; /* as it is kept */
};

static int
put_crafted(void *arg, struct engine *e, struct errinfo *ei)
{
    struct crafting *x = arg;
    const struct envelope none = {.to = slice_of(names[!x->h->i])};
    struct envelope m = none;
    uint64_t index;
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    int r;

    if (x->leaf.len > 0)
        return ledger_append(e->ledger, x->leaf, &index);
    if (x->bytes.len > 0)
        assert_int_equal(envelope_read(x->bytes, &m, NULL), MESSAGE_FINE);
    {
        const struct leaf_value values[] = {LEAF_TEXT("incident", m.incident),
                                            LEAF_TEXT("pact", SLICE("aland-bland")),
                                            LEAF_HASH("sha256", &x->id), LEAF_TEXT("to", m.to)};

        r = leaf_write(&entry, LEAF_MESSAGE, engine_next_time(e),
                       (struct leaf_values){values, 4}, ei);
    }
    if (r == 0)
        r = ledger_append(e->ledger, buf_get(&entry), &index);
    if (r < 0 || x->bytes.len == 0)
        return r;
    return store_put_message(e->store, &(struct store_message){.id = m.id,
                                                               .pact = m.pact,
                                                               .incident = m.incident,
                                                               .from = m.from,
                                                               .to = m.to,
                                                               .seq = m.seq,
                                                               .at = m.at,
                                                               .leaf = index,
                                                               .here = index,
                                                               .arrived = m.at,
                                                               .code = (uint32_t)x->code,
                                                               .bytes = m.bytes});
}

static void
put_craft(struct crafting *x)
{
    struct errinfo ei = {0};

    assert_int_equal(engine_change(x->h->n.engine, put_crafted, x, NULL, &ei), 0);
}

void
two_leaf(struct half *h, struct slice entry)
{
    put_craft(&(struct crafting){.h = h, .leaf = entry});
}

void
two_name(struct half *h, const struct hash *id)
{
    put_craft(&(struct crafting){.h = h, .leaf = {"", 0}, .id = *id, .bytes = {"", 0}});
}

void
two_craft(struct half *h, const struct two_craft *c, struct buf *ret_bytes, struct hash *ret_id)
{
    const struct envelope_make make = {.pact = SLICE("aland-bland"),
                                       .incident = slice_of(c->incident),
                                       .from = slice_of(names[h->i]),
                                       .to = slice_of(names[!h->i]),
                                       .type = c->type,
                                       .at = {h->two->now + c->ahead_us},
                                       .tlp = SLICE("TLP:AMBER"),
                                       .body = slice_of(c->body)};
    const struct store_message which = {
        .pact = make.pact, .incident = make.incident, .from = make.from, .to = make.to};
    const struct skey *key = c->key == NULL ? &h->keys.key[NODE_MESSAGE] : c->key;
    struct crafting x = {.h = h, .leaf = {"", 0}, .code = c->code};
    struct chain chain = {0};
    struct errinfo ei = {0};
    int r = c->first ? 0 : store_get_chain(h->n.store, &which, &chain.seq, &chain.last);

    assert_true(r == 0 || r == ERR_NOTFOUND);
    r = envelope_write(ret_bytes, &make, &chain, key, &x.id, &ei);
    if (r < 0)
        fail_msg("%s", ei.text);
    x.bytes = buf_get(ret_bytes);
    put_craft(&x);
    if (ret_id != NULL)
        *ret_id = x.id;
}

bool
two_same(const struct incident *a, const struct incident *b)
{
    return a->state == b->state && a->finding == b->finding && a->action == b->action &&
           a->result == b->result && a->late == b->late && a->overdue == b->overdue &&
           a->owed == b->owed && memcmp(a->due, b->due, sizeof a->due) == 0 &&
           a->recur == b->recur && a->reopened == b->reopened &&
           a->extensions == b->extensions && a->undelivered == b->undelivered;
}

enum incident_state
two_state(struct half *h, const char *incident)
{
    struct case_file c;
    enum incident_state state = INCIDENT_NONE;
    int r = case_read(h->n.store, &h->book->pact[0], slice_of(incident),
                      (struct utime){h->two->now}, &c);

    if (r == 0)
        state = c.now.incident.state;
    else
        assert_int_equal(r, ERR_NOTFOUND);
    for (unsigned i = 0; r == 0 && i < c.count && getenv("TWO"); i++)
        print_message("  %s %s\n", message_type_name(c.message[i].type), fate_name(&c.fate[i]));
    case_release(&c);
    store_settle(h->n.store);
    return state;
}

enum peer_fault
two_fault(struct half *h)
{
    struct peer_state s;

    assert_int_equal(peers_count(h->peers), 1);
    peers_state(h->peers, 0, &s);
    return s.fault;
}

/* ---- for tests ----------------------------------------------------------------------------
 */

void
two_tell_lie(struct two *t, unsigned to, const struct fetch_ask *a, uint32_t *status,
             struct buf *body)
{
    struct two_lie *l = t->arg;

    if (to != 0 || strncmp(a->path, l->path, strlen(l->path)) != 0 ||
        (l->times > 0 && l->told >= l->times))
        return;
    l->told++;
    if (l->found != NULL) {
        char *at = memmem(body->ptr, body->len, l->found, strlen(l->found));

        if (at != NULL)
            memcpy(at, l->instead, strlen(l->instead));
        return;
    }
    *status = l->status;
    buf_reset(body);
    if (l->body != NULL)
        buf_text(body, l->body);
}

static int
each_incident(void *arg, const struct store_incident *i)
{
    (void)i;
    ++*(unsigned *)arg;
    return 0;
}

unsigned
two_incidents(struct half *h)
{
    unsigned n = 0;

    assert_int_equal(store_each_incident(h->n.store, false, each_incident, &n), 0);
    store_settle(h->n.store);
    return n;
}

void
two_in_force(struct two *t)
{
    for (unsigned i = 0; i < 2; i++)
        two_annexes_count(&t->half[i]);
    two_pass(t, 10);
    for (unsigned i = 0; i < 2; i++)
        two_book(&t->half[i]);
}
