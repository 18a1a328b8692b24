/* Keys of signed notes (C2SP signed-note; docs/formats/keys-and-notes.md): verifier keys,
 * signing keys, Ed25519 (RFC 8032) by libsodium.
 *
 * One key does one job, and the algorithm byte says of which kind the job is: 01 signs texts,
 * 04 cosigns checkpoints with a time (tlog-cosignature).  Values without pointers: copy them
 * freely, but clear a signing key by skey_clear().  Randomness comes from the caller as a
 * seed.  Threads: all calls are pure after key_init(). */
#ifndef DETENTE_NOTE_KEY_H
#define DETENTE_NOTE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum key_alg { KEY_ED25519 = 1, KEY_COSIGN = 4 };

enum {
    KEY_NAME_MAX = 256, /* bytes */
    KEY_SEED = 32,
    KEY_PUBLIC = 32,
    KEY_SIGNATURE = 64,
    /* name + 8 hex + base64 of 33 bytes, with NUL */
    VKEY_TEXT = KEY_NAME_MAX + 1 + 8 + 1 + 44 + 1
};

struct vkey {
    uint32_t id; /* first 4 bytes of H(name || 0A || alg || public), big-endian */
    uint8_t alg; /* enum key_alg */
    uint8_t public_[KEY_PUBLIC];
    char name[KEY_NAME_MAX + 1]; /* NUL-terminated */
};

struct skey {
    struct vkey vkey;
    uint8_t seed[KEY_SEED];
    uint8_t secret[64]; /* libsodium's form: seed || public */
};

/* Borrowed list of keys that hold one role. */
struct vkeys {
    const struct vkey *key;
    unsigned count;
};

/* Once, before anything else of this module; may be called again.  ERR_IO when libsodium
 * cannot start. */
MUST_USE int key_init(void);

/* Non-empty, valid UTF-8, no white space, no control, no `+`, at most KEY_NAME_MAX bytes. */
bool key_name_ok(struct slice name);

/* `name+8hex+base64(alg || public)`, split at the first two `+`.  ERR_INVALID: form, id that
 * does not fit, unknown algorithm, or 32 bytes that are no point of the prime-order group. */
MUST_USE int vkey_parse(struct slice text, struct vkey *ret);
/* VKEY_TEXT with NUL; gives the length. */
size_t vkey_format(const struct vkey *key, char out[VKEY_TEXT]);
void buf_vkey(struct buf *b, const struct vkey *key);
/* Same name, algorithm and bytes. */
bool vkey_eq(const struct vkey *a, const struct vkey *b);
struct slice vkey_name(const struct vkey *key);

/* ERR_INVALID for a bad name. */
MUST_USE int skey_make(struct slice name, enum key_alg alg, const uint8_t seed[KEY_SEED],
                       struct skey *ret);
/* The key file: `PRIVATE+KEY+name+8hex+base64(alg || seed)` and LF, as golang.org/x/mod
 * writes it; one LF at the end may be missing. */
MUST_USE int skey_parse(struct slice text, struct skey *ret);
void buf_skey(struct buf *b, const struct skey *key);
void skey_clear(struct skey *key);

/* Bare signatures, as envelopes have them.  Deterministic; some 15 us. */
void skey_sign(const struct skey *key, struct slice message, uint8_t ret[KEY_SIGNATURE]);
/* 0 or ERR_PROOF; some 40 us. */
MUST_USE int vkey_verify(const struct vkey *key, struct slice message,
                         const uint8_t signature[KEY_SIGNATURE]);

/* The key of that name and id, or NULL. */
const struct vkey *vkeys_find(struct vkeys keys, struct slice name, uint32_t id);
/* ERR_INVALID (ei names both) when two keys of the lists share their 32 bytes: one key, one
 * job. */
MUST_USE int vkeys_distinct(const struct vkeys *lists, unsigned count, struct errinfo *ei);

#endif
