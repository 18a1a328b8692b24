#include <stdio.h>
#include <stdlib.h>

#include "role/source_priv.h"
#include "taxii/request.h"

enum { ARENA = 64 << 20, BODY = 4 << 20, ROOTS = 64 };

struct finding {
    struct source_line line;
    struct taxii_link first; /* that was named: the password goes nowhere else */
    const char *wanted;
    struct source_finds *ret;
};

static int
add(struct finding *f, const struct taxii_link *list, const struct discovered_item *x,
    struct errinfo *ei)
{
    struct source_found *to = &f->ret->at[f->ret->count];
    struct taxii_link l;
    AUTO_BUF(url, SOURCE_URL);
    int r;

    if (!x->can_read ||
        (f->wanted != NULL && !slice_is(x->id, f->wanted) && !slice_is(x->alias, f->wanted)))
        return 0;
    if (f->ret->count == SOURCE_FOUND)
        return err_set(ei, ERR_LIMIT, "the server has more than %d collections", SOURCE_FOUND);
    if (x->id.len == 0 || memchr(x->id.ptr, '/', x->id.len) != NULL)
        return err_set(ei, ERR_INVALID, "the server names a collection without an id");
    r = link_join(list, x->id, &l, ei);
    if (r < 0)
        return r;
    link_put(&l, &url);
    (void)snprintf(to->url, sizeof to->url, "%.*s", (int)url.len, url.ptr);
    (void)snprintf(to->id, sizeof to->id, "%.*s", (int)x->id.len, x->id.ptr);
    (void)snprintf(to->alias, sizeof to->alias, "%.*s",
                   (int)slice_cut(x->alias, SOURCE_TITLE - 1).len, x->alias.ptr);
    (void)snprintf(to->title, sizeof to->title, "%.*s",
                   (int)slice_cut(x->title, SOURCE_TITLE - 1).len, x->title.ptr);
    f->ret->count++;
    return 0;
}

/* What stands at l, in the arena. */
static int
ask(struct finding *f, const struct taxii_link *l, struct arena *a, struct discovery *ret,
    struct errinfo *ei)
{
    struct client_answer answer;
    AUTO_BUF(url, SOURCE_URL + 1);
    char *text;

    if (!link_same_host(l, &f->first))
        return err_set(ei, ERR_CONF,
                       "the server names %.100s, another host: where you trust that one, add "
                       "the source with its address",
                       l->host);
    link_put(l, &url);
    buf_char(&url, '\0');
    source_line_ask(&f->line, url.ptr, false, &answer);
    if (answer.status != 200 || answer.is_cut)
        return client_refused(&answer, ei);
    if (!taxii_is_content(answer.media))
        return err_set(ei, ERR_INVALID,
                       "%.100s%.60s does not answer as TAXII 2.1 does: its address is often "
                       "https://HOST/taxii2/",
                       l->host, l->path);
    if (answer.bytes > BODY)
        return err_set(ei, ERR_LIMIT, "the server's answer has more than %d MiB", BODY >> 20);
    text = arena_alloc(a, answer.bytes + 1);
    if (text == NULL)
        return ERR_NOMEM;
    memcpy(text, answer.body, answer.bytes);
    return discover_read(text, answer.bytes, a, ret, ei);
}

static int
list_root(struct finding *f, const struct taxii_link *root, struct arena *a, struct errinfo *ei)
{
    struct taxii_link l;
    struct discovery d;
    int r = link_join(root, SLICE("collections/"), &l, ei);

    if (r == 0)
        r = ask(f, &l, a, &d, ei);
    if (r == 0 && d.what != DISCOVERED_COLLECTIONS)
        r = err_set(ei, ERR_INVALID, "the server's collections are no list of such");
    for (unsigned i = 0; r == 0 && i < d.count; i++)
        r = add(f, &l, &d.at[i], ei);
    return r;
}

static int
list_roots(struct finding *f, const struct taxii_link *at, const struct discovery *d,
           struct arena *a, struct errinfo *ei)
{
    int r = 0;

    if (d->count > ROOTS)
        return err_set(ei, ERR_LIMIT, "the server has more than %d API roots", ROOTS);
    for (unsigned i = 0; r == 0 && i < d->count; i++) {
        struct taxii_link root;

        r = link_join(at, d->at[i].id, &root, ei);
        if (r == 0)
            r = list_root(f, &root, a, ei);
        /* Roots may be others' (4.1); they stand in nobody's way. */
        if ((r == ERR_AUTH || r == ERR_NOTFOUND) && d->count > 1)
            r = 0;
    }
    return r;
}

static int
find(struct finding *f, struct arena *a, struct errinfo *ei)
{
    struct taxii_link at = f->first;
    struct taxii_link above;
    struct discovery d;
    int r = ask(f, &at, a, &d, ei);

    if (r < 0)
        return r;
    switch (d.what) {
    case DISCOVERED_SERVER: return list_roots(f, &at, &d, a, ei);
    case DISCOVERED_ROOT: return list_root(f, &at, a, ei);
    case DISCOVERED_COLLECTIONS:
        for (unsigned i = 0; r == 0 && i < d.count; i++)
            r = add(f, &at, &d.at[i], ei);
        return r;
    case DISCOVERED_ONE: break;
    }
    above = at;
    above.path[strlen(above.path) - 1] = '\0';
    *(strrchr(above.path, '/') + 1) = '\0';
    return add(f, &above, &d.at[0], ei);
}

int
source_find(const char *dir, const struct source *s, const char *url, const char *wanted,
            struct source_finds *ret, struct errinfo *ei)
{
    struct finding f = {.wanted = wanted, .ret = ret};
    AUTO_ARENA(arena);
    int r = link_read(slice_of(url), &f.first, ei);

    ret->count = 0;
    if (r < 0)
        return r;
    r = arena_init(&arena, ARENA + (size_t)DOM_ROOM * BODY);
    if (r == 0)
        r = source_line_open(dir, s, &f.line, ei);
    err_file(ei, url);
    if (r == 0)
        r = find(&f, &arena, ei);
    source_line_close(&f.line);
    if (r == 0 && ret->count == 0)
        r = err_set(ei, ERR_NOTFOUND, "the server has no collection%s%.64s that may be read",
                    wanted == NULL ? "" : " ", wanted == NULL ? "" : wanted);
    return r;
}
