/* What the nouns of people have in common. */
#ifndef DETENTE_CLI_ORDER_H
#define DETENTE_CLI_ORDER_H

#include "base/buf.h"
#include "cli/cmd.h"
#include "model/person.h"

/* The one argument, a name, and the role of --role when the verb has one (required then) into
 * *ret.  0 or ERR_USAGE (reported). */
MUST_USE int order_begin(struct cli *cli, uint32_t what, bool has_role, struct person_ask *ret);
/* Have it done; 0, or ERR_* with all said. */
MUST_USE int order_do(struct cli *cli, const struct person_ask *ask, struct person_answer *ret);
/* Both, for what takes nothing else: 0, or the exit. */
MUST_USE int order_named(struct cli *cli, uint32_t what, bool has_role, struct person_ask *ask,
                         struct person_answer *ret);
/* The secret of an answer, as it is shown once. */
void order_secret(const struct person_answer *a, struct buf *to);

#endif
