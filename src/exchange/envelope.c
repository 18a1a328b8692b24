/* Reading and checking a message. */
#include "exchange/envelope.h"

#include "exchange/form_priv.h"
#include "pact/incident.h"
#include "wire/hex.h"
#include "wire/jcs.h"

enum where { IN_INCIDENT = 1, IN_CHANNEL = 2, IN_EITHER = 3 };

static const struct {
    const char *name;
    enum where where;
} types[MESSAGE_TYPES] = {
#define BODY(id, name, where) {name, IN_##where},
#include "exchange/body.def"
};

struct body_field {
    enum message_type type;
    struct field field;
};

static const struct body_field body_fields[] = {
#define FIELD(type, name, form, arg) {MESSAGE_##type, {name, arg, FORM_##form, false}},
#define MAYBE(type, name, form, arg) {MESSAGE_##type, {name, arg, FORM_##form, true}},
#include "exchange/body.def"
};

enum { BODY_FIELDS = sizeof body_fields / sizeof body_fields[0], BODY_FIELDS_MAX = 24 };

static const char *const codes[MESSAGE_CODES] = {"",
#define CODE(id, name) name,
#include "exchange/code.def"
                                                 ""};

enum envelope_field {
    E_AT,
    E_BODY,
    E_FROM,
    E_INCIDENT,
    E_PACT,
    E_PREV,
    E_SEQ,
    E_SIG,
    E_TLP,
    E_TO,
    E_TYPE,
    E_V,
    E_FIELDS
};

static const struct field envelope_fields[E_FIELDS] = {
    [E_AT] = {"at", "", FORM_TIME, false},
    [E_BODY] = {"body", "", FORM_ANY_OBJECT, false},
    [E_FROM] = {"from", "", FORM_ANY_STRING, false},
    [E_INCIDENT] = {"incident", "", FORM_INCIDENT_OR_NONE, false},
    [E_PACT] = {"pact", "", FORM_NAME, false},
    [E_PREV] = {"prev", "", FORM_HASH_OR_NONE, false},
    [E_SEQ] = {"seq", "", FORM_POSITIVE, false},
    [E_SIG] = {"sig", "", FORM_SIGNATURE, false},
    [E_TLP] = {"tlp", "TLP:CLEAR TLP:GREEN TLP:AMBER TLP:AMBER+STRICT TLP:RED", FORM_ONE_OF,
               false},
    [E_TO] = {"to", "", FORM_ANY_STRING, false},
    [E_TYPE] = {"type", "", FORM_ANY_STRING, false},
    [E_V] = {"v", "", FORM_ANY, false},
};

const char *
message_type_name(enum message_type t)
{
    return types[t].name;
}

const char *
message_code_name(enum message_code c)
{
    return codes[c];
}

bool
message_code_known(struct slice name)
{
    for (int c = MESSAGE_FINE + 1; c < MESSAGE_STATE; c++) {
        if (slice_is(name, codes[c]))
            return true;
    }
    for (int s = 0; s < INCIDENT_STATES; s++) {
        if (slice_is(name, incident_state_name((enum incident_state)s)))
            return true;
    }
    return false;
}

/* ---- Reading ---- */

static enum message_type
find_type(struct slice name)
{
    int t = 0;

    while (t < MESSAGE_TYPES && !slice_is(name, types[t].name))
        t++;
    return (enum message_type)t;
}

/* What one field of a body demands of another; NULL, or the field. */
static const char *
check_together(const struct envelope *e)
{
    struct slice text;
    uint64_t n;

    if (e->type == MESSAGE_NOTICE && envelope_number(e, "e_grade", &n) == 0)
        return (n >= 2) == (envelope_text(e, "unwitnessed_since", &text) == 0)
                   ? "unwitnessed_since"
                   : NULL;
    if (e->type == MESSAGE_ESCALATE && envelope_text(e, "cause", &text) == 0) {
        bool overdue = slice_is(text, "overdue");

        return overdue == (envelope_text(e, "item", &text) == 0) ? NULL : "item";
    }
    if (e->type == MESSAGE_CLOSE && envelope_text(e, "result", &text) == 0) {
        unsigned want = slice_is(text, "confirmed-quiet") ? 3 : 0;
        unsigned have = (unsigned)(envelope_number(e, "coverage_ppm", &n) == 0) +
                        (unsigned)(envelope_json(e, "quiet_from", &text) == 0) +
                        (unsigned)(envelope_json(e, "quiet_until", &text) == 0);

        return have == want ? NULL : "coverage_ppm, quiet_from and quiet_until";
    }
    return NULL;
}

