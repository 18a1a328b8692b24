#include "taxii/discover.h"

#include <stdio.h>

/* ---- addresses --------------------------------------------------------------------------- */

static bool
begins(struct slice s, const char *with)
{
    return slice_is(slice_sub(s, 0, strlen(with)), with);
}

static bool
is_local(struct slice host)
{
    struct slice rest = host;

    if (begins(host, "[::1]"))
        return host.len == 5 || host.ptr[5] == ':';
    return slice_is(slice_part(&rest, ':'), "127.0.0.1");
}

/* Letters that stand for themselves in a path or a host. */
static bool
is_plain(struct slice s, const char *more)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            (c == '\0' || strchr(more, c) == NULL))
            return false;
    }
    return true;
}

static int
set_path(struct taxii_link *l, struct slice before, struct slice path, struct errinfo *ei)
{
    bool slash = path.len == 0 ? before.len == 0 : path.ptr[path.len - 1] != '/';

    if (before.len + path.len + 2 > sizeof l->path)
        return err_set(ei, ERR_CONF, "an address has a path of up to %d bytes", LINK_PATH - 2);
    if (!is_plain(path, "/-._~%!$&'()*+,;=:@"))
        return err_set(ei, ERR_CONF,
                       "an address of TAXII is a path alone, without `?`, `#` and spaces");
    (void)snprintf(l->path, sizeof l->path, "%.*s%.*s%s", (int)before.len, before.ptr,
                   (int)path.len, path.ptr, slash ? "/" : "");
    return 0;
}

int
link_read(struct slice text, struct taxii_link *ret, struct errinfo *ei)
{
    struct taxii_link l = {.tls = begins(text, "https://")};
    struct slice rest = slice_sub(text, l.tls ? 8 : 7, text.len);
    struct slice host;
    const char *slash;
    int r;

    if (!l.tls && !begins(text, "http://"))
        return err_set(ei, ERR_CONF, "an address begins with https://");
    slash = rest.len == 0 ? NULL : memchr(rest.ptr, '/', rest.len);
    host = slice_sub(rest, 0, slash == NULL ? rest.len : (size_t)(slash - rest.ptr));
    rest = slice_sub(rest, host.len, rest.len);
    if (host.len == 0 || host.len >= sizeof l.host || !is_plain(host, ".-:[]"))
        return err_set(ei, ERR_CONF,
                       "an address has a host, and no user in front of it: give --user");
    if (!l.tls && !is_local(host))
        return err_set(ei, ERR_CONF,
                       "an address begins with https://; http:// goes to this machine alone, "
                       "127.0.0.1 or [::1]");
    (void)snprintf(l.host, sizeof l.host, "%.*s", (int)host.len, host.ptr);
    r = set_path(&l, SLICE(""), rest.len == 0 ? SLICE("/") : rest, ei);
    if (r == 0)
        *ret = l;
    return r;
}

int
link_join(const struct taxii_link *base, struct slice ref, struct taxii_link *ret,
          struct errinfo *ei)
{
    struct taxii_link l = *base;
    struct slice rest = ref;
    struct slice first = slice_part(&rest, '/');
    int r;

    if (begins(ref, "https://") || begins(ref, "http://"))
        return link_read(ref, ret, ei);
    if (begins(ref, "//") || memchr(first.ptr, ':', first.len) != NULL)
        return err_set(ei, ERR_CONF, "the server names an address that is none of TAXII");
    r = set_path(&l, begins(ref, "/") ? SLICE("") : slice_of(base->path), ref, ei);
    if (r == 0)
        *ret = l;
    return r;
}

void
link_put(const struct taxii_link *l, struct buf *to)
{
    buf_text(to, l->tls ? "https://" : "http://");
    buf_text(to, l->host);
    buf_text(to, l->path);
}

bool
link_same_host(const struct taxii_link *a, const struct taxii_link *b)
{
    return a->tls == b->tls && strcmp(a->host, b->host) == 0;
}

/* ---- resources --------------------------------------------------------------------------- */

static void
take_item(const struct dom *d, struct discovered_item *ret)
{
    const struct dom *can = dom_get(d, SLICE("can_read"));

    *ret = (struct discovered_item){
        .id = dom_text(d->kind == DOM_STRING ? d : dom_get(d, SLICE("id"))),
        .title = dom_text(dom_get(d, SLICE("title"))),
        .alias = dom_text(dom_get(d, SLICE("alias"))),
        .can_read = can != NULL && can->kind == DOM_TRUE};
}

static int
take_list(const struct dom *list, struct arena *a, struct discovery *ret, struct errinfo *ei)
{
    unsigned count = 0;

    if (list->kind != DOM_ARRAY)
        return err_set(ei, ERR_INVALID, "`%.*s` is a list", (int)list->name.len,
                       list->name.ptr);
    for (const struct dom *d = list->first; d != NULL; d = d->next)
        count++;
    if (count > DISCOVER_MOST)
        return err_set(ei, ERR_LIMIT, "the server names more than %d of them", DISCOVER_MOST);
    ret->at = count == 0 ? NULL : arena_alloc(a, count * sizeof *ret->at);
    if (ret->at == NULL && count > 0)
        return ERR_NOMEM;
    for (const struct dom *d = list->first; d != NULL; d = d->next)
        take_item(d, &ret->at[ret->count++]);
    return 0;
}

int
discover_read(char *body, size_t bytes, struct arena *a, struct discovery *ret,
              struct errinfo *ei)
{
    const struct dom *d = NULL;
    const struct dom *list;
    int r = dom_read(body, bytes, a, &d, ei);

    if (r < 0)
        return r;
    *ret = (struct discovery){.title = dom_text(dom_get(d, SLICE("title")))};
    ret->what = DISCOVERED_SERVER;
    if ((list = dom_get(d, SLICE("api_roots"))) != NULL)
        return take_list(list, a, ret, ei);
    ret->what = DISCOVERED_COLLECTIONS;
    if ((list = dom_get(d, SLICE("collections"))) != NULL)
        return take_list(list, a, ret, ei);
    ret->what = DISCOVERED_ROOT;
    if (dom_get(d, SLICE("versions")) != NULL && dom_get(d, SLICE("id")) == NULL)
        return 0;
    ret->what = DISCOVERED_ONE;
    if (dom_text(dom_get(d, SLICE("id"))).len > 0 && dom_get(d, SLICE("can_read")) != NULL) {
        ret->at = arena_alloc(a, sizeof *ret->at);
        ret->count = 1;
        if (ret->at == NULL)
            return ERR_NOMEM;
        take_item(d, ret->at);
        return 0;
    }
    /* No list of collections and nobody's: the server has none for who asks. */
    ret->what = DISCOVERED_COLLECTIONS;
    if (d->kind == DOM_OBJECT && d->first == NULL)
        return 0;
    return err_set(ei, ERR_INVALID,
                   "what stands there is neither a server of TAXII 2.1, an API root nor a "
                   "collection");
}
