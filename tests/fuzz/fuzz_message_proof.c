/* Proofs of messages and of forks, under the keys that signed the seeds: what verifies says the
 * same when it is written again, and every refusal says why. */
#include "exchange/fork.h"
#include "exchange/message_proof.h"
#include "wire/jcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct skey keys[5];

static int
make_keys(void)
{
    static const char *const names[] = {
        "aland.example/detente/message", "bland.example/detente/message",
        "aland.example/detente/log", "bland.example/detente/log",
        "bland.example/detente/holder"};
    int err = key_init();

    for (unsigned i = 0; err == 0 && i < 5; i++) {
        uint8_t seed[KEY_SEED] = {(uint8_t)(i + 1)};

        err = skey_make(slice_of(names[i]), i == 4 ? KEY_COSIGN : KEY_ED25519, seed, &keys[i]);
    }
    return err;
}

static void
fork_file(struct slice in)
{
    struct vkeys log = {&keys[2].vkey, 1};
    struct errinfo ei = {.text = ""};
    struct fork f;
    int err = fork_verify(in, log, &f, &ei);

    if (err < 0) {
        BUG_ON(err == ERR_PROOF && ei.text[0] == '\0');
        return;
    }
    BUG_ON(!f.entry && (f.a_size != f.b_size || hash_eq(&f.a_root, &f.b_root)));
    BUG_ON(f.entry && (f.index >= f.a_size || f.index >= f.b_size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct slice members[] = {{"aland", 5}, {"bland", 5}};
    static struct message_proved p;
    struct slice in = {(const char *)data, size};
    struct errinfo ei = {.text = ""};

    if (make_keys() < 0)
        return 0;
    fork_file(in);
    {
        struct role_key message[] = {{members[0], keys[0].vkey, {0}, {0}},
                                     {members[1], keys[1].vkey, {0}, {0}}};
        struct envelope_terms terms = {.pact = SLICE("aland-bland"),
                                       .party = members,
                                       .parties = 2,
                                       .message = {message, 2}};
        struct proof_party known[] = {
            {members[0], {{&keys[2].vkey, 1}, {NULL, 0}, {&keys[4].vkey, 1}}},
            {members[1], {{&keys[3].vkey, 1}, {NULL, 0}, {NULL, 0}}}};
        int err = message_proof_check(in, (struct proof_parties){known, 2}, &terms, &p, &ei);

        if (err < 0) {
            BUG_ON(err == ERR_PROOF && ei.text[0] == '\0');
            return 0;
        }
        BUG_ON(p.proof.received && !p.delivered);
        BUG_ON(!hash_eq(&p.envelope.id, &p.proof.sha256));
        message_proof_release(&p.proof);
    }
    return 0;
}
