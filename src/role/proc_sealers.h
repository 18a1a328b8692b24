/* The engine's threads that seal. */
#ifndef DETENTE_ROLE_PROC_SEALERS_H
#define DETENTE_ROLE_PROC_SEALERS_H

#include "role/engine_step.h"

/* A thread a core, for what has no state; a fence of their own keeps them from all but memory.
 * ERR_NOMEM, ERR_IO: the fence cannot be put up. */
MUST_USE int proc_sealers_open(struct engine_role *role, struct errinfo *ei);

#endif
