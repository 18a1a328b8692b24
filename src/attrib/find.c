/* Look-ups over a table that open.c has checked. */
#include "attrib/table_priv.h"
#include "model/event.h"

static const struct attribution nowhere = {.asn_by = ATTRIB_NOBODY,
                                           .country_by = ATTRIB_NOBODY};

static inline uint64_t
half(const struct addr *addr, unsigned from)
{
    uint64_t n;

    memcpy(&n, addr->byte + from, sizeof n);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(n) : n;
}

/* The mapped form's upper half is zero, and bytes 8 to 11 are 00 00 ff ff. */
static inline bool
is_v4(uint64_t high, uint64_t low)
{
    return high == 0 && low >> 32 == 0xffff;
}

static inline bool
is_unicast(uint64_t high)
{
    return high >> 61 == 1; /* 2000::/3 */
}

static inline uint32_t
place_v6(const struct attrib *a, uint64_t high, uint64_t low)
{
    uint32_t p = a->v6_place[v6_entry(a, high)];

    return (p & TABLE_TAIL) == 0 ? p : a->tail_place[tail_entry(a, p & ~TABLE_TAIL, low)];
}

struct attribution
attrib_find(const struct attrib *a, const struct addr *addr)
{
    uint64_t high = half(addr, 0);
    uint64_t low = half(addr, 8);

    if (a == NULL)
        return nowhere;
    if (is_v4(high, low))
        return a->place[a->v4_place[v4_entry(a, (uint32_t)low)]];
    if (is_unicast(high))
        return a->place[place_v6(a, high, low)];
    return nowhere;
}

enum { BATCH = 32 };

/* The addresses of one family in a batch.  They go through each step together, and what the
 * next step reads is fetched ahead.  The long IPv6 searches advance in lockstep, without a
 * branch that depends on the data; for the short IPv4 ones plain guessing is faster. */
struct lanes {
    unsigned count;
    uint8_t index[BATCH]; /* in the batch */
    uint64_t key[BATCH];  /* IPv4: the address; IPv6: the upper half */
    uint64_t low[BATCH];
    uint32_t at[BATCH]; /* entry, then place */
    uint32_t n[BATCH];  /* entries still in question */
};

static inline void
lanes_add(struct lanes *l, size_t index, uint64_t key, uint64_t low)
{
    unsigned i = l->count++;

    l->index[i] = (uint8_t)index;
    l->key[i] = key;
    l->low[i] = low;
}

/* Entries of lane i: the first, and how many. */
static inline void
lanes_bucket(struct lanes *l, unsigned i, const uint32_t *index)
{
    l->at[i] = index[0];
    l->n[i] = index[1] - index[0];
}

static void
many_v4(const struct attrib *a, struct lanes *l)
{
    for (unsigned i = 0; i < l->count; i++)
        __builtin_prefetch(&a->v4_index[l->key[i] >> V4_REST]);
    for (unsigned i = 0; i < l->count; i++) {
        lanes_bucket(l, i, &a->v4_index[l->key[i] >> V4_REST]);
        __builtin_prefetch(&a->v4_low[l->at[i] + l->n[i] / 2]);
    }
    for (unsigned i = 0; i < l->count; i++) {
        l->at[i] +=
            last_not_above_16(a->v4_low + l->at[i], l->n[i], v4_low((uint32_t)l->key[i]));
        __builtin_prefetch(&a->v4_place[l->at[i]]);
    }
    for (unsigned i = 0; i < l->count; i++) {
        l->at[i] = a->v4_place[l->at[i]];
        __builtin_prefetch(&a->place[l->at[i]]);
    }
}

static void
many_v6(const struct attrib *a, struct lanes *l)
{
    uint32_t most = 1;

    for (unsigned i = 0; i < l->count; i++)
        __builtin_prefetch(&a->v6_index[v6_bucket(l->key[i])]);
    for (unsigned i = 0; i < l->count; i++) {
        lanes_bucket(l, i, &a->v6_index[v6_bucket(l->key[i])]);
        most = l->n[i] > most ? l->n[i] : most;
        __builtin_prefetch(&a->v6_high[l->at[i] + l->n[i] / 2]);
    }
    for (; most > 1; most -= most / 2) {
        for (unsigned i = 0; i < l->count; i++) {
            uint32_t half_n = l->n[i] / 2;

            l->at[i] += half_n & -(uint32_t)(a->v6_high[l->at[i] + half_n] <= l->key[i]);
            l->n[i] -= half_n;
        }
    }
    for (unsigned i = 0; i < l->count; i++)
        __builtin_prefetch(&a->v6_place[l->at[i]]);
    for (unsigned i = 0; i < l->count; i++) {
        uint32_t p = a->v6_place[l->at[i]];

        if ((p & TABLE_TAIL) != 0)
            p = a->tail_place[tail_entry(a, p & ~TABLE_TAIL, l->low[i])];
        l->at[i] = p;
        __builtin_prefetch(&a->place[p]);
    }
}

