#include "topology/infer.h"

#include "topology/infer_priv.h"

enum { MANY = 10 /* neighbours on either side */ };

/* ---- labels ------------------------------------------------------------------------------ */

static bool
sells(const struct infer *f, uint32_t link, uint32_t network)
{
    bool low = paths_link(f->p, link)->low == network;

    return f->label[link] == (low ? LABEL_LOW_SELLS : LABEL_HIGH_SELLS);
}

static bool
buys(const struct infer *f, uint32_t link, uint32_t network)
{
    return sells(f, link, infer_other(f, link, network));
}

static void
set_seller(struct infer *f, uint32_t link, uint32_t network)
{
    f->label[link] =
        paths_link(f->p, link)->low == network ? LABEL_LOW_SELLS : LABEL_HIGH_SELLS;
}

/* Does a stand above b, by whatever chain of providers? */
static bool
is_above(struct infer *f, uint32_t a, uint32_t b)
{
    uint32_t stacked = 0;

    f->searches++;
    f->stack[stacked++] = b;
    f->met[b] = f->searches;
    while (stacked > 0) {
        uint32_t at = f->stack[--stacked];

        if (at == a)
            return true;
        for (uint32_t i = f->link_at[at]; i < f->link_at[at + 1]; i++) {
            uint32_t link = f->link_list[i];
            uint32_t up = infer_other(f, link, at);

            if (f->met[up] == f->searches || !buys(f, link, at))
                continue;
            f->met[up] = f->searches;
            f->stack[stacked++] = up;
        }
    }
    return false;
}

static bool
try_seller(struct infer *f, uint32_t link, uint32_t seller)
{
    uint32_t buyer = infer_other(f, link, seller);

    if (f->top[buyer] || is_above(f, buyer, seller))
        return false;
    set_seller(f, link, seller);
    return true;
}

/* ---- steps ------------------------------------------------------------------------------- */

static void
peer_at_top(struct infer *f)
{
    for (uint32_t i = 0; i < f->links; i++) {
        const struct path_link *l = paths_link(f->p, i);

        if (f->top[l->low] && f->top[l->high])
            f->label[i] = LABEL_PEERS;
    }
}

enum hop_state { BEFORE_TOP, AT_TOP, BEHIND_TOP, POISONED };

/* A network between two of the top that is none of them sells to neither: somebody wrote it
 * there, or leaked. */
static void
find_poison(struct infer *f)
{
    for (uint32_t h = 0; h < f->hops; h++) {
        const struct path_hop *hop = paths_hop(f->p, h);
        uint8_t was = hop->before == PATHS_NONE ? BEFORE_TOP : f->state[hop->before];

        if (was == POISONED || (was == BEHIND_TOP && f->top[hop->network])) {
            f->state[h] = POISONED;
            f->counts.poisoned++;
        } else if (f->top[hop->network]) {
            f->state[h] = AT_TOP;
        } else {
            f->state[h] = was == AT_TOP ? BEHIND_TOP : was;
        }
    }
}

static bool
has_provider(const struct infer *f, uint32_t network)
{
    for (uint32_t i = f->link_at[network]; i < f->link_at[network + 1]; i++) {
        if (buys(f, f->link_list[i], network))
            return true;
    }
    return false;
}

/* A network that carries many and has no provider, though all larger ones were looked at, is as
 * good as one of the top, whose links were not all seen: it peers with those like it. */
static bool
stands_alone(struct infer *f, uint32_t y)
{
    bool any = false;

    if (!f->top[y] && (f->transit[y] < MANY || has_provider(f, y)))
        return false;
    f->alone[y] = 1;
    for (uint32_t i = f->link_at[y]; i < f->link_at[y + 1]; i++) {
        uint32_t link = f->link_list[i];

        if (f->label[link] == LABEL_NONE && f->alone[infer_other(f, link, y)]) {
            f->label[link] = LABEL_PEERS;
            f->counts.alone++;
            any = true;
        }
    }
    return any;
}

/* A vantage point tells all that its neighbours tell it.  Who gives it routes of a provider or
 * peer sells to it; of whom that was never seen is its peer, or its customer. */
static void
find_sellers(struct infer *f)
{
    for (uint32_t h = 0; h < f->hops; h++) {
        uint32_t before = paths_hop(f->p, h)->before;
        uint32_t link = f->p->link_of[h];

        if (before != PATHS_NONE &&
            (f->label[link] == LABEL_PEERS || buys(f, link, paths_hop(f->p, before)->network)))
            f->sells[before] = 1;
    }
}

