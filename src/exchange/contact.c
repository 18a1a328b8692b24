#include "exchange/contact.h"

#include "wire/jcs.h"

static int64_t
later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t
earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int
spans_add(struct spans *s, struct incident_span one)
{
    unsigned first = 0;
    unsigned last;

    if (one.from.us >= one.until.us)
        return 0;
    while (first < s->count && s->at[first].until.us < one.from.us)
        first++;
    for (last = first; last < s->count && s->at[last].from.us <= one.until.us; last++) {
        one.from.us = earlier(one.from.us, s->at[last].from.us);
        one.until.us = later(one.until.us, s->at[last].until.us);
    }
    if (last == first && s->count == INCIDENT_SPANS)
        return ERR_LIMIT;
    memmove(&s->at[first + 1], &s->at[last], (s->count - last) * sizeof s->at[0]);
    s->count = s->count - (last - first) + 1;
    s->at[first] = one;
    return 0;
}

static int
read_span(struct slice row, struct incident_span *ret)
{
    struct jcs_iter it = jcs_iter(row);
    struct slice from;
    struct slice until;

    if (!jcs_item(&it, &from) || !jcs_item(&it, &until) || jcs_plain(from, &from) < 0 ||
        jcs_plain(until, &until) < 0 || time_parse(from, &ret->from) < 0 ||
        time_parse(until, &ret->until) < 0)
        return ERR_INVALID;
    return 0;
}

int
contact_state(struct spans *s, const struct envelope *e, struct span grace)
{
    struct slice rows;
    struct slice row;
    struct jcs_iter it;
    int err = 0;

    if (e->type != MESSAGE_GAP_STATEMENT || envelope_json(e, "spans", &rows) < 0)
        return ERR_INVALID;
    it = jcs_iter(rows);
    while (err == 0 && jcs_item(&it, &row)) {
        struct incident_span one;

        err = read_span(row, &one);
        if (err == 0 && e->at.us - one.until.us <= grace.us)
            err = s->count < CONTACT_SPANS ? spans_add(s, one) : ERR_LIMIT;
    }
    return err;
}

static int
add_both(const struct spans *a, const struct spans *b, struct spans *ret)
{
    unsigned i = 0;
    unsigned k = 0;

    while (i < a->count && k < b->count) {
        struct incident_span one = {{later(a->at[i].from.us, b->at[k].from.us)},
                                    {earlier(a->at[i].until.us, b->at[k].until.us)}};
        int err = spans_add(ret, one);

        if (err < 0)
            return err;
        if (a->at[i].until.us < b->at[k].until.us)
            i++;
        else
            k++;
    }
    return 0;
}

static int
add_all(const struct spans *more, struct spans *ret)
{
    int err = 0;

    for (unsigned i = 0; err == 0 && i < more->count; i++)
        err = spans_add(ret, more->at[i]);
    return err;
}

/* Of `all` what lies outside `not`. */
static int
add_rest(const struct spans *all, const struct spans *not_, struct spans *ret)
{
    unsigned k = 0;

    for (unsigned i = 0; i < all->count; i++) {
        int64_t from = all->at[i].from.us;
        int64_t until = all->at[i].until.us;
        int err = 0;

        while (k < not_->count && not_->at[k].until.us <= from)
            k++;
        for (unsigned n = k; err == 0 && n < not_->count && not_->at[n].from.us < until; n++) {
            err = spans_add(ret, (struct incident_span){{from}, not_->at[n].from});
            from = later(from, not_->at[n].until.us);
        }
        if (err == 0)
            err = spans_add(ret, (struct incident_span){{from}, {until}});
        if (err < 0)
            return err;
    }
    return 0;
}

/* No more than max, the earliest. */
static bool
cut(struct spans *s, int64_t max)
{
    for (unsigned i = 0; i < s->count; i++) {
        int64_t length = s->at[i].until.us - s->at[i].from.us;

        if (length > max) {
            s->at[i].until.us = s->at[i].from.us + max;
            s->count = i + (max > 0);
            return true;
        }
        max -= length;
    }
    return false;
}

int
contact_judge(const struct spans *a, const struct spans *b, const struct spans *neither,
              struct span max, struct contact *ret)
{
    struct spans out = *a; /* of contact, whoever says it */
    int err;

    ret->suspended.count = ret->alone.count = 0;
    err = add_both(a, b, &ret->suspended);
    if (err == 0)
        err = add_all(neither, &ret->suspended);
    if (err == 0)
        err = add_all(b, &out);
    if (err < 0)
        return err;
    ret->cut = cut(&ret->suspended, later(max.us, 0));
    return add_rest(&out, &ret->suspended, &ret->alone);
}

bool
contact_deemed(const struct contact *c, struct utime noticed, struct span receipt,
               struct utime *ret)
{
    int64_t at = noticed.us;
    int64_t left = receipt.us;

    for (unsigned i = 0; i < c->suspended.count; i++) {
        const struct incident_span *s = &c->suspended.at[i];

        if (s->until.us <= at)
            continue;
        if (s->from.us > at && left <= s->from.us - at)
            break;
        left -= later(s->from.us - at, 0);
        at = s->until.us;
    }
    ret->us = at + left;
    for (unsigned i = 0; i < c->alone.count; i++) {
        if (c->alone.at[i].from.us <= ret->us && ret->us < c->alone.at[i].until.us)
            return true;
    }
    return false;
}
