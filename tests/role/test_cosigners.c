/* The further witnesses of a log: what counts, what does not, and what heals. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/witness.h"
#include "role/cosigners.h"
#include "role/engine_priv.h"
#include "role/node_keys.h"
#include "role/quorum.h"
#include "store/cosigned.h"
#include "wire/base64.h"

#define T0 (INT64_C(4000000000) * 1000000) /* behind the clock of `init` */
enum { WITNESSES = 3 };

enum mode {
    FINE,
    GONE, /* nothing is got */
    LOST, /* it cosigns, and the answer gets lost; then fine */
    ERROR_500,
    UNKNOWN, /* 404 */
    GARBAGE,
    EMPTY,
    STRANGER, /* a key of the same name that the policy does not have */
    FORGED,   /* its name and id, another key's signature */
    HEADLESS, /* signed without the header */
    FUTURE,
    PAST,      /* before its last one */
    WAITS,     /* 429 */
    HOLDER_409 /* claims a larger tree, and shows garbage */
};

struct fake {
    struct skey key;
    struct witness_state state;
    enum mode mode;
    struct fetch_ask asked;
    bool asks;
    struct buf body;
    unsigned questions;
};

struct scene {
    char dir[64];
    struct node n;
    struct node_keys keys;
    struct policy policy;
    struct cosigners *c;
    struct fetcher fetcher;
    struct fake fake[WITNESSES];
    int64_t now;
    int ended;
};

static struct scene s; /* an env has no room for more */

static struct utime
now_wall(void *self)
{
    (void)self;
    return (struct utime){s.now};
}

static int64_t
now_mono(void *self)
{
    (void)self;
    return s.now;
}

static void
log_nothing(void *self, enum env_level level, const char *text)
{
    (void)self;
    (void)level;
    (void)text;
}

static void
told_peer(void *self, unsigned number, const struct fetch_peer *p)
{
    (void)self;
    assert_in_range(number, FETCH_PEERS, FETCH_PEERS + WITNESSES - 1);
    assert_int_equal(p->pins, 0);
    assert_int_equal(p->vouched, 1);
    assert_int_equal(p->inside, number == FETCH_PEERS);
}

static void
take_ask(void *self, const struct fetch_ask *a, struct slice body)
{
    struct fake *f = &s.fake[a->peer - FETCH_PEERS];

    (void)self;
    assert_false(f->asks);
    f->asked = *a;
    f->asks = true;
    f->questions++;
    buf_reset(&f->body);
    buf_slice(&f->body, body);
}

static void
sign(const struct fake *f, const struct witness_verdict *v, struct buf *to)
{
    uint64_t time = (uint64_t)(s.now / TIME_US_PER_S);
    struct skey key = f->key;
    uint8_t seed[KEY_SEED] = {77};

    if (f->mode == STRANGER || f->mode == FORGED)
        assert_int_equal(skey_make(vkey_name(&f->key.vkey), KEY_COSIGN, seed, &key), 0);
    if (f->mode == FORGED)
        key.vkey.id = f->key.vkey.id;
    if (f->mode == FUTURE)
        time += 301;
    if (f->mode == PAST)
        time -= 100000;
    if (f->mode == HEADLESS) { /* as a log's key would sign, in a cosignature's clothes */
        uint8_t raw[4 + 8 + 64] = {0};
        uint8_t signed_[4 + 64];
        char b64[BASE64_TEXT(sizeof raw) + 1] = "";
        AUTO_BUF(line, 1024);
        const char *at;

        key.vkey.alg = KEY_ED25519;
        note_line_sign(v->text, &key, 0, &line);
        at = memrchr(line.ptr, ' ', line.len);
        assert_int_equal(
            base64_exact((struct slice){at + 1, (size_t)(line.ptr + line.len - at) - 2},
                         signed_, sizeof signed_),
            0);
        memcpy(raw, signed_, 4);
        for (unsigned i = 0; i < 8; i++)
            raw[4 + i] = (uint8_t)(time >> (56 - 8 * i));
        memcpy(raw + 12, signed_ + 4, 64);
        base64_encode(raw, sizeof raw, b64);
        buf_printf(to, "\xe2\x80\x94 %s %s\n", key.vkey.name, b64);
        return;
    }
    assert_int_equal(checkpoint_cosign(v->text, &key, time, to), 0);
}

