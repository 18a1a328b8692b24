/* What the leaves of a counterpart name for this node, and is not here yet. */
#include <limits.h>
#include <stdio.h>

#include "role/peers_priv.h"
#include "store/messages.h"
#include "wire/hex.h"

enum { LOOK = 256 };

/* The first that is wanted behind those that were tried. */
static int
first_wanted(void *arg, const struct store_wanted *w)
{
    struct peer *peer = arg;

    if (w->leaf >= mirror_held(peer->mirror).size ||
        (peer->want_own && w->kind != WANTED_OWN) ||
        (peer->want_any && w->leaf <= peer->want_after))
        return 0;
    if (w->pact.len >= sizeof peer->want_pact || w->party.len >= sizeof peer->want_party)
        return 0;
    peer->want = *w;
    (void)snprintf(peer->want_pact, sizeof peer->want_pact, "%.*s", (int)w->pact.len,
                   w->pact.ptr);
    (void)snprintf(peer->want_party, sizeof peer->want_party, "%.*s", (int)w->party.len,
                   w->party.ptr);
    peer->want.pact = slice_of(peer->want_pact);
    peer->want.party = slice_of(peer->want_party);
    return 1;
}

/* Of a pact that is none of ours, or a word of ours that was not lost. */
static bool
is_needless(const struct peers *p, const struct peer *peer)
{
    struct store_message m;

    if (p->o.talk->book == NULL || book_pact(p->o.talk->book, peer->want.pact) == NULL)
        return true;
    return peer->want.kind == WANTED_OWN &&
           store_get_message(p->o.talk->store, &peer->want.sha256, &m) == 0;
}

/* 1: peer->want is the next. */
static int
find_wanted(struct peers *p, struct peer *peer)
{
    unsigned look = peer->want_own ? INT_MAX : LOOK;
    int r;

    while ((r = store_each_wanted(mirror_store(peer->mirror), look, first_wanted, peer)) == 1) {
        peer->want_after = peer->want.leaf;
        peer->want_any = true;
        if (!is_needless(p, peer))
            return 1;
        r = mirror_have(peer->mirror, peer->want.leaf);
        if (r < 0)
            return r == ERR_FULL ? 0 : r;
    }
    return r;
}

static const char *
kind_path(enum wanted_kind kind)
{
    return kind == WANTED_ANNEX ? "annex" : kind == WANTED_TOTALS ? "totals" : "seen";
}

static void
ask_it(struct peers *p, struct peer *peer)
{
    const struct store_wanted *w = &peer->want;
    bool message = w->kind == WANTED_MESSAGE || w->kind == WANTED_OWN;
    uint32_t limit = message                    ? ENVELOPE_MAX
                     : w->kind == WANTED_TOTALS ? NOTE_MAX
                                                : NOTE_PACT_MAX;
    char hex[2 * SHA256_SIZE + 1] = "";
    char path[FETCH_PATH];

    hex_encode(w->sha256.byte, sizeof w->sha256.byte, hex);
    if (message)
        (void)snprintf(path, sizeof path, "pact/%s/message/%.64s", peer->want_pact, hex);
    else
        (void)snprintf(path, sizeof path, "pact/%s/%s/%s/%llu", peer->want_pact,
                       kind_path(w->kind), peer->want_party, (unsigned long long)w->sequence);
    peer_ask(p, peer, path, limit, (struct slice){NULL, 0});
}

/* All words that were lost are back, of all who can be asked: from the next start on nobody is
 * asked for them. */
static int
end_recall(struct peers *p)
{
    struct store *s = p->o.talk->store;
    int r;

    for (unsigned i = 0; i < p->count; i++) {
        if (p->peer[i].known && !p->peer[i].recalled)
            return 0;
    }
    r = store_begin(s);
    if (r == 0)
        r = store_put_meta(s, "lost_words", SLICE(""));
    if (r == 0)
        r = store_commit(s);
    if (r < 0)
        store_rollback(s);
    else
        p->lost = false;
    return r == ERR_FULL ? 0 : r;
}

int
peer_ask_wanted(struct peers *p, struct peer *peer, bool *ret_asked)
{
    int r;

    *ret_asked = false;
    if (!peer->want_any)
        peer->want_own = p->lost && !peer->recalled;
    r = find_wanted(p, peer);
    if (r == 0 && peer->want_own) {
        peer->want_own = peer->want_any = false;
        /* what it named while it did not answer well may not be all */
        peer->recalled = peer->fault == PEER_FINE || peer->fault == PEER_WITHHELD ||
                         peer->fault == PEER_NO_WITNESS;
        r = peer->recalled ? end_recall(p) : 0;
        if (r == 0)
            r = peer->recalled ? find_wanted(p, peer) : 0;
    }
    if (r <= 0)
        return r;
    ask_it(p, peer);
    *ret_asked = true;
    return 0;
}
