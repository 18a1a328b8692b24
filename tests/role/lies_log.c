/* Lies about logs: of the own one, and of what the other's is said to be. */
#include "lies_priv.h"

#include "role/engine_priv.h"
#include "store/witnessed.h"

/* ---- the log ----------------------------------------------------------------------------- */

void
lie_begin_strange_leaves(struct lies *l)
{
    static const struct slice leaves[] = {{"no leaf", 7},
                                          {"detente/message/1\n{}", 20},
                                          {"detente/message/9\n{}", 20},
                                          {"detente/annex/1\n{\"a\":1}", 23}};
    for (size_t i = 0; i < COUNT(leaves); i++)
        two_leaf(l->liar, leaves[i]);
}

/* They are held as they are, and nothing comes of them. */
bool
lie_named_strange_leaves(struct lies *l)
{
    struct peer_state s;

    peers_state(l->other->peers, 0, &s);
    return s.missing == 0 && s.theirs.size == ledger_size(engine_ledger(l->liar->n.engine));
}

void
lie_change_last_byte(struct lies *l, uint32_t *status, struct buf *body)
{
    (void)l;
    (void)status;
    if (body->len > 0)
        body->ptr[body->len - 1] ^= 1;
}

static void
random_root(struct lies *l, struct hash *ret)
{
    for (unsigned i = 0; i < sizeof ret->byte; i++)
        ret->byte[i] = (uint8_t)next_random(l->random);
}

static void
sign_other_root(struct lies *l, uint64_t size, struct buf *ret)
{
    struct hash root;

    random_root(l, &root);
    buf_reset(ret);
    assert_int_equal(checkpoint_sign(l->liar->n.engine->key, size, &root, ret), 0);
}

/* Each time another one: they are many trees. */
void
lie_change_to_fork(struct lies *l, uint32_t *status, struct buf *body)
{
    struct peer_state s;

    peers_state(l->other->peers, 0, &s);
    *status = 200;
    sign_other_root(l, s.theirs.size, body);
}

void
lie_change_to_other_signer(struct lies *l, uint32_t *status, struct buf *body)
{
    struct hash root;

    random_root(l, &root);
    *status = 200;
    buf_reset(body);
    assert_int_equal(checkpoint_sign(l->other->n.engine->key, 9, &root, body), 0);
}

void
lie_change_to_endless(struct lies *l, uint32_t *status, struct buf *body)
{
    (void)l;
    *status = 200;
    buf_reset(body);
    while (body->len <= NOTE_MAX)
        buf_text(body, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n");
}

static void
newest_note(struct half *h, struct buf *ret)
{
    struct ledger_storage storage;

    store_ledger(h->n.store, &storage);
    buf_reset(ret);
    assert_int_equal(storage.get_note(storage.self, LEDGER_NEWEST, ret), 0);
}

void
lie_begin_rollback(struct lies *l)
{
    AUTO_BUF(note, NOTE_MAX);

    newest_note(l->liar, &note);
    lie_say_ping(l);
    two_pass_by(l->two, STEP_S, INT64_C(1000000));
    buf_reset(&l->bytes);
    buf_slice(&l->bytes, buf_get(&note));
}

static int
count_fork(void *arg, const struct store_witnessed *w)
{
    (void)w;
    ++*(uint64_t *)arg;
    return 0;
}

static uint64_t
forks(const struct lies *l)
{
    uint64_t n = 0;

    assert_int_equal(
        store_each_forked(l->other->n.store, vkey_name(&l->liar->n.vkey), count_fork, &n), 0);
    store_settle(l->other->n.store);
    return n;
}

bool
lie_named_fork(struct lies *l)
{
    return forks(l) > 0 && forks(l) <= STORE_FORKED_MOST;
}

/* Another tree of the size that the other's witness cosigned. */
void
lie_begin_witness_fork(struct lies *l)
{
    const struct tree_path none = {.count = 0};
    struct store_witnessed w;
    struct witness_told told;
    uint64_t size;
    AUTO_BUF(note, NOTE_MAX);
    AUTO_BUF(body, WITNESS_BODY_MAX);

    lie_say_ping(l);
    assert_int_equal(store_get_witnessed(l->other->n.store, vkey_name(&l->liar->n.vkey), &w),
                     0);
    size = w.head.size;
    store_settle(l->other->n.store);
    sign_other_root(l, size, &note);
    witness_write(&body, size, &none, buf_get(&note));
    assert_int_equal(witness_ask(&l->other->witness, buf_get(&body), &told), 0);
    l->number = told.status == WITNESS_WRONG;
}

bool
lie_named_witness_fork(struct lies *l)
{
    return l->number == 1 && lie_named_fork(l);
}

/* ---- what it says of the other's log ----------------------------------------------------- */

static void
cosign(struct lies *l, enum node_key which, int64_t ahead_us, struct buf *ret)
{
    AUTO_BUF(bytes, NOTE_MAX);
    struct errinfo ei = {0};
    struct note note;

    newest_note(l->other, &bytes);
    assert_int_equal(note_parse(buf_get(&bytes), NOTE_MAX, &note, &ei), 0);
    buf_reset(ret);
    assert_int_equal(checkpoint_cosign(note.text, &l->liar->keys.key[which],
                                       (uint64_t)((l->two->now + ahead_us) / 1000000), ret),
                     0);
}

void
lie_change_to_other_cosigner(struct lies *l, uint32_t *status, struct buf *body)
{
    *status = 200;
    cosign(l, NODE_HOLDER, 0, body);
}

void
lie_change_to_future(struct lies *l, uint32_t *status, struct buf *body)
{
    *status = 200;
    cosign(l, NODE_WITNESS, HOUR_US, body);
}

void
lie_change_to_past(struct lies *l, uint32_t *status, struct buf *body)
{
    *status = 200;
    cosign(l, NODE_WITNESS, -HOUR_US, body);
}
