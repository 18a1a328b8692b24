#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/text.h"
#include "pact/read_priv.h"

/* NOLINTBEGIN(misc-no-recursion): as deep as the tables, whatever the input is */

int
read_refuse(struct reader *r, const struct yaml_node *n, const char *fmt, ...)
{
    char text[sizeof r->ei->text];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return err_at(r->ei, ERR_CONF, n->line, n->column, "%s", text);
}

void
read_warn(struct reader *r, unsigned line, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    if (r->warn == NULL)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    r->warn(r->warn_arg, line, text);
}

int
read_yaml(struct reader *r, struct slice text, const struct yaml_node **ret)
{
    unsigned line = 1;
    size_t start = 0;
    int e;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '\r' || c == '\t')
            return err_at(r->ei, ERR_CONF, line, (unsigned)(i - start) + 1,
                          "a signed text has no %s: its lines end with LF alone",
                          c == '\t' ? "tabs" : "carriage returns");
        if (c == '\n') {
            line++;
            start = i + 1;
        }
    }
    e = yaml_parse(r->arena, text, ret, r->ei);
    return e < 0 && e != ERR_NOMEM ? ERR_CONF : e;
}

const struct yaml_node *
read_find(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *n = map == NULL || map->kind != YAML_MAP ? NULL : map->first;

    while (n != NULL && !slice_is(n->key->text, key))
        n = n->next;
    return n;
}

static int
refuse_unknown(struct reader *r, const struct field *fields, const struct yaml_node *key)
{
    const char *names[PACT_LIST] = {0};
    const char *near;
    unsigned n = 0;

    for (const struct field *f = fields; f->name != NULL && n < PACT_LIST; f++)
        names[n++] = f->name;
    near = yaml_nearest(key->text.ptr, names, n);
    if (near != NULL)
        return read_refuse(r, key, "unknown key \"%.64s\" (did you mean \"%s\"?)",
                           key->text.ptr, near);
    return read_refuse(r, key, "unknown key \"%.64s\"", key->text.ptr);
}

/* ---- single values ---------------------------------------------------------------------- */

static int
refuse_word(struct reader *r, const struct field *f, const struct yaml_node *n)
{
    AUTO_BUF(list, 160);
    unsigned count = 0;
    const char *near;

    while (f->words[count] != NULL)
        count++;
    near = yaml_nearest(n->text.ptr, f->words, count);
    if (near != NULL)
        return read_refuse(r, n, "`%s` takes no \"%.40s\" (did you mean \"%s\"?)", f->name,
                           n->text.ptr, near);
    for (unsigned i = 0; i < count; i++)
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", f->words[i]);
    return read_refuse(r, n, "`%s` takes one of: %.*s", f->name, (int)list.len,
                       list.ptr == NULL ? "" : list.ptr);
}

static bool
is_word(const struct field *f, struct slice s)
{
    for (unsigned i = 0; f->words[i] != NULL; i++) {
        if (slice_is(s, f->words[i]))
            return true;
    }
    return false;
}

static int
take_text(struct reader *r, const struct field *f, const struct yaml_node *n, const char **to)
{
    *to = n->text.ptr;
    if (n->text.len == 0 && f->least == 0)
        return 0;
    if (f->words != NULL)
        return is_word(f, n->text) ? 0 : refuse_word(r, f, n);
    if (f->form != NULL && !f->form(n->text))
        return read_refuse(r, n, "`%s` takes %s", f->name, f->what);
    if (n->text.len == 0)
        return read_refuse(r, n, "`%s` is empty", f->name);
    if (f->most > 0 && n->text.len > (size_t)f->most)
        return read_refuse(r, n, "`%s` takes at most %lld bytes", f->name, (long long)f->most);
    return 0;
}

static void
put_seconds(struct buf *to, int64_t s)
{
    bool days = s >= 86400 && s % 86400 == 0;

    buf_i64(to, days ? s / 86400 : s);
    buf_text(to, days ? "d" : "s");
}

static int
refuse_range(struct reader *r, const struct field *f, const struct yaml_node *n)
{
    AUTO_BUF(range, 64);

    put_seconds(&range, f->least);
    buf_text(&range, " and ");
    put_seconds(&range, f->most);
    return read_refuse(r, n, "`%s` lies between %.*s", f->name, (int)range.len,
                       range.ptr == NULL ? "" : range.ptr);
}

