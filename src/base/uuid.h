/* UUIDs (RFC 9562), written with small letters. */
#ifndef DETENTE_BASE_UUID_H
#define DETENTE_BASE_UUID_H

#include <stdint.h>

enum { UUID_TEXT = 36, UUID_BYTES = 16 };

/* Of that version (4: of random bytes, 5: of a hash), which with the variant replaces what
 * stands in its bits.  ret gets a NUL. */
void uuid_write(const uint8_t bytes[UUID_BYTES], unsigned version, char ret[UUID_TEXT + 1]);
static inline void
uuid_random(const uint8_t random[UUID_BYTES], char ret[UUID_TEXT + 1])
{
    uuid_write(random, 4, ret);
}

#endif
