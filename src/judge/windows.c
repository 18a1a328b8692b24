/* Windows, found by key in a hash table of chains; bounded.  What is dead is let go by a hand
 * that goes round a little with each new window; when all are alive, it takes from those that
 * have seen one event alone, then from the others: a flood of made-up addresses displaces
 * itself. */
#include <stdlib.h>
#include <string.h>

#include "judge/judge_priv.h"

enum { LOOK = 2, LOOK_FULL = 64, AHEAD = 8 };

int
windows_init(struct windows *ws, const struct rules *rules, const struct judge_limits *limits)
{
    uint64_t records;
    uint32_t heads = 64;

    *ws = (struct windows){.max = limits->windows == 0 ? JUDGE_WINDOWS : limits->windows,
                           .memory_max = limits->memory == 0 ? JUDGE_MEMORY : limits->memory,
                           .lateness = limits->lateness.us,
                           .secret = limits->secret,
                           .free = NO_INDEX,
                           .entries_used = 1,
                           .watermark = INT64_MIN / 2,
                           .rules = rules};
    if (ws->max > JUDGE_WINDOWS_MAX)
        ws->max = JUDGE_WINDOWS_MAX;
    while (heads < ws->max * 2)
        heads *= 2;
    ws->mask = heads - 1;
    ws->at = region_take(ws->max * sizeof *ws->at);
    ws->entry = region_take((ws->max + (size_t)1) * sizeof *ws->entry);
    ws->head = region_take(heads * sizeof *ws->head);
    /* A quarter more, for blocks that are free and too small. */
    records = (ws->memory_max + ws->memory_max / 4) / sizeof(struct record) +
              ((uint64_t)ws->max << ORDER_FIRST);
    if (ws->at == NULL || ws->entry == NULL || ws->head == NULL)
        return ERR_NOMEM;
    memset(ws->entry[0].window, 0xff, sizeof ws->entry[0].window);
    return pool_init(&ws->pool, records);
}

void
windows_release(struct windows *ws)
{
    region_give(ws->at, ws->max * sizeof *ws->at);
    region_give(ws->entry, (ws->max + (size_t)1) * sizeof *ws->entry);
    region_give(ws->head, (ws->mask + (size_t)1) * sizeof *ws->head);
    pool_release(&ws->pool);
    *ws = (struct windows){0};
}

/* ---- keys ------------------------------------------------------------------------------- */

/* A place of that key for one more window. */
static void
enter(struct windows *ws, const struct window_key *key, uint64_t hash, struct window *w)
{
    uint32_t *head = &ws->head[hash & ws->mask];
    struct entry *e = NULL;
    uint32_t i;

    for (i = *head; i != 0; i = ws->entry[i].next) {
        e = &ws->entry[i];
        for (unsigned k = 0; key_equal(&e->key, key) && k < ENTRY_WINDOWS; k++) {
            if (e->window[k] == NO_INDEX) {
                e->window[k] = (uint32_t)(w - ws->at);
                e->rule[k] = w->rule;
                w->entry = i;
                return;
            }
        }
    }
    i = ws->entry_free;
    if (i != 0)
        ws->entry_free = ws->entry[i].next;
    else
        i = ws->entries_used++; /* each has a window, so there is one left */
    e = &ws->entry[i];
    *e = (struct entry){.key = *key, .next = *head};
    memset(e->window, 0xff, sizeof e->window);
    e->window[0] = (uint32_t)(w - ws->at);
    e->rule[0] = w->rule;
    w->entry = i;
    *head = i;
}

static void
leave(struct windows *ws, const struct window *w)
{
    struct entry *e = &ws->entry[w->entry];
    uint32_t *at = &ws->head[windows_hash(ws, &e->key) & ws->mask];
    unsigned left = 0;

    for (unsigned k = 0; k < ENTRY_WINDOWS; k++) {
        if (e->window[k] == (uint32_t)(w - ws->at))
            e->window[k] = NO_INDEX;
        left += e->window[k] != NO_INDEX;
    }
    if (left > 0)
        return;
    while (*at != w->entry)
        at = &ws->entry[*at].next;
    *at = e->next;
    e->next = ws->entry_free;
    ws->entry_free = w->entry;
}