static bool
member_is(struct slice object, const char *name, struct slice text)
{
    struct slice value;
    struct slice got;

    return jcs_find(object, name, &value) && jcs_plain(value, &got) == 0 && slice_eq(got, text);
}

/* The record is of this pact and incident, and T stands first. */
static const char *
check_consult(const struct envelope *e)
{
    struct slice record;
    struct slice between;
    struct slice first = {NULL, 0};
    struct jcs_iter it;

    if (envelope_json(e, "record", &record) < 0 || !jcs_find(record, "between", &between))
        return "record";
    it = jcs_iter(between);
    if (!jcs_item(&it, &first) || jcs_plain(first, &first) < 0 ||
        !slice_is(first, e->case_.notifier) || !member_is(record, "pact", e->pact) ||
        !member_is(record, "incident", e->incident))
        return "record";
    return NULL;
}

static const char *
read_body(struct envelope *e)
{
    struct slice got[BODY_FIELDS_MAX];
    struct field fields[BODY_FIELDS_MAX];
    struct fields table = {fields, 0};
    const char *bad;

    for (unsigned i = 0; i < BODY_FIELDS; i++) {
        if (body_fields[i].type == e->type)
            fields[table.count++] = body_fields[i].field;
    }
    bad = fields_read(table, e->body, got);
    if (bad == NULL)
        bad = check_together(e);
    if (bad == NULL && e->type == MESSAGE_CONSULT_RECORD)
        bad = check_consult(e);
    return bad;
}

/* NULL, or the field that does not fit. */
static const char *
read_fields(const struct slice *value, struct envelope *e)
{
    struct slice text;
    int64_t seq;

    e->body = value[E_BODY];
    if (jcs_plain(value[E_TYPE], &text) < 0)
        return "type";
    e->type = find_type(text);
    if (e->type == MESSAGE_TYPES)
        return "type";
    if (jcs_plain(value[E_AT], &text) < 0 || time_parse(text, &e->at) < 0)
        return "at";
    if (jcs_plain(value[E_INCIDENT], &e->incident) < 0 ||
        (types[e->type].where & (e->incident.len > 0 ? IN_INCIDENT : IN_CHANNEL)) == 0 ||
        (e->incident.len > 0 && incident_id_parse(e->incident, &e->case_) < 0))
        return "incident";
    if (jcs_plain(value[E_PREV], &text) < 0)
        return "prev";
    e->has_prev = text.len > 0;
    if (e->has_prev && hex_decode(text, e->prev.byte, SHA256_SIZE) < 0)
        return "prev";
    if (jcs_int(value[E_SEQ], &seq) < 0)
        return "seq";
    e->seq = (uint64_t)seq;
    if (jcs_plain(value[E_PACT], &e->pact) < 0 || jcs_plain(value[E_SIG], &e->sig) < 0 ||
        jcs_plain(value[E_TLP], &e->tlp) < 0)
        return "pact, sig or tlp";
    /* One with escapes is no party's name, which the check says. */
    if (jcs_plain(value[E_FROM], &e->from) < 0)
        e->from = value[E_FROM];
    if (jcs_plain(value[E_TO], &e->to) < 0)
        e->to = value[E_TO];
    return read_body(e);
}

