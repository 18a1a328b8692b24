/* What the store says of counterparts: what they cosigned of this node's log. */
#include "role/book.h"
#include "role/status.h"
#include "store/cosigned.h"

/* The largest size that any key of a party cosigned in that role. */
static int
newest(const struct view *v, const struct book_pact *p, unsigned party, enum annex_role role,
       uint64_t *ret_size, struct utime *ret_at)
{
    enum cosigner as = role == ANNEX_WITNESS ? COSIGNER_WITNESS : COSIGNER_HOLDER;

    for (unsigned i = 0; i < p->keys[role].count; i++) {
        const struct role_key *k = &p->keys[role].key[i];
        struct utime at;
        uint64_t size;
        int r;

        if (!slice_eq(k->party, p->party[party].id))
            continue;
        r = store_newest_cosigned(v->node.store, as, vkey_name(&k->key), &size, &at);
        if (r < 0 && r != ERR_NOTFOUND)
            return r;
        if (r == 0 && size >= *ret_size) {
            *ret_size = size;
            *ret_at = at;
        }
    }
    return 0;
}

static int
tell(const struct view *v, const struct book_pact *p, unsigned party,
     void (*each)(void *arg, const struct status_peer *s), void *arg)
{
    struct status_peer s = {.pact = slice_of(p->pact->name),
                            .party = p->party[party].id,
                            .origin = p->party[party].origin,
                            .annexes = p->party[party].annexes};
    int r = newest(v, p, party, ANNEX_WITNESS, &s.witnessed, &s.witnessed_at);

    if (r == 0)
        r = newest(v, p, party, ANNEX_HOLDER, &s.held, &s.held_at);
    if (r == 0)
        each(arg, &s);
    return r;
}

int
status_peers(struct view *v, void (*each)(void *arg, const struct status_peer *s), void *arg,
             struct errinfo *ei)
{
    struct book *b;
    int r = book_load(v->node.store, v->node.conf->party, &b, ei);

    if (r < 0)
        return r;
    for (unsigned i = 0; r == 0 && i < b->pacts; i++) {
        const struct book_pact *p = &b->pact[i];

        for (unsigned k = 0; r == 0 && p->self >= 0 && k < p->pact->parties; k++)
            r = (int)k == p->self ? 0 : tell(v, p, k, each, arg);
    }
    (void)book_free(b);
    return r < 0 ? err_set(ei, r, "%s", err_text(r)) : 0;
}
