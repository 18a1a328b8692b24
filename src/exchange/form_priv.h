/* The forms of fields in messages, statements and manifests, and tables of fields.  Private to
 * src/exchange.  Values of enum leaf_form serve too; those here are what only messages have. */
#ifndef DETENTE_EXCHANGE_FORM_PRIV_H
#define DETENTE_EXCHANGE_FORM_PRIV_H

#include <stdbool.h>

#include "base/slice.h"
#include "ledger/form.h"

enum {
    EXCHANGE_LIST_MAX = 64,        /* elements of an array */
    EXCHANGE_FILES_MAX = 100000,   /* rows of a manifest */
    EXCHANGE_SIGNATURE_TEXT = 136, /* hex of key id and signature */
    EXCHANGE_PATH_MAX = 200        /* bytes of a path in a bundle */
};

enum exchange_form {
    FORM_ANY = 100,  /* looked at elsewhere */
    FORM_ANY_STRING, /* the same, but a string */
    FORM_ANY_OBJECT,
    FORM_IDS,           /* array of FORM_ID */
    FORM_WORDS,         /* array of FORM_ONE_OF */
    FORM_WORD_OR_NONE,  /* FORM_ONE_OF, or "" */
    FORM_RSIT,          /* a class, not `other` */
    FORM_PREFIX,        /* canonical, with its length */
    FORM_E_GRADE,       /* 0..5 */
    FORM_PPM,           /* 0..1000000 */
    FORM_NONCE,         /* 16 bytes */
    FORM_SIGNATURE,     /* id and Ed25519 signature in hex */
    FORM_TUPLES,        /* of a notice */
    FORM_EVIDENCE,      /* array of references */
    FORM_EVIDENCE_SOME, /* at least one */
    FORM_OPENED,        /* {leaf,opened,salt} of what was detected */
    FORM_TIMES,         /* sorted, disjoint [from,until] */
    FORM_CONSULT,       /* the record of a consultation */
    FORM_SIGNATURES,    /* [[party,signature],[party,signature]], sorted */
    FORM_CODE,          /* why a message is rejected */
    FORM_INDEX,         /* of an event in its block */
    FORM_TWO_PARTIES,   /* [party,party], different */
    FORM_VKEY,          /* a verifier key */
    FORM_HASHES,        /* an RFC 6962 path */
    FORM_FILES,         /* array; its rows are read one by one */
    FORM_NETWORKS,      /* of totals: [[network,events],…] */
    FORM_ECONOMIES,     /* [[economy,events],…] */
    FORM_WITHHELD,      /* [rows,events] */
    FORM_DAYS,          /* [[day,per cent],…] */
    FORM_FOUND          /* [found,sent] */
};

struct field {
    const char *name;
    const char *arg;
    unsigned form; /* enum exchange_form, enum leaf_form */
    bool optional;
};

struct fields {
    const struct field *at; /* sorted by name */
    unsigned count;
};

#define FIELDS_OF(table) ((struct fields){(table), sizeof(table) / sizeof((table)[0])})

/* Has the canonical object these fields, each of its form, and no other?  ret[i] is the value
 * of the i-th, with ptr NULL when absent.  NULL, or the name of the first that does not fit. */
const char *fields_read(struct fields f, struct slice object, struct slice *ret);

bool exchange_form_ok(unsigned form, const char *arg, struct slice value);

#endif
