/* The verb `log fsck`, which has a file of its own. */
#ifndef DETENTE_CLI_CMD_LOG_H
#define DETENTE_CLI_CMD_LOG_H

#include "cli/cmd.h"

int cli_log_fsck(struct cli *cli);

#endif
