/* The filter options that `top` and `events` share. */
#ifndef DETENTE_CLI_FILTER_H
#define DETENTE_CLI_FILTER_H

#include "cli/cmd.h"
#include "role/view.h"
#include "store/query.h"

#define CMD_FILTER_OPTIONS                                                                     \
    {"since", "WHEN", "from then on: 2h, 7d (before now), a day or a time (2026-03-01T12:00)", \
     0},                                                                                       \
        {"until", "WHEN", "before then, written the same; the moment itself is not included",  \
         0},                                                                                   \
        {"class", "CLASS",                                                                     \
         "RSIT class, `group:value` or `other`, or a group of the page: scan …", 0},           \
        {"country", "CC", "of the origin; `-` is unknown", 0},                                 \
        {"asn", "N", "network of the origin; 0 is unknown", 0},                                \
        {"address", "ADDR", "as origin or target", 0},                                         \
        {"party", "ID", "whose origin it is, by the annexes in force; `-` is nobody's", 0},    \
    {                                                                                          \
        "limit", "N", "rows at most; 0 is all", 0                                              \
    }

/* ERR_USAGE (reported). */
MUST_USE int cli_query(const struct cli *cli, struct query *ret);
/* By whose an origin is: --party, and what counts by party.  Reads v's pacts.  ERR_USAGE,
 * ERR_CONF, ERR_IO, ERR_NOMEM (reported). */
MUST_USE int cli_query_owners(const struct cli *cli, struct view *v, struct query *q);

#endif
