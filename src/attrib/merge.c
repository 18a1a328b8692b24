#include "attrib/merge_priv.h"

#include <stdlib.h>

#include "model/event.h"

enum { SECTION_MAX = 1 << 30 };

/* What makes two places the same; the key of merge.places. */
struct place_key {
    struct attribution place;
    uint32_t bogon;
    uint16_t vote[ATTRIB_VOTES];
};

/* Where no address has a place, whatever a dataset says: addr_kind() for IPv4, in order.
 * (Of IPv6 only 2000::/3 is kept at all.) */
static const struct {
    uint32_t from;
    uint32_t to;
} bogons[] = {
    {0x00000000, 0x00ffffff}, {0x0a000000, 0x0affffff}, {0x64400000, 0x647fffff},
    {0x7f000000, 0x7fffffff}, {0xa9fe0000, 0xa9feffff}, {0xac100000, 0xac1fffff},
    {0xc0000000, 0xc00000ff}, {0xc0a80000, 0xc0a8ffff}, {0xc6120000, 0xc613ffff},
    {0xe0000000, 0xffffffff},
};
enum { BOGONS = sizeof bogons / sizeof bogons[0] };

static int
put_place(struct merge *m, const struct place_key *key, uint32_t *ret)
{
    int fresh;
    int64_t i = map_put(&m->places, key, &fresh);

    if (i < 0)
        return ERR_LIMIT;
    *ret = (uint32_t)i;
    return 0;
}

int
merge_init(struct merge *m, unsigned count)
{
    struct place_key nowhere = {
        .place = {.asn_by = ATTRIB_NOBODY, .country_by = ATTRIB_NOBODY}};
    uint32_t n;
    int r;

    m->count = count;
    for (unsigned i = 0; i < ATTRIB_DATASETS; i++)
        buf_init(&m->segments[i], SECTION_MAX);
    for (unsigned i = 0; i < SECTIONS; i++)
        buf_init(&m->section[i], SECTION_MAX);
    buf_init(&m->merged, (size_t)4 * SECTION_MAX);
    buf_init(&m->file, (size_t)4 * SECTION_MAX);
    map_init(&m->combos, count * (uint32_t)sizeof(uint32_t), 1 << 26, 0);
    map_init(&m->places, sizeof(struct place_key), 1 << 26, 0);
    r = names_init(&m->names);
    if (r == 0)
        r = put_place(m, &nowhere, &n); /* PLACE_UNKNOWN */
    nowhere.bogon = 1;
    return r == 0 ? put_place(m, &nowhere, &n) : r; /* PLACE_BOGON */
}

void
merge_release(struct merge *m)
{
    for (unsigned i = 0; i < ATTRIB_DATASETS; i++)
        buf_release(&m->segments[i]);
    for (unsigned i = 0; i < SECTIONS; i++)
        buf_release(&m->section[i]);
    buf_release(&m->merged);
    buf_release(&m->file);
    map_release(&m->combos);
    map_release(&m->places);
    names_release(&m->names);
    free(m->place_of_combo);
}

static struct value
value_of(const struct merge *m, uint32_t index)
{
    struct value v;

    memcpy(&v, map_key(&m->names.values, index), sizeof v);
    return v;
}

/* The first dataset with an answer decides; the votes of all are kept. */
static struct place_key
decide(const struct merge *m, const uint32_t combo[ATTRIB_DATASETS])
{
    struct place_key key = {.place = {.asn_by = ATTRIB_NOBODY, .country_by = ATTRIB_NOBODY}};
    struct attribution *p = &key.place;
    unsigned votes = 0;

    for (unsigned i = 0; i < m->count; i++) {
        struct value v = value_of(m, combo[i]);

        if (v.asn != 0 && p->asn == 0) {
            p->asn = v.asn;
            p->asn_by = (uint8_t)i;
        }
        if (v.country != 0 && p->country == 0) {
            p->country = v.country;
            p->country_by = (uint8_t)i;
        }
        if (v.country != 0 && v.country != p->country)
            p->disputed = 1;
        if ((m->dataset[i].kind & ATTRIB_COUNTRY) != 0)
            key.vote[votes++] = v.country;
    }
    return key;
}

