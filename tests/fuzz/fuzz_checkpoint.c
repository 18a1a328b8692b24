/* Checkpoints: what parses without extension is written back byte for byte; what the keys
 * below verify says what they signed. */
#include "note/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct checkpoint_signed s;
    static const uint8_t seed[KEY_SEED] = {1}; /* the key that signed the seeds */
    static struct skey key;
    struct slice in = {(const char *)data, size};
    struct checkpoint_keys keys = {{&key.vkey, 1}, {NULL, 0}, {NULL, 0}};
    struct checkpoint c;
    AUTO_BUF(again, NOTE_MAX);

    if (key_init() < 0 || skey_make(SLICE("a.example/log"), KEY_ED25519, seed, &key) < 0)
        return 0;
    if (checkpoint_parse(in, &c) == 0) {
        buf_checkpoint(&again, c.origin, c.size, &c.root);
        buf_slice(&again, c.extension);
        BUG_ON(size <= NOTE_MAX && !slice_eq(buf_get(&again), in));
    }
    if (checkpoint_verify(in, &keys, &s, NULL) == 0) {
        buf_reset(&again);
        BUG_ON(checkpoint_sign(&key, s.checkpoint.size, &s.checkpoint.root, &again) < 0);
        BUG_ON(!slice_eq(slice_sub(buf_get(&again), 0, s.note.text.len), s.note.text));
    }
    return 0;
}
