#include "note/keyfile.h"

#include <sodium.h>

#include "wire/hex.h"
#include "wire/jcs.h"

static const char first[] = "detente-key/1\n";
_Static_assert(KEYFILE_SALT == crypto_pwhash_SALTBYTES, "argon2id");
_Static_assert(KEYFILE_NONCE == crypto_secretbox_NONCEBYTES, "secretbox");

enum { TEXT_MAX = KEY_NAME_MAX + 128 };

static int
derive(struct slice passphrase, const uint8_t salt[KEYFILE_SALT], unsigned ops, size_t memory,
       uint8_t ret[crypto_secretbox_KEYBYTES])
{
    return crypto_pwhash(ret, crypto_secretbox_KEYBYTES, passphrase.ptr, passphrase.len, salt,
                         ops, memory, crypto_pwhash_ALG_ARGON2ID13) < 0
               ? ERR_NOMEM
               : 0;
}

/* NOLINTBEGIN(readability-function-size): what is random comes from the caller */
int
keyfile_seal(const struct skey *key, struct slice passphrase, const uint8_t salt[KEYFILE_SALT],
             const uint8_t nonce[KEYFILE_NONCE], unsigned ops, size_t memory, struct buf *ret)
/* NOLINTEND(readability-function-size) */
{
    uint8_t box[TEXT_MAX + crypto_secretbox_MACBYTES];
    uint8_t secret[crypto_secretbox_KEYBYTES];
    AUTO_BUF(text, TEXT_MAX);
    int r;

    buf_skey(&text, key);
    r = buf_error(&text);
    if (r == 0)
        r = derive(passphrase, salt, ops, memory, secret);
    if (r == 0)
        (void)crypto_secretbox_easy(box, (const uint8_t *)text.ptr, text.len, nonce, secret);
    if (r == 0) {
        buf_text(ret, first);
        buf_text(ret, "{\"box\":\"");
        buf_hex(ret, box, text.len + crypto_secretbox_MACBYTES);
        buf_printf(ret, "\",\"kdf\":\"argon2id\",\"memory\":%zu,\"nonce\":\"", memory);
        buf_hex(ret, nonce, KEYFILE_NONCE);
        buf_printf(ret, "\",\"ops\":%u,\"salt\":\"", ops);
        buf_hex(ret, salt, KEYFILE_SALT);
        buf_text(ret, "\",\"vkey\":\"");
        buf_vkey(ret, &key->vkey);
        buf_text(ret, "\"}\n");
        r = buf_error(ret);
    }
    sodium_memzero(secret, sizeof secret);
    if (text.ptr != NULL)
        sodium_memzero(text.ptr, text.room);
    return r;
}

bool
keyfile_is_sealed(struct slice text)
{
    return slice_is(slice_sub(text, 0, sizeof first - 1), first);
}

struct parts {
    uint8_t box[TEXT_MAX + crypto_secretbox_MACBYTES];
    size_t box_len;
    uint8_t nonce[KEYFILE_NONCE];
    uint8_t salt[KEYFILE_SALT];
    int64_t memory;
    int64_t ops;
    struct slice vkey;
};

static int
take_hex(struct slice object, const char *name, void *to, size_t len)
{
    struct slice value;
    struct slice text;

    if (!jcs_find(object, name, &value) || jcs_plain(value, &text) < 0)
        return ERR_INVALID;
    return hex_decode(text, to, len);
}

static int
take_box(struct slice object, struct parts *p)
{
    struct slice value;
    struct slice text;

    if (!jcs_find(object, "box", &value) || jcs_plain(value, &text) < 0 ||
        text.len / 2 > sizeof p->box || text.len / 2 <= crypto_secretbox_MACBYTES)
        return ERR_INVALID;
    p->box_len = text.len / 2;
    return hex_decode(text, p->box, p->box_len);
}

static int
read_parts(struct slice text, struct parts *p)
{
    struct slice object = slice_sub(text, sizeof first - 1, text.len);
    struct slice value;
    struct slice word;

    if (object.len == 0 || object.ptr[object.len - 1] != '\n')
        return ERR_INVALID;
    object.len--;
    if (jcs_check(object, NULL) != JCS_OK || jcs_kind(object) != JCS_OBJECT ||
        jcs_count(object) != 7 || !jcs_find(object, "kdf", &value) ||
        jcs_plain(value, &word) < 0 || !slice_is(word, "argon2id") ||
        !jcs_find(object, "memory", &value) || jcs_int(value, &p->memory) < 0 ||
        !jcs_find(object, "ops", &value) || jcs_int(value, &p->ops) < 0 ||
        !jcs_find(object, "vkey", &value) || jcs_plain(value, &p->vkey) < 0)
        return ERR_INVALID;
    if (p->memory < (int64_t)crypto_pwhash_MEMLIMIT_MIN || p->memory > KEYFILE_MEMORY_MAX ||
        p->ops < (int64_t)crypto_pwhash_OPSLIMIT_MIN || p->ops > KEYFILE_OPS_MAX)
        return ERR_INVALID;
    if (take_hex(object, "nonce", p->nonce, sizeof p->nonce) < 0 ||
        take_hex(object, "salt", p->salt, sizeof p->salt) < 0)
        return ERR_INVALID;
    return take_box(object, p);
}

int
keyfile_open(struct slice text, struct slice passphrase, struct skey *ret)
{
    uint8_t secret[crypto_secretbox_KEYBYTES];
    uint8_t plain[TEXT_MAX];
    struct vkey outside;
    struct parts p;
    int r;

    if (!keyfile_is_sealed(text) || text.len > KEYFILE_MAX || read_parts(text, &p) < 0 ||
        vkey_parse(p.vkey, &outside) < 0)
        return ERR_INVALID;
    r = derive(passphrase, p.salt, (unsigned)p.ops, (size_t)p.memory, secret);
    if (r == 0 && crypto_secretbox_open_easy(plain, p.box, p.box_len, p.nonce, secret) < 0)
        r = ERR_AUTH;
    if (r == 0)
        r = skey_parse(
            (struct slice){(const char *)plain, p.box_len - crypto_secretbox_MACBYTES}, ret);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(plain, sizeof plain);
    if (r == 0 && !vkey_eq(&ret->vkey, &outside)) {
        skey_clear(ret);
        r = ERR_INVALID; /* it shows another key than it holds */
    }
    return r;
}
