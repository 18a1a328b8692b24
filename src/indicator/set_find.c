/* What a set is asked. */
#include "base/map.h"
#include "indicator/set_priv.h"

/* ---- hashes --------------------------------------------------------------------------------
 */

uint64_t
set_hash_name(uint64_t secret)
{
    return secret ^ UINT64_C(0x6a09e667f3bcc908);
}

uint64_t
set_hash_label(uint64_t above, struct slice label)
{
    return map_hash(label.ptr, (uint32_t)label.len, above);
}

/* The last label of a name, taken off it. */
static struct slice
last_label(struct slice *name)
{
    const char *dot = name->len == 0 ? NULL : memrchr(name->ptr, '.', name->len);
    size_t from = dot == NULL ? 0 : (size_t)(dot - name->ptr) + 1;
    struct slice label = slice_sub(*name, from, name->len);

    name->len = from == 0 ? 0 : from - 1;
    return label;
}

uint64_t
set_hash(uint64_t secret, enum atom_kind kind, struct slice bytes)
{
    uint64_t h;
    struct prefix p;

    if (kind == ATOM_ADDRESS) {
        p = atom_prefix(kind, bytes);
        return set_hash_words(secret, set_eight(p.addr.byte), set_eight(p.addr.byte + 8));
    }
    if (kind != ATOM_DOMAIN && kind != ATOM_BELOW)
        return map_hash(bytes.ptr, (uint32_t)bytes.len, secret + (uint64_t)kind);
    h = set_hash_name(secret);
    while (bytes.len > 0)
        h = set_hash_label(h, last_label(&bytes));
    return h;
}

/* ---- lines ---------------------------------------------------------------------------------
 */

static bool
is_atom(const struct set *s, uint32_t atom, enum atom_kind kind, struct slice bytes)
{
    const char *p = s->value + s->at[atom];

    return p[0] == (char)kind && s->at[atom + 1] - s->at[atom] == bytes.len + 1 &&
           memcmp(p + 1, bytes.ptr, bytes.len) == 0;
}

/* High bits of the quarters of w that are the print: exact for the lowest such, and what it
 * says of those above is looked at more closely. */
static uint64_t
alike(uint64_t w, uint16_t print)
{
    uint64_t x = w ^ print * UINT64_C(0x0001000100010001);

    return (x - UINT64_C(0x0001000100010001)) & ~x & UINT64_C(0x8000800080008000);
}

static uint32_t
look_closely(const struct set *s, const struct line *l, uint16_t print, enum atom_kind kind,
             struct slice bytes)
{
    for (unsigned k = 0; k < LINE_ATOMS; k++) {
        if (l->print[k] == print && is_atom(s, l->atom[k], kind, bytes))
            return l->atom[k];
    }
    return SET_GONE;
}

/* What is not there takes one branch that is guessed well, so that the processor already
 * fetches for the next question while it waits for this line. */
uint32_t
set_look(const struct set *s, uint64_t hash, enum atom_kind kind, struct slice bytes)
{
    uint32_t i = set_line_of(s, hash);
    uint16_t print = set_print_of(hash);

    for (;;) {
        const struct line *l = &s->line[i];
        uint64_t w[3];
        uint64_t some;
        uint32_t atom;

        memcpy(w, l->print, sizeof w);
        some = alike(w[0], print) | alike(w[1], print) |
               (alike(w[2], print) & UINT64_C(0x80008000));
        if ((some | l->over) == 0)
            return SET_GONE;
        atom = some == 0 ? SET_GONE : look_closely(s, l, print, kind, bytes);
        if (atom != SET_GONE || l->over == 0)
            return atom;
        i = i + 1 == s->lines ? 0 : i + 1;
    }
}

/* ---- questions -----------------------------------------------------------------------------
 */

static struct slice
bytes_of(const struct addr *a)
{
    unsigned from = addr_is_v4(a) ? 12 : 0;

    return (struct slice){(const char *)a->byte + from, 16 - from};
}

static uint64_t
hash_of(const struct set *s, const struct addr *a)
{
    return set_hash_words(s->secret, set_eight(a->byte), set_eight(a->byte + 8));
}

