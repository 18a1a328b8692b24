/* What a record of NVD says is vulnerable, as bytes that a database keeps and a scan asks
 * without unpacking (NVD CVE API 2.0: `configurations`).
 *
 * A configuration is nodes under AND or OR, a node is match criteria under AND or OR, and each
 * of both may be negated.  A criterion is met if one of an asset's names is covered by it, as
 * superset or equal (NISTIR 7696); lenient: or where an attribute of the name is ANY.  Affected
 * is a name that is covered by a criterion with `vulnerable` in a configuration that is met.
 * What the vulnerable thing runs on never is, nor what stands under a negation.
 *
 * Bounds of versions are compared number by number, as many as there are (1.0 is 1.0.0).  Where
 * a version or a bound is not numbers and dots, and is not the very bound, there is no rule
 * that would be right for all: then the answer is AMBIGUOUS, unless another bound decides.  A
 * name whose version is ANY is in a range only if lenient, one whose version is NA never.  What
 * lenient rests on and an ambiguous version together are no match.
 *
 * How a database finds records: each product that a record names (cpe_product) has bytes of its
 * own, the entries with `vulnerable`.  Where the record is `simple` one that covers is enough:
 * config_entry_is().  Where it is not, that is necessary, and config_eval() over the whole
 * record decides.  Names whose part, vendor or product is ANY or has wildcards are in no
 * index: a name in an inventory must say what it is.  Pure; any number of threads. */
#ifndef DETENTE_VULN_CONFIG_H
#define DETENTE_VULN_CONFIG_H

#include "vuln/cpe.h"

/* The second of two is the more certain one: the worst of AND, the best of OR. */
enum cpe_answer { CPE_NO, CPE_AMBIGUOUS, CPE_YES };

enum config_bound {
    CONFIG_START_INCLUDING,
    CONFIG_START_EXCLUDING,
    CONFIG_END_INCLUDING,
    CONFIG_END_EXCLUDING,
    CONFIG_BOUNDS
};
enum { CONFIG_TEXT = 250 /* bytes of a bound */ };
#define CONFIG_NO_PRODUCT UINT32_MAX
enum { CONFIG_AND = 1 /* else OR */, CONFIG_NEGATE = 2 };

/* ---- building ---------------------------------------------------------------------------- */

struct config_match {
    const struct cpe *criterion; /* NULL: not known; of names of its product AMBIGUOUS */
    bool vulnerable;
    struct slice bound[CONFIG_BOUNDS]; /* "" none; quoting is resolved */
};

/* An entry: all of a criterion but its product.  False: a bound is too long, and it became one
 * that is not known. */
bool config_put_entry(struct buf *to, const struct config_match *m);

/* Configurations one behind the other: each begins with how many nodes it has, each node with
 * how many entries.  The product is its number in the record's list, or CONFIG_NO_PRODUCT: then
 * nobody knows whether the criterion is met. */
void config_put(struct buf *to, unsigned flags, uint32_t nodes);
void config_put_node(struct buf *to, unsigned flags, uint32_t entries);
void config_put_match(struct buf *to, uint32_t product, struct slice entry);

/* ---- asking ------------------------------------------------------------------------------ */

/* How names are read; several together.  0: strictly, as NISTIR 7696 does. */
enum config_reading {
    CONFIG_LENIENT = 1, /* what a name does not say matches */
    /* For whoever must not take for safe what nobody knows.  Not together with LENIENT: what a
     * name does not say, by ANY or by wildcards, is AMBIGUOUS, and two doubts are one. */
    CONFIG_UNSAID = 2,
    CONFIG_UNLISTED = 4 /* a product that no name is of may be there all the same */
};

/* Is a name of this product affected by one of these entries, taken alone?  Entries without
 * `vulnerable` are passed over.  Some 20 ns an entry.  Bytes that are no entries affect
 * nothing.
 */
enum cpe_answer config_entry_is(struct slice entries, const struct cpe *name, unsigned reading);

struct config_name {
    const struct cpe *cpe;
    uint32_t product;         /* its number in the record's list */
    enum cpe_answer affected; /* is set */
    bool doubtful;            /* is set: AMBIGUOUS by what it says itself */
};
/* All names of one asset whose product is in the record's list, ascending by that number.  The
 * best of their answers; NO without any. */
enum cpe_answer config_eval(struct slice config, struct config_name *name, size_t names,
                            unsigned reading);

#endif
