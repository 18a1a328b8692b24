/* The parts of an event, read back: what commit.c writes, and what others' proofs bring. */
#include "ledger/leaf_priv.h"
#include "model/event.h"
#include "wire/jcs.h"

struct element {
    enum leaf_form form;
    const char *arg;
};

static const struct element public_part[] = {
    {FORM_ONE_OF, "pub"},
    {FORM_TIME, ""}, /* the sensor's */
    {FORM_TIME, ""}, /* when it was taken */
    {FORM_ONE_OF, "alert flow honeypot auth firewall"},
    {FORM_CLASS, ""},
    {FORM_U8, ""},       /* severity */
    {FORM_POSITIVE, ""}, /* count */
    {FORM_U32, ""},      /* origin ASN */
    {FORM_COUNTRY, ""},
    {FORM_GRADE, ""},
    {FORM_FLAGS, ""},
};

static const struct element private_part[] = {
    {FORM_ONE_OF, "prv"},
    {FORM_ADDRESS, ""}, /* origin */
    {FORM_U16, ""},     /* its port */
    {FORM_U8, ""},      /* protocol */
    {FORM_STRING, ""},  /* rule */
    {FORM_HASH, ""},    /* PART_PRIVATE_TARGET */
    {FORM_ONE_OF, "line element datagram packet none"},
    {FORM_HASH_OR_NONE, ""}, /* PART_PRIVATE_RAW */
    {FORM_NUMBER, ""},       /* raw index */
    {FORM_POSITIVE, ""},     /* raw count */
};

static const struct element target_part[] = {
    {FORM_ONE_OF, "tgt"}, {FORM_ADDRESS, ""}, {FORM_U16, ""},
    {FORM_U32, ""},       {FORM_COUNTRY, ""}, {FORM_STRING, ""}, /* sensor */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const struct element *elements;
    size_t count;
} parts[] = {
    [PART_PUBLIC] = {public_part, COUNT(public_part)},
    [PART_PRIVATE] = {private_part, COUNT(private_part)},
    [PART_TARGET] = {target_part, COUNT(target_part)},
};

bool
part_ok(enum part_kind kind, struct slice part)
{
    struct jcs_iter it = jcs_iter(part);
    struct slice item;
    size_t i = 0;

    if (jcs_check(part, NULL) != JCS_OK || jcs_kind(part) != JCS_ARRAY)
        return false;
    for (; jcs_item(&it, &item); i++) {
        if (i == parts[kind].count ||
            !leaf_form_ok(parts[kind].elements[i].form, parts[kind].elements[i].arg, item))
            return false;
    }
    return i == parts[kind].count;
}

struct slice
part_item(struct slice part, unsigned at)
{
    struct jcs_iter it = jcs_iter(part);
    struct slice item = {NULL, 0};
    struct slice text;

    for (unsigned i = 0; i <= at; i++) {
        if (!jcs_item(&it, &item))
            return (struct slice){NULL, 0};
    }
    return jcs_plain(item, &text) == 0 ? text : item;
}
