/* An event's way: whose and against whom, which obligations count it, their windows.
 *
 * Windows lie scattered over more memory than any cache holds, so events go in batches: first
 * all that can be said without windows, then the places in the table are fetched, then the
 * windows, and only then is anything counted. */
#include "judge/judge.h"

#include <stdlib.h>
#include <string.h>

#include "judge/judge_priv.h"

enum { BATCH = 4, STAGES = 5, TODOS = RULES, V4_SHORTEST = 96 + 8, V6_SHORTEST = 19 };
#define MINUTE_US (60 * TIME_US_PER_S)

/* An event that some obligation counts. */
struct job {
    const struct judge_item *item;
    int64_t when;
    uint64_t target;
    uint64_t sight;
    struct window_key key[2];
    uint64_t hash[2];
    uint32_t entry[2]; /* while it is fetched; 0: it is not there */
    uint16_t first;    /* todo */
    uint16_t count;
};

/* One window of a job. */
struct todo {
    uint32_t window; /* while it is fetched; NO_INDEX: it is not there */
    uint8_t rule;
    uint8_t job;
    bool by_prefix;
};

struct batch {
    struct job job[BATCH];
    struct todo todo[TODOS + RULES];
    unsigned jobs;
    unsigned todos;
    uint64_t drops; /* of windows, before they were fetched */
};

/* ---- before windows --------------------------------------------------------------------- */

/* By halves: bytes that are written one by one and read as one stall. */
static inline void
mask(const struct addr *a, unsigned bits, struct addr *ret)
{
    uint64_t half[2];

    memcpy(half, a, sizeof half);
    for (unsigned i = 0; i<2; i++, bits = bits> 64 ? bits - 64 : 0) {
        uint64_t mask = bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);

        half[i] &= __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(mask) : mask;
        memcpy(ret->byte + i * sizeof mask, &half[i], sizeof mask);
    }
}

static void
make_keys(const struct judge *j, struct job *job, int origin_party, int target_party)
{
    const struct addr *a = &job->item->event->origin;
    const struct prefix *announced = &job->item->announced;
    bool v4 = addr_is_v4(a);
    unsigned bits[2] = {
        (unsigned)(v4 ? 96 + j->pact->origin_v4 : j->pact->origin_v6),
        v4 ? 96 + 24 : 48,
    };

    if (announced->len >= (v4 ? V4_SHORTEST : V6_SHORTEST) && prefix_covers(announced, a))
        bits[1] = announced->len;
    for (int i = 0; i < 2; i++) {
        mask(a, bits[i], &job->key[i].addr);
        job->key[i].who = key_who(bits[i], (unsigned)origin_party, (unsigned)target_party);
    }
}

/* What is one act, whoever saw it. */
static uint64_t
sight_of(const struct event *e, int64_t when, uint64_t secret)
{
    uint64_t what = (uint64_t)e->rule << 32 | (uint64_t)e->target_port << 16 | e->kind;

    return hash_addr(&e->origin, what, secret) ^
           hash_addr(&e->target, (uint64_t)(when / MINUTE_US), ~secret);
}

/* Did another sensor see it first? */
static bool
seen_before(struct judge *j, const struct event *e, uint64_t hash)
{
    uint64_t *slot = &j->sight[hash >> 48];

    if ((e->flags & FLAG_DUPLICATE) == 0) {
        *slot = hash << 16 | e->sensor;
        return false;
    }
    return (*slot ^ hash << 16) >> 16 == 0 && (uint16_t)*slot != e->sensor;
}

/* Without branches: what an event is, no processor can guess. */
static unsigned
list_todos(const struct judge *j, const struct job *job, unsigned at, uint64_t labels,
           struct todo *todo)
{
    const struct event *e = job->item->event;
    const struct filter *f = j->rules.of_class[e->class_];
    unsigned filters = j->rules.class_count[e->class_];
    bool counts[2] = {event_is_attack(e), job->item->bytes > 0}; /* of_bytes */
    unsigned n = 0;

