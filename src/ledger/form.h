/* The forms of values in canonical JSON: of a leaf's fields, of an event's parts, of whatever
 * else parties write down (docs/formats/ground.md).  Pure. */
#ifndef DETENTE_LEDGER_FORM_H
#define DETENTE_LEDGER_FORM_H

#include <stdbool.h>

#include "base/slice.h"

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

#endif