/* The hop is the first behind a vantage point, and of a neighbour that sells it nothing. */
static bool
is_beside(const struct infer *f, uint32_t hop)
{
    uint32_t before = paths_hop(f->p, hop)->before;

    return f->label[f->p->link_of[hop]] == LABEL_NONE && !f->sells[hop] &&
           paths_hop(f->p, before)->before == PATHS_NONE;
}

enum pass { TO_SMALLER, TO_LARGER, ALONE, BESIDE };

/* What y told x, which is its provider or peer, it has of a customer.  Of networks in order of
 * rank, so that links above are labelled before; smaller customers first, as sure as it gets.
 * True: something was labelled. */
static bool
go_down(struct infer *f, enum pass pass)
{
    bool any = false;

    if (pass == BESIDE)
        find_sellers(f);
    for (uint32_t r = 0; r < f->networks; r++) {
        uint32_t y = f->by_rank[r];

        if (pass == ALONE)
            any |= stands_alone(f, y);
        for (uint32_t i = f->hop_at[y]; i < f->hop_at[y + 1]; i++) {
            uint32_t h = f->hop_list[i];
            uint32_t link = f->p->link_of[h];
            uint32_t before = f->p->link_of[paths_hop(f->p, h)->before];
            uint32_t z = paths_hop(f->p, h)->network;
            bool larger = f->rank[z] < r;

            if (f->label[link] != LABEL_NONE || f->state[h] == POISONED ||
                larger != (pass == TO_LARGER))
                continue;
            if ((f->label[before] == LABEL_PEERS || buys(f, before, y) ||
                 (pass == BESIDE && is_beside(f, paths_hop(f->p, h)->before))) &&
                try_seller(f, link, y)) {
                f->counts.down += !larger;
                f->counts.up += larger;
                any = true;
            }
        }
    }
    return any;
}

/* Whatever one pass labels may tell more to the one before. */
static void
go_down_all(struct infer *f)
{
    do {
        do
            (void)go_down(f, TO_SMALLER);
        while (go_down(f, TO_LARGER));
    } while (go_down(f, ALONE) || go_down(f, BESIDE));
}

/* Who carries nobody is too small for the top to peer with. */
static void
stubs_of_top(struct infer *f)
{
    for (uint32_t i = 0; i < f->links; i++) {
        const struct path_link *l = paths_link(f->p, i);
        bool low = f->top[l->low] && f->transit[l->high] == 0;
        bool high = f->top[l->high] && f->transit[l->low] == 0;

        if (f->label[i] == LABEL_NONE && (low || high)) {
            set_seller(f, i, low ? l->low : l->high);
            f->counts.stub++;
        }
    }
}

/* Whoever carries nobody and has no provider yet buys from the largest of its neighbours. */
static void
lone_stubs(struct infer *f)
{
    for (uint32_t r = 0; r < f->networks; r++) {
        uint32_t who = f->by_rank[r];
        uint32_t best = PATHS_NONE;

        if (f->transit[who] > 0 || f->top[who] || has_provider(f, who))
            continue;
        for (uint32_t i = f->link_at[who]; i < f->link_at[who + 1]; i++) {
            uint32_t link = f->link_list[i];

            if (f->label[link] == LABEL_NONE &&
                (best == PATHS_NONE ||
                 f->rank[infer_other(f, link, who)] < f->rank[infer_other(f, best, who)]))
                best = link;
        }
        if (best != PATHS_NONE)
            f->counts.lone += try_seller(f, best, infer_other(f, best, who));
    }
}

static int
tell(struct infer *f, struct build *b)
{
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < f->members; i++)
        r = build_clique(b, paths_asn(f->p, f->clique[i]));
    for (uint32_t i = 0; r == 0 && i < f->links; i++) {
        const struct path_link *l = paths_link(f->p, i);
        bool high = f->label[i] == LABEL_HIGH_SELLS;
        bool peers = f->label[i] == LABEL_NONE || f->label[i] == LABEL_PEERS;

        f->counts.peers += peers;
        r = build_link(b, paths_asn(f->p, high ? l->high : l->low),
                       paths_asn(f->p, high ? l->low : l->high),
                       peers ? TIE_PEER : TIE_TRANSIT);
    }
    return r;
}

int
infer_links(const struct paths *p, const uint32_t *top, uint32_t tops, struct build *b,
            struct infer_counts *ret)
{
    struct infer f;
    int r = infer_prepare(&f, p);

    if (r == 0)
        r = infer_top(&f, top, tops);
    if (r == 0) {
        peer_at_top(&f);
        find_poison(&f);
        go_down_all(&f);
        stubs_of_top(&f);
        lone_stubs(&f);
        r = tell(&f, b);
    }
    f.counts.clique = f.members;
    *ret = f.counts;
    infer_release(&f);
    return r;
}
