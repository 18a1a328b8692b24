/* What one of two parties can do to the other that means no good, drawn from a seed: false
 * answers to what the other asks, and false words and leaves of its own.
 *
 * After each: the other named it, by the fault that it has for it or by the code that it
 * refuses it with; its log grew by no more than the lie is worth; what both hold of every
 * honest incident is what they held before; and once the lie is over, nothing is wrong any
 * more. */
#ifndef DETENTE_TESTS_LIES_H
#define DETENTE_TESTS_LIES_H

#include "two.h"

enum { LIES_MOST = 64 };

struct lie;

struct lies {
    struct two *two;
    uint64_t *random;
    unsigned told[LIES_MOST];
    unsigned deck[LIES_MOST]; /* each is told once before any is told again */
    unsigned left;
    unsigned bad;
    unsigned made; /* incidents of the lies' own, from LIES_FROM on */
    /* the one that is told: */
    const struct lie *lie;
    struct half *liar;
    struct half *other;
    unsigned answers; /* that were changed */
    struct buf bytes; /* what is given, when it is made for it */
    char name[32];    /* of the incident that is made for it, the last … */
    char first[32];   /* … and one that was taken; "" none */
    struct hash id;   /* of the message that is */
    uint64_t number;  /* of what is counted */
};

void lies_begin(struct lies *l, struct two *t, uint64_t *random);
void lies_end(struct lies *l);
/* The next one, by either; both were in contact for a while, and are again behind it. */
void lies_tell(struct lies *l);
/* An incident of the lies' own: the two need not agree on what only the liar holds of it. */
bool lies_made(const char *incident);
/* How many different ones there are, and how many of them were never told: those are named. */
unsigned lies_count(void);
unsigned lies_missing(const struct lies *l);

#endif
