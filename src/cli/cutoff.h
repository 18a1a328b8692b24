/* Inside the noun cutoff: what its files share. */
#ifndef DETENTE_CLI_CUTOFF_H
#define DETENTE_CLI_CUTOFF_H

#include "cli/output.h"
#include "cli/segment.h"
#include "role/simulate.h"

/* cmd_cutoff_cut.c: rows of what a segment still has; named by country, or else by name. */
MUST_USE int cutoff_open_rows(const struct cli *cli, bool countries, struct output **o);
void cutoff_put_row(struct output *o, uint16_t country, const char *name,
                    const struct inside *i);
extern const struct cmd_option cutoff_series_options[];
extern const struct cmd_option cutoff_cut_options[];
int cutoff_run_country(struct cli *cli);
int cutoff_run_segment(struct cli *cli);
int cutoff_run_file(struct cli *cli);
int cutoff_run_compare(struct cli *cli);
int cutoff_run_series(struct cli *cli);

/* cmd_cutoff_list.c */
extern const struct cmd_option cutoff_list_options[];
int cutoff_run_islands(struct cli *cli);
int cutoff_run_stranded(struct cli *cli);

/* cmd_cutoff_document.c */
extern const struct cmd_option cutoff_document_options[];
int cutoff_run_document(struct cli *cli);

/* cmd_cutoff_signed.c: 0, or an exit status (reported). */
/* Have the log say that the node made these bytes. */
int cutoff_sign(const struct cli *cli, struct slice document);
/* Does the log have the file? */
int cutoff_verify(const struct cli *cli, const char *path);

/* cmd_cutoff_plan.c */
extern const struct cmd_option cutoff_plan_options[];
int cutoff_run_plan(struct cli *cli);

/* cmd_cutoff_cable.c */
extern const struct cmd_option cutoff_cable_options[];
int cutoff_run_cable(struct cli *cli);

/* cmd_cutoff_page.c */
extern const struct cmd_option cutoff_keep_options[];
extern const struct cmd_option cutoff_report_options[];
int cutoff_run_keep(struct cli *cli);
int cutoff_run_report(struct cli *cli);

#endif
