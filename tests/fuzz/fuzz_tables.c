/* A compiled table of any bytes: refused with a reason, or safe to ask.  The first byte chooses
 * between the bytes as they are and a small good table with pieces overwritten, because few
 * mutations of a large file get past its structure. */
#include <stdint.h>
#include <stdlib.h>

#include "attrib/attrib.h"
#include "attrib/table_priv.h"

enum { SIZE = 6 << 20 };

static void
put(char *file, size_t *at, enum table_section s, const void *bytes, uint32_t count)
{
    struct table_header *h = (void *)file;

    *at = (*at + TABLE_ALIGN - 1) / TABLE_ALIGN * TABLE_ALIGN;
    h->section[s] = (struct table_range){*at, count};
    memcpy(file + *at, bytes, (size_t)count * table_element[s]);
    *at += (size_t)count * table_element[s];
}

/* One dataset, three places, one divided /64: everything that can occur, once. */
static size_t
make(char *file)
{
    static uint32_t v4_index[V4_BUCKETS + 1], v4_place[V4_BUCKETS], v6_index[V6_BUCKETS + 1],
        v6_place[V6_BUCKETS];
    static uint16_t v4_low[V4_BUCKETS];
    static uint64_t v6_high[V6_BUCKETS];
    static const struct attribution place[3] = {{.asn_by = 255, .country_by = 255},
                                                {.asn_by = 255, .country_by = 255},
                                                {.asn = 64500, .country = 0x5841}};
    static const uint16_t vote[3] = {0, 0, 0x5841};
    static const struct attrib_dataset dataset = {.name = "d", .kind = 3};
    static const struct table_network network = {64500, 0, 4};
    static const uint32_t tail_index[2] = {0, 2}, tail_place[2] = {0, 2};
    static const uint64_t tail_low[2] = {0, 9};
    struct table_header *h = (void *)file;
    size_t at = sizeof *h;

    for (uint32_t i = 0; i <= V4_BUCKETS; i++)
        v4_index[i] = i;
    for (uint32_t i = 0; i <= V6_BUCKETS; i++)
        v6_index[i] = i;
    for (uint32_t i = 0; i < V6_BUCKETS; i++)
        v6_high[i] = V6_FIRST + ((uint64_t)i << (64 - V6_TOP));
    v4_place[0x01020304 >> V4_REST] = 2;
    v6_place[7] = TABLE_TAIL;
    memcpy(h->magic, TABLE_MAGIC, sizeof h->magic);
    h->order = TABLE_ORDER;
    h->sections = SECTIONS;
    put(file, &at, SECTION_DATASET, &dataset, 1);
    put(file, &at, SECTION_PLACE, place, 3);
    put(file, &at, SECTION_VOTE, vote, 3);
    put(file, &at, SECTION_NETWORK, &network, 1);
    put(file, &at, SECTION_NAME, "Name", 4);
    put(file, &at, SECTION_TAIL_INDEX, tail_index, 2);
    put(file, &at, SECTION_TAIL_LOW, tail_low, 2);
    put(file, &at, SECTION_TAIL_PLACE, tail_place, 2);
    put(file, &at, SECTION_V4_INDEX, v4_index, V4_BUCKETS + 1);
    put(file, &at, SECTION_V4_LOW, v4_low, V4_BUCKETS);
    put(file, &at, SECTION_V4_PLACE, v4_place, V4_BUCKETS);
    put(file, &at, SECTION_V6_INDEX, v6_index, V6_BUCKETS + 1);
    put(file, &at, SECTION_V6_HIGH, v6_high, V6_BUCKETS);
    put(file, &at, SECTION_V6_PLACE, v6_place, V6_BUCKETS);
    h->size = at;
    return at;
}

static void
ask(const struct attrib *a, const uint8_t *data, size_t size)
{
    static const struct addr fixed[4] = {{{[10] = 0xff, 0xff, 1, 2, 3, 4}},
                                         {{0x20, 0, 0x70, [15] = 9}},
                                         {{[10] = 0xff, 0xff, 10}},
                                         {{0x3f, 0xff, 0xff}}};
    struct attribution many[4];
    struct attrib_answer answer;
    struct addr x = fixed[0];

    memcpy(x.byte, data, size < 16 ? size : 16);
    attrib_explain(a, &x, &answer);
    if (attrib_random(a, size, data[0], data[0] & 1, &x) == 0)
        BUG_ON(attrib_find(a, &x).asn == 0);
    attrib_find_many(a, fixed, 4, many);
    for (unsigned i = 0; i < 4; i++) {
        attrib_explain(a, &fixed[i], &answer);
        BUG_ON(memcmp(&many[i], &answer.place, sizeof many[i]) != 0);
    }
    (void)attrib_name(a, 64500);
}

static void
try_bytes(char *file, size_t n, const uint8_t *data, size_t size)
{
    struct attrib *a = NULL;
    struct errinfo ei = {0};

    if (attrib_open_bytes((struct slice){file, n}, &a, &ei) == 0)
        ask(a, data, size);
    else
        BUG_ON(ei.text[0] == '\0');
    (void)attrib_close(a);
}

/* Pieces of six bytes: where (from the start of the file or of a section), and what. */
static void
overwrite(char *file, size_t n, const uint8_t *data, size_t size)
{
    const struct table_header *h = (const void *)file;

    for (; size >= 6; data += 6, size -= 6) {
        size_t at = (size_t)data[1] << 8 | data[2];

        at = data[0] < 64 ? 16 + at % (sizeof *h - 16) : h->section[data[0] % SECTIONS].at + at;
        for (size_t i = 0; i < 3 && at + i < n; i++)
            file[at + i] = (char)data[3 + i];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(64) char good[SIZE];
    static size_t good_size;
    struct table_header *h;
    char *file;
    size_t n;

    if (good_size == 0)
        good_size = make(good);
    if (size == 0)
        return 0;
    n = data[0] == 0 ? size - 1 : good_size;
    file = aligned_alloc(64, (n + 64) / 64 * 64); /* ASan sees reads past the last 64 */
    if (file == NULL)
        return 0;
    if (data[0] == 0) {
        memcpy(file, data + 1, n);
    } else {
        memcpy(file, good, n);
        overwrite(file, n, data + 1, size - 1);
    }
    h = (void *)file;
    if (n >= sizeof *h)
        h->sha256 = sha256_of(file + 64, n - 64);
    try_bytes(file, n, data, size);
    free(file);
    return 0;
}
