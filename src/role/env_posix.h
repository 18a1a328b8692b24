/* The real world behind struct env: the one place that calls the system's clock, randomness
 * and files for a role.  Files are relative to one directory. */
#ifndef DETENTE_ROLE_ENV_POSIX_H
#define DETENTE_ROLE_ENV_POSIX_H

#include <stdbool.h>

#include "base/env.h"
#include "role/test_clock.h"

struct env_posix {
    int dir;              /* descriptor of the node's directory */
    enum env_level level; /* what is logged */
    bool moves;           /* the monotonic clock too jumps with a test clock */
};

/* ERR_IO when the directory cannot be opened.  p must outlive *ret.  A node of a test clock is
 * one that env_posix_look() finds. */
MUST_USE int env_posix_open(struct env_posix *p, const char *dir, struct env *ret,
                            struct errinfo *ei);
void env_posix_close(struct env_posix *p);

/* All clocks of this process, and of what it forks, follow c (role/test_clock.h), which must
 * outlive them; NULL: they are the machine's. */
void env_posix_follow(struct test_clock *c);
bool env_posix_follows(void);
/* Unless a clock is followed already: follow that of the directory as it stands now, when it
 * has one.  ERR_CONF. */
MUST_USE int env_posix_look(const char *dir, struct errinfo *ei);
struct utime env_posix_now(void);

#endif
