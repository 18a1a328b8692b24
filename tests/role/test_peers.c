/* Two nodes that do not trust each other: what they learn of each other, and what a hostile one
 * cannot do. */
#include "two.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/sha256.h"
#include "ledger/leaf.h"
#include "role/engine_priv.h"
#include "store/witnessed.h"
#include "wire/hex.h"

static void
state_of(struct half *h, struct peer_state *ret)
{
    peers_state(h->peers, 0, ret);
}

static void
both_witness_and_hold_each_other(void **state)
{
    struct peer_state s;
    struct tree_head own[2];
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 5);
    for (unsigned i = 0; i < 2; i++)
        ledger_head(engine_ledger(t.half[i].n.engine), &own[i]);
    for (unsigned i = 0; i < 2; i++) {
        state_of(&t.half[i], &s);
        if (s.fault != PEER_FINE)
            print_message("%u: %s: %s\n", i, peer_fault_name(s.fault), s.why);
        assert_int_equal(s.fault, PEER_FINE);
        assert_int_equal(s.theirs.size, own[!i].size);
        assert_true(hash_eq(&s.theirs.root, &own[!i].root));
        assert_int_equal(s.witnessed, own[i].size);
        assert_int_equal(s.held, own[i].size);
        assert_int_equal(s.missing, 0);
    }
    /* Nothing happens: no leaf comes of that, and the cosignatures stay fresh. */
    two_pass(&t, 600);
    for (unsigned i = 0; i < 2; i++) {
        struct tree_head later;

        ledger_head(engine_ledger(t.half[i].n.engine), &later);
        assert_int_equal(later.size, own[i].size);
        state_of(&t.half[i], &s);
        assert_true(t.now - s.witnessed_at.us < 2 * PEERS_FRESH_US);
        assert_true(t.now - s.held_at.us < 3 * PEERS_FRESH_US);
    }
    two_end(&t);
}

/* A whole conversation; with `kill`, the node of that number is started anew after each word.
 */
static void
converse(int kill)
{
    static const char action[] = "{\"action\":\"remediated\",\"done_at\":\"2026-09-22T14:00:00."
                                 "000000Z\",\"reason\":\"\",\"reference\":\"B-1\"}";
    static const char answer[] =
        "{\"finding\":\"corroborated\",\"flows\":3,\"from\":\"2026-09-21T13:00:00.000000Z\","
        "\"reason\":\"\",\"retention_from\":\"2026-09-01T00:00:00.000000Z\",\"sampling\":1,"
        "\"until\":\"2026-09-21T15:00:00.000000Z\"}";
    char hex[2 * SHA256_SIZE + 1] = "";
    char from[TIME_TEXT + 1] = "";
    char until[TIME_TEXT + 1] = "";
    char body[512];
    struct hash notice;
    struct two t;
    struct half *a = &t.half[0];
    struct half *b = &t.half[1];

    two_begin(&t);
    two_pass(&t, 3);
#define NEXT(expect)                                       \
    do {                                                   \
        if (kill >= 0) {                                   \
            two_kill(&t, (unsigned)kill);                  \
            two_start(&t, (unsigned)kill);                 \
        }                                                  \
        two_pass(&t, 10);                                  \
        assert_int_equal(two_state(a, "aland-1"), expect); \
        assert_int_equal(two_state(b, "aland-1"), expect); \
        assert_int_equal(two_fault(a), PEER_FINE);         \
        assert_int_equal(two_fault(b), PEER_FINE);         \
    } while (0)
    two_notice(a, "aland-1", &notice);
    assert_int_equal(two_state(a, "aland-1"), INCIDENT_NOTIFIED);
    NEXT(INCIDENT_RECEIVED); /* the receipt is the machine's */
    /* Who notified cannot acknowledge. */
    hex_encode(notice.byte, SHA256_SIZE, hex);
    (void)snprintf(body, sizeof body, "{\"auto\":false,\"notice\":\"%s\",\"reference\":\"\"}",
                   hex);
    assert_int_equal(two_say(a, MESSAGE_ACK, "aland-1", body, NULL), ERR_CONF);
    assert_int_equal(two_say(b, MESSAGE_ACK, "aland-1", body, NULL), 0);
    NEXT(INCIDENT_ACKNOWLEDGED);
    assert_int_equal(two_say(b, MESSAGE_ANSWER, "aland-1", answer, NULL), 0);
    NEXT(INCIDENT_ANSWERED);
    assert_int_equal(two_say(b, MESSAGE_ACTION, "aland-1", action, NULL), 0);
    NEXT(INCIDENT_ACTED);
    time_format((struct utime){t.now}, from);
    two_pass_by(&t, 7 * 86400 + 3600, INT64_C(3600) * 1000000);
    time_format((struct utime){t.now}, until);
    (void)snprintf(body, sizeof body,
                   "{\"coverage_ppm\":990000,\"quiet_from\":\"%s\",\"quiet_until\":\"%s\","
                   "\"result\":\"confirmed-quiet\"}",
                   from, until);
    assert_int_equal(two_say(a, MESSAGE_CLOSE, "aland-1", body, NULL), 0);
    NEXT(INCIDENT_CLOSED);
#undef NEXT
    two_end(&t);
}

