/* A counterpart's log goes on under another origin: what ended is read to its end, then the
 * note that says so is taken, and the next round is with the new one. */
#include <string.h>

#include "role/peers_priv.h"
#include "role/treaty_priv.h"
#include "store/pacts.h"
#include "store/witnessed.h"

const struct book_pact *
peer_pact(const struct peers *p, const struct peer *peer, unsigned *ret_party)
{
    const struct book *b = p->o.talk->book;
    const struct slice name = {peer->party, strnlen(peer->party, PARTY_MAX)};
    const struct slice origin = {peer->origin, strnlen(peer->origin, KEY_NAME_MAX)};

    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        const struct book_pact *pact = &b->pact[i];
        int party = book_party(pact, name);

        if (pact->self >= 0 && party >= 0 && slice_eq(pact->party[party].origin, origin)) {
            *ret_party = (unsigned)party;
            return pact;
        }
    }
    return NULL;
}

/* The largest tree of the log that ended that is known here: held, or witnessed. */
static int
largest(struct peers *p, const struct peer *peer, struct tree_head *ret)
{
    struct store_witnessed w;
    int r = store_get_witnessed(p->o.talk->store, slice_of(peer->origin), &w);

    *ret = mirror_held(peer->mirror);
    if (r == 0 && w.head.size > ret->size)
        *ret = w.head;
    return r == ERR_NOTFOUND ? 0 : r;
}

/* Does the note end the log where this node knows it?  False, and the fault is named. */
static int
fits(struct peers *p, struct peer *peer, const struct tree_head *old, bool *ret)
{
    struct tree_head held = mirror_held(peer->mirror);
    struct tree_head known;
    struct hash root = held.root;
    int r = largest(p, peer, &known);

    *ret = false;
    if (r == 0 && old->size < known.size) {
        peer_fault(peer, PEER_SHORTENED, "%llu entries, after %llu",
                   (unsigned long long)old->size, (unsigned long long)known.size);
        return 0;
    }
    if (r == 0 && old->size < held.size)
        r = ledger_root(mirror_ledger(peer->mirror), old->size, &root);
    if (r < 0)
        return r;
    if (old->size == known.size)
        root = known.root;
    if (old->size <= known.size && !hash_eq(&root, &old->root)) {
        peer_fault(peer, PEER_FORK, "its successor note ends another tree of %llu entries",
                   (unsigned long long)old->size);
        return 0;
    }
    *ret = true;
    return 0;
}

/* What its leaves name must be here first, unless it was asked for in vain.  A bundle without
 * the end of a log may be one of several; of a log whose disk is lost there is no other. */
static int
is_read(const struct peers *p, const struct peer *peer, const struct treaty_succession *s,
        bool *ret)
{
    bool lost = slice_is(s->reason, "disk-lost");
    bool all = peer->all_read && (p->by != peer || lost);
    uint64_t missing = 0;
    int r = store_count_wanted(mirror_store(peer->mirror), &missing);

    *ret = (all || mirror_held(peer->mirror).size >= s->old.size) &&
           (missing == 0 || peer->state.fault == PEER_WITHHELD || (all && p->by == peer));
    return r;
}

static int
take(struct peers *p, struct peer *peer, const struct book_pact *b, unsigned party,
     struct slice note, struct errinfo *ei)
{
    const struct store_wanted w = {.kind = WANTED_SUCCESSOR,
                                   .pact = slice_of(b->pact->name),
                                   .party = slice_of(peer->party),
                                   .sequence = b->party[party].logs + 2};
    const struct store_pact_note key = {.kind = PACT_NOTE_SUCCESSOR,
                                        .pact = w.pact,
                                        .party = w.party,
                                        .by = {"", 0},
                                        .sequence = w.sequence};
    struct store_pact_note there;
    struct errinfo why = {0};
    int r = store_get_pact_note(p->o.talk->store, &key, &there);

    p->got.again = CARRIED_GOES_ON;
    if (r != ERR_NOTFOUND) /* the book that says so is not read yet */
        return r;
    r = p->o.note == NULL ? 0 : p->o.note(p->o.arg, &w, b, note, &why);

    if (r == ERR_INVALID) {
        peer_fault(peer, PEER_UNSIGNED, "%s", why.text);
        return 0;
    }
    if (r < 0) {
        *ei = why;
        return r;
    }
    p->got.notes++;
    p->o.env->log(p->o.env->self, ENV_WARN,
                  "the log of a counterpart goes on under another "
                  "origin: `detente status` names it");
    return 0;
}

int
peer_took_successor(struct peers *p, struct peer *peer, struct slice body, struct errinfo *ei)
{
    unsigned party = 0;
    const struct book_pact *b = peer_pact(p, peer, &party);
    struct treaty_succession s;
    struct errinfo why = {0};
    bool good = b != NULL;
    int r = 0;

    peer->doing = DOING_WANTED;
    peer->want_any = false;
    if (b == NULL)
        return 0;
    if (treaty_successor(b, party, body, &s, &why) < 0) {
        peer_fault(peer, PEER_UNSIGNED, "%s", why.text);
        return 0;
    }
    r = fits(p, peer, &s.old, &good);
    if (r < 0 || !good)
        return r;
    r = is_read(p, peer, &s, &good);
    if (r == 0 && !good && !peer->ended) {
        peer->ended = true;
        peer->doing = DOING_CHECKPOINT;
    }
    if (r == 0 && !good)
        p->got.again = CARRIED_UNREAD;
    return r < 0 || !good ? r : take(p, peer, b, party, body, ei);
}
