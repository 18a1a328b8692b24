/* Parts of an event, as proofs show them.  Private to src/ledger. */
#ifndef DETENTE_LEDGER_LEAF_PRIV_H
#define DETENTE_LEDGER_LEAF_PRIV_H

#include "ledger/form.h"
#include "ledger/leaf.h"

/* ---- Parts of an event, as proofs show them: canonical arrays of fixed order ---- */

enum part_kind { PART_PUBLIC, PART_PRIVATE, PART_TARGET };

/* Canonical, right tag, right number of elements, each of its form? */
bool part_ok(enum part_kind kind, struct slice part);
/* The element at that place of a part that is ok, as plain text or raw JSON. */
struct slice part_item(struct slice part, unsigned at);

enum { PART_PRIVATE_TARGET = 5, PART_PRIVATE_RAW = 7 }; /* places of the two commitments */

#endif
