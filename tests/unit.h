/* cmocka with what it wants included before it, and a generator that gives the same numbers
 * each time. */
#ifndef DETENTE_TESTS_UNIT_H
#define DETENTE_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static inline uint64_t
next_random(uint64_t *state)
{
    uint64_t x = *state == 0 ? UINT64_C(0x9e3779b97f4a7c15) : *state;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
