/* Which key comes next: sensors write the members of their records in the same order again
 * and again, so the key that followed last time is tried first.
 *
 * To find out which member a key names takes 60 instructions, to see that it is the one that
 * was expected takes 15, and the walk over keys is most of what decoding costs.  A wrong guess
 * costs time only: a key is taken for another one when all its bytes are the same. */
#ifndef DETENTE_DECODE_EVE_GUESS_H
#define DETENTE_DECODE_EVE_GUESS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    GUESS_BYTES = 16,  /* of a key that are compared; longer ones are none of ours */
    GUESS_PLACES = 16, /* that are no keys: in front of the first one of an object … */
    GUESS_ROWS = 512,  /* keys that are remembered; past that no new ones */
    GUESS_SLOTS = 2048,
};

struct guess {
    uint64_t key[2];  /* behind the opening quote, with the closing one if it is in reach */
    uint64_t mask[2]; /* of those bytes */
    uint16_t next[2]; /* what followed last, and what did before that */
    uint8_t field;
    uint8_t where;
};

struct guesses {
    struct guess row[GUESS_ROWS]; /* the first GUESS_PLACES are no keys */
    uint16_t slot[GUESS_SLOTS];   /* 0: free */
    uint32_t count;
};

void guesses_init(struct guesses *g);

static inline bool
guess_is(const struct guess *r, const uint64_t key[2])
{
    return (((key[0] & r->mask[0]) ^ r->key[0]) | ((key[1] & r->mask[1]) ^ r->key[1])) == 0;
}

/* The row of the key that starts behind the quote at `text` (GUESS_BYTES of which can be
 * read), when it is one of the two that followed `prev` before; else 0. */
static inline uint32_t
guess_next(struct guesses *g, uint32_t prev, const char *text)
{
    struct guess *p = &g->row[prev];
    uint64_t key[2];
    uint16_t other = p->next[1];

    memcpy(key, text, sizeof key);
    if (guess_is(&g->row[p->next[0]], key))
        return p->next[0];
    if (!guess_is(&g->row[other], key))
        return 0;
    p->next[1] = p->next[0];
    p->next[0] = other;
    return other;
}

/* The key of len bytes at text names `field` in object `where` and followed prev.  Gives its
 * row; 0 when it cannot be remembered. */
uint32_t guess_learn(struct guesses *g, uint32_t prev, const char *text, uint32_t len,
                     uint8_t where, uint8_t field);

#endif
