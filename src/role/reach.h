/* Where a counterpart may stand: whoever writes an annex must not make this node talk to its
 * own house.
 *
 * Looked at behind every look-up of a name, at the address that will be connected to, so that a
 * name which means another address the next time gains nothing. */
#ifndef DETENTE_ROLE_REACH_H
#define DETENTE_ROLE_REACH_H

#include <stdbool.h>
#include <sys/socket.h>

/* NULL: it may be connected to; else what it is, for people: "a private address".  inside: the
 * configuration says that this counterpart is on loopback, in private space or on this link;
 * what names no single host is refused all the same. */
const char *reach_refuses(const struct sockaddr *to, socklen_t len, bool inside);

#endif
