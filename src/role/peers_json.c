/* How it stands with counterparts, as the engine told it last. */
#include <stdlib.h>

#include "ledger/ledger.h"
#include "role/answers.h"
#include "role/cases.h"
#include "role/offset.h"
#include "role/peers.h"
#include "role/quorum.h"

static void
put_time(struct buf *to, const char *name, struct utime t)
{
    char text[TIME_TEXT];

    buf_printf(to, ",\"%s\":\"", name);
    if (t.us != 0) {
        time_format(t, text);
        buf_add(to, text, TIME_TEXT);
    }
    buf_char(to, '"');
}

/* Since when nothing is heard of a party, longer than a pact with it allows: the earliest. */
static struct utime
silent_since(const struct answers *a, struct slice party)
{
    const struct node *n = &a->view->node;
    struct utime now = n->env.now_wall(n->env.self);
    struct utime first = {0};

    for (unsigned i = 0; a->book != NULL && i < a->book->pacts; i++) {
        const struct book_pact *p = &a->book->pact[i];
        int other = book_party(p, party);
        struct utime at;

        if (p->self >= 0 && other >= 0 && other != p->self &&
            case_silence(n->store, p, (unsigned)other, now, &at) == 0 && at.us != 0 &&
            (first.us == 0 || at.us < first.us))
            first = at;
    }
    return first;
}

/* When a bundle of theirs was taken in last; "" never. */
static void
put_carried(const struct answers *a, struct slice party, struct buf *to)
{
    AUTO_BUF(at, TIME_TEXT);
    char meta[PEERS_META];

    peers_meta(party, "carried", meta);
    buf_text(to, ",\"carried_at\":");
    buf_json(to,
             store_get_meta(a->view->node.store, meta, &at) == 0 ? buf_get(&at) : SLICE(""));
}

/* Of one; null: it is not known. */
static void
put_offset(struct buf *to, const struct clock_offset *c)
{
    if (c->at.us == 0)
        buf_text(to, ",\"clock_offset_ms\":null");
    else
        buf_printf(to, ",\"clock_offset_ms\":%lld", (long long)(c->offset.us / 1000));
}

/* Of all of them together. */
static void
put_clock(const struct answers *a, struct buf *to)
{
    const struct node *n = &a->view->node;
    struct clock_estimate e;

    offset_of(a->peer, a->peers, a->witnesses, n->env.now_wall(n->env.self), &e);
    buf_printf(to, ",\"clock\":{\"others\":%u", e.count);
    if (e.count > 0)
        buf_printf(to, ",\"offset_ms\":%lld,\"error_ms\":%lld", (long long)(e.offset.us / 1000),
                   (long long)(e.error.us / 1000));
    buf_char(to, '}');
}

static void
put_peer(const struct answers *a, const struct link_peer *p, unsigned generation,
         struct buf *to)
{
    enum peer_fault f = p->fault < PEER_FAULTS ? (enum peer_fault)p->fault : PEER_FINE;

    buf_text(to, "{\"party\":");
    buf_json(to, slice_of(p->party));
    buf_text(to, ",\"origin\":");
    buf_json(to, slice_of(p->origin));
    buf_text(to, ",\"fault\":");
    buf_json(to, slice_of(peer_fault_name(f)));
    buf_text(to, ",\"text\":");
    buf_json(to, slice_of(peer_fault_text(f)));
    buf_text(to, ",\"why\":");
    buf_json(to, slice_of(p->why));
    put_time(to, "since", p->since);
    put_time(to, "answered", p->answered);
    buf_printf(to, ",\"size\":%llu,\"missing\":%llu,\"witnessed\":%llu",
               (unsigned long long)p->theirs.size, (unsigned long long)p->missing,
               (unsigned long long)p->witnessed);
    put_time(to, "witnessed_at", p->witnessed_at);
    buf_printf(to, ",\"held\":%llu", (unsigned long long)p->held);
    put_time(to, "held_at", p->held_at);
    put_offset(to, &p->clock);
    put_time(to, "silent_since", silent_since(a, slice_of(p->party)));
    put_carried(a, slice_of(p->party), to);
    buf_printf(to, ",\"generation\":%u}", generation);
}

int
answer_peers(void *self, struct buf *to)
{
    const struct answers *a = self;

    if (!a->alive)
        return ERR_BUSY; /* what was true then may not be so now */
    buf_text(to, "{\"peers\":[");
    for (unsigned i = 0; i < a->peers; i++) {
        if (i > 0)
            buf_char(to, ',');
        put_peer(a, &a->peer[i], ledger_generation(ledger_first(a->view->ledger)), to);
    }
    buf_char(to, ']');
    put_clock(a, to);
    buf_char(to, '}');
    return buf_error(to);
}

/* By the store, with what the engine says of the asking behind each. */
static void
put_asked(const struct answers *a, struct buf *to)
{
    buf_text(to, ",\"asked\":[");
    for (unsigned i = 0; i < a->witnesses; i++) {
        const struct link_peer *p = &a->peer[FETCH_PEERS + i];
        enum peer_fault f = p->fault < PEER_FAULTS ? (enum peer_fault)p->fault : PEER_FINE;

        buf_text(to, i > 0 ? ",{\"name\":" : "{\"name\":");
        buf_json(to, slice_of(p->party));
        buf_text(to, ",\"fault\":");
        buf_json(to, slice_of(peer_fault_name(f)));
        buf_text(to, ",\"why\":");
        buf_json(to, slice_of(p->why));
        put_time(to, "since", p->since);
        put_time(to, "answered", p->answered);
        buf_char(to, '}');
    }
    buf_text(to, "]}");
}

int
answer_witnesses(void *self, struct buf *to)
{
    const struct answers *a = self;
    struct quorum *q = malloc(sizeof *q);
    int r = q == NULL ? ERR_NOMEM : !a->alive ? ERR_BUSY : quorum_look(a->view->node.store, q);

    if (r == ERR_NOTFOUND)
        buf_text(to, "{\"quorum\":\"none\",\"size\":0,\"reach\":0,\"now\":0,\"witnesses\":[]");
    else if (r == 0)
        quorum_json(q, to);
    free(q);
    if (r < 0 && r != ERR_NOTFOUND)
        return r;
    if (r == 0)
        to->len--; /* one object of both */
    put_asked(a, to);
    return buf_error(to);
}
