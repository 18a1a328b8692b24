#include "role/pool.h"

#include <pthread.h>
#include <stdlib.h>

struct worker {
    struct pool *pool;
    pthread_t thread;
    unsigned number;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work; /* a job was queued, or the end */
    pthread_cond_t done; /* a job is done */
    struct job *first;
    struct job **last;
    int (*begin)(void);
    unsigned begun; /* threads that came through begin() … */
    int failed;     /* … and what one said that did not */
    bool ends;
    unsigned threads;
    struct worker worker[POOL_MAX];
};

static void *
work(void *arg)
{
    struct worker *w = arg;
    struct pool *p = w->pool;
    int r;

    (void)pthread_mutex_lock(&p->lock);
    r = p->begin == NULL ? 0 : p->begin();
    p->begun++;
    if (r < 0)
        p->failed = r;
    (void)pthread_cond_broadcast(&p->done);
    while (r == 0) {
        struct job *job = p->first;

        if (job == NULL) {
            if (p->ends)
                break;
            (void)pthread_cond_wait(&p->work, &p->lock);
            continue;
        }
        p->first = job->next;
        if (p->first == NULL)
            p->last = &p->first;
        (void)pthread_mutex_unlock(&p->lock);
        job->run(job, w->number);
        (void)pthread_mutex_lock(&p->lock);
        job->done = true;
        (void)pthread_cond_broadcast(&p->done);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* What the threads say of their beginning. */
static int
wait_begun(struct pool *p)
{
    int r;

    (void)pthread_mutex_lock(&p->lock);
    while (p->begun < p->threads)
        (void)pthread_cond_wait(&p->done, &p->lock);
    r = p->failed;
    (void)pthread_mutex_unlock(&p->lock);
    return r;
}

int
pool_open(unsigned threads, int (*begin)(void), struct pool **ret)
{
    struct pool *p = calloc(1, sizeof *p);
    int r;

    if (p == NULL)
        return ERR_NOMEM;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->work, NULL);
    (void)pthread_cond_init(&p->done, NULL);
    p->last = &p->first;
    p->begin = begin;
    for (; p->threads < threads && p->threads < POOL_MAX; p->threads++) {
        struct worker *w = &p->worker[p->threads];

        *w = (struct worker){.pool = p, .number = p->threads};
        if (pthread_create(&w->thread, NULL, work, w) != 0) {
            (void)pool_close(p);
            return ERR_NOMEM;
        }
    }
    r = wait_begun(p);
    if (r < 0) {
        (void)pool_close(p);
        return r;
    }
    *ret = p;
    return 0;
}

struct pool *
pool_close(struct pool *p)
{
    if (p == NULL)
        return NULL;
    (void)pthread_mutex_lock(&p->lock);
    p->ends = true;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++)
        (void)pthread_join(p->worker[i].thread, NULL);
    (void)pthread_cond_destroy(&p->done);
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
    return NULL;
}

void
pool_submit(struct pool *p, struct job *job)
{
    job->done = false;
    job->next = NULL;
    if (p->threads == 0) {
        job->run(job, 0);
        job->done = true;
        return;
    }
    (void)pthread_mutex_lock(&p->lock);
    *p->last = job;
    p->last = &job->next;
    (void)pthread_cond_signal(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
}

void
pool_wait(struct pool *p, struct job *job)
{
    if (p->threads == 0)
        return;
    (void)pthread_mutex_lock(&p->lock);
    while (!job->done)
        (void)pthread_cond_wait(&p->done, &p->lock);
    (void)pthread_mutex_unlock(&p->lock);
}

unsigned
pool_workers(const struct pool *p)
{
    return p->threads == 0 ? 1 : p->threads;
}
