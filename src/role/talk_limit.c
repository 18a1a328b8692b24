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

bool
talk_may_answer(struct talk *t, struct slice party, struct utime now)
{
    struct talk_day *d = day_of(t, party, now);

    if (++d->channel <= TALK_CHANNEL)
        return true;
    d->words++;
    return false;
}

void
talk_note_over(struct talk *t, struct slice party, enum talk_over what, struct utime now)
{
    struct talk_day *d = day_of(t, party, now);

    if (what == TALK_OVER_WORDS)
        d->words++;
    else
        d->over++;
}

struct talk_day
talk_over(const struct talk *t, struct slice party, struct utime now)
{
    for (unsigned i = 0; i < TALK_PARTIES; i++) {
        if (t->day[i].day == now.us / DAY_US && slice_is(party, t->day[i].party))
            return t->day[i];
    }
    return (struct talk_day){.day = 0};
}

static int
count_today(const struct talk *t, int sender, const struct book_pact *p,
            const struct envelope *m, uint64_t leaf, uint64_t *ret)
{
    const struct store_message which = {.pact = m->pact, .from = m->from, .to = m->to};
    struct utime at = m->at;
    struct store_bounds b = {{0}, {0}};
    struct utime from;
    int r = leaf == UINT64_MAX ? 0
                               : store_witnessed_bounds(t->store, book_origin(p, sender, leaf),
                                                        ledger_index(leaf), &b);

    if (at.us < b.before.us - p->pact->clock_skew_max.us)
        at = b.before;
    from.us = at.us / DAY_US * DAY_US;
    return r < 0 ? r
                 : store_count_notices(t->store, &which, from, (struct utime){from.us + DAY_US},
                                       ret);
}

static int
count_open(const struct talk *t, const struct book_pact *p, const struct envelope *m,
           uint64_t *ret)
{
    bool ours = book_party(p, m->from) == p->self;
    const struct store_incident which = {
        .pact = m->pact, .party = ours ? m->to : m->from, .notifier = ours};
    struct slice obligation;

    *ret = 0;
    return envelope_text(m, "obligation", &obligation) < 0
               ? 0
               : store_count_open(t->store, &which, obligation, ret);
}

static int
is_one_more(const struct talk *t, const struct book_pact *p, const struct envelope *m,
            uint64_t leaf, enum talk_over *ret)
{
    uint64_t today = 0;
    uint64_t open = 0;
    int r = count_today(t, book_party(p, m->from), p, m, leaf, &today);

    if (r == 0)
        r = count_open(t, p, m, &open);
    if (r < 0)
        return r;
    if (notice_limit(p->pact, (unsigned)today, 0) != MESSAGE_FINE)
        *ret = TALK_OVER_DAY;
    else if (open > 0 && notice_limit(p->pact, 0, (unsigned)open - 1) != MESSAGE_FINE)
        *ret = TALK_OVER_OPEN;
    return 0;
}

int
talk_is_over(const struct talk *t, const struct book_pact *p, const struct envelope *m,
             uint64_t leaf, enum talk_over *ret)
{
    const struct store_message which = {
        .pact = m->pact, .incident = m->incident, .from = m->from, .to = m->to};
    uint64_t words;
    int r;

    *ret = TALK_WITHIN;
    if (m->incident.len == 0 || book_party(p, m->from) < 0)
        return 0;
    r = store_count_messages(t->store, &which, &words);
    if (r < 0)
        return r;
    if (words >= (t->words == 0 ? TALK_WORDS : t->words))
        *ret = TALK_OVER_WORDS;
    else if (m->type == MESSAGE_NOTICE && m->seq == 1)
        r = is_one_more(t, p, m, leaf, ret);
    return r;
}
