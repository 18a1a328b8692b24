#include "ledger/leaf.h"

#include <stdio.h>

#include "ledger/leaf_priv.h"
#include "model/text.h"
#include "wire/hex.h"
#include "wire/jcs.h"

static const char *const type_names[] = {
#define LEAF(id, name) name,
#define FIELD(id, name, form, arg)
#include "ledger/leaf.def"
};

_Static_assert(sizeof type_names / sizeof type_names[0] == LEAF_TYPES, "a name for each type");

struct field {
    const char *name;
    const char *arg;
    enum leaf_type type;
    enum leaf_form form;
};

static const struct field fields[] = {
#define LEAF(id, name)
#define FIELD(id, name, form, arg) {name, arg, LEAF_##id, FORM_##form},
#include "ledger/leaf.def"
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

const char *
leaf_type_name(enum leaf_type type)
{
    return type_names[type];
}

const char *
leaf_reading_name(enum leaf_reading reading)
{
    static const char *const names[] = {"known", "newer", "malformed", "foreign"};

    return names[reading];
}

/* ---- Reading ---- */

static enum leaf_type
find_type(struct slice name)
{
    for (int i = 0; i < LEAF_TYPES; i++) {
        if (slice_is(name, type_names[i]))
            return (enum leaf_type)i;
    }
    return LEAF_TYPES;
}

/* The first field of a type; its others follow. */
static const struct field *
fields_of(enum leaf_type type)
{
    const struct field *f = fields;

    while (f->type != type)
        f++;
    return f;
}

static bool
type_grammar(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((s.ptr[i] < 'a' || s.ptr[i] > 'z') && (i == 0 || s.ptr[i] != '-'))
            return false;
    }
    /* `event` begins what is committed inside a block: never a leaf. */
    return s.len >= 2 && s.len <= 32 && !slice_is(s, "event");
}

/* `detente/<type>/<version>` */
static bool
read_first_line(struct slice line, struct leaf *ret)
{
    static const char prefix[] = "detente/";
    struct slice rest = slice_sub(line, sizeof prefix - 1, line.len);
    const char *slash = rest.len == 0 ? NULL : memchr(rest.ptr, '/', rest.len);
    size_t at = slash == NULL ? 0 : (size_t)(slash - rest.ptr);

    if (slash == NULL || !slice_is(slice_sub(line, 0, sizeof prefix - 1), prefix) ||
        !type_grammar(slice_sub(rest, 0, at)) ||
        text_number(slice_sub(rest, at + 1, rest.len), NUMBER_MAX, &ret->version) < 0 ||
        ret->version == 0)
        return false;
    ret->type_name = slice_sub(rest, 0, at);
    ret->type = find_type(ret->type_name);
    return true;
}

static int
why(struct leaf *l, const char *what, const char *name)
{
    (void)snprintf(l->why, sizeof l->why, "%s%s%s", what, name[0] == '\0' ? "" : " ", name);
    return ERR_INVALID;
}

/* Members against the table: both are sorted, so they must march in step. */
static int
check_fields(struct leaf *l, const struct jcs_pair *member, unsigned count)
{
    const struct field *f = fields_of(l->type);
    unsigned i = 0;

    for (; f < fields + FIELDS && f->type == l->type; f++, i++) {
        if (i == count)
            return why(l, "no field", f->name);
        if (!slice_is(member[i].key, f->name))
            return why(l, "unknown field, or none where one is due:", f->name);
        if (!leaf_form_ok(f->form, f->arg, member[i].value))
            return why(l, "wrong form of", f->name);
        l->value[i] = member[i].value;
    }
    return i < count ? why(l, "unknown field behind the last", "") : 0;
}

/* What one field demands of another. */
static int
check_together(struct leaf *l)
{
    struct slice role;
    struct slice key;
    struct slice spans;

    if (l->type == LEAF_KEY && leaf_text(l, "role", &role) == 0 &&
        leaf_text(l, "key", &key) == 0) {
        bool hex = slice_is(role, "seal") || slice_is(role, "tls");

        if (hex != (key.len == 0 || memchr(key.ptr, '+', key.len) == NULL))
            return why(l, "wrong form of", "key");
    }
    if (l->type == LEAF_ERASURE && leaf_text(l, "scope", &role) == 0 &&
        leaf_json(l, "events", &spans) == 0) {
        if (slice_is(role, "block") != slice_is(spans, "[]"))
            return why(l, "wrong form of", "events");
    }
    return 0;
}

static int
read_body(struct leaf *l, struct slice body)
{
    struct jcs_pair member[LEAF_FIELDS_MAX + 1];
    unsigned count;
    enum jcs_fault fault = jcs_check_members(body, member, LEAF_FIELDS_MAX + 1, &count);

    if (fault != JCS_OK)
        return why(l, "body is not canonical JSON:", jcs_fault_name(fault));
    if (jcs_kind(body) != JCS_OBJECT)
        return why(l, "body is no object", "");
    if (check_fields(l, member, count) < 0)
        return ERR_INVALID;
    l->body = body;
    return check_together(l);
}

