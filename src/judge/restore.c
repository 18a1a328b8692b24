/* After a restart: incidents from what the engine kept, windows from the events it kept. */
#include <stdlib.h>

#include "judge/judge_priv.h"

enum { TOUCH_FIRST = 64 };

/* ---- what is to be kept ----------------------------------------------------------------- */

void
touch(struct judge *j, struct window *w)
{
    if (j->out.joined == NULL || (w->flags & (W_JOINED | W_TOUCHED)) != W_JOINED)
        return;
    if (j->touches == j->touch_room) {
        uint32_t room = j->touch_room == 0 ? TOUCH_FIRST : j->touch_room * 2;
        uint32_t *list = realloc(j->touched, room * sizeof *list);

        if (list == NULL) { /* at once, then */
            tell_joined(j, w);
            return;
        }
        j->touched = list;
        j->touch_room = room;
    }
    j->touched[j->touches++] = (uint32_t)(w - j->windows.at);
    w->flags |= W_TOUCHED;
}

void
tell_joined(const struct judge *j, const struct window *w)
{
    const struct window_key *key = window_key(&j->windows, w);
    struct judge_joined joined = {.number = w->sum,
                                  .obligation = j->rules.rule[w->rule].obligation,
                                  .origin = {key->addr, key_bits(key)},
                                  .last = {w->last}};

    j->out.joined(j->out.arg, &joined);
}

/* Those that were let go meanwhile have lost the flag. */
void
tell_touched(struct judge *j)
{
    for (uint32_t i = 0; i < j->touches; i++) {
        struct window *w = &j->windows.at[j->touched[i]];

        if ((w->flags & W_TOUCHED) == 0)
            continue;
        w->flags &= (uint16_t)~W_TOUCHED;
        if (open_find(j, w) != NO_INDEX)
            tell_joined(j, w);
    }
    j->touches = 0;
}

/* ---- restoring -------------------------------------------------------------------------- */

static unsigned
rule_of(const struct judge *j, unsigned obligation)
{
    unsigned i = 0;

    while (i < j->rules.count && j->rules.rule[i].obligation != obligation)
        i++;
    return i;
}

/* An older incident had that window: its events are in what is replayed. */
static void
take_over(struct judge *j, struct open *o, const struct window *w)
{
    if ((w->flags & W_OPEN) != 0)
        j->open[w->u.incident].blind = true;
    o->blind |= (w->flags & (W_OPEN | W_JOINED)) != 0;
}

static int
restore_joined(struct judge *j, const struct judge_incident *from, uint32_t index,
               const struct judge_joined *joined)
{
    unsigned rule = rule_of(j, joined->obligation);
    struct window_key key = {
        .addr = joined->origin.addr,
        .who = key_who(joined->origin.len, from->origin_party, from->target_party)};
    struct window *w;

    if (rule == j->rules.count)
        return ERR_INVALID;
    w = windows_take(&j->windows, &key, windows_hash(&j->windows, &key), rule);
    if (w == NULL)
        return ERR_NOMEM;
    take_over(j, &j->open[index], w);
    w->flags = W_LIVE | W_JOINED;
    w->u.incident = index;
    w->sum = from->number;
    w->last = joined->last.us;
    return 0;
}

static bool
is_known(const struct judge *j, const struct judge_incident *i)
{
    for (uint32_t k = 0; k < j->opens; k++) {
        if (j->open[k].number == i->number)
            return true;
    }
    return false;
}

/* Its own window, and its place. */
static int
restore_open(struct judge *j, const struct judge_incident *i, unsigned rule, uint32_t *ret)
{
    unsigned bits = i->collective ? KEY_COLLECTIVE : i->origin.len;
    struct window_key key = {.addr = i->origin.addr,
                             .who = key_who(bits, i->origin_party, i->target_party)};
    struct window *w = windows_take(&j->windows, &key, windows_hash(&j->windows, &key), rule);
    uint64_t number = j->number;
    struct window had;
    struct open *o;

    if (w == NULL)
        return ERR_NOMEM;
    had = *w;
    *ret = open_make(j, w, i->collective);
    j->number = number;
    if (*ret == NO_INDEX)
        return ERR_NOMEM;
    o = &j->open[*ret];
    o->number = i->number;
    o->totals = i->totals;
    take_over(j, o, &had);
    if ((had.flags & W_JOINED) != 0) /* since this one was closed */
        *w = had;
    else
        w->flags = W_LIVE | W_OPEN;
    return 0;
}

int
judge_restore(struct judge *j, const struct judge_incident *i)
{
    unsigned rule = rule_of(j, i->obligation);
    uint32_t index;
    int e;

    if (rule == j->rules.count || i->number == 0 || i->number > j->number)
        return ERR_INVALID;
    if (is_known(j, i))
        return ERR_INVALID;
    e = restore_open(j, i, rule, &index);
    if (e < 0)
        return e;
    for (unsigned k = 0; k < i->also_count; k++) {
        unsigned also = rule_of(j, i->also[k]);

        if (also < j->rules.count)
            open_set_also(&j->open[index], also);
    }
    open_set_also(&j->open[index], rule);
    for (unsigned k = 0; e == 0 && k < i->joined_count; k++)
        e = restore_joined(j, i, index, &i->joined[k]);
    return e;
}

/* ---- replaying -------------------------------------------------------------------------- */

void
judge_replay(struct judge *j, struct utime since)
{
    j->replaying = true;
    j->since = since.us;
}

void
judge_live(struct judge *j)
{
    j->replaying = false;
    j->counts = (struct judge_counts){0};
    j->windows.evicted = 0;
}

/* Only of its own window can one say that it was counted. */
void
replay_count(struct judge *j, const struct verdicts *v, const struct window *w, bool late)
{
    struct open *o;

    if ((w->flags & W_OPEN) == 0 || late)
        return;
    o = &j->open[w->u.incident];
    if (!o->blind && v->when >= o->totals.first.us)
        open_count_target(j, o, v->target);
}

struct span
judge_next(const struct judge *j)
{
    int64_t longest = 0;

    for (unsigned i = 0; i < j->rules.count; i++)
        longest = j->rules.rule[i].window > longest ? j->rules.rule[i].window : longest;
    return (struct span){longest + j->windows.lateness + 60 * TIME_US_PER_S};
}
