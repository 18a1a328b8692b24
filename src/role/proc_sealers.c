#include "role/proc_sealers.h"

#include <malloc.h>
#include <unistd.h>

#include "role/sandbox.h"

enum { SEALERS = 8 /* threads at most */ };

static int
fence_sealer(void)
{
    struct errinfo ei;

    return sandbox_enter(ROLE_SEALER, ".", NULL, &ei);
}

int
proc_sealers_open(struct engine_role *role, struct errinfo *ei)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = cores <= 1 ? 0 : cores < SEALERS ? (unsigned)cores : SEALERS;
    struct pool *pool = NULL;
    int r;

    (void)mallopt(M_ARENA_MAX,
                  1); /* further ones ask the system for more than the lists name */
    r = pool_open(threads, fence_sealer, &pool);
    if (r == 0)
        r = role_share(role, pool);
    return r < 0 ? err_set(ei, r, "threads that seal: %s", err_text(r)) : 0;
}
