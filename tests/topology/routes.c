#include "routes.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "topology/build.h"

/* ---- worlds ------------------------------------------------------------------------------ */

static uint32_t
draw(uint64_t *x, uint32_t below)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*x >> 33) % below;
}

static uint32_t
asn_of(uint32_t i)
{
    return 1 + i * 7919 % 20011; /* a prime each: all differ, in no order */
}

struct topology *
routes_world(unsigned seed, unsigned networks, unsigned top)
{
    uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    const unsigned carriers = top + networks / 25;
    const unsigned regional = carriers + networks / 8;
    struct topology_counts counts;
    struct topology *t = NULL;
    struct errinfo ei = {0};
    struct build *b;

    assert_true(networks < 20000 && top > 3);
    assert_int_equal(build_new(&b), 0);
    for (uint32_t i = 0; i < networks; i++) {
        unsigned many = 1 + draw(&x, 3);

        for (uint32_t k = 0; i < top && k < i; k++)
            assert_int_equal(build_link(b, asn_of(i), asn_of(k), TIE_PEER), 0);
        for (unsigned k = 0; i >= top && k < many; k++) {
            uint32_t from = i < carriers ? draw(&x, top)
                            : i < regional
                                ? (draw(&x, 4) ? top + draw(&x, carriers - top) : draw(&x, top))
                            : draw(&x, 10) ? top + draw(&x, regional - top)
                                           : draw(&x, top);

            assert_int_equal(build_link(b, asn_of(from), asn_of(i), TIE_TRANSIT), 0);
        }
        for (unsigned k = i >= top && i < carriers ? 4 : draw(&x, 3); i >= top && k > 0; k--) {
            uint32_t with = i < carriers ? top + draw(&x, carriers - top)
                                         : carriers + draw(&x, regional - carriers);

            if (i < regional || draw(&x, 6) == 0)
                assert_int_equal(build_link(b, asn_of(i), asn_of(with), TIE_PEER), 0);
        }
        if (i < top)
            assert_int_equal(build_clique(b, asn_of(i)), 0);
        assert_int_equal(build_addresses(b, asn_of(i), 256), 0);
    }
    assert_int_equal(build_finish(b, true, &t, &counts, &ei), 0);
    (void)build_free(b);
    return t;
}

/* ---- routes ------------------------------------------------------------------------------ */

enum { OF_CUSTOMER, OF_PEER, OF_PROVIDER };

void
routes_init(struct routes *r, const struct topology *t)
{
    r->t = t;
    r->hops = calloc(t->count + (size_t)1, sizeof *r->hops);
    r->next = calloc(t->count + (size_t)1, sizeof *r->next);
    r->kind = calloc(t->count + (size_t)1, 1);
    assert_true(r->hops != NULL && r->next != NULL && r->kind != NULL);
}

void
routes_release(struct routes *r)
{
    free(r->hops);
    free(r->next);
    free(r->kind);
}

