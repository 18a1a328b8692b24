/* What `verdict` and `report` have in common: pact, party and period, and what is asked by
 * them. */
#ifndef DETENTE_CLI_VERDICT_ASK_H
#define DETENTE_CLI_VERDICT_ASK_H

#include "cli/cmd.h"
#include "role/verdicts.h"

#define VERDICT_OPTIONS                                                                       \
    {"pact", "NAME", "this pact alone", 0}, {"party", "NAME", "this counterpart alone", 0},   \
    {                                                                                         \
        "period", "PERIOD", "30d, 2026-03, 2026-03-01, 2026-03-01..2026-03-15 (default 30d)", \
            0                                                                                 \
    }

/* Canonical JSON of what f gives, by the options above.  An exit status, already reported. */
MUST_USE int cli_verdicts(struct cli *cli,
                          int (*f)(const struct verdicts_ask *a, struct buf *ret),
                          struct buf *ret);

#endif
