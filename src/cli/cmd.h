/* The command line: `detente [--dir DIR] <noun> [verb] [options] [arguments]`.
 *
 * One file per noun ends in one table of struct cmd; main.c lists the tables.  Options are
 * declared beside the verb and parsed here, so that help, man page and completions come from
 * the same rows.  A verb gives an exit status: cli_exit(err) of a negative ERR_*, or 0, 1. */
#ifndef DETENTE_CLI_CMD_H
#define DETENTE_CLI_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"

struct cmd_option {
    const char *name;  /* "limit": written --limit */
    const char *value; /* "N" when it takes a value, NULL for a switch */
    const char *help;  /* one line */
    char letter;       /* 'o': written -o too; 0 none */
};

enum { CLI_OPTIONS = 32, CLI_GIVEN = 256 };

struct cmd;

struct cli {
    const char *dir; /* the node's directory: --dir, DETENTE_DIR, or NULL */
    const struct cmd *cmd;
    const char *option[CLI_OPTIONS]; /* value by place in cmd->options; "" for a switch */
    struct {
        const char *value;
        int at;         /* in cmd->options */
    } given[CLI_GIVEN]; /* options as they came, for those that may come more than once */
    unsigned givens;
    char **argv; /* positional arguments */
    int argc;
};

struct cmd {
    const char *noun;
    const char *verb;                 /* NULL when the noun is the whole command */
    const char *args;                 /* "FILE…|-", "" none */
    const char *summary;              /* one line */
    const struct cmd_option *options; /* ends with a row without name; may be NULL */
    int (*run)(struct cli *cli);
};

/* The value of an option ("" for a switch that was given), NULL when absent. */
const char *cli_option(const struct cli *cli, const char *name);
/* The n-th value of an option that may be given more than once; NULL behind the last. */
const char *cli_option_nth(const struct cli *cli, const char *name, unsigned n);
/* Cores that are there: how many threads work is given to. */
unsigned cli_cores(void);
/* The same as a number; ERR_USAGE (already reported) when it is none. */
MUST_USE int cli_number(const struct cli *cli, const char *name, uint64_t fallback,
                        uint64_t *ret);
/* The same as a moment, `2h` meaning two hours before now. */
MUST_USE int cli_time(const struct cli *cli, const char *name, struct utime fallback,
                      struct utime *ret);
/* The node's directory or ERR_USAGE (reported). */
MUST_USE int cli_dir(const struct cli *cli, const char **ret);

/* Write `detente: …` to stderr and give the exit status of err. */
int cli_fail(int err, const char *fmt, ...) PRINTF(2, 3);
/* The same from an errinfo: `detente: file:line:column: text`. */
int cli_fail_at(int err, const struct errinfo *ei);
/* A buffer as a line on standard output; 0, or an exit status when it is not whole. */
int cli_print(const struct buf *b);
/* Talk on stderr. */
void cli_say(const char *fmt, ...) PRINTF(1, 2);

struct utime cli_now(void);

/* A file that the operator named, opened to read; `-` is standard input.  ERR_CONF (not there,
 * a folder, not readable), ERR_IO; ei says which and why. */
MUST_USE int cli_open(const char *path, int *ret_fd, struct errinfo *ei);
/* Files of the operator's: whole contents up to max bytes, NUL-terminated, to be freed.
 * `-` is standard input.  Failures fill ei with the name. */
MUST_USE int cli_read_file(const char *path, size_t max, char **ret, size_t *ret_len,
                           struct errinfo *ei);
/* The same of the node's own: ERR_AUTH when it belongs to another user. */
MUST_USE int cli_read_own(const char *path, size_t max, char **ret, size_t *ret_len,
                          struct errinfo *ei);
/* Through a temporary file, fsync and rename; `-` is standard output.  ERR_CONF when it cannot
 * be made there, ERR_IO or ERR_FULL when it cannot be written. */
MUST_USE int cli_write_file(const char *path, struct slice bytes, unsigned mode,
                            struct errinfo *ei);

#define CMD_FORMAT_OPTION                                         \
    {                                                             \
        "output", "FORMAT", "table, tsv, json, jsonl or csv", 'o' \
    }
#define CMD_JSON_OPTION                                  \
    {                                                    \
        "json", NULL, "the result as one JSON object", 0 \
    }

#endif
