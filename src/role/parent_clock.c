/* The clock of a node that was made for tests: read by the parent, seen by all it starts. */
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>

#include "role/parent_priv.h"

static int
share(struct parent *p, struct errinfo *ei)
{
    void *shared = mmap(NULL, sizeof *p->house.clock, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    p->house.clock = shared;
    return 0;
}

int
parent_open_clock(struct parent *p, struct errinfo *ei)
{
    const char *file = p->house.o->test_clock;
    char path[PATH_MAX];
    int64_t us = 0;
    int r;

    err_file(ei, p->house.dir);
    if (file == NULL) {
        r = test_clock_of(p->house.dir, path, sizeof path, ei);
        return r == 0              ? err_set(ei, ERR_CONF,
                                             "this node follows a test clock, and its log has times that "
                                                          "never were: serve it with --test-clock %s, or make a new one",
                                             path)
               : r == ERR_NOTFOUND ? 0
                                   : r;
    }
    r = test_clock_bind(p->house.dir, file, ei);
    if (r == 0)
        r = test_clock_read(file, &us, ei);
    if (r == 0)
        r = share(p, ei);
    if (r < 0)
        return r;
    test_clock_move(p->house.clock, us);
    env_posix_follow(p->house.clock);
    parent_say(p, ENV_WARN, "TEST CLOCK: time is what %s says; nothing here is evidence", file);
    return 0;
}

/* While the file is not there, or is no clock, the last word holds. */
void
parent_move_clock(struct parent *p)
{
    struct errinfo ei = {0};
    int64_t us;
    int r;

    if (p->house.clock == NULL)
        return;
    r = test_clock_read(p->house.o->test_clock, &us, &ei);
    if (r == 0)
        test_clock_move(p->house.clock, us);
    else if (!p->clock_lost)
        parent_say(p, ENV_WARN, "%s: %s", ei.file, ei.text);
    p->clock_lost = r < 0;
}

void
parent_close_clock(struct parent *p)
{
    if (p->house.clock == NULL)
        return;
    env_posix_follow(NULL);
    (void)munmap(p->house.clock, sizeof *p->house.clock);
    p->house.clock = NULL;
}
