/* What may leave: may an object go to that party, and if not, why?  The one place that says so,
 * for every exit; what is not allowed stays.
 *
 * Markings are TLP's (stix/marking.h); of several the strictest counts.  AMBER+STRICT goes from
 * who made it to a party that it names to be within its ceiling, and no further.  What came
 * from another party goes on only when it is CLEAR, or when that party consented: by an object
 * `x-detente-consent` of its own with
 *
 *     object_refs  ids of what may be handed on
 *     to_parties   ids of the parties that may have it
 *     valid_until  a time; without it there is no end
 *
 * which counts until it is revoked or over.  Pure but for reading the store. */
#ifndef DETENTE_TAXII_EGRESS_H
#define DETENTE_TAXII_EGRESS_H

#include "model/tlp.h"
#include "store/objects.h"

#define CONSENT_TYPE "x-detente-consent"

enum egress {
#define EGRESS(id, word, goes, text) EGRESS_##id,
#include "taxii/egress.def"
    EGRESSES
};
const char *egress_word(enum egress e);
const char *egress_text(enum egress e);
bool egress_goes(enum egress e);

/* What is known of an object and of who would get it. */
struct egress_case {
    bool own_recipient; /* of this node's own party */
    bool bound;         /* the recipient is bound by a pact with this node */
    bool own;           /* this node's party made it */
    bool returned;      /* it came from the recipient */
    bool consent;       /* … or who it came from consented */
    bool unknown;       /* it has markings that are not known */
    enum tlp tlp;       /* the strictest; of what has none, what it counts as */
    enum tlp ceiling;   /* of the recipient */
};
enum egress egress_judge(const struct egress_case *c);

/* A recipient, and what the node allows it. */
struct egress_to {
    struct store *store;
    struct slice party; /* "" this node's own */
    bool bound;
    enum tlp ceiling;
    enum tlp unmarked;
    struct utime now;
};
/* What its markings say: the strictest TLP, `unmarked` of none, TLP_RED when one is not known.
 */
MUST_USE int egress_tlp(const struct egress_to *to, const struct store_object *o,
                        enum tlp *ret);
/* A copy for those who ask the store while they look at an object that it lent; free *ret_all.
 * ERR_NOMEM. */
MUST_USE int egress_copy(const struct store_object *o, struct store_object *ret,
                         char **ret_all);
/* Of an object in that collection, whose party is `from` ("" this node's own): what is said,
 * and in *ret_tlp what it counts as.  Its markings' definitions are looked for in its
 * collection. Some 10 µs.  ERR_* when the store cannot be read; what cannot be read as an
 * object is UNKNOWN. */
MUST_USE int egress_of(const struct egress_to *to, const struct store_object *o,
                       struct slice from, enum egress *ret, enum tlp *ret_tlp);

#endif