static void
find_batch(const struct attrib *a, const struct addr *addr, size_t n, struct attribution *ret)
{
    struct lanes v4;
    struct lanes v6;

    v4.count = v6.count = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t high = half(&addr[i], 0);
        uint64_t low = half(&addr[i], 8);

        if (is_v4(high, low))
            lanes_add(&v4, i, (uint32_t)low, low);
        else if (is_unicast(high))
            lanes_add(&v6, i, high, low);
        else
            ret[i] = nowhere;
    }
    many_v4(a, &v4);
    many_v6(a, &v6);
    for (unsigned i = 0; i < v4.count; i++)
        ret[v4.index[i]] = a->place[v4.at[i]];
    for (unsigned i = 0; i < v6.count; i++)
        ret[v6.index[i]] = a->place[v6.at[i]];
}

void
attrib_find_many(const struct attrib *a, const struct addr *addr, size_t n,
                 struct attribution *ret)
{
    for (size_t i = 0; a == NULL && i < n; i++)
        ret[i] = nowhere;
    for (size_t i = 0; a != NULL && i < n; i += BATCH)
        find_batch(a, addr + i, n - i < BATCH ? n - i : BATCH, ret + i);
}

/* True when all of from..to has place p. */
static bool
same_v4(const struct attrib *a, uint32_t from, uint32_t to, uint32_t p)
{
    uint32_t last = v4_entry(a, to);

    for (uint32_t i = v4_entry(a, from); i <= last; i++) {
        if (a->v4_place[i] != p)
            return false;
    }
    return true;
}

/* Grow from the address itself, bit by bit, as long as the sibling has the same place. */
static struct prefix
widest_v4(const struct attrib *a, uint32_t v4)
{
    uint32_t p = a->v4_place[v4_entry(a, v4)];
    unsigned len = 32;

    while (len > 0) {
        uint32_t bit = UINT32_C(1) << (32 - len);
        uint32_t sibling = (v4 ^ bit) & ~(bit - 1);

        if (!same_v4(a, sibling, sibling | (bit - 1), p))
            break;
        len--;
    }
    v4 = len == 0 ? 0 : v4 & ~(uint32_t)((UINT64_C(1) << (32 - len)) - 1);
    return (struct prefix){addr_of_v4(v4), (uint8_t)(96 + len)};
}

static bool
same_tail(const struct attrib *a, uint32_t tail, uint64_t from, uint64_t to, uint32_t p)
{
    uint32_t last = tail_entry(a, tail, to);

    for (uint32_t i = tail_entry(a, tail, from); i <= last; i++) {
        if (a->tail_place[i] != p)
            return false;
    }
    return true;
}

/* The same over whole /64s from..to. */
static bool
same_v6(const struct attrib *a, uint64_t from, uint64_t to, uint32_t p)
{
    uint32_t last = v6_entry(a, to);

    for (uint32_t i = v6_entry(a, from); i <= last; i++) {
        uint32_t q = a->v6_place[i];

        if ((q & TABLE_TAIL) != 0 ? !same_tail(a, q & ~TABLE_TAIL, 0, UINT64_MAX, p) : q != p)
            return false;
    }
    return true;
}

/* How far up within one /64. */
static unsigned
widest_low(const struct attrib *a, uint64_t high, uint64_t low, uint32_t p)
{
    uint32_t q = a->v6_place[v6_entry(a, high)];
    unsigned len = 128;

    if ((q & TABLE_TAIL) == 0)
        return 64;
    while (len > 64) {
        uint64_t bit = UINT64_C(1) << (128 - len);
        uint64_t sibling = (low ^ bit) & ~(bit - 1);

        if (!same_tail(a, q & ~TABLE_TAIL, sibling, sibling | (bit - 1), p))
            break;
        len--;
    }
    return len;
}

static struct prefix
widest_v6(const struct attrib *a, const struct addr *addr)
{
    uint64_t high = half(addr, 0);
    uint32_t p = place_v6(a, high, half(addr, 8));
    unsigned len = widest_low(a, high, half(addr, 8), p);
    struct prefix ret = {.addr = *addr};

    while (len <= 64 && len > 3) {
        uint64_t bit = UINT64_C(1) << (64 - len);
        uint64_t sibling = (high ^ bit) & ~(bit - 1);

        if (!same_v6(a, sibling, sibling | (bit - 1), p))
            break;
        len--;
    }
    ret.len = (uint8_t)len;
    for (unsigned i = len; i < 128; i++)
        ret.addr.byte[i / 8] &= (uint8_t) ~(0x80U >> i % 8);
    return ret;
}

/* The index of the place, for its votes. */
static uint32_t
place_index(const struct attrib *a, const struct addr *addr)
{
    uint64_t high = half(addr, 0);
    uint64_t low = half(addr, 8);

    if (is_v4(high, low))
        return a->v4_place[v4_entry(a, (uint32_t)low)];
    return is_unicast(high) ? place_v6(a, high, low) : PLACE_UNKNOWN;
}