static void
a_conversation_until_it_is_closed(void **state)
{
    (void)state;
    converse(-1);
}

static void
a_conversation_whose_sides_die_between_words(void **state)
{
    (void)state;
    converse(0);
    converse(1);
}

/* ---- a hostile counterpart --------------------------------------------------------------- */

/* What is wrong is named at once, and all is well when it is right again. */
static void
expect_fault(struct two_lie *lie, enum peer_fault fault)
{
    struct two t;

    two_begin(&t);
    two_pass(&t, 3);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    two_notice(&t.half[1], "bland-1", NULL); /* so that there is something to pull */
    t.meddle = two_tell_lie;
    t.arg = lie;
    two_pass(&t, 70);
    if (two_fault(&t.half[0]) != fault)
        print_message("%s\n", peer_fault_name(two_fault(&t.half[0])));
    assert_int_equal(two_fault(&t.half[0]), fault);
    assert_true(lie->told > 0);
    t.meddle = NULL;
    two_pass(&t, 130);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    assert_int_equal(two_state(&t.half[0], "bland-1"), INCIDENT_RECEIVED);
    two_end(&t);
}

static void
what_is_wrong_is_named_and_heals(void **state)
{
    static struct two_lie lies[] = {
        {.path = "", .status = 0},
        {.path = "log/checkpoint", .status = 500},
        {.path = "log/checkpoint", .status = 200, .body = "nonsense"},
        {.path = "log/checkpoint", .status = 200, .body = ""},
        {.path = "log/tile", .status = 404},
        {.path = "log/tile", .status = 200, .body = "\xff\xff"},
        {.path = "log/tile", .found = "\"bland-1\"", .instead = "\"bland-2\""},
        {.path = "pact/aland-bland/message", .status = 404},
        {.path = "pact/aland-bland/message", .status = 200, .body = "{}"},
        {.path = "witness", .status = 403, .body = "no"},
        {.path = "witness", .status = 200, .body = "nonsense"},
        {.path = "witness", .status = 409, .body = "99999999\n"},
        {.path = "witness", .status = 200, .body = ""},
        {.path = "holder", .status = 200, .body = "nonsense"},
        {.path = "holder", .status = 409, .body = "withheld x\n"},
        {.path = "holder", .status = 500},
    };
    static const enum peer_fault faults[COUNT(lies)] = {
        PEER_UNREACHABLE,       PEER_REFUSES,           PEER_UNSIGNED,          PEER_UNSIGNED,
        PEER_REFUSES,           PEER_MALFORMED,         PEER_ENTRIES,           PEER_WITHHELD,
        PEER_WITHHELD,          PEER_NO_WITNESS,        PEER_FALSE_COSIGNATURE, PEER_NO_WITNESS,
        PEER_FALSE_COSIGNATURE, PEER_FALSE_COSIGNATURE, PEER_WITHHOLDS,         PEER_REFUSES};

    (void)state;
    for (unsigned i = 0; i < COUNT(lies); i++) {
        print_message("%s %u\n", lies[i].path, lies[i].status);
        expect_fault(&lies[i], faults[i]);
    }
}