    for (unsigned i = 0; i < filters; i++) {
        todo[n] = (struct todo){NO_INDEX, f[i].rule, (uint8_t)at, f[i].by_prefix};
        n += (unsigned)(e->grade >= f[i].grade_min) &
             (f[i].anywhere | ((f[i].labels & labels) != 0)) & counts[f[i].of_bytes];
    }
    return n;
}

/* False when nothing counts it. */
static bool
prepare(struct judge *j, const struct judge_item *item, struct batch *b)
{
    struct job *job = &b->job[b->jobs];
    const struct event *e = item->event;
    struct space_owner target;
    struct space_owner origin;

    j->counts.events++;
    job->item = item;
    job->when = event_when(e).us;
    if (e->class_ >= CLASSES || j->rules.class_count[e->class_] == 0) {
        j->counts.unjudged++;
        return false;
    }
    target = space_find(j->space, &e->target, e->target_asn, (struct utime){job->when});
    if (target.party >= 0)
        origin = space_find(j->space, &e->origin, e->origin_asn, (struct utime){job->when});
    if (target.party < 0 || origin.party < 0 || origin.party == target.party) {
        j->counts.foreign++;
        return false;
    }
    if (rules_exclude(&j->rules, item, job->when)) {
        j->counts.excluded++;
        return false;
    }
    make_keys(j, job, origin.party, target.party);
    job->first = (uint16_t)b->todos;
    job->count = (uint16_t)list_todos(j, job, b->jobs, target.labels, &b->todo[b->todos]);
    if (job->count == 0) {
        j->counts.unjudged++;
        return false;
    }
    for (int i = 0; i < 2; i++) {
        job->hash[i] = windows_hash(&j->windows, &job->key[i]);
        __builtin_prefetch(&j->windows.head[job->hash[i] & j->windows.mask]);
    }
    job->target = hash_addr(&e->target, 0, j->secret);
    job->sight = sight_of(e, job->when, j->secret);
    __builtin_prefetch(&j->sight[job->sight >> 48], 1);
    return true;
}

/* ---- windows ---------------------------------------------------------------------------- */

static struct record
record_of(const struct verdicts *v, const struct rule *r)
{
    const struct event *e = v->item->event;
    uint64_t amount = r->of_bytes ? v->item->bytes : v->amount;

    amount = amount > AMOUNT_MAX ? AMOUNT_MAX : amount;
    return (struct record){.time = r->of_bytes ? v->when - v->when % r->grain : v->when,
                           .target = v->target,
                           .amount_sensor = amount << SENSOR_BITS | e->sensor,
                           .block_at_class = (v->item->id.block << 12 | v->item->id.index)
                                                 << CLASS_BITS |
                                             e->class_};
}

static inline void
begin_activity(const struct judge *j, struct window *w, int64_t when)
{
    const struct windows *ws = &j->windows;

    w->first = when;
    if (j->replaying &&
        j->since > ws->watermark - ws->lateness - ws->rules->rule[w->rule].window)
        w->flags |= W_EARLIER;
}

static void
count_in_window(struct judge *j, struct verdicts *v, struct window *w)
{
    const struct rule *r = &j->rules.rule[w->rule];
    struct record rec = record_of(v, r);
    struct met *m = &v->met[v->mets];
    uint32_t at = records_add(&j->windows, w, r, &rec, &j->scratch);

    if (w->events == 0)
        begin_activity(j, w, v->when);
    else
        w->flags |= W_CREDIT;
    w->events++;
    w->count += v->amount;
    w->bytes += v->item->bytes;
    w->first = v->when < w->first ? v->when : w->first;
    w->last = v->when > w->last ? v->when : w->last;
    if (at == NO_INDEX) {
        j->counts.shed++;
        w->flags |= W_LOST;
        return;
    }
    if (window_may_meet(w, r) && records_met(&j->windows, w, r, at, &j->scratch, m->span)) {
        m->window = w;
        w->flags |= W_MET;
        v->mets++;
    }
}

/* The one that was fetched, if it is still that one. */
static inline struct window *
window_of(struct judge *j, const struct verdicts *v, const struct todo *t, bool late)
{
    struct windows *ws = &j->windows;
    const struct window_key *key = &v->key[t->by_prefix];
    uint64_t hash = v->hash[t->by_prefix];

    if (t->window != NO_INDEX) {
        struct window *w = &ws->at[t->window];

        if (v->drops == ws->drops || ((w->flags & W_LIVE) != 0 && w->rule == t->rule &&
                                      key_equal(window_key(ws, w), key)))
            return w;
    }
    return late ? windows_find(ws, key, hash, t->rule) : windows_take(ws, key, hash, t->rule);
}

