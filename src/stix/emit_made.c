#include "stix/emit_priv.h"

#include "stix/object.h"
#include "wire/utf8.h"

int
made_wrong(struct made *m, const char *name, const char *reason)
{
    if (m->error == 0)
        m->error = err_set(m->e->ei, ERR_INVALID, "`%s` %s", name, reason);
    return m->error;
}

static struct made_member *
add(struct made *m, const char *name, enum made_form form)
{
    struct made_member *to = &m->member[m->count];

    BUG_ON(m->count == MADE_MEMBERS);
    m->count++;
    to->name = name;
    to->form = form;
    to->text = (struct slice){"", 0};
    to->list = (struct emit_list){NULL, 0};
    return to;
}

static bool
is_text(struct slice s)
{
    return s.len <= EMIT_TEXT &&
           (s.len == 0 || (memchr(s.ptr, '\0', s.len) == NULL && utf8_ok(s)));
}

void
made_text(struct made *m, const char *name, struct slice text, int needed)
{
    if (text.len == 0 && needed)
        (void)made_wrong(m, name, "is needed");
    else if (!is_text(text))
        (void)made_wrong(m, name, "is no text, or too long");
    else if (text.len > 0)
        add(m, name, MADE_TEXT)->text = text;
}

void
made_texts(struct made *m, const char *name, struct emit_list list)
{
    if (list.count > EMIT_LIST) {
        (void)made_wrong(m, name, "has too many entries");
        return;
    }
    for (unsigned i = 0; i < list.count; i++) {
        if (list.at[i].len == 0 || !is_text(list.at[i]))
            (void)made_wrong(m, name, "has an entry that is no text, or too long");
    }
    if (list.count > 0)
        add(m, name, MADE_LIST)->list = list;
}

static bool
is_id_of(struct slice id, const char *types)
{
    struct slice rest = slice_of(types);
    bool good = rest.len == 0 && stix_is_id(id, rest);

    while (!good && rest.len > 0)
        good = stix_is_id(id, slice_part(&rest, ' '));
    return good;
}

void
made_ref(struct made *m, const char *name, struct slice id, const char *types, int needed)
{
    if (id.len == 0 && needed)
        (void)made_wrong(m, name, "is needed");
    else if (id.len > 0 && !is_id_of(id, types))
        (void)made_wrong(m, name, "is no id of such an object");
    else if (id.len > 0)
        add(m, name, MADE_TEXT)->text = id;
}

static void
check_refs(struct made *m, const char *name, struct emit_list ids, const char *types)
{
    if (ids.count > EMIT_LIST)
        (void)made_wrong(m, name, "has too many entries");
    for (unsigned i = 0; i < ids.count && m->error == 0; i++) {
        if (!is_id_of(ids.at[i], types))
            (void)made_wrong(m, name, "has what is no id of such an object");
    }
}

void
made_refs(struct made *m, const char *name, struct emit_list ids, const char *types, int needed)
{
    if (ids.count == 0 && needed)
        (void)made_wrong(m, name, "is needed");
    check_refs(m, name, ids, types);
    if (ids.count > 0)
        add(m, name, MADE_LIST)->list = ids;
}

void
made_marks(struct made *m, const struct emit_marks *marks)
{
    static const char name[] = "object_marking_refs";
    struct made_member *to;

    check_refs(m, name, marks->others, "marking-definition");
    if (marks->tlp == TLP_NONE && marks->others.count == 0)
        return;
    to = add(m, name, MADE_LIST);
    to->text = slice_of(tlp_id(marks->tlp));
    to->list = marks->others;
}

void
made_time(struct made *m, const char *name, struct utime t)
{
    struct made_member *to;

    if (t.us < 0 || t.us > TIME_MAX.us) {
        (void)made_wrong(m, name, "lies before 1970 or behind 9999");
        return;
    }
    to = add(m, name, MADE_TIME);
    time_format(t, to->time);
    to->text.len = TIME_TEXT;
}

