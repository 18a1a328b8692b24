#include "attrib/hostlist.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { BLOCKS = 65536 /* of one prefix that are looked up */, V4 = 96, KEYS = 1 << 20 };

/* ---- lines ------------------------------------------------------------------------------- */

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '"';
}

static bool
ends_token(char c)
{
    return is_space(c) || c == ',' || c == ';' || c == '#' || c == '|';
}

/* The first word of a line; empty: a comment, or nothing. */
static struct slice
first_word(struct slice line)
{
    size_t at = 0;
    size_t end;

    while (at < line.len && is_space(line.ptr[at]))
        at++;
    if (at == line.len || line.ptr[at] == '#' || line.ptr[at] == ';' ||
        (line.len - at > 1 && line.ptr[at] == '/' && line.ptr[at + 1] == '/'))
        return (struct slice){line.ptr, 0};
    for (end = at; end < line.len && !ends_token(line.ptr[end]); end++)
        ;
    return slice_sub(line, at, end - at);
}

static struct slice
next_line(struct slice *text)
{
    const char *lf = memchr(text->ptr, '\n', text->len);
    size_t len = lf == NULL ? text->len : (size_t)(lf - text->ptr);
    struct slice line = {text->ptr, len};

    *text = slice_sub(*text, len + (lf != NULL), text->len - len - (lf != NULL));
    return line;
}

struct reading {
    struct hostlist *l;
    uint32_t room;
};

static int
add(struct reading *r, const struct prefix *p)
{
    struct hostlist *l = r->l;

    if (l->count == HOSTLIST_PREFIXES)
        return ERR_LIMIT;
    if (l->count == r->room) {
        uint32_t room = r->room == 0 ? 1024 : r->room * 2;
        struct prefix *more = realloc(l->prefix, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        l->prefix = more;
        r->room = room;
    }
    l->prefix[l->count++] = *p;
    return 0;
}

/* `a-b` as the prefixes that make it up. */
static int
add_range(struct reading *r, uint32_t from, uint32_t to)
{
    uint64_t at = from;
    int err = 0;

    while (err == 0 && at <= to) {
        unsigned bits = at == 0 ? 32 : (unsigned)__builtin_ctzll(at);
        struct prefix p;

        if (bits > 32)
            bits = 32;
        while (at + (UINT64_C(1) << bits) - 1 > to)
            bits--;
        p = (struct prefix){addr_of_v4((uint32_t)at), (uint8_t)(128 - bits)};
        err = add(r, &p);
        at += UINT64_C(1) << bits;
    }
    return err;
}

/* ERR_INVALID: it is none of the three forms. */
static int
add_word(struct reading *r, struct slice word)
{
    const char *dash = memchr(word.ptr, '-', word.len);
    struct prefix p;
    struct addr a;
    struct addr b;

    if (dash != NULL) {
        size_t at = (size_t)(dash - word.ptr);

        if (addr_parse(slice_sub(word, 0, at), &a) < 0 ||
            addr_parse(slice_sub(word, at + 1, word.len - at - 1), &b) < 0 || !addr_is_v4(&a) ||
            !addr_is_v4(&b) || addr_v4(&a) > addr_v4(&b))
            return ERR_INVALID;
        if (addr_kind(&a) != ADDR_GLOBAL) {
            r->l->bogons++;
            return 0;
        }
        return add_range(r, addr_v4(&a), addr_v4(&b));
    }
    if (addr_parse(word, &a) == 0)
        p = (struct prefix){a, 128};
    else if (prefix_parse(word, &p) < 0)
        return ERR_INVALID;
    if (addr_kind(&p.addr) != ADDR_GLOBAL) {
        r->l->bogons++;
        return 0;
    }
    return add(r, &p);
}

static int
by_place(const void *a, const void *b)
{
    const struct prefix *p = a;
    const struct prefix *q = b;
    int c = memcmp(&p->addr, &q->addr, sizeof p->addr);

    return c != 0 ? c : (int)p->len - (int)q->len;
}

/* What lies in another is part of it. */
static void
make_disjoint(struct hostlist *l)
{
    uint32_t kept = 0;

    if (l->count > 1)
        qsort(l->prefix, l->count, sizeof *l->prefix, by_place);
    for (uint32_t i = 0; i < l->count; i++) {
        if (kept == 0 || !prefix_covers(&l->prefix[kept - 1], &l->prefix[i].addr))
            l->prefix[kept++] = l->prefix[i];
    }
    l->count = kept;
}

int
hostlist_read(struct slice text, struct hostlist *ret, struct errinfo *ei)
{
    struct reading r = {.l = ret};
    int err = text.len > HOSTLIST_BYTES ? ERR_LIMIT : 0;

    *ret = (struct hostlist){.count = 0};
    for (uint32_t line = 1; err == 0 && text.len > 0; line++) {
        struct slice word = first_word(next_line(&text));

        if (word.len == 0)
            continue;
        ret->lines++;
        err = add_word(&r, word);
        if (err != ERR_INVALID)
            continue;
        err = 0;
        ret->rejected++;
        if (ret->first_rejected == 0)
            ret->first_rejected = line;
    }
    make_disjoint(ret);
    if (err == 0 && (ret->count == 0 || ret->rejected > ret->lines / 2))
        err =
            err_at(ei, ERR_INVALID, ret->first_rejected, 1,
                   ret->rejected == 0 ? "it names no address that can be reached from elsewhere"
                                      : "it is no list with an address or prefix at the "
                                        "beginning of each line");
    else if (err == ERR_LIMIT)
        (void)err_set(ei, err, "it has more than %d MB, or more than %d prefixes",
                      HOSTLIST_BYTES >> 20, HOSTLIST_PREFIXES);
    if (err < 0)
        hostlist_release(ret);
    return err;
}

void
hostlist_release(struct hostlist *l)
{
    free(l->prefix);
    *l = (struct hostlist){.count = 0};
}

void
hostlist_write(const struct hostlist *l, struct buf *to)
{
    char text[PREFIX_TEXT];

    for (uint32_t i = 0; i < l->count; i++) {
        (void)prefix_format(&l->prefix[i], text);
        buf_printf(to, "%s\n", text);
    }
}

/* ---- counting ---------------------------------------------------------------------------- */

/* IPv4 by address, IPv6 by /64; a part of one counts as one. */
static uint64_t
size_of(const struct prefix *p)
{
    unsigned bits = addr_is_v4(&p->addr) && p->len >= V4 ? 128U - p->len
                    : p->len >= 64                       ? 0
                                                         : 64U - p->len;

    return bits > 63 ? UINT64_MAX >> 1 : UINT64_C(1) << bits;
}

uint64_t
hostlist_addresses(const struct hostlist *l)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < l->count; i++)
        n += size_of(&l->prefix[i]);
    return n;
}

