/* UUIDs (RFC 9562), written with small letters. */
#ifndef DETENTE_BASE_UUID_H
#define DETENTE_BASE_UUID_H

#include <stdint.h>

enum { UUID_TEXT = 36, UUID_BYTES = 16 };

/* Version 4: of 16 random bytes.  ret gets a NUL. */
void uuid_random(const uint8_t random[UUID_BYTES], char ret[UUID_TEXT + 1]);

#endif
