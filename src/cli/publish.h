/* Own objects into an own collection, by order of the command line. */
#ifndef DETENTE_CLI_PUBLISH_H
#define DETENTE_CLI_PUBLISH_H

#include "cli/cmd.h"
#include "role/objects.h"
#include "taxii/answer.h"

/* By its id or alias: number and party of *ret.  An exit status, and said, when there is none
 * or it has objects of another party. */
int publish_collection(struct store *s, const char *wanted, struct taxii_collection *ret);

/* `all` is an envelope whose list and object are still open; it is empty afterwards.  Adds to
 * *n.  ERR_*, ei says more where there is more. */
MUST_USE int publish_hand_in(const struct cli *cli, struct store *s,
                             const struct taxii_collection *c, struct buf *all,
                             struct objects_counts *n, struct errinfo *ei);
void publish_say(const struct objects_counts *n);

#endif
