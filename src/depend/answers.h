/* Recorded answers as JSON: what others measured about many domains and published, in the
 * shapes of mxmap (mail, networks) and of CAmap (certificate chains), and of what has the same
 * members (docs/formats/depend.md).  Only what was recorded is taken: labels and scores that
 * such files have are opinions, and passed over. */
#ifndef DETENTE_DEPEND_ANSWERS_H
#define DETENTE_DEPEND_ANSWERS_H

#include "depend/facts.h"
#include "depend/services.h"

/* services may be NULL; else each entry becomes one, whose slices are of text: it is written to
 * and must outlive them.  The source's date becomes that of `generated`.  Entries without a
 * domain are counted (facts.nameless).  ERR_INVALID with line
 * and column, ERR_LIMIT, ERR_NOMEM. */
MUST_USE int answers_read(struct facts *f, char *text, size_t len, uint16_t source,
                          struct services *services, struct errinfo *ei);

#endif