/* The answer to add-checkpoint was lost: the other stands where we do not know it. */
static void
a_lost_cosignature_heals(void **state)
{
    struct two_lie lie = {.path = "witness", .status = 503, .times = 1};
    struct peer_state s;
    struct tree_head own;
    struct two t;

    (void)state;
    two_begin(&t);
    t.meddle = two_tell_lie;
    t.arg = &lie;
    two_pass(&t, 10);
    ledger_head(engine_ledger(t.half[0].n.engine), &own);
    state_of(&t.half[0], &s);
    assert_int_equal(lie.told, 1);
    assert_int_equal(s.fault, PEER_FINE);
    assert_int_equal(s.witnessed, own.size);
    two_end(&t);
}

/* A message that is withheld keeps us from saying that we hold all, and it is named. */
static void
what_is_withheld_is_named(void **state)
{
    struct two_lie lie = {.path = "pact/aland-bland/message", .status = 404};
    char name[PEERS_META];
    char hex[2 * SHA256_SIZE + 1] = "";
    AUTO_BUF(missing, 128);
    struct hash id;
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 3);
    two_notice(&t.half[1], "bland-1", &id);
    hex_encode(id.byte, SHA256_SIZE, hex);
    t.meddle = two_tell_lie;
    t.arg = &lie;
    two_pass(&t, 10);
    peers_meta(SLICE("bland.example/detente/log"), "withheld", name);
    assert_int_equal(store_get_meta(t.half[0].n.store, name, &missing), 0);
    assert_true(slice_is(buf_get(&missing), hex));
    assert_int_equal(two_fault(&t.half[1]), PEER_WITHHOLDS);
    t.meddle = NULL;
    two_pass(&t, 10);
    buf_reset(&missing);
    assert_int_equal(store_get_meta(t.half[0].n.store, name, &missing), 0);
    assert_int_equal(missing.len, 0);
    assert_int_equal(two_fault(&t.half[1]), PEER_FINE);
    two_end(&t);
}

/* Its disk came back from a backup, and it goes on from there: first it is smaller, then it is
 * another history. */
static void
a_history_that_goes_back_is_found(void **state)
{
    char command[256];
    struct peer_state s;
    uint64_t before;
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 3);
    two_kill(&t, 1);
    (void)snprintf(command, sizeof command, "cp -r %s %s.old", t.half[1].dir, t.half[1].dir);
    assert_int_equal(system(command), 0);
    two_start(&t, 1);
    two_notice(&t.half[1], "bland-1", NULL);
    two_pass(&t, 10);
    state_of(&t.half[0], &s);
    before = s.theirs.size;
    assert_int_equal(s.fault, PEER_FINE);
    two_kill(&t, 1);
    (void)snprintf(command, sizeof command, "rm -r %s && mv %s.old %s", t.half[1].dir,
                   t.half[1].dir, t.half[1].dir);
    assert_int_equal(system(command), 0);
    two_start(&t, 1);
    t.half[1].mute = true; /* it only serves what it has */
    t.half[1].mute = false;
    t.half[0].mute = true;
    two_pass(&t, 10);
    state_of(&t.half[0], &s);
    assert_int_equal(s.fault, PEER_ROLLBACK);
    assert_int_equal(s.theirs.size, before); /* what is held stays */
    for (unsigned i = 0; i < 3; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "bland-%u", i + 7);
        two_notice(&t.half[1], name, NULL);
    }
    two_pass(&t, 70);
    state_of(&t.half[0], &s);
    assert_true(s.fault == PEER_FORK || s.fault == PEER_ENTRIES);
    assert_int_equal(s.theirs.size, before);
    assert_int_equal(t.half[0].ended, 0);
    /* And when it hears of its own signature over what it lost, it ends. */
    t.half[0].mute = false;
    two_pass(&t, 130);
    assert_int_equal(t.half[1].ended, ERR_PROOF);
    two_end(&t);
}