void
made_millis(struct made *m, const char *name, struct utime t)
{
    unsigned before = m->count;

    made_time(m, name, t);
    if (m->count == before)
        return;
    m->member[before].time[TIME_TEXT - 4] = 'Z';
    m->member[before].text.len = TIME_TEXT - 3;
}

void
made_number(struct made *m, const char *name, uint64_t n)
{
    add(m, name, MADE_NUMBER)->number = n;
}

void
made_true(struct made *m, const char *name, bool is)
{
    if (is)
        (void)add(m, name, MADE_TRUE);
}

void
made_raw(struct made *m, const char *name, struct slice json)
{
    add(m, name, MADE_RAW)->text = json;
}

void
made_common(struct made *m, const char *type, const struct emit_common *c)
{
    made_text(m, "type", slice_of(type), NEEDED);
    made_text(m, "spec_version", SLICE("2.1"), NEEDED);
    made_ref(m, "id", c->id, type, NEEDED);
    made_ref(m, "created_by_ref", c->created_by, "identity", OPTIONAL);
    made_millis(m, "created", c->created);
    made_millis(m, "modified", c->modified);
    if (c->modified.us < c->created.us)
        (void)made_wrong(m, "modified", "lies before `created`");
    made_marks(m, &c->marks);
    made_texts(m, "labels", c->labels);
    made_text(m, "lang", c->lang, OPTIONAL);
    made_true(m, "revoked", c->revoked);
}

void
made_observable(struct made *m, const struct stix_id *id, const struct emit_marks *marks)
{
    made_text(m, "type", (struct slice){id->text, id->len - (size_t)38}, NEEDED);
    made_text(m, "spec_version", SLICE("2.1"), NEEDED);
    made_text(m, "id", stix_id_slice(id), NEEDED);
    made_marks(m, marks);
}

/* ---- writing -------------------------------------------------------------------------------
 */

static void
put_list(struct buf *b, const struct made_member *m)
{
    buf_char(b, '[');
    if (m->text.len > 0)
        buf_json(b, m->text);
    for (unsigned i = 0; i < m->list.count; i++) {
        if (i > 0 || m->text.len > 0)
            buf_char(b, ',');
        buf_json(b, m->list.at[i]);
    }
    buf_char(b, ']');
}

/* In one piece, as half of what is written are names. */
static void
put_name(struct buf *b, const char *name, char before)
{
    size_t n = strlen(name);
    char *to = buf_reserve(b, n + 4);

    if (to == NULL)
        return;
    to[0] = before;
    to[1] = '"';
    memcpy(to + 2, name, n);
    to[n + 2] = '"';
    to[n + 3] = ':';
    buf_wrote(b, n + 4);
}

static void
put_value(struct buf *b, const struct made_member *m)
{
    switch (m->form) {
    case MADE_TEXT: buf_json(b, m->text); break;
    case MADE_TIME: buf_json(b, (struct slice){m->time, m->text.len}); break;
    case MADE_LIST: put_list(b, m); break;
    case MADE_NUMBER: buf_u64(b, m->number); break;
    case MADE_TRUE: buf_text(b, "true"); break;
    case MADE_RAW: buf_slice(b, m->text); break;
    }
}

void
made_put(struct made *m, struct buf *b)
{
    const struct made_member *order[MADE_MEMBERS];
    unsigned n = m->count;

    for (unsigned i = 0; i < n; i++) {
        unsigned k = i;

        for (; k > 0 && strcmp(order[k - 1]->name, m->member[i].name) > 0; k--)
            order[k] = order[k - 1];
        order[k] = &m->member[i];
    }
    for (unsigned i = 0; i < n; i++) {
        put_name(b, order[i]->name, i == 0 ? '{' : ',');
        put_value(b, order[i]);
    }
    buf_char(b, '}');
}

int
made_write(struct made *m)
{
    struct buf *b = m->e->out;
    size_t before = b->len;

    if (m->error != 0)
        return m->error;
    if (m->e->count > 0)
        buf_char(b, ',');
    else if (m->e->bundled)
        buf_text(b, ",\"objects\":[");
    made_put(m, b);
    if (buf_error(b) != 0)
        b->len = before;
    else
        m->e->count++;
    return buf_error(b);
}
