/* What counterparts fetch here: messages to them, notes of the pact, what is held of their logs
 * (docs/formats/http.md).  Read-only; used by the gate, by bundles and by tests alike.
 *
 * Holder paths are open to all.  Paths of a pact are for its parties, known by the key of their
 * TLS certificate; to any other they do not exist. */
#ifndef DETENTE_ROLE_SHELF_H
#define DETENTE_ROLE_SHELF_H

#include "role/book.h"
#include "store/store.h"

struct shelf_ask {
    struct slice path;       /* without its first slash: "pact/…" or "holder/…" */
    const struct hash *spki; /* of the asker's certificate; NULL: it showed none */
    struct utime now;
};
/* The status of HTTP: 200 with the bytes appended to ret; 400, 401, 404, 409 with a line for
 * people (409: what is withheld); or ERR_IO, ERR_NOMEM.  *ret_json: it is a message, not text.
 * book NULL: no pact. */
MUST_USE int shelf_get(struct store *s, const struct book *b, const struct shelf_ask *a,
                       struct buf *ret, bool *ret_json);

#endif
