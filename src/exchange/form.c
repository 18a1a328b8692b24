#include "exchange/form_priv.h"

#include "exchange/envelope.h"
#include "exchange/totals_priv.h"
#include "model/addr.h"
#include "model/event.h"
#include "model/text.h"
#include "note/key.h"
#include "wire/hex.h"
#include "wire/jcs.h"

typedef bool form_fn(unsigned form, const char *arg, struct slice value);

static const char *
read_by(struct fields f, struct slice object, struct slice *ret, form_fn *form_ok)
{
    struct jcs_iter it = jcs_iter(object);
    struct slice key = {NULL, 0};
    struct slice value = {NULL, 0};
    bool more = jcs_kind(object) == JCS_OBJECT && jcs_member(&it, &key, &value);

    for (unsigned i = 0; i < f.count; i++) {
        const struct field *want = &f.at[i];

        ret[i] = (struct slice){NULL, 0};
        if (!more || !slice_is(key, want->name)) {
            if (want->optional)
                continue;
            return want->name;
        }
        if (!form_ok(want->form, want->arg, value))
            return want->name;
        ret[i] = value;
        more = jcs_member(&it, &key, &value);
    }
    return more ? "a field that is not known" : NULL;
}

static bool
is_number(struct slice value, int64_t min, int64_t max)
{
    int64_t n;

    return jcs_int(value, &n) == 0 && n >= min && n <= max;
}

static bool
is_prefix(struct slice value)
{
    char canonical[PREFIX_TEXT];
    struct prefix p;
    struct slice text;

    if (jcs_plain(value, &text) < 0 || prefix_parse(text, &p) < 0)
        return false;
    return slice_eq(text, (struct slice){canonical, prefix_format(&p, canonical)});
}

static bool
is_hex(struct slice value, size_t n)
{
    struct slice text;

    return jcs_plain(value, &text) == 0 && text.len == n && hex_is(text);
}

static bool
is_rsit(struct slice value)
{
    struct slice text;

    return jcs_plain(value, &text) == 0 && text_is_class(text) &&
           memchr(text.ptr, ':', text.len) != NULL;
}

static bool
is_code(struct slice value)
{
    struct slice text;

    return jcs_plain(value, &text) == 0 && message_code_known(text);
}

static bool
is_vkey(struct slice value)
{
    struct slice text;
    struct vkey key;

    return jcs_plain(value, &text) == 0 && vkey_parse(text, &key) == 0;
}

static bool
scalar_ok(unsigned form, const char *arg, struct slice value)
{
    if (form < FORM_ANY)
        return leaf_form_ok((enum leaf_form)form, arg, value);
    switch (form) {
    case FORM_ANY: return true;
    case FORM_ANY_STRING: return jcs_kind(value) == JCS_STRING;
    case FORM_ANY_OBJECT: return jcs_kind(value) == JCS_OBJECT;
    case FORM_WORD_OR_NONE:
        return slice_is(value, "\"\"") || leaf_form_ok(FORM_ONE_OF, arg, value);
    case FORM_RSIT: return is_rsit(value);
    case FORM_PREFIX: return is_prefix(value);
    case FORM_E_GRADE: return is_number(value, 0, 5);
    case FORM_PPM: return is_number(value, 0, 1000000);
    case FORM_INDEX: return is_number(value, 0, EVENTS_PER_BLOCK - 1);
    case FORM_NONCE: return is_hex(value, 32);
    case FORM_SIGNATURE: return is_hex(value, EXCHANGE_SIGNATURE_TEXT);
    case FORM_CODE: return is_code(value);
    case FORM_VKEY: return is_vkey(value);
    default: return false;
    }
}

/* ---- What is made of scalars ---- */

/* Every item of that form, and not too many of them. */
static bool
is_list(struct slice value, unsigned form, const char *arg)
{
    struct jcs_iter it = jcs_iter(value);
    struct slice item;
    unsigned n = 0;

    if (jcs_kind(value) != JCS_ARRAY)
        return false;
    while (jcs_item(&it, &item)) {
        if (++n > EXCHANGE_LIST_MAX || !scalar_ok(form, arg, item))
            return false;
    }
    return true;
}

/* Exactly n items, one form each. */
static bool
is_row(struct slice value, const unsigned *forms, unsigned n, struct slice *ret)
{
    struct jcs_iter it = jcs_iter(value);
    struct slice extra;

    if (jcs_kind(value) != JCS_ARRAY)
        return false;
    for (unsigned i = 0; i < n; i++) {
        if (!jcs_item(&it, &ret[i]) || !scalar_ok(forms[i], "", ret[i]))
            return false;
    }
    return !jcs_item(&it, &extra);
}

/* [time, origin, port, target, port, protocol, count]; the target is a prefix when masked. */
static bool
is_tuple(struct slice value)
{
    static const unsigned forms[] = {FORM_TIME, FORM_ADDRESS, FORM_U16,     FORM_ANY_STRING,
                                     FORM_U16,  FORM_U8,      FORM_POSITIVE};
    struct slice cell[7];

    return is_row(value, forms, 7, cell) &&
           (scalar_ok(FORM_ADDRESS, "", cell[3]) || is_prefix(cell[3]));
}

static bool
is_tuples(struct slice value)
{
    struct jcs_iter it = jcs_iter(value);
    struct slice row;
    unsigned n = 0;

    if (jcs_kind(value) != JCS_ARRAY)
        return false;
    while (jcs_item(&it, &row)) {
        if (++n > EXCHANGE_LIST_MAX || !is_tuple(row))
            return false;
    }
    return true;
}

