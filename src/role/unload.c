#include "role/unload_priv.h"

#include <stdlib.h>

#include "exchange/bundle.h"
#include "model/text.h"

/* ---- members ----------------------------------------------------------------------------- */

/* A collection's members: its parts first, then what is said of it. */
struct group {
    const struct unload *u;
    unsigned first;
    unsigned parts;
    struct buf said;
    char id[COLLECTION_ID + 1];
    struct cargo_about about; /* borrows from the two above */
};

/* `pact/<name>/collection/<id>/<name>`, where the path is of a collection. */
static bool
split(struct slice path, struct slice *ret_id, struct slice *ret_name)
{
    struct slice top = slice_part(&path, '/');
    struct slice kind;

    (void)slice_part(&path, '/');
    kind = slice_part(&path, '/');
    *ret_id = slice_part(&path, '/');
    *ret_name = path;
    return slice_is(top, "pact") && slice_is(kind, "collection");
}

static int
refuse(struct errinfo *ei, const char *why)
{
    return err_set(ei, ERR_INVALID, "a collection in it: %s", why);
}

/* Part `number`, which the path must name: none is missing in between. */
static bool
is_part(struct slice name, unsigned number)
{
    char wanted[16];

    (void)snprintf(wanted, sizeof wanted, "%0*u", BUNDLE_PART_DIGITS, number);
    return slice_is(name, wanted);
}

/* The group that begins with member i, whose end is the next one's begin. */
static int
read_group(struct group *g, unsigned i, unsigned *ret_end, struct errinfo *ei)
{
    const struct unload *u = g->u;
    struct slice id = {"", 0};
    struct slice other;
    struct slice name;
    int r;

    (void)split(u->path(u->arg, i), &id, &name);
    (void)snprintf(g->id, sizeof g->id, "%.*s", (int)id.len, id.ptr);
    g->first = i;
    g->parts = 0;
    for (; !slice_is(name, "about"); i++) {
        if (!is_part(name, ++g->parts))
            return refuse(ei, "a part of it is missing");
        if (i + 1 == u->count || !split(u->path(u->arg, i + 1), &other, &name) ||
            !slice_is(other, g->id))
            return refuse(ei, "nothing is said of it");
    }
    *ret_end = i + 1;
    buf_reset(&g->said);
    r = u->get(u->arg, i, &g->said);
    buf_char(&g->said, '\0'); /* the reader looks behind */
    if (r == 0)
        r = buf_error(&g->said);
    g->about.id = slice_of(g->id);
    return r < 0 ? r : cargo_about_read(g->said.ptr, g->said.len - 1, &g->about, ei);
}

/* Each of the group's parts, in order. */
static int
each_part(const struct group *g,
          int (*each)(void *arg, const struct cargo_read *part, struct errinfo *ei), void *arg,
          struct errinfo *ei)
{
    const struct unload *u = g->u;
    int r = 0;

    for (unsigned i = 0; r == 0 && i < g->parts; i++) {
        AUTO_BUF(text, (size_t)BUNDLE_MEMBER_MAX + 1);
        struct cargo_read part = {.added = NULL};

        r = u->get(u->arg, g->first + i, &text);
        buf_char(&text, '\0');
        if (r == 0)
            r = buf_error(&text);
        if (r == 0)
            r = cargo_read(text.ptr, text.len - 1, &part, ei);
        if (r == 0)
            r = each(arg, &part, ei);
        cargo_read_release(&part);
    }
    return r;
}

static int
each_group(const struct unload *u, int (*each)(const struct group *g, struct errinfo *ei),
           struct errinfo *ei)
{
    struct group g = {.u = u};
    struct slice id;
    struct slice name;
    unsigned count = 0;
    int r = 0;

    buf_init(&g.said, CARGO_ABOUT + 1);
    for (unsigned i = 0; r == 0 && i < u->count;) {
        if (!split(u->path(u->arg, i), &id, &name)) {
            i++;
            continue;
        }
        r = ++count > CARGO_COLLECTIONS
                ? err_set(ei, ERR_LIMIT, "more than %d collections in it", CARGO_COLLECTIONS)
                : read_group(&g, i, &i, ei);
        if (r == 0)
            r = each(&g, ei);
    }
    buf_release(&g.said);
    return r < 0 && ei->text[0] == '\0' ? err_set(ei, r, "%s", err_text(r)) : r;
}

/* ---- looking ----------------------------------------------------------------------------- */

static int
check_part(void *arg, const struct cargo_read *part, struct errinfo *ei)
{
    return cargo_check_part(arg, part, ei);
}

static int
check_group(const struct group *g, struct errinfo *ei)
{
    const struct unload_row row = {.about = &g->about, .into = ""};
    struct cargo_check c;
    int r;

    cargo_check_init(&c, &g->about);
    r = each_part(g, check_part, &c, ei);
    if (r == 0)
        r = cargo_check_end(&c, ei);
    cargo_check_release(&c);
    if (r == 0)
        g->u->told(g->u->arg, &row);
    return r;
}

int
unload_check(const struct unload *u, struct errinfo *ei)
{
    return each_group(u, check_group, ei);
}

/* ---- taking ------------------------------------------------------------------------------ */

struct taking_part {
    struct landing l;
    bool gap;
};

/* What is behind the place, as a pull would ask for it. */
static int
take_part(void *arg, const struct cargo_read *part, struct errinfo *ei)
{
    struct taking_part *x = arg;
    size_t count = part->objects.count;
    size_t from = 0;
    struct parcel rest;
    int r;

    while (from < count && part->added[from].us <= x->l.after.us)
        from++;
    if (from == count)
        return 0;
    rest = (struct parcel){.at = part->objects.at + from, .count = count - from};
    r = taking_put(&x->l.taking, &rest, ei);
    return r < 0 || x->gap ? r : landing_reach(&x->l, part->added[count - 1], ei);
}

static int
take_group(const struct group *g, struct errinfo *ei)
{
    const struct unload *u = g->u;
    struct unload_row row = {.about = &g->about};
    struct taking_part *x = calloc(1, sizeof *x);
    int r = x == NULL ? ERR_NOMEM : landing_open(u->dir, u->from, &g->about, &x->l, ei);

    if (r < 0) {
        free(x);
        return r;
    }
    x->l.taking.tell = u->tell;
    x->l.taking.arg = u->arg;
    x->gap = g->about.after.us > x->l.after.us;
    r = each_part(g, take_part, x, ei);
    row.gap = x->gap;
    row.into = x->l.taking.collection.name;
    row.added = x->l.taking.added;
    row.same = x->l.taking.same;
    row.refused = x->l.taking.refused;
    row.removed = x->l.taking.removed;
    u->told(u->arg, &row);
    landing_close(&x->l);
    free(x);
    return r;
}

int
unload_take(const struct unload *u, struct errinfo *ei)
{
    return each_group(u, take_group, ei);
}
