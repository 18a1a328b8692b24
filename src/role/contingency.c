#include "role/contingency.h"

#include <stdarg.h>
#include <stdio.h>

#include "wire/yaml.h"

enum slot { WHAT, WHO, MORE, DAY, DONE };

static const struct field {
    enum contingency_part part;
    const char *key;
    enum slot slot;
    bool needed;
} fields[] = {
#define FIELD(id, key, slot, needed) {CONTINGENCY_##id, key, slot, needed},
#include "role/contingency.def"
};
enum { FIELDS = sizeof fields / sizeof fields[0], TOP = 3 };

static const char *const parts[CONTINGENCY_PARTS] = {
#define PART(id, key) key,
#include "role/contingency.def"
};

struct reader {
    struct contingency *c;
    struct errinfo *ei;
};

static int refuse(const struct reader *r, const struct yaml_node *n, const char *fmt, ...)
    PRINTF(3, 4);

static int
refuse(const struct reader *r, const struct yaml_node *n, const char *fmt, ...)
{
    char text[sizeof r->ei->text];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return err_at(r->ei, ERR_CONF, n->line, n->column, "%s", text);
}

static int
refuse_key(const struct reader *r, const struct yaml_node *key, const char *const *known,
           unsigned count)
{
    const char *near = yaml_nearest(key->text.ptr, known, count);

    return near == NULL ? refuse(r, key, "unknown key \"%.64s\"", key->text.ptr)
                        : refuse(r, key, "unknown key \"%.64s\" (did you mean \"%s\"?)",
                                 key->text.ptr, near);
}

static int
take_text(const struct reader *r, const struct yaml_node *n, const char *key, struct slice *ret)
{
    if (n->kind != YAML_SCALAR)
        return refuse(r, n, "`%s` takes a text, not %s", key, yaml_kind_name(n->kind));
    if (n->text.len == 0 || n->text.len > CONTINGENCY_TEXT)
        return refuse(r, n, "`%s` takes a text of 1 to %d bytes", key, CONTINGENCY_TEXT);
    *ret = n->text;
    return 0;
}

static int
take_day(const struct reader *r, const struct yaml_node *n, const char *key, struct utime *ret)
{
    char text[32];

    if (n->kind == YAML_SCALAR && n->text.len == 10) {
        memcpy(text, n->text.ptr, 10);
        memcpy(text + 10, "T00:00:00Z", 11);
        if (time_parse_any(slice_of(text), ret) == 0)
            return 0;
    }
    return refuse(r, n, "`%s` takes a day, as 2027-03-01", key);
}

/* ---- items ------------------------------------------------------------------------------- */

static const struct field *
find_field(enum contingency_part part, struct slice key)
{
    for (unsigned i = 0; i < FIELDS; i++) {
        if (fields[i].part == part && slice_is(key, fields[i].key))
            return &fields[i];
    }
    return NULL;
}

static int
take_field(const struct reader *r, const struct field *f, const struct yaml_node *n,
           struct contingency_item *to)
{
    switch (f->slot) {
    case WHAT: return take_text(r, n, f->key, &to->what);
    case WHO: return take_text(r, n, f->key, &to->who);
    case MORE: return take_text(r, n, f->key, &to->more);
    case DAY: return take_day(r, n, f->key, &to->day);
    case DONE: return take_day(r, n, f->key, &to->done);
    }
    return 0;
}

static bool
has(const struct contingency_item *i, enum slot slot)
{
    return slot == WHAT   ? i->what.len > 0
           : slot == WHO  ? i->who.len > 0
           : slot == MORE ? i->more.len > 0
           : slot == DAY  ? i->day.us > 0
                          : i->done.us > 0;
}

static int
check_needed(const struct reader *r, enum contingency_part part, const struct yaml_node *n,
             const struct contingency_item *i)
{
    for (unsigned k = 0; k < FIELDS; k++) {
        if (fields[k].part == part && fields[k].needed && !has(i, fields[k].slot))
            return refuse(r, n, "`%s` is missing here", fields[k].key);
    }
    return 0;
}

