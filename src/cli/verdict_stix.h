/* Verdicts as a bundle of STIX 2.1: a note for each obligation and pair, of the period, as this
 * node's log has it. */
#ifndef DETENTE_CLI_VERDICT_STIX_H
#define DETENTE_CLI_VERDICT_STIX_H

#include "cli/cmd.h"

/* json: as `verdict --json` has it.  Prints the bundle; an exit status. */
int verdict_stix(struct slice json);

#endif
