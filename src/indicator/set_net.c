/* The prefixes of a set. */
#include <stdlib.h>

#include "indicator/set_priv.h"

static int
compare_nets(const void *a, const void *b)
{
    const struct set_net *x = a;
    const struct set_net *y = b;

    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    return (int)x->len - (int)y->len;
}

static bool
covers(const struct set_net *n, uint64_t high, uint64_t low)
{
    uint64_t diff;

    if (n->len <= 64)
        return n->len == 0 || (n->high ^ high) >> (64 - n->len) == 0;
    diff = n->low ^ low;
    return n->high == high && diff >> (128 - n->len) == 0;
}

static bool
is_v4(uint64_t high, uint64_t low)
{
    return high == 0 && low >> 32 == 0xffff;
}

static void
mark(uint64_t *bits, unsigned from, unsigned to)
{
    for (unsigned i = from; i <= to; i++)
        bits[i / 64] |= UINT64_C(1) << i % 64;
}

/* The first 16 bits that it has addresses in. */
static void
mark_near(struct set *s, const struct set_net *n)
{
    unsigned first;
    unsigned bits;

    if (is_v4(n->high, n->low) && n->len >= 96) {
        first = (unsigned)(n->low >> 16) & 0xffff;
        bits = n->len - 96U;
        mark(s->near4, first, bits >= 16 ? first : first | 0xffffU >> bits);
        return;
    }
    first = (unsigned)(n->high >> 48);
    mark(s->near6, first, n->len >= 16 ? first : first | 0xffffU >> n->len);
    /* One that is wider than all of IPv4, as ::/0, has it in it. */
    if (covers(n, 0, UINT64_C(0xffff) << 32))
        mark(s->near4, 0, SET_FIRSTS - 1);
}

static void
fill_nets(struct set *s)
{
    uint32_t n = 0;

    for (uint32_t a = 0; a < s->atoms; a++) {
        struct prefix p;

        if (set_kind(s, a) != ATOM_PREFIX)
            continue;
        p = atom_prefix(ATOM_PREFIX, set_value(s, a));
        s->net[n++] =
            (struct set_net){set_eight(p.addr.byte), set_eight(p.addr.byte + 8), a, 0, p.len};
    }
    qsort(s->net, s->nets, sizeof *s->net, compare_nets);
}

int
set_order_nets(struct set *s)
{
    uint32_t open = 0;

    if (s->nets == 0)
        return 0;
    s->net = malloc(s->nets * sizeof *s->net);
    s->near4 = calloc(SET_FIRSTS / 64, sizeof *s->near4);
    s->near6 = calloc(SET_FIRSTS / 64, sizeof *s->near6);
    s->from4 = calloc(SET_FIRSTS + 1, sizeof *s->from4);
    if (s->net == NULL || s->near4 == NULL || s->near6 == NULL || s->from4 == NULL)
        return ERR_NOMEM;
    fill_nets(s);
    for (uint32_t i = 0, first = 0; i < s->nets; i++) {
        struct set_net *n = &s->net[i];

        while (open != 0 && !covers(&s->net[open - 1], n->high, n->low))
            open = s->net[open - 1].around;
        n->around = open;
        open = i + 1;
        mark_near(s, n);
        while (first <= SET_FIRSTS &&
               (n->high > 0 || n->low >= (UINT64_C(0xffff) << 32) + ((uint64_t)first << 16)))
            s->from4[first++] = i;
        for (uint32_t rest = first; i + 1 == s->nets && rest <= SET_FIRSTS; rest++)
            s->from4[rest] = s->nets;
    }
    return 0;
}

/* How many begin at that address or before. */
static uint32_t
before(const struct set *s, uint64_t high, uint64_t low)
{
    uint32_t from = 0;
    uint32_t to = s->nets;

    if (is_v4(high, low)) {
        from = s->from4[low >> 16 & 0xffff];
        to = s->from4[(low >> 16 & 0xffff) + 1];
    }
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        const struct set_net *n = &s->net[middle];

        if (n->high < high || (n->high == high && n->low <= low))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* What begins last before an address is in all that cover it, so the way outwards passes
 * them. */
bool
set_look_nets(const struct set *s, uint64_t high, uint64_t low, struct set_found *ret)
{
    bool v4 = is_v4(high, low);
    unsigned first = v4 ? (unsigned)(low >> 16) & 0xffff : (unsigned)(high >> 48);
    bool any = false;

    if (s->nets == 0 || ((v4 ? s->near4 : s->near6)[first / 64] >> first % 64 & 1) == 0)
        return false;
    for (uint32_t i = before(s, high, low); i != 0; i = s->net[i - 1].around) {
        if (!covers(&s->net[i - 1], high, low))
            continue;
        any = true;
        if (ret == NULL)
            break;
        ret->atom[ret->count++] = s->net[i - 1].atom;
    }
    return any;
}

uint32_t
set_find_touching(const struct set *s, const struct prefix *p)
{
    struct set_net asked = {set_eight(p->addr.byte), set_eight(p->addr.byte + 8), 0, 0, p->len};
    uint32_t next;

    if (s->nets == 0)
        return SET_GONE;
    for (uint32_t i = before(s, asked.high, asked.low); i != 0; i = s->net[i - 1].around) {
        const struct set_net *n = &s->net[i - 1];

        if (covers(n, asked.high, asked.low) || covers(&asked, n->high, n->low))
            return n->atom;
    }
    next = before(s, asked.high, asked.low);
    if (next < s->nets && covers(&asked, s->net[next].high, s->net[next].low))
        return s->net[next].atom;
    return SET_GONE;
}
