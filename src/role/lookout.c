#include "role/lookout.h"

#include <stdlib.h>

#include "role/hits.h"
#include "role/lookout_priv.h"

int
lookout_open(struct indicators *x, uint64_t secret, struct lookout **ret)
{
    struct lookout *l = calloc(1, sizeof *l);

    *ret = l;
    if (l == NULL) {
        (void)indicators_free(x);
        return ERR_NOMEM;
    }
    l->x = x;
    for (unsigned i = 0; i < LOOKOUT_THREADS; i++) {
        l->spot[i].of = l;
        atomic_flag_clear(&l->spot[i].taken);
        map_init(&l->spot[i].rows, sizeof(struct lookout_key), LOOKOUT_ROWS, secret);
    }
    return 0;
}

struct lookout *
lookout_close(struct lookout *l)
{
    for (unsigned i = 0; l != NULL && i < LOOKOUT_THREADS; i++) {
        (void)meeting_free(l->spot[i].meeting);
        (void)matching_free(l->spot[i].matching);
        map_release(&l->spot[i].rows);
    }
    if (l != NULL)
        (void)indicators_free(l->x);
    free(l);
    return NULL;
}

const struct indicators *
lookout_indicators(const struct lookout *l)
{
    return l->x;
}

/* ---- looking ----------------------------------------------------------------------------- */

static int
more_rows(struct lookout_found *f)
{
    uint32_t room = f->room == 0 ? LOOKOUT_FOUND_MEMORY : 2 * f->room;
    struct lookout_row *row = realloc(f->row, room * sizeof *row);

    if (row == NULL)
        return ERR_NOMEM;
    f->row = row;
    f->room = room;
    return 0;
}

int
lookout_row(struct map *rows, struct lookout_found *f, uint32_t indicator, struct utime when,
            struct lookout_row **ret)
{
    struct lookout_key key = {.day = hits_day(when)};
    int added = 0;
    int64_t at;

    memcpy(key.id, indicators_id(f->by->x, indicator), sizeof key.id);
    *ret = NULL;
    if (f->count == f->room && more_rows(f) < 0)
        return ERR_NOMEM;
    at = map_put(rows, &key, &added);
    if (at < 0) {
        f->over++;
        return 0;
    }
    *ret = &f->row[at];
    if (added) {
        **ret = (struct lookout_row){
            .indicator = indicator, .day = key.day, .first = when, .last = when};
        f->count = (uint32_t)at + 1;
    }
    return 0;
}

static int
count_hit(void *arg, const struct event *ev, uint32_t indicator, enum atom_kind kind)
{
    struct spot *p = arg;
    struct utime when = event_when(ev);
    uint64_t asked = meeting_stats(p->meeting)->asked;
    struct lookout_row *row;
    int r = lookout_row(&p->rows, p->found, indicator, when, &row);

    if (r < 0 || row == NULL)
        return r;
    row->kinds |= 1U << kind;
    if (row->counted == asked)
        return 0;
    row->counted = asked;
    row->events++;
    row->count += ev->count;
    row->first = when.us < row->first.us ? when : row->first;
    row->last = when.us > row->last.us ? when : row->last;
    return 0;
}

struct spot *
lookout_take_spot(struct lookout *l, struct lookout_found *ret)
{
    for (unsigned i = 0; i < LOOKOUT_THREADS; i++) {
        struct spot *p = &l->spot[i];

        if (atomic_flag_test_and_set_explicit(&p->taken, memory_order_acquire))
            continue;
        map_reset(&p->rows);
        p->found = ret;
        return p;
    }
    return NULL;
}

void
lookout_leave_spot(struct spot *p)
{
    atomic_flag_clear_explicit(&p->taken, memory_order_release);
}

static int
look(struct spot *p, const struct event *ev, uint32_t n, struct slice raw)
{
    const struct event *held[MEETING_TOGETHER];
    int r = 0;

    if (p->meeting == NULL)
        r = meeting_new(p->of->x, LOOKOUT_OWNERS, count_hit, p, &p->meeting);
    for (uint32_t from = 0; r == 0 && from < n; from += MEETING_TOGETHER) {
        unsigned some = n - from < MEETING_TOGETHER ? n - from : MEETING_TOGETHER;

        for (unsigned i = 0; i < some; i++)
            held[i] = &ev[from + i];
        r = meeting_ask(p->meeting, held, some, raw);
    }
    return r;
}

void
lookout_look(struct lookout *l, const struct event *ev, uint32_t n, struct slice raw,
             struct lookout_found *ret)
{
    struct meeting_stats before = {.asked = 0};
    const struct meeting_stats *now;
    struct spot *p;
    int r;

    *ret = (struct lookout_found){.by = l, .row = ret->row, .room = ret->room};
    if (l == NULL)
        return;
    p = lookout_take_spot(l, ret);
    if (p == NULL) {
        ret->failed = n;
        return;
    }
    if (p->meeting != NULL)
        before = *meeting_stats(p->meeting);
    r = look(p, ev, n, raw);
    if (r == 0) {
        now = meeting_stats(p->meeting);
        ret->asked = now->asked - before.asked;
        ret->met = now->hit - before.hit;
        ret->more = now->more - before.more;
    } else {
        ret->count = 0;
        ret->over = 0;
        ret->failed = n;
        p->meeting = meeting_free(p->meeting); /* what it holds is of half a block */
    }
    lookout_leave_spot(p);
}

void
lookout_release(struct lookout_found *f)
{
    free(f->row);
    *f = (struct lookout_found){.row = NULL};
}
