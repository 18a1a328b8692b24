/* The forms of leaf fields and of event parts.  Private to src/ledger. */
#ifndef DETENTE_LEDGER_LEAF_PRIV_H
#define DETENTE_LEDGER_LEAF_PRIV_H

#include "ledger/leaf.h"

enum leaf_form {
    FORM_TIME,
    FORM_TIME_OR_NONE,
    FORM_NUMBER,
    FORM_POSITIVE,
    FORM_EVENTS, /* 1..4096 */
    FORM_BOOL,
    FORM_HASH,
    FORM_HASH_OR_NONE,
    FORM_PARTY,
    FORM_PARTY_OR_NONE,
    FORM_NAME,
    FORM_ORIGIN,
    FORM_INCIDENT_OR_NONE,
    FORM_TEXT,      /* any characters, up to LEAF_TEXT_MAX bytes */
    FORM_ID,        /* printable ASCII, 1..LEAF_ID_MAX */
    FORM_ONE_OF,    /* arg: words */
    FORM_TOTALS,    /* [[class,events,count],…] */
    FORM_SPANS,     /* [[first,last],…] */
    FORM_KEY_NAMES, /* [name,…] */
    FORM_KEY,       /* vkey, or 32 bytes in hex */
    FORM_ACTION,    /* noun.verb */
    FORM_OBJECT,    /* an id, a hash, or "" */
    FORM_LOST,      /* none, unknown, or a number as text */
    /* of the parts of an event: */
    FORM_CLASS,
    FORM_GRADE, /* 0..4 */
    FORM_U8,
    FORM_U16,
    FORM_U32,
    FORM_COUNTRY, /* two letters or "" */
    FORM_FLAGS,   /* sorted array of distinct names */
    FORM_ADDRESS, /* canonical */
    FORM_STRING   /* any characters, up to LEAF_ID_MAX bytes */
};

/* Is the canonical value of that form?  arg: words of FORM_ONE_OF. */
bool leaf_form_ok(enum leaf_form form, const char *arg, struct slice value);

/* ---- Parts of an event, as proofs show them: canonical arrays of fixed order ---- */

enum part_kind { PART_PUBLIC, PART_PRIVATE, PART_TARGET };

/* Canonical, right tag, right number of elements, each of its form? */
bool part_ok(enum part_kind kind, struct slice part);
/* The element at that place of a part that is ok, as plain text or raw JSON. */
struct slice part_item(struct slice part, unsigned at);

enum { PART_PRIVATE_TARGET = 5, PART_PRIVATE_RAW = 7 }; /* places of the two commitments */

#endif
