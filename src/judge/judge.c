/* An event's way: whose and against whom, which obligations count it, their windows.
 *
 * Windows lie scattered over more memory than any cache holds, so events go in batches: first
 * all that can be said without windows, then the places in the table are fetched, then the
 * windows, and only then is anything counted. */
#include "judge/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "judge/judge_priv.h"

enum { BATCH = 32, TODOS = 2 * RULES, V4_SHORTEST = 96 + 8, V6_SHORTEST = 19 };
#define MINUTE_US (60 * TIME_US_PER_S)

struct todo {
    struct window_key key;
    uint64_t hash;
};

/* An event that some obligation counts. */
struct job {
    const struct judge_item *item;
    int64_t when;
    uint64_t target;
    uint64_t amount;
    struct window_key key[2];
    unsigned first; /* todo */
    unsigned count;
};

struct batch {
    struct job job[BATCH];
    struct todo todo[TODOS];
};

/* ---- before windows --------------------------------------------------------------------- */

/* Its own time; but what says that it comes from the future is as old as our sight of it. */
static int64_t
time_of(const struct event *e)
{
    if ((e->flags & FLAG_CLOCK_SKEWED) != 0 && e->time.us > e->time_seen.us)
        return e->time_seen.us;
    return e->time.us;
}

/* By halves: bytes that are written one by one and read as one stall. */
static struct addr
masked(const struct addr *a, unsigned bits)
{
    uint64_t half[2];
    struct addr m;

    memcpy(half, a, sizeof half);
    for (unsigned i = 0; i<2; i++, bits = bits> 64 ? bits - 64 : 0) {
        uint64_t mask = bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);

        half[i] &= __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(mask) : mask;
    }
    memcpy(&m, half, sizeof m);
    return m;
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
    for (int i = 0; i < 2; i++)
        job->key[i] = (struct window_key){.addr = masked(a, bits[i]),
                                          .bits = (uint8_t)bits[i],
                                          .origin_party = (uint8_t)origin_party,
                                          .target_party = (uint8_t)target_party};
}

/* Did another sensor see it first? */
static bool
seen_before(struct judge *j, const struct event *e, int64_t when)
{
    struct {
        struct addr origin;
        struct addr target;
        int64_t minute;
        uint32_t rule;
        uint16_t port;
        uint16_t kind;
    } what = {e->origin, e->target, when / MINUTE_US, e->rule, e->target_port, e->kind};
    uint64_t hash = map_hash(&what, sizeof what, j->secret);
    uint64_t *slot = &j->sight[hash >> 48];

    if ((e->flags & FLAG_DUPLICATE) == 0) {
        *slot = hash << 16 | e->sensor;
        return false;
    }
    return (*slot ^ hash << 16) >> 16 == 0 && (uint16_t)*slot != e->sensor;
}

static bool
fits(const struct rule *r, const struct judge_item *item, uint64_t labels)
{
    if (item->event->grade < r->grade_min || (r->labels != 0 && (r->labels & labels) == 0))
        return false;
    return r->of_bytes ? item->bytes > 0 : event_is_attack(item->event);
}

static unsigned
list_todos(struct judge *j, const struct job *job, uint64_t labels, struct todo *todo)
{
    unsigned class = job->item->event->class_;
    unsigned n = 0;

    for (unsigned i = 0; i < j->rules.class_count[class]; i++) {
        unsigned rule = j->rules.of_class[class][i];

        if (!fits(&j->rules.rule[rule], job->item, labels))
            continue;
        todo[n].key = job->key[j->rules.rule[rule].by_prefix];
        todo[n].key.rule = (uint8_t)rule;
        todo[n].hash = windows_hash(&j->windows, &todo[n].key);
        __builtin_prefetch(&j->windows.head[todo[n].hash & j->windows.mask]);
        n++;
    }
    return n;
}

/* False when nothing counts it. */
static bool
prepare(struct judge *j, const struct judge_item *item, struct job *job, struct todo *todo)
{
    const struct event *e = item->event;
    struct space_owner target;
    struct space_owner origin;

    j->counts.events++;
    *job = (struct job){.item = item, .when = time_of(e)};
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
    job->count = list_todos(j, job, target.labels, todo);
    if (job->count == 0) {
        j->counts.unjudged++;
        return false;
    }
    job->target = map_hash(&e->target, sizeof e->target, j->secret);
    job->amount = e->count;
    if (seen_before(j, e, job->when)) {
        job->amount = 0;
        j->counts.again++;
    }
    return true;
}

/* ---- windows ---------------------------------------------------------------------------- */