uint64_t
set_some(const struct set *s, const struct addr *a, unsigned n)
{
    UNCLEARED uint64_t hash[SET_ASKED];
    uint64_t some = 0;

    BUG_ON(n > SET_ASKED);
    for (unsigned i = 0; i < n; i++) {
        hash[i] = hash_of(s, &a[i]);
        __builtin_prefetch(&s->line[set_line_of(s, hash[i])]);
    }
    for (unsigned i = 0; i < n; i++) {
        bool is = set_look(s, hash[i], ATOM_ADDRESS, bytes_of(&a[i])) != SET_GONE ||
                  set_look_nets(s, set_eight(a[i].byte), set_eight(a[i].byte + 8), NULL);

        some |= (uint64_t)is << i;
    }
    return some;
}

void
set_find_address(const struct set *s, const struct addr *a, struct set_found *ret)
{
    uint32_t atom = set_look(s, hash_of(s, a), ATOM_ADDRESS, bytes_of(a));

    ret->count = 0;
    if (atom != SET_GONE)
        ret->atom[ret->count++] = atom;
    (void)set_look_nets(s, set_eight(a->byte), set_eight(a->byte + 8), ret);
}

enum { LABELS = 127 };

void
set_find_domain(const struct set *s, struct slice name, struct set_found *ret)
{
    UNCLEARED struct atom a;
    UNCLEARED uint64_t hash[LABELS];
    UNCLEARED uint8_t from[LABELS];
    struct slice rest;
    unsigned n = 0;
    uint32_t atom;

    ret->count = 0;
    if (!atom_read_domain(name, &a))
        return;
    rest = (struct slice){a.byte, a.len};
    do { /* a name has a label */
        struct slice label = last_label(&rest);

        from[n] = (uint8_t)(label.ptr - a.byte);
        hash[n] = set_hash_label(n == 0 ? set_hash_name(s->secret) : hash[n - 1], label);
        if (s->has_below || rest.len == 0)
            __builtin_prefetch(&s->line[set_line_of(s, hash[n])]);
        n++;
    } while (rest.len > 0 && n < LABELS);
    atom = set_look(s, hash[n - 1], ATOM_DOMAIN, (struct slice){a.byte, a.len});
    if (atom != SET_GONE)
        ret->atom[ret->count++] = atom;
    for (unsigned i = n - 1; s->has_below && i-- > 0;) {
        struct slice above = {a.byte + from[i], (size_t)a.len - from[i]};

        atom = set_look(s, hash[i], ATOM_BELOW, above);
        if (atom != SET_GONE)
            ret->atom[ret->count++] = atom;
    }
}

void
set_find_atom(const struct set *s, const struct atom *a, struct set_found *ret)
{
    struct slice bytes = {a->byte, a->len};
    uint32_t atom = set_look(s, set_hash(s->secret, a->kind, bytes), a->kind, bytes);

    ret->count = 0;
    if (atom != SET_GONE)
        ret->atom[ret->count++] = atom;
}

/* ---- what is in it -------------------------------------------------------------------------
 */

uint32_t
set_count(const struct set *s)
{
    return s->atoms;
}

enum atom_kind
set_kind(const struct set *s, uint32_t atom)
{
    return (enum atom_kind)s->value[s->at[atom]];
}

struct slice
set_value(const struct set *s, uint32_t atom)
{
    return (struct slice){s->value + s->at[atom] + 1, s->at[atom + 1] - s->at[atom] - 1};
}

const uint32_t *
set_owners(const struct set *s, uint32_t atom, uint32_t *ret_count)
{
    const uint32_t *own = &s->own[atom];

    *ret_count = 1;
    if ((*own & SET_MANY) == 0)
        return own;
    own = s->many + (*own & ~SET_MANY);
    *ret_count = *own;
    return own + 1;
}

size_t
set_bytes(const struct set *s)
{
    size_t n = sizeof *s + s->lines * sizeof *s->line;

    n += s->atoms == 0 ? 0 : s->at[s->atoms];
    n += s->atoms * (sizeof *s->at + sizeof *s->own);
    n += s->many_count * sizeof *s->many + s->nets * sizeof *s->net;
    return n + (s->nets == 0 ? 0 : 2 * (1 << 16) / 8 + (1 << 16) * sizeof *s->from4);
}
