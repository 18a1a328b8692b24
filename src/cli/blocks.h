/* What `erase` and `hold` share: blocks as they are written, and having it done. */
#ifndef DETENTE_CLI_BLOCKS_H
#define DETENTE_CLI_BLOCKS_H

#include "cli/cmd.h"
#include "role/keep.h"

/* `17`, `17..20`, and with `events` also `17-3` and `17-3..18-9`; of a whole block the last
 * index is UINT32_MAX.  ERR_USAGE (reported). */
MUST_USE int cli_span(const char *text, bool events, struct hold_span *ret);

/* Have it done, by the node that runs there or here: 0, or an exit status (reported); what is
 * refused is 1, as a hold that wins. */
int cli_keep(struct keeper *k, const struct keep_ask *ask);
/* 0, or an exit status (reported). */
int cli_keeper(const struct cli *cli, struct keeper **ret);

#endif
