#include "attrib/rows_priv.h"

#include <stdlib.h>

#include "attrib/text_priv.h"
#include "model/event.h"

enum { NAMES_MAX = 1 << 22, POOL_MAX = 256 << 20 };

int
names_init(struct names *n)
{
    static const struct value unknown;
    int fresh;

    *n = (struct names){0};
    map_init(&n->values, sizeof(struct value), 1 << 26, 0);
    map_init(&n->networks, sizeof(uint32_t), NAMES_MAX, 0);
    buf_init(&n->pool, POOL_MAX);
    return map_put(&n->values, &unknown, &fresh) < 0 ? ERR_NOMEM : 0;
}

void
names_release(struct names *n)
{
    map_release(&n->values);
    map_release(&n->networks);
    buf_release(&n->pool);
    free(n->at);
    free(n->len);
}

static int
names_grow(struct names *n)
{
    uint32_t room = n->room == 0 ? 4096 : n->room * 2;
    uint32_t *at;
    uint32_t *len;

    if (n->networks.count < n->room)
        return 0;
    at = realloc(n->at, room * sizeof *at);
    if (at != NULL)
        n->at = at;
    len = realloc(n->len, room * sizeof *len);
    if (len != NULL)
        n->len = len;
    if (at == NULL || len == NULL)
        return ERR_NOMEM;
    n->room = room;
    return 0;
}

/* What may be shown of name, cut to whole characters; gives its length. */
static size_t
clean(struct slice name, char to[ATTRIB_NAME_TEXT])
{
    size_t n = 0;

    for (size_t i = 0; i < name.len;) {
        uint32_t c = 0;
        const char *from = name.ptr + i;
        size_t len = utf8_next((const unsigned char *)from, name.len - i, &c);

        i += len == 0 ? 1 : len;
        if (len == 0 || !text_visible(c)) {
            from = "?";
            len = 1;
        }
        if (n + len > ATTRIB_NAME_TEXT)
            break;
        memcpy(to + n, from, len);
        n += len;
    }
    return n;
}

int
names_add(struct names *n, uint32_t asn, struct slice name)
{
    char text[ATTRIB_NAME_TEXT];
    int64_t index;
    int fresh;
    size_t len;

    if (asn == 0 || name.len == 0)
        return 0;
    if (names_grow(n) < 0)
        return ERR_NOMEM;
    index = map_put(&n->networks, &asn, &fresh);
    if (index < 0)
        return ERR_LIMIT;
    if (!fresh)
        return 0;
    len = clean(name, text);
    n->at[index] = (uint32_t)n->pool.len;
    n->len[index] = (uint32_t)len;
    buf_add(&n->pool, text, len);
    return buf_error(&n->pool);
}

u128
u128_of(const struct addr *a)
{
    u128 n = 0;

    for (unsigned i = 0; i < 16; i++)
        n = n << 8 | a->byte[i];
    return n;
}

void
rows_release(struct rows *r)
{
    free(r->at);
    r->at = NULL;
    r->count = r->room = 0;
}

static int
rows_grow(struct rows *r)
{
    size_t room = r->room == 0 ? 1 << 16 : r->room * 2;
    struct row *at;

    if (r->count < r->room)
        return 0;
    if (r->count >= ATTRIB_ROWS)
        return ERR_LIMIT;
    at = realloc(r->at, room * sizeof *at);
    if (at == NULL)
        return ERR_NOMEM;
    r->at = at;
    r->room = room;
    return 0;
}

/* Cut to where places can be; false when nothing is left. */
static bool
clip(u128 *from, u128 *to)
{
    if (*from >= V4_FROM && *to <= V4_TO)
        return true;
    if (*from < V6_FROM)
        *from = V6_FROM;
    if (*to > V6_TO)
        *to = V6_TO;
    return *from <= *to;
}

int
rows_add(struct rows *r, u128 from, u128 to, struct value v, struct slice name)
{
    int64_t value;
    int fresh;
    int err;

    r->usable++;
    r->holds |= (v.asn != 0 ? ATTRIB_ASN : 0U) | (v.country != 0 ? ATTRIB_COUNTRY : 0U);
    if ((r->kind & ATTRIB_ASN) == 0)
        v.asn = 0;
    if ((r->kind & ATTRIB_COUNTRY) == 0)
        v.country = 0;
    if (!clip(&from, &to)) {
        r->outside++;
        return 0;
    }
    err = names_add(r->names, v.asn, name);
    if (err == 0)
        err = rows_grow(r);
    if (err < 0)
        return err;
    value = map_put(&r->names->values, &v, &fresh);
    if (value < 0)
        return ERR_NOMEM;
    if (r->count > 0 && r->at[r->count - 1].from > from)
        r->sorted = false;
    r->at[r->count] = (struct row){from, to, (uint32_t)value, (uint32_t)r->count};
    r->count++;
    return 0;
}

