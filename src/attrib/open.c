/* Opens a compiled table.  Everything the look-ups rely on is checked here once, so that they
 * need no checks: a file that passes cannot make them read past its end. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attrib/table_priv.h"
#include "attrib/text_priv.h"

#define AGAIN "compile it again with `detente tables build`"

const uint8_t table_element[SECTIONS] = {
    [SECTION_DATASET] = sizeof(struct attrib_dataset),
    [SECTION_PLACE] = sizeof(struct attribution),
    [SECTION_VOTE] = sizeof(uint16_t),
    [SECTION_NETWORK] = sizeof(struct table_network),
    [SECTION_NAME] = 1,
    [SECTION_V4_INDEX] = sizeof(uint32_t),
    [SECTION_V4_LOW] = sizeof(uint16_t),
    [SECTION_V4_PLACE] = sizeof(uint32_t),
    [SECTION_V6_INDEX] = sizeof(uint32_t),
    [SECTION_V6_HIGH] = sizeof(uint64_t),
    [SECTION_V6_PLACE] = sizeof(uint32_t),
    [SECTION_TAIL_INDEX] = sizeof(uint32_t),
    [SECTION_TAIL_LOW] = sizeof(uint64_t),
    [SECTION_TAIL_PLACE] = sizeof(uint32_t),
};

static int
damaged(struct errinfo *ei, const char *what)
{
    return err_set(ei, ERR_INVALID, "the address tables are damaged (%s): " AGAIN, what);
}

static int
check_header(struct slice bytes, struct errinfo *ei)
{
    const struct table_header *h = (const void *)bytes.ptr;
    struct hash sum;

    if (bytes.len < sizeof *h || memcmp(h->magic, TABLE_MAGIC, sizeof h->magic) != 0)
        return err_set(ei, ERR_INVALID, "is no address table of this version: " AGAIN);
    if (h->order != TABLE_ORDER)
        return err_set(ei, ERR_INVALID,
                       "was compiled on a machine of other byte order: " AGAIN);
    if (h->sections != SECTIONS || h->size != bytes.len)
        return damaged(ei, "cut or longer than it says");
    sum = sha256_of(bytes.ptr + 64, bytes.len - 64);
    if (!hash_eq(&sum, &h->sha256))
        return damaged(ei, "its checksum is wrong");
    for (unsigned i = 0; i < SECTIONS; i++) {
        struct table_range r = h->section[i];

        if (r.at % TABLE_ALIGN != 0 || r.at < sizeof *h || r.at > bytes.len ||
            r.count >= TABLE_TAIL || r.count > (bytes.len - r.at) / table_element[i])
            return damaged(ei, "a section lies outside");
    }
    return 0;
}

static const void *
section(const struct attrib *a, enum table_section s, uint32_t *ret_count)
{
    const struct table_range *r = &a->header->section[s];

    if (ret_count != NULL)
        *ret_count = (uint32_t)r->count;
    return (const char *)(const void *)a->header + r->at;
}

/* Point into the sections; the counts of parallel ones must agree. */
static int
set_sections(struct attrib *a, struct errinfo *ei)
{
    uint32_t n[SECTIONS];

    a->dataset = section(a, SECTION_DATASET, &a->datasets);
    a->place = section(a, SECTION_PLACE, &a->places);
    a->vote = section(a, SECTION_VOTE, &n[SECTION_VOTE]);
    a->network = section(a, SECTION_NETWORK, &a->networks);
    a->name = section(a, SECTION_NAME, NULL);
    a->v4_index = section(a, SECTION_V4_INDEX, &n[SECTION_V4_INDEX]);
    a->v4_low = section(a, SECTION_V4_LOW, &a->v4_count);
    a->v4_place = section(a, SECTION_V4_PLACE, &n[SECTION_V4_PLACE]);
    a->v6_index = section(a, SECTION_V6_INDEX, &n[SECTION_V6_INDEX]);
    a->v6_high = section(a, SECTION_V6_HIGH, &a->v6_count);
    a->v6_place = section(a, SECTION_V6_PLACE, &n[SECTION_V6_PLACE]);
    a->tail_index = section(a, SECTION_TAIL_INDEX, &n[SECTION_TAIL_INDEX]);
    a->tail_low = section(a, SECTION_TAIL_LOW, &n[SECTION_TAIL_LOW]);
    a->tail_place = section(a, SECTION_TAIL_PLACE, &n[SECTION_TAIL_PLACE]);
    if (n[SECTION_V4_INDEX] != V4_BUCKETS + 1 || n[SECTION_V6_INDEX] != V6_BUCKETS + 1 ||
        n[SECTION_V4_PLACE] != a->v4_count || n[SECTION_V6_PLACE] != a->v6_count ||
        n[SECTION_TAIL_PLACE] != n[SECTION_TAIL_LOW] || n[SECTION_TAIL_INDEX] == 0 ||
        a->places < PLACE_FIRST || a->datasets > ATTRIB_DATASETS)
        return damaged(ei, "sections disagree");
    a->tails = n[SECTION_TAIL_INDEX] - 1;
    for (unsigned i = 0; i < a->datasets; i++)
        a->voters += (a->dataset[i].kind & ATTRIB_COUNTRY) != 0;
    if (a->voters > ATTRIB_VOTES || n[SECTION_VOTE] != (uint64_t)a->places * a->voters)
        return damaged(ei, "votes disagree");
    return 0;
}

