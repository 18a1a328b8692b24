/* Streams cut at any place: a judge that comes back goes on as one that never stopped. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "fixture.h"

enum { EVENTS = 3000, SEEDS = 150, CUTS = 6, INCIDENTS = 2000, JOINED = 64, NAMES = 16 };

/* What an engine keeps of an incident. */
struct kept {
    struct judge_incident i; /* its lists are these: */
    uint16_t also[NAMES];
    struct judge_joined joined[JOINED];
    int closed;   /* behind that event; -1 open */
    bool changed; /* since the cut */
};

struct keeper {
    struct kept kept[INCIDENTS]; /* by number */
    uint64_t last;
    bool silent; /* nothing may be told */
};

struct stream {
    struct fixture f;
    struct event event[EVENTS];
    struct judge_item item[EVENTS];
    uint64_t close[EVENTS]; /* a number, behind that event; 0 none */
    uint64_t last[EVENTS];  /* number, behind that event */
    struct judge_limits limits;
};

static void
keep_also(struct kept *k, const uint16_t *also, unsigned n)
{
    assert_true(n <= NAMES);
    memcpy(k->also, also, n * sizeof *also);
    k->i.also_count = n;
    k->changed = true;
}

/* A window is in one incident at a time. */
static void
forget_window(struct keeper *all, unsigned obligation, const struct prefix *origin,
              unsigned from, unsigned to)
{
    for (uint64_t n = 1; n <= all->last; n++) {
        struct judge_incident *i = &all->kept[n].i;
        struct judge_joined *list = all->kept[n].joined;

        for (unsigned k = 0; k < i->joined_count; k++) {
            if (i->origin_party == from && i->target_party == to &&
                list[k].obligation == obligation &&
                memcmp(&list[k].origin, origin, sizeof *origin) == 0)
                list[k--] = list[--i->joined_count];
        }
    }
}

static void
on_opened(void *arg, const struct judge_opened *o)
{
    struct keeper *all = arg;
    struct kept *k = &all->kept[o->number];

    assert_false(all->silent);
    assert_true(o->number == all->last + 1 && o->number < INCIDENTS);
    all->last = o->number;
    *k = (struct kept){.i = {.number = o->number,
                             .obligation = o->obligation,
                             .origin_party = o->origin_party,
                             .target_party = o->target_party,
                             .origin = o->origin,
                             .collective = o->collective,
                             .totals = o->totals},
                       .closed = -1};
    keep_also(k, o->also, o->also_count);
    if (!o->collective)
        forget_window(all, o->obligation, &o->origin, o->origin_party, o->target_party);
}

static void
on_more(void *arg, const struct judge_more *m)
{
    struct keeper *all = arg;

    assert_false(all->silent);
    assert_true(m->number <= all->last);
    all->kept[m->number].i.totals = m->totals;
    keep_also(&all->kept[m->number], m->also, m->also_count);
}

static void
on_joined(void *arg, const struct judge_joined *w)
{
    struct keeper *all = arg;
    struct kept *k = &all->kept[w->number];

    assert_false(all->silent);
    forget_window(all, w->obligation, &w->origin, k->i.origin_party, k->i.target_party);
    assert_true(k->i.joined_count < JOINED);
    k->joined[k->i.joined_count++] = *w;
}

/* ---- streams ---------------------------------------------------------------------------- */

static void
random_obligations(struct fixture *f, uint64_t *seed)
{
    static const char *const *const classes[] = {class_exploit, class_brute, class_scan,
                                                 class_any, class_dos};
    static const int64_t windows[] = {10 * MIN, H, 2 * H};
    unsigned n = 4 + (unsigned)(next_random(seed) % 5);

    for (unsigned i = 0; i < n; i++) {
        struct pact_obligation *o = fixture_oblige(f, "o", (int)(next_random(seed) % 3),
                                                   classes[next_random(seed) % 5]);
        struct pact_threshold *t = &o->threshold;

        o->grade_min = (int)(next_random(seed) % 2);
        if (next_random(seed) % 6 == 0) {
            *t = (struct pact_threshold){
                .bytes_per_s = 100 + (int64_t)(next_random(seed) % 900), .sustained = {60 * S}};
            continue;
        }
        t->window.us = windows[next_random(seed) % 3];
        t->events = 1 + (int64_t)(next_random(seed) % 10);
        t->targets = (int64_t)(next_random(seed) % 4);
        t->sensors = (int64_t)(next_random(seed) % 3);
    }
    f->pact.open_per_obligation = next_random(seed) % 3 == 0 ? 2 : 1000;
    f->pact.gap.us = H + (int64_t)(next_random(seed) % (uint64_t)(2 * H));
}

