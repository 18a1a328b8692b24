#include "slow.h"

#include <stdlib.h>
#include <string.h>

void
slow_start(struct slow *s, struct fixture *f, int64_t lateness)
{
    s->f = f;
    s->events = s->windows = s->opens = s->rules = 0;
    s->watermark = INT64_MIN / 2;
    s->lateness = lateness;
    s->overflow = false;
    for (int level = 0; level < 3; level++) {
        for (unsigned i = 0; i < f->pact.obligations; i++) {
            if (f->obligation[i].severity == level)
                s->order[s->rules++] = i;
        }
    }
}

static bool
slow_class(const struct pact *p, const struct pact_obligation *o, const struct event *e)
{
    const char *name = event_class_name((enum event_class)e->class_);

    if (!pact_has_class(p, slice_of(name)))
        return false;
    for (unsigned i = 0; i < o->classes.count; i++) {
        if (strcmp(o->classes.at[i], name) == 0)
            return true;
        if (strcmp(o->classes.at[i], "*") == 0 && e->class_ != CLASS_TEST &&
            (strncmp(name, "vulnerable:", 11) != 0 || e->class_ == CLASS_AMPLIFIER))
            return true;
    }
    return false;
}

static bool
slow_fits(const struct slow *s, const struct pact_obligation *o, unsigned i)
{
    const struct event *e = &s->event[i];
    struct space_owner target =
        space_find(s->f->space, &e->target, e->target_asn, (struct utime){e->time.us});

    if (target.party ==
        space_find(s->f->space, &e->origin, 0, (struct utime){e->time.us}).party)
        return false;
    if (!slow_class(&s->f->pact, o, e) || e->grade < o->grade_min)
        return false;
    if (o->targets.count > 0 && (target.labels & 1) == 0)
        return false;
    return o->threshold.bytes_per_s > 0 ? s->item[i].bytes > 0 : e->kind != EVENT_FLOW;
}

