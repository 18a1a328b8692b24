/* What is not in order with the pacts that a node adopted: for `check` and `doctor`. */
#ifndef DETENTE_ROLE_TREATY_LOOK_H
#define DETENTE_ROLE_TREATY_LOOK_H

#include "role/book.h"
#include "role/node_keys.h"

struct treaty_finding {
    const char *key; /* stable: "pact-key-missing" */
    bool grave;      /* something of the pact does not work */
    const char *text;
    const char *to_do;
};

/* Gives the number of findings; texts are valid within each() only.  known NULL: the node has
 * made no keys yet. */
unsigned treaty_look(const struct book *b, const struct node_known *known, struct utime now,
                     void (*each)(void *arg, const struct treaty_finding *f), void *arg);

/* In how far a pact holds for that party: "not yet", "in force", "denounced", "ended". */
const char *treaty_state(const struct book_pact *p, int party, struct utime now);

#endif
