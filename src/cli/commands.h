/* The tables of all nouns; commands.def is their list, in the order of `detente help`. */
#ifndef DETENTE_CLI_COMMANDS_H
#define DETENTE_CLI_COMMANDS_H

#include "cli/cmd.h"

#define COMMANDS(name) extern const struct cmd cmd_##name[];
#include "cli/commands.def"

#endif