void
rows_reject(struct rows *r, unsigned line, unsigned column, const char *why)
{
    if (r->rejected++ == 0)
        (void)err_at(&r->first, ERR_INVALID, line, column, "%s", why);
}

static int
by_from(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Rows that cover the present position (and some that have ended): the smallest on top. */
struct heap {
    const struct row **at;
    size_t count;
    size_t room;
};

static bool
before(const struct row *x, const struct row *y)
{
    u128 nx = x->to - x->from;
    u128 ny = y->to - y->from;

    return nx != ny ? nx < ny : x->order > y->order;
}

static int
heap_push(struct heap *h, const struct row *row)
{
    size_t i = h->count;

    if (h->count == h->room) {
        size_t room = h->room == 0 ? 64 : h->room * 2;
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant */
        const struct row **at = realloc(h->at, room * sizeof(*at));

        if (at == NULL)
            return ERR_NOMEM;
        h->at = at;
        h->room = room;
    }
    for (; i > 0 && before(row, h->at[(i - 1) / 2]); i = (i - 1) / 2)
        h->at[i] = h->at[(i - 1) / 2];
    h->at[i] = row;
    h->count++;
    return 0;
}

static void
heap_pop(struct heap *h)
{
    const struct row *last = h->at[--h->count];
    size_t i = 0;

    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= h->count)
            break;
        if (child + 1 < h->count && before(h->at[child + 1], h->at[child]))
            child++;
        if (!before(h->at[child], last))
            break;
        h->at[i] = h->at[child];
        i = child;
    }
    h->at[i] = last;
}

static void
put_segment(struct buf *to, u128 from, uint32_t value)
{
    struct segment s = {.from = from, .value = value};
    struct segment last;

    if (to->len > 0) {
        memcpy(&last, to->ptr + to->len - sizeof last, sizeof last);
        if (last.value == value)
            return;
    }
    buf_add(to, &s, sizeof s);
}

static int
sweep(const struct rows *r, struct heap *h, struct buf *to)
{
    size_t i = 0;
    u128 at = 0;

    put_segment(to, 0, 0);
    while (i < r->count || h->count > 0) {
        while (h->count > 0 && h->at[0]->to < at)
            heap_pop(h);
        if (h->count == 0) {
            if (i == r->count || r->at[i].from > at)
                put_segment(to, at, 0);
            if (i == r->count)
                break;
            if (r->at[i].from > at)
                at = r->at[i].from;
        }
        while (i < r->count && r->at[i].from <= at) {
            if (heap_push(h, &r->at[i++]) < 0)
                return ERR_NOMEM;
        }
        put_segment(to, at, h->at[0]->value);
        at = h->at[0]->to + 1;
        if (i < r->count && r->at[i].from < at)
            at = r->at[i].from;
    }
    return buf_error(to);
}

int
rows_segments(struct rows *r, struct buf *to)
{
    struct heap h = {0};
    int err;

    if (!r->sorted)
        qsort(r->at, r->count, sizeof *r->at, by_from);
    err = sweep(r, &h, to);
    free(h.at);
    return err;
}

int
country_code(struct slice s, uint16_t *ret)
{
    char c[2];

    *ret = 0;
    if (s.len == 0 || slice_is(s, "-") || slice_is(s, "??"))
        return 0;
    if (s.len != 2)
        return -1;
    for (unsigned i = 0; i < 2; i++)
        c[i] = (char)(s.ptr[i] >= 'a' && s.ptr[i] <= 'z' ? s.ptr[i] - 'a' + 'A' : s.ptr[i]);
    if (memcmp(c, "AP", 2) == 0 || memcmp(c, "EU", 2) == 0 || memcmp(c, "ZZ", 2) == 0)
        return 0;
    *ret = country_parse((struct slice){c, 2});
    return *ret == 0 ? -1 : 0;
}