static int
take_span(struct reader *r, const struct field *f, const struct yaml_node *n, struct span *to)
{
    if (span_parse(n->text, to) < 0)
        return read_refuse(r, n, "`%s` takes a span: a whole number with s, m, h, d, w or y",
                           f->name);
    if (to->us < f->least * TIME_US_PER_S || to->us > f->most * TIME_US_PER_S)
        return refuse_range(r, f, n);
    return 0;
}

/* One written form: `2026-02-01T00:00:00Z`, as people read it. */
static int
take_time(struct reader *r, const struct field *f, const struct yaml_node *n, struct utime *to)
{
    bool form = n->text.len == 20 && n->text.ptr[10] == 'T' && n->text.ptr[19] == 'Z';

    if (n->text.len == 0 && f->least == 0) {
        to->us = 0;
        return 0;
    }
    if (!form || time_parse_any(n->text, to) < 0)
        return read_refuse(r, n, "`%s` takes a time as 2026-02-01T00:00:00Z", f->name);
    return 0;
}

static int
take_int(struct reader *r, const struct field *f, const struct yaml_node *n, int64_t *to)
{
    uint64_t value = 0;

    if (text_number(n->text, (uint64_t)f->most, &value) < 0 || (int64_t)value < f->least)
        return read_refuse(r, n, "`%s` takes a whole number from %lld to %lld", f->name,
                           (long long)f->least, (long long)f->most);
    *to = (int64_t)value;
    return 0;
}

/* `95`, `95.5`: no more digits than are ever meant. */
static int
take_percent(struct reader *r, const struct field *f, const struct yaml_node *n, int64_t *to)
{
    struct slice rest = n->text;
    struct slice whole = slice_part(&rest, '.');
    bool dot = whole.len < n->text.len;
    uint64_t a = 0;
    uint64_t b = 0;

    if (text_number(whole, 100, &a) < 0 ||
        (dot && (rest.len != 1 || text_number(rest, 9, &b) < 0)) || a * 10 + b > 1000)
        return read_refuse(r, n, "`%s` takes percent from 0 to 100, as 95 or 97.5", f->name);
    *to = (int64_t)(a * 10 + b) * 1000;
    return 0;
}

static int
take_bool(struct reader *r, const struct field *f, const struct yaml_node *n, bool *to)
{
    *to = slice_is(n->text, "true");
    if (!n->plain || (!*to && !slice_is(n->text, "false")))
        return read_refuse(r, n, "`%s` takes true or false", f->name);
    return 0;
}

/* ---- lists ------------------------------------------------------------------------------ */

static int
take_texts(struct reader *r, const struct field *f, const struct yaml_node *list,
           struct pact_texts *to)
{
    struct field one = *f;
    const char **at = arena_alloc(r->arena, (list->count + (size_t)1) * sizeof *at);
    unsigned i = 0;

    if (at == NULL)
        return err_set(r->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    one.least = 1;
    one.most = 256;
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, i++) {
        int e = n->kind != YAML_SCALAR
                    ? read_refuse(r, n, "`%s` takes a list of single values", f->name)
                    : take_text(r, &one, n, &at[i]);

        if (e < 0)
            return e;
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(at[k], at[i]) == 0)
                return read_refuse(r, n, "\"%.60s\" stands in the list twice", at[i]);
        }
    }
    *to = (struct pact_texts){at, i};
    return 0;
}

static int
take_prefixes(struct reader *r, const struct field *f, const struct yaml_node *list,
              struct pact_prefixes *to)
{
    struct prefix *at = arena_alloc(r->arena, (list->count + (size_t)1) * sizeof *at);
    unsigned i = 0;

    if (at == NULL)
        return err_set(r->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, i++) {
        if (n->kind != YAML_SCALAR || prefix_parse(n->text, &at[i]) < 0)
            return read_refuse(r, n,
                               "`%s` takes prefixes without host bits, as 192.0.2.0/24 or "
                               "\"2001:db8::/32\"",
                               f->name);
    }
    *to = (struct pact_prefixes){at, i};
    return 0;
}

