#include "role/owners.h"

#include <string.h>

unsigned
owners_named(const struct owners *o, struct slice name)
{
    if (slice_is(name, "-"))
        return 0;
    for (unsigned i = 1; i < o->count; i++) {
        if (slice_is(name, o->name[i]))
            return i;
    }
    return OWNERS;
}

void
owners_make(struct owners *ret, const struct book *book)
{
    *ret = (struct owners){.book = book, .count = 1};
    for (unsigned i = 0; book != NULL && i < book->pacts; i++) {
        const struct pact *p = book->pact[i].pact;

        for (unsigned k = 0; k < p->parties && ret->count < OWNERS; k++) {
            struct slice id = slice_of(p->party[k].id);

            if (id.len <= PARTY_MAX && owners_named(ret, id) == OWNERS)
                memcpy(ret->name[ret->count++], id.ptr, id.len);
        }
    }
}

unsigned
owners_find(const void *arg, const struct addr *a, uint32_t asn, struct utime when)
{
    const struct owners *o = arg;

    for (unsigned i = 0; o->book != NULL && i < o->book->pacts; i++) {
        const struct book_pact *p = &o->book->pact[i];
        struct space_owner is = {.party = -1};
        unsigned n;

        if (p->space != NULL)
            is = space_find(p->space, a, asn, when);
        if (is.party < 0)
            continue;
        n = owners_named(o, slice_of(p->pact->party[is.party].id));
        return n == OWNERS ? 0 : n;
    }
    return 0;
}

unsigned
owners_of(const struct owners *o, const struct event *ev)
{
    return owners_find(o, &ev->origin, ev->origin_asn, event_when(ev));
}
