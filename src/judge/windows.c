/* Windows in a hash table of chains, bounded.  What is dead is let go by a hand that goes round
 * a little with each new window; when all are alive, it takes from those that have seen one
 * event alone, then from the others: a flood of made-up addresses displaces itself. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "judge/judge_priv.h"

enum { LOOK = 2, LOOK_FULL = 64 };

int
windows_init(struct windows *ws, const struct rules *rules, const struct judge_limits *limits)
{
    uint32_t heads = 64;

    *ws = (struct windows){.max = limits->windows == 0 ? JUDGE_WINDOWS : limits->windows,
                           .memory_max = limits->memory == 0 ? JUDGE_MEMORY : limits->memory,
                           .lateness = limits->lateness.us,
                           .secret = limits->secret,
                           .free = NO_INDEX,
                           .watermark = INT64_MIN / 2,
                           .rules = rules};
    if (ws->max > JUDGE_WINDOWS_MAX)
        ws->max = JUDGE_WINDOWS_MAX;
    while (heads < ws->max * 2)
        heads *= 2;
    ws->mask = heads - 1;
    ws->at = calloc(ws->max, sizeof *ws->at);
    ws->head = malloc(heads * sizeof *ws->head);
    if (ws->at == NULL || ws->head == NULL)
        return ERR_NOMEM;
    memset(ws->head, 0xff, heads * sizeof *ws->head);
    return 0;
}

void
windows_release(struct windows *ws)
{
    for (uint32_t i = 0; i < ws->used; i++)
        windows_forget(ws, &ws->at[i]);
    free(ws->at);
    free(ws->head);
    *ws = (struct windows){0};
}

uint64_t
windows_hash(const struct windows *ws, const struct window_key *key)
{
    return map_hash(key, sizeof *key, ws->secret);
}

struct window *
windows_find(const struct windows *ws, const struct window_key *key, uint64_t hash)
{
    for (uint32_t i = ws->head[hash & ws->mask]; i != NO_INDEX; i = ws->at[i].next) {
        if (memcmp(&ws->at[i].key, key, sizeof *key) == 0)
            return &ws->at[i];
    }
    return NULL;
}

void
windows_forget(struct windows *ws, struct window *w)
{
    if (w->room > 1) {
        ws->memory -= w->room * sizeof *w->u.many;
        free(w->u.many);
    }
    w->n = 0;
    w->room = 1;
    w->sum = 0;
    w->flags &= ~(unsigned)(W_TARGETS | W_SENSORS | W_LOST);
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
    uint32_t index = (uint32_t)(w - ws->at);
    uint32_t *at = &ws->head[windows_hash(ws, &w->key) & ws->mask];

    while (*at != index)
        at = &ws->at[*at].next;
    *at = w->next;
    windows_forget(ws, w);
    w->flags = 0;
    w->next = ws->free;
    ws->free = index;
    ws->live--;
}

bool
windows_is_dead(const struct windows *ws, const struct window *w)
{
    return w->last <= ws->watermark - ws->lateness - ws->rules->rule[w->key.rule].window;
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

        if (may_go(w) && windows_is_dead(ws, w))
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

        if (!may_go(w) || w == keep || (with_records && w->room <= 1))
            continue;
        if ((w->flags & W_CREDIT) == 0 || windows_is_dead(ws, w)) {
            ws->evicted += !windows_is_dead(ws, w);
            windows_drop(ws, w);
            return true;
        }
        w->flags &= ~(unsigned)W_CREDIT;
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
windows_take(struct windows *ws, const struct window_key *key, uint64_t hash)
{
    struct window *w = windows_find(ws, key, hash);
    uint32_t *head;

    if (w != NULL)
        return w;
    sweep_some(ws);
    if (ws->free == NO_INDEX && ws->used == ws->max && !evict(ws, NULL, false))
        return NULL;
    if (ws->free != NO_INDEX) {
        w = &ws->at[ws->free];
        ws->free = w->next;
    } else {
        w = &ws->at[ws->used++];
    }
    head = &ws->head[hash & ws->mask];
    *w = (struct window){
        .key = *key, .flags = W_LIVE, .room = 1, .next = *head, .last = INT64_MIN / 2};
    *head = (uint32_t)(w - ws->at);
    ws->live++;
    return w;
}
