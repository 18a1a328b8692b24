/* Ids of STIX objects: those that follow from what an object says, and others.
 *
 * A cyber-observable's id is a UUID of version 5 over the canonical JSON (RFC 8785) of its ID
 * contributing properties (STIX 2.1, 2.9 and "ID Contributing Properties" of each type in part
 * 6): whoever sees the same address names it alike.  All others are named at random (version
 * 4) or, where a node must find the same name again, by version 5 in a namespace of our own,
 * as that of the observables is forbidden to them (2.9).
 *
 * Pure; some 0.2 us for an address, 1 us for an object. */
#ifndef DETENTE_STIX_SCO_ID_H
#define DETENTE_STIX_SCO_ID_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/addr.h"
#include "wire/dom.h"

enum {
    STIX_ID_TYPE = 64, /* bytes of a type's name, at most */
    STIX_ID_TEXT = STIX_ID_TYPE + 2 + 36 + 1,
    SCO_ID_ROOM = 1 << 24, /* bytes of contributing properties */
    SCO_PROTOCOLS = 16,
    UUID_SIZE = 16
};

/* Version 5 under the name `detente.stix` in the namespace of names of DNS (RFC 4122, C). */
#define STIX_OWN_NAMESPACE "bcf2a5fa-f82a-5eb4-8c29-a3cd608a5697"

/* `type--UUID` with NUL; a value. */
struct stix_id {
    char text[STIX_ID_TEXT];
    uint8_t len;
};

static inline struct slice
stix_id_slice(const struct stix_id *id) /* borrowed of it */
{
    return (struct slice){id->text, id->len};
}

/* ---- Cyber-observables ---- */

enum { SCO_ID_RANDOM = 1 };

/* The id that the object should have, whatever it has.  SCO_ID_RANDOM: nothing of it
 * contributes, as with a process; its id is of version 4.  ERR_NOTFOUND: it is none of the
 * standard's observables.  ERR_INVALID: what contributes has no canonical form (a number beyond
 * doubles, a member that stands twice); ERR_LIMIT: more than SCO_ID_ROOM; ERR_NOMEM.
 *
 * Of `hashes` one contributes: the first that is there of MD5, SHA-1, SHA-256, SHA-512; of
 * others, on which the standard is silent, the one whose name comes first.  A member that is
 * null does not contribute. */
MUST_USE int sco_id_of(const struct dom *object, struct stix_id *ret);

/* ipv4-addr or ipv6-addr, by the family. */
struct stix_id sco_id_addr(const struct addr *a);
/* The same of a prefix; of a whole address it is the address. */
struct stix_id sco_id_prefix(const struct prefix *p);
struct stix_id sco_id_as(uint32_t number);
/* The kinds that have but `value`: "domain-name", "url", "email-addr", "mac-addr" and both
 * addresses.  The value is valid UTF-8 and taken as it stands.  ERR_LIMIT, ERR_NOMEM. */
MUST_USE int sco_id_value(const char *type, struct slice value, struct stix_id *ret);

/* A network-traffic: what may be missing is 0, "" or NULL. */
struct sco_traffic {
    const struct slice *protocols; /* outermost first: "ipv4", "tcp" */
    unsigned protocol_count;       /* 1 to SCO_PROTOCOLS */
    bool has_src_port;
    bool has_dst_port;
    uint16_t src_port;
    uint16_t dst_port;
    struct slice src; /* ids of addresses or names */
    struct slice dst;
    const struct utime *start;
    const struct utime *end;
};
/* Its times as time_format() writes them.  ERR_LIMIT, ERR_NOMEM. */
MUST_USE int sco_id_traffic(const struct sco_traffic *t, struct stix_id *ret);

/* ---- All others ---- */

/* type has at most STIX_ID_TYPE bytes.  Version 4 (RFC 4122, 4.4) of 16 random bytes. */
struct stix_id stix_id_random(struct slice type, const uint8_t random[UUID_SIZE]);
/* Version 5 in STIX_OWN_NAMESPACE: the same for the same type and name, for ever.  The type
 * belongs to the name, as one UUID must not name objects of two types (2.9). */
struct stix_id stix_id_named(struct slice type, struct slice name);

#endif
