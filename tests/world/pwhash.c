/* Passwords in no time: argon2id takes 0.1 s on purpose, and what is tried here is who is let
 * in when, not how hard a password is to guess.  These stand in the place of libsodium's. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"

static void
hash(const char *password, unsigned long long len, char out[crypto_pwhash_STRBYTES])
{
    struct hash h = sha256_of(password, (size_t)len);

    memset(out, 0, crypto_pwhash_STRBYTES);
    for (int i = 0; i < 16; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", h.byte[i]);
}

int
crypto_pwhash_str(char out[crypto_pwhash_STRBYTES], const char *const passwd,
                  unsigned long long passwdlen, unsigned long long opslimit, size_t memlimit)
{
    (void)opslimit;
    (void)memlimit;
    hash(passwd, passwdlen, out);
    return 0;
}

int
crypto_pwhash_str_verify(const char str[crypto_pwhash_STRBYTES], const char *const passwd,
                         unsigned long long passwdlen)
{
    char out[crypto_pwhash_STRBYTES];

    hash(passwd, passwdlen, out);
    return strcmp(str, out) == 0 ? 0 : -1;
}