/* As a witness by the book, but for its mode. */
static uint32_t
answer(struct fake *f, struct buf *to)
{
    struct witness_request q;
    struct witness_verdict v;

    if (f->asked.post == 0) {
        buf_text(to, "nonsense");
        return 200;
    }
    assert_string_equal(f->asked.path, "add-checkpoint");
    assert_int_equal(witness_parse(buf_get(&f->body), &q), 0);
    witness_judge(&q, (struct vkeys){&s.n.vkey, 1}, &f->state, &v);
    if (f->mode == WAITS)
        return 429;
    if (f->mode == ERROR_500 || f->mode == UNKNOWN)
        return f->mode == UNKNOWN ? 404 : 500;
    if (f->mode == GARBAGE)
        buf_text(to, "\xff nonsense\n");
    if (f->mode == HOLDER_409)
        buf_text(to, "99999999\n");
    if (f->mode == GARBAGE || f->mode == EMPTY || f->mode == HOLDER_409)
        return f->mode == HOLDER_409 ? 409 : 200;
    if (v.status == WITNESS_STALE)
        buf_printf(to, "%llu\n", (unsigned long long)f->state.head.size);
    if (v.status != WITNESS_COSIGN)
        return v.status;
    f->state = (struct witness_state){{v.what.size, v.what.root}, true};
    sign(f, &v, to);
    return 200;
}

static void
pass(int64_t seconds)
{
    for (int64_t i = 0; i < seconds * 2; i++) {
        struct errinfo ei = {0};

        s.now += 500000;
        assert_int_equal(cosigners_step(s.c, &ei), 0);
        for (unsigned n = 0; n < 16; n++) {
            struct fake *f = &s.fake[n % WITNESSES];
            AUTO_BUF(body, NOTE_MAX);
            struct fetch_told t = {.peer = f->asked.peer, .id = f->asked.id};

            if (!f->asks)
                continue;
            f->asks = false;
            if (f->mode != GONE)
                t.status = answer(f, &body);
            if (f->mode == LOST) {
                f->mode = FINE;
                t.status = 0;
                buf_reset(&body);
            }
            t.size = (uint32_t)body.len;
            s.ended = cosigners_told(s.c, &t, buf_get(&body), &ei);
            assert_int_equal(s.ended, 0);
        }
    }
}

static int
put_heartbeat(void *arg, struct engine *e, struct errinfo *ei)
{
    AUTO_BUF(entry, LEAF_WRITE_MAX);
    const struct hash h = {{1}};
    const struct leaf_value values[] = {LEAF_HASH("sha256", &h)};
    uint64_t index;
    int r = leaf_write(&entry, LEAF_POLICY, engine_next_time(e),
                       (struct leaf_values){values, 1}, ei);

    (void)arg;
    return r < 0 ? r : ledger_append(e->ledger, buf_get(&entry), &index);
}

static void
grow(void)
{
    struct errinfo ei = {0};

    assert_int_equal(engine_change(s.n.engine, put_heartbeat, NULL, NULL, &ei), 0);
}