struct prefix
slow_cut(struct addr a, unsigned len)
{
    for (unsigned i = len; i < 128; i++)
        a.byte[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
    return (struct prefix){a, (uint8_t)len};
}

static struct prefix
slow_key(const struct slow *s, const struct pact_obligation *o, unsigned i)
{
    const struct event *e = &s->event[i];
    bool v4 = addr_is_v4(&e->origin);

    if (o->grade_min > 0)
        return slow_cut(e->origin, v4 ? 128 : 64);
    if (s->item[i].announced.len > 0)
        return s->item[i].announced;
    return slow_cut(e->origin, v4 ? 96 + 24 : 48);
}

static int64_t
slow_window_us(const struct pact_obligation *o)
{
    return o->threshold.bytes_per_s > 0 ? o->threshold.sustained.us : o->threshold.window.us;
}

static int64_t
slow_time(const struct slow *s, const struct pact_obligation *o, unsigned i)
{
    int64_t t = s->event[i].time.us;

    return o->threshold.bytes_per_s > 0 ? t - t % S : t;
}

static struct slow_window *
slow_find(struct slow *s, unsigned rule, unsigned i, bool make)
{
    const struct event *e = &s->event[i];
    struct prefix key = slow_key(s, &s->f->obligation[rule], i);
    struct utime when = e->time;
    int from = space_find(s->f->space, &e->origin, 0, when).party;
    int to = space_find(s->f->space, &e->target, 0, when).party;

    for (unsigned k = 0; k < s->windows; k++) {
        struct slow_window *w = &s->window[k];

        if (w->rule == rule && memcmp(&w->key, &key, sizeof key) == 0 &&
            w->origin_party == from && w->target_party == to)
            return w;
    }
    if (!make)
        return NULL;
    if (s->windows == WINDOWS) {
        s->overflow = true;
        return NULL;
    }
    s->window[s->windows] = (struct slow_window){.rule = rule,
                                                 .key = key,
                                                 .origin_party = from,
                                                 .target_party = to,
                                                 .last = INT64_MIN / 2,
                                                 .joined = -1};
    return &s->window[s->windows++];
}

static void
slow_restart(struct slow_window *w)
{
    w->events = 0;
    w->last = INT64_MIN / 2;
    w->joined = -1;
}

/* Does the span that ends at `end` hold enough? */
static bool
slow_span(const struct slow *s, const struct slow_window *w, int64_t end)
{
    const struct pact_obligation *o = &s->f->obligation[w->rule];
    const struct pact_threshold *t = &o->threshold;
    int64_t sum = 0;
    int64_t targets = 0;
    int64_t sensors = 0;
    uint64_t sensor_bits = 0;
    uint64_t target_bits[4] = {0}; /* by the last byte: no two targets of a party share it */

    for (unsigned i = 0; i < w->events; i++) {
        unsigned n = w->event[i];
        int64_t at = slow_time(s, o, n);
        uint8_t last = s->event[n].target.byte[15];

        if (at <= end - slow_window_us(o) || at > end)
            continue;
        sum += (int64_t)(t->bytes_per_s > 0 ? s->item[n].bytes : s->amount[n]);
        targets += (target_bits[last / 64] >> last % 64 & 1) == 0;
        target_bits[last / 64] |= UINT64_C(1) << last % 64;
        sensors += (sensor_bits >> s->event[n].sensor & 1) == 0;
        sensor_bits |= UINT64_C(1) << s->event[n].sensor;
    }
    if (t->bytes_per_s > 0)
        return sum >= t->bytes_per_s * (t->sustained.us / S);
    return sum >= t->events && targets >= t->targets && sensors >= t->sensors;
}

static bool
slow_met(const struct slow *s, const struct slow_window *w)
{
    for (unsigned i = 0; i < w->events; i++) {
        const struct pact_obligation *o = &s->f->obligation[w->rule];
        int64_t end = slow_time(s, o, w->event[i]);

        /* All other spans were looked at before. */
        if (end >= slow_time(s, o, w->event[w->events - 1]) && slow_span(s, w, end))
            return true;
    }
    return false;
}

static void
slow_target(struct slow_open *o, const struct addr *a)
{
    for (unsigned i = 0; i < o->totals.targets; i++) {
        if (addr_eq(&o->target[i], a))
            return;
    }
    o->target[o->totals.targets++] = *a;
}

static void
slow_add(struct slow *s, struct slow_open *o, unsigned i)
{
    int64_t t = s->event[i].time.us;

    o->totals.events++;
    o->totals.count += s->amount[i];
    o->totals.bytes += s->item[i].bytes;
    o->totals.first.us = t < o->totals.first.us ? t : o->totals.first.us;
    o->totals.last.us = t > o->totals.last.us ? t : o->totals.last.us;
    slow_target(o, &s->event[i].target);
}

/* Which incident, -1; level: of severity. */
static int
slow_host(struct slow *s, const int *in, unsigned ins, unsigned rule, unsigned i)
{
    int level = s->f->obligation[rule].severity;

    for (unsigned k = 0; k < s->rules; k++) {
        for (unsigned n = 0; n < ins; n++) {
            if (s->open[in[n]].rule == s->order[k] &&
                s->f->obligation[s->order[k]].severity <= level)
                return in[n];
        }
    }
    for (unsigned k = 0; k < s->rules; k++) {
        struct slow_window *w = slow_find(s, s->order[k], i, false);

        if (s->f->obligation[s->order[k]].severity > level || w == NULL || !w->open)
            continue;
        for (unsigned n = 0; n < s->opens; n++) {
            struct slow_open *o = &s->open[n];

            if (o->live && !o->collective && &s->window[o->window] == w && o->also[rule])
                return (int)n;
        }
    }
    return -1;
}

static int
slow_open_one(struct slow *s, struct slow_window *w, bool *ret_new)
{
    int64_t live = 0;
    bool collective;

    for (unsigned n = 0; n < s->opens; n++)
        live += s->open[n].live && !s->open[n].collective && s->open[n].rule == w->rule;
    collective = live >= s->f->pact.open_per_obligation;
    *ret_new = false;
    for (unsigned n = 0; collective && n < s->opens; n++) {
        struct slow_open *o = &s->open[n];

        if (o->live && o->collective && o->rule == w->rule &&
            o->origin_party == w->origin_party && o->target_party == w->target_party)
            return (int)n;
    }
    if (s->opens == OPENS) {
        s->overflow = true;
        return -1;
    }
    *ret_new = true;
    s->open[s->opens] = (struct slow_open){
        .live = true,
        .collective = collective,
        .rule = w->rule,
        .window = (unsigned)(w - s->window),
        .origin_party = w->origin_party,
        .target_party = w->target_party,
        .totals = {.first = {INT64_MAX}, .last = {INT64_MIN}},
    };
    return (int)s->opens++;
}

static void
slow_resolve(struct slow *s, unsigned i, struct slow_window **met, unsigned mets, int *in,
             unsigned ins, struct slow_result *ret)
{
    int host = slow_host(s, in, ins, met[0]->rule, i);
    bool fresh = false;
    struct slow_open *o;

    if (host < 0) {
        host = slow_open_one(s, met[0], &fresh);
        if (host < 0)
            return;
        o = &s->open[host];
        for (unsigned k = 0; k < met[0]->events; k++)
            slow_add(s, o, met[0]->event[k]);
        o->totals.origins++;
        for (unsigned k = 0; k < ins; k++)
            o->also[s->open[in[k]].rule] = true;
        met[0]->open = !o->collective;
        if (fresh) {
            o->block_first = o->totals.first.us;
            o->block_last = o->totals.last.us;
        }
    } else {
        bool counted = false;

        o = &s->open[host];
        for (unsigned k = 0; k < ins; k++)
            counted = counted || in[k] == host;
        if (!counted) {
            slow_add(s, o, i);
            o->time[o->times++] = s->event[i].time.us;
        }
    }
    for (unsigned k = 0; k < mets; k++) {
        o->also[met[k]->rule] = true;
        if (!met[k]->open)
            met[k]->joined = host;
    }
    if (fresh) {
        ret->opened = host;
        ret->at = o->totals;
        memcpy(ret->also, o->also, sizeof o->also);
    }
}

static int
slow_incident(const struct slow *s, const struct slow_window *w)
{
    for (unsigned n = 0; w->open && n < s->opens; n++) {
        if (s->open[n].live && !s->open[n].collective && &s->window[s->open[n].window] == w)
            return (int)n;
    }
    return w->joined >= 0 && s->open[w->joined].live ? w->joined : -1;
}

void
slow_judge(struct slow *s, unsigned i, struct slow_result *ret)
{
    struct slow_window *met[NAMES];
    unsigned mets = 0;
    int in[NAMES];
    unsigned ins = 0;
    int64_t when = s->event[i].time.us;
    bool late = when < s->watermark - s->lateness;

    bool judged = false;

    ret->opened = -1;
    for (unsigned k = 0; k < s->rules; k++)
        judged = judged || slow_fits(s, &s->f->obligation[k], i);
    if (!judged)
        return; /* such an event moves no clock */
    s->watermark = when > s->watermark ? when : s->watermark;
    for (unsigned k = 0; k < s->rules; k++) {
        const struct pact_obligation *o = &s->f->obligation[s->order[k]];
        struct slow_window *w;
        int incident;
        bool twice = false;

        if (!slow_fits(s, o, i))
            continue;
        w = slow_find(s, s->order[k], i, !late);
        if (w == NULL)
            continue;
        if (!w->open && w->last <= s->watermark - s->lateness - slow_window_us(o))
            slow_restart(w);
        incident = slow_incident(s, w);
        if (incident < 0 && w->joined >= 0)
            slow_restart(w);
        if (incident < 0 && late)
            continue;
        w->last = when > w->last ? when : w->last;
        if (incident < 0) {
            w->event[w->events++] = i;
            if (slow_met(s, w))
                met[mets++] = w;
            continue;
        }
        for (unsigned n = 0; n < ins; n++)
            twice = twice || in[n] == incident;
        if (twice)
            continue;
        in[ins++] = incident;
        slow_add(s, &s->open[incident], i);
        s->open[incident].time[s->open[incident].times++] = when;
    }
    if (mets > 0)
        slow_resolve(s, i, met, mets, in, ins, ret);
}

void
slow_close(struct slow *s, unsigned n)
{
    s->open[n].live = false;
    if (!s->open[n].collective) {
        s->window[s->open[n].window].open = false;
        slow_restart(&s->window[s->open[n].window]);
    }
}

static int
time_order(const void *x, const void *y)
{
    const int64_t *a = x;
    const int64_t *b = y;

    return (*a > *b) - (*a < *b);
}

unsigned
slow_bursts(struct slow_open *o, int64_t gap)
{
    unsigned bursts = 1;
    int64_t end;

    o->time[o->times++] = o->block_first;
    o->time[o->times++] = o->block_last;
    qsort(o->time, o->times, sizeof *o->time, time_order);
    end = o->time[0];
    for (unsigned i = 0; i < o->times; i++) {
        if (o->time[i] >= o->block_first && o->time[i] <= o->block_last) {
            end = o->block_last;
            continue;
        }
        bursts += o->time[i] - end > gap;
        end = o->time[i] > end ? o->time[i] : end;
    }
    return bursts;
}

/* A duplicate whose first was another sensor's. */
void
slow_weigh(struct slow *s, unsigned i)
{
    const struct event *e = &s->event[i];

    s->amount[i] = e->count;
    for (unsigned k = i; (e->flags & FLAG_DUPLICATE) != 0 && k-- > 0;) {
        const struct event *b = &s->event[k];
        bool judged = false;

        for (unsigned n = 0; n < s->rules; n++)
            judged = judged || slow_fits(s, &s->f->obligation[n], k);
        if (!judged || (b->flags & FLAG_DUPLICATE) != 0 || !addr_eq(&b->origin, &e->origin) ||
            !addr_eq(&b->target, &e->target) || b->rule != e->rule || b->kind != e->kind ||
            b->time.us / MIN != e->time.us / MIN)
            continue;
        if (b->sensor != e->sensor)
            s->amount[i] = 0;
        return;
    }
}