static int
take_item(const struct reader *r, enum contingency_part part, const struct yaml_node *n,
          struct contingency_item *to)
{
    const char *known[FIELDS];
    unsigned count = 0;
    int e = 0;

    *to = (struct contingency_item){.what = {"", 0}, .who = {"", 0}, .more = {"", 0}};
    if (n->kind == YAML_SCALAR)
        e = take_text(r, n, parts[part], &to->what);
    else if (n->kind != YAML_MAP)
        return refuse(r, n, "a text or a map was expected here, not %s",
                      yaml_kind_name(n->kind));
    for (unsigned i = 0; i < FIELDS; i++) {
        if (fields[i].part == part)
            known[count++] = fields[i].key;
    }
    for (const struct yaml_node *m = n->first; e == 0 && m != NULL; m = m->next) {
        const struct field *f = find_field(part, m->key->text);

        e = f == NULL ? refuse_key(r, m->key, known, count) : take_field(r, f, m, to);
    }
    return e < 0 ? e : check_needed(r, part, n, to);
}

static int
take_part(const struct reader *r, enum contingency_part part, const struct yaml_node *list)
{
    struct contingency_item *item;
    unsigned count = 0;
    int e = 0;

    if (list->kind != YAML_LIST)
        return refuse(r, list, "`%s` takes a list, not %s", parts[part],
                      yaml_kind_name(list->kind));
    if (list->count > CONTINGENCY_ITEMS)
        return refuse(r, list, "`%s` takes at most %d", parts[part], CONTINGENCY_ITEMS);
    item = arena_alloc(&r->c->arena, (list->count + (size_t)1) * sizeof *item);
    if (item == NULL)
        return ERR_NOMEM;
    for (const struct yaml_node *n = list->first; e == 0 && n != NULL; n = n->next)
        e = take_item(r, part, n, &item[count++]);
    r->c->part[part].item = item;
    r->c->part[part].count = count;
    return e;
}

/* ---- all of it --------------------------------------------------------------------------- */

static int
take_top(const struct reader *r, const struct yaml_node *n)
{
    static const char *const names[TOP] = {"title", "organisation", "review"};
    const char *known[TOP + CONTINGENCY_PARTS];
    unsigned part = 0;

    if (slice_is(n->key->text, names[0]))
        return take_text(r, n, names[0], &r->c->title);
    if (slice_is(n->key->text, names[1]))
        return take_text(r, n, names[1], &r->c->organisation);
    if (slice_is(n->key->text, names[2]))
        return take_day(r, n, names[2], &r->c->review);
    while (part < CONTINGENCY_PARTS && !slice_is(n->key->text, parts[part]))
        part++;
    if (part < CONTINGENCY_PARTS)
        return take_part(r, (enum contingency_part)part, n);
    memcpy(known, names, sizeof names);
    memcpy(known + TOP, parts, sizeof parts);
    return refuse_key(r, n->key, known, TOP + CONTINGENCY_PARTS);
}

int
contingency_read(struct slice text, struct contingency *ret, struct errinfo *ei)
{
    struct reader r = {ret, ei};
    const struct yaml_node *root;
    int e;

    *ret = (struct contingency){.title = {"", 0}, .organisation = {"", 0}};
    e = arena_init(&ret->arena, (size_t)YAML_ARENA * 2);
    if (e < 0)
        return err_set(ei, e, "%s", err_text(e));
    e = yaml_parse(&ret->arena, text, &root, ei);
    if (e < 0)
        return e == ERR_NOMEM ? e : ERR_CONF;
    if (root->kind != YAML_MAP)
        return refuse(&r, root, "a map was expected here (`key: value`), not %s",
                      yaml_kind_name(root->kind));
    for (const struct yaml_node *n = root->first; e == 0 && n != NULL; n = n->next)
        e = take_top(&r, n);
    if (e == ERR_NOMEM)
        return err_set(ei, e, "%s", err_text(e));
    if (e == 0 && (ret->title.len == 0 || ret->review.us == 0))
        e = err_at(ei, ERR_CONF, 1, 1, "`%s` is missing",
                   ret->title.len == 0 ? "title" : "review");
    return e;
}

void
contingency_release(struct contingency *c)
{
    arena_release(&c->arena);
}
