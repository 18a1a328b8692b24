/* Routing tables in pieces, the first byte says how large: what is told does not depend on
 * that, and what is inferred from it has no cycle. */
#include <string.h>

#include "topology/infer.h"
#include "topology/mrt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
take(void *arg, const struct mrt_route *route)
{
    BUG_ON(route->hops == 0 || route->hops > MRT_HOPS || route->len > 128);
    for (unsigned i = 0; i < route->hops; i++) {
        BUG_ON(mrt_is_reserved(route->path[i]));
        for (unsigned k = 0; k < i; k++)
            BUG_ON(route->path[i] == route->path[k]);
    }
    return paths_add(arg, route->path, route->hops);
}

static int
read_pieces(struct slice bytes, size_t step, struct paths *p, struct mrt_counts *ret)
{
    struct errinfo ei = {0};
    struct mrt *m;
    int r;

    memset(ret, 0, sizeof *ret);
    paths_init(p);
    r = mrt_new(take, p, &m);
    if (r < 0)
        return r;
    while (r == 0 && bytes.len > 0) {
        r = mrt_feed(m, slice_sub(bytes, 0, step), &ei);
        bytes = slice_sub(bytes, step, bytes.len);
    }
    if (r == 0)
        r = mrt_end(m, &ei);
    BUG_ON(r == ERR_INVALID && ei.text[0] == '\0');
    *ret = *mrt_counted(m);
    (void)mrt_free(m);
    return r;
}

static void
infer(const struct paths *p)
{
    struct topology_counts counts;
    struct infer_counts c;
    struct topology *t = NULL;
    struct errinfo ei = {0};
    struct build *b;

    if (build_new(&b) < 0)
        return;
    if (infer_links(p, NULL, 0, b, &c) == 0)
        BUG_ON(build_finish(b, false, &t, &counts, &ei) == ERR_INVALID);
    (void)topology_free(t);
    (void)build_free(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = {(const char *)data + 1, size - 1};
    struct mrt_counts one;
    struct mrt_counts two;
    struct paths p;
    struct paths q;
    int r;

    if (size == 0)
        return 0;
    r = read_pieces(bytes, bytes.len + 1, &p, &one);
    BUG_ON(read_pieces(bytes, data[0] + 1u, &q, &two) != r);
    BUG_ON(memcmp(&one, &two, sizeof one) != 0 || p.hop.count != q.hop.count);
    if (r == 0)
        infer(&p);
    paths_release(&p);
    paths_release(&q);
    return 0;
}
