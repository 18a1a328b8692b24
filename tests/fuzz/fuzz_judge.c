/* A pact's figures and events from bytes: the judge agrees with one that looks at every span.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "slow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENTS_MOST = 300, EVENT_BYTES = 6 };

struct bytes {
    const uint8_t *at;
    size_t left;
};

struct told {
    unsigned count;
    struct judge_opened opened;
    bool also[NAMES];
    uint64_t number_of[OPENS]; /* incident of the slow one: its number */
    struct judge_totals totals[OPENS];
};

static unsigned
take(struct bytes *b)
{
    if (b->left == 0)
        return 0;
    b->left--;
    return *b->at++;
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
take_obligations(struct fixture *f, struct bytes *b)
{
    static const char *const *const classes[] = {class_exploit, class_brute, class_any,
                                                 class_dos};
    static const int64_t windows[] = {MIN, 10 * MIN, H, 2 * H};
    unsigned n = 1 + take(b) % 6;

    f->pact.open_per_obligation = take(b) % 2 == 0 ? 1 : 1000;
    for (unsigned i = 0; i < n; i++) {
        unsigned what = take(b);
        struct pact_obligation *o =
            fixture_oblige(f, "o", (int)(what % 3), classes[what / 4 % 4]);
        struct pact_threshold *t = &o->threshold;

        o->grade_min = what / 16 % 2 == 0;
        if (what / 32 % 4 == 0)
            o->targets = fixture_texts(protected_cert);
        if (what / 128 == 1) {
            *t = (struct pact_threshold){.bytes_per_s = 1 + (int64_t)take(b) * 4,
                                         .sustained = {60 * S}};
            continue;
        }
        what = take(b);
        t->window.us = windows[what % 4];
        t->targets = what / 4 % 4;
        t->sensors = what / 16 % 4;
        t->events = 1 + take(b) % 24;
    }
}

/* Two bytes of time (a step ahead, or late), and four of the rest. */
static void
take_event(struct slow *s, int64_t *now, struct bytes *b)
{
    static const char *const origins[] = {"198.51.100.7", "198.51.100.9",  "203.0.113.1",
                                          "192.0.2.77",   "2001:db8:b::1", "2001:db8:b:1::1"};
    static const uint8_t classes[] = {CLASS_EXPLOIT, CLASS_IDS_ALERT, CLASS_BRUTE_FORCE,
                                      CLASS_DOS};
    static const int64_t steps[] = {0, S, 40 * S, 10 * MIN};
    unsigned i = s->events++;
    struct event *e = &s->event[i];
    unsigned step = take(b);
    unsigned back = take(b);
    unsigned who = take(b);
    unsigned what = take(b);
    unsigned how = take(b);

    *now += steps[step % 4] * (int64_t)(step / 4);
    *e = (struct event){.time = {*now - (back < 192 ? 0 : (int64_t)(back - 191) * 17 * S)},
                        .origin = fixture_addr(origins[who % 6]),
                        .target = fixture_addr(who / 8 % 4 == 0 ? "203.0.113.1" : "192.0.2.1"),
                        .count = 1 + (how % 8 == 0),
                        .rule = how / 8 % 2,
                        .sensor = (uint16_t)(how / 16 % 4),
                        .class_ = classes[what % 4],
                        .kind = what / 4 % 8 == 7 ? EVENT_FLOW : EVENT_ALERT,
                        .grade = what / 32 % 4 != 0,
                        .flags = how / 64 % 4 == 3 ? FLAG_DUPLICATE : 0};
    e->target.byte[15] = (uint8_t)((what / 128 == 0 ? 1 : 236) + who / 32);
    e->time_seen = e->time;
    s->item[i] = (struct judge_item){
        .event = e, .id = {i, 0}, .bytes = what / 4 % 4 == 3 ? take(b) * (uint64_t)256 : 0};
    if (back % 2 == 1 && addr_is_v4(&e->origin))
        s->item[i].announced = slow_cut(e->origin, 96 + 22);
}

static void
same_opened(struct told *t, const struct slow *s, const struct slow_result *r, unsigned before)
{
    const struct slow_open *o;

    BUG_ON(t->count != before + (r->opened >= 0));
    if (r->opened < 0)
        return;
    o = &s->open[r->opened];
    BUG_ON(t->opened.obligation != o->rule || t->opened.collective != o->collective);
    BUG_ON(t->opened.origin_party != (unsigned)o->origin_party);
    BUG_ON(t->opened.target_party != (unsigned)o->target_party);
    for (unsigned n = 0; n < s->rules; n++)
        BUG_ON(t->also[n] != (r->also[n] && n != o->rule));
    t->number_of[r->opened] = t->opened.number;
    t->totals[r->opened] = t->opened.totals;
}

static void
same_totals(const struct judge_totals *got, struct slow_open *o, int64_t gap)
{
    BUG_ON(got->events != o->totals.events || got->count != o->totals.count);
    BUG_ON(got->bytes != o->totals.bytes || got->origins != o->totals.origins);
    BUG_ON(got->first.us != o->totals.first.us || got->last.us != o->totals.last.us);
    BUG_ON(got->at_least ? got->targets > o->totals.targets
                         : got->targets != o->totals.targets);
    BUG_ON(!o->collective && got->bursts != slow_bursts(o, gap));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct slow s;
    static struct told t;
    static struct fixture f;
    struct bytes b = {data, size};
    struct judge_output out = {on_opened, on_more, NULL, &t};
    struct judge_limits limits = {.windows = 1024, .memory = 1 << 20, .lateness = {10 * MIN}};
    struct judge *j = NULL;
    int64_t now = T0;

    fixture_init(&f);
    take_obligations(&f, &b);
    fixture_space(&f);
    slow_start(&s, &f, limits.lateness.us);
    memset(&t, 0, sizeof t);
    if (judge_new(&f.pact, f.space, &limits, &out, &j, NULL) < 0)
        return fixture_release(&f), 0;
    while (b.left >= EVENT_BYTES && s.events < EVENTS_MOST && !s.overflow) {
        unsigned i = s.events;
        unsigned before = t.count;
        struct slow_result r;

        take_event(&s, &now, &b);
        slow_weigh(&s, i);
        slow_judge(&s, i, &r);
        judge_events(j, &s.item[i], 1);
        same_opened(&t, &s, &r, before);
        if (s.opens > 0 && take(&b) % 32 == 1) {
            unsigned n = take(&b) % s.opens;

            judge_flush(j);
            if (s.open[n].live) {
                BUG_ON(judge_close(j, t.number_of[n]) < 0);
                slow_close(&s, n);
            }
        }
    }
    judge_flush(j);
    for (unsigned n = 0; n < s.opens; n++)
        same_totals(&t.totals[n], &s.open[n], f.pact.gap.us);
    BUG_ON(judge_counts(j).evicted + judge_counts(j).shed != 0);
    j = judge_free(j);
    fixture_release(&f);
    return 0;
}
