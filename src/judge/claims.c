/* Who says of which addresses that they are theirs, and when: from annexes to a list. */
#include "judge/space_priv.h"

#include <stdlib.h>

static int
claims_add(struct claims *c, struct claim claim)
{
    if (c->count == c->room) {
        size_t room = c->room == 0 ? 256 : c->room * 2;
        struct claim *at;

        if (c->room >= SPACE_CLAIMS)
            return ERR_LIMIT;
        at = realloc(c->at, room * sizeof *at);
        if (at == NULL)
            return ERR_NOMEM;
        c->at = at;
        c->room = room;
    }
    c->at[c->count++] = claim;
    return 0;
}

static void
claim_prefix(struct claim *c, const struct prefix *p)
{
    if (addr_is_v4(&p->addr)) {
        unsigned host = 128U - p->len;

        c->from = (struct spot){addr_v4(&p->addr), 0};
        c->last = (struct spot){c->from.hi | ((UINT64_C(1) << host) - 1), UINT64_MAX};
        return;
    }
    c->from = (struct spot){half(&p->addr, 0), half(&p->addr, 8)};
    c->last.hi = p->len >= 64 ? c->from.hi : c->from.hi | UINT64_MAX >> p->len;
    c->last.lo = p->len >= 128 ? c->from.lo
                 : p->len > 64 ? c->from.lo | UINT64_MAX >> (p->len - 64)
                               : UINT64_MAX;
}

static int
gather_list(struct claims *c, struct claim like, const struct pact_prefixes *list)
{
    int e = 0;

    for (unsigned i = 0; e == 0 && i < list->count; i++) {
        claim_prefix(&like, &list->at[i]);
        e = claims_add(c, like);
    }
    return e;
}

static int
gather_annex(const struct space *s, const struct annex *a, struct claim like,
             struct claims c[FAMILIES])
{
    int e = gather_list(&c[V4], like, &a->v4);

    if (e == 0)
        e = gather_list(&c[V6], like, &a->v6);
    for (unsigned i = 0; e == 0 && i < a->asns.count; i++) {
        like.from = (struct spot){a->asns.at[i], 0};
        like.last = (struct spot){a->asns.at[i], UINT64_MAX};
        e = claims_add(&c[ASN], like);
    }
    for (unsigned i = 0; e == 0 && i < a->labels; i++) {
        int bit = space_label(s, slice_of(a->protected_[i].label));

        if (bit < 0)
            continue;
        like.label = (uint8_t)(bit + 1);
        e = gather_list(&c[V4], like, &a->protected_[i].v4);
        if (e == 0)
            e = gather_list(&c[V6], like, &a->protected_[i].v6);
    }
    return e;
}

int
claim_order(const void *x, const void *y)
{
    const struct claim *a = x;
    const struct claim *b = y;
    int order = spot_order(a->from, b->from);

    if (order == 0)
        order = spot_order(a->last, b->last);
    if (order == 0)
        order = (a->label > b->label) - (a->label < b->label);
    return order != 0 ? order : (a->annex > b->annex) - (a->annex < b->annex);
}

static bool
same_claim(const struct claim *a, const struct claim *b)
{
    return spot_order(a->from, b->from) == 0 && spot_order(a->last, b->last) == 0 &&
           a->label == b->label;
}

/* One party's claims of a family, one for each annex that says it, become one for each unbroken
 * time, and one for the time after that; into `to`. */
static int
join_times(struct claims *c, size_t from, struct claims *to)
{
    size_t i = from;
    int e = 0;

    if (c->count > from)
        qsort(&c->at[from], c->count - from, sizeof *c->at, claim_order);
    while (e == 0 && i < c->count) {
        struct claim run = c->at[i++];

        while (i < c->count && same_claim(&run, &c->at[i]) && c->at[i].annex <= run.annex + 1) {
            run.annex = c->at[i].annex;
            run.until = c->at[i++].until;
        }
        e = claims_add(to, run);
        if (e == 0 && run.until < INT64_MAX - SPACE_REMOVAL.us) {
            run.since = run.until;
            run.until += SPACE_REMOVAL.us;
            run.gone = true;
            e = claims_add(to, run);
        }
    }
    return e;
}

int
claims_gather(const struct space *s, const struct space_history *h, unsigned party,
              struct claims *to)
{
    struct claims c[FAMILIES] = {{0}};
    uint32_t nth = 0;
    int e = 0;

    for (unsigned i = 0; e == 0 && i < h->count; i++) {
        struct claim like = {.party = (uint16_t)party};
        struct utime since;
        struct utime until;

        if (!space_in_force(h, i, &since, &until))
            continue;
        like.since = since.us;
        like.until = until.us;
        like.annex = nth++;
        e = gather_annex(s, h->at[i].annex, like, c);
    }
    for (int f = 0; f < FAMILIES; f++) {
        if (e == 0)
            e = join_times(&c[f], 0, &to[f]);
        free(c[f].at);
    }
    return e;
}
