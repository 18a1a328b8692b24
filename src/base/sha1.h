/* SHA-1 (FIPS 180-4), for names that others have made with it: UUIDs of version 5 (RFC 4122,
 * 4.3).  It is broken as a proof of anything: nothing is signed, hashed or compared with it.
 * Pure, no allocation; some 100 ns for 65 bytes. */
#ifndef DETENTE_BASE_SHA1_H
#define DETENTE_BASE_SHA1_H

#include <stddef.h>
#include <stdint.h>

enum { SHA1_SIZE = 20 };

/* Of two pieces laid end to end. */
void sha1_of2(const void *a, size_t an, const void *b, size_t bn, uint8_t out[SHA1_SIZE]);

#endif
