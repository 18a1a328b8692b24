/* SHA-256 (FIPS 180-4), through OpenSSL's block function.  Pure, no allocation.
 *
 * The context is a plain value.  About 75 ns for 65 bytes with SHA extensions; the digest
 * interface of OpenSSL 3 (EVP) costs half as much again at these sizes, which is why the
 * older calls are used here and nowhere else (docs/decisions/sha256.md). */
#ifndef DETENTE_BASE_SHA256_H
#define DETENTE_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum { SHA256_SIZE = 32 };

struct hash {
    uint8_t byte[SHA256_SIZE];
};

struct sha256 {
    _Alignas(8) unsigned char state[112]; /* an SHA256_CTX; its size is checked in sha256.c */
};

void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *bytes, size_t n);
void sha256_end(struct sha256 *h, struct hash *ret);

/* Of one piece, and of two laid end to end. */
struct hash sha256_of(const void *bytes, size_t n);
struct hash sha256_of2(const void *a, size_t an, const void *b, size_t bn);

static inline int
hash_eq(const struct hash *a, const struct hash *b)
{
    return memcmp(a->byte, b->byte, SHA256_SIZE) == 0;
}

#endif
