/* Names of economies as the page writes them, and their codes. */
#ifndef DETENTE_MODEL_ECONOMY_H
#define DETENTE_MODEL_ECONOMY_H

#include "model/event.h"

/* The code of a name, letter by letter (web/src/economies.ts); COUNTRY_UNKNOWN: it is none of
 * those.  Names that others use for the same are not known. */
uint16_t economy_code(struct slice name);

#endif