enum message_code
envelope_read(struct slice bytes, struct envelope *ret, const char **ret_why)
{
    struct slice value[E_FIELDS];
    struct slice v = {NULL, 0};
    enum jcs_fault fault;
    const char *why = "";
    enum message_code code = MESSAGE_FINE;

    *ret = (struct envelope){.bytes = bytes, .type = MESSAGE_TYPES};
    if (bytes.len > ENVELOPE_MAX) {
        code = MESSAGE_BAD_SIZE;
    } else if ((fault = jcs_check(bytes, NULL)) != JCS_OK) {
        code = MESSAGE_BAD_JSON;
        why = jcs_fault_name(fault);
    } else if (jcs_kind(bytes) != JCS_OBJECT || !jcs_find(bytes, "v", &v) ||
               !slice_is(v, "1")) {
        code = MESSAGE_BAD_VERSION;
    } else {
        why = fields_read(FIELDS_OF(envelope_fields), bytes, value);
        if (why == NULL)
            why = read_fields(value, ret);
        if (why != NULL)
            code = MESSAGE_BAD_FIELD;
    }
    if (code == MESSAGE_FINE)
        ret->id = sha256_of(bytes.ptr, bytes.len);
    if (ret_why != NULL)
        *ret_why = why == NULL ? "" : why;
    return code;
}

/* ---- Fields of the body ---- */

int
envelope_json(const struct envelope *e, const char *field, struct slice *ret)
{
    return jcs_find(e->body, field, ret) ? 0 : ERR_NOTFOUND;
}

int
envelope_text(const struct envelope *e, const char *field, struct slice *ret)
{
    struct slice value;
    struct slice text;

    if (!jcs_find(e->body, field, &value) || jcs_plain(value, &text) < 0 || text.len == 0)
        return ERR_NOTFOUND;
    *ret = text;
    return 0;
}

int
envelope_number(const struct envelope *e, const char *field, uint64_t *ret)
{
    struct slice value;
    int64_t n;

    if (!jcs_find(e->body, field, &value) || jcs_int(value, &n) < 0 || n < 0)
        return ERR_NOTFOUND;
    *ret = (uint64_t)n;
    return 0;
}

int
envelope_hash(const struct envelope *e, const char *field, struct hash *ret)
{
    struct slice text;

    if (envelope_text(e, field, &text) < 0 || hex_decode(text, ret->byte, SHA256_SIZE) < 0)
        return ERR_NOTFOUND;
    return 0;
}

int
envelope_time(const struct envelope *e, const char *field, struct utime *ret)
{
    struct slice text;

    return envelope_text(e, field, &text) < 0 || time_parse(text, ret) < 0 ? ERR_NOTFOUND : 0;
}

bool
envelope_from_notifier(const struct envelope *e)
{
    return slice_is(e->from, e->case_.notifier);
}

int
notice_detected(const struct envelope *e, uint64_t *ret_leaf)
{
    struct slice object;
    struct slice value;
    int64_t n;

    if (e->type != MESSAGE_NOTICE || envelope_json(e, "detected", &object) < 0 ||
        !jcs_find(object, "leaf", &value) || jcs_int(value, &n) < 0)
        return ERR_NOTFOUND;
    *ret_leaf = (uint64_t)n;
    return 0;
}

/* An origin: the prefix, or of a single address the address alone. */
static bool
is_origin(struct slice text, struct slice prefix)
{
    struct slice rest;

    if (text.len >= prefix.len || memcmp(text.ptr, prefix.ptr, text.len) != 0)
        return slice_eq(text, prefix);
    rest = (struct slice){prefix.ptr + text.len, prefix.len - text.len};
    return slice_is(rest, "/32") || slice_is(rest, "/128");
}

/* The array that was committed, `["detected",incident,obligation,class,origin,party,first]`:
 * what the notice says.  The party is one of the two. */
static bool
is_as_noticed(const struct envelope *e, struct slice opened)
{
    enum { ORIGIN = 4, PARTY = 5, PARTS = 7 };
    static const char *const fields[PARTS] = {
        [2] = "obligation", [3] = "class", [ORIGIN] = "origin", [6] = "first"};
    struct jcs_iter it = jcs_iter(opened);
    struct slice item;
    unsigned n = 0;

    for (; jcs_item(&it, &item); n++) {
        struct slice want = e->incident;
        struct slice text;

        if (n == 0)
            continue; /* the kind */
        if (n >= PARTS || jcs_plain(item, &text) < 0 ||
            (fields[n] != NULL && envelope_text(e, fields[n], &want) < 0))
            return false;
        if (n == ORIGIN  ? !is_origin(text, want)
            : n == PARTY ? !slice_eq(text, e->from) && !slice_eq(text, e->to)
                         : !slice_eq(text, want))
            return false;
    }
    return n == PARTS;
}

