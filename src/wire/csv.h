/* Comma-separated values as RFC 4180 has them: quotes around fields, doubled inside them, line
 * ends CR LF or LF, also within quotes.  Lines without anything are passed over, and so is a
 * byte order mark.  Strict where programs differ: a quote inside a field that does not begin
 * with one, anything between a closing quote and the comma, a carriage return alone, a NUL and
 * what is not UTF-8 are errors, with line and column. */
#ifndef DETENTE_WIRE_CSV_H
#define DETENTE_WIRE_CSV_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum { CSV_FIELDS = 64 };

struct csv {
    char *at; /* doubled quotes are taken out of the text itself */
    char *end;
    char *line_start;
    unsigned line; /* of what comes next, from 1 */
    unsigned count;
    struct slice field[CSV_FIELDS]; /* of the row */
    unsigned field_line[CSV_FIELDS];
    unsigned field_column[CSV_FIELDS];
};

/* text stays the caller's, is written to, and must outlive the fields. */
void csv_open(struct csv *c, char *text, size_t len);
/* The next row: 1, or 0 at the end; ERR_INVALID, ERR_LIMIT (more than CSV_FIELDS fields). */
MUST_USE int csv_row(struct csv *c, struct errinfo *ei);

/* Append a field, in quotes where it needs them. */
void buf_csv(struct buf *b, struct slice s);

#endif
