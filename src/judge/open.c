/* What is open: one incident for what met a threshold, its totals, and the other obligations
 * that are named in it. */
#include <stdlib.h>
#include <string.h>

#include "judge/judge_priv.h"

enum { SET_FIRST = 16, OPEN_FIRST = 16 };

/* ---- distinct targets ------------------------------------------------------------------- */

static void
set_insert(struct target_set *t, uint64_t target)
{
    uint32_t at = (uint32_t)target & (t->room - 1);

    while (t->slot[at] != 0 && t->slot[at] != target)
        at = (at + 1) & (t->room - 1);
    t->count += t->slot[at] == 0;
    t->slot[at] = target;
}

static bool
set_grow(struct judge *j, struct target_set *t)
{
    uint32_t room = t->room == 0 ? SET_FIRST : t->room * 2;
    struct target_set more = {.room = room};

    if (!windows_afford(&j->windows, (room - t->room) * sizeof *t->slot, NULL))
        return false;
    more.slot = calloc(room, sizeof *more.slot);
    if (more.slot == NULL)
        return false;
    for (uint32_t i = 0; i < t->room; i++) {
        if (t->slot[i] != 0)
            set_insert(&more, t->slot[i]);
    }
    j->windows.memory += (room - t->room) * sizeof *t->slot;
    free(t->slot);
    *t = more;
    return true;
}

static bool
set_has(const struct target_set *t, uint64_t target)
{
    uint32_t at = (uint32_t)target & (t->room - 1);

    if (t->room == 0)
        return false;
    while (t->slot[at] != 0 && t->slot[at] != target)
        at = (at + 1) & (t->room - 1);
    return t->slot[at] != 0;
}

void
open_count_target(struct judge *j, struct open *o, uint64_t target)
{
    struct target_set *t = &o->targets;

    target |= target == 0;
    if (set_has(t, target))
        return;
    if (t->count >= JUDGE_TARGETS || (t->count >= t->room / 2 && !set_grow(j, t))) {
        o->totals.at_least = true;
        return;
    }
    /* After a restart the set may lack some that were counted: this may be one of them. */
    o->totals.at_least |= !j->replaying && t->count < o->totals.targets;
    set_insert(t, target);
    if (t->count > o->totals.targets)
        o->totals.targets = t->count;
}

/* ---- totals ----------------------------------------------------------------------------- */

static void
changed(struct judge *j, uint32_t incident)
{
    if (j->open[incident].changed)
        return;
    j->open[incident].changed = true;
    j->changed[j->changes++] = incident;
}

static void
count_burst(struct open *o, int64_t when, int64_t gap)
{
    struct judge_totals *t = &o->totals;

    if (when > t->last.us && when - t->last.us > gap) {
        t->before_last = t->last;
        t->before_first = t->burst_first;
        t->bursts++;
        t->burst_first.us = when;
    } else if (when < t->burst_first.us && t->burst_first.us - when <= gap) {
        t->burst_first.us = when;
        if (t->bursts > 1 && when - t->before_last.us <= gap) { /* what parted them is filled */
            t->bursts--;
            t->burst_first = t->before_first;
            t->before_last.us = INT64_MIN / 2;
            t->before_first = t->first;
        }
    }
}

void
open_count(struct judge *j, struct verdicts *v, uint32_t incident)
{
    struct open *o = &j->open[incident];
    struct judge_totals *t = &o->totals;

    for (unsigned i = 0; i < v->ins; i++) {
        if (v->in[i] == incident)
            return;
    }
    v->in[v->ins++] = incident;
    count_burst(o, v->when, j->gap);
    t->events++;
    t->count += v->amount;
    t->bytes += v->item->bytes;
    t->first.us = v->when < t->first.us ? v->when : t->first.us;
    t->last.us = v->when > t->last.us ? v->when : t->last.us;
    open_count_target(j, o, v->target);
    changed(j, incident);
}