static void
sign_another(struct two *t, unsigned to, const struct fetch_ask *a, uint32_t *status,
             struct buf *body)
{
    unsigned *signed_ = t->arg;
    struct peer_state s;
    struct hash root;

    if (to != 0 || strcmp(a->path, "log/checkpoint") != 0)
        return;
    state_of(&t->half[0], &s);
    ++*signed_;
    root = sha256_of(signed_, sizeof *signed_);
    *status = 200;
    buf_reset(body);
    assert_int_equal(checkpoint_sign(t->half[1].n.engine->key, s.theirs.size, &root, body), 0);
}

static int
count_fork(void *arg, const struct store_witnessed *w)
{
    (void)w;
    ++*(unsigned *)arg;
    return 0;
}

/* Each round another history: some of the notes prove it, all of them would fill the disk. */
static void
histories_without_end(void **state)
{
    unsigned signed_ = 0;
    unsigned kept = 0;
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 3);
    t.meddle = sign_another;
    t.arg = &signed_;
    two_pass(&t, 300);
    assert_int_equal(two_fault(&t.half[0]), PEER_FORK);
    assert_true(signed_ > 2 * STORE_FORKED_MOST);
    assert_int_equal(store_each_forked(t.half[0].n.store, SLICE("bland.example/detente/log"),
                                       count_fork, &kept),
                     0);
    assert_int_equal(kept, STORE_FORKED_MOST);
    two_end(&t);
}

/* What half 1 answers when half 0 shows the tree that it has, after `old`. */
static unsigned
show(struct two *t, uint64_t old, struct witness_told *told)
{
    struct ledger *l = engine_ledger(t->half[0].n.engine);
    struct ledger_storage storage;
    struct tree_path path;
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(body, WITNESS_BODY_MAX);

    store_ledger(t->half[0].n.store, &storage);
    assert_int_equal(storage.get_note(storage.self, LEDGER_NEWEST, &note), 0);
    assert_int_equal(ledger_prove_consistency(l, old, ledger_size(l), &path), 0);
    witness_write(&body, old, &path, buf_get(&note));
    assert_int_equal(witness_ask(&t->half[1].witness, buf_get(&body), told), 0);
    return told->status;
}

/* A log that grows without end has its pace; whoever shows its tree again and again does not
 * take it from it, and costs no sync of the disk. */
static void
a_log_is_cosigned_at_a_pace(void **state)
{
    struct witness_told told;
    struct witness_told again;
    uint64_t size;
    struct two t;

    (void)state;
    two_begin(&t);
    size = 0;
    for (unsigned i = 0; i < WITNESS_BURST; i++) {
        two_leaf(&t.half[0], SLICE("a leaf"));
        assert_int_equal(show(&t, size, &told), 200);
        size = ledger_size(engine_ledger(t.half[0].n.engine));
    }
    for (unsigned i = 0; i < 3 * WITNESS_BURST; i++) {
        t.now += 1000;
        assert_int_equal(show(&t, size, &again), 200);
    }
    t.now += WITNESS_EVERY_US; /* one of each */
    two_leaf(&t.half[0], SLICE("a leaf"));
    assert_int_equal(show(&t, size, &told), 200);
    size = ledger_size(engine_ledger(t.half[0].n.engine));
    two_leaf(&t.half[0], SLICE("a leaf"));
    assert_int_equal(show(&t, size, &told), WITNESS_SLOWER);
    assert_int_equal(show(&t, size - 1, &told), WITNESS_STALE);
    /* The node heeds it, and there is no fault in that. */
    two_pass(&t, 10);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    two_end(&t);
}

/* Sixty lines of whoever, of two thousand bytes each. */
static void
add_lines(struct buf *note)
{
    static char junk[2000];

    memset(junk, 'A', sizeof junk);
    for (unsigned i = 0; i < 60; i++)
        buf_printf(note, "\xe2\x80\x94 who%u.example %.*s\n", i, (int)sizeof junk, junk);
}

