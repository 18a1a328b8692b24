/* Two audits side by side: what became better or worse, appeared or went.
 *
 * Rows of an audit as the command line writes them (docs/formats/depend.md), read back from CSV
 * or taken from an audit at hand.  Services are matched by id, needs by service and kind (in
 * their order, where there are several), links by their text too. */
#ifndef DETENTE_DEPEND_DIFF_H
#define DETENTE_DEPEND_DIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum { DIFF_ROWS = 1 << 24 };

struct diff_row {
    struct slice level;
    struct slice service;
    struct slice kind;
    struct slice what;
    struct slice verdict;
    struct slice days;
    struct slice days_most;
    uint32_t number; /* its place in the list */
};

struct diff_rows {
    struct diff_row *row;
    uint32_t count;
    uint32_t room;
};

/* Does the text begin as a saved audit does? */
bool diff_is_audit(struct slice text);
/* A saved audit; text is written to and must outlive the rows.  Columns that are not needed
 * are passed over.  ERR_INVALID with line and column, ERR_LIMIT, ERR_NOMEM. */
MUST_USE int diff_read(char *text, size_t len, struct diff_rows *ret, struct errinfo *ei);
MUST_USE int diff_add(struct diff_rows *rows, const struct diff_row *row);
void diff_release(struct diff_rows *rows);

enum diff_change { DIFF_NEW, DIFF_GONE, DIFF_CHANGED };
/* Calls f for each difference, by id of the service; both lists are sorted on the way.  before
 * or after is NULL where there is none. */
void diff_run(struct diff_rows *before, struct diff_rows *after,
              void (*f)(void *self, enum diff_change change, const struct diff_row *before,
                        const struct diff_row *after),
              void *self);

#endif