static void
look_at_window(struct judge *j, struct verdicts *v, const struct todo *t, bool late)
{
    struct window *w = window_of(j, v, t, late);
    uint32_t incident;

    if (w == NULL) {
        j->counts.shed += !late;
        return;
    }
    if ((w->flags & W_OPEN) == 0 && windows_is_dead(&j->windows, w)) {
        if ((w->flags & W_TOUCHED) != 0)
            tell_joined(j, w);
        windows_restart(&j->windows, w);
    }
    incident = (w->flags & (W_OPEN | W_JOINED)) == 0 ? NO_INDEX : open_find(j, w);
    if (incident != NO_INDEX) {
        w->last = v->when > w->last ? v->when : w->last;
        if (j->replaying) {
            replay_count(j, v, w, late);
        } else {
            open_count(j, v, incident);
            touch(j, w);
        }
        return;
    }
    if ((w->flags & W_JOINED) != 0)
        windows_restart(&j->windows, w); /* that incident is closed */
    if (!late)
        count_in_window(j, v, w);
}

static void
judge_job(struct judge *j, const struct batch *b, const struct job *job)
{
    const struct todo *todo = b->todo;
    struct verdicts *v = j->verdicts;
    bool late = job->when < j->windows.watermark - j->windows.lateness;

    v->item = job->item;
    v->when = job->when;
    v->target = job->target;
    v->amount = job->item->event->count;
    if (seen_before(j, job->item->event, job->sight)) {
        v->amount = 0;
        j->counts.again++;
    }
    v->drops = b->drops;
    v->key = job->key;
    v->hash = job->hash;
    v->ins = v->mets = 0;
    if (job->when > j->windows.watermark)
        j->windows.watermark = job->when;
    j->counts.late += late;
    for (unsigned i = 0; i < job->count; i++)
        look_at_window(j, v, &todo[job->first + i], late);
    open_resolve(j, v);
}

/* ---- fetching ahead --------------------------------------------------------------------- */

/* gcc 12 takes a function that only prefetches for one without effect, and drops the call. */
#define FETCH inline __attribute__((always_inline))

static FETCH void
fetch_entries(const struct windows *ws, const struct batch *b)
{
    for (unsigned i = 0; i < b->jobs; i++) {
        __builtin_prefetch(&ws->entry[ws->head[b->job[i].hash[0] & ws->mask]]);
        __builtin_prefetch(&ws->entry[ws->head[b->job[i].hash[1] & ws->mask]]);
    }
}

static FETCH void
fetch_windows(const struct windows *ws, struct batch *b)
{
    b->drops = ws->drops;
    for (unsigned i = 0; i < b->jobs; i++) {
        struct job *job = &b->job[i];

        job->entry[0] = entry_of(ws, &job->key[0], job->hash[0]);
        job->entry[1] = entry_of(ws, &job->key[1], job->hash[1]);
    }
    for (unsigned i = 0; i < b->todos; i++) {
        struct todo *t = &b->todo[i];
        const struct job *job = &b->job[t->job];

        t->window = entry_find(&ws->entry[job->entry[t->by_prefix]], t->rule);
        if (t->window == NO_INDEX)
            t->window =
                entries_find(ws, job->entry[t->by_prefix], &job->key[t->by_prefix], t->rule);
        __builtin_prefetch(&ws->at[t->window == NO_INDEX ? 0 : t->window], 1);
    }
}

/* Where a record is added; and the beginning, which is looked at when there is no room. */
static FETCH void
fetch_records(const struct windows *ws, const struct batch *b)
{
    for (unsigned i = 0; i < b->todos; i++) {
        uint32_t at = b->todo[i].window;
        const struct window *w = &ws->at[at == NO_INDEX ? 0 : at];
        const struct record *rec = window_records(ws, w);
        bool full = w->n == window_room(w);

        __builtin_prefetch(rec + w->n - full, 1);
        __builtin_prefetch(rec + (full ? 0 : w->n), 1);
    }
}

