/* Random streams against a judge that keeps every event and looks at every span. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

enum { EVENTS = 2500, SEEDS = 40, WINDOWS = 600, OPENS = 600, NAMES = 16 };

/* ---- the slow judge --------------------------------------------------------------------- */

struct slow_window {
    unsigned rule; /* obligation */
    struct prefix key;
    int origin_party;
    int target_party;
    unsigned event[EVENTS];
    unsigned events;
    int64_t last;
    bool open;
    int joined; /* incident, -1 */
};

struct slow_open {
    bool live;
    bool collective;
    unsigned rule;
    unsigned window; /* not of a collective one */
    int origin_party;
    int target_party;
    bool also[NAMES];
    struct judge_totals totals;
    struct addr target[EVENTS];
    int64_t time[EVENTS + 2]; /* what is counted since; and the activity's ends */
    unsigned times;
    int64_t block_first; /* the activity that led to it, one burst */
    int64_t block_last;
};

struct slow {
    struct fixture *f;
    struct event event[EVENTS];
    struct judge_item item[EVENTS];
    uint64_t amount[EVENTS];
    unsigned events;
    unsigned order[NAMES]; /* obligations, the strictest first */
    unsigned rules;
    struct slow_window window[WINDOWS];
    unsigned windows;
    struct slow_open open[OPENS];
    unsigned opens;
    int64_t watermark;
    int64_t lateness;
    int64_t pace; /* µs between events of a flood, at most */
    bool overflow;
};