static void
pad_checkpoint(struct two *t, unsigned to, const struct fetch_ask *a, uint32_t *status,
               struct buf *body)
{
    unsigned *padded = t->arg;

    if (to != 0 || strcmp(a->path, "log/checkpoint") != 0 || *status != 200)
        return;
    add_lines(body);
    ++*padded;
}

static size_t
held_note(struct half *h, const char *what)
{
    char name[PEERS_META];
    AUTO_BUF(note, NOTE_MAX);

    peers_meta(vkey_name(&h->two->half[!h->i].n.vkey), what, name);
    assert_int_equal(store_get_meta(h->n.store, name, &note), 0);
    return note.len;
}

/* What nobody checked is not kept: notes are, for ever. */
static void
lines_of_nobody_are_not_kept(void **state)
{
    struct witness_told told;
    struct store_witnessed w;
    struct ledger_storage storage;
    struct tree_path none = {.count = 0};
    unsigned padded = 0;
    uint64_t size;
    struct two t;
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(body, WITNESS_BODY_MAX);

    (void)state;
    two_begin(&t);
    t.meddle = pad_checkpoint;
    t.arg = &padded;
    two_notice(&t.half[1], "bland-1", NULL);
    two_pass(&t, 70);
    assert_true(padded > 0);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    assert_in_range(held_note(&t.half[0], "holder"), 200, 600);
    size = ledger_size(engine_ledger(t.half[0].n.engine));
    store_ledger(t.half[0].n.store, &storage);
    assert_int_equal(storage.get_note(storage.self, LEDGER_NEWEST, &note), 0);
    add_lines(&note);
    witness_write(&body, size, &none, buf_get(&note));
    assert_int_equal(witness_ask(&t.half[1].witness, buf_get(&body), &told), 0);
    assert_int_equal(told.status, WITNESS_COSIGN);
    assert_int_equal(store_get_witnessed(t.half[1].n.store, vkey_name(&t.half[0].n.vkey), &w),
                     0);
    assert_in_range(w.note.len, 200, 600);
    store_settle(t.half[1].n.store);
    two_end(&t);
}

struct crossed {
    struct half *other;
    unsigned count;
    uint64_t size; /* of the newest */
};

static int
each_cross(void *arg, uint64_t index, struct slice entry)
{
    struct crossed *x = arg;
    struct ledger_storage storage;
    struct checkpoint c;
    struct slice origin;
    struct hash root;
    struct hash sha256;
    struct hash h;
    struct leaf l;
    struct note note;
    AUTO_BUF(text, NOTE_MAX);

    (void)index;
    leaf_read(entry, &l);
    if (l.reading != LEAF_KNOWN || l.type != LEAF_CROSS)
        return 0;
    x->count++;
    assert_int_equal(leaf_text(&l, "origin", &origin), 0);
    assert_true(slice_eq(origin, vkey_name(&x->other->n.vkey)));
    assert_int_equal(leaf_number(&l, "size", &x->size), 0);
    assert_int_equal(leaf_hash(&l, "root", &root), 0);
    assert_int_equal(leaf_hash(&l, "sha256", &sha256), 0);
    /* It names the very note that the other signed. */
    store_ledger(x->other->n.store, &storage);
    assert_int_equal(storage.get_note(storage.self, x->size, &text), 0);
    h = sha256_of(text.ptr, text.len);
    assert_true(hash_eq(&h, &sha256));
    assert_int_equal(note_parse(buf_get(&text), NOTE_MAX, &note, NULL), 0);
    assert_int_equal(checkpoint_parse(note.text, &c), 0);
    assert_true(hash_eq(&c.root, &root));
    return 0;
}

static struct crossed
crossed(struct two *t, unsigned i)
{
    struct crossed x = {.other = &t->half[!i]};
    struct ledger_storage storage;

    store_ledger(t->half[i].n.store, &storage);
    assert_int_equal(storage.get_entries(storage.self, 0,
                                         ledger_size(engine_ledger(t->half[i].n.engine)),
                                         each_cross, &x),
                     0);
    return x;
}

