#include "role/talk_limit.h"

#include <stdio.h>

#include "store/cosigned.h"

#define DAY_US (INT64_C(86400) * TIME_US_PER_S)

/* That party's row, begun anew with each day; of many parties one that is of another day, or
 * the last. */
static struct talk_day *
day_of(struct talk *t, struct slice party, struct utime now)
{
    int64_t today = now.us / DAY_US;
    unsigned at = TALK_PARTIES - 1;
    struct talk_day *d;

    for (unsigned i = 0; i < TALK_PARTIES; i++) {
        if (slice_is(party, t->day[i].party)) {
            at = i;
            break;
        }
        if (t->day[i].day != today)
            at = i;
    }
    d = &t->day[at];
    if (d->day != today || !slice_is(party, d->party)) {
        *d = (struct talk_day){.day = today};
        (void)snprintf(d->party, sizeof d->party, "%.*s", (int)party.len, party.ptr);
    }
    return d;
}

bool
talk_may_reject(struct talk *t, struct slice party, struct utime now)
{
    struct talk_day *d = day_of(t, party, now);

    if (d->rejects >= TALK_REJECTS)
        return false;
    d->rejects++;
    return true;
}

void
talk_note_over(struct talk *t, struct slice party, struct utime now)
{
    day_of(t, party, now)->over++;
}

unsigned
talk_over(const struct talk *t, struct slice party, struct utime now)
{
    for (unsigned i = 0; i < TALK_PARTIES; i++) {
        if (t->day[i].day == now.us / DAY_US && slice_is(party, t->day[i].party))
            return t->day[i].over;
    }
    return 0;
}

int
talk_is_over(const struct talk *t, const struct book_pact *p, const struct envelope *m,
             uint64_t leaf, bool *ret)
{
    const struct store_message which = {.pact = m->pact, .from = m->from, .to = m->to};
    int sender = book_party(p, m->from);
    struct utime at = m->at;
    struct store_bounds b = {{0}, {0}};
    struct utime from;
    uint64_t today;
    int r = 0;

    *ret = false;
    if (m->type != MESSAGE_NOTICE || m->seq != 1 || sender < 0)
        return 0;
    if (leaf != UINT64_MAX)
        r = store_witnessed_bounds(t->store, book_origin(p, sender, leaf), ledger_index(leaf),
                                   &b);
    if (at.us < b.before.us - p->pact->clock_skew_max.us)
        at = b.before;
    from.us = at.us / DAY_US * DAY_US;
    if (r == 0)
        r = store_count_notices(t->store, &which, from, (struct utime){from.us + DAY_US},
                                &today);
    if (r == 0)
        *ret = notice_limit(p->pact, (unsigned)today, 0) != MESSAGE_FINE;
    return r;
}
