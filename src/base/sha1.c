/* The older calls, as in sha256.c. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha1.h"

#include <openssl/sha.h>

_Static_assert(SHA_DIGEST_LENGTH == SHA1_SIZE, "a digest fits");

void
sha1_of2(const void *a, size_t an, const void *b, size_t bn, uint8_t out[SHA1_SIZE])
{
    SHA_CTX h;

    (void)SHA1_Init(&h);
    (void)SHA1_Update(&h, a, an);
    if (bn > 0)
        (void)SHA1_Update(&h, b, bn);
    (void)SHA1_Final(out, &h);
}
