/* The verbs of `detente vuln` and `detente inventory` that have a file of their own. */
#ifndef DETENTE_CLI_VULN_H
#define DETENTE_CLI_VULN_H

#include "cli/cmd.h"
#include "vulndb/vulndb.h"

extern const struct cmd_option vuln_import_options[];
int vuln_run_import(struct cli *cli);
extern const struct cmd_option vuln_feeds_options[];
int vuln_run_feeds(struct cli *cli);
extern const struct cmd_option vuln_scan_options[];
int vuln_run_scan(struct cli *cli);
/* A scan into the history: an exit status. */
int vuln_keep(const struct cli *cli);
extern const struct cmd_option vuln_diff_options[];
int vuln_run_diff(struct cli *cli);
extern const struct cmd_option vuln_report_options[];
int vuln_run_report(struct cli *cli);
extern const struct cmd_option vuln_live_options[];
int vuln_run_live(struct cli *cli);

/* The database of --dir.  Reported already when it fails: an exit status. */
MUST_USE int vuln_open(const struct cli *cli, bool write, struct vulndb **ret);

#endif
