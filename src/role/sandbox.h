/* The fence around each role: what it may ask of the system from here on, and nothing else.
 *
 * seccomp (seccomp(2), libseccomp) with the written list of calls of the role; a call that is
 * not on it kills the process.  Landlock (landlock(7)), where the kernel has it, keeps the gate
 * from the keys and all roles from what lies outside the node's directory.  No new privileges,
 * no descriptors but those named.  A fence is a thread's: each of the engine's that seal has
 * one of its own (ROLE_SEALER), in which there is nothing but memory.  In builds with a
 * sanitizer the list of calls is off: their runtimes make calls of their own. */
#ifndef DETENTE_ROLE_SANDBOX_H
#define DETENTE_ROLE_SANDBOX_H

#include <stdbool.h>

#include "base/err.h"

enum role {
    ROLE_SENSOR,
    ROLE_ENGINE,
    ROLE_GATE,
    ROLE_SEALER,
    ROLE_COURIER,
    ROLE_PEER,
    ROLE_PULLER,
    ROLE_LISTER,
    ROLE_PARENT
};
enum { ROLES = 9 };

const char *role_name(enum role r); /* "sensor" … */

/* Close every descriptor above standard error but those of keep (in any order, -1 ignored). */
void sandbox_keep(const int *keep, unsigned count);
/* For good.  dir: the node's; ret_landlock (may be NULL): false when the kernel has no
 * Landlock. ERR_IO: the fence cannot be put up, and the role must not go on. */
MUST_USE int sandbox_enter(enum role r, const char *dir, bool *ret_landlock,
                           struct errinfo *ei);
/* False in builds whose list of calls is off. */
bool sandbox_counts(void);
/* How many calls the list of a role names: for the test that holds it small. */
unsigned sandbox_calls(enum role r);

#endif
