/* The real world behind struct env: the one place that calls the system's clock, randomness
 * and files for a role.  Files are relative to one directory. */
#ifndef DETENTE_ROLE_ENV_POSIX_H
#define DETENTE_ROLE_ENV_POSIX_H

#include "base/env.h"

struct env_posix {
    int dir;              /* descriptor of the node's directory */
    enum env_level level; /* what is logged */
};

/* ERR_IO when the directory cannot be opened.  p must outlive *ret. */
MUST_USE int env_posix_open(struct env_posix *p, const char *dir, struct env *ret,
                            struct errinfo *ei);
void env_posix_close(struct env_posix *p);

#endif
