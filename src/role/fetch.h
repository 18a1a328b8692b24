/* What the engine wants of its counterparts, and what came: the door between the engine, which
 * knows what to ask and believes nothing, and the peer process, which has the network and no
 * key that signs.
 *
 * The engine names the counterparts by number, with where they answer and which keys of TLS it
 * will meet there; it asks for one path at a time of each.  A body comes as sealed memory or a
 * pipe's worth of bytes in a descriptor, never more than the limit that was asked with. */
#ifndef DETENTE_ROLE_FETCH_H
#define DETENTE_ROLE_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"
#include "base/slice.h"

enum {
    FETCH_PEERS = 64,
    FETCH_WITNESSES = 16, /* of this node's log, numbered behind the counterparts */
    FETCH_ALL = FETCH_PEERS + FETCH_WITNESSES,
    FETCH_PINS = 8, /* keys of one counterpart at a time */
    FETCH_ENDPOINT = 512,
    FETCH_PATH = 256,
    FETCH_ERROR = 160,
    FETCH_MAX = 17 << 20 /* bytes of a body: an entry bundle of 256 largest entries */
};

struct fetch_peer {
    char name[128];                /* pact and party, for people */
    char endpoint[FETCH_ENDPOINT]; /* https://host:port/, "" it cannot be reached */
    struct hash pin[FETCH_PINS];
    uint32_t pins;
    uint32_t inside; /* 1: may be on loopback, private or link-local addresses */
    uint32_t
        vouched; /* 1: authorities of TLS vouch for it, not pins; with inside also http:// */
};

struct fetch_ask {
    uint32_t peer;         /* number of the counterpart */
    uint32_t id;           /* of the question, given back; one at a time of each counterpart */
    uint32_t post;         /* 1: with a body, in a descriptor */
    uint32_t size;         /* … of so many bytes */
    uint32_t limit;        /* bytes that are taken */
    char path[FETCH_PATH]; /* below the endpoint, without its first slash */
};

struct fetch_told {
    uint32_t peer;
    uint32_t id;
    uint32_t status;        /* of HTTP; 0: nothing was got */
    uint32_t size;          /* bytes of the body, in a descriptor when it is not 0 */
    char text[FETCH_ERROR]; /* why, when the status is 0 */
};

/* How the engine's step function asks: the real one sends over a link, a test answers itself.
 */
struct fetcher {
    void *self;
    void (*peer)(void *self, unsigned number, const struct fetch_peer *p);
    void (*ask)(void *self, const struct fetch_ask *a, struct slice body);
};

#endif