static bool
is_country(uint16_t c)
{
    unsigned a = c >> 8;
    unsigned b = c & 0xff;

    return c == 0 || (a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z');
}

static int
check_datasets(const struct attrib *a, struct errinfo *ei)
{
    for (unsigned i = 0; i < a->datasets; i++) {
        const struct attrib_dataset *d = &a->dataset[i];
        size_t n = strnlen(d->name, sizeof d->name);
        size_t m = strnlen(d->source, sizeof d->source);

        if (n == 0 || n == sizeof d->name || m == sizeof d->source ||
            !text_is_visible(d->name, n) || !text_is_visible(d->source, m) || d->date.us < 0 ||
            d->date.us > TIME_MAX.us || d->kind == 0 || d->kind > (ATTRIB_ASN | ATTRIB_COUNTRY))
            return damaged(ei, "a dataset's row");
    }
    return 0;
}

static int
check_places(const struct attrib *a, struct errinfo *ei)
{
    for (uint32_t i = 0; i < a->places; i++) {
        const struct attribution *p = &a->place[i];

        if (!is_country(p->country) || p->disputed > 1 ||
            (p->asn_by >= a->datasets && p->asn_by != ATTRIB_NOBODY) ||
            (p->country_by >= a->datasets && p->country_by != ATTRIB_NOBODY) ||
            (i < PLACE_FIRST && (p->asn | p->country | p->disputed) != 0))
            return damaged(ei, "a place");
    }
    for (size_t i = 0; i < (size_t)a->places * a->voters; i++) {
        if (!is_country(a->vote[i]))
            return damaged(ei, "a vote");
    }
    return 0;
}

static int
check_networks(const struct attrib *a, struct errinfo *ei)
{
    uint64_t pool = a->header->section[SECTION_NAME].count;
    uint32_t before = 0;

    for (uint32_t i = 0; i < a->networks; i++) {
        const struct table_network *n = &a->network[i];

        if (n->asn <= before || n->len == 0 || n->len > ATTRIB_NAME_TEXT || n->at > pool ||
            n->len > pool - n->at || !text_is_visible(a->name + n->at, n->len))
            return damaged(ei, "a network's name");
        before = n->asn;
    }
    return 0;
}

static int
check_v4(const struct attrib *a, struct errinfo *ei)
{
    uint32_t at = 0;

    for (uint32_t b = 0; b < V4_BUCKETS; b++) {
        uint32_t end = a->v4_index[b + 1];

        if (a->v4_index[b] != at || end <= at || end > a->v4_count || a->v4_low[at] != 0)
            return damaged(ei, "the IPv4 index");
        for (at++; at < end; at++) {
            if (a->v4_low[at] <= a->v4_low[at - 1] || a->v4_low[at] >= V4_SPAN)
                return damaged(ei, "IPv4 ranges out of order");
        }
    }
    if (at != a->v4_count)
        return damaged(ei, "the IPv4 index");
    for (at = 0; at < a->v4_count; at++) {
        if (a->v4_place[at] >= a->places)
            return damaged(ei, "an IPv4 range's place");
    }
    return 0;
}

static int
check_v6(const struct attrib *a, struct errinfo *ei)
{
    uint32_t at = 0;

    for (uint32_t b = 0; b < V6_BUCKETS; b++) {
        uint32_t end = a->v6_index[b + 1];

        if (a->v6_index[b] != at || end <= at || end > a->v6_count ||
            a->v6_high[at] != V6_FIRST + ((uint64_t)b << (64 - V6_TOP)))
            return damaged(ei, "the IPv6 index");
        for (at++; at < end; at++) {
            if (a->v6_high[at] <= a->v6_high[at - 1] || v6_bucket(a->v6_high[at]) != b)
                return damaged(ei, "IPv6 ranges out of order");
        }
    }
    if (at != a->v6_count)
        return damaged(ei, "the IPv6 index");
    for (at = 0; at < a->v6_count; at++) {
        uint32_t p = a->v6_place[at];

        if ((p & TABLE_TAIL) != 0 ? (p & ~TABLE_TAIL) >= a->tails : p >= a->places)
            return damaged(ei, "an IPv6 range's place");
    }
    return 0;
}

static int
check_tails(const struct attrib *a, struct errinfo *ei)
{
    uint32_t count = (uint32_t)a->header->section[SECTION_TAIL_LOW].count;
    uint32_t at = 0;

    for (uint32_t t = 0; t < a->tails; t++) {
        uint32_t end = a->tail_index[t + 1];

        if (a->tail_index[t] != at || end <= at || end > count || a->tail_low[at] != 0)
            return damaged(ei, "the index of divided /64s");
        for (at++; at < end; at++) {
            if (a->tail_low[at] <= a->tail_low[at - 1])
                return damaged(ei, "divided /64s out of order");
        }
    }
    if (at != count || a->tail_index[a->tails] != count)
        return damaged(ei, "the index of divided /64s");
    for (at = 0; at < count; at++) {
        if (a->tail_place[at] >= a->places)
            return damaged(ei, "a divided /64's place");
    }
    return 0;
}

static int
check_all(struct attrib *a, struct errinfo *ei)
{
    int r = set_sections(a, ei);

    if (r == 0)
        r = check_datasets(a, ei);
    if (r == 0)
        r = check_places(a, ei);
    if (r == 0)
        r = check_networks(a, ei);
    if (r == 0)
        r = check_v4(a, ei);
    if (r == 0)
        r = check_v6(a, ei);
    return r == 0 ? check_tails(a, ei) : r;
}

int
attrib_open_bytes(struct slice bytes, struct attrib **ret, struct errinfo *ei)
{
    struct attrib *a;
    int r = check_header(bytes, ei);

    if (r < 0)
        return r;
    a = calloc(1, sizeof *a);
    if (a == NULL)
        return err_set(ei, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
    a->header = (const void *)bytes.ptr;
    r = check_all(a, ei);
    if (r < 0) {
        free(a);
        return r;
    }
    *ret = a;
    return 0;
}

int
attrib_open(const char *path, struct attrib **ret, struct errinfo *ei)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st = {0};
    void *map = MAP_FAILED;
    int r;

    err_file(ei, path);
    if (fd < 0 || fstat(fd, &st) < 0) {
        r = err_set(ei, err_own(errno), "cannot be read: %s", strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return r;
    }
    if (st.st_size < (off_t)sizeof(struct table_header) || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return err_set(ei, ERR_INVALID, "is no address table: " AGAIN);
    }
    map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    (void)close(fd);
    if (map == MAP_FAILED)
        return err_set(ei, ERR_IO, "cannot be mapped: %s", strerror(errno));
    r = attrib_open_bytes((struct slice){map, (size_t)st.st_size}, ret, ei);
    if (r < 0) {
        (void)munmap(map, (size_t)st.st_size);
        return r;
    }
    (*ret)->map = map;
    (*ret)->map_size = (size_t)st.st_size;
    return 0;
}

struct attrib *
attrib_close(struct attrib *a)
{
    if (a != NULL && a->map != NULL)
        (void)munmap(a->map, a->map_size);
    free(a);
    return NULL;
}
