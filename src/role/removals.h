/* Taking back between parties (taxii/retract.h): ours, whether the others did it; theirs, done
 * here. */
#ifndef DETENTE_ROLE_REMOVALS_H
#define DETENTE_ROLE_REMOVALS_H

#include "role/egress.h"

/* ---- ours ---- */

struct removal_row {
    struct slice retraction;
    struct slice collection; /* its alias */
    struct slice party;
    uint32_t objects;
    struct utime retracted;
    struct utime removed; /* as the party says; 0 it did not */
    struct utime due;
    bool overdue;
    bool
        withheld; /* it may not go to them, as what it is of might not: nothing is waited for */
};
/* Each retraction in an own collection that parties of a pact may read, once for each of these;
 * a result other than 0 stops and is given back.  Removed is the earliest of what the party
 * says of it, in whatever came from it.
 *
 * Retractions are read twice and receipts once, some 15 µs each, with 80 bytes of memory a row:
 * what others send costs time, never memory.  ERR_LIMIT: more than REMOVALS_MOST rows. */
enum { REMOVALS_MOST = 1 << 21 };
struct removal_ask {
    struct store *store;
    const struct book *book;
    const struct conf *conf; /* NULL: nothing is withheld */
    struct utime now;
    struct span within; /* so long a party has */
};
MUST_USE int removals_each(const struct removal_ask *a,
                           int (*each)(void *arg, const struct removal_row *row), void *arg);

/* ---- theirs ---- */

struct removals_done {
    uint64_t retractions; /* that were new here */
    uint64_t objects;     /* that are gone */
    uint64_t receipts;    /* that were published */
};
/* Whatever other parties took back, of what came from them, goes here too; and for each a
 * receipt into the collection `<pact>-removals`, which is made when it is not there.  By the
 * node that runs there, or here.  ERR_* with ei. */
MUST_USE int removals_do(const char *dir, struct removals_done *ret, struct errinfo *ei);

#endif
