/* Suppliers of software, licences and clouds as an operator lists them, one row for each of
 * what a supplier supplies: supplier,country,kind,home_alternative,lease_until
 * (docs/formats/depend.md).
 *
 * A row says in which country a supplier is, of that kind; what depends on it by name is then
 * placed by the home set, as everything else.  Rows become facts, with file and line. */
#ifndef DETENTE_DEPEND_SUPPLIERS_H
#define DETENTE_DEPEND_SUPPLIERS_H

#include "depend/facts.h"
#include "depend/services.h"

/* text is written to.  The first row names the columns, in any order; `supplier` and `kind` are
 * needed.  ERR_INVALID with line and column, ERR_LIMIT, ERR_NOMEM. */
MUST_USE int suppliers_read(struct facts *f, char *text, size_t len, uint16_t source,
                            struct errinfo *ei);
/* What a file says that a supplier supplies: the fact, or FACTS_NONE. */
uint32_t suppliers_find(const struct facts *f, struct slice supplier, enum depend_kind kind);

#endif
