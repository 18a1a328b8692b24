/* Whose an address is, by the annexes of all pacts that are in force at a time: a number for
 * each party that this node has a pact with, itself among them.
 *
 * Of several pacts the first that names an owner decides; a party has one name, whatever the
 * pact.  An event itself has no party (model/event.h), so that what is counted by one follows
 * from annexes each time it is asked.  Only read after owners_make(), by any number of threads;
 * some 30 ns an address and pact. */
#ifndef DETENTE_ROLE_OWNERS_H
#define DETENTE_ROLE_OWNERS_H

#include "model/event.h"
#include "model/text.h"
#include "role/book.h"

enum { OWNERS = 64 /* with nobody, which is 0; what does not fit is nobody's */ };

struct owners {
    const struct book *book; /* NULL: no pact; borrowed */
    char name[OWNERS][PARTY_MAX + 1];
    unsigned count; /* with nobody */
};

/* book NULL is fine, and must outlive ret otherwise. */
void owners_make(struct owners *ret, const struct book *book);
/* The callback of store/query.h: arg is a struct owners. */
unsigned owners_find(const void *arg, const struct addr *a, uint32_t asn, struct utime when);
/* Of an event's origin, at the time it is counted at. */
unsigned owners_of(const struct owners *o, const struct event *ev);
/* Its number; OWNERS: there is none of that name.  `-` is nobody. */
unsigned owners_named(const struct owners *o, struct slice name);

#endif
