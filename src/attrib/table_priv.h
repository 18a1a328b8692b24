/* The compiled file, docs/formats/tables.md: header, section table, sections.
 *
 * IPv4: one bucket per /V4_TOP.  v4_index[top bits] is the first of the bucket's entries, the
 * next element their end; an entry is the low bits where a range starts and, in a parallel
 * array, the place it belongs to.  Every bucket's first entry starts at 0, so a search within
 * the bucket always finds one and needs no neighbour.
 * IPv6: only 2000::/3 can have a place.  The same over the upper 64 bits, with a bucket per
 * /V6_TOP; the rare /64 that is divided further has TABLE_TAIL set in its place and names a
 * tail: the same again over the lower 64 bits.
 * All numbers are in the byte order of the machine that compiled; `order` tells. */
#ifndef DETENTE_ATTRIB_TABLE_PRIV_H
#define DETENTE_ATTRIB_TABLE_PRIV_H

#include "attrib/attrib.h"

enum {
    PLACE_UNKNOWN = 0,
    PLACE_BOGON = 1, /* as unknown, but apart, so that prefixes do not grow across */
    PLACE_FIRST = 2,
    V4_TOP = 18, /* bits of an IPv4 address that choose the bucket */
    V4_BUCKETS = 1 << V4_TOP,
    V4_REST = 32 - V4_TOP,
    V4_SPAN = 1 << V4_REST, /* addresses a bucket */
    V6_TOP = 20,            /* bits of an IPv6 address that choose the bucket */
    V6_BUCKETS = 1 << (V6_TOP - 3),
    TABLE_ALIGN = 64 /* bytes, of each section */
};

#define TABLE_MAGIC "detente tables 1" /* 16 bytes */
#define TABLE_ORDER 0x01020304U
#define TABLE_TAIL  0x80000000U
#define V6_FIRST    (UINT64_C(0x2) << 60) /* upper half of 2000:: */

enum table_section {
    SECTION_DATASET,
    SECTION_PLACE,
    SECTION_VOTE, /* per place one uint16_t country for each dataset that holds countries */
    SECTION_NETWORK,
    SECTION_NAME,
    SECTION_V4_INDEX,
    SECTION_V4_LOW,
    SECTION_V4_PLACE,
    SECTION_V6_INDEX,
    SECTION_V6_HIGH,
    SECTION_V6_PLACE,
    SECTION_TAIL_INDEX,
    SECTION_TAIL_LOW,
    SECTION_TAIL_PLACE,
    SECTIONS
};

/* Bytes of one element of a section. */
extern const uint8_t table_element[SECTIONS];

struct table_range {
    uint64_t at;    /* bytes from the start of the file */
    uint64_t count; /* elements */
};

struct table_header {
    char magic[16];
    uint32_t order; /* TABLE_ORDER */
    uint32_t sections;
    uint64_t size;      /* of the file, bytes */
    struct hash sha256; /* of everything behind these 64 bytes */
    struct table_range section[SECTIONS];
};

struct table_network {
    uint32_t asn; /* ascending */
    uint32_t at;  /* in SECTION_NAME */
    uint32_t len;
};

_Static_assert(sizeof(struct table_header) == 64 + 16 * SECTIONS, "a file format");
_Static_assert(sizeof(struct attrib_dataset) == 192, "a file format");
_Static_assert(sizeof(struct attribution) == 12, "a file format");

struct attrib {
    const uint32_t *v4_index;
    const uint16_t *v4_low;
    const uint32_t *v4_place;
    const uint32_t *v6_index;
    const uint64_t *v6_high;
    const uint32_t *v6_place;
    const uint32_t *tail_index;
    const uint64_t *tail_low;
    const uint32_t *tail_place;
    const struct attribution *place;
    const uint16_t *vote;
    const struct attrib_dataset *dataset;
    const struct table_network *network;
    const char *name;
    const struct table_header *header;
    uint32_t v4_count;
    uint32_t v6_count;
    uint32_t tails;
    uint32_t places;
    uint32_t networks;
    uint32_t datasets;
    uint32_t voters;
    void *map; /* NULL when the bytes are the caller's */
    size_t map_size;
};

/* The bucket of an IPv6 address of 2000::/3 by its upper half. */
static inline uint32_t
v6_bucket(uint64_t high)
{
    return (uint32_t)(high >> (64 - V6_TOP)) & (V6_BUCKETS - 1);
}

/* Where an IPv4 address stands in its bucket. */
static inline uint16_t
v4_low(uint32_t v4)
{
    return (uint16_t)(v4 & (V4_SPAN - 1));
}

/* The last of n >= 1 ascending values that is not above x; the first always qualifies. */
static inline uint32_t
last_not_above_16(const uint16_t *at, uint32_t n, uint16_t x)
{
    const uint16_t *base = at;

    while (n > 1) {
        uint32_t half = n / 2;

        base += base[half] <= x ? half : 0;
        n -= half;
    }
    return (uint32_t)(base - at);
}

static inline uint32_t
last_not_above_64(const uint64_t *at, uint32_t n, uint64_t x)
{
    const uint64_t *base = at;

    while (n > 1) {
        uint32_t half = n / 2;

        base += base[half] <= x ? half : 0;
        n -= half;
    }
    return (uint32_t)(base - at);
}

/* Entry of an address in the v4 or v6 arrays; the place of an entry's tail. */
static inline uint32_t
v4_entry(const struct attrib *a, uint32_t v4)
{
    uint32_t b = v4 >> V4_REST;
    uint32_t from = a->v4_index[b];

    return from + last_not_above_16(a->v4_low + from, a->v4_index[b + 1] - from, v4_low(v4));
}

static inline uint32_t
v6_entry(const struct attrib *a, uint64_t high)
{
    uint32_t b = v6_bucket(high);
    uint32_t from = a->v6_index[b];

    return from + last_not_above_64(a->v6_high + from, a->v6_index[b + 1] - from, high);
}

static inline uint32_t
tail_entry(const struct attrib *a, uint32_t tail, uint64_t low)
{
    uint32_t from = a->tail_index[tail];

    return from + last_not_above_64(a->tail_low + from, a->tail_index[tail + 1] - from, low);
}

#endif
