/* The verbs of `detente indicator` that have a file of their own, and what they share. */
#ifndef DETENTE_CLI_INDICATOR_H
#define DETENTE_CLI_INDICATOR_H

#include "cli/cmd.h"
#include "indicator/list.h"
#include "indicator/warning.h"

extern const struct cmd_option indicator_match_options[];
int indicator_run_match(struct cli *cli);
extern const struct cmd_option indicator_import_options[];
int indicator_run_import(struct cli *cli);
extern const struct cmd_option indicator_list_options[];
int indicator_run_list(struct cli *cli);
extern const struct cmd_option indicator_sightings_options[];
int indicator_run_sightings(struct cli *cli);
extern const struct cmd_option indicator_hits_options[];
int indicator_run_hits(struct cli *cli);
int indicator_run_compile(struct cli *cli);
extern const struct cmd_option indicator_follow_options[];
int indicator_run_follow(struct cli *cli);
extern const struct cmd_option indicator_export_options[];
int indicator_run_export(struct cli *cli);

#define INDICATORS_OPTION                                                     \
    {                                                                         \
        "indicators", "BUNDLE",                                               \
            "these instead of the node's own; may be given more than once", 0 \
    }

/* A number that those who give feeds cannot know. */
uint64_t indicator_secret(void);
/* DIR/indicators, a file in it when there is a name.  An exit status. */
enum { INDICATOR_PATH = 4096 };
int indicator_path(const struct cli *cli, const char *name, char ret[INDICATOR_PATH]);
/* Those of --indicators, or of the node; said already when it fails: an exit status. */
int indicator_load(const struct cli *cli, struct indicators **ret);
/* Those of the node (role/watchlist.h), whatever is named. */
int indicator_load_own(const struct cli *cli, struct indicators **ret);
/* All that the node keeps and follows becomes what it looks for as records come; it reads it
 * again by itself.  An exit status.  Some 3 µs an indicator. */
int indicator_compile(const struct cli *cli);
/* Those of --warninglist; NULL when none is given. */
int indicator_warnings(const struct cli *cli, struct warnings **ret);

#endif