static void
random_events(struct stream *s, uint64_t *seed)
{
    static const char *const origins[] = {"198.51.100.7", "198.51.100.9", "198.51.100.33",
                                          "203.0.113.1",  "192.0.2.77",   "2001:db8:b::1"};
    static const uint8_t classes[] = {CLASS_EXPLOIT, CLASS_IDS_ALERT, CLASS_BRUTE_FORCE,
                                      CLASS_SCANNER, CLASS_DOS};
    int64_t now = T0;

    for (unsigned i = 0; i < EVENTS; i++) {
        struct event *e = &s->event[i];
        uint64_t r = next_random(seed);

        now += (int64_t)(next_random(seed) % (uint64_t)(4 * MIN));
        if (next_random(seed) % 100 == 0)
            now += (int64_t)(next_random(seed) % (uint64_t)(5 * H));
        *e = (struct event){.time = {now},
                            .origin = fixture_addr(origins[r % COUNT(origins)]),
                            .target =
                                fixture_addr(r / 64 % 4 == 0 ? "203.0.113.1" : "192.0.2.1"),
                            .count = 1 + (uint32_t)(r / 256 % 8 == 0),
                            .rule = (uint32_t)(r / 4096 % 2),
                            .sensor = (uint16_t)(1 + r / 8192 % 3),
                            .class_ = classes[r / (1 << 20) % COUNT(classes)],
                            .kind = r / (1 << 24) % 16 == 0 ? EVENT_FLOW : EVENT_ALERT,
                            .grade = (uint8_t)(r / (1 << 28) % 4 != 0),
                            .flags = r / (1U << 30) % 4 == 0 ? FLAG_DUPLICATE : 0};
        e->target.byte[15] = (uint8_t)(1 + (r >> 40) % 6);
        if (next_random(seed) % 4 == 0)
            e->time.us -=
                (int64_t)(next_random(seed) % (uint64_t)(s->limits.lateness.us * 5 / 4));
        e->time_seen = e->time;
        s->item[i] = (struct judge_item){
            .event = e, .id = {i, 0}, .bytes = r >> 50 & 1 ? next_random(seed) % 20000 : 0};
    }
}

static struct judge *
start(struct stream *s, struct keeper *all, uint64_t number)
{
    struct judge_output out = {on_opened, on_more, on_joined, all};
    struct judge *j = NULL;

    s->limits.number = number;
    assert_int_equal(judge_new(&s->f.pact, s->f.space, &s->limits, &out, &j, NULL), 0);
    return j;
}

/* Events from..to, with what is closed between them, by lot (seed) or as it was. */
static void
run(struct stream *s, struct judge *j, struct keeper *all, int from, int to, uint64_t *seed)
{
    for (int i = from; i < to; i++) {
        judge_events(j, &s->item[i], 1);
        if (seed != NULL)
            s->last[i] = all->last;
        assert_int_equal(all->last, s->last[i]);
        if (seed != NULL && all->last > 0 && next_random(seed) % 40 == 0) {
            uint64_t n = 1 + next_random(seed) % all->last;

            s->close[i] = all->kept[n].closed < 0 ? n : 0;
        }
        if (s->close[i] == 0)
            continue;
        judge_flush(j);
        assert_int_equal(judge_close(j, s->close[i]), 0);
        all->kept[s->close[i]].closed = i;
    }
    judge_flush(j);
}

/* ---- coming back ------------------------------------------------------------------------ */

struct tally {
    unsigned compared;
    unsigned at_least;
    unsigned joined;
    unsigned closed;
    unsigned opened;
};

static void
restore_one(struct judge *j, struct kept *k, struct tally *tally)
{
    k->i.also = k->also;
    k->i.joined = k->joined;
    k->changed = false;
    tally->joined += k->i.joined_count;
    assert_int_equal(judge_restore(j, &k->i), 0);
}

static struct judge *
come_back(struct stream *s, struct keeper *all, int cut, struct utime since,
          struct tally *tally)
{
    struct judge *j = start(s, all, all->last);
    int first = 0;

    while (first < cut && s->event[first].time.us < since.us)
        first++;
    for (uint64_t n = 1; n <= all->last; n++) {
        if (all->kept[n].closed < 0 || all->kept[n].closed >= first)
            restore_one(j, &all->kept[n], tally);
        tally->closed += all->kept[n].closed >= first;
        all->kept[n].changed = false;
    }
    all->silent = true;
    judge_replay(j, since);
    for (int i = first; i < cut; i++) {
        if (s->event[i].time.us >= since.us)
            judge_events(j, &s->item[i], 1);
        if (s->close[i] != 0)
            assert_int_equal(judge_close(j, s->close[i]), 0);
    }
    judge_flush(j);
    judge_live(j);
    judge_flush(j);
    all->silent = false;
    return j;
}

