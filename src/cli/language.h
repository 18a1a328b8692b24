/* The language in which a verb writes for people: --lang, else the node's. */
#ifndef DETENTE_CLI_LANGUAGE_H
#define DETENTE_CLI_LANGUAGE_H

#include "cli/cmd.h"
#include "words/words.h"

/* The verb declares `lang`.  A node's directory without a configuration speaks English.  0, or
 * an exit status (reported). */
int cli_language(const struct cli *cli, enum language *ret);

#endif
