#include "topology/mrt.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "topology/mrt_path.h"

enum { MRT_ANY = 0x10000, HEAD = 12 };
enum mrt_what { MRT_PEERS, MRT_RIB, MRT_SKIP };

static const struct {
    uint32_t type;
    uint32_t subtype;
    enum mrt_what what;
    const char *name;
} kinds[MRT_KINDS] = {
#define KIND(type, subtype, what, name) {type, subtype, what, name},
#include "topology/mrt_kind.def"
};

struct mrt {
    mrt_take *take;
    void *arg;
    struct buf held; /* of the record that is not whole yet */
    uint64_t skip;   /* bytes of a record that nobody reads */
    uint64_t at;     /* where the record begins */
    uint32_t body;   /* its length behind its head */
    unsigned kind;
    uint32_t subtype;
    uint32_t peers; /* of the last table of them */
    bool any_peers;
    struct mrt_counts counts;
};

const char *
mrt_kind_name(unsigned kind)
{
    return kinds[kind].name;
}

bool
mrt_kind_is_skipped(unsigned kind)
{
    return kinds[kind].what == MRT_SKIP;
}

int
mrt_new(mrt_take *take, void *arg, struct mrt **ret)
{
    *ret = calloc(1, sizeof **ret);
    if (*ret == NULL)
        return ERR_NOMEM;
    (*ret)->take = take;
    (*ret)->arg = arg;
    buf_init(&(*ret)->held, MRT_RECORD + HEAD);
    return 0;
}

struct mrt *
mrt_free(struct mrt *m)
{
    if (m != NULL)
        buf_release(&m->held);
    free(m);
    return NULL;
}

const struct mrt_counts *
mrt_counted(const struct mrt *m)
{
    return &m->counts;
}

/* ---- bytes of a record ------------------------------------------------------------------- */

struct cursor {
    const char *start;
    struct slice rest;
    bool ended; /* more was asked for than there is */
};

static struct slice
take_bytes(struct cursor *c, size_t n)
{
    struct slice s = slice_sub(c->rest, 0, n);

    c->ended |= s.len < n;
    c->rest = slice_sub(c->rest, s.len, c->rest.len);
    return s;
}

/* A number of so many bytes; 0 when they are not there. */
static uint32_t
take_be(struct cursor *c, size_t n)
{
    struct slice s = take_bytes(c, n);
    uint32_t v = 0;

    for (size_t i = 0; s.len == n && i < n; i++)
        v = v << 8 | (uint8_t)s.ptr[i];
    return v;
}

static int
refuse(const struct mrt *m, const struct cursor *c, const char *what, struct errinfo *ei)
{
    uint64_t at = m->at + HEAD + (uint64_t)(c->rest.ptr - c->start);

    return err_set(ei, ERR_INVALID, "byte %llu: %s (%s, whose record begins at byte %llu)",
                   (unsigned long long)at, what, kinds[m->kind].name,
                   (unsigned long long)m->at);
}

/* ---- PEER_INDEX_TABLE (RFC 6396 section 4.3.1) ------------------------------------------- */

static int
take_peers(struct mrt *m, struct cursor *c, struct errinfo *ei)
{
    uint32_t count;

    (void)take_be(c, 4); /* the collector's own identifier */
    (void)take_bytes(c, take_be(c, 2));
    count = take_be(c, 2);
    for (uint32_t i = 0; i < count && !c->ended; i++) {
        uint32_t type = take_be(c, 1);

        (void)take_bytes(c, 4u + (type & 1 ? 16u : 4u) + (type & 2 ? 4u : 2u));
    }
    if (c->ended)
        return refuse(m, c, "its peers do not fit in it", ei);
    if (c->rest.len > 0)
        return refuse(m, c, "bytes behind its last peer", ei);
    m->peers = count;
    m->any_peers = true;
    return 0;
}

/* ---- RIB (section 4.3.2, RFC 8050 section 4) --------------------------------------------- */

enum { AS_PATH = 2, AS4_PATH = 17, EXTENDED = 0x10 };

/* The two attributes that name networks (RFC 4271 section 4.3); false: lengths lie. */
static bool
find_paths(struct slice attributes, struct slice *ret_path, struct slice *ret_as4)
{
    struct cursor c = {attributes.ptr, attributes, false};

    while (c.rest.len > 0 && !c.ended) {
        uint32_t flags = take_be(&c, 1);
        uint32_t type = take_be(&c, 1);
        struct slice value = take_bytes(&c, take_be(&c, flags & EXTENDED ? 2 : 1));

        if (type == AS_PATH)
            *ret_path = value;
        else if (type == AS4_PATH)
            *ret_as4 = value;
    }
    return !c.ended;
}

static int
take_entry(struct mrt *m, struct cursor *c, bool add_path, struct mrt_route *route,
           struct errinfo *ei)
{
    uint32_t hop[MRT_HOPS];
    struct slice attributes;
    struct slice path = {0};
    struct slice as4 = {0};
    struct cursor before = *c;
    uint32_t peer = take_be(c, 2);