static int
place_of(struct merge *m, const uint32_t combo[ATTRIB_DATASETS], uint32_t *ret)
{
    struct place_key key;
    int fresh;
    int64_t i = map_put(&m->combos, combo, &fresh);

    if (i < 0)
        return ERR_LIMIT;
    if (fresh) {
        if (m->combos.count > m->combo_room) {
            uint32_t room = m->combo_room == 0 ? 4096 : m->combo_room * 2;
            uint32_t *at = realloc(m->place_of_combo, room * sizeof *at);

            if (at == NULL)
                return ERR_NOMEM;
            m->place_of_combo = at;
            m->combo_room = room;
        }
        key = decide(m, combo);
        if (put_place(m, &key, &m->place_of_combo[i]) < 0)
            return ERR_LIMIT;
    }
    *ret = m->place_of_combo[i];
    return 0;
}

/* A dataset's segments, or the bogons, on the way from low to high. */
struct cursor {
    const struct segment *at;
    size_t left; /* segments behind this one */
};

static void
put_merged(struct merge *m, u128 from, uint32_t place)
{
    struct segment s = {.from = from, .value = place};
    struct segment last;

    if (m->merged.len > 0) {
        memcpy(&last, m->merged.ptr + m->merged.len - sizeof last, sizeof last);
        if (last.value == place)
            return;
    }
    buf_add(&m->merged, &s, sizeof s);
}

/* The bogons as segments of their own: 1 inside, 0 outside. */
static void
bogon_segments(struct segment to[2 * BOGONS + 1])
{
    unsigned n = 0;

    to[n++] = (struct segment){.from = 0, .value = 0};
    for (unsigned i = 0; i < BOGONS; i++) {
        to[n++] = (struct segment){.from = V4_FROM | bogons[i].from, .value = 1};
        to[n++] = (struct segment){.from = (V4_FROM | bogons[i].to) + 1, .value = 0};
    }
}

/* Walk all lists at once; the last cursor is the bogons'. */
static int
overlay(struct merge *m, struct cursor *c)
{
    const unsigned count = m->count;
    uint32_t combo[ATTRIB_DATASETS] = {0};
    u128 at = 0;

    for (;;) {
        u128 next = 0; /* 0: nothing follows */
        uint32_t place = PLACE_BOGON;

        for (unsigned i = 0; i <= count; i++) {
            while (c[i].left > 0 && c[i].at[1].from <= at) {
                c[i].at++;
                c[i].left--;
            }
            if (i < count)
                combo[i] = c[i].at->value;
            if (c[i].left > 0 && (next == 0 || c[i].at[1].from < next))
                next = c[i].at[1].from;
        }
        if (c[count].at->value == 0) {
            int r = place_of(m, combo, &place);

            if (r < 0)
                return r;
        }
        put_merged(m, at, place);
        if (next == 0)
            return buf_error(&m->merged);
        at = next;
    }
}

static int
overlay_all(struct merge *m)
{
    struct segment bogon[2 * BOGONS + 1];
    struct cursor c[ATTRIB_DATASETS + 1] = {{0}};
    int r;

    bogon_segments(bogon);
    for (unsigned i = 0; i < m->count; i++)
        c[i] = (struct cursor){(const void *)m->segments[i].ptr,
                               m->segments[i].len / sizeof(struct segment) - 1};
    c[m->count] = (struct cursor){bogon, (size_t)2 * BOGONS};
    r = overlay(m, c);
    for (unsigned i = 0; i < m->count; i++)
        buf_release(&m->segments[i]);
    return r;
}

