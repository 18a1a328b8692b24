/* keys/seal.key: the X25519 key that evidence packages to this node will be encrypted to.
 *
 *     PRIVATE+SEAL+<64 hex digits>
 *
 * Made and read as the keys of role/node_keys.h are, which it is one of. */
#ifndef DETENTE_ROLE_SEAL_KEY_H
#define DETENTE_ROLE_SEAL_KEY_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum { SEAL_KEY = 32, SEAL_HEX = 2 * SEAL_KEY };

struct seal_key {
    uint8_t secret[SEAL_KEY];
    uint8_t public_[SEAL_KEY];
};

void seal_key_make(const uint8_t seed[SEAL_KEY], struct seal_key *ret);
/* ERR_INVALID. */
MUST_USE int seal_key_parse(struct slice text, struct seal_key *ret);
void buf_seal_key(struct buf *b, const struct seal_key *key);
void seal_key_hex(const struct seal_key *key, char out[SEAL_HEX + 1]); /* the public one */

#endif
