/* What the check and the reader of canonical JSON both do.  Private to src/wire. */
#ifndef DETENTE_WIRE_JCS_PRIV_H
#define DETENTE_WIRE_JCS_PRIV_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A number of JSON as ECMAScript writes the nearest double (Number::toString of ECMA-262);
 * gives its length, 0 when n bytes at `from` are no number or out of range. */
enum { JCS_REAL_TEXT = 32 };
size_t jcs_real(const char *from, size_t n, char out[JCS_REAL_TEXT]);

#ifdef __cplusplus
}
#endif

/* Bytes at the start of n that stand for themselves in a JSON string: ASCII that is no control
 * character, no quote and no backslash.  Eight at a time. */
static inline size_t
jcs_plain_run(const char *at, size_t n)
{
    const uint64_t ones = 0x0101010101010101;
    const uint64_t high = 0x8080808080808080;
    size_t i = 0;

    for (; i + 8 <= n; i += 8) {
        uint64_t word;
        uint64_t quote;
        uint64_t slash;

        memcpy(&word, at + i, 8);
        word = le64toh(word);
        quote = word ^ ones * '"';
        slash = word ^ ones * '\\';
        /* A byte below k borrows into its highest bit; whatever one takes from the next byte
         * only happens behind a byte that is found itself. */
        word = (word | (word - ones * 0x20) | (quote - ones) | (slash - ones)) & high;
        if (word != 0)
            return i + (size_t)__builtin_ctzll(word) / 8;
    }
    while (i < n && (unsigned char)at[i] >= 0x20 && (unsigned char)at[i] < 0x80 &&
           at[i] != '"' && at[i] != '\\')
        i++;
    return i;
}

#endif
