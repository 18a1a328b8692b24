#include "role/verdicts.h"

#include <stdio.h>
#include <stdlib.h>

#include "role/outcomes.h"
#include "role/sight.h"
#include "role/totals.h"
#include "role/verdicts_priv.h"

#define DAY_US ((int64_t)86400 * TIME_US_PER_S)

/* ---- a period, as people write it -------------------------------------------------------- */

static bool
parse_time(const char *text, struct utime *ret)
{
    return time_parse_any(slice_of(text), ret) == 0;
}

/* A month, or a day: where it begins, and where the next one does. */
static bool
stretch_of(struct slice s, struct utime *ret_from, struct utime *ret_until)
{
    char text[32];
    unsigned year;
    unsigned month;

    if (s.len != 7 && s.len != 10)
        return false;
    (void)snprintf(text, sizeof text, "%.*s%sT00:00:00Z", (int)s.len, s.ptr,
                   s.len == 7 ? "-01" : "");
    if (!parse_time(text, ret_from))
        return false;
    ret_until->us = ret_from->us + DAY_US;
    if (s.len == 10)
        return true;
    year = (unsigned)strtoul(text, NULL, 10);
    month = (unsigned)strtoul(text + 5, NULL, 10);
    (void)snprintf(text, sizeof text, "%04u-%02u-01T00:00:00Z", month == 12 ? year + 1 : year,
                   month % 12 + 1);
    return parse_time(text, ret_until);
}

static bool
is_span(struct slice text, struct utime now, struct utime *ret_from)
{
    struct span back;

    if (span_parse(text, &back) < 0 || back.us <= 0 || back.us > now.us)
        return false;
    ret_from->us = now.us - back.us;
    return true;
}

int
verdicts_period(struct slice text, struct utime now, struct utime *ret_from,
                struct utime *ret_until)
{
    const char *dots = memmem(text.ptr, text.len, "..", 2);
    struct utime other;

    *ret_until = now;
    if (dots != NULL) {
        size_t n = (size_t)(dots - text.ptr);

        if (!stretch_of(slice_sub(text, 0, n), ret_from, &other) ||
            !stretch_of(slice_sub(text, n + 2, text.len), &other, ret_until))
            return ERR_INVALID;
    } else if (!is_span(text, now, ret_from) && !stretch_of(text, ret_from, ret_until)) {
        return ERR_INVALID;
    }
    if (ret_until->us > now.us)
        *ret_until = now;
    return ret_from->us < ret_until->us ? 0 : ERR_INVALID;
}

/* ---- both readings ----------------------------------------------------------------------- */

/* What the other side's log does not have is not in its verdict. */
static int
as_other(const struct outcomes *all, struct outcomes *ret)
{
    *ret = (struct outcomes){.count = 0};
    ret->at = malloc((all->count + 1) * sizeof *ret->at);
    ret->about = malloc((all->count + 1) * sizeof *ret->about);
    if (ret->at == NULL || ret->about == NULL)
        return ERR_NOMEM;
    for (unsigned i = 0; i < all->count; i++) {
        if (!all->about[i].told)
            continue;
        ret->at[ret->count] = all->at[i];
        ret->about[ret->count++] = all->about[i];
    }
    return 0;
}

static int
read_incidents(const struct verdicts_ask *a, const struct book_pact *p, struct reading *ret)
{
    struct outcomes_ask what = {
        .store = a->store, .pact = p, .from = ret->from, .until = ret->until};
    int r = outcomes_read(&what, &ret->kept);

    if (r == 0)
        r = as_other(&ret->kept, &ret->told);
    ret->own = &ret->kept;
    ret->other = &ret->told;
    return r;
}

/* Own figures, and what everybody can see of the parties. */
static int
see(const struct verdicts_ask *a, const struct book_pact *p, bool now, struct reading *ret)
{
    struct sight_ask sight = {.store = a->store,
                              .pact = p,
                              .from = ret->from,
                              .until = ret->until,
                              .now = a->now,
                              .current = now,
                              .party = (unsigned)p->self};
    int r = sight_read(&sight, &ret->sight);

    sight.open = true;
    for (unsigned i = 0; r == 0 && i < p->pact->parties; i++) {
        struct totals_ask told = {a->store, p, i, ret->from, ret->until, 0};

        sight.party = i;
        r = sight_read(&sight, &ret->open[i]);
        told.at_most_ppm = ret->open[i].at_most_ppm;
        ret->published[i] = ret->open[i];
        if (r == 0 && !now)
            r = totals_sight_of(&told, &ret->published[i]);
    }
    return r;
}