static bool
is_evidence(struct slice value, unsigned least)
{
    static const struct field reference[] = {{"block", "", FORM_NUMBER, false},
                                             {"commitment", "", FORM_HASH, false},
                                             {"index", "", FORM_INDEX, false},
                                             {"leaf", "", FORM_NUMBER, false},
                                             {"proof", "", FORM_HASH_OR_NONE, false}};
    struct slice got[5];
    struct jcs_iter it = jcs_iter(value);
    struct slice item;
    unsigned n = 0;

    if (jcs_kind(value) != JCS_ARRAY)
        return false;
    while (jcs_item(&it, &item)) {
        if (++n > EXCHANGE_LIST_MAX ||
            read_by(FIELDS_OF(reference), item, got, scalar_ok) != NULL)
            return false;
    }
    return n >= least;
}

/* What was committed when it was detected: whether it is that, the leaf says. */
static bool
is_opened(struct slice value)
{
    static const struct field fields[] = {{"leaf", "", FORM_NUMBER, false},
                                          {"opened", "", FORM_TEXT, false},
                                          {"salt", "", FORM_HASH, false}};
    static const char first[] = "\"[\\\"detected\\\",";
    struct slice got[3];

    return read_by(FIELDS_OF(fields), value, got, scalar_ok) == NULL &&
           slice_is(slice_sub(got[1], 0, sizeof first - 1), first);
}

static bool
is_times(struct slice value)
{
    static const unsigned forms[] = {FORM_TIME, FORM_TIME};
    struct jcs_iter it = jcs_iter(value);
    struct slice last = {NULL, 0};
    struct slice span;
    struct slice end[2];
    unsigned n = 0;

    if (jcs_kind(value) != JCS_ARRAY)
        return false;
    while (jcs_item(&it, &span)) { /* the order of times is that of their bytes */
        if (++n > EXCHANGE_LIST_MAX || !is_row(span, forms, 2, end) ||
            memcmp(end[0].ptr, end[1].ptr, end[0].len) >= 0 ||
            (last.ptr != NULL && memcmp(last.ptr, end[0].ptr, last.len) > 0))
            return false;
        last = end[1];
    }
    return true;
}

static bool
is_two_parties(struct slice value)
{
    static const unsigned forms[] = {FORM_PARTY, FORM_PARTY};
    struct slice cell[2];

    return is_row(value, forms, 2, cell) && !slice_eq(cell[0], cell[1]);
}

/* A consultation's record has one pair among its scalars. */
static bool
record_ok(unsigned form, const char *arg, struct slice value)
{
    return form == FORM_TWO_PARTIES ? is_two_parties(value) : scalar_ok(form, arg, value);
}

static bool
is_consult(struct slice value)
{
    static const struct field fields[] = {{"between", "", FORM_TWO_PARTIES, false},
                                          {"held_at", "", FORM_TIME, false},
                                          {"incident", "", FORM_INCIDENT_OR_NONE, false},
                                          {"notice", "", FORM_HASH, false},
                                          {"pact", "", FORM_NAME, false},
                                          {"result", "settled unsettled", FORM_ONE_OF, false},
                                          {"text", "", FORM_TEXT, false}};
    struct slice got[7];

    return read_by(FIELDS_OF(fields), value, got, record_ok) == NULL;
}

static bool
is_signatures(struct slice value)
{
    static const unsigned pair[] = {FORM_ANY, FORM_ANY};
    static const unsigned forms[] = {FORM_PARTY, FORM_SIGNATURE};
    struct slice row[2];
    struct slice cell[2];
    struct slice name[2];

    if (!is_row(value, pair, 2, row))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        if (!is_row(row[i], forms, 2, cell) || jcs_plain(cell[0], &name[i]) < 0)
            return false;
    }
    return slice_order(name[0], name[1]) < 0;
}

bool
exchange_form_ok(unsigned form, const char *arg, struct slice value)
{
    switch (form) {
    case FORM_IDS: return is_list(value, FORM_ID, "");
    case FORM_WORDS: return is_list(value, FORM_ONE_OF, arg);
    case FORM_HASHES: return is_list(value, FORM_HASH, "");
    case FORM_TUPLES: return is_tuples(value);
    case FORM_EVIDENCE: return is_evidence(value, 0);
    case FORM_EVIDENCE_SOME: return is_evidence(value, 1);
    case FORM_OPENED: return is_opened(value);
    case FORM_TIMES: return is_times(value);
    case FORM_TWO_PARTIES: return is_two_parties(value);
    case FORM_CONSULT: return is_consult(value);
    case FORM_SIGNATURES: return is_signatures(value);
    case FORM_FILES: return jcs_kind(value) == JCS_ARRAY;
    case FORM_NETWORKS: return totals_rows_ok(value, false);
    case FORM_ECONOMIES: return totals_rows_ok(value, true);
    case FORM_WITHHELD: return totals_withheld_ok(value);
    case FORM_DAYS: return totals_days_ok(value);
    case FORM_FOUND: return totals_found_ok(value);
    default: return scalar_ok(form, arg, value);
    }
}

const char *
fields_read(struct fields f, struct slice object, struct slice *ret)
{
    return read_by(f, object, ret, exchange_form_ok);
}
