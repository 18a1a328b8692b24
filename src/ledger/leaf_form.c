#include "ledger/leaf_priv.h"
#include "model/event.h"
#include "model/text.h"
#include "note/key.h"
#include "wire/hex.h"
#include "wire/jcs.h"

static bool
is_number(struct slice value, int64_t min, int64_t max)
{
    int64_t n;

    return jcs_int(value, &n) == 0 && n >= min && n <= max;
}

static bool
is_time(struct slice text)
{
    struct utime t;

    return time_parse(text, &t) == 0;
}

static bool
is_hash(struct slice text)
{
    return text.len == (size_t)2 * SHA256_SIZE && hex_is(text);
}

static bool
is_ascii_id(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    }
    return text.len > 0 && text.len <= LEAF_ID_MAX;
}

static bool
is_one_of(struct slice text, const char *words)
{
    struct slice rest = slice_of(words);

    while (rest.len > 0) {
        const char *space = memchr(rest.ptr, ' ', rest.len);
        size_t n = space == NULL ? rest.len : (size_t)(space - rest.ptr);

        if (slice_eq(text, slice_sub(rest, 0, n)))
            return true;
        rest = slice_sub(rest, n + 1, rest.len);
    }
    return false;
}

/* `noun.verb`, each [a-z][a-z-]* */
static bool
is_action(struct slice text)
{
    unsigned dots = 0;
    char before = '.';

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (before == '.' ? c < 'a' || c > 'z' : (c < 'a' || c > 'z') && c != '-' && c != '.')
            return false;
        dots += c == '.';
        before = c;
    }
    return dots == 1 && before != '.' && text.len <= LEAF_ID_MAX;
}

static bool
is_incident(struct slice text)
{
    struct incident_id id;

    return incident_id_parse(text, &id) == 0;
}

/* One of the ids of docs/formats/ground.md. */
static bool
is_object(struct slice text)
{
    struct event_id event;
    uint64_t n;

    return text.len == 0 || is_hash(text) || text_is_name(text) || is_incident(text) ||
           event_id_parse(text, &event) == 0 || text_is_origin(text) || text_is_class(text) ||
           text_number(text, NUMBER_MAX, &n) == 0;
}

static bool
is_key(struct slice text)
{
    struct vkey key;

    return is_hash(text) || vkey_parse(text, &key) == 0;
}

static bool
is_lost(struct slice text)
{
    uint64_t n;

    return is_one_of(text, "none unknown") || text_number(text, NUMBER_MAX, &n) == 0;
}

/* ---- Arrays ---- */

static bool
is_total(struct slice row, struct slice *last)
{
    struct jcs_iter it = jcs_iter(row);
    struct slice cell;
    struct slice name;
    size_t shorter;
    int order;

    if (jcs_kind(row) != JCS_ARRAY || jcs_count(row) != 3 || !jcs_item(&it, &cell) ||
        jcs_plain(cell, &name) < 0 || !text_is_class(name))
        return false;
    shorter = name.len < last->len ? name.len : last->len;
    order = shorter == 0 ? 0 : memcmp(last->ptr, name.ptr, shorter);
    if (last->ptr != NULL && (order > 0 || (order == 0 && last->len >= name.len)))
        return false;
    *last = name;
    while (jcs_item(&it, &cell)) {
        if (!is_number(cell, 0, JCS_INT_MAX))
            return false;
    }
    return true;
}

static bool
is_totals(struct slice value)
{
    struct jcs_iter it = jcs_iter(value);
    struct slice last = {NULL, 0};
    struct slice row;

    if (jcs_kind(value) != JCS_ARRAY || jcs_count(value) > LEAF_TOTALS_MAX)
        return false;
    while (jcs_item(&it, &row)) {
        if (!is_total(row, &last))
            return false;
    }
    return true;
}

static bool
is_spans(struct slice value)
{
    struct jcs_iter it = jcs_iter(value);
    int64_t least = 0;
    struct slice span;

    if (jcs_kind(value) != JCS_ARRAY || jcs_count(value) > LEAF_SPANS_MAX)
        return false;
    while (jcs_item(&it, &span)) {
        struct jcs_iter ends = jcs_iter(span);
        struct slice first = {NULL, 0};
        struct slice end = {NULL, 0};
        int64_t n;

        if (jcs_kind(span) != JCS_ARRAY || jcs_count(span) != 2 || !jcs_item(&ends, &first) ||
            !jcs_item(&ends, &end) || !is_number(first, least, EVENTS_PER_BLOCK - 1) ||
            jcs_int(first, &n) < 0 || !is_number(end, n, EVENTS_PER_BLOCK - 1) ||
            jcs_int(end, &n) < 0)
            return false;
        least = n + 1;
    }
    return true;
}

