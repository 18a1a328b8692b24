/* What a counterpart's heartbeats tell: the time of which it says that it watched.  Its
 * sensors' figures are behind a commitment, so this is the most that it can have seen of its
 * space.
 *
 * Read from the mirror, once a checkpoint covers them, into the node's own store under the
 * origin that the pact names, where the gate and the command line look: a log that goes on
 * under another origin goes on here too. */
#include <stdio.h>
#include <stdlib.h>

#include "ledger/leaf.h"
#include "role/peers_priv.h"
#include "store/sight.h"

enum { BEATS_STEP = 8192 /* leaves of a transaction */ };

struct beats {
    struct store *store;
    struct slice origin;
    int64_t max_drop_ppm;
    uint64_t next;      /* leaf */
    struct utime until; /* of the newest: no time counts twice */
    bool any;
};

static int
take_beat(void *arg, uint64_t index, struct slice entry)
{
    struct beats *b = arg;
    struct store_beat row = {.pact = b->origin};
    struct leaf l;
    uint64_t packets;
    uint64_t drops;

    b->next = index + 1;
    leaf_read(entry, &l);
    if (l.reading != LEAF_KNOWN || l.type != LEAF_HEARTBEAT ||
        leaf_time(&l, "from", &row.since) < 0 || leaf_time(&l, "until", &row.until) < 0 ||
        leaf_number(&l, "packets", &packets) < 0 || leaf_number(&l, "drops", &drops) < 0)
        return 0;
    if (row.since.us < b->until.us)
        row.since = b->until;
    /* A heartbeat is of the time before it, and of no more than a day. */
    if (row.until.us > l.at.us || row.since.us >= row.until.us ||
        row.until.us - row.since.us > 24 * SIGHT_HOUR_US)
        return 0;
    row.ppm = (double)drops * 1e6 > (double)packets * (double)b->max_drop_ppm ? 0 : 1000000;
    b->until = row.until;
    b->any = true;
    return store_put_beat(b->store, &row);
}

static void
read_place(struct beats *b, struct slice origin)
{
    AUTO_BUF(text, 64);
    char meta[PEERS_META];
    int64_t until;
    char *end;

    b->next = 0;
    peers_meta(origin, "beats", meta);
    if (store_get_meta(b->store, meta, &text) < 0)
        return;
    buf_char(&text, '\0');
    if (buf_error(&text) < 0)
        return;
    b->next = strtoull(text.ptr, &end, 10);
    until = strtoll(end, NULL, 10);
    if (until > b->until.us)
        b->until.us = until;
}

/* How far it was read, and until when it was told of by any generation of the log. */
static bool
begin(const struct peers *p, const struct peer *peer, struct beats *b)
{
    unsigned party = 0;
    const struct book_pact *pact = peer_pact(p, peer, &party);

    if (pact == NULL)
        return false;
    b->origin = book_origin(pact, (int)party, 0);
    for (unsigned i = 0; i <= pact->party[party].logs; i++)
        read_place(b, book_origin(pact, (int)party, (uint64_t)i << LEDGER_INDEX_BITS));
    return true;
}

static int64_t
drops_allowed(const struct peers *p, const struct peer *peer)
{
    const struct book *b = p->o.talk->book;

    for (unsigned i = 0; b != NULL && i < b->pacts; i++) {
        if (book_party(&b->pact[i], slice_of(peer->party)) >= 0)
            return b->pact[i].pact->max_drop_ppm;
    }
    return 1000000;
}

int
peer_take_beats(struct peers *p, struct peer *peer, struct errinfo *ei)
{
    uint64_t size = mirror_held(peer->mirror).size;
    struct beats b = {.store = p->o.talk->store, .max_drop_ppm = drops_allowed(p, peer)};
    struct ledger_storage storage;
    char meta[PEERS_META];
    char place[64];
    uint64_t count;
    int r;

    peers_meta(slice_of(peer->origin), "beats", meta);
    if (!begin(p, peer, &b) || b.next >= size)
        return 0;
    count = size - b.next < BEATS_STEP ? size - b.next : BEATS_STEP;
    store_ledger(mirror_store(peer->mirror), &storage);
    r = store_begin(b.store);
    if (r == 0)
        r = storage.get_entries(storage.self, b.next, count, take_beat, &b);
    (void)snprintf(place, sizeof place, "%llu %lld", (unsigned long long)b.next,
                   (long long)b.until.us);
    if (r == 0)
        r = store_put_meta(b.store, meta, slice_of(place));
    if (r == 0)
        r = store_commit(b.store);
    if (r < 0) {
        store_rollback(b.store);
        return r == ERR_FULL ? r : err_set(ei, r, "the store: %s", store_error(b.store));
    }
    return 0;
}
