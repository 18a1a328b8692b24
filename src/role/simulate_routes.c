#include "role/simulate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { TURN = 8 /* batches that a thread takes at a time */ };

struct all_routes {
    const struct routes *routes;
    uint32_t nodes;
    uint32_t batches;
    bool carried;
    _Atomic uint32_t next;
    _Atomic int result;
};

struct routes_job {
    struct all_routes *all;
    struct routes_sums sums;
};

static void *
routes_run(void *arg)
{
    struct routes_job *j = arg;
    struct all_routes *a = j->all;
    uint32_t from;

    if (a->carried) {
        j->sums.carried = calloc((size_t)a->nodes + 1, sizeof *j->sums.carried);
        if (j->sums.carried == NULL)
            a->result = ERR_NOMEM;
    }
    while (a->result == 0 && (from = atomic_fetch_add(&a->next, TURN)) < a->batches) {
        uint32_t until = from + TURN < a->batches ? from + TURN : a->batches;
        int r = routes_add(a->routes, from, until, &j->sums);

        if (r < 0)
            a->result = r;
    }
    return NULL;
}

static void
add_up(uint32_t nodes, const struct routes_sums *from, struct routes_sums *to)
{
    for (unsigned k = 0; k < ROUTE_KINDS; k++) {
        for (unsigned i = 0; i <= ROUTE_LENGTH; i++)
            to->pairs[k][i] += from->pairs[k][i];
    }
    for (uint32_t v = 0; from->carried != NULL && to->carried != NULL && v < nodes; v++)
        to->carried[v] += from->carried[v];
}

int
simulate_routes(const struct routes *r, uint32_t nodes, unsigned threads, bool carried,
                struct routes_sums *ret)
{
    struct all_routes all = {
        .routes = r, .nodes = nodes, .batches = routes_batches(r), .carried = carried};
    struct routes_job *job = calloc(SIMULATE_THREADS, sizeof *job);
    pthread_t thread[SIMULATE_THREADS];
    unsigned apart = 1;

    *ret = (struct routes_sums){.carried = NULL};
    if (job == NULL)
        return ERR_NOMEM;
    threads = threads > SIMULATE_THREADS ? SIMULATE_THREADS : threads == 0 ? 1 : threads;
    for (unsigned i = 0; i < threads; i++)
        job[i].all = &all;
    while (apart < threads &&
           pthread_create(&thread[apart], NULL, routes_run, &job[apart]) == 0)
        apart++;
    (void)routes_run(&job[0]); /* what a thread that cannot be had would do is done here */
    for (unsigned i = 1; i < apart; i++) {
        (void)pthread_join(thread[i], NULL);
        add_up(nodes, &job[i].sums, &job[0].sums);
        free(job[i].sums.carried);
    }
    *ret = job[0].sums;
    free(job);
    if (all.result < 0) {
        free(ret->carried);
        ret->carried = NULL;
    }
    return all.result;
}