static void
start(void)
{
    struct cosigners_open o = {.policy = &s.policy, .fetcher = &s.fetcher};
    struct errinfo ei = {0};
    AUTO_BUF(text, POLICY_MAX + 8192);

    assert_int_equal(node_open(s.dir, NODE_WRITE, &s.n, &ei), 0);
    s.n.env.now_wall = now_wall;
    s.n.env.now_mono = now_mono;
    s.n.env.log = log_nothing;
    assert_int_equal(node_keys_open(&s.n, &s.keys, &ei), 0);
    if (quorum_load(s.dir, s.n.conf, &s.policy, &text, &ei) < 0)
        fail_msg("%s", ei.text);
    assert_int_equal(quorum_keep(&s.n, &s.policy, buf_get(&text), &s.keys.key[NODE_WITNESS],
                                 &s.keys.key[NODE_HOLDER], &ei),
                     0);
    o.engine = s.n.engine;
    o.store = s.n.store;
    o.env = &s.n.env;
    o.conf = s.n.conf;
    assert_int_equal(cosigners_open(&o, &s.c, &ei), 0);
    assert_int_equal(cosigners_count(s.c), WITNESSES);
}

static void
stop(void)
{
    s.c = cosigners_close(s.c);
    node_keys_clear(&s.keys);
    node_close(&s.n);
}

