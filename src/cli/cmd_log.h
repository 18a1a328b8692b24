/* The verbs of `log` that have files of their own. */
#ifndef DETENTE_CLI_CMD_LOG_H
#define DETENTE_CLI_CMD_LOG_H

#include "cli/cmd.h"
#include "role/view.h"

/* The node, opened to read; 0 or an exit status. */
int cli_log_open(const struct cli *cli, struct view *v);
/* Says what its store says; the exit status of err. */
int cli_log_fail(const struct view *v, int err);

int cli_log_export(struct cli *cli);
int cli_log_fsck(struct cli *cli);
int cli_log_witness(struct cli *cli);
int cli_log_prove_fork(struct cli *cli);
int cli_log_verify_fork(struct cli *cli);

#endif
