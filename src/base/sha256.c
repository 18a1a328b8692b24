#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <openssl/sha.h>

_Static_assert(sizeof(SHA256_CTX) == sizeof(struct sha256),
               "struct sha256 holds an SHA256_CTX");

void
sha256_init(struct sha256 *h)
{
    (void)SHA256_Init((SHA256_CTX *)(void *)h);
}

void
sha256_add(struct sha256 *h, const void *bytes, size_t n)
{
    (void)SHA256_Update((SHA256_CTX *)(void *)h, bytes, n);
}

void
sha256_end(struct sha256 *h, struct hash *ret)
{
    (void)SHA256_Final(ret->byte, (SHA256_CTX *)(void *)h);
}

struct hash
sha256_of(const void *bytes, size_t n)
{
    return sha256_of2(bytes, n, NULL, 0);
}

struct hash
sha256_of2(const void *a, size_t an, const void *b, size_t bn)
{
    struct sha256 h;
    struct hash ret;

    sha256_init(&h);
    sha256_add(&h, a, an);
    if (bn > 0)
        sha256_add(&h, b, bn);
    sha256_end(&h, &ret);
    return ret;
}