static bool
slow_class(const struct pact *p, const struct pact_obligation *o, const struct event *e)
{
    const char *name = event_class_name((enum event_class)e->class_);

    if (!pact_has_class(p, slice_of(name)))
        return false;
    for (unsigned i = 0; i < o->classes.count; i++) {
        if (strcmp(o->classes.at[i], name) == 0)
            return true;
        if (strcmp(o->classes.at[i], "*") == 0 && e->class_ != CLASS_TEST)
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

static struct prefix
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

struct slow_result {
    int opened; /* -1 none */
    struct judge_totals at;
    bool also[NAMES];
};

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

static void
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

static void
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

static unsigned
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

/* ---- the streams ------------------------------------------------------------------------ */

struct told {
    const struct slow *slow;
    struct judge_opened opened;
    bool also[NAMES];
    unsigned count;
    uint64_t number_of[OPENS]; /* incident of the slow one: its number */
    struct judge_totals totals[OPENS];
};

/* The evidence itself meets the threshold. */
static void
check_evidence(const struct slow *s, const struct judge_opened *o)
{
    const struct pact_threshold *t = &s->f->obligation[o->obligation].threshold;
    int64_t sum = 0;
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;

    assert_true(o->evidence_count > 0);
    for (unsigned i = 0; i < o->evidence_count; i++) {
        unsigned n = (unsigned)o->evidence[i].block;
        int64_t at = s->event[n].time.us;

        sum += (int64_t)s->amount[n];
        first = at < first ? at : first;
        last = at > last ? at : last;
    }
    if (t->bytes_per_s > 0)
        return;
    assert_true(o->evidence_count == JUDGE_EVIDENCE || sum >= t->events);
    assert_true(last - first < t->window.us);
    assert_true(o->sensors >= t->sensors);
}

static void
on_opened(void *arg, const struct judge_opened *o)
{
    struct told *t = arg;

    t->count++;
    t->opened = *o;
    memset(t->also, 0, sizeof t->also);
    for (unsigned i = 0; i < o->also_count; i++)
        t->also[o->also[i]] = true;
    check_evidence(t->slow, o);
}

static void
on_more(void *arg, const struct judge_more *m)
{
    struct told *t = arg;

    for (unsigned i = 0; i < OPENS; i++) {
        if (t->number_of[i] == m->number)
            t->totals[i] = m->totals;
    }
}

static void
random_obligations(struct fixture *f, uint64_t *seed)
{
    static const char *const *const classes[] = {class_exploit, class_brute, class_scan,
                                                 class_any, class_dos};
    static const int64_t windows[] = {MIN, 10 * MIN, H, 2 * H};
    unsigned n = 3 + (unsigned)(next_random(seed) % 5);

    for (unsigned i = 0; i < n; i++) {
        struct pact_obligation *o = fixture_oblige(f, "o", (int)(next_random(seed) % 3),
                                                   classes[next_random(seed) % 5]);
        struct pact_threshold *t = &o->threshold;

        o->grade_min = (int)(next_random(seed) % 2);
        if (next_random(seed) % 4 == 0)
            o->targets = fixture_texts(protected_cert);
        if (next_random(seed) % 6 == 0) {
            *t = (struct pact_threshold){
                .bytes_per_s = 100 + (int64_t)(next_random(seed) % 900), .sustained = {60 * S}};
            continue;
        }
        t->window.us = windows[next_random(seed) % 4];
        t->events = (int64_t)(next_random(seed) % 12);
        t->targets = (int64_t)(next_random(seed) % 5);
        t->sensors = (int64_t)(next_random(seed) % 4);
        if (t->events + t->targets + t->sensors == 0)
            t->events = 1;
    }
    f->pact.open_per_obligation = next_random(seed) % 3 == 0 ? 2 : 1000;
}

/* Loud ones, so that windows have to let go; quiet ones; some late, a few too late. */
static void
random_event(struct slow *s, int64_t *now, uint64_t *seed)
{
    static const char *const origins[] = {"198.51.100.7", "198.51.100.9",  "203.0.113.1",
                                          "192.0.2.77",   "2001:db8:b::1", "2001:db8:b:1::1"};
    static const uint8_t classes[] = {CLASS_EXPLOIT, CLASS_IDS_ALERT, CLASS_BRUTE_FORCE,
                                      CLASS_SCANNER, CLASS_DOS,       CLASS_TEST};
    unsigned i = s->events++;
    struct event *e = &s->event[i];
    uint64_t r = next_random(seed);
    bool loud = r % 3 != 0;
    uint64_t late = next_random(seed) % 40;

    *now += (int64_t)(next_random(seed) % (uint64_t)(loud ? 5 * S : 3 * MIN));
    if (next_random(seed) % 300 == 0)
        *now += (int64_t)(next_random(seed) % (uint64_t)(20 * H));
    *e = (struct event){.time = {*now},
                        .origin = fixture_addr(origins[loud ? 0 : r / 8 % COUNT(origins)]),
                        .target = fixture_addr(r / 64 % 4 == 0 ? "203.0.113.1" : "192.0.2.1"),
                        .count = 1 + (uint32_t)(r / 256 % 8 == 0),
                        .rule = (uint32_t)(r / 4096 % 2),
                        .sensor = (uint16_t)(r / 8192 % 8 == 0 ? 1 + r / 65536 % 3 : 1),
                        .class_ = classes[loud ? 0 : r / (1 << 20) % COUNT(classes)],
                        .kind = r / (1 << 24) % 16 == 0 ? EVENT_FLOW : EVENT_ALERT,
                        .grade = (uint8_t)(r / (1 << 28) % 4 != 0),
                        .flags = r / (1U << 30) % 4 == 0 ? FLAG_DUPLICATE : 0};
    e->target.byte[15] = (uint8_t)(r >> 40 & 7 ? 1 : 236 + (r >> 44) % 8);
    if (late < 12)
        e->time.us -=
            (int64_t)(next_random(seed) % (uint64_t)(late == 0 ? 15 * MIN : s->lateness));
    e->time_seen = e->time;
    s->item[i] = (struct judge_item){
        .event = e, .id = {i, 0}, .bytes = r >> 50 & 1 ? next_random(seed) % 20000 : 0};
    if ((r >> 52 & 1) && addr_is_v4(&e->origin))
        s->item[i].announced = slow_cut(e->origin, 96 + 22);
}

/* Floods that lack one thing, and that thing about a span's length away: what windows let go
 * must not be missed. */
static void
flood_obligations(struct fixture *f, int64_t pace, uint64_t *seed)
{
    for (int i = 0; i < 2; i++) {
        struct pact_threshold *t = &fixture_oblige(f, "o", i, class_any)->threshold;

        t->window.us = 10 * MIN;
        t->events = (int64_t)(next_random(seed) % 20);
        if (pace >= 20 * S) /* about what a span holds */
            t->events = 20 * MIN / pace * (int64_t)(50 + next_random(seed) % 50) / 100;
        t->targets = 2 + (int64_t)(next_random(seed) % 3);
        t->sensors = (int64_t)(next_random(seed) % 3);
    }
}

static void
flood_event(struct slow *s, int64_t *now, uint64_t *seed)
{
    unsigned i = s->events++;
    struct event *e = &s->event[i];
    uint64_t r = next_random(seed);

    *now += (int64_t)(r % (uint64_t)s->pace);
    if ((r >> 16) % 128 == 0)
        *now += (int64_t)(next_random(seed) % (uint64_t)(12 * MIN));
    *e = (struct event){.time = {*now},
                        .origin = fixture_addr("198.51.100.7"),
                        .target = fixture_addr("192.0.2.1"),
                        .count = 1,
                        .sensor = (uint16_t)(1 + (r >> 24) % 2),
                        .class_ = CLASS_EXPLOIT,
                        .grade = 1};
    if ((r >> 32) % 200 == 0)
        e->target.byte[15] = (uint8_t)(1 + (r >> 40) % 5);
    if ((r >> 32) % 400 == 1)
        e->sensor = (uint16_t)(1 + (r >> 48) % 4);
    if ((r >> 32) % 200 < 2 || (r >> 32) % 20 == 3)
        e->time.us -= (int64_t)(next_random(seed) % (uint64_t)s->lateness);
    e->time_seen = e->time;
    s->item[i] = (struct judge_item){.event = e, .id = {i, 0}};
}

/* A duplicate whose first was another sensor's. */
static void
weigh(struct slow *s, unsigned i)
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

static void
compare_opened(const struct told *t, const struct slow *s, const struct slow_result *r,
               unsigned before)
{
    const struct judge_opened *o = &t->opened;
    const struct slow_open *so;

    assert_int_equal(t->count, before + (r->opened >= 0));
    if (r->opened < 0)
        return;
    so = &s->open[r->opened];
    assert_int_equal(o->obligation, so->rule);
    assert_int_equal(o->collective, so->collective);
    assert_int_equal(o->origin_party, so->origin_party);
    assert_int_equal(o->target_party, so->target_party);
    if (!so->collective)
        assert_memory_equal(&o->origin, &s->window[so->window].key, sizeof o->origin);
    assert_int_equal(o->totals.events, r->at.events);
    assert_int_equal(o->totals.count, r->at.count);
    assert_int_equal(o->totals.bytes, r->at.bytes);
    assert_int_equal(o->totals.first.us, r->at.first.us);
    assert_int_equal(o->totals.last.us, r->at.last.us);
    for (unsigned n = 0; n < s->rules; n++)
        assert_int_equal(t->also[n], r->also[n] && n != so->rule);
}

static void
compare_totals(const struct judge_totals *got, struct slow_open *o, int64_t gap)
{
    assert_int_equal(got->events, o->totals.events);
    assert_int_equal(got->count, o->totals.count);
    assert_int_equal(got->bytes, o->totals.bytes);
    assert_int_equal(got->first.us, o->totals.first.us);
    assert_int_equal(got->last.us, o->totals.last.us);
    assert_int_equal(got->origins, o->totals.origins);
    assert_true(got->at_least ? got->targets <= o->totals.targets
                              : got->targets == o->totals.targets);
    if (!o->collective)
        assert_int_equal(got->bursts, slow_bursts(o, gap));
}

struct tally {
    unsigned opened;
    unsigned collective;
    unsigned named;
    unsigned closed;
    unsigned many_bursts;
};

static void
run_stream(uint64_t number, bool flooded, struct tally *tally)
{
    static struct slow s;
    static struct told t;
    struct fixture f;
    uint64_t seed = number * 104729;
    struct judge *j = NULL;
    struct judge_output out = {on_opened, on_more, NULL, &t};
    struct judge_limits limits = {
        .windows = 4096, .lateness = {flooded ? H : 10 * MIN}, .secret = seed};
    int64_t now = T0;

    s.pace = (1 + (int64_t)(number % 16) * 3) * S;
    fixture_init(&f);
    if (flooded)
        flood_obligations(&f, s.pace, &seed);
    else
        random_obligations(&f, &seed);
    fixture_space(&f);
    memset(&t, 0, sizeof t);
    s.f = &f;
    s.events = s.windows = s.opens = s.rules = 0;
    s.watermark = INT64_MIN / 2;
    s.lateness = limits.lateness.us;
    t.slow = &s;
    for (int level = 0; level < 3; level++) {
        for (unsigned i = 0; i < f.pact.obligations; i++) {
            if (f.obligation[i].severity == level)
                s.order[s.rules++] = i;
        }
    }
    assert_int_equal(judge_new(&f.pact, f.space, &limits, &out, &j, NULL), 0);
    for (unsigned i = 0; i < EVENTS; i++) {
        struct slow_result r;
        unsigned before = t.count;

        if (flooded)
            flood_event(&s, &now, &seed);
        else
            random_event(&s, &now, &seed);
        weigh(&s, i);
        slow_judge(&s, i, &r);
        judge_events(j, &s.item[i], 1);
        compare_opened(&t, &s, &r, before);
        if (r.opened >= 0) {
            t.number_of[r.opened] = t.opened.number;
            t.totals[r.opened] = t.opened.totals;
            tally->opened++;
            tally->collective += t.opened.collective;
            tally->named += t.opened.also_count > 0;
        }
        if (s.opens > 0 && (flooded ? r.opened >= 0 : next_random(&seed) % 100 == 0)) {
            unsigned n =
                flooded ? (unsigned)r.opened : (unsigned)(next_random(&seed) % s.opens);

            judge_flush(j);
            if (s.open[n].live) {
                assert_int_equal(judge_close(j, t.number_of[n]), 0);
                slow_close(&s, n);
                tally->closed++;
            }
        }
    }
    judge_flush(j);
    for (unsigned n = 0; n < s.opens; n++) {
        compare_totals(&t.totals[n], &s.open[n], f.pact.gap.us);
        tally->many_bursts += t.totals[n].bursts > 1;
    }
    assert_false(s.overflow);
    assert_int_equal(judge_counts(j).evicted + judge_counts(j).shed, 0);
    j = judge_free(j);
    fixture_release(&f);
}

static void
floods(void **state)
{
    struct tally tally = {0};

    (void)state;
    for (uint64_t n = 1; n <= SEEDS; n++)
        run_stream(n, true, &tally);
    print_message("%u opened\n", tally.opened);
    assert_true(tally.opened > 100);
}

static void
streams(void **state)
{
    struct tally tally = {0};

    (void)state;
    for (uint64_t n = 1; n <= SEEDS; n++) {
        print_message("stream %u\n", (unsigned)n);
        run_stream(n, false, &tally);
    }
    print_message("%u opened, %u collective, %u name others, %u closed, %u with bursts\n",
                  tally.opened, tally.collective, tally.named, tally.closed, tally.many_bursts);
    assert_true(tally.opened > 100 && tally.collective > 5 && tally.named > 20 &&
                tally.closed > 50 && tally.many_bursts > 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(streams), cmocka_unit_test(floods)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