void
leaf_read(struct slice entry, struct leaf *ret)
{
    const char *lf = entry.ptr == NULL ? NULL : memchr(entry.ptr, '\n', entry.len);
    size_t at = lf == NULL ? 0 : (size_t)(lf - entry.ptr);

    *ret = (struct leaf){.reading = LEAF_FOREIGN, .type = LEAF_TYPES};
    if (lf == NULL || !read_first_line(slice_sub(entry, 0, at), ret)) {
        ret->type_name = (struct slice){NULL, 0};
        return;
    }
    ret->reading = LEAF_NEWER;
    if (ret->type == LEAF_TYPES || ret->version > 1)
        return;
    ret->reading = LEAF_KNOWN;
    if (read_body(ret, slice_sub(entry, at + 1, entry.len)) < 0 ||
        leaf_time(ret, "at", &ret->at) < 0) {
        ret->reading = LEAF_MALFORMED;
        ret->body = (struct slice){NULL, 0};
    }
}

/* ---- Fields ---- */

int
leaf_json(const struct leaf *l, const char *field, struct slice *ret)
{
    const struct field *first;

    if (l->type == LEAF_TYPES || l->body.ptr == NULL)
        return ERR_NOTFOUND;
    first = fields_of(l->type);
    for (const struct field *f = first; f < fields + FIELDS && f->type == l->type; f++) {
        if (strcmp(f->name, field) == 0) {
            *ret = l->value[f - first];
            return 0;
        }
    }
    return ERR_NOTFOUND;
}

int
leaf_text(const struct leaf *l, const char *field, struct slice *ret)
{
    struct slice value;

    if (leaf_json(l, field, &value) < 0 || jcs_plain(value, ret) < 0)
        return ERR_NOTFOUND;
    return 0;
}

int
leaf_number(const struct leaf *l, const char *field, uint64_t *ret)
{
    struct slice value;
    int64_t n;

    if (leaf_json(l, field, &value) < 0 || jcs_int(value, &n) < 0 || n < 0)
        return ERR_NOTFOUND;
    *ret = (uint64_t)n;
    return 0;
}

int
leaf_hash(const struct leaf *l, const char *field, struct hash *ret)
{
    struct slice text;

    if (leaf_text(l, field, &text) < 0 || hex_decode(text, ret->byte, SHA256_SIZE) < 0)
        return ERR_NOTFOUND;
    return 0;
}

int
leaf_time(const struct leaf *l, const char *field, struct utime *ret)
{
    struct slice text;

    return leaf_text(l, field, &text) < 0 || time_parse(text, ret) < 0 ? ERR_NOTFOUND : 0;
}

/* ---- Writing ---- */

static void
buf_time(struct buf *b, struct utime t)
{
    char text[TIME_TEXT];

    buf_char(b, '"');
    if (t.us >= 0 && t.us <= TIME_MAX.us) {
        time_format(t, text);
        buf_add(b, text, sizeof text);
    }
    buf_char(b, '"');
}

void
buf_leaf_value(struct buf *b, const struct leaf_value *v)
{
    switch (v->kind) {
    case LEAF_V_TEXT: buf_json(b, v->text); break;
    case LEAF_V_NUMBER: buf_u64(b, v->number); break;
    case LEAF_V_BOOL: buf_text(b, v->number != 0 ? "true" : "false"); break;
    case LEAF_V_TIME: buf_time(b, v->time); break;
    case LEAF_V_JSON: buf_slice(b, v->text); break;
    case LEAF_V_HASH:
        buf_char(b, '"');
        if (v->hash != NULL)
            buf_hex(b, v->hash->byte, SHA256_SIZE);
        buf_char(b, '"');
        break;
    }
}

static const struct leaf_value *
find_value(struct leaf_values values, const char *field)
{
    for (unsigned i = 0; i < values.count; i++) {
        if (strcmp(values.value[i].field, field) == 0)
            return &values.value[i];
    }
    return NULL;
}

static void
write_leaf(struct buf *b, enum leaf_type type, struct utime at, struct leaf_values values)
{
    const struct leaf_value at_value = LEAF_TIME("at", at);
    char sep = '{';

    buf_text(b, "detente/");
    buf_text(b, type_names[type]);
    buf_text(b, "/1\n");
    for (const struct field *f = fields_of(type); f < fields + FIELDS && f->type == type; f++) {
        const struct leaf_value *v =
            strcmp(f->name, "at") == 0 ? &at_value : find_value(values, f->name);

        if (v == NULL)
            continue; /* leaf_read() will say that it is missing */
        buf_char(b, sep);
        buf_json(b, slice_of(f->name));
        buf_char(b, ':');
        buf_leaf_value(b, v);
        sep = ',';
    }
    buf_char(b, '}');
}

int
leaf_write(struct buf *b, enum leaf_type type, struct utime at, struct leaf_values values,
           struct errinfo *ei)
{
    size_t before = b->len;
    struct leaf l;

    write_leaf(b, type, at, values);
    if (buf_error(b) != 0)
        return err_set(ei, buf_error(b), "a leaf does not fit its buffer");
    if (b->len - before > LEAF_WRITE_MAX) {
        b->len = before;
        return err_set(ei, ERR_LIMIT, "a leaf of more than %d bytes", LEAF_WRITE_MAX);
    }
    leaf_read(slice_sub(buf_get(b), before, b->len), &l);
    if (l.reading == LEAF_KNOWN)
        return 0;
    b->len = before;
    return err_set(ei, ERR_INVALID, "leaf %s: %s", type_names[type], l.why);
}
