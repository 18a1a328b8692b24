/* Why an object goes to a party, or stays, in each collection that has it: for people who ask
 * at the command line or on the page.  Nothing of what is in the object is said. */
#ifndef DETENTE_ROLE_EXPLAIN_H
#define DETENTE_ROLE_EXPLAIN_H

#include "role/egress.h"

struct explain_row {
    struct slice collection; /* its alias, or its id */
    struct slice version;    /* as it stands in the object, or when it was added */
    enum tlp tlp;            /* what it counts as */
    bool goes;
    const char *word; /* of taxii/egress.def, or "no-reader" */
    const char *reason;
};

struct explain_ask {
    struct store *store;
    const struct book *book; /* NULL: no pact */
    const struct conf *conf;
    struct slice object; /* its id */
    struct slice party;  /* who would get it */
    struct utime now;
};
/* Each version in each collection; texts are borrowed for the call.  A result other than 0
 * stops and is given back.  Some 30 us a collection. */
MUST_USE int explain_each(const struct explain_ask *a,
                          int (*each)(void *arg, const struct explain_row *row), void *arg);

#endif
