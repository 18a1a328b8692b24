/* The verbs of `exchange` that have files of their own. */
#ifndef DETENTE_CLI_EXCHANGE_H
#define DETENTE_CLI_EXCHANGE_H

#include "cli/output.h"
#include "role/source.h"

int exchange_user_add(struct cli *cli);
int exchange_collection_add(struct cli *cli);
int exchange_collection_permit(struct cli *cli);
int exchange_collection_list(struct cli *cli);
int exchange_explain(struct cli *cli);
int exchange_offer(struct cli *cli);
int exchange_publish(struct cli *cli);
int exchange_retractions(struct cli *cli);
int exchange_removals(struct cli *cli);
/* A row for each source. */
int exchange_each_source(struct cli *cli, const struct column *rows, unsigned n,
                         void (*show)(struct output *o, const struct source *s));
int exchange_source_add(struct cli *cli);
int exchange_source_set(struct cli *cli);
int exchange_source_list(struct cli *cli);
int exchange_source_remove(struct cli *cli);
int exchange_pull(struct cli *cli);
int exchange_status(struct cli *cli);
int exchange_import(struct cli *cli);
int exchange_export(struct cli *cli);
int exchange_root(struct cli *cli);

#endif
