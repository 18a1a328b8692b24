/* Fetching from counterparts over HTTPS, in the peer process: what role/fetch.h asks for, by
 * libcurl, one request at a time of each counterpart.
 *
 * TLS 1.3 with this node's certificate shown.  The other end is whom it should be when the
 * SHA-256 of its SubjectPublicKeyInfo is one of the pins; names and authorities count for
 * nothing.  Witnesses alone are known by name and authority, and see no certificate: what they
 * answer is signed.  No redirect is followed, no proxy used, nothing decompressed; the address
 * that is connected to has passed reach_refuses().  A body is cut off where it passes its
 * limit, a request after PULL_TOTAL_S, or when it is slower than PULL_SLOW bytes a second for
 * PULL_SLOW_S.  Connections stay open between two rounds.
 *
 * One thread of the caller's; libcurl makes others that look up names. */
#ifndef DETENTE_ROLE_PULL_H
#define DETENTE_ROLE_PULL_H

#include "base/err.h"
#include "role/fetch.h"

enum {
    PULL_CONNECT_S = 10, /* with the look-up of its name and TLS */
    PULL_TOTAL_S = 60,
    PULL_SLOW = 1000, /* bytes a second */
    PULL_SLOW_S = 20,
    PULL_HEADERS = 64 * 1024, /* bytes of one answer's headers */
    PULL_SENT = 128 * 1024,   /* bytes of a body that is sent */
    PULL_ALL = 128 << 20      /* bytes of all bodies that are under way */
};

struct pull; /* opaque */

/* pem: key and certificate of this node, empty when it has none; ca: whom witnesses are checked
 * against, empty for the system's.  Both are copied.  ERR_NOMEM. */
MUST_USE int pull_open(struct slice pem, struct slice ca, struct pull **ret,
                       struct errinfo *ei);
struct pull *pull_close(struct pull *p); /* NULL is fine; gives NULL */

/* Counterpart or witness of that number, below FETCH_ALL; texts are ended here. */
void pull_whom(struct pull *p, unsigned number, const struct fetch_peer *whom);
/* Begin; a question to the same that is under way is given up.  sent: the body of a POST. */
void pull_ask(struct pull *p, const struct fetch_ask *ask, struct slice sent);
/* Nobody is known and nothing asked any more. */
void pull_forget(struct pull *p);
/* Go on, waiting at most so long for the network or for fds (-1 ignored). */
void pull_turn(struct pull *p, const int *fds, unsigned count, int timeout_ms);
/* An answer that is there: true, with the body's descriptor, sealed, in *ret_fd (-1 none).
 * Both stay the pull's until pull_done(). */
bool pull_answer(struct pull *p, struct fetch_told *ret, int *ret_fd);
/* That one was handed on. */
void pull_done(struct pull *p, const struct fetch_told *told);

#endif
