/* A signing key in a file that a passphrase opens: what a party keeps outside its node.
 *
 *     detente-key/1
 *     {"box":HEX,"kdf":"argon2id","memory":BYTES,"nonce":HEX,"ops":N,"salt":HEX,"vkey":VKEY}
 *
 * The key's own text (note/key.h) is boxed with XSalsa20-Poly1305 under argon2id of the
 * passphrase (libsodium: crypto_secretbox, crypto_pwhash).  The verifier key stands outside, so
 * that it can be told whose file it is.  Randomness comes from the caller.  Opening takes the
 * memory and time that the file names, at most KEYFILE_MEMORY_MAX and KEYFILE_OPS_MAX. */
#ifndef DETENTE_NOTE_KEYFILE_H
#define DETENTE_NOTE_KEYFILE_H

#include "note/key.h"

enum {
    KEYFILE_MAX = 4096, /* bytes of a file */
    KEYFILE_SALT = 16,
    KEYFILE_NONCE = 24,
    KEYFILE_OPS = 3,
    KEYFILE_MEMORY = 256 << 20,
    KEYFILE_OPS_MAX = 16,
    KEYFILE_MEMORY_MAX = 1 << 30
};

/* ERR_NOMEM. */
MUST_USE int keyfile_seal(const struct skey *key, struct slice passphrase,
                          const uint8_t salt[KEYFILE_SALT], const uint8_t nonce[KEYFILE_NONCE],
                          unsigned ops, size_t memory, struct buf *ret);
/* True for a file that needs a passphrase; false for a plain key, and anything else. */
bool keyfile_is_sealed(struct slice text);
/* ERR_INVALID: no such file; ERR_AUTH: not this passphrase; ERR_NOMEM. */
MUST_USE int keyfile_open(struct slice text, struct slice passphrase, struct skey *ret);

#endif