/* What a window has seen so far. */
static void
count_window(struct judge *j, struct open *o, struct window *w)
{
    struct judge_totals *t = &o->totals;
    const struct record *rec = window_records(&j->windows, w);

    t->events += w->events;
    t->count += w->count;
    t->bytes += w->bytes;
    t->first.us = w->first < t->first.us ? w->first : t->first.us;
    t->last.us = w->last > t->last.us ? w->last : t->last.us;
    t->at_least |= (w->flags & (W_LOST | W_EARLIER)) != 0;
    t->origins++;
    for (uint32_t i = 0; i < w->n; i++)
        open_count_target(j, o, rec[i].target);
}

/* ---- which ------------------------------------------------------------------------------ */

uint32_t
open_find(const struct judge *j, struct window *w)
{
    const struct open *o;

    if ((w->flags & W_OPEN) != 0)
        return w->u.incident;
    if ((w->flags & W_JOINED) == 0)
        return NO_INDEX;
    o = &j->open[w->u.incident];
    return o->number != 0 && o->number == w->sum ? w->u.incident : NO_INDEX;
}

static bool
has_bit(const uint64_t *words, unsigned bit)
{
    return words[bit / 64] >> bit % 64 & 1;
}

static void
set_bit(uint64_t *words, unsigned bit)
{
    words[bit / 64] |= UINT64_C(1) << bit % 64;
}

void
open_set_also(struct open *o, unsigned rule)
{
    set_bit(o->also, rule);
}

/* One that is open under that severity or a stricter one: of this event, else one of the same
 * key that names the obligation already. */
static uint32_t
find_host(const struct judge *j, const struct verdicts *v, unsigned rule)
{
    unsigned level = j->rules.rule[rule].level;
    uint32_t host = NO_INDEX;

    for (unsigned i = 0; i < v->ins; i++) {
        unsigned its = j->open[v->in[i]].rule;

        if (j->rules.rule[its].level <= level && (host == NO_INDEX || its < j->open[host].rule))
            host = v->in[i];
    }
    for (unsigned i = 0; host == NO_INDEX && i < j->rules.count; i++) {
        unsigned by = j->rules.rule[i].by_prefix;
        const struct window *w;

        if (j->rules.rule[i].level > level)
            break;
        w = windows_find(&j->windows, &v->key[by], v->hash[by], i);
        if (w != NULL && (w->flags & W_OPEN) != 0 && has_bit(j->open[w->u.incident].also, rule))
            host = w->u.incident;
    }
    return host;
}

/* ---- telling ---------------------------------------------------------------------------- */

static unsigned
list_also(const struct judge *j, const struct open *o, uint16_t list[RULES])
{
    unsigned n = 0;

    for (unsigned i = 0; i < j->rules.count; i++) {
        if (has_bit(o->also, i) && i != o->rule)
            list[n++] = (uint16_t)j->rules.rule[i].obligation;
    }
    return n;
}

static enum event_class
most_frequent(const struct record *rec, uint32_t n)
{
    uint32_t times[CLASSES] = {0};
    unsigned best = 0;

    for (uint32_t i = 0; i < n; i++)
        times[(uint8_t)rec[i].block_at_class]++;
    for (unsigned c = 1; c < CLASSES; c++)
        best = times[c] > times[best] ? c : best;
    return (enum event_class)best;
}

/* Mark what is told of them: all, or first those that bring a new target. */
static void
choose(struct scratch *s, const struct record *rec, uint32_t n)
{
    uint32_t chosen = 0;

    memset(s->mark, n <= JUDGE_EVIDENCE, n);
    if (n <= JUDGE_EVIDENCE || !tally_begin(&s->targets, n))
        return;
    for (uint32_t i = 0; i < n && chosen < JUDGE_EVIDENCE; i++) {
        uint32_t before = s->targets.distinct;

        tally_add(&s->targets, rec[i].target);
        s->mark[i] = s->targets.distinct != before;
        chosen += s->mark[i];
    }
    for (uint32_t i = 0; i < n && chosen < JUDGE_EVIDENCE; i++) {
        chosen += s->mark[i] == 0;
        s->mark[i] = 1;
    }
}

static unsigned
list_evidence(struct judge *j, const struct record *rec, uint32_t n,
              struct event_id list[JUDGE_EVIDENCE])
{
    struct scratch *s = &j->scratch;
    unsigned count = 0;