static void
count_in_window(struct judge *j, struct verdicts *v, struct window *w)
{
    const struct rule *r = &j->rules.rule[w->key.rule];
    const struct event *e = v->item->event;
    struct record rec = {.time = r->of_bytes ? v->when - v->when % r->grain : v->when,
                         .target = v->target,
                         .amount = r->of_bytes ? v->item->bytes : v->amount,
                         .id = v->item->id.block << 12 | v->item->id.index,
                         .sensor = e->sensor,
                         .class_ = e->class_};
    struct met *m = &v->met[v->mets];
    uint32_t at;

    if (w->events == 0)
        w->first = v->when;
    else
        w->flags |= W_CREDIT;
    w->events++;
    w->count += v->amount;
    w->bytes += v->item->bytes;
    w->first = v->when < w->first ? v->when : w->first;
    w->last = v->when > w->last ? v->when : w->last;
    at = records_add(&j->windows, w, r, &rec, &j->scratch);
    if (at == NO_INDEX) {
        j->counts.shed++;
        w->flags |= W_LOST;
        return;
    }
    if (records_met(w, r, at, &j->scratch, &m->from, &m->to)) {
        m->window = w;
        w->flags |= W_MET;
        v->mets++;
    }
}

static void
look_at_window(struct judge *j, struct verdicts *v, const struct todo *t, bool late)
{
    struct window *w = late ? windows_find(&j->windows, &t->key, t->hash)
                            : windows_take(&j->windows, &t->key, t->hash);
    uint32_t incident;

    if (w == NULL) {
        j->counts.shed += !late;
        return;
    }
    if ((w->flags & W_OPEN) == 0 && windows_is_dead(&j->windows, w))
        windows_restart(&j->windows, w);
    incident = open_find(j, w);
    if (incident != NO_INDEX) {
        w->last = v->when > w->last ? v->when : w->last;
        open_count(j, v, incident);
        return;
    }
    if ((w->flags & W_JOINED) != 0)
        windows_restart(&j->windows, w); /* that incident is closed */
    if (!late)
        count_in_window(j, v, w);
}

static void
judge_job(struct judge *j, const struct job *job, const struct todo *todo)
{
    struct verdicts *v = j->verdicts;
    bool late = job->when < j->windows.watermark - j->windows.lateness;

    v->item = job->item;
    v->when = job->when;
    v->target = job->target;
    v->amount = job->amount;
    v->key[0] = job->key[0];
    v->key[1] = job->key[1];
    v->ins = v->mets = 0;
    if (job->when > j->windows.watermark)
        j->windows.watermark = job->when;
    j->counts.late += late;
    for (unsigned i = 0; i < job->count; i++)
        look_at_window(j, v, &todo[job->first + i], late);
    open_resolve(j, v);
}

/* gcc 12 takes a function that only prefetches for one without effect, and drops the call. */
#define FETCH inline __attribute__((always_inline))

static FETCH void
fetch_windows(const struct judge *j, const struct todo *todo, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t at = j->windows.head[todo[i].hash & j->windows.mask];

        if (at == NO_INDEX)
            continue;
        __builtin_prefetch(&j->windows.at[at]);
        __builtin_prefetch((const char *)&j->windows.at[at] + 64);
    }
}

static FETCH void
fetch_records(const struct judge *j, const struct todo *todo, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t at = j->windows.head[todo[i].hash & j->windows.mask];
        const struct window *w;

        if (at == NO_INDEX)
            continue;
        w = &j->windows.at[at];
        if (w->room > 1) {
            __builtin_prefetch(&w->u.many[w->n - 1]);
            __builtin_prefetch(&w->u.many[w->n]);
        }
    }
}

void
judge_events(struct judge *j, const struct judge_item *item, size_t n)
{
    struct job *job = j->batch->job;
    struct todo *todo = j->batch->todo;
    size_t done = 0;

    while (done < n) {
        unsigned jobs = 0;
        unsigned todos = 0;

        for (size_t i = done; i < n && i < done + BATCH; i++) {
            space_fetch(j->space, &item[i].event->target);
            space_fetch(j->space, &item[i].event->origin);
        }
        for (; done < n && jobs < BATCH && todos + RULES <= TODOS; done++) {
            if (!prepare(j, &item[done], &job[jobs], &todo[todos]))
                continue;
            job[jobs].first = todos;
            todos += job[jobs++].count;
        }
        fetch_windows(j, todo, todos);
        fetch_records(j, todo, todos);
        for (unsigned i = 0; i < jobs; i++)
            judge_job(j, &job[i], todo);
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
    j->sight = calloc(SIGHTS, sizeof *j->sight);
    j->batch = malloc(sizeof *j->batch);
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