/* The next events that some obligation counts; how many were looked at. */
static size_t
fill_batch(struct judge *j, const struct judge_item *item, size_t n, struct batch *b)
{
    size_t done = 0;

    b->jobs = b->todos = 0;
    for (size_t i = BATCH; i < n && i < 2 * (size_t)BATCH; i++) {
        space_fetch(j->space, &item[i].event->target);
        space_fetch(j->space, &item[i].event->origin);
    }
    for (; done < n && done < BATCH && b->todos <= TODOS; done++) {
        if (prepare(j, &item[done], b))
            b->todos += b->job[b->jobs++].count;
    }
    return done;
}

/* Each batch is one stage behind the one before it, so that what is fetched for one comes while
 * the others are worked on. */
void
judge_events(struct judge *j, const struct judge_item *item, size_t n)
{
    struct windows *ws = &j->windows;
    size_t done = 0;
    unsigned last = 0;

    for (unsigned i = 0; i < STAGES; i++)
        j->batch[i].jobs = j->batch[i].todos = 0;
    for (unsigned step = STAGES; done < n || step < last + STAGES; step++) {
        struct batch *b = &j->batch[step % STAGES];

        if (done < n)
            last = step;
        done += fill_batch(j, item + done, n - done, b);
        fetch_entries(ws, &j->batch[(step - 1) % STAGES]);
        fetch_windows(ws, &j->batch[(step - 2) % STAGES]);
        fetch_records(ws, &j->batch[(step - 3) % STAGES]);
        b = &j->batch[(step - 4) % STAGES];
        for (unsigned i = 0; i < b->jobs; i++)
            judge_job(j, b, &b->job[i]);
    }
}

/* ---- making ----------------------------------------------------------------------------- */

static int
make_parts(struct judge *j, const struct judge_limits *limits, struct errinfo *ei)
{
    struct judge_limits l = *limits;
    int e;

    if (l.lateness.us <= 0)
        l.lateness.us = JUDGE_LATENESS_S * TIME_US_PER_S;
    /* So that what comes late can join two bursts at most. */
    if (l.lateness.us > j->gap)
        l.lateness.us = j->gap;
    j->secret = l.secret;
    j->number = l.number;
    j->sight = calloc(SIGHTS, sizeof *j->sight);
    j->batch = malloc(STAGES * sizeof *j->batch);
    j->verdicts = malloc(sizeof *j->verdicts);
    if (j->sight == NULL || j->batch == NULL || j->verdicts == NULL)
        return ERR_NOMEM;
    e = rules_make(&j->rules, j->pact, j->space, ei);
    return e < 0 ? e : windows_init(&j->windows, &j->rules, &l);
}

int
judge_new(const struct pact *p, const struct space *s, const struct judge_limits *limits,
          const struct judge_output *out, struct judge **ret, struct errinfo *ei)
{
    struct judge *j = calloc(1, sizeof *j);
    int e = ERR_NOMEM;

    if (j != NULL) {
        j->pact = p;
        j->space = s;
        j->out = *out;
        j->gap = p->gap.us;
        j->open_free = NO_INDEX;
        e = make_parts(j, limits, ei);
    }
    if (e < 0) {
        (void)judge_free(j);
        return e == ERR_NOMEM ? err_set(ei, e, "%s", err_text(e)) : e;
    }
    *ret = j;
    return 0;
}

struct judge *
judge_free(struct judge *j)
{
    if (j == NULL)
        return NULL;
    open_release(j);
    windows_release(&j->windows);
    scratch_release(&j->scratch);
    rules_release(&j->rules);
    free(j->sight);
    free(j->batch);
    free(j->verdicts);
    free(j);
    return NULL;
}

void
judge_space(struct judge *j, const struct space *s)
{
    j->space = s;
}

struct judge_counts
judge_counts(const struct judge *j)
{
    struct judge_counts c = j->counts;

    c.evicted = j->windows.evicted;
    c.windows = j->windows.live;
    c.open = j->open_live;
    c.memory = j->windows.memory;
    return c;
}
