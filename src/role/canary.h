/* Canaries: harmless packets that an operator sends on the own network, to learn whether its
 * sensors see what they should.
 *
 * Announced before they are sent, by a leaf that commits to sensor and payload, so that one
 * that was not found cannot be left out afterwards; found when an event of that sensor has the
 * payload in its raw bytes, as text or as base64, while its time runs.  Found or not is kept
 * with the block that has the event, in one transaction. */
#ifndef DETENTE_ROLE_CANARY_H
#define DETENTE_ROLE_CANARY_H

#include "role/engine.h"
#include "store/sight.h"

enum {
    CANARY_PAYLOAD = 47, /* bytes: `detente-canary-` and 32 hex digits */
    CANARY_OPEN = 256    /* at a time */
};
#define CANARY_WITHIN_MAX (INT64_C(86400) * TIME_US_PER_S)

struct canary_order {
    struct slice pact;
    struct slice sensor; /* of the configuration */
    struct slice payload;
    struct span within;
    struct slice user; /* who announces it, and as what */
    struct slice role;
};
/* 0 when it is durable and under a signed checkpoint.  With *ret_refused nothing was changed:
 * ERR_NOTFOUND (no such pact or sensor), ERR_LIMIT (the pact's canaries_per_sensor_per_day),
 * ERR_INVALID.  Else as engine_record(). */
MUST_USE int canary_announce(struct engine *e, const struct canary_order *o, bool *ret_refused,
                             struct errinfo *ei);

/* A payload of its own from random bytes, with NUL. */
void canary_payload(const uint8_t random[16], char ret[CANARY_PAYLOAD + 1]);
bool canary_payload_ok(struct slice payload);

/* The engine's: what is open, read from the store; and within the transaction of a block, which
 * of those are in it.  ERR_NOMEM, or the store's. */
struct canaries; /* opaque */
MUST_USE int canaries_load(struct engine *e);
MUST_USE int canaries_find(struct engine *e, uint64_t block, const struct draft *d);
struct canaries *canaries_free(struct canaries *c); /* NULL is fine; gives NULL */

#endif
