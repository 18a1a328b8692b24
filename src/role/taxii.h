/* The gate's side of TAXII 2.1: a request that has passed the door becomes an answer from the
 * store, or objects that go on to the engine. */
#ifndef DETENTE_ROLE_TAXII_H
#define DETENTE_ROLE_TAXII_H

#include "role/answers.h"
#include "taxii/load.h"

/* Callbacks of web/web.h; self: struct answers. */
MUST_USE int answer_taxii(void *self, const struct web_taxii *q, struct buf *to,
                          struct web_taxii_answer *ret);
void refuse_taxii(void *self, unsigned status, const char *why, struct buf *to);

#endif
