/* Records of one make: sensors write the same members in the same order again and again, so
 * what the walk found in one record holds for the next one that looks the same.
 *
 * Two records look the same when their tokens begin with the same bytes and the keys that the
 * walk looks at are the same: then it goes the same way (eve_walk_record()) and finds the same
 * members at the same tokens.  To compare is some 200 instructions, to walk some 2,000. */
#ifndef DETENTE_DECODE_EVE_SHAPE_PRIV_H
#define DETENTE_DECODE_EVE_SHAPE_PRIV_H

#include "decode/eve_priv.h"

enum {
    SHAPE_TOKENS = 512,  /* of a record that is remembered */
    SHAPE_NUMBERS = 128, /* tokens that are scalars but no strings */
};

/* The first 16 bytes of a key behind its opening quote, or less when the closing one, which is
 * compared too, stands in them.  None of the keys that are looked for is as long. */
typedef uint64_t key_bytes __attribute__((vector_size(16)));

struct shape {
    uint32_t tag; /* 0: free */
    uint32_t tokens;
    uint32_t have;
    uint32_t field[FIELDS];
    uint16_t keys;
    uint16_t numbers;
    bool sound; /* eve_check_order() */
    uint16_t key[EVE_KEYS];
    uint16_t number[SHAPE_NUMBERS];
    key_bytes text[EVE_KEYS];
    key_bytes mask[EVE_KEYS];
    char first[SHAPE_TOKENS];
};

struct shapes; /* opaque; some 700 kB */

struct shapes *shapes_new(void); /* NULL when out of memory */
struct shapes *shapes_free(struct shapes *s);
/* A record that looks like one before: as after eve_walk_record(), which would have found its
 * end at w->count. */
bool shapes_find(struct shapes *s, struct eve_walk *w);
/* After a walk that ended at w->count. */
void shapes_learn(struct shapes *s, const struct eve_walk *w);

#endif
