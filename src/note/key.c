#include "note/key.h"

#include <sodium.h>

#include "base/sha256.h"
#include "note/key_priv.h"
#include "wire/base64.h"
#include "wire/hex.h"
#include "wire/utf8.h"

_Static_assert(KEY_SEED == crypto_sign_SEEDBYTES, "Ed25519");
_Static_assert(KEY_PUBLIC == crypto_sign_PUBLICKEYBYTES, "Ed25519");
_Static_assert(KEY_SIGNATURE == crypto_sign_BYTES, "Ed25519");
_Static_assert(sizeof((struct skey *)0)->secret == crypto_sign_SECRETKEYBYTES, "Ed25519");

enum { KEY_BYTES = 1 + KEY_PUBLIC /* algorithm and key, as base64 holds them */ };

int
key_init(void)
{
    return sodium_init() < 0 ? ERR_IO : 0;
}

/* White_Space of Unicode, which C2SP forbids in names; controls are refused apart. */
static bool
is_space(uint32_t cp)
{
    return cp == ' ' || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
           cp == 0x205f || cp == 0x3000;
}

bool
key_name_form(struct slice name)
{
    const unsigned char *at = (const unsigned char *)name.ptr;
    const unsigned char *end = at + name.len;

    while (at < end) {
        uint32_t cp = 0;
        unsigned n = utf8_next(at, end, &cp);

        if (n == 0 || cp < 0x20 || cp == 0x7f || cp == '+' || is_space(cp))
            return false;
        at += n;
    }
    return name.len > 0;
}

bool
key_name_ok(struct slice name)
{
    return name.len <= KEY_NAME_MAX && key_name_form(name);
}

struct slice
vkey_name(const struct vkey *key)
{
    return slice_of(key->name);
}

static void
key_bytes(uint8_t alg, const uint8_t *key, uint8_t ret[KEY_BYTES])
{
    ret[0] = alg;
    memcpy(ret + 1, key, KEY_PUBLIC);
}

/* C2SP signed-note, "Signatures": the id is a hint to find the key, no identity. */
static uint32_t
key_id(const struct vkey *key)
{
    uint8_t bytes[1 + KEY_BYTES] = {'\n'};
    struct hash h;

    key_bytes(key->alg, key->public_, bytes + 1);
    h = sha256_of2(key->name, strlen(key->name), bytes, sizeof bytes);
    return (uint32_t)h.byte[0] << 24 | (uint32_t)h.byte[1] << 16 | (uint32_t)h.byte[2] << 8 |
           h.byte[3];
}

static int
set_name(struct vkey *key, struct slice name)
{
    if (!key_name_ok(name))
        return ERR_INVALID;
    memcpy(key->name, name.ptr, name.len);
    key->name[name.len] = '\0';
    return 0;
}

/* The three parts of `name+8hex+base64`, split at the first two `+`: base64 has its own. */
static int
split(struct slice text, struct slice *ret_name, uint32_t *ret_id, uint8_t ret[KEY_BYTES])
{
    const char *plus = text.len == 0 ? NULL : memchr(text.ptr, '+', text.len);
    size_t at = plus == NULL ? 0 : (size_t)(plus - text.ptr);
    uint8_t id[4];

    if (plus == NULL || text.len < at + 10 || text.ptr[at + 9] != '+' ||
        hex_decode(slice_sub(text, at + 1, 8), id, sizeof id) < 0 ||
        base64_exact(slice_sub(text, at + 10, text.len), ret, KEY_BYTES) < 0 ||
        (ret[0] != KEY_ED25519 && ret[0] != KEY_COSIGN))
        return ERR_INVALID;
    *ret_name = slice_sub(text, 0, at);
    *ret_id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
    return 0;
}

int
vkey_parse(struct slice text, struct vkey *ret)
{
    uint8_t bytes[KEY_BYTES];
    struct slice name;
    struct vkey key = {0};

    if (split(text, &name, &key.id, bytes) < 0 || set_name(&key, name) < 0)
        return ERR_INVALID;
    key.alg = bytes[0];
    memcpy(key.public_, bytes + 1, KEY_PUBLIC);
    if (key_id(&key) != key.id || crypto_core_ed25519_is_valid_point(key.public_) != 1)
        return ERR_INVALID;
    *ret = key;
    return 0;
}