/* A period up to now has all that the reading of now asks for. */
static int
read_all(const struct verdicts_ask *a, struct page *page)
{
    const struct sight_ask days = {.store = a->store,
                                   .pact = page->pact,
                                   .from = a->from,
                                   .until = a->until,
                                   .now = a->now,
                                   .party = (unsigned)page->pact->self};
    int r = read_incidents(a, page->pact, &page->period);

    if (r == 0 && (a->until.us != a->now.us || a->from.us > page->now.from.us)) {
        r = read_incidents(a, page->pact, &page->now);
    } else {
        page->now.own = page->period.own;
        page->now.other = page->period.other;
    }
    if (r == 0)
        r = see(a, page->pact, true, &page->now);
    if (r == 0)
        r = see(a, page->pact, false, &page->period);
    if (r == 0)
        r = sight_days(&days, &page->days);
    if (r == 0)
        r = store_get_meta(a->store, "sensors", &page->sensors);
    return r == ERR_NOTFOUND ? 0 : r;
}

static void
release(struct reading *r)
{
    outcomes_release(&r->kept);
    outcomes_release(&r->told);
}

/* ---- pairs ------------------------------------------------------------------------------- */

/* From when on one of two parties is not bound; 0 open. */
static struct utime
ends_of(const struct book_pact *p, unsigned a, unsigned b)
{
    struct utime x = p->party[a].ends;
    struct utime y = p->party[b].ends;

    return x.us == 0 || (y.us != 0 && y.us < x.us) ? y : x;
}

static int
put_other(const struct verdicts_ask *a, struct page *page, unsigned other)
{
    const struct book_pact *p = page->pact;
    struct utime silent;
    unsigned self;
    unsigned first;
    int r = case_silence(a->store, p, other, a->now, &silent);

    if (r < 0)
        return r;
    page->silent = silent;
    page->ends = ends_of(p, (unsigned)p->self, other);
    self = (unsigned)p->self;
    first = page->joint && self < other ? self : other; /* a report's order is nobody's own */
    r = verdicts_put_pair(page, first, first == self ? other : self);
    return r < 0 ? r : verdicts_put_pair(page, first == self ? other : self, first);
}

static int
put_pact(const struct verdicts_ask *a, const struct book_pact *p, bool joint, unsigned *others,
         struct buf *to)
{
    struct page page = {.ask = a,
                        .pact = p,
                        .joint = joint,
                        .at = a->now,
                        .now = {.from = {a->now.us - VERDICT_NOW_US}, .until = a->now},
                        .period = {.from = a->from, .until = a->until},
                        .to = to};
    int r;

    buf_init(&page.sensors, 1 << 16);
    buf_init(&page.days, 1 << 16);
    r = read_all(a, &page);
    if (r == 0)
        verdicts_begin_pact(&page);
    for (unsigned i = 0; r == 0 && i < p->pact->parties; i++) {
        if ((int)i == p->self || (a->party.len > 0 && !slice_eq(a->party, p->party[i].id)))
            continue;
        ++*others;
        r = put_other(a, &page, i);
    }
    if (r == 0 && joint)
        r = report_put_incidents(&page);
    if (r == 0)
        verdicts_end_pact(&page);
    buf_release(&page.sensors);
    buf_release(&page.days);
    release(&page.now);
    release(&page.period);
    return r;
}

int
verdicts_put_pacts(const struct verdicts_ask *a, bool joint, struct buf *ret)
{
    unsigned others = 0;
    unsigned pacts = 0;
    int r = 0;

    buf_char(ret, '[');
    for (unsigned i = 0; r == 0 && a->book != NULL && i < a->book->pacts; i++) {
        const struct book_pact *p = &a->book->pact[i];

        if (p->self < 0 || (a->pact.len > 0 && !slice_is(a->pact, p->pact->name)))
            continue;
        if (pacts++ > 0)
            buf_char(ret, ',');
        r = put_pact(a, p, joint, &others, ret);
    }
    buf_char(ret, ']');
    if (r == 0 && ((a->pact.len > 0 && pacts == 0) || (a->party.len > 0 && others == 0)))
        r = ERR_NOTFOUND;
    return r;
}

int
verdicts_json(const struct verdicts_ask *a, struct buf *ret)
{
    char at[TIME_TEXT];
    int r;

    time_format(a->now, at);
    buf_printf(ret, "{\"at\":\"%.*s\",\"pacts\":", TIME_TEXT, at);
    r = verdicts_put_pacts(a, false, ret);
    buf_char(ret, '}');
    return r < 0 ? r : buf_error(ret);
}