    (void)take_be(c, 4); /* since when */
    (void)take_bytes(c, add_path ? 4 : 0);
    attributes = take_bytes(c, take_be(c, 2));
    if (c->ended)
        return refuse(m, &before, "a route does not fit in the record", ei);
    if (peer >= m->peers)
        return refuse(m, &before, "a route of a peer that the table of peers has not", ei);
    if (!find_paths(attributes, &path, &as4))
        return refuse(m, &before, "attributes of a route do not fit in it", ei);
    m->counts.routes++;
    switch (mrt_path_clean(path, as4, hop, &route->hops)) {
    case MRT_PATH_BROKEN: return refuse(m, &before, "segments of a path do not fit in it", ei);
    case MRT_PATH_EMPTY: m->counts.empty++; return 0;
    case MRT_PATH_SET: m->counts.set++; return 0;
    case MRT_PATH_LOOP: m->counts.loop++; return 0;
    case MRT_PATH_RESERVED: m->counts.reserved++; return 0;
    case MRT_PATH_LONG: m->counts.longer++; return 0;
    case MRT_PATH_CUT: m->counts.cut++; break;
    case MRT_PATH_GOOD: break;
    }
    route->path = hop;
    return m->take(m->arg, route);
}

static int
take_rib(struct mrt *m, struct cursor *c, struct errinfo *ei)
{
    bool ipv4 = m->subtype == 2 || m->subtype == 8;
    struct mrt_route route = {.ipv4 = ipv4};
    struct slice prefix;
    uint32_t count;

    if (!m->any_peers)
        return refuse(m, c, "routes before the table of peers", ei);
    (void)take_be(c, 4); /* a running number */
    route.len = take_be(c, 1);
    if (route.len > (ipv4 ? 32 : 128))
        return refuse(m, c, "a prefix that is longer than an address", ei);
    prefix = take_bytes(c, (route.len + 7) / 8);
    for (size_t i = 0; ipv4 && i < prefix.len; i++)
        route.start |= (uint32_t)(uint8_t)prefix.ptr[i] << (24 - 8 * i);
    count = take_be(c, 2);
    if (c->ended)
        return refuse(m, c, "it ends in its prefix", ei);
    m->counts.prefixes++;
    for (uint32_t i = 0; i < count; i++) {
        int r = take_entry(m, c, m->subtype >= 8, &route, ei);

        if (r < 0)
            return r;
    }
    return c->rest.len > 0 ? refuse(m, c, "bytes behind its last route", ei) : 0;
}

/* ---- records ----------------------------------------------------------------------------- */

static unsigned
kind_of(uint32_t type, uint32_t subtype)
{
    unsigned k = 0;

    while (k + 1 < MRT_KINDS && !((kinds[k].type == type || kinds[k].type == MRT_ANY) &&
                                  (kinds[k].subtype == subtype || kinds[k].subtype == MRT_ANY)))
        k++;
    return k;
}

/* RFC 6396 section 2. */
static int
take_head(struct mrt *m, struct errinfo *ei)
{
    struct cursor c = {m->held.ptr, buf_get(&m->held), false};
    struct utime when = {(int64_t)take_be(&c, 4) * 1000000};
    uint32_t type = take_be(&c, 2);

    m->subtype = take_be(&c, 2);
    m->body = take_be(&c, 4);
    m->kind = kind_of(type, m->subtype);
    if (m->counts.bytes == 0)
        m->counts.first = when;
    if (when.us > m->counts.last.us)
        m->counts.last = when;
    if (kinds[m->kind].what == MRT_SKIP)
        m->skip = m->body;
    else if (m->body > MRT_RECORD)
        return err_set(ei, ERR_INVALID,
                       "byte %llu: a record (%s) of %u bytes; %d are the most that is read",
                       (unsigned long long)m->at, kinds[m->kind].name, m->body, MRT_RECORD);
    return 0;
}

static int
take_record(struct mrt *m, struct errinfo *ei)
{
    struct slice body = slice_sub(buf_get(&m->held), HEAD, m->body);
    struct cursor c = {body.ptr, body, false};
    int r = 0;

    if (kinds[m->kind].what == MRT_PEERS)
        r = take_peers(m, &c, ei);
    else if (kinds[m->kind].what == MRT_RIB)
        r = take_rib(m, &c, ei);
    m->counts.records[m->kind]++;
    m->counts.bytes += HEAD + (uint64_t)m->body;
    m->at = m->counts.bytes;
    m->body = 0;
    buf_reset(&m->held);
    return r;
}

static struct slice
hold(struct mrt *m, struct slice bytes, size_t until)
{
    size_t n = until - m->held.len < bytes.len ? until - m->held.len : bytes.len;

    buf_slice(&m->held, slice_sub(bytes, 0, n));
    return slice_sub(bytes, n, bytes.len);
}

int
mrt_feed(struct mrt *m, struct slice bytes, struct errinfo *ei)
{
    int r = 0;

    while (r == 0 && bytes.len > 0) {
        if (m->skip > 0) {
            size_t n = m->skip < bytes.len ? (size_t)m->skip : bytes.len;

            m->skip -= n;
            bytes = slice_sub(bytes, n, bytes.len);
        } else {
            bool head = m->held.len < HEAD;

            bytes = hold(m, bytes, head ? HEAD : HEAD + (size_t)m->body);
            r = buf_error(&m->held);
            if (r < 0)
                return err_set(ei, r, "%s", err_text(r));
            if (head && m->held.len == HEAD)
                r = take_head(m, ei);
        }
        if (r == 0 && m->skip == 0 && m->held.len >= HEAD &&
            (kinds[m->kind].what == MRT_SKIP || m->held.len == HEAD + (size_t)m->body))
            r = take_record(m, ei);
    }
    return r;
}

int
mrt_end(struct mrt *m, struct errinfo *ei)
{
    if (m->held.len > 0)
        return err_set(ei, ERR_INVALID,
                       "byte %llu: the file ends inside the record that begins here",
                       (unsigned long long)m->at);
    if (m->counts.bytes == 0)
        return err_set(ei, ERR_INVALID, "is empty");
    return 0;
}