/* Each log names a checkpoint of the other's, at most once an hour: order between the two. */
static void
logs_name_each_other(void **state)
{
    struct crossed first;
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 5);
    first = crossed(&t, 0);
    assert_int_equal(first.count, 1);
    assert_int_equal(crossed(&t, 1).count, 1);
    two_notice(&t.half[1], "bland-1", NULL);
    two_pass(&t, 1800);
    assert_int_equal(crossed(&t, 0).count, 1);
    two_pass(&t, 1900);
    two_notice(&t.half[1], "bland-2", NULL);
    two_pass(&t, 60);
    assert_int_equal(crossed(&t, 0).count, 2);
    assert_true(crossed(&t, 0).size > first.size);
    two_end(&t);
}

struct counted {
    unsigned shown; /* checkpoints that half 0 showed */
};

static void
count_shown(struct two *t, unsigned to, const struct fetch_ask *a, uint32_t *status,
            struct buf *body)
{
    struct counted *c = t->arg;

    (void)status;
    (void)body;
    c->shown += to == 0 && strcmp(a->path, "witness/add-checkpoint") == 0;
}

/* Nothing new: the same checkpoint is shown once a minute, no more and no less; and time that
 * went by does not count as new leaves. */
static void
a_heartbeat_a_minute(void **state)
{
    struct counted c = {.shown = 0};
    struct peer_state s;
    struct two t;
    uint64_t size;

    (void)state;
    two_begin(&t);
    two_pass(&t, 90);
    size = ledger_signed_size(engine_ledger(t.half[0].n.engine));
    t.meddle = count_shown;
    t.arg = &c;
    two_pass(&t, 3000);
    assert_in_range(c.shown, 46, 51);
    state_of(&t.half[0], &s);
    assert_int_equal(s.witnessed, size);
    assert_true(t.now - s.witnessed_at.us < 65 * INT64_C(1000000));
    assert_int_equal(ledger_signed_size(engine_ledger(t.half[0].n.engine)), size);
    two_end(&t);
}

static struct two *whose_clock;

static struct utime
an_hour_ago(void *self)
{
    (void)self;
    return (struct utime){whose_clock->now - INT64_C(3600000000)};
}

/* Its times never go back: such a cosignature would date what it covers before what it is. */
static void
a_witness_whose_clock_went_back(void **state)
{
    struct peer_state before;
    struct peer_state s;
    struct utime (*clock)(void *self);
    struct two t;

    (void)state;
    two_begin(&t);
    two_pass(&t, 90);
    state_of(&t.half[0], &before);
    whose_clock = &t;
    clock = t.half[1].n.env.now_wall;
    t.half[1].n.env.now_wall = an_hour_ago;
    two_pass(&t, 90);
    state_of(&t.half[0], &s);
    assert_int_equal(s.fault, PEER_FALSE_COSIGNATURE);
    assert_true(s.witnessed_at.us - before.witnessed_at.us < INT64_C(90000000));
    t.half[1].n.env.now_wall = clock;
    two_pass(&t, 90);
    assert_int_equal(two_fault(&t.half[0]), PEER_FINE);
    two_end(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_witness_and_hold_each_other),
        cmocka_unit_test(a_conversation_until_it_is_closed),
        cmocka_unit_test(a_conversation_whose_sides_die_between_words),
        cmocka_unit_test(what_is_wrong_is_named_and_heals),
        cmocka_unit_test(a_lost_cosignature_heals),
        cmocka_unit_test(what_is_withheld_is_named),
        cmocka_unit_test(a_history_that_goes_back_is_found),
        cmocka_unit_test(histories_without_end),
        cmocka_unit_test(lines_of_nobody_are_not_kept),
        cmocka_unit_test(a_log_is_cosigned_at_a_pace),
        cmocka_unit_test(logs_name_each_other),
        cmocka_unit_test(a_heartbeat_a_minute),
        cmocka_unit_test(a_witness_whose_clock_went_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
