/* Records of sensors that are no attacks: what is met of them is counted, and nothing kept. */
#include "role/lookout_priv.h"

_Static_assert((int)LOOKOUT_REST <= (int)MATCH_CHUNK, "it is matched at once");

void
lookout_rest(const struct frame *f, size_t used, struct buf *to)
{
    struct slice all = slice_sub(f->raw, 0, used);
    size_t from = 0;

    for (uint32_t i = 0; i <= f->count; i++) {
        const struct event *ev = &f->event[i < f->count ? i : 0];
        size_t at = i < f->count ? ev->raw_at : all.len;

        if (i < f->count && ev->raw_len == 0)
            continue;
        /* whoever decoded it may not keep to their order */
        if (at > from && at <= all.len)
            buf_slice(to, slice_sub(all, from, at - from));
        if (i < f->count && at + ev->raw_len > from)
            from = at + ev->raw_len;
    }
}

static int
count_record(void *arg, const struct match_hit *hit)
{
    struct spot *p = arg;
    struct lookout_row *row;
    int r = lookout_row(&p->rows, p->found, hit->indicator, hit->time, &row);

    if (p->met != hit->line) {
        p->met = hit->line;
        p->found->met++;
    }
    if (r < 0 || row == NULL)
        return r;
    row->kinds |= 1U << set_kind(indicators_set(p->of->x), hit->atom);
    if (row->counted == hit->line)
        return 0;
    row->counted = hit->line;
    row->count++;
    row->unrecorded++;
    row->first = hit->time.us < row->first.us ? hit->time : row->first;
    row->last = hit->time.us > row->last.us ? hit->time : row->last;
    return 0;
}

static uint64_t
records(const struct match_stats *s)
{
    return s->lines - s->blank - s->odd;
}

static uint64_t
count_lines(struct slice text)
{
    struct slice line;
    uint64_t n = 0;

    while (slice_line(&text, &line))
        n += line.len > 0;
    return n;
}

void
lookout_read(struct lookout *l, struct slice rest, bool array, struct lookout_found *ret)
{
    struct match_stats before = {.lines = 0};
    const struct match_stats *now;
    struct spot *p;
    int r = 0;

    *ret = (struct lookout_found){.by = l, .row = ret->row, .room = ret->room};
    if (l == NULL || rest.len == 0)
        return;
    p = lookout_take_spot(l, ret);
    if (p == NULL) {
        ret->failed = count_lines(rest);
        return;
    }
    if (p->matching == NULL) {
        r = matching_new(l->x, false, count_record, p, &p->matching);
        if (r == 0)
            matching_limit(p->matching, LOOKOUT_OWNERS);
    } else {
        before = *matching_stats(p->matching);
    }
    if (r == 0)
        r = array ? matching_take_elements(p->matching, rest)
                  : matching_take(p->matching, rest);
    if (r == 0) {
        now = matching_stats(p->matching);
        ret->asked = records(now) - records(&before);
        ret->more = now->beyond - before.beyond;
    } else {
        ret->count = 0;
        ret->over = ret->met = 0;
        ret->failed = count_lines(rest);
        p->matching = matching_free(p->matching); /* what it holds is of half a frame */
        p->met = 0;
    }
    lookout_leave_spot(p);
}

/* ---- together ---------------------------------------------------------------------------- */

void
lookout_sum_init(struct lookout_sum *s, uint64_t secret)
{
    s->found = (struct lookout_found){.row = NULL};
    map_init(&s->rows, sizeof(struct lookout_key), LOOKOUT_ROWS, secret);
}

void
lookout_sum_release(struct lookout_sum *s)
{
    lookout_release(&s->found);
    map_release(&s->rows);
}

void
lookout_sum_reset(struct lookout_sum *s)
{
    s->found = (struct lookout_found){.row = s->found.row, .room = s->found.room};
    map_reset(&s->rows);
}

static void
add_row(struct lookout_row *to, const struct lookout_row *from)
{
    to->kinds |= from->kinds;
    to->events += from->events;
    to->count += from->count;
    to->unrecorded += from->unrecorded;
    to->first = from->first.us < to->first.us ? from->first : to->first;
    to->last = from->last.us > to->last.us ? from->last : to->last;
}

void
lookout_sum_add(struct lookout_sum *s, const struct lookout_found *f)
{
    BUG_ON(s->found.by != f->by && s->found.count > 0 && f->count > 0);
    if (f->by != NULL)
        s->found.by = f->by;
    lookout_add(&s->found, f);
    for (uint32_t i = 0; i < f->count; i++) {
        const struct lookout_row *from = &f->row[i];
        struct lookout_row *to;

        if (lookout_row(&s->rows, &s->found, from->indicator, from->first, &to) < 0)
            s->found.over++;
        else if (to != NULL)
            add_row(to, from);
    }
}
