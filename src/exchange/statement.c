#include "exchange/statement.h"

#include "exchange/bundle.h"
#include "exchange/form_priv.h"
#include "exchange/totals_priv.h"
#include "wire/hex.h"
#include "wire/jcs.h"

static const char *const lines[STATEMENT_KINDS] = {
#define STATEMENT(id, line) line "\n",
#include "exchange/statement.def"
};

static const struct {
    enum statement_kind kind;
    struct field field;
} fields[] = {
#define FIELD(kind, name, form, arg) {STATEMENT_##kind, {name, arg, FORM_##form, false}},
#include "exchange/statement.def"
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static struct fields
fields_of(enum statement_kind kind, struct field room[STATEMENT_FIELDS_MAX])
{
    struct fields f = {room, 0};

    for (unsigned i = 0; i < FIELDS; i++) {
        if (fields[i].kind != kind)
            continue;
        BUG_ON(f.count == STATEMENT_FIELDS_MAX);
        room[f.count++] = fields[i].field;
    }
    return f;
}

/* ---- Reading ---- */

int
statement_text(const struct statement *s, const char *field, struct slice *ret)
{
    struct slice value;

    return jcs_find(s->body, field, &value) && jcs_plain(value, ret) == 0 ? 0 : ERR_NOTFOUND;
}

int
statement_number(const struct statement *s, const char *field, uint64_t *ret)
{
    struct slice value;
    int64_t n;

    if (!jcs_find(s->body, field, &value) || jcs_int(value, &n) < 0 || n < 0)
        return ERR_NOTFOUND;
    *ret = (uint64_t)n;
    return 0;
}

int
statement_hash(const struct statement *s, const char *field, struct hash *ret)
{
    struct slice text;

    if (statement_text(s, field, &text) < 0 || hex_decode(text, ret->byte, SHA256_SIZE) < 0)
        return ERR_NOTFOUND;
    return 0;
}

/* What one field demands of another: a log's key is named as its origin. */
static const char *
check_together(const struct statement *s)
{
    struct slice a = {NULL, 0};
    struct slice b = {NULL, 0};
    struct vkey key;

    if (s->kind == STATEMENT_SUCCESSOR) {
        if (statement_text(s, "old", &a) < 0 || statement_text(s, "new", &b) < 0 ||
            slice_eq(a, b))
            return "new";
        if (statement_text(s, "new_vkey", &a) < 0 || vkey_parse(a, &key) < 0 ||
            !slice_eq(vkey_name(&key), b) || key.alg != KEY_ED25519)
            return "new_vkey";
    }
    if (s->kind == STATEMENT_BUNDLE && (statement_text(s, "from", &a) < 0 ||
                                        statement_text(s, "to", &b) < 0 || slice_eq(a, b)))
        return "to";
    return s->kind == STATEMENT_TOTALS ? totals_fault(s) : NULL;
}

/* The text of a note: line, canonical object, LF. */
static int
read_text(struct slice text, enum statement_kind kind, struct statement *ret,
          struct errinfo *ei)
{
    size_t line = strlen(lines[kind]);
    struct slice value[STATEMENT_FIELDS_MAX];
    struct field room[STATEMENT_FIELDS_MAX];
    struct slice at = {NULL, 0};
    const char *bad;

    *ret = (struct statement){.kind = kind, .text = text};
    if (text.len < line + 3 || !slice_is(slice_sub(text, 0, line), lines[kind]) ||
        text.ptr[text.len - 1] != '\n')
        return err_set(ei, ERR_INVALID, "not a note that begins %.*s", (int)line - 1,
                       lines[kind]);
    ret->body = slice_sub(text, line, text.len - line - 1);
    if (jcs_check(ret->body, NULL) != JCS_OK)
        return err_set(ei, ERR_INVALID, "%.*s: not one canonical object", (int)line - 1,
                       lines[kind]);
    bad = fields_read(fields_of(kind, room), ret->body, value);
    if (bad == NULL && (statement_text(ret, "at", &at) < 0 || time_parse(at, &ret->at) < 0))
        bad = "at";
    if (bad == NULL)
        bad = check_together(ret);
    if (bad != NULL)
        return err_set(ei, ERR_INVALID, "%.*s: missing, unknown, or wrong form: %s",
                       (int)line - 1, lines[kind], bad);
    ret->hash = sha256_of(text.ptr, text.len);
    return 0;
}

/* Those of the keys that may say it. */
static bool
may_sign(const struct statement *s, const struct role_key *k)
{
    struct slice party = {NULL, 0};

    switch (s->kind) {
    case STATEMENT_SEEN:
        return statement_text(s, "party", &party) == 0 && !slice_eq(party, k->party);
    case STATEMENT_SUCCESSOR:
    case STATEMENT_TOTALS:
        return statement_text(s, "party", &party) == 0 && slice_eq(party, k->party);
    case STATEMENT_BUNDLE:
        return statement_text(s, "from", &party) == 0 && slice_eq(party, k->party);
    case STATEMENT_FETCHED:
    case STATEMENT_KINDS: break;
    }
    return true;
}

static int
read_note(struct slice bytes, enum statement_kind kind, struct note *note,
          struct statement *ret, struct errinfo *ei)
{
    size_t max = kind == STATEMENT_BUNDLE ? BUNDLE_MANIFEST_MAX : NOTE_MAX;
    int err = note_parse(bytes, max, note, ei);

    return err < 0 ? err : read_text(note->text, kind, ret, ei);
}

int
statement_read(struct slice note, enum statement_kind kind, struct statement *ret,
               struct errinfo *ei)
{
    struct note n;

    return read_note(note, kind, &n, ret, ei);
}

int
statement_verify(struct slice note, enum statement_kind kind, struct role_keys keys,
                 struct utime witnessed, struct statement *ret, struct errinfo *ei)
{
    struct note n;
    int err = read_note(note, kind, &n, ret, ei);

    for (unsigned i = 0; err == 0 && ret->by == NULL && i < keys.count; i++) {
        if (may_sign(ret, &keys.key[i]))
            err = role_keys_signed((struct role_keys){&keys.key[i], 1}, &n, witnessed, &ret->by,
                                   ei);
    }
    if (err == 0 && ret->by == NULL)
        return err_set(ei, ERR_PROOF, "no key that may sign it, and held then, has signed");
    return err;
}

/* ---- Writing ---- */

static const struct leaf_value *
find_value(struct leaf_values values, const char *field)
{
    for (unsigned i = 0; i < values.count; i++) {
        if (strcmp(values.value[i].field, field) == 0)
            return &values.value[i];
    }
    return NULL;
}

int
statement_write(struct buf *b, enum statement_kind kind, struct utime at,
                struct leaf_values values, const struct skey *key, struct errinfo *ei)
{
    AUTO_BUF(text, kind == STATEMENT_BUNDLE ? BUNDLE_MANIFEST_MAX : NOTE_MAX);
    const struct leaf_value at_value = LEAF_TIME("at", at);
    struct field room[STATEMENT_FIELDS_MAX];
    struct fields f = fields_of(kind, room);
    size_t before = b->len;
    struct statement s;
    char sep = '{';
    int err;

    buf_text(&text, lines[kind]);
    for (unsigned i = 0; i < f.count; i++) {
        const struct leaf_value *v =
            strcmp(f.at[i].name, "at") == 0 ? &at_value : find_value(values, f.at[i].name);

        if (v == NULL)
            continue; /* reading it will say that it is missing */
        buf_char(&text, sep);
        buf_json(&text, slice_of(f.at[i].name));
        buf_char(&text, ':');
        buf_leaf_value(&text, v);
        sep = ',';
    }
    buf_text(&text, "}\n");
    if (buf_error(&text) != 0)
        return err_set(ei, buf_error(&text), "a statement does not fit its note");
    err = read_text(buf_get(&text), kind, &s, ei);
    if (err == 0)
        err = note_sign(buf_get(&text), key, b);
    if (err == 0)
        err = buf_error(b);
    if (err < 0)
        b->len = before;
    return err;
}