int
notice_opens(const struct envelope *e, const struct leaf *leaf)
{
    AUTO_BUF(opened, LEAF_TEXT_MAX);
    uint8_t salt[LEAF_SALT];
    struct slice object;
    struct slice value = {NULL, 0};
    struct slice text = {NULL, 0};
    struct hash detail;

    if (envelope_json(e, "detected", &object) < 0 || leaf->reading != LEAF_KNOWN ||
        leaf->type != LEAF_DETECTED || leaf_hash(leaf, "detail", &detail) < 0 ||
        leaf_text(leaf, "pact", &text) < 0 || !slice_eq(text, e->pact))
        return ERR_PROOF;
    if (!jcs_find(object, "salt", &value) || jcs_plain(value, &text) < 0 ||
        hex_decode(text, salt, sizeof salt) < 0 || !jcs_find(object, "opened", &value) ||
        jcs_string(value, &opened) < 0)
        return ERR_PROOF;
    if (buf_error(&opened) != 0)
        return buf_error(&opened);
    return leaf_commit_check(&detail, salt, buf_get(&opened), "detected") == 0 &&
                   is_as_noticed(e, buf_get(&opened))
               ? 0
               : ERR_PROOF;
}

/* ---- Checking ---- */

static bool
is_member(const struct envelope_terms *t, struct slice name)
{
    for (unsigned i = 0; i < t->parties; i++) {
        if (slice_eq(t->party[i], name))
            return true;
    }
    return false;
}

static bool
parties_fit(const struct envelope *e, const struct envelope_terms *t)
{
    struct slice notifier = slice_of(e->case_.notifier);

    if (!text_is_party(e->from) || !text_is_party(e->to) || slice_eq(e->from, e->to) ||
        !is_member(t, e->from) || !is_member(t, e->to))
        return false;
    return e->incident.len == 0 || slice_eq(notifier, e->from) || slice_eq(notifier, e->to);
}

static bool
pact_fits(const struct envelope *e, const struct envelope_terms *t)
{
    struct hash named;

    if (!slice_eq(e->pact, t->pact))
        return false;
    if (e->type != MESSAGE_NOTICE || t->texts == 0)
        return true;
    if (envelope_hash(e, "pact_sha256", &named) < 0)
        return false;
    for (unsigned i = 0; i < t->texts; i++) {
        if (hash_eq(&named, &t->text[i]))
            return true;
    }
    return false;
}

/* Does a message key of the party, which holds at that time, sign the bytes? */
static bool
signs(const struct envelope_terms *t, struct slice party, struct utime when, struct slice hex,
      struct slice bytes)
{
    uint8_t sig[4 + KEY_SIGNATURE];
    const struct role_key *k;

    if (hex_decode(hex, sig, sizeof sig) < 0)
        return false;
    k = role_keys_find(
        t->message, party,
        (uint32_t)sig[0] << 24 | (uint32_t)sig[1] << 16 | (uint32_t)sig[2] << 8 | sig[3], when);
    return k != NULL && vkey_verify(&k->key, bytes, sig + 4) == 0;
}

static const char message_line[] = "detente/message/v1\n";
static const char consult_line[] = "detente/consult/v1\n";

/* The message's bytes behind its line, without `,"sig":"…"`: it stands between seq and tlp. */
static bool
signature_fits(const struct envelope *e, const struct envelope_terms *t, struct utime when)
{
    static const char name[] = ",\"sig\":\"";
    char text[sizeof message_line + ENVELOPE_MAX];
    size_t line = sizeof message_line - 1;
    size_t from = (size_t)(e->sig.ptr - e->bytes.ptr) - (sizeof name - 1);
    size_t until = (size_t)(e->sig.ptr - e->bytes.ptr) + e->sig.len + 1;

    memcpy(text, message_line, line);
    memcpy(text + line, e->bytes.ptr, from);
    memcpy(text + line + from, e->bytes.ptr + until, e->bytes.len - until);
    return signs(t, e->from, when, e->sig,
                 (struct slice){text, line + from + e->bytes.len - until});
}