    if (n > s->room) {
        uint8_t *mark = realloc(s->mark, n * (size_t)2);

        if (mark == NULL)
            return 0;
        s->mark = mark;
        s->room = n * 2;
    }
    choose(s, rec, n);
    for (uint32_t i = 0; i < n && count < JUDGE_EVIDENCE; i++) {
        if (s->mark[i])
            list[count++] = (struct event_id){rec[i].block_at_class >> (12 + CLASS_BITS),
                                              rec[i].block_at_class >> CLASS_BITS & 0xfff};
    }
    return count;
}

static unsigned
count_sensors(struct judge *j, const struct record *rec, uint32_t n)
{
    if (!tally_begin(&j->scratch.sensors, n))
        return 0;
    for (uint32_t i = 0; i < n; i++)
        tally_add(&j->scratch.sensors, record_sensor(&rec[i]));
    return j->scratch.sensors.distinct;
}

static void
tell_opened(struct judge *j, const struct open *o, const struct met *m)
{
    const struct record *rec = window_records(&j->windows, m->window) + m->span[0];
    uint32_t n = m->span[1] - m->span[0] + 1;
    const struct window_key *key = window_key(&j->windows, m->window);
    struct event_id evidence[JUDGE_EVIDENCE];
    uint16_t also[RULES];
    struct judge_opened opened = {.number = o->number,
                                  .obligation = j->rules.rule[o->rule].obligation,
                                  .also = also,
                                  .also_count = list_also(j, o, also),
                                  .origin_party = key_origin_party(key),
                                  .target_party = key_target_party(key),
                                  .collective = o->collective,
                                  .class_ = most_frequent(rec, n),
                                  .sensors = count_sensors(j, rec, n),
                                  .totals = o->totals,
                                  .evidence = evidence,
                                  .evidence_count = list_evidence(j, rec, n, evidence)};

    if (!o->collective)
        opened.origin = (struct prefix){key->addr, key_bits(key)};
    if (j->out.opened != NULL)
        j->out.opened(j->out.arg, &opened);
}

void
judge_flush(struct judge *j)
{
    uint16_t also[RULES];

    if (j->replaying)
        return;
    tell_touched(j);

    for (uint32_t i = 0; i < j->changes; i++) {
        struct open *o = &j->open[j->changed[i]];
        struct judge_more more = {.number = o->number,
                                  .also = also,
                                  .also_count = list_also(j, o, also),
                                  .totals = o->totals};

        o->changed = false;
        if (j->out.more != NULL)
            j->out.more(j->out.arg, &more);
    }
    j->changes = 0;
}

/* ---- opening ---------------------------------------------------------------------------- */

static bool
grow_opens(struct judge *j)
{
    uint32_t room = j->open_room == 0 ? OPEN_FIRST : j->open_room * 2;
    struct open *open = realloc(j->open, room * sizeof *open);
    uint32_t *list;

    if (open == NULL)
        return false;
    j->open = open;
    list = realloc(j->changed, room * sizeof *list);
    if (list == NULL)
        return false;
    j->changed = list;
    j->open_room = room;
    return true;
}

uint32_t
open_make(struct judge *j, struct window *w, bool collective)
{
    uint32_t index = j->open_free;
    struct open *o;

    if (index == NO_INDEX) {
        if (j->opens == j->open_room && !grow_opens(j))
            return NO_INDEX;
        index = j->opens++;
    } else {
        j->open_free = j->open[index].next_free;
    }
    o = &j->open[index];
    *o = (struct open){.number = ++j->number,
                       .window = (uint32_t)(w - j->windows.at),
                       .rule = w->rule,
                       .collective = collective,
                       .totals = {.first = {INT64_MAX},
                                  .last = {INT64_MIN},
                                  .bursts = 1,
                                  .before_last = {INT64_MIN / 2}}};
    j->open_live++;
    j->open_of[o->rule] += !collective;
    w->u.incident = index;
    w->flags |= W_OPEN;
    return index;
}

/* From now on what it would count is counted there. */
static void
join(struct judge *j, struct window *w, uint32_t host)
{
    set_bit(j->open[host].also, w->rule);
    w->flags &= (uint16_t)~W_MET;
    if ((w->flags & W_OPEN) != 0)
        return;
    windows_forget(&j->windows, w);
    w->flags |= W_JOINED;
    w->u.incident = host;
    w->sum = j->open[host].number;
    touch(j, w);
}

