/* Merged segments into buckets and entries, as table_priv.h describes them. */
#include "attrib/merge_priv.h"

static void
put_u32(struct buf *b, size_t n)
{
    uint32_t x = (uint32_t)n;

    buf_add(b, &x, sizeof x);
}

static void
put_u64(struct buf *b, uint64_t n)
{
    buf_add(b, &n, sizeof n);
}

/* One bucket's worth of IPv4 from segment *s on; *s ends at the last that starts in it. */
static void
v4_bucket_layout(struct merge *m, uint32_t b, const struct segment **s,
                 const struct segment *end)
{
    u128 from = V4_FROM | (u128)b << V4_REST;
    u128 to = from | (V4_SPAN - 1);
    uint16_t low = 0;

    put_u32(&m->section[SECTION_V4_INDEX], m->section[SECTION_V4_LOW].len / sizeof low);
    while (*s + 1 < end && (*s)[1].from <= from)
        ++*s;
    for (;;) {
        buf_add(&m->section[SECTION_V4_LOW], &low, sizeof low);
        put_u32(&m->section[SECTION_V4_PLACE], (*s)->value);
        if (*s + 1 >= end || (*s)[1].from > to)
            return;
        ++*s;
        low = v4_low((uint32_t)(*s)->from);
    }
}

/* A /64 that is divided: its tail, from the segment that holds its start. */
static void
tail_layout(struct merge *m, uint64_t high, const struct segment **s, const struct segment *end)
{
    size_t tail = m->section[SECTION_TAIL_INDEX].len / sizeof(uint32_t);
    uint64_t low = 0;

    put_u32(&m->section[SECTION_TAIL_INDEX], m->section[SECTION_TAIL_LOW].len / sizeof low);
    for (;;) {
        put_u64(&m->section[SECTION_TAIL_LOW], low);
        put_u32(&m->section[SECTION_TAIL_PLACE], (*s)->value);
        if (*s + 1 >= end || (uint64_t)((*s)[1].from >> 64) != high)
            break;
        ++*s;
        low = (uint64_t)(*s)->from;
    }
    put_u64(&m->section[SECTION_V6_HIGH], high);
    put_u32(&m->section[SECTION_V6_PLACE], (uint32_t)tail | TABLE_TAIL);
}

/* The same for one bucket of IPv6. */
static void
v6_bucket_layout(struct merge *m, uint32_t b, const struct segment **s,
                 const struct segment *end)
{
    uint64_t high = V6_FIRST + ((uint64_t)b << (64 - V6_TOP));
    uint64_t last = high | (UINT64_MAX >> V6_TOP);

    put_u32(&m->section[SECTION_V6_INDEX], m->section[SECTION_V6_HIGH].len / sizeof high);
    while (*s + 1 < end && (*s)[1].from <= U128(high, 0))
        ++*s;
    for (;;) {
        const struct segment *next = *s + 1;

        if (next < end && (uint64_t)(next->from >> 64) == high) {
            tail_layout(m, high, s, end);
            if (high == last)
                return;
            high++; /* what follows the tail, unless a segment starts right there */
            if (*s + 1 < end && (*s)[1].from == U128(high, 0))
                ++*s;
            continue;
        }
        put_u64(&m->section[SECTION_V6_HIGH], high);
        put_u32(&m->section[SECTION_V6_PLACE], (*s)->value);
        if (next >= end || (uint64_t)(next->from >> 64) > last)
            return;
        high = (uint64_t)(next->from >> 64);
        if ((uint64_t)next->from == 0)
            ++*s;
    }
}

int
layout_ranges(struct merge *m)
{
    const struct segment *s = (const void *)m->merged.ptr;
    const struct segment *end = s + m->merged.len / sizeof *s;
    int r = 0;

    for (uint32_t b = 0; b < V4_BUCKETS; b++)
        v4_bucket_layout(m, b, &s, end);
    put_u32(&m->section[SECTION_V4_INDEX], m->section[SECTION_V4_LOW].len / sizeof(uint16_t));
    for (uint32_t b = 0; b < V6_BUCKETS; b++)
        v6_bucket_layout(m, b, &s, end);
    put_u32(&m->section[SECTION_V6_INDEX], m->section[SECTION_V6_HIGH].len / sizeof(uint64_t));
    put_u32(&m->section[SECTION_TAIL_INDEX],
            m->section[SECTION_TAIL_LOW].len / sizeof(uint64_t));
    for (unsigned i = 0; i < SECTIONS && r == 0; i++)
        r = buf_error(&m->section[i]);
    return r;
}