void
attrib_explain(const struct attrib *a, const struct addr *addr, struct attrib_answer *ret)
{
    uint32_t place;

    *ret = (struct attrib_answer){
        .place = attrib_find(a, addr), .kind = addr_kind(addr), .prefix = {*addr, 128}};
    if (a == NULL)
        return;
    if (ret->kind == ADDR_GLOBAL && addr_is_v4(addr))
        ret->prefix = widest_v4(a, addr_v4(addr));
    else if (ret->kind == ADDR_GLOBAL && is_unicast(half(addr, 0)))
        ret->prefix = widest_v6(a, addr);
    ret->name = attrib_name(a, ret->place.asn);
    ret->asn_by = attrib_dataset(a, ret->place.asn_by);
    ret->country_by = attrib_dataset(a, ret->place.country_by);
    place = place_index(a, addr);
    for (unsigned i = 0; i < a->datasets; i++) {
        if ((a->dataset[i].kind & ATTRIB_COUNTRY) == 0)
            continue;
        ret->vote[ret->votes] =
            (struct attrib_vote){(uint8_t)i, a->vote[(size_t)place * a->voters + ret->votes]};
        ret->votes++;
    }
}

struct slice
attrib_name(const struct attrib *a, uint32_t asn)
{
    uint32_t from = 0;
    uint32_t to = a == NULL ? 0 : a->networks;

    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        const struct table_network *n = &a->network[mid];

        if (n->asn == asn)
            return (struct slice){a->name + n->at, n->len};
        if (n->asn < asn)
            from = mid + 1;
        else
            to = mid;
    }
    return (struct slice){"", 0};
}

uint32_t
attrib_network(const struct attrib *a, uint32_t n)
{
    return a == NULL || n >= a->networks ? 0 : a->network[n].asn;
}

const struct attrib_dataset *
attrib_dataset(const struct attrib *a, unsigned i)
{
    return a == NULL || i >= a->datasets ? NULL : &a->dataset[i];
}

unsigned
attrib_datasets(const struct attrib *a)
{
    return a == NULL ? 0 : a->datasets;
}

struct hash
attrib_id(const struct attrib *a)
{
    return a == NULL ? (struct hash){0} : a->header->sha256;
}

struct attrib_size
attrib_size(const struct attrib *a)
{
    if (a == NULL)
        return (struct attrib_size){0};
    return (struct attrib_size){.bytes = a->header->size,
                                .v4 = a->v4_count,
                                .v6 = a->v6_count,
                                .places = a->places,
                                .networks = a->networks};
}

static bool
is_placed(const struct attrib *a, uint32_t place)
{
    return (place & TABLE_TAIL) == 0 && a->place[place].asn != 0 &&
           a->place[place].country != 0;
}

static int
random_v4(const struct attrib *a, uint64_t r1, uint64_t r2, struct addr *ret)
{
    for (uint32_t tries = 0; tries < a->v4_count; tries++) {
        uint32_t i = (uint32_t)((r1 + tries) % a->v4_count);
        uint32_t bucket = 0;
        uint32_t step = V4_BUCKETS / 2;
        uint32_t end;

        if (!is_placed(a, a->v4_place[i]))
            continue;
        for (; step > 0; step /= 2) /* the last bucket that starts at or before i */
            bucket += a->v4_index[bucket + step] <= i ? step : 0;
        end = i + 1 < a->v4_index[bucket + 1] ? a->v4_low[i + 1] : (uint32_t)V4_SPAN;
        *ret = addr_of_v4(bucket << V4_REST |
                          (a->v4_low[i] + (uint32_t)(r2 % (end - a->v4_low[i]))));
        return 0;
    }
    return ERR_NOTFOUND;
}

static int
random_v6(const struct attrib *a, uint64_t r1, uint64_t r2, struct addr *ret)
{
    for (uint32_t tries = 0; tries < a->v6_count; tries++) {
        uint32_t i = (uint32_t)((r1 + tries) % a->v6_count);
        uint64_t end = i + 1 < a->v6_count ? a->v6_high[i + 1] : V6_FIRST * 2;
        uint64_t word[2];

        if (!is_placed(a, a->v6_place[i]))
            continue;
        word[0] = a->v6_high[i] + r2 % (end - a->v6_high[i]);
        word[1] = (r1 ^ r2 << 32) * UINT64_C(0x9e3779b97f4a7c15);
        for (unsigned b = 0; b < 16; b++)
            ret->byte[b] = (uint8_t)(word[b / 8] >> (56 - b % 8 * 8));
        return 0;
    }
    return ERR_NOTFOUND;
}

int
attrib_random(const struct attrib *a, uint64_t r1, uint64_t r2, bool v6, struct addr *ret)
{
    if (a == NULL)
        return ERR_NOTFOUND;
    return v6 ? random_v6(a, r1, r2, ret) : random_v4(a, r1, r2, ret);
}
