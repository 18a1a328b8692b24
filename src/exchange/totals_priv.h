/* The forms of published totals, for the fields of their statement.  Private to src/exchange.
 */
#ifndef DETENTE_EXCHANGE_TOTALS_PRIV_H
#define DETENTE_EXCHANGE_TOTALS_PRIV_H

#include "exchange/statement.h"

/* [[key,events],…] by key, rising. */
bool totals_rows_ok(struct slice value, bool economies);
/* [rows,events], both 0 or neither. */
bool totals_withheld_ok(struct slice value);
/* [["2026-03-01",97],…] by day, rising; per cent. */
bool totals_days_ok(struct slice value);
/* [found,sent], not more found than sent. */
bool totals_found_ok(struct slice value);
/* The field that does not fit the others, NULL: all do. */
const char *totals_fault(const struct statement *s);

#endif