static bool
is_key_names(struct slice value)
{
    struct jcs_iter it = jcs_iter(value);
    struct slice item;
    struct slice name;

    if (jcs_kind(value) != JCS_ARRAY || jcs_count(value) > 64)
        return false;
    while (jcs_item(&it, &item)) {
        if (jcs_kind(item) != JCS_STRING || jcs_plain(item, &name) < 0 || !key_name_ok(name))
            return false;
    }
    return true;
}

static int
flag_of(struct slice name)
{
    for (unsigned bit = 0; bit < EVENT_FLAGS; bit++) {
        if (slice_is(name, event_flag_name(bit)))
            return (int)bit;
    }
    return -1;
}

/* Flags are numbered in the order of their names. */
static bool
is_flags(struct slice value)
{
    struct jcs_iter it = jcs_iter(value);
    struct slice item;
    struct slice name;
    int last = -1;

    if (jcs_kind(value) != JCS_ARRAY)
        return false;
    while (jcs_item(&it, &item)) {
        int flag = jcs_plain(item, &name) < 0 ? -1 : flag_of(name);

        if (flag <= last)
            return false;
        last = flag;
    }
    return true;
}

static bool
is_address(struct slice text)
{
    struct addr a;
    char canonical[ADDR_TEXT];

    if (addr_parse(text, &a) < 0)
        return false;
    return slice_eq(text, (struct slice){canonical, addr_format(&a, canonical)});
}

/* ---- All forms ---- */

static bool
text_ok(enum leaf_form form, const char *arg, struct slice text)
{
    switch ((int)form) {
    case FORM_TIME: return is_time(text);
    case FORM_TIME_OR_NONE: return text.len == 0 || is_time(text);
    case FORM_HASH: return is_hash(text);
    case FORM_HASH_OR_NONE: return text.len == 0 || is_hash(text);
    case FORM_PARTY: return text_is_party(text);
    case FORM_PARTY_OR_NONE: return text.len == 0 || text_is_party(text);
    case FORM_NAME: return text_is_name(text);
    case FORM_ORIGIN: return text_is_origin(text);
    case FORM_INCIDENT_OR_NONE: return text.len == 0 || is_incident(text);
    case FORM_ID: return is_ascii_id(text);
    case FORM_ONE_OF: return is_one_of(text, arg);
    case FORM_KEY: return is_key(text);
    case FORM_ACTION: return is_action(text);
    case FORM_OBJECT: return is_object(text);
    case FORM_LOST: return is_lost(text);
    case FORM_CLASS: return text_is_class(text);
    case FORM_COUNTRY: return text.len == 0 || country_parse(text) != COUNTRY_UNKNOWN;
    case FORM_ADDRESS: return is_address(text);
    default: return false;
    }
}

bool
leaf_form_ok(enum leaf_form form, const char *arg, struct slice value)
{
    struct slice text;
    bool yes;

    switch ((int)form) {
    case FORM_NUMBER: return is_number(value, 0, JCS_INT_MAX);
    case FORM_POSITIVE: return is_number(value, 1, JCS_INT_MAX);
    case FORM_EVENTS: return is_number(value, 1, EVENTS_PER_BLOCK);
    case FORM_BOOL: return jcs_bool(value, &yes) == 0;
    case FORM_TOTALS: return is_totals(value);
    case FORM_SPANS: return is_spans(value);
    case FORM_KEY_NAMES: return is_key_names(value);
    case FORM_FLAGS: return is_flags(value);
    case FORM_GRADE: return is_number(value, 0, 4);
    case FORM_U8: return is_number(value, 0, UINT8_MAX);
    case FORM_U16: return is_number(value, 0, UINT16_MAX);
    case FORM_U32: return is_number(value, 0, UINT32_MAX);
    case FORM_STRING:
        return jcs_kind(value) == JCS_STRING && jcs_string_len(value) <= LEAF_ID_MAX;
    case FORM_TEXT:
        return jcs_kind(value) == JCS_STRING && jcs_string_len(value) <= LEAF_TEXT_MAX;
    default: return jcs_plain(value, &text) == 0 && text_ok(form, arg, text);
    }
}