static int
check_kind(struct reader *r, const struct field *f, const struct yaml_node *n)
{
    bool list = f->type == F_TEXTS || f->type == F_PREFIXES;

    if (f->type == F_MAP || f->type == F_SELF)
        return 0;
    if (list && n->kind != YAML_LIST)
        return read_refuse(r, n, "`%s` takes a list, as [a, b]", f->name);
    if (!list && n->kind != YAML_SCALAR)
        return read_refuse(r, n, "`%s` takes a single value, not %s", f->name,
                           yaml_kind_name(n->kind));
    if (list && n->count > (unsigned)f->most)
        return read_refuse(r, n, "`%s` takes at most %lld entries", f->name,
                           (long long)f->most);
    if (list && n->count < (unsigned)f->least)
        return read_refuse(r, n, "`%s` is empty", f->name);
    return 0;
}

static int
take_field(struct reader *r, const struct field *f, const struct yaml_node *n, void *base)
{
    void *to = (char *)base + f->at;
    int e = check_kind(r, f, n);

    if (e < 0)
        return e;
    switch (f->type) {
    case F_TEXT:
    case F_WORD:
    case F_FORM: return take_text(r, f, n, to);
    case F_SPAN: return take_span(r, f, n, to);
    case F_TIME: return take_time(r, f, n, to);
    case F_INT: return take_int(r, f, n, to);
    case F_PERCENT: return take_percent(r, f, n, to);
    case F_BOOL: return take_bool(r, f, n, to);
    case F_TEXTS: return take_texts(r, f, n, to);
    case F_PREFIXES: return take_prefixes(r, f, n, to);
    case F_MAP: return read_map(r, f->map, n, base);
    case F_SELF: break;
    }
    return f->take(r, n, base);
}

/* Text that is absent reads as empty, so that nobody meets NULL. */
static void
empty_texts(const struct field *fields, void *base)
{
    static const char *const empty = "";

    for (const struct field *f = fields; f->name != NULL; f++) {
        if (f->type == F_TEXT || f->type == F_WORD || f->type == F_FORM)
            memcpy((char *)base + f->at, (const void *)&empty, sizeof(const char *));
        if (f->type == F_MAP)
            empty_texts(f->map, base);
    }
}

int
read_map(struct reader *r, const struct field *fields, const struct yaml_node *map, void *base)
{
    if (map->kind != YAML_MAP)
        return read_refuse(r, map, "a map was expected here (`key: value`), not %s",
                           yaml_kind_name(map->kind));
    empty_texts(fields, base);
    for (const struct yaml_node *n = map->first; n != NULL; n = n->next) {
        const struct field *f = fields;
        int e;

        while (f->name != NULL && !slice_is(n->key->text, f->name))
            f++;
        e = f->name == NULL ? refuse_unknown(r, fields, n->key) : take_field(r, f, n, base);
        if (e < 0)
            return e;
    }
    for (const struct field *f = fields; f->name != NULL; f++) {
        if (f->needed && read_find(map, f->name) == NULL)
            return read_refuse(r, map, "`%s` is missing here", f->name);
    }
    return 0;
}

/* NOLINTBEGIN(readability-function-size): lists go with their lengths */
int
read_maps(struct reader *r, const struct field *fields, const struct yaml_node *list,
          size_t size, size_t line, unsigned most, void **ret, unsigned *ret_count)
/* NOLINTEND(readability-function-size) */
{
    char *at;
    unsigned i = 0;

    if (list->kind != YAML_LIST)
        return read_refuse(r, list, "a list of maps was expected here, not %s",
                           yaml_kind_name(list->kind));
    if (list->count > most)
        return read_refuse(r, list, "at most %u stand here", most);
    at = arena_alloc(r->arena, (list->count + (size_t)1) * size);
    if (at == NULL)
        return err_set(r->ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    for (const struct yaml_node *n = list->first; n != NULL; n = n->next, i++) {
        int e = read_map(r, fields, n, at + i * size);

        if (e < 0)
            return e;
        if (line != SIZE_MAX)
            memcpy(at + i * size + line, &n->line, sizeof n->line);
    }
    *ret = at;
    *ret_count = i;
    return 0;
}
/* NOLINTEND(misc-no-recursion) */
