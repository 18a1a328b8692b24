/* What the verbs of `incident` share. */
#ifndef DETENTE_CLI_CMD_INCIDENT_H
#define DETENTE_CLI_CMD_INCIDENT_H

#include "cli/cmd.h"

/* Say what the verb says (cmd_incident_say.c), list, show (cmd_incident_list.c); exit status.
 */
int incident_say(struct cli *cli);
int incident_list(struct cli *cli);
int incident_show(struct cli *cli);

#endif
