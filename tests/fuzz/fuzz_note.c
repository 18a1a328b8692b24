/* Notes: what parses can be put together again, a merge with its own lines changes nothing,
 * and no made-up signature verifies. */
#include "note/note.h"
#include "note/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct note n;
    static struct note_signers signers;
    struct slice in = {(const char *)data, size};
    struct errinfo ei = {.text = ""};
    static const uint8_t seed[KEY_SEED] = {9};
    static struct skey key;
    struct vkey v;
    AUTO_BUF(again, 2 * NOTE_MAX);

    if (key_init() < 0 || skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &key) < 0)
        return 0;
    if (vkey_parse(in, &v) == 0) {
        buf_vkey(&again, &v);
        BUG_ON(!slice_eq(buf_get(&again), in));
        buf_reset(&again);
    }
    static struct policy policy;

    if (policy_parse(in, &policy, &ei) == 0) {
        signers.count = 0;
        BUG_ON(policy_met(&policy, &signers) != (policy.quorum < 0)); /* nobody signed */
    }
    if (note_parse(in, NOTE_MAX, &n, &ei) < 0) {
        BUG_ON(ei.text[0] == '\0'); /* every refusal says why */
        return 0;
    }
    BUG_ON(n.count == 0 || n.text.len == 0 || n.text.ptr[n.text.len - 1] != '\n');
    BUG_ON(n.text.len + 1 + n.lines.len != size);
    BUG_ON(note_merge(in, n.lines, &again, NULL) < 0 || !slice_eq(buf_get(&again), in));
    BUG_ON(note_check(&n, (struct vkeys){&key.vkey, 1}, &signers, NULL) == 0 &&
           signers.count > 0); /* nobody has this key */
    return 0;
}
