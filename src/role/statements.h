/* What a statement (vulndb/vex.h) is about, as its publisher writes it, in the database's
 * terms.
 */
#ifndef DETENTE_ROLE_STATEMENTS_H
#define DETENTE_ROLE_STATEMENTS_H

#include "base/err.h"
#include "vuln/cpe.h"
#include "vuln/openvex.h"
#include "vuln/purl.h"
#include "vulndb/vex.h"

/* What the slices of a product lie in: some 15 kB. */
struct statement_product {
    struct slice space; /* as in struct vex */
    struct slice name;
    struct slice version;
    bool known; /* it is of a kind that inventories here name too */
    struct purl purl;
    struct purl_osv osv;
    struct buf cpe;
    struct buf product;
};

/* By package URL, else by CPE, else by whatever it is called: then it fits nothing, and is kept
 * all the same.  Release in any case.  ERR_NOMEM; ERR_INVALID: it is called nothing. */
MUST_USE int statement_product(const struct openvex_component *is,
                               struct statement_product *ret);
void statement_product_release(struct statement_product *p);

#endif
