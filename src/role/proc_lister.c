/* A lister's process: makes anew what the engine looks for, when a collection that the node
 * follows changed, and ends.  It reads patterns that others wrote, so it has no key, no network
 * and of files the store, to read, and `indicators/`. */
#include <stdio.h>

#include "role/env_posix.h"
#include "role/roles.h"
#include "role/sandbox.h"
#include "role/watchlist.h"

int
proc_lister(const struct house *h, int parent)
{
    struct env_posix posix = {.dir = -1};
    struct env env;
    struct errinfo ei = {0};
    uint32_t sought = 0;
    bool behind = false;
    char text[96];
    int r = env_posix_open(&posix, h->dir, &env, &ei);

    if (r == 0)
        r = sandbox_enter(ROLE_LISTER, h->dir, NULL, &ei);
    if (r == 0)
        r = watchlist_is_behind(h->dir, &behind, &ei);
    if (r == 0 && !behind)
        return 0;
    if (r == 0)
        r = watchlist_compile(h->dir, &sought, &ei);
    if (r == ERR_NOTFOUND)
        r = 0; /* what there was is gone */
    if (r < 0)
        return proc_fail(parent, r, &ei);
    (void)snprintf(text, sizeof text, "%u indicators are looked for", (unsigned)sought);
    env.log(env.self, ENV_INFO, text);
    return 0;
}
