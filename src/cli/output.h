/* Lists on standard output: `-o table|tsv|json|jsonl|csv`, one writer for all of them.
 *
 * Columns are declared once; their names are the JSON keys and stay stable.  A row is given
 * cell by cell in their order.  Table form is aligned and meant for eyes, the others for
 * programs: csv after RFC 4180, tsv with \t \n \r \\ escaped (a
 * backslash only where it could be read as one of these), json one array, jsonl one object a
 * line. */
#ifndef DETENTE_CLI_OUTPUT_H
#define DETENTE_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "cli/cmd.h"

struct output; /* opaque */

struct column {
    const char *name;
    bool number; /* right-aligned in a table */
};

/* The format of --output (default table); reports a wrong one.  columns must outlive it. */
MUST_USE int output_open(const struct cli *cli, const struct column *columns, unsigned count,
                         struct output **ret);
void output_text(struct output *o, struct slice text);
void output_str(struct output *o, const char *text);
void output_u64(struct output *o, uint64_t n);
void output_i64(struct output *o, int64_t n);
void output_bool(struct output *o, bool yes);
void output_time(struct output *o, struct utime t); /* docs/formats: time */
/* A value that is an array or object in the JSON forms and plain text in the others. */
void output_json(struct output *o, struct slice json, struct slice text);
/* A buffer that a cell is made of: when it is not whole, output_close() says so. */
void output_need(struct output *o, const struct buf *b);
void output_end(struct output *o); /* of a row */
uint64_t output_rows(const struct output *o);
/* Release without a word more, after a failure; NULL is fine. */
void output_drop(struct output *o);
/* Flush; `showing n of total` on stderr when total is more.  ERR_IO when stdout failed. */
MUST_USE int output_close(struct output *o, uint64_t total);

#endif
