/* Threads for work without state of its own: decoding, sealing.
 *
 * With no threads, a job is done when it is submitted, so that one path serves one core and
 * many.  Submit and wait from one thread only. */
#ifndef DETENTE_ROLE_POOL_H
#define DETENTE_ROLE_POOL_H

#include <stdbool.h>

#include "base/err.h"

struct pool; /* opaque */

enum { POOL_MAX = 16 }; /* threads */

struct job {
    void (*run)(struct job *job, unsigned worker); /* worker: 0..threads-1, 0 without */
    struct job *next;                              /* the pool's */
    bool done;                                     /* the pool's */
};

/* threads 0: none; more than POOL_MAX are not made.  begin (may be NULL): what each thread does
 * before it takes a job, one at a time; negative when it must not.  ERR_NOMEM, and what begin()
 * says. */
MUST_USE int pool_open(unsigned threads, int (*begin)(void), struct pool **ret);
struct pool *pool_close(struct pool *p); /* after all jobs were waited for; gives NULL */
void pool_submit(struct pool *p, struct job *job);
void pool_wait(struct pool *p, struct job *job);
unsigned pool_workers(const struct pool *p); /* at least 1 */

#endif
