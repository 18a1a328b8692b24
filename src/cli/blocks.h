/* What `erase` and `hold` share: blocks as they are written, and who does it. */
#ifndef DETENTE_CLI_BLOCKS_H
#define DETENTE_CLI_BLOCKS_H

#include "cli/cmd.h"
#include "role/hold.h"
#include "role/node.h"

/* `17`, `17..20`, and with `events` also `17-3` and `17-3..18-9`; of a whole block the last
 * index is UINT32_MAX.  ERR_USAGE (reported). */
MUST_USE int cli_span(const char *text, bool events, struct hold_span *ret);

/* The node, opened to write, and who does it: 0, or an exit status (reported).  While a node
 * runs there it is refused. */
enum { CLI_USER = 64 };
int cli_open_to_act(const struct cli *cli, struct node *ret, char user[CLI_USER]);

#endif