static uint32_t
taste(uint32_t a, uint32_t b)
{
    uint64_t x = ((uint64_t)a << 32 | b) * UINT64_C(0x9e3779b97f4a7c15);

    return (uint32_t)((x ^ x >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 32);
}

/* `by` told `who` of it. */
static void
offer(struct routes *r, uint32_t who, uint32_t by, uint8_t kind)
{
    uint32_t hops = r->hops[by] + 1;

    if (r->hops[who] != TOPOLOGY_NONE &&
        (r->kind[who] < kind ||
         (r->kind[who] == kind &&
          (r->hops[who] < hops ||
           (r->hops[who] == hops && taste(who, r->next[who]) <= taste(who, by))))))
        return;
    r->hops[who] = hops;
    r->next[who] = by;
    r->kind[who] = kind;
}

void
routes_to(struct routes *r, uint32_t network)
{
    const struct topology *t = r->t;

    memset(r->hops, 0xff, t->count * sizeof *r->hops);
    r->hops[network] = 0;
    r->next[network] = network;
    r->kind[network] = OF_CUSTOMER;
    for (uint32_t i = t->count; i-- > 0;) {
        for (uint32_t k = t->provider.at[i];
             r->hops[i] != TOPOLOGY_NONE && k < t->provider.at[i + 1]; k++)
            offer(r, t->provider.to[k], i, OF_CUSTOMER);
    }
    for (uint32_t i = 0; i < t->count; i++) {
        for (uint32_t k = t->peer.at[i];
             r->hops[i] != TOPOLOGY_NONE && r->kind[i] == OF_CUSTOMER && k < t->peer.at[i + 1];
             k++)
            offer(r, t->peer.to[k], i, OF_PEER);
    }
    for (uint32_t i = 0; i < t->count; i++) {
        for (uint32_t k = t->provider.at[i]; k < t->provider.at[i + 1]; k++) {
            if (r->hops[t->provider.to[k]] != TOPOLOGY_NONE)
                offer(r, i, t->provider.to[k], OF_PROVIDER);
        }
    }
}

unsigned
routes_path(const struct routes *r, uint32_t from, uint32_t to[ROUTES_LONGEST])
{
    unsigned n = 0;

    if (r->hops[from] == TOPOLOGY_NONE)
        return 0;
    for (;; from = r->next[from]) {
        assert_true(n < ROUTES_LONGEST);
        to[n++] = r->t->asn[from];
        if (r->next[from] == from)
            return n;
    }
}

/* ---- MRT --------------------------------------------------------------------------------- */

void
mrt_put_be(struct buf *to, uint64_t n, unsigned bytes)
{
    while (bytes-- > 0)
        buf_char(to, (char)(n >> (8 * bytes)));
}

void
mrt_put_head(struct buf *to, uint32_t when, unsigned type, unsigned subtype, size_t len)
{
    mrt_put_be(to, when, 4);
    mrt_put_be(to, type, 2);
    mrt_put_be(to, subtype, 2);
    mrt_put_be(to, len, 4);
}

void
mrt_put_peers(struct buf *to, uint32_t when, const uint32_t *asn, unsigned count)
{
    mrt_put_head(to, when, 13, 1, 8 + (size_t)count * 13);
    mrt_put_be(to, 0xc0000201, 4);
    mrt_put_be(to, 0, 2);
    mrt_put_be(to, count, 2);
    for (unsigned i = 0; i < count; i++) {
        mrt_put_be(to, 2, 1);
        mrt_put_be(to, i + 1, 4);
        mrt_put_be(to, 0xc6336401 + i, 4);
        mrt_put_be(to, asn[i], 4);
    }
}

static void
put_route(struct buf *to, unsigned peer, const uint32_t *path, unsigned hops)
{
    mrt_put_be(to, peer, 2);
    mrt_put_be(to, 0, 4);
    mrt_put_be(to, 5 + 4 * hops, 2);
    mrt_put_be(to, 0x4002, 2);
    mrt_put_be(to, 2 + 4 * hops, 1);
    mrt_put_be(to, 2, 1);
    mrt_put_be(to, hops, 1);
    for (unsigned i = 0; i < hops; i++)
        mrt_put_be(to, path[i], 4);
}

void
routes_write(const struct topology *t, const uint32_t *from, unsigned count, unsigned each,
             routes_flush *flush, void *arg)
{
    AUTO_BUF(out, 1 << 20);
    AUTO_BUF(body, 1 << 20);
    uint32_t asn[256];
    struct routes r;

    routes_init(&r, t);
    assert_true(count <= 256);
    for (unsigned i = 0; i < count; i++)
        asn[i] = t->asn[from[i]];
    mrt_put_peers(&out, 1704067200, asn, count);
    for (uint32_t d = 0; d < t->count; d += each) {
        unsigned routes = 0;

        routes_to(&r, d);
        buf_reset(&body);
        for (unsigned i = 0; i < count; i++) {
            uint32_t path[ROUTES_LONGEST];
            unsigned hops = routes_path(&r, from[i], path);

            if (hops > 0)
                put_route(&body, i, path, hops);
            routes += hops > 0;
        }
        mrt_put_head(&out, 1704067200, 13, 2, 10 + body.len);
        mrt_put_be(&out, d, 4);
        mrt_put_be(&out, 24, 1);
        mrt_put_be(&out, 0x10000 + d, 3);
        mrt_put_be(&out, routes, 2);
        buf_slice(&out, buf_get(&body));
        assert_int_equal(buf_error(&out), 0);
        flush(arg, &out);
        buf_reset(&out);
    }
    routes_release(&r);
}

/* ---- what came back ---------------------------------------------------------------------- */

static bool
has(const struct topology_list *l, uint32_t a, uint32_t b)
{
    for (uint32_t k = l->at[a]; k < l->at[a + 1]; k++) {
        if (l->to[k] == b)
            return true;
    }
    return false;
}

static bool
is_top(const struct topology *t, uint32_t asn)
{
    for (uint32_t k = 0; k < t->clique_count; k++) {
        if (t->asn[t->clique[k]] == asn)
            return true;
    }
    return false;
}

struct agreement
routes_compare(const struct topology *is, const struct topology *told)
{
    struct agreement a = {.told_transit = told->transit_links,
                          .told_peers = told->peer_links,
                          .transit_all = is->transit_links,
                          .peers_all = is->peer_links};

    for (uint32_t i = 0; i < is->count; i++) {
        uint32_t x = topology_find(told, is->asn[i]);

        for (uint32_t k = is->provider.at[i]; x != TOPOLOGY_NONE && k < is->provider.at[i + 1];
             k++) {
            uint32_t y = topology_find(told, is->asn[is->provider.to[k]]);
            bool right = y != TOPOLOGY_NONE && has(&told->provider, x, y);
            bool turned = y != TOPOLOGY_NONE && has(&told->provider, y, x);

            a.transit += right || turned || (y != TOPOLOGY_NONE && has(&told->peer, x, y));
            a.transit_right += right;
            a.turned += turned;
        }
        for (uint32_t k = is->peer.at[i]; x != TOPOLOGY_NONE && k < is->peer.at[i + 1]; k++) {
            uint32_t y = topology_find(told, is->asn[is->peer.to[k]]);

            if (y == TOPOLOGY_NONE || y < x)
                continue;
            a.peers += has(&told->peer, x, y) || has(&told->provider, x, y) ||
                       has(&told->provider, y, x);
            a.peers_right += has(&told->peer, x, y);
        }
    }
    for (uint32_t k = 0; k < is->clique_count; k++)
        a.top_missing += !is_top(told, is->asn[is->clique[k]]);
    for (uint32_t k = 0; k < told->clique_count; k++)
        a.top_extra += !is_top(is, told->asn[told->clique[k]]);
    return a;
}
