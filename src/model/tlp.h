/* The Traffic Light Protocol of FIRST, versions 1 and 2.0: how far something may be handed on.
 */
#ifndef DETENTE_MODEL_TLP_H
#define DETENTE_MODEL_TLP_H

#include "base/slice.h"

/* Stricter upwards.  TLP 1's WHITE is CLEAR. */
enum tlp { TLP_NONE, TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED };
enum { TLPS = 6 };

/* "TLP:CLEAR" "TLP:GREEN" "TLP:AMBER" "TLP:AMBER+STRICT" "TLP:RED"; "" of none. */
const char *tlp_name(enum tlp tlp);
/* Also TLP 1's "TLP:WHITE", in letters of any case; TLP_NONE when it is no such name. */
enum tlp tlp_find(struct slice text);
/* As a definition has it: "clear" (2.0), "white" (1), … "amber+strict"; TLP_NONE otherwise. */
enum tlp tlp_find_value(struct slice text);

#endif
