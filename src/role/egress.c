#include "role/egress.h"

void
egress_recipient(const struct book *b, const struct conf *c, struct store *s,
                 struct slice party, struct utime now, struct egress_to *ret)
{
    *ret = (struct egress_to){.store = s,
                              .party = party,
                              .ceiling = c->egress.ceiling,
                              .unmarked = c->egress.unmarked,
                              .now = now};
    if (slice_is(party, c->party))
        ret->party = (struct slice){"", 0};
    for (unsigned i = 0; i < c->peer_count; i++) {
        if (slice_is(party, c->peers[i].party) && c->peers[i].ceiling != TLP_NONE)
            ret->ceiling = c->peers[i].ceiling;
    }
    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];
        int at = book_party(p, party);

        if (p->self >= 0 && at >= 0 && at != p->self && book_binds(p, at, now) &&
            book_binds(p, p->self, now))
            ret->bound = true;
    }
}