struct counting {
    const struct attrib *a;
    bool by_country;
    struct map keys;
    uint64_t *sum;
    uint32_t room;
};

static int
count_at(struct counting *c, const struct addr *addr, uint64_t n)
{
    struct attribution place = attrib_find(c->a, addr);
    uint32_t key = c->by_country ? place.country : place.asn;
    int fresh = 0;
    int64_t at = map_put(&c->keys, &key, &fresh);

    if (at < 0)
        return ERR_NOMEM;
    if ((uint32_t)at >= c->room) {
        uint32_t room = c->room == 0 ? 1024 : c->room * 2;
        uint64_t *more = realloc(c->sum, room * sizeof *more);

        if (more == NULL)
            return ERR_NOMEM;
        c->sum = more;
        c->room = room;
    }
    if (fresh)
        c->sum[at] = 0;
    c->sum[at] += n;
    return 0;
}

/* The n-th block of `bits` host bits behind a. */
static struct addr
block_at(const struct addr *a, unsigned bits, uint64_t n)
{
    struct addr to = *a;
    unsigned byte = 15 - bits / 8;

    n <<= bits % 8;
    for (unsigned i = 0; i <= byte && n > 0; i++) {
        n += to.byte[byte - i];
        to.byte[byte - i] = (uint8_t)n;
        n >>= 8;
    }
    return to;
}

static int
count_prefix(struct counting *c, const struct prefix *p)
{
    unsigned bits = addr_is_v4(&p->addr) && p->len >= V4 ? 8 : 80; /* of a block */
    unsigned over = 128U - p->len > bits ? 128U - p->len - bits : 0;
    uint64_t blocks = over > 62 ? UINT64_C(1) << 62 : UINT64_C(1) << over;
    uint64_t looked = blocks > BLOCKS ? BLOCKS : blocks;
    int r = 0;

    for (uint64_t i = 0; r == 0 && i < looked; i++) {
        struct addr at = block_at(&p->addr, bits, i * (blocks / looked));

        r = count_at(c, &at, size_of(p) / looked);
    }
    return r;
}

static int
largest_first(const void *a, const void *b)
{
    const struct hostlist_row *x = a;
    const struct hostlist_row *y = b;

    if (x->addresses != y->addresses)
        return x->addresses > y->addresses ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

int
hostlist_count(const struct hostlist *l, const struct attrib *a, bool by_country,
               struct hostlist_row **ret, uint32_t *ret_count)
{
    struct counting c = {.a = a, .by_country = by_country};
    struct hostlist_row *rows = NULL;
    int r = 0;

    map_init(&c.keys, sizeof(uint32_t), KEYS, 0); /* keys are numbers that the tables have */
    for (uint32_t i = 0; r == 0 && i < l->count; i++)
        r = count_prefix(&c, &l->prefix[i]);
    if (r == 0) {
        rows = calloc(c.keys.count + 1, sizeof *rows);
        r = rows == NULL ? ERR_NOMEM : 0;
    }
    for (uint32_t i = 0; r == 0 && i < c.keys.count; i++) {
        memcpy(&rows[i].key, map_key(&c.keys, i), sizeof rows[i].key);
        rows[i].addresses = c.sum[i];
    }
    if (r == 0) {
        qsort(rows, c.keys.count, sizeof *rows, largest_first);
        *ret = rows;
        *ret_count = c.keys.count;
    }
    map_release(&c.keys);
    free(c.sum);
    return r;
}
