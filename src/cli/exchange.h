/* The verbs of `exchange` that are about users and collections. */
#ifndef DETENTE_CLI_EXCHANGE_H
#define DETENTE_CLI_EXCHANGE_H

#include "cli/cmd.h"

int exchange_user_add(struct cli *cli);
int exchange_collection_add(struct cli *cli);
int exchange_collection_permit(struct cli *cli);
int exchange_collection_list(struct cli *cli);
int exchange_explain(struct cli *cli);
int exchange_publish(struct cli *cli);
int exchange_retractions(struct cli *cli);
int exchange_removals(struct cli *cli);

#endif