/* Both of the two, each by its own message key. */
static bool
consult_fits(const struct envelope *e, const struct envelope_terms *t, struct utime when)
{
    char text[sizeof consult_line + ENVELOPE_MAX];
    size_t line = sizeof consult_line - 1;
    struct slice record;
    struct slice rows;
    struct slice row;
    struct jcs_iter it;

    if (envelope_json(e, "record", &record) < 0 || envelope_json(e, "signatures", &rows) < 0)
        return false;
    memcpy(text, consult_line, line);
    memcpy(text + line, record.ptr, record.len);
    it = jcs_iter(rows);
    while (jcs_item(&it, &row)) {
        struct jcs_iter cells = jcs_iter(row);
        struct slice party = {NULL, 0};
        struct slice hex = {NULL, 0};

        if (!jcs_item(&cells, &party) || jcs_plain(party, &party) < 0 ||
            !jcs_item(&cells, &hex) || jcs_plain(hex, &hex) < 0 ||
            (!slice_eq(party, e->from) && !slice_eq(party, e->to)) ||
            !signs(t, party, when, hex, (struct slice){text, line + record.len}))
            return false;
    }
    return true;
}

enum message_code
envelope_authentic(const struct envelope *e, const struct envelope_terms *t,
                   struct utime witnessed)
{
    if (!pact_fits(e, t))
        return MESSAGE_BAD_PACT;
    if (!parties_fit(e, t))
        return MESSAGE_BAD_PARTY;
    if (!signature_fits(e, t, witnessed) ||
        (e->type == MESSAGE_CONSULT_RECORD && !consult_fits(e, t, witnessed)))
        return MESSAGE_BAD_SIGNATURE;
    return MESSAGE_FINE;
}

enum message_code
chain_check(const struct chain *c, const struct envelope *e)
{
    bool first = c->seq == 0;

    if (e->seq != c->seq + 1 || e->has_prev == first ||
        (!first && !hash_eq(&e->prev, &c->last)))
        return MESSAGE_BAD_CHAIN;
    return MESSAGE_FINE;
}

void
chain_add(struct chain *c, const struct envelope *e)
{
    *c = (struct chain){e->seq, e->id};
}

enum message_code
envelope_check(const struct envelope *e, const struct envelope_terms *t, const struct chain *c,
               struct utime witnessed, struct utime now)
{
    enum message_code code = envelope_authentic(e, t, witnessed);

    if (code == MESSAGE_FINE)
        code = chain_check(c, e);
    if (code == MESSAGE_FINE && e->at.us > now.us + t->clock_skew_max.us)
        code = MESSAGE_BAD_TIME;
    return code;
}

/* ---- Writing ---- */

static void
put_hex(struct buf *b, const struct hash *h)
{
    buf_char(b, '"');
    if (h != NULL)
        buf_hex(b, h->byte, SHA256_SIZE);
    buf_char(b, '"');
}

static void
put_signature(struct buf *b, struct slice bytes, const struct skey *key)
{
    uint8_t sig[4 + KEY_SIGNATURE] = {(uint8_t)(key->vkey.id >> 24),
                                      (uint8_t)(key->vkey.id >> 16),
                                      (uint8_t)(key->vkey.id >> 8), (uint8_t)key->vkey.id};

    skey_sign(key, bytes, sig + 4);
    buf_hex(b, sig, sizeof sig);
}

