#include "pact/diff.h"

#include "base/buf.h"
#include "wire/yaml.h"

/* NOLINTBEGIN(misc-no-recursion): as deep as YAML may be */

enum { PATH_ROOM = 2048 };

struct diff {
    struct buf path;
    diff_each *each;
    void *arg;
    int count;
};

static const struct yaml_node *
find_key(const struct yaml_node *map, struct slice key)
{
    const struct yaml_node *n = map->first;

    while (n != NULL && !slice_eq(n->key->text, key))
        n = n->next;
    return n;
}

/* What an entry of a list is known by; empty when it has nothing of the kind. */
static struct slice
name_of(const struct yaml_node *entry)
{
    static const char *const keys[] = {"id", "label", "vkey", "cosign", "purpose", "name"};

    if (entry->kind == YAML_SCALAR)
        return entry->text;
    for (size_t i = 0; entry->kind == YAML_MAP && i < sizeof keys / sizeof keys[0]; i++) {
        const struct yaml_node *n = find_key(entry, slice_of(keys[i]));

        if (n != NULL && n->kind == YAML_SCALAR && n->text.len > 0)
            return n->text;
    }
    return (struct slice){"", 0};
}

static const struct yaml_node *
find_entry(const struct yaml_node *list, struct slice name)
{
    const struct yaml_node *n = list->first;

    while (n != NULL && !slice_eq(name_of(n), name))
        n = n->next;
    return n;
}

static void
tell(struct diff *d, enum diff_what what, const struct yaml_node *before,
     const struct yaml_node *after)
{
    struct slice a =
        before != NULL && before->kind == YAML_SCALAR ? before->text : (struct slice){"", 0};
    struct slice b =
        after != NULL && after->kind == YAML_SCALAR ? after->text : (struct slice){"", 0};

    d->count++;
    d->each(d->arg, what, buf_get(&d->path), a, b);
}

static void compare(struct diff *d, const struct yaml_node *a, const struct yaml_node *b);

/* Each child of a, with the one of the same name in b; and when `other`, only what b lacks. */
static void
compare_children(struct diff *d, const struct yaml_node *a, const struct yaml_node *b,
                 bool other)
{
    size_t at = d->path.len;

    for (const struct yaml_node *n = a->first; n != NULL; n = n->next) {
        bool map = a->kind == YAML_MAP;
        struct slice name = map ? n->key->text : name_of(n);
        const struct yaml_node *m = map ? find_key(b, name) : find_entry(b, name);

        if (map && at > 0)
            buf_char(&d->path, '.');
        if (!map)
            buf_char(&d->path, '[');
        buf_slice(&d->path, name);
        if (!map)
            buf_char(&d->path, ']');
        if (m == NULL)
            tell(d, other ? DIFF_ADDED : DIFF_REMOVED, other ? NULL : n, other ? n : NULL);
        else if (!other)
            compare(d, n, m);
        d->path.len = at;
    }
}

static void
compare(struct diff *d, const struct yaml_node *a, const struct yaml_node *b)
{
    if (a->kind != b->kind) {
        tell(d, DIFF_CHANGED, a, b);
    } else if (a->kind == YAML_SCALAR) {
        if (!slice_eq(a->text, b->text))
            tell(d, DIFF_CHANGED, a, b);
    } else {
        compare_children(d, a, b, false);
        compare_children(d, b, a, true);
    }
}

int
pact_diff(struct slice before, struct slice after, diff_each *each, void *arg,
          struct errinfo *ei)
{
    struct diff d = {.each = each, .arg = arg};
    const struct yaml_node *a = NULL;
    const struct yaml_node *b = NULL;
    AUTO_ARENA(arena);
    int r = arena_init(&arena, (size_t)2 * YAML_ARENA);

    if (r < 0)
        return r;
    r = yaml_parse(&arena, before, &a, ei);
    if (r == 0)
        r = yaml_parse(&arena, after, &b, ei);
    if (r < 0)
        return r == ERR_NOMEM ? r : ERR_CONF;
    BUG_ON(a == NULL || b == NULL);
    buf_init(&d.path, PATH_ROOM);
    compare(&d, a, b);
    r = buf_error(&d.path);
    buf_release(&d.path);
    return r < 0 ? r : d.count;
}
/* NOLINTEND(misc-no-recursion) */
