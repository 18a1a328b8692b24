/* Proof files: what verifies under a key that signed only the seeds commits to what it shows,
 * and a refusal says why. */
#include "ledger/commit.h"
#include "ledger/proof.h"
#include "wire/jcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct proof p;
    static const uint8_t seed[KEY_SEED] = {1}; /* the key that signed the seeds */
    static struct skey key;
    struct slice in = {(const char *)data, size};
    struct checkpoint_keys keys = {{&key.vkey, 1}, {NULL, 0}, {NULL, 0}};
    struct errinfo ei = {.text = ""};
    struct tlog_proof tlog;
    AUTO_BUF(unchecked, NOTE_MAX);

    if (key_init() < 0 || skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &key) < 0)
        return 0;
    if (tlog_proof_parse(in, &tlog) == 0) {
        AUTO_BUF(again, PROOF_MAX);

        tlog_proof_write(&again, tlog.index, &tlog.path, tlog.checkpoint);
        BUG_ON(size <= PROOF_MAX && buf_error(&again) == 0 && !slice_eq(buf_get(&again), in));
    }
    static struct message_proof message;
    struct proof_party party = {SLICE("a1"), keys};

    if (message_proof_verify(in, (struct proof_parties){&party, 1}, &message, NULL) == 0)
        message_proof_release(&message);
    if (proof_verify(in, &keys, &p, &ei) < 0) {
        BUG_ON(ei.text[0] == '\0');
        return 0;
    }
    BUG_ON(jcs_check(slice_sub(in, 0, size - 1), NULL) != JCS_OK);
    BUG_ON(jcs_check(p.public_, NULL) != JCS_OK || p.index >= p.events || p.grade[0] != 'E');
    BUG_ON((p.target.len > 0 || p.has_raw) && p.private_.len == 0);
    proof_unchecked(&p, &unchecked);
    proof_release(&p);
    return 0;
}