/* The one in which all beyond the limit are counted; *ret_new: it has just been made. */
static uint32_t
take_collective(struct judge *j, const struct window *w, bool *ret_new)
{
    const struct window_key *its = window_key(&j->windows, w);
    struct window_key key = {
        .who = key_who(KEY_COLLECTIVE, key_origin_party(its), key_target_party(its))};
    struct window *all =
        windows_take(&j->windows, &key, windows_hash(&j->windows, &key), w->rule);

    *ret_new = false;
    if (all == NULL)
        return NO_INDEX;
    if ((all->flags & W_OPEN) != 0)
        return all->u.incident;
    *ret_new = true;
    return open_make(j, all, true);
}

/* The strictest that is met opens one, or adds to the collective one. */
static uint32_t
open_one(struct judge *j, struct verdicts *v)
{
    const struct met *m = &v->met[0];
    struct window *w = m->window;
    bool fresh = true;
    bool collective = (int64_t)j->open_of[w->rule] >= j->pact->open_per_obligation;
    uint32_t index = collective ? take_collective(j, w, &fresh) : open_make(j, w, false);
    struct open *o;

    if (index == NO_INDEX) {
        j->counts.shed++;
        return NO_INDEX;
    }
    o = &j->open[index];
    count_window(j, o, w);
    for (unsigned i = 0; i < v->ins; i++)
        set_bit(o->also, j->open[v->in[i]].rule);
    for (unsigned i = 0; i < v->mets; i++)
        set_bit(o->also, v->met[i].window->rule);
    v->in[v->ins++] = index;
    if (fresh) {
        o->totals.burst_first = o->totals.first;
        tell_opened(j, o, m);
    } else {
        changed(j, index);
    }
    if (!collective)
        windows_forget(&j->windows, w);
    return index;
}

void
open_resolve(struct judge *j, struct verdicts *v)
{
    uint32_t host;

    if (v->mets == 0)
        return;
    if (j->replaying) { /* it led to something that is over */
        for (unsigned i = 0; i < v->mets; i++)
            v->met[i].window->flags &= (uint16_t)~W_MET;
        return;
    }
    host = find_host(j, v, v->met[0].window->rule);
    if (host == NO_INDEX) {
        host = open_one(j, v);
    } else {
        open_count(j, v, host);
        changed(j, host);
    }
    for (unsigned i = 0; i < v->mets; i++) {
        v->met[i].window->flags &= (uint16_t)~W_MET;
        if (host != NO_INDEX)
            join(j, v->met[i].window, host);
    }
}

/* ---- closing ---------------------------------------------------------------------------- */

static void
set_release(struct judge *j, struct target_set *t)
{
    j->windows.memory -= t->room * sizeof *t->slot;
    free(t->slot);
    *t = (struct target_set){0};
}

int
judge_close(struct judge *j, uint64_t number)
{
    uint32_t index = 0;
    uint32_t kept = 0;
    struct window *w;
    struct open *o;

    while (index < j->opens && (number == 0 || j->open[index].number != number))
        index++;
    if (index == j->opens)
        return ERR_NOTFOUND;
    o = &j->open[index];
    for (uint32_t i = 0; i < j->changes; i++) {
        if (j->changed[i] != index)
            j->changed[kept++] = j->changed[i];
    }
    j->changes = kept;
    w = &j->windows.at[o->window];
    if ((w->flags & W_OPEN) != 0 && w->u.incident == index)
        windows_drop(&j->windows, w); /* else a later one has it, by judge_restore() */
    set_release(j, &o->targets);
    j->open_of[o->rule] -= !o->collective;
    j->open_live--;
    o->number = 0;
    o->next_free = j->open_free;
    j->open_free = index;
    return 0;
}

void
open_release(struct judge *j)
{
    for (uint32_t i = 0; i < j->opens; i++)
        set_release(j, &j->open[i].targets);
    free(j->open);
    free(j->changed);
    free(j->touched);
}
