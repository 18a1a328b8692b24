/* The verbs of `detente vuln` and `detente inventory` that have a file of their own. */
#ifndef DETENTE_CLI_VULN_H
#define DETENTE_CLI_VULN_H

#include "cli/cmd.h"
#include "conf/conf.h"
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
extern const struct cmd_option vuln_show_options[];
int vuln_run_show(struct cli *cli);
extern const struct cmd_option vuln_explain_options[];
int vuln_run_explain(struct cli *cli);
extern const struct cmd_option vuln_vex_add_options[];
int vuln_run_vex_add(struct cli *cli);
extern const struct cmd_option vuln_vex_list_options[];
int vuln_run_vex_list(struct cli *cli);
int vuln_run_vex_drop(struct cli *cli);
extern const struct cmd_option vuln_except_options[];
int vuln_run_except(struct cli *cli);
extern const struct cmd_option inventory_show_options[];
int inventory_run_show(struct cli *cli);
extern const struct cmd_option inventory_set_options[];
int inventory_run_set(struct cli *cli);
int inventory_run_drop(struct cli *cli);
int inventory_run_assets(struct cli *cli);
extern const struct cmd_option inventory_diff_options[];
int inventory_run_diff(struct cli *cli);
extern const struct cmd_option vuln_bundle_create_options[];
extern const struct cmd_option vuln_bundle_options[];
int vuln_run_bundle_create(struct cli *cli);
int vuln_run_bundle_verify(struct cli *cli);
int vuln_run_bundle_import(struct cli *cli);

/* `: CVE-…, CVE-…, …`: which of n records come first. */
void vuln_put_first(const struct vulndb_counts *c, uint64_t n, struct buf *to);

/* The database of --dir.  Reported already when it fails: an exit status. */
MUST_USE int vuln_open(const struct cli *cli, bool write, struct vulndb **ret);
/* The same of the configuration; none is all defaults. */
MUST_USE int vuln_conf(const struct cli *cli, struct conf **ret);

#endif
