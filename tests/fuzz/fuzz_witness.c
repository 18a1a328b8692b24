/* Bodies of add-checkpoint: what parses is written back byte for byte, and what a witness would
 * cosign goes on from what it cosigned last, under the log's own signature. */
#include "ledger/witness.h"
#include "wire/hex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_cosigned(const struct witness_request *q, const struct witness_state *state,
               const struct vkey *log, const struct witness_verdict *v)
{
    static struct checkpoint_signed s;
    const struct checkpoint_keys keys = {{log, 1}, {NULL, 0}, {NULL, 0}};

    BUG_ON(checkpoint_verify(q->note, &keys, &s, NULL) < 0);
    BUG_ON(!slice_eq(s.note.text, v->text) || s.checkpoint.size != v->what.size);
    BUG_ON(q->old != (state->known ? state->head.size : 0) || v->what.size < q->old);
    BUG_ON(state->known && v->what.size == state->head.size &&
           !hash_eq(&v->what.root, &state->head.root));
    BUG_ON(v->fork);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t seed[KEY_SEED] = {1}; /* the key that signed the seeds */
    static const char root[] =                 /* … over their first 11 entries */
        "32922087074b42fbbf3a3a36723ab27825fd9badb1e29bddebc3fea83e9ec04d";
    static struct skey key;
    struct slice in = {(const char *)data, size};
    struct witness_state states[2] = {{.known = false}, {.head = {.size = 11}, .known = true}};
    struct witness_request q;
    AUTO_BUF(again, WITNESS_BODY_MAX);

    if (key_init() < 0 || skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &key) < 0 ||
        hex_decode(slice_of(root), states[1].head.root.byte, SHA256_SIZE) < 0)
        return 0;
    if (witness_parse(in, &q) < 0)
        return 0;
    witness_write(&again, q.old, &q.path, q.note);
    BUG_ON(!slice_eq(buf_get(&again), in));
    for (unsigned i = 0; i < 2; i++) {
        struct witness_verdict v;

        witness_judge(&q, (struct vkeys){&key.vkey, 1}, &states[i], &v);
        if (v.status == WITNESS_COSIGN)
            check_cosigned(&q, &states[i], &key.vkey, &v);
        BUG_ON(v.status == WITNESS_UNKNOWN && slice_is(q.origin, "a.example/log"));
    }
    return 0;
}
