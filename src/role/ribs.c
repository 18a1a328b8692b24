#include "role/ribs.h"

#include <stdlib.h>

#include "role/unpack.h"
#include "topology/origins.h"

/* An address block that is told wider is a default, or a mistake. */
enum { WIDEST = 8 /* bits */, CANDIDATES = 8 };

/* Of the prefix whose routes are told: who originates it, by how many routes. */
struct told {
    uint32_t start;
    unsigned len;
    unsigned count;
    struct {
        uint32_t asn;
        uint32_t routes;
    } origin[CANDIDATES];
};

struct ribs {
    struct paths paths;
    struct origins origins;
    struct told prefix;
    uint64_t numbered; /* prefixes that were told before this one */
    struct mrt *mrt;   /* of the file that is read */
    struct ribs_counts counts;
};

int
ribs_new(struct ribs **ret)
{
    *ret = calloc(1, sizeof **ret);
    if (*ret == NULL)
        return ERR_NOMEM;
    paths_init(&(*ret)->paths);
    return 0;
}

struct ribs *
ribs_free(struct ribs *r)
{
    if (r != NULL) {
        paths_release(&r->paths);
        origins_release(&r->origins);
        (void)mrt_free(r->mrt);
    }
    free(r);
    return NULL;
}

const struct ribs_counts *
ribs_counted(const struct ribs *r)
{
    return &r->counts;
}

/* Most routes decide whose a prefix is; of as many the origin that was told first. */
static int
end_prefix(struct ribs *r)
{
    const struct told *p = &r->prefix;
    unsigned best = 0;
    int code = 0;

    for (unsigned i = 1; i < p->count; i++) {
        if (p->origin[i].routes > p->origin[best].routes)
            best = i;
    }
    if (p->count > 0 && p->len >= WIDEST)
        code = origins_add(&r->origins, p->start, p->len, p->origin[best].asn);
    r->prefix.count = 0;
    return code;
}

static int
add_origin(struct ribs *r, const struct mrt_route *route)
{
    uint32_t asn = route->path[route->hops - 1];
    struct told *p = &r->prefix;
    unsigned i = 0;
    int code = 0;

    if (mrt_counted(r->mrt)->prefixes != r->numbered) {
        code = end_prefix(r);
        r->numbered = mrt_counted(r->mrt)->prefixes;
        p->start = route->start;
        p->len = route->len;
    }
    while (i < p->count && p->origin[i].asn != asn)
        i++;
    if (i == p->count && i < CANDIDATES) {
        p->origin[i].asn = asn;
        p->origin[i].routes = 0;
        p->count++;
    }
    if (i < p->count)
        p->origin[i].routes++;
    return code;
}

static int
take_route(void *arg, const struct mrt_route *route)
{
    struct ribs *r = arg;
    int code = paths_add(&r->paths, route->path, route->hops);

    return code == 0 && route->ipv4 ? add_origin(r, route) : code;
}

static int
feed(void *arg, struct slice piece, struct errinfo *ei)
{
    struct ribs *r = arg;
    int code = mrt_feed(r->mrt, piece, ei);

    if (code == ERR_LIMIT)
        return err_set(ei, code,
                       "more paths than are held (%d hops, %d prefixes): import fewer files",
                       PATHS_HOPS, ORIGINS_MOST);
    return code == ERR_NOMEM ? err_set(ei, code, "%s", err_text(code)) : code;
}

static void
add_counts(struct mrt_counts *to, const struct mrt_counts *c)
{
    for (unsigned i = 0; i < MRT_KINDS; i++)
        to->records[i] += c->records[i];
    if (to->bytes == 0 || c->first.us < to->first.us)
        to->first = c->first;
    if (c->last.us > to->last.us)
        to->last = c->last;
    to->bytes += c->bytes;
    to->prefixes += c->prefixes;
    to->routes += c->routes;
    to->empty += c->empty;
    to->set += c->set;
    to->loop += c->loop;
    to->reserved += c->reserved;
    to->longer += c->longer;
    to->cut += c->cut;
}

int
ribs_read(struct ribs *r, const char *path, uint64_t *ret_routes, struct hash *ret_sha256,
          struct errinfo *ei)
{
    int code = mrt_new(take_route, r, &r->mrt);

    *ret_routes = 0;
    err_file(ei, path);
    if (code < 0)
        return err_set(ei, code, "%s", err_text(code));
    r->numbered = 0;
    code = unpack_stream(path, feed, r, ret_sha256, NULL, ei);
    if (code == 0)
        code = mrt_end(r->mrt, ei);
    if (code == 0) {
        code = end_prefix(r);
        if (code < 0)
            (void)err_set(ei, code, "%s", err_text(code));
    }
    *ret_routes = mrt_counted(r->mrt)->routes;
    add_counts(&r->counts.mrt, mrt_counted(r->mrt));
    r->mrt = mrt_free(r->mrt);
    return code;
}

int
ribs_build(struct ribs *r, struct build *b, const uint32_t *top, uint32_t tops, bool addresses,
           struct errinfo *ei)
{
    int code = infer_links(&r->paths, top, tops, b, &r->counts.links);

    if (code == 0 && addresses)
        code = origins_count(&r->origins, b);
    r->counts.vantage_points = r->paths.roots;
    r->counts.paths = r->paths.hop.count;
    return code < 0 ? err_set(ei, code, "%s", err_text(code)) : 0;
}