static void
buf_key(struct buf *b, const struct vkey *key, const uint8_t *of)
{
    uint8_t bytes[KEY_BYTES];

    key_bytes(key->alg, of, bytes);
    buf_text(b, key->name);
    buf_printf(b, "+%08x+", key->id);
    buf_base64(b, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
}

void
buf_vkey(struct buf *b, const struct vkey *key)
{
    buf_key(b, key, key->public_);
}

size_t
vkey_format(const struct vkey *key, char out[VKEY_TEXT])
{
    uint8_t bytes[KEY_BYTES];
    size_t n = (size_t)snprintf(out, VKEY_TEXT, "%s+%08x+", key->name, key->id);

    key_bytes(key->alg, key->public_, bytes);
    base64_encode(bytes, sizeof bytes, out + n);
    n += BASE64_TEXT(sizeof bytes);
    out[n] = '\0';
    return n;
}

bool
vkey_eq(const struct vkey *a, const struct vkey *b)
{
    return a->alg == b->alg && memcmp(a->public_, b->public_, KEY_PUBLIC) == 0 &&
           strcmp(a->name, b->name) == 0;
}

int
skey_make(struct slice name, enum key_alg alg, const uint8_t seed[KEY_SEED], struct skey *ret)
{
    struct vkey key = {.alg = (uint8_t)alg};

    if (set_name(&key, name) < 0)
        return ERR_INVALID;
    (void)crypto_sign_seed_keypair(key.public_, ret->secret, seed);
    memcpy(ret->seed, seed, KEY_SEED);
    key.id = key_id(&key);
    ret->vkey = key;
    return 0;
}

int
skey_parse(struct slice text, struct skey *ret)
{
    static const char prefix[] = "PRIVATE+KEY+";
    uint8_t bytes[KEY_BYTES];
    struct slice name;
    struct slice key;
    uint32_t id;
    int err;

    if (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (!slice_is(slice_sub(text, 0, sizeof prefix - 1), prefix))
        return ERR_INVALID;
    key = slice_sub(text, sizeof prefix - 1, text.len);
    err = split(key, &name, &id, bytes);
    if (err == 0)
        err = skey_make(name, bytes[0], bytes + 1, ret);
    sodium_memzero(bytes, sizeof bytes);
    if (err == 0 && ret->vkey.id != id) {
        skey_clear(ret);
        err = ERR_INVALID;
    }
    return err;
}

void
buf_skey(struct buf *b, const struct skey *key)
{
    buf_text(b, "PRIVATE+KEY+");
    buf_key(b, &key->vkey, key->seed);
    buf_char(b, '\n');
}

void
skey_clear(struct skey *key)
{
    sodium_memzero(key, sizeof *key);
}

void
skey_sign(const struct skey *key, struct slice message, uint8_t ret[KEY_SIGNATURE])
{
    (void)crypto_sign_detached(ret, NULL, (const unsigned char *)message.ptr, message.len,
                               key->secret);
}

int
vkey_verify(const struct vkey *key, struct slice message,
            const uint8_t signature[KEY_SIGNATURE])
{
    if (crypto_sign_verify_detached(signature, (const unsigned char *)message.ptr, message.len,
                                    key->public_) != 0)
        return ERR_PROOF;
    return 0;
}

const struct vkey *
vkeys_find(struct vkeys keys, struct slice name, uint32_t id)
{
    for (unsigned i = 0; i < keys.count; i++) {
        if (keys.key[i].id == id && slice_is(name, keys.key[i].name))
            return &keys.key[i];
    }
    return NULL;
}

/* The n-th key over all lists, NULL behind the last. */
static const struct vkey *
nth(const struct vkeys *lists, unsigned count, unsigned n)
{
    for (unsigned i = 0; i < count; i++) {
        if (n < lists[i].count)
            return &lists[i].key[n];
        n -= lists[i].count;
    }
    return NULL;
}

int
vkeys_distinct(const struct vkeys *lists, unsigned count, struct errinfo *ei)
{
    const struct vkey *a;
    const struct vkey *b;

    for (unsigned i = 0; (a = nth(lists, count, i)) != NULL; i++) {
        for (unsigned j = 0; j < i; j++) {
            b = nth(lists, count, j);
            if (memcmp(a->public_, b->public_, KEY_PUBLIC) == 0)
                return err_set(ei, ERR_INVALID, "%.100s and %.100s are the same key", b->name,
                               a->name);
        }
    }
    return 0;
}
