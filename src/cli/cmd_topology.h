/* The verbs of `topology` that have a file of their own. */
#ifndef DETENTE_CLI_CMD_TOPOLOGY_H
#define DETENTE_CLI_CMD_TOPOLOGY_H

#include "cli/cmd.h"
#include "topology/snapshot.h"

extern const struct cmd_option cli_topology_import_options[];
int cli_topology_import(struct cli *cli);
extern const struct cmd_option cli_topology_routes_options[];
int cli_topology_routes(struct cli *cli);
extern const struct cmd_option cli_topology_cones_options[];
int cli_topology_cones(struct cli *cli);
/* What a snapshot has, and what was left out. */
void cli_topology_say(const struct snapshot_about *a, const struct topology *t);

#endif