/* ---- windows ---------------------------------------------------------------------------- */

void
windows_forget(struct windows *ws, struct window *w)
{
    if (w->block != 0 && w->order > ORDER_FIRST) {
        ws->memory -= sizeof(struct record) << w->order;
        pool_give(&ws->pool, w->block, w->order);
        w->block = 0;
    }
    w->n = 0;
    w->sum = 0;
    w->flags &= (uint16_t)~W_OF_RECORDS;
}

void
windows_restart(struct windows *ws, struct window *w)
{
    windows_forget(ws, w);
    w->flags = W_LIVE;
    w->events = 0;
    w->count = w->bytes = 0;
    w->last = INT64_MIN / 2;
}

void
windows_drop(struct windows *ws, struct window *w)
{
    ws->drops++;
    leave(ws, w);
    windows_forget(ws, w);
    if (w->block != 0)
        pool_give(&ws->pool, w->block, w->order);
    w->block = 0;
    w->flags = 0;
    w->entry = ws->free;
    ws->free = (uint32_t)(w - ws->at);
    ws->live--;
}

static struct window *
turn(struct windows *ws)
{
    struct window *w = &ws->at[ws->hand];

    ws->hand = ws->hand + 1 >= ws->used ? 0 : ws->hand + 1;
    return w;
}

static bool
may_go(const struct window *w)
{
    return (w->flags & W_LIVE) != 0 && (w->flags & (W_OPEN | W_MET)) == 0;
}

static void
sweep_some(struct windows *ws)
{
    for (int i = 0; i < LOOK && ws->used > 0; i++) {
        struct window *w = turn(ws);

        if (ws->hand + 2 * AHEAD < ws->used) {
            __builtin_prefetch(&ws->at[ws->hand + 2 * AHEAD]);
            __builtin_prefetch(&ws->entry[ws->at[ws->hand + AHEAD].entry], 1);
        }
        if (may_go(w) && (w->flags & W_TOUCHED) == 0 && windows_is_dead(ws, w))
            windows_drop(ws, w);
    }
}

/* Let one go that is alive; false when none in reach may. */
static bool
evict(struct windows *ws, const struct window *keep, bool with_records)
{
    struct window *second = NULL;

    for (int i = 0; i < LOOK_FULL && ws->used > 0; i++) {
        struct window *w = turn(ws);

        if (!may_go(w) || w == keep || (with_records && window_room(w) <= 1U << ORDER_FIRST))
            continue;
        if ((w->flags & W_CREDIT) == 0 || windows_is_dead(ws, w)) {
            ws->evicted += !windows_is_dead(ws, w);
            windows_drop(ws, w);
            return true;
        }
        w->flags &= (uint16_t)~W_CREDIT;
        second = second == NULL ? w : second;
    }
    if (second == NULL)
        return false;
    ws->evicted++;
    windows_drop(ws, second);
    return true;
}

bool
windows_afford(struct windows *ws, size_t bytes, const struct window *keep)
{
    for (int i = 0; i < LOOK_FULL && ws->memory + bytes > ws->memory_max; i++) {
        if (!evict(ws, keep, true))
            return false;
    }
    return ws->memory + bytes <= ws->memory_max;
}

struct window *
windows_take(struct windows *ws, const struct window_key *key, uint64_t hash, unsigned rule)
{
    uint32_t at = entries_find(ws, ws->head[hash & ws->mask], key, rule);
    struct window *w;

    if (at != NO_INDEX)
        return &ws->at[at];
    sweep_some(ws);
    if (ws->free == NO_INDEX && ws->used == ws->max && !evict(ws, NULL, false))
        return NULL;
    if (ws->free != NO_INDEX) {
        w = &ws->at[ws->free];
        ws->free = w->entry;
    } else {
        w = &ws->at[ws->used++];
    }
    *w = (struct window){.rule = (uint8_t)rule, .flags = W_LIVE, .last = INT64_MIN / 2};
    enter(ws, key, hash, w);
    ws->live++;
    return w;
}
