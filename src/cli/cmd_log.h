/* The verbs of `log` that have files of their own. */
#ifndef DETENTE_CLI_CMD_LOG_H
#define DETENTE_CLI_CMD_LOG_H

#include "cli/cmd.h"

int cli_log_fsck(struct cli *cli);
int cli_log_witness(struct cli *cli);
int cli_log_prove_fork(struct cli *cli);
int cli_log_verify_fork(struct cli *cli);

#endif