/* Up to where the signature stands. */
static int
put_first(struct buf *b, const struct envelope_make *m, const struct chain *c)
{
    char at[TIME_TEXT];

    time_format(m->at, at);
    buf_text(b, "{\"at\":");
    buf_json(b, (struct slice){at, sizeof at});
    buf_text(b, ",\"body\":");
    if (jcs_canonical(m->body, b, NULL) != JCS_OK)
        return ERR_INVALID;
    buf_text(b, ",\"from\":");
    buf_json(b, m->from);
    buf_text(b, ",\"incident\":");
    buf_json(b, m->incident);
    buf_text(b, ",\"pact\":");
    buf_json(b, m->pact);
    buf_text(b, ",\"prev\":");
    put_hex(b, c->seq == 0 ? NULL : &c->last);
    buf_text(b, ",\"seq\":");
    buf_u64(b, c->seq + 1);
    return 0;
}

static void
put_last(struct buf *b, const struct envelope_make *m)
{
    buf_text(b, ",\"tlp\":");
    buf_json(b, m->tlp);
    buf_text(b, ",\"to\":");
    buf_json(b, m->to);
    buf_text(b, ",\"type\":");
    buf_json(b, slice_of(types[m->type].name));
    buf_text(b, ",\"v\":1}");
}

int
envelope_write(struct buf *b, const struct envelope_make *m, const struct chain *c,
               const struct skey *key, struct hash *ret_id, struct errinfo *ei)
{
    AUTO_BUF(text, sizeof message_line + ENVELOPE_MAX);
    size_t before = b->len;
    size_t line = sizeof message_line - 1;
    size_t cut;
    struct envelope e;
    const char *why = "";
    enum message_code code;

    if (m->at.us < 0 || m->at.us > TIME_MAX.us)
        return err_set(ei, ERR_INVALID, "the time of a message lies outside 1970 to 9999");
    buf_text(&text, message_line);
    if (put_first(&text, m, c) < 0)
        return err_set(ei, buf_error(&text) != 0 ? buf_error(&text) : ERR_INVALID,
                       "the body of a message is no JSON, or too large");
    cut = text.len;
    put_last(&text, m);
    if (buf_error(&text) != 0)
        return err_set(ei, buf_error(&text), "a message of more than %d bytes", ENVELOPE_MAX);
    buf_slice(b, slice_sub(buf_get(&text), line, cut - line));
    buf_text(b, ",\"sig\":\"");
    put_signature(b, buf_get(&text), key);
    buf_char(b, '"');
    buf_slice(b, slice_sub(buf_get(&text), cut, text.len));
    if (buf_error(b) != 0) {
        b->len = before;
        return err_set(ei, buf_error(b), "a message does not fit its buffer");
    }
    code = envelope_read(slice_sub(buf_get(b), before, b->len), &e, &why);
    if (code == MESSAGE_FINE) {
        if (ret_id != NULL)
            *ret_id = e.id;
        return 0;
    }
    b->len = before;
    return err_set(ei, code == MESSAGE_BAD_SIZE ? ERR_LIMIT : ERR_INVALID,
                   "a message of type %s would be refused: %s %s", types[m->type].name,
                   message_code_name(code), why);
}

int
consult_sign(struct buf *b, struct slice record, const struct skey *key)
{
    char text[sizeof consult_line + ENVELOPE_MAX];
    size_t line = sizeof consult_line - 1;

    if (record.len > ENVELOPE_MAX)
        return ERR_LIMIT;
    if (jcs_check(record, NULL) != JCS_OK)
        return ERR_INVALID;
    memcpy(text, consult_line, line);
    memcpy(text + line, record.ptr, record.len);
    put_signature(b, (struct slice){text, line + record.len}, key);
    return buf_error(b);
}

void
consult_body(struct buf *b, struct slice record, const struct consult_signature by[2])
{
    unsigned first = slice_order(by[0].party, by[1].party) > 0;

    buf_text(b, "{\"record\":");
    buf_slice(b, record);
    buf_text(b, ",\"signatures\":[");
    for (unsigned i = 0; i < 2; i++) {
        const struct consult_signature *s = &by[i ^ first];

        buf_text(b, i == 0 ? "[" : ",[");
        buf_json(b, s->party);
        buf_char(b, ',');
        buf_json(b, s->signature);
        buf_char(b, ']');
    }
    buf_text(b, "]}");
}
