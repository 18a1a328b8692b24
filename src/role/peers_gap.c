/* Time out of contact, as this node saw it: stated when it is over, so that both can work out
 * which of it stops the clocks (exchange/contact.h). */
#include <stdio.h>
#include <string.h>

#include "role/peers_priv.h"
#include "wire/hex.h"

static void
put_last(struct peers *p, const struct book_pact *b, const char *name, unsigned from,
         unsigned to, struct buf *body)
{
    const struct store_message which = {
        .pact = slice_of(b->pact->name), .from = b->party[from].id, .to = b->party[to].id};
    struct hash id;

    buf_printf(body, ",\"%s\":\"", name);
    if (store_last_message(p->o.talk->store, &which, &id) == 0)
        buf_hex(body, id.byte, sizeof id.byte);
    buf_char(body, '"');
}

static int
state_gap(struct peers *p, struct peer *peer, const struct book_pact *b, unsigned party,
          const struct incident_span *gap, struct errinfo *ei)
{
    AUTO_BUF(body, 2048);
    char from[TIME_TEXT];
    char until[TIME_TEXT];
    struct talk_say say = {.pact = slice_of(b->pact->name),
                           .incident = {"", 0},
                           .to = b->party[party].id,
                           .type = MESSAGE_GAP_STATEMENT};
    struct hash id;
    int r;

    time_format(gap->from, from);
    time_format(gap->until, until);
    buf_printf(&body, "{\"spans\":[[\"%.*s\",\"%.*s\"]],\"cause\":\"unknown\",\"text\":\"\"",
               TIME_TEXT, from, TIME_TEXT, until);
    buf_printf(&body, ",\"size_seen\":%llu",
               (unsigned long long)mirror_held(peer->mirror).size);
    put_last(p, b, "sent_last", (unsigned)b->self, party, &body);
    put_last(p, b, "received_last", party, (unsigned)b->self, &body);
    buf_char(&body, '}');
    if (buf_error(&body) < 0)
        return buf_error(&body);
    say.body = buf_get(&body);
    r = talk_say(p->o.talk, &say, &id, NULL, ei);
    if (r == ERR_CONF || r == ERR_INVALID || r == ERR_NOTFOUND || r == ERR_LIMIT) {
        p->o.env->log(p->o.env->self, ENV_WARN, ei->text);
        return 0;
    }
    return r;
}

int
peer_gap(struct peers *p, struct peer *peer, struct utime from, struct utime until,
         struct errinfo *ei)
{
    const struct book *b = p->o.talk->book;
    const struct incident_span gap = {from, until};
    int r = 0;

    for (unsigned i = 0; r == 0 && b != NULL && i < b->pacts; i++) {
        const struct book_pact *pact = &b->pact[i];
        int party = book_party(pact, slice_of(peer->party));

        if (pact->self >= 0 && party >= 0 && party != pact->self &&
            until.us - from.us > pact->pact->out_of_contact_after.us)
            r = state_gap(p, peer, pact, (unsigned)party, &gap, ei);
    }
    return r;
}
