/* The verbs of `log` that have files of their own. */
#ifndef DETENTE_CLI_CMD_LOG_H
#define DETENTE_CLI_CMD_LOG_H

#include "cli/cmd.h"
#include "note/checkpoint.h"
#include "role/book.h"
#include "role/view.h"

/* The node, opened to read; 0 or an exit status. */
int cli_log_open(const struct cli *cli, struct view *v);
/* The same of the generation that the option names (view_generation()). */
int cli_log_open_at(const struct cli *cli, struct view *v);
/* Says what its store says; the exit status of err. */
int cli_log_fail(const struct view *v, int err);

int cli_log_export(struct cli *cli);
int cli_log_fsck(struct cli *cli);
int cli_log_witness(struct cli *cli);
int cli_log_prove_fork(struct cli *cli);
int cli_log_verify_fork(struct cli *cli);

enum { LOG_KEYS = 64 };
/* Who may sign a log, and who counts as its cosigner. */
struct log_keys {
    struct vkey log[LOG_KEYS];
    struct vkey witness[LOG_KEYS];
    struct vkey holder[LOG_KEYS];
    struct checkpoint_keys keys; /* the above */
};
/* Add what the pacts say of the log of that origin: its party's keys, and the others' as
 * cosigners. */
void cli_log_keys(const struct book *b, struct slice origin, struct log_keys *ret);
int cli_log_successor(struct cli *cli); /* cmd_log_successor.c */
/* cmd_log_message.c: exit status. */
int cli_log_prove_message(const struct cli *cli, const struct view *v, const struct hash *id);
bool cli_log_is_message_proof(struct slice file);
int cli_log_verify_message(const struct cli *cli, const struct book *b, struct slice file);

#endif
