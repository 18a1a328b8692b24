/* What the verbs of `incident` share. */
#ifndef DETENTE_CLI_CMD_INCIDENT_H
#define DETENTE_CLI_CMD_INCIDENT_H

#include "cli/cmd.h"
#include "role/speech.h"

/* Say what the verb says (cmd_incident_say.c), list, show (cmd_incident_list.c); exit status.
 */
int incident_say(struct cli *cli);
int incident_list(struct cli *cli);
int incident_show(struct cli *cli);
int incident_stix_print(struct cli *cli);
int incident_consult(struct cli *cli);

/* Fill in what is to be said (0 or ERR_*, reported), say it at the node, and tell what came of
 * it; exit status. */
typedef int incident_fill(const struct cli *cli, struct speech_ask *a);
typedef int incident_tell(const struct cli *cli, const struct speech_ask *a,
                          const struct speech_answer *answer);
int incident_speak(struct cli *cli, incident_fill *fill, incident_tell *tell);
/* What was said: the message itself when it was not to go out, else its id; exit status. */
int incident_report(const struct cli *cli, const struct speech_ask *a,
                    const struct speech_answer *answer);

#endif