static void
layout_places(struct merge *m)
{
    unsigned voters = 0;

    for (unsigned i = 0; i < m->count; i++) {
        buf_add(&m->section[SECTION_DATASET], &m->dataset[i], sizeof m->dataset[i]);
        voters += (m->dataset[i].kind & ATTRIB_COUNTRY) != 0;
    }
    for (uint32_t i = 0; i < m->places.count; i++) {
        struct place_key key;

        memcpy(&key, map_key(&m->places, i), sizeof key);
        buf_add(&m->section[SECTION_PLACE], &key.place, sizeof key.place);
        buf_add(&m->section[SECTION_VOTE], key.vote, voters * sizeof key.vote[0]);
    }
}

static int
by_asn(const void *a, const void *b)
{
    uint32_t x = ((const struct table_network *)a)->asn;
    uint32_t y = ((const struct table_network *)b)->asn;

    return (x > y) - (x < y);
}

/* Networks by number, their names in the same order. */
static int
layout_names(struct merge *m)
{
    const struct names *n = &m->names;
    uint32_t count = n->networks.count;
    struct table_network *list = calloc(count + (size_t)1, sizeof *list);

    if (list == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(&list[i].asn, map_key(&n->networks, i), sizeof list[i].asn);
        list[i].at = n->at[i];
        list[i].len = n->len[i];
    }
    qsort(list, count, sizeof *list, by_asn);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = n->pool.ptr + list[i].at;

        list[i].at = (uint32_t)m->section[SECTION_NAME].len;
        buf_add(&m->section[SECTION_NAME], name, list[i].len);
    }
    buf_add(&m->section[SECTION_NETWORK], list, count * sizeof *list);
    free(list);
    return 0;
}

static int
write_sections(struct merge *m)
{
    struct table_header h = {.order = TABLE_ORDER, .sections = SECTIONS};
    static const char zero[TABLE_ALIGN];

    memcpy(h.magic, TABLE_MAGIC, sizeof h.magic);
    buf_add(&m->file, &h, sizeof h);
    for (unsigned i = 0; i < SECTIONS; i++) {
        struct buf *s = &m->section[i];

        buf_add(&m->file, zero, (TABLE_ALIGN - m->file.len % TABLE_ALIGN) % TABLE_ALIGN);
        h.section[i] = (struct table_range){m->file.len, s->len / table_element[i]};
        buf_slice(&m->file, buf_get(s));
        if (buf_error(s) < 0)
            return buf_error(s);
        buf_release(s);
    }
    if (buf_error(&m->file) < 0)
        return buf_error(&m->file);
    h.size = m->file.len;
    memcpy(m->file.ptr, &h, sizeof h);
    h.sha256 = sha256_of(m->file.ptr + 64, m->file.len - 64);
    memcpy(m->file.ptr, &h, sizeof h);
    return 0;
}

int
merge_compile(struct merge *m, struct attrib_report *ret)
{
    struct attrib_size *size = &ret->size;
    const struct table_header *h;
    unsigned voters = 0;
    int r;

    for (unsigned i = 0; i < m->count; i++)
        voters += (m->dataset[i].kind & ATTRIB_COUNTRY) != 0;
    if (voters > ATTRIB_VOTES)
        return ERR_LIMIT;
    r = overlay_all(m);
    if (r == 0) {
        layout_places(m);
        r = layout_names(m);
    }
    if (r == 0)
        r = layout_ranges(m);
    if (r == 0)
        r = write_sections(m);
    if (r < 0)
        return r;
    h = (const void *)m->file.ptr;
    *size = (struct attrib_size){.bytes = h->size,
                                 .v4 = (uint32_t)h->section[SECTION_V4_LOW].count,
                                 .v6 = (uint32_t)h->section[SECTION_V6_HIGH].count,
                                 .places = (uint32_t)h->section[SECTION_PLACE].count,
                                 .networks = (uint32_t)h->section[SECTION_NETWORK].count};
    ret->id = h->sha256;
    return 0;
}
