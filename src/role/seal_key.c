#include "role/seal_key.h"

#include <sodium.h>

#include "wire/hex.h"

#define HEAD "PRIVATE+SEAL+"

void
seal_key_make(const uint8_t seed[SEAL_KEY], struct seal_key *ret)
{
    memcpy(ret->secret, seed, SEAL_KEY);
    (void)crypto_scalarmult_base(ret->public_, ret->secret);
}

int
seal_key_parse(struct slice text, struct seal_key *ret)
{
    const size_t head = sizeof HEAD - 1;
    uint8_t secret[SEAL_KEY];

    if (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (text.len != head + SEAL_HEX || !slice_is(slice_sub(text, 0, head), HEAD) ||
        hex_decode(slice_sub(text, head, SEAL_HEX), secret, sizeof secret) < 0)
        return ERR_INVALID;
    seal_key_make(secret, ret);
    sodium_memzero(secret, sizeof secret);
    return 0;
}

void
buf_seal_key(struct buf *b, const struct seal_key *key)
{
    buf_text(b, HEAD);
    buf_hex(b, key->secret, sizeof key->secret);
    buf_char(b, '\n');
}

void
seal_key_hex(const struct seal_key *key, char out[SEAL_HEX + 1])
{
    hex_encode(key->public_, sizeof key->public_, out);
    out[SEAL_HEX] = '\0';
}
