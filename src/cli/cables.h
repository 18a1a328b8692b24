/* Inside the nouns topology and cutoff: what they say of submarine cables. */
#ifndef DETENTE_CLI_CABLES_H
#define DETENTE_CLI_CABLES_H

#include "cli/output.h"
#include "role/cables.h"

/* Those of --date; 0, or an exit status (reported). */
int cables_open(struct cli *cli, struct cables **ret);
/* On standard error: what there is, what was left out, and what is planned. */
void cables_say(const struct cables *c);
/* Countries as one cell. */
void cables_put_countries(struct output *o, const struct cables *c, const uint32_t *list,
                          uint32_t count);
/* Where a cable lands, each country once, by name; `list` has room for as many as it has
 * points. Their number. */
uint32_t cables_countries_of(const struct cables *c, const struct cable *k, uint32_t *list);
void cables_put_code(struct output *o, const struct cables *c, uint32_t country);

/* topology import --cables; and topology cables. */
int cli_topology_import_cables(struct cli *cli);
extern const struct cmd_option cli_topology_cables_options[];
int cli_topology_cables(struct cli *cli);

#endif
