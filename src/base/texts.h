/* Texts by number: each text once, in the order it was first met.  For names that many records
 * share.  The hash is keyed, so that input cannot choose collisions; growth stops at TEXTS_MOST
 * texts and TEXTS_BYTES bytes.  One thread writes, any number read. */
#ifndef DETENTE_BASE_TEXTS_H
#define DETENTE_BASE_TEXTS_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum { TEXTS_MOST = 1 << 23, TEXTS_BYTES = 1 << 29 };
#define TEXTS_NONE UINT32_MAX

struct texts {
    char *text;
    size_t used;
    size_t room;
    uint32_t *at;    /* count + 1 offsets */
    uint32_t *slots; /* index + 1, 0 free; a power of two of them */
    uint32_t count;
    uint32_t at_room;
    uint32_t slot_count;
    uint64_t secret;
};

void texts_init(struct texts *n, uint64_t secret);
void texts_release(struct texts *n);
/* The number of a text, added when it is new.  ERR_NOMEM, ERR_LIMIT. */
MUST_USE int texts_put(struct texts *n, struct slice text, uint32_t *ret);
/* TEXTS_NONE when it is not there. */
uint32_t texts_find(const struct texts *n, struct slice text);
/* Valid until the next texts_put(). */
struct slice texts_get(const struct texts *n, uint32_t i);

#endif
