/* Two parties with keys from fixed seeds, and what they say: for the units of src/exchange. */
#ifndef DETENTE_TESTS_PARTY_H
#define DETENTE_TESTS_PARTY_H

#include "unit.h"

#include "base/buf.h"
#include "exchange/envelope.h"

#define AT(seconds) \
    ((struct utime){INT64_C(1772323200000000) + (int64_t)(seconds)*TIME_US_PER_S})

extern struct skey aland;     /* message keys: aland notifies … */
extern struct skey bland;     /* … bland answers */
extern struct skey aland_log; /* of aland's log */
extern struct skey bland_log;
extern struct skey bland_holder; /* and who cosigns aland's log */

int parties_make(void **state); /* a cmocka setup */
struct skey party_key(const char *name, enum key_alg alg, uint8_t seed);
/* The pact aland-bland, keys that hold for ever. */
struct envelope_terms party_terms(void);

/* A body that is good for the type; good_body() of a notice says no-exploits, high. */
const char *good_body(enum message_type t);

/* Append the next message of the chain from aland (or bland) and add it to the chain. */
void say(struct buf *b, struct chain *c, bool from_aland, enum message_type type,
         const char *incident, struct utime at, const char *body);

#endif
