/* Inside reach: each code by itself, for the tests. */
#ifndef DETENTE_CUTOFF_REACH_PRIV_H
#define DETENTE_CUTOFF_REACH_PRIV_H

#include "cutoff/reach.h"

enum reach_code { REACH_PORTABLE, REACH_AVX2, REACH_AVX512, REACH_CODES };

bool reach_can(enum reach_code c); /* this machine has it */
MUST_USE int reach_add_by(enum reach_code c, const struct net *n, uint32_t from, uint32_t until,
                          struct reach_sums *sums);

#endif