static void
write_file(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", s.dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int
begin(void **state)
{
    const struct node_init how = {.party = "aland", .origin = "aland.example/detente/log"};
    struct errinfo ei = {0};
    AUTO_BUF(text, 8192);

    (void)state;
    s = (struct scene){.now = T0, .fetcher = {NULL, told_peer, take_ask}};
    assert_int_equal(key_init(), 0);
    (void)snprintf(s.dir, sizeof s.dir, "%s/detente-test.XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(s.dir));
    assert_int_equal(node_init(s.dir, &how, &ei), 0);
    for (unsigned i = 0; i < WITNESSES; i++) {
        uint8_t seed[KEY_SEED] = {(uint8_t)(i + 1)};
        char key[VKEY_TEXT];
        char name[32];

        buf_init(&s.fake[i].body, NOTE_MAX * 2);
        (void)snprintf(name, sizeof name, "w%u.example/witness", i);
        assert_int_equal(skey_make(slice_of(name), KEY_COSIGN, seed, &s.fake[i].key), 0);
        (void)vkey_format(&s.fake[i].key.vkey, key);
        buf_printf(&text, "witness w%u %s https://w%u.example/\n", i, key, i);
    }
    buf_text(&text, "group two 2 w0 w1 w2\nquorum two\n");
    buf_char(&text, '\0');
    write_file("policy", text.ptr);
    write_file("detente.yaml", "witness: {policy: policy, inside: [w0]}\n");
    start();
    return 0;
}

static int
end(void **state)
{
    char command[96];

    (void)state;
    stop();
    for (unsigned i = 0; i < WITNESSES; i++)
        buf_release(&s.fake[i].body);
    (void)snprintf(command, sizeof command, "rm -r %s", s.dir);
    return system(command);
}

static enum peer_fault
fault(unsigned i)
{
    struct peer_state st;

    cosigners_state(s.c, i, &st);
    return st.fault;
}

static void
k_of_n_is_counted_and_kept(void **state)
{
    struct quorum q;
    uint64_t size = ledger_signed_size(engine_ledger(s.n.engine));

    (void)state;
    s.fake[2].mode = GONE;
    pass(5);
    assert_int_equal(quorum_look(s.n.store, &q), 0);
    assert_int_equal(q.now, 2);
    assert_int_equal(q.reach, size);
    assert_int_equal(fault(2), PEER_UNREACHABLE);
    s.fake[1].mode = GONE; /* one is not enough */
    grow();
    pass(30);
    assert_true(cosigners_meet(s.c)); /* not yet for long */
    pass(400);
    assert_false(cosigners_meet(s.c));
    assert_int_equal(quorum_look(s.n.store, &q), 0);
    assert_int_equal(q.now, 1);
    assert_int_equal(q.reach, size);
    assert_int_equal(q.signed_, size + 1);
    stop(); /* what is known of them outlives the engine */
    start();
    assert_int_equal(quorum_look(s.n.store, &q), 0);
    assert_int_equal(q.size[0], size + 1);
    s.fake[1].mode = s.fake[2].mode = FINE;
    pass(30);
    assert_true(cosigners_meet(s.c));
    assert_int_equal(quorum_look(s.n.store, &q), 0);
    assert_int_equal(q.now, 3);
    assert_int_equal(q.reach, size + 1);
}

/* Nothing grows: the same checkpoint is shown again, and time goes on. */
static void
a_heartbeat_keeps_it_fresh(void **state)
{
    struct quorum q;
    unsigned before;

    (void)state;
    pass(5);
    before = s.fake[0].questions;
    pass(600);
    assert_int_equal(quorum_look(s.n.store, &q), 0);
    assert_in_range(s.fake[0].questions - before, 8, 11);
    for (unsigned i = 0; i < WITNESSES; i++)
        assert_true(s.now - q.at[i].us < 75 * INT64_C(1000000));
    assert_int_equal(ledger_signed_size(engine_ledger(s.n.engine)), q.size[0]);
}

static void
what_is_false_never_counts_and_heals(void **state)
{
    static const struct {
        enum mode mode;
        enum peer_fault fault;
    } cases[] = {{GONE, PEER_UNREACHABLE},
                 {ERROR_500, PEER_NO_WITNESS},
                 {UNKNOWN, PEER_NO_WITNESS},
                 {GARBAGE, PEER_FALSE_COSIGNATURE},
                 {EMPTY, PEER_FALSE_COSIGNATURE},
                 {STRANGER, PEER_FALSE_COSIGNATURE},
                 {FORGED, PEER_FALSE_COSIGNATURE},
                 {HEADLESS, PEER_FALSE_COSIGNATURE},
                 {FUTURE, PEER_FALSE_COSIGNATURE},
                 {PAST, PEER_FALSE_COSIGNATURE},
                 {HOLDER_409, PEER_FALSE_COSIGNATURE}};
    struct quorum q;

    (void)state;
    pass(5);
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t size = ledger_signed_size(engine_ledger(s.n.engine));

        s.fake[1].mode = cases[i].mode;
        grow();
        pass(60);
        if (fault(1) != cases[i].fault)
            print_message("mode %d\n", (int)cases[i].mode);
        assert_int_equal(fault(1), cases[i].fault);
        assert_int_equal(quorum_look(s.n.store, &q), 0);
        assert_int_equal(q.size[1], size);
        assert_int_equal(q.now, 2); /* the others do not wait for it */
        s.fake[1].mode = FINE;
        pass(900);
        assert_int_equal(fault(1), PEER_FINE);
        assert_int_equal(quorum_look(s.n.store, &q), 0);
        assert_int_equal(q.size[1], size + 1);
    }
}

/* A pause is kept, and each is longer than the one before; nothing but pauses is a refusal. */
static void
who_asks_to_wait_is_waited_for(void **state)
{
    struct quorum q;
    unsigned asked;

    (void)state;
    pass(5);
    s.fake[1].mode = WAITS;
    grow();
    asked = s.fake[1].questions;
    pass(50);
    assert_in_range(s.fake[1].questions - asked, 2, 5);
    assert_int_equal(fault(1), PEER_FINE);
    s.fake[1].mode = FINE;
    pass(40);
    assert_int_equal(fault(1), PEER_FINE);
    assert_int_equal(quorum_look(s.n.store, &q), 0);
    assert_int_equal(q.size[1], ledger_signed_size(engine_ledger(s.n.engine)));
    s.fake[1].mode = WAITS;
    grow();
    pass(200);
    assert_int_equal(fault(1), PEER_NO_WITNESS);
    s.fake[1].mode = FINE;
    pass(900);
    assert_int_equal(fault(1), PEER_FINE);
}

static void
a_lost_answer_heals(void **state)
{
    struct quorum q;

    (void)state;
    pass(5);
    s.fake[1].mode = LOST;
    grow();
    pass(60);
    assert_int_equal(quorum_look(s.n.store, &q), 0);
    assert_int_equal(q.now, 3);
    s.fake[1].state.known = false; /* the witness lost its state: 409 with 0 */
    s.fake[1].state.head = (struct tree_head){.size = 0};
    grow();
    pass(60);
    assert_int_equal(quorum_look(s.n.store, &q), 0);
    assert_int_equal(q.now, 3);
}

/* A proof has the lines of the first checkpoint that meets the policy. */
static void
proofs_meet_the_policy(void **state)
{
    struct checkpoint_keys keys = policy_keys(&s.policy);
    struct checkpoint_signed c;
    AUTO_BUF(note, NOTE_MAX);
    uint64_t first = ledger_signed_size(engine_ledger(s.n.engine));
    struct errinfo ei = {0};
    uint64_t size;

    (void)state;
    assert_int_equal(quorum_cover(s.n.store, 0, &size, &note), ERR_NOTFOUND);
    s.fake[1].mode = s.fake[2].mode = GONE;
    pass(30);
    buf_reset(&note);
    assert_int_equal(quorum_cover(s.n.store, 0, &size, &note), 0);
    assert_int_equal(size, first); /* of one: better than nothing */
    s.fake[1].mode = FINE;
    grow();
    pass(120);
    buf_reset(&note);
    assert_int_equal(quorum_cover(s.n.store, 0, &size, &note), 0);
    assert_int_equal(size, first + 1);
    keys.log = (struct vkeys){&s.n.vkey, 1};
    assert_int_equal(checkpoint_verify(buf_get(&note), &keys, &c, &ei), 0);
    assert_true(policy_met(&s.policy, &c.witness));
}

static unsigned
policy_leaves(void)
{
    return (unsigned)ledger_signed_size(engine_ledger(s.n.engine));
}

static void
a_policy_that_changed_is_in_the_log(void **state)
{
    unsigned before = policy_leaves();
    struct policy *p = malloc(sizeof *p);
    AUTO_BUF(text, POLICY_MAX + 8192);
    struct errinfo ei = {0};
    char key[VKEY_TEXT];

    (void)state;
    assert_non_null(p);
    stop();
    start(); /* the same: nothing to say */
    assert_int_equal(policy_leaves(), before);
    write_file("policy", "quorum none\n");
    assert_int_equal(quorum_load(s.dir, s.n.conf, p, &text, &ei), ERR_CONF); /* inside: w0 */
    write_file("policy", "witness w0\n");
    buf_reset(&text);
    assert_int_equal(quorum_load(s.dir, s.n.conf, p, &text, &ei), ERR_CONF);
    assert_int_equal(ei.line, 1);
    /* one's own key makes no further witness */
    (void)vkey_format(&s.keys.key[NODE_WITNESS].vkey, key);
    buf_reset(&text);
    buf_printf(&text, "witness w0 %s https://w0.example/\nquorum w0\n", key);
    assert_int_equal(policy_parse(buf_get(&text), p, &ei), 0);
    assert_int_equal(quorum_keep(&s.n, p, buf_get(&text), &s.keys.key[NODE_WITNESS],
                                 &s.keys.key[NODE_HOLDER], &ei),
                     ERR_CONF);
    buf_reset(&text);
    buf_text(&text, "quorum none\n");
    assert_int_equal(policy_parse(buf_get(&text), p, &ei), 0);
    assert_int_equal(quorum_keep(&s.n, p, buf_get(&text), &s.keys.key[NODE_WITNESS],
                                 &s.keys.key[NODE_HOLDER], &ei),
                     0);
    assert_int_equal(policy_leaves(), before + 1);
    free(p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(k_of_n_is_counted_and_kept, begin, end),
        cmocka_unit_test_setup_teardown(a_heartbeat_keeps_it_fresh, begin, end),
        cmocka_unit_test_setup_teardown(what_is_false_never_counts_and_heals, begin, end),
        cmocka_unit_test_setup_teardown(who_asks_to_wait_is_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(a_lost_answer_heals, begin, end),
        cmocka_unit_test_setup_teardown(proofs_meet_the_policy, begin, end),
        cmocka_unit_test_setup_teardown(a_policy_that_changed_is_in_the_log, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