static void
compare(const struct kept *got, const struct kept *want, uint64_t before, struct tally *tally)
{
    const struct judge_totals *g = &got->i.totals;
    const struct judge_totals *w = &want->i.totals;

    assert_int_equal(got->i.obligation, want->i.obligation);
    assert_int_equal(got->i.collective, want->i.collective);
    assert_int_equal(got->i.origin_party, want->i.origin_party);
    assert_int_equal(got->i.target_party, want->i.target_party);
    assert_memory_equal(&got->i.origin, &want->i.origin, sizeof got->i.origin);
    assert_int_equal(got->i.also_count, want->i.also_count);
    assert_memory_equal(got->also, want->also, got->i.also_count * sizeof got->also[0]);
    assert_int_equal(got->i.joined_count, want->i.joined_count);
    assert_int_equal(g->origins, w->origins);
    assert_int_equal(g->last.us, w->last.us);
    tally->compared += got->changed;
    tally->opened += got->i.number > before;
    tally->at_least += g->at_least && !w->at_least;
    assert_true(g->at_least || !w->at_least);
    if (!w->at_least) /* else both are lower bounds */
        assert_true(g->at_least ? g->targets <= w->targets : g->targets == w->targets);
    if (g->at_least && (got->i.number > before || got->i.collective)) {
        assert_true(g->events <= w->events && g->count <= w->count && g->bytes <= w->bytes);
        return;
    }
    assert_int_equal(g->events, w->events);
    assert_int_equal(g->count, w->count);
    assert_int_equal(g->bytes, w->bytes);
    assert_int_equal(g->first.us, w->first.us);
    assert_int_equal(g->bursts, w->bursts);
    assert_int_equal(g->burst_first.us, w->burst_first.us);
}

static void
cut_once(struct stream *s, int cut, unsigned spans, struct tally *tally)
{
    static struct keeper uncut;
    static struct keeper kept;
    uint64_t seed = (uint64_t)cut * 31337 + 1;
    struct utime newest = {INT64_MIN};
    struct utime since;
    struct judge *a;
    struct judge *b;
    uint64_t before;

    memset(&uncut, 0, sizeof uncut);
    memset(s->close, 0, sizeof s->close);
    a = start(s, &uncut, 0);
    run(s, a, &uncut, 0, cut, &seed);
    kept = uncut;
    for (int i = 0; i < cut; i++)
        newest = s->event[i].time.us > newest.us ? s->event[i].time : newest;
    since.us = newest.us - judge_next(a).us * (int64_t)spans;
    b = come_back(s, &kept, cut, since, tally);
    before = kept.last;
    run(s, a, &uncut, cut, EVENTS, &seed);
    run(s, b, &kept, cut, EVENTS, NULL);
    assert_int_equal(kept.last, uncut.last);
    for (uint64_t n = 1; n <= kept.last; n++)
        compare(&kept.kept[n], &uncut.kept[n], before, tally);
    assert_int_equal(judge_counts(b).open, judge_counts(a).open);
    assert_int_equal(judge_counts(b).evicted + judge_counts(b).shed, 0);
    a = judge_free(a);
    b = judge_free(b);
}

static void
cuts(void **state)
{
    static struct stream s;
    struct tally tally = {0};

    (void)state;
    for (uint64_t n = 1; n <= SEEDS; n++) {
        uint64_t seed = n * 7919;

        memset(&s, 0, sizeof s);
        fixture_init(&s.f);
        random_obligations(&s.f, &seed);
        fixture_space(&s.f);
        s.limits = (struct judge_limits){
            .windows = 4096, .lateness = {n % 2 == 0 ? H : 10 * MIN}, .secret = n};
        random_events(&s, &seed);
        for (unsigned c = 0; c < CUTS; c++) {
            int cut = 1 + (int)(next_random(&seed) % (EVENTS - 1));

            print_message("stream %u, cut at %d\n", (unsigned)n, cut);
            cut_once(&s, cut, 1 + c % 3, &tally);
        }
        fixture_release(&s.f);
    }
    print_message("%u changed, %u at least, %u joined, %u closed in a replay, %u opened\n",
                  tally.compared, tally.at_least, tally.joined, tally.closed, tally.opened);
    assert_true(tally.compared > 500 && tally.joined > 100 && tally.closed > 100);
    assert_true(tally.opened > 500 && tally.at_least < tally.compared / 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cuts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
