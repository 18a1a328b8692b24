#include "role/simulate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- reach ------------------------------------------------------------------------------- */

struct reach_job {
    const struct net *n;
    struct reach_sums sums;
    uint32_t from;
    uint32_t until;
    int result;
};

static void *
reach_run(void *arg)
{
    struct reach_job *j = arg;

    j->result = reach_add(j->n, j->from, j->until, &j->sums);
    return NULL;
}

static int
make_sums(const struct net *n, bool weights, struct reach_sums *ret)
{
    *ret = (struct reach_sums){calloc((size_t)n->count + 1, sizeof *ret->networks),
                               weights ? calloc((size_t)n->count + 1, sizeof *ret->weights)
                                       : NULL};
    return ret->networks == NULL || (weights && ret->weights == NULL) ? ERR_NOMEM : 0;
}

void
simulate_release(struct reach_sums *s)
{
    free(s->networks);
    free(s->weights);
    *s = (struct reach_sums){0};
}

static void
add_sums(const struct net *n, const struct reach_sums *from, struct reach_sums *to)
{
    for (uint32_t i = 0; i < n->count; i++) {
        to->networks[i] += from->networks[i];
        if (to->weights != NULL)
            to->weights[i] += from->weights[i];
    }
}

/* Threads are few: one that cannot be had is done by the caller. */
int
simulate_reach(const struct net *n, unsigned threads, bool weights, struct reach_sums *ret)
{
    struct reach_job job[SIMULATE_THREADS];
    pthread_t thread[SIMULATE_THREADS];
    bool apart[SIMULATE_THREADS] = {false};
    uint32_t batches = reach_batches(n);
    int r = 0;

    threads = threads > SIMULATE_THREADS ? SIMULATE_THREADS : threads == 0 ? 1 : threads;
    if (threads > batches)
        threads = batches > 0 ? batches : 1;
    for (unsigned i = 0; i < threads; i++) {
        job[i] = (struct reach_job){.n = n,
                                    .from = (uint32_t)((uint64_t)batches * i / threads),
                                    .until = (uint32_t)((uint64_t)batches * (i + 1) / threads)};
        if (make_sums(n, weights, &job[i].sums) < 0)
            r = ERR_NOMEM;
    }
    for (unsigned i = 1; r == 0 && i < threads; i++)
        apart[i] = pthread_create(&thread[i], NULL, reach_run, &job[i]) == 0;
    for (unsigned i = 0; r == 0 && i < threads; i++) {
        if (apart[i])
            (void)pthread_join(thread[i], NULL);
        else
            (void)reach_run(&job[i]);
    }
    for (unsigned i = 1; i < threads; i++) {
        if (r == 0) {
            add_sums(n, &job[i].sums, &job[0].sums);
            job[0].result = job[i].result < 0 ? job[i].result : job[0].result;
        }
        simulate_release(&job[i].sums);
    }
    *ret = job[0].sums;
    if (r == 0)
        r = job[0].result;
    if (r < 0)
        simulate_release(ret);
    return r;
}

/* ---- inside ------------------------------------------------------------------------------ */

int
simulate_inside(const struct topology *t, const struct net_filter *f, unsigned threads,
                uint64_t *reach, struct inside *ret)
{
    struct reach_sums s = {0};
    struct net *n;
    int r = net_make(t, f, &n);

    memset(ret, 0, sizeof *ret);
    if (r == 0)
        r = simulate_reach(n, threads, true, &s);
    if (r == 0) {
        inside_strict(t, f, n, &s, ret);
        r = inside_islands(t, f, NULL, ret);
    }
    for (uint32_t i = 0; r == 0 && reach != NULL && i < t->count; i++)
        reach[i] = n->node[i] == TOPOLOGY_NONE ? 0 : s.networks[n->node[i]];
    simulate_release(&s);
    (void)net_free(n);
    return r;
}

void
simulate_side(const struct topology *t, const uint8_t *segment, const uint8_t *stays,
              uint8_t *side)
{
    for (uint32_t i = 0; i < t->count; i++)
        side[i] = segment[i] || (stays != NULL && stays[i]);
}

/* ---- all countries ----------------------------------------------------------------------- */

struct countries {
    const struct topology *t;
    struct simulate_country *row;
    uint32_t count;
    _Atomic uint32_t next; /* that nobody took yet */
    _Atomic int result;
};

static void *
country_run(void *arg)
{
    struct countries *c = arg;
    uint8_t *side = malloc((size_t)c->t->count + 1);
    uint8_t *counts = malloc((size_t)c->t->count + 1);
    struct net_filter f = {.counts = counts, .side = side, .keep = 1};
    bool room = side != NULL && counts != NULL;
    uint32_t i;

    if (!room)
        c->result = ERR_NOMEM;
    while (room && (i = c->next++) < c->count) {
        const uint64_t *stays;
        uint32_t stay;
        int r;

        for (uint32_t k = 0; k < c->t->count; k++)
            side[k] = counts[k] = c->t->country[k] == c->row[i].country;
        stays = topology_stays(c->t, c->row[i].country, &stay);
        for (uint32_t k = 0; k < stay; k++)
            side[(uint32_t)stays[k]] = 1;
        r = simulate_inside(c->t, &f, 1, NULL, &c->row[i].inside);
        if (r < 0)
            c->result = r;
    }
    free(side);
    free(counts);
    return NULL;
}

/* By code, with at least so many networks. */
static int
find_countries(const struct topology *t, uint32_t least, struct countries *c)
{
    uint32_t *many = calloc(UINT16_MAX + (size_t)1, sizeof *many);

    c->row = malloc((size_t)UINT16_MAX * sizeof *c->row);
    if (many == NULL || c->row == NULL) {
        free(many);
        return ERR_NOMEM;
    }
    for (uint32_t i = 0; i < t->count; i++)
        many[t->country[i]]++;
    for (uint32_t code = COUNTRY_UNKNOWN + 1; code <= UINT16_MAX; code++) {
        if (many[code] > 0 && many[code] >= least)
            c->row[c->count++] = (struct simulate_country){.country = (uint16_t)code};
    }
    free(many);
    return 0;
}

int
simulate_countries(const struct topology *t, uint32_t least, unsigned threads,
                   struct simulate_country **ret, uint32_t *ret_count)
{
    struct countries c = {.t = t};
    pthread_t thread[SIMULATE_THREADS];
    unsigned apart = 0;
    int r = find_countries(t, least, &c);

    threads = threads > SIMULATE_THREADS ? SIMULATE_THREADS : threads;
    while (r == 0 && apart + 1 < threads &&
           pthread_create(&thread[apart], NULL, country_run, &c) == 0)
        apart++;
    if (r == 0)
        (void)country_run(&c);
    for (unsigned i = 0; i < apart; i++)
        (void)pthread_join(thread[i], NULL);
    if (r == 0)
        r = c.result;
    if (r < 0) {
        free(c.row);
        c.row = NULL;
        c.count = 0;
    }
    *ret = c.row;
    *ret_count = c.count;
    return r;
}
